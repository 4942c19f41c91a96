#pragma once
// What stands between a typed line and an order: the line's words, the fields they fill, and the line that fields make.
// Private to command.cpp and its helpers.

#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bot/core/people.hpp"
#include "bot/core/words/command.hpp"

namespace xieban::typed {

using Fields = std::map<std::string, std::string>;

/// Who says it, where and when.
struct Place {
  const Rules& rules;
  Directory people;
  PersonId actor;
  ChatRef chat;
  bool chat_is_private = false;
  bool attachments = false;
  bool from_form = false;  // what a form leaves optional may stay empty
  TimePoint now;
};

/// One word of a line: up to white space, or up to and including a comma or full stop.
struct Word {
  std::size_t begin = 0, end = 0;  // in the line, the closing mark included
  std::size_t core_end = 0;        // without it
  std::string folded;              // without it
};
class Line {
 public:
  explicit Line(std::string_view text);
  [[nodiscard]] const std::vector<Word>& words() const { return words_; }
  [[nodiscard]] std::size_t size() const { return words_.size(); }
  [[nodiscard]] const Word& operator[](std::size_t i) const { return words_[i]; }
  /// Words [from, to) as they were typed, closing marks at the end dropped.
  [[nodiscard]] std::string text(std::size_t from, std::size_t to) const;
  /// Word i from the byte `offset` of its own on, as it was typed.
  [[nodiscard]] std::string_view from_byte(std::size_t i, std::size_t offset) const;

 private:
  std::string_view text_;
  std::vector<Word> words_;
};

/// How many of the first words make a deadline, and which; or what is wrong with them.
struct DuePrefix {
  std::size_t words = 0;  // 0: none is a deadline
};
DuePrefix due_prefix(const Line&, std::size_t from, std::size_t to, bool urgent, const Place&);

/// A person or a department, as a name means it.
struct Lead {
  std::vector<PersonId> people;
  std::vector<DepartmentId> departments;
  bool nearest = false;  // nothing fits: these are the nearest names
  [[nodiscard]] bool fits() const { return !nearest && people.size() + departments.size() > 0; }
};
Lead match_lead(std::string_view name, const Directory&);

/// Where the names stand of a text that names several people, with or without commas and "和" between them.
std::vector<std::pair<std::size_t, std::size_t>> names_in(std::string_view, const Place&);

/// The words after a verb and its number as fields, by the keys of forms.
std::expected<Fields, Misread> fields_of(Verb, RequestId, TaskNo, std::string_view rest, const Place&);
/// Fields -> what they order.
Parsed order_of(Verb, RequestId, TaskNo, const Fields&, const Place&);
/// The command line that gives these fields.
std::string line_of(Verb, RequestId, TaskNo, const Fields&, const Rules&);
/// "/接单 12" in the company's language.
std::string start_of(Verb, RequestId, TaskNo, Lang);

std::optional<Health> health_word(std::string_view);
std::optional<bool> result_word(std::string_view);  // passed?
bool yes_word(std::string_view);

}  // namespace xieban::typed
