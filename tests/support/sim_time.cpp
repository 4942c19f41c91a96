#include "tests/support/sim_time.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace xieban::testing {

/// Shared with the alarms: coroutines that are still suspended when the world is torn down outlive the clock.
struct SimTime::State {
  TimePoint now;
  std::uint64_t next_order = 0;
  std::map<std::pair<TimePoint, std::uint64_t>, SimAlarm*> armed;  // equal instants in the order in which they were armed
};

class SimTime::SimAlarm final : public Alarm {
 public:
  SimAlarm(boost::asio::io_context& context, std::shared_ptr<State> state) : timer_(context), state_(std::move(state)) {}
  SimAlarm(const SimAlarm&) = delete;
  SimAlarm& operator=(const SimAlarm&) = delete;
  ~SimAlarm() override { disarm(); }

  boost::asio::awaitable<void> wait(std::optional<TimePoint> until) override {
    if (!rung_ && !(until && state_->now >= *until)) {
      if (until) {
        armed_as_ = std::pair(*until, state_->next_order++);
        state_->armed.emplace(*armed_as_, this);
      }
      timer_.expires_at(boost::asio::steady_timer::time_point::max());
      co_await timer_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
      disarm();
    }
    rung_ = false;
  }
  void ring() override {
    rung_ = true;
    wake();
  }
  void wake() { timer_.cancel(); }

 private:
  void disarm() {
    if (armed_as_) state_->armed.erase(*armed_as_);
    armed_as_.reset();
  }

  boost::asio::steady_timer timer_;
  std::shared_ptr<State> state_;
  std::optional<std::pair<TimePoint, std::uint64_t>> armed_as_;
  bool rung_ = false;
};

SimTime::SimTime(boost::asio::io_context& context, TimePoint start) : context_(context), state_(std::make_shared<State>()) {
  state_->now = start;
}
SimTime::~SimTime() = default;

TimePoint SimTime::now() const { return state_->now; }

std::unique_ptr<Alarm> SimTime::make_alarm() { return std::make_unique<SimAlarm>(context_, state_); }

void SimTime::run_ready() {
  do context_.restart();
  while (context_.poll() > 0);
}

std::optional<TimePoint> SimTime::next_alarm() const {
  if (state_->armed.empty()) return std::nullopt;
  return state_->armed.begin()->first.first;
}

/// To the next armed alarm not after `until`, and wakes it; false: there is none.
bool SimTime::step(std::optional<TimePoint> until) {
  if (state_->armed.empty()) return false;
  const auto [key, alarm] = *state_->armed.begin();
  if (until && key.first > *until) return false;
  if (key.first > state_->now) state_->now = key.first;
  state_->armed.erase(state_->armed.begin());
  alarm->wake();
  return true;
}

void SimTime::run_until(TimePoint until) {
  run_ready();
  while (step(until)) run_ready();
  if (until > state_->now) state_->now = until;
  run_ready();
}

void SimTime::jump_quietly(TimePoint to) { state_->now = to; }

void SimTime::jump(TimePoint to) {
  jump_quietly(to);
  while (!state_->armed.empty() && state_->armed.begin()->first.first <= to) step(to);
  run_ready();
}

}  // namespace xieban::testing
