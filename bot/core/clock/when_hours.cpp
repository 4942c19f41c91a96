#include "bot/core/clock/when_hours.hpp"

#include <optional>

namespace xieban::when {
namespace {

Reading invalid_reading() { return {.valid = false}; }

/// Hour of a day part -> hour of the day; nullopt: that part has no such hour.
std::optional<int> hour_in(Part part, int hour) {
  const auto from = [&](int least, int most) { return hour >= least && hour <= most; };
  switch (part) {
    case Part::none:
      return hour;
    case Part::small_hours:
      if (hour == 12) return 0;
      return from(0, 6) ? std::optional(hour) : std::nullopt;
    case Part::early:
    case Part::morning:
      return from(0, 12) ? std::optional(hour) : std::nullopt;
    case Part::noon:
      if (from(11, 15)) return hour;
      return from(1, 3) ? std::optional(hour + 12) : std::nullopt;
    case Part::afternoon:
      if (from(1, 11)) return hour + 12;
      return from(12, 23) ? std::optional(hour) : std::nullopt;
    case Part::dusk:
      if (from(4, 8)) return hour + 12;
      return from(16, 20) ? std::optional(hour) : std::nullopt;
    case Part::evening:
    case Part::night:
      if (from(5, 11)) return hour + 12;
      if (from(17, 23)) return hour;
      if (hour == 12 || hour == 0 || hour == 24) return 24;
      return from(1, 4) ? std::optional(hour + 24) : std::nullopt;
  }
  return std::nullopt;
}

int part_alone(Part part) {
  switch (part) {
    case Part::small_hours:
      return 6 * 60;
    case Part::early:
      return 9 * 60;
    case Part::none:
    case Part::morning:
    case Part::noon:
      return 12 * 60;
    case Part::afternoon:
      return 18 * 60;
    case Part::dusk:
      return 19 * 60;
    case Part::evening:
      return 21 * 60;
    case Part::night:
      return 24 * 60;
  }
  return 12 * 60;
}

}  // namespace

Reading read(const Clock& clock) {
  if (clock.kind == Clock::Kind::part) return {.minute = part_alone(clock.part)};
  int hour = clock.hour;
  int minute = clock.minute;
  if (hour > 24 || minute > 59 || clock.second > 59 || clock.before > 59) return invalid_reading();
  if (clock.before > 0) {  // 差一刻一点 is 12:45
    const int total = hour * 60 - clock.before;
    if (hour == 0) return invalid_reading();
    hour = total / 60;
    minute = total % 60;
    if (hour == 0 && clock.hour == 1) hour = 12;
  }
  if (hour == 24 && (minute != 0 || clock.second != 0)) return invalid_reading();
  Reading out{.second = clock.second};
  if (clock.half != Clock::Half::none) {
    const bool pm = clock.half == Clock::Half::pm;
    if (hour == 24 || (pm && hour == 0) || (!pm && hour > 12)) return invalid_reading();
    if (hour <= 12) hour = hour % 12 + (pm ? 12 : 0);
    if (clock.part != Part::none && hour_in(clock.part, hour) != hour) return invalid_reading();
  } else if (clock.part != Part::none) {
    const auto meant = hour_in(clock.part, hour);
    if (!meant) return invalid_reading();
    hour = *meant;
  } else if (!clock.zero && hour >= 1 && hour <= 12) {
    out.bare = true;
    if (hour <= 6) {
      hour += 12;
      out.assumed_pm = true;
    }
  }
  out.minute = hour * 60 + minute;
  return out;
}

}  // namespace xieban::when
