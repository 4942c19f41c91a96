#pragma once
// An end in order, within a time of which no part may use more than its share.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <memory>
#include <string_view>

#include "bot/base/time.hpp"
#include "bot/net/loop.hpp"

namespace xieban {

/// Parts that end side by side; all on the loop's thread.
class Endings {
 public:
  explicit Endings(boost::asio::any_io_executor);

  /// `what` is for the log and outlives it.
  void start(std::string_view what, boost::asio::awaitable<void> part);
  /// Until all have ended, no longer than that: what has not goes on by itself, and is named in the log.
  boost::asio::awaitable<void> by(SteadyTime until);

 private:
  struct State;
  static boost::asio::awaitable<void> wait(std::shared_ptr<State>, SteadyTime until);
  std::shared_ptr<State> state_;
};

/// Acts on a thread of its own, unless it is destroyed before: a loop, a thread pool or a disk that hangs cannot keep it.
class LastResort {
 public:
  LastResort(Duration after, std::function<void()> act);
  ~LastResort();
  LastResort(const LastResort&) = delete;
  LastResort& operator=(const LastResort&) = delete;

 private:
  boost::asio::thread_pool thread_{1};
  boost::asio::steady_timer timer_;
};

}  // namespace xieban
