#include <algorithm>

#include "bot/core/request/request.hpp"

namespace xieban {
namespace {

Clock* clock_of(Request& request, ClockId id) {
  const auto found = std::ranges::find(request.clocks, id, &Clock::id);
  return id.empty() || found == request.clocks.end() ? nullptr : &*found;
}
Task* task_of(Request& request, TaskNo no) {
  const auto found = std::ranges::find(request.tasks, no, &Task::no);
  return no.empty() || found == request.tasks.end() ? nullptr : &*found;
}

/// A due date and its running clock are one thing.
void date_follows(Request& request, const Clock& clock) {
  if (clock.kind != ClockKind::task || !clock.target) return;
  if (clock.task.empty())
    request.due = *clock.target;
  else if (Task* task = task_of(request, clock.task))
    task->due = *clock.target;
}

bool waits_for_another(const Request& request, const Task& task) {
  const Task* first = find_task(request, task.after);
  return task.state == TaskState::open && task.health != Health::normal && first != nullptr && first->state == TaskState::open;
}

/// What follows from the rest; kept as fields because lists and cards read them.
void settle(Request& request) {
  Conditions& now = request.conditions;
  const auto open_and_late = [](const Clock& clock) { return !clock.stopped && clock.breached; };
  now.late = !terminal(request.phase) && std::ranges::any_of(request.clocks, open_and_late);
  now.disputed = !terminal(request.phase) && request.dispute && !request.dispute->over;
  const auto risky = [](const Task& task) { return task.state == TaskState::open && task.health == Health::risk; };
  now.at_risk = !terminal(request.phase) && (request.health == Health::risk || std::ranges::any_of(request.tasks, risky));
  now.blocked = !terminal(request.phase) &&
                std::ranges::any_of(request.tasks, [&](const Task& task) { return waits_for_another(request, task); });
}

/// Rungs that were reached since a step stay reached when the step is taken back.
void keep_reached(Request& restored, const Request& current) {
  for (Clock& clock : restored.clocks) {
    const Clock* known = find_clock(current, clock.id);
    if (known == nullptr) continue;
    clock.breached = clock.breached || known->breached;
    if (clock.rungs.size() < known->rungs.size()) clock.rungs.resize(known->rungs.size());
    for (std::size_t i = 0; i < known->rungs.size(); ++i)
      if (known->rungs[i].count > clock.rungs[i].count) clock.rungs[i] = known->rungs[i];
  }
}

class Evolver {
 public:
  explicit Evolver(Request& request) : r_(request) {}

  void operator()(const Raised& event) const {
    if (r_.id.empty() && event.as) r_ = *event.as;
  }
  void operator()(const OwnerChanged& event) const { r_.owner = event.to; }
  void operator()(const PhaseMoved& event) const { r_.phase = event.to; }

  void operator()(const ClockStarted& event) const {
    if (find_clock(r_, event.clock.id) != nullptr) return;
    // The last stopped one of a kind is kept to explain it; the ones before it stand in the history.
    std::erase_if(r_.clocks, [&](const Clock& old) {
      return old.stopped && old.kind == event.clock.kind && old.task == event.clock.task && old.signer == event.clock.signer;
    });
    r_.clocks.push_back(event.clock);
    r_.counters.clocks = std::max(r_.counters.clocks, event.clock.id.value);
    date_follows(r_, event.clock);
  }
  void operator()(const ClockStopped& event) const {
    Clock* clock = clock_of(r_, event.clock);
    if (clock == nullptr || clock->stopped) return;
    clock->stopped = event.at;
    if (clock->target && event.at <= *clock->target) clock->breached = false;  // done in time, told late
  }
  void operator()(const ClockPaused& event) const {
    if (Clock* clock = clock_of(r_, event.clock); clock != nullptr && clock->running())
      clock->pauses.push_back({.from = event.at, .until = std::nullopt, .ended = false, .reason = event.reason});
  }
  void operator()(const ClockResumed& event) const {
    Clock* clock = clock_of(r_, event.clock);
    if (clock == nullptr || !clock->paused()) return;
    clock->pauses.back().until = event.at;
    clock->pauses.back().ended = true;
    clock->target = event.target;
    date_follows(r_, *clock);
  }
  void operator()(const ClockMoved& event) const {
    Clock* clock = clock_of(r_, event.clock);
    if (clock == nullptr || clock->stopped) return;
    clock->target = event.after;
    if (event.calendar) clock->calendar = *event.calendar;
    if (event.rungs) {
      clock->rungs = *event.rungs;
      // A later target is not late yet; one that has passed all the same is found again by the next wake.
      if (event.before && event.after && *event.after > *event.before) clock->breached = false;
    }
    date_follows(r_, *clock);
  }
  void operator()(const RungReached& event) const {
    Clock* clock = clock_of(r_, event.clock);
    if (clock == nullptr) return;
    if (clock->rungs.size() <= event.rung) clock->rungs.resize(std::size_t{event.rung} + 1);
    RungState& rung = clock->rungs[event.rung];
    if (event.count > rung.count) rung = {.reached = event.due, .count = event.count};
  }
  void operator()(const Breached& event) const {
    if (Clock* clock = clock_of(r_, event.clock); clock != nullptr && !clock->stopped) clock->breached = true;
  }

