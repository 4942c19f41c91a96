#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <string_view>

#include "bot/core/clock/calendar.hpp"
#include "bot/core/words/phrase.hpp"

namespace xieban {
namespace {

using namespace std::chrono;

constexpr std::array<std::string_view, 7> zh_weekdays{"周日", "周一", "周二", "周三", "周四", "周五", "周六"};
constexpr std::array<std::string_view, 7> en_weekdays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> en_months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

std::string clock_text(TimePoint t, const Calendar& zone) {
  const int minute = zone.local_minute(t);
  return fmt::format("{:02}:{:02}", minute / 60, minute % 60);
}

/// At most two units, the larger first: "2 天 3 小时", "1 小时 36 分", "40 分", "20 秒". `day` is how long a day counts.
std::string units(Lang lang, std::int64_t ms, std::int64_t day, std::string_view day_name_zh, std::string_view day_name_en) {
  const bool zh = lang == Lang::zh;
  const std::int64_t minutes = ms / 60'000;
  const std::int64_t day_minutes = day / 60'000;
  // Of three days and more the rest is not said: then the nearest day is the truest.
  constexpr std::int64_t many = 3;
  const bool rounded = minutes >= many * day_minutes;
  const std::int64_t count = (minutes + (rounded ? day_minutes / 2 : 0)) / day_minutes;
  const std::int64_t rest = rounded ? 0 : minutes % day_minutes;
  std::string out;
  const auto add = [&](std::int64_t n, std::string_view zh_unit, std::string_view en_unit) {
    if (n == 0) return;
    if (!out.empty()) out += ' ';
    out += fmt::format("{} {}", n, zh ? zh_unit : en_unit);
  };
  if (count > 0) {
    add(count, day_name_zh, day_name_en);
    add(rest / 60, "小时", "h");
    return out;
  }
  add(rest / 60, "小时", "h");
  add(rest % 60, "分", "min");
  return out;
}

}  // namespace

std::string local_day(Lang lang, LocalDate date) {
  const unsigned m{date.month()};
  const unsigned d{date.day()};
  return lang == Lang::zh ? fmt::format("{}月{}日", m, d) : fmt::format("{} {}", d, en_months[m - 1]);
}

std::string local_time(Lang lang, TimePoint t, const Calendar& zone, TimePoint now) {
  const LocalDate date = zone.local_date(t);
  const bool other_year = date.year() != zone.local_date(now).year();
  const std::size_t on = weekday{sys_days{date}}.c_encoding();
  const int y{date.year()};
  const unsigned m{date.month()};
  const unsigned d{date.day()};
  if (lang == Lang::zh) {
    return fmt::format("{}{}月{}日 {} {}", other_year ? fmt::format("{}年", y) : std::string(), m, d, zh_weekdays[on],
                       clock_text(t, zone));
  }
  return fmt::format("{} {} {}{} {}", en_weekdays[on], d, en_months[m - 1], other_year ? fmt::format(" {}", y) : std::string(),
                     clock_text(t, zone));
}

std::string local_time_short(Lang lang, TimePoint t, const Calendar& zone, TimePoint now) {
  return zone.local_date(t) == zone.local_date(now) ? clock_text(t, zone) : local_time(lang, t, zone, now);
}

std::string time_left(Lang lang, TimePoint due, const Calendar& calendar, TimePoint now) {
  const bool zh = lang == Lang::zh;
  if (due == now) return zh ? "现在到期" : "due now";
  const bool late = due < now;
  std::int64_t left = calendar.between(late ? due : now, late ? now : due).count();
  const bool every_hour = calendar.between(now, now + days{7}) == days{7};
  // Between two working times nothing is left to work, but the date is still ahead: then real time is what counts.
  const bool working = left > 0 && !every_hour;
  if (left == 0) left = (late ? now - due : due - now).count();
  const std::int64_t usual = Duration{calendar.usual_day()}.count();
  const std::int64_t day = working && usual > 0 ? usual : Duration{days{1}}.count();
  if (left < 60'000) {
    if (zh) return late ? "已逾期不到 1 分钟" : "还有不到 1 分钟";
    return late ? "less than 1 min overdue" : "less than 1 min left";
  }
  // What is left is rounded up, so that a time that was just set does not look shorter a second later.
  constexpr std::int64_t minute = 60'000;
  if (!late) left = (left + minute - 1) / minute * minute;
  const bool one = left < 2 * day;
  const std::string text = units(lang, left, day, working ? "个工作日" : "天",
                                 working ? (one ? "working day" : "working days") : (one ? "day" : "days"));
  if (zh) return (late ? "已逾期 " : "还有 ") + text;
  return text + (late ? " overdue" : " left");
}

std::string span(Lang lang, Duration duration) {
  const std::int64_t ms =
      duration.count() < 0 ? -std::max(duration.count(), -std::numeric_limits<std::int64_t>::max()) : duration.count();
  if (ms < 60'000) return fmt::format("{} {}", ms / 1000, lang == Lang::zh ? "秒" : "s");
  const std::int64_t minutes = ms / 60'000;
  const bool zh = lang == Lang::zh;
  const auto pair = [&](std::int64_t a, std::string_view a_unit, std::int64_t b, std::string_view b_unit) {
    return b == 0 ? fmt::format("{} {}", a, a_unit) : fmt::format("{} {} {} {}", a, a_unit, b, b_unit);
  };
  if (minutes >= 24 * 60) return pair(minutes / (24 * 60), zh ? "天" : "d", minutes / 60 % 24, zh ? "小时" : "h");
  if (minutes >= 60) return pair(minutes / 60, zh ? "小时" : "h", minutes % 60, zh ? "分" : "min");
  return fmt::format("{} {}", minutes, zh ? "分" : "min");
}

}  // namespace xieban
