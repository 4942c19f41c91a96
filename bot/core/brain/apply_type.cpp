// A changed type is carried over to open requests, one after the other.

#include "bot/core/brain/change.hpp"

namespace xieban {

std::string apply_setting(const TypeId& type) { return "apply_type." + type.value; }

ChangeSet apply_type(const Snapshot& snapshot, const Rules& base, const PersonId& by, TimePoint now) {
  ChangeSet out;
  if (snapshot.requests.empty()) return out;
  const brain::Newest newest(base, snapshot);
  const Rules& rules = newest.rules;
  const Request& request = snapshot.requests.front();
  const auto policy = rules.type(request.type);
  if (!policy || policy->hash == request.policy) return out;
  const auto before = brain::policy_of(request, snapshot, rules);
  const Context context{by, now, now, *policy, rules, RequestId{}};
  const Decision decision = apply_type(request, *before, context);
  if (decision.events.empty()) return out;
  brain::carry_out_alone(out, request, decision, snapshot, context);
  out.requests.back().policy = policy;
  return out;
}

ChangeSet type_applied(const TypeId& type, const PersonId& by, std::size_t requests, const Snapshot& snapshot,
                       const Rules& base, TimePoint now) {
  ChangeSet out;
  const brain::Newest newest(base, snapshot);
  const auto policy = newest.rules.type(type);
  out.settings.push_back({apply_setting(type), {}});
  Say told;
  told.to = Target::to(by);
  told.text = Phrase("apply.done", {{"type", policy ? policy->name : type.value}, {"count", std::to_string(requests)}});
  brain::intend(out, {told}, nullptr, {}, brain::Origin{}, newest.rules, now);
  out.reply.outcome = Done::acted;
  return out;
}

}  // namespace xieban
