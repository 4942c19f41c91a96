#include "bot/core/clock/when_words.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "bot/base/text.hpp"
#include "bot/core/clock/when_tables.hpp"

namespace xieban::when {
namespace {

// English phrases that are one word of the language; longer ones first.
constexpr std::array<std::pair<std::string_view, std::string_view>, 30> phrases{{{"the day after tomorrow", "overmorrow"},
                                                                                 {"day after tomorrow", "overmorrow"},
                                                                                 {"close of business", "eod"},
                                                                                 {"end of the day", "eod"},
                                                                                 {"end of business", "eod"},
                                                                                 {"end of day", "eod"},
                                                                                 {"start of business", "sod"},
                                                                                 {"start of the day", "sod"},
                                                                                 {"start of day", "sod"},
                                                                                 {"first thing", "sod"},
                                                                                 {"next day", "tomorrow"},
                                                                                 {"this morning", "today morning"},
                                                                                 {"this afternoon", "today afternoon"},
                                                                                 {"this evening", "today evening"},
                                                                                 {"tonight", "today evening"},
                                                                                 {"in the morning", "morning"},
                                                                                 {"in the afternoon", "afternoon"},
                                                                                 {"in the evening", "evening"},
                                                                                 {"at night", "night"},
                                                                                 {"a couple of", "2"},
                                                                                 {"half an hour", "30 minutes"},
                                                                                 {"an hour and a half", "90 minutes"},
                                                                                 {"half a day", "halfday"},
                                                                                 {"within the next", "within"},
                                                                                 {"in the next", "within"},
                                                                                 {"in less than", "within"},
                                                                                 {"from now", "later"},
                                                                                 {"o'clock", "oclock"},
                                                                                 {"a.m.", "am"},
                                                                                 {"p.m.", "pm"}}};

constexpr std::array<std::string_view, 29> leading_chinese{
    "截止日期", "截止时间", "截止", "截至", "到期", "最晚", "最迟", "不晚于", "不迟于", "不得晚于",
    "务必",     "必须",     "请",   "需要", "需",   "要",   "赶在", "在",     "于",     "到",
    "至",       "为",       "是",   "期限", "时间", ":",    ",",    "ddl:",   "ddl"};
constexpr std::array<std::string_view, 12> trailing_chinese{"完成", "交给我", "给我", "提交", "交付", "交",
                                                            "截止", "为止",   "止",   "搞定", "结束", "上线"};
constexpr std::array<std::pair<std::string_view, bool>, 22> leading_english{{// second: excludes the date
                                                                             {"no later than", false},
                                                                             {"not later than", false},
                                                                             {"on or before", false},
                                                                             {"prior to", true},
                                                                             {"ahead of", true},
                                                                             {"before", true},
                                                                             {"deadline", false},
                                                                             {"ddl", false},
                                                                             {"due date", false},
                                                                             {"due", false},
                                                                             {"finish", false},
                                                                             {"complete", false},
                                                                             {"deliver", false},
                                                                             {"submit", false},
                                                                             {"is", false},
                                                                             {"by", false},
                                                                             {"until", false},
                                                                             {"till", false},
                                                                             {"latest", false},
                                                                             {"on", false},
                                                                             {"please", false},
                                                                             {"it", false}}};
constexpr std::array<std::string_view, 4> trailing_english{"at the latest", "sharp", "please", "latest"};
constexpr std::array<std::string_view, 4> about_chinese{"大约", "大概", "差不多", "约"};
constexpr std::array<std::string_view, 3> about_chinese_last{"左右", "上下", "前后"};
constexpr std::array<std::string_view, 4> about_english{"about", "around", "approximately", "roughly"};

const std::map<char32_t, char32_t>& simplified() {
  static const std::map<char32_t, char32_t> table{
      {U'週', U'周'}, {U'禮', U'礼'}, {U'後', U'后'}, {U'點', U'点'}, {U'鐘', U'钟'}, {U'個', U'个'},
      {U'號', U'号'}, {U'內', U'内'}, {U'兩', U'两'}, {U'時', U'时'}, {U'間', U'间'}, {U'節', U'节'},
      {U'國', U'国'}, {U'慶', U'庆'}, {U'勞', U'劳'}, {U'動', U'动'}, {U'聖', U'圣'}, {U'誕', U'诞'},
      {U'雙', U'双'}, {U'這', U'这'}, {U'過', U'过'}, {U'幾', U'几'}, {U'準', U'准'}, {U'裡', U'里'}};
  return table;
}

bool letter(char c) { return c >= 'a' && c <= 'z'; }
bool digit(char c) { return c >= '0' && c <= '9'; }

/// Replaces a phrase where it stands as whole words.
void replace_words(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at)) {
    const std::size_t end = at + from.size();
    const bool open = at == 0 || !letter(text[at - 1]) || !letter(from.front());
    const bool closed = end == text.size() || !letter(text[end]) || !letter(from.back());
    if (open && closed) {
      text.replace(at, from.size(), to);
      at += to.size();
    } else {
      at = end;
    }
  }
}

