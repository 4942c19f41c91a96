// Reading: lists, details, help, and the arithmetic behind /为什么.

#include <gtest/gtest.h>

#include <algorithm>

#include "bot/core/brain/pages.hpp"
#include "bot/core/words/command.hpp"
#include "tests/core/brain_world.hpp"

namespace xieban::test {
namespace {

using namespace std::chrono_literals;

TEST(Lists, MineShowsWhatIsOwedLateFirst) {
  World w;
  w.say("zhou.market", group, "/发起 不急的事 给 技术部 截止 12月10日");
  w.say("zhou.market", group, "/发起 断电 给 技术部 紧急");
  w.say("li.lei", group, "/发起 别人的事 给 财务部");
  w.turn_to("2026-11-23 12:00");
  w.say("zhao.tech", group, "/我的");
  const std::string mine = w.last_text(private_of("zhao.tech"));
  EXPECT_TRUE(contains(mine, "共 2 个，逾期 1 个")) << mine;
  EXPECT_LT(mine.find("断电"), mine.find("不急的事")) << "late first";
  EXPECT_TRUE(contains(mine, "[急][逾期]XB-2026-0002 断电")) << mine;
  EXPECT_FALSE(contains(mine, "别人的事")) << mine;
  EXPECT_TRUE(contains(mine, "我负责")) << mine;
  w.say("zhou.market", group, "/我的");
  EXPECT_TRUE(contains(w.last_text(private_of("zhou.market")), "我发起"));
  w.say("wu.finance", private_of("wu.finance"), "/我的");
  EXPECT_TRUE(contains(w.last_text(private_of("wu.finance")), "没有未完成的协作单"));
}

TEST(Lists, WhatWaitsForTheRequesterIsTheirs) {
  World w;
  w.say("zhou.market", group, "/发起 数据接口 给 技术部");
  w.say("zhao.tech", group, "/接单 1");
  w.say("zhao.tech", group, "/交付 1 好了");
  w.say("zhou.market", group, "/我的");
  EXPECT_TRUE(contains(w.last_text(private_of("zhou.market")), "等我处理")) << w.last_text(private_of("zhou.market"));
}

TEST(Lists, NameWhoeverHasTheNextStepAndItsDate) {
  World w;
  const auto list_of = [&](const char* who) {
    w.say(who, private_of(who), "/我的");
    return w.last_text(private_of(who));
  };
  w.say("zhou.market", group, "/发起 数据接口 给 技术部 截止 12月10日");
  EXPECT_TRUE(contains(list_of("zhou.market"), "待响应 · 赵技 · 11月24日 周二 09:00")) << list_of("zhou.market");
  w.say("zhao.tech", group, "/补充 1 哪些字段？");
  for (const char* who : {"zhou.market", "zhao.tech"})
    EXPECT_TRUE(contains(list_of(who), "待响应 · 周市 · 11月24日 周二 09:00")) << list_of(who);
  w.say("zhou.market", group, "/补充 1 全部");
  w.say("zhao.tech", group, "/接单 1");
  EXPECT_TRUE(contains(list_of("zhou.market"), "执行中 · 赵技 · 12月10日 周四 18:00")) << list_of("zhou.market");
  w.say("zhou.market", group, "/暂停 1 等合同");
  EXPECT_TRUE(contains(list_of("zhou.market"), "执行中 · 赵技 · 12月10日 周四 18:00"))
      << "no clock runs: the date of the whole";
  w.say("zhou.market", group, "/恢复 1");
  w.say("zhao.tech", group, "/交付 1 好了");
  for (const char* who : {"zhou.market", "zhao.tech"})
    EXPECT_TRUE(contains(list_of(who), "待验收 · 周市 · 11月26日 周四 09:00")) << list_of(who);
}

TEST(Details, ShowHowTheTasksWereDoneDayByDay) {
  World w;
  w.say("zhou.market", group, "/发起 数据接口 给 技术部 截止 12月10日");
  w.say("zhao.tech", group, "/接单 1");
  for (const char* what : {"接口文档", "联调环境"})
    w.say("zhao.tech", group, "/任务 1 李雷 " + std::string(what) + " 截止 12月1日");
  // This platform draws no charts: what they show stands in the text.
  const auto shown = [&] {
    w.say("zhao.tech", private_of("zhao.tech"), "/查看 1");
    return w.last_text(private_of("zhao.tech"));
  };
  w.turn_to("2026-11-24 10:00");
  EXPECT_FALSE(contains(shown(), "行动项进展")) << "two are counted at a glance";
  w.say("zhao.tech", group, "/任务 1 李雷 上线检查 截止 12月2日");
  w.say("li.lei", group, "/交付 1.1 好了");
  w.turn_to("2026-11-26 10:00");
  w.say("li.lei", group, "/交付 1.2 好了");
  const std::string days = "行动项进展\n11月23日：未完成 2\n11月24日：已完成 1、未完成 2\n11月26日：已完成 2、未完成 1\n";
  EXPECT_TRUE(contains(shown(), days)) << shown();
}

TEST(Lists, TenRowsAPageWithAButtonEach) {
  World w;
  for (int i = 1; i <= 23; ++i) w.say("zhou.market", group, "/发起 事项" + std::to_string(i) + "号 给 技术部");
  ASSERT_EQ(w.requests.size(), 23U);
  w.say("zhao.tech", private_of("zhao.tech"), "/看板");
  const CardId list = w.card_in(private_of("zhao.tech"), CardKind::list);
  const auto actions = w.actions(list);
  EXPECT_EQ(std::ranges::count_if(actions, [](const std::string& action) { return action.starts_with("show:"); }), 10);
  EXPECT_EQ(actions.back(), "page:2");
  EXPECT_EQ(w.shown.at(list).footer, "第 1 / 3 页");
  EXPECT_EQ(w.press("zhao.tech", list, "page:3").outcome, Done::acted);
  const CardId last = w.card_in(private_of("zhao.tech"), CardKind::list);
  EXPECT_EQ(w.shown.at(last).footer, "第 3 / 3 页");
  EXPECT_EQ(w.actions(last).back(), "page:2");
  EXPECT_EQ(w.press("zhao.tech", list, "show:5").outcome, Done::acted);
  EXPECT_TRUE(contains(w.last_text(private_of("zhao.tech")), "事项5号"));
  EXPECT_EQ(w.press("zhao.tech", list, "page:99999999999999").outcome, Done::acted) << "the last page";
}

TEST(Lists, ThoseOfTheDepartmentAndTheSearch) {
  World w;
  w.say("zhou.market", group, "/发起 数据接口 给 技术部");
  w.say("zhou.market", group, "/发起 发票核对 给 财务部");
  w.say("wang.tech", group, "/本部门");
  EXPECT_TRUE(contains(w.last_text(group), "技术部 的协作单")) << w.last_text(group);
  EXPECT_TRUE(contains(w.last_text(group), "数据接口"));
  EXPECT_FALSE(contains(w.last_text(group), "发票核对"));
  w.say("wang.tech", group, "/搜索 发票");
  EXPECT_TRUE(contains(w.last_text(group), "发票核对"));
  EXPECT_FALSE(contains(w.last_text(group), "数据接口"));
}

TEST(Lists, TheCheckupIsForAdministrators) {
  World w;
  EXPECT_EQ(w.say("zhou.market", private_of("zhou.market"), "/体检").outcome, Done::refused);
  EXPECT_TRUE(contains(w.last_text(private_of("zhou.market")), "管理员"));
  EXPECT_EQ(w.say("gao.admin", private_of("gao.admin"), "/体检").outcome, Done::acted);
  EXPECT_TRUE(contains(w.last_text(private_of("gao.admin")), "体检"));
}

TEST(Details, TheHistoryIsTurnedPageByPage) {
  World w;
  w.say("zhou.market", group, "/发起 数据接口 给 技术部");
  for (int i = 1; i <= 20; ++i) w.say("zhou.market", group, "/备注 1 第" + std::to_string(i) + "条备注");
  w.say("zhou.market", group, "/查看 1");
  EXPECT_TRUE(contains(w.last_text(group), "经过（21 条）")) << w.last_text(group);
  EXPECT_TRUE(contains(w.last_text(group), "第 1 / 2 页"));
  EXPECT_TRUE(contains(w.last_text(group), "/查看 1 2")) << "the command for the next page";
  EXPECT_FALSE(contains(w.last_text(group), "第20条备注"));
  w.say("zhou.market", group, "/查看 1 2");
  EXPECT_TRUE(contains(w.last_text(group), "第20条备注")) << "the newest is last";
  EXPECT_FALSE(contains(w.last_text(group), "第1条备注"));
}

TEST(Help, IsByRoleAndNamesOnlyCommandsThatExist) {
  World w;
  w.say("li.lei", private_of("li.lei"), "/帮助");
  const std::string staff = w.last_text(private_of("li.lei"));
  w.say("wang.tech", private_of("wang.tech"), "/帮助");
  const std::string head = w.last_text(private_of("wang.tech"));
  w.say("gao.admin", private_of("gao.admin"), "/帮助");
  const std::string admin = w.last_text(private_of("gao.admin"));
  EXPECT_TRUE(contains(staff, "/发起") && contains(staff, "/为什么 12")) << staff;
  EXPECT_FALSE(contains(staff, "/指派"));
  EXPECT_FALSE(contains(staff, "/解绑"));
  EXPECT_TRUE(contains(head, "/指派 12 @人"));
  EXPECT_FALSE(contains(head, "/解绑"));
  EXPECT_TRUE(contains(admin, "/解绑 @人") && contains(admin, "/体检"));
  // Every word after a slash is one of the parser's.
  for (std::size_t at = admin.find('/'); at != std::string::npos; at = admin.find('/', at + 1)) {
    const std::string rest = admin.substr(at + 1);
    EXPECT_TRUE(std::ranges::any_of(verbs(), [&](const VerbInfo& verb) { return rest.starts_with(verb.zh); }))
        << rest.substr(0, 30);
  }
  w.say("li.lei", private_of("li.lei"), "/帮助 延期");
  EXPECT_TRUE(contains(w.last_text(private_of("li.lei")), "/延期 12 时间 原因")) << w.last_text(private_of("li.lei"));
}

class LeftOutTime : public ::testing::Test {
 protected:
  Rules rules = sample_rules();
  Clock clock(const std::string& start, const char* calendar) {
    Clock out;
    out.id = ClockId(1);
    out.start = local(start);
    out.calendar = CalendarId(calendar);
    return out;
  }
};

TEST_F(LeftOutTime, EveryMinuteIsAccountedFor) {
  for (const char* calendar : {"natural", "workday", "office"})
    for (const char* until : {"2026-11-20 10:00", "2026-11-23 18:30", "2026-12-01 03:07", "2027-01-05 12:00"}) {
      Clock one = clock("2026-11-19 15:20", calendar);
      one.pauses = {{local("2026-11-19 16:00"), local("2026-11-19 16:45"), true, ""}};
      const brain::LeftOut out = brain::left_out(one, rules, local(until));
      const Duration counted = elapsed(one, rules, local(until));
      EXPECT_EQ(counted + out.nights + out.weekends + out.holidays + out.days_off + out.pauses, local(until) - one.start)
          << calendar << " until " << until;
    }
}

TEST_F(LeftOutTime, NamesTheHoliday) {
  const brain::LeftOut out = brain::left_out(clock("2026-09-30 09:00", "workday"), rules, local("2026-10-09 09:00"));
  ASSERT_FALSE(out.holiday_names.empty());
  EXPECT_TRUE(contains(out.holiday_names[0], "国庆")) << out.holiday_names[0];
  EXPECT_GE(out.holidays, Duration(7 * 24h));
}

TEST_F(LeftOutTime, OfficeHoursLeaveOutNightsAndLunch) {
  const brain::LeftOut out = brain::left_out(clock("2026-11-23 09:00", "office"), rules, local("2026-11-24 09:00"));
  EXPECT_EQ(out.weekends, Duration(0));
  EXPECT_EQ(out.nights + elapsed(clock("2026-11-23 09:00", "office"), rules, local("2026-11-24 09:00")), Duration(24h));
}

TEST_F(LeftOutTime, AnOpenPauseCountsUntilNow) {
  Clock one = clock("2026-11-23 09:00", "natural");
  one.pauses = {{local("2026-11-23 10:00"), std::nullopt, false, ""}};
  EXPECT_EQ(brain::left_out(one, rules, local("2026-11-23 15:00")).pauses, Duration(5h));
}

TEST(Why, SaysWhenAReminderCameLate) {
  World w;
  w.say("zhou.market", group, "/发起 断电 给 技术部 紧急");
  // Xieban was down from 09:00 to 10:34.
  w.now = local("2026-11-23 10:34");
  w.turn_to(w.now);
  w.say("zhou.market", group, "/为什么 1");
  EXPECT_TRUE(contains(w.last_text(group),
                       "· 已用 25% 起每 30 分钟（应在 11月23日 周一 10:30，晚了 4 分钟）→ 赵技（另有 2 次合并在内）"))
      << w.last_text(group);
  EXPECT_TRUE(contains(w.last_text(group), "接下来：已用 80%，11月23日 周一 10:36，加急通知 负责人 赵技"))
      << w.last_text(group);
}

TEST(Why, AClosedRequestHasNoClock) {
  World w;
  w.say("zhou.market", group, "/发起 数据接口 给 技术部");
  w.say("zhou.market", group, "/取消 1 不用了");
  w.say("zhou.market", group, "/为什么 1");
  EXPECT_TRUE(contains(w.last_text(group), "所有时钟都已停止")) << w.last_text(group);
}

TEST(Why, APausedRequestSaysSo) {
  World w;
  w.say("zhou.market", group, "/发起 数据接口 给 技术部");
  w.say("zhou.market", group, "/暂停 1 等合同");
  w.say("zhou.market", group, "/为什么 1");
  EXPECT_TRUE(contains(w.last_text(group), "已暂停")) << w.last_text(group);
  EXPECT_TRUE(contains(w.last_text(group), "等合同")) << w.last_text(group);
}

TEST(Details, AskedForInAPrivateChatAreAnsweredThereWhereTheBotCanOpenNone) {
  World w;
  w.say("zhou.market", plain_group, "/发起 数据接口 给 技术部");
  Inbound in;
  in.key = {plain_app, "asked"};
  in.kind = EventKind::message;
  in.actor = UserId("zhou.market");
  in.chat = {plain_app, ChatId("p:zhou.market")};
  in.one_to_one = true;
  Said said;
  said.text = "/查看 1";
  in.what = said;
  const ChangeSet change = respond(in, w.load(plan(in, w.rules)), w.rules, w.now);
  ASSERT_EQ(change.intents.size(), 1U);
  EXPECT_EQ(change.intents[0].thread.chat, ChatId("p:zhou.market")) << "not in the group of the request";
}

/// The rules with a messenger that draws tables and charts.
Rules drawing(std::size_t card_bytes) {
  Rules rules = sample_rules();
  for (Channel& channel : rules.traits.at(playground).channels) {
    channel.forms.tables = channel.forms.charts = true;
    channel.card_bytes = card_bytes;
  }
  return rules;
}

TEST(Lists, AreTablesWhereTheyCanBeDrawn) {
  World w(drawing(28 * 1024));
  const ChatRef chat = private_of("pan.pmo");
  w.say("zhou.market", group, "/发起 数据接口 给 技术部 截止 11月24日");
  w.say("zhou.market", group, "/发起 结算口径 给 财务部");
  w.turn_to("2026-11-25 10:00");
  w.say("pan.pmo", chat, "/看板");
  const Card card = *w.messages(chat).back().card;
  ASSERT_TRUE(card.table);
  EXPECT_EQ(card.table->columns, (std::vector<std::string>{"编号", "事项", "状态", "处理人", "到点"}));
  ASSERT_EQ(card.table->rows.size(), 2U);
  for (const TableRow& row : card.table->rows) EXPECT_EQ(row.cells.size(), card.table->columns.size());
  EXPECT_TRUE(card.table->rows[0].late);
  EXPECT_TRUE(card.table->rows[0].cells[card.table->state].contains("逾期"));
  EXPECT_FALSE(card.body.contains("数据接口")) << "said once: " << card.body;
  ASSERT_TRUE(card.chart);
  ASSERT_EQ(card.chart->bars.size(), 2U);
  EXPECT_EQ(card.chart->bars[0].values.size(), card.chart->series.size());
  const std::string text = w.last_text(chat);
  EXPECT_TRUE(text.contains("[逾期]XB-2026-0001 数据接口 · 待响应")) << text;
  EXPECT_TRUE(text.contains("技术部：逾期 1")) << text;
}

TEST(Lists, AreLinesWhereATableWouldBeTooLarge) {
  World w(drawing(2200));
  const ChatRef chat = private_of("zhou.market");
  for (int i = 0; i < 6; ++i) w.say("zhou.market", group, "/发起 第" + std::to_string(i) + "批数据接口对接 给 技术部");
  w.say("zhou.market", chat, "/我的");
  const Card card = *w.messages(chat).back().card;
  EXPECT_FALSE(card.table);
  EXPECT_TRUE(card.body.contains("XB-2026-0001")) << card.body;
}

}  // namespace
}  // namespace xieban::test
