#include "bot/core/request/rights.hpp"

#include <algorithm>
#include <array>

#include "bot/core/clock/calendar.hpp"
#include "bot/core/request/dispute.hpp"
#include "bot/core/request/sign_off.hpp"
#include "bot/core/rules.hpp"

namespace xieban {
namespace rights {
namespace {

bool has(const std::vector<PersonId>& list, const PersonId& person) { return std::ranges::find(list, person) != list.end(); }

/// Buttons and the parser use the short words of the commands, the history those of the variants.
std::string_view canonical(std::string_view verb) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 8> words{{{"ask", "ask_back"},
                                                                                       {"handover", "hand_over"},
                                                                                       {"task", "add_task"},
                                                                                       {"progress", "report"},
                                                                                       {"object", "confirm"},
                                                                                       {"note", "add_note"},
                                                                                       {"undo", "take_back"},
                                                                                       {"reject", "verify"}}};
  const auto found = std::ranges::find(words, verb, &std::pair<std::string_view, std::string_view>::first);
  return found == words.end() ? verb : found->second;
}

bool one_of(std::string_view verb, std::initializer_list<std::string_view> list) {
  return std::ranges::find(list, verb) != list.end();
}

class Gate {
 public:
  Gate(const Request& request, std::string_view verb, TaskNo task, const PersonId& actor, const Rules& rules, TimePoint now)
      : r_(request), verb_(verb), task_(find_task(request, task)), named_(task), actor_(actor), rules_(rules), now_(now) {}

  std::optional<Refusing> operator()() const {
    if (auto why = closed()) return why;
    if (auto why = paused()) return why;
    if (!named_.empty() && task_ == nullptr) return no(Refusal::no_such_task, "refuse.no_such_task", {{"task", named_.str()}});
    if (auto why = phase()) return why;
    return rights();
  }

 private:
  [[nodiscard]] const Standing& is() const {
    if (!standing_) standing_ = standing(r_, actor_, rules_, now_);
    return *standing_;
  }
  [[nodiscard]] Refusing no(Refusal why, std::string key, Args more = {}) const {
    return refusing(why, std::move(key), about(r_, std::move(more)));
  }
  [[nodiscard]] Refusing not_yours(const std::vector<PersonId>& who) const {
    return no(Refusal::not_yours, "refuse.not_yours", {{"who", names(who, rules_)}});
  }
  [[nodiscard]] std::vector<PersonId> role(Role role) const { return resolve(Recipient(role), r_, nullptr, rules_, now_); }
  [[nodiscard]] std::vector<PersonId> roles(std::initializer_list<Role> list) const {
    std::vector<PersonId> all;
    for (const Role one : list)
      for (const PersonId& person : role(one))
        if (!has(all, person)) all.push_back(person);
    return all;
  }

  [[nodiscard]] std::optional<Refusing> closed() const {
    if (!terminal(r_.phase)) {
      if (verb_ == "reopen") return no(Refusal::wrong_phase, "refuse.not_closed");
      return std::nullopt;
    }
    if (one_of(verb_, {"reopen", "add_note", "follow", "take_back"})) return std::nullopt;
    if (verb_ == "escalate" && r_.phase == Phase::declined) return std::nullopt;
    const std::string time = r_.closed_at ? local_time(rules_.lang, *r_.closed_at, rules_.office(), now_) : std::string();
    const char* key = r_.phase == Phase::archived   ? "refuse.archived"
                      : r_.phase == Phase::declined ? "refuse.declined"
                                                    : "refuse.cancelled";
    return no(Refusal::already_closed, key, {{"time", time}});
  }
  [[nodiscard]] std::optional<Refusing> paused() const {
    const auto& paused = r_.conditions.paused;
    const bool stands = paused && !paused->ended;
    if (verb_ == "resume") return stands ? std::nullopt : std::optional(no(Refusal::not_paused, "refuse.not_paused"));
    if (!stands) return std::nullopt;
    if (verb_ == "pause") return no(Refusal::wrong_phase, "refuse.paused_already", {{"reason", paused->reason}});
    const bool answers = verb_ == "ask_back" && r_.conditions.waiting_for_requester && is().requester;
    const bool work = one_of(verb_, {"accept", "decline", "ask_back", "add_task", "report", "extend", "nudge", "deliver",
                                     "verify", "sign", "dispute"});
    if (!work || answers) return std::nullopt;
    return no(Refusal::wrong_phase, "refuse.paused", {{"reason", paused->reason}});
  }

