// Whoever owns open work and has left the company is replaced: nothing is owned by nobody.

#include <algorithm>

#include "bot/core/request/draft.hpp"

namespace xieban {
namespace {

bool left(const PersonId& id, const Directory& people) {
  const Person* person = people.person(id);
  return person == nullptr || !person->active;
}

bool open(const Task& task) { return task.state != TaskState::done; }

/// Whose account it is now that was a person of its own; empty: nobody's.
PersonId joined(const PersonId& id, const Directory& people) {
  const auto account = account_of(id);
  const Person* holder = account ? people.who(*account) : nullptr;
  return holder != nullptr ? holder->id : PersonId{};
}

/// Themselves under the name that they are known by now; else who answers for the department, else the PMO.
PersonId successor(const PersonId& before, const DepartmentId& department, const Draft& d) {
  if (PersonId same = joined(before, d.people()); !same.empty()) return same;
  PersonId next = d.people().first_receiver(department, d.context().now);
  if (!next.empty()) return next;
  const std::vector<PersonId> watch = d.people().pmo(d.context().now);
  return watch.empty() ? PersonId{} : watch.front();
}

std::string shown(const PersonId& id, const Draft& d) {
  std::string name = d.name(id);
  return name.empty() ? id.value : name;
}

void tell(Draft& d, const PersonId& before, const PersonId& next, const std::string& what) {
  std::vector<PersonId> whom = d.requester_and_followers();
  whom.push_back(next);
  for (const PersonId& head : d.role(Role::head)) whom.push_back(head);
  d.tell(whom, "owner_left", {{"from", shown(before, d)}, {"person", d.name(next)}, {"what", what}});
}

}  // namespace

bool has_leavers(const Request& request, const Rules& rules) {
  if (terminal(request.phase)) return false;
  const Directory people = rules.people();
  return left(request.owner, people) ||
         std::ranges::any_of(request.tasks, [&](const Task& task) { return open(task) && left(task.owner, people); });
}

void deciding::replace_leavers(Draft& d) {
  const Context& context = d.context();
  if (!has_leavers(d.request(), context.rules)) return;
  if (const PersonId before = d.request().owner; left(before, d.people())) {
    const PersonId next = successor(before, d.request().lead, d);
    if (!next.empty()) {
      const bool same = joined(before, d.people()) == next;
      d.give_to(next, same ? say(context.rules.lang, "leaver.joined")
                           : say(context.rules.lang, Phrase("leaver.reason", {{"person", shown(before, d)}})));
      if (!same) tell(d, before, next, "#" + d.request().id.str());
    }
  }
  const std::vector<Task> tasks = d.request().tasks;
  for (Task task : tasks) {
    const PersonId before = task.owner;
    if (!open(task) || !left(before, d.people())) continue;
    const PersonId next = successor(before, task.department.empty() ? d.request().lead : task.department, d);
    if (next.empty()) continue;
    task.owner = next;
    const std::string what = "#" + d.request().id.str() + "." + task.no.str();
    d.add(TaskChanged{std::move(task)});
    if (joined(before, d.people()) == next) continue;
    d.card_for(next);
    tell(d, before, next, what);
  }
}

Decision replace_leavers(const Request& request, const Context& context) {
  Draft d(request, context);
  deciding::replace_leavers(d);
  if (!d.changed()) return {};
  return std::move(d).finish_alone(true);
}

}  // namespace xieban
