#pragma once
// Labels and keywords inside a typed line. Private to typed_fields.cpp and typed_raise.cpp.

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bot/base/text.hpp"
#include "bot/core/words/typed.hpp"

namespace xieban::typed {

struct Label {
  std::string word;  // folded
  std::string field;
  bool bare = false;  // also without a colon, when it stands as a word of its own or behind a comma
};

inline bool colon_at(std::string_view text, std::size_t at) {
  return text.substr(at).starts_with(":") || text.substr(at).starts_with("：");
}
inline std::size_t colon_size(std::string_view text, std::size_t at) { return text[at] == ':' ? 1 : 3; }

/// Puts text into a field; what is already there stays in front of it.
inline void put(Fields& fields, const std::string& field, std::string text) {
  if (text.empty()) return;
  std::string& at = fields[field];
  if (!at.empty()) at += ' ';
  at += text;
}

/// Splits a line into the text before the first label and the labelled texts.
class Labelled {
 public:
  Labelled(const Line& line, std::string_view text, const std::vector<Label>& labels)
      : line_(line), text_(text), labels_(labels) {}

  /// Which label starts at word i; its text begins at the byte `from` of the line, in word `next` or later.
  struct Hit {
    const Label* label;
    std::size_t from;
    std::size_t next;
  };
  [[nodiscard]] std::optional<Hit> at(std::size_t i) const {
    const Word& word = line_[i];
    for (const Label& label : labels_) {
      if (!word.folded.starts_with(label.word)) continue;
      // Labels are as long typed as folded, except that letters may be capitals: the bytes agree.
      const std::size_t end = word.begin + label.word.size();
      if (end < word.core_end && colon_at(text_, end)) return hit(label, end + colon_size(text_, end), i);
      if (end == word.core_end && i + 1 < line_.size() && colon_at(text_, line_[i + 1].begin))
        return hit(label, line_[i + 1].begin + colon_size(text_, line_[i + 1].begin), i + 1);
      const bool behind_mark = i > 0 && line_[i - 1].end > line_[i - 1].core_end;
      if (label.bare && (end == word.core_end || behind_mark || i == 0)) return hit(label, end, i);
    }
    return std::nullopt;
  }
  /// Text of the line from a byte up to word `to`.
  [[nodiscard]] std::string text(std::size_t from, std::size_t to) const {
    const std::size_t end = to < line_.size() ? line_[to].begin : text_.size();
    std::string_view part = from < end ? text::trim(text_.substr(from, end - from)) : std::string_view();
    for (bool again = true; again;) {
      again = false;
      for (const std::string_view one : {",", ";", "，", "；", "、"}) {
        if (part.ends_with(one)) {
          part = text::trim(part.substr(0, part.size() - one.size()));
          again = true;
        }
      }
    }
    return std::string(part);
  }

  /// Labelled texts from word `first` on; what stands before the first label goes to `unlabelled`.
  void read(std::size_t first, const std::string& unlabelled, Fields& fields) const {
    std::string field = unlabelled;
    std::size_t from = first < line_.size() ? line_[first].begin : text_.size();
    for (std::size_t i = first; i < line_.size(); ++i) {
      const auto found = at(i);
      if (!found || found->from < from) continue;
      put(fields, field, text(from, i));
      field = found->label->field;
      from = found->from;
    }
    put(fields, field, text(from, line_.size()));
  }

 private:
  [[nodiscard]] Hit hit(const Label& label, std::size_t from, std::size_t i) const {
    while (i < line_.size() && line_[i].end <= from) ++i;
    return {&label, from, i};
  }
  const Line& line_;
  std::string_view text_;
  const std::vector<Label>& labels_;
};

inline bool one_of(std::string_view word, std::initializer_list<std::string_view> all) {
  return std::ranges::find(all, word) != all.end();
}

inline bool gives(const std::string& word) { return one_of(word, {"给", "to", "for"}); }
inline bool until_word(const std::string& word) { return one_of(word, {"到", "至", "until", "till", "to"}); }
inline bool due_word(const std::string& word) {
  return one_of(word, {"截止", "截止时间", "截止日期", "ddl", "deadline", "due"});
}

/// 截止明天18点, 截止：明天, ddl:friday: bytes before the time; 0: this word does not begin so.
inline std::size_t attached_due(std::string_view word) {
  for (const std::string_view head : {"截止时间", "截止日期", "截止", "ddl", "deadline", "due"}) {
    if (!word.starts_with(head) || word.size() == head.size()) continue;
    if (colon_at(word, head.size())) return head.size();  // the colon is the language's own
    if (static_cast<unsigned char>(head.front()) >= 0x80) return head.size();
  }
  return 0;
}

/// 标题 给 部门 截止 时间 紧急 目标: …, everything after the title in any order.
Fields read_raise(Verb, std::string_view text, const Place&);

}  // namespace xieban::typed
