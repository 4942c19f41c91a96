#pragma once
// Claim, send, settle, sleep. Order holds per thread, limits per lane; a thread that fails delays only itself.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bot/base/metrics.hpp"
#include "bot/base/rng.hpp"
#include "bot/engine/ailments.hpp"
#include "bot/engine/backoff.hpp"
#include "bot/engine/limiter.hpp"
#include "bot/engine/monthly_budget.hpp"
#include "bot/engine/platforms.hpp"
#include "bot/engine/rules_box.hpp"
#include "bot/engine/sender.hpp"
#include "bot/ports/store.hpp"
#include "bot/ports/time_source.hpp"

namespace xieban {

class Outbox {
 public:
  Outbox(boost::asio::any_io_executor, Store&, Sender&, const Platforms&, TimeSource&, RulesBox&, Metrics&, Backoff, Rng);
  ~Outbox();
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;

  /// Sends for an app only while it holds the lease "sender/APP" under this name: for several instances on one store.
  /// Before run(). Without it this instance takes itself for the only one.
  void use_leases(std::string holder);
  /// Looks at the store at least that often, whoever rings; before run().
  void poll_every(Duration);
  /// Awaited before each claim: what falls due at this instant wakes first, so that a reminder that waits is replaced by its
  /// successor instead of being sent beside it. Before run().
  void before_claims(std::function<boost::asio::awaitable<void>()>);
  /// Runs until stop(). Refills its limiters from the ledger first.
  boost::asio::awaitable<void> run();
  /// There may be something to send.
  void ring();
  /// A unit was committed: looks sooner if something of it may go.
  void notice(const Work&);
  /// Sends everything that is due at the clock's instant and waits for it; answers how many were sent.
  /// May be called while run() runs.
  /// What a limit, a lease or a platform that is down holds back is not due yet.
  boost::asio::awaitable<std::size_t> drain();
  /// The earliest instant at which it will have something to do.
  boost::asio::awaitable<std::optional<TimePoint>> next_instant();
  /// Claims nothing new; waits for sends in flight to settle, 8 s at most: what is then still under way settles as unknown
  /// by the policy of the next start.
  boost::asio::awaitable<void> stop();
  /// How many it has delivered since it was made.
  [[nodiscard]] std::uint64_t handled() const;
  /// How much of their months the apps have used.
  [[nodiscard]] const MonthlyBudget& budget() const;
  /// Apps that refuse to mirror tasks, with what the platform says; until one goes through.
  [[nodiscard]] std::vector<std::pair<AppId, std::string>> refused_tasks() const;
  /// Which of the people whom a notice mentions in a group are not in it: they are told in private. Before run().
  void ask_who_is_absent(std::function<boost::asio::awaitable<std::vector<PersonId>>(ChatRef, std::vector<PersonRef>)>);
  /// Before run().
  void on_budget_level(std::function<void(const BudgetUse&)>);
  /// Where permissions that the apps lack are noted; before run().
  void report_to(Ailments&);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace xieban
