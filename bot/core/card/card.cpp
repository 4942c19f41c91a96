#include "bot/core/card/card.hpp"

#include <algorithm>

#include "bot/core/card/wording.hpp"
#include "bot/core/request/dispute.hpp"
#include "bot/core/request/rights.hpp"
#include "bot/core/request/sign_off.hpp"

namespace xieban {
namespace {

struct Offer {
  std::string_view action;
  Verb verb;
  ButtonStyle style = ButtonStyle::normal;
  bool confirm = false;
  std::string_view right = {};  // empty: that of the verb
};

/// What people owe each other besides the work.
void offer_agreement(const Request& request, std::vector<Offer>& list) {
  if (disputed(request)) {
    if (request.dispute->submitted != Judge::none) list.push_back({"rule", Verb::rule, ButtonStyle::primary});
    list.push_back({"dispute", Verb::dispute});
    const Dispute& dispute = *request.dispute;
    if (!dispute.requester.text.empty() && !dispute.owner.text.empty())
      list.push_back({"settle", Verb::confirm, ButtonStyle::normal, true, "accept_position"});
  }
  if (!awaited(request).empty()) {
    list.push_back({"sign_yes", Verb::confirm, ButtonStyle::primary, false, "give_signature"});
    list.push_back({"sign_no", Verb::object, ButtonStyle::danger, false, "give_signature"});
  }
}

/// The work that goes on beside a signature or a ruling that is awaited.
Step work_of(const Request& request, const std::optional<NextStep>& next) {
  const Step what = next ? next->what : Step::execute;
  if (what != Step::sign && what != Step::state_position && what != Step::settle && what != Step::rule) return what;
  if (request.conditions.waiting_for_requester) return Step::answer;
  switch (request.phase) {
    case Phase::accept:
      return Step::verify;
    case Phase::deliver:
      return Step::submit;
    case Phase::run:
      return Step::execute;
    default:
      return Step::respond;
  }
}

/// What moves a request in this step, the most likely first.
std::vector<Offer> offers(const Request& request, const std::optional<NextStep>& next) {
  std::vector<Offer> list;
  if (terminal(request.phase)) {
    list.push_back({"reopen", Verb::reopen});
    if (request.phase == Phase::declined) list.push_back({"escalate", Verb::escalate});
  } else {
    if (request.extension) {
      list.push_back({"confirm", Verb::confirm, ButtonStyle::primary, false, "settle_extension"});
      list.push_back({"object", Verb::object, ButtonStyle::danger, false, "settle_extension"});
    }
    offer_agreement(request, list);
    switch (work_of(request, next)) {
      case Step::respond:
        list.insert(list.end(), {{"accept", Verb::accept, ButtonStyle::primary},
                                 {"decline", Verb::decline, ButtonStyle::danger},
                                 {"ask", Verb::ask},
                                 {"assign", Verb::assign}});
        break;
      case Step::answer:
        list.push_back({"ask", Verb::ask, ButtonStyle::primary});
        break;
      case Step::execute:
        list.insert(list.end(), {{"progress", Verb::progress, ButtonStyle::primary},
                                 {"deliver", Verb::deliver},
                                 {"task", Verb::task},
                                 {"extend", Verb::extend}});
        break;
      case Step::submit:
        list.insert(list.end(), {{"deliver", Verb::deliver, ButtonStyle::primary}, {"progress", Verb::progress}});
        break;
      case Step::verify:
        list.insert(list.end(),
                    {{"verify", Verb::verify, ButtonStyle::primary, true}, {"reject", Verb::verify, ButtonStyle::danger}});
        break;
      case Step::confirm_change:
      case Step::sign:
      case Step::state_position:
      case Step::settle:
      case Step::rule:
        break;
      case Step::resume:
        list.push_back({"resume", Verb::resume, ButtonStyle::primary});
        break;
    }
    list.insert(list.end(), {{"escalate", Verb::escalate}, {"nudge", Verb::nudge}});
  }
  list.insert(list.end(), {{"why", Verb::why}, {"show", Verb::show}});
  return list;
}

bool reads_only(Verb verb) { return verb == Verb::why || verb == Verb::show; }

/// While a question waits, one side answers it and the other may ask more: a group is told whose button it is.
std::string label_of(std::string_view action, const Request& request, const Viewer& viewer, const Rules& rules, TimePoint now) {
  if (action != "ask" || !request.conditions.waiting_for_requester) return say(rules.lang, "button." + std::string(action));
  if (!viewer.person) return say(rules.lang, "button.answer_requester");
  return say(rules.lang, rights::standing(request, *viewer.person, rules, now).requester ? "button.answer" : "button.ask_more");
}

/// Some platforms send a button's command as it stands: what people still have to say is "…", and then they are asked for it.
std::string_view tail_of(std::string_view action, Lang lang) {
  if (action == "verify") return lang == Lang::en ? "pass" : "通过";
  if (action == "reject") return lang == Lang::en ? "reject …" : "驳回 …";
  if (action == "decline") return lang == Lang::en ? "reason … proposal …" : "原因 … 建议 …";
  if (action == "assign") return lang == Lang::en ? "@someone" : "@某人";
  if (action == "progress") return lang == Lang::en ? "60% normal" : "60% 正常";
  if (action == "sign_no" || action == "dispute" || action == "rule") return "…";
  if (action == "ask" || action == "deliver" || action == "task" || action == "extend" || action == "escalate" ||
      action == "reopen" || action == "object")
    return "…";
  return {};
}

std::vector<Button> buttons_for(const Request& request, const std::optional<NextStep>& next, const Viewer& viewer,
                                const Rules& rules, TimePoint now) {
  std::vector<Button> buttons;
  for (const Offer& offer : offers(request, next)) {
    const std::string_view right = offer.right.empty() ? action_of(offer.verb) : offer.right;
    if (viewer.person && !reads_only(offer.verb) && !may(request, *viewer.person, right, rules, now)) continue;
    // Nobody nudges themselves.
    if (viewer.person && offer.verb == Verb::nudge && next && std::ranges::find(next->who, *viewer.person) != next->who.end())
      continue;
    Button button;
    button.action = offer.action;
    // A signature is for the text that was shown: the button knows which.
    if (offer.action == "sign_yes") button.action += ":" + short_hash(request.sign_off->hash);
    button.label = label_of(offer.action, request, viewer, rules, now);
    button.style = offer.style;
    if (offer.confirm) button.confirm = say(rules.lang, "button." + std::string(offer.action) + ".confirm");
    // What is typed instead names the task that a press would mean.
    TaskNo task;
    if (viewer.person) task = rights::meant_task(request, {}, right, *viewer.person, rules, now);
    button.command = wording::command(rules.lang, offer.verb, request.id, tail_of(offer.action, rules.lang), task);
    buttons.push_back(std::move(button));
  }
  return buttons;
}

Tone tone_of(const Request& request, const Clock* clock, const Rules& rules, TimePoint now) {
  if (request.phase == Phase::archived) return Tone::success;
  if (terminal(request.phase)) return Tone::neutral;
  if (request.conditions.late || request.conditions.needs_care) return Tone::danger;
  if (request.conditions.at_risk || request.conditions.blocked) return Tone::warning;
  const std::optional<int> used = clock ? wording::used_percent(*clock, rules, now) : std::nullopt;
  if (used && *used > 100) return Tone::danger;
  if (used && *used >= 80) return Tone::warning;
  return request.urgent ? Tone::warning : Tone::info;
}

class Fields {
 public:
  Fields(Card& card, Lang lang) : card_(card), lang_(lang) {}
  /// `spare`: CardField::spare.
  void add(std::string_view label, std::string value, int spare = 0) {
    if (value.empty()) return;
    CardField& field = card_.fields.emplace_back(say(lang_, label), std::move(value));
    field.spare = spare;
  }

