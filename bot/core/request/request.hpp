#pragma once
// One collaboration request: what it is, what may be done to it, what happened. decide() says what follows from a
// command, evolve() is the only code that changes a Request.

#include <cstdint>
#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "bot/base/ids.hpp"
#include "bot/base/time.hpp"
#include "bot/core/clock/policy.hpp"
#include "bot/core/people.hpp"
#include "bot/core/request/effect.hpp"
#include "bot/core/words/phrase.hpp"

namespace xieban {

struct Rules;

enum class Level { open, participants, department, secret };

struct Pause {
  TimePoint from;
  std::optional<TimePoint> until;  // when it ended, or the date promised while it lasts
  bool ended = false;
  std::string reason;
};
struct RungState {
  std::optional<TimePoint> reached;  // when it last fired
  std::uint16_t count = 0;           // occurrences reached so far, missed ones included
};
/// Counts time on a calendar from start to target. `target` already holds the pauses that ended.
struct Clock {
  ClockId id;
  ClockKind kind = ClockKind::first_response;
  TimePoint start;
  std::optional<TimePoint> target, stopped;
  std::vector<Pause> pauses;
  CalendarId calendar;
  std::vector<RungState> rungs;  // one per rung of the rule
  TaskNo task;                   // whose due time it is; empty: the request's own
  PersonId signer;               // whose signature it waits for; empty: none
  bool breached = false;         // its target has passed and that is in the history
  [[nodiscard]] bool running() const { return !stopped && (pauses.empty() || pauses.back().ended); }
  [[nodiscard]] bool paused() const { return !stopped && !pauses.empty() && !pauses.back().ended; }
};
struct Conditions {
  bool waiting_for_requester = false;
  bool blocked = false;     // an owner said 风险/滞后 because of someone else; set by a report
  bool late = false;        // a running clock is past its target
  bool at_risk = false;     // the owner reported 风险
  bool needs_care = false;  // our own fault: a function threw; shown in the PMO queue
  bool disputed = false;    // the two sides have not come together, and nobody has ruled
  std::optional<Pause> paused;
};
enum class Health { normal, late, risk };
enum class TaskState { open, delivered, done };
struct Task {
  TaskNo no;
  std::string content;
  PersonId owner;
  DepartmentId department;
  TimePoint created, due, baseline;
  std::string standard;
  TaskNo after;  // predecessor; empty: none
  TaskState state = TaskState::open;
  std::uint8_t percent = 0;
  Health health = Health::normal;
  std::string reason, measure;
  std::optional<TimePoint> reported_at;  // of the last report on this task
};
struct Supporting {
  DepartmentId department;
  PersonId contact;
};
/// A date that waits for the confirmation of those it affects.
struct Extension {
  TaskNo task;  // empty: the request itself
  TimePoint from, to;
  std::string reason;
  PersonId by;
  TimePoint asked;
};
enum class SignState { waiting, agreed, objected };
/// What one named person answers to a sign-off.
struct Signature {
  PersonId signer;
  DepartmentId department;  // whose head hears of it when it is late
  SignState state = SignState::waiting;
  PersonId by;  // who answered: the signer, or who stands in for them
  std::optional<TimePoint> at;
  std::string hash;    // of the text that was answered
  std::string reason;  // of an objection
};
/// Agreement of named people on one exact text of the request: agreed_text().
struct SignOff {
  PersonId by;  // who asked last
  TimePoint asked;
  std::string hash;  // SHA-256 of the text, in hex
  std::vector<Signature> signatures;
};
/// The two sides of a dispute.
enum class Party { requester, owner };
struct Position {
  std::string text;  // empty: not stated yet
  PersonId by;
  std::optional<TimePoint> at;
};
enum class Judge { none, vice_president, leadership_group };
/// The sides cannot agree: until somebody rules, or one side takes the other's position.
struct Dispute {
  PersonId by;  // who marked it
  TimePoint since;
  Position requester, owner;
  Judge submitted = Judge::none;  // to whom it was submitted last, and who that was
  std::vector<PersonId> judges;
  std::string ruling;
  PersonId ruled_by;
  bool over = false;  // ruled, settled, or closed with the request
};
struct Counters {
  std::uint32_t clocks = 0, tasks = 0, notes = 0, rejects = 0, nudges = 0, escalations = 0, reopened = 0;
};
/// What the last command did, for /撤回: which history entries belong to it.
struct LastStep {
  PersonId by;
  TimePoint at;
  std::string verb;             // name of the command's alternative, e.g. "accept"
  std::uint64_t first_seq = 0;  // history entries from here on belong to it
};

struct Request {
  RequestId id;
  int year = 0;  // of raising, local
  std::string title;
  TypeId type;
  PolicyHash policy;
  bool urgent = false;
  Phase phase = Phase::raise;
  Phase closed_from = Phase::raise;  // where reopening returns to
  Conditions conditions;
  PersonId requester, owner;
  DepartmentId raised_by;  // the requester's department
  DepartmentId lead;
  std::vector<Supporting> supporting;
  std::vector<ChatRef> chats;           // the first is where it was raised; may be a private chat
  ChatRef group;                        // the one of them that was made for it; empty: none
  std::vector<PersonId> group_members;  // who were put into it
  Level level = Level::open;
  TimePoint raised_at, due, baseline;
  bool due_assumed = false;  // nobody wrote one: the default of the type
  std::string goal, background, situation, impact;
  std::map<std::string, std::string> fields;  // of the type
  std::uint8_t percent = 0;
  Health health = Health::normal;
  std::string reason, measure;  // of the last report
  std::optional<TimePoint> reported_at;
  std::string question;  // what the owner asked back
  std::string delivery;  // what was delivered
  PersonId delivered_by;
  std::string closing;  // reason of the terminal phase; counter-proposal behind a decline
  std::string proposal;
  std::optional<TimePoint> closed_at;
  std::vector<Clock> clocks;  // open ones, and stopped ones that something open still refers to
  std::vector<Task> tasks;
  std::optional<Extension> extension;
  std::optional<SignOff> sign_off;
  std::optional<Dispute> dispute;  // the last one
  std::vector<PersonId> followers;
  std::optional<TimePoint> nudged_at;
  std::optional<LastStep> last_step;
  Counters counters;
  std::uint64_t rules_version = 0;  // calendars under which the clocks were computed
  std::uint64_t seq = 0;            // history entries so far
  std::uint32_t version = 0;        // grows by one with every change
};

/// "XB-2026-0012".
std::string number(const Request&);
std::string number(RequestId, int year);
bool terminal(Phase);
const Clock* find_clock(const Request&, ClockId);
const Clock* running_clock(const Request&, ClockKind, TaskNo = {}, const PersonId& signer = {});  // or paused
const Task* find_task(const Request&, TaskNo);
/// Where the request is talked about: its own group, else the first of its chats that is a group; nullopt: none is.
std::optional<ChatRef> group_chat(const Request&);
/// Who belongs into its own group: whoever has a part in it, the first receiver and the head of the lead department, and
/// who stands in for them.
std::vector<PersonId> group_people(const Request&, const Rules&, TimePoint now);

// ---- what may be done to a request -------------------------------------------------------------

struct Raise {
  TypeId type;
  std::string title;
  DepartmentId lead;  // one of lead and owner is given; the other follows
  PersonId owner;
  std::optional<TimePoint> due;
  bool urgent = false;
  std::string goal, background, situation, impact;
  std::map<std::string, std::string> fields;
  ChatRef chat;  // where it was raised; cards go there
  bool chat_is_private = false;
  std::vector<std::string> due_doubts;  // how `due` was read, by the names of its warnings: the answer says them in words
};
struct Accept {
  std::optional<TimePoint> due;
};  // may promise a date of its own: asks for confirmation when later
struct Decline {
  std::string reason, proposal;
};
struct AskBack {
  std::string question;
};  // by the requester while one waits: the answer
struct Assign {
  PersonId person;
};
struct HandOver {
  PersonId person;
  std::string reason;
};
struct Support {
  DepartmentId department;
};
struct AddTask {
  PersonId owner;
  std::string content;
  std::optional<TimePoint> due;
  std::string standard;
  TaskNo after;
};
struct Report {
  TaskNo task;
  std::optional<std::uint8_t> percent;
  Health health = Health::normal;
  std::string reason, measure;
};
struct Extend {
  TaskNo task;
  std::optional<TimePoint> due;
  std::string reason;
};
/// What an answer is about. `any`: whichever waits for the person: an extension before a sign-off, as it changes what is
/// signed, and that before the other side's position.
enum class Matter { any, extension, sign_off, dispute };
struct Confirm {
  bool yes = true;
  std::string reason;
  Matter matter = Matter::any;
  std::string text;  // how the hash of the text began that was shown with the button; empty: it was typed
};
/// Asks these people to agree to the request as it stands now.
struct AskSign {
  std::vector<PersonId> people;
};
/// Marks a dispute, or states what the other side thinks.
struct TakePosition {
  std::string text;
};
struct GiveRuling {
  std::string decision;
};
struct Escalate {
  std::string reason;
};
struct Nudge {};
struct Deliver {
  TaskNo task;
  std::string text;
};
struct Verify {
  TaskNo task;
  bool pass = true;
  std::string reason;
};
struct PauseIt {
  std::string reason;
  std::optional<TimePoint> until;
};
struct Resume {};
struct Cancel {
  std::string reason;
};
struct Reopen {
  std::string reason;
};
struct AddNote {
  std::string text;
};
/// `before` and `first_seq`: the state before the last step, folded from the history by the caller.
struct TakeBack {
  std::shared_ptr<const Request> before;
};
struct Follow {};
using Command = std::variant<Raise, Accept, Decline, AskBack, Assign, HandOver, Support, AddTask, Report, Extend, Confirm,
                             Escalate, Nudge, Deliver, Verify, PauseIt, Resume, Cancel, Reopen, AddNote, TakeBack, Follow,
                             AskSign, TakePosition, GiveRuling>;
/// Stable lower-case name of a command's alternative: "accept", "ask_back" …; the verb of LastStep and of the metrics.
std::string_view verb_name(const Command&);

// ---- what happened: the history -----------------------------------------------------------------

/// The request as raised: everything evolve needs to make it.
struct Raised {
  std::shared_ptr<const Request> as;
};
struct OwnerChanged {
  PersonId from, to;
  std::string reason;
};
struct PhaseMoved {
  Phase from = Phase::raise, to = Phase::raise;
  std::string reason;
};
struct ClockStarted {
  Clock clock;
};
struct ClockStopped {
  ClockId clock;
  TimePoint at;
};
struct ClockPaused {
  ClockId clock;
  TimePoint at;
  std::string reason;
};
struct ClockResumed {
  ClockId clock;
  TimePoint at;
  std::optional<TimePoint> target;
};  // the target moved by the paused working time
struct ClockMoved {
  ClockId clock;
  std::optional<TimePoint> before, after;
  std::string why;                              // "calendar", "type"
  std::optional<CalendarId> calendar;           // set: it counts on this one now
  std::optional<std::vector<RungState>> rungs;  // set: what counts as reached now; what comes later than it came is ahead again
};
struct RungReached {
  ClockId clock;
  std::uint16_t rung = 0;
  TimePoint due;
  std::uint16_t count = 1, missed = 0;
  std::vector<PersonId> told;
};
struct Breached {
  ClockId clock;
  TimePoint target;
};
struct Declined {
  std::string reason, proposal;
};
struct Asked {
  std::string question;
};
struct Answered {
  std::string text;
};
struct SupportAdded {
  Supporting supporting;
};
struct TaskAdded {
  Task task;
};
struct TaskChanged {
  Task task;
};
struct Reported {
  TaskNo task;
  std::uint8_t percent = 0;
  Health health = Health::normal;
  std::string reason, measure;
  TimePoint at;
};
struct ExtensionAsked {
  Extension extension;
};
struct ExtensionSettled {
  bool yes = true;
  Extension extension;
  std::string reason;
};
struct Escalated {
  std::string reason;
  std::vector<PersonId> to;
};
struct Nudged {
  std::vector<PersonId> to;
  TimePoint at;
};
struct Delivered {
  std::string text;
  PersonId by;
};
struct Verified {
  bool pass = true;
  std::string reason;
};
struct Paused {
  Pause pause;
};
struct Resumed {
  TimePoint at;
};
struct Closed {
  Phase as = Phase::archived;
  std::string reason;
  TimePoint at;
};
struct Reopened {
  Phase to = Phase::respond;
  std::string reason;
  std::optional<TimePoint> due;
};
struct Noted {
  std::string text;
};
struct TakenBack {
  std::string verb;
  std::shared_ptr<const Request> restored;
};
struct Followed {
  PersonId person;
  bool on = true;
};
struct CareNeeded {
  bool needed = true;
  std::string why;
};
struct Refused {
  std::string verb;
  std::string why;
};  // kept in the history: who tried what
struct StepMarked {
  LastStep step;
};  // closes the entries of one command, for /撤回
/// The clocks were computed anew under these calendars.
struct ClocksRecomputed {
  std::uint64_t rules_version = 0;
};
/// An administrator carried a changed type over.
struct TypeApplied {
  PolicyHash from, to;
};
/// It has a group of its own now.
struct GroupMade {
  ChatRef chat;
  std::string name;
  std::vector<PersonId> members;
};
struct GroupGrew {
  std::vector<PersonId> people;
};
/// Dissolved, or Xieban was removed from it.
struct GroupGone {
  ChatRef chat;
};
/// These were asked to agree to the text of that hash; who is asked again has not answered it.
struct SignOffAsked {
  PersonId by;
  TimePoint at;
  std::string hash;
  std::vector<Signature> asked;
};
struct Signed {
  Signature signature;
};
/// The text is another one: what was signed counts no more, and everybody is asked again.
struct SignaturesVoided {
  std::string before, hash;
  std::vector<PersonId> signers;  // whose answers those were
};
struct PositionTaken {
  Party party = Party::requester;
  Position position;
};
struct DisputeSubmitted {
  Judge to = Judge::vice_president;
  std::vector<PersonId> judges;
};
struct Ruled {
  std::string decision;
  PersonId by;
};
/// One side takes the other's position.
struct DisputeSettled {
  Party accepted = Party::requester;
  PersonId by;
};
using Event = std::variant<Raised, OwnerChanged, PhaseMoved, ClockStarted, ClockStopped, ClockPaused, ClockResumed, ClockMoved,
                           RungReached, Breached, Declined, Asked, Answered, SupportAdded, TaskAdded, TaskChanged, Reported,
                           ExtensionAsked, ExtensionSettled, Escalated, Nudged, Delivered, Verified, Paused, Resumed, Closed,
                           Reopened, Noted, TakenBack, Followed, CareNeeded, Refused, StepMarked, ClocksRecomputed, TypeApplied,
                           GroupMade, GroupGrew, GroupGone, SignOffAsked, Signed, SignaturesVoided, PositionTaken,
                           DisputeSubmitted, Ruled, DisputeSettled>;
std::string_view kind_name(const Event&);  // stable: "raised", "owner_changed" …; the `kind` column of the history

/// One entry as it stands in the history. `at`: our clock; `counted_at`: when the action counts.
struct Stamped {
  RequestId request;
  std::uint64_t seq = 0;  // 1, 2, 3 …
  TimePoint at, counted_at;
  PersonId by;  // empty: Xieban itself
  Event event;
};

// ---- the two pure functions ------------------------------------------------------------------------

enum class Refusal {
  unknown,
  not_yours,
  already_closed,
  wrong_phase,
  bad_person,
  nothing_due,
  reason_missing,
  proposal_missing,
  measure_missing,
  too_soon,
  too_late,
  bad_time,
  own_work,
  same_as_before,
  not_paused,
  no_such_task,
  cycle
};
/// A value, not an error. The text says what was wrong, who may, or what to write instead.
struct Refusing {
  Refusal why = Refusal::unknown;
  Phrase text;
};
struct Decision {
  std::vector<Event> events;
  std::vector<Effect> effects;
  Phrase done;  // what the actor is told: the toast, or the private answer to a typed command
};
struct Context {
  PersonId actor;     // empty: Xieban itself
  TimePoint at, now;  // at: when the action counts; now: our clock
  const Policy& policy;
  const Rules& rules;
  RequestId new_id;  // for Raise: the next running number
};

/// Pure. `request` is nullopt for Raise only. Rights are checked here, on the actor.
std::expected<Decision, Refusing> decide(const std::optional<Request>&, const Command&, const Context&);
/// Whether `decide` could succeed as far as rights and phase go: what a card offers a viewer.
bool may(const Request&, const PersonId&, std::string_view verb, const Rules&, TimePoint now);
/// Time has come: rungs, breaches, ends of pauses, acceptance by silence. Merged per person: the highest rung wins.
Decision wake_request(const Request&, const Context&);
/// The request goes on under the policy of the context, a newer one of its type: clocks, calendars and ladders follow.
Decision apply_type(const Request&, const Policy& before, const Context&);
/// Whoever owns the request or an open task of it and has left the company is followed by who answers for the department.
Decision replace_leavers(const Request&, const Context&);
/// The platform has made the request's own group, with these people in it.
Decision group_made(const Request&, const GroupMade&, const Context&);
/// That group is there no more.
Decision group_gone(const Request&, const Context&);
/// The only code that changes a Request. Total: an event that does not fit leaves it as it is.
Request evolve(Request, const Event&);
/// Applies an entry: evolve, then seq and version.
Request apply(Request, const Stamped&);
/// From nothing: folding the history gives the stored row.
std::optional<Request> fold(const std::vector<Stamped>&);
/// May this person see more than the number?
bool can_see(const Request&, const PersonId&, const Rules&, TimePoint now);

}  // namespace xieban
