#pragma once
// Calls that a platform allows in a calendar month. Past 70 % refreshes of cards wait longer, so that many changes become one
// call; what people must hear is never held back.

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "bot/base/metrics.hpp"
#include "bot/engine/platforms.hpp"
#include "bot/engine/rules_box.hpp"
#include "bot/ports/store.hpp"
#include "bot/ports/time_source.hpp"

namespace xieban {

struct BudgetUse {
  AppId app;
  std::uint64_t used = 0, limit = 0;
};

/// On the loop's thread. Counts are kept in the store, under the month of the company's calendar.
class MonthlyBudget {
 public:
  MonthlyBudget(Store&, TimeSource&, RulesBox&, Metrics&, const Platforms&);
  /// Called with the app whose use has passed 70 % or 90 %, or has reached the limit; not for what was so at the start.
  void on_level(std::function<void(const BudgetUse&)> told) { told_ = std::move(told); }
  /// Nothing, for an app without a limit.
  void spend(const AppId&);
  /// The platform says so, whatever was counted: others may call it, too.
  void used_up(const AppId&);
  /// Writes down what was spent and reads what was spent before; a new month begins at zero.
  boost::asio::awaitable<void> settle();
  [[nodiscard]] bool unsettled() const { return !spent_.empty(); }
  [[nodiscard]] std::vector<BudgetUse> uses() const { return uses_; }

 private:
  [[nodiscard]] std::string month() const;
  void used(BudgetUse& use, std::uint64_t sum);

  Store& store_;
  TimeSource& time_;
  RulesBox& rules_;
  Metrics& metrics_;
  std::function<void(const BudgetUse&)> told_;
  std::vector<BudgetUse> uses_;
  std::map<AppId, int> levels_;
  std::map<std::pair<AppId, std::string>, std::uint32_t> spent_;  // (app, month) -> calls not counted yet
  std::string month_read_;
};

}  // namespace xieban
