// What a running service does when rules of time change under it: summer time, types, restarts.

#include <gtest/gtest.h>

#include <algorithm>

#include "storage/codec/codec.hpp"
#include "tests/support/sim_world.hpp"

namespace xieban::clock_changes_test {
namespace {

using namespace std::chrono_literals;
using testing::local;
using testing::local_text;
using testing::SimOptions;
using testing::SimWorld;

/// Normal requests are answered within 48 h now, and the vice president hears of it at once.
RulesPtr with_slower_type(const Rules& before) {
  auto changed = std::make_shared<Rules>(before);
  for (auto& type : changed->types) {
    if (type->type != TypeId("normal")) continue;
    Policy policy = *type;
    const auto rule = std::ranges::find(policy.clocks, ClockKind::first_response, &ClockRule::kind);
    rule->target = 48h;
    rule->ladder = {Rung{Share{100}, {Recipient(Role::vice_president)}, By::in_private, {}, false, false}};
    policy.hash = policy_hash(policy);
    type = std::make_shared<const Policy>(std::move(policy));
  }
  return changed;
}

std::string target(SimWorld& world, std::uint64_t request) {
  return local_text(*running_clock(*world.request(request), ClockKind::first_response)->target);
}

std::vector<std::string> rungs(SimWorld& world, std::uint64_t request) {
  std::vector<std::string> fired;
  for (const Stamped& entry : world.history(request))
    if (const auto* rung = std::get_if<RungReached>(&entry.event)) fired.push_back(local_text(rung->due));
  return fired;
}

struct ChangedType : ::testing::Test {
  testing::TemporaryFolder folder;
  SimOptions options() const {
    SimOptions made;
    made.file = folder.path() / "x.db";
    return made;
  }
};

TEST_F(ChangedType, ARequestKeepsTheLadderItWasRaisedUnderThroughAReloadAndARestart) {
  SimWorld world(options());
  world.say("zhou.market", "g1", "/发起 旧规则 给技术部");
  const RulesPtr changed = with_slower_type(*world.rules().get());
  world.rules().set(changed);
  world.say("zhou.market", "g1", "/发起 新规则 给技术部");
  EXPECT_EQ(target(world, 1), "11-24 09:00");
  EXPECT_EQ(target(world, 2), "11-25 09:00");
  world.restart();
  world.rules().set(changed);
  world.run(world.chores().round());
  world.until("2026-11-25 10:00");
  EXPECT_EQ(target(world, 1), "11-24 09:00");
  // Half, four fifths, the target, and four office hours later; of the new one the target alone.
  EXPECT_EQ(rungs(world, 1), (std::vector<std::string>{"11-23 21:00", "11-24 04:12", "11-24 09:00", "11-24 14:30"}));
  EXPECT_EQ(rungs(world, 2), std::vector<std::string>{"11-25 09:00"});
}

TEST_F(ChangedType, AnAdministratorCarriesItOverToOpenRequests) {
  SimWorld world(options());
  world.say("zhou.market", "g1", "/发起 一 给技术部");
  world.say("zhou.market", "g1", "/发起 二 给技术部");
  world.say("zhou.market", "g1", "/紧急 三 给技术部");
  world.rules().set(with_slower_type(*world.rules().get()));

  world.say("li.lei", "p:li.lei", "/套用策略 普通");
  world.run(world.chores().round());
  EXPECT_EQ(target(world, 1), "11-24 09:00") << "administrators only";

  world.until("2026-11-23 10:00");
  world.platform_side().forget();
  world.say("gao.admin", "p:gao.admin", "/协作 套用策略 普通");
  world.run(world.chores().round());
  world.advance(1s);
  for (const std::uint64_t request : {1U, 2U}) {
    EXPECT_EQ(target(world, request), "11-25 09:00");
    const auto history = world.history(request);
    const auto moved =
        std::ranges::find_if(history, [](const Stamped& one) { return std::holds_alternative<ClockMoved>(one.event); });
    ASSERT_NE(moved, history.end());
    EXPECT_EQ(moved->by, PersonId("gao.admin"));
    EXPECT_EQ(local_text(*std::get<ClockMoved>(moved->event).before), "11-24 09:00");
    EXPECT_EQ(local_text(*std::get<ClockMoved>(moved->event).after), "11-25 09:00");
  }
  EXPECT_EQ(target(world, 3), "11-23 11:00") << "another type";
  const auto& seen = world.platform_side().seen();
  EXPECT_TRUE(std::ranges::any_of(seen, [](const auto& one) {
    return one.to == "gao.admin" && one.body.find("已套用到 2 个未结束的协作单") != std::string::npos;
  }));

  // Kept with the request: the newer ladder runs after a restart too, even if that knows the older rules only.
  world.restart();
  world.until("2026-11-25 10:00");
  EXPECT_EQ(rungs(world, 1), std::vector<std::string>{"11-25 09:00"});
}

TEST_F(ChangedType, WhatACrashInterruptsGoesOnAfterTheStart) {
  SimWorld world(options());
  world.say("zhou.market", "g1", "/发起 一 给技术部");
  const RulesPtr changed = with_slower_type(*world.rules().get());
  world.rules().set(changed);
  world.say("gao.admin", "p:gao.admin", "/apply normal");
  world.kill();
  world.rules().set(changed);
  world.run(world.chores().round());
  EXPECT_EQ(target(world, 1), "11-25 09:00");
}

// A backup at 02:30, which one night does not have and another has twice.
TEST(SummerTime, T21_ADailyJobRunsOncePerDateAtItsLocalTime) {
  for (const auto& [start, nights] : {std::pair("2026-03-06 12:00", 5), std::pair("2026-10-30 12:00", 5)}) {
    SimOptions options;
    options.start = local(start);
    SimWorld world(options);
    auto rules = std::make_shared<Rules>(*world.rules().get());
    CalendarSpec office;
    office.id = CalendarId("office");
    office.zone = "America/New_York";
    office.weekly.fill({Interval{9 * 60, 18 * 60}});
    rules->calendars.clear();
    rules->calendars.emplace(office.id, Calendar(office, nullptr));
    world.rules().set(rules);

    std::vector<std::string> made;
    ChoreSettings settings;
    settings.backup_minute = 150;
    settings.backup = [&](std::string name) -> boost::asio::awaitable<Result<void>> {
      const Calendar& calendar = rules->office();
      const int minute = calendar.local_minute(world.time().now());
      made.push_back(name.substr(7, 10) + " " + std::to_string(minute));
      co_return Result<void>{};
    };
    const Platforms platforms{{testing::fake_app, std::make_shared<testing::FakePlatform>()}};
    Chores chores(world.store(), world.time(), world.rules(), world.metrics(), world.intake(), platforms, std::move(settings));
    for (int ten_minutes = 0; ten_minutes < nights * 144; ++ten_minutes) {
      world.run(chores.round());
      world.advance(10min);
    }
    const bool spring = std::string(start) == "2026-03-06 12:00";
    // The clock shows 03:00 on 8 March where 02:30 would have been, and 01:30 twice on 1 November.
    EXPECT_EQ(made, spring ? (std::vector<std::string>{"2026-03-06 150", "2026-03-07 150", "2026-03-08 180", "2026-03-09 150",
                                                       "2026-03-10 150"})
                           : (std::vector<std::string>{"2026-10-30 150", "2026-10-31 150", "2026-11-01 150", "2026-11-02 150",
                                                       "2026-11-03 150"}));
  }
}

}  // namespace
}  // namespace xieban::clock_changes_test
