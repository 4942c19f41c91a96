// Dates: 下下周一, 12月10日, 2026-12-10, the 15th, Friday next week.

#include "bot/core/clock/when_parser.hpp"

namespace xieban::when {

std::optional<int> Parser::chinese_weekday() {
  if (!take(W::week)) return std::nullopt;
  if (take(W::ri) || take(W::tian)) return 6;
  if (number() && peek().value >= 1 && peek().value <= 7) return static_cast<int>(value()) - 1;
  return std::nullopt;
}

bool Parser::week_date(Date& out) {
  const std::size_t from = at_;
  if (is(W::the) && is(W::coming, 1)) ++at_;
  int weeks = 0;
  bool named = false;
  while (is(W::this_) || is(W::next) || is(W::last)) {
    const W kind = peek().kind;
    ++at_;
    named = true;
    if (kind == W::next) ++weeks;
    if (kind == W::last) --weeks;
  }
  take(W::ge);
  take(W::coming);
  if (is(W::week)) {
    auto day = chinese_weekday();
    if (!day && is(W::week)) day = chinese_weekday();
    if (day) return week_result(out, *day, weeks, named, false);
  }
  if (is(W::weekday)) {
    const int day = static_cast<int>(value());
    if (!named && is(W::next) && unit(Unit::week, 1)) {
      at_ += 2;
      return week_result(out, day, 1, true, false);
    }
    if (!named && is(W::of) && is(W::next, 1) && unit(Unit::week, 2)) {
      at_ += 3;
      return week_result(out, day, 1, true, false);
    }
    return week_result(out, day, weeks, named, named && weeks == 1);
  }
  if (named && unit(Unit::week)) {
    ++at_;
    take(W::on);
    if (is(W::weekday)) return week_result(out, static_cast<int>(value()), weeks, true, false);
  }
  at_ = from;
  return false;
}

bool Parser::month_date(Date& out) {
  const std::size_t from = at_;
  // 本月15号, 下下个月5号
  int months_ahead = 0;
  bool named = false;
  while (is(W::this_) || is(W::next) || is(W::last)) {
    months_ahead += is(W::next) ? 1 : is(W::last) ? -1 : 0;
    named = true;
    ++at_;
  }
  if (named) take(W::ge);
  if (named && take(W::month) && number() && (is(W::hao, 1) || is(W::ri, 1))) {
    out.kind = Date::Kind::month_offset;
    out.a = value();
    out.b = months_ahead;
    ++at_;
    return true;
  }
  at_ = from;
  // 2026年12月10日, 明年3月1日, 12月10
  if (is(W::year_of) && number(1) && is(W::month, 2) && number(3)) {
    out = {.kind = Date::Kind::year_offset, .a = peek(1).value, .b = peek(3).value, .c = peek().value};
    at_ += 4;
    day_mark();
    return true;
  }
  if (number() && is(W::year, 1) && number(2) && is(W::month, 3) && number(4)) {
    if (peek().digits != 4 && peek().digits != 2) return false;
    out = {.kind = Date::Kind::full,
           .a = peek(2).value,
           .b = peek(4).value,
           .c = peek().digits == 2 ? 2000 + peek().value : peek().value};
    at_ += 5;
    day_mark();
    return true;
  }
  if (number() && is(W::month, 1) && number(2)) {
    out = {.kind = Date::Kind::month_day, .a = peek().value, .b = peek(2).value};
    at_ += 3;
    day_mark();
    return true;
  }
  // 15号, 15日; 3日内 is a span
  if (number() && (is(W::hao, 1) || (is(W::ri, 1) && !is(W::within, 2)))) {
    out = {.kind = Date::Kind::day_of_month, .a = value()};
    ++at_;
    return true;
  }
  return false;
}

bool Parser::english_date(Date& out) {
  const std::size_t from = at_;
  std::optional<std::int64_t> month, day, year_number;
  if (take(W::the)) {
    if (!is(W::ordinal) && !number()) return back(from);
  }
  if (is(W::month_name)) {
    month = value();
    take(W::dot);
    if (is(W::dash) && !peek().spaced) ++at_;
    take(W::the);
    if (!(is(W::ordinal) || written(0, 1, 2))) return back(from);
    day = value();
  } else if (is(W::ordinal) || written(0, 1, 2)) {
    const bool ordinal = is(W::ordinal);
    const bool article = at_ > from;
    day = value();
    take(W::of);
    if (is(W::dash) || is(W::slash)) {
      if (!is(W::month_name, 1)) return back(from);
      ++at_;
    }
    if (is(W::month_name)) {
      month = value();
      take(W::dot);
    } else if (is(W::next) && unit(Unit::month, 1)) {
      at_ += 2;
      out = {.kind = Date::Kind::month_offset, .a = *day, .b = 1};
      return true;
    } else if (is(W::this_) && unit(Unit::month, 1)) {
      at_ += 2;
      out = {.kind = Date::Kind::month_offset, .a = *day, .b = 0};
      return true;
    } else if (ordinal || article) {
      out = {.kind = Date::Kind::day_of_month, .a = *day};
      return true;
    } else {
      return back(from);
    }
  } else {
    return back(from);
  }
  const std::size_t before_year = at_;
  if (!take(W::comma) && !take(W::dash)) take(W::slash);
  if (written(0, 4, 4) && !is(W::colon, 1)) {
    year_number = value();
  } else {
    at_ = before_year;
  }
  if (year_number) {
    out = {.kind = Date::Kind::full, .a = *month, .b = *day, .c = *year_number};
  } else {
    out = {.kind = Date::Kind::month_day, .a = *month, .b = *day};
  }
  return true;
}

bool Parser::numeric_date(Date& out) {
  if (written(0, 8, 8)) {
    const std::int64_t all = value();
    out = {.kind = Date::Kind::full, .a = all / 100 % 100, .b = all % 100, .c = all / 10000};
    return true;
  }
  // 2026-dec-10
  if (written(0, 4, 4) && (is(W::dash, 1) || is(W::slash, 1)) && is(W::month_name, 2) && (is(W::dash, 3) || is(W::slash, 3)) &&
      written(4, 1, 2)) {
    out = {.kind = Date::Kind::full, .a = peek(2).value, .b = peek(4).value, .c = peek().value};
    at_ += 5;
    return true;
  }
  if (written(0, 4, 4) && written(1, 1, 2) && written(2, 1, 2) && peek(1).spaced && peek(2).spaced && !is(W::colon, 3) &&
      !is(W::dian, 3)) {
    out = {.kind = Date::Kind::full, .a = peek(1).value, .b = peek(2).value, .c = peek().value};
    at_ += 3;
    return true;
  }
  const W mark = peek(1).kind;
  if (!written(0, 1, 4) || (mark != W::slash && mark != W::dash && mark != W::dot) || peek(1).spaced || !written(2, 1, 4) ||
      peek(2).spaced)
    return false;
  const Token first = peek();
  const Token second = peek(2);
  if (is(mark, 3) && !peek(3).spaced && written(4, 1, 4) && !peek(4).spaced) {
    const Token third = peek(4);
    at_ += 5;
    if (first.digits == 4 && second.digits <= 2 && third.digits <= 2) {
      out = {.kind = Date::Kind::full, .a = second.value, .b = third.value, .c = first.value};
      return true;
    }
    if (first.digits > 2 || second.digits > 2 || third.digits == 3) return false;
    if (third.digits == 4 && (first.value > 12 || second.value > 12 || first.value == second.value)) {
      const bool day_first = first.value > 12;
      out = {.kind = Date::Kind::full,
             .a = day_first ? second.value : first.value,
             .b = day_first ? first.value : second.value,
             .c = third.value};
      return true;
    }
    out = {.kind = Date::Kind::ambiguous,
           .a = first.value,
           .b = second.value,
           .c = third.digits == 4 ? third.value : -third.value};
    return true;
  }
  if (first.digits > 2 || second.digits > 2) return false;
  out = {.kind = Date::Kind::month_day, .a = first.value, .b = second.value};
  at_ += 3;
  return true;
}

bool Parser::plain_date(Date& out) {
  if (is(W::day)) {
    out = {.kind = Date::Kind::relative, .a = value()};
    return true;
  }
  if ((is(W::next) && is(W::workday, 1)) || (is(W::next) && is(W::business, 1) && unit(Unit::day, 2))) {
    at_ += is(W::workday, 1) ? 2U : 3U;
    out.kind = Date::Kind::next_workday;
    return true;
  }
  return week_date(out) || month_date(out) || numeric_date(out) || english_date(out);
}

bool Parser::date(Date& out) {
  const std::size_t from = at_;
  if (is(W::week) || is(W::weekday)) {
    const auto day = is(W::weekday) ? std::optional<int>(static_cast<int>(value())) : chinese_weekday();
    const bool open = take(W::open);
    if (!take(W::comma)) take(W::dot);  // Fri. 15 Sep
    Date dated;
    if (day && !is(W::week) && !is(W::weekday) && !is(W::day) &&
        (month_date(dated) || numeric_date(dated) || english_date(dated)) && dated.kind != Date::Kind::ambiguous &&
        (!open || take(W::close))) {
      out = dated;
      out.weekday = day;
      return true;
    }
    at_ = from;
  }
  if (!plain_date(out)) return back(from);
  if (out.kind == Date::Kind::bare_weekday || out.kind == Date::Kind::week_weekday) return true;
  const std::size_t after = at_;
  const bool open = take(W::open);
  if (!open) take(W::comma);
  if (is(W::week) || is(W::weekday)) {
    const auto day = is(W::weekday) ? std::optional<int>(static_cast<int>(value())) : chinese_weekday();
    if (day && (!open || take(W::close))) {
      out.weekday = day;
      return true;
    }
  }
  at_ = after;
  return true;
}

}  // namespace xieban::when
