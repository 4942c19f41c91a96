#include "bot/core/request/draft.hpp"

#include <algorithm>

#include "bot/core/clock/calendar.hpp"

namespace xieban {
namespace {

void add_unique(std::vector<PersonId>& list, const PersonId& person) {
  if (!person.empty() && std::ranges::find(list, person) == list.end()) list.push_back(person);
}

}  // namespace

bool private_chat(const ChatRef& chat) { return chat.chat.value.starts_with("p:"); }

Draft::Draft(Request request, const Context& context)
    : request_(std::move(request)),
      context_(context),
      people_(context.rules.people()),
      at_(std::clamp(context.at, std::min(request_.raised_at, context.now), context.now)),
      first_seq_(request_.seq + 1),
      was_open_(!request_.id.empty() && !terminal(request_.phase)),
      mirrors_(std::ranges::any_of(context.rules.traits, [](const auto& one) { return one.second.mirrors_tasks(); })) {
  if (mirrors_) tasks_ = request_.tasks;
}

void Draft::add(Event event) {
  request_ = evolve(std::move(request_), event);
  events_.push_back(std::move(event));
}

void Draft::start_clock(ClockKind kind, std::optional<TimePoint> target, TaskNo task, const PersonId& signer) {
  const ClockRule& rule = clock_rule(context_.policy, kind);
  Clock clock;
  clock.id = ClockId(request_.counters.clocks + 1);
  clock.kind = kind;
  clock.start = at_;
  clock.task = task;
  clock.signer = signer;
  clock.calendar = calendar_for(clock);
  clock.target = target;
  if (!target && rule.target) clock.target = context_.rules.calendar(clock.calendar).add(at_, *rule.target);
  clock.rungs.resize(rule.ladder.size());
  add(ClockStarted{std::move(clock)});
}

CalendarId Draft::calendar_for(const Clock& clock) const {
  return context_.rules.clock_calendar(clock_rule(context_.policy, clock.kind).calendar, line_of(request_, &clock));
}

void Draft::stop_clock(ClockKind kind, TaskNo task, const PersonId& signer) {
  if (const Clock* clock = running_clock(request_, kind, task, signer))
    add(ClockStopped{clock->id, std::max(at_, clock->start)});
}

void Draft::stop_clocks() {
  const std::vector<Clock> clocks = request_.clocks;
  for (const Clock& clock : clocks)
    if (!clock.stopped) add(ClockStopped{clock.id, std::max(at_, clock.start)});
}

void Draft::stop_work() {
  const std::vector<Clock> clocks = request_.clocks;
  for (const Clock& clock : clocks) {
    const bool owed = clock.kind == ClockKind::sign_off || clock.kind == ClockKind::dispute || clock.kind == ClockKind::ruling;
    if (!clock.stopped && !owed) add(ClockStopped{clock.id, std::max(at_, clock.start)});
  }
}

void Draft::restart_clock(ClockKind kind, TimePoint target, TaskNo task) {
  const Clock* old = running_clock(request_, kind, task);
  const bool paused = old != nullptr && old->paused();
  const std::string reason = paused ? old->pauses.back().reason : std::string();
  stop_clock(kind, task);
  start_clock(kind, target, task);
  if (paused) pause_clock(*running_clock(request_, kind, task), reason);
}

void Draft::pause_clock(const Clock& clock, const std::string& reason) {
  TimePoint from = std::max(at_, clock.start);
  if (!clock.pauses.empty() && clock.pauses.back().until) from = std::max(from, *clock.pauses.back().until);
  add(ClockPaused{clock.id, from, reason});
}

void Draft::resume_clock(const Clock& clock) {
  if (!clock.paused()) return;
  const TimePoint until = std::max(at_, clock.pauses.back().from);
  std::optional<TimePoint> target = clock.target;
  if (target) target = target_after_pause(clock, context_.rules, until);
  add(ClockResumed{clock.id, until, target});
}

bool Draft::replace_clock(const Clock& before, const Clock& fresh, const std::string& why) {
  add(ClockMoved{before.id, before.target, fresh.target, why, fresh.calendar, fresh.rungs});
  return fresh.target != before.target;
}

const Clock* Draft::main_clock() const {
  if (const Clock* clock = running_clock(request_, ClockKind::first_response)) return clock;
  return running_clock(request_, ClockKind::task);
}

TimePoint Draft::date_ahead(TimePoint wished) const {
  if (wished > at_) return wished;
  return default_due(context_.policy, request_.urgent, request_.lead, context_.rules, at_);
}

TimePoint Draft::date_for_rework(TaskNo task, TimePoint due) const {
  const ClockRule& response = clock_rule(context_.policy, ClockKind::first_response);
  const CalendarId calendar = context_.rules.clock_calendar(response.calendar, request_.lead);
  TimePoint date = context_.rules.calendar(calendar).add(at_, response.target.value_or(std::chrono::hours(24)));
  const auto before = std::ranges::find_if(request_.clocks, [&](const Clock& clock) {
    return clock.kind == ClockKind::task && clock.task == task && clock.stopped.has_value();
  });
  if (before == request_.clocks.end()) return std::max(date, due);
  const auto left = remaining(*before, context_.rules, at_);
  if (left && *left > Duration{}) date = std::max(date, context_.rules.calendar(before->calendar).add(at_, *left));
  return date;
}

void Draft::move_to(Phase phase, std::string reason) {
  if (request_.phase != phase) add(PhaseMoved{request_.phase, phase, std::move(reason)});
}

void Draft::give_to(const PersonId& person, std::string reason, Phrase news) {
  if (request_.owner == person) return;
  add(OwnerChanged{request_.owner, person, std::move(reason)});
  card_for(person, std::move(news));
}

void Draft::close(Phase as, std::string reason) {
  stop_clocks();
  add(Closed{as, std::move(reason), at_});
}

void Draft::end_waiting(std::string answer) {
  if (!request_.conditions.waiting_for_requester) return;
  add(Answered{std::move(answer)});
  stop_clock(ClockKind::answer);
  if (request_.conditions.paused) return;
  if (const Clock* clock = main_clock()) resume_clock(*clock);
}

void Draft::resume_all() {
  add(Resumed{at_});
  const Clock* main = main_clock();
  const ClockId waits = request_.conditions.waiting_for_requester && main != nullptr ? main->id : ClockId{};
  const std::vector<Clock> clocks = request_.clocks;
  for (const Clock& clock : clocks)
    if (clock.id != waits) resume_clock(clock);
}

bool Draft::nothing_open() const {
  return !request_.tasks.empty() &&
         std::ranges::none_of(request_.tasks, [](const Task& task) { return task.state == TaskState::open; });
}

std::vector<PersonId> Draft::role(Role role, const Clock* clock) const {
  return resolve(Recipient(role), request_, clock, context_.rules, context_.now);
}

std::string Draft::time(TimePoint at) const {
  return local_time(context_.rules.lang, at, context_.rules.office(), context_.now);
}

std::unexpected<Refusing> Draft::refuse(Refusal why, std::string key, Args more) const {
  return std::unexpected(rights::refusing(why, std::move(key), about(std::move(more))));
}

void Draft::card_for(const PersonId& person, Phrase news) {
  if (!person.empty()) effects_.push_back(PostCard{request_.id, CardKind::personal, Target::to(person), std::move(news)});
}

void Draft::tell(const std::vector<PersonId>& list, const std::string& key, Args more) {
  more.emplace_back("who", name(context_.actor));
  Notice notice;
  notice.key = key;
  notice.args = about(std::move(more));
  std::vector<PersonId> told;
  for (const PersonId& person : list) {
    const PersonId there = people_.standing_in(person, context_.now);
    if (there.empty() || there == context_.actor || !can_see(request_, there, context_.rules, context_.now)) continue;
    add_unique(told, there);
  }
  for (const PersonId& person : told) effects_.push_back(Notify{request_.id, Target::to(person), {}, notice, By::in_private});
}

void Draft::tell_group(const std::string& key, Args more) {
  const auto group = group_chat(request_);
  if (!group) return;
  more.emplace_back("who", name(context_.actor));
  Notice notice;
  notice.key = key;
  notice.args = about(std::move(more));
  effects_.push_back(Notify{request_.id, Target::to(*group), {}, std::move(notice), By::in_group});
}

std::vector<PersonId> Draft::everyone() const {
  std::vector<PersonId> list;
  add_unique(list, request_.owner);
  add_unique(list, request_.requester);
  for (const Supporting& supporting : request_.supporting) add_unique(list, supporting.contact);
  for (const Task& task : request_.tasks) add_unique(list, task.owner);
  if (request_.sign_off)
    for (const Signature& one : request_.sign_off->signatures) add_unique(list, one.signer);
  for (const PersonId& follower : request_.followers) add_unique(list, follower);
  return list;
}

std::vector<PersonId> Draft::requester_and_followers() const {
  std::vector<PersonId> list = role(Role::requester);
  for (const PersonId& follower : request_.followers) add_unique(list, follower);
  return list;
}

void Draft::tend_group() {
  const bool open = !terminal(request_.phase);
  if (request_.group.empty()) {
    if (open && !was_open_ && context_.policy.own_group && !request_.chats.empty())
      effect(MakeGroup{request_.id, request_.chats.front().app});
    return;
  }
  if (!open) {
    if (was_open_ && context_.policy.own_group_after == GroupAfter::dissolve)
      effect(TendGroup{request_.id, request_.group, GroupStep::dissolve, {}});
    return;
  }
  std::vector<PersonId> joining = group_people(request_, context_.rules, context_.now);
  std::erase_if(joining, [&](const PersonId& person) {
    const auto identities = people_.identities(person);
    return std::ranges::find(request_.group_members, person) != request_.group_members.end() ||
           std::ranges::find(identities, request_.group.app, &IdentityKey::app) == identities.end();
  });
  if (joining.empty()) return;
  add(GroupGrew{joining});
  effect(TendGroup{request_.id, request_.group, GroupStep::add, std::move(joining)});
}

void Draft::mirror_tasks() {
  if (!mirrors_) return;
  const bool open = !terminal(request_.phase);
  const auto find = [](const std::vector<Task>& tasks, TaskNo no) {
    const auto found = std::ranges::find(tasks, no, &Task::no);
    return found == tasks.end() ? nullptr : &*found;
  };
  const auto to_do = [](const Task& task, bool of_open) { return of_open && task.state == TaskState::open; };
  const PersonId giver = actor().empty() ? request_.owner : actor();
  for (const Task& task : request_.tasks) {
    const Task* before = find(tasks_, task.no);
    const bool makes = before == nullptr || before->owner != task.owner;
    const bool same = !makes && before->due == task.due && to_do(*before, was_open_) == to_do(task, open);
    if (!same) effect(MirrorTask{request_.id, task.no, {}, makes, giver});
  }
  for (const Task& gone : tasks_)
    if (find(request_.tasks, gone.no) == nullptr) effect(MirrorTask{request_.id, gone.no, {}, false, {}});
}

void Draft::tend() {
  tend_sign_off();
  tend_group();
  mirror_tasks();
}

Decision Draft::finish(std::string_view verb, Phrase done) && {
  tend();
  add(StepMarked{LastStep{context_.actor, at_, std::string(verb), first_seq_}});
  effects_.push_back(RefreshCards{request_.id});
  return {std::move(events_), std::move(effects_), std::move(done)};
}

Decision Draft::finish_alone(bool acted) && {
  if (!events_.empty()) tend();
  if (acted) add(StepMarked{LastStep{PersonId{}, at_, "wake", first_seq_}});
  if (!events_.empty()) effects_.push_back(RefreshCards{request_.id});
  return {std::move(events_), std::move(effects_), Phrase{}};
}

Decision Draft::finish_unseen() && {
  tend_group();
  return {std::move(events_), std::move(effects_), Phrase{}};
}

}  // namespace xieban
