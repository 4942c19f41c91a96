#include "bot/engine/backoff.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace xieban::backoff_test {
namespace {

using namespace std::chrono_literals;

const TimePoint start{std::chrono::sys_days{std::chrono::year{2026} / 11 / 21}};
const Receipt failed(Outcome::retry, "500");

TEST(Backoff, DoublesBetweenHalfAndWholeUpToTheCap) {
  const Backoff backoff;
  EXPECT_EQ(next_attempt(backoff, 1, start, start, failed, 0), start + 500ms);
  EXPECT_EQ(next_attempt(backoff, 1, start, start, failed, 500), start + 1s);
  EXPECT_EQ(next_attempt(backoff, 4, start, start, failed, 0), start + 4s);
  EXPECT_EQ(next_attempt(backoff, 11, start, start, failed, 0), start + 150s);
}

TEST(Backoff, GivesUpByCountAndByAge) {
  const Backoff backoff;
  EXPECT_TRUE(next_attempt(backoff, 11, start, start + 23h, failed, 0));
  EXPECT_FALSE(next_attempt(backoff, 12, start, start + 1h, failed, 0));
  EXPECT_FALSE(next_attempt(backoff, 3, start, start + 24h, failed, 0));
}

TEST(Backoff, RetryAfterWinsToTheInstant) {
  const Backoff backoff;
  Receipt limited(Outcome::retry, "429");
  limited.retry_after = 37s;
  EXPECT_EQ(next_attempt(backoff, 1, start, start, limited, 12345), start + 37s);
  EXPECT_EQ(next_attempt(backoff, 9, start, start, limited, 99), start + 37s);
  limited.retry_after = 100h * 24;
  EXPECT_EQ(next_attempt(backoff, 1, start, start, limited, 0), start + backoff.give_up_after);
}

RC_GTEST_PROP(Backoff, NeverEarlierThanHalfNorLaterThanTheCap, (std::uint64_t noise)) {
  const Backoff backoff;
  const auto attempts = *rc::gen::inRange<std::uint32_t>(1, 12);
  const auto at = next_attempt(backoff, attempts, start, start, failed, noise);
  RC_ASSERT(at.has_value());
  const Duration whole = std::min<Duration>(backoff.first * (1LL << (attempts - 1)), backoff.cap);
  RC_ASSERT(*at - start >= whole / 2);
  RC_ASSERT(*at - start <= whole);
}

TEST(RetryBudget, RunsDryAndIsEarnedBackBySuccesses) {
  RetryBudget budget;
  int taken = 0;
  while (budget.take()) ++taken;
  EXPECT_EQ(taken, 10);
  for (int n = 0; n < 4; ++n) budget.success();
  EXPECT_FALSE(budget.take());
  budget.success();
  budget.success();
  EXPECT_TRUE(budget.take());
  EXPECT_FALSE(budget.take());
}

}  // namespace
}  // namespace xieban::backoff_test