  /// The step that has to come first, in words.
  [[nodiscard]] Refusing wrong_phase() const {
    switch (r_.phase) {
      case Phase::accept:
        return no(Refusal::wrong_phase, "refuse.phase_accept", {{"who", names(role(Role::requester), rules_)}});
      case Phase::run:
      case Phase::deliver:
        return no(Refusal::wrong_phase, "refuse.phase_run", {{"who", names(role(Role::owner), rules_)}});
      default:
        return no(Refusal::wrong_phase, "refuse.phase_respond", {{"who", names(role(Role::owner), rules_)}});
    }
  }
  [[nodiscard]] std::optional<Refusing> phase() const {
    const bool responding = r_.phase == Phase::respond, running = r_.phase == Phase::run || r_.phase == Phase::deliver;
    bool fits = true;
    if (one_of(verb_, {"accept", "decline"}))
      fits = responding;
    else if (one_of(verb_, {"ask_back", "assign", "hand_over", "support", "extend"}))
      fits = responding || running;
    else if (one_of(verb_, {"add_task", "report", "deliver"}))
      fits = running;
    else if (verb_ == "verify")
      fits = task_ != nullptr ? running : r_.phase == Phase::accept;
    if (!fits) return wrong_phase();
    if (task_ != nullptr) return task_state();
    return std::nullopt;
  }
  [[nodiscard]] std::optional<Refusing> task_state() const {
    const Args which{{"task", task_->no.str()}, {"person", rules_.people().name(task_->owner)}};
    if (verb_ == "verify" && task_->state == TaskState::open)
      return no(Refusal::nothing_due, "refuse.task_not_delivered", which);
    if (task_->state == TaskState::done && one_of(verb_, {"report", "deliver", "verify", "extend"}))
      return no(Refusal::nothing_due, "refuse.task_done", which);
    if (task_->state == TaskState::delivered && one_of(verb_, {"deliver", "extend"}))
      return no(Refusal::nothing_due, "refuse.task_delivered", which);
    return std::nullopt;
  }

