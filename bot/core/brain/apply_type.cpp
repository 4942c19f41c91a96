// A changed type is carried over to open requests, one after the other.

#include "bot/core/brain/change.hpp"

namespace xieban {

namespace {

constexpr char between_person_and_event = '\n';  // in no id of a person

}  // namespace

std::string apply_setting(const TypeId& type) { return "apply_type." + type.value; }

std::string apply_order(const PersonId& by, const InboxKey& event) {
  return by.value + between_person_and_event + event.app.value + "/" + event.key;
}

PersonId ordered_by(const std::string& order) { return PersonId(order.substr(0, order.find(between_person_and_event))); }

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

ChangeSet type_applied(const TypeId& type, const std::string& order, std::size_t requests, const Snapshot& snapshot,
                       const Rules& base, TimePoint now) {
  ChangeSet out;
  const brain::Newest newest(base, snapshot);
  const auto policy = newest.rules.type(type);
  // Whoever ordered it again meanwhile means newer rules than those that were carried over.
  const auto stands = snapshot.settings.find(apply_setting(type));
  if (stands != snapshot.settings.end() && stands->second == order) out.settings.push_back({stands->first, {}});
  Say told;
  told.to = Target::to(ordered_by(order));
  told.text = Phrase("apply.done", {{"type", policy ? policy->name : type.value}, {"count", std::to_string(requests)}});
  brain::intend(out, {told}, nullptr, {}, brain::Origin{}, newest.rules, now);
  out.reply.outcome = Done::acted;
  return out;
}

}  // namespace xieban