  void operator()(const Declined& event) const {
    r_.closing = event.reason;
    r_.proposal = event.proposal;
  }
  void operator()(const Asked& event) const {
    r_.question = event.question;
    r_.conditions.waiting_for_requester = true;
  }
  void operator()(const Answered&) const {
    r_.conditions.waiting_for_requester = false;
    r_.question.clear();
  }
  void operator()(const SupportAdded& event) const {
    const auto same = [&](const Supporting& known) { return known.department == event.supporting.department; };
    if (std::ranges::none_of(r_.supporting, same)) r_.supporting.push_back(event.supporting);
  }
  void operator()(const TaskAdded& event) const {
    if (event.task.no.empty() || task_of(r_, event.task.no) != nullptr) return;
    r_.tasks.push_back(event.task);
    r_.counters.tasks = std::max(r_.counters.tasks, event.task.no.value);
  }
  void operator()(const TaskChanged& event) const {
    if (Task* task = task_of(r_, event.task.no)) *task = event.task;
  }
  void operator()(const Reported& event) const {
    if (event.task.empty()) return report(r_, event);
    if (Task* task = task_of(r_, event.task)) report(*task, event);
  }
  void operator()(const ExtensionAsked& event) const { r_.extension = event.extension; }
  void operator()(const ExtensionSettled& event) const {
    r_.extension.reset();
    if (!event.yes) return;
    if (event.extension.task.empty()) {
      r_.due = event.extension.to;
      r_.due_assumed = false;
    } else if (Task* task = task_of(r_, event.extension.task)) {
      task->due = event.extension.to;
    }
  }
  void operator()(const Escalated&) const { ++r_.counters.escalations; }
  void operator()(const Nudged& event) const {
    ++r_.counters.nudges;
    r_.nudged_at = event.at;
  }
  void operator()(const Delivered& event) const {
    r_.delivery = event.text;
    r_.delivered_by = event.by;
    if (r_.extension && r_.extension->task.empty()) r_.extension.reset();
  }
  void operator()(const Verified& event) const {
    if (!event.pass) ++r_.counters.rejects;
  }
  void operator()(const Paused& event) const { r_.conditions.paused = event.pause; }
  void operator()(const Resumed&) const { r_.conditions.paused.reset(); }
  void operator()(const Closed& event) const {
    if (!terminal(event.as) || terminal(r_.phase)) return;
    r_.closed_from = event.as == Phase::archived ? Phase::run : event.as == Phase::declined ? Phase::respond : r_.phase;
    r_.phase = event.as;
    r_.closed_at = event.at;
    if (!event.reason.empty()) r_.closing = event.reason;
    r_.conditions.paused.reset();
    r_.conditions.waiting_for_requester = false;
    r_.extension.reset();
    if (r_.dispute) r_.dispute->over = true;
  }
  void operator()(const Reopened& event) const {
    if (!terminal(r_.phase) || terminal(event.to)) return;
    r_.phase = event.to;
    if (event.due) r_.due = *event.due;
    r_.closed_at.reset();
    r_.closing.clear();
    r_.proposal.clear();
    ++r_.counters.reopened;
  }
  void operator()(const Noted&) const { ++r_.counters.notes; }
  void operator()(const TakenBack& event) const {
    if (!event.restored || event.restored->id != r_.id) return;
    Request restored = *event.restored;
    keep_reached(restored, r_);
    restored.counters.clocks = std::max(restored.counters.clocks, r_.counters.clocks);  // numbers are never used again
    restored.counters.tasks = std::max(restored.counters.tasks, r_.counters.tasks);
    restored.nudged_at = r_.nudged_at;
    restored.conditions.needs_care = r_.conditions.needs_care;
    // What stands on a platform stands, whoever takes back what.
    restored.chats = r_.chats;
    restored.group = r_.group;
    restored.group_members = r_.group_members;
    restored.last_step.reset();
    restored.seq = r_.seq;
    restored.version = r_.version;
    r_ = std::move(restored);
  }
  void operator()(const Followed& event) const {
    const auto known = std::ranges::find(r_.followers, event.person);
    if (event.on && known == r_.followers.end()) r_.followers.push_back(event.person);
    if (!event.on && known != r_.followers.end()) r_.followers.erase(known);
  }
  void operator()(const CareNeeded& event) const { r_.conditions.needs_care = event.needed; }
  void operator()(const Refused&) const {}
  void operator()(const StepMarked& event) const { r_.last_step = event.step; }
  void operator()(const ClocksRecomputed& event) const { r_.rules_version = event.rules_version; }
  void operator()(const TypeApplied& event) const { r_.policy = event.to; }
  void operator()(const GroupMade& event) const {
    if (!r_.group.empty() || event.chat.empty()) return;
    r_.group = event.chat;
    if (std::ranges::find(r_.chats, event.chat) == r_.chats.end()) r_.chats.push_back(event.chat);
    r_.group_members = event.members;
  }
  void operator()(const GroupGrew& event) const {
    for (const PersonId& person : event.people)
      if (std::ranges::find(r_.group_members, person) == r_.group_members.end()) r_.group_members.push_back(person);
  }
  void operator()(const GroupGone& event) const {
    if (r_.group != event.chat) return;
    std::erase(r_.chats, event.chat);
    r_.group = {};
    r_.group_members.clear();
  }

