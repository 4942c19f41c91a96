// First response, and who does it: accept, decline, ask back, assign, hand over, support.

#include <algorithm>

#include "bot/base/text.hpp"
#include "bot/core/request/draft.hpp"

namespace xieban::deciding {
namespace {

Outcome answer(const AskBack& command, Draft& d) {
  d.end_waiting(command.question);
  d.tell(d.role(Role::owner), "answered", {{"text", command.question}});
  return d.phrase("done.answer", {{"person", d.names(d.role(Role::owner))}});
}

Outcome ask(const AskBack& command, Draft& d) {
  const auto requesters = d.role(Role::requester);
  if (d.request().conditions.waiting_for_requester) {
    d.add(Asked{command.question});
    d.tell(requesters, "asked", {{"text", command.question}});
  } else {
    if (const Clock* clock = d.main_clock()) d.pause_clock(*clock, command.question);
    d.add(Asked{command.question});
    d.start_clock(ClockKind::answer);
    for (const PersonId& person : requesters) d.card_for(person);
  }
  return d.phrase("done.ask", {{"person", d.names(requesters)}});
}

/// Whether this person can be made owner; nullopt: yes.
std::optional<Refusing> bad_owner(const PersonId& id, const Draft& d) {
  const Person* person = d.people().person(id);
  if (person == nullptr || !person->active) return rights::refusing(Refusal::bad_person, "refuse.bad_person", d.about());
  if (id == d.request().owner)
    return rights::refusing(Refusal::same_as_before, "refuse.owner_already", d.about({{"person", person->name}}));
  return std::nullopt;
}

Outcome new_owner(const PersonId& person, const std::string& reason, Draft& d, const std::string& news,
                  const std::string& done) {
  if (auto why = bad_owner(person, d)) return std::unexpected(std::move(*why));
  const PersonId before = d.request().owner;
  // Who takes it over reads it on the card; nobody is told what they did themselves.
  Phrase to_them;
  if (person != d.actor()) to_them = d.phrase("notice." + news + "_to_you", {{"who", d.name(d.actor())}, {"reason", reason}});
  d.give_to(person, reason, std::move(to_them));
  d.tell({before, d.request().requester}, news, {{"person", d.name(person)}, {"reason", reason}});
  const PersonId there = d.people().standing_in(person, d.context().now);
  if (there == person || there.empty()) return d.phrase(done, {{"person", d.name(person)}});
  d.card_for(there);
  return d.phrase("done.assign_away", {{"person", d.name(person)}, {"delegate", d.name(there)}});
}

}  // namespace

Outcome on(const Accept& command, Draft& d) {
  const TimePoint wished = d.request().due;
  const bool passed = wished <= d.at();
  if (command.due && *command.due <= d.at())
    return d.refuse(Refusal::bad_time, "refuse.past", {{"time", d.time(*command.due)}});

  d.end_waiting({});
  d.give_to(d.actor());
  d.stop_clock(ClockKind::first_response);
  d.move_to(Phase::run);
  // An earlier date is a promise and counts at once; a later one waits for the requester, unless the old one has passed.
  const bool later = command.due && *command.due > wished && !passed;
  d.start_clock(ClockKind::task, command.due && !later ? *command.due : d.date_ahead(wished));
  const std::string time = d.time(d.request().due);
  if (later) {
    d.add(ExtensionAsked{Extension{{}, wished, *command.due, {}, d.actor(), d.at()}});
    d.tell(d.requester_and_followers(), "accepted_later", {{"time", d.time(*command.due)}, {"from", time}});
    return d.phrase("done.accept_later",
                    {{"time", time},
                     {"to", d.time(*command.due)},
                     {"person", d.names(rights::confirmers(d.request(), d.context().rules, d.context().now))}});
  }
  d.tell(d.requester_and_followers(), "accepted", {{"time", time}});
  return d.phrase(passed && !command.due ? "done.accept_new_date" : "done.accept", {{"time", time}});
}

Outcome on(const Decline& command, Draft& d) {
  if (text::blank(command.reason)) return d.refuse(Refusal::reason_missing, "refuse.decline_reason");
  if (text::blank(command.proposal))
    return d.refuse(Refusal::proposal_missing, "refuse.decline_proposal", {{"reason", command.reason}});
  d.add(Declined{command.reason, command.proposal});
  d.close(Phase::declined, command.reason);
  d.tell(d.requester_and_followers(), "declined", {{"reason", command.reason}, {"proposal", command.proposal}});
  return d.phrase("done.decline", {{"person", d.names(d.role(Role::requester))}});
}

Outcome on(const AskBack& command, Draft& d) {
  const bool waiting = d.request().conditions.waiting_for_requester;
  const bool answers = waiting && rights::standing(d.request(), d.actor(), d.context().rules, d.context().now).requester;
  if (text::blank(command.question))
    return d.refuse(Refusal::reason_missing, answers ? "refuse.answer_missing" : "refuse.question_missing");
  return answers ? answer(command, d) : ask(command, d);
}

Outcome on(const Assign& command, Draft& d) { return new_owner(command.person, {}, d, "assigned", "done.assign"); }

Outcome on(const HandOver& command, Draft& d) {
  if (text::blank(command.reason)) return d.refuse(Refusal::reason_missing, "refuse.hand_over_reason");
  return new_owner(command.person, command.reason, d, "handed_over", "done.hand_over");
}

Outcome on(const Support& command, Draft& d) {
  const Department* department = d.people().department(command.department);
  if (department == nullptr)
    return d.refuse(Refusal::bad_person, "refuse.bad_department", {{"names", rights::department_names(d.context().rules)}});
  const auto& supporting = d.request().supporting;
  if (department->id == d.request().lead ||
      std::ranges::find(supporting, department->id, &Supporting::department) != supporting.end())
    return d.refuse(Refusal::same_as_before, "refuse.support_already", {{"department", department->name}});
  const PersonId contact = d.people().first_receiver(department->id, d.context().now);
  if (contact.empty()) return d.refuse(Refusal::bad_person, "refuse.raise_nobody", {{"department", department->name}});
  d.add(SupportAdded{Supporting{department->id, contact}});
  d.tell({contact}, "support", {{"department", department->name}, {"person", d.name(d.request().owner)}});
  return d.phrase("done.support", {{"department", department->name}, {"person", d.name(contact)}});
}

}  // namespace xieban::deciding
