#include "bot/core/brain/groups.hpp"

#include <algorithm>

#include "bot/core/brain/change.hpp"
#include "bot/core/card/wording.hpp"

namespace xieban {
namespace {

/// Administrators; where none is named, the PMO.
std::vector<PersonId> keepers(const Rules& rules, TimePoint now) {
  std::vector<PersonId> list;
  for (const Person& person : rules.people().people())
    if (person.active && person.admin) list.push_back(person.id);
  return list.empty() ? rules.people().pmo(now) : list;
}

ChatFact fact_of(const ChatRef& chat, const Snapshot& snapshot) {
  if (snapshot.chat && snapshot.chat->chat == chat) return *snapshot.chat;
  ChatFact fact;
  fact.chat = chat;
  return fact;
}

/// Writes down what the domain makes of it.
template <class Decides>
void follow(ChangeSet& out, const Request& request, const Snapshot& snapshot, const Rules& rules, TimePoint now,
            const Decides& decides) {
  const auto policy = brain::policy_of(request, snapshot, rules);
  const Context context{PersonId{}, now, now, *policy, rules, RequestId{}};
  const Decision decision = decides(request, context);
  if (decision.events.empty()) return;
  const Request after = brain::record(out, request, request.id, decision.events, context);
  brain::Origin origin;
  if (!after.chats.empty()) origin.here = after.chats.front();
  brain::intend(out, decision.effects, &after, snapshot.cards, origin, rules, now);
}

void gone(ChangeSet& out, const ChatRef& chat, RequestId of, const Snapshot& snapshot, const Rules& rules, TimePoint now) {
  ChatFact fact = fact_of(chat, snapshot);
  fact.gone = true;
  out.facts.emplace_back(std::move(fact));
  const Request* request = brain::find_request(snapshot, of);
  if (request == nullptr || request->group != chat) return;
  follow(out, *request, snapshot, rules, now, [](const Request& r, const Context& context) { return group_gone(r, context); });
}

}  // namespace

namespace brain {

std::string group_name(const Request& request) {
  if (request.level == Level::secret) return number(request);
  return number(request) + " " + wording::flat(request.title);
}

std::string group_notice(const Request& request, const Rules& rules) {
  if (request.level == Level::secret) return number(request);
  return say(rules.lang, Phrase("group.notice", {{"number", number(request)},
                                                 {"goal", wording::flat(request.goal.empty() ? request.title : request.goal)},
                                                 {"command", wording::command(rules.lang, Verb::show, request.id)}}));
}

}  // namespace brain

Load load_group(const Outgoing& sent, const std::string& made) {
  Load load;
  load.requests = {sent.request};
  load.cards_of = {sent.request};
  load.chat = made.empty() ? sent.chat : ChatRef{sent.app, ChatId(made)};
  load.settings = {brain::group_setting(sent.app)};
  return load;
}

ChangeSet group_tended(const Outgoing& sent, const std::string& made, const Snapshot& snapshot, const Rules& base,
                       TimePoint now) {
  ChangeSet out;
  const brain::Newest newest(base, snapshot);
  const Rules& rules = newest.rules;
  if (!sent.group) return out;
  if (sent.group->step == GroupStep::dissolve) gone(out, sent.chat, sent.request, snapshot, rules, now);
  if (sent.group->step != GroupStep::make) return out;

  const Request* request = brain::find_request(snapshot, sent.request);
  if (request == nullptr || made.empty()) return out;
  GroupMade event;
  event.chat = ChatRef{sent.app, ChatId(made)};
  event.name = sent.group->name;
  for (const PersonRef& member : sent.group->members) event.members.push_back(member.person);
  ChatFact fact = fact_of(event.chat, snapshot);
  fact.name = event.name;
  fact.made_for = request->id;
  fact.gone = false;
  out.facts.emplace_back(std::move(fact));
  if (snapshot.settings.contains(brain::group_setting(sent.app))) out.settings.push_back({brain::group_setting(sent.app), {}});
  follow(out, *request, snapshot, rules, now,
         [&](const Request& r, const Context& context) { return group_made(r, event, context); });
  return out;
}

ChangeSet group_failed(const Outgoing& sent, const std::string& why, bool lost, const Snapshot& snapshot, const Rules& base,
                       TimePoint now) {
  ChangeSet out;
  const brain::Newest newest(base, snapshot);
  const Rules& rules = newest.rules;
  if (!sent.group) return out;
  if (sent.group->step != GroupStep::make) {
    if (lost) gone(out, sent.chat, sent.request, snapshot, rules, now);
    return out;
  }
  const std::string setting = brain::group_setting(sent.app);
  const auto known = snapshot.settings.find(setting);
  out.settings.push_back({setting, why.empty() ? std::string("?") : why});
  if (known != snapshot.settings.end() && known->second != brain::no_group_skill) return out;
  std::vector<Effect> effects;
  for (const PersonId& person : keepers(rules, now)) {
    Say news;
    news.to = Target::to(person);
    news.request = sent.request;
    news.text =
        Phrase("group.refused", {{"number", number(sent.request, sent.request_year)}, {"app", sent.app.value}, {"why", why}});
    effects.emplace_back(std::move(news));
  }
  brain::intend(out, effects, brain::find_request(snapshot, sent.request), {}, {}, rules, now);
  return out;
}

Load load_chat(const ChatRef& chat) {
  Load load;
  load.chat = chat;
  load.request_of_chat = true;
  return load;
}

ChangeSet chat_lost(const ChatRef& chat, const Snapshot& snapshot, const Rules& base, TimePoint now) {
  ChangeSet out;
  const ChatFact known = fact_of(chat, snapshot);
  if (known.gone) return out;
  const brain::Newest newest(base, snapshot);
  gone(out, chat, known.made_for, snapshot, newest.rules, now);
  return out;
}

ChangeSet chat_found(const ChatRef& chat, const Snapshot& snapshot) {
  ChangeSet out;
  ChatFact fact = fact_of(chat, snapshot);
  if (!fact.gone) return out;
  fact.gone = false;
  out.facts.emplace_back(std::move(fact));
  return out;
}

}  // namespace xieban
