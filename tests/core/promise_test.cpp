// How departments kept their word: what counts, and the picture of it.

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>

#include "bot/core/brain/charts.hpp"
#include "tests/core/brain_world.hpp"

namespace xieban::test {
namespace {

using namespace std::chrono_literals;

std::vector<Promise> of(const World& w, std::uint64_t number) { return promises(w.requests.at(RequestId(number))); }

/// Raised by the market department, taken by the technical one, due at `due`.
void taken(World& w, const char* due = "11月25日 18:00") {
  w.say("zhou.market", group, "/发起 数据接口 给 技术部 截止 " + std::string(due));
  w.say("zhao.tech", group, "/接单 " + std::to_string(w.requests.size()));
}

TEST(Promises, DeliveryCountsNotItsAcceptance) {
  World w;
  taken(w);
  w.turn_to("2026-11-25 18:00");
  w.say("zhao.tech", group, "/交付 1 好了");
  EXPECT_TRUE(of(w, 1).empty()) << "not accepted yet";
  w.turn_to("2026-11-26 10:00");
  w.say("zhou.market", group, "/验收 1 通过");
  ASSERT_EQ(of(w, 1).size(), 1U);
  const Promise kept = of(w, 1).front();
  EXPECT_EQ(kept.department, DepartmentId("tech"));
  EXPECT_EQ(kept.due, w.requests.at(RequestId(1)).due);
  EXPECT_EQ(kept.delivered, kept.due);
  EXPECT_TRUE(kept.in_time()) << "at the target is in time";
}

TEST(Promises, AMinuteLateIsLate) {
  World w;
  taken(w);
  w.turn_to("2026-11-25 18:01");
  w.say("zhao.tech", group, "/交付 1 好了");
  w.say("zhou.market", group, "/验收 1 通过");
  ASSERT_EQ(of(w, 1).size(), 1U);
  EXPECT_FALSE(of(w, 1).front().in_time());
}

TEST(Promises, ADateThatWasAgreedToIsTheDate) {
  World w;
  taken(w);
  w.say("zhao.tech", group, "/延期 1 11月27日 18:00 接口方推迟");
  w.say("zhou.market", group, "/同意 1");
  w.turn_to("2026-11-27 17:00");
  w.say("zhao.tech", group, "/交付 1 好了");
  w.say("zhou.market", group, "/验收 1 通过");
  ASSERT_EQ(of(w, 1).size(), 1U);
  EXPECT_TRUE(of(w, 1).front().in_time());
}

TEST(Promises, PausedTimeIsLeftOut) {
  World w;
  taken(w);
  w.turn_to("2026-11-25 10:00");
  w.say("zhao.tech", group, "/暂停 1 等外部数据");
  w.turn_to("2026-11-27 10:00");
  w.say("zhao.tech", group, "/恢复 1");
  w.turn_to("2026-11-27 17:59");
  w.say("zhao.tech", group, "/交付 1 好了");
  w.say("zhou.market", group, "/验收 1 通过");
  ASSERT_EQ(of(w, 1).size(), 1U);
  EXPECT_TRUE(of(w, 1).front().in_time()) << "the clock stood still for two days";
}

TEST(Promises, AcceptedTasksCountForTheirDepartments) {
  World w;
  taken(w, "12月10日 18:00");
  w.say("zhao.tech", group, "/支持 1 财务部");
  w.say("zhao.tech", group, "/任务 1 吴财 核对 截止 11月25日 18:00");
  w.say("zhao.tech", group, "/任务 1 李雷 联调 截止 11月30日 18:00");
  const auto& tasks = w.requests.at(RequestId(1)).tasks;
  ASSERT_EQ(tasks.size(), 2U) << w.last_text(group);
  w.turn_to("2026-11-26 10:00");
  w.say(tasks.front().owner.value, group, "/交付 1.1 好了");
  w.say("zhao.tech", group, "/交付 1 全部好了");
  w.say("zhou.market", group, "/验收 1 通过");
  const auto all = of(w, 1);
  ASSERT_EQ(all.size(), 2U) << "the second task was never handed in: it is no accepted work";
  const auto task = std::ranges::find(all, TaskNo(1), &Promise::task);
  ASSERT_NE(task, all.end());
  EXPECT_EQ(task->department, tasks.front().department);
  EXPECT_FALSE(task->in_time());
  EXPECT_TRUE(std::ranges::find(all, TaskNo(), &Promise::task)->in_time());
}

TEST(Promises, CancelledAndReopenedOnesAreNone) {
  World w;
  taken(w);
  w.say("zhou.market", group, "/取消 1 不需要了");
  EXPECT_TRUE(of(w, 1).empty());
  taken(w);
  w.say("zhao.tech", group, "/交付 2 好了");
  w.say("zhou.market", group, "/验收 2 通过");
  ASSERT_EQ(of(w, 2).size(), 1U);
  w.say("zhou.market", group, "/重开 2 数据不全");
  EXPECT_TRUE(of(w, 2).empty());
}

TEST(OnTime, TheDepartmentSeesItsOwnWeeks) {
  World w;
  const auto done = [&](const char* due, const char* delivered) {
    taken(w, due);
    const std::string number = std::to_string(w.requests.size());
    w.turn_to(delivered);
    w.say("zhao.tech", group, "/交付 " + number + " 好了");
    w.say("zhou.market", group, "/验收 " + number + " 通过");
  };
  const auto seen = [&](const char* who, const ChatRef& where) {
    w.say(who, where, "/本部门");
    return w.last_text(where);
  };
  done("11月25日 18:00", "2026-11-25 17:00");
  done("11月26日 18:00", "2026-11-27 10:00");
  EXPECT_FALSE(contains(seen("wang.tech", private_of("wang.tech")), "准时交付率")) << "one week is no picture";
  done("12月2日 18:00", "2026-12-01 17:00");
  EXPECT_FALSE(contains(seen("wang.tech", private_of("wang.tech")), "准时交付率")) << "the second is not due yet";
  w.turn_to("2026-12-03 10:00");
  const std::string shown = seen("wang.tech", private_of("wang.tech"));
  EXPECT_TRUE(contains(shown, "准时交付率 66%（近 8 周，按到期周统计）\n11月23日：准时 1、逾期 1\n11月30日：准时 1")) << shown;
  EXPECT_FALSE(contains(seen("wang.tech", group), "准时交付率")) << "a group of several departments";
  EXPECT_FALSE(contains(seen("zhou.market", private_of("zhou.market")), "准时交付率")) << "another department";
}

TEST(OnTime, LooksBackEightWeeksFromMonday) {
  World w;
  w.turn_to("2026-11-25 10:00");
  const auto promise = [](const char* due) { return Promise{RequestId(1), {}, DepartmentId("tech"), local(due), local(due)}; };
  // Monday of the eighth week, counting this one, is 5 October.
  const auto chart =
      brain::on_time({promise("2026-10-04 23:59"), promise("2026-10-05 00:00"), promise("2026-11-23 09:00")}, w.rules, w.now);
  ASSERT_TRUE(chart);
  ASSERT_EQ(chart->bars.size(), 2U);
  EXPECT_EQ(chart->bars.front().label, "10月5日");
  EXPECT_EQ(chart->bars.back().label, "11月23日");
}

}  // namespace
}  // namespace xieban::test
