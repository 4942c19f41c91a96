#pragma once
// A wall clock that jumps is not believed at once: until it has stood by its new time for a while, time goes on as the
// machine's own running time says. So nothing fires early, and nothing waits longer than that while.

#include "bot/base/time.hpp"

namespace xieban {

class ClockGuard {
 public:
  static constexpr Duration small{5000};        // steps up to this are followed at once: a clock that is being kept right
  static constexpr Duration confirmed{180000};  // a larger one counts once the clock has stood by it that long

  /// What time it is. `wall`: what the system's clock says; `running`: how long the machine has been running, sleep
  /// included, which never jumps.
  TimePoint read(TimePoint wall, Duration running);
  /// How far the wall clock is off while it is not believed; zero: it is.
  [[nodiscard]] Duration off() const { return doubted_ ? off_ : Duration{0}; }

 private:
  bool begun_ = false;
  TimePoint wall_;      // the last that was believed,
  Duration running_{};  // and when that was
  bool doubted_ = false;
  Duration off_{};            // of the clock that is not believed yet,
  Duration doubted_since_{};  // and since when it has been off by that
};

}  // namespace xieban
