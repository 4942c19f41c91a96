// Time has come. What was missed while nobody was there to fire it is caught up as if it had fired in order, but each
// person hears of it once.

#include <algorithm>
#include <map>

#include "bot/core/clock/calendar.hpp"
#include "bot/core/request/dispute.hpp"
#include "bot/core/request/draft.hpp"

namespace xieban {
namespace {

/// A reminder that comes this late was held up by us, and says so.
constexpr Duration held_up_from{10LL * 60 * 1000};

/// What one person hears: their highest rung, and how many it stands for.
struct Message {
  DueRung rung;
  std::uint32_t count = 0;
};

/// Holidays or a calendar changed since this request's clocks were computed: dates that follow from a duration move.
/// Whether one did.
bool recompute(Draft& d) {
  const Context& context = d.context();
  if (d.request().rules_version == context.rules.version) return false;
  bool moved = false;
  const std::vector<Clock> clocks = d.request().clocks;
  for (const Clock& clock : clocks) {
    if (clock.stopped) continue;
    ClockRule rule = clock_rule(context.policy, clock.kind);
    rule.calendar = clock.calendar;
    const Clock fresh = counted_anew(clock, rule, rule, context.rules, context.now);
    if (fresh.target != clock.target) moved = d.replace_clock(clock, fresh, "calendar") || moved;
  }
  if (moved) d.add(ClocksRecomputed{context.rules.version});
  return moved;
}

/// The reason of the pause that ended; nullopt: none did.
std::optional<std::string> end_pause(Draft& d) {
  const auto paused = d.request().conditions.paused;
  if (!paused || paused->ended || !paused->until || *paused->until > d.context().now) return std::nullopt;
  d.happens_at(*paused->until);
  d.resume_all();
  d.happens_at(d.context().now);
  return paused->reason;
}

bool accept_by_silence(Draft& d) {
  if (!d.context().policy.accept_by_silence || d.request().phase != Phase::accept) return false;
  const Clock* clock = running_clock(d.request(), ClockKind::acceptance);
  if (clock == nullptr || !clock->running() || !clock->target || *clock->target > d.context().now) return false;
  d.happens_at(*clock->target);
  d.add(Verified{true, {}});
  d.close(Phase::archived, {});
  d.tell(d.everyone(), "archived_by_silence", {});
  return true;
}

void breach(Draft& d) {
  const std::vector<Clock> clocks = d.request().clocks;
  for (const Clock& clock : clocks)
    if (clock.running() && !clock.breached && clock.target && *clock.target < d.context().now)
      d.add(Breached{clock.id, *clock.target});
}

const char* name_of(ClockKind kind) {
  switch (kind) {
    case ClockKind::first_response:
      return "first_response";
    case ClockKind::task:
      return "task";
    case ClockKind::acceptance:
      return "acceptance";
    case ClockKind::answer:
      return "answer";
    case ClockKind::sign_off:
      return "sign_off";
    case ClockKind::dispute:
      return "dispute";
    case ClockKind::ruling:
      return "ruling";
    default:
      return "step";
  }
}

/// Urgent beats the rest, then the one further up: it is due later.
bool higher(const DueRung& a, const DueRung& b) {
  if ((a.by == By::urgent) != (b.by == By::urgent)) return a.by == By::urgent;
  return std::tuple(a.due, a.rung) > std::tuple(b.due, b.rung);
}

class Ringing {
 public:
  explicit Ringing(Draft& d) : d_(d) {}

