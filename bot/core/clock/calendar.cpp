#include "bot/core/clock/calendar.hpp"

#include <date/tz.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <utility>

// Everything happens on the local wall: a civil day has merged intervals of wall labels, and between two changes of the
// zone's offset wall time and real time run alike. So an instant is a day number and a millisecond of that day, working
// time from the first cached day to it is one table look-up, and a zone change only splits a question in two.

namespace xieban {
namespace {

using namespace std::chrono;

constexpr std::int64_t day_ms = std::int64_t{24} * 3600 * 1000;
constexpr std::int64_t minute_ms = 60'000;
constexpr int day_minutes = 24 * 60;
constexpr std::int64_t ten_years = 3653;  // days

using DayNumber = std::int64_t;  // since 1970-01-01 of the local wall

constexpr DayNumber day_number(LocalDate date) { return sys_days{date}.time_since_epoch().count(); }
LocalDate date_of(DayNumber day) { return sys_days{days{static_cast<int>(day)}}; }
constexpr DayNumber day_number(int y, unsigned m, unsigned d) {
  return day_number(LocalDate{year{y}, month{m}, std::chrono::day{d}});
}

// Days whose totals are kept; questions outside are answered day by day. Instants outside the outer limits count as them.
constexpr DayNumber cached_from = day_number(2015, 1, 1), cached_to = day_number(2056, 1, 1);
constexpr DayNumber first_day = day_number(1900, 1, 1), last_day = day_number(2200, 1, 1);

constexpr std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

unsigned weekday_of(DayNumber day) { return weekday{sys_days{days{static_cast<int>(day)}}}.iso_encoding() - 1; }  // 0 = Monday

/// Sorted, overlapping and touching ones joined, empty ones gone.
std::vector<Interval> merged(std::vector<Interval> intervals) {
  std::erase_if(intervals, [](const Interval& i) { return i.start >= i.end; });
  std::ranges::sort(intervals, {}, [](const Interval& i) { return std::pair(i.start, i.end); });
  std::vector<Interval> out;
  for (const Interval& one : intervals) {
    if (!out.empty() && one.start <= out.back().end) {
      out.back().end = std::max(out.back().end, one.end);
    } else {
      out.push_back(one);
    }
  }
  return out;
}

/// An end not after its start belongs to the next day: as minutes from the day it starts on.
std::vector<Interval> unrolled(const std::vector<Interval>& intervals) {
  std::vector<Interval> out;
  for (Interval one : intervals) {
    if (one.end <= one.start) one.end += day_minutes;
    out.push_back(one);
  }
  return out;
}

int minutes_of(const std::vector<Interval>& intervals) {
  int total = 0;
  for (const Interval& one : intervals) total += one.end - one.start;
  return total;
}

TimePoint saturating_add(TimePoint t, Duration amount) {
  std::int64_t sum = 0;
  if (__builtin_add_overflow(t.time_since_epoch().count(), amount.count(), &sum))
    return amount.count() > 0 ? TimePoint::max() : TimePoint::min();
  return TimePoint{Duration{sum}};
}

}  // namespace

struct Calendar::Impl {
  /// The zone's offset is constant in [begin, end), milliseconds of real time.
  struct Segment {
    std::int64_t begin, end, offset;
  };
  enum class Kind : std::uint8_t { weekly, makeup, holiday };  // what the holiday data says of a date

  CalendarSpec spec;
  std::shared_ptr<const Holidays> holidays;
  std::vector<Segment> segments;
  std::array<std::vector<Interval>, 7> weekly;  // unrolled
  std::array<std::vector<Interval>, 7> makeup;  // unrolled: what a make-up day on that weekday works
  std::map<DayNumber, std::vector<Interval>> special;
  std::set<DayNumber> closed;
  std::map<DayNumber, Kind> listed;  // from the holiday data
  std::set<int> published;
  std::vector<std::vector<Interval>> patterns;  // merged intervals of a civil day, what the night before left included
  std::vector<int> minutes_of_pattern;
  std::vector<std::uint16_t> pattern_of;  // per cached day
  std::vector<std::int32_t> before;       // working minutes from cached_from to the start of the day; one more than days

