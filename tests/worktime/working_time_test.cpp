// A million random cases against the slow reading in a release build; fewer elsewhere: WORKING_TIME_CASES.
// More, or others: `working_time_test --cases=10000000 --seed=7`.

#include <gtest/gtest.h>

#include <charconv>
#include <functional>
#include <iostream>
#include <string_view>

#include "tests/worktime/any_calendar.hpp"

namespace xieban {
namespace {

using namespace std::chrono;
using test::AnyCalendar;
using test::Minute;
using test::SlowCalendar;

std::uint64_t cases = WORKING_TIME_CASES, seed = 1;

TimePoint instant(Minute at) { return TimePoint{minutes{at}}; }

std::string shown(const Calendar& calendar, TimePoint at) { return to_rfc3339(at, calendar.offset(at)); }

/// Asks both the same; the first answer that differs, in words; empty: none does.
class Comparison {
 public:
  Comparison(const Calendar& fast, const SlowCalendar& slow, Minute from, Minute to)
      : fast_(fast), slow_(slow), from_(from), to_(to) {}

  std::string one(Rng& rng) const {
    const Minute start = from_ + static_cast<Minute>(rng.below(static_cast<std::uint64_t>(to_ - from_)));
    switch (rng.below(8)) {
      case 0:
        return next(start);
      case 1:
      case 2:
      case 3: {
        // Near and far, and on both sides.
        const auto reach = static_cast<std::uint64_t>(rng.below(3) == 0 ? to_ - from_ : 3000);
        const Minute other = from_ + static_cast<Minute>((static_cast<std::uint64_t>(start - from_) + rng.below(reach)) %
                                                         static_cast<std::uint64_t>(to_ - from_));
        return rng.below(2) == 0 ? between(start, other) : between(other, start);
      }
      default:
        return add(start, static_cast<std::int64_t>(rng.below(rng.below(2) == 0 ? 600 : 6000)));
    }
  }

 private:
  [[nodiscard]] std::string text(Minute at) const { return shown(fast_, instant(at)); }

  [[nodiscard]] std::string between(Minute a, Minute b) const {
    const std::int64_t wanted = slow_.between(a, b);
    const Duration got = fast_.between(instant(a), instant(b));
    if (got == minutes{wanted}) return {};
    return "between " + text(a) + " " + text(b) + ": " + std::to_string(got.count() / 60000) + ", not " +
           std::to_string(wanted);
  }
  [[nodiscard]] std::string add(Minute t, std::int64_t n) const {
    const auto wanted = slow_.add(t, n);
    const TimePoint got = fast_.add(instant(t), minutes{n});
    // Behind the window's end the slow one has nothing to say but that it lies there.
    if (wanted ? got == instant(*wanted) : got >= instant(to_) || !fast_.next(instant(t))) return {};
    return "add " + text(t) + " " + std::to_string(n) + ": " + shown(fast_, got) + ", not " +
           (wanted ? text(*wanted) : "behind " + text(to_));
  }
  [[nodiscard]] std::string next(Minute t) const {
    const auto wanted = slow_.next(t);
    const auto got = fast_.next(instant(t));
    if (wanted ? got == instant(*wanted) : !got || *got >= instant(to_)) return {};
    return "next " + text(t) + ": " + (got ? shown(fast_, *got) : "none") + ", not " + (wanted ? text(*wanted) : "none");
  }

