#include "bot/engine/monthly_budget.hpp"

#include <gtest/gtest.h>

#include "tests/support/sim_world.hpp"

namespace xieban::monthly_budget_test {
namespace {

using namespace std::chrono_literals;
using testing::fake_app;
using testing::local;
using testing::SimOptions;
using testing::SimWorld;

struct BudgetTest : ::testing::Test {
  static SimOptions options() {
    SimOptions made;
    for (Channel& channel : made.traits.channels) channel.per_month = 100;
    made.start = local("2026-11-30 09:00");
    return made;
  }
  SimWorld world{options()};
  Platforms platforms{{fake_app, std::make_shared<testing::FakePlatform>(fake_app, options().traits)}};
  MonthlyBudget budget{world.store(), world.time(), world.rules(), world.metrics(), platforms};
  std::vector<std::uint64_t> told;

  void SetUp() override {
    budget.on_level([this](const BudgetUse& use) { told.push_back(use.used); });
    world.run(settle());
  }
  boost::asio::awaitable<bool> settle() {
    co_await budget.settle();
    co_return true;
  }
  void spend(int calls) {
    for (int i = 0; i < calls; ++i) budget.spend(fake_app);
    world.run(settle());
  }
  std::uint64_t used() { return budget.uses().front().used; }
  Duration refresh_after() { return world.rules().get()->traits.at(fake_app).refresh_after; }
};

TEST_F(BudgetTest, RefreshesSlowDownAsTheMonthIsUsedUp) {
  const Duration usual = refresh_after();
  spend(69);
  EXPECT_EQ(refresh_after(), usual);
  spend(1);
  EXPECT_EQ(refresh_after(), 30s);
  spend(20);
  EXPECT_EQ(refresh_after(), 10min);
  spend(10);
  EXPECT_EQ(refresh_after(), 1h);
  EXPECT_EQ(told, (std::vector<std::uint64_t>{70, 90, 100}));
  EXPECT_NE(world.metrics().text().find("xieban_budget_used{app=\"fake:main\"} 100"), std::string::npos);
  EXPECT_NE(world.metrics().text().find("xieban_budget_limit{app=\"fake:main\"} 100"), std::string::npos);
}

TEST_F(BudgetTest, CallsThatAreRefusedTogetherUseUpTheMonthOnce) {
  spend(10);
  for (int i = 0; i < 32; ++i) budget.used_up(fake_app);
  world.run(settle());
  EXPECT_EQ(used(), 100U);
}

TEST_F(BudgetTest, ANewMonthBeginsAtZero) {
  const Duration usual = refresh_after();
  spend(95);
  world.until("2026-12-01 00:00");
  world.run(settle());
  EXPECT_EQ(used(), 0U);
  EXPECT_EQ(refresh_after(), usual);
}

TEST_F(BudgetTest, ARestartGoesOnWhereItWas) {
  spend(95);
  MonthlyBudget next{world.store(), world.time(), world.rules(), world.metrics(), platforms};
  next.on_level([this](const BudgetUse&) { ADD_FAILURE() << "it was told before"; });
  const auto again = [](MonthlyBudget& one) -> boost::asio::awaitable<bool> {
    co_await one.settle();
    co_return true;
  };
  world.run(again(next));
  EXPECT_EQ(next.uses().front().used, 95U);
  EXPECT_EQ(refresh_after(), 10min);
}

TEST_F(BudgetTest, WhatCouldNotBeCountedIsCountedLater) {
  testing::StoreFault fault;
  fault.call = "count";
  world.store().fault(fault);
  spend(10);
  EXPECT_EQ(used(), 0U);
  EXPECT_TRUE(budget.unsettled());
  world.run(settle());
  EXPECT_EQ(used(), 10U);
}

TEST(Budget, TheOutboxCountsWhatItSends) {
  SimWorld world(BudgetTest::options());
  world.say("zhou.market", "g1", "/发起 接口对接 给 技术部");
  world.advance(1min);
  const auto uses = world.outbox().budget().uses();
  ASSERT_EQ(uses.size(), 1U);
  EXPECT_EQ(uses.front().limit, 100U);
  EXPECT_GE(uses.front().used, 1U);
  EXPECT_EQ(uses.front().used, world.outbox().handled());
}

}  // namespace
}  // namespace xieban::monthly_budget_test
