#include "bot/core/clock/policy.hpp"

#include <algorithm>
#include <limits>

#include "bot/core/clock/calendar.hpp"
#include "bot/core/request/request.hpp"
#include "bot/core/rules.hpp"

namespace xieban {
namespace {

constexpr int daily_at = 9 * 60;  // minute of the local day
constexpr Duration a_moment{1};   // late begins one millisecond after the target

bool counts_every_hour(const CalendarId& id) { return id.value == "natural" || id.value == "cn-24x7"; }

/// One clock with its calendar: working time since its start, pauses taken out, and back to instants.
class Timeline {
 public:
  Timeline(const Clock& clock, const Rules& rules) : clock_(clock), rules_(rules), calendar_(rules.calendar(clock.calendar)) {}

  [[nodiscard]] Duration elapsed(TimePoint until) const {
    Duration sum = calendar_.between(clock_.start, std::max(clock_.start, until));
    for (const Pause& pause : clock_.pauses) {
      const TimePoint from = std::max(pause.from, clock_.start);
      const TimePoint to = pause.ended && pause.until ? std::min(*pause.until, until) : until;
      if (from < to) sum -= calendar_.between(from, to);
    }
    return sum;
  }
  /// From start to target. The target holds every pause that ended, also one that began when it had passed.
  [[nodiscard]] Duration total() const {
    if (!clock_.target) return {};
    Duration sum = calendar_.between(clock_.start, *clock_.target);
    for (const Pause& pause : clock_.pauses)
      if (pause.ended && pause.until && pause.from < *pause.until) sum -= calendar_.between(pause.from, *pause.until);
    return std::max(sum, Duration{});
  }

  /// The instant at which that much has elapsed; nullopt while a pause stands before it.
  [[nodiscard]] std::optional<TimePoint> at(Duration amount) const {
    TimePoint from = clock_.start;
    for (const Pause& pause : clock_.pauses) {
      if (pause.from >= from) {
        const Duration before = calendar_.between(from, pause.from);
        if (amount <= before) break;
        amount -= before;
      }
      if (!pause.ended || !pause.until) return std::nullopt;
      from = std::max(from, *pause.until);
    }
    return calendar_.add(from, amount);
  }
  /// That much working time before the target; nullopt when the clock started later than that.
  [[nodiscard]] std::optional<TimePoint> before_target(Duration amount, const Calendar& calendar) const {
    TimePoint to = *clock_.target;
    for (auto pause = clock_.pauses.rbegin(); pause != clock_.pauses.rend(); ++pause) {
      if (pause->from >= to || !pause->ended || !pause->until) continue;
      const TimePoint ended = std::min(*pause->until, to);
      const Duration after = calendar.between(ended, to);
      if (amount <= after) break;
      amount -= after;
      to = pause->from;
    }
    const TimePoint instant = calendar.add(to, -amount);
    return instant > clock_.start ? std::optional(instant) : std::nullopt;
  }
  [[nodiscard]] TimePoint after(TimePoint from, Duration amount, const CalendarId& named) const {
    if (!named.empty()) return named_calendar(named).add(from, amount);
    return counts_every_hour(clock_.calendar) ? from + amount : office().add(from, amount);
  }
  /// The calendar that the clock's type names, as the clock's department has it.
  [[nodiscard]] const Calendar& named_calendar(const CalendarId& named) const {
    return rules_.calendar(Rules::beside(named, clock_.calendar));
  }
  [[nodiscard]] const Calendar& office() const {
    return clock_.calendar.value.find('@') == std::string::npos ? rules_.office() : named_calendar(CalendarId("office"));
  }
  [[nodiscard]] bool in_a_pause(TimePoint t) const {
    return std::ranges::any_of(clock_.pauses, [&](const Pause& pause) {
      return pause.from <= t && (!pause.ended || !pause.until || t < *pause.until);
    });
  }

