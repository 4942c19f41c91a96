#include "bot/engine/chores.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "storage/codec/codec.hpp"
#include "tests/support/sim_world.hpp"

namespace xieban::chores_test {
namespace {

using namespace std::chrono_literals;
using testing::local;
using testing::SimWorld;
using testing::StoreFault;

struct ChoresTest : ::testing::Test {
  SimWorld world;
  std::vector<std::string> backups;
  bool backup_fails = false;

  boost::asio::awaitable<Result<void>> backup(std::string name) {
    backups.push_back(std::move(name));
    if (backup_fails) co_return std::unexpected(Error(Errc::storage, "disk full"));
    co_return Result<void>{};
  }
  std::unique_ptr<Chores> chores(int minute) {
    ChoreSettings settings;
    settings.backup_minute = minute;
    settings.backup = [this](std::string name) { return backup(std::move(name)); };
    settings.on_commit = [this] {
      world.outbox().ring();
      world.waker().ring();
    };
    return std::make_unique<Chores>(world.store(), world.time(), world.rules(), world.metrics(), world.intake(), platforms,
                                    std::move(settings));
  }
  void leaves(const char* person) {
    auto rules = std::make_shared<Rules>(*world.rules().get());
    auto people = std::make_shared<Organisation>(*rules->organisation);
    std::ranges::find(people->people, PersonId(person), &Person::id)->active = false;
    rules->organisation = people;
    world.rules().set(rules);
  }
  std::string setting(const std::string& name) {
    const auto value = world.run(world.store().setting(name));
    return value && *value ? **value : "";
  }
  Platforms platforms{{testing::fake_app, std::make_shared<testing::FakePlatform>()}};
};

TEST_F(ChoresTest, OneBackupADayAtTheMinuteAndNoneOnAFirstStartAfterIt) {
  const auto mine = chores(150);
  world.run(mine->round());  // 09:00: past 02:30, the first start
  EXPECT_TRUE(backups.empty());
  world.until("2026-11-24 02:29");
  world.run(mine->round());
  EXPECT_TRUE(backups.empty());
  world.until("2026-11-24 02:30");
  world.run(mine->round());
  world.run(mine->round());
  world.until("2026-11-24 20:00");
  world.run(mine->round());
  EXPECT_EQ(backups, std::vector<std::string>{"xieban-2026-11-24.db"});
}

TEST_F(ChoresTest, ABackupThatFailsIsTriedAgainAnHourLater) {
  const auto mine = chores(600);
  world.run(mine->round());
  backup_fails = true;
  world.until("2026-11-23 10:00");
  world.run(mine->round());
  world.advance(30min);
  world.run(mine->round());
  EXPECT_EQ(backups.size(), 1U);
  backup_fails = false;
  world.advance(30min);
  world.run(mine->round());
  world.advance(2h);
  world.run(mine->round());
  EXPECT_EQ(backups.size(), 2U);
}

TEST_F(ChoresTest, OneAnchorADay) {
  const auto mine = chores(-1);
  world.run(mine->round());
  EXPECT_EQ(setting("chores.anchor_day"), "2026-11-23");
  world.until("2026-11-24 00:00");
  world.run(mine->round());
  EXPECT_EQ(setting("chores.anchor_day"), "2026-11-24");
}

TEST_F(ChoresTest, OldInboxRowsGoAndARepeatInsideTheTimeIsStillRecognised) {
  const auto mine = chores(-1);
  world.say("zhou.market", "g1", "/发起 接口对接 给技术部", "raise");
  world.advance(6 * 24h);
  world.run(mine->round());
  world.say("zhou.market", "g1", "/发起 接口对接 给技术部", "raise");
  EXPECT_FALSE(world.request(2));
  world.advance(25h);
  world.run(mine->round());
  world.say("zhou.market", "g1", "/发起 接口对接 给技术部", "raise");
  EXPECT_TRUE(world.request(2));
}

/// The same rules, with an office that is closed on that day.
RulesPtr with_holiday(std::chrono::year_month_day day_off, const Rules& before) {
  auto changed = std::make_shared<Rules>(before);
  CalendarSpec office;
  office.id = CalendarId("office");
  for (std::size_t day = 0; day < 5; ++day) office.weekly[day] = {Interval{9 * 60, 12 * 60}, Interval{13 * 60 + 30, 18 * 60}};
  office.closed.insert(day_off);
  const auto holidays = changed->office().holidays();
  changed->calendars.clear();
  changed->calendars.emplace(office.id, Calendar(office, holidays));
  for (CalendarSpec derived : {natural_calendar(office), workday_calendar(office)}) {
    const CalendarId id = derived.id;
    changed->calendars.emplace(id, Calendar(std::move(derived), holidays));
  }
  changed->version = 2;
  return changed;
}

TEST_F(ChoresTest, ANewCalendarMovesTheClocksOfOpenRequestsAndSaysSoInTheHistory) {
  const auto mine = chores(-1);
  world.until("2026-11-27 17:00");  // Friday
  world.say("zhou.market", "g1", "/发起 接口对接 给技术部");
  world.run(mine->round());
  const auto before = running_clock(*world.request(1), ClockKind::first_response)->target;
  EXPECT_EQ(before, local("2026-11-30 17:00"));

  // Monday becomes a holiday.
  world.rules().set(with_holiday(std::chrono::year{2026} / 11 / 30, *world.rules().get()));
  world.run(mine->round());
  EXPECT_EQ(running_clock(*world.request(1), ClockKind::first_response)->target, local("2026-12-01 17:00"));
  EXPECT_TRUE(
      std::ranges::any_of(world.history(1), [](const Stamped& one) { return std::holds_alternative<ClockMoved>(one.event); }));
  EXPECT_EQ(setting("chores.rules_version"), "2");
}

/// The same rules with another time for a first response.
RulesPtr answered_within(Duration target, const char* id, const Rules& before) {
  auto changed = std::make_shared<Rules>(before);
  for (auto& type : changed->types) {
    if (type->type != TypeId(id)) continue;
    Policy policy = *type;
    std::ranges::find(policy.clocks, ClockKind::first_response, &ClockRule::kind)->target = target;
    policy.hash = policy_hash(policy);
    type = std::make_shared<const Policy>(std::move(policy));
  }
  return changed;
}

struct AppliedTypes : ChoresTest {
  AppliedTypes() {
    auto rules = std::make_shared<Rules>(*world.rules().get());
    auto people = std::make_shared<Organisation>(*rules->organisation);
    std::ranges::find(people->people, PersonId("pan.pmo"), &Person::id)->admin = true;
    rules->organisation = people;
    world.rules().set(rules);
    world.run(mine->round());
  }
  /// A round begins, and waits for a minute with the first request that it carries over.
  void begin_round() {
    StoreFault slow;
    slow.call = "transact";
    slow.what = StoreFault::Do::slow;
    slow.wait = 1min;
    world.store().fault(slow);
    boost::asio::co_spawn(world.context(), mine->round(), boost::asio::detached);
    world.time().run_ready();
  }
  void end_round() { world.advance(1min); }
  void reload(Duration target, const char* type) { world.rules().set(answered_within(target, type, *world.rules().get())); }
  void order(const std::string& admin, const std::string& type) { world.say(admin, "p:" + admin, "/协作 套用策略 " + type); }
  bool follows_newest(std::uint64_t request) {
    const Request found = *world.request(request);
    return found.policy == world.rules().get()->type(found.type)->hash;
  }
  std::size_t told(const char* admin) {
    world.advance(1s);
    const auto& seen = world.platform_side().seen();
    return static_cast<std::size_t>(std::ranges::count_if(
        seen, [admin](const auto& one) { return one.to == admin && one.body.find("已套用到") != std::string::npos; }));
  }
  std::unique_ptr<Chores> mine = chores(-1);
};

TEST_F(AppliedTypes, ATypeThatIsOrderedAgainWhileItIsCarriedOverIsCarriedOverAgain) {
  world.say("zhou.market", "g1", "/发起 一 给技术部");
  world.say("zhou.market", "g1", "/发起 二 给技术部");
  reload(48h, "normal");
  order("gao.admin", "普通");
  begin_round();
  reload(72h, "normal");
  order("pan.pmo", "普通");
  end_round();
  EXPECT_EQ(told("gao.admin"), 1U);
  EXPECT_EQ(told("pan.pmo"), 0U) << "not yet";
  world.run(mine->round());
  EXPECT_TRUE(follows_newest(1));
  EXPECT_TRUE(follows_newest(2));
  EXPECT_EQ(told("pan.pmo"), 1U);
  world.run(mine->round());
  EXPECT_EQ(told("gao.admin") + told("pan.pmo"), 2U) << "each once";
}

TEST_F(AppliedTypes, SoItIsForOnePersonWhoOrdersItTwice) {
  world.say("zhou.market", "g1", "/发起 一 给技术部");
  reload(48h, "normal");
  order("gao.admin", "普通");
  begin_round();
  reload(72h, "normal");
  order("gao.admin", "普通");
  end_round();
  world.run(mine->round());
  EXPECT_TRUE(follows_newest(1));
  EXPECT_EQ(told("gao.admin"), 2U);
}

TEST_F(AppliedTypes, ATypeThatIsChangedAndOrderedWhileAnotherIsCarriedOverIsCarriedOverAsItIsNow) {
  const auto& types = world.rules().get()->types;
  const auto place = [&](const char* id) {
    return std::ranges::find_if(types, [id](const auto& one) { return one->type == TypeId(id); });
  };
  ASSERT_LT(place("normal"), place("urgent"));
  world.say("zhou.market", "g1", "/发起 一 给技术部");
  world.say("zhou.market", "g1", "/紧急 二 给技术部");
  reload(48h, "normal");
  order("gao.admin", "普通");
  begin_round();
  reload(3h, "urgent");
  order("pan.pmo", "紧急");
  end_round();
  world.run(mine->round());
  EXPECT_TRUE(follows_newest(1));
  EXPECT_TRUE(follows_newest(2));
  EXPECT_EQ(told("pan.pmo"), 1U);
}

TEST_F(AppliedTypes, AnOrderOfTheVersionBeforeIsWorkedOff) {
  world.say("zhou.market", "g1", "/发起 一 给技术部");
  reload(48h, "normal");
  world.run(world.store().put_setting(apply_setting(TypeId("normal")), "gao.admin"));
  world.run(mine->round());
  EXPECT_TRUE(follows_newest(1));
  EXPECT_EQ(setting(apply_setting(TypeId("normal"))), "");
  EXPECT_EQ(told("gao.admin"), 1U);
}

TEST_F(ChoresTest, WhoLeftWhileARequestWasClosedIsReplacedWhenItIsReopened) {
  const auto mine = chores(-1);
  world.say("zhou.market", "g1", "/发起 接口对接 给技术部");
  world.run(mine->round());
  world.say("zhou.market", "g1", "/取消 1 不做了");
  ASSERT_EQ(world.request(1)->phase, Phase::cancelled);
  leaves("zhao.tech");
  world.run(mine->round());
  EXPECT_EQ(world.request(1)->owner, PersonId("zhao.tech"));
  world.say("zhou.market", "g1", "/重开 1 又要了");
  EXPECT_EQ(world.request(1)->owner, PersonId("sun.tech"));
  EXPECT_EQ(world.request(1)->phase, Phase::respond);
}

/// Three requests, and something that throws on the second.
struct OneThatThrows : ChoresTest {
  OneThatThrows() {
    for (const char* title : {"一", "二", "三"}) world.say("zhou.market", "g1", std::string("/发起 ") + title + " 给技术部");
    world.run(mine->round());
  }
  /// Nothing can be written to the second any more: its next entry would not follow the last.
  void break_second() { shift(5); }
  void mend_second() { shift(-5); }
  void shift(int by) {
    RequestChange change;
    change.request = *world.request(2);
    change.request.seq += static_cast<std::uint64_t>(by);
    Decide write = [change](const Snapshot&) {
      ChangeSet out;
      out.requests.push_back(change);
      return out;
    };
    ASSERT_TRUE(world.run(world.store().inner().transact(Load{}, write, world.time().now())));
  }
  std::string owners() {
    std::string all;
    for (const std::uint64_t id : {1U, 2U, 3U}) all += world.request(id)->owner.value + " ";
    return all;
  }
  std::uint64_t calls_of_a_round() {
    const auto before = world.log().calls;
    world.run(mine->round());
    return world.log().calls - before;
  }
  std::unique_ptr<Chores> mine = chores(-1);
};

TEST_F(OneThatThrows, TheOthersGetTheirClocksAndItIsPutAsideAsWhenItsTimeHadCome) {
  const auto target = [this](std::uint64_t id) { return running_clock(*world.request(id), ClockKind::first_response)->target; };
  const auto before = target(1);
  world.rules().set(with_holiday(std::chrono::year{2026} / 11 / 24, *world.rules().get()));
  StoreFault threw;
  threw.call = "transact";
  threw.skip = 1;
  threw.code = Errc::thrown;
  world.store().fault(threw);
  world.run(mine->round());
  EXPECT_GT(target(1), before);
  EXPECT_EQ(target(2), before);
  EXPECT_GT(target(3), before);
  EXPECT_TRUE(world.request(2)->conditions.needs_care);
  EXPECT_EQ(world.stats().needs_care, 1U);
  // The waker goes on with it.
  world.advance(15min);
  world.run(world.waker().drain());
  EXPECT_GT(target(2), before);
  EXPECT_FALSE(world.request(2)->conditions.needs_care);
}

TEST_F(OneThatThrows, TheOthersAreReplacedAndItIsTriedAgainOnceInAWhile) {
  const auto idle = calls_of_a_round();
  break_second();
  leaves("zhao.tech");
  world.run(mine->round());
  EXPECT_EQ(owners(), "sun.tech zhao.tech sun.tech ");
  EXPECT_EQ(calls_of_a_round(), idle) << "not in every round";
  mend_second();
  world.advance(15min);
  world.run(mine->round());
  EXPECT_EQ(owners(), "sun.tech sun.tech sun.tech ");
  EXPECT_EQ(calls_of_a_round(), idle);
}

TEST_F(OneThatThrows, WhatAnotherVersionMendsIsNotLost) {
  break_second();
  leaves("zhao.tech");
  world.run(mine->round());
  mend_second();
  mine = chores(-1);
  world.run(mine->round());
  EXPECT_EQ(owners(), "sun.tech sun.tech sun.tech ");
}

TEST_F(OneThatThrows, AnOrderStandsUntilItReachedThemAll) {
  const auto told = [this] {
    world.advance(1s);
    return std::ranges::any_of(world.platform_side().seen(), [](const auto& one) {
      return one.to == "gao.admin" && one.body.find("已套用到") != std::string::npos;
    });
  };
  const auto follows_newest = [this](std::uint64_t id) {
    return world.request(id)->policy == world.rules().get()->type(TypeId("normal"))->hash;
  };
  break_second();
  world.rules().set(answered_within(48h, "normal", *world.rules().get()));
  world.say("gao.admin", "p:gao.admin", "/协作 套用策略 普通");
  world.run(mine->round());
  EXPECT_TRUE(follows_newest(1));
  EXPECT_FALSE(follows_newest(2));
  EXPECT_TRUE(follows_newest(3));
  EXPECT_FALSE(told());
  mend_second();
  world.advance(15min);
  world.run(mine->round());
  EXPECT_TRUE(follows_newest(2));
  EXPECT_TRUE(told());
}

TEST_F(OneThatThrows, AStoreThatFailsIsLeftAloneUntilTheNextRound) {
  leaves("zhao.tech");
  StoreFault busy;
  busy.call = "transact";
  world.store().fault(busy);
  world.run(mine->round());
  EXPECT_EQ(owners(), "zhao.tech zhao.tech zhao.tech ");
  world.run(mine->round());
  EXPECT_EQ(owners(), "sun.tech sun.tech sun.tech ");
  EXPECT_EQ(world.stats().needs_care, 0U);
}

TEST_F(ChoresTest, FiguresReachTheMetrics) {
  world.say("zhou.market", "g1", "/发起 接口对接 给技术部");
  world.run(world.chores().round());
  EXPECT_NE(world.metrics().text().find("open_requests 1"), std::string::npos) << world.metrics().text();
}

}  // namespace
}  // namespace xieban::chores_test
