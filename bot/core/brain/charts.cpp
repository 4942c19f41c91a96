#include "bot/core/brain/charts.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>

#include "bot/core/brain/audience.hpp"
#include "bot/core/card/wording.hpp"

namespace xieban::brain {
namespace {

constexpr std::size_t most_bars = 12;
constexpr std::size_t least_tasks = 3, most_days = 7;  // of a burn-up
constexpr std::chrono::weeks looked_back{8};

/// Monday of that week.
std::chrono::sys_days week_of(TimePoint at, const Calendar& zone) {
  const std::chrono::sys_days day(zone.local_date(at));
  return day - (std::chrono::weekday(day) - std::chrono::Monday);
}

}  // namespace

std::optional<Chart> open_by_department(const Rows& rows, const PersonId& viewer, const Rules& rules, TimePoint now) {
  Chart chart;
  for (const Row& row : rows) {
    if (!row_visible(row, viewer, rules, now)) continue;
    const std::string name = wording::department(rules, row.lead);
    auto bar = std::ranges::find(chart.bars, name, &Bar::label);
    if (bar == chart.bars.end()) bar = chart.bars.insert(bar, Bar{name, {0, 0}});
    ++bar->values[row.overdue(now) ? 1 : 0];
  }
  // One bar says no more than the line above it.
  if (chart.bars.size() < 2 || chart.bars.size() > most_bars) return std::nullopt;
  std::ranges::stable_sort(chart.bars, std::greater<>{}, [](const Bar& bar) { return bar.values[0] + bar.values[1]; });
  chart.title = say(rules.lang, "chart.open");
  chart.series = {say(rules.lang, "chart.in_time"), say(rules.lang, "chart.late")};
  return chart;
}

std::optional<Chart> burn_up(const std::vector<Stamped>& history, const Request& request, const Rules& rules, TimePoint now) {
  Chart chart;
  Request state;
  state.id = request.id;
  const auto day = [&](TimePoint at) {
    if (state.tasks.empty()) return;
    const auto open = std::ranges::count(state.tasks, TaskState::open, &Task::state);
    const auto delivered = std::ssize(state.tasks) - open;
    Bar bar{local_day(rules.lang, rules.office().local_date(at)),
            {static_cast<std::uint32_t>(delivered), static_cast<std::uint32_t>(open)}};
    if (!chart.bars.empty() && chart.bars.back().label == bar.label) {
      chart.bars.back() = std::move(bar);
    } else if (chart.bars.empty() || chart.bars.back().values != bar.values) {
      chart.bars.push_back(std::move(bar));
    }
  };
  for (const Stamped& entry : history) {
    if (entry.request != request.id) continue;
    state = apply(std::move(state), entry);
    day(entry.at);
  }
  day(now);
  if (state.tasks.size() < least_tasks || chart.bars.size() < 2) return std::nullopt;
  if (chart.bars.size() > most_days) chart.bars.erase(chart.bars.begin(), chart.bars.end() - most_days);
  chart.title = say(rules.lang, "chart.burn_up");
  chart.series = {say(rules.lang, "chart.done"), say(rules.lang, "chart.to_do")};
  return chart;
}

std::optional<Chart> on_time(const std::vector<Promise>& promises, const Rules& rules, TimePoint now) {
  const Calendar& office = rules.office();
  const auto first = week_of(now, office) - looked_back + std::chrono::weeks(1);
  struct Count {
    std::uint32_t in_time = 0, late = 0;
  };
  std::map<std::chrono::sys_days, Count> weeks;
  Count all;
  for (const Promise& promise : promises) {
    // What was handed in before it is due counts once it is due.
    const auto week = week_of(promise.due, office);
    if (promise.due > now || week < first) continue;
    ++(promise.in_time() ? weeks[week].in_time : weeks[week].late);
    ++(promise.in_time() ? all.in_time : all.late);
  }
  if (weeks.size() < 2) return std::nullopt;
  Chart chart;
  for (const auto& [monday, count] : weeks) chart.bars.push_back({local_day(rules.lang, monday), {count.in_time, count.late}});
  const auto percent = all.in_time * 100 / (all.in_time + all.late);
  chart.title = say(rules.lang, Phrase("chart.on_time",
                                       {{"percent", std::to_string(percent)}, {"weeks", std::to_string(looked_back.count())}}));
  chart.series = {say(rules.lang, "chart.kept"), say(rules.lang, "chart.missed")};
  return chart;
}

}  // namespace xieban::brain
