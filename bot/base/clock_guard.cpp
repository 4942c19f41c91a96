#include "bot/base/clock_guard.hpp"

namespace xieban {

TimePoint ClockGuard::read(TimePoint wall, Duration running) {
  const TimePoint expected = wall_ + (running - running_);
  const Duration off = wall - expected;
  const auto near = [](Duration a, Duration b) { return a - b <= small && b - a <= small; };
  bool believed = !begun_ || near(off, Duration{0});
  if (!believed) {
    if (!doubted_ || !near(off, off_)) {
      doubted_ = true;
      off_ = off;
      doubted_since_ = running;
    }
    believed = running - doubted_since_ >= confirmed;
  }
  if (!believed) return expected;
  begun_ = true;
  doubted_ = false;
  wall_ = wall;
  running_ = running;
  return wall;
}

}  // namespace xieban
