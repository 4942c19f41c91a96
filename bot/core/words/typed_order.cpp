// Fields -> an order: names are looked up, dates read, lengths held; and back to the one line that says the same.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "bot/base/text.hpp"
#include "bot/core/clock/when.hpp"
#include "bot/core/request/rights.hpp"
#include "bot/core/words/typed.hpp"

namespace xieban::typed {
namespace {

constexpr std::size_t longest_title = 100, longest_text = 2000;  // characters
constexpr std::size_t most_options = 10;

/// The words of a command line in the company's language.
struct Wording {
  std::string_view give, due, urgent, goal, background, situation, impact, reason, proposal, standard, after, normal, late,
      risk, measure, pass, reject, until, delegate;
};
constexpr Wording zh_wording{"给",   "截止", "紧急", "目标", "背景", "现状", "影响", "原因", "建议", "标准",
                             "依赖", "正常", "滞后", "风险", "措施", "通过", "驳回", "到",   "代理"};
constexpr Wording en_wording{"to",      "due",      "urgent",   "goal",  "background", "situation", "impact",
                             "reason",  "proposal", "standard", "after", "normal",     "late",      "risk",
                             "measure", "pass",     "reject",   "until", "delegate"};
const Wording& wording(Lang lang) { return lang == Lang::zh ? zh_wording : en_wording; }

bool mentions_task(Verb verb) {
  return verb == Verb::progress || verb == Verb::extend || verb == Verb::deliver || verb == Verb::verify;
}

/// Reads the fields of one order; the first thing that is wrong becomes the answer.
class Reader {
 public:
  Reader(Verb verb, RequestId request, TaskNo task, const Fields& fields, const Place& place)
      : verb_(verb), request_(request), task_(task), fields_(fields), place_(place) {}

  Parsed order() {
    check_lengths();
    if (wrong_) return std::move(*wrong_);
    Parsed out = make();
    return wrong_ ? std::move(*wrong_) : std::move(out);
  }

 private:
  // ---- fields ----

  [[nodiscard]] std::string get(const std::string& key) const {
    const auto at = fields_.find(key);
    return at == fields_.end() ? std::string() : std::string(text::trim(at->second));
  }
  [[nodiscard]] bool has(const std::string& key) const { return !get(key).empty(); }

  void wrong(std::string key, std::string corrected, std::vector<std::pair<std::string, std::string>> args = {}) {
    if (!wrong_) wrong_ = Misread{Phrase("misread." + std::move(key), std::move(args)), std::move(corrected)};
  }
  [[nodiscard]] std::string line_with(const std::string& key, const std::string& value) const {
    Fields changed = fields_;
    changed[key] = value;
    return line_of(verb_, request_, task_, changed, place_.rules);
  }
  void wrong_type(std::string corrected) {
    std::string types;
    for (const auto& type : place_.rules.types) types += (types.empty() ? "" : zh() ? "、" : ", ") + type->name;
    wrong("no_type", std::move(corrected), {{"name", text::clip_width(get("type"), 40)}, {"names", types}});
  }
  [[nodiscard]] std::string example() const { return start_of(verb_, request_, task_, place_.rules.lang); }

  void check_lengths() {
    for (const auto& [key, value] : fields_) {
      const std::size_t limit = key == "title" ? longest_title : longest_text;
      if (value.size() <= limit) continue;
      const std::size_t length = text::decode(value).size();
      if (length <= limit) continue;
      wrong(key == "title" ? "title_too_long" : "text_too_long", {},
            {{"limit", std::to_string(limit)}, {"length", std::to_string(length)}});
    }
  }

  void which_due(const std::string& key, const WhenError& error) {
    if (wrong_) return;
    Ambiguous which;
    const bool deadline = key != "until";
    which.question =
        Phrase(deadline ? "due.which" : "until.which", {{"message", sentence_of(error, deadline, place_.rules.lang)}});
    for (const std::string& suggestion : error.suggestions)
      which.options.push_back(Option{suggestion, line_with(key, suggestion)});
    wrong_ = std::move(which);
  }