  void reach(const std::vector<DueRung>& rungs) {
    for (const DueRung& rung : rungs) reach(rung);
  }
  /// Whoever has to rule gets both positions; a rung of the same moment says no more. Where nobody can judge, who watches
  /// hears that the sides have to come together. `before`: those who had to rule until now, and did not.
  void submit(const std::vector<PersonId>& before) {
    const Dispute& dispute = *d_.request().dispute;
    const Clock* clock = running_clock(d_.request(), ClockKind::ruling);
    const auto submit_to = [&](const std::vector<PersonId>& people, const char* key) {
      Notice notice;
      notice.clock = clock->id;
      notice.reminder = true;
      notice.key = key;
      notice.args = d_.about({{"who", d_.names(accountable_for(*clock))},
                              {"from", d_.time(clock->start)},
                              {"time", clock->target ? d_.time(*clock->target) : std::string()}});
      for (const PersonId& person : people) {
        if (std::ranges::find(submitted_, person) != submitted_.end()) continue;
        submitted_.push_back(person);
        d_.effect(Notify{d_.request().id, Target::to(person), {}, notice, By::in_private});
      }
    };
    if (dispute.judges.empty()) return submit_to(d_.role(Role::pmo), "escalate_dispute");
    if (dispute.submitted != Judge::leadership_group) return submit_to(dispute.judges, "dispute_to_judge");
    std::vector<PersonId> missed = before;
    const auto rules_still = judges(d_.request(), d_.context().rules, d_.context().now);
    std::erase_if(missed, [&](const PersonId& one) { return std::ranges::find(rules_still, one) == rules_still.end(); });
    submit_to(missed, "dispute_to_next");
    submit_to(dispute.judges, "dispute_to_group");
  }
  /// Whether this person hears of it by a reminder or as a judge.
  [[nodiscard]] bool tells(const PersonId& person) const {
    return messages_.contains(person) || std::ranges::find(submitted_, person) != submitted_.end();
  }
  /// Each person once.
  void tell() {
    std::vector<std::pair<Message, std::vector<PersonId>>> group;
    for (const auto& [person, message] : messages_) {
      if (std::ranges::find(submitted_, person) != submitted_.end()) continue;
      if (message.rung.by != By::in_group || !group_chat(d_.request())) {
        d_.effect(Notify{d_.request().id, Target::to(person), {}, notice(message, person), by_of(message.rung)});
        continue;
      }
      const auto same = std::ranges::find_if(group, [&](const auto& one) {
        return one.first.rung.clock == message.rung.clock && one.first.rung.rung == message.rung.rung;
      });
      if (same == group.end())
        group.push_back({message, {person}});
      else
        same->second.push_back(person);
    }
    for (auto& [message, people] : group)
      d_.effect(Notify{d_.request().id, Target::to(*group_chat(d_.request())), people, notice(message, people.front()),
                       By::in_group});
  }

 private:
  void reach(const DueRung& rung) {
    const Clock* clock = find_clock(d_.request(), rung.clock);
    std::vector<PersonId> told;
    for (const Recipient& recipient : rung.to)
      for (const PersonId& person : resolve(recipient, d_.request(), clock, d_.context().rules, d_.context().now))
        if (std::ranges::find(told, person) == told.end()) told.push_back(person);
    for (const PersonId& person : told) {
      if (!can_see(d_.request(), person, d_.context().rules, d_.context().now)) continue;
      auto [entry, first] = messages_.try_emplace(person, Message{rung, 0});
      if (!first && higher(rung, entry->second.rung)) entry->second.rung = rung;
      entry->second.count += std::uint32_t{rung.missed} + 1;
    }
    d_.add(RungReached{rung.clock, rung.rung, rung.due, rung.occurrence, rung.missed, std::move(told)});
  }

  [[nodiscard]] By by_of(const DueRung& rung) const { return rung.by == By::in_group ? By::in_private : rung.by; }

