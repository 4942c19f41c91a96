#include "bot/engine/offset_time.hpp"

#include <gtest/gtest.h>

#include <boost/asio/detached.hpp>

#include "tests/support/sim_time.hpp"

namespace xieban::offset_time_test {
namespace {

using namespace std::chrono_literals;
const TimePoint start{std::chrono::sys_days{std::chrono::year{2026} / 11 / 21}};

struct OffsetTimeTest : ::testing::Test {
  boost::asio::io_context context;
  testing::SimTime inner{context, start};
  OffsetTime time{inner, 1h};
  std::unique_ptr<Alarm> alarm = time.make_alarm();
  int returned = 0;

  static boost::asio::awaitable<void> wait(Alarm& alarm, std::optional<TimePoint> until, int& returned) {
    co_await alarm.wait(until);
    ++returned;
  }
  void begin(std::optional<TimePoint> until) {
    boost::asio::co_spawn(context, wait(*alarm, until, returned), boost::asio::detached);
    inner.run_ready();
  }
};

TEST_F(OffsetTimeTest, NowIsInnerPlusOffset) {
  EXPECT_EQ(time.now(), start + 1h);
  time.set_offset(26h);
  EXPECT_EQ(time.now(), start + 26h);
  EXPECT_EQ(time.offset(), Duration{26h});
}

TEST_F(OffsetTimeTest, AnAlarmWaitsInInnerTime) {
  begin(start + 1h + 10min);
  inner.run_until(start + 10min - 1ms);
  EXPECT_EQ(returned, 0);
  inner.run_until(start + 10min);
  EXPECT_EQ(returned, 1);
}

TEST_F(OffsetTimeTest, TurningTheClockWakesWhatIsDueThenAndNothingElse) {
  const auto other = time.make_alarm();
  int other_returned = 0;
  begin(start + 2h);
  boost::asio::co_spawn(context, wait(*other, start + 5h, other_returned), boost::asio::detached);
  inner.run_ready();
  time.set_offset(2h);
  inner.run_ready();
  EXPECT_EQ(returned, 1);
  EXPECT_EQ(other_returned, 0);
  inner.run_until(start + 3h - 1ms);
  EXPECT_EQ(other_returned, 0);
  inner.run_until(start + 3h);
  EXPECT_EQ(other_returned, 1);
}

TEST_F(OffsetTimeTest, TurnedBackItWaitsLonger) {
  begin(start + 2h);
  time.set_offset(0h);
  inner.run_until(start + 2h - 1ms);
  EXPECT_EQ(returned, 0);
  inner.run_until(start + 2h);
  EXPECT_EQ(returned, 1);
}

TEST_F(OffsetTimeTest, ARingWhileNobodyWaitsIsKeptOnce) {
  alarm->ring();
  begin(std::nullopt);
  EXPECT_EQ(returned, 1);
  begin(std::nullopt);
  EXPECT_EQ(returned, 1);
  alarm->ring();
  inner.run_ready();
  EXPECT_EQ(returned, 2);
}

TEST_F(OffsetTimeTest, TurningTheClockIsNoRing) {
  begin(std::nullopt);
  time.set_offset(100h);
  inner.run_ready();
  EXPECT_EQ(returned, 0);
  alarm->ring();
  inner.run_ready();
  EXPECT_EQ(returned, 1);
}

}  // namespace
}  // namespace xieban::offset_time_test
