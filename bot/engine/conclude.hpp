#pragma once
// What follows from an attempt: done, again and when, in another form, or given up.

#include <cstdint>

#include "bot/engine/backoff.hpp"
#include "bot/ports/store.hpp"

namespace xieban {

struct AttemptFacts {
  bool way_down = false;  // it answers nobody, or asked us to wait: the attempt does not count against the parcel
  TimePoint reopens{};    // while it answers nobody: nothing is tried again before
  bool budget = true;     // the app's retry budget pays for a usual back-off
  TimePoint now, running_since;
  std::uint64_t noise = 0;
};
/// `traits` of the app's platform.
Settlement conclude(const Claimed&, Receipt, const Traits& traits, const Backoff&, const AttemptFacts&);

}  // namespace xieban
