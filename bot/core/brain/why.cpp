// /为什么: the clock's arithmetic in a few lines.

#include <algorithm>

#include "bot/core/brain/pages.hpp"
#include "bot/core/card/wording.hpp"

namespace xieban::brain {
namespace {

using Args = std::vector<std::pair<std::string, std::string>>;
using Stretch = std::pair<TimePoint, TimePoint>;

/// The time from start to `until` without the pauses.
std::vector<Stretch> stretches(const Clock& clock, TimePoint until) {
  std::vector<Stretch> out;
  TimePoint from = clock.start;
  for (const Pause& pause : clock.pauses) {
    const TimePoint begin = std::min(pause.from, until);
    if (begin > from) out.emplace_back(from, begin);
    from = std::max(from, pause.ended && pause.until ? *pause.until : until);
  }
  if (until > from) out.emplace_back(from, until);
  return out;
}

const HolidayBlock* holiday_of(LocalDate date, const Calendar& calendar) {
  const auto& holidays = calendar.holidays();
  if (!holidays) return nullptr;
  // A block may begin in the year before (new year).
  for (const int year : {int{date.year()}, int{date.year()} + 1}) {
    const auto found = holidays->years.find(year);
    if (found == holidays->years.end()) continue;
    for (const HolidayBlock& block : found->second.holidays)
      if (block.from <= date && date <= block.to) return &block;
  }
  return nullptr;
}

bool weekend(LocalDate date) {
  const std::chrono::weekday day{std::chrono::sys_days(date)};
  return day == std::chrono::Saturday || day == std::chrono::Sunday;
}

TimePoint next_midnight(LocalDate date, const Calendar& calendar) {
  return calendar.at(LocalDate(std::chrono::sys_days(date) + std::chrono::days(1)), 0);
}

class Explaining {
 public:
  Explaining(const Request& request, const Policy& policy, const std::vector<Stamped>& history, const Rules& rules,
             TimePoint now)
      : request_(request), policy_(policy), history_(history), rules_(rules), now_(now), lang_(rules.lang) {}

  Card card() {
    Card card;
    card.title = say("why.title", {{"number", number(request_)}, {"title", wording::flat(request_.title)}});
    card.tone = request_.conditions.late ? Tone::danger : Tone::info;
    add("why.now",
        {{"state", wording::state(request_, lang_)}, {"next", wording::next_step_line(request_, policy_, rules_, now_)}});
    if (terminal(request_.phase)) {
      ended();
    } else if (const Clock* clock = main_clock()) {
      explain(*clock);
      fired(*clock);
      coming(*clock);
      others(*clock);
    } else {
      add("why.no_clock", {});
    }
    by_hand();
    card.body = std::move(lines_);
    card.footer = xieban::say(lang_, Phrase("why.footer", {{"command", wording::command(lang_, Verb::show, request_.id)}}));
    return card;
  }

 private:
  std::string say(std::string_view key, Args args) const {
    return xieban::say(lang_, Phrase(std::string(key), std::move(args)));
  }
  void add(std::string_view key, Args args) {
    if (!lines_.empty()) lines_ += "\n";
    lines_ += say(key, std::move(args));
  }
  [[nodiscard]] std::string when(TimePoint at) const { return wording::when(rules_, at, now_); }
  [[nodiscard]] std::string time_of(Duration duration) const { return wording::exact(lang_, duration); }

  [[nodiscard]] const Clock* main_clock() const {
    if (const auto next = next_step(request_, policy_, rules_, now_))
      if (const Clock* clock = find_clock(request_, next->clock)) return clock;
    const auto open = std::ranges::find_if(request_.clocks, [](const Clock& clock) { return !clock.stopped; });
    return open == request_.clocks.end() ? nullptr : &*open;
  }

  void ended() {
    if (request_.closed_at)
      add("why.ended", {{"phase", wording::phase(lang_, request_.phase)}, {"time", when(*request_.closed_at)}});
  }