  Impl(CalendarSpec s, std::shared_ptr<const Holidays> h) : spec(std::move(s)), holidays(std::move(h)) {
    read_zone();
    read_rules();
    fill_cache();
  }

  // ---- construction ----

  void read_zone() {
    const date::time_zone* zone = nullptr;
    try {
      zone = date::locate_zone(spec.zone);
    } catch (const std::exception&) {
      throw std::runtime_error("no such time zone: " + spec.zone);
    }
    date::sys_seconds at{seconds{first_day * day_ms / 1000 - 86400}};
    const date::sys_seconds end{seconds{last_day * day_ms / 1000 + 86400}};
    while (at < end) {
      const date::sys_info info = zone->get_info(at);
      const std::int64_t offset = milliseconds{info.offset}.count();
      const std::int64_t until =
          info.end >= end ? std::numeric_limits<std::int64_t>::max() : milliseconds{info.end.time_since_epoch()}.count();
      if (segments.empty()) {
        segments.push_back({std::numeric_limits<std::int64_t>::min(), until, offset});
      } else if (segments.back().offset == offset) {
        segments.back().end = until;
      } else {
        segments.push_back({segments.back().end, until, offset});
      }
      at = info.end;
    }
  }

  void read_rules() {
    for (std::size_t i = 0; i < 7; ++i) weekly[i] = unrolled(spec.weekly[i]);
    const auto fallback = static_cast<std::size_t>(std::clamp(spec.makeup_as, 0, 6));
    for (std::size_t i = 0; i < 7; ++i) makeup[i] = weekly[i].empty() ? weekly[fallback] : weekly[i];
    for (const auto& [date, intervals] : spec.special) special[day_number(date)] = unrolled(intervals);
    for (const LocalDate& date : spec.closed) closed.insert(day_number(date));
    if (!spec.chinese_holidays || !holidays) return;
    for (const auto& [number, content] : holidays->years) {
      if (!content.published) continue;
      published.insert(number);
      for (const HolidayBlock& block : content.holidays) {
        for (DayNumber day = day_number(block.from); day <= day_number(block.to); ++day) listed.emplace(day, Kind::holiday);
      }
    }
    // A make-up day wins over a range, whichever year lists it.
    for (const auto& [number, content] : holidays->years) {
      if (!content.published) continue;
      for (const LocalDate& date : content.workdays) listed[day_number(date)] = Kind::makeup;
    }
  }

  void fill_cache() {
    // Hours of every day as its weekday gives them, then the few dates that differ.
    const auto count = static_cast<std::size_t>(cached_to - cached_from);
    std::vector<const std::vector<Interval>*> hours(count + 1);  // from the day before the first
    const std::size_t first = weekday_of(cached_from - 1);
    for (std::size_t i = 0; i <= count; ++i) hours[i] = &weekly[(first + i) % 7];
    const auto differs = [&](DayNumber day) {
      if (day >= cached_from - 1 && day < cached_to) hours[static_cast<std::size_t>(day - cached_from + 1)] = &own_hours(day);
    };
    for (const auto& entry : listed) differs(entry.first);
    for (const DayNumber day : closed) differs(day);
    for (const auto& entry : special) differs(entry.first);
    if (spec.chinese_holidays && holidays) {
      for (year y = date_of(cached_from).year(); y <= date_of(cached_to).year(); ++y) {
        if (published.contains(int{y})) continue;
        for (const auto& entry : holidays->statutory) differs(day_number(y / entry.second));
      }
    }

    std::map<std::pair<const void*, const void*>, std::uint16_t> seen;  // by the hours of two days: most pairs repeat
    std::array<std::optional<std::uint16_t>, 7> usual;                  // the pairs of plain weekdays, without a search
    const auto pattern = [&](const std::vector<Interval>* yesterday, const std::vector<Interval>* today) {
      const auto [entry, fresh] =
          seen.emplace(std::pair<const void*, const void*>(yesterday, today), static_cast<std::uint16_t>(patterns.size()));
      if (fresh) {
        patterns.push_back(civil_day(*yesterday, *today));
        minutes_of_pattern.push_back(minutes_of(patterns.back()));
      }
      return entry->second;
    };
    pattern_of.reserve(count);
    before.reserve(count + 1);
    before.push_back(0);
    for (std::size_t i = 1; i <= count; ++i) {
      const std::size_t on = (first + i) % 7;
      std::uint16_t index = 0;
      if (hours[i] == &weekly[on] && hours[i - 1] == &weekly[(on + 6) % 7]) {
        if (!usual[on]) usual[on] = pattern(hours[i - 1], hours[i]);
        index = *usual[on];
      } else {
        index = pattern(hours[i - 1], hours[i]);
      }
      pattern_of.push_back(index);
      before.push_back(before.back() + minutes_of_pattern[index]);
    }
  }

