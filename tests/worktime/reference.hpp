#pragma once
// Working time read word by word from its specification and counted minute by minute: slow, plain, and sharing nothing
// with the product's calendar but the values it is made from. The zone's offsets come from the C library.

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "bot/core/clock/calendar.hpp"

namespace xieban::test {

/// Whole minutes since 1970-01-01T00:00Z.
using Minute = std::int64_t;

/// The working minutes of one calendar inside a window, one flag per minute.
class SlowCalendar {
 public:
  SlowCalendar(const CalendarSpec&, const Holidays&, Minute from, Minute to);

  /// Working minutes in [a, b); negative when b is before a. Both lie in the window.
  [[nodiscard]] std::int64_t between(Minute a, Minute b) const;
  /// The earliest minute u not before t with between(t, u) == n; nullopt: behind the window's end.
  [[nodiscard]] std::optional<Minute> add(Minute t, std::int64_t n) const;
  /// The first working minute not before t; nullopt: behind the window's end.
  [[nodiscard]] std::optional<Minute> next(Minute t) const;

 private:
  Minute from_;
  std::vector<std::uint8_t> works_;
};

/// Minutes east of Greenwich at that minute, by the C library's time zones, 2022 to 2032.
int zone_offset(const std::string& zone, Minute);

}  // namespace xieban::test
