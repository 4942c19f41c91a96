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
  const Request after = brain::record(out, request, request.id, decision.events, context);
  brain::Origin origin;
  if (!after.chats.empty()) origin.here = after.chats.front();
  brain::intend(out, decision.effects, &after, snapshot.cards, origin, rules, now);
  out.reply.outcome = Done::acted;
  return out;
}

}  // namespace xieban
