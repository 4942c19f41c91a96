#include "bot/core/brain/unreached.hpp"

#include <algorithm>
#include <charconv>

#include "bot/core/brain/audience.hpp"
#include "bot/core/brain/change.hpp"
#include "bot/core/card/wording.hpp"

namespace xieban {
namespace {

constexpr std::string_view steps_taken = "steps";
constexpr std::size_t most_steps = 4;  // up the line: then the PMO has been asked

/// What a message was to say about a request, and to whom; a live card repeats only what the request says anyway.
struct Lost {
  RequestId request;
  Target to;
  std::vector<PersonId> mention;
  Notice notice;
  By by = By::in_private;
};
std::optional<Lost> lost(const Effect& effect) {
  if (const auto* notify = std::get_if<Notify>(&effect))
    return Lost{notify->request, notify->to, notify->mention, notify->notice, notify->by};
  const auto* post = std::get_if<PostCard>(&effect);
  if (post != nullptr && post->kind == CardKind::personal) return Lost{post->request, post->to, {}, {}, By::in_private};
  return std::nullopt;
}

/// Who answers for somebody who cannot be told; empty: nobody is left.
PersonId above(const PersonId& person, const Rules& rules, TimePoint now) {
  const Directory directory = rules.people();
  if (directory.is_pmo(person, now)) return {};
  if (const Person* known = directory.person(person); known != nullptr && !known->department.empty()) {
    for (const PersonId& next : {directory.head(known->department, now), directory.vice_president(known->department, now)})
      if (!next.empty() && next != person) return next;
  }
  const std::vector<PersonId> pmo = directory.pmo(now);
  return pmo.empty() ? PersonId{} : pmo.front();
}

std::size_t steps_of(const Notice& notice) {
  const auto found = std::ranges::find(notice.args, steps_taken, &std::pair<std::string, std::string>::first);
  std::size_t steps = 0;
  if (found != notice.args.end()) std::from_chars(found->second.data(), found->second.data() + found->second.size(), steps);
  return steps;
}

/// Who first could not be told, from a notice that has gone up before.
std::string first_missed(const Lost& message, const Rules& rules) {
  const auto found = std::ranges::find(message.notice.args, "who", &std::pair<std::string, std::string>::first);
  if (steps_of(message.notice) > 0 && found != message.notice.args.end()) return found->second;
  return wording::who(rules, *message.to.person);
}

/// The same notice, to each of these alone.
std::vector<Effect> in_private(const Notice& notice, RequestId request, By by, const std::vector<PersonId>& people) {
  std::vector<Effect> effects;
  for (const PersonId& person : people) {
    Notify notify;
    notify.request = request;
    notify.to = Target::to(person);
    notify.notice = notice;
    notify.by = by == By::urgent ? By::urgent : By::in_private;
    effects.emplace_back(std::move(notify));
  }
  return effects;
}

}  // namespace

std::optional<Load> load_unreached(const Parcel& parcel) {
  const auto message = lost(parcel.effect);
  if (!message || message->request.empty()) return std::nullopt;
  Load load;
  load.inbox = InboxKey{parcel.thread.app, "unreached:" + parcel.id.str()};
  load.requests = {message->request};
  return load;
}

ChangeSet unreached(const Parcel& parcel, const Snapshot& snapshot, const Rules& base, TimePoint now) {
  ChangeSet out;
  out.reply.outcome = Done::ignored;
  const brain::Newest newest(base, snapshot);
  const Rules& rules = newest.rules;
  const auto message = lost(parcel.effect);
  if (!message) return out;
  const Request* request = brain::find_request(snapshot, message->request);
  if (request == nullptr || terminal(request->phase)) return out;

  std::vector<Effect> effects;
  if (message->to.person) {
    const PersonId next = above(*message->to.person, rules, now);
    const std::size_t steps = steps_of(message->notice);
    if (next.empty() || steps >= most_steps) return out;
    Notify notify;
    notify.request = request->id;
    notify.to = Target::to(next);
    notify.notice.key = "unreached";
    notify.notice.args = {{"who", first_missed(*message, rules)}, {std::string(steps_taken), std::to_string(steps + 1)}};
    effects.emplace_back(std::move(notify));
  } else {
    std::vector<PersonId> people = message->mention;
    if (people.empty() && !request->owner.empty()) people.push_back(request->owner);
    effects = in_private(message->notice, request->id, message->by, people);
  }
  if (effects.empty()) return out;
  brain::Origin origin;
  origin.here = ChatRef{parcel.thread.app, parcel.thread.chat};
  brain::intend(out, effects, request, {}, origin, rules, now);
  out.reply.outcome = Done::acted;
  return out;
}

std::vector<PersonId> unmentioned(const Effect& effect, const Outgoing& sent, const Channel& channel) {
  std::vector<PersonId> missed;
  const auto* notify = std::get_if<Notify>(&effect);
  if (notify == nullptr || notify->to.person) return missed;
  for (const PersonId& person : notify->mention)
    if (!channel.mentions || std::ranges::find(sent.mentions, person, &PersonRef::person) == sent.mentions.end())
      missed.push_back(person);
  return missed;
}

Load load_beside(const Effect& effect) {
  Load load;
  if (const auto* notify = std::get_if<Notify>(&effect)) load.requests = {notify->request};
  return load;
}

ChangeSet beside(const Effect& effect, const std::vector<PersonId>& missed, const Snapshot& snapshot, const Rules& base,
                 TimePoint now) {
  ChangeSet out;
  const auto* notify = std::get_if<Notify>(&effect);
  const Request* request = notify == nullptr ? nullptr : brain::find_request(snapshot, notify->request);
  if (request == nullptr || !notify->to.chat) return out;
  const brain::Newest newest(base, snapshot);
  const Rules& rules = newest.rules;
  brain::Origin origin;
  origin.here = *notify->to.chat;
  // Whoever has no private chat has only the group, which has it.
  std::vector<PersonId> people = missed;
  std::erase_if(people, [&](const PersonId& person) {
    const auto thread = brain::route(Target::to(person), request, origin.here, rules);
    return !thread || !brain::is_private(thread->chat);
  });
  brain::intend(out, in_private(notify->notice, request->id, notify->by, people), request, {}, origin, rules, now);
  return out;
}

}  // namespace xieban