 private:
  const Clock& clock_;
  const Rules& rules_;
  const Calendar& calendar_;
};

/// Occurrences of one rung in three stretches: a grid up to the target, a grid after it, then once each working date.
class Occurrences {
 public:
  Occurrences(const Clock& clock, const Rung& rung, const Rules& rules)
      : clock_(clock), rung_(rung), rules_(rules), line_(clock, rules) {
    first_ = first();
    if (!first_ || !rung.repeat || rung.repeat->every <= Duration{}) return;
    every_ = rung.repeat->every;
    anchor_ = std::max(*first_, *clock.target);
    if (*first_ > *clock.target) return;
    before_ = line_.elapsed(*first_);
    left_ = std::max(line_.total() - before_, Duration{});
    up_to_target_ = left_ / every_;
  }

  [[nodiscard]] std::optional<TimePoint> instant(std::uint16_t n) const {
    if (!first_ || n == 0) return std::nullopt;
    if (!rung_.repeat) return n == 1 ? first_ : std::nullopt;
    if (every_ == Duration{}) return daily(*first_, n);
    const std::int64_t repeat = n - 1;
    if (repeat <= grid()) return on_grid(repeat);
    return daily(on_grid(grid()).value_or(anchor_), repeat - grid());
  }
  /// How many of them are at or before `now`, at least `known`.
  [[nodiscard]] std::uint16_t until(TimePoint now, std::uint16_t known) const {
    constexpr std::int64_t most = std::numeric_limits<std::uint16_t>::max();
    const auto come = [&](std::int64_t n) {
      const auto at = instant(static_cast<std::uint16_t>(n));
      return at && *at <= now;
    };
    if (!come(known + 1)) return known;
    // The grids have closed forms, so they are searched; the working dates are walked.
    std::int64_t low = known + 1;
    for (std::int64_t high = std::min(grid() + 1, most); low < high;) {
      const std::int64_t middle = (low + high + 1) / 2;
      if (come(middle))
        low = middle;
      else
        high = middle - 1;
    }
    while (low < most && low > grid() && come(low + 1)) ++low;
    return static_cast<std::uint16_t>(low);
  }

 private:
  [[nodiscard]] std::optional<TimePoint> first() const {
    if (!clock_.target) return std::nullopt;
    if (const auto* share = std::get_if<Share>(&rung_.at)) {
      if (share->percent == 100) return clock_.target;
      return line_.at(line_.total() * share->percent / 100);
    }
    const Offset& offset = std::get<Offset>(rung_.at);
    if (offset.by >= Duration{}) return line_.after(*clock_.target, offset.by, offset.calendar);
    return line_.before_target(-offset.by, line_.named_calendar(offset.calendar.empty() ? clock_.calendar : offset.calendar));
  }
  [[nodiscard]] std::int64_t grid() const {
    return rung_.repeat && every_ > Duration{} ? up_to_target_ + rung_.repeat->times : 0;
  }
  [[nodiscard]] std::optional<TimePoint> on_grid(std::int64_t repeat) const {
    if (repeat == 0) return first_;
    if (repeat <= up_to_target_) return line_.at(before_ + every_ * repeat);
    return line_.after(anchor_, every_ * repeat - left_, {});
  }
  /// 09:00 of the n-th working date after `from` on which the clock was not paused.
  [[nodiscard]] std::optional<TimePoint> daily(TimePoint from, std::int64_t n) const {
    const Calendar& office = line_.office();
    LocalDate date = office.local_date(from);
    TimePoint at = office.at(date, daily_at);
    if (!office.working_date(date) || at <= from) at = office.at(date = office.next_working_date(date), daily_at);
    for (;;) {
      if (!line_.in_a_pause(at) && --n == 0) return at;
      if (clock_.paused() && at >= clock_.pauses.back().from) return std::nullopt;
      at = office.at(date = office.next_working_date(date), daily_at);
    }
  }

