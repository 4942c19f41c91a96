#pragma once
#include <cstdint>
#include <optional>

#include "bot/base/time.hpp"
#include "bot/ports/platform.hpp"

namespace xieban {

struct Backoff {
  Duration first{1000}, cap{300000};
  std::uint32_t max_attempts = 12;
  Duration give_up_after{24LL * 3600 * 1000};
  /// The outbox lets age end nothing before this many attempts: what waited out an outage of ours gets its tries.
  std::uint32_t min_attempts = 8;
};
/// When to try again; nullopt: give up. The platform's retry-after wins; else doubling with jitter from `noise`.
/// `attempts`: those made so far that count, this one included.
std::optional<TimePoint> next_attempt(const Backoff&, std::uint32_t attempts, TimePoint first_due, TimePoint now,
                                      const Receipt&, std::uint64_t noise);

/// Retries are paid for by successes, so that an outage is not amplified: a value per app.
class RetryBudget {
 public:
  void success();
  /// False: wait for the cap instead of the usual back-off.
  [[nodiscard]] bool take();

 private:
  double tokens_ = 10;
};

}  // namespace xieban
