// What a text is refused for, in words, and what could be sent instead.

#include <fmt/format.h>

#include "bot/base/text.hpp"
#include "bot/core/clock/when_resolver.hpp"

namespace xieban::when {

using namespace std::chrono;

Refusal Resolver::refuse(const Phrase& why, Names suggestions, bool understood) {
  // A suggestion is sent as it is, so it must be readable, and now.
  Names good;
  for (std::string& one : suggestions) {
    if (!may_suggest_ || good.size() == 2) break;
    if (one.empty() || std::ranges::find(good, one) != good.end()) continue;
    if (Resolver(office_, asked_, urgent_, lang_).resolve(one, false)) good.push_back(std::move(one));
  }
  constexpr std::size_t prefix = std::string_view("when.").size();
  return std::unexpected(WhenError{why.key.substr(prefix), say(lang_, why), std::move(good), understood, why.args});
}
Refusal Resolver::error(const Phrase& why, Names suggestions) { return refuse(why, std::move(suggestions), false); }
Refusal Resolver::which(const Phrase& why, Names meant) { return refuse(why, std::move(meant), true); }

Refusal Resolver::empty() { return error(Phrase("when.empty"), {tomorrow_text(), after_days_text()}); }
Refusal Resolver::unrecognized() {
  return error(Phrase("when.unrecognized", {{"text", shown()}}), {tomorrow_text(), after_days_text()});
}
Refusal Resolver::past(TimePoint due, Names suggestions) {
  suggestions.push_back(tomorrow_text());
  suggestions.push_back(after_days_text());
  return which(Phrase("when.past", {{"due", date_and_clock(due)}}), std::move(suggestions));
}
Refusal Resolver::no_such_date() {
  return error(Phrase("when.invalid_date", {{"text", shown()}}), {tomorrow_text(), after_days_text()});
}
Refusal Resolver::no_such_time() {
  return error(Phrase("when.invalid_time", {{"text", shown()}}), {tomorrow_text(), after_days_text()});
}
Refusal Resolver::too_far(const std::string& this_year, const std::string& next_year) {
  return which(Phrase("when.too_far"), {this_year, next_year});
}
Refusal Resolver::weekday_mismatch(const Date& date, sys_days day) {
  const int actual = static_cast<int>(weekday_index(day));
  return which(Phrase("when.weekday_mismatch",
                      {{"date", iso(day)}, {"weekday", day_name(actual)}, {"written", day_name(*date.weekday)}}),
               {iso(day), day_name(*date.weekday)});
}
Refusal Resolver::ambiguous_date(const Date& date) {
  const bool year_last = date.c > 0;
  const std::int64_t y = year_last ? date.c : 2000 - date.c;
  Names both{fmt::format("{:04}-{:02}-{:02}", y, date.a, date.b), fmt::format("{:04}-{:02}-{:02}", y, date.b, date.a)};
  if (!year_last) both.insert(both.begin(), fmt::format("{:04}-{:02}-{:02}", 2000 + date.a, date.b, -date.c));
  return which(Phrase("when.ambiguous_date", {{"text", shown()}}), std::move(both));
}
Refusal Resolver::no_working_day(sys_days from, sys_days to) {
  return which(Phrase("when.no_working_day", {{"from", iso(from)}, {"to", iso(to)}}),
               {iso(last_working_before(from)), iso(next_working(to))});
}
Refusal Resolver::holiday_unknown(int year) { return error(Phrase("when.holiday_unknown", {{"year", std::to_string(year)}})); }

std::optional<Answer> Resolver::refused_words(const Tokens& all) {
  if (all.empty()) return std::nullopt;
  const bool readable = std::ranges::none_of(all, [](const Token& token) { return token.kind == W::unknown; });
  // In a text of other words only the first and the last say something about time: "尽快给个方案", "开会 18:00 CST".
  const auto has = [&](W kind) {
    if (!readable) return all.front().kind == kind || all.back().kind == kind;
    return std::ranges::any_of(all, [&](const Token& token) { return token.kind == kind; });
  };
  const auto vague = [&] {
    return which(Phrase("when.vague", {{"text", shown()}}), {today_text(), tomorrow_text(), after_days_text()});
  };
  if (has(W::vague)) return vague();
  if (has(W::foreign_zone)) return error(Phrase("when.timezone"), {"18:00+09:00", tomorrow_text()});
  if (has(W::vague_number)) return vague();
  if (has(W::recurring)) return error(Phrase("when.recurrence"), {tomorrow_text(), after_days_text()});
  if (has(W::lunar)) return error(Phrase("when.lunar"), {tomorrow_text(), after_days_text()});
  return std::nullopt;
}

namespace {

Tokens part(const Tokens& all, std::size_t from, std::size_t to) {
  return {all.begin() + static_cast<std::ptrdiff_t>(from), all.begin() + static_cast<std::ptrdiff_t>(to)};
}

}  // namespace

Refusal Resolver::shapeless(const Tokens& all, bool chinese) {
  constexpr std::size_t most = 64;  // more words than any two deadlines have
  const bool readable = std::ranges::none_of(all, [](const Token& token) { return token.kind == W::unknown; });
  if (readable && all.size() <= most) {
    if (auto two = range(all, chinese)) return *two;
    if (auto start = beginning(all, chinese)) return *start;
  }
  return unrecognized();
}

std::optional<Refusal> Resolver::range(const Tokens& all, bool chinese) {
  const std::size_t begin = !all.empty() && all.front().kind == W::start ? 1 : 0;
  for (std::size_t i = begin + 1; i + 1 < all.size(); ++i) {
    const W kind = all[i].kind;
    const bool joins =
        kind == W::to || kind == W::until || kind == W::tilde || kind == W::dash || (begin == 1 && kind == W::also);
    if (!joins) continue;
    const auto second = parse(part(all, i + 1, all.size()), true, chinese);
    if (!second) continue;
    const std::size_t first_end = all[i - 1].kind == W::start ? i - 1 : i;  // 12月1日起至10日
    const auto first = parse(part(all, begin, first_end), true, chinese);
    // 3-5天, 5 to 6; but 2026-12 is neither.
    const bool lone = i == begin + 1 && all[begin].kind == W::number;
    const bool counts = lone && (i + 2 < all.size() || kind != W::dash);
    if (!counts && (lone || !first)) continue;
    return which(Phrase("when.range", {{"text", shown()}}), {range_end(first, *second, part(all, i + 1, all.size()))});
  }
  return std::nullopt;
}

std::string Resolver::range_end(const std::optional<Expression>& first, const Expression& second, const Tokens& written) {
  std::string text = form_.substr(written.front().from);
  const bool dated = first && first->kind == Expression::Kind::moment && first->date.kind != Date::Kind::none;
  const bool same_month = dated && (first->date.kind == Date::Kind::month_day || first->date.kind == Date::Kind::full);
  if (!dated || second.kind != Expression::Kind::moment) return text;
  Expression day = *first;
  day.clock = {};
  const auto start = Resolver(office_, asked_, urgent_, lang_).moment(day);
  if (!start) return text;
  const LocalDate date = office_.local_date(start->at);
  // Dec 1-10, 周一到三: the number continues the date before it.
  if (written.size() == 1 && written.front().kind == W::number && first->clock.kind == Clock::Kind::none) {
    const std::int64_t number = written.front().value;
    if (same_month) {
      const auto end = full_date(int{date.year()}, unsigned{date.month()}, number);
      return end ? iso(*end) : text;
    }
    return number >= 1 && number <= 7 ? day_name(static_cast<int>(number) - 1) : text;
  }
  if (second.date.kind == Date::Kind::none)
    return iso(sys_days{date}) + " " + std::string(text::trim(clock_suffix(second.clock)));
  if (same_month && second.date.kind == Date::Kind::day_of_month) {
    if (const auto end = full_date(int{date.year()}, unsigned{date.month()}, second.date.a)) return iso(*end);
  }
  return text;
}

std::optional<Refusal> Resolver::beginning(const Tokens& all, bool chinese) {
  const auto starts = [](const Token& token) { return token.kind == W::after || token.kind == W::start; };
  std::size_t from = 0;
  std::size_t to = all.size();
  while (from < to && starts(all[from])) ++from;
  while (to > from && starts(all[to - 1])) --to;
  if (to - from == all.size()) return std::nullopt;
  const auto bare = parse(part(all, from, to), true, chinese);
  if (!bare || bare->kind == Expression::Kind::span) return std::nullopt;
  const std::size_t end = to < all.size() ? all[to].from : form_.size();
  const std::string text(text::trim(std::string_view(form_).substr(all[from].from, end - all[from].from)));
  return which(Phrase("when.not_deadline", {{"text", shown()}}), {chinese ? text + "前" : "by " + text, tomorrow_text()});
}

}  // namespace xieban::when

namespace xieban {

std::string sentence_of(const WhenError& error, bool deadline, Lang lang) {
  const std::string key = "until." + error.kind;
  const std::string words = !deadline && has_phrase(key) ? say(lang, Phrase(key, error.args)) : error.message;
  static constexpr std::string_view ends[]{"。", "？", "！", ".", "?", "!"};
  const bool whole = std::ranges::any_of(ends, [&](std::string_view end) { return words.ends_with(end); });
  return whole ? words : words + say(lang, "label.full_stop");
}

}  // namespace xieban
