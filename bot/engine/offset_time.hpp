#pragma once
// The playground's clock: another clock plus an offset that can be turned while everything runs.

#include <memory>

#include "bot/ports/time_source.hpp"

namespace xieban {

/// Loop's thread only. `inner` outlives it and its alarms.
class OffsetTime final : public TimeSource {
 public:
  explicit OffsetTime(TimeSource& inner, Duration offset = Duration{0});
  ~OffsetTime() override;

  [[nodiscard]] TimePoint now() const override;
  std::unique_ptr<Alarm> make_alarm() override;

  [[nodiscard]] Duration offset() const;
  /// Every alarm that waits looks at the clock again.
  void set_offset(Duration);

 private:
  struct State;
  class OffsetAlarm;
  TimeSource& inner_;
  std::shared_ptr<State> state_;
};

}  // namespace xieban
