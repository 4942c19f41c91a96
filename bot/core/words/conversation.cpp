// The dialogue: one question at a time, in plain text.

#include "bot/core/words/conversation.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "bot/base/text.hpp"
#include "bot/core/card/wording.hpp"
#include "bot/core/clock/when.hpp"
#include "bot/core/request/rights.hpp"
#include "bot/core/words/form.hpp"

namespace xieban {
namespace {

constexpr std::size_t longest_answer = 4000;  // bytes

/// One word of the dialogue itself, typed with or without a slash.
enum class Word { none, skip, back, cancel, finish };
Word word_of(std::string_view text) {
  std::string folded = text::fold(text);
  if (!folded.empty() && folded.front() == '/') folded.erase(0, 1);
  if (folded == "跳过" || folded == "skip") return Word::skip;
  if (folded == "返回" || folded == "上一步" || folded == "back") return Word::back;
  if (folded == "取消" || folded == "cancel") return Word::cancel;
  if (folded == "完成" || folded == "done") return Word::finish;
  return Word::none;
}

/// Yes to a form that has all it asks for: nothing else submits it.
bool submits(std::string_view text) {
  if (word_of(text) == Word::finish) return true;
  static constexpr std::string_view yes[]{"提交", "好", "好的", "确认", "是", "submit", "ok", "yes"};
  return std::ranges::find(yes, text::fold(text::trim(text))) != std::end(yes);
}

using Reading = std::expected<std::string, Phrase>;

std::string shown(const Rules& rules, const PersonId& id) { return wording::who_of(rules, id); }
std::string shown(const Rules& rules, const DepartmentId& id) { return rules.people().name(id); }

/// "1 李雷（技术部）、2 李雷（市场部）": numbered, with the id only where two would look the same.
template <class Id>
std::string numbered(const Rules& rules, const std::vector<Id>& ids) {
  std::vector<std::string> names;
  for (const Id& id : ids) names.push_back(shown(rules, id));
  std::string out;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (!out.empty()) out += say(rules.lang, "label.separator");
    out += std::to_string(i + 1) + " ";
    out += std::ranges::count(names, names[i]) == 1
               ? names[i]
               : say(rules.lang, Phrase("label.with_id", {{"name", names[i]}, {"id", ids[i].str()}}));
  }
  return out;
}

/// The number of one of so many.
std::optional<std::size_t> index_among(std::string_view folded, std::size_t count) {
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(folded.data(), folded.data() + folded.size(), index);
  if (error != std::errc{} || end != folded.data() + folded.size() || index < 1 || index > count) return std::nullopt;
  return index - 1;
}

/// `offered`: the ids of those that a number may choose next time.
template <class Id>
Reading read_match(const Match<Id>& match, std::string_view text, const Rules& rules, std::string_view what,
                   std::vector<std::string>& offered) {
  using Kind = typename Match<Id>::Kind;
  if (match.kind == Kind::one) return match.candidates.front().str();
  const std::string candidates = numbered(rules, match.candidates);
  for (const Id& id : match.candidates) offered.push_back(id.str());
  if (match.kind == Kind::several)
    return std::unexpected(Phrase("form.several", {{"name", std::string(text)}, {"names", candidates}}));
  const std::string key = "form.no_" + std::string(what) + (candidates.empty() ? "" : "_near");
  const std::string names = candidates.empty() ? rights::department_names(rules) : candidates;
  return std::unexpected(Phrase(key, {{"name", std::string(text)}, {"names", names}}));
}

Reading read_choice(const Input& input, std::string_view text, const Rules& rules) {
  const std::string folded = text::fold(text);
  for (const InputOption& option : input.options)
    if (text::fold(option.value) == folded || text::fold(option.label) == folded) return option.value;
  if (const auto index = index_among(folded, input.options.size())) return input.options[*index].value;
  std::string labels;
  for (const InputOption& option : input.options)
    (labels += labels.empty() ? "" : say(rules.lang, "label.separator")) += option.label;
  return std::unexpected(Phrase("form.not_a_choice", {{"options", labels}}));
}

Reading read_number(const Input& input, std::string_view text) {
  std::string folded = text::fold(text);
  if (!folded.empty() && folded.back() == '%') folded.pop_back();
  double value = 0;
  const auto [end, error] = std::from_chars(folded.data(), folded.data() + folded.size(), value);
  if (error != std::errc{} || end != folded.data() + folded.size()) return std::unexpected(Phrase("form.not_a_number"));
  if (input.id == "percent" && (value < 0 || value > 100)) return std::unexpected(Phrase("form.not_a_percent"));
  return folded;
}

/// What was typed as the value of this input; people and departments as ids, choices as values, dates as typed. In place of
/// a name the number of one that was offered will do.
Reading read(const Input& input, std::string_view raw, const Conversation& conversation, const std::vector<std::string>& before,
             std::vector<std::string>& offered, const Rules& rules, TimePoint now) {
  const std::string plain = text::plain(raw);
  const std::string_view text = text::trim(plain);
  if (const auto index = index_among(text::fold(text), before.size())) return before[*index];
  switch (input.kind) {
    case InputKind::choice:
      return read_choice(input, text, rules);
    case InputKind::number:
      return read_number(input, text);
    case InputKind::person:
      return read_match(rules.people().match_person(text), text, rules, "person", offered);
    case InputKind::department: {
      const Directory people = rules.people();
      const auto departments = people.match_department(text);
      // A request may also go to a person: "给 部门|@人".
      if (input.id == "to" && departments.kind == Match<DepartmentId>::Kind::none) {
        const auto persons = people.match_person(text);
        if (persons.kind != Match<PersonId>::Kind::none) return read_match(persons, text, rules, "person", offered);
      }
      return read_match(departments, text, rules, "department", offered);
    }
    case InputKind::datetime: {
      const std::string* urgent = given(conversation.answers, "urgent");
      const bool hurry = conversation.verb == Verb::urgent || (urgent && *urgent == "yes");
      if (const auto due = parse_due(text, rules.office(), now, hurry, rules.lang); !due) {
        std::string hint;
        for (const std::string& suggestion : due.error().suggestions)
          (hint += hint.empty() ? "" : say(rules.lang, "label.separator")) += suggestion;
        const std::string message = sentence_of(due.error(), input.id != "until", rules.lang);
        return std::unexpected(hint.empty() ? Phrase("form.bad_time", {{"message", message}})
                                            : Phrase("form.bad_time_try", {{"message", message}, {"options", hint}}));
      }
      return std::string(text);
    }
    case InputKind::text:
    case InputKind::long_text:
    case InputKind::multi:
      return text::clip_bytes(text, longest_answer);
  }
  return std::string(text);
}

bool all_required_given(const std::vector<Input>& inputs) {
  return std::ranges::all_of(inputs, [](const Input& input) { return !input.required || !input.value.empty(); });
}

}  // namespace

