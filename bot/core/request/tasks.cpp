// Action items: added, delivered by their owner, taken or sent back by the lead.

#include <algorithm>

#include "bot/base/text.hpp"
#include "bot/core/request/tasks.hpp"

namespace xieban::deciding {
namespace {

std::string reference(const Draft& d, const Task& task) { return d.request().id.str() + "." + task.no.str(); }

void change(Draft& d, Task task) { d.add(TaskChanged{std::move(task)}); }

}  // namespace

Outcome on(const AddTask& command, Draft& d) {
  if (text::blank(command.content)) return d.refuse(Refusal::reason_missing, "refuse.task_content");
  const Person* person = d.people().person(command.owner);
  if (person == nullptr || !person->active) return d.refuse(Refusal::bad_person, "refuse.bad_task_owner");
  if (command.due && *command.due <= d.at())
    return d.refuse(Refusal::bad_time, "refuse.past", {{"time", d.time(*command.due)}});
  const TaskNo no(d.request().counters.tasks + 1);
  if (command.after == no) return d.refuse(Refusal::cycle, "refuse.cycle", {{"task", no.str()}});
  if (!command.after.empty() && find_task(d.request(), command.after) == nullptr)
    return d.refuse(Refusal::no_such_task, "refuse.no_such_task", {{"task", command.after.str()}});

  Task task;
  task.no = no;
  task.content = std::string(text::trim(command.content));
  task.owner = command.owner;
  task.department = person->department;
  task.created = d.at();
  task.due = command.due ? *command.due : d.date_ahead(d.request().due);
  task.baseline = task.due;
  task.standard = command.standard;
  task.after = command.after;
  d.add(TaskAdded{task});
  d.move_to(Phase::run);
  d.start_clock(ClockKind::task, task.due, task.no);
  const PersonId there = d.people().standing_in(task.owner, d.context().now);
  if (there != d.actor()) d.card_for(there.empty() ? task.owner : there);
  const char* done = task.due > d.request().due ? "done.add_task_after" : "done.add_task";
  return d.phrase(
      done,
      {{"task", reference(d, task)}, {"person", person->name}, {"time", d.time(task.due)}, {"due", d.time(d.request().due)}});
}

Outcome deliver_task(const Deliver& command, Task task, Draft& d) {
  if (text::blank(command.text)) return d.refuse(Refusal::reason_missing, "refuse.delivery_text");
  // Nobody accepts what they delivered: the owner's own tasks are accepted with the whole.
  const bool own = task.owner == d.request().owner;
  task.state = own ? TaskState::done : TaskState::delivered;
  task.percent = 100;
  task.health = Health::normal;
  d.add(Noted{reference(d, task) + " " + command.text});
  d.stop_clock(ClockKind::task, task.no);
  change(d, task);
  if (d.nothing_open() && d.request().phase == Phase::run) d.move_to(Phase::deliver);
  d.tell(d.role(Role::owner), "task_delivered",
         {{"task", reference(d, task)}, {"content", task.content}, {"text", command.text}});
  return d.phrase(own ? "done.deliver_own_task" : "done.deliver_task",
                  {{"task", reference(d, task)}, {"person", d.names(d.role(Role::owner))}});
}

Outcome verify_task(const Verify& command, Task task, Draft& d) {
  if (!command.pass && text::blank(command.reason)) return d.refuse(Refusal::reason_missing, "refuse.reject_reason");
  task.state = command.pass ? TaskState::done : TaskState::open;
  const Args about{
      {"task", reference(d, task)}, {"content", task.content}, {"reason", command.reason}, {"person", d.name(task.owner)}};
  if (command.pass) {
    change(d, task);
    d.tell({task.owner}, "task_accepted", about);
    if (d.nothing_open() && d.request().phase == Phase::run) d.move_to(Phase::deliver);
    return d.phrase("done.verify_task", about);
  }
  change(d, task);
  d.add(Noted{reference(d, task) + " " + command.reason});
  d.move_to(Phase::run);
  d.start_clock(ClockKind::task, d.date_for_rework(task.no, task.due), task.no);
  d.tell({task.owner}, "task_rejected", about);
  return d.phrase("done.reject_task", about);
}

}  // namespace xieban::deciding
