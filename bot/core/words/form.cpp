// What each verb's form asks for, and the form as a card.

#include "bot/core/words/form.hpp"

#include <algorithm>

#include "bot/base/text.hpp"
#include "bot/core/card/wording.hpp"

namespace xieban {
namespace {

using Answers = std::map<std::string, std::string>;

constexpr std::size_t most_options = 50;

InputKind input_kind(FieldKind kind) {
  switch (kind) {
    case FieldKind::text:
      return InputKind::text;
    case FieldKind::long_text:
      return InputKind::long_text;
    case FieldKind::number:
      return InputKind::number;
    case FieldKind::choice:
      return InputKind::choice;
    case FieldKind::person:
      return InputKind::person;
    case FieldKind::department:
      return InputKind::department;
    case FieldKind::datetime:
      return InputKind::datetime;
  }
  return InputKind::text;
}

/// Builds the list of inputs of one form in the language of the company.
class Inputs {
 public:
  Inputs(const Rules& rules, const Answers& answers) : rules_(rules), answers_(answers) {}

  Input& add(std::string id, InputKind kind, bool required, std::string label = {}) {
    Input input;
    input.label = label.empty() ? say(rules_.lang, "field." + id) : std::move(label);
    input.kind = kind;
    input.required = required;
    if (const std::string* value = given(answers_, id)) input.value = {*value};
    input.id = std::move(id);
    inputs_.push_back(std::move(input));
    return inputs_.back();
  }
  void choice(std::string id, bool required, std::vector<InputOption> options) {
    add(std::move(id), InputKind::choice, required).options = std::move(options);
  }
  void department(std::string id) { offer_departments(add(std::move(id), InputKind::department, true)); }
  /// A department, or a person instead.
  void department_or_person(std::string id) {
    Input& input = add(std::move(id), InputKind::department, true);
    offer_departments(input);
    input.people_label = text("field.to_person");
    offer_people(input, input.people, {});
  }
  /// People of that department first; everybody else may be typed.
  void person(std::string id, const DepartmentId& first, std::string_view label = {}) {
    Input& input = add(std::move(id), InputKind::person, true, label.empty() ? std::string() : say(rules_.lang, label));
    offer_people(input, input.options, first);
  }
  /// Some of everybody.
  void people(std::string id) {
    Input& input = add(std::move(id), InputKind::multi, true);
    if (const std::string* all = given(answers_, input.id)) {
      input.value.clear();
      for (const std::string_view one : text::split(*all, ',')) input.value.emplace_back(text::trim(one));
    }
    offer_people(input, input.options, {});
  }
  void datetime(std::string id, bool required, std::string_view label = {}) {
    Input& input = add(std::move(id), InputKind::datetime, required, label.empty() ? std::string() : text(label));
    input.hint = text("form.example_time");
  }
  /// A field of a type.
  void field(const FieldRule& rule) {
    Input& input = add(rule.id, input_kind(rule.kind), rule.required, rule.name);
    for (const std::string& choice : rule.choices) input.options.push_back({choice, choice});
    if (rule.kind == FieldKind::department) offer_departments(input);
    if (rule.kind == FieldKind::person) offer_people(input, input.options, {});
    if (rule.kind == FieldKind::datetime) input.hint = text("form.example_time");
  }
  [[nodiscard]] std::string text(std::string_view key) const { return say(rules_.lang, key); }
  std::vector<Input> take() { return std::move(inputs_); }

