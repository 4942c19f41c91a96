#include "bot/engine/monthly_budget.hpp"

#include <algorithm>
#include <array>

#include "bot/base/log.hpp"

namespace xieban {
namespace {

struct Threshold {
  std::uint64_t percent;
  Duration refresh_after;
};
constexpr std::array thresholds{Threshold{70, Duration{30'000}}, Threshold{90, Duration{600'000}},
                                Threshold{100, Duration{3'600'000}}};

}  // namespace

MonthlyBudget::MonthlyBudget(Store& store, TimeSource& time, RulesBox& rules, Metrics& metrics, const Platforms& platforms)
    : store_(store), time_(time), rules_(rules), metrics_(metrics) {
  for (const auto& [app, platform] : platforms) {
    BudgetUse use;
    use.app = app;
    for (const Channel& channel : platform->traits().channels)
      use.limit = std::max<std::uint64_t>(use.limit, channel.per_month.value_or(0));
    if (use.limit > 0) uses_.push_back(use);
  }
}

std::string MonthlyBudget::month() const {
  const TimePoint now = time_.now();
  return to_rfc3339(now, rules_.get()->office().offset(now)).substr(0, 7);
}

void MonthlyBudget::spend(const AppId& app) {
  if (std::ranges::find(uses_, app, &BudgetUse::app) != uses_.end()) ++spent_[{app, month()}];
}

void MonthlyBudget::used_up(const AppId& app) {
  const auto use = std::ranges::find(uses_, app, &BudgetUse::app);
  if (use == uses_.end() || use->used >= use->limit) return;
  std::uint32_t& spent = spent_[{app, month()}];
  // Calls that were under way together are all told so.
  spent = std::max(spent, static_cast<std::uint32_t>(use->limit - use->used));
}

void MonthlyBudget::used(BudgetUse& use, std::uint64_t sum) {
  const bool first = !levels_.contains(use.app);
  use.used = sum;
  metrics_.budget(use.app.value, use.used, use.limit);
  int level = 0;
  for (const Threshold& one : thresholds) level += sum * 100 >= one.percent * use.limit ? 1 : 0;
  int& before = levels_[use.app];
  if (!first && level == before) return;
  rules_.refresh_after(use.app, level == 0 ? Duration{0} : thresholds.at(static_cast<std::size_t>(level) - 1).refresh_after);
  if (level > before) {
    log::warn("budget.level", {{"app", use.app}, {"used", use.used}, {"limit", use.limit}});
    if (!first && told_) told_(use);
  }
  before = level;
}

boost::asio::awaitable<void> MonthlyBudget::settle() {
  const std::string now_in = month();
  if (month_read_ != now_in) {
    for (const BudgetUse& use : uses_) spent_.try_emplace({use.app, now_in}, 0U);
  }
  const auto spent = std::exchange(spent_, {});
  bool all = true;
  for (const auto& [key, count] : spent) {
    auto sum = co_await store_.count(key.first.value, key.second, count);
    const auto use = std::ranges::find(uses_, key.first, &BudgetUse::app);
    if (!sum) {
      log::warn("budget.count_failed", {{"app", key.first}, {"why", sum.error().text}});
      spent_[key] += count;
      all = false;
    } else if (key.second == now_in && use != uses_.end()) {
      used(*use, *sum);
    }
  }
  if (all) month_read_ = now_in;
}

}  // namespace xieban