  std::optional<TimePoint> due(const std::string& key, bool urgent) {
    const std::string text = get(key);
    if (text.empty()) return std::nullopt;
    const auto read = parse_due(text, place_.rules.office(), place_.now, urgent, place_.rules.lang);
    if (read) {
      due_doubts_ = read->warnings;
      return read->at;
    }
    if (read.error().understood && !read.error().suggestions.empty()) {
      which_due(key, read.error());
      return std::nullopt;
    }
    std::string corrected;
    if (!read.error().suggestions.empty()) {
      corrected = line_with(key, read.error().suggestions.front());
    } else if (verb_ == Verb::accept) {
      corrected = example();
    }
    wrong("deadline", std::move(corrected),
          {{"message", sentence_of(read.error(), key != "until", place_.rules.lang)}, {"text", text::clip_width(text, 40)}});
    return std::nullopt;
  }

  [[nodiscard]] std::string shown(const PersonId& id) const {
    const Person* one = place_.people.person(id);
    const std::string department = one == nullptr ? std::string() : place_.people.name(one->department);
    const std::string name = place_.people.name(id);
    if (department.empty()) return name;
    return place_.rules.lang == Lang::zh ? fmt::format("{}（{}）", name, department) : fmt::format("{} ({})", name, department);
  }
  [[nodiscard]] std::string shown(const DepartmentId& id) const { return place_.people.name(id); }

  template <class Id>
  [[nodiscard]] std::string names(const std::vector<Id>& ids) const {
    std::string out;
    for (const Id& id : ids) {
      if (!out.empty()) out += place_.rules.lang == Lang::zh ? "、" : ", ";
      out += shown(id);
    }
    return out;
  }

  /// As one would type it: the name, where that is one word of the line and means nobody else; else the id.
  [[nodiscard]] std::string written(const PersonId& id) const {
    const std::string name = place_.people.name(id);
    const auto found = place_.people.match_person(name);
    const bool means_them = found.kind == Match<PersonId>::Kind::one && found.candidates.front() == id;
    return "@" + (means_them && one_word(name) ? name : id.value);
  }
  [[nodiscard]] std::string written(const DepartmentId& id) const {
    const std::string name = place_.people.name(id);
    const Lead found = match_lead(name, place_.people);
    const bool means_it = !found.nearest && found.people.empty() && found.departments == std::vector{id};
    return means_it && one_word(name) ? name : "@" + id.value;
  }
  [[nodiscard]] static bool one_word(const std::string& name) {
    const Line line(name);
    return line.size() == 1 && line[0].core_end == name.size() && name.find('@') == std::string::npos;
  }
  /// One option per candidate: the same line with that one written out.
  template <class Id>
  void add_options(const std::string& key, const std::vector<Id>& ids, std::vector<Option>& options) const {
    for (const Id& id : ids) options.push_back({shown(id), line_with(key, written(id))});
  }
  void ask_which(std::string key, const std::string& name, std::vector<Option> options) {
    if (wrong_) return;
    if (options.size() > most_options) {
      return wrong("too_many", {}, {{"name", name}, {"count", std::to_string(options.size())}});
    }
    wrong_ = Ambiguous{Phrase("ask." + std::move(key), {{"name", name}}), std::move(options)};
  }

  PersonId person(const std::string& key) {
    const std::string name = get(key);
    return person_named(key, name, {}, {});
  }
  /// Several in one field: what is asked about one of them leaves the others as they are.
  std::vector<PersonId> people(const std::string& key) {
    std::vector<PersonId> list;
    const std::string all = get(key);
    for (const auto& [from, to] : names_in(all, place_))
      list.push_back(person_named(key, all.substr(from, to - from), all.substr(0, from), all.substr(to)));
    return list;
  }
  PersonId person_named(const std::string& key, const std::string& name, const std::string& before, const std::string& after) {
    const auto found = place_.people.match_person(name);
    using Kind = Match<PersonId>::Kind;
    if (found.kind == Kind::one) return found.candidates.front();
    if (found.kind == Kind::several) {
      std::vector<Option> options;
      for (const PersonId& id : found.candidates) options.push_back({shown(id), line_with(key, before + written(id) + after)});
      ask_which("which_person", name, std::move(options));
    } else if (found.candidates.empty()) {
      wrong("no_person", {}, {{"name", text::clip_width(name, 40)}});
    } else {
      wrong("no_person_near", line_with(key, before + written(found.candidates.front()) + after),
            {{"name", text::clip_width(name, 40)}, {"names", names(found.candidates)}});
    }
    return {};
  }

