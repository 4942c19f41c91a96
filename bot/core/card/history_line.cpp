// The history in words: one line per entry that people care about.

#include "bot/core/card/card.hpp"
#include "bot/core/card/wording.hpp"
#include "bot/core/request/dispute.hpp"
#include "bot/core/request/sign_off.hpp"

namespace xieban {
namespace {

using Args = std::vector<std::pair<std::string, std::string>>;

/// An entry counts as late when Xieban was not there (or must not send) at its time.
constexpr Duration noticeable{60 * 1000};

class Teller {
 public:
  Teller(const Stamped& entry, const Request& after, const Rules& rules, TimePoint now, const Policy* policy)
      : entry_(entry), after_(after), rules_(rules), now_(now), policy_(policy) {}

  std::string operator()(const Raised& event) const {
    const Request& as = event.as ? *event.as : after_;
    return tell("log.raised",
                {{"owner", who(as.owner)}, {"department", wording::department(rules_, as.lead)}, {"time", when(as.due)}});
  }
  std::string operator()(const OwnerChanged& event) const {
    return tell("log.owner_changed", {{"person", who(event.to)}, {"why", because(event.reason)}});
  }
  std::string operator()(const PhaseMoved& event) const {
    const bool accepted = event.from == Phase::respond && event.to == Phase::run && !entry_.by.empty();
    if (accepted) return tell("log.accepted", {});
    // The delivery, and what became of it, stand in the history themselves.
    if (event.to == Phase::accept || event.from == Phase::accept) return {};
    return tell("log.phase_moved", {{"phase", wording::phase(lang(), event.to)}, {"why", because(event.reason)}});
  }
  std::string operator()(const ClockStarted&) const { return {}; }
  std::string operator()(const ClockStopped&) const { return {}; }
  std::string operator()(const ClockPaused&) const { return {}; }
  std::string operator()(const ClockResumed&) const { return {}; }
  std::string operator()(const ClockMoved& event) const {
    if (!event.before || !event.after || event.before == event.after) return {};
    return tell("log.clock_moved", {{"clock", clock(event.clock)}, {"from", when(*event.before)}, {"to", when(*event.after)}});
  }
  std::string operator()(const RungReached& event) const {
    const Duration delay = entry_.at - event.due;
    std::string line =
        tell("log.rung_reached",
             {{"clock", clock(event.clock)}, {"rung", rung(event)}, {"people", wording::who(rules_, event.told)}});
    if (delay > noticeable)
      line += say(lang(), Phrase("log.late_by", {{"time", when(event.due)}, {"span", span(lang(), delay)}}));
    if (event.missed > 0) line += say(lang(), Phrase("log.missed", {{"count", std::to_string(event.missed)}}));
    return line;
  }
  std::string operator()(const Breached& event) const {
    return tell("log.breached", {{"clock", clock(event.clock)}, {"time", when(event.target)}});
  }
  std::string operator()(const Declined& event) const {
    return tell("log.declined", {{"reason", event.reason}, {"proposal", event.proposal}});
  }
  std::string operator()(const Asked& event) const { return tell("log.asked", {{"text", event.question}}); }
  std::string operator()(const Answered& event) const { return tell("log.answered", {{"text", event.text}}); }
  std::string operator()(const SupportAdded& event) const {
    return tell("log.support_added", {{"department", wording::department(rules_, event.supporting.department)},
                                      {"person", who(event.supporting.contact)}});
  }
  std::string operator()(const TaskAdded& event) const {
    return tell("log.task_added", {{"task", task(event.task.no)},
                                   {"text", event.task.content},
                                   {"person", who(event.task.owner)},
                                   {"time", when(event.task.due)}});
  }
  std::string operator()(const TaskChanged& event) const {
    std::string_view state = "task.open";
    if (event.task.state == TaskState::delivered) state = "task.delivered";
    if (event.task.state == TaskState::done) state = "task.done";
    return tell("log.task_changed", {{"task", task(event.task.no)},
                                     {"state", say(lang(), state)},
                                     {"person", who(event.task.owner)},
                                     {"time", when(event.task.due)}});
  }
  std::string operator()(const Reported& event) const {
    std::string line = tell("log.reported", {{"task", event.task.empty() ? std::string() : task(event.task) + " "},
                                             {"percent", std::to_string(int{event.percent})},
                                             {"health", wording::health(lang(), event.health)}});
    if (!event.reason.empty()) line += say(lang(), Phrase("card.reason", {{"reason", wording::set_in(event.reason)}}));
    if (!event.measure.empty()) line += say(lang(), Phrase("card.measure", {{"measure", wording::set_in(event.measure)}}));
    return line;
  }
  std::string operator()(const ExtensionAsked& event) const {
    return tell("log.extension_asked",
                {{"task", event.extension.task.empty() ? std::string() : task(event.extension.task) + " "},
                 {"from", when(event.extension.from)},
                 {"to", when(event.extension.to)},
                 {"why", because(event.extension.reason)}});
  }
  std::string operator()(const ExtensionSettled& event) const {
    return tell(event.yes ? "log.extension_yes" : "log.extension_no",
                {{"time", when(event.extension.to)}, {"why", because(event.reason)}});
  }
  std::string operator()(const Escalated& event) const {
    return tell("log.escalated", {{"people", wording::who(rules_, event.to)}, {"why", because(event.reason)}});
  }
  std::string operator()(const Nudged& event) const { return tell("log.nudged", {{"people", wording::who(rules_, event.to)}}); }
  std::string operator()(const Delivered& event) const { return tell("log.delivered", {{"text", event.text}}); }
  std::string operator()(const Verified& event) const {
    return tell(event.pass ? "log.verified" : "log.rejected", {{"why", because(event.reason)}});
  }
  std::string operator()(const Paused& event) const {
    std::string line = tell("log.paused", {{"why", because(event.pause.reason)}});
    if (event.pause.until) line += say(lang(), Phrase("log.until", {{"time", when(*event.pause.until)}}));
    return line;
  }
  std::string operator()(const Resumed&) const { return tell("log.resumed", {}); }
  std::string operator()(const Closed& event) const {
    return tell("log.closed", {{"phase", wording::phase(lang(), event.as)}, {"why", because(event.reason)}});
  }
  std::string operator()(const Reopened& event) const {
    return tell("log.reopened", {{"phase", wording::phase(lang(), event.to)}, {"why", because(event.reason)}});
  }
  std::string operator()(const Noted& event) const { return tell("log.noted", {{"text", event.text}}); }
  std::string operator()(const TakenBack& event) const { return tell("log.taken_back", {{"verb", verb(event.verb)}}); }
  std::string operator()(const Followed& event) const { return tell(event.on ? "log.followed" : "log.unfollowed", {}); }
  std::string operator()(const CareNeeded& event) const { return tell(event.needed ? "log.care_needed" : "log.care_done", {}); }
  std::string operator()(const Refused& event) const {
    return tell("log.refused", {{"verb", verb(event.verb)}, {"why", event.why}});
  }
  std::string operator()(const StepMarked&) const { return {}; }
  std::string operator()(const ClocksRecomputed&) const { return {}; }
  std::string operator()(const TypeApplied&) const {
    const auto policy = rules_.type(after_.type);
    return tell("log.type_applied", {{"type", policy ? policy->name : after_.type.value}});
  }
  std::string operator()(const GroupMade& event) const {
    return tell("log.group_made", {{"name", event.name}, {"people", wording::who(rules_, event.members)}});
  }
  std::string operator()(const GroupGrew& event) const {
    return tell("log.group_grew", {{"people", wording::who(rules_, event.people)}});
  }
  std::string operator()(const GroupGone&) const { return tell("log.group_gone", {}); }
  std::string operator()(const SignOffAsked& event) const {
    std::vector<PersonId> people;
    for (const Signature& one : event.asked) people.push_back(one.signer);
    return tell("log.sign_asked", {{"people", wording::who(rules_, people)}, {"hash", short_hash(event.hash)}});
  }
  std::string operator()(const Signed& event) const {
    const Signature& one = event.signature;
    const std::string person =
        one.by == one.signer ? std::string() : say(lang(), Phrase("log.for", {{"person", who(one.signer)}}));
    return tell(one.state == SignState::agreed ? "log.signed" : "log.objected",
                {{"for", person}, {"hash", short_hash(one.hash)}, {"reason", one.reason}});
  }
  std::string operator()(const SignaturesVoided& event) const {
    return tell(
        event.signers.empty() ? "log.sign_again" : "log.sign_void",
        {{"people", wording::who(rules_, event.signers)}, {"from", short_hash(event.before)}, {"to", short_hash(event.hash)}});
  }
  std::string operator()(const PositionTaken& event) const {
    return tell("log.position", {{"party", position(event.party)}, {"text", event.position.text}});
  }
  std::string operator()(const DisputeSubmitted& event) const {
    return tell(event.to == Judge::leadership_group ? "log.dispute_to_group" : "log.dispute_to_judge",
                {{"people", wording::who(rules_, event.judges)}});
  }
  std::string operator()(const Ruled& event) const { return tell("log.ruled", {{"text", event.decision}}); }
  std::string operator()(const DisputeSettled& event) const {
    return tell("log.settled", {{"party", position(event.accepted)}});
  }

