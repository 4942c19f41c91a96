// The way out and back: deliver, accept or reject, cancel, reopen.

#include <algorithm>

#include "bot/base/text.hpp"
#include "bot/core/request/tasks.hpp"

namespace xieban::deciding {
namespace {

bool has_gate(const Policy& policy, Phase gate) {
  return policy.gates.empty() || std::ranges::find(policy.gates, gate) != policy.gates.end();
}

/// Handing in the whole accepts what supporting departments handed in.
void accept_delivered_tasks(Draft& d) {
  const std::vector<Task> tasks = d.request().tasks;
  for (Task task : tasks) {
    if (task.state != TaskState::delivered) continue;
    task.state = TaskState::done;
    d.add(TaskChanged{std::move(task)});
  }
}

/// Clocks of tasks that are still open start again, with a date that lies ahead.
void start_task_clocks(Draft& d, TimePoint otherwise) {
  const std::vector<Task> tasks = d.request().tasks;
  for (const Task& task : tasks)
    if (task.state == TaskState::open && running_clock(d.request(), ClockKind::task, task.no) == nullptr)
      d.start_clock(ClockKind::task, task.due > d.at() ? task.due : otherwise, task.no);
}

}  // namespace

Outcome on(const Deliver& command, Draft& d) {
  if (const Task* task = find_task(d.request(), command.task)) return deliver_task(command, *task, d);
  if (text::blank(command.text)) return d.refuse(Refusal::reason_missing, "refuse.delivery_text");
  const auto open = std::ranges::count(d.request().tasks, TaskState::open, &Task::state);
  d.end_waiting({});
  d.add(Delivered{command.text, d.actor()});
  accept_delivered_tasks(d);
  d.stop_work();
  if (!has_gate(d.context().policy, Phase::accept)) {
    d.close(Phase::archived, command.text);
    d.tell(d.everyone(), "archived", {{"text", command.text}});
    return d.phrase("done.deliver_closed");
  }
  d.move_to(Phase::accept);
  d.start_clock(ClockKind::acceptance);
  const auto verifiers = d.role(Role::requester);
  for (const PersonId& person : verifiers) d.card_for(person);
  d.tell(d.request().followers, "delivered", {{"text", command.text}});
  const Clock* clock = running_clock(d.request(), ClockKind::acceptance);
  const Args about{{"person", d.names(verifiers)},
                   {"count", std::to_string(open)},
                   {"time", clock != nullptr && clock->target ? d.time(*clock->target) : std::string()}};
  return d.phrase(open > 0 ? "done.deliver_with_open" : "done.deliver", about);
}

Outcome on(const Verify& command, Draft& d) {
  if (const Task* task = find_task(d.request(), command.task)) return verify_task(command, *task, d);
  if (!command.pass && text::blank(command.reason)) return d.refuse(Refusal::reason_missing, "refuse.reject_reason");
  d.add(Verified{command.pass, command.reason});
  if (command.pass) {
    d.close(Phase::archived, command.reason);
    d.tell(d.everyone(), "archived", {{"text", command.reason}});
    return d.phrase("done.verify");
  }
  d.stop_clock(ClockKind::acceptance);
  d.move_to(Phase::run, command.reason);
  const TimePoint date = d.date_for_rework({}, d.request().due);
  d.start_clock(ClockKind::task, date);
  start_task_clocks(d, date);
  d.tell(d.role(Role::owner), "rejected", {{"reason", command.reason}, {"time", d.time(date)}});
  return d.phrase("done.reject", {{"person", d.names(d.role(Role::owner))}, {"time", d.time(date)}});
}

Outcome on(const Cancel& command, Draft& d) {
  if (text::blank(command.reason)) return d.refuse(Refusal::reason_missing, "refuse.cancel_reason");
  d.close(Phase::cancelled, command.reason);
  d.tell(d.everyone(), "cancelled", {{"reason", command.reason}});
  return d.phrase("done.cancel");
}

void reopen(Draft& d, const std::string& reason) {
  const bool refused = d.request().phase == Phase::declined;
  const TimePoint due = d.date_ahead(d.request().due);
  d.add(Reopened{d.request().closed_from, reason, due});
  switch (d.request().phase) {
    case Phase::accept:
      d.start_clock(ClockKind::acceptance);
      break;
    case Phase::run:
    case Phase::deliver:
      d.start_clock(ClockKind::task, due);
      start_task_clocks(d, due);
      break;
    default:
      d.start_clock(ClockKind::first_response);
  }
  // The liaison has refused: now the head answers, whose card says why.
  if (!refused) return;
  const PersonId head = d.people().head(d.request().lead, d.context().now);
  Phrase news;
  if (head != d.actor()) news = d.phrase("notice.reopened", {{"who", d.name(d.actor())}, {"reason", reason}});
  d.give_to(head, reason, std::move(news));
}

Outcome on(const Reopen& command, Draft& d) {
  if (text::blank(command.reason)) return d.refuse(Refusal::reason_missing, "refuse.reopen_reason");
  const Duration window = d.context().policy.reopen_within;
  if (d.request().closed_at && d.at() - *d.request().closed_at > window)
    return d.refuse(Refusal::too_late, "refuse.reopen_too_late",
                    {{"days", std::to_string(std::chrono::floor<std::chrono::days>(window).count())}});
  const PersonId before = d.request().owner;
  reopen(d, command.reason);
  std::vector<PersonId> whom = d.everyone();
  if (d.request().owner != before) std::erase(whom, d.request().owner);
  d.tell(whom, "reopened", {{"reason", command.reason}});
  replace_leavers(d);
  const auto next = next_step(d.request(), d.context().policy, d.context().rules, d.context().now);
  return d.phrase("done.reopen", {{"person", next ? d.names(next->who) : std::string()}});
}

}  // namespace xieban::deciding
