#include "tests/worktime/any_calendar.hpp"

#include <array>
#include <string_view>

#include "config/working_time.hpp"

namespace xieban::test {
namespace {

using namespace std::chrono;

constexpr int window_days = 36;

int number(Rng& rng, int from, int to) { return from + static_cast<int>(rng.below(static_cast<std::uint64_t>(to - from + 1))); }
bool chance(Rng& rng, int percent) { return number(rng, 1, 100) <= percent; }
template <class List>
auto any_of(Rng& rng, const List& list) {
  return list[rng.below(std::size(list))];
}

std::string any_zone(Rng& rng) {
  constexpr std::array<std::string_view, 14> zones{"America/New_York",    "Europe/London",
                                                   "Europe/Berlin",       "Australia/Lord_Howe",
                                                   "Antarctica/Troll",    "Pacific/Chatham",
                                                   "America/St_Johns",    "Africa/Casablanca",
                                                   "Asia/Kathmandu",      "Pacific/Kiritimati",
                                                   "America/Santiago",    "Asia/Kolkata",
                                                   "America/Los_Angeles", "UTC"};
  return chance(rng, 40) ? "Asia/Shanghai" : std::string(any_of(rng, zones));
}

/// Days where a calendar may go wrong: 调休, leap days, changes of the clock, years without a notice.
LocalDate any_middle(Rng& rng) {
  const std::array<LocalDate, 18> hard{2024y / 2 / 12, 2024y / 2 / 29, 2024y / 3 / 10,  2024y / 10 / 4, 2024y / 11 / 3,
                                       2025y / 1 / 29, 2025y / 5 / 2,  2025y / 10 / 26, 2026y / 2 / 17, 2026y / 3 / 8,
                                       2026y / 3 / 29, 2026y / 5 / 1,  2026y / 9 / 25,  2026y / 10 / 3, 2026y / 12 / 31,
                                       2027y / 1 / 2,  2028y / 2 / 29, 2029y / 10 / 2};
  if (chance(rng, 70)) return any_of(rng, hard);
  return LocalDate{sys_days{2023y / 2 / 1} + days{number(rng, 0, 2900)}};
}

Interval any_interval(Rng& rng) {
  if (chance(rng, 50)) return {number(rng, 0, 95) * 15, number(rng, 0, 96) * 15};
  return {number(rng, 0, 1439), number(rng, 0, 1440)};
}
std::vector<Interval> any_hours(Rng& rng, int most) {
  std::vector<Interval> hours;
  for (int i = number(rng, 0, most); i > 0; --i) hours.push_back(any_interval(rng));
  return hours;
}

void any_week(Rng& rng, CalendarSpec& spec) {
  const std::vector<Interval> office{{540, 720}, {810, 1080}}, night{{1320, 360}}, shifts{{480, 960}, {960, 1410}},
      whole{{0, 1440}}, overlapping{{480, 800}, {600, 1100}, {1100, 1200}}, around_the_clock{{540, 540}};
  const std::array<std::vector<Interval>, 6> usual{office, night, shifts, whole, overlapping, around_the_clock};
  if (chance(rng, 30)) {
    for (auto& hours : spec.weekly) hours = any_hours(rng, 3);
    return;
  }
  const std::vector<Interval> hours = any_of(rng, usual);
  for (std::size_t day = 0; day < 5; ++day) spec.weekly.at(day) = hours;
  if (chance(rng, 30)) spec.weekly.at(5) = {{510, 720}};
  if (chance(rng, 15)) spec.weekly.at(6) = night;
}

/// A notice for a year, with a block over a week, make-up days before and behind it, and one inside the year's end.
std::shared_ptr<const Holidays> any_holidays(Rng& rng, LocalDate middle) {
  if (chance(rng, 60)) return config::shipped_holidays();
  auto holidays = std::make_shared<Holidays>();
  holidays->statutory = config::shipped_holidays()->statutory;
  const int number_of_year = static_cast<int>(middle.year());
  HolidayYear year;
  year.year = number_of_year;
  year.published = chance(rng, 80);
  const auto near = [&] { return LocalDate{sys_days{middle} + days{number(rng, -14, 14)}}; };
  for (int i = number(rng, 0, 3); i > 0; --i) {
    const LocalDate from = near();
    year.holidays.push_back({"节日", "", from, LocalDate{sys_days{from} + days{number(rng, 0, 7)}}, from});
  }
  for (int i = number(rng, 0, 4); i > 0; --i) year.workdays.push_back(near());
  holidays->years[number_of_year] = year;
  return holidays;
}

void any_exceptions(Rng& rng, CalendarSpec& spec, LocalDate middle, int most) {
  const auto near = [&] { return LocalDate{sys_days{middle} + days{number(rng, -16, 16)}}; };
  for (int i = number(rng, 0, most); i > 0; --i) spec.closed.insert(near());
  for (int i = number(rng, 0, most); i > 0; --i) spec.special[near()] = any_hours(rng, 2);
}

void place(AnyCalendar& any, LocalDate middle) {
  any.from = (sys_days{middle} - days{window_days / 2}).time_since_epoch().count() * Minute{1440};
  any.to = any.from + Minute{window_days} * 1440;
}

}  // namespace

AnyCalendar any_calendar(Rng& rng) {
  AnyCalendar any;
  const LocalDate middle = any_middle(rng);
  place(any, middle);
  any.spec.id = CalendarId("any");
  any.spec.zone = any_zone(rng);
  any_week(rng, any.spec);
  any.spec.chinese_holidays = chance(rng, 60);
  any.spec.makeup_as = number(rng, 0, 6);
  any_exceptions(rng, any.spec, middle, 3);
  any.holidays = any_holidays(rng, middle);
  return any;
}

AnyCalendar full_calendar(const std::string& zone, LocalDate middle) {
  AnyCalendar any;
  place(any, middle);
  any.spec.id = CalendarId("full");
  any.spec.zone = zone;
  for (std::size_t day = 0; day < 5; ++day) any.spec.weekly.at(day) = {{540, 720}, {810, 1080}, {1320, 360}};
  any.spec.weekly.at(1) = {{600, 720}};
  any.spec.chinese_holidays = true;
  any.spec.closed.insert(LocalDate{sys_days{middle} + days{10}});
  any.spec.special[LocalDate{sys_days{middle} - days{8}}] = {{420, 1000}};
  any.holidays = config::shipped_holidays();
  return any;
}

}  // namespace xieban::test