  DepartmentId department(const std::string& key) {
    const std::string name = get(key);
    const auto found = place_.people.match_department(name);
    using Kind = Match<DepartmentId>::Kind;
    if (found.kind == Kind::one) return found.candidates.front();
    if (found.kind == Kind::several) {
      std::vector<Option> options;
      add_options(key, found.candidates, options);
      ask_which("which_department", name, std::move(options));
    } else if (found.candidates.empty()) {
      wrong("no_department", {}, {{"name", text::clip_width(name, 40)}, {"names", rights::department_names(place_.rules)}});
    } else {
      wrong("no_department_near", line_with(key, place_.people.name(found.candidates.front())),
            {{"name", text::clip_width(name, 40)}, {"names", names(found.candidates)}});
    }
    return {};
  }

  // ---- orders ----

  Parsed incomplete() const {
    Fields typed;
    for (const auto& [key, value] : fields_) {
      // The form of a request asks for its lead under the id "to".
      if (!text::trim(value).empty()) typed[key == "lead" ? "to" : key] = std::string(text::trim(value));
    }
    return Order(Incomplete{verb_, request_, task_, std::move(typed)});
  }
  Parsed on(Command command) const { return Order(OnRequest{request_, std::move(command), due_doubts_}); }

  Parsed make() {
    switch (verb_) {
      case Verb::raise:
      case Verb::urgent:
        return raise();
      case Verb::accept:
        return on(Accept{due("due", false)});
      case Verb::decline:
        if (!has("reason") || !has("proposal")) return incomplete();
        return on(Decline{get("reason"), get("proposal")});
      case Verb::ask: {
        const std::string question = has("question") ? get("question") : get("text");
        if (question.empty()) return incomplete();
        return on(AskBack{question});
      }
      case Verb::assign:
        if (!has("person")) return incomplete();
        return on(Assign{person("person")});
      case Verb::handover: {
        const PersonId to = has("person") ? person("person") : PersonId{};
        if (to.empty() || !has("reason")) return incomplete();
        return on(HandOver{to, get("reason")});
      }
      case Verb::support:
        if (!has("department")) return incomplete();
        return on(Support{department("department")});
      case Verb::task:
        return add_task();
      case Verb::progress:
        return report();
      case Verb::extend: {
        const auto to = due("due", false);
        if (!to || !has("reason")) return incomplete();
        return on(Extend{task_, to, get("reason")});
      }
      case Verb::confirm:
        return on(Confirm{});
      case Verb::object:
        if (!has("reason")) return incomplete();
        return on(Confirm{false,
                          get("reason"),
                          get("matter") == "sign_off"    ? Matter::sign_off
                          : get("matter") == "extension" ? Matter::extension
                                                         : Matter::any,
                          {}});
      case Verb::sign: {
        AskSign out{people("people")};
        if (out.people.empty()) return incomplete();
        return on(std::move(out));
      }
      case Verb::dispute:
        if (!has("position")) return incomplete();
        return on(TakePosition{get("position")});
      case Verb::rule:
        if (!has("decision")) return incomplete();
        return on(GiveRuling{get("decision")});
      case Verb::escalate:
        if (!has("reason")) return incomplete();
        return on(Escalate{get("reason")});
      case Verb::nudge:
        return on(Nudge{});
      case Verb::deliver:
        if (!has("text")) return incomplete();
        return on(Deliver{task_, get("text")});
      case Verb::verify: {
        const auto pass = result_word(get("result"));
        if (!pass || (!*pass && !has("reason"))) return incomplete();
        return on(Verify{task_, *pass, get("reason")});
      }
      case Verb::pause: {
        const auto until = due("until", false);
        if (!has("reason")) return incomplete();
        return on(PauseIt{get("reason"), until});
      }
      case Verb::resume:
        return on(Resume{});
      case Verb::cancel:
        if (!has("reason")) return incomplete();
        return on(Cancel{get("reason")});
      case Verb::reopen:
        if (!has("reason")) return incomplete();
        return on(Reopen{get("reason")});
      case Verb::note:
        if (!has("text") && !place_.attachments) return incomplete();
        return on(AddNote{get("text")});
      case Verb::undo:
        return Order(UndoLast{request_});
      case Verb::follow:
        return on(Follow{});
      case Verb::show:
        return Order(Show{request_, page()});
      case Verb::mine:
        return Order(ListMine{page()});
      case Verb::department:
        return Order(ListDepartment{page()});
      case Verb::board:
        return Order(ListBoard{page()});
      case Verb::search:
        if (!has("words")) return incomplete();
        return Order(Search{get("words"), page()});
      case Verb::why:
        return Order(Why{request_});
      case Verb::help:
        return Order(Help{get("topic")});
      case Verb::leave:
        return leave();
      case Verb::link:
        return link();
      case Verb::unlink:
        if (!has("person")) {
          wrong("who", example() + (zh() ? " @李雷" : " @name"));
          return {};
        }
        return Order(UnlinkPerson{person("person")});
      case Verb::health:
        return Order(Checkup{});
      case Verb::apply: {
        const TypeId type = place_.rules.match_type(get("type"));
        if (type.empty()) {
          wrong_type(example() + " " + (place_.rules.types.empty() ? std::string() : place_.rules.types.front()->name));
          return {};
        }
        return Order(ApplyType{type});
      }
    }
    return {};
  }

