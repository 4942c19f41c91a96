#include "bot/core/clock/when.hpp"

#include <fmt/format.h>

#include "bot/base/text.hpp"
#include "bot/core/clock/when_resolver.hpp"

// Words (when_words) -> what stands around them (when_wrap) -> shape (when_grammar) -> instant (when_resolver). The order of
// the checks and every meaning follow the specification of deadline expressions; whatever has no shape is `unrecognized`,
// never a guess.

namespace xieban {
namespace when {
namespace {

using namespace std::chrono;

constexpr std::size_t longest = 4096;  // bytes
constexpr auto farthest = days{1096};

}  // namespace

std::optional<sys_days> full_date(std::int64_t y, std::int64_t m, std::int64_t d) {
  if (y < 1 || y > 9999 || m < 1 || m > 12 || d < 1 || d > 31) return std::nullopt;
  const year_month_day date{year{static_cast<int>(y)}, month{static_cast<unsigned>(m)}, day{static_cast<unsigned>(d)}};
  return date.ok() ? std::optional(sys_days{date}) : std::nullopt;
}

sys_days add_months(sys_days day, std::int64_t count) {
  if (count == 0) return day;
  const year_month_day date{day};
  const year_month_day moved = date + std::chrono::months{static_cast<int>(count)};
  return moved.ok() ? sys_days{moved} : sys_days{moved.year() / moved.month() / last};
}

Resolver::Resolver(const Calendar& office, TimePoint now, bool urgent, Lang lang)
    : office_(office), asked_(now), now_(now), urgent_(urgent), lang_(lang), today_(sys_days{office.local_date(now)}) {}

Answer Resolver::resolve(std::string_view text, bool may_suggest) {
  may_suggest_ = may_suggest;
  typed_ = std::string(text::trim(text));
  if (text.size() > longest) return unrecognized();
  form_ = normal_form(text);
  if (form_.empty()) return empty();
  const bool letters = std::ranges::any_of(form_, [](char c) { return c >= 'a' && c <= 'z'; });
  const bool chinese = has_chinese(form_) || (zh() && !letters);
  const Wrapped wrapped = unwrap(tokens(form_));
  approximate_ = wrapped.approximate;
  exclusive_ = wrapped.exclusive;
  if (wrapped.zone && minutes{*wrapped.zone} != office_.offset(asked_)) {
    // Everything is read on the wall of that zone, as if the office stood there; `real` brings the result back.
    zone_ = wrapped.zone;
    now_ = asked_ + minutes{*zone_} - office_.offset(asked_);
    today_ = sys_days{office_.local_date(now_)};
  }
  if (auto refused = refused_words(wrapped.rest)) return *refused;
  const auto parsed = parse(wrapped.rest, wrapped.bound || wrapped.approximate, chinese);
  if (!parsed) return shapeless(wrapped.rest, chinese);
  switch (parsed->kind) {
    case Expression::Kind::span:
      return span(*parsed);
    case Expression::Kind::period:
      return period(*parsed);
    case Expression::Kind::festival:
      return festival(*parsed);
    case Expression::Kind::moment:
      break;
  }
  return moment(*parsed);
}

TimePoint Resolver::real(TimePoint due) const { return zone_ ? due + office_.offset(due) - minutes{*zone_} : due; }

void Resolver::warn(std::string name) {
  if (std::ranges::find(warnings_, name) == warnings_.end()) warnings_.push_back(std::move(name));
}

Answer Resolver::accept(TimePoint read, std::optional<sys_days> on, std::string_view basis, Names if_past) {
  const TimePoint due = real(read);
  if (due <= asked_) return past(due, std::move(if_past));
  if (sys_days{office_.local_date(due)} - sys_days{office_.local_date(asked_)} > farthest) {
    const year_month_day date{on.value_or(sys_days{office_.local_date(due)})};
    const auto with_year = [&](year y) {
      return fmt::format("{:04}-{:02}-{:02} {}", int{y}, unsigned{date.month()}, unsigned{date.day()}, clock_text(due));
    };
    const year this_year = year_month_day{today_}.year();
    return too_far(with_year(this_year), with_year(this_year + years{1}));
  }
  const sys_days day = on && !zone_ ? *on : sys_days{office_.local_date(due)};
  Due out{due, {}, {}, {}};
  if (!office_.date_known(LocalDate{day})) warn("calendar_incomplete");
  if (!working(day)) {
    warn("non_working_day");
    const sys_days before = last_working_before(day);
    if (day_end(before) > asked_) out.instead = {fmt::format("{} {}", iso(before), clock_text(day_end(before)))};
  } else if (due < *office_.day_start(LocalDate{day}) || due > *office_.day_end(LocalDate{day})) {
    warn("outside_working_hours");
  }
  if (approximate_) warn("approximate");
  out.warnings = warnings_;
  out.echo = (zh() ? "截止 " : "Due ") + date_and_clock(due);
  if (!basis.empty()) out.echo += fmt::format(" · {}", basis);
  return out;
}

TimePoint Resolver::day_end(sys_days day) const {
  const auto end = office_.day_end(LocalDate{day});
  return end ? *end : office_.at(LocalDate{day}, office_.usual_hours().end);
}
TimePoint Resolver::day_start(sys_days day) const {
  const auto start = office_.day_start(LocalDate{day});
  return start ? *start : office_.at(LocalDate{day}, office_.usual_hours().start);
}
sys_days Resolver::next_working(sys_days day) const { return sys_days{office_.next_working_date(LocalDate{day})}; }
sys_days Resolver::last_working_before(sys_days day) const {
  constexpr int most = 400;  // a calendar without working dates has no answer: the day before
  sys_days before = day - days{1};
  for (int i = 0; i < most && !working(before); ++i) before -= days{1};
  return working(before) ? before : day - days{1};
}

Resolver::Placed Resolver::place(sys_days day, const Clock& clock) const {
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

Answer Resolver::on_date(sys_days day, const Expression& e, Names if_past) {
  if (e.kind == Expression::Kind::moment && excludes(e)) {
    const sys_days before = last_working_before(day);
    return accept(day_end(before), before, before_text(day), std::move(if_past));
  }
  const Placed placed = place(day, e.clock);
  if (!placed.at) return no_such_time();
  if (placed.reading.assumed_pm) warn("assumed_pm");
  TimePoint due = *placed.at;
  const int hour = placed.reading.minute / 60;
  const bool today = day == today_ && e.date.kind == Date::Kind::relative;
  if (today && due <= now_ && placed.reading.bare && hour >= 7 && hour <= 11 && due + hours{12} > now_) {
    due += hours{12};
    warn("assumed_pm");
  }
  return accept(due, day, !placed.timed && e.suffix != Suffix::none ? included() : std::string(), std::move(if_past));
}

}  // namespace when

std::expected<Due, WhenError> parse_due(std::string_view text, const Calendar& office, TimePoint now, bool urgent, Lang lang) {
  return when::Resolver(office, now, urgent, lang).resolve(text, true);
}

}  // namespace xieban
