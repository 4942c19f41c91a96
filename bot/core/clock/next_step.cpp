#include <algorithm>

#include "bot/core/clock/policy.hpp"
#include "bot/core/request/dispute.hpp"
#include "bot/core/request/request.hpp"
#include "bot/core/request/sign_off.hpp"
#include "bot/core/rules.hpp"

namespace xieban {
namespace {

void add(std::vector<PersonId>& list, const PersonId& person) {
  if (!person.empty() && std::ranges::find(list, person) == list.end()) list.push_back(person);
}

/// The person, whoever stands in for them, else the first of those who answer for the department.
PersonId present(const PersonId& person, const DepartmentId& department, bool receiver, const Directory& people,
                 TimePoint now) {
  if (PersonId there = people.standing_in(person, now); !there.empty()) return there;
  PersonId next = receiver ? people.first_receiver(department, now) : people.head(department, now);
  if (!next.empty()) return next;
  const std::vector<PersonId> watch = people.pmo(now);
  return watch.empty() ? PersonId{} : watch.front();
}

std::vector<PersonId> participants(const Request& request, const Directory& people, TimePoint now) {
  std::vector<PersonId> list;
  add(list, people.standing_in(request.owner, now));
  add(list, people.standing_in(request.requester, now));
  for (const Supporting& supporting : request.supporting) add(list, people.standing_in(supporting.contact, now));
  for (const Task& task : request.tasks) add(list, people.standing_in(task.owner, now));
  for (const Signature* one : awaited(request)) add(list, people.standing_in(one->signer, now));
  return list;
}

std::vector<PersonId> resolve_role(Role role, const Request& request, const Clock* clock, const Directory& people,
                                   TimePoint now) {
  const DepartmentId line = line_of(request, clock);
  const auto one = [](PersonId person) { return person.empty() ? std::vector<PersonId>{} : std::vector{std::move(person)}; };
  switch (role) {
    case Role::owner: {
      const Task* task = clock != nullptr ? find_task(request, clock->task) : nullptr;
      return task != nullptr ? one(present(task->owner, line, true, people, now))
                             : one(present(request.owner, request.lead, true, people, now));
    }
    case Role::requester:
      // Nobody accepts what they delivered: then their own line does.
      if (request.phase == Phase::accept && request.requester == request.delivered_by) {
        PersonId head = people.head(request.raised_by, now);
        if (!head.empty() && head != request.delivered_by) return one(std::move(head));
        for (const PersonId& watch : people.pmo(now))
          if (watch != request.delivered_by) return one(watch);
        return one(people.vice_president(request.raised_by, now));
      }
      return one(present(request.requester, request.raised_by, false, people, now));
    case Role::signer: {
      std::vector<PersonId> list;
      for (const Signature* asked : awaited(request))
        if (clock == nullptr || clock->signer.empty() || clock->signer == asked->signer)
          add(list, present(asked->signer, asked->department, false, people, now));
      return list;
    }
    case Role::liaison:
      return one(people.first_receiver(line, now));
    case Role::head:
      return one(people.head(line, now));
    case Role::vice_president:
      return one(people.vice_president(line, now));
    case Role::leadership_group:
      return people.leadership_group(now);
    case Role::pmo:
      return people.pmo(now);
    case Role::participants:
      return participants(request, people, now);
  }
  return {};
}

struct Duty {
  Step what;
  Role who;
  ClockKind clock;
};
Duty duty_of(const Request& request) {
  if (request.conditions.waiting_for_requester) return {Step::answer, Role::requester, ClockKind::answer};
  switch (request.phase) {
    case Phase::accept:
      return {Step::verify, Role::requester, ClockKind::acceptance};
    case Phase::deliver:
      return {Step::submit, Role::owner, ClockKind::task};
    case Phase::run:
      return {Step::execute, Role::owner, ClockKind::task};
    default:
      return {Step::respond, Role::owner, ClockKind::first_response};
  }
}

}  // namespace

DepartmentId line_of(const Request& request, const Clock* clock) {
  if (clock == nullptr) return request.lead;
  if (clock->kind == ClockKind::answer || clock->kind == ClockKind::acceptance) return request.raised_by;
  if (clock->kind == ClockKind::sign_off && request.sign_off)
    for (const Signature& one : request.sign_off->signatures)
      if (one.signer == clock->signer && !one.department.empty()) return one.department;
  const Task* task = find_task(request, clock->task);
  return task != nullptr && !task->department.empty() ? task->department : request.lead;
}

std::vector<PersonId> resolve(const Recipient& recipient, const Request& request, const Clock* clock, const Rules& rules,
                              TimePoint now) {
  const Directory people = rules.people();
  if (const Role* role = std::get_if<Role>(&recipient)) return resolve_role(*role, request, clock, people, now);
  const PersonId& named = std::get<PersonId>(recipient);
  const Person* person = people.person(named);
  const PersonId there = present(named, person != nullptr ? person->department : request.lead, false, people, now);
  return there.empty() ? std::vector<PersonId>{} : std::vector{there};
}

namespace {

/// What a dispute waits for: the other side's position, that both come together, or the judge.
NextStep dispute_step(const Request& request, const Rules& rules, TimePoint now) {
  const Dispute& dispute = *request.dispute;
  NextStep next;
  if (dispute.submitted != Judge::none) {
    next.what = Step::rule;
    next.who = judges(request, rules, now);
    if (!next.who.empty()) return next;
  } else {
    for (const Party party : {Party::owner, Party::requester}) {
      if (!position_of(dispute, party).text.empty()) continue;
      next.what = Step::state_position;
      next.who = answering_for(request, party, rules, now);
      return next;
    }
  }
  // Nobody is left who could judge: the sides have to come together.
  next.what = Step::settle;
  next.who = answering_for(request, Party::owner, rules, now);
  return next;
}

/// Who is accountable for what, and on which clock.
std::pair<NextStep, const Clock*> step_now(const Request& request, const Rules& rules, TimePoint now) {
  if (disputed(request)) {
    const Clock* clock = running_clock(request, ClockKind::ruling);
    if (clock == nullptr) clock = running_clock(request, ClockKind::dispute);
    return {dispute_step(request, rules, now), clock};
  }
  const auto signing = awaited(request);
  const bool working = request.phase == Phase::run || request.phase == Phase::deliver;
  NextStep next;
  if (working && !signing.empty() && !request.conditions.waiting_for_requester) {
    next.what = Step::sign;
    next.who = resolve(Role::signer, request, nullptr, rules, now);
    return {std::move(next), running_clock(request, ClockKind::sign_off, {}, signing.front()->signer)};
  }
  const Duty duty = duty_of(request);
  const Clock* clock = running_clock(request, duty.clock);
  next.what = duty.what;
  next.who = resolve(duty.who, request, clock, rules, now);
  return {std::move(next), clock};
}

}  // namespace

std::optional<NextStep> next_step(const Request& request, const Policy&, const Rules& rules, TimePoint now) {
  if (terminal(request.phase)) return std::nullopt;
  auto [next, clock] = step_now(request, rules, now);
  if (next.who.empty()) return std::nullopt;
  if (clock != nullptr) {
    next.by_when = clock->target;
    next.clock = clock->id;
  }
  // The clock stands still then; what counts is when it goes on.
  if (const auto& paused = request.conditions.paused; paused && !paused->ended) {
    next.what = Step::resume;
    next.by_when = paused->until;
  }
  return next;
}

}  // namespace xieban
