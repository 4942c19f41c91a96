// Periods and what is counted in them: 下周, 12月底, Q4, end of next month, 12月第二个周三, last working day of the quarter.

#include "bot/core/clock/when_parser.hpp"

namespace xieban::when {

using Named = Period::Named;
using Slice = Period::Slice;

bool Parser::year_prefix(Period::Year& kind, std::int64_t& number_out) {
  if (is(W::year_of)) {
    kind = Period::Year::offset;
    number_out = value();
    return true;
  }
  if (number() && is(W::year, 1) && (peek().digits == 4 || peek().digits == 2)) {
    kind = Period::Year::number;
    number_out = peek().digits == 2 ? 2000 + peek().value : peek().value;
    at_ += 2;
    return true;
  }
  return false;
}

bool Parser::offset(std::int64_t& count) {
  bool found = false;
  for (count = 0; is(W::this_) || is(W::next) || is(W::last) || (found && is(W::coming)); ++at_) {
    found = true;
    if (is(W::next)) ++count;
    if (is(W::last)) --count;
  }
  if (found) take(W::ge);
  return found;
}

void Parser::slice(Period& out) {
  if (out.kind == Period::Kind::month) {
    take(W::fen);
    // 十二月月底
    if (is(W::month) && (is(W::end, 1) || is(W::early, 1) || is(W::mid, 1) || is(W::third, 1))) ++at_;
    const Slice thirds[] = {Slice::first, Slice::second, Slice::third};
    out.edged = true;
    if (is(W::third)) {
      out.slice = thirds[value() - 1];
    } else if (take(W::early)) {
      out.slice = Slice::early;
    } else if (take(W::mid)) {
      out.slice = Slice::middle;
    } else {
      out.edged = take(W::end);
    }
  } else if (out.kind == Period::Kind::year || out.kind == Period::Kind::quarter || out.kind == Period::Kind::half_year) {
    if (is(W::year) && (is(W::end, 1) || is(W::within, 1))) ++at_;  // 今年年底
    out.edged = take(W::end);
  }
  if (is(W::within)) out.edged = true;
}

bool Parser::chinese_period(Period& out) {
  const std::size_t from = at_;
  const auto is_kind = [&](Period::Kind kind, Named named, std::int64_t number) {
    out.kind = kind;
    out.named = named;
    out.value = number;
    slice(out);
    return true;
  };
  const bool year = year_prefix(out.year, out.year_value);
  if (is(W::half_year)) return is_kind(Period::Kind::half_year, Named::number, value());
  if (is(W::year) && is(W::mid, 1)) {
    at_ += 2;
    out.edged = true;
    return is_kind(Period::Kind::mid_year, Named::number, 0);
  }
  const bool nth = is(W::nth) && number(1);
  const std::size_t named = nth ? 1 : 0;
  if (number(named) && unit(Unit::quarter, named + 1)) {
    at_ += named;
    const std::int64_t which = value();
    ++at_;
    return is_kind(Period::Kind::quarter, Named::number, which);
  }
  if ((chinese_ || year) && is(W::q) && number(1)) {
    ++at_;
    return is_kind(Period::Kind::quarter, Named::number, value());
  }
  if (nth && is(W::week, 2)) {
    const std::int64_t which = peek(1).value;
    at_ += 3;
    return is_kind(Period::Kind::iso_week, Named::number, which);
  }
  if (number() && is(W::month, 1)) {
    const std::int64_t which = value();
    ++at_;
    return is_kind(Period::Kind::month, Named::number, which);
  }
  if (year) return is_kind(Period::Kind::year, Named::number, 0);
  std::int64_t count = 0;
  if (offset(count)) {
    const bool week = take(W::week);  // 本周周末 says it twice
    if (take(W::weekend)) return is_kind(Period::Kind::weekend, Named::offset, count);
    if (week) return is_kind(Period::Kind::week, Named::offset, count);
    if (take(W::month)) return is_kind(Period::Kind::month, Named::offset, count);
    if (unit(Unit::quarter)) return ++at_, is_kind(Period::Kind::quarter, Named::offset, count);
    if (take(W::year)) return is_kind(Period::Kind::year, Named::offset, count);
    return back(from);
  }
  const auto inside = [&](std::size_t ahead) { return is(W::end, ahead) || is(W::within, ahead); };
  const auto counted = [&](std::size_t ahead) { return is(W::nth, ahead) || is(W::final_, ahead) || is(W::first_, ahead); };
  if (take(W::weekend)) return is_kind(Period::Kind::weekend, Named::bare, 0);
  if (is(W::week) && is(W::within, 1)) return ++at_, is_kind(Period::Kind::week, Named::bare, 0);
  if (is(W::year) && inside(1)) return ++at_, is_kind(Period::Kind::year, Named::bare, 0);
  if (unit(Unit::quarter) && inside(1)) return ++at_, is_kind(Period::Kind::quarter, Named::bare, 0);
  if (is(W::month) && (inside(1) || counted(1) || is(W::early, 1) || is(W::mid, 1) || is(W::third, 1)))
    return ++at_, is_kind(Period::Kind::month, Named::bare, 0);
  if (is(W::third)) return is_kind(Period::Kind::month, Named::bare, 0);
  return back(from);
}

bool Parser::chinese_nth(Nth& out) {
  const std::size_t from = at_;
  if (take(W::final_)) {
    if (number() && peek().value == 1) ++at_;
  } else if (take(W::first_)) {
    out.number = 1;
  } else if (take(W::nth) && number()) {
    out.number = value();
    if (out.number < 1) return back(from);
  } else {
    return back(from);
  }
  take(W::ge);
  if (take(W::workday)) return true;
  out.weekday = chinese_weekday();
  return out.weekday.has_value() || back(from);
}

bool Parser::english_period(Period& out, bool of_something) {
  const std::size_t from = at_;
  take(W::the);
  if (is(W::eo)) {
    const auto which = static_cast<Unit>(value());
    out.kind = which == Unit::week      ? Period::Kind::week
               : which == Unit::month   ? Period::Kind::month
               : which == Unit::quarter ? Period::Kind::quarter
                                        : Period::Kind::year;
    out.edged = true;
    return true;
  }
  out.edged = take(W::end_of);
  take(W::the);
  const bool some = offset(out.value);
  if (some) out.named = Named::offset;
  const auto number_of = [&](Period::Kind kind, std::int64_t number_value) {
    out.kind = kind;
    out.named = Named::number;
    out.value = number_value;
    take(W::comma);
    take(W::of);
    if (written(0, 4, 4) && !is(W::colon, 1)) {
      out.year = Period::Year::number;
      out.year_value = value();
    }
    return true;
  };
  if (!some) {
    if (is(W::month_name)) {
      const std::int64_t which = value();
      take(W::dot);
      return number_of(Period::Kind::month, which);
    }
    if (is(W::q) && number(1)) {
      ++at_;
      return number_of(Period::Kind::quarter, value());
    }
    if (unit(Unit::week) && number(1) && peek(1).digits > 0) {
      ++at_;
      return number_of(Period::Kind::iso_week, value());
    }
    // 2027-W02
    if (written(0, 4, 4) && (is(W::dash, 1) || unit(Unit::week, 1))) {
      const std::size_t skip = is(W::dash, 1) ? 2 : 1;
      if (unit(Unit::week, skip) && written(skip + 1, 1, 2)) {
        out = {.kind = Period::Kind::iso_week,
               .named = Named::number,
               .value = peek(skip + 1).value,
               .year = Period::Year::number,
               .year_value = peek().value};
        at_ += skip + 2;
        return true;
      }
    }
    if (written(0, 4, 4) && is(W::q, 1) && written(2, 1, 1)) {  // 2027Q1
      out.year = Period::Year::number;
      out.year_value = value();
      ++at_;
      out.kind = Period::Kind::quarter;
      out.named = Named::number;
      out.value = value();
      return true;
    }
    if (written(0, 4, 4) && out.edged) {
      out.kind = Period::Kind::year;
      out.named = Named::number;
      out.year = Period::Year::number;
      out.year_value = value();
      return true;
    }
  }
  const bool bare_unit_will_do = some || out.edged || of_something;
  const bool ended = is(W::end, 1);  // month end
  if (take(W::weekend)) {
    out.kind = Period::Kind::weekend;
    return true;
  }
  if (!bare_unit_will_do && !ended) return back(from);
  if (unit(Unit::week))
    out.kind = Period::Kind::week;
  else if (unit(Unit::month))
    out.kind = Period::Kind::month;
  else if (is(W::quarter))
    out.kind = Period::Kind::quarter;
  else if (unit(Unit::year))
    out.kind = Period::Kind::year;
  else
    return back(from);
  ++at_;
  if (take(W::end)) out.edged = true;
  return true;
}

bool Parser::english_nth(Nth& out) {
  const std::size_t from = at_;
  take(W::the);
  if (is(W::ordinal)) {
    out.number = value();
  } else if (!take(W::last)) {
    return back(from);
  }
  if (is(W::weekday)) {
    out.weekday = static_cast<int>(value());
  } else if (is(W::business) && unit(Unit::day, 1)) {
    at_ += 2;
  } else if (!take(W::workday)) {
    return back(from);
  }
  return take(W::of) || take(W::in) || back(from);
}

bool Parser::period(Expression& out) {
  if (chinese_period(out.period)) {
    if (Nth nth; chinese_nth(nth)) out.nth = nth;
    return true;
  }
  out.period = {};
  Nth nth;
  if (english_nth(nth)) {
    out.nth = nth;
    return english_period(out.period, true);
  }
  take(W::in);
  return english_period(out.period, false);
}

}  // namespace xieban::when
