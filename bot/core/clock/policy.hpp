#pragma once
// Types of request and their clocks: the whole reminder engine, as pure functions of request, policy and calendar.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "bot/base/ids.hpp"
#include "bot/base/time.hpp"
#include "bot/core/people.hpp"

namespace xieban {

struct Request;
struct Rules;

enum class Phase { raise, respond, agree, plan, run, deliver, accept, review, archived, declined, cancelled };

/// The ids of the configuration, and `answer`: the requester's clock while the owner waits for an answer.
enum class ClockKind {
  first_response,
  recovery,
  sign_off,
  task,
  progress,
  milestone,
  dispute,
  ruling,
  minutes,
  acceptance,
  review,
  assessment,
  answer
};

/// When a rung is due. Percent of the working time from start to target.
struct Share {
  std::uint8_t percent = 0;
  friend bool operator==(const Share&, const Share&) = default;
};
/// From the target. Before it (negative) on the clock's calendar; after it on `office`, on a natural clock on `natural`.
struct Offset {
  Duration by{};
  CalendarId calendar;  // empty: the rule above
  friend bool operator==(const Offset&, const Offset&) = default;
};
struct Repeat {
  Duration every{};        // zero: each working date at 09:00, from the rung's own instant on
  std::uint8_t times = 8;  // after the target; then once each working date at 09:00
  friend bool operator==(const Repeat&, const Repeat&) = default;
};
enum class By { in_private, in_group, urgent };
using Recipient = std::variant<Role, PersonId>;
struct Rung {
  std::variant<Share, Offset> at;
  std::vector<Recipient> to;
  By by = By::in_private;
  std::optional<Repeat> repeat;
  bool asks_reason = false;      // the message asks why it is late
  bool unless_reported = false;  // falls away once a reason was reported after the target
  friend bool operator==(const Rung&, const Rung&) = default;
};
struct ClockRule {
  ClockKind kind = ClockKind::first_response;
  std::optional<Duration> target;  // absent where the thing has its own due time
  CalendarId calendar;
  std::vector<Rung> ladder;
  friend bool operator==(const ClockRule&, const ClockRule&) = default;
};
enum class FieldKind { text, long_text, number, choice, person, department, datetime };
struct FieldRule {
  std::string id, name;
  FieldKind kind = FieldKind::text;
  bool required = false;
  std::vector<std::string> choices;
  friend bool operator==(const FieldRule&, const FieldRule&) = default;
};
enum class Cadence { off, daily, weekly, biweekly };
/// What becomes of a request's own group when the request is closed.
enum class GroupAfter { keep, dissolve };

/// A type as it was when a request was raised; kept for ever, found by its hash.
struct Policy {
  PolicyHash hash;  // over everything below; made by policy_hash() of storage/codec
  TypeId type;
  std::string name;
  std::vector<std::string> aliases;
  std::vector<Phase> gates;  // of respond agree plan run deliver accept review, in this order
  bool urgent = false;
  bool own_group = false;
  GroupAfter own_group_after = GroupAfter::keep;
  bool accept_by_silence = false;
  Duration reopen_within{};
  Cadence progress = Cadence::off;
  int progress_at = 16 * 60;  // minute of the local day
  std::vector<FieldRule> fields;
  std::vector<ClockRule> clocks;
};

struct Clock;

/// A rung whose time has come (or, in `upcoming`, will come).
struct DueRung {
  ClockId clock;
  std::uint16_t rung = 0;
  TimePoint due;                 // the occurrence that is announced (the latest one missed)
  std::uint16_t occurrence = 0;  // 1 for the first; the number that is reached when it fires
  std::uint16_t missed = 0;      // occurrences passed over since the last one
  std::vector<Recipient> to;
  By by = By::in_private;
};

/// The instant of occurrence `n` (1 = first) of a rung; nullopt when the rung cannot come (no target) or n is past its end.
std::optional<TimePoint> rung_instant(const Clock&, const Rung&, std::uint16_t n, const Policy&, const Rules&);
/// Working time counted on the clock so far, pauses taken out.
Duration elapsed(const Clock&, const Rules&, TimePoint now);
/// Working time left until the target; negative when late; nullopt without target.
std::optional<Duration> remaining(const Clock&, const Rules&, TimePoint now);

/// Where the target of a paused clock stands when the pause ends then: later by exactly the paused working time.
TimePoint target_after_pause(const Clock&, const Rules&, TimePoint until);

/// The clock counted anew by a rule and by the calendars as they are: calendar, target (where the rule gives one; ended
/// pauses move it), and what of its ladder counts as reached now. `before`: the rule its rungs were reached by.
Clock counted_anew(const Clock&, const ClockRule& before, const ClockRule& rule, const Rules&, TimePoint now);

/// Rungs due at or before now on running clocks, earliest first; a rung's missed repeats come as one.
std::vector<DueRung> due_rungs(const Request&, const Policy&, const Rules&, TimePoint now);
/// Everything that will fire from `now` to `until`, earliest first, at most `limit`: what `/playground/api/plan` and
/// `xieban preview` show.
std::vector<DueRung> upcoming(const Request&, const Policy&, const Rules&, TimePoint now, TimePoint until, std::size_t limit);
/// The earliest instant at which anything of this request happens by itself; nullopt for a terminal request.
std::optional<TimePoint> wake_at(const Request&, const Policy&, const Rules&);

/// What must happen next. Card, reminders, escalation, /查看 and scores all read this one.
enum class Step {
  respond,         // accept, decline or ask back
  answer,          // the requester answers the owner's question
  execute,         // the owner works and reports
  submit,          // everything is done: submit the delivery
  verify,          // the requester accepts or rejects
  confirm_change,  // somebody confirms a postponement
  sign,            // somebody named agrees to the text, or objects
  state_position,  // the other side of a dispute says what it thinks
  settle,          // both sides have spoken: they come together
  rule,            // a dispute was submitted: the judge decides
  resume,          // paused: resume it, or wait for the date
};
struct NextStep {
  std::vector<PersonId> who;  // the accountable person first
  Step what = Step::respond;
  std::optional<TimePoint> by_when;
  ClockId clock;  // stands still while paused: then `by_when` says when that ends
  TaskNo task;    // empty: the request itself
};
/// nullopt: nobody can be named, so it belongs to the PMO queue. Terminal requests have none either.
std::optional<NextStep> next_step(const Request&, const Policy&, const Rules&, TimePoint now);

/// The department whose line and calendar a clock follows: a task's, the requester's while they have to act, else the lead.
DepartmentId line_of(const Request&, const Clock*);
/// People a recipient means for this request now: on leave, left or vacant goes to the substitute, then one level up.
std::vector<PersonId> resolve(const Recipient&, const Request&, const Clock*, const Rules&, TimePoint now);

/// Rungs that are not urgent go out 08:30-21:00 of working dates: `t` itself or the next opening.
TimePoint next_opening(TimePoint t, const Rules&);

/// The rule of a clock: the type's own, else the one that every type is shipped with.
const ClockRule& clock_rule(const Policy&, ClockKind);
/// When a request without a date is due: normal at the day end of the fifth working date, urgent 24 h later.
TimePoint default_due(const Policy&, bool urgent, const DepartmentId& lead, const Rules&, TimePoint now);

/// The types as shipped: 普通 (normal), 紧急 (urgent) and the rest of the configuration's list, with the clocks of the design.
std::vector<Policy> shipped_policies();

}  // namespace xieban