  [[nodiscard]] bool zh() const { return place_.rules.lang == Lang::zh; }

  Parsed raise() {
    Raise out;
    out.title = get("title");
    out.urgent = verb_ == Verb::urgent || yes_word(get("urgent"));
    if (has("type")) {
      out.type = place_.rules.match_type(get("type"));
      if (out.type.empty()) {
        Fields without = fields_;
        without.erase("type");
        wrong_type(line_of(verb_, request_, task_, without, place_.rules));
        return {};
      }
    } else if (out.urgent && place_.rules.type(TypeId{"urgent"})) {
      out.type = TypeId{"urgent"};
    } else {
      out.type = place_.rules.default_type;
    }
    const auto policy = place_.rules.type(out.type);
    out.urgent = out.urgent || (policy && policy->urgent);

    const std::string lead = has("to") ? get("to") : get("lead");
    if (!lead.empty()) find_lead(has("to") ? "to" : "lead", lead, out);
    out.due = due("due", out.urgent);
    if (wrong_) return {};
    out.due_doubts = due_doubts_;
    out.goal = get("goal");
    out.background = get("background");
    out.situation = get("situation");
    out.impact = get("impact");
    bool complete = !out.title.empty() && !lead.empty();
    if (policy) {
      for (const FieldRule& rule : policy->fields) {
        const bool general = rule.id == "goal" || rule.id == "background" || rule.id == "situation" || rule.id == "impact";
        if (rule.required && !has(rule.id)) complete = false;
        if (!general && has(rule.id)) out.fields[rule.id] = get(rule.id);
      }
    }
    // A label of another type's form is text here; nothing that was typed is lost.
    for (const auto& [key, value] : fields_) {
      static constexpr std::array<std::string_view, 10> own{"title",  "type", "lead",       "to",        "due",
                                                            "urgent", "goal", "background", "situation", "impact"};
      if (std::ranges::find(own, key) != own.end() || out.fields.contains(key) || text::trim(value).empty()) continue;
      out.fields[key] = std::string(text::trim(value));
    }
    if (!complete) return incomplete();
    out.chat = place_.chat;
    out.chat_is_private = place_.chat_is_private;
    return Order(std::move(out));
  }

