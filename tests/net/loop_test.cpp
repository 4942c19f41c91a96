#include "bot/net/loop.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "bot/net/admission.hpp"
#include "bot/net/gate.hpp"

namespace xieban::loop_test {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

asio::awaitable<void> wait_for(Alarm& alarm, std::optional<TimePoint> until, int& done) {
  co_await alarm.wait(until);
  ++done;
}

class AlarmTest : public testing::Test {
 protected:
  void start(std::optional<TimePoint> until) { asio::co_spawn(context, wait_for(*alarm, until, done), asio::detached); }
  asio::io_context context{1};
  std::unique_ptr<TimeSource> time = make_system_time(context.get_executor());
  std::unique_ptr<Alarm> alarm = time->make_alarm();
  int done = 0;
};

TEST_F(AlarmTest, ARingWhileNobodyWaitsIsKeptOnce) {
  alarm->ring();
  alarm->ring();
  start(std::nullopt);
  context.poll();
  EXPECT_EQ(done, 1);
  start(std::nullopt);
  context.poll();
  EXPECT_EQ(done, 1);  // both rings were one
  alarm->ring();
  context.restart();
  context.poll();
  EXPECT_EQ(done, 2);
}

TEST_F(AlarmTest, AnInstantInThePastReturnsAtOnce) {
  start(time->now() - 1h);
  context.poll();
  EXPECT_EQ(done, 1);
}

TEST_F(AlarmTest, ReturnsAtTheInstantAndNotBefore) {
  const TimePoint until = time->now() + 30ms;
  start(until);
  context.run();
  EXPECT_EQ(done, 1);
  EXPECT_GE(time->now(), until);
  EXPECT_LT(time->now(), until + 5s);
}

TEST_F(AlarmTest, ARingEndsALongWait) {
  start(time->now() + 24h);
  context.poll();
  EXPECT_EQ(done, 0);
  alarm->ring();
  context.run();
  EXPECT_EQ(done, 1);
}

TEST(LagProbe, MeasuresAndStops) {
  asio::io_context context(1);
  Metrics metrics;
  {
    const LagProbe probe(context.get_executor(), metrics);
    const auto until = steady_now() + 5s;
    while (metrics.text().find("xieban_loop_lag_seconds_count 0") != std::string::npos && steady_now() < until)
      context.run_one_for(1s);
  }
  EXPECT_EQ(metrics.text().find("xieban_loop_lag_seconds_count 0"), std::string::npos);
  context.restart();
  EXPECT_LE(context.run(), 1U);  // the cancelled timer, and then nothing is left to do
}

asio::awaitable<void> pass(Gate& gate, int& passed) {
  co_await gate.wait();
  ++passed;
}

TEST(Gate, OpensForWhoWaitsAndWhoComesLater) {
  asio::io_context context(1);
  Gate gate;
  int passed = 0;
  asio::co_spawn(context, pass(gate, passed), asio::detached);
  context.poll();
  EXPECT_EQ(passed, 0);
  EXPECT_FALSE(context.stopped());  // the waiter counts as work
  gate.open();
  context.poll();
  EXPECT_EQ(passed, 1);
  context.restart();
  asio::co_spawn(context, pass(gate, passed), asio::detached);
  context.run();
  EXPECT_EQ(passed, 2);
}

TEST(Admission, AllTogetherAndOneHostAQuarter) {
  Admission admission(8);
  const auto host = [](const char* text) { return asio::ip::make_address(text); };
  EXPECT_TRUE(admission.enter(host("192.0.2.1")));
  EXPECT_TRUE(admission.enter(host("::ffff:192.0.2.1")));
  EXPECT_FALSE(admission.enter(host("192.0.2.1")));
  EXPECT_TRUE(admission.enter(host("192.0.2.2")));
  // One IPv6 host has a whole /64.
  EXPECT_TRUE(admission.enter(host("2001:db8::1")));
  EXPECT_TRUE(admission.enter(host("2001:db8::2")));
  EXPECT_FALSE(admission.enter(host("2001:db8::3")));
  EXPECT_TRUE(admission.enter(host("2001:db8:0:1::3")));
  admission.leave(host("192.0.2.1"));
  EXPECT_TRUE(admission.enter(host("192.0.2.1")));
  EXPECT_EQ(admission.size(), 6U);
  // Loopback has no share, only the whole.
  EXPECT_TRUE(admission.enter(host("127.0.0.1")));
  EXPECT_TRUE(admission.enter(host("::1")));
  EXPECT_FALSE(admission.enter(host("127.0.0.1")));
  EXPECT_FALSE(admission.enter(host("198.51.100.7")));
}

}  // namespace
}  // namespace xieban::loop_test
