#pragma once
#include <boost/asio/awaitable.hpp>
#include <memory>
#include <optional>

#include "bot/base/time.hpp"

namespace xieban {

/// One waiter at a time, on the loop's thread.
class Alarm {
 public:
  virtual ~Alarm() = default;
  /// Returns at `until`, or when rung; nullopt waits for a ring only. A ring while nobody waits is kept.
  virtual boost::asio::awaitable<void> wait(std::optional<TimePoint> until) = 0;
  virtual void ring() = 0;
};

/// The only source of time below the shell.
class TimeSource {
 public:
  virtual ~TimeSource() = default;
  [[nodiscard]] virtual TimePoint now() const = 0;
  virtual std::unique_ptr<Alarm> make_alarm() = 0;
};

}  // namespace xieban