  [[nodiscard]] std::optional<Refusing> rights() const {
    if (verb_ == "ask_back") return ask_back();
    if (verb_ == "confirm") return confirm();
    if (verb_ == "settle_extension") return extension();
    if (verb_ == "give_signature") return signature();
    if (verb_ == "accept_position") return settlement();
    if (verb_ == "dispute") return dispute();
    if (verb_ == "rule") return rule();
    if (verb_ == "sign")
      return is().requester || is().owner || is().supervisor ? std::nullopt
                                                             : std::optional(not_yours(roles({Role::requester, Role::owner})));
    if (verb_ == "verify") return verify();
    if (verb_ == "take_back") return take_back();
    if (one_of(verb_, {"report", "deliver", "extend"})) return work();
    if (one_of(verb_, {"accept", "decline"}))
      return is().owner ? std::nullopt : std::optional(not_yours(roles({Role::owner, Role::head})));
    if (one_of(verb_, {"assign", "hand_over", "support", "add_task"}))
      return is().owner || is().supervisor ? std::nullopt : std::optional(not_yours(roles({Role::owner, Role::head})));
    if (one_of(verb_, {"pause", "resume"})) return pause();
    if (verb_ == "cancel")
      return is().requester || is().supervisor ? std::nullopt : std::optional(not_yours(role(Role::requester)));
    if (verb_ == "reopen")
      return is().requester || is().head || is().supervisor ? std::nullopt
                                                            : std::optional(not_yours(roles({Role::requester, Role::head})));
    if (verb_ == "escalate" && r_.phase == Phase::declined && !is().participant && !is().supervisor)
      return not_yours(role(Role::requester));
    if (one_of(verb_, {"escalate", "nudge", "add_note", "follow"})) return std::nullopt;
    return no(Refusal::unknown, "refuse.unknown_command");
  }
  [[nodiscard]] std::optional<Refusing> ask_back() const {
    if (is().owner || (r_.conditions.waiting_for_requester && is().requester)) return std::nullopt;
    return not_yours(r_.conditions.waiting_for_requester ? role(Role::requester) : roles({Role::owner, Role::head}));
  }
  /// An answer that does not say to what: to whichever waits for them.
  [[nodiscard]] std::optional<Refusing> confirm() const {
    auto first = extension();
    if (!first || !signature() || !settlement()) return std::nullopt;
    if (r_.extension) return first;
    if (r_.sign_off) return signature();
    if (disputed(r_)) return settlement();
    return no(Refusal::nothing_due, "refuse.nothing_to_confirm");
  }
  [[nodiscard]] std::optional<Refusing> signature() const {
    if (!r_.sign_off) return no(Refusal::nothing_due, "refuse.no_sign_off");
    if (!answers_of(r_, actor_, rules_, now_).empty()) return std::nullopt;
    const auto& all = r_.sign_off->signatures;
    const auto mine = std::ranges::find_if(all, [&](const Signature& one) {
      return one.signer == actor_ || (one.state == SignState::agreed && one.by == actor_);
    });
    if (mine != all.end() && mine->at)
      return no(Refusal::nothing_due, "refuse.signed_already",
                {{"time", local_time(rules_.lang, *mine->at, rules_.office(), now_)}});
    std::vector<PersonId> who;
    for (const Signature& one : all) who.push_back(one.signer);
    return no(Refusal::not_yours, "refuse.not_signer", {{"who", names(who, rules_)}});
  }
  [[nodiscard]] std::optional<Refusing> settlement() const {
    if (!disputed(r_)) return no(Refusal::nothing_due, "refuse.no_dispute");
    const auto party = party_of(r_, actor_, rules_, now_);
    if (!party) return not_yours(roles({Role::requester, Role::owner}));
    if (position_of(*r_.dispute, other(*party)).text.empty())
      return no(Refusal::nothing_due, "refuse.no_position",
                {{"who", names(answering_for(r_, other(*party), rules_, now_), rules_)}});
    return std::nullopt;
  }
  [[nodiscard]] std::optional<Refusing> dispute() const {
    return party_of(r_, actor_, rules_, now_) ? std::nullopt : std::optional(not_yours(roles({Role::requester, Role::owner})));
  }
  [[nodiscard]] std::optional<Refusing> rule() const {
    if (!disputed(r_)) {
      if (!r_.dispute || r_.dispute->ruling.empty()) return no(Refusal::nothing_due, "refuse.no_dispute");
      return no(Refusal::nothing_due, "refuse.ruled_already", {{"who", rules_.people().name(r_.dispute->ruled_by)}});
    }
    const std::vector<PersonId> who = judges(r_, rules_, now_);
    if (has(who, actor_)) return std::nullopt;
    const Dispute& dispute = *r_.dispute;
    const bool party = party_of(r_, actor_, rules_, now_) || actor_ == dispute.requester.by || actor_ == dispute.owner.by;
    return no(party ? Refusal::own_work : Refusal::not_yours, party ? "refuse.rule_own" : "refuse.not_judge",
              {{"who", names(who, rules_)}});
  }
  [[nodiscard]] std::optional<Refusing> extension() const {
    if (!r_.extension) return no(Refusal::nothing_due, "refuse.no_extension");
    if (actor_ == r_.extension->by)
      return no(Refusal::own_work, "refuse.own_extension", {{"who", names(confirmers(r_, rules_, now_), rules_)}});
    const std::vector<PersonId> who = confirmers(r_, rules_, now_);
    const bool may = has(who, actor_) || is().supervisor ||
                     std::ranges::any_of(who, [&](const PersonId& one) { return acts_for(actor_, one, rules_, now_); });
    return may ? std::nullopt : std::optional(not_yours(who));
  }
  [[nodiscard]] std::optional<Refusing> verify() const {
    if (task_ != nullptr) {
      if (actor_ == task_->owner) return no(Refusal::own_work, "refuse.own_work", {{"who", names(role(Role::owner), rules_)}});
      return is().owner ? std::nullopt : std::optional(not_yours(role(Role::owner)));
    }
    const std::vector<PersonId> who = role(Role::requester);
    if (actor_ == r_.delivered_by) return no(Refusal::own_work, "refuse.own_work", {{"who", names(who, rules_)}});
    return is().requester || has(who, actor_) ? std::nullopt : std::optional(not_yours(who));
  }
  [[nodiscard]] std::optional<Refusing> take_back() const {
    if (!r_.last_step || one_of(r_.last_step->verb, {"raise", "take_back"}))
      return no(Refusal::nothing_due, "refuse.nothing_to_undo");
    if (r_.last_step->by != actor_)
      return no(Refusal::not_yours, "refuse.undo_not_yours", {{"who", rules_.people().name(r_.last_step->by)}});
    if (now_ - r_.last_step->at > undo_within) return no(Refusal::too_late, "refuse.undo_too_late");
    return std::nullopt;
  }
  [[nodiscard]] std::optional<Refusing> work() const {
    if (is().owner) return std::nullopt;
    if (verb_ == "extend" && task_ == nullptr && is().requester) return std::nullopt;
    if (task_ == nullptr) return not_yours(roles({Role::owner, Role::head}));
    const bool own =
        acts_for(actor_, task_->owner, rules_, now_) || rules_.people().is_head_of(actor_, task_->department, now_);
    return own ? std::nullopt : std::optional(not_yours({task_->owner, r_.owner}));
  }
  [[nodiscard]] std::optional<Refusing> pause() const {
    if (is().requester || is().head || is().supervisor) return std::nullopt;
    // Who has not answered yet cannot stop the clock that asks for the answer.
    if (is().owner && r_.phase != Phase::respond) return std::nullopt;
    return not_yours(roles({Role::requester, Role::head}));
  }

