#pragma once
// A decision while it is made: each event is applied at once, so what follows is decided on the newest state.

#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bot/core/request/request.hpp"
#include "bot/core/request/rights.hpp"
#include "bot/core/rules.hpp"

namespace xieban {

/// What a command's part of decide() answers: what the actor is told, or why not.
using Outcome = std::expected<Phrase, Refusing>;

class Draft {
 public:
  using Args = rights::Args;

  Draft(Request, const Context&);

  [[nodiscard]] const Request& request() const { return request_; }
  [[nodiscard]] const Context& context() const { return context_; }
  [[nodiscard]] const Directory& people() const { return people_; }
  [[nodiscard]] const PersonId& actor() const { return context_.actor; }
  /// When the action counts; never before the request existed.
  [[nodiscard]] TimePoint at() const { return at_; }
  void happens_at(TimePoint at) { at_ = at; }
  [[nodiscard]] bool changed() const { return !events_.empty(); }

  void add(Event);
  void effect(Effect effect) { effects_.push_back(std::move(effect)); }

  // -- clocks
  void start_clock(ClockKind, std::optional<TimePoint> target = std::nullopt, TaskNo = {}, const PersonId& signer = {});
  /// What the type's calendar means for the department that the clock is about.
  [[nodiscard]] CalendarId calendar_for(const Clock&) const;
  void stop_clock(ClockKind, TaskNo = {}, const PersonId& signer = {});
  void stop_clocks();
  /// Those of the work; what people still owe each other, a signature or a ruling, goes on.
  void stop_work();
  /// Each signature that is awaited has a clock.
  void start_signing();
  /// A dispute whose time has come goes to its judge, at its target.
  void submit_dispute();
  /// Ends a clock and starts it anew with another target; a paused one stays paused.
  void restart_clock(ClockKind, TimePoint target, TaskNo = {});
  void pause_clock(const Clock&, const std::string& reason);
  void resume_clock(const Clock&);
  /// Puts a clock counted anew in the place of the old one, before and after in the history. Whether its target moved.
  bool replace_clock(const Clock& before, const Clock& fresh, const std::string& why);
  /// The clock that the owner's work runs on now: first response, else the request's own task clock.
  [[nodiscard]] const Clock* main_clock() const;
  /// The request's date while that lies ahead, else the default of its type.
  [[nodiscard]] TimePoint date_ahead(TimePoint wished) const;
  /// A date for work that came back: what was left of it, but at least as long as a first response may take.
  [[nodiscard]] TimePoint date_for_rework(TaskNo, TimePoint due) const;

  // -- steps that several commands share
  void move_to(Phase, std::string reason = {});
  void give_to(const PersonId&, std::string reason = {}, Phrase news = {});
  void close(Phase as, std::string reason);
  void end_waiting(std::string answer);
  void resume_all();
  /// There are tasks, and each is delivered or done.
  [[nodiscard]] bool nothing_open() const;

  // -- telling people
  [[nodiscard]] std::vector<PersonId> role(Role, const Clock* = nullptr) const;
  [[nodiscard]] std::string name(const PersonId& person) const { return people_.name(person); }
  [[nodiscard]] std::string names(const std::vector<PersonId>& list) const { return rights::names(list, context_.rules); }
  [[nodiscard]] std::string time(TimePoint) const;
  [[nodiscard]] Args about(Args more = {}) const { return rights::about(request_, std::move(more)); }
  [[nodiscard]] Phrase phrase(std::string key, Args more = {}) const { return Phrase(std::move(key), about(std::move(more))); }
  [[nodiscard]] std::unexpected<Refusing> refuse(Refusal, std::string key, Args more = {}) const;
  /// A card with what this person must do now; `news`: why they get it.
  void card_for(const PersonId&, Phrase news = {});
  /// News for these people, once each, not for the actor: `who` is the actor's name.
  void tell(const std::vector<PersonId>&, const std::string& key, Args more = {});
  /// The same for the group in which the request is talked about, if there is one.
  void tell_group(const std::string& key, Args more = {});
  /// Everybody with a task or a part in it, and those who follow.
  [[nodiscard]] std::vector<PersonId> everyone() const;
  [[nodiscard]] std::vector<PersonId> requester_and_followers() const;

  /// Marks the step, refreshes the cards and hands everything over.
  Decision finish(std::string_view verb, Phrase done) &&;
  /// The same for what Xieban did by itself; `acted`: somebody's last step can no longer be taken back.
  Decision finish_alone(bool acted) &&;
  /// For what no card shows.
  Decision finish_unseen() &&;

 private:
  Request request_;
  const Context& context_;
  Directory people_;
  TimePoint at_;
  std::uint64_t first_seq_;
  std::vector<Event> events_;
  std::vector<Effect> effects_;
  bool was_open_;
  bool mirrors_;             // tasks, somewhere
  std::vector<Task> tasks_;  // as they were, where they are mirrored

  /// The request's own group follows what was decided: it is made, people join it, it is dissolved.
  void tend_group();
  /// So do tasks in their owners' own lists.
  void mirror_tasks();
  /// Another text makes what was signed void and asks again.
  void tend_sign_off();
  /// All that follows a decision.
  void tend();
};

/// A chat between one person and the bot, by the form of its id.
bool private_chat(const ChatRef&);

// -- one function per command, grouped by file
namespace deciding {
std::expected<Decision, Refusing> raise(const Raise&, const Context&);
Outcome on(const Accept&, Draft&);
Outcome on(const Decline&, Draft&);
Outcome on(const AskBack&, Draft&);
Outcome on(const Assign&, Draft&);
Outcome on(const HandOver&, Draft&);
Outcome on(const Support&, Draft&);
Outcome on(const AddTask&, Draft&);
Outcome on(const Report&, Draft&);
Outcome on(const Extend&, Draft&);
Outcome on(const Confirm&, Draft&);
Outcome on(const Escalate&, Draft&);
Outcome on(const Nudge&, Draft&);
Outcome on(const Deliver&, Draft&);
Outcome on(const Verify&, Draft&);
Outcome on(const PauseIt&, Draft&);
Outcome on(const Resume&, Draft&);
Outcome on(const Cancel&, Draft&);
Outcome on(const Reopen&, Draft&);
Outcome on(const AddNote&, Draft&);
Outcome on(const TakeBack&, Draft&);
Outcome on(const Follow&, Draft&);
Outcome on(const AskSign&, Draft&);
Outcome on(const TakePosition&, Draft&);
Outcome on(const GiveRuling&, Draft&);
/// Closed requests come back: to where they were, a declined one to the head of the lead department.
void reopen(Draft&, const std::string& reason);
/// Whoever owns open work in it and has left is replaced: nobody looks again at a request that gets them back.
void replace_leavers(Draft&);
}  // namespace deciding

}  // namespace xieban
