#pragma once
// The pieces of Asio the shell needs, behind thin headers.

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <functional>
#include <memory>

#include "bot/base/metrics.hpp"
#include "bot/ports/time_source.hpp"

namespace xieban {

/// For deadlines of sockets; never jumps.
using SteadyTime = std::chrono::steady_clock::time_point;
SteadyTime steady_now();
/// The system's wall clock, for the Date header; everything else asks a TimeSource.
TimePoint wall_now();

/// The system's wall clock behind a ClockGuard, and Asio timers; an alarm sleeps at most 30 s at a time. `on_jump` hears,
/// on the executor, how far a clock that jumps is off: once per jump.
std::unique_ptr<TimeSource> make_system_time(
    boost::asio::any_io_executor, std::function<void(Duration off)> on_jump = [](Duration) {});
/// Measures how late the loop runs what it should, every 100 ms, until it is destroyed.
class LagProbe {
 public:
  LagProbe(boost::asio::any_io_executor, Metrics&);
  ~LagProbe();
  LagProbe(const LagProbe&) = delete;
  LagProbe& operator=(const LagProbe&) = delete;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace xieban
