#include "bot/core/clock/calendar.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <chrono>
#include <ctime>
#include <stdexcept>

#include "tests/core/calendar_files.hpp"

namespace xieban::calendar_test {
namespace {

using namespace std::chrono;
using test::instant;
using test::shipped_calendar;

constexpr Duration minute{60'000};

std::string shown(const Calendar& calendar, TimePoint t) { return to_rfc3339(t, calendar.offset(t)); }

LocalDate on(int y, unsigned m, unsigned d) { return year{y} / month{m} / day{d}; }

TEST(Calendar, GivesEveryRowOfTheWorkingTimeExamples) {
  int checked = 0;
  for (const auto& row : test::rows("core/working_time_examples.tsv")) {
    ASSERT_GE(row.size(), 5U);
    const Calendar calendar = shipped_calendar(row[1]);
    const TimePoint start = instant(row[2]);
    if (row[0] == "add") {
      EXPECT_EQ(shown(calendar, calendar.add(start, std::stoll(row[3]) * minute)), row[4]) << row[1] << " " << row[5];
    } else if (row[0] == "between") {
      EXPECT_EQ(calendar.between(start, instant(row[3])) / minute, std::stoll(row[4])) << row[1] << " " << row[5];
    } else {
      ASSERT_EQ(row[0], "next");
      EXPECT_EQ(shown(calendar, calendar.next(start).value()), row[4]) << row[1];
    }
    ++checked;
  }
  EXPECT_GE(checked, 60);
}

/// The specification, read word by word: a minute is working when its wall label lies inside an interval of a day that
/// exists. Slow, and shares nothing with the calendar but the zone's offset.
class Reference {
 public:
  Reference(CalendarSpec spec, std::shared_ptr<const Holidays> holidays, const Calendar& zone)
      : spec_(std::move(spec)), holidays_(std::move(holidays)), zone_(zone) {}

  bool working(TimePoint t) const {
    const auto wall = t + zone_.offset(t);
    const auto today = floor<days>(wall);
    const int label = static_cast<int>(duration_cast<minutes>(wall - today).count());
    return inside(hours(year_month_day{today}), label) || inside(hours(year_month_day{today - days{1}}), label + 1440);
  }
  Duration between(TimePoint a, TimePoint b) const {
    Duration sum{0};
    for (TimePoint t = a; t < b; t += minute) sum += working(t) ? minute : Duration{0};
    return sum;
  }

 private:
  static bool inside(const std::vector<Interval>& intervals, int label) {
    for (const Interval& one : intervals) {
      if (one.start <= label && label < (one.end <= one.start ? one.end + 1440 : one.end)) return true;
    }
    return false;
  }
  std::vector<Interval> hours(year_month_day date) const {
    if (spec_.special.contains(date)) return spec_.special.at(date);
    if (spec_.closed.contains(date)) return {};
    const auto weekday_index = weekday{sys_days{date}}.iso_encoding() - 1;
    const auto& own = spec_.weekly.at(weekday_index);
    if (!spec_.chinese_holidays) return own;
    bool published = false;
    bool holiday = false;
    for (const auto& [number, content] : holidays_->years) {
      if (!content.published) continue;
      published = published || number == int{date.year()};
      for (const LocalDate& day : content.workdays) {
        if (day == date) return own.empty() ? spec_.weekly.at(static_cast<std::size_t>(spec_.makeup_as)) : own;
      }
      for (const HolidayBlock& block : content.holidays) holiday = holiday || (block.from <= date && date <= block.to);
    }
    if (!published) {
      for (const auto& entry : holidays_->statutory) holiday = holiday || entry.second == month_day{date.month(), date.day()};
    }
    return holiday ? std::vector<Interval>{} : own;
  }

  CalendarSpec spec_;
  std::shared_ptr<const Holidays> holidays_;
  const Calendar& zone_;
};

rc::Gen<Interval> any_interval() {
  return rc::gen::map(rc::gen::pair(rc::gen::inRange(0, 96), rc::gen::inRange(0, 97)), [](const std::pair<int, int>& ends) {
    return Interval{ends.first * 15, ends.second * 15};
  });
}

CalendarSpec any_spec() {
  CalendarSpec spec;
  spec.zone = *rc::gen::element<std::string>("Asia/Shanghai", "America/New_York", "Australia/Lord_Howe", "Europe/London");
  for (auto& hours : spec.weekly) hours = *rc::gen::resize(3, rc::gen::container<std::vector<Interval>>(any_interval()));
  spec.chinese_holidays = *rc::gen::arbitrary<bool>();
  spec.makeup_as = *rc::gen::inRange(0, 7);
  const auto any_date = [] { return LocalDate{sys_days{2026y / 1 / 1} + days{*rc::gen::inRange(0, 420)}}; };
  for (int i = 0; i < 20; ++i) spec.closed.insert(any_date());
  for (int i = 0; i < 20; ++i)
    spec.special[any_date()] = *rc::gen::resize(2, rc::gen::container<std::vector<Interval>>(any_interval()));
  return spec;
}

/// Whole minutes between the end of 2025 and the spring of 2027: holidays, make-up days, a year without a notice, DST.
TimePoint any_time() { return instant("2025-12-28T00:00:00") + *rc::gen::inRange(0, 450 * 1440) * minute; }

RC_GTEST_PROP(CalendarProperty, AgreesWithTheSlowReading, ()) {
  const CalendarSpec spec = any_spec();
  const Calendar calendar(spec, test::shipped_holidays());
  const Reference reference(spec, test::shipped_holidays(), calendar);
  const TimePoint from = any_time();
  const TimePoint to = from + *rc::gen::inRange(0, 6 * 1440) * minute;
  RC_ASSERT(calendar.working(from) == reference.working(from));
  RC_ASSERT(calendar.between(from, to) == reference.between(from, to));
  RC_ASSERT(calendar.between(to, from) == -calendar.between(from, to));
}

RC_GTEST_PROP(CalendarProperty, AddIsTheEarliestInstantAndBackTheLatest, ()) {
  const Calendar calendar(any_spec(), test::shipped_holidays());
  const TimePoint from = any_time() + Duration{*rc::gen::inRange(0, 60'000)};
  const Duration amount{*rc::gen::inRange<std::int64_t>(1, std::int64_t{20} * 24 * 3600 * 1000)};
  if (!calendar.next(from)) {
    RC_ASSERT(calendar.add(from, amount) == from + amount);
    return;
  }
  const TimePoint due = calendar.add(from, amount);
  RC_ASSERT(calendar.between(from, due) == amount);
  RC_ASSERT(calendar.between(from, due - Duration{1}) == amount - Duration{1});
  const TimePoint back = calendar.add(due, -amount);
  RC_ASSERT(calendar.between(back, due) == amount);
  RC_ASSERT(calendar.between(back + Duration{1}, due) == amount - Duration{1});
  RC_ASSERT(back >= from);
}

RC_GTEST_PROP(CalendarProperty, NextIsTheFirstWorkingInstant, ()) {
  const Calendar calendar(any_spec(), test::shipped_holidays());
  const TimePoint from = any_time() + Duration{*rc::gen::inRange(0, 60'000)};
  const auto next = calendar.next(from);
  RC_PRE(next.has_value());
  RC_ASSERT(*next >= from);
  RC_ASSERT(calendar.working(*next));
  RC_ASSERT(calendar.between(from, *next) == Duration{0});
}

TEST(Calendar, CountsTheSameInsideAndOutsideTheYearsItRemembers) {
  const Calendar office = shipped_calendar("cn-noholiday");
  for (const int y : {1995, 2014, 2030, 2055, 2090}) {
    const TimePoint monday = office.at(LocalDate{sys_days{year{y} / 6 / Monday[2]}}, 9 * 60);
    EXPECT_EQ(office.between(monday, monday + days{21}), 15 * 9 * 60 * minute) << y;
    EXPECT_EQ(office.add(monday, 10 * 9 * 60 * minute), monday + days{11} + hours{9}) << y;
    EXPECT_EQ(office.add(monday + hours{1}, -60 * minute), monday) << y;
    EXPECT_EQ(office.add(monday, -60 * minute), monday - days{3} + hours{8}) << y;
  }
  // Across the borders of what is remembered.
  const TimePoint before = instant("2013-06-03T09:00:00"), after = instant("2058-06-03T09:00:00");
  const TimePoint between = instant("2030-06-03T09:00:00");
  EXPECT_EQ(office.between(before, after), office.between(before, between) + office.between(between, after));
  EXPECT_EQ(office.add(before, office.between(before, after)), office.add(between, office.between(between, after)));
}

TEST(Calendar, StaysTotalAtTheEndsOfTime) {
  const Calendar office = shipped_calendar("cn-office");
  EXPECT_GT(office.between(TimePoint::min(), TimePoint::max()), Duration{0});
  EXPECT_EQ(office.add(instant("2026-11-20T10:00:00"), Duration::max()), TimePoint::max());
  EXPECT_FALSE(office.next(TimePoint::max()).has_value());
  EXPECT_EQ(office.add(instant("2026-11-20T10:00:00"), Duration::min()),
            TimePoint::min() + (instant("2026-11-20T10:00:00") - TimePoint{}));
}

TEST(Calendar, ACalendarWithoutWorkAddsPlainTime) {
  CalendarSpec never;
  const Calendar calendar(never, nullptr);
  const TimePoint t = instant("2026-11-20T10:00:00");
  EXPECT_EQ(calendar.add(t, hours{2}), t + hours{2});
  EXPECT_EQ(calendar.add(t, -hours{2}), t - hours{2});
  EXPECT_FALSE(calendar.next(t).has_value());
  EXPECT_EQ(calendar.between(t, t + days{30}), Duration{0});
  EXPECT_FALSE(calendar.day_end(on(2026, 11, 20)).has_value());
}

TEST(Calendar, RefusesAZoneThatDoesNotExist) {
  CalendarSpec spec;
  spec.zone = "Asia/Nowhere";
  EXPECT_THROW(Calendar(spec, nullptr), std::runtime_error);
}

TEST(Calendar, KnowsWorkingDatesAndTheirEnds) {
  const Calendar office = shipped_calendar("cn-office");
  EXPECT_TRUE(office.working_date(on(2026, 11, 20)));
  EXPECT_FALSE(office.working_date(on(2026, 11, 21)));
  EXPECT_TRUE(office.working_date(on(2026, 9, 20)));  // make-up Sunday
  EXPECT_FALSE(office.working_date(on(2026, 10, 1)));
  EXPECT_FALSE(office.working_date(on(2027, 1, 1)));  // no notice: statutory
  EXPECT_TRUE(office.date_known(on(2026, 10, 1)));
  EXPECT_FALSE(office.date_known(on(2027, 3, 1)));
  EXPECT_FALSE(office.date_known(on(2035, 3, 1)));
  EXPECT_EQ(office.next_working_date(on(2026, 9, 30)), on(2026, 10, 8));
  EXPECT_EQ(office.day_start(on(2026, 11, 20)), instant("2026-11-20T09:00:00"));
  EXPECT_EQ(office.day_end(on(2026, 11, 20)), instant("2026-11-20T18:00:00"));
  EXPECT_FALSE(office.day_end(on(2026, 11, 21)).has_value());
  EXPECT_EQ(office.usual_day(), Minutes{450});
  EXPECT_EQ(shipped_calendar("cn-night").day_end(on(2026, 11, 20)), instant("2026-11-21T06:00:00"));
  EXPECT_EQ(shipped_calendar("cn-two-shift").usual_day(), Minutes{930});
}

TEST(Calendar, WorkdayAndNaturalCountAsTheDesignSays) {
  const Calendar workday = shipped_calendar("workday");
  EXPECT_EQ(workday.add(instant("2026-11-20T17:00:00"), hours{24}), instant("2026-11-23T17:00:00"));
  EXPECT_EQ(workday.add(instant("2026-09-30T12:00:00"), hours{24}), instant("2026-10-08T12:00:00"));
  EXPECT_EQ(workday.add(instant("2026-09-18T12:00:00"), hours{24}), instant("2026-09-20T12:00:00"));  // make-up Sunday
  EXPECT_EQ(shipped_calendar("natural").add(instant("2026-09-30T12:00:00"), hours{24}), instant("2026-10-01T12:00:00"));
}

TEST(Calendar, ReadsWallTimesOfGapsAndRepeatedHours) {
  const Calendar east = shipped_calendar("us-east");
  EXPECT_EQ(shown(east, east.at(on(2026, 3, 8), 150)), "2026-03-08T03:00:00-04:00");  // 02:30 does not exist
  EXPECT_EQ(shown(east, east.at(on(2026, 11, 1), 90)), "2026-11-01T01:30:00-04:00");  // the first of two
  EXPECT_EQ(shown(east, east.at(on(2026, 7, 1), 24 * 60, 30)), "2026-07-02T00:00:30-04:00");
  EXPECT_EQ(east.local_date(instant("2026-11-20T10:00:00")), on(2026, 11, 19));
  EXPECT_EQ(east.local_minute(instant("2026-11-20T10:00:00")), 21 * 60);
}

TEST(Calendar, ATenYearQuestionIsCheap) {
  const Calendar office = shipped_calendar("cn-office");
  const TimePoint t = instant("2026-11-20T10:00:00");
  const std::clock_t start = std::clock();
  Duration sum{0};
  for (int i = 0; i < 20'000; ++i) sum += office.between(t + i * minute, office.add(t, hours{24 * 800}));
  EXPECT_GT(sum, Duration{0});
  EXPECT_LT(std::clock() - start, 3 * CLOCKS_PER_SEC);
}

}  // namespace
}  // namespace xieban::calendar_test