  void explain(const Clock& clock) {
    const Duration used = elapsed(clock, rules_, now_);
    const auto left = remaining(clock, rules_, now_);
    const std::string name = wording::clock_of(rules_, request_, clock);
    const std::string calendar = calendar_name(clock.calendar);
    if (!clock.target || !left) {
      add("why.clock_open", {{"clock", name}, {"start", when(clock.start)}, {"calendar", calendar}});
      return;
    }
    add("why.clock", {{"clock", name}, {"start", when(clock.start)}, {"target", when(*clock.target)}, {"calendar", calendar}});
    const bool late = *left < Duration::zero(), just = *left <= Duration::zero() && -*left < Minutes(1);
    add(just   ? "why.arithmetic_due"
        : late ? "why.arithmetic_late"
               : "why.arithmetic",
        {{"whole", time_of(used + *left)},
         {"used", time_of(used)},
         {"percent", std::to_string(wording::used_percent(clock, rules_, now_).value_or(0))},
         {"left", time_of(late ? -*left : *left)}});
    sum(clock, used);
    if (clock.paused()) add("why.paused", {{"time", when(clock.pauses.back().from)}, {"reason", clock.pauses.back().reason}});
  }

  /// "开始至今 64 小时 = 计时 16 小时 + 周末 48 小时": every minute between start and now is accounted for.
  void sum(const Clock& clock, Duration used) {
    if (now_ <= clock.start) return;
    const LeftOut out = left_out(clock, rules_, now_);
    std::string names;
    for (const std::string& name : out.holiday_names) (names += names.empty() ? "" : say("label.separator", {})) += name;
    const Minutes whole = std::chrono::floor<Minutes>(now_ - clock.start);
    Minutes open = whole - std::chrono::floor<Minutes>(used);
    std::string parts = say("why.counted", {{"span", time_of(used)}});
    struct Part {
      std::string_view key;
      Duration time;
    };
    std::vector<Part> all{{"why.nights", out.nights},
                          {"why.weekends", out.weekends},
                          {"why.holidays", out.holidays},
                          {"why.days_off", out.days_off},
                          {"why.pauses", out.pauses}};
    std::erase_if(all, [](const Part& part) { return part.time <= Duration::zero(); });
    for (std::size_t i = 0; i < all.size(); ++i) {
      // The last part takes what rounding down to minutes left over.
      const Minutes minutes = i + 1 == all.size() ? open : std::min(open, std::chrono::floor<Minutes>(all[i].time));
      open -= minutes;
      if (minutes > Minutes::zero()) parts += " + " + say(all[i].key, {{"span", time_of(minutes)}, {"names", names}});
    }
    add("why.sum", {{"whole", time_of(whole)}, {"parts", parts}});
  }

  [[nodiscard]] std::string calendar_name(const CalendarId& id) const {
    const std::string key = "calendar." + id.str().substr(0, id.str().find('@'));
    return has_phrase(key) ? say(key, {}) : id.str();
  }

  [[nodiscard]] std::string rung_name(const Clock& clock, std::uint16_t rung) const {
    const ClockRule* rule = wording::rule_of(policy_, clock.kind);
    if (rule && rung < rule->ladder.size()) return wording::rung(lang_, rule->ladder[rung], clock.calendar);
    return say("rung.number", {{"count", std::to_string(rung + 1)}});
  }

  void fired(const Clock& clock) {
    std::string list;
    for (const Stamped& entry : history_) {
      const auto* reached = std::get_if<RungReached>(&entry.event);
      if (!reached || reached->clock != clock.id) continue;
      constexpr Duration noticeable{60 * 1000};
      const Duration delay = entry.at - reached->due;
      list += "\n" + say(delay > noticeable ? "why.fired_late" : "why.fired", {{"rung", rung_name(clock, reached->rung)},
                                                                               {"time", when(reached->due)},
                                                                               {"people", wording::who(rules_, reached->told)},
                                                                               {"span", time_of(delay)}});
      if (reached->missed > 0) list += say("log.missed", {{"count", std::to_string(reached->missed)}});
    }
    add(list.empty() ? "why.none_fired" : "why.fired_title", {});
    lines_ += list;
  }

