// Festivals and named days: 国庆前, 春节后第三个工作日, the day before National Day, 双十一, Christmas.

#include "bot/core/clock/when_parser.hpp"

namespace xieban::when {

bool Parser::festival_name(Festival& out) {
  const std::size_t from = at_;
  const bool year = year_prefix(out.year, out.year_value);
  // 年前, 年后: before and after Spring Festival
  if (!year && is(W::year) && (is(W::before, 1) || is(W::after, 1))) {
    ++at_;
    out.kind = Festival::Kind::named;
    out.value = 1;
    return true;
  }
  take(W::the);
  if (is(W::festival)) {
    out.kind = Festival::Kind::named;
    out.value = value();
  } else if (is(W::solar_day)) {
    out.kind = Festival::Kind::solar;
    out.value = value();
  } else if (take(W::any_festival)) {
    out.kind = Festival::Kind::any;
  } else if (written(0, 3, 3) && peek().value == 618) {
    out.kind = Festival::Kind::solar;
    out.value = value();
  } else {
    return back(from);
  }
  take(W::holiday);
  // Christmas 2027
  const std::size_t year_at = is(W::comma) ? 1 : 0;
  if (!year && !chinese_ && written(year_at, 4, 4) && !is(W::colon, year_at + 1)) {
    at_ += year_at;
    out.year = Period::Year::number;
    out.year_value = value();
  }
  return true;
}

bool Parser::chinese_side(Festival& out) {
  const std::size_t from = at_;
  if (is(W::before) && peek().value == 0) {
    ++at_;
    out.side = Festival::Side::before;
    if (number() && peek().value == 1 && is(W::tian, 1)) {
      at_ += 2;
      out.side = Festival::Side::eve;
    } else if (is(W::final_)) {
      Nth nth;
      return chinese_nth(nth) && !nth.weekday;
    }
  } else if (take(W::after)) {
    if (out.kind == Festival::Kind::solar) return back(from);
    out.side = Festival::Side::after;
    if (is(W::nth) || is(W::first_)) {
      Nth nth;
      if (!chinese_nth(nth) || nth.weekday) return false;
      out.number = nth.number;
    }
  }
  return true;
}

void Parser::english_side(Festival& out) {
  const std::size_t from = at_;
  if (take(W::day_before)) {
    out.side = Festival::Side::eve;
    return;
  }
  take(W::the);
  std::int64_t count = 1;
  const bool counted = is(W::ordinal) || is(W::last);
  const bool last = is(W::last);
  if (counted) {
    count = is(W::ordinal) ? peek().value : 1;
    ++at_;
    if (is(W::business) && unit(Unit::day, 1)) {
      at_ += 2;
    } else if (!take(W::workday)) {
      at_ = from;
      return;
    }
  }
  if (!last && take(W::after)) {
    out.side = Festival::Side::after;
    out.number = count;
  } else if ((last || !counted) && is(W::before) && peek().value == 1) {
    ++at_;
    out.side = Festival::Side::before;
  } else {
    at_ = from;
  }
}

bool Parser::festival(Expression& out) {
  Festival& f = out.festival;
  english_side(f);
  if (!festival_name(f)) return false;
  if (f.side != Festival::Side::self) return f.side != Festival::Side::after || f.kind != Festival::Kind::solar;
  return chinese_side(f);
}

}  // namespace xieban::when
