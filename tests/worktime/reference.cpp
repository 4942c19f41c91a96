#include "tests/worktime/reference.hpp"

#include <cstdlib>
#include <ctime>
#include <map>
#include <stdexcept>
#include <string>

namespace xieban::test {
namespace {

constexpr Minute day_minutes = 1440;
constexpr Minute quarter = 15;  // offsets change at quarters of an hour only
// 2022-01-01 to 2032-01-01.
constexpr Minute zones_from = Minute{18993} * day_minutes, zones_to = Minute{22645} * day_minutes;

Minute floor_div(Minute a, Minute b) { return a / b - (a % b < 0 ? 1 : 0); }

/// Offsets of a zone, one per quarter of an hour.
std::vector<std::int16_t> offsets_of(const std::string& zone) {
  const char* before = std::getenv("TZ");
  const std::string kept = before != nullptr ? before : "";
  setenv("TZ", zone.c_str(), 1);
  tzset();
  std::vector<std::int16_t> offsets;
  for (Minute at = zones_from; at < zones_to; at += quarter) {
    const std::time_t seconds = at * 60;
    std::tm local{};
    localtime_r(&seconds, &local);
    offsets.push_back(static_cast<std::int16_t>(local.tm_gmtoff / 60));
  }
  if (before != nullptr)
    setenv("TZ", kept.c_str(), 1);
  else
    unsetenv("TZ");
  tzset();
  return offsets;
}

/// A civil date is given by its day number; week days and years follow by counting.
class Dates {
 public:
  Dates(const CalendarSpec& spec, const Holidays& holidays) : spec_(spec), holidays_(holidays) {}

  /// The intervals that start on that day.
  [[nodiscard]] std::vector<Interval> hours(Minute day) const {
    const LocalDate date{std::chrono::sys_days{std::chrono::days{day}}};
    for (const auto& [special, intervals] : spec_.special)
      if (special == date) return intervals;
    for (const LocalDate& closed : spec_.closed)
      if (closed == date) return {};
    // 1970-01-01 was a Thursday, which is 3 when Monday is 0.
    const auto week_day = static_cast<std::size_t>(((day + 3) % 7 + 7) % 7);
    const std::vector<Interval>& usual = spec_.weekly.at(week_day);
    if (!spec_.chinese_holidays) return usual;
    if (makeup_day(date)) return usual.empty() ? spec_.weekly.at(static_cast<std::size_t>(spec_.makeup_as)) : usual;
    return holiday(date) ? std::vector<Interval>{} : usual;
  }

 private:
  [[nodiscard]] bool makeup_day(const LocalDate& date) const {
    for (const auto& [number, year] : holidays_.years)
      for (const LocalDate& listed : year.workdays)
        if (year.published && listed == date) return true;
    return false;
  }
  [[nodiscard]] bool holiday(const LocalDate& date) const {
    bool published = false;
    for (const auto& [number, year] : holidays_.years) {
      if (!year.published) continue;
      published = published || std::chrono::year{number} == date.year();
      for (const HolidayBlock& block : year.holidays)
        if (block.from <= date && date <= block.to) return true;
    }
    if (published) return false;
    for (const auto& [name, day] : holidays_.statutory)
      if (day.month() == date.month() && day.day() == date.day()) return true;
    return false;
  }

  const CalendarSpec& spec_;
  const Holidays& holidays_;
};

/// Whether a label of the day it starts on lies in an interval; labels of the next day are 1440 and more.
bool inside(const std::vector<Interval>& intervals, Minute label) {
  for (const Interval& one : intervals) {
    const Minute end = one.end > one.start ? one.end : one.end + day_minutes;
    if (label >= one.start && label < end) return true;
  }
  return false;
}

}  // namespace

int zone_offset(const std::string& zone, Minute at) {
  static std::map<std::string, std::vector<std::int16_t>> known;
  if (at < zones_from || at >= zones_to) throw std::out_of_range("a minute outside 2022 to 2032");
  auto& offsets = known[zone];
  if (offsets.empty()) offsets = offsets_of(zone);
  return offsets[static_cast<std::size_t>((at - zones_from) / quarter)];
}

SlowCalendar::SlowCalendar(const CalendarSpec& spec, const Holidays& holidays, Minute from, Minute to) : from_(from) {
  const Dates dates(spec, holidays);
  std::map<Minute, std::vector<Interval>> hours;
  const auto hours_of = [&](Minute day) -> const std::vector<Interval>& {
    const auto known = hours.find(day);
    return known != hours.end() ? known->second : hours.emplace(day, dates.hours(day)).first->second;
  };
  works_.reserve(static_cast<std::size_t>(to - from));
  for (Minute at = from; at < to; ++at) {
    const Minute wall = at + zone_offset(spec.zone, at);
    const Minute day = floor_div(wall, day_minutes), label = wall - day * day_minutes;
    works_.push_back(inside(hours_of(day), label) || inside(hours_of(day - 1), label + day_minutes) ? 1 : 0);
  }
}

std::int64_t SlowCalendar::between(Minute a, Minute b) const {
  if (b < a) return -between(b, a);
  std::int64_t sum = 0;
  for (Minute at = a; at < b; ++at) sum += works_.at(static_cast<std::size_t>(at - from_));
  return sum;
}

std::optional<Minute> SlowCalendar::add(Minute t, std::int64_t n) const {
  for (Minute at = t;; ++at) {
    if (n == 0) return at;
    if (at - from_ >= static_cast<Minute>(works_.size())) return std::nullopt;
    n -= works_[static_cast<std::size_t>(at - from_)];
  }
}

std::optional<Minute> SlowCalendar::next(Minute t) const {
  for (Minute at = t; at - from_ < static_cast<Minute>(works_.size()); ++at)
    if (works_[static_cast<std::size_t>(at - from_)] != 0) return at;
  return std::nullopt;
}

}  // namespace xieban::test
