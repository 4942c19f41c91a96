// While it is worked on: progress, and dates that move.

#include "bot/base/text.hpp"
#include "bot/core/clock/calendar.hpp"
#include "bot/core/request/tasks.hpp"

namespace xieban::deciding {
namespace {

std::string reference(const Draft& d, TaskNo task) {
  return task.empty() ? d.request().id.str() : d.request().id.str() + "." + task.str();
}

/// Its number and its own words: a task is told by what is to be done, not by the request it is part of.
Args naming(const Draft& d, TaskNo no, const Args& more) {
  const Task* task = find_task(d.request(), no);
  Args args{{"task", reference(d, no)}};
  if (task != nullptr) args.emplace_back("title", task->content);
  args.insert(args.end(), more.begin(), more.end());
  return args;
}

/// What a report says to others: nothing while all is well.
void tell_trouble(const Report& command, std::uint8_t percent, Draft& d) {
  if (command.health == Health::normal) return;
  const Args about = naming(
      d, command.task, {{"percent", std::to_string(int{percent})}, {"reason", command.reason}, {"measure", command.measure}});
  std::vector<PersonId> whom = command.task.empty() ? d.requester_and_followers() : d.role(Role::owner);
  if (command.health == Health::risk)
    for (PersonId& head : d.role(Role::head)) whom.push_back(std::move(head));
  d.tell(whom, command.health == Health::risk ? "at_risk" : "behind", about);
}

void follow(const Report& command, Draft& d) {
  if (!command.task.empty() || !command.percent) return;
  if (*command.percent >= 100)
    d.move_to(Phase::deliver);
  else if (!d.nothing_open())
    d.move_to(Phase::run);
}

TimePoint due_of(const Draft& d, TaskNo no) {
  const Task* task = find_task(d.request(), no);
  return task != nullptr ? task->due : d.request().due;
}
TimePoint baseline_of(const Draft& d, TaskNo no) {
  const Task* task = find_task(d.request(), no);
  return task != nullptr ? task->baseline : d.request().baseline;
}

/// More than three working days behind the first plan is for the vice president, each time it grows.
void tell_far_behind(const Extension& extension, Draft& d) {
  const auto& calendars = d.context().rules.calendars;
  const auto workday = calendars.find(CalendarId("workday"));
  const Calendar& calendar = workday != calendars.end() ? workday->second : d.context().rules.office();
  if (calendar.between(baseline_of(d, extension.task), extension.to) <= std::chrono::hours(72)) return;
  d.tell(
      d.role(Role::vice_president), "far_behind",
      naming(d, extension.task,
             {{"time", d.time(extension.to)}, {"from", d.time(baseline_of(d, extension.task))}, {"reason", extension.reason}}));
}

}  // namespace

Outcome on(const Report& command, Draft& d) {
  if (command.health != Health::normal) {
    if (text::blank(command.reason))
      return d.refuse(Refusal::reason_missing, "refuse.report_reason", {{"task", reference(d, command.task)}});
    if (text::blank(command.measure))
      return d.refuse(Refusal::measure_missing, "refuse.report_measure", {{"task", reference(d, command.task)}});
  }
  const Task* task = find_task(d.request(), command.task);
  if (command.percent && *command.percent > 100)
    return d.refuse(Refusal::bad_time, "refuse.percent", {{"task", reference(d, command.task)}});
  const std::uint8_t percent = command.percent.value_or(task != nullptr ? task->percent : d.request().percent);
  d.add(Reported{command.task, percent, command.health, command.reason, command.measure, d.at()});
  follow(command, d);
  tell_trouble(command, percent, d);
  const Args about{{"task", reference(d, command.task)}, {"percent", std::to_string(int{percent})}};
  if (percent >= 100) return d.phrase("done.report_all", about);
  return d.phrase(command.health == Health::normal ? "done.report" : "done.report_trouble", about);
}

Outcome on(const Extend& command, Draft& d) {
  const Args which{{"task", reference(d, command.task)}};
  if (!command.due) return d.refuse(Refusal::bad_time, "refuse.extend_when", which);
  if (*command.due <= d.at()) return d.refuse(Refusal::bad_time, "refuse.past", {{"time", d.time(*command.due)}});
  if (text::blank(command.reason)) return d.refuse(Refusal::reason_missing, "refuse.extend_reason", which);
  const TimePoint from = due_of(d, command.task);
  if (*command.due == from) return d.refuse(Refusal::same_as_before, "refuse.same_date", {{"time", d.time(from)}});
  const auto confirmers = [&] { return rights::confirmers(d.request(), d.context().rules, d.context().now); };
  if (d.request().extension && d.request().extension->by != d.actor())
    return d.refuse(Refusal::wrong_phase, "refuse.extension_pending",
                    {{"person", d.name(d.request().extension->by)}, {"who", d.names(confirmers())}});
  d.add(ExtensionAsked{Extension{command.task, from, *command.due, command.reason, d.actor(), d.at()}});
  d.tell(confirmers(), "extension_asked",
         naming(d, command.task, {{"from", d.time(from)}, {"time", d.time(*command.due)}, {"reason", command.reason}}));
  return d.phrase("done.extend",
                  {{"task", reference(d, command.task)}, {"time", d.time(*command.due)}, {"person", d.names(confirmers())}});
}

namespace {

Outcome confirm_extension(const Confirm& command, Draft& d) {
  const Extension extension = *d.request().extension;
  if (command.yes && extension.to <= d.at())
    return d.refuse(Refusal::too_late, "refuse.extension_passed", {{"time", d.time(extension.to)}});
  d.add(ExtensionSettled{command.yes, extension, command.reason});
  const Args about =
      naming(d, extension.task, {{"time", d.time(command.yes ? extension.to : extension.from)}, {"reason", command.reason}});
  if (!command.yes) {
    d.tell({extension.by}, "extension_refused", about);
    return d.phrase("done.object", about);
  }
  if (running_clock(d.request(), ClockKind::task, extension.task) != nullptr)
    d.restart_clock(ClockKind::task, extension.to, extension.task);
  d.tell({extension.by}, "extension_granted", about);
  tell_far_behind(extension, d);
  return d.phrase("done.confirm", about);
}

}  // namespace

Outcome on(const Confirm& command, Draft& d) {
  const Context& context = d.context();
  switch (rights::meant_matter(d.request(), command.matter, d.actor(), context.rules, context.now)) {
    case Matter::sign_off:
      return sign(command, d);
    case Matter::dispute:
      return settle(command, d);
    default:
      return confirm_extension(command, d);
  }
}

}  // namespace xieban::deciding
