// What a command that was understood does: decide, or show something.

#include <algorithm>
#include <stdexcept>

#include "bot/core/brain/answering.hpp"
#include "bot/core/brain/audience.hpp"
#include "bot/core/card/wording.hpp"

namespace xieban::brain {
namespace {

/// Better words would help; the person and the moment are right.
bool curable(Refusal why) {
  switch (why) {
    case Refusal::bad_person:
    case Refusal::reason_missing:
    case Refusal::proposal_missing:
    case Refusal::measure_missing:
    case Refusal::bad_time:
    case Refusal::same_as_before:
    case Refusal::no_such_task:
    case Refusal::cycle:
      return true;
    default:
      return false;
  }
}

/// The request is not what the sender thought it was.
bool moved_on(Refusal why) {
  return why == Refusal::already_closed || why == Refusal::wrong_phase || why == Refusal::nothing_due ||
         why == Refusal::not_paused;
}

/// The card in the group changes visibly by this command; a private confirmation would say the same again.
bool shown_by_card(const Command& command) {
  return !std::holds_alternative<AddNote>(command) && !std::holds_alternative<Nudge>(command) &&
         !std::holds_alternative<Follow>(command) && !std::holds_alternative<Escalate>(command);
}

std::shared_ptr<const Policy> type_for(const Raise& raise, const Rules& rules) {
  if (!raise.type.empty()) return rules.type(raise.type);
  if (raise.urgent)
    if (auto urgent = rules.type(TypeId("urgent"))) return urgent;
  return rules.type(rules.default_type);
}

/// The deadline a command sets, if it sets one.
std::optional<TimePoint> deadline_in(const Command& command) {
  if (const auto* accept = std::get_if<Accept>(&command)) return accept->due;
  if (const auto* task = std::get_if<AddTask>(&command)) return task->due;
  if (const auto* extend = std::get_if<Extend>(&command)) return extend->due;
  return std::nullopt;
}

/// What the answer adds to an accepted deadline: the working time left, and what was assumed in reading it. Assumptions are
/// told even where the card shows everything else.
void tell_deadline(Told& told, const Rules& rules, TimePoint now, TimePoint due, const std::vector<std::string>& doubts) {
  told.more = say(rules.lang, Phrase("due.left", {{"left", time_left(rules.lang, due, rules.office(), now)}}));
  for (const std::string& name : doubts) told.more += "\n" + say(rules.lang, Phrase("due.doubt_" + name));
  if (!doubts.empty()) told.shown = false;
}

class CarryOut {
 public:
  CarryOut(Answering& answering, Via via) : a_(answering), via_(via) {}

  Told operator()(const Raise& raise) const {
    const auto policy = type_for(raise, a_.rules);
    if (!policy) return refused(Phrase("raise.no_type", {{"type", raise.type.str()}}));
    if (!a_.snapshot.next_number) throw std::logic_error("raising without a next number");
    const Context context = a_.context(*policy, *a_.snapshot.next_number);
    const auto decision = decide(std::nullopt, raise, context);
    if (!decision) {
      Told told = refused(decision.error().text);
      told.curable = curable(decision.error().why);
      return told;
    }
    const Request after = record(a_.out, Request{}, context.new_id, decision->events, context);
    a_.out.requests.back().policy = policy;
    intend(a_.out, decision->effects, &after, {}, Origin{a_.in.chat, std::nullopt}, a_.rules, a_.now);
    Told told;
    told.text = decision->done;
    told.shown = via_ == Via::typed;
    told.request = after.id;
    if (raise.due) tell_deadline(told, a_.rules, a_.now, *raise.due, raise.due_doubts);
    return told;
  }

  Told operator()(const OnRequest& order) const {
    const Request* request = find_request(a_.snapshot, order.request);
    if (!request) return unknown(order.request);
    if (!can_see(*request, a_.me(), a_.rules, a_.now))
      return refuse(a_, *request, verb_name(order.command), {Refusal::not_yours, no_access(*request)});
    const auto policy = policy_of(*request, a_.snapshot, a_.rules);
    const Context context = a_.context(*policy);
    const auto decision = decide(*request, order.command, context);
    if (!decision) return refuse(a_, *request, verb_name(order.command), decision.error());
    const Request after = record(a_.out, *request, request->id, decision->events, context);
    intend(a_.out, decision->effects, &after, a_.snapshot.cards, Origin{a_.in.chat, pressed_card()}, a_.rules, a_.now);
    Told told;
    told.text = decision->done;
    told.shown = via_ == Via::typed && a_.in_group() && shown_by_card(order.command);
    told.request = request->id;
    if (const auto due = deadline_in(order.command)) tell_deadline(told, a_.rules, a_.now, *due, order.due_doubts);
    return told;
  }

  Told operator()(const UndoLast& order) const {
    const Request* request = find_request(a_.snapshot, order.request);
    if (!request) return unknown(order.request);
    TakeBack command;
    if (request->last_step) {
      std::vector<Stamped> before;
      for (const Stamped& entry : a_.snapshot.history)
        if (entry.request == request->id && entry.seq < request->last_step->first_seq) before.push_back(entry);
      if (auto state = fold(before)) command.before = std::make_shared<const Request>(std::move(*state));
    }
    return (*this)(OnRequest{order.request, std::move(command), {}});
  }