 private:
  [[nodiscard]] Lang lang() const { return rules_.lang; }
  [[nodiscard]] std::string who(const PersonId& id) const { return wording::who(rules_, id); }
  [[nodiscard]] std::string when(TimePoint at) const { return wording::when(rules_, at, now_); }
  [[nodiscard]] std::string position(Party party) const {
    return say(lang(), party == Party::requester ? "log.requester_position" : "log.owner_position");
  }
  [[nodiscard]] std::string task(TaskNo no) const { return after_.id.str() + "." + no.str(); }
  [[nodiscard]] std::string because(const std::string& reason) const {
    return reason.empty() ? std::string() : say(lang(), Phrase("log.because", {{"reason", reason}}));
  }
  [[nodiscard]] std::string verb(const std::string& name) const {
    if (const std::string key = "verb." + name; has_phrase(key)) return say(lang(), key);
    return name;
  }
  [[nodiscard]] std::string clock(ClockId id) const {
    const Clock* clock = find_clock(after_, id);
    return clock ? wording::clock_of(rules_, after_, *clock) : say(lang(), "label.clock");
  }
  [[nodiscard]] std::string rung(const RungReached& event) const {
    const Clock* clock = find_clock(after_, event.clock);
    const ClockRule* rule = clock && policy_ ? wording::rule_of(*policy_, clock->kind) : nullptr;
    if (rule && event.rung < rule->ladder.size()) return wording::rung(lang(), rule->ladder[event.rung], clock->calendar);
    return say(lang(), Phrase("rung.number", {{"count", std::to_string(event.rung + 1)}}));
  }
  /// Time and person in front of what happened.
  [[nodiscard]] std::string tell(std::string_view key, Args args) const {
    for (auto& [name, value] : args) value = wording::set_in(value);
    return say(lang(), Phrase("log.line", {{"time", when(entry_.counted_at)},
                                           {"who", entry_.by.empty() ? say(lang(), "label.xieban") : who(entry_.by)},
                                           {"what", say(lang(), Phrase(std::string(key), std::move(args)))}}));
  }

  const Stamped& entry_;
  const Request& after_;
  const Rules& rules_;
  TimePoint now_;
  const Policy* policy_;
};

}  // namespace

std::string history_line(const Stamped& entry, const Request& after, const Rules& rules, TimePoint now, const Policy* policy) {
  return std::visit(Teller(entry, after, rules, now, policy), entry.event);
}

}  // namespace xieban
