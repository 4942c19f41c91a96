#include "bot/net/loop.hpp"

#include <time.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "bot/base/clock_guard.hpp"

namespace xieban {
namespace {

namespace asio = boost::asio;

// A wall clock that jumps, or a machine that was suspended, is noticed after this at the latest.
constexpr Duration longest_sleep{30000};
// While the clock is not believed it is looked at more often, at no round interval: it may jump to and fro every second.
constexpr Duration doubtful_sleep{770};
constexpr Duration probe_every{100};

/// How long the machine has been running, time asleep included.
Duration running_time() {
  timespec since_boot{};
  clock_gettime(CLOCK_BOOTTIME, &since_boot);
  return Duration(since_boot.tv_sec * 1000 + since_boot.tv_nsec / 1'000'000);
}

/// The guarded clock that the time source and its alarms share; on the loop's thread only.
class GuardedClock {
 public:
  GuardedClock(asio::any_io_executor executor, std::function<void(Duration)> on_jump)
      : executor_(std::move(executor)), on_jump_(std::move(on_jump)) {}

  TimePoint now() {
    const Duration before = guard_.off();
    const TimePoint now = guard_.read(wall_now(), running_time());
    const Duration off = guard_.off();
    if (before == Duration{0} && off != Duration{0}) asio::post(executor_, [tell = on_jump_, off] { tell(off); });
    return now;
  }
  [[nodiscard]] bool doubtful() const { return guard_.off() != Duration{0}; }

 private:
  asio::any_io_executor executor_;
  std::function<void(Duration)> on_jump_;
  ClockGuard guard_;
};

class SystemAlarm final : public Alarm {
 public:
  SystemAlarm(asio::any_io_executor executor, std::shared_ptr<GuardedClock> clock)
      : timer_(std::move(executor)), clock_(std::move(clock)) {}

  asio::awaitable<void> wait(std::optional<TimePoint> until) override {
    while (!rung_) {
      Duration sleep = longest_sleep;
      if (until) {
        const TimePoint now = clock_->now();
        if (now >= *until) co_return;
        sleep = std::min({sleep, *until - now, clock_->doubtful() ? doubtful_sleep : longest_sleep});
      }
      timer_.expires_after(sleep);
      boost::system::error_code ignored;  // a ring cancels the timer
      co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
    rung_ = false;
  }

  void ring() override {
    rung_ = true;
    timer_.cancel();
  }

 private:
  asio::steady_timer timer_;
  std::shared_ptr<GuardedClock> clock_;
  bool rung_ = false;
};

class SystemTime final : public TimeSource {
 public:
  SystemTime(asio::any_io_executor executor, std::function<void(Duration)> on_jump)
      : executor_(executor), clock_(std::make_shared<GuardedClock>(std::move(executor), std::move(on_jump))) {}
  [[nodiscard]] TimePoint now() const override { return clock_->now(); }
  std::unique_ptr<Alarm> make_alarm() override { return std::make_unique<SystemAlarm>(executor_, clock_); }

 private:
  asio::any_io_executor executor_;
  std::shared_ptr<GuardedClock> clock_;
};

}  // namespace

SteadyTime steady_now() { return std::chrono::steady_clock::now(); }
TimePoint wall_now() { return std::chrono::floor<Duration>(std::chrono::system_clock::now()); }

std::unique_ptr<TimeSource> make_system_time(asio::any_io_executor executor, std::function<void(Duration)> on_jump) {
  return std::make_unique<SystemTime>(std::move(executor), std::move(on_jump));
}

struct LagProbe::Impl : std::enable_shared_from_this<Impl> {
  asio::steady_timer timer;
  Metrics& metrics;
  bool stopped = false;

  Impl(asio::any_io_executor executor, Metrics& m) : timer(std::move(executor)), metrics(m) {}

  void next() {
    timer.expires_after(probe_every);
    timer.async_wait([self = shared_from_this()](boost::system::error_code error) {
      if (error || self->stopped) return;
      const std::chrono::duration<double> late = steady_now() - self->timer.expiry();
      self->metrics.loop_lag(late.count());
      self->next();
    });
  }
};

LagProbe::LagProbe(asio::any_io_executor executor, Metrics& metrics)
    : impl_(std::make_shared<Impl>(std::move(executor), metrics)) {
  impl_->next();
}

LagProbe::~LagProbe() {
  impl_->stopped = true;  // the metrics may be gone when the timer's handler runs
  impl_->timer.cancel();
}

}  // namespace xieban
