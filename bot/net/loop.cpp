#include "bot/net/loop.hpp"

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

namespace xieban {
namespace {

namespace asio = boost::asio;

// A wall clock that jumps, or a machine that was suspended, is noticed after this at the latest.
constexpr Duration longest_sleep{30000};
constexpr Duration probe_every{100};

class SystemAlarm final : public Alarm {
 public:
  explicit SystemAlarm(asio::any_io_executor executor) : timer_(std::move(executor)) {}

  asio::awaitable<void> wait(std::optional<TimePoint> until) override {
    while (!rung_) {
      Duration sleep = longest_sleep;
      if (until) {
        const TimePoint now = wall_now();
        if (now >= *until) co_return;
        sleep = std::min(sleep, *until - now);
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
  bool rung_ = false;
};

class SystemTime final : public TimeSource {
 public:
  explicit SystemTime(asio::any_io_executor executor) : executor_(std::move(executor)) {}
  [[nodiscard]] TimePoint now() const override { return wall_now(); }
  std::unique_ptr<Alarm> make_alarm() override { return std::make_unique<SystemAlarm>(executor_); }

 private:
  asio::any_io_executor executor_;
};

}  // namespace

SteadyTime steady_now() { return std::chrono::steady_clock::now(); }
TimePoint wall_now() { return std::chrono::floor<Duration>(std::chrono::system_clock::now()); }

std::unique_ptr<TimeSource> make_system_time(asio::any_io_executor executor) {
  return std::make_unique<SystemTime>(std::move(executor));
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
