#pragma once
// The words of the deadline language: what a text is made of before anybody asks what it means. Private to parse_due.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace xieban::when {

enum class Part { none, small_hours, early, morning, noon, afternoon, dusk, evening, night };

enum class W : std::uint8_t {
  unknown,  // no word of this language
  number,
  ordinal,
  colon,
  slash,
  dash,
  dot,
  comma,
  open,
  close,
  plus,
  tilde,
  day,      // value: days from today (今天, tomorrow)
  year_of,  // 今年 0, 明年 1, 后年 2
  week,
  weekday,     // 周; Friday (value 0 = Monday)
  month_name,  // December (value 12)
  this_,
  next,
  last,
  coming,
  year,
  month,
  hao,
  ri,
  tian,
  ge,
  dian,
  shi,
  whole,  // 点, 时, 整
  half,
  quarter,
  minute,
  second,
  minus,
  past,  // 半 刻 分 秒 差 过
  part,
  am,
  pm,
  day_end,
  day_start,
  unit,  // value: a Unit
  workday,
  natural_day,
  workhour,
  business,
  calendar_word,
  half_day,
  before,
  within,
  after,
  start,
  pass,
  future,
  later,
  ago,
  in,
  also,
  to,
  at,
  on,
  of,
  the,
  t,
  z,
  oclock,
  by,
  vague,
  vague_number,
  recurring,
  lunar,
  zone,
  foreign_zone
};
enum class Unit { second, minute, quarter_hour, hour, day, week, month, quarter, year };

struct Token {
  W kind = W::unknown;
  std::int64_t value = 0;
  std::uint8_t digits = 0;  // of a number written in digits: how many; 0: in words
  bool zero = false;        // written with a leading zero
  bool spaced = false;      // white space before it
};

/// What was taken off around the expression, and what is left of it.
struct Wrapped {
  std::string rest;
  bool bound = false;      // something like "by" stood before it
  bool exclusive = false;  // "before", "prior to"
  bool approximate = false;
};

/// Folded, traditional characters and English phrases made one form, closing marks dropped.
std::string normal_form(std::string_view text);
bool has_chinese(std::string_view text);
Wrapped unwrap(std::string text);
/// At most 64 tokens; what is longer gets an unknown token at its end.
std::vector<Token> tokens(std::string_view text);

}  // namespace xieban::when
