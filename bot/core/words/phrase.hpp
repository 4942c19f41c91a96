#pragma once
// Wording. Domain code names a phrase and its arguments; the catalogue of a language turns it into text.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bot/base/time.hpp"

namespace xieban {

class Calendar;

enum class Lang { zh, en };

/// A catalogue key and its arguments. Arguments are plain text, put in literally; adapters escape what they render.
struct Phrase {
  std::string key;
  std::vector<std::pair<std::string, std::string>> args;

  Phrase() = default;
  explicit Phrase(std::string k) : key(std::move(k)) {}
  Phrase(std::string k, std::vector<std::pair<std::string, std::string>> a) : key(std::move(k)), args(std::move(a)) {}
  friend bool operator==(const Phrase&, const Phrase&) = default;
};

/// Text of a phrase. A key that is missing in `lang` falls back to zh; a key that is missing there throws
/// std::logic_error, and a test walks every key that the code names.
std::string say(Lang, const Phrase&);
std::string say(Lang, std::string_view key);
/// Whether there is a text for this key, for keys that are made from data.
bool has_phrase(std::string_view key);
/// For the tests: all keys of a language.
std::vector<std::string_view> phrase_keys(Lang);

/// "11月27日 周五 18:00", with the year when it is not this year's; "今天"/"明天" are not used: dates stay true.
std::string local_time(Lang, TimePoint, const Calendar& zone, TimePoint now);
/// "11月27日", "27 Nov": the local date without the year.
std::string local_day(Lang, std::chrono::year_month_day);
/// "18:00" of the same local date, else as above.
std::string local_time_short(Lang, TimePoint, const Calendar& zone, TimePoint now);
/// "还有 5 个工作日" / "还有 3 小时 20 分" / "已逾期 40 分"; working time on the calendar given.
std::string time_left(Lang, TimePoint due, const Calendar&, TimePoint now);
/// "1 小时 36 分", "2 天 3 小时".
std::string span(Lang, Duration);

}  // namespace xieban