  // ---- dates ----

  /// special, closed, make-up day, holiday range, weekly hours.
  [[nodiscard]] const std::vector<Interval>& own_hours(DayNumber day) const {
    static const std::vector<Interval> none;
    if (!special.empty()) {
      if (const auto at = special.find(day); at != special.end()) return at->second;
    }
    if (closed.contains(day)) return none;
    const unsigned on = weekday_of(day);
    switch (kind(day)) {
      case Kind::makeup:
        return makeup[on];
      case Kind::holiday:
        return none;
      case Kind::weekly:
        break;
    }
    return weekly[on];
  }

  [[nodiscard]] Kind kind(DayNumber day) const {
    if (!spec.chinese_holidays || !holidays) return Kind::weekly;
    if (const auto at = listed.find(day); at != listed.end()) return at->second;
    const LocalDate date = date_of(day);
    if (published.contains(int{date.year()})) return Kind::weekly;
    const month_day on{date.month(), date.day()};
    const bool statutory = std::ranges::any_of(holidays->statutory, [&](const auto& entry) { return entry.second == on; });
    return statutory ? Kind::holiday : Kind::weekly;
  }

  /// A civil day's working labels: what the day before left over midnight, and its own until midnight.
  static std::vector<Interval> civil_day(const std::vector<Interval>& yesterday, const std::vector<Interval>& today) {
    std::vector<Interval> out;
    for (const Interval& one : yesterday) {
      if (one.end > day_minutes)
        out.push_back({std::max(0, one.start - day_minutes), std::min(one.end - day_minutes, day_minutes)});
    }
    for (const Interval& one : today) out.push_back({one.start, std::min(one.end, day_minutes)});
    return merged(std::move(out));
  }

  /// Calls `use` with the merged intervals of a civil day.
  template <class Use>
  auto with_day(DayNumber day, Use use) const {
    if (day >= cached_from && day < cached_to) return use(patterns[pattern_of[static_cast<std::size_t>(day - cached_from)]]);
    return use(civil_day(own_hours(day - 1), own_hours(day)));
  }
  [[nodiscard]] std::int64_t minutes_on(DayNumber day) const { return with_day(day, minutes_of); }

  // ---- the wall ----

  [[nodiscard]] std::size_t segment_at(std::int64_t t) const {
    const auto after = std::ranges::upper_bound(segments, t, {}, &Segment::begin);
    return static_cast<std::size_t>(after - segments.begin()) - 1;
  }

  /// Working milliseconds of its own day before a wall instant.
  [[nodiscard]] std::int64_t worked_today(std::int64_t wall) const {
    const DayNumber day = floor_div(wall, day_ms);
    const std::int64_t into = wall - day * day_ms;
    return with_day(day, [&](const std::vector<Interval>& intervals) {
      std::int64_t sum = 0;
      for (const Interval& one : intervals)
        sum += std::clamp(into - one.start * minute_ms, std::int64_t{0}, (one.end - one.start) * minute_ms);
      return sum;
    });
  }

  /// Working minutes of the days [from, to).
  [[nodiscard]] std::int64_t minutes_of_days(DayNumber from, DayNumber to) const {
    std::int64_t total = 0;
    for (; from < to && from < cached_from; ++from) total += minutes_on(from);
    if (const DayNumber known = std::min(to, cached_to); from < known) {
      total += before[static_cast<std::size_t>(known - cached_from)] - before[static_cast<std::size_t>(from - cached_from)];
      from = known;
    }
    for (; from < to; ++from) total += minutes_on(from);
    return total;
  }

  /// Working milliseconds between two wall instants, from <= to, under one offset.
  [[nodiscard]] std::int64_t worked(std::int64_t from, std::int64_t to) const {
    return minutes_of_days(floor_div(from, day_ms), floor_div(to, day_ms)) * minute_ms + worked_today(to) - worked_today(from);
  }

