// Dates, clocks and lengths as people read them.

#include <fmt/format.h>

#include "bot/base/text.hpp"
#include "bot/core/clock/when_resolver.hpp"

namespace xieban::when {

using namespace std::chrono;

namespace {

constexpr std::array<std::string_view, 7> zh_days{"周一", "周二", "周三", "周四", "周五", "周六", "周日"};
constexpr std::array<std::string_view, 7> en_days{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
constexpr std::array<std::string_view, 7> en_full_days{"Monday", "Tuesday",  "Wednesday", "Thursday",
                                                       "Friday", "Saturday", "Sunday"};

}  // namespace

std::string Resolver::shown() const {
  constexpr std::size_t most_bytes = 400, most_columns = 40;
  return text::clip_width(text::plain(text::clip_bytes(text::repair(typed_), most_bytes)), most_columns);
}

std::string Resolver::iso(sys_days day) {
  const year_month_day date{day};
  return fmt::format("{:04}-{:02}-{:02}", int{date.year()}, unsigned{date.month()}, unsigned{date.day()});
}
std::string Resolver::clock_text(TimePoint t) const {
  const int minute = office_.local_minute(t);
  const auto second = floor<seconds>(t.time_since_epoch()).count() % 60;
  return second == 0 ? fmt::format("{:02}:{:02}", minute / 60, minute % 60)
                     : fmt::format("{:02}:{:02}:{:02}", minute / 60, minute % 60, second);
}
std::string Resolver::date_and_clock(TimePoint t) const {
  const sys_days day{office_.local_date(t)};
  return zh() ? fmt::format("{}（{}）{}", iso(day), zh_days[weekday_index(day)], clock_text(t))
              : fmt::format("{} ({}) {}", iso(day), en_days[weekday_index(day)], clock_text(t));
}
std::string Resolver::day_name(int index) const {
  return std::string((zh() ? zh_days : en_full_days)[static_cast<std::size_t>(index)]);
}
std::string Resolver::before_text(sys_days day) const {
  return zh() ? fmt::format("{} 之前，不含当日", iso(day)) : fmt::format("before {}", iso(day));
}

std::string Resolver::clock_suffix(const Clock& clock) const {
  if (clock.kind == Clock::Kind::day_end) return zh() ? "下班前" : " eod";
  if (clock.kind != Clock::Kind::time && clock.kind != Clock::Kind::part) return {};
  const Reading reading = read(clock);
  if (!reading.valid || reading.minute >= 24 * 60) return {};
  return fmt::format("{}{:02}:{:02}", zh() ? "" : " ", reading.minute / 60, reading.minute % 60);
}

std::string Resolver::span_text(const Expression& e) const {
  const Span& s = e.span;
  std::string out;
  const auto add = [&](std::int64_t n, std::string_view zh_unit, std::string_view en_unit) {
    if (n == 0) return;
    if (!out.empty() && !zh()) out += ' ';
    out += zh() ? fmt::format("{}{}", n, zh_unit) : fmt::format("{} {}{}", n, en_unit, n == 1 ? "" : "s");
  };
  if (s.half_day) return zh() ? "半个工作日" : "half a working day";
  if (s.workdays_half) {
    const std::int64_t n = *s.workdays_half;
    const std::string count = n % 2 == 0 ? std::to_string(n / 2) : fmt::format("{}.5", n / 2);
    return zh() ? count + "个工作日" : count + (n == 2 ? " business day" : " business days");
  }
  const std::int64_t ms = s.work_ms.value_or(s.ms);
  add(s.months, "个月", "month");
  add(s.days, s.natural ? "个自然日" : "天", s.natural ? "calendar day" : "day");
  add(ms / 3'600'000, s.work_ms ? "个工作小时" : "小时", s.work_ms ? "working hour" : "hour");
  add(ms / 60'000 % 60, "分钟", "minute");
  add(ms / 1000 % 60, "秒", "second");
  if (in_working_time(e)) out += zh() ? "（工作时间）" : " of working time";
  return out;
}

}  // namespace xieban::when
