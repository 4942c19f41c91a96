#include "bot/engine/chores.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/sim_world.hpp"

namespace xieban::chores_test {
namespace {

using namespace std::chrono_literals;
using testing::local;
using testing::SimWorld;

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
    return std::make_unique<Chores>(world.store(), world.time(), world.rules(), world.metrics(), world.intake(), platforms,
                                    std::move(settings));
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

TEST_F(ChoresTest, ANewCalendarMovesTheClocksOfOpenRequestsAndSaysSoInTheHistory) {
  const auto mine = chores(-1);
  world.until("2026-11-27 17:00");  // Friday
  world.say("zhou.market", "g1", "/发起 接口对接 给技术部");
  world.run(mine->round());
  const auto before = running_clock(*world.request(1), ClockKind::first_response)->target;
  EXPECT_EQ(before, local("2026-11-30 17:00"));

  // Monday becomes a holiday.
  auto changed = std::make_shared<Rules>(*world.rules().get());
  CalendarSpec office;
  office.id = CalendarId("office");
  for (std::size_t day = 0; day < 5; ++day) office.weekly[day] = {Interval{9 * 60, 12 * 60}, Interval{13 * 60 + 30, 18 * 60}};
  office.closed.insert(std::chrono::year{2026} / 11 / 30);
  const auto holidays = changed->office().holidays();
  changed->calendars.clear();
  changed->calendars.emplace(office.id, Calendar(office, holidays));
  for (CalendarSpec derived : {natural_calendar(office), workday_calendar(office)}) {
    const CalendarId id = derived.id;
    changed->calendars.emplace(id, Calendar(std::move(derived), holidays));
  }
  changed->version = 2;
  world.rules().set(changed);
  world.run(mine->round());
  EXPECT_EQ(running_clock(*world.request(1), ClockKind::first_response)->target, local("2026-12-01 17:00"));
  EXPECT_TRUE(
      std::ranges::any_of(world.history(1), [](const Stamped& one) { return std::holds_alternative<ClockMoved>(one.event); }));
  EXPECT_EQ(setting("chores.rules_version"), "2");
}

TEST_F(ChoresTest, FiguresReachTheMetrics) {
  world.say("zhou.market", "g1", "/发起 接口对接 给技术部");
  world.run(world.chores().round());
  EXPECT_NE(world.metrics().text().find("open_requests 1"), std::string::npos) << world.metrics().text();
}

}  // namespace
}  // namespace xieban::chores_test
