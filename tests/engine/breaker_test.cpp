#include "bot/engine/breaker.hpp"

#include <gtest/gtest.h>

namespace xieban::breaker_test {
namespace {

using namespace std::chrono_literals;
const TimePoint start{std::chrono::sys_days{std::chrono::year{2026} / 11 / 21}};

TEST(Breaker, OpensAfterFiveFailuresInARow) {
  Breaker breaker;
  for (int n = 0; n < 4; ++n) breaker.failed(start);
  EXPECT_FALSE(breaker.down());
  breaker.answered();
  for (int n = 0; n < 4; ++n) breaker.failed(start);
  EXPECT_FALSE(breaker.down());
  breaker.failed(start);
  EXPECT_TRUE(breaker.down());
  EXPECT_EQ(breaker.probe_at(), start + 1s);
}

TEST(Breaker, WhatFailedTogetherIsOneFailure) {
  Breaker breaker;
  for (int n = 0; n < 32; ++n) breaker.failed(start);
  EXPECT_EQ(breaker.probe_at(), start + 1s);
}

TEST(Breaker, ProbesMoreRarelyUpToAMinuteAndClosesOnAnAnswer) {
  Breaker breaker;
  TimePoint now = start;
  for (int n = 0; n < 5; ++n) breaker.failed(now);
  Duration last{0};
  for (int n = 0; n < 10; ++n) {
    last = *breaker.probe_at() - now;
    now = *breaker.probe_at();
    breaker.failed(now);
  }
  EXPECT_EQ(last, 60s);
  breaker.answered();
  EXPECT_FALSE(breaker.down());
  EXPECT_FALSE(breaker.probe_at());
}

}  // namespace
}  // namespace xieban::breaker_test
