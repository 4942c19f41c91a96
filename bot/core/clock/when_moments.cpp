// Dates and clocks: which one is meant when less than everything is written.

#include <fmt/format.h>

#include "bot/core/clock/when_resolver.hpp"

namespace xieban::when {

using namespace std::chrono;

namespace {

bool weekday_agrees(const Date& date, sys_days day) {
  return !date.weekday || *date.weekday == static_cast<int>(weekday_index(day));
}

std::string ordinal(std::int64_t n) {
  const bool teen = n % 100 >= 11 && n % 100 <= 13;
  const std::string_view end = teen ? "th" : n % 10 == 1 ? "st" : n % 10 == 2 ? "nd" : n % 10 == 3 ? "rd" : "th";
  return fmt::format("{}{}", n, end);
}

}  // namespace

Answer Resolver::clock_alone(const Expression& e) {
  if (e.clock.kind == Clock::Kind::day_end || e.clock.kind == Clock::Kind::day_start) {
    const auto edge = [&](sys_days day) { return e.clock.kind == Clock::Kind::day_end ? day_end(day) : day_start(day); };
    sys_days day = today_;
    if (!working(day) || edge(day) <= now_) {
      day = next_working(day);
      warn("rolled_to_next_day");
    }
    return accept(edge(day), day, {});
  }
  const Reading reading = read(e.clock);
  if (!reading.valid) return no_such_time();
  const auto at = [&](sys_days day) { return office_.at(LocalDate{day}, reading.minute, reading.second); };
  if (reading.assumed_pm) warn("assumed_pm");
  if (at(today_) > now_) return accept(at(today_), today_, {});
  const TimePoint evening = at(today_) + hours{12};
  if (reading.bare && (reading.minute / 60 == 7 || reading.minute / 60 == 8) && evening > now_) {
    warn("assumed_pm");
    return accept(evening, today_, {});
  }
  const Interval usual = office_.usual_hours();
  const int second_of_day = reading.minute * 60 + reading.second;
  const bool in_hours = second_of_day >= usual.start * 60 && second_of_day <= usual.end * 60;
  const sys_days day = in_hours ? next_working(today_) : today_ + days{1};
  warn("rolled_to_next_day");
  return accept(at(day), day, {});
}

Answer Resolver::bare_weekday(const Expression& e) {
  sys_days day = today_ + days{(e.date.a + 7 - weekday_index(today_)) % 7};
  const Placed placed = place(day, e.clock);
  if (!placed.at) return no_such_time();
  const TimePoint due = excludes(e) ? day_end(last_working_before(day)) : *placed.at;
  if (due <= now_) {
    day += days{7};
    warn("assumed_next_week");
  }
  return on_date(day, e, {});
}

/// The next month that has it when its number is below today's.
Answer Resolver::day_of_month(const Expression& e) {
  const Date& date = e.date;
  if (date.a < 1 || date.a > 31) return no_such_date();
  const year_month_day today{today_};
  const year_month this_month = today.year() / today.month();
  year_month month = this_month;
  if (static_cast<unsigned>(date.a) < unsigned{today.day()}) month += months{1};
  auto day = full_date(int{month.year()}, unsigned{month.month()}, date.a);
  while (!day) {
    month += months{1};
    day = full_date(int{month.year()}, unsigned{month.month()}, date.a);
  }
  if (month != this_month) warn("assumed_next_month");
  if (!weekday_agrees(date, *day)) return weekday_mismatch(date, *day);
  return on_date(*day, e, {zh() ? fmt::format("下个月{}号{}", date.a, clock_suffix(e.clock)) : ""});
}

/// No year: this year's, unless it is more than ninety days past.
Answer Resolver::month_day(const Expression& e) {
  const Date& date = e.date;
  const int this_year{year_month_day{today_}.year()};
  const bool leap_day = date.a == 2 && date.b == 29;
  auto day = full_date(this_year, date.a, date.b);
  if (!day && !leap_day) return no_such_date();
  if (!day || today_ - *day > days{90}) {
    day = full_date(this_year + 1, date.a, date.b);
    if (!day) return no_such_date();
    warn("assumed_next_year");
  }
  if (!weekday_agrees(date, *day)) return weekday_mismatch(date, *day);
  const std::string next = zh() ? fmt::format("{}年{}月{}日{}", this_year + 1, date.a, date.b, clock_suffix(e.clock))
                                : fmt::format("{:04}-{:02}-{:02}{}", this_year + 1, date.a, date.b, clock_suffix(e.clock));
  return on_date(*day, e, {next});
}

Answer Resolver::moment(const Expression& e) {
  const Date& date = e.date;
  const year_month_day today{today_};
  switch (date.kind) {
    case Date::Kind::none:
      return clock_alone(e);
    case Date::Kind::relative: {
      const sys_days day = today_ + days{date.a};
      if (!weekday_agrees(date, day)) return weekday_mismatch(date, day);
      Names instead{today_text()};
      if (date.a == 0)
        instead = {(zh() ? "明天" : "tomorrow") + clock_suffix(e.clock), zh() ? "下个工作日" : "next business day"};
      return on_date(day, e, std::move(instead));
    }
    case Date::Kind::bare_weekday:
      return bare_weekday(e);
    case Date::Kind::week_weekday: {
      constexpr std::int64_t most_weeks = 200;
      if (date.b > most_weeks) return too_far();
      const sys_days monday = today_ - days{weekday_index(today_)};
      const sys_days day = monday + days{7 * date.b + date.a};
      if (date.says_next && monday + days{date.a} > today_) warn("next_is_ambiguous");
      return on_date(day, e, {(zh() ? "下" : "next ") + day_name(static_cast<int>(date.a)) + clock_suffix(e.clock)});
    }
    case Date::Kind::day_of_month:
      return day_of_month(e);
    case Date::Kind::month_offset: {
      constexpr std::int64_t most_months = 100;
      if (date.b > most_months) return too_far();
      const year_month month = today.year() / today.month() + months{static_cast<int>(date.b)};
      const auto day = full_date(int{month.year()}, unsigned{month.month()}, date.a);
      if (!day) return no_such_date();
      if (!weekday_agrees(date, *day)) return weekday_mismatch(date, *day);
      return on_date(*day, e, {zh() ? fmt::format("下个月{}号", date.a) : fmt::format("{} of next month", ordinal(date.a))});
    }
    case Date::Kind::month_day:
      return month_day(e);
    case Date::Kind::year_offset:
    case Date::Kind::full: {
      const std::int64_t y = date.kind == Date::Kind::full ? date.c : int{today.year()} + date.c;
      const auto day = full_date(y, date.a, date.b);
      if (!day) return no_such_date();
      if (!weekday_agrees(date, *day)) return weekday_mismatch(date, *day);
      const int next_year = int{today.year()} + 1;
      return on_date(*day, e, {fmt::format("{:04}-{:02}-{:02}", next_year, date.a, date.b)});
    }
    case Date::Kind::next_workday:
      return on_date(next_working(today_), e, {});
    case Date::Kind::ambiguous:
      return ambiguous_date(date);
  }
  return unrecognized();
}

}  // namespace xieban::when
