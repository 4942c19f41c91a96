// A group of the request's own.

#include <algorithm>

#include "bot/core/request/draft.hpp"

namespace xieban {

std::vector<PersonId> group_people(const Request& request, const Rules& rules, TimePoint now) {
  const Directory directory = rules.people();
  std::vector<PersonId> list;
  const auto add = [&](const PersonId& person) {
    for (const PersonId& one : {person, directory.standing_in(person, now)})
      if (!one.empty() && std::ranges::find(list, one) == list.end() && can_see(request, one, rules, now)) list.push_back(one);
  };
  add(request.owner);
  add(request.requester);
  add(directory.first_receiver(request.lead, now));
  add(directory.head(request.lead, now));
  for (const Supporting& supporting : request.supporting) add(supporting.contact);
  for (const Task& task : request.tasks) add(task.owner);
  if (request.sign_off)
    for (const Signature& one : request.sign_off->signatures) add(one.signer);
  return list;
}

Decision group_made(const Request& request, const GroupMade& made, const Context& context) {
  // A second answer to the same call names the same group.
  if (!request.group.empty()) return {};
  Draft draft(request, context);
  draft.add(made);
  draft.effect(PostCard{request.id, CardKind::live, Target::to(made.chat)});
  if (!request.chats.empty()) {
    Say news;
    news.request = request.id;
    news.to = private_chat(request.chats.front()) ? Target::to(request.requester) : Target::to(request.chats.front());
    news.text = draft.phrase("group.made", {{"name", made.name}});
    draft.effect(std::move(news));
  }
  Decision decision = std::move(draft).finish_unseen();
  // Behind those who join, so that nobody waits for a notice that is refused.
  decision.effects.push_back(TendGroup{request.id, made.chat, GroupStep::announce, {}});
  // Closed while it was being made: it goes the way it would have gone.
  if (terminal(request.phase) && context.policy.own_group_after == GroupAfter::dissolve)
    decision.effects.push_back(TendGroup{request.id, made.chat, GroupStep::dissolve, {}});
  return decision;
}

Decision group_gone(const Request& request, const Context& context) {
  if (request.group.empty()) return {};
  Draft draft(request, context);
  draft.add(GroupGone{request.group});
  return std::move(draft).finish_unseen();
}

}  // namespace xieban