 private:
  Card& card_;
  Lang lang_;
};

std::string clock_line(const Request& request, const Clock& clock, const Rules& rules, TimePoint now) {
  const Lang lang = rules.lang;
  const std::string name = wording::clock_of(rules, request, clock);
  if (!clock.target) return name;
  if (clock.paused())
    return say(lang,
               Phrase("card.clock_paused", {{"clock", name}, {"time", wording::when(rules, clock.pauses.back().from, now)}}));
  return say(lang, Phrase("card.clock", {{"clock", name},
                                         {"time", wording::when(rules, *clock.target, now)},
                                         {"percent", std::to_string(wording::used_percent(clock, rules, now).value_or(0))}}));
}

std::string progress_line(const Request& request, Lang lang) {
  if (!request.reported_at && request.percent == 0) return {};
  std::string line = std::to_string(int{request.percent}) + "% · " + wording::health(lang, request.health);
  if (!request.reason.empty()) line += say(lang, Phrase("card.reason", {{"reason", request.reason}}));
  if (!request.measure.empty()) line += say(lang, Phrase("card.measure", {{"measure", request.measure}}));
  return line;
}

std::string tasks_line(const Request& request, const Rules& rules, TimePoint now) {
  std::string lines;
  for (const Task& task : request.tasks) {
    if (task.state == TaskState::done) continue;
    if (!lines.empty()) lines += "\n";
    std::string percent = std::to_string(int{task.percent}) + "%";
    if (task.health != Health::normal) percent += " · " + wording::health(rules.lang, task.health);
    lines += say(rules.lang, Phrase(task.state == TaskState::delivered ? "card.task_delivered" : "card.task",
                                    {{"task", request.id.str() + "." + task.no.str()},
                                     {"text", task.content},
                                     {"person", wording::who(rules, task.owner)},
                                     {"time", wording::when(rules, task.due, now)},
                                     {"percent", percent}}));
  }
  const auto done = std::ranges::count(request.tasks, TaskState::done, &Task::state);
  if (done > 0) {
    if (!lines.empty()) lines += "\n";
    lines += say(rules.lang, Phrase("card.tasks_done", {{"count", std::to_string(done)}}));
  }
  return lines;
}

std::string supporting_line(const Request& request, const Rules& rules) {
  std::string line;
  for (const Supporting& supporting : request.supporting) {
    if (!line.empty()) line += say(rules.lang, "label.separator");
    line += say(rules.lang, Phrase("label.person_of", {{"person", wording::department(rules, supporting.department)},
                                                       {"department", wording::who(rules, supporting.contact)}}));
  }
  return line;
}

std::string due_line(const Request& request, const Rules& rules, TimePoint now) {
  if (request.due == TimePoint{}) return {};
  const std::string due = wording::when(rules, request.due, now);
  if (request.due != request.baseline && request.baseline != TimePoint{})
    return say(rules.lang, Phrase("card.due_moved", {{"time", due}, {"first", wording::when(rules, request.baseline, now)}}));
  if (request.due_assumed) return say(rules.lang, Phrase("card.due_assumed", {{"time", due}}));
  // Counted from the raise, so that it stays true however old the card is.
  const std::string left = time_left(rules.lang, request.due, rules.office(), request.raised_at);
  return say(rules.lang, Phrase("card.due_since", {{"time", due}, {"left", left}}));
}

/// A date of this request lies in a year without a published notice, so it may still move.
std::string unknown_year_line(const Request& request, const Rules& rules) {
  std::optional<LocalDate> unknown;
  const auto look = [&](const Calendar& calendar, TimePoint at) {
    if (const LocalDate date = calendar.local_date(at); !unknown && !calendar.date_known(date)) unknown = date;
  };
  if (request.due != TimePoint{}) look(rules.office(), request.due);
  for (const Clock& clock : request.clocks) {
    if (clock.stopped || !clock.target) continue;
    look(rules.calendar(clock.calendar), clock.start);
    look(rules.calendar(clock.calendar), *clock.target);
  }
  return unknown ? say(rules.lang, Phrase("card.no_notice", {{"year", std::to_string(int{unknown->year()})}})) : std::string();
}

/// What this person owes: their tasks that run, and the signatures that are awaited from them.
std::string owed_by(const PersonId& person, const Request& request, const Rules& rules, TimePoint now) {
  const Lang lang = rules.lang;
  const auto for_whom = [&](const PersonId& whose) {
    return whose == person ? std::string() : say(lang, Phrase("log.for", {{"person", wording::who(rules, whose)}}));
  };
  std::string lines;
  const auto add = [&](const std::string& line) { (lines += lines.empty() ? "" : "\n") += line; };
  for (const Task& task : request.tasks) {
    const Clock* clock = running_clock(request, ClockKind::task, task.no);
    if (task.state != TaskState::open || clock == nullptr || !clock->running() ||
        !rights::acts_for(person, task.owner, rules, now))
      continue;
    const std::string number = request.id.str() + "." + task.no.str();
    add(say(lang, Phrase("card.your_task", {{"for", for_whom(task.owner)},
                                            {"task", number},
                                            {"content", wording::flat(task.content)},
                                            {"time", wording::when(rules, task.due, now)}})));
    if (!task.standard.empty()) add(say(lang, Phrase("card.your_standard", {{"standard", wording::flat(task.standard)}})));
    // Where the buttons mean the whole, or one of several, it is said how this one is meant.
    if (rights::meant_task(request, {}, "report", person, rules, now) != task.no)
      add(say(lang, Phrase("card.your_task_how", {{"task", number}})));
  }
  for (const std::size_t i : answers_of(request, person, rules, now)) {
    const Signature& one = request.sign_off->signatures[i];
    if (one.state != SignState::waiting) continue;
    const Clock* clock = running_clock(request, ClockKind::sign_off, {}, one.signer);
    const bool timed = clock != nullptr && clock->running() && clock->target;
    add(say(lang, Phrase(timed ? "card.your_signature" : "card.your_signature_open",
                         {{"for", for_whom(one.signer)},
                          {"id", request.id.str()},
                          {"time", timed ? wording::when(rules, *clock->target, now) : std::string()}})));
  }
  return lines;
}

std::string body_of(const Request& request, const Policy& policy, Lang lang) {
  std::string body;
  const auto add = [&](std::string label, const std::string& text) {
    if (text.empty()) return;
    if (!body.empty()) body += "\n";
    body += say(lang, Phrase("card.line", {{"label", std::move(label)}, {"value", wording::set_in(text)}}));
  };
  add(say(lang, "label.background"), request.background);
  add(say(lang, "label.situation"), request.situation);
  add(say(lang, "label.impact"), request.impact);
  for (const FieldRule& rule : policy.fields)
    if (const auto found = request.fields.find(rule.id); found != request.fields.end()) add(rule.name, found->second);
  return body;
}

void add_conditions(Fields& fields, const Request& request, const Rules& rules, TimePoint now) {
  const Lang lang = rules.lang;
  if (request.conditions.waiting_for_requester) fields.add("label.question", request.question);
  if (const auto& paused = request.conditions.paused; paused && !paused->ended)
    fields.add("label.paused",
               paused->until ? say(lang, Phrase("card.paused_until", {{"reason", paused->reason},
                                                                      {"time", wording::when(rules, *paused->until, now)}}))
                             : paused->reason);
  if (request.extension)
    fields.add("label.extension",
               say(lang, Phrase("card.extension", {{"from", wording::when(rules, request.extension->from, now)},
                                                   {"to", wording::when(rules, request.extension->to, now)},
                                                   {"reason", request.extension->reason},
                                                   {"who", wording::who(rules, request.extension->by)}})));
}

/// One line per signer: what they answered, when, or until when they are asked.
std::string sign_off_lines(const Request& request, const Rules& rules, TimePoint now) {
  if (!request.sign_off) return {};
  std::string lines;
  for (const Signature& one : request.sign_off->signatures) {
    const Clock* clock = running_clock(request, ClockKind::sign_off, {}, one.signer);
    const char* key = one.state == SignState::agreed     ? "card.signed"
                      : one.state == SignState::objected ? "card.objected"
                      : clock != nullptr                 ? "card.to_sign_by"
                                                         : "card.to_sign";
    const auto time = one.at ? one.at : clock != nullptr ? clock->target : std::nullopt;
    std::string person = wording::who_of(rules, one.signer);
    if (!one.by.empty() && one.by != one.signer)
      person = say(rules.lang, Phrase("card.signed_for", {{"person", person}, {"by", wording::who(rules, one.by)}}));
    lines += say(rules.lang, Phrase(key, {{"person", person},
                                          {"time", time ? wording::when(rules, *time, now) : std::string()},
                                          {"reason", wording::flat(one.reason)}})) +
             "\n";
  }
  return lines + say(rules.lang, Phrase("card.hash", {{"hash", short_hash(request.sign_off->hash)}}));
}

std::string position_line(const Position& position, const Rules& rules, TimePoint now) {
  if (position.text.empty()) return say(rules.lang, "card.no_position");
  return say(rules.lang, Phrase("card.position", {{"text", wording::set_in(position.text)},
                                                  {"who", wording::who_of(rules, position.by)},
                                                  {"time", wording::when(rules, position.at.value_or(now), now)}}));
}

/// While there is work left, also how to move the date: a ruling alone does not.
std::string ruling_line(const Request& request, const Rules& rules) {
  const Lang lang = rules.lang;
  std::string line = say(lang, Phrase("card.ruling", {{"text", wording::set_in(request.dispute->ruling)},
                                                      {"who", wording::who_of(rules, request.dispute->ruled_by)}}));
  if (terminal(request.phase) || request.phase == Phase::accept) return line;
  const std::string tail = lang == Lang::en ? "TIME reason" : "时间 原因";
  return line + "\n" +
         say(lang, Phrase("card.ruling_date", {{"command", wording::command(lang, Verb::extend, request.id, tail)}}));
}

std::string table_lines(const Table& table) {
  std::string lines;
  for (const TableRow& row : table.rows) (lines += lines.empty() ? "" : "\n") += row.words;
  return lines;
}

/// Heading, then a line per bar: "技术部：按时 3、逾期 2". What is nothing is not said.
std::string chart_lines(const Chart& chart, Lang lang) {
  std::string bars;
  for (const Bar& bar : chart.bars) {
    std::string values;
    for (std::size_t i = 0; i < std::min(bar.values.size(), chart.series.size()); ++i) {
      if (bar.values[i] == 0) continue;
      if (!values.empty()) values += say(lang, "label.separator");
      values += chart.series[i] + " " + std::to_string(bar.values[i]);
    }
    (bars += bars.empty() ? "" : "\n") += say(lang, Phrase("card.line", {{"label", bar.label}, {"value", values}}));
  }
  return bars.empty() ? std::string() : chart.title + "\n" + bars;
}

}  // namespace

std::string_view tone_name(Tone tone) {
  switch (tone) {
    case Tone::neutral:
      return "neutral";
    case Tone::info:
      return "info";
    case Tone::warning:
      return "warning";
    case Tone::danger:
      return "danger";
    case Tone::success:
      return "success";
  }
  return "neutral";
}

Card card_for(const Request& request, const Policy& policy, const Viewer& viewer, const Rules& rules, TimePoint now) {
  const Lang lang = rules.lang;
  const std::optional<NextStep> next = terminal(request.phase) ? std::nullopt : next_step(request, policy, rules, now);
  const Clock* clock = next ? find_clock(request, next->clock) : nullptr;
  Card card;
  card.title = wording::title(request, lang);
  card.tone = tone_of(request, clock, rules, now);
  card.body = body_of(request, policy, lang);
  if (viewer.person && !terminal(request.phase))
    if (const std::string owed = owed_by(*viewer.person, request, rules, now); !owed.empty())
      card.body = owed + (card.body.empty() ? "" : "\n") + card.body;
  Fields fields(card, lang);
  fields.add("label.state", wording::state(request, lang));
  card.fields.push_back(next_step_field(request, policy, rules, now));
  if (clock) fields.add("label.clock", clock_line(request, *clock, rules, now), 2);
  fields.add("label.owner", wording::who_of(rules, request.owner));
  fields.add("label.requester", wording::who_of(rules, request.requester), 3);
  fields.add("label.lead", rules.people().name(request.lead), 4);
  fields.add("label.supporting", supporting_line(request, rules), 5);
  fields.add("label.due", due_line(request, rules, now));
  if (!terminal(request.phase)) fields.add("label.holidays", unknown_year_line(request, rules), 6);
  fields.add("label.progress", progress_line(request, lang));
  add_conditions(fields, request, rules, now);
  fields.add("label.goal", request.goal, 1);
  fields.add("label.tasks", tasks_line(request, rules, now));
  fields.add("label.delivery", request.delivery);
  if (terminal(request.phase)) {
    const char* label = request.phase == Phase::declined    ? "label.why_declined"
                        : request.phase == Phase::cancelled ? "label.why_cancelled"
                                                            : "label.closing";
    // Where nobody accepts, what was delivered closes it: it stands above.
    if (request.phase != Phase::archived || request.closing != request.delivery) fields.add(label, request.closing);
    fields.add("label.proposal", request.proposal);
  }
  fields.add("label.sign_off", sign_off_lines(request, rules, now));
  for (CardField& position : position_fields(request, rules, now)) card.fields.push_back(std::move(position));
  if (request.dispute && !request.dispute->ruling.empty()) fields.add("label.ruling", ruling_line(request, rules));
  card.buttons = buttons_for(request, next, viewer, rules, now);
  card.footer = say(lang, Phrase("card.footer", {{"number", number(request)}, {"type", wording::type(rules, policy)}}));
  return card;
}

CardField next_step_field(const Request& request, const Policy& policy, const Rules& rules, TimePoint now) {
  const Lang lang = rules.lang;
  CardField field{say(lang, "label.next"), wording::next_step_line(request, policy, rules, now)};
  field.spare = CardField::stays;
  const std::optional<NextStep> next = terminal(request.phase) ? std::nullopt : next_step(request, policy, rules, now);
  if (!next || next->who.empty() || !next->by_when) return field;
  const std::string time = wording::when(rules, *next->by_when, now);
  if (next->what == Step::resume) {
    field.narrow = {{field.label, say(lang, Phrase("step.resumes_then", {{"time", time}}))}};
  } else {
    field.narrow = {{field.label, say(lang, Phrase("step.open", {{"who", wording::who(rules, next->who.front())},
                                                                 {"step", wording::step(lang, next->what)}}))},
                    {say(lang, "label.by"), time}};
  }
  return field;
}

std::vector<CardField> position_fields(const Request& request, const Rules& rules, TimePoint now) {
  std::vector<CardField> both;
  if (!request.dispute) return both;
  for (const Party party : {Party::requester, Party::owner})
    both.push_back({wording::party(rules.lang, party), position_line(position_of(*request.dispute, party), rules, now), true});
  return both;
}

void put_in_words(Card& card, Lang lang, bool table, bool chart) {
  const auto add = [&](const std::string& lines) {
    if (!lines.empty()) card.body += (card.body.empty() ? "" : "\n") + lines;
  };
  if (table && card.table) {
    add(table_lines(*card.table));
    card.table.reset();
  }
  if (chart && card.chart) {
    add(chart_lines(*card.chart, lang));
    card.chart.reset();
  }
}

std::string plain_text(const Card& card, Lang lang) {
  std::string text = card.title;
  const auto line = [&](const std::string& more) {
    if (more.empty()) return;
    if (!text.empty()) text += "\n";
    text += more;
  };
  line(card.body);
  if (card.table) line(table_lines(*card.table));
  if (card.chart) line(chart_lines(*card.chart, lang));
  for (const CardField& field : card.fields)
    line(say(lang, Phrase("card.line", {{"label", field.label}, {"value", wording::set_in(field.value)}})));
  for (const Input& input : card.inputs)
    line(say(lang, Phrase(input.required ? "card.input_required" : "card.input", {{"label", input.label}})));
  const Button* row = nullptr;  // of many alike one says how
  for (const Button& button : card.buttons) {
    if (button.command.empty()) continue;
    if (card.table && button.action.starts_with("show:")) {
      if (!row) row = &button;
    } else {
      line(say(lang, Phrase("card.command", {{"label", button.label}, {"command", button.command}})));
    }
  }
  if (row) line(say(lang, Phrase("list.open", {{"command", row->command}})));
  line(card.footer);
  return text;
}

}  // namespace xieban
