#include "bot/engine/breaker.hpp"

#include <algorithm>

namespace xieban {

void Breaker::answered() {
  in_a_row_ = 0;
  wait_ = Duration{0};
}

void Breaker::failed(TimePoint now) {
  ++in_a_row_;
  if (!down()) return;
  // Those that were under way together are one failure, not thirty-two.
  if (wait_ > Duration{0} && now < probe_at_) return;
  put_off(now);
}

void Breaker::put_off(TimePoint now) {
  wait_ = wait_ > Duration{0} ? std::min(wait_ * 2, longest_wait) : first_wait;
  probe_at_ = now + wait_;
}

std::optional<TimePoint> Breaker::probe_at() const {
  if (!down()) return std::nullopt;
  return probe_at_;
}

}  // namespace xieban