  const Calendar& fast_;
  const SlowCalendar& slow_;
  Minute from_, to_;
};

std::string described(const CalendarSpec& spec) {
  std::string text = spec.zone + (spec.chinese_holidays ? ", holidays" : "") + ", week";
  for (const auto& hours : spec.weekly) {
    text += " [";
    for (const Interval& one : hours) text += " " + std::to_string(one.start) + "-" + std::to_string(one.end);
    text += " ]";
  }
  return text;
}

TEST(WorkingTime, T22_AgreesWithTheMinuteByMinuteReading) {
  constexpr std::uint64_t cases_per_calendar = 250;
  Rng rng(seed);
  std::uint64_t done = 0, calendars = 0;
  while (done < cases) {
    const AnyCalendar any = test::any_calendar(rng);
    const SlowCalendar slow(any.spec, *any.holidays, any.from, any.to);
    const Calendar fast(any.spec, any.holidays);
    const Comparison compare(fast, slow, any.from, any.to);
    ++calendars;
    for (std::uint64_t i = 0; i < cases_per_calendar; ++i, ++done) {
      const std::string difference = compare.one(rng);
      ASSERT_EQ(difference, "") << described(any.spec) << "\nseed " << seed << ", calendar " << calendars;
    }
  }
  std::cout << done << " cases on " << calendars << " calendars\n";
}

/// One rule of a calendar or of its holidays, changed as a slip of the hand would.
struct Mutation {
  const char* name;
  const char* zone;
  LocalDate middle;
  std::function<void(CalendarSpec&, Holidays&)> change;
};
void PrintTo(const Mutation& mutation, std::ostream* out) { *out << mutation.name; }

class MutatedCalendar : public ::testing::TestWithParam<Mutation> {};

TEST_P(MutatedCalendar, T22_IsFoundOut) {
  const Mutation& mutation = GetParam();
  Rng rng(seed);
  const AnyCalendar any = test::full_calendar(mutation.zone, mutation.middle);
  const SlowCalendar slow(any.spec, *any.holidays, any.from, any.to);
  const auto differences = [&](const CalendarSpec& spec, const Holidays& holidays) {
    const Calendar fast(spec, std::make_shared<const Holidays>(holidays));
    const Comparison compare(fast, slow, any.from, any.to);
    int found = 0;
    for (int i = 0; i < 2000; ++i) found += compare.one(rng).empty() ? 0 : 1;
    return found;
  };
  CalendarSpec spec = any.spec;
  Holidays holidays = *any.holidays;
  EXPECT_EQ(differences(spec, holidays), 0);
  mutation.change(spec, holidays);
  EXPECT_GT(differences(spec, holidays), 0);
}

const LocalDate national_day = 2026y / 10 / 3, spring_dst = 2026y / 3 / 8, no_notice = 2029y / 10 / 2,
                leap_day = 2028y / 2 / 29;

INSTANTIATE_TEST_SUITE_P(Rules, MutatedCalendar,
                         ::testing::Values(Mutation{"MakeUpDaysForgotten", "Asia/Shanghai", national_day,
                                                    [](CalendarSpec&, Holidays& all) {
                                                      for (auto& [number, year] : all.years) year.workdays.clear();
                                                    }},
                                           Mutation{"MakeUpDayWorksAsTuesday", "Asia/Shanghai", national_day,
                                                    [](CalendarSpec& spec, Holidays&) { spec.makeup_as = 1; }},
                                           Mutation{"HolidayEndsADayEarly", "Asia/Shanghai", national_day,
                                                    [](CalendarSpec&, Holidays& all) {
                                                      for (HolidayBlock& block : all.years.at(2026).holidays)
                                                        if (block.from != block.to)
                                                          block.to = LocalDate{sys_days{block.to} - days{1}};
                                                    }},
                                           Mutation{"HolidaysForgotten", "Asia/Shanghai", national_day,
                                                    [](CalendarSpec& spec, Holidays&) { spec.chinese_holidays = false; }},
                                           Mutation{"LunchAMinuteShort", "Asia/Shanghai", national_day,
                                                    [](CalendarSpec& spec, Holidays&) { ++spec.weekly.at(3).at(0).end; }},
                                           Mutation{"NightShiftEndsAtMidnight", "Asia/Shanghai", national_day,
                                                    [](CalendarSpec& spec, Holidays&) { spec.weekly.at(3).at(2).end = 1440; }},
                                           Mutation{"ClosedDatesForgotten", "Asia/Shanghai", national_day,
                                                    [](CalendarSpec& spec, Holidays&) { spec.closed.clear(); }},
                                           Mutation{"SpecialDatesForgotten", "Asia/Shanghai", national_day,
                                                    [](CalendarSpec& spec, Holidays&) { spec.special.clear(); }},
                                           Mutation{"SummerTimeForgotten", "America/New_York", spring_dst,
                                                    [](CalendarSpec& spec, Holidays&) { spec.zone = "Etc/GMT+5"; }},
                                           Mutation{"StatutoryDaysForgotten", "Asia/Shanghai", no_notice,
                                                    [](CalendarSpec&, Holidays& all) { all.statutory.clear(); }},
                                           Mutation{"LeapDayClosed", "Asia/Shanghai", leap_day,
                                                    [](CalendarSpec& spec, Holidays&) {
                                                      spec.special.erase(leap_day);
                                                      spec.closed.insert(leap_day);
                                                    }},
                                           Mutation{"WeekStartsOnSunday", "Asia/Shanghai", national_day,
                                                    [](CalendarSpec& spec, Holidays&) {
                                                      std::rotate(spec.weekly.begin(), spec.weekly.begin() + 1,
                                                                  spec.weekly.end());
                                                    }}),
                         [](const auto& one) { return std::string(one.param.name); });

std::uint64_t value_of(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

void read_arguments(int argc, char** argv) {
  for (int n = 1; n < argc; ++n) {
    const std::string_view word = argv[n];
    if (word.starts_with("--cases=")) cases = value_of(word.substr(8));
    if (word.starts_with("--seed=")) seed = value_of(word.substr(7));
  }
}

}  // namespace
}  // namespace xieban

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  xieban::read_arguments(argc, argv);
  return RUN_ALL_TESTS();
}
