#include "bot/net/ending.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <utility>
#include <vector>

#include "bot/base/log.hpp"

namespace xieban {

namespace asio = boost::asio;

struct Endings::State {
  explicit State(asio::any_io_executor executor) : changed(std::move(executor)) {}
  asio::steady_timer changed;
  std::vector<std::string_view> left;
};

Endings::Endings(asio::any_io_executor executor) : state_(std::make_shared<State>(std::move(executor))) {}

void Endings::start(std::string_view what, asio::awaitable<void> part) {
  state_->left.push_back(what);
  asio::co_spawn(state_->changed.get_executor(), std::move(part), [state = state_, what](std::exception_ptr thrown) {
    if (thrown) log::error("end.failed", {{"part", what}});
    std::erase(state->left, what);
    state->changed.cancel();
  });
}

asio::awaitable<void> Endings::by(SteadyTime until) { return wait(state_, until); }

asio::awaitable<void> Endings::wait(std::shared_ptr<State> state, SteadyTime until) {
  while (!state->left.empty() && steady_now() < until) {
    state->changed.expires_at(until);
    boost::system::error_code ignored;  // a part that ends cancels the timer
    co_await state->changed.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  for (const std::string_view what : state->left) log::warn("end.cut_short", {{"part", what}});
}

LastResort::LastResort(Duration after, std::function<void()> act) : timer_(thread_, after) {
  timer_.async_wait([act = std::move(act)](boost::system::error_code error) {
    if (!error) act();
  });
}

LastResort::~LastResort() {
  thread_.stop();  // what still waits is forgotten
  thread_.join();
}

}  // namespace xieban
