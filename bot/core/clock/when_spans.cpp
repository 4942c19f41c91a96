// Spans of time: 3天内, 1h30m, 两个半工作日, in two weeks.

#include "bot/core/clock/when_parser.hpp"

namespace xieban::when {

bool Parser::t_plus(Expression& out) {
  if (!take(W::t) || !take(W::plus) || !number()) return false;
  out.kind = Expression::Kind::span;
  out.t_plus = true;
  out.span.workdays_half = std::min(value(), most) * 2;
  suffix(out);
  return out.suffix == Suffix::none || out.suffix == Suffix::within;
}

std::optional<Parser::Amount> Parser::amount() {
  if (take(W::half)) return Amount{50};
  if (!number()) return std::nullopt;
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
  if (is(W::half) && is(W::tian, 1)) {
    at_ += 2;
    return half_day(out);
  }
  auto count = amount();
  if (!count) return false;
  bool joined_half = false;  // 一个半小时
  const bool ge = take(W::ge);
  if (ge && take(W::half)) {
    count->hundredths += 50;
    joined_half = true;
  }
  const auto trailing_half = [&] {  // 两天半, 一年半
    if (!joined_half && count->whole() && take(W::half)) count->hundredths += 50;
  };
  const std::int64_t n = count->hundredths;
  if (take(W::workday)) return workdays(out, count->hundredths);
  if (take(W::workhour)) return work_hours(out, count->hundredths);
  if (take(W::business)) {
    if (!is(W::unit)) return false;
    const auto unit = static_cast<Unit>(value());
    if (unit == Unit::day) return workdays(out, n);
    return unit == Unit::hour && work_hours(out, n);
  }
  if (take(W::natural_day)) return calendar_days(out, *count);
  if (take(W::calendar_word)) return is(W::unit) && static_cast<Unit>(value()) == Unit::day && calendar_days(out, *count);
  if (ge && !joined_half && take(W::whole)) return milliseconds(out, n, hour_ms);  // 三个钟
  if (take(W::tian) || (!ge && is(W::ri) && is(W::within, 1) && take(W::ri))) {
    trailing_half();
    return days(out, *count, 1);
  }
  if (take(W::week)) {
    trailing_half();
    return days(out, *count, 7);
  }
  if (ge && take(W::month)) return months(out, *count, 1);
  if (take(W::year)) {
    trailing_half();
    return months(out, *count, 12);
  }
  if (take(W::minute)) {
    trailing_half();
    take(W::whole);
    return milliseconds(out, count->hundredths, minute_ms);
  }
  if (take(W::second)) return milliseconds(out, n, second_ms);
  if (is(W::ordinal) && peek().value == 2 && peek().digits == 0) return false;
  if (!is(W::unit)) return false;
  const auto unit = static_cast<Unit>(value());
  if (unit != Unit::second) trailing_half();
  switch (unit) {
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
  if (take(W::future)) {
    budget = true;
  } else if (take(W::in) || take(W::pass) || (is(W::past) && chinese_ && take(W::past))) {
    out.point = true;
  }
  if (!pieces(out.span)) return false;
  if (take(W::later)) out.point = true;
  if (take(W::ago)) out.ago = true;
  if (is(W::start) && is(W::day, 1) && peek(1).value == 1) {  // 3 days from tomorrow
    at_ += 2;
    out.point = out.from_tomorrow = true;
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