  const Request& r_;
  std::string_view verb_;
  const Task* task_;
  TaskNo named_;
  const PersonId& actor_;
  const Rules& rules_;
  TimePoint now_;
  mutable std::optional<Standing> standing_;  // looked up only where it matters: a note needs none of it
};

}  // namespace

Args about(const Request& request, Args more) {
  Args args;
  // The first of a name counts: what is said of a task stands before what is said of its request.
  for (auto& [key, value] : more) args.emplace_back(std::move(key), set_in(value));
  args.emplace_back("number", number(request));
  args.emplace_back("id", request.id.str());
  args.emplace_back("title", request.title);
  return args;
}

std::string set_in(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\r') continue;
    out += c;
    if (c == '\n') out += "  ";
  }
  return out;
}

Refusing refusing(Refusal why, std::string key, Args args) { return {why, Phrase(std::move(key), std::move(args))}; }

std::string names(const std::vector<PersonId>& people, const Rules& rules) {
  const Directory directory = rules.people();
  std::string all;
  for (const PersonId& person : people) {
    const std::string name = directory.name(person);
    if (name.empty()) continue;
    if (!all.empty()) all += rules.lang == Lang::en ? ", " : "、";
    all += name;
  }
  return all;
}

std::string department_names(const Rules& rules) {
  constexpr std::size_t most = 20;
  std::string all;
  std::size_t count = 0;
  for (const Department& department : rules.people().departments()) {
    if (count++ == most) break;
    if (!all.empty()) all += rules.lang == Lang::en ? ", " : "、";
    all += department.name;
  }
  return all;
}

bool acts_for(const PersonId& actor, const PersonId& person, const Rules& rules, TimePoint now) {
  if (actor.empty() || person.empty()) return false;
  return actor == person || rules.people().standing_in(person, now) == actor;
}

namespace {
bool is_asked_to_sign(const Request& request, const PersonId& actor, const Rules& rules, TimePoint now) {
  return request.sign_off && std::ranges::any_of(request.sign_off->signatures, [&](const Signature& one) {
           return one.signer == actor || has(resolve(Recipient(one.signer), request, nullptr, rules, now), actor);
         });
}
}  // namespace

Standing standing(const Request& request, const PersonId& actor, const Rules& rules, TimePoint now) {
  Standing is;
  const Directory people = rules.people();
  const auto role = [&](Role one) { return has(resolve(Recipient(one), request, nullptr, rules, now), actor); };
  const auto acts = [&](const PersonId& person) { return acts_for(actor, person, rules, now); };
  is.requester = acts(request.requester) || role(Role::requester);
  is.head = people.is_head_of(actor, request.lead, now) || people.head(request.lead, now) == actor;
  const Department* lead = people.department(request.lead);
  is.owner =
      is.head || acts(request.owner) || role(Role::owner) || (lead != nullptr && std::ranges::any_of(lead->liaisons, acts));
  is.supervisor = people.is_pmo(actor, now) || role(Role::vice_president) || role(Role::leadership_group);
  is.participant = is.requester || is.owner || std::ranges::any_of(request.supporting, acts, &Supporting::contact) ||
                   std::ranges::any_of(request.tasks, acts, &Task::owner) || is_asked_to_sign(request, actor, rules, now);
  return is;
}

std::vector<PersonId> confirmers(const Request& request, const Rules& rules, TimePoint now) {
  if (!request.extension) return {};
  const Extension& asked = *request.extension;
  const Task* task = find_task(request, asked.task);
  const bool by_requester = acts_for(asked.by, request.requester, rules, now) && asked.by != request.owner;
  Role side = by_requester ? Role::owner : Role::requester;
  if (task != nullptr && task->owner != request.owner) {
    if (asked.by != task->owner) return {task->owner};
    side = Role::owner;
  }
  std::vector<PersonId> who = resolve(Recipient(side), request, nullptr, rules, now);
  if (!has(who, asked.by)) return who;
  // Nobody approves their own deviation: one level up.
  const Directory people = rules.people();
  const DepartmentId& line = side == Role::owner ? request.lead : request.raised_by;
  for (const PersonId& next : {people.head(line, now), people.vice_president(line, now)})
    if (!next.empty() && next != asked.by) return {next};
  return people.pmo(now);
}

