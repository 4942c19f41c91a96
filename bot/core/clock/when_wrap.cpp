// What stands around an expression: quotes and marks, "by", 截止, 完成, "about", the zone.

#include <algorithm>
#include <array>
#include <map>

#include "bot/base/text.hpp"
#include "bot/core/clock/when_words.hpp"

namespace xieban::when {
namespace {

char32_t simplified(char32_t c) {
  static const std::map<char32_t, char32_t> table{
      {U'週', U'周'}, {U'禮', U'礼'}, {U'後', U'后'}, {U'點', U'点'}, {U'鐘', U'钟'}, {U'個', U'个'}, {U'號', U'号'},
      {U'內', U'内'}, {U'兩', U'两'}, {U'時', U'时'}, {U'間', U'间'}, {U'節', U'节'}, {U'國', U'国'}, {U'慶', U'庆'},
      {U'勞', U'劳'}, {U'動', U'动'}, {U'聖', U'圣'}, {U'誕', U'诞'}, {U'雙', U'双'}, {U'這', U'这'}, {U'過', U'过'},
      {U'幾', U'几'}, {U'準', U'准'}, {U'裡', U'里'}, {U'裏', U'里'}, {U'當', U'当'}, {U'從', U'从'}, {U'農', U'农'},
      {U'曆', U'历'}, {U'陰', U'阴'}, {U'臘', U'腊'}, {U'東', U'东'}, {U'紐', U'纽'}, {U'約', U'约'}, {U'來', U'来'},
      {U'須', U'须'}, {U'務', U'务'}, {U'趕', U'赶'}, {U'於', U'于'}, {U'為', U'为'}, {U'遲', U'迟'}, {U'結', U'结'},
      {U'線', U'线'}, {U'兒', U'儿'}, {U'婦', U'妇'}, {U'師', U'师'}, {U'請', U'请'}, {U'給', U'给'}, {U'馬', U'马'},
      {U'現', U'现'}, {U'盡', U'尽'}, {U'開', U'开'}, {U'’', U'\''},  {U'‘', U'\''}};
  const auto at = table.find(c);
  return at == table.end() ? c : at->second;
}

/// Marks that close a sentence or quote an expression; they mean nothing here.
bool closing_mark(char32_t c) {
  return std::u32string_view(U"。!?;,、.\"'“”「」『』《》… ").find(c) != std::u32string_view::npos;
}
bool opening_mark(char32_t c) { return std::u32string_view(U"\"'“”「」『』《》,、 ").find(c) != std::u32string_view::npos; }

/// Of the tokens from `begin` to `end`: what may be dropped in front.
bool leads(const Token& token) {
  return token.kind == W::lead || token.kind == W::by || token.kind == W::until || token.kind == W::on ||
         (token.kind == W::to && token.value == 1) || (token.kind == W::before && token.value == 1);
}
bool trails(const Token& token) { return token.kind == W::tail || (token.kind == W::lead && token.value == 1); }

struct Zone {
  std::size_t from = 0, to = 0;  // the tokens that write it
  int minutes = 0;
};

/// +8, +09:00, +0900 from token `at` on; how many tokens, 0: none.
std::size_t read_offset(const Tokens& all, std::size_t at, int& minutes) {
  if (at + 1 >= all.size() || (all[at].kind != W::plus && all[at].kind != W::dash)) return 0;
  const Token& hours = all[at + 1];
  if (hours.kind != W::number || hours.digits == 0 || hours.digits == 3 || hours.digits > 4) return 0;
  std::int64_t total = hours.digits == 4 ? hours.value / 100 * 60 + hours.value % 100 : hours.value * 60;
  std::size_t count = 2;
  if (hours.digits <= 2 && at + 3 < all.size() && all[at + 2].kind == W::colon && all[at + 3].kind == W::number &&
      all[at + 3].digits == 2) {
    total += all[at + 3].value;
    count = 4;
  }
  if (total > 14 * 60) return 0;
  minutes = static_cast<int>(all[at].kind == W::plus ? total : -total);
  return count;
}

/// 北京时间, UTC, UTC+8 anywhere; +09:00 behind everything. A minus without UTC only behind an ISO time, where it cannot be
/// the second end of a range.
std::optional<Zone> find_zone(const Tokens& all) {
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].kind != W::zone) continue;
    int minutes = 0;
    std::size_t count = 0;
    if (all[i].value == 0) count = read_offset(all, i + 1, minutes);
    return Zone{i, i + 1 + count, count == 0 ? static_cast<int>(all[i].value) : minutes};
  }
  const bool iso = std::ranges::any_of(all, [](const Token& token) { return token.kind == W::t; });
  for (const std::size_t back : {4U, 2U}) {
    if (all.size() <= back) continue;
    const std::size_t at = all.size() - back;
    if (all[at].kind != W::plus && !(iso && all[at].kind == W::dash)) continue;
    if (all[at - 1].kind == W::t) continue;  // T+3
    int minutes = 0;
    if (read_offset(all, at, minutes) == back) return Zone{at, all.size(), minutes};
  }
  return std::nullopt;
}

}  // namespace

std::string normal_form(std::string_view raw) {
  const std::vector<char32_t> all = text::decode(text::fold(raw));
  auto begin = all.begin();
  auto end = all.end();
  while (begin != end && opening_mark(*begin)) ++begin;
  while (begin != end && closing_mark(*(end - 1))) --end;
  std::string out;
  for (; begin != end; ++begin) text::append(out, simplified(*begin));
  return out;
}

bool has_chinese(std::string_view text) {
  return std::ranges::any_of(text::decode(text), [](char32_t c) { return c >= 0x3007 && c <= 0x9FFF; });
}

Wrapped unwrap(const Tokens& written) {
  Wrapped out;
  Tokens all;
  for (const Token& token : written) {
    if (token.kind == W::about) {
      out.approximate = true;
      // "5-ish"
      if (!all.empty() && all.back().kind == W::dash && !token.spaced && !all.back().spaced) all.pop_back();
    } else {
      all.push_back(token);
    }
  }
  if (const auto zone = find_zone(all)) {
    out.zone = zone->minutes;
    all.erase(all.begin() + static_cast<std::ptrdiff_t>(zone->from), all.begin() + static_cast<std::ptrdiff_t>(zone->to));
  }
  std::size_t begin = 0;
  std::size_t end = all.size();
  while (begin < end) {
    const Token& token = all[begin];
    // A colon says as much as the word before it, which the command may have taken.
    const bool mark = token.kind == W::colon || (out.bound && token.kind == W::comma);
    if (!mark && !leads(token)) break;
    // "before 3pm" is a clock, "before Monday" excludes the day: the resolver knows which.
    out.exclusive = out.exclusive || token.kind == W::before;
    out.bound = true;
    ++begin;
  }
  while (end > begin && (trails(all[end - 1]) || all[end - 1].kind == W::comma)) --end;
  out.rest.assign(all.begin() + static_cast<std::ptrdiff_t>(begin), all.begin() + static_cast<std::ptrdiff_t>(end));
  return out;
}

}  // namespace xieban::when
