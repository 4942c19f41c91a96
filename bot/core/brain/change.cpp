#include "bot/core/brain/change.hpp"

#include <algorithm>
#include <stdexcept>

#include "bot/core/brain/audience.hpp"
#include "bot/core/card/wording.hpp"

namespace xieban::brain {
namespace {

/// A configured app, or any when none is (pure tests).
bool configured(const AppId& app, const Rules& rules) { return rules.traits.empty() || rules.traits.contains(app); }

std::optional<IdentityKey> identity_for(const Target& target, const Request* request, const ChatRef& here, const Rules& rules) {
  const std::vector<IdentityKey> identities = rules.people().identities(*target.person);
  const auto on = [&](const AppId& app) -> std::optional<IdentityKey> {
    // Whoever has several ids there hears it where they have just written.
    const auto speaks = [&](const IdentityKey& one) { return one.app == app && private_chat(app, one.user) == here; };
    auto found = std::ranges::find_if(identities, speaks);
    if (found == identities.end()) found = std::ranges::find(identities, app, &IdentityKey::app);
    if (found == identities.end() || !configured(app, rules) || !can_write_to(*found, request, here, rules))
      return std::nullopt;
    return *found;
  };
  if (target.app)
    if (auto found = on(*target.app)) return found;
  if (request)
    for (const ChatRef& chat : request->chats)
      if (auto found = on(chat.app)) return found;
  if (!here.empty())
    if (auto found = on(here.app)) return found;
  for (const IdentityKey& identity : identities)
    if (auto found = on(identity.app)) return found;
  return std::nullopt;
}

/// The request's group, else the group of the event.
std::optional<ChatRef> group_of(const Request* request, const ChatRef& here) {
  if (request)
    if (auto chat = group_chat(*request)) return chat;
  if (!here.empty() && !is_private(here.chat)) return here;
  return std::nullopt;
}

struct Addressed {
  const Target* to = nullptr;
  RequestId request;
};
Addressed addressed(const Effect& effect) {
  return std::visit(
      [](const auto& e) -> Addressed {
        Addressed out;
        if constexpr (requires { e.to; }) out.to = &e.to;
        if constexpr (requires { e.request; }) out.request = e.request;
        return out;
      },
      effect);
}

constexpr Duration last_look{3000};

std::string refresh_key(CardId card) { return "refresh:" + card.str(); }

class Intending {
 public:
  Intending(ChangeSet& out, const Request* request, std::span<const CardHandle> cards, const Origin& origin, const Rules& rules,
            TimePoint now)
      : out_(out), request_(request), cards_(cards), origin_(origin), rules_(rules), now_(now) {}

