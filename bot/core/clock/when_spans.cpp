// Spans of time: 3天内, 1h30m, 两个半工作日, in two weeks.

#include "bot/core/clock/when_parser.hpp"

namespace xieban::when {

bool Parser::t_plus(Expression& out) {
  if (!take(W::t) || !take(W::plus) || !number()) return false;
  out.kind = Expression::Kind::span;
  out.span.workdays_half = std::min(value(), most) * 2;
  suffix(out);
  if (out.suffix == Suffix::within) return true;
  if (at_ < end_ && out.suffix == Suffix::none) return clock(out.clock, true) && (suffix(out), out.suffix != Suffix::after);
  return out.suffix == Suffix::none;
}

std::optional<Parser::Amount> Parser::amount() {
  const auto one = [&] { return number() && peek().value == 1 && peek().digits == 0; };
  if (take(W::half)) {
    if (!chinese_ && one()) ++at_;  // half an hour
    return Amount{50};
  }
  if (!number()) return std::nullopt;
  if (!chinese_ && one() && is(W::half, 1)) return at_ += 2, Amount{50};  // a half hour
  const bool digits = peek().digits > 0;
  Amount out{std::min(value(), most) * 100};
  if (digits && is(W::dot) && written(1, 1, 2) && !peek().spaced) {
    ++at_;
    const int count = peek().digits;
    const std::int64_t decimals = value();
    out.hundredths += count == 1 ? decimals * 10 : decimals;
  } else if (is(W::also) && number(1) && peek(1).value == 1 && is(W::half, 2)) {
    at_ += 3;
    out.hundredths += 50;
  }
  return out;
}

bool Parser::piece(Span& out) {
  if (take(W::half_day)) return half_day(out);
  if (is(W::half) && (is(W::tian, 1) || is(W::ri, 1))) {
    at_ += 2;
    return half_day(out);
  }
  const bool year_number = written(0, 4, 4);
  auto count = amount();
  if (!count) return false;
  bool joined_half = false;  // 一个半小时
  const bool ge = take(W::ge);
  if (ge && take(W::half)) {
    count->hundredths += 50;
    joined_half = true;
  }
  const auto trailing_half = [&] {  // 两天半, an hour and a half
    if (joined_half || !count->whole()) return;
    if (is(W::also) && number(1) && peek(1).value == 1 && is(W::half, 2)) at_ += 2;
    if (take(W::half)) count->hundredths += 50;
  };
  const std::int64_t n = count->hundredths;
  if (take(W::workday)) return workdays(out, count->hundredths);
  if (take(W::workhour)) return work_hours(out, count->hundredths);
  if (take(W::business)) {
    if (!is(W::unit)) return false;
    const auto which = static_cast<Unit>(value());
    if (which == Unit::day) return workdays(out, n);
    return which == Unit::hour && work_hours(out, n);
  }
  if (take(W::natural_day)) return calendar_days(out, *count);
  if (take(W::calendar_word)) return unit(Unit::day) && (++at_, calendar_days(out, *count));
  if (ge && take(W::whole)) return milliseconds(out, n, hour_ms);                     // 三个钟
  const bool ri = !ge && is(W::ri) && (led_ || is(W::within, 1) || is(W::after, 1));  // 3日 alone is a date
  if (take(W::tian) || (ri && take(W::ri))) {
    trailing_half();
    return days(out, *count, 1);
  }
  if (take(W::week)) {
    trailing_half();
    return days(out, *count, 7);
  }
  if (ge && take(W::month)) return months(out, *count, 1);
  if (!year_number && take(W::year)) {
    trailing_half();
    return months(out, *count, 12);
  }
  if (take(W::minute)) {
    trailing_half();
    take(W::whole);
    return milliseconds(out, count->hundredths, minute_ms);
  }
  if (take(W::second)) return milliseconds(out, n, second_ms);
  if (is(W::ordinal) && peek().value == 2 && peek().digits == 0) return ++at_, milliseconds(out, n, second_ms);
  if (!chinese_ && take(W::quarter)) return months(out, *count, 3);
  if (!is(W::unit) || (chinese_ && !ge && unit(Unit::quarter))) return false;  // 三季度 is the third
  const auto which = static_cast<Unit>(value());
  if (which != Unit::second) trailing_half();
  switch (which) {
    case Unit::second:
      return milliseconds(out, n, second_ms);
    case Unit::minute:
      return milliseconds(out, count->hundredths, minute_ms);
    case Unit::quarter_hour:
      return milliseconds(out, count->hundredths, 15 * minute_ms);
    case Unit::hour:
      return milliseconds(out, count->hundredths, hour_ms);
    case Unit::day:
      return days(out, *count, 1);
    case Unit::week:
      return days(out, *count, 7);
    case Unit::month:
      return months(out, *count, 1);
    case Unit::quarter:
      return months(out, *count, 3);
    case Unit::year:
      return months(out, *count, 12);
  }
  return false;
}

bool Parser::days(Span& out, Amount count, std::int64_t unit) {
  const std::int64_t hundredths = count.hundredths * unit;
  out.days += hundredths / 100;
  if (hundredths % 100 != 0) {
    out.fractional = true;
    out.ms += hundredths % 100 * day_ms / 100;
  }
  return true;
}

bool Parser::months(Span& out, Amount count, std::int64_t unit) {
  const std::int64_t hundredths = count.hundredths * unit;
  if (hundredths % 50 != 0) return false;
  out.months += hundredths / 100;
  if (hundredths % 100 != 0) out.days += 15;  // half a month
  return true;
}

bool Parser::pieces(Span& out) {
  if (!piece(out)) return false;
  for (;;) {
    const std::size_t back = at_;
    const Span kept = out;
    take(W::also);
    if (at_ < end_ && piece(out)) continue;
    at_ = back;
    out = kept;
    // What counts on different calendars cannot be added up.
    const int kinds = (out.workdays_half ? 1 : 0) + (out.work_ms ? 1 : 0) + (out.half_day ? 1 : 0) +
                      (out.months != 0 || out.days != 0 || out.ms != 0 ? 1 : 0);
    return kinds <= 1 && !(out.natural && (out.ms != 0 || out.months != 0));
  }
}

bool Parser::span(Expression& out) {
  out.kind = Expression::Kind::span;
  bool budget = false;
  led_ = true;
  if (take(W::future)) {
    budget = true;
  } else if (take(W::in) || take(W::pass) || (chinese_ ? take(W::past) : take(W::after))) {
    out.point = true;
  } else {
    led_ = false;
  }
  if (!pieces(out.span)) return false;
  if (take(W::later)) out.point = true;
  if (take(W::ago)) out.ago = true;
  if (is(W::start) && is(W::day, 1) && (peek(1).value == 0 || peek(1).value == 1)) {  // 3 days from tomorrow
    out.from_tomorrow = peek(1).value == 1;
    at_ += 2;
    out.point = true;
  }
  suffix(out);
  if (out.suffix == Suffix::after) out.point = true;
  if (out.suffix == Suffix::before) out.ago = true;
  return !(budget && (out.point || out.ago));
}

bool Parser::span_then_clock(Expression& out) {
  if (!span(out) || !out.point || out.ago || out.span.ms != 0 || out.span.work_ms || out.span.half_day) return false;
  separators();
  return clock(out.clock, true) && (suffix(out), out.suffix != Suffix::after);
}

}  // namespace xieban::when
