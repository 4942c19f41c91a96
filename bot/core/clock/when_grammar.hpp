#pragma once
// The shape of a deadline: which date, which clock, which span. Says nothing about whether they exist. Private to parse_due.

#include <cstdint>
#include <optional>
#include <vector>

#include "bot/core/clock/when_words.hpp"

namespace xieban::when {

struct Clock {
  enum class Kind { none, time, part, day_end, day_start } kind = Kind::none;
  int hour = 0, minute = 0, second = 0;
  bool zero = false;  // written with a leading zero
  int before = 0;     // 差一刻: minutes before hour:minute
  Part part = Part::none;
  enum class Half { none, am, pm } half = Half::none;
};

struct Date {
  enum class Kind {
    none,
    relative,      // a: days from today
    bare_weekday,  // a: 0 = Monday
    week_weekday,  // a: weekday, b: weeks from this one
    day_of_month,  // a: day
    month_offset,  // a: day, b: months from this one
    month_day,     // a: month, b: day
    year_offset,   // a: month, b: day, c: years from this one
    full,          // a: month, b: day, c: year
    next_workday,
    ambiguous  // a, b, c as written, the year last
  } kind = Kind::none;
  std::int64_t a = 0, b = 0, c = 0;
  std::optional<int> weekday;  // written next to it
  bool says_next = false;      // English "next Friday": people disagree
};

/// Parts of a second kind keep their own meaning: "half a day" is half a working day.
struct Span {
  std::int64_t months = 0, days = 0, ms = 0;
  bool fractional = false;                    // fractional days
  bool natural = false;                       // 自然日: never moved
  std::optional<std::int64_t> workdays_half;  // 工作日 in halves
  std::optional<std::int64_t> work_ms;        // working hours
  bool half_day = false;
  bool empty_days() const { return months == 0 && days == 0; }
};

/// A stretch of dates, meant by its last working date.
struct Period {
  enum class Kind { none, week, iso_week, weekend, month, quarter, half_year, mid_year, year } kind = Kind::none;
  /// bare: 月底, 周末; offset: 本月, next quarter; number: 12月, Q4.
  enum class Named { bare, offset, number } named = Named::bare;
  std::int64_t value = 0;  // periods from this one, or its number
  enum class Year { none, offset, number } year = Year::none;
  std::int64_t year_value = 0;
  /// Of a month: days 1-5, 1-10, 11-20, 21 to the end, the 15th itself.
  enum class Slice { whole, early, first, second, third, middle } slice = Slice::whole;
  bool edged = false;  // 底, 末, "end of": 前 behind it changes nothing
};
/// 第二个周三, 最后一个工作日 of a period.
struct Nth {
  std::int64_t number = 0;     // 0: the last
  std::optional<int> weekday;  // nullopt: working dates
};
/// A public holiday, or a day that has a name and no time off.
struct Festival {
  enum class Kind { none, named, any, solar } kind = Kind::none;
  std::int64_t value = 0;  // index of festival_names, or month * 100 + day
  Period::Year year = Period::Year::none;
  std::int64_t year_value = 0;
  enum class Side { self, before, eve, after } side = Side::self;  // eve: the day before
  std::int64_t number = 1;                                         // after: which working date
};

enum class Suffix { none, before, within, after };

struct Expression {
  enum class Kind { moment, span, period, festival } kind = Kind::moment;
  Date date;
  Period period;
  std::optional<Nth> nth;  // of the period
  Festival festival;
  Clock clock;
  Span span;           // of a span; with a clock: the date that many days ahead
  bool point = false;  // 后, in, later
  bool ago = false;
  bool from_tomorrow = false;
  Suffix suffix = Suffix::none;
};

/// nullopt: the text as a whole has no such shape. `after_bound`: "by" stood before it, so a lone number is a clock.
std::optional<Expression> parse(const Tokens&, bool after_bound, bool chinese);

}  // namespace xieban::when
