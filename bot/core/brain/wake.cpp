// Time has come for one request.

#include <stdexcept>

#include "bot/core/brain/change.hpp"

namespace xieban {
namespace {

constexpr Duration try_again{15LL * 60 * 1000};

}  // namespace

ChangeSet wake(const Snapshot& snapshot, const Rules& base, TimePoint now) {
  ChangeSet out;
  if (snapshot.requests.empty()) return out;
  const brain::Newest newest(base, snapshot);
  const Rules& rules = newest.rules;
  const Request& request = snapshot.requests.front();
  const auto policy = brain::policy_of(request, snapshot, rules);
  const Context context{PersonId{}, now, now, *policy, rules, RequestId{}};
  const Decision decision = wake_request(request, context);
  brain::carry_out_alone(out, request, decision, snapshot, context);
  const auto& next = out.requests.back().wake_at;
  // Waking again at once without having done anything would never end.
  if (decision.events.empty() && next && *next <= now) throw std::logic_error("waking changes nothing");
  return out;
}

ChangeSet put_aside(const Snapshot& snapshot, const Rules& base, TimePoint now, const std::string& why) {
  ChangeSet out;
  if (snapshot.requests.empty()) return out;
  const brain::Newest newest(base, snapshot);
  const Rules& rules = newest.rules;
  const Request& request = snapshot.requests.front();
  const auto policy = brain::policy_of(request, snapshot, rules);
  const Context context{PersonId{}, now, now, *policy, rules, RequestId{}};
  RequestChange change;
  change.request = request;
  // Said once; the retries that follow stay silent.
  if (!request.conditions.needs_care) {
    Stamped entry;
    entry.request = request.id;
    entry.seq = request.seq + 1;
    entry.at = entry.counted_at = now;
    entry.event = CareNeeded{true, why};
    change.request = apply(request, entry);
    change.entries.push_back(std::move(entry));
    std::vector<Effect> effects{RefreshCards{request.id}};
    for (const PersonId& person : rules.people().pmo(now)) {
      Notify notify;
      notify.request = request.id;
      notify.to = Target::to(person);
      notify.notice.key = "needs_care";
      effects.emplace_back(std::move(notify));
    }
    brain::Origin origin;
    if (!request.chats.empty()) origin.here = request.chats.front();
    brain::intend(out, effects, &change.request, snapshot.cards, origin, rules, now);
  }
  change.wake_at = now + try_again;
  out.requests.push_back(std::move(change));
  out.reply.outcome = Done::failed;
  return out;
}

}  // namespace xieban
