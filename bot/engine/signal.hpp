#pragma once
// A condition many coroutines of one loop may wait for: the alarms of ports/time_source.hpp have one waiter each.

#include <boost/asio/awaitable.hpp>
#include <list>
#include <memory>
#include <optional>

#include "bot/ports/time_source.hpp"

namespace xieban {

/// Waiters check their condition in a loop: a wake-up says "look again", nothing more.
class Signal {
 public:
  explicit Signal(TimeSource& time) : time_(time) {}

  /// Returns at `until`, or when notified. What is notified before the call does not count: check first.
  boost::asio::awaitable<void> wait(std::optional<TimePoint> until) {
    const std::shared_ptr<Alarm> alarm = time_.make_alarm();
    waiting_->push_back(alarm);
    const Leave leave{waiting_, alarm.get()};
    co_await alarm->wait(until);
  }
  void notify() {
    const auto waiting = *waiting_;  // a woken coroutine may come back at once
    for (const auto& alarm : waiting) alarm->ring();
  }

 private:
  using Waiting = std::list<std::shared_ptr<Alarm>>;
  struct Leave {
    std::shared_ptr<Waiting> waiting;
    Alarm* alarm;
    Leave(std::shared_ptr<Waiting> list, Alarm* mine) : waiting(std::move(list)), alarm(mine) {}
    Leave(const Leave&) = delete;
    Leave& operator=(const Leave&) = delete;
    ~Leave() {
      waiting->remove_if([this](const auto& one) { return one.get() == alarm; });
    }
  };

  TimeSource& time_;
  std::shared_ptr<Waiting> waiting_ = std::make_shared<Waiting>();
};

/// One coroutine at a time through a stretch that awaits.
class Turnstile {
 public:
  explicit Turnstile(TimeSource& time) : freed_(time) {}

  /// Frees the way at the end of the scope. Made right after enter().
  class Pass {
   public:
    explicit Pass(Turnstile& through) : through_(through) {}
    Pass(const Pass&) = delete;
    Pass& operator=(const Pass&) = delete;
    ~Pass() { through_.leave(); }

   private:
    Turnstile& through_;
  };

  boost::asio::awaitable<void> enter() {
    while (busy_) co_await freed_.wait(std::nullopt);
    busy_ = true;
  }
  [[nodiscard]] bool busy() const { return busy_; }
  /// Until the next time somebody leaves.
  boost::asio::awaitable<void> freed() { return freed_.wait(std::nullopt); }

 private:
  void leave() {
    busy_ = false;
    freed_.notify();
  }

  Signal freed_;
  bool busy_ = false;
};

}  // namespace xieban
