#include "bot/core/card/wording.hpp"

#include <algorithm>

#include "bot/core/clock/calendar.hpp"
#include "bot/core/request/rights.hpp"

namespace xieban::wording {
namespace {

std::string_view key_of(Phase phase) {
  switch (phase) {
    case Phase::raise:
      return "phase.raise";
    case Phase::respond:
      return "phase.respond";
    case Phase::agree:
      return "phase.agree";
    case Phase::plan:
      return "phase.plan";
    case Phase::run:
      return "phase.run";
    case Phase::deliver:
      return "phase.deliver";
    case Phase::accept:
      return "phase.accept";
    case Phase::review:
      return "phase.review";
    case Phase::archived:
      return "phase.archived";
    case Phase::declined:
      return "phase.declined";
    case Phase::cancelled:
      return "phase.cancelled";
  }
  return "phase.raise";
}

std::string_view key_of(Step step) {
  switch (step) {
    case Step::respond:
      return "step.respond";
    case Step::answer:
      return "step.answer";
    case Step::execute:
      return "step.execute";
    case Step::submit:
      return "step.submit";
    case Step::verify:
      return "step.verify";
    case Step::confirm_change:
      return "step.confirm_change";
    case Step::sign:
      return "step.sign";
    case Step::state_position:
      return "step.state_position";
    case Step::settle:
      return "step.settle";
    case Step::rule:
      return "step.rule";
    case Step::resume:
      return "step.resume";
  }
  return "step.execute";
}

std::string_view key_of(ClockKind kind) {
  switch (kind) {
    case ClockKind::first_response:
      return "clock.first_response";
    case ClockKind::recovery:
      return "clock.recovery";
    case ClockKind::sign_off:
      return "clock.sign_off";
    case ClockKind::task:
      return "clock.task";
    case ClockKind::progress:
      return "clock.progress";
    case ClockKind::milestone:
      return "clock.milestone";
    case ClockKind::dispute:
      return "clock.dispute";
    case ClockKind::ruling:
      return "clock.ruling";
    case ClockKind::minutes:
      return "clock.minutes";
    case ClockKind::acceptance:
      return "clock.acceptance";
    case ClockKind::review:
      return "clock.review";
    case ClockKind::assessment:
      return "clock.assessment";
    case ClockKind::answer:
      return "clock.answer";
  }
  return "clock.task";
}

std::string_view key_of(Role role) {
  switch (role) {
    case Role::owner:
      return "role.owner";
    case Role::requester:
      return "role.requester";
    case Role::signer:
      return "role.signer";
    case Role::liaison:
      return "role.liaison";
    case Role::head:
      return "role.head";
    case Role::vice_president:
      return "role.vice_president";
    case Role::leadership_group:
      return "role.leadership_group";
    case Role::pmo:
      return "role.pmo";
    case Role::participants:
      return "role.participants";
  }
  return "role.owner";
}

std::string joined(const std::vector<std::string>& parts, std::string_view separator) {
  std::string out;
  for (const std::string& part : parts) {
    if (!out.empty()) out += separator;
    out += part;
  }
  return out;
}

}  // namespace

std::string who(const Rules& rules, const PersonId& id) {
  std::string name = id.empty() ? std::string() : rules.people().name(id);
  return name.empty() ? say(rules.lang, "label.nobody") : name;
}

std::string who_of(const Rules& rules, const PersonId& id) {
  const Directory people = rules.people();
  const Person* person = people.person(id);
  const std::string department = person ? people.name(person->department) : std::string();
  if (department.empty()) return who(rules, id);
  return say(rules.lang, Phrase("label.person_of", {{"person", who(rules, id)}, {"department", department}}));
}

std::string who(const Rules& rules, const std::vector<PersonId>& ids) {
  std::vector<std::string> names;
  for (const PersonId& id : ids)
    if (std::string name = who(rules, id); std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
  if (names.empty()) return say(rules.lang, "label.nobody");
  return joined(names, say(rules.lang, "label.separator"));
}

std::string department(const Rules& rules, const DepartmentId& id) {
  std::string name = rules.people().name(id);
  return name.empty() ? say(rules.lang, "label.nobody") : name;
}

std::string when(const Rules& rules, TimePoint at, TimePoint now) { return local_time(rules.lang, at, rules.office(), now); }

std::string phase(Lang lang, Phase phase) { return say(lang, key_of(phase)); }
std::string step(Lang lang, Step step) { return say(lang, key_of(step)); }
std::string clock(Lang lang, ClockKind kind) { return say(lang, key_of(kind)); }
std::string role(Lang lang, Role role) { return say(lang, key_of(role)); }

std::string health(Lang lang, Health health) {
  switch (health) {
    case Health::normal:
      return say(lang, "health.normal");
    case Health::late:
      return say(lang, "health.late");
    case Health::risk:
      return say(lang, "health.risk");
  }
  return say(lang, "health.normal");
}

std::string recipient(const Rules& rules, const Recipient& recipient) {
  if (const auto* person = std::get_if<PersonId>(&recipient)) return who(rules, *person);
  return role(rules.lang, std::get<Role>(recipient));
}

std::string by(Lang lang, By by) {
  switch (by) {
    case By::in_private:
      return say(lang, "by.private");
    case By::in_group:
      return say(lang, "by.group");
    case By::urgent:
      return say(lang, "by.urgent");
  }
  return say(lang, "by.private");
}

std::string rung(Lang lang, const Rung& rung, const CalendarId& clock) {
  std::string first;
  if (const auto* share = std::get_if<Share>(&rung.at)) {
    first = share->percent == 100 ? say(lang, "rung.at_target")
                                  : say(lang, Phrase("rung.share", {{"percent", std::to_string(int{share->percent})}}));
  } else {
    const Offset& offset = std::get<Offset>(rung.at);
    const CalendarId natural("natural");
    // Past the target an offset counts office time, on a natural clock every hour.
    const bool office = offset.calendar.empty() ? clock != natural : offset.calendar == CalendarId("office");
    if (offset.by == Duration::zero()) first = say(lang, "rung.at_target");
    if (offset.by < Duration::zero()) first = say(lang, Phrase("rung.before", {{"span", exact(lang, -offset.by)}}));
    if (offset.by > Duration::zero())
      first = say(lang, Phrase(office ? "rung.after_office" : "rung.after", {{"span", exact(lang, offset.by)}}));
  }
  if (!rung.repeat) return first;
  if (rung.repeat->every <= Duration::zero()) return say(lang, Phrase("rung.daily", {{"rung", first}}));
  return say(lang, Phrase("rung.every", {{"rung", first}, {"span", exact(lang, rung.repeat->every)}}));
}

std::string exact(Lang lang, Duration duration) {
  const auto minutes = std::chrono::floor<Minutes>(duration).count();
  const std::string hours = std::to_string(minutes / 60), rest = std::to_string(minutes % 60);
  if (minutes < 60) return say(lang, Phrase("exact.minutes", {{"minutes", rest}}));
  if (minutes % 60 == 0) return say(lang, Phrase("exact.hours", {{"hours", hours}}));
  return say(lang, Phrase("exact.both", {{"hours", hours}, {"minutes", rest}}));
}

const ClockRule* rule_of(const Policy& policy, ClockKind kind) {
  const auto found = std::ranges::find(policy.clocks, kind, &ClockRule::kind);
  return found == policy.clocks.end() ? nullptr : &*found;
}

std::string type(const Rules& rules, const Policy& policy) {
  if (!policy.name.empty()) return policy.name;
  return policy.urgent ? say(rules.lang, "label.urgent") : policy.type.str();
}

std::string command(Lang lang, Verb verb, RequestId request, std::string_view tail, TaskNo task) {
  const VerbInfo& words = info(verb);
  std::string line = "/";
  line += lang == Lang::en ? words.en : words.zh;
  if (!request.empty()) line += " " + request.str();
  if (!request.empty() && !task.empty()) line += "." + task.str();
  if (!tail.empty()) (line += " ") += tail;
  return line;
}

std::string clock_of(const Rules& rules, const Request& request, const Clock& clock) {
  std::string name = wording::clock(rules.lang, clock.kind);
  if (const Task* task = find_task(request, clock.task)) name += " " + request.id.str() + "." + task->no.str();
  if (!clock.signer.empty())
    name = say(rules.lang, Phrase("clock.of", {{"clock", name}, {"person", who(rules, clock.signer)}}));
  return name;
}

std::string party(Lang lang, Party party) { return say(lang, party == Party::requester ? "party.requester" : "party.owner"); }

std::string next_step_line(const Request& request, const Policy& policy, const Rules& rules, TimePoint now) {
  const Lang lang = rules.lang;
  if (terminal(request.phase)) {
    const std::string ended = request.closed_at ? when(rules, *request.closed_at, now) : when(rules, now, now);
    const bool reopens = request.closed_at && now - *request.closed_at <= policy.reopen_within;
    return say(lang, Phrase(reopens ? "step.closed_reopen" : "step.closed",
                            {{"phase", phase(lang, request.phase)},
                             {"time", ended},
                             {"command", command(lang, Verb::reopen, request.id, lang == Lang::en ? "reason" : "原因")}}));
  }
  const std::optional<NextStep> next = next_step(request, policy, rules, now);
  if (!next || next->who.empty()) return say(lang, Phrase("step.pmo", {{"person", who(rules, rules.people().pmo(now))}}));
  std::string what = step(lang, next->what);
  if (!next->task.empty())
    if (const Task* task = find_task(request, next->task))
      what = say(lang, Phrase("step.task",
                              {{"step", what}, {"task", request.id.str() + "." + next->task.str()}, {"text", task->content}}));
  const std::string person = who(rules, next->who.front());
  if (next->what == Step::resume) {
    const std::string how = command(lang, Verb::resume, request.id);
    if (!next->by_when) return say(lang, Phrase("step.wait_resume", {{"who", person}, {"command", how}}));
    return say(lang, Phrase("step.resumes", {{"time", when(rules, *next->by_when, now)}, {"command", how}}));
  }
  if (!next->by_when) return say(lang, Phrase("step.open", {{"who", person}, {"step", what}}));
  const Clock* clock = find_clock(request, next->clock);
  const Calendar& calendar = clock ? rules.calendar(clock->calendar) : rules.office();
  return say(lang, Phrase("step.line", {{"who", person},
                                        {"time", when(rules, *next->by_when, now)},
                                        {"step", what},
                                        {"left", time_left(lang, *next->by_when, calendar, now)}}));
}

std::string state(const Request& request, Lang lang) {
  std::vector<std::string> parts{phase(lang, request.phase)};
  const Conditions& conditions = request.conditions;
  if (!terminal(request.phase)) {
    if (request.urgent) parts.push_back(say(lang, "label.urgent"));
    if (conditions.paused && !conditions.paused->ended) parts.push_back(say(lang, "state.paused"));
    if (conditions.waiting_for_requester) parts.push_back(say(lang, "state.waiting"));
    if (conditions.disputed) parts.push_back(say(lang, "state.disputed"));
    if (conditions.late) parts.push_back(say(lang, "state.late"));
    if (conditions.at_risk) parts.push_back(say(lang, "state.at_risk"));
    if (conditions.blocked) parts.push_back(say(lang, "state.blocked"));
    if (conditions.needs_care) parts.push_back(say(lang, "state.needs_care"));
  }
  return joined(parts, " · ");
}

std::string title(const Request& request, Lang lang) {
  return say(lang, Phrase("card.title", {{"number", number(request)}, {"title", flat(request.title)}}));
}

std::string set_in(std::string_view text) { return rights::set_in(text); }

std::string flat(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '\n' || c == '\r' ? ' ' : c;
  return out;
}

std::optional<int> used_percent(const Clock& clock, const Rules& rules, TimePoint now) {
  const std::optional<Duration> left = remaining(clock, rules, now);
  if (!left) return std::nullopt;
  const Duration used = elapsed(clock, rules, now);
  const Duration whole = used + *left;
  if (whole <= Duration::zero()) return 100;
  return static_cast<int>(used.count() * 100 / whole.count());
}

}  // namespace xieban::wording