  [[nodiscard]] Notice notice(const Message& message, const PersonId& person) const {
    // A dispute that was submitted goes on as a ruling that is awaited, a ruling that was not made as that of the next.
    const Clock* own = find_clock(d_.request(), message.rung.clock);
    const Clock* ruling = own == nullptr || own->stopped ? running_clock(d_.request(), ClockKind::ruling) : nullptr;
    const Clock& clock = own != nullptr ? *own : *ruling;
    const Rung& rung = clock_rule(d_.context().policy, clock.kind).ladder[message.rung.rung];
    const std::vector<PersonId> accountable = accountable_for(clock);
    const bool theirs = std::ranges::find(accountable, person) != accountable.end();
    Notice notice;
    notice.clock = ruling != nullptr ? ruling->id : clock.id;
    notice.rung = message.rung.rung;
    notice.reminder = true;
    notice.key = key(message, clock, rung, theirs);
    const Task* task = find_task(d_.request(), clock.task);
    // Date and what is left of it are put in when it is sent.
    notice.args = d_.about({{"who", d_.names(accountable)},
                            {"task", d_.request().id.str() + (task != nullptr ? "." + task->no.str() : std::string())},
                            {"content", task != nullptr ? task->content : d_.request().title},
                            {"count", std::to_string(message.count)}});
    return notice;
  }
  [[nodiscard]] std::string key(const Message& message, const Clock& clock, const Rung& rung, bool theirs) const {
    const bool held_up = message.count > 1 && d_.context().now - message.rung.due > held_up_from;
    if (held_up) return theirs ? "caught_up" : "caught_up_escalation";
    if (rung.asks_reason) return "ask_reason";
    return std::string(theirs ? "remind_" : "escalate_") + name_of(clock.kind);
  }
  [[nodiscard]] std::vector<PersonId> accountable_for(const Clock& clock) const {
    if (clock.kind == ClockKind::sign_off) return d_.role(Role::signer, &clock);
    if (clock.kind == ClockKind::dispute || clock.kind == ClockKind::ruling) {
      const auto next = next_step(d_.request(), d_.context().policy, d_.context().rules, d_.context().now);
      return next ? next->who : std::vector<PersonId>{};
    }
    const bool requester = clock.kind == ClockKind::answer || clock.kind == ClockKind::acceptance;
    return d_.role(requester ? Role::requester : Role::owner, &clock);
  }

  Draft& d_;
  std::map<PersonId, Message> messages_;
  std::vector<PersonId> submitted_;
};

/// One notice per person: who is reminded at the same time knows that it goes on.
void tell_resumed(Draft& d, const std::string& reason, const Ringing& ring) {
  const auto next = next_step(d.request(), d.context().policy, d.context().rules, d.context().now);
  if (!next) return;
  std::vector<PersonId> whom = next->who;
  std::erase_if(whom, [&](const PersonId& person) { return ring.tells(person); });
  d.tell(whom, "resumed_by_itself", {{"reason", reason}, {"time", next->by_when ? d.time(*next->by_when) : std::string()}});
}

/// Clocks that have come to an end, and what fell due before and because of that.
bool ring_and_submit(Draft& d, Ringing& ring) {
  const auto due = [&] { return due_rungs(d.request(), d.context().policy, d.context().rules, d.context().now); };
  // Reached first: the clock of a ruling that was not made gives way to that of the next.
  ring.reach(due());
  const Judge before = d.request().dispute ? d.request().dispute->submitted : Judge::none;
  const std::vector<PersonId> judges_before = disputed(d.request()) ? d.request().dispute->judges : std::vector<PersonId>{};
  d.submit_dispute();
  const bool submitted = disputed(d.request()) && d.request().dispute->submitted != before;
  if (submitted) ring.reach(due());
  breach(d);
  if (submitted) ring.submit(judges_before);
  ring.tell();
  return submitted;
}

}  // namespace

Decision wake_request(const Request& request, const Context& context) {
  if (terminal(request.phase)) return {};
  Draft draft(request, context);
  if (request.conditions.needs_care) draft.add(CareNeeded{false, {}});
  const bool moved = recompute(draft);
  const std::optional<std::string> resumed = end_pause(draft);
  const bool accepted = accept_by_silence(draft);
  bool submitted = false;
  if (!terminal(draft.request().phase)) {
    Ringing ring(draft);
    submitted = ring_and_submit(draft, ring);
    if (resumed) tell_resumed(draft, *resumed, ring);
  }
  return std::move(draft).finish_alone(moved || resumed || accepted || submitted);
}

}  // namespace xieban