  void operator()(const RefreshCards& effect) {
    for (const CardHandle& card : cards_) {
      if (card.gone || request_of(card) != effect.request || card.id == origin_.pressed) continue;
      if (card.kind == CardKind::live || card.kind == CardKind::personal)
        out_.intents.push_back(refresh(card, now_ + refresh_delay(card.chat.app, rules_)));
    }
  }
  void operator()(const RefreshCard& effect) {
    const auto card = std::ranges::find(cards_, effect.card, &CardHandle::id);
    if (card != cards_.end()) out_.intents.push_back(refresh(*card, now_ + refresh_delay(card->chat.app, rules_)));
  }
  void operator()(const Notify& effect) {
    Intent intent = addressed_intent(effect);
    if (intent.thread.chat.empty()) return;
    intent.urgent = effect.by == By::urgent;
    if (effect.notice.reminder) {
      // An urgent request is chased round the clock, whichever way the rung goes.
      if (!intent.urgent && !(request_ != nullptr && request_->urgent))
        if (const TimePoint opening = next_opening(now_, rules_); opening > now_) intent.not_before = opening;
      // Of reminders that wait for the same opening, in private or in the group, the newest is the highest rung.
      intent.supersedes = "remind:" + intent.thread.request.str();
      if (effect.to.person) intent.supersedes += ":" + effect.to.person->str();
      for (const PersonId& person : effect.mention) intent.supersedes += ":" + person.str();
      // What somebody has to rule on is no reminder that a newer one makes needless.
      if (effect.notice.key.starts_with("dispute_to_")) intent.supersedes += ":ruling";
    }
    out_.intents.push_back(std::move(intent));
  }
  void operator()(const Urgent& effect) {
    Intent intent = addressed_intent(effect);
    if (intent.thread.chat.empty()) return;
    intent.urgent = true;
    out_.intents.push_back(std::move(intent));
  }
  void operator()(const MakeGroup& effect) {
    const GroupSkills* skills = group_skills(effect.app);
    // It goes on where it was raised, and /体检 says so.
    if (skills == nullptr && configured(effect.app, rules_))
      out_.settings.push_back({group_setting(effect.app), std::string(no_group_skill)});
    if (skills != nullptr) tend(effect, effect.app, effect.request);
  }
  void operator()(const TendGroup& effect) {
    const GroupSkills* skills = group_skills(effect.group.app);
    if (skills == nullptr) return;
    const bool can = effect.step == GroupStep::announce   ? skills->announces
                     : effect.step == GroupStep::dissolve ? skills->dissolves
                                                          : true;
    if (!can) return;
    if (effect.step == GroupStep::add) {
      const std::size_t most = skills->one_by_one ? 1 : skills->members;
      for (std::size_t i = 0; i < effect.people.size(); i += most) {
        TendGroup some = effect;
        const auto from = effect.people.begin() + static_cast<std::ptrdiff_t>(i);
        some.people.assign(from, from + static_cast<std::ptrdiff_t>(std::min(most, effect.people.size() - i)));
        tend(some, effect.group.app, effect.request);
      }
      return;
    }
    tend(effect, effect.group.app, effect.request);
    // The cards there show how it ended before it goes.
    if (effect.step == GroupStep::dissolve)
      out_.intents.back().not_before = now_ + refresh_delay(effect.group.app, rules_) + last_look;
  }
  void operator()(const MirrorTask& effect) {
    for (const auto& [app, traits] : rules_.traits) {
      if (!traits.mirrors_tasks() || (!effect.app.empty() && effect.app != app)) continue;
      MirrorTask here = effect;
      here.app = app;
      Intent intent;
      intent.thread = mirror_thread(app, effect.request);
      // Whichever goes first says how things stand then; the one that makes it must not fall away.
      if (!effect.makes) intent.supersedes = mirror_setting(here);
      intent.effect = std::move(here);
      out_.intents.push_back(std::move(intent));
    }
  }
  template <class E>
  void operator()(const E& effect) {
    Intent intent = addressed_intent(effect);
    if (!intent.thread.chat.empty()) out_.intents.push_back(std::move(intent));
  }

 private:
  Intent addressed_intent(const Effect& effect) {
    const Addressed where = addressed(effect);
    Intent intent;
    const auto thread = where.to ? route(*where.to, request_, origin_.here, rules_) : std::nullopt;
    if (!thread) return where.to && where.to->person ? tell_who_can(*where.to->person) : intent;
    intent.effect = effect;
    intent.thread = *thread;
    if (!where.request.empty()) intent.thread.request = where.request;
    return intent;
  }

  /// Somebody who never wrote to the bot, and no group to name them in: whoever raised it must know that nobody heard.
  Intent tell_who_can(const PersonId& missed) const {
    Intent intent;
    if (request_ == nullptr) return intent;
    const ChatRef there = request_->chats.empty() ? origin_.here : request_->chats.front();
    if (there.empty()) return intent;
    Notify notify;
    notify.request = request_->id;
    notify.to = Target::to(there);
    notify.notice.key = "unreached";
    notify.notice.args = {{"who", wording::who(rules_, missed)}};
    intent.effect = std::move(notify);
    intent.thread = Thread{there.app, there.chat, request_->id};
    intent.supersedes = "unreached:" + request_->id.str() + ":" + missed.str();
    return intent;
  }
  void tend(const Effect& effect, const AppId& app, RequestId request) {
    Intent intent;
    intent.effect = effect;
    intent.thread = group_thread(app, request);
    intent.urgent = request_ != nullptr && request_->urgent;
    out_.intents.push_back(std::move(intent));
  }
  [[nodiscard]] const GroupSkills* group_skills(const AppId& app) const {
    const auto found = rules_.traits.find(app);
    return found == rules_.traits.end() ? nullptr : found->second.groups();
  }

