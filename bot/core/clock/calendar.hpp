#pragma once
// Working time as companies work it: weekly hours, holidays, 调休 make-up days, shifts over midnight, zones with DST.
// A value: knows its zone, never reads a clock. Meaning of every rule: shared data specification, section 12
// (copied to config/ as calendars.json and holidays/cn.json).

#include <array>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "bot/base/ids.hpp"
#include "bot/base/time.hpp"

namespace xieban {

using LocalDate = std::chrono::year_month_day;

/// [start, end) in minutes of the local day; an end not after its start runs into the next day.
struct Interval {
  int start = 0;
  int end = 0;
  friend bool operator==(const Interval&, const Interval&) = default;
};

struct HolidayBlock {
  std::string name;
  std::string name_en;
  LocalDate from, to, day;
};
struct HolidayYear {
  int year = 0;
  bool published = false;  // false: "absent", weekdays plus the fixed statutory days, with a warning
  std::vector<HolidayBlock> holidays;
  std::vector<LocalDate> workdays;
};
/// The content of holidays/cn.json.
struct Holidays {
  std::map<int, HolidayYear> years;
  std::vector<std::pair<std::string, std::chrono::month_day>> statutory;
  std::map<std::string, std::vector<std::string>> aliases;  // canonical name -> names people type
};

/// One entry of calendars.json.
struct CalendarSpec {
  CalendarId id;
  std::string zone = "Asia/Shanghai";
  std::array<std::vector<Interval>, 7> weekly;  // index 0 = Monday
  bool chinese_holidays = false;
  int makeup_as = 0;  // 0 = Monday: whose intervals a make-up day uses when its own weekday has none
  std::set<LocalDate> closed;
  std::map<LocalDate, std::vector<Interval>> special;
};

class Calendar {
 public:
  /// Throws std::runtime_error when the zone does not exist.
  Calendar(CalendarSpec, std::shared_ptr<const Holidays>);
  ~Calendar();
  Calendar(const Calendar&);
  Calendar(Calendar&&) noexcept;
  Calendar& operator=(const Calendar&);
  Calendar& operator=(Calendar&&) noexcept;

  [[nodiscard]] const CalendarId& id() const;
  [[nodiscard]] bool working(TimePoint) const;
  /// First working instant not before t; nullopt if there is none within ten years.
  [[nodiscard]] std::optional<TimePoint> next(TimePoint t) const;
  /// Earliest u >= t with between(t, u) == amount; for a negative amount the latest u <= t with between(u, t) == -amount.
  /// A calendar without working time within ten years returns t + amount.
  [[nodiscard]] TimePoint add(TimePoint t, Duration amount) const;
  /// Working time in [a, b), exact to the millisecond; negative when b is before a.
  [[nodiscard]] Duration between(TimePoint a, TimePoint b) const;

  /// Whether work starts on that date at all: special, closed, make-up day, holiday range, then the weekday.
  [[nodiscard]] bool working_date(LocalDate) const;
  /// False when the date lies in a year without a published notice.
  [[nodiscard]] bool date_known(LocalDate) const;
  /// Next working date strictly after the date.
  [[nodiscard]] LocalDate next_working_date(LocalDate) const;
  /// First start and last end of that date's hours ("day start", "day end"); nullopt when it has none.
  [[nodiscard]] std::optional<TimePoint> day_start(LocalDate) const;
  [[nodiscard]] std::optional<TimePoint> day_end(LocalDate) const;
  /// Working minutes of a usual day (Monday's hours; the next weekday that has any).
  [[nodiscard]] Minutes usual_day() const;
  /// First start and last end of a usual day, minutes of the day: what a date without hours of its own is measured by.
  [[nodiscard]] Interval usual_hours() const;

  [[nodiscard]] LocalDate local_date(TimePoint) const;
  /// Minutes since local midnight.
  [[nodiscard]] int local_minute(TimePoint) const;
  /// Local wall time to an instant; in a DST gap the instant after it, in an overlap the first.
  [[nodiscard]] TimePoint at(LocalDate, int minute_of_day, int second = 0) const;
  [[nodiscard]] std::chrono::minutes offset(TimePoint) const;
  [[nodiscard]] const std::shared_ptr<const Holidays>& holidays() const;

 private:
  struct Impl;
  std::shared_ptr<const Impl> impl_;  // immutable: copies share it and threads may read it together
};

/// natural, workday and office as they always exist, made from the office spec: workday counts 00:00-24:00 of the
/// working dates of office, natural counts every hour.
CalendarSpec natural_calendar(const CalendarSpec& office);
CalendarSpec workday_calendar(const CalendarSpec& office);

}  // namespace xieban