std::string_view right_of(const Command& command) {
  const auto* confirm = std::get_if<Confirm>(&command);
  switch (confirm != nullptr ? confirm->matter : Matter::any) {
    case Matter::extension:
      return "settle_extension";
    case Matter::sign_off:
      return "give_signature";
    case Matter::dispute:
      return "accept_position";
    case Matter::any:
      break;
  }
  return verb_name(command);
}

Matter meant_matter(const Request& request, Matter named, const PersonId& actor, const Rules& rules, TimePoint now) {
  if (named != Matter::any) return named;
  if (!why_not(request, "settle_extension", {}, actor, rules, now)) return Matter::extension;
  if (!why_not(request, "give_signature", {}, actor, rules, now)) return Matter::sign_off;
  if (!why_not(request, "accept_position", {}, actor, rules, now)) return Matter::dispute;
  return Matter::any;
}

TaskNo meant_task(const Request& request, TaskNo named, std::string_view word, const PersonId& actor, const Rules& rules,
                  TimePoint now) {
  const std::string_view verb = canonical(word);
  if (!named.empty() || !one_of(verb, {"report", "deliver", "extend", "verify"})) return named;
  if (!why_not(request, verb, {}, actor, rules, now)) return {};
  TaskNo only;
  for (const Task& task : request.tasks) {
    if (why_not(request, verb, task.no, actor, rules, now)) continue;
    if (!only.empty()) return {};
    only = task.no;
  }
  return only;
}

std::optional<Refusing> why_not(const Request& request, std::string_view verb, TaskNo task, const PersonId& actor,
                                const Rules& rules, TimePoint now) {
  const Directory people = rules.people();
  const Person* person = people.person(actor);
  if (person == nullptr || !person->active) return refusing(Refusal::unknown, "refuse.stranger", about(request));
  // What may not be seen is answered exactly as what does not exist.
  if (!can_see(request, actor, rules, now)) return refusing(Refusal::unknown, "access.unknown", {{"number", request.id.str()}});
  return Gate(request, canonical(verb), task, actor, rules, now)();
}

}  // namespace rights

bool may(const Request& request, const PersonId& person, std::string_view verb, const Rules& rules, TimePoint now) {
  const TaskNo task = rights::meant_task(request, {}, verb, person, rules, now);
  return !rights::why_not(request, verb, task, person, rules, now);
}

bool can_see(const Request& request, const PersonId& actor, const Rules& rules, TimePoint now) {
  const Directory people = rules.people();
  const Person* person = people.person(actor);
  if (person == nullptr || !person->active) return false;
  if (request.level == Level::open) return true;
  const rights::Standing is = rights::standing(request, actor, rules, now);
  const auto heads = [&](const PersonId& one) {
    const Person* known = people.person(one);
    return known != nullptr && people.is_head_of(actor, known->department, now);
  };
  switch (request.level) {
    case Level::open:
      return true;
    case Level::secret:
      return rights::acts_for(actor, request.requester, rules, now) || rights::acts_for(actor, request.owner, rules, now) ||
             std::ranges::find(request.followers, actor) != request.followers.end() ||
             rights::is_asked_to_sign(request, actor, rules, now) ||
             // Who disputes a matter submits it to these.
             (request.dispute && std::ranges::find(request.dispute->judges, actor) != request.dispute->judges.end()) ||
             std::ranges::any_of(request.supporting,
                                 [&](const Supporting& one) { return rights::acts_for(actor, one.contact, rules, now); }) ||
             std::ranges::any_of(request.tasks,
                                 [&](const Task& one) { return rights::acts_for(actor, one.owner, rules, now); });
    case Level::department:
      if (people.within(person->department, request.raised_by) || people.within(person->department, request.lead)) return true;
      [[fallthrough]];
    case Level::participants:
      return is.participant || is.supervisor || people.is_head_of(actor, request.raised_by, now) ||
             std::ranges::any_of(request.supporting, heads, &Supporting::contact) ||
             std::ranges::any_of(request.tasks, heads, &Task::owner);
  }
  return false;
}

}  // namespace xieban
