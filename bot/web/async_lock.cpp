#include "bot/web/async_lock.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <deque>

namespace xieban {

namespace asio = boost::asio;

namespace {

struct Waiter {
  explicit Waiter(const asio::any_io_executor& executor) : timer(executor, asio::steady_timer::time_point::max()) {}
  asio::steady_timer timer;
  bool given = false;
};

}  // namespace

struct AsyncLock::State {
  bool held = false;
  std::deque<std::weak_ptr<Waiter>> waiting;  // weak: a coroutine may be destroyed while it waits

  void pass_on() {
    while (!waiting.empty()) {
      const std::shared_ptr<Waiter> next = waiting.front().lock();
      waiting.pop_front();
      if (!next) continue;
      next->given = true;
      next->timer.cancel();
      return;
    }
    held = false;
  }
};

AsyncLock::AsyncLock() : state_(std::make_shared<State>()) {}

AsyncLock::Held::~Held() {
  if (state_) state_->pass_on();
}

asio::awaitable<AsyncLock::Held> AsyncLock::acquire() {
  const std::shared_ptr<State> state = state_;
  if (!state->held) {
    state->held = true;
    co_return Held(state);
  }
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  std::shared_ptr<Waiter> waiter = std::make_shared<Waiter>(executor);
  state->waiting.push_back(waiter);
  co_await waiter->timer.async_wait(asio::as_tuple(asio::use_awaitable));
  // Cancelled: the queue's weak pointer runs out together with this frame, so nobody hands the lock to it.
  if (!waiter->given) throw boost::system::system_error(asio::error::operation_aborted);
  co_return Held(state);
}

}  // namespace xieban