  Told operator()(const Incomplete& order) const { return begin_form(a_, order, via_); }

  Told operator()(const Show& order) const {
    const Request* request = find_request(a_.snapshot, order.request);
    if (!request) return unknown(order.request);
    if (!can_see(*request, a_.me(), a_.rules, a_.now)) return refused(no_access(*request));
    return show(PostDetail{request->id, reading_place(request), a_.me(), std::max(1, order.page)}, request);
  }
  Told operator()(const Why& order) const {
    const Request* request = find_request(a_.snapshot, order.request);
    if (!request) return unknown(order.request);
    if (!can_see(*request, a_.me(), a_.rules, a_.now)) return refused(no_access(*request));
    return show(PostWhy{request->id, reading_place(request), a_.me()}, request);
  }
  Told operator()(const ListMine& order) const {
    PostList list = list_of(QueryKind::mine, order.page);
    list.to = a_.aside();
    return show(std::move(list), nullptr);
  }
  Told operator()(const ListDepartment& order) const {
    PostList list = list_of(QueryKind::department, order.page);
    list.department = a_.actor ? a_.actor->department : DepartmentId{};
    return show(std::move(list), nullptr);
  }
  Told operator()(const ListBoard& order) const { return show(list_of(QueryKind::board, order.page), nullptr); }
  Told operator()(const Search& order) const {
    PostList list = list_of(QueryKind::search, order.page);
    list.text = order.words;
    return show(std::move(list), nullptr);
  }
  Told operator()(const Help& order) const { return show(PostHelp{reading_place(nullptr), a_.me(), order.topic}, nullptr); }
  Told operator()(const Checkup&) const { return checkup(a_); }
  Told operator()(const ApplyType& order) const {
    if (!a_.people.is_admin(a_.me())) return refused(Phrase("access.admin_only"));
    const auto policy = a_.rules.type(order.type);
    if (!policy) return refused(Phrase("raise.no_type", {{"type", order.type.str()}}));
    a_.out.settings.push_back({apply_setting(order.type), apply_order(a_.me(), a_.in.key)});
    Told told;
    told.text = Phrase("apply.begun", {{"type", policy->name}});
    return told;
  }
  Told operator()(const TakeLeave& order) const { return take_leave(a_, order); }
  Told operator()(const LinkMe& order) const { return link(a_, order); }
  Told operator()(const UnlinkPerson& order) const { return unlink(a_, order); }

 private:
  static Told unknown(RequestId id) { return refused(Phrase("access.unknown", {{"number", id.str()}})); }
  static Phrase no_access(const Request& request) { return Phrase("access.denied", {{"number", number(request)}}); }

  [[nodiscard]] std::optional<CardId> pressed_card() const {
    const auto* pressed = std::get_if<Pressed>(&a_.in.what);
    return pressed && a_.snapshot.card ? std::optional(a_.snapshot.card->id) : std::nullopt;
  }
  /// What many may press is answered to the one who pressed; what was typed is answered there, if it may be read there.
  [[nodiscard]] Target reading_place(const Request* request) const {
    if (via_ != Via::typed) return a_.aside();
    const ChatFact* fact = a_.snapshot.chat ? &*a_.snapshot.chat : nullptr;
    if (request && a_.in_group() && !chat_may_see(*request, a_.in.chat, fact, a_.rules)) return a_.aside();
    return a_.here();
  }
  [[nodiscard]] PostList list_of(QueryKind what, int page) const {
    PostList list;
    list.what = what;
    list.viewer = a_.me();
    list.to = reading_place(nullptr);
    list.page = std::max(1, page);
    return list;
  }
  [[nodiscard]] Told show(Effect effect, const Request* request) const {
    a_.post(std::move(effect), request);
    Told told;
    told.shown = true;
    if (via_ != Via::typed && a_.in_group()) told.text = Phrase("toast.sent_aside");
    return told;
  }

  Answering& a_;
  Via via_;
};

}  // namespace

Told carry_out(Answering& a, const Order& order, Via via) { return std::visit(CarryOut(a, via), order); }
Told carry_out(Answering& a, const OnRequest& order, Via via) { return CarryOut(a, via)(order); }

Told refuse(Answering& a, const Request& request, std::string_view verb, const Refusing& refusing) {
  const auto policy = policy_of(request, a.snapshot, a.rules);
  Refused event;
  event.verb = verb;
  event.why = say(a.rules.lang, refusing.text);
  record(a.out, request, request.id, {event}, a.context(*policy));
  Told told;
  told.outcome = Done::refused;
  told.text = refusing.text;
  told.curable = curable(refusing.why);
  told.request = request.id;
  if (moved_on(refusing.why)) told.more = present_state(a, request);
  return told;
}

std::string present_state(const Answering& a, const Request& request) {
  const auto policy = policy_of(request, a.snapshot, a.rules);
  return say(a.rules.lang, Phrase("state.now", {{"state", wording::state(request, a.rules.lang)},
                                                {"next", wording::next_step_line(request, *policy, a.rules, a.now)}}));
}

}  // namespace xieban::brain