  /// The smallest wall instant in [from, to] that has `amount` worked since `from`; the caller knows that it lies there.
  [[nodiscard]] std::int64_t earliest(std::int64_t amount, std::int64_t from, std::int64_t to) const {
    DayNumber day = floor_div(from, day_ms);
    const DayNumber last = floor_div(to, day_ms);
    std::int64_t missing = amount + worked_today(from);  // from the start of `day`
    if (day >= cached_from && last < cached_to) {
      // The first day whose end reaches it.
      const std::int64_t want = before[static_cast<std::size_t>(day - cached_from)] * minute_ms + missing;
      const auto begin = before.begin() + (day - cached_from) + 1, end = before.begin() + (last - cached_from) + 1;
      day += std::lower_bound(begin, end, want,
                              [](std::int32_t minutes, std::int64_t target) { return minutes * minute_ms < target; }) -
             begin;
      missing = want - before[static_cast<std::size_t>(day - cached_from)] * minute_ms;
    } else {
      for (; day < last; ++day) {
        const std::int64_t today = minutes_on(day) * minute_ms;
        if (missing <= today) break;
        missing -= today;
      }
    }
    const std::int64_t within = with_day(day, [&](const std::vector<Interval>& intervals) {
      for (const Interval& one : intervals) {
        const std::int64_t length = (one.end - one.start) * minute_ms;
        if (missing <= length) return one.start * minute_ms + missing;
        missing -= length;
      }
      return day_ms;
    });
    return std::clamp(day * day_ms + within, from, to);
  }

  /// The largest wall instant in [from, to] that has `amount` worked until `to`; the caller knows that it lies there.
  [[nodiscard]] std::int64_t latest(std::int64_t amount, std::int64_t from, std::int64_t to) const {
    DayNumber day = floor_div(to, day_ms);
    const DayNumber first = floor_div(from, day_ms);
    std::int64_t left = worked_today(to) - amount;  // from the start of `day`; negative: an earlier day
    if (first >= cached_from && day < cached_to) {
      // The last day whose start does not exceed it.
      const std::int64_t want = before[static_cast<std::size_t>(day - cached_from)] * minute_ms + left;
      const auto begin = before.begin() + (first - cached_from) + 1, end = before.begin() + (day - cached_from) + 1;
      day = first + (std::upper_bound(begin, end, want,
                                      [](std::int64_t target, std::int32_t minutes) { return target < minutes * minute_ms; }) -
                     begin);
      left = want - before[static_cast<std::size_t>(day - cached_from)] * minute_ms;
    } else {
      while (day > first && left < 0) left += minutes_on(--day) * minute_ms;
    }
    const std::int64_t within = with_day(day, [&](const std::vector<Interval>& intervals) {
      for (const Interval& one : intervals) {
        const std::int64_t length = (one.end - one.start) * minute_ms;
        if (left < length) return one.start * minute_ms + left;
        left -= length;
      }
      return day_ms;
    });
    return std::clamp(day * day_ms + within, from, to);
  }

  // ---- instants ----

  static std::int64_t limited(TimePoint t) {
    return std::clamp(t.time_since_epoch().count(), first_day * day_ms, last_day * day_ms);
  }
  [[nodiscard]] std::int64_t wall(TimePoint t) const {
    const std::int64_t at = limited(t);
    return at + segments[segment_at(at)].offset;
  }

  [[nodiscard]] std::int64_t between(std::int64_t a, std::int64_t b) const {
    std::int64_t total = 0;
    for (std::size_t i = segment_at(a); a < b; ++i) {
      const std::int64_t end = std::min(b, segments[i].end);
      total += worked(a + segments[i].offset, end + segments[i].offset);
      a = end;
    }
    return total;
  }

  // How far one look may go: to the end of the remembered days in one step, beyond them year by year.
  static constexpr std::int64_t remembered_from = (cached_from + 2) * day_ms, remembered_to = (cached_to - 2) * day_ms,
                                year_ms = 366 * day_ms;
  static std::int64_t stride_after(std::int64_t t) {
    if (t < remembered_from) return std::min(t + year_ms, remembered_from);
    return t < remembered_to ? remembered_to : t + year_ms;
  }
  static std::int64_t stride_before(std::int64_t t) {
    if (t > remembered_to) return std::max(t - year_ms, remembered_to);
    return t > remembered_from ? remembered_from : t - year_ms;
  }

