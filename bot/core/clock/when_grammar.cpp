// The whole expression: which of the constructs it is, and what stands around it.

#include "bot/core/clock/when_parser.hpp"

namespace xieban::when {

std::optional<Expression> Parser::run() {
  Expression out;
  zone(out);
  if (all_.empty() || at_ >= end_) return std::nullopt;
  const std::size_t from = at_;
  for (const auto form : {&Parser::t_plus, &Parser::span, &Parser::span_then_clock, &Parser::date_first, &Parser::clock_first,
                          &Parser::clock_only}) {
    at_ = from;
    Expression tried = out;
    if ((this->*form)(tried) && at_ == end_) return tried;
  }
  return std::nullopt;
}

void Parser::zone(Expression& out) {
  end_ = all_.size();
  if (is(W::zone) && peek().value == 480) out.zone = static_cast<int>(value());
  const auto kind = [&](std::size_t back) { return end_ >= back + at_ ? all_[end_ - back].kind : W::unknown; };
  const auto amount = [&](std::size_t back) { return all_[end_ - back].value; };
  if (kind(1) == W::zone) {
    out.zone = static_cast<int>(amount(1));
    end_ -= 1;
    return;
  }
  // UTC+8, +09:00; a minus only behind UTC or an ISO time, where it cannot be the second end of a range.
  std::size_t sign = 0;
  int minutes = 0;
  if (kind(1) == W::number && kind(2) == W::colon && kind(3) == W::number) {
    sign = 4;
    minutes = static_cast<int>(std::min<std::int64_t>(amount(3), 99) * 60 + std::min<std::int64_t>(amount(1), 99));
  } else if (kind(1) == W::number && kind(3) == W::zone) {
    sign = 2;
    minutes = static_cast<int>(std::min<std::int64_t>(amount(1), 99) * 60);
  }
  if (sign == 0) return;
  const bool utc = kind(sign + 1) == W::zone;
  const bool iso = std::ranges::any_of(all_, [](const Token& token) { return token.kind == W::t; });
  if (kind(sign) != W::plus && !(kind(sign) == W::dash && (utc || iso))) return;
  if (minutes > 14 * 60) return;
  out.zone = kind(sign) == W::plus ? minutes : -minutes;
  end_ -= sign + (utc ? 1 : 0);
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
  if (take(W::before))
    out.suffix = Suffix::before;
  else if (take(W::within))
    out.suffix = Suffix::within;
  else if (take(W::after))
    out.suffix = Suffix::after;
  else
    out.suffix = Suffix::none;
}

bool Parser::date_first(Expression& out) {
  out.kind = Expression::Kind::moment;
  if (!date(out.date)) return false;
  const std::size_t after = at_;
  const bool iso = is(W::t) && number(1) && is(W::colon, 2);
  if (iso) ++at_;
  separators();
  // After tomorrow a lone number is a clock; after a numeric date it is not.
  const bool lone = out.date.kind == Date::Kind::relative && !chinese_;
  if (!clock(out.clock, lone)) {
    out.clock = {};
    at_ = after;
  }
  suffix(out);
  return out.suffix != Suffix::after;
}

bool Parser::clock_first(Expression& out) {
  out.kind = Expression::Kind::moment;
  if (chinese_ || !clock(out.clock, false)) return false;
  separators();
  return date(out.date);
}

bool Parser::clock_only(Expression& out) {
  out.kind = Expression::Kind::moment;
  if (!clock(out.clock, false)) return false;
  suffix(out);
  return out.suffix == Suffix::none || out.suffix == Suffix::before;
}

std::optional<Expression> parse(const std::vector<Token>& all, bool after_bound, bool chinese) {
  if (std::ranges::any_of(all, [](const Token& token) { return token.kind == W::unknown; })) return std::nullopt;
  return Parser(all, after_bound, chinese).run();
}

}  // namespace xieban::when
