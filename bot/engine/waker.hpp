#pragma once
// Things whose time has come. One alarm, set to the earliest instant; urgent first, in small batches.

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <memory>

#include "bot/base/metrics.hpp"
#include "bot/engine/rules_box.hpp"
#include "bot/ports/store.hpp"
#include "bot/ports/time_source.hpp"

namespace xieban {

class Waker {
 public:
  /// `on_commit`: rings the outbox.
  Waker(Store&, TimeSource&, const RulesBox&, Metrics&, std::function<void()> on_commit);
  ~Waker();
  Waker(const Waker&) = delete;
  Waker& operator=(const Waker&) = delete;

  /// Looks at the store at least that often, whoever rings; before run().
  void poll_every(Duration);
  /// Runs until stop().
  boost::asio::awaitable<void> run();
  void ring();
  /// A unit was committed: wakes sooner if one of its requests does.
  void notice(const Work&);
  /// Handles everything that is due at the clock's instant; answers how many requests woke. May be called while run() runs.
  boost::asio::awaitable<std::size_t> drain();
  /// Handles what is due, for `at_most` of time; costs nothing when run() sleeps until a later instant.
  boost::asio::awaitable<void> catch_up(Duration at_most);
  boost::asio::awaitable<void> stop();
  /// How many it has woken since it was made.
  [[nodiscard]] std::uint64_t handled() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace xieban