  [[nodiscard]] bool works_within_ten_years(std::int64_t from, std::int64_t to) const { return between(from, to) > 0; }

  [[nodiscard]] TimePoint forward(TimePoint start, Duration amount) const {
    std::int64_t left = amount.count();
    std::int64_t t = limited(start);
    const std::int64_t limit = last_day * day_ms;
    if (!works_within_ten_years(t, std::min(limit, t + ten_years * day_ms))) return saturating_add(start, amount);
    while (t < limit) {
      const Segment& at = segments[segment_at(t)];
      const std::int64_t end = std::min({limit, at.end, stride_after(t)});
      const std::int64_t possible = worked(t + at.offset, end + at.offset);
      if (possible >= left) return TimePoint{Duration{earliest(left, t + at.offset, end + at.offset) - at.offset}};
      left -= possible;
      t = end;
    }
    return saturating_add(start, amount);
  }

  [[nodiscard]] TimePoint backward(TimePoint start, Duration amount) const {
    if (amount == Duration::min()) return saturating_add(start, amount);  // has no positive counterpart
    std::int64_t left = -amount.count();
    std::int64_t t = limited(start);
    const std::int64_t limit = first_day * day_ms;
    if (!works_within_ten_years(std::max(limit, t - ten_years * day_ms), t)) return saturating_add(start, amount);
    while (t > limit) {
      const Segment& at = segments[segment_at(t - 1)];
      const std::int64_t begin = std::max({limit, at.begin, stride_before(t)});
      const std::int64_t possible = worked(begin + at.offset, t + at.offset);
      if (possible >= left) return TimePoint{Duration{latest(left, begin + at.offset, t + at.offset) - at.offset}};
      left -= possible;
      t = begin;
    }
    return saturating_add(start, amount);
  }

  [[nodiscard]] std::optional<TimePoint> next(TimePoint start) const {
    std::int64_t t = limited(start);
    const std::int64_t limit = std::min(last_day * day_ms, t + ten_years * day_ms);
    for (std::size_t i = segment_at(t); t < limit; ++i) {
      const Segment& at = segments[i];
      const std::int64_t end = std::min(limit, at.end);
      const std::int64_t from = t + at.offset;
      const std::int64_t to = end + at.offset;
      for (DayNumber day = floor_div(from, day_ms); day * day_ms < to; ++day) {
        const std::int64_t found = with_day(day, [&](const std::vector<Interval>& intervals) {
          for (const Interval& one : intervals) {
            if (day * day_ms + one.end * minute_ms > from) return std::max(from, day * day_ms + one.start * minute_ms);
          }
          return to;
        });
        if (found < to) return TimePoint{Duration{found - at.offset}};
      }
      t = end;
    }
    return std::nullopt;
  }

