#pragma once
// Reads the shape of a deadline from its words: one cursor over the tokens, one method per construct, every construct
// either taken whole or not at all. Private to when_grammar.cpp and the files of its parts.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "bot/core/clock/when_grammar.hpp"

namespace xieban::when {

constexpr std::int64_t second_ms = 1000, minute_ms = 60 * second_ms, hour_ms = 60 * minute_ms, day_ms = 24 * hour_ms;
constexpr std::int64_t most = 100'000;  // of any unit: beyond every deadline, far from overflow

class Parser {
 public:
  Parser(const Tokens& all, bool after_bound, bool chinese)
      : all_(all), after_bound_(after_bound), chinese_(chinese), end_(all.size()) {}
  std::optional<Expression> run();

 private:
  // ---- tokens ----

  [[nodiscard]] const Token& peek(std::size_t ahead = 0) const {
    static const Token none;
    return at_ + ahead < end_ ? all_[at_ + ahead] : none;
  }
  [[nodiscard]] bool is(W kind, std::size_t ahead = 0) const { return at_ + ahead < end_ && all_[at_ + ahead].kind == kind; }
  bool take(W kind) {
    if (!is(kind)) return false;
    ++at_;
    return true;
  }
  [[nodiscard]] bool number(std::size_t ahead = 0) const { return is(W::number, ahead); }
  [[nodiscard]] bool written(std::size_t ahead, int least, int largest) const {
    return number(ahead) && peek(ahead).digits >= least && peek(ahead).digits <= largest;
  }
  std::int64_t value() { return all_[at_++].value; }
  [[nodiscard]] bool unit(Unit which, std::size_t ahead = 0) const {
    return is(W::unit, ahead) && static_cast<Unit>(peek(ahead).value) == which;
  }
  /// The cursor back where a construct began that is none.
  bool back(std::size_t to) {
    at_ = to;
    return false;
  }
  void separators();

  // ---- spans ----

  /// T+3.
  bool t_plus(Expression& out);
  /// 1, 1.5, 半, two and a half, times 100: so that 1.5 stays exact.
  struct Amount {
    std::int64_t hundredths = 0;
    bool whole() const { return hundredths % 100 == 0; }
  };
  std::optional<Amount> amount();
  /// One amount with its unit.
  bool piece(Span& out);
  static bool milliseconds(Span& out, std::int64_t hundredths, std::int64_t unit) {
    out.ms += hundredths * unit / 100;
    return true;
  }
  static bool days(Span& out, Amount count, std::int64_t unit);
  static bool months(Span& out, Amount count, std::int64_t unit);
  static bool calendar_days(Span& out, Amount count) {
    out.natural = true;
    return count.whole() && days(out, count, 1);
  }
  static bool workdays(Span& out, std::int64_t hundredths) {
    if (hundredths % 50 != 0 || out.workdays_half) return false;
    out.workdays_half = hundredths / 50;
    return true;
  }
  static bool work_hours(Span& out, std::int64_t hundredths) {
    out.work_ms = out.work_ms.value_or(0) + hundredths * hour_ms / 100;
    return true;
  }
  static bool half_day(Span& out) {
    out.half_day = true;
    return true;
  }
  /// Units that add up: 1天2小时.
  bool pieces(Span& out);
  bool span(Expression& out);
  /// 3天后下午3点: a date counted from today, with a clock.
  bool span_then_clock(Expression& out);
  /// 前, 内 or 后 behind everything.
  void suffix(Expression& out);

  // ---- dates ----

  /// 周三, 星期天; 1 to 7.
  std::optional<int> chinese_weekday();
  /// 本周三, 下下周一, 下周的周五, 周五; this Friday, next week on Friday, Friday of next week.
  bool week_date(Date& out);
  static bool week_result(Date& out, int day, int weeks, bool named, bool says_next) {
    out.kind = named ? Date::Kind::week_weekday : Date::Kind::bare_weekday;
    out.a = day;
    out.b = weeks;
    out.says_next = says_next;
    return true;
  }
  /// 下个月15号, 明年3月1日, 2026年12月10日, 12月10日, 15号.
  bool month_date(Date& out);
  void day_mark() {
    if (!take(W::hao)) take(W::ri);
  }
  /// Dec 10, 10 Dec 2026, the 15th, 2nd of next month.
  bool english_date(Date& out);
  /// 20261210, 2026-12-10, 12/10, 12/25/2026.
  bool numeric_date(Date& out);
  bool plain_date(Date& out);
  /// A date, perhaps with its week day before or after it, perhaps in parentheses.
  bool date(Date& out);

  // ---- clocks ----

  /// A day part, a time or both; `lone_number`: a number alone is a time.
  bool clock(Clock& out, bool lone_number);
  bool time(Clock& out, bool lone_number);
  /// "ten past six", "a quarter to six": the cursor is on past or to.
  bool around(Clock& out, int minutes, bool to);

  // ---- periods ----

  bool period(Expression& out);
  bool chinese_period(Period& out);
  /// 明年, 2026年 before something else.
  bool year_prefix(Period::Year& kind, std::int64_t& number);
  /// 本, 下下个, next: how many periods from this one.
  bool offset(std::int64_t& count);
  void slice(Period& out);
  bool chinese_nth(Nth& out);
  /// `of_something`: an ordinal stands before it, so a unit alone will do: the last working day of the quarter.
  bool english_period(Period& out, bool of_something);
  bool english_nth(Nth& out);

  // ---- festivals ----

  bool festival(Expression& out);
  bool festival_name(Festival& out);
  bool chinese_side(Festival& out);
  /// "after", "the day before", "first working day after" in front of a festival.
  void english_side(Festival& out);

  // ---- moments ----

  bool target(Expression& out, Expression::Kind);
  bool target_first(Expression& out, Expression::Kind);
  bool clock_first(Expression& out, Expression::Kind);
  bool clock_only(Expression& out);

  const Tokens& all_;
  bool after_bound_, chinese_;
  bool led_ = false;  // a word before the span says that it is one
  std::size_t at_ = 0, end_;
};

}  // namespace xieban::when