bool strip_front(std::string& text, std::string_view word, bool english_word) {
  if (!text.starts_with(word)) return false;
  if (english_word && text.size() > word.size() && letter(text[word.size()])) return false;
  text.erase(0, word.size());
  text = std::string(text::trim(text));
  if (english_word && text.starts_with(':')) text = std::string(text::trim(text.substr(1)));
  return true;
}

bool strip_back(std::string& text, std::string_view word, bool english_word) {
  if (!text.ends_with(word)) return false;
  if (english_word && text.size() > word.size() && letter(text[text.size() - word.size() - 1])) return false;
  text.erase(text.size() - word.size());
  text = std::string(text::trim(text));
  return true;
}

std::optional<int> numeral(char32_t c) {
  switch (c) {
    case U'零':
    case U'〇':
      return 0;
    case U'一':
      return 1;
    case U'二':
    case U'两':
    case U'俩':
      return 2;
    case U'三':
      return 3;
    case U'四':
      return 4;
    case U'五':
      return 5;
    case U'六':
      return 6;
    case U'七':
      return 7;
    case U'八':
      return 8;
    case U'九':
      return 9;
    case U'十':
      return 10;
    case U'百':
      return 100;
    case U'廿':
      return 20;
    case U'卅':
      return 30;
    default:
      return std::nullopt;
  }
}

/// 二十三 -> 23, 一百零五 -> 105, 二零二六 -> 2026; nullopt for runs that are no number.
std::optional<std::int64_t> read_numeral(const std::vector<int>& run) {
  const bool positional = std::ranges::any_of(run, [](int v) { return v >= 10; });
  std::int64_t total = 0;
  if (!positional) {
    if (run.size() > 8) return std::nullopt;
    for (const int v : run) total = total * 10 + v;
    return total;
  }
  std::int64_t pending = -1;
  std::int64_t least = 1000;  // units must fall
  for (const int v : run) {
    if (v == 20 || v == 30) {
      if (pending >= 0 || least <= 10) return std::nullopt;
      total += v;
      least = 10;
    } else if (v >= 10) {
      if (v >= least) return std::nullopt;
      total += (pending < 0 ? 1 : pending) * v;
      if (pending == 0) return std::nullopt;
      least = v;
      pending = -1;
    } else if (v == 0) {
      if (pending >= 0) return std::nullopt;
    } else {
      if (pending >= 0) return std::nullopt;
      pending = v;
    }
  }
  return total + (pending > 0 ? pending : 0);
}

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
      return W::tilde;
    default:
      return W::unknown;
  }
}

}  // namespace

std::string normal_form(std::string_view raw) {
  std::string text;
  for (const char32_t c : text::decode(text::fold(raw))) {
    const auto at = simplified().find(c);
    text::append(text, at == simplified().end() ? c : at->second);
  }
  constexpr std::array<std::string_view, 14> marks{"。", "!", "?", ";", ",", "、", "\"", "'", "“", "”", "「", "」", "《", "》"};
  for (bool again = true; again;) {
    again = false;
    for (const std::string_view mark : marks) {
      again = strip_back(text, mark, false) || again;
      if (mark != "." && text.size() > mark.size()) again = strip_front(text, mark, false) || again;
    }
    if (text.ends_with('.') && !text.ends_with("a.m.") && !text.ends_with("p.m."))
      again = strip_back(text, ".", false) || again;
  }
  for (const auto& [from, to] : phrases) replace_words(text, from, to);
  return text;
}

bool has_chinese(std::string_view text) {
  return std::ranges::any_of(text::decode(text), [](char32_t c) { return c >= 0x3007 && c <= 0x9FFF; });
}

Wrapped unwrap(std::string text) {
  Wrapped out;
  for (bool again = true; again;) {
    again = false;
    for (const std::string_view word : leading_chinese) {
      if (text.size() > word.size() && strip_front(text, word, false)) again = out.bound = true;
    }
    for (const auto& [word, excludes] : leading_english) {
      if (text.size() > word.size() && strip_front(text, word, true)) {
        again = out.bound = true;
        out.exclusive = out.exclusive || excludes;
      }
    }
    for (const std::string_view word : trailing_chinese) {
      if (text.size() > word.size() && strip_back(text, word, false)) again = true;
    }
    for (const std::string_view word : trailing_english) {
      if (text.size() > word.size() && strip_back(text, word, true)) again = true;
    }
  }
  for (const std::string_view word : about_chinese) {
    if (const std::size_t at = text.find(word); at != std::string::npos && text.size() > word.size()) {
      text.erase(at, word.size());
      out.approximate = true;
    }
  }
  for (const std::string_view word : about_chinese_last) {
    if (text.size() > word.size() && strip_back(text, word, false)) out.approximate = true;
  }
  for (const std::string_view word : about_english) {
    const std::size_t before = text.size();
    replace_words(text, word, "");
    out.approximate = out.approximate || text.size() != before;
  }
  if (strip_back(text, "-ish", false) || strip_back(text, "ish", false)) out.approximate = true;
  out.rest = text::fold(text);
  return out;
}