  [[nodiscard]] TimePoint from_wall(std::int64_t wall_time) const {
    // Offsets stay within a day, so the instant lies in a segment near this one.
    std::size_t i = segment_at(wall_time);
    i = i < 2 ? 0 : i - 2;
    for (; i < segments.size(); ++i) {
      const Segment& at = segments[i];
      const std::int64_t t = wall_time - at.offset;
      if (t < at.begin) return TimePoint{Duration{at.begin}};  // the label was skipped
      if (t < at.end) return TimePoint{Duration{t}};
    }
    return TimePoint{Duration{wall_time - segments.back().offset}};
  }
};

Calendar::Calendar(CalendarSpec spec, std::shared_ptr<const Holidays> holidays)
    : impl_(std::make_shared<const Impl>(std::move(spec), std::move(holidays))) {}
Calendar::~Calendar() = default;
Calendar::Calendar(const Calendar&) = default;
Calendar::Calendar(Calendar&&) noexcept = default;
Calendar& Calendar::operator=(const Calendar&) = default;
Calendar& Calendar::operator=(Calendar&&) noexcept = default;

const CalendarId& Calendar::id() const { return impl_->spec.id; }

bool Calendar::working(TimePoint t) const {
  const std::int64_t wall = impl_->wall(t);
  const DayNumber day = floor_div(wall, day_ms);
  const std::int64_t into = wall - day * day_ms;
  return impl_->with_day(day, [&](const std::vector<Interval>& intervals) {
    return std::ranges::any_of(
        intervals, [&](const Interval& one) { return one.start * minute_ms <= into && into < one.end * minute_ms; });
  });
}

std::optional<TimePoint> Calendar::next(TimePoint t) const { return impl_->next(t); }

TimePoint Calendar::add(TimePoint t, Duration amount) const {
  if (amount == Duration::zero()) return t;
  return amount > Duration::zero() ? impl_->forward(t, amount) : impl_->backward(t, amount);
}

Duration Calendar::between(TimePoint a, TimePoint b) const {
  const std::int64_t from = Impl::limited(a);
  const std::int64_t to = Impl::limited(b);
  return Duration{from <= to ? impl_->between(from, to) : -impl_->between(to, from)};
}

bool Calendar::working_date(LocalDate date) const { return !impl_->own_hours(day_number(date)).empty(); }

bool Calendar::date_known(LocalDate date) const {
  return !impl_->spec.chinese_holidays || !impl_->holidays || impl_->published.contains(int{date.year()}) ||
         impl_->listed.contains(day_number(date));
}

LocalDate Calendar::next_working_date(LocalDate date) const {
  const DayNumber from = day_number(date);
  for (DayNumber day = from + 1; day <= from + ten_years; ++day) {
    if (!impl_->own_hours(day).empty()) return date_of(day);
  }
  return date_of(from + 1);
}

std::optional<TimePoint> Calendar::day_start(LocalDate date) const {
  const auto& hours = impl_->own_hours(day_number(date));
  if (hours.empty()) return std::nullopt;
  return at(date, std::ranges::min(hours, {}, &Interval::start).start);
}

std::optional<TimePoint> Calendar::day_end(LocalDate date) const {
  const auto& hours = impl_->own_hours(day_number(date));
  if (hours.empty()) return std::nullopt;
  return at(date, std::ranges::max(hours, {}, &Interval::end).end);
}

Minutes Calendar::usual_day() const {
  for (const auto& hours : impl_->weekly) {
    if (!hours.empty()) return Minutes{minutes_of(merged(hours))};
  }
  return Minutes{0};
}

Interval Calendar::usual_hours() const {
  for (const auto& hours : impl_->weekly) {
    if (!hours.empty())
      return {std::ranges::min(hours, {}, &Interval::start).start, std::ranges::max(hours, {}, &Interval::end).end};
  }
  return {9 * 60, 18 * 60};
}

LocalDate Calendar::local_date(TimePoint t) const { return date_of(floor_div(impl_->wall(t), day_ms)); }

int Calendar::local_minute(TimePoint t) const {
  const std::int64_t wall = impl_->wall(t);
  return static_cast<int>((wall - floor_div(wall, day_ms) * day_ms) / minute_ms);
}

TimePoint Calendar::at(LocalDate date, int minute_of_day, int second) const {
  return impl_->from_wall(day_number(date) * day_ms + minute_of_day * minute_ms + second * std::int64_t{1000});
}

std::chrono::minutes Calendar::offset(TimePoint t) const {
  const std::int64_t at = Impl::limited(t);
  return std::chrono::floor<std::chrono::minutes>(Duration{impl_->segments[impl_->segment_at(at)].offset});
}

const std::shared_ptr<const Holidays>& Calendar::holidays() const { return impl_->holidays; }

namespace {

const std::vector<Interval> whole_day{{0, day_minutes}};

}  // namespace

CalendarSpec natural_calendar(const CalendarSpec& office) {
  CalendarSpec out;
  out.id = CalendarId{"natural"};
  out.zone = office.zone;
  out.weekly.fill(whole_day);
  return out;
}

CalendarSpec workday_calendar(const CalendarSpec& office) {
  CalendarSpec out = office;
  out.id = CalendarId{"workday"};
  for (auto& hours : out.weekly) hours = hours.empty() ? std::vector<Interval>{} : whole_day;
  for (auto& [date, hours] : out.special) hours = hours.empty() ? std::vector<Interval>{} : whole_day;
  return out;
}

}  // namespace xieban