  const Clock& clock_;
  const Rung& rung_;
  const Rules& rules_;
  Timeline line_;
  std::optional<TimePoint> first_;
  TimePoint anchor_;
  Duration every_{}, before_{}, left_{};
  std::int64_t up_to_target_ = 0;
};

std::uint16_t reached(const Clock& clock, std::size_t rung) { return rung < clock.rungs.size() ? clock.rungs[rung].count : 0; }

/// "Unless reported": a reason given after the target silences the rung.
bool silenced(const Request& request, const Clock& clock, const Rung& rung) {
  if (!rung.unless_reported || !clock.target) return false;
  const Task* task = find_task(request, clock.task);
  const auto& reported = task != nullptr ? task->reported_at : request.reported_at;
  const auto& reason = task != nullptr ? task->reason : request.reason;
  return reported && *reported > *clock.target && !reason.empty();
}

/// Calls f(index, rung) for the rungs of a clock that may still speak.
template <class F>
void each_rung(const Request& request, const Clock& clock, const Policy& policy, F f) {
  const ClockRule& rule = clock_rule(policy, clock.kind);
  for (std::size_t i = 0; i < rule.ladder.size(); ++i)
    if (!silenced(request, clock, rule.ladder[i])) f(i, rule.ladder[i]);
}

DueRung due_rung(const Clock& clock, std::size_t index, const Rung& rung, TimePoint due, std::uint16_t occurrence,
                 std::uint16_t missed) {
  return {clock.id, static_cast<std::uint16_t>(index), due, occurrence, missed, rung.to, rung.by};
}

void in_order(std::vector<DueRung>& rungs) {
  std::ranges::stable_sort(rungs, {}, [](const DueRung& due) { return std::tuple(due.due, due.clock, due.rung); });
}

bool alive(const Request& request) { return !terminal(request.phase); }

/// The clock as it will be when a dated pause has ended by itself.
Clock resumed_as_promised(Clock clock, TimePoint until, const Rules& rules) {
  Pause& pause = clock.pauses.back();
  if (clock.target) clock.target = target_after_pause(clock, rules, until);
  pause.until = until;
  pause.ended = true;
  return clock;
}

}  // namespace

std::optional<TimePoint> rung_instant(const Clock& clock, const Rung& rung, std::uint16_t n, const Policy&,
                                      const Rules& rules) {
  return Occurrences(clock, rung, rules).instant(n);
}

Duration elapsed(const Clock& clock, const Rules& rules, TimePoint now) {
  return Timeline(clock, rules).elapsed(clock.stopped ? std::min(*clock.stopped, now) : now);
}

std::optional<Duration> remaining(const Clock& clock, const Rules& rules, TimePoint now) {
  if (!clock.target) return std::nullopt;
  TimePoint at = clock.stopped ? std::min(*clock.stopped, now) : now;
  if (clock.paused()) at = std::min(at, clock.pauses.back().from);
  return rules.calendar(clock.calendar).between(at, *clock.target);
}

TimePoint target_after_pause(const Clock& clock, const Rules& rules, TimePoint until) {
  const Calendar& calendar = rules.calendar(clock.calendar);
  const TimePoint from = clock.pauses.back().from;
  if (until <= from) return *clock.target;
  if (*clock.target >= from) return calendar.add(until, calendar.between(from, *clock.target));
  return calendar.add(*clock.target, calendar.between(from, until));
}

Clock counted_anew(const Clock& clock, const ClockRule& before, const ClockRule& rule, const Rules& rules, TimePoint now) {
  Clock fresh = clock;
  fresh.calendar = rule.calendar;
  // The dates of tasks and milestones are people's own; a duration gives the others.
  const bool own_date = clock.kind == ClockKind::task || clock.kind == ClockKind::milestone;
  if (clock.target && rule.target && !own_date) {
    fresh.pauses.clear();
    fresh.target = rules.calendar(fresh.calendar).add(clock.start, *rule.target);
    for (const Pause& pause : clock.pauses) {
      fresh.pauses.push_back(pause);
      if (pause.ended && pause.until) fresh.target = target_after_pause(fresh, rules, *pause.until);
    }
  }
  fresh.rungs.assign(rule.ladder.size(), RungState{});
  for (std::size_t i = 0; i < rule.ladder.size(); ++i) {
    const auto same = std::ranges::find(before.ladder, rule.ladder[i]);
    const auto index = static_cast<std::size_t>(same - before.ladder.begin());
    const std::uint16_t known = same == before.ladder.end() ? std::uint16_t{0} : reached(clock, index);
    if (known == 0) continue;
    const std::uint16_t count = std::min(known, Occurrences(fresh, rule.ladder[i], rules).until(now, 0));
    if (count > 0) fresh.rungs[i] = {.reached = clock.rungs[index].reached, .count = count};
  }
  return fresh;
}

std::vector<DueRung> due_rungs(const Request& request, const Policy& policy, const Rules& rules, TimePoint now) {
  std::vector<DueRung> due;
  if (!alive(request)) return due;
  for (const Clock& clock : request.clocks) {
    if (!clock.running()) continue;
    each_rung(request, clock, policy, [&](std::size_t index, const Rung& rung) {
      const Occurrences all(clock, rung, rules);
      const std::uint16_t known = reached(clock, index), come = all.until(now, known);
      if (come == known) return;
      due.push_back(due_rung(clock, index, rung, *all.instant(come), come, static_cast<std::uint16_t>(come - known - 1)));
    });
  }
  in_order(due);
  return due;
}

std::vector<DueRung> upcoming(const Request& request, const Policy& policy, const Rules& rules, TimePoint now, TimePoint until,
                              std::size_t limit) {
  std::vector<DueRung> list = due_rungs(request, policy, rules, now);
  const auto& paused = request.conditions.paused;
  for (const Clock& real : alive(request) ? request.clocks : std::vector<Clock>{}) {
    if (real.stopped) continue;
    Clock clock = real;
    if (clock.paused()) {
      const bool waits = request.conditions.waiting_for_requester && clock.pauses.back().from < (paused ? paused->from : until);
      if (waits || !paused || !paused->until || *paused->until > until) continue;
      clock = resumed_as_promised(std::move(clock), *paused->until, rules);
    }
    each_rung(request, clock, policy, [&](std::size_t index, const Rung& rung) {
      const Occurrences all(clock, rung, rules);
      std::uint16_t n = all.until(now, reached(clock, index));
      for (std::size_t taken = 0; taken < limit; ++taken) {
        const auto at = all.instant(++n);
        if (!at || *at > until) break;
        list.push_back(due_rung(clock, index, rung, *at, n, 0));
      }
    });
  }
  in_order(list);
  if (list.size() > limit) list.erase(list.begin() + static_cast<std::ptrdiff_t>(limit), list.end());
  return list;
}

std::optional<TimePoint> wake_at(const Request& request, const Policy& policy, const Rules& rules) {
  if (!alive(request)) return std::nullopt;
  std::optional<TimePoint> earliest;
  const auto take = [&](const std::optional<TimePoint>& at) {
    if (at && (!earliest || *at < *earliest)) earliest = at;
  };
  if (const auto& paused = request.conditions.paused; paused && !paused->ended) take(paused->until);
  for (const Clock& clock : request.clocks) {
    if (!clock.running()) continue;
    if (clock.target && !clock.breached) take(*clock.target + a_moment);
    if (clock.kind == ClockKind::acceptance && policy.accept_by_silence) take(clock.target);
    each_rung(request, clock, policy, [&](std::size_t index, const Rung& rung) {
      take(Occurrences(clock, rung, rules).instant(static_cast<std::uint16_t>(reached(clock, index) + 1)));
    });
  }
  return earliest;
}

TimePoint next_opening(TimePoint t, const Rules& rules) {
  const Calendar& office = rules.office();
  const auto [open, close] = rules.send_between;
  const LocalDate date = office.local_date(t);
  if (office.working_date(date)) {
    const int minute = office.local_minute(t);
    if (minute < open) return office.at(date, open);
    if (minute < close) return t;
  }
  return office.at(office.next_working_date(date), open);
}

TimePoint default_due(const Policy& policy, bool urgent, const DepartmentId& lead, const Rules& rules, TimePoint now) {
  if (urgent || policy.urgent) return now + std::chrono::hours(24);
  const Calendar& calendar = rules.calendar_of(lead);
  LocalDate date = calendar.local_date(now);
  for (int day = 0; day < 5; ++day) date = calendar.next_working_date(date);
  return calendar.day_end(date).value_or(calendar.at(date, 18 * 60));
}

}  // namespace xieban