  void operator()(const SignOffAsked& event) const {
    if (!r_.sign_off) r_.sign_off.emplace();
    r_.sign_off->by = event.by;
    r_.sign_off->asked = event.at;
    r_.sign_off->hash = event.hash;
    for (const Signature& one : event.asked) put(one);
  }
  void operator()(const Signed& event) const {
    if (r_.sign_off && signature_of(event.signature.signer) != nullptr) put(event.signature);
  }
  void operator()(const SignaturesVoided& event) const {
    if (!r_.sign_off) return;
    r_.sign_off->hash = event.hash;
    for (Signature& one : r_.sign_off->signatures) {
      Signature fresh;
      fresh.signer = one.signer;
      fresh.department = one.department;
      one = std::move(fresh);
    }
  }
  void operator()(const PositionTaken& event) const {
    if (!r_.dispute || r_.dispute->over) {
      r_.dispute.emplace();
      r_.dispute->by = event.position.by;
      r_.dispute->since = event.position.at.value_or(TimePoint{});
    }
    (event.party == Party::requester ? r_.dispute->requester : r_.dispute->owner) = event.position;
  }
  void operator()(const DisputeSubmitted& event) const {
    if (!r_.dispute || r_.dispute->over) return;
    r_.dispute->submitted = event.to;
    r_.dispute->judges = event.judges;
  }
  void operator()(const Ruled& event) const {
    if (!r_.dispute || r_.dispute->over) return;
    r_.dispute->ruling = event.decision;
    r_.dispute->ruled_by = event.by;
    r_.dispute->over = true;
  }
  void operator()(const DisputeSettled&) const {
    if (r_.dispute) r_.dispute->over = true;
  }

 private:
  [[nodiscard]] Signature* signature_of(const PersonId& signer) const {
    const auto found = std::ranges::find(r_.sign_off->signatures, signer, &Signature::signer);
    return found == r_.sign_off->signatures.end() ? nullptr : &*found;
  }
  void put(const Signature& signature) const {
    if (Signature* known = signature_of(signature.signer))
      *known = signature;
    else
      r_.sign_off->signatures.push_back(signature);
  }
  template <class Thing>
  static void report(Thing& thing, const Reported& event) {
    thing.percent = event.percent;
    thing.health = event.health;
    thing.reason = event.reason;
    thing.measure = event.measure;
    thing.reported_at = event.at;
  }

  Request& r_;
};

}  // namespace

Request evolve(Request request, const Event& event) {
  std::visit(Evolver(request), event);
  if (!request.id.empty()) settle(request);
  return request;
}

Request apply(Request request, const Stamped& entry) {
  request = evolve(std::move(request), entry.event);
  request.seq = entry.seq;
  ++request.version;
  return request;
}

std::optional<Request> fold(const std::vector<Stamped>& entries) {
  if (entries.empty() || !std::holds_alternative<Raised>(entries.front().event)) return std::nullopt;
  Request request;
  for (const Stamped& entry : entries) request = apply(std::move(request), entry);
  if (request.id.empty()) return std::nullopt;
  return request;
}

}  // namespace xieban
