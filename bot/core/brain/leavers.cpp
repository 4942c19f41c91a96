// Leavers are replaced in open requests, one after the other.

#include "bot/core/brain/change.hpp"

namespace xieban {

ChangeSet replace_leavers(const Snapshot& snapshot, const Rules& base, TimePoint now) {
  ChangeSet out;
  if (snapshot.requests.empty()) return out;
  const brain::Newest newest(base, snapshot);
  const Rules& rules = newest.rules;
  const Request& request = snapshot.requests.front();
  const auto policy = brain::policy_of(request, snapshot, rules);
  const Context context{PersonId{}, now, now, *policy, rules, RequestId{}};
  const Decision decision = replace_leavers(request, context);
  if (decision.events.empty()) return out;
  brain::carry_out_alone(out, request, decision, snapshot, context);
  return out;
}

}  // namespace xieban