 private:
  void offer_departments(Input& input) const {
    for (const Department& department : rules_.people().departments()) {
      if (input.options.size() < most_options)
        input.options.push_back({department.id.str(), department.name});
      else
        input.hint = text("form.example_department");
    }
  }
  void offer_people(Input& input, std::vector<InputOption>& options, const DepartmentId& first) const {
    const Directory people = rules_.people();
    const auto add_those = [&](bool inside) {
      for (const Person& person : people.people()) {
        const bool in = !first.empty() && people.within(person.department, first);
        if (!person.active || in != inside) continue;
        if (options.size() < most_options)
          options.push_back({person.id.str(), wording::who_of(rules_, person.id)});
        else
          input.hint = text(input.id == "to" ? "form.example_to" : "form.example_person");
      }
    };
    add_those(true);
    add_those(false);
  }
  const Rules& rules_;
  const Answers& answers_;
  std::vector<Input> inputs_;
};

std::shared_ptr<const Policy> type_of(const Rules& rules, Verb verb, const Answers& answers) {
  if (const std::string* named = given(answers, "type")) {
    if (auto type = rules.type(TypeId(*named))) return type;
    if (auto type = rules.type(rules.match_type(*named))) return type;
  }
  const std::string* urgent = given(answers, "urgent");
  if (verb == Verb::urgent || (urgent && *urgent == "yes"))
    if (auto type = rules.type(TypeId("urgent"))) return type;
  return rules.type(rules.default_type);
}

void raise_form(Inputs& form, Verb verb, const Rules& rules, const Answers& answers) {
  form.add("title", InputKind::text, true);
  form.department_or_person("to");
  form.datetime("due", false);
  std::vector<InputOption> types;
  for (const auto& type : rules.types)
    if (types.size() < most_options) types.push_back({type->type.str(), wording::type(rules, *type)});
  if (types.size() > 1) form.choice("type", false, std::move(types));
  form.choice("urgent", false, {{"no", form.text("option.no")}, {"yes", form.text("option.yes")}});
  for (const char* id : {"goal", "background", "situation", "impact"}) form.add(id, InputKind::long_text, false);
  const auto type = type_of(rules, verb, answers);
  if (!type) return;
  for (const FieldRule& rule : type->fields) form.field(rule);
}

/// What a type demands stands once: its own field replaces the general one of the same id.
std::vector<Input> without_doubles(std::vector<Input> inputs) {
  std::vector<Input> out;
  for (Input& input : inputs) {
    const auto same = std::ranges::find(out, input.id, &Input::id);
    if (same == out.end())
      out.push_back(std::move(input));
    else
      *same = std::move(input);
  }
  return out;
}

std::string_view title_key(Verb verb) {
  switch (verb) {
    case Verb::raise:
      return "form.raise";
    case Verb::urgent:
      return "form.urgent";
    case Verb::accept:
      return "form.accept";
    case Verb::decline:
      return "form.decline";
    case Verb::ask:
      return "form.ask";
    case Verb::assign:
      return "form.assign";
    case Verb::handover:
      return "form.handover";
    case Verb::support:
      return "form.support";
    case Verb::task:
      return "form.task";
    case Verb::progress:
      return "form.progress";
    case Verb::extend:
      return "form.extend";
    case Verb::object:
      return "form.object";
    case Verb::sign:
      return "form.sign";
    case Verb::dispute:
      return "form.dispute";
    case Verb::rule:
      return "form.rule";
    case Verb::escalate:
      return "form.escalate";
    case Verb::deliver:
      return "form.deliver";
    case Verb::verify:
      return "form.verify";
    case Verb::pause:
      return "form.pause";
    case Verb::cancel:
      return "form.cancel";
    case Verb::reopen:
      return "form.reopen";
    case Verb::note:
      return "form.note";
    case Verb::leave:
      return "form.leave";
    case Verb::search:
      return "form.search";
    default:
      return "form.other";
  }
}

}  // namespace

std::string form_title(const Conversation& conversation, const Request* request, Lang lang) {
  const std::string* matter = given(conversation.answers, "matter");
  const bool of_sign_off = conversation.verb == Verb::object && matter != nullptr && *matter == "sign_off";
  const std::string verb = say(lang, of_sign_off ? "form.object_sign" : title_key(conversation.verb));
  if (!request) return verb;
  const std::string task = conversation.task.empty() ? std::string() : "." + conversation.task.str();
  return say(lang, Phrase("form.title",
                          {{"verb", verb}, {"number", number(*request) + task}, {"title", wording::flat(request->title)}}));
}

std::vector<Input> form_fields(Verb verb, const Request* request, const Rules& rules, const PersonId& actor,
                               const Answers& answers, TimePoint) {
  Inputs form(rules, answers);
  const DepartmentId lead = request ? request->lead : DepartmentId{};
  const Person* me = rules.people().person(actor);
  switch (verb) {
    case Verb::raise:
    case Verb::urgent:
      raise_form(form, verb, rules, answers);
      break;
    case Verb::accept:
      form.datetime("due", false, "field.promise");
      break;
    case Verb::decline:
      form.add("reason", InputKind::long_text, true);
      form.add("proposal", InputKind::long_text, true);
      break;
    case Verb::ask: {
      const bool answering = request && request->conditions.waiting_for_requester && actor == request->requester;
      form.add("text", InputKind::long_text, true, form.text(answering ? "field.answer" : "field.question"));
      break;
    }
    case Verb::assign:
      form.person("person", lead);
      break;
    case Verb::handover:
      form.person("person", lead);
      form.add("reason", InputKind::long_text, true);
      break;
    case Verb::support:
      form.department("department");
      break;
    case Verb::task:
      form.person("person", lead);
      form.add("content", InputKind::long_text, true);
      form.datetime("due", false);
      form.add("standard", InputKind::text, false);
      form.add("after", InputKind::text, false);
      break;
    case Verb::progress: {
      form.add("percent", InputKind::number, true);
      form.choice(
          "health", true,
          {{"normal", form.text("health.normal")}, {"late", form.text("health.late")}, {"risk", form.text("health.risk")}});
      const std::string* health = given(answers, "health");
      const bool explain = health && *health != "normal";
      form.add("reason", InputKind::long_text, explain, form.text("field.late_reason"));
      form.add("measure", InputKind::long_text, explain);
      break;
    }
    case Verb::extend:
      form.datetime("due", true, "field.new_due");
      form.add("reason", InputKind::long_text, true);
      break;
    case Verb::deliver:
      form.add("text", InputKind::long_text, true, form.text("field.delivery"));
      break;
    case Verb::verify: {
      form.choice("result", true, {{"pass", form.text("option.pass")}, {"reject", form.text("option.reject")}});
      const std::string* result = given(answers, "result");
      form.add("reason", InputKind::long_text, result && *result == "reject", form.text("field.reject_reason"));
      break;
    }
    case Verb::pause:
      form.add("reason", InputKind::long_text, true);
      form.datetime("until", false);
      break;
    case Verb::sign:
      form.people("people");
      break;
    case Verb::dispute:
      form.add("position", InputKind::long_text, true);
      break;
    case Verb::rule:
      form.add("decision", InputKind::long_text, true);
      break;
    case Verb::object:
    case Verb::escalate:
    case Verb::cancel:
    case Verb::reopen:
      form.add("reason", InputKind::long_text, true);
      break;
    case Verb::note:
      form.add("text", InputKind::long_text, true, form.text("field.note"));
      break;
    case Verb::search:
      form.add("words", InputKind::text, true);
      break;
    case Verb::leave:
      form.datetime("until", true, "field.leave_until");
      form.person("person", me ? me->department : DepartmentId{}, "field.delegate");
      break;
    default:
      break;
  }
  return without_doubles(form.take());
}

Card form_card(const Conversation& conversation, const Request* request, const Rules& rules, TimePoint now) {
  Card card;
  card.title = form_title(conversation, request, rules.lang);
  card.tone = Tone::info;
  card.body = say(rules.lang, "form.body");
  if (request && (conversation.verb == Verb::rule || conversation.verb == Verb::dispute))
    card.fields = position_fields(*request, rules, now);
  card.inputs = form_fields(conversation.verb, request, rules, conversation.key.person, conversation.answers, now);
  card.buttons.push_back({.action = "submit", .label = say(rules.lang, "button.submit"), .style = ButtonStyle::primary});
  card.buttons.push_back({.action = "cancel_form",
                          .label = say(rules.lang, "button.cancel_form"),
                          .command = say(rules.lang, "form.cancel_word")});
  card.footer = say(rules.lang, Phrase("form.footer", {{"who", wording::who(rules, conversation.key.person)}}));
  return card;
}

Card closed_form_card(const Conversation& conversation, std::string_view why, const Rules& rules) {
  Card card;
  card.title = form_title(conversation, nullptr, rules.lang);
  if (!conversation.request.empty()) card.title += " " + conversation.request.str();
  card.tone = Tone::neutral;
  card.body = say(rules.lang, why);
  return card;
}

}  // namespace xieban
