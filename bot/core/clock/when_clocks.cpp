// Clocks: 下午3点半, 18:00, 差一刻六点, half past five.

#include "bot/core/clock/when_parser.hpp"

namespace xieban::when {

bool Parser::clock(Clock& out, bool lone_number) {
  const std::size_t from = at_;
  out = {};
  const bool said_at = take(W::at);
  take(W::the);
  if (is(W::day_end) || is(W::day_start)) {
    out.kind = is(W::day_end) ? Clock::Kind::day_end : Clock::Kind::day_start;
    ++at_;
    return true;
  }
  if (is(W::part)) out.part = static_cast<Part>(value());
  take(W::comma);
  take(W::at);
  const bool named = out.part != Part::none;
  // "9 in the morning", "12 noon": what follows says that the number is a clock.
  const bool told = number() && is(W::part, 1) && !chinese_;
  if (time(out, lone_number || said_at || named || told)) {
    if (!named && is(W::part) && !chinese_) out.part = static_cast<Part>(value());  // 9 in the morning
    return true;
  }
  if (!named) return at_ = from, false;
  out.kind = Clock::Kind::part;
  return true;
}

bool Parser::time(Clock& out, bool lone_number) {
  const std::size_t from = at_;
  out.kind = Clock::Kind::time;
  const auto fail = [&] {
    at_ = from;
    return false;
  };
  const auto half = [&] {
    if (take(W::am))
      out.half = Clock::Half::am;
    else if (take(W::pm))
      out.half = Clock::Half::pm;
    else
      return false;
    return true;
  };
  const auto set = [&](std::int64_t hour, std::int64_t minute, bool zero) {
    out.hour = static_cast<int>(std::min<std::int64_t>(hour, 99));
    out.minute = static_cast<int>(std::min<std::int64_t>(minute, 99));
    out.zero = zero;
  };
  // 差一刻六点, 差5分6点
  if (take(W::minus)) {
    if (!number()) return fail();
    const std::int64_t count = value();
    if (take(W::quarter))
      out.before = static_cast<int>(std::min<std::int64_t>(count, 9) * 15);
    else if (take(W::minute) || (is(W::unit) && static_cast<Unit>(peek().value) == Unit::minute && take(W::unit)))
      out.before = static_cast<int>(std::min<std::int64_t>(count, 99));
    else
      return fail();
    if (!number() || !(is(W::dian, 1) || is(W::shi, 1))) return fail();
    set(peek().value, 0, peek().zero && peek().digits == 2);
    at_ += 2;
    return true;
  }
  if (is(W::half) && is(W::past, 1) && number(2)) {  // half past five
    set(peek(2).value, 30, false);
    at_ += 3;
    take(W::oclock);
    half();
    return true;
  }
  if ((is(W::quarter) || (number() && peek().value == 1 && is(W::quarter, 1))) && !chinese_) {  // a quarter to six
    at_ += is(W::quarter) ? 1U : 2U;
    if (!(is(W::past) || is(W::to)) || !number(1)) return fail();
    return around(out, 15, is(W::to)) && (half(), true);
  }
  if (number() && !chinese_) {  // ten minutes to six
    const std::size_t words = is(W::unit, 1) && static_cast<Unit>(peek(1).value) == Unit::minute ? 2U : 1U;
    // "5 to 6pm" has two ends; "20 to six" and "ten to six" are clocks.
    const bool minutes_to = words == 2 || peek().digits == 0 || peek().value > 12;
    if ((is(W::past, words) || (is(W::to, words) && minutes_to)) && number(words + 1)) {
      const std::int64_t minutes = peek().value;
      at_ += words;
      return minutes < 60 && around(out, static_cast<int>(minutes), is(W::to)) && (half(), true);
    }
  }
  if (!number()) return fail();
  const Token hour = peek();
  if (hour.digits > 2) return fail();
  const bool zero = hour.zero && hour.digits == 2;
  // 18:00, 18:00:30
  if (is(W::colon, 1) && written(2, 2, 2)) {
    set(hour.value, peek(2).value, zero);
    at_ += 3;
    if (is(W::colon) && written(1, 2, 2)) {
      out.second = static_cast<int>(peek(1).value);
      at_ += 2;
      // Fractions of a second are no deadline's business.
      if (is(W::dot) && written(1, 1, 9)) at_ += 2;
    }
    half();
    return true;
  }
  // 8.30pm
  if (is(W::dot, 1) && written(2, 2, 2) && (is(W::am, 3) || is(W::pm, 3))) {
    set(hour.value, peek(2).value, zero);
    at_ += 3;
    return half();
  }
  // 18点, 5点半, 3点一刻, 8点15分, 6点差5分
  if (is(W::dian, 1) || is(W::shi, 1)) {
    set(hour.value, 0, zero);
    at_ += 2;
    take(W::whole);
    if (take(W::half)) {
      out.minute = 30;
    } else if (number() && is(W::quarter, 1)) {
      if (peek().value < 1 || peek().value > 3) return fail();
      out.minute = static_cast<int>(value()) * 15;
      ++at_;
    } else if (take(W::minus)) {
      if (!number()) return fail();
      out.before = static_cast<int>(std::min<std::int64_t>(value(), 99));
      if (take(W::quarter))
        out.before *= 15;
      else if (!take(W::minute))
        return fail();
    } else {
      const std::size_t before_minutes = at_;
      take(W::past);
      if (number() && peek().digits <= 2) {
        out.minute = static_cast<int>(std::min<std::int64_t>(value(), 99));
        const bool marked =
            take(W::minute) || (is(W::unit) && static_cast<Unit>(peek().value) == Unit::minute && take(W::unit));
        if (marked && number() && is(W::second, 1)) {
          out.second = static_cast<int>(std::min<std::int64_t>(value(), 99));
          ++at_;
        }
      } else {
        at_ = before_minutes;
      }
    }
    half();
    return true;
  }
  if (is(W::oclock, 1)) {
    set(hour.value, 0, false);
    at_ += 2;
    half();
    return true;
  }
  if (is(W::am, 1) || is(W::pm, 1)) {
    set(hour.value, 0, zero);
    ++at_;
    return half();
  }
  // eight forty pm
  if (hour.digits == 0 && number(1) && peek(1).digits == 0 && peek(1).value >= 10 && peek(1).value < 60 && !chinese_) {
    set(hour.value, peek(1).value, false);
    at_ += 2;
    half();
    return true;
  }
  // "by 4": a lone number is a clock only where something says so.
  if (lone_number) {
    set(hour.value, 0, zero);
    ++at_;
    return true;
  }
  return fail();
}

bool Parser::around(Clock& out, int minutes, bool to) {
  ++at_;
  if (!number() || peek().digits > 2) return false;
  out.hour = static_cast<int>(std::min<std::int64_t>(value(), 99));
  out.minute = to ? 0 : minutes;
  out.before = to ? minutes : 0;
  take(W::oclock);
  return true;
}

}  // namespace xieban::when
