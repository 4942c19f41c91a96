#pragma once
// The words of the deadline language: what a text is made of before anybody asks what it means. Private to parse_due.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace xieban::when {

enum class Part : std::uint8_t { none, small_hours, early, morning, noon, afternoon, dusk, evening, night };

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
  day,          // value: days from today (今天, tomorrow)
  year_of,      // 今年 0, 明年 1, 后年 2
  week,         // 周 and its kin
  weekday,      // Friday (value 0 = Monday)
  month_name,   // December (value 12)
  this_,        // 本, this
  next,         // 下, next
  last,         // 上, last
  coming,       // coming
  year,         // 年
  month,        // 月
  hao,          // 号
  ri,           // 日
  tian,         // 天
  ge,           // 个
  dian,         // 点
  shi,          // 时
  whole,        // 整, 钟
  half,         // 半
  quarter,      // 刻, quarter
  minute,       // 分
  second,       // 秒
  minus,        // 差
  past,         // 过, past
  part,         // value: a Part
  am,           //
  pm,           //
  day_end,      // 下班, eod
  day_start,    // 上班, sod
  unit,         // value: a Unit
  workday,      // 工作日
  natural_day,  // 自然日
  workhour,     // 工作小时
  business,     // business, working
  calendar_word,
  half_day,
  before,     // 前; value 1: English "before", which excludes
  within,     // 内
  after,      // 后
  start,      // 起, 从, since
  pass,       // 再过
  future,     // 未来, within
  later,      // later, from now
  ago,        // ago
  in,         // in
  also,       // 又, and
  to,         // value 1: 到, 至, which may also stand before everything
  until,      // until, till
  at,         // at
  on,         // on
  of,         // of
  the,        // the
  t,          // T+3, T18:00
  oclock,     // o'clock
  by,         // by
  lead,       // 截止, due: stands before everything; value 1: or behind
  tail,       // 完成, sharp: stands behind everything
  about,      // 大约, -ish
  nth,        // 第
  final_,     // 最后
  first_,     // 首
  end,        // 底, 末, end
  early,      // 初
  third,      // 上旬 1, 中旬 2, 下旬 3
  mid,        // 中
  fen,        // 份
  weekend,    // 周末
  q,          // Q4
  half_year,  // 上半年 1, 下半年 2
  end_of,     // end of
  eo,         // eow; value: a Unit
  festival,   // value: index of festival_names
  any_festival,
  solar_day,   // value: month * 100 + day
  holiday,     // 假期
  day_before,  // the day before
  vague,
  vague_number,
  recurring,
  lunar,
  zone,  // value: minutes ahead of UTC
  foreign_zone
};
enum class Unit : std::uint8_t { second, minute, quarter_hour, hour, day, week, month, quarter, year };

struct Token {
  W kind = W::unknown;
  std::int64_t value = 0;
  std::uint8_t digits = 0;  // of a number written in digits: how many; 0: in words
  bool zero = false;        // written with a leading zero
  bool spaced = false;      // white space before it
  std::size_t from = 0;     // where it begins in the text, bytes
};
using Tokens = std::vector<Token>;

/// As the holiday data calls them; a token's value is the index.
inline constexpr std::string_view festival_names[] = {"元旦", "春节", "清明节", "劳动节", "端午节", "中秋节", "国庆节"};

/// The expression without what stands around it.
struct Wrapped {
  Tokens rest;
  bool bound = false;        // something like "by" stood before it
  bool exclusive = false;    // "before", "prior to"
  bool approximate = false;  // "about", 左右
  std::optional<int> zone;   // minutes ahead of UTC
};

/// Folded, traditional characters made simplified, quotes and closing marks dropped.
std::string normal_form(std::string_view text);
bool has_chinese(std::string_view text);
/// In one pass over the text, longest word first; what is no word is one unknown token.
Tokens tokens(std::string_view text);
Wrapped unwrap(const Tokens&);

}  // namespace xieban::when
