#include "bot/core/clock/when.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "bot/base/text.hpp"
#include "bot/core/clock/when_grammar.hpp"
#include "bot/core/clock/when_hours.hpp"
#include "bot/core/clock/when_words.hpp"

// Words (when_words) -> shape (when_grammar) -> instant, here. The order of the checks and every meaning follow the
// specification of deadline expressions; whatever has no shape is `unrecognized`, never a guess.

namespace xieban {
namespace {

using namespace std::chrono;
using when::Clock;
using when::Date;
using when::Expression;
using when::Reading;
using when::Span;
using when::Suffix;
using when::W;

using Answer = std::expected<Due, WhenError>;

constexpr std::size_t longest = 200;  // bytes; nobody writes a deadline that long
constexpr auto farthest = days{1096};
constexpr std::array<std::string_view, 7> zh_days{"周一", "周二", "周三", "周四", "周五", "周六", "周日"};
constexpr std::array<std::string_view, 7> en_days{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
constexpr std::array<std::string_view, 7> en_full_days{"Monday", "Tuesday",  "Wednesday", "Thursday",
                                                       "Friday", "Saturday", "Sunday"};

unsigned weekday_index(sys_days day) { return weekday{day}.iso_encoding() - 1; }

/// Everything one call knows.
class Resolver {
 public:
  Resolver(const Calendar& office, TimePoint now, bool urgent, Lang lang)
      : office_(office), now_(now), urgent_(urgent), lang_(lang), today_(sys_days{office.local_date(now)}) {}

  Answer resolve(std::string_view text, bool may_suggest) {
    may_suggest_ = may_suggest;
    typed_ = std::string(text::trim(text));
    if (text.size() > longest) return unrecognized();
    const std::string form = when::normal_form(text);
    if (form.empty())
      return error("empty", zh() ? "请写截止时间，例如 明天18:00" : "Write a deadline, e.g. tomorrow 18:00",
                   {tomorrow_text(), after_days_text()});
    const bool chinese =
        when::has_chinese(form) || (zh() && std::ranges::none_of(form, [](char c) { return c >= 'a' && c <= 'z'; }));
    const when::Wrapped wrapped = when::unwrap(form);
    approximate_ = wrapped.approximate;
    exclusive_ = wrapped.exclusive;
    const std::vector<when::Token> all = when::tokens(wrapped.rest);
    if (auto refused = refused_words(all)) return *refused;
    const auto parsed = when::parse(all, wrapped.bound, chinese);
    if (!parsed) return shapeless(all, chinese);
    return parsed->kind == Expression::Kind::span ? span(*parsed) : moment(*parsed);
  }

 private:
  [[nodiscard]] bool zh() const { return lang_ == Lang::zh; }

  // ---- errors ----

  std::unexpected<WhenError> error(std::string kind, std::string message, std::vector<std::string> suggestions = {}) {
    // A suggestion is sent as it is, so it must be readable, and now.
    std::vector<std::string> good;
    for (std::string& one : suggestions) {
      if (!may_suggest_ || good.size() == 2) break;
      if (one.empty() || std::ranges::find(good, one) != good.end()) continue;
      if (Resolver(office_, now_, urgent_, lang_).resolve(one, false)) good.push_back(std::move(one));
    }
    return std::unexpected(WhenError{std::move(kind), std::move(message), std::move(good)});
  }
  std::unexpected<WhenError> unrecognized() {
    const std::string shown = text::clip_width(text::plain(text::repair(typed_)), 40);
    return error(
        "unrecognized",
        zh() ? fmt::format("看不懂“{}”，可以写 12月10日18:00、下周三、3个工作日内", shown)
             : fmt::format("Cannot read “{}”. Write for example Dec 10 18:00, next Wednesday or 3 business days", shown),
        {tomorrow_text(), after_days_text()});
  }
  std::unexpected<WhenError> past(TimePoint due, std::vector<std::string> suggestions) {
    suggestions.push_back(tomorrow_text());
    suggestions.push_back(after_days_text());
    return error("past",
                 fmt::format("{}", zh() ? fmt::format("截止时间 {} 已经过去", date_and_clock(due))
                                        : fmt::format("The deadline {} is in the past", date_and_clock(due))),
                 std::move(suggestions));
  }
  std::unexpected<WhenError> no_such_date() {
    return error("invalid_date",
                 zh() ? fmt::format("没有这一天：{}（数字按 月/日 读）", shown())
                      : fmt::format("No such date: {} (numbers are read month/day)", shown()),
                 {tomorrow_text(), after_days_text()});
  }
  std::unexpected<WhenError> no_such_time() {
    return error("invalid_time", zh() ? fmt::format("没有这个时间：{}", shown()) : fmt::format("No such time: {}", shown()),
                 {tomorrow_text(), after_days_text()});
  }
  std::unexpected<WhenError> too_far(const std::string& this_year, const std::string& next_year) {
    return error("too_far", zh() ? "超过三年了，年份写错了吗？" : "That is more than three years ahead. Is the year right?",
                 {this_year, next_year});
  }
  [[nodiscard]] std::string shown() const { return text::clip_width(text::plain(typed_), 40); }
  [[nodiscard]] std::string tomorrow_text() const { return zh() ? "明天18:00" : "tomorrow 18:00"; }
  [[nodiscard]] std::string today_text() const { return zh() ? "今天18:00" : "today 18:00"; }
  [[nodiscard]] std::string after_days_text() const { return zh() ? "3个工作日内" : "3 business days"; }

  /// Words that decide on their own, in the order of the specification.
  std::optional<Answer> refused_words(const std::vector<when::Token>& all) {
    const auto has = [&](W kind) {
      return std::ranges::any_of(all, [&](const when::Token& token) { return token.kind == kind; });
    };
    const std::string text = shown();
    if (has(W::vague))
      return error("vague", zh() ? fmt::format("“{}”没有具体时间", text) : fmt::format("“{}” names no time", text),
                   {today_text(), tomorrow_text(), after_days_text()});
    if (has(W::foreign_zone))
      return error("timezone", zh() ? "请写 UTC 偏移，例如 18:00+09:00" : "Write the offset from UTC, e.g. 18:00+09:00",
                   {tomorrow_text()});
    if (has(W::vague_number))
      return error("vague", zh() ? fmt::format("“{}”没有具体时间", text) : fmt::format("“{}” names no time", text),
                   {today_text(), tomorrow_text(), after_days_text()});
    if (has(W::recurring))
      return error("recurrence", zh() ? "截止时间只能是一次" : "A deadline happens once", {tomorrow_text(), after_days_text()});
    if (has(W::lunar))
      return error("lunar", zh() ? "请写公历日期" : "Write the date in the solar calendar",
                   {tomorrow_text(), after_days_text()});
    return std::nullopt;
  }

  /// No single deadline has this shape; perhaps it is two, or a beginning.
  std::unexpected<WhenError> shapeless(const std::vector<when::Token>& all, bool chinese) {
    const std::vector<when::Token> none;
    const auto part = [&](std::size_t from, std::size_t to) {
      return when::parse(std::vector<when::Token>(all.begin() + static_cast<std::ptrdiff_t>(from),
                                                  all.begin() + static_cast<std::ptrdiff_t>(to)),
                         true, chinese);
    };
    for (std::size_t i = 1; i + 1 < all.size(); ++i) {
      const W kind = all[i].kind;
      if (kind != W::to && kind != W::tilde && kind != W::dash && kind != W::start) continue;
      const bool number_first = all[i - 1].kind == W::number && i == 1;
      if (part(i + 1, all.size()) && (number_first || part(0, i))) {
        return error("range",
                     zh() ? fmt::format("“{}”有两头，只要一个截止时间", shown())
                          : fmt::format("“{}” has two ends; write one deadline", shown()),
                     {range_end()});
      }
    }
    const bool begins = !all.empty() && (all.back().kind == W::after || all.back().kind == W::start);
    const bool led = !all.empty() && (all.front().kind == W::after || all.front().kind == W::start);
    if ((begins && part(0, all.size() - 1)) || (led && part(1, all.size()))) {
      std::string bare = typed_;
      for (const std::string_view word : {"以后", "之后", "过后", "开始", "后", "起"}) {
        if (bare.ends_with(word)) {
          bare.erase(bare.size() - word.size());
          break;
        }
      }
      for (const std::string_view word : {"after ", "since ", "from "}) {
        if (text::fold(bare).starts_with(word)) bare.erase(0, word.size());
      }
      return error("not_deadline",
                   zh() ? fmt::format("“{}”是开始时间", shown()) : fmt::format("“{}” is a start, not a deadline", shown()),
                   {chinese ? bare + "前" : "by " + bare, tomorrow_text()});
    }
    return unrecognized();
  }

  /// The text behind the last word of a range.
  [[nodiscard]] std::string range_end() const {
    for (const std::string_view word : {"到", "至", " to ", "~", "～", " - ", "-"}) {
      if (const std::size_t at = typed_.rfind(word); at != std::string::npos)
        return std::string(text::trim(std::string_view(typed_).substr(at + word.size())));
    }
    return {};
  }

  // ---- text of dates ----

  [[nodiscard]] std::string iso(sys_days day) const {
    const year_month_day date{day};
    return fmt::format("{:04}-{:02}-{:02}", int{date.year()}, unsigned{date.month()}, unsigned{date.day()});
  }
  [[nodiscard]] std::string clock_text(TimePoint t) const {
    const int minute = office_.local_minute(t);
    const auto second = floor<seconds>(t.time_since_epoch()).count() % 60;
    return second == 0 ? fmt::format("{:02}:{:02}", minute / 60, minute % 60)
                       : fmt::format("{:02}:{:02}:{:02}", minute / 60, minute % 60, second);
  }
  [[nodiscard]] std::string date_and_clock(TimePoint t) const {
    const sys_days day{office_.local_date(t)};
    return zh() ? fmt::format("{}（{}）{}", iso(day), zh_days[weekday_index(day)], clock_text(t))
                : fmt::format("{} ({}) {}", iso(day), en_days[weekday_index(day)], clock_text(t));
  }
  [[nodiscard]] std::string day_name(int index) const {
    return std::string((zh() ? zh_days : en_full_days)[static_cast<std::size_t>(index)]);
  }

  // ---- results ----

  void warn(std::string name) {
    if (std::ranges::find(warnings_, name) == warnings_.end()) warnings_.push_back(std::move(name));
  }
  /// `on`: the date it was written for. `basis`: what it was counted from, for the echo.
  Answer accept(TimePoint due, std::optional<sys_days> on, std::string_view basis, std::vector<std::string> if_past) {
    if (due <= now_) return past(due, std::move(if_past));
    if (due > now_ + farthest) {
      const year_month_day date{on.value_or(sys_days{office_.local_date(due)})};
      const auto with_year = [&](year y) {
        return fmt::format("{:04}-{:02}-{:02} {}", int{y}, unsigned{date.month()}, unsigned{date.day()}, clock_text(due));
      };
      const year this_year = year_month_day{today_}.year();
      return too_far(with_year(this_year), with_year(this_year + years{1}));
    }
    if (on) {
      const LocalDate date{*on};
      if (!office_.date_known(date)) warn("calendar_incomplete");
      if (!office_.working_date(date)) {
        warn("non_working_day");
      } else if (due < *office_.day_start(date) || due > *office_.day_end(date)) {
        warn("outside_working_hours");
      }
    }
    if (approximate_) warn("approximate");
    std::string echo = (zh() ? "截止 " : "Due ") + date_and_clock(due);
    if (!basis.empty()) echo += fmt::format(" · {}", basis);
    return Due{due, warnings_, std::move(echo)};
  }

  [[nodiscard]] TimePoint day_end(sys_days day) const {
    const auto end = office_.day_end(LocalDate{day});
    return end ? *end : office_.at(LocalDate{day}, office_.usual_hours().end);
  }
  [[nodiscard]] TimePoint day_start(sys_days day) const {
    const auto start = office_.day_start(LocalDate{day});
    return start ? *start : office_.at(LocalDate{day}, office_.usual_hours().start);
  }
  [[nodiscard]] bool working(sys_days day) {
    if (!office_.date_known(LocalDate{day})) warn("calendar_incomplete");
    return office_.working_date(LocalDate{day});
  }
  [[nodiscard]] sys_days next_working(sys_days day) {
    const sys_days found{office_.next_working_date(LocalDate{day})};
    if (!office_.date_known(LocalDate{found})) warn("calendar_incomplete");
    return found;
  }

  // ---- spans ----

  Answer span(const Expression& e) {
    const Span& s = e.span;
    if (e.clock.kind != Clock::Kind::none) return span_with_clock(e);
    if (s.months > 1200 || s.days > 36'500 || s.ms > Duration{days{36'500}}.count() || s.workdays_half.value_or(0) > 20'000 ||
        s.work_ms.value_or(0) > Duration{hours{20'000}}.count())
      return too_far({}, {});
    if (e.ago) {
      std::string inside = typed_;
      for (const std::string_view word : {"之前", "以前", "前", " ago"}) {
        if (inside.ends_with(word)) {
          inside.erase(inside.size() - word.size());
          break;
        }
      }
      const std::string suggestion = zh() ? inside + "内" : "within " + inside;
      return past(now_ - Duration{s.ms} - days{s.days}, {suggestion});
    }
    const std::string basis = span_text(e);
    const bool moves = !e.point && !urgent_ && !s.natural;
    if (s.half_day) return accept(office_.add(now_, Duration{office_.usual_day()} / 2), std::nullopt, basis, {});
    if (s.work_ms) return accept(office_.add(now_, Duration{*s.work_ms}), std::nullopt, basis, {});
    if (s.workdays_half) {
      const std::int64_t halves = *s.workdays_half;
      if (halves % 2 != 0)
        return accept(office_.add(now_, Duration{office_.usual_day()} * halves / 2), std::nullopt, basis, {});
      sys_days day = today_;
      if (halves == 0 && !working(day)) day = next_working(day);
      for (std::int64_t i = 0; i < halves / 2; ++i) day = next_working(day);
      return accept(day_end(day), day, basis, {});
    }
    const bool only_hours = s.empty_days() && !s.fractional;
    if (only_hours) {
      const Duration length{s.ms};
      const bool worked = !e.point && !urgent_ && length >= hours{1} && length < hours{24};
      return accept(worked ? office_.add(now_, length) : now_ + length, std::nullopt, basis, {});
    }
    sys_days day = add_months(today_, s.months) + days{s.days + (e.from_tomorrow ? 1 : 0)};
    if (s.ms == 0 && !s.fractional) {
      if (moves && !working(day)) {
        day = next_working(day);
        warn("moved_to_working_day");
      }
      return accept(day_end(day), day, basis, {});
    }
    // Fractions and hours count from the clock of now, on the date the whole days lead to.
    const TimePoint due = now_ + (day - today_) + Duration{s.ms};
    const sys_days on{office_.local_date(due)};
    if (moves && !working(on)) {
      const sys_days next = next_working(on);
      warn("moved_to_working_day");
      return accept(day_end(next), next, basis, {});
    }
    return accept(due, on, basis, {});
  }

  static sys_days add_months(sys_days day, std::int64_t count) {
    if (count == 0) return day;
    const year_month_day date{day};
    const year_month_day moved = date + std::chrono::months{static_cast<int>(count)};
    return moved.ok() ? sys_days{moved} : sys_days{moved.year() / moved.month() / last};
  }

  Answer span_with_clock(const Expression& e) {
    const Span& s = e.span;
    if (s.months > 1200 || s.days > 36'500 || s.workdays_half.value_or(0) > 2'000) return too_far({}, {});
    sys_days day = add_months(today_, s.months) + days{s.days + (e.from_tomorrow ? 1 : 0)};
    if (s.workdays_half) {
      if (*s.workdays_half % 2 != 0) return unrecognized();
      day = today_;
      for (std::int64_t i = 0; i < *s.workdays_half / 2; ++i) day = next_working(day);
    }
    return on_date(day, e, {});
  }

  [[nodiscard]] std::string span_text(const Expression& e) const {
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
    const bool worked =
        s.empty_days() && !s.work_ms && !e.point && !urgent_ && Duration{ms} >= hours{1} && Duration{ms} < hours{24};
    if (worked) out += zh() ? "（工作时间）" : " of working time";
    return out;
  }

  // ---- moments ----

  Answer moment(const Expression& e) {
    if (e.zone && *e.zone != office_.offset(now_).count()) {
      // Elsewhere's "today" is another day: only a full date with a clock says the same everywhere.
      if (e.date.kind != Date::Kind::full || e.clock.kind != Clock::Kind::time) return unrecognized();
      const Reading reading = read(e.clock);
      if (!reading.valid) return no_such_time();
      const auto day = full_date(e.date.c, e.date.a, e.date.b);
      if (!day || !weekday_agrees(e.date, *day)) return day ? Answer(weekday_mismatch(e.date, *day)) : Answer(no_such_date());
      const TimePoint due = TimePoint{*day} + minutes{reading.minute - *e.zone} + seconds{reading.second};
      return accept(due, sys_days{office_.local_date(due)}, {}, {});
    }
    if (e.date.kind == Date::Kind::none) return clock_alone(e);
    return dated(e);
  }

  Answer clock_alone(const Expression& e) {
    if (e.clock.kind == Clock::Kind::day_end || e.clock.kind == Clock::Kind::day_start) {
      const auto edge = [&](sys_days day) { return e.clock.kind == Clock::Kind::day_end ? day_end(day) : day_start(day); };
      sys_days day = today_;
      if (!working(day) || edge(day) <= now_) {
        day = next_working(day);
        warn("rolled_to_next_day");
      }
      return accept(edge(day), day, {}, {});
    }
    const Reading reading = read(e.clock);
    if (!reading.valid) return no_such_time();
    const auto at = [&](sys_days day) { return office_.at(LocalDate{day}, reading.minute, reading.second); };
    sys_days day = today_;
    if (at(day) > now_) {
      if (reading.assumed_pm) warn("assumed_pm");
      return accept(at(day), day, {}, {});
    }
    const TimePoint evening = at(day) + hours{12};
    if (reading.bare && (reading.minute / 60 == 7 || reading.minute / 60 == 8) && evening > now_) {
      warn("assumed_pm");
      return accept(evening, day, {}, {});
    }
    const Interval usual = office_.usual_hours();
    const int seconds_of_day = reading.minute * 60 + reading.second;
    const bool in_hours = seconds_of_day >= usual.start * 60 && seconds_of_day <= usual.end * 60;
    day = in_hours ? next_working(day) : day + days{1};
    if (reading.assumed_pm) warn("assumed_pm");
    warn("rolled_to_next_day");
    return accept(at(day), day, {}, {});
  }

  static std::optional<sys_days> full_date(std::int64_t y, std::int64_t m, std::int64_t d) {
    if (y < 1 || y > 9999 || m < 1 || m > 12 || d < 1 || d > 31) return std::nullopt;
    const year_month_day date{year{static_cast<int>(y)}, month{static_cast<unsigned>(m)}, day{static_cast<unsigned>(d)}};
    return date.ok() ? std::optional(sys_days{date}) : std::nullopt;
  }
  static bool weekday_agrees(const Date& date, sys_days day) {
    return !date.weekday || *date.weekday == static_cast<int>(weekday_index(day));
  }

  std::unexpected<WhenError> weekday_mismatch(const Date& date, sys_days day) {
    const int actual = static_cast<int>(weekday_index(day));
    return error("weekday_mismatch",
                 zh() ? fmt::format("{} 是{}，不是{}", iso(day), day_name(actual), day_name(*date.weekday))
                      : fmt::format("{} is a {}, not a {}", iso(day), day_name(actual), day_name(*date.weekday)),
                 {iso(day), day_name(*date.weekday)});
  }

  /// The instant of a written date: its clock, or its day end.
  struct Placed {
    std::optional<TimePoint> at;  // nullopt: no such time
    Reading reading;
    bool timed = false;
  };
  Placed place(sys_days day, const Clock& clock) {
    switch (clock.kind) {
      case Clock::Kind::none:
      case Clock::Kind::day_end:
        return {day_end(day), {}, false};
      case Clock::Kind::day_start:
        return {day_start(day), {}, true};
      case Clock::Kind::part:
      case Clock::Kind::time:
        break;
    }
    const Reading reading = read(clock);
    if (!reading.valid) return {std::nullopt, reading, true};
    return {office_.at(LocalDate{day}, reading.minute, reading.second), reading, true};
  }

  Answer on_date(sys_days day, const Expression& e, std::vector<std::string> if_past) {
    std::string basis;
    if (e.clock.kind == Clock::Kind::none && exclusive_) {
      // Before a date: the last working day that ends before it begins.
      sys_days before = day - days{1};
      for (int i = 0; i < 400 && !working(before); ++i) before -= days{1};
      return accept(day_end(before), before,
                    zh() ? fmt::format("{} 之前，不含当日", iso(day)) : fmt::format("before {}", iso(day)), std::move(if_past));
    }
    const Placed placed = place(day, e.clock);
    if (!placed.at) return no_such_time();
    if (placed.reading.assumed_pm) warn("assumed_pm");
    TimePoint due = *placed.at;
    const int hour = placed.reading.minute / 60;
    if (day == today_ && e.date.kind == Date::Kind::relative && due <= now_ && placed.reading.bare && hour >= 7 && hour <= 11 &&
        due + hours{12} > now_) {
      due += hours{12};
      warn("assumed_pm");
    }
    if (!placed.timed && (e.suffix != Suffix::none)) basis = zh() ? "含当日" : "that day included";
    return accept(due, day, basis, std::move(if_past));
  }

  [[nodiscard]] std::string clock_suffix(const Clock& clock) const {
    if (clock.kind == Clock::Kind::day_end) return zh() ? "下班前" : " eod";
    if (clock.kind != Clock::Kind::time && clock.kind != Clock::Kind::part) return {};
    const Reading reading = read(clock);
    if (!reading.valid || reading.minute >= 24 * 60) return {};
    return fmt::format("{}{:02}:{:02}", zh() ? "" : " ", reading.minute / 60, reading.minute % 60);
  }

  Answer dated(const Expression& e) {
    const Date& date = e.date;
    const year_month_day today{today_};
    switch (date.kind) {
      case Date::Kind::none:
        break;
      case Date::Kind::relative: {
        const sys_days day = today_ + days{date.a};
        std::vector<std::string> instead;
        if (date.a == 0)
          instead = {(zh() ? "明天" : "tomorrow") + clock_suffix(e.clock), zh() ? "下个工作日" : "next business day"};
        else
          instead = {today_text()};
        if (date.weekday && !weekday_agrees(date, day)) return weekday_mismatch(date, day);
        return on_date(day, e, std::move(instead));
      }
      case Date::Kind::bare_weekday: {
        sys_days day = today_ + days{(date.a + 7 - weekday_index(today_)) % 7};
        const Placed placed = place(day, e.clock);
        if (!placed.at) return no_such_time();
        const TimePoint due = exclusive_ && e.clock.kind == Clock::Kind::none ? day_end(day - days{1}) : *placed.at;
        if (due <= now_) {
          day += days{7};
          warn("assumed_next_week");
        }
        return on_date(day, e, {});
      }
      case Date::Kind::week_weekday: {
        const sys_days monday = today_ - days{weekday_index(today_)};
        const sys_days day = monday + days{7 * date.b + date.a};
        if (date.b > 200) return too_far({}, {});
        if (date.says_next && monday + days{date.a} > today_) warn("next_is_ambiguous");
        return on_date(day, e, {(zh() ? "下" : "next ") + day_name(static_cast<int>(date.a)) + clock_suffix(e.clock)});
      }
      case Date::Kind::day_of_month: {
        if (date.a < 1 || date.a > 31) return no_such_date();
        year_month month = today.year() / today.month();
        if (static_cast<unsigned>(date.a) < unsigned{today.day()}) month += months{1};
        auto day = full_date(int{month.year()}, unsigned{month.month()}, date.a);
        while (!day) {
          month += months{1};
          day = full_date(int{month.year()}, unsigned{month.month()}, date.a);
        }
        if (month != today.year() / today.month()) warn("assumed_next_month");
        if (!weekday_agrees(date, *day)) return weekday_mismatch(date, *day);
        return on_date(*day, e, {});
      }
      case Date::Kind::month_offset: {
        if (date.b > 100) return too_far({}, {});
        const year_month month = today.year() / today.month() + months{static_cast<int>(date.b)};
        const auto day = full_date(int{month.year()}, unsigned{month.month()}, date.a);
        if (!day) return no_such_date();
        if (!weekday_agrees(date, *day)) return weekday_mismatch(date, *day);
        return on_date(*day, e, {zh() ? fmt::format("下个月{}号", date.a) : fmt::format("{} of next month", ordinal(date.a))});
      }
      case Date::Kind::month_day:
        return month_day(e);
      case Date::Kind::year_offset:
      case Date::Kind::full: {
        const std::int64_t y = date.kind == Date::Kind::full ? date.c : int{today.year()} + date.c;
        const auto day = full_date(y, date.a, date.b);
        if (!day) return no_such_date();
        if (!weekday_agrees(date, *day)) return weekday_mismatch(date, *day);
        if (*day - today_ > days{3000}) return accept(TimePoint{*day} + hours{10}, *day, {}, {});
        const int next_year = int{today.year()} + 1;
        return on_date(*day, e, {fmt::format("{:04}-{:02}-{:02}", next_year, date.a, date.b)});
      }
      case Date::Kind::next_workday:
        return on_date(next_working(today_), e, {});
      case Date::Kind::ambiguous: {
        const bool year_last = date.c > 0;
        const std::int64_t y = year_last ? date.c : 2000 - date.c;
        std::vector<std::string> both{fmt::format("{:04}-{:02}-{:02}", y, date.a, date.b),
                                      fmt::format("{:04}-{:02}-{:02}", y, date.b, date.a)};
        if (!year_last) both.insert(both.begin(), fmt::format("{:04}-{:02}-{:02}", 2000 + date.a, date.b, -date.c));
        return error("ambiguous_date",
                     zh() ? fmt::format("“{}”分不清月和日", shown()) : fmt::format("“{}”: which is the month?", shown()),
                     std::move(both));
      }
    }
    return unrecognized();
  }

  static std::string ordinal(std::int64_t n) {
    const bool teen = n % 100 >= 11 && n % 100 <= 13;
    const std::string_view end = teen ? "th" : n % 10 == 1 ? "st" : n % 10 == 2 ? "nd" : n % 10 == 3 ? "rd" : "th";
    return fmt::format("{}{}", n, end);
  }

  /// No year: this year's, unless it is more than ninety days past.
  Answer month_day(const Expression& e) {
    const Date& date = e.date;
    const int this_year{year_month_day{today_}.year()};
    const bool leap_day = date.a == 2 && date.b == 29;
    auto day = full_date(this_year, date.a, date.b);
    if (!day && !leap_day) return no_such_date();
    if (!day || today_ - *day > days{90}) {
      day = full_date(this_year + 1, date.a, date.b);
      if (!day) return no_such_date();
      warn("assumed_next_year");
    }
    if (!weekday_agrees(date, *day)) return weekday_mismatch(date, *day);
    const std::string next = zh() ? fmt::format("{}年{}月{}日{}", this_year + 1, date.a, date.b, clock_suffix(e.clock))
                                  : fmt::format("{:04}-{:02}-{:02}{}", this_year + 1, date.a, date.b, clock_suffix(e.clock));
    return on_date(*day, e, {next});
  }

  const Calendar& office_;
  TimePoint now_;
  bool urgent_;
  Lang lang_;
  sys_days today_;
  std::string typed_;
  std::vector<std::string> warnings_;
  bool approximate_ = false, exclusive_ = false, may_suggest_ = true;
};

}  // namespace

std::expected<Due, WhenError> parse_due(std::string_view text, const Calendar& office, TimePoint now, bool urgent, Lang lang) {
  return Resolver(office, now, urgent, lang).resolve(text, true);
}

}  // namespace xieban