  ChangeSet& out_;
  const Request* request_;
  std::span<const CardHandle> cards_;
  const Origin& origin_;
  const Rules& rules_;
  TimePoint now_;
};

}  // namespace

Request record(ChangeSet& out, Request before, RequestId id, const std::vector<Event>& events, const Context& context) {
  RequestChange change;
  for (const Event& event : events) {
    Stamped entry;
    entry.request = id;
    entry.seq = before.seq + 1;
    entry.at = context.now;
    entry.counted_at = context.at;
    entry.by = context.actor;
    entry.event = event;
    before = apply(std::move(before), entry);
    change.entries.push_back(std::move(entry));
  }
  change.wake_at = wake_at(before, context.policy, context.rules);
  change.request = before;
  out.requests.push_back(std::move(change));
  return before;
}

void intend(ChangeSet& out, const std::vector<Effect>& effects, const Request* request, std::span<const CardHandle> cards,
            const Origin& origin, const Rules& rules, TimePoint now) {
  Intending intending(out, request, cards, origin, rules, now);
  for (const Effect& effect : effects) std::visit(intending, effect);
}

void carry_out_alone(ChangeSet& out, const Request& request, const Decision& decision, const Snapshot& snapshot,
                     const Context& context) {
  const Request after = record(out, request, request.id, decision.events, context);
  Origin origin;
  if (!after.chats.empty()) origin.here = after.chats.front();
  intend(out, decision.effects, &after, snapshot.cards, origin, context.rules, context.now);
  out.reply.outcome = Done::acted;
}

bool can_write_to(const IdentityKey& identity, const Request* request, const ChatRef& here, const Rules& rules) {
  const auto traits = rules.traits.find(identity.app);
  if (traits == rules.traits.end() || traits->second.private_chats) return true;
  const auto to_people = [](const Channel& channel) { return channel.reach == Reach::person; };
  if (std::ranges::none_of(traits->second.channels, to_people)) return false;
  const ChatRef theirs = private_chat(identity.app, identity.user);
  if (here == theirs || (request && std::ranges::find(request->chats, theirs) != request->chats.end())) return true;
  return rules.facts && std::ranges::binary_search(rules.facts->spoken, identity);
}

std::optional<Thread> route(const Target& target, const Request* request, const ChatRef& here, const Rules& rules) {
  const RequestId about = request ? request->id : RequestId{};
  if (target.chat) return Thread{target.chat->app, target.chat->chat, about};
  if (!target.person) return std::nullopt;
  const auto identity = identity_for(target, request, here, rules);
  if (identity) return Thread{identity->app, private_chat(identity->app, identity->user).chat, about};
  const auto group = group_of(request, here);
  if (!group) return std::nullopt;
  return Thread{group->app, group->chat, about};
}

Thread group_thread(const AppId& app, RequestId request) { return {app, ChatId("new:" + request.str()), request}; }

Thread mirror_thread(const AppId& app, RequestId request) { return {app, ChatId("tasks"), request}; }

std::string mirror_setting(const MirrorTask& of) {
  return "task/" + of.app.value + "/" + of.request.str() + "." + of.task.str();
}

std::string group_setting(const AppId& app) { return "no_groups/" + app.value; }

Intent refresh(const CardHandle& card, std::optional<TimePoint> not_before) {
  Intent intent;
  intent.effect = RefreshCard{request_of(card), card.id};
  intent.thread = Thread{card.chat.app, card.chat.chat, request_of(card)};
  intent.not_before = not_before;
  intent.supersedes = refresh_key(card.id);
  return intent;
}

Duration refresh_delay(const AppId& app, const Rules& rules) {
  const auto found = rules.traits.find(app);
  return found == rules.traits.end() ? Traits{}.refresh_after : found->second.refresh_after;
}

std::shared_ptr<const Policy> policy_of(const Request& request, const Snapshot& snapshot, const Rules& rules) {
  const auto found =
      std::ranges::find_if(snapshot.policies, [&](const auto& policy) { return policy && policy->hash == request.policy; });
  if (found != snapshot.policies.end()) return *found;
  if (auto newest = rules.type(request.type)) return newest;
  throw std::logic_error("no policy for request " + request.id.str());
}

const Request* find_request(const Snapshot& snapshot, RequestId id) {
  const auto found = std::ranges::find(snapshot.requests, id, &Request::id);
  return found == snapshot.requests.end() ? nullptr : &*found;
}

RequestId request_of(const CardHandle& card) { return card.request.empty() ? addressed(card.effect).request : card.request; }

}  // namespace xieban::brain
