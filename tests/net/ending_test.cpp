#include "bot/net/ending.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <future>

namespace xieban::ending_test {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

asio::awaitable<void> lasts(asio::io_context& loop, Duration time, int& ended) {
  asio::steady_timer timer(loop, time);
  co_await timer.async_wait(asio::use_awaitable);
  ++ended;
}
asio::awaitable<void> ends_at_once(int& ended) {
  ++ended;
  co_return;
}
/// How many had ended when the wait was over.
asio::awaitable<void> count_by(Endings& endings, SteadyTime until, const int& ended, int& counted) {
  co_await endings.by(until);
  counted = ended;
}

class EndingTest : public testing::Test {
 protected:
  Duration run_until(SteadyTime until) {
    const SteadyTime begun = steady_now();
    Duration took{};
    asio::co_spawn(loop, count_by(endings, until, ended, counted),
                   [&](std::exception_ptr) { took = std::chrono::floor<Duration>(steady_now() - begun); });
    loop.run();
    return took;
  }
  asio::io_context loop{1};
  Endings endings{loop.get_executor()};
  int ended = 0, counted = -1;
};

TEST_F(EndingTest, WaitsForAllOfThemSideBySide) {
  endings.start("a", lasts(loop, 100ms, ended));
  endings.start("b", lasts(loop, 150ms, ended));
  endings.start("c", ends_at_once(ended));
  const Duration took = run_until(steady_now() + 30s);
  EXPECT_EQ(counted, 3);
  EXPECT_GE(took, 140ms);
  EXPECT_LT(took, 10s) << "not to the end of the time";
}

TEST_F(EndingTest, WhatTakesTooLongGoesOnByItself) {
  endings.start("quick", lasts(loop, 1ms, ended));
  endings.start("slow", lasts(loop, 2s, ended));
  const Duration took = run_until(steady_now() + 100ms);
  EXPECT_EQ(counted, 1);
  EXPECT_GE(took, 90ms);
  EXPECT_LT(took, 1900ms);
  EXPECT_EQ(ended, 2) << "the loop ran until it had ended as well";
}

TEST_F(EndingTest, WithoutPartsThereIsNothingToWaitFor) {
  EXPECT_LT(run_until(steady_now() + 30s), 10s);
  EXPECT_EQ(counted, 0);
}

TEST(LastResort, ActsWhenTheTimeIsOver) {
  std::promise<void> acted;
  const SteadyTime begun = steady_now();
  const LastResort last(50ms, [&] { acted.set_value(); });
  ASSERT_EQ(acted.get_future().wait_for(10s), std::future_status::ready);
  EXPECT_GE(steady_now() - begun, 50ms);
}

TEST(LastResort, IsForgottenWhenAllWentWell) {
  bool acted = false;
  const SteadyTime begun = steady_now();
  {
    const LastResort last(30s, [&] { acted = true; });
  }
  EXPECT_FALSE(acted);
  EXPECT_LT(steady_now() - begun, 10s) << "nobody waits for its time";
}

}  // namespace
}  // namespace xieban::ending_test