  void find_lead(const std::string& key, const std::string& name, Raise& out) {
    const Lead lead = match_lead(name, place_.people);
    if (lead.nearest) {
      const std::string clipped = text::clip_width(name, 40);
      std::string near = names(lead.departments);
      if (!near.empty() && !lead.people.empty()) near += zh() ? "、" : ", ";
      near += names(lead.people);
      if (near.empty()) return wrong("no_lead", {}, {{"name", clipped}, {"names", rights::department_names(place_.rules)}});
      const std::string first =
          lead.departments.empty() ? written(lead.people.front()) : place_.people.name(lead.departments.front());
      return wrong("no_lead_near", line_with(key, first), {{"name", clipped}, {"names", near}});
    }
    if (lead.people.size() + lead.departments.size() == 1) {
      if (lead.people.empty())
        out.lead = lead.departments.front();
      else
        out.owner = lead.people.front();
      return;
    }
    std::vector<Option> options;
    add_options(key, lead.departments, options);
    add_options(key, lead.people, options);
    ask_which("which_lead", name, std::move(options));
  }

  Parsed add_task() {
    AddTask out;
    if (has("person")) out.owner = person("person");
    out.content = get("content");
    out.due = due("due", false);
    out.standard = get("standard");
    if (has("after")) {
      const auto after = parse_reference(get("after"));
      const bool other = after && !after->task.empty() && after->request != request_;
      if (!after || other || (after->task.empty() && after->request.value > 100'000)) {
        Fields without = fields_;
        without.erase("after");
        wrong("after", line_of(verb_, request_, task_, without, place_.rules), {{"text", text::clip_width(get("after"), 20)}});
        return {};
      }
      out.after = after->task.empty() ? TaskNo{static_cast<std::uint32_t>(after->request.value)} : after->task;
    }
    // A typed line says by when; a form may leave it to the request's own date.
    if (out.owner.empty() || out.content.empty() || (!out.due && !place_.from_form)) return incomplete();
    return on(std::move(out));
  }

  Parsed report() {
    Report out;
    out.task = task_;
    if (has("percent")) {
      std::string digits = text::fold(get("percent"));
      if (digits.ends_with('%')) digits.pop_back();
      int value = -1;
      const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
      if (error != std::errc{} || end != digits.data() + digits.size() || value < 0 || value > 100) {
        wrong("percent", line_with("percent", "60"), {{"value", text::clip_width(get("percent"), 20)}});
        return {};
      }
      out.percent = static_cast<std::uint8_t>(value);
    }
    const auto health = health_word(get("health"));
    if (has("health") && !health) {
      wrong("health", line_with("health", "normal"), {{"value", text::clip_width(get("health"), 20)}});
      return {};
    }
    if (!health || (*health != Health::normal && (!has("reason") || !has("measure")))) return incomplete();
    out.health = *health;
    out.reason = get("reason");
    out.measure = get("measure");
    return on(std::move(out));
  }

  Parsed leave() {
    const auto until = due("until", true);
    const PersonId delegate = has("person") ? person("person") : PersonId{};
    if (wrong_) return {};
    if (!until || delegate.empty()) return incomplete();
    if (delegate == place_.actor) {
      wrong("own_delegate", {});
      return {};
    }
    return Order(TakeLeave{*until, delegate});
  }

  Parsed link() {
    std::string code;
    for (const char c : text::fold(get("code"))) {
      if (c == '-' || c == ' ') continue;
      code += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    const bool good =
        code.size() == 8 && std::ranges::all_of(code, [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); });
    if (!code.empty() && !good) {
      wrong("code", example(), {{"text", text::clip_width(get("code"), 20)}});
      return {};
    }
    return Order(LinkMe{std::move(code)});
  }

  int page() {
    const std::string text = get("page");
    if (text.empty()) return 1;
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value < 1 || value > 100'000) {
      wrong("page", example(), {{"text", text::clip_width(text, 20)}});
      return 1;
    }
    return value;
  }

