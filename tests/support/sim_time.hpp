#pragma once
// Time as a value: nothing sleeps. run_until() lets everything that can run do so, then jumps to the next alarm.

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include "bot/ports/time_source.hpp"

namespace xieban::testing {

class SimTime final : public TimeSource {
 public:
  SimTime(boost::asio::io_context&, TimePoint start);
  ~SimTime() override;

  [[nodiscard]] TimePoint now() const override;
  std::unique_ptr<Alarm> make_alarm() override;

  /// Until nothing is runnable at this instant.
  void run_ready();
  /// From alarm to alarm, in order, up to `until`; the clock then stands there.
  void run_until(TimePoint until);
  void run_for(Duration by) { run_until(now() + by); }
  /// The clock jumps; whatever lay between comes late, and runs now.
  void jump(TimePoint to);
  /// The same, but nothing runs yet: as if the process had been paused.
  void jump_quietly(TimePoint to);
  /// The next armed alarm.
  [[nodiscard]] std::optional<TimePoint> next_alarm() const;
  /// Runs a coroutine to its end, from alarm to alarm as far as it needs. Throws what it throws, and when nothing is left
  /// that could end it.
  template <class T>
  T run(boost::asio::awaitable<T> coroutine);

 private:
  class SimAlarm;
  struct State;
  bool step(std::optional<TimePoint> until);

  boost::asio::io_context& context_;
  std::shared_ptr<State> state_;
};

template <class T>
T SimTime::run(boost::asio::awaitable<T> coroutine) {
  struct End {
    bool ended = false;
    std::exception_ptr threw;
  };
  const auto end = std::make_shared<End>();
  const auto stuck = [] { throw std::logic_error("SimTime: the coroutine waits for something that never comes"); };
  if constexpr (std::is_void_v<T>) {
    boost::asio::co_spawn(context_, std::move(coroutine), [end](std::exception_ptr threw) {
      end->threw = threw;
      end->ended = true;
    });
    for (run_ready(); !end->ended; run_ready()) {
      if (!step(std::nullopt)) stuck();
    }
    if (end->threw) std::rethrow_exception(end->threw);
  } else {
    const auto value = std::make_shared<std::optional<T>>();
    boost::asio::co_spawn(context_, std::move(coroutine), [end, value](std::exception_ptr threw, T result) {
      end->threw = threw;
      *value = std::move(result);
      end->ended = true;
    });
    for (run_ready(); !end->ended; run_ready()) {
      if (!step(std::nullopt)) stuck();
    }
    if (end->threw) std::rethrow_exception(end->threw);
    return std::move(**value);
  }
}

}  // namespace xieban::testing
