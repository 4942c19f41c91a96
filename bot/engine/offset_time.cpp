#include "bot/engine/offset_time.hpp"

#include <optional>
#include <set>
#include <utility>

namespace xieban {

/// Shared with the alarms, which may outlive the clock by a moment at shutdown.
struct OffsetTime::State {
  Duration offset{0};
  std::set<Alarm*> inner_alarms;
};

class OffsetTime::OffsetAlarm final : public Alarm {
 public:
  OffsetAlarm(TimeSource& inner, std::shared_ptr<State> state)
      : time_(inner), inner_(inner.make_alarm()), state_(std::move(state)) {
    state_->inner_alarms.insert(inner_.get());
  }
  OffsetAlarm(const OffsetAlarm&) = delete;
  OffsetAlarm& operator=(const OffsetAlarm&) = delete;
  ~OffsetAlarm() override { state_->inner_alarms.erase(inner_.get()); }

  boost::asio::awaitable<void> wait(std::optional<TimePoint> until) override {
    while (!rung_) {
      if (until && time_.now() + state_->offset >= *until) co_return;
      std::optional<TimePoint> inner_until;
      if (until) inner_until = *until - state_->offset;
      co_await inner_->wait(inner_until);
    }
    rung_ = false;
  }
  void ring() override {
    rung_ = true;
    inner_->ring();
  }

 private:
  TimeSource& time_;
  std::unique_ptr<Alarm> inner_;
  std::shared_ptr<State> state_;
  bool rung_ = false;
};

OffsetTime::OffsetTime(TimeSource& inner, Duration offset) : inner_(inner), state_(std::make_shared<State>()) {
  state_->offset = offset;
}
OffsetTime::~OffsetTime() = default;

TimePoint OffsetTime::now() const { return inner_.now() + state_->offset; }

std::unique_ptr<Alarm> OffsetTime::make_alarm() { return std::make_unique<OffsetAlarm>(inner_, state_); }

Duration OffsetTime::offset() const { return state_->offset; }

void OffsetTime::set_offset(Duration offset) {
  state_->offset = offset;
  const auto alarms = state_->inner_alarms;
  for (Alarm* alarm : alarms) alarm->ring();
}

}  // namespace xieban