  Verb verb_;
  RequestId request_;
  TaskNo task_;
  const Fields& fields_;
  const Place& place_;
  std::optional<Parsed> wrong_;
  std::vector<std::string> due_doubts_;  // of the last time that was read
};

}  // namespace

std::string start_of(Verb verb, RequestId request, TaskNo task, Lang lang) {
  std::string out = "/" + std::string(lang == Lang::zh ? info(verb).zh : info(verb).en);
  if (!request.empty()) out += " " + request.str();
  if (!request.empty() && !task.empty() && mentions_task(verb)) out += "." + task.str();
  return out;
}

Parsed order_of(Verb verb, RequestId request, TaskNo task, const Fields& fields, const Place& place) {
  return Reader(verb, request, task, fields, place).order();
}

std::string line_of(Verb verb, RequestId request, TaskNo task, const Fields& fields, const Rules& rules) {
  const Wording& w = wording(rules.lang);
  std::string out = start_of(verb, request, task, rules.lang);
  const auto get = [&](const std::string& key) {
    const auto at = fields.find(key);
    return at == fields.end() ? std::string() : std::string(text::trim(at->second));
  };
  const auto add = [&](const std::string& text) {
    if (!text.empty()) out += " " + text;
  };
  const auto labelled = [&](std::string_view label, const std::string& text) {
    if (!text.empty()) out += fmt::format(" {}: {}", label, text);
  };
  const auto keyed = [&](std::string_view word, const std::string& text) {
    if (!text.empty()) out += fmt::format(" {} {}", word, text);
  };
  switch (verb) {
    case Verb::raise:
    case Verb::urgent: {
      const auto type = rules.type(rules.match_type(get("type")));
      const bool names_type = verb == Verb::raise && type;
      std::string title = get("title");
      if (names_type) add(type->name);
      add(title);
      keyed(w.give, get("to").empty() ? get("lead") : get("to"));
      keyed(w.due, get("due"));
      if (verb == Verb::raise && yes_word(get("urgent"))) add(std::string(w.urgent));
      labelled(w.goal, get("goal"));
      labelled(w.background, get("background"));
      labelled(w.situation, get("situation"));
      labelled(w.impact, get("impact"));
      if (type) {
        for (const FieldRule& rule : type->fields) {
          if (rule.id != "goal" && rule.id != "background" && rule.id != "situation" && rule.id != "impact")
            labelled(rule.name, get(rule.id));
        }
      }
      break;
    }
    case Verb::decline:
      labelled(w.reason, get("reason"));
      labelled(w.proposal, get("proposal"));
      break;
    case Verb::task:
      add(get("person"));
      add(get("content"));
      keyed(w.due, get("due"));
      if (!get("after").empty()) keyed(w.after, get("after"));
      labelled(w.standard, get("standard"));
      break;
    case Verb::progress: {
      if (!get("percent").empty()) add(get("percent") + (get("percent").ends_with('%') ? "" : "%"));
      if (const auto health = health_word(get("health")))
        add(std::string(*health == Health::normal ? w.normal : *health == Health::late ? w.late : w.risk));
      labelled(w.reason, get("reason"));
      labelled(w.measure, get("measure"));
      break;
    }
    case Verb::extend:
      add(get("due"));
      labelled(w.reason, get("reason"));
      break;
    case Verb::handover:
      add(get("person"));
      labelled(w.reason, get("reason"));
      break;
    case Verb::verify: {
      if (const auto pass = result_word(get("result"))) add(std::string(*pass ? w.pass : w.reject));
      add(get("reason"));
      break;
    }
    case Verb::pause:
      add(get("reason"));
      keyed(w.until, get("until"));
      break;
    case Verb::leave:
      keyed(w.until, get("until"));
      keyed(w.delegate, get("person"));
      break;
    default:
      for (const char* key : {"due", "person", "people", "department", "question", "text", "position", "decision", "reason",
                              "words", "topic", "code", "page"})
        add(get(key));
      break;
  }
  return out;
}

}  // namespace xieban::typed
