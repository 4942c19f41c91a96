#include <algorithm>

#include "bot/base/text.hpp"
#include "bot/core/clock/calendar.hpp"
#include "bot/core/request/draft.hpp"

namespace xieban::deciding {
namespace {

using rights::refusing;

struct Receiver {
  DepartmentId lead;
  PersonId owner;
};

std::expected<Receiver, Refusing> receiver(const Raise& raise, const Context& context) {
  const Directory people = context.rules.people();
  Receiver to{raise.lead, raise.owner};
  if (!to.owner.empty()) {
    const Person* person = people.person(to.owner);
    if (person == nullptr || !person->active) return std::unexpected(refusing(Refusal::bad_person, "refuse.raise_person", {}));
    if (to.lead.empty()) to.lead = person->department;
  }
  if (to.lead.empty()) return std::unexpected(refusing(Refusal::bad_person, "refuse.raise_to_whom", {}));
  if (people.department(to.lead) == nullptr)
    return std::unexpected(
        refusing(Refusal::bad_person, "refuse.raise_department", {{"names", rights::department_names(context.rules)}}));
  if (to.owner.empty()) to.owner = people.first_receiver(to.lead, context.now);
  if (to.owner.empty())
    return std::unexpected(refusing(Refusal::bad_person, "refuse.raise_nobody", {{"department", people.name(to.lead)}}));
  return to;
}

/// One line: it stands in every message about the request.
std::string one_line(std::string_view title) {
  std::string line(text::trim(title));
  for (char& c : line)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  return line;
}

Request as_raised(const Raise& raise, const Context& context, const Receiver& to) {
  const Directory people = context.rules.people();
  Request request;
  request.id = context.new_id;
  request.title = one_line(raise.title);
  request.type = context.policy.type;
  request.policy = context.policy.hash;
  request.urgent = raise.urgent || context.policy.urgent;
  request.requester = context.actor;
  if (const Person* person = people.person(context.actor)) request.raised_by = person->department;
  request.owner = to.owner;
  request.lead = to.lead;
  if (!raise.chat.empty()) request.chats.push_back(raise.chat);
  request.raised_at = std::min(context.at, context.now);
  request.year = int{context.rules.office().local_date(request.raised_at).year()};
  request.due_assumed = !raise.due.has_value();
  request.due = raise.due ? *raise.due : default_due(context.policy, request.urgent, to.lead, context.rules, request.raised_at);
  request.baseline = request.due;
  request.goal = raise.goal;
  request.background = raise.background;
  request.situation = raise.situation;
  request.impact = raise.impact;
  request.fields = raise.fields;
  request.rules_version = context.rules.version;
  const auto& gates = context.policy.gates;
  request.phase = std::ranges::find(gates, Phase::respond) != gates.end() || gates.empty() ? Phase::respond : Phase::run;
  return request;
}

}  // namespace

std::expected<Decision, Refusing> raise(const Raise& raise, const Context& context) {
  const Directory people = context.rules.people();
  const Person* actor = people.person(context.actor);
  if (actor == nullptr || !actor->active) return std::unexpected(refusing(Refusal::unknown, "refuse.stranger", {}));
  if (text::trim(raise.title).empty()) return std::unexpected(refusing(Refusal::reason_missing, "refuse.raise_title", {}));
  if (raise.due && *raise.due <= context.at) {
    const std::string time = local_time(context.rules.lang, *raise.due, context.rules.office(), context.now);
    return std::unexpected(refusing(Refusal::bad_time, "refuse.raise_past", {{"time", time}}));
  }
  const auto to = receiver(raise, context);
  if (!to) return std::unexpected(to.error());

  const Request request = as_raised(raise, context, *to);
  Draft draft(Request{}, context);
  draft.add(Raised{std::make_shared<const Request>(request)});
  draft.happens_at(request.raised_at);
  if (request.phase == Phase::respond)
    draft.start_clock(ClockKind::first_response);
  else
    draft.start_clock(ClockKind::task, request.due);
  draft.effect(PostCard{request.id, CardKind::live, raise.chat.empty() ? Target::to(context.actor) : Target::to(raise.chat)});
  for (const PersonId& receiver : draft.role(Role::owner)) draft.card_for(receiver);
  Phrase done =
      draft.phrase(request.due_assumed ? "done.raise_assumed" : "done.raise", {{"person", draft.names(draft.role(Role::owner))},
                                                                               {"department", people.name(request.lead)},
                                                                               {"time", draft.time(request.due)}});
  return std::move(draft).finish("raise", std::move(done));
}

}  // namespace xieban::deciding