std::vector<Token> tokens(std::string_view text) {
  constexpr std::size_t most = 64;
  std::vector<Token> out;
  bool spaced = false;
  const auto put = [&](W kind, std::int64_t number = 0) -> Token& {
    out.push_back({.kind = kind, .value = number, .digits = 0, .zero = false, .spaced = spaced});
    spaced = false;
    return out.back();
  };
  std::size_t at = 0;
  while (at < text.size()) {
    if (out.size() == most) {
      put(W::unknown);
      break;
    }
    const char c = text[at];
    if (c == ' ') {
      spaced = true;
      ++at;
      continue;
    }
    if (digit(c)) {
      std::size_t end = at;
      std::int64_t number = 0;
      while (end < text.size() && digit(text[end]) && end - at < 12) number = number * 10 + (text[end++] - '0');
      Token& token = put(end - at > 9 ? W::unknown : W::number, number);
      token.digits = static_cast<std::uint8_t>(end - at);
      token.zero = c == '0' && end - at > 1;
      at = end;
      continue;
    }
    if (letter(c)) {
      std::size_t end = at;
      while (end < text.size() && letter(text[end])) ++end;
      const std::string_view word = text.substr(at, end - at);
      const bool after_number = !out.empty() && out.back().kind == W::number && out.back().digits > 0 && !spaced;
      if (after_number && (word == "st" || word == "nd" || word == "rd" || word == "th")) {
        out.back().kind = W::ordinal;
      } else if (const auto found = english_words().find(word); found != english_words().end()) {
        // "twenty five": tens and units are one number, as are "twenty first".
        const bool tens = !out.empty() && out.back().kind == W::number && out.back().digits == 0 && out.back().value >= 20 &&
                          out.back().value <= 50;
        const bool ones = (found->second.kind == W::number || found->second.kind == W::ordinal) && found->second.value < 10 &&
                          word.size() > 2;
        if (tens && ones) {
          out.back().value += found->second.value;
          out.back().kind = found->second.kind;
          spaced = false;
        } else {
          put(found->second.kind, found->second.value);
        }
      } else {
        put(W::unknown);
      }
      at = end;
      continue;
    }
    // One character that is not ASCII, a Chinese word, or a mark.
    std::size_t size = 1;
    while (at + size < text.size() && (static_cast<unsigned char>(text[at + size]) & 0xC0U) == 0x80U) ++size;
    const std::string_view one = text.substr(at, size);
    const char32_t point = text::decode(one).front();
    if (point == U'的') {
      at += size;
      continue;
    }
    // 周二十二点 is Tuesday, twelve o'clock: after 周 a numeral is one character.
    const bool after_week = !out.empty() && out.back().kind == W::week && !spaced;
    if (const auto first = numeral(point); after_week && first && *first >= 1 && *first <= 6) {
      put(W::number, *first);
      at += size;
      continue;
    }
    const Entry* word = nullptr;
    for (const Entry& entry : chinese_words()) {
      if (!text.substr(at).starts_with(entry.text)) continue;
      if (!entry.followed_by.empty()) {
        const std::string_view next = text.substr(at + entry.text.size());
        // 3天后早上 is not the day after tomorrow: that only stands at the beginning.
        if (entry.text == "后" && !out.empty()) continue;
        if (next.size() < 3 || entry.followed_by.find(next.substr(0, 3)) == std::string_view::npos) continue;
      }
      word = &entry;
      break;
    }
    if (word != nullptr) {
      put(word->kind, word->value);
      at += word->text.size();
      continue;
    }
    if (numeral(point)) {
      std::vector<int> run;
      std::size_t end = at;
      while (end + 2 < text.size()) {
        const auto next = numeral(text::decode(text.substr(end, 3)).front());
        if (!next) break;
        run.push_back(*next);
        end += 3;
      }
      at = end;
      // 1小时零5分: the zero only joins.
      if (run.size() == 1 && run.front() == 0 && at < text.size() && digit(text[at])) continue;
      const auto number = read_numeral(run);
      Token& token = put(number ? W::number : W::unknown, number.value_or(0));
      // 零五分 after 点 says nothing about the 24-hour clock, but 二零二六 has four digits.
      if (number && std::ranges::none_of(run, [](int v) { return v >= 10; }))
        token.digits = static_cast<std::uint8_t>(run.size());
      continue;
    }
    put(symbol(point));
    at += size;
  }
  return out;
}

}  // namespace xieban::when
