#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <utility>

namespace xieban {

/// One coroutine waits here until someone opens; all on the loop's thread. Cheaper than a timer used as a signal.
/// It must outlive the wait. Cancellation does not reach it: whoever waits has a deadline that opens it.
class Gate {
 public:
  Gate() = default;
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

  /// Returns at once when it is open already.
  boost::asio::awaitable<void> wait() {
    return boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void()>(
        [this](auto handler) {
          auto executor = boost::asio::prefer(boost::asio::get_associated_executor(handler),
                                              boost::asio::execution::outstanding_work.tracked);
          waiter_ = [executor = std::move(executor), handler = std::move(handler)]() mutable {
            boost::asio::post(executor, std::move(handler));
          };
          if (open_) wake();
        },
        boost::asio::use_awaitable);
  }
  void open() {
    open_ = true;
    wake();
  }
  void shut() { open_ = false; }
  [[nodiscard]] bool is_open() const { return open_; }

 private:
  void wake() {
    if (auto waiter = std::exchange(waiter_, nullptr)) waiter();
  }

  bool open_ = false;
  std::move_only_function<void()> waiter_;
};

}  // namespace xieban
