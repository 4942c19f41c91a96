#include "bot/engine/backoff.hpp"

#include <algorithm>

namespace xieban {
namespace {

constexpr double full_budget = 10;
constexpr double earned_per_success = 0.2;  // in the long run at most one retry for five successes

}  // namespace

std::optional<TimePoint> next_attempt(const Backoff& backoff, std::uint32_t attempts, TimePoint first_due, TimePoint now,
                                      const Receipt& receipt, std::uint64_t noise) {
  if (attempts >= backoff.max_attempts || now - first_due >= backoff.give_up_after) return std::nullopt;
  if (receipt.retry_after) return now + std::clamp(*receipt.retry_after, Duration{0}, backoff.give_up_after);
  Duration wait = std::min(backoff.first, backoff.cap);
  for (std::uint32_t n = 1; n < attempts && wait < backoff.cap; ++n) wait = std::min(wait * 2, backoff.cap);
  // Half of the wait is certain, half is chance: parcels that failed together do not come back together.
  const auto half = wait / 2;
  const auto chance = static_cast<std::uint64_t>((wait - half).count()) + 1;
  return now + half + Duration{static_cast<Duration::rep>(noise % chance)};
}

void RetryBudget::success() { tokens_ = std::min(full_budget, tokens_ + earned_per_success); }

bool RetryBudget::take() {
  if (tokens_ < 1) return false;
  tokens_ -= 1;
  return true;
}

}  // namespace xieban
