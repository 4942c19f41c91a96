#pragma once
// Does a way answer at all? While it does not, one parcel at a time asks.

#include <cstdint>
#include <optional>

#include "bot/base/time.hpp"

namespace xieban {

/// A value per way of an app; no clock of its own.
class Breaker {
 public:
  void answered();
  void failed(TimePoint now);
  /// Nothing is there that could ask: later.
  void put_off(TimePoint now);
  /// Several failures in a row and no success among them: attempts say nothing about the parcel.
  [[nodiscard]] bool down() const { return in_a_row_ >= threshold; }
  /// When the next parcel may ask; nullopt: nothing holds them back.
  [[nodiscard]] std::optional<TimePoint> probe_at() const;

 private:
  static constexpr std::uint32_t threshold = 5;
  static constexpr Duration first_wait{1000}, longest_wait{60000};

  std::uint32_t in_a_row_ = 0;
  Duration wait_{0};
  TimePoint probe_at_{};
};

}  // namespace xieban
