#include "bot/core/clock/when_words.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "bot/core/clock/when_numerals.hpp"
#include "bot/core/clock/when_tables.hpp"

namespace xieban::when {
namespace {

bool letter(char c) { return c >= 'a' && c <= 'z'; }
bool digit(char c) { return c >= '0' && c <= '9'; }

W symbol(char32_t c) {
  switch (c) {
    case U':':
      return W::colon;
    case U'/':
      return W::slash;
    case U'-':
    case U'–':
    case U'—':
    case U'−':
      return W::dash;
    case U'.':
      return W::dot;
    case U',':
    case U'、':
      return W::comma;
    case U'(':
      return W::open;
    case U')':
      return W::close;
    case U'+':
      return W::plus;
    case U'~':
    case U'〜':
      return W::tilde;
    default:
      return W::unknown;
  }
}

std::string_view first_character(std::string_view text) {
  std::size_t size = 1;
  while (size < text.size() && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U) ++size;
  return text.substr(0, size);
}
/// Of one character of valid UTF-8.
char32_t code_point(std::string_view one) {
  const auto byte = [&](std::size_t i) { return static_cast<char32_t>(static_cast<unsigned char>(one[i])); };
  switch (one.size()) {
    case 1:
      return byte(0);
    case 2:
      return (byte(0) & 0x1FU) << 6U | (byte(1) & 0x3FU);
    case 3:
      return (byte(0) & 0x0FU) << 12U | (byte(1) & 0x3FU) << 6U | (byte(2) & 0x3FU);
    default:
      return U'\0';  // no word of this language lies that far out
  }
}
std::string_view first_letters(std::string_view text) {
  std::size_t size = 0;
  while (size < text.size() && letter(text[size])) ++size;
  return text.substr(0, size);
}

/// Entries by how they begin, the longest first.
template <class Word>
using Index = std::map<std::string_view, std::vector<const Word*>>;
template <class Word>
Index<Word> indexed(const std::vector<Word>& words, std::string_view (*key)(std::string_view)) {
  Index<Word> out;
  for (const Word& word : words) out[key(word.text)].push_back(&word);
  for (auto& [begin, list] : out) {
    std::ranges::stable_sort(list, [](const Word* a, const Word* b) { return a->text.size() > b->text.size(); });
  }
  return out;
}

/// One pass over the text; every step takes at least one byte.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Tokens run() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == ' ') {
        spaced_ = true;
        ++at_;
      } else if (digit(c)) {
        digits();
      } else if (letter(c)) {
        if (!phrase()) word(first_letters(rest()));
      } else {
        character();
      }
    }
    return std::move(out_);
  }

 private:
  [[nodiscard]] std::string_view rest() const { return text_.substr(at_); }
  [[nodiscard]] bool behind(W kind) const { return !out_.empty() && out_.back().kind == kind; }
  /// Called while the cursor is still on the word.
  Token& put(W kind, std::int64_t number = 0) {
    out_.push_back({.kind = kind, .value = number, .digits = 0, .zero = false, .spaced = spaced_, .from = at_});
    spaced_ = false;
    return out_.back();
  }

  void digits() {
    std::int64_t number = 0;
    std::size_t count = 0;
    for (; at_ + count < text_.size() && digit(text_[at_ + count]); ++count) {
      if (count < 12) number = number * 10 + (text_[at_ + count] - '0');
    }
    Token& token = put(count > 9 ? W::unknown : W::number, number);
    token.digits = static_cast<std::uint8_t>(std::min<std::size_t>(count, 99));
    token.zero = text_[at_] == '0' && count > 1;
    at_ += count;
  }

  bool phrase() {
    static const auto index = indexed(english_phrases(), first_letters);
    const auto found = index.find(first_letters(rest()));
    if (found == index.end()) return false;
    for (const EnglishPhrase* one : found->second) {
      if (!rest().starts_with(one->text)) continue;
      const std::size_t end = at_ + one->text.size();
      if (end < text_.size() && letter(text_[end]) && letter(text_[end - 1])) continue;
      put(one->kind, one->value);
      if (one->then != W::unknown) put(one->then, one->then_value);
      at_ = end;
      return true;
    }
    return false;
  }

  void word(std::string_view letters) {
    static const auto index = indexed(english_words(), first_letters);
    const bool after_digits = behind(W::number) && out_.back().digits > 0 && !spaced_;
    const auto found = index.find(letters);
    if (after_digits && (letters == "st" || letters == "nd" || letters == "rd" || letters == "th")) {
      out_.back().kind = W::ordinal;
    } else if (found != index.end()) {
      const Entry& entry = *found->second.front();
      if (!joins_tens(entry, letters)) put(entry.kind, entry.value);
    } else if (letters.size() > 3 && letters.ends_with("ish") && index.contains(letters.substr(0, letters.size() - 3))) {
      letters.remove_suffix(3);  // "noonish"
      put(index.at(letters).front()->kind, index.at(letters).front()->value);
    } else {
      put(W::unknown);
    }
    at_ += letters.size();
  }

  /// "twenty five", "twenty-first": tens and units are one number.
  bool joins_tens(const Entry& entry, std::string_view letters) {
    const bool ones = (entry.kind == W::number || entry.kind == W::ordinal) && entry.value < 10 && letters.size() > 2;
    if (!ones || out_.empty()) return false;
    const bool hyphen = behind(W::dash) && !out_.back().spaced && !spaced_ && out_.size() > 1;
    const Token& before = out_[out_.size() - (hyphen ? 2U : 1U)];
    if (before.kind != W::number || before.digits > 0 || before.value < 20 || before.value > 50 || before.value % 10 != 0)
      return false;
    if (hyphen) out_.pop_back();
    out_.back().value += entry.value;
    out_.back().kind = entry.kind;
    spaced_ = false;
    return true;
  }

  /// One character that is not ASCII, a Chinese word, or a mark.
  void character() {
    const std::string_view one = first_character(rest());
    const char32_t point = code_point(one);
    if (point == U'的') {
      at_ += one.size();
      return;
    }
    // 周二十二点 is Tuesday, twelve o'clock: after 周 a numeral is one character.
    if (const auto first = numeral(point); behind(W::week) && !spaced_ && first && *first >= 1 && *first <= 7) {
      put(W::number, *first);
      at_ += one.size();
      return;
    }
    if (const Entry* entry = one.size() > 1 ? chinese(one) : nullptr) {
      put(entry->kind, entry->value);
      at_ += entry->text.size();
      return;
    }
    if (numeral(point)) return numerals();
    put(symbol(point));
    at_ += one.size();
  }

  [[nodiscard]] const Entry* chinese(std::string_view first) const {
    static const auto index = indexed(chinese_words(), first_character);
    const auto found = index.find(first);
    if (found == index.end()) return nullptr;
    for (const Entry* entry : found->second) {
      if (!rest().starts_with(entry->text)) continue;
      if (!entry->followed_by.empty()) {
        // 3天后早上 is not the day after tomorrow: that only stands at the beginning.
        if (entry->text == "后" && !out_.empty() && !behind(W::lead)) continue;
        const std::string_view next = rest().substr(entry->text.size());
        if (next.empty() || entry->followed_by.find(first_character(next)) == std::string_view::npos) continue;
      }
      return entry;
    }
    return nullptr;
  }

  void numerals() {
    std::size_t end = at_;
    std::vector<int> run;
    while (end < text_.size() && run.size() < 12) {
      const std::string_view one = first_character(text_.substr(end));
      const auto next = numeral(code_point(one));
      if (!next) break;
      run.push_back(*next);
      end += one.size();
    }
    if (festival(text_.substr(at_, end - at_))) return;
    // 1小时零5分: the zero only joins.
    const bool joins = run.size() == 1 && run.front() == 0 && end < text_.size() && digit(text_[end]);
    if (about(run, text_.substr(end))) {
      put(W::vague_number);
    } else if (!joins) {
      const auto number = read_numeral(run);
      Token& token = put(number ? W::number : W::unknown, number.value_or(0));
      if (number && std::ranges::none_of(run, [](int v) { return v >= 10; }))
        token.digits = static_cast<std::uint8_t>(run.size());  // 二零二六 has four
    }
    at_ = end;
  }

  /// 两三天, 三五个工作日: about that many, not twenty-three.
  static bool about(const std::vector<int>& run, std::string_view next) {
    constexpr std::string_view counted[] = {"天", "个", "周", "星期", "礼拜", "小时", "分", "秒", "工作日", "年"};
    const bool pair = run.size() == 2 && run[0] >= 1 && run[1] > run[0] && run[1] <= run[0] + 2 && run[1] < 10;
    return pair && std::ranges::any_of(counted, [&](std::string_view word) { return next.starts_with(word); });
  }

  /// 五一, 十一, 六一, 三八: a festival at the beginning (or behind a year), when 前, 后, 假 or nothing follows.
  bool festival(std::string_view run) {
    struct Name {
      std::string_view run;
      W kind;
      std::int64_t value;
      std::string_view other;  // said in full
    };
    static constexpr Name names[] = {{"五一", W::festival, 3, "劳动节"},
                                     {"十一", W::festival, 6, "国庆节"},
                                     {"六一", W::solar_day, 601, "儿童节"},
                                     {"三八", W::solar_day, 308, "妇女节"}};
    const auto* name = std::ranges::find(names, run, &Name::run);
    if (name == std::end(names)) return false;
    if (!out_.empty() && !behind(W::lead) && !behind(W::year) && !behind(W::year_of) && !(behind(W::to) || behind(W::start)))
      return false;
    std::string_view next = rest().substr(run.size());
    std::size_t full = 0;
    if (next.starts_with(name->other)) full = name->other.size();
    if (full == 0 && next.starts_with("节")) full = std::string_view("节").size();
    next.remove_prefix(full);
    const auto follows = [&](std::string_view word) { return next.starts_with(word); };
    const bool day = name->kind == W::solar_day && !follows("点") && !follows("月") && !follows("号") && !follows("日");
    if (full == 0 && !day && !next.empty() && !follows("前") && !follows("后") && !follows("之前") && !follows("之后") &&
        !follows("以前") && !follows("以后") && !follows("过后") && !follows("假") && !follows("的"))
      return false;
    put(name->kind, name->value);
    at_ += run.size() + full;
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool spaced_ = false;
  Tokens out_;
};

}  // namespace

Tokens tokens(std::string_view text) { return Reader(text).run(); }

}  // namespace xieban::when
