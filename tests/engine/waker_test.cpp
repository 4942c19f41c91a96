#include "bot/engine/waker.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/support/sim_world.hpp"

namespace xieban::waker_test {
namespace {

using namespace std::chrono_literals;
using testing::local;
using testing::SimOptions;
using testing::SimWorld;
using testing::StoreFault;

std::vector<TimePoint> rungs(SimWorld& world, std::uint64_t id) {
  std::vector<TimePoint> all;
  for (const auto& entry : world.history(id)) {
    if (std::holds_alternative<RungReached>(entry.event)) all.push_back(entry.at);
  }
  return all;
}

std::size_t told(SimWorld& world, const std::string& person) {
  return static_cast<std::size_t>(
      std::ranges::count_if(world.platform_side().seen(), [&](const auto& one) { return one.to == person; }));
}

TEST(Waker, RungsFireAtTheirInstant) {
  SimWorld world;
  world.say("zhou.market", "g1", "/紧急 系统宕机 给技术部");
  const auto raised = world.time().now();
  world.advance(2h);
  const auto all = rungs(world, 1);
  ASSERT_GE(all.size(), 4U);
  EXPECT_EQ(all.front(), raised + 30min);
  EXPECT_EQ(all.back(), raised + 2h);
  EXPECT_GE(told(world, "wang.tech"), 1U);
  EXPECT_GE(told(world, "li.fuzong"), 1U);
}

TEST(Waker, ARequestThatIsAnsweredIsNotChased) {
  SimWorld world;
  world.say("zhou.market", "g1", "/紧急 系统宕机 给技术部");
  world.say("zhao.tech", "g1", "/接单 1");
  world.advance(10s);
  const auto before = told(world, "wang.tech");
  world.advance(3h);
  EXPECT_EQ(told(world, "wang.tech"), before);
}

TEST(Waker, AStoreThatFailsDelaysAndLosesNothing) {
  SimWorld world;
  world.say("zhou.market", "g1", "/紧急 系统宕机 给技术部");
  const auto raised = world.time().now();
  world.advance(30min - 1s);
  StoreFault refused;
  refused.call = "wake_due";
  refused.times = 3;
  world.store().fault(refused);
  world.advance(1min);
  const auto all = rungs(world, 1);
  ASSERT_EQ(all.size(), 1U);
  EXPECT_GE(all.front(), raised + 30min);
  EXPECT_LE(all.front(), raised + 30min + 5s);
}

TEST(Waker, DrainHandlesEverythingDueAndMayRunBesideRun) {
  SimWorld world;
  for (int n = 0; n < 250; ++n) world.say("zhou.market", "g1", "/紧急 第" + std::to_string(n) + "件 给技术部");
  world.advance(1min);
  world.time().jump_quietly(world.time().now() + 30min);
  EXPECT_EQ(world.run(world.waker().drain()), 250U);
  EXPECT_EQ(world.run(world.waker().drain()), 0U);
  EXPECT_EQ(rungs(world, 1).size(), 1U);
  EXPECT_EQ(rungs(world, 250).size(), 1U);
}

// T24
TEST(WakerOutage, AfterAnOutageEachPersonGetsOneNoticePerRequestAndTheLevelIsRight) {
  for (const Duration down : {Duration{24h}, Duration{7 * 24h}, Duration{30 * 24h}}) {
    testing::TemporaryFolder folder;
    SimOptions options;
    options.file = folder.path() / "x.db";
    SimWorld world(options);
    world.say("zhou.market", "g1", "/紧急 系统宕机 给技术部");
    world.advance(10s);
    world.kill(down);
    world.advance(1min);
    std::map<std::string, int> notices;
    for (const auto& one : world.platform_side().seen()) {
      if (world.log().kinds[one.key].starts_with("notify")) ++notices[one.to];
    }
    EXPECT_EQ(notices["zhao.tech"], 1) << down.count();
    EXPECT_EQ(notices["wang.tech"], 1) << down.count();
    EXPECT_EQ(notices["li.fuzong"], 1) << down.count();
    // What was missed stands in the history.
    std::uint64_t occurrences = 0;
    for (const auto& entry : world.history(1)) {
      if (const auto* rung = std::get_if<RungReached>(&entry.event)) occurrences += 1U + rung->missed;
    }
    EXPECT_GE(occurrences, 6U);
  }
}

TEST(Waker, StopEndsRunAndNothingFiresAfterIt) {
  SimWorld world;
  world.say("zhou.market", "g1", "/紧急 系统宕机 给技术部");
  world.run(world.waker().stop());
  world.advance(1h);
  EXPECT_TRUE(rungs(world, 1).empty());
}

}  // namespace
}  // namespace xieban::waker_test