  void coming(const Clock& clock) {
    constexpr Duration horizon{400LL * 24 * 3600 * 1000};
    if (clock.paused()) return add("why.next_paused", {});
    for (const DueRung& due : upcoming(request_, policy_, rules_, now_, now_ + horizon, 20)) {
      if (due.clock != clock.id) continue;
      std::string people;
      for (const Recipient& recipient : due.to) {
        if (!people.empty()) people += say("label.separator", {});
        people += say("why.recipient", {{"role", wording::recipient(rules_, recipient)},
                                        {"people", wording::who(rules_, resolve(recipient, request_, &clock, rules_, now_))}});
      }
      return add("why.next", {{"rung", rung_name(clock, due.rung)},
                              {"time", when(due.due)},
                              {"people", people},
                              {"by", wording::by(lang_, due.by)}});
    }
    add("why.next_none", {});
  }

  void others(const Clock& main) {
    for (const Clock& clock : request_.clocks) {
      if (clock.stopped || clock.id == main.id || !clock.target) continue;
      const std::string name = wording::clock_of(rules_, request_, clock);
      add(clock.paused() ? "why.other_paused" : "why.other", {{"clock", name}, {"time", when(*clock.target)}});
    }
  }

  void by_hand() {
    for (const Stamped& entry : history_)
      if (const auto* submitted = std::get_if<DisputeSubmitted>(&entry.event))
        add(submitted->to == Judge::leadership_group ? "why.to_group" : "why.to_judge",
            {{"time", when(entry.counted_at)}, {"people", wording::who(rules_, submitted->judges)}});
    for (const Stamped& entry : history_)
      if (const auto* escalated = std::get_if<Escalated>(&entry.event))
        add("why.escalated", {{"time", when(entry.counted_at)},
                              {"who", wording::who(rules_, entry.by)},
                              {"people", wording::who(rules_, escalated->to)},
                              {"reason", wording::set_in(escalated->reason)}});
  }

  const Request& request_;
  const Policy& policy_;
  const std::vector<Stamped>& history_;
  const Rules& rules_;
  TimePoint now_;
  Lang lang_;
  std::string lines_;
};

}  // namespace

LeftOut left_out(const Clock& clock, const Rules& rules, TimePoint until) {
  LeftOut out;
  const TimePoint end = clock.stopped ? std::min(*clock.stopped, until) : until;
  if (end <= clock.start) return out;
  const Calendar& calendar = rules.calendar(clock.calendar);
  Duration running{};
  for (const auto& [from, to] : stretches(clock, end)) {
    running += to - from;
    for (TimePoint at = from; at < to;) {
      const LocalDate date = calendar.local_date(at);
      const TimePoint day_end = std::min(to, next_midnight(date, calendar));
      const Duration off = (day_end - at) - calendar.between(at, day_end);
      if (off > Duration::zero()) {
        if (calendar.working_date(date)) {
          out.nights += off;
        } else if (const HolidayBlock* block = holiday_of(date, calendar)) {
          out.holidays += off;
          const std::string& name = rules.lang == Lang::en && !block->name_en.empty() ? block->name_en : block->name;
          if (std::ranges::find(out.holiday_names, name) == out.holiday_names.end()) out.holiday_names.push_back(name);
        } else if (weekend(date)) {
          out.weekends += off;
        } else {
          out.days_off += off;
        }
      }
      if (day_end <= at) break;
      at = day_end;
    }
  }
  out.pauses = (end - clock.start) - running;
  return out;
}

Card why_card(const Request& request, const Policy& policy, const std::vector<Stamped>& history, const Rules& rules,
              TimePoint now) {
  return Explaining(request, policy, history, rules, now).card();
}

}  // namespace xieban::brain
