#pragma once
// One coroutine at a time, in the order they came; for coroutines of one thread.

#include <boost/asio/awaitable.hpp>
#include <memory>

namespace xieban {

class AsyncLock {
 public:
  struct State;
  /// Lets the next one in when it is destroyed.
  class Held {
   public:
    explicit Held(std::shared_ptr<State> state) : state_(std::move(state)) {}
    ~Held();
    Held(Held&&) noexcept = default;
    Held& operator=(Held&&) = delete;
    Held(const Held&) = delete;
    Held& operator=(const Held&) = delete;

   private:
    std::shared_ptr<State> state_;
  };

  AsyncLock();
  /// Throws operation_aborted when the coroutine was cancelled before its turn came.
  boost::asio::awaitable<Held> acquire();

 private:
  std::shared_ptr<State> state_;
};

}  // namespace xieban
