#pragma once
#include <chrono>

#include "bot/base/time.hpp"

namespace xieban::sim {

/// The simulator's clock: the system's plus what /_sim/clock added. Limits, expiries and retries follow it.
class Clock {
 public:
  [[nodiscard]] TimePoint now() const;
  void advance(Duration by) { offset_ += by; }

 private:
  Duration offset_{0};
};

}  // namespace xieban::sim
