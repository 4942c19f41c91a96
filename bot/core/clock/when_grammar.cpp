// The whole expression: which of the constructs it is, and what stands around it.

#include "bot/core/clock/when_parser.hpp"

namespace xieban::when {

std::optional<Expression> Parser::run() {
  const auto whole = [&](auto form) -> std::optional<Expression> {
    at_ = 0;
    Expression out;
    return form(out) && at_ == end_ ? std::optional(out) : std::nullopt;
  };
  for (const auto form : {&Parser::t_plus, &Parser::span, &Parser::span_then_clock}) {
    if (auto out = whole([&](Expression& e) { return (this->*form)(e); })) return out;
  }
  using Kind = Expression::Kind;
  for (const auto kind : {Kind::festival, Kind::moment, Kind::period}) {
    if (auto out = whole([&](Expression& e) { return target_first(e, kind); })) return out;
    if (chinese_) continue;
    if (auto out = whole([&](Expression& e) { return clock_first(e, kind); })) return out;
  }
  return whole([&](Expression& e) { return clock_only(e); });
}

void Parser::separators() {
  for (;;) {
    if (take(W::comma) || take(W::at) || take(W::on) || take(W::by)) continue;
    if (is(W::dash) && peek().spaced && peek(1).spaced) {
      ++at_;
      continue;
    }
    return;
  }
}

void Parser::suffix(Expression& out) {
  out.suffix = Suffix::none;
  if (is(W::before) && peek().value == 0) out.suffix = Suffix::before;
  if (is(W::within)) out.suffix = Suffix::within;
  if (is(W::after)) out.suffix = Suffix::after;
  if (out.suffix != Suffix::none) ++at_;
}

bool Parser::target(Expression& out, Expression::Kind kind) {
  out.kind = kind;
  switch (kind) {
    case Expression::Kind::festival:
      return festival(out);
    case Expression::Kind::period:
      return period(out);
    case Expression::Kind::moment:
    case Expression::Kind::span:
      break;
  }
  return date(out.date);
}

bool Parser::target_first(Expression& out, Expression::Kind kind) {
  if (!target(out, kind)) return false;
  const std::size_t after = at_;
  const bool iso = is(W::t) && number(1);
  if (iso) ++at_;
  const bool said_at = is(W::at);
  separators();
  if (iso && written(0, 4, 4)) {  // 20261231T1700
    const std::int64_t written_as = value();
    out.clock.kind = Clock::Kind::time;
    out.clock.hour = static_cast<int>(written_as / 100);
    out.clock.minute = static_cast<int>(written_as % 100);
    out.clock.zero = true;
    suffix(out);
    return out.suffix != Suffix::after;
  }
  // After tomorrow a lone number is a clock, as it is after "at"; after a numeric date it is not.
  const bool lone = (out.date.kind == Date::Kind::relative && !chinese_) || said_at;
  if (!clock(out.clock, lone)) {
    out.clock = {};
    at_ = after;
  }
  suffix(out);
  return out.suffix != Suffix::after;
}

bool Parser::clock_first(Expression& out, Expression::Kind kind) {
  if (!clock(out.clock, false)) return false;
  separators();
  return target(out, kind);
}

bool Parser::clock_only(Expression& out) {
  out.kind = Expression::Kind::moment;
  const bool lone = after_bound_ && number() && peek().value >= 1 && peek().value <= 12;
  if (!clock(out.clock, lone)) return false;
  suffix(out);
  return out.suffix == Suffix::none || out.suffix == Suffix::before;
}

std::optional<Expression> parse(const Tokens& all, bool after_bound, bool chinese) {
  constexpr std::size_t most_tokens = 64;  // nobody needs more for one instant
  if (all.empty() || all.size() > most_tokens) return std::nullopt;
  if (std::ranges::any_of(all, [](const Token& token) { return token.kind == W::unknown; })) return std::nullopt;
  return Parser(all, after_bound, chinese).run();
}

}  // namespace xieban::when
