// Periods: from which date to which, their last working date, and the n-th date in them.

#include <fmt/format.h>

#include "bot/core/clock/when_resolver.hpp"

namespace xieban::when {

using namespace std::chrono;
using Kind = Period::Kind;
using Named = Period::Named;
using Slice = Period::Slice;

namespace {

constexpr std::int64_t most_offset = 250;  // of any period: beyond every deadline

sys_days last_of(year_month month) { return sys_days{month / last}; }

/// Monday of week one: the week with 4 January in it.
sys_days first_monday(year y) {
  const sys_days fourth{y / January / 4};
  return fourth - days{weekday_index(fourth)};
}

}  // namespace

std::int64_t Resolver::year_of(Period::Year kind, std::int64_t number) const {
  const int this_year{year_month_day{today_}.year()};
  if (kind == Period::Year::number) return number;
  return kind == Period::Year::offset ? this_year + number : this_year;
}

std::optional<Resolver::Stretch> Resolver::month_stretch(const Period& p, int later) const {
  const year_month_day today{today_};
  year_month month = today.year() / today.month() + months{static_cast<int>(p.value)};
  if (p.named == Named::bare) month += months{later};
  if (p.named == Named::number) {
    if (p.value < 1 || p.value > 12) return std::nullopt;
    const auto y = static_cast<int>(year_of(p.year, p.year_value)) + later;
    month = year{y} / std::chrono::month{static_cast<unsigned>(p.value)};
  }
  const sys_days first{month / 1};
  switch (p.slice) {
    case Slice::whole:
      break;
    case Slice::early:
      return Stretch{first, first + days{4}};
    case Slice::first:
      return Stretch{first, first + days{9}};
    case Slice::second:
      return Stretch{first + days{10}, first + days{19}};
    case Slice::third:
      return Stretch{first + days{20}, last_of(month)};
    case Slice::middle:
      return Stretch{first + days{14}, first + days{14}, true};
  }
  return Stretch{first, last_of(month)};
}

std::optional<Resolver::Stretch> Resolver::week_stretch(const Period& p, int later) const {
  sys_days monday = today_ - days{weekday_index(today_)} + weeks{p.value};
  if (p.kind == Kind::weekend) {
    monday += weeks{later};
    return Stretch{monday + days{5}, monday + days{6}, true};
  }
  if (p.kind == Kind::iso_week) {
    // Without a year it is a week of the year this week belongs to.
    const sys_days thursday = today_ - days{weekday_index(today_)} + days{3};
    const int own{year_month_day{thursday}.year()};
    const int y = (p.year == Period::Year::none ? own : static_cast<int>(year_of(p.year, p.year_value))) + later;
    monday = first_monday(year{y}) + weeks{p.value - 1};
    if (p.value < 1 || monday >= first_monday(year{y + 1})) return std::nullopt;
  }
  return Stretch{monday, monday + days{6}};
}

std::optional<Resolver::Stretch> Resolver::stretch(const Period& p, int later) const {
  const year_month_day today{today_};
  const auto y = year{static_cast<int>(year_of(p.year, p.year_value)) + later};
  switch (p.kind) {
    case Kind::week:
    case Kind::iso_week:
    case Kind::weekend:
      return week_stretch(p, later);
    case Kind::month:
      return month_stretch(p, later);
    case Kind::quarter: {
      year_month first =
          today.year() / month{(unsigned{today.month()} - 1) / 3 * 3 + 1} + months{3 * static_cast<int>(p.value)};
      if (p.named == Named::number) {
        if (p.value < 1 || p.value > 4) return std::nullopt;
        first = y / month{static_cast<unsigned>(p.value * 3 - 2)};
      }
      return Stretch{sys_days{first / 1}, last_of(first + months{2})};
    }
    case Kind::half_year: {
      const year_month first = y / (p.value == 1 ? January : July);
      return Stretch{sys_days{first / 1}, last_of(first + months{5})};
    }
    case Kind::mid_year:
      return Stretch{sys_days{y / June / 30}, sys_days{y / June / 30}, true};
    case Kind::year: {
      const year whole = p.named == Named::number ? y : today.year() + years{static_cast<int>(p.value)};
      return Stretch{sys_days{whole / January / 1}, sys_days{whole / December / 31}};
    }
    case Kind::none:
      break;
  }
  return std::nullopt;
}

std::string_view Resolver::moves_on(const Period& p) {
  if (p.year != Period::Year::none) return {};
  if (p.named == Named::number) return "assumed_next_year";
  if (p.named != Named::bare) return {};
  if (p.kind == Kind::weekend) return "assumed_next_week";
  // 月底 is this month's end, over or not; 月初 that is over is next month's.
  if (p.kind == Kind::month && p.slice != Slice::whole) return "assumed_next_month";
  return {};
}

std::optional<sys_days> Resolver::counted(const Stretch& s, const Nth& nth, const Calendar& office) {
  const auto counts = [&](sys_days day) {
    return nth.weekday ? *nth.weekday == static_cast<int>(weekday_index(day)) : office.working_date(LocalDate{day});
  };
  std::optional<sys_days> found;
  std::int64_t number = 0;
  for (sys_days day = s.from; day <= s.to; day += days{1}) {
    if (!counts(day)) continue;
    found = day;
    if (++number == nth.number) return found;
  }
  return nth.number == 0 ? found : std::nullopt;
}

std::optional<Resolver::Chosen> Resolver::choose(const Stretch& s, const Expression& e) const {
  const bool before = excludes(e) && (!e.period.edged || e.period.kind == Kind::weekend) && !e.nth;
  if (before) return Chosen{last_working_before(s.from)};
  if (e.nth) {
    const auto day = counted(s, *e.nth, office_);
    return day ? std::optional(Chosen{*day}) : std::nullopt;
  }
  if (s.itself) return Chosen{s.to};
  const sys_days day = last_working_before(s.to + days{1});
  if (!working(day) || day < s.from) return std::nullopt;
  // Its working days are over, its days are not.
  const bool over = place(day, e.clock).at.value_or(now_) <= now_;
  if (over && day != s.to && place(s.to, e.clock).at.value_or(now_) > now_) return Chosen{s.to, true};
  return Chosen{day};
}

Answer Resolver::period(const Expression& e) {
  if (std::abs(e.period.value) > most_offset) return too_far();
  const std::int64_t year_written = year_of(e.period.year, e.period.year_value);
  if (year_written > 3000 || year_written < 1900) return e.period.year_value > 0 ? too_far() : no_such_date();
  if (!place(today_, e.clock).at) return no_such_time();
  const std::string_view moved = moves_on(e.period);
  auto s = stretch(e.period, 0);
  if (!s) return no_such_date();
  // Whether it is over is asked of the period itself: 12月前 in December is past, not next year's.
  Expression itself = e;
  itself.nth.reset();
  itself.suffix = Suffix::none;
  itself.period.edged = true;
  const auto own = choose(*s, itself);
  if (!moved.empty() && place(own ? own->day : s->to, e.clock).at.value_or(now_) <= now_) {
    s = stretch(e.period, 1);
    if (!s) return no_such_date();
    warn(std::string(moved));
  }
  const auto chosen = choose(*s, e);
  if (!chosen) {
    if (e.nth && counted(*s, Nth{}, office_)) return no_such_date();  // there are working days, but not as many
    return s->to < today_ ? past(day_end(s->to), {}) : no_working_day(s->from, s->to);
  }
  if (chosen->fallback) warn("non_working_day");
  const bool before = chosen->day < s->from;
  const Placed placed = place(chosen->day, e.clock);
  if (placed.reading.assumed_pm) warn("assumed_pm");
  const std::string basis = before             ? before_text(s->from)
                            : s->from == s->to ? std::string()
                                               : fmt::format("{}{}{}", iso(s->from), zh() ? " 至 " : " to ", iso(s->to));
  Names instead;
  if (e.period.kind == Kind::month) instead = {zh() ? "下月底" : "end of next month"};
  if (e.period.kind == Kind::week) instead = {zh() ? "下周" : "next week"};
  if (e.period.kind == Kind::quarter) instead = {zh() ? "下季度末" : "next quarter"};
  if (e.period.kind == Kind::year) instead = {zh() ? "明年底" : "next year"};
  return accept(*placed.at, chosen->day, basis, std::move(instead));
}

}  // namespace xieban::when
