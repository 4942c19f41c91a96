// The words of a typed line.

#include <algorithm>
#include <array>

#include "bot/base/text.hpp"
#include "bot/core/clock/when.hpp"
#include "bot/core/words/typed.hpp"

namespace xieban::typed {
namespace {

bool white(std::string_view text, std::size_t at) {
  return text[at] == ' ' || text[at] == '\n' || text[at] == '\t' || text[at] == '\r';
}

/// Bytes of the sentence mark that starts at `at`; 0: none.
std::size_t mark(std::string_view text, std::size_t at) {
  constexpr std::array<std::string_view, 9> marks{",", ";", "，", "；", "。", "、", "！", "!", "？"};
  for (const std::string_view one : marks) {
    if (text.substr(at).starts_with(one)) return one.size();
  }
  return 0;
}

constexpr std::size_t most_due_words = 8;
constexpr std::size_t longest_due = 120;  // bytes

}  // namespace

Line::Line(std::string_view text) : text_(text) {
  for (std::size_t at = 0; at < text.size();) {
    if (white(text, at)) {
      ++at;
      continue;
    }
    Word word{.begin = at};
    while (at < text.size() && !white(text, at) && mark(text, at) == 0) ++at;
    word.core_end = at;
    while (at < text.size()) {
      const std::size_t size = mark(text, at);
      if (size == 0) break;
      at += size;
    }
    word.end = at;
    word.folded = text::fold(text.substr(word.begin, word.core_end - word.begin));
    words_.push_back(std::move(word));
  }
}

std::string Line::text(std::size_t from, std::size_t to) const {
  if (from >= to || from >= words_.size()) return {};
  to = std::min(to, words_.size());
  std::string_view part = text_.substr(words_[from].begin, words_[to - 1].end - words_[from].begin);
  // A comma that leads to the next field is no part of this one; a question or exclamation mark is.
  for (bool again = true; again;) {
    again = false;
    for (const std::string_view one : {",", ";", "，", "；", "、"}) {
      if (part.ends_with(one)) {
        part.remove_suffix(one.size());
        again = true;
      }
    }
  }
  return std::string(text::trim(part));
}

std::string_view Line::from_byte(std::size_t i, std::size_t offset) const {
  const Word& word = words_[i];
  return text_.substr(std::min(word.begin + offset, word.core_end),
                      word.core_end - std::min(word.begin + offset, word.core_end));
}

DuePrefix due_prefix(const Line& line, std::size_t from, std::size_t to, bool urgent, const Place& place) {
  to = std::min({to, line.size(), from + most_due_words});
  for (std::size_t end = to; end > from; --end) {
    const std::string text = line.text(from, end);
    if (text.size() > longest_due) continue;
    // "明天 5 个问题没解决": a number before more words counts those.
    const std::string& last = line[end - 1].folded;
    const bool number = !last.empty() && std::ranges::all_of(last, [](char c) { return c >= '0' && c <= '9'; });
    if (number && end < line.size() && line[end - 1].core_end == line[end - 1].end && end > from + 1) continue;
    const auto due = parse_due(text, place.rules.office(), place.now, urgent, place.rules.lang);
    if (due || due.error().kind != "unrecognized") return {end - from};
  }
  return {0};
}

Lead match_lead(std::string_view name, const Directory& people) {
  const auto person = people.match_person(name);
  const auto department = people.match_department(name);
  using Person = Match<PersonId>::Kind;
  using Dept = Match<DepartmentId>::Kind;
  if (person.kind == Person::none && department.kind == Dept::none) return {person.candidates, department.candidates, true};
  Lead out;
  if (person.kind != Person::none) out.people = person.candidates;
  if (department.kind != Dept::none) out.departments = department.candidates;
  if (out.people.empty() || out.departments.empty()) return out;
  // Both fit: a mention means a person, and who is called exactly so comes before who is only called a little so.
  const std::string typed = text::fold(name);
  if (typed.starts_with('@')) return {out.people, {}, false};
  const auto exact = [&](const auto* one) {
    return one != nullptr &&
           (text::fold(one->id.value) == typed || text::fold(one->name) == typed ||
            std::ranges::any_of(one->aliases, [&](const std::string& alias) { return text::fold(alias) == typed; }));
  };
  const bool exact_department =
      std::ranges::any_of(out.departments, [&](const DepartmentId& id) { return exact(people.department(id)); });
  const bool exact_person = std::ranges::any_of(out.people, [&](const PersonId& id) { return exact(people.person(id)); });
  if (exact_department && !exact_person) out.people.clear();
  if (exact_person && !exact_department) out.departments.clear();
  return out;
}

std::optional<Health> health_word(std::string_view text) {
  const std::string word = text::fold(text);
  const auto is = [&](std::initializer_list<std::string_view> all) {
    return std::ranges::find(all, std::string_view(word)) != all.end();
  };
  if (is({"正常", "normal", "ok", "顺利", "on-track"})) return Health::normal;
  if (is({"滞后", "延迟", "落后", "late", "behind", "delayed"})) return Health::late;
  if (is({"风险", "有风险", "risk", "at-risk"})) return Health::risk;
  return std::nullopt;
}

std::optional<bool> result_word(std::string_view text) {
  const std::string word = text::fold(text);
  const auto is = [&](std::initializer_list<std::string_view> all) {
    return std::ranges::find(all, std::string_view(word)) != all.end();
  };
  if (is({"通过", "合格", "pass", "passed", "ok", "approve", "approved"})) return true;
  if (is({"驳回", "不通过", "不合格", "退回", "reject", "rejected", "fail", "failed"})) return false;
  return std::nullopt;
}

bool yes_word(std::string_view text) {
  const std::string word = text::fold(text);
  constexpr std::array<std::string_view, 8> all{"yes", "true", "1", "y", "是", "紧急", "urgent", "加急"};
  return std::ranges::find(all, std::string_view(word)) != all.end();
}

}  // namespace xieban::typed
