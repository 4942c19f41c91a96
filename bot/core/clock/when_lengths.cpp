// Lengths of time counted from now: budgets and points, working time and the wall clock.

#include "bot/base/text.hpp"
#include "bot/core/clock/when_resolver.hpp"

namespace xieban::when {

using namespace std::chrono;

namespace {

// What is longer is beyond every deadline; and counting it day by day would take its time.
constexpr std::int64_t most_months = 1200, most_days = 36'500, most_workdays = 1200;
constexpr hours most_hours{24 * most_days}, most_work_hours{20'000};

bool beyond(const Span& s) {
  return s.months > most_months || s.days > most_days || Duration{s.ms} > most_hours ||
         s.workdays_half.value_or(0) > 2 * most_workdays || Duration{s.work_ms.value_or(0)} > most_work_hours;
}

}  // namespace

bool Resolver::in_working_time(const Expression& e) const {
  const Span& s = e.span;
  const Duration length{s.ms};
  return s.empty_days() && !s.fractional && !s.work_ms && !e.point && !urgent_ && length >= hours{1} && length < hours{24};
}

/// 3天前 -> 3天内
std::optional<std::string> Resolver::rewritten_as_budget() const {
  for (const std::string_view word : {"之前", "以前", "前", " ago"}) {
    if (!form_.ends_with(word)) continue;
    const std::string length = form_.substr(0, form_.size() - word.size());
    return word == " ago" ? "within " + length : length + "内";
  }
  return std::nullopt;
}

Answer Resolver::span(const Expression& e) {
  const Span& s = e.span;
  if (e.ago)
    return past(asked_ - std::min<Duration>(Duration{s.ms} + days{s.days}, most_hours), {rewritten_as_budget().value_or("")});
  if (beyond(s)) return too_far();
  if (e.clock.kind != Clock::Kind::none) return span_with_clock(e);
  const std::string basis = span_text(e);
  const std::string whole_days = e.point ? basis : basis + " · " + included();
  if (s.half_day) return accept(office_.add(now_, Duration{office_.usual_day()} / 2), std::nullopt, basis);
  if (s.work_ms) return accept(office_.add(now_, Duration{*s.work_ms}), std::nullopt, basis);
  if (s.workdays_half && *s.workdays_half % 2 != 0)
    return accept(office_.add(now_, Duration{office_.usual_day()} * *s.workdays_half / 2), std::nullopt, basis);
  if (s.workdays_half) return accept(day_end(date_after(e)), date_after(e), whole_days);
  if (s.empty_days() && !s.fractional) {
    const Duration length{s.ms};
    return accept(in_working_time(e) ? office_.add(now_, length) : now_ + length, std::nullopt, basis);
  }
  const bool moves = !e.point && !urgent_ && !s.natural;
  sys_days day = date_after(e);
  if (s.ms == 0 && !s.fractional) {
    if (moves && !working(day)) {
      day = next_working(day);
      warn("moved_to_working_day");
    }
    return accept(day_end(day), day, whole_days);
  }
  // Fractions and hours count from the clock of now, on the date the whole days lead to.
  const TimePoint due = now_ + (day - today_) + Duration{s.ms};
  const sys_days on{office_.local_date(due)};
  if (!moves || working(on)) return accept(due, on, basis);
  warn("moved_to_working_day");
  return accept(day_end(next_working(on)), next_working(on), basis);
}

sys_days Resolver::date_after(const Expression& e) const {
  const Span& s = e.span;
  const sys_days from = today_ + days{e.from_tomorrow ? 1 : 0};
  if (!s.workdays_half) return add_months(from, s.months) + days{s.days};
  sys_days day = from;
  if (*s.workdays_half == 0 && !working(day)) day = next_working(day);  // T+0
  for (std::int64_t i = 0; i < *s.workdays_half / 2; ++i) day = next_working(day);
  return day;
}

Answer Resolver::span_with_clock(const Expression& e) {
  if (e.span.fractional || e.span.workdays_half.value_or(0) % 2 != 0) return unrecognized();
  return on_date(date_after(e), e, {});
}

}  // namespace xieban::when
