// What lists, leavers and the search read of a request.

#include <algorithm>

#include "bot/core/brain/brain.hpp"
#include "bot/core/request/dispute.hpp"
#include "bot/core/request/sign_off.hpp"

namespace xieban {
namespace {

/// Signatures and rulings are owed by others than requester and owner.
bool owed_by_others(ClockKind kind) {
  return kind == ClockKind::sign_off || kind == ClockKind::dispute || kind == ClockKind::ruling;
}
bool belongs_to_requester(ClockKind kind) { return kind == ClockKind::acceptance || kind == ClockKind::answer; }

/// The nearest target of the request's own running clocks, of one side.
std::optional<TimePoint> nearest(const Request& request, bool requester_side) {
  std::optional<TimePoint> due;
  for (const Clock& clock : request.clocks) {
    if (!clock.running() || !clock.target || !clock.task.empty() || owed_by_others(clock.kind) ||
        belongs_to_requester(clock.kind) != requester_side)
      continue;
    if (!due || *clock.target < *due) due = clock.target;
  }
  return due;
}

}  // namespace

bool at_requester(const Request& request) {
  return !terminal(request.phase) && (request.phase == Phase::accept || request.conditions.waiting_for_requester);
}

std::vector<Stake> stakes(const Request& request) {
  std::vector<Stake> out;
  if (terminal(request.phase)) return out;
  const auto add = [&](const PersonId& person, const DepartmentId& department, std::string role, std::optional<TimePoint> due) {
    if (person.empty() && department.empty()) return;
    out.push_back({person, department, std::move(role), due});
  };
  // Both sides see by when the next step is due, whose it ever is; where no clock runs, the date of the whole.
  const bool waits = at_requester(request);
  std::optional<TimePoint> due = nearest(request, waits);
  if (!due && request.due != TimePoint{}) due = request.due;
  add(request.owner, request.lead, "owner", due);
  add(request.requester, request.raised_by, waits ? "waiting" : "requester", due);
  for (const Task& task : request.tasks)
    if (task.state != TaskState::done) add(task.owner, task.department, "task", task.due);
  const auto target = [&](ClockKind kind, const PersonId& signer) -> std::optional<TimePoint> {
    const Clock* clock = running_clock(request, kind, {}, signer);
    return clock != nullptr && clock->running() ? clock->target : std::nullopt;
  };
  for (const Signature* one : awaited(request))
    add(one->signer, DepartmentId{}, "waiting", target(ClockKind::sign_off, one->signer));
  if (disputed(request))
    for (const PersonId& judge : request.dispute->judges) add(judge, DepartmentId{}, "waiting", target(ClockKind::ruling, {}));
  for (const Supporting& supporting : request.supporting)
    add(supporting.contact, supporting.department, "supporting", std::nullopt);
  for (const PersonId& follower : request.followers) add(follower, DepartmentId{}, "follower", std::nullopt);
  return out;
}

std::string search_text(const Request& request) {
  std::string text = number(request);
  const auto add = [&](const std::string& more) {
    if (!more.empty()) (text += "\n") += more;
  };
  add(request.title);
  add(request.goal);
  add(request.background);
  add(request.situation);
  add(request.impact);
  for (const auto& [id, value] : request.fields) add(value);
  for (const Task& task : request.tasks) add(task.content);
  add(request.delivery);
  return text;
}

}  // namespace xieban
