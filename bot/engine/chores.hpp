#pragma once
// Once a day: retention, anchor, backup; every so often: figures for /metrics and /readyz; events marked for retry;
// clocks computed under calendars that are no longer in force; changed types that are carried over.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>
#include <string>

#include "bot/base/metrics.hpp"
#include "bot/engine/intake.hpp"
#include "bot/engine/outbox.hpp"

namespace xieban {

struct ChoreSettings {
  Duration keep_inbox{7LL * 24 * 3600 * 1000};
  Duration keep_outbox{7LL * 24 * 3600 * 1000};
  int backup_minute = 150;  // of the local day; negative: no backups
  /// Makes one backup file of that name ("xieban-2026-11-21.db") and removes those over the number to keep; runs outside
  /// the loop.
  std::function<boost::asio::awaitable<Result<void>>(std::string name)> backup;
  /// Rings whoever sends and wakes, after chores changed requests.
  std::function<void()> on_commit = [] {};
};

class Chores {
 public:
  Chores(Store&, TimeSource&, const RulesBox&, Metrics&, Intake&, const Platforms&, ChoreSettings);
  ~Chores();
  Chores(const Chores&) = delete;
  Chores& operator=(const Chores&) = delete;
  /// Runs until stop(): a round every ten seconds.
  boost::asio::awaitable<void> run();
  /// One round now: whatever of the above is due. For run(), and for tests that turn the clock.
  boost::asio::awaitable<void> round();
  boost::asio::awaitable<void> stop();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace xieban