bool is_dialogue_word(std::string_view text) { return word_of(text) != Word::none; }

bool expired(const Conversation& conversation, TimePoint now) { return now - conversation.touched_at > conversation_expiry; }

Turn answer(Conversation conversation, std::string_view text, const Request* request, const Rules& rules, TimePoint now) {
  Turn turn;
  conversation.touched_at = now;
  // A number chooses among what the last answer was told, and only right after it.
  const std::vector<std::string> offered = std::exchange(conversation.offered, {});
  const auto fields = [&] {
    return form_fields(conversation.verb, request, rules, conversation.key.person, conversation.answers, now);
  };
  std::vector<Input> inputs = fields();
  const auto finish = [&] {
    turn.complete = true;
    turn.conversation = std::move(conversation);
    return std::move(turn);
  };
  const auto ask = [&] {
    turn.ask = question(conversation, request, rules, now);
    turn.conversation = std::move(conversation);
    return std::move(turn);
  };
  /// On to the next field that has no answer yet; past the last one everything is there.
  const auto advance = [&] {
    inputs = fields();
    std::uint32_t next = conversation.at + 1;
    while (next < inputs.size() && !inputs[next].value.empty()) ++next;
    conversation.at = next;
    return next < inputs.size() ? ask() : finish();
  };
  const Word word = word_of(text);
  if (word == Word::cancel) {
    turn.cancelled = true;
    conversation.done = true;
    turn.conversation = std::move(conversation);
    return turn;
  }
  if (word == Word::back) {
    if (conversation.at > 0) conversation.at = std::min(conversation.at - 1, static_cast<std::uint32_t>(inputs.size()));
    return ask();
  }
  if (conversation.at >= inputs.size()) return submits(text) ? finish() : ask();
  const Input& input = inputs[conversation.at];
  if (word == Word::skip) {
    if (input.required) {
      turn.error = Phrase("form.required", {{"label", input.label}});
      return ask();
    }
    conversation.answers.erase(input.id);
    return advance();
  }
  if (word == Word::finish && !input.required && all_required_given(inputs)) return finish();
  if (text::trim(text).empty()) return ask();
  Reading value = read(input, text, conversation, offered, conversation.offered, rules, now);
  if (!value) {
    turn.error = std::move(value.error());
    return ask();
  }
  conversation.answers[input.id] = std::move(*value);
  return advance();
}

Phrase question(const Conversation& conversation, const Request* request, const Rules& rules, TimePoint now) {
  const Lang lang = rules.lang;
  const auto inputs = form_fields(conversation.verb, request, rules, conversation.key.person, conversation.answers, now);
  if (conversation.at >= inputs.size()) return Phrase("form.all_there");
  const Input& input = inputs[conversation.at];
  std::string hint;
  if (input.kind == InputKind::choice) {
    std::string labels;
    std::size_t index = 0;
    for (const InputOption& option : input.options) {
      if (!labels.empty()) labels += say(lang, "label.separator");
      labels += std::to_string(++index) + " " + option.label;
    }
    hint = say(lang, Phrase("form.hint_choice", {{"options", labels}}));
  } else if (input.kind == InputKind::datetime) {
    hint = say(lang, "form.hint_time");
  } else if (input.kind == InputKind::person) {
    hint = say(lang, "form.hint_person");
  } else if (input.kind == InputKind::multi) {
    hint = say(lang, "form.hint_people");
  } else if (input.kind == InputKind::department) {
    hint = say(lang, input.id == "to" ? "form.hint_to" : "form.hint_department");
  }
  const std::string words = say(lang, input.required ? "form.words_required" : "form.words_optional");
  return Phrase("form.question", {{"title", form_title(conversation, request, lang)},
                                  {"step", std::to_string(conversation.at + 1)},
                                  {"of", std::to_string(inputs.size())},
                                  {"label", input.label},
                                  {"hint", hint},
                                  {"words", words},
                                  {"who", wording::who(rules, conversation.key.person)}});
}

}  // namespace xieban
