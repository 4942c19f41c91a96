// The loop as people live it, at the level of the four functions: raised, chased, escalated, accepted, delivered, closed.

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/core/brain_world.hpp"

namespace xieban::test {
namespace {

using namespace std::chrono_literals;

const std::string raise_line =
    "/发起 新品推广页接口对接 给技术部 截止 明天18点 紧急 背景: 新品下周上线 现状: 接口还没有 影响: 上线推迟";

TEST(Story, AnUrgentRequestFromRaisingToTheArchive) {
  World w;
  EXPECT_EQ(w.say("zhou.market", group, raise_line).outcome, Done::acted);
  ASSERT_EQ(w.requests.size(), 1U);
  EXPECT_EQ(w.request().title, "新品推广页接口对接");
  EXPECT_TRUE(w.request().urgent);
  EXPECT_EQ(w.request().owner, PersonId("zhao.tech"));
  EXPECT_EQ(w.request().due, local("2026-11-24 18:00"));

  // The live card stands in the group, the personal card at the receiver.
  const CardId live = w.card_in(group, CardKind::live);
  ASSERT_FALSE(live.empty());
  const std::string card = w.last_text(group);
  EXPECT_TRUE(contains(card, "【XB-2026-0001】新品推广页接口对接")) << card;
  EXPECT_TRUE(contains(card, "下一步：赵技 在 11月23日 周一 11:00 前接单（还有 2 小时）")) << card;
  EXPECT_TRUE(contains(card, "背景：新品下周上线")) << card;
  EXPECT_TRUE(contains(card, "接单：发送 /接单 1")) << card;
  const CardId personal = w.card_in(private_of("zhao.tech"), CardKind::personal);
  ASSERT_FALSE(personal.empty());

  // Nobody answers.
  std::size_t seen = w.sent.size();
  w.turn_to("2026-11-23 09:30");
  EXPECT_FALSE(w.messages(private_of("zhao.tech"), seen).empty()) << "25 %: the owner is reminded";
  seen = w.sent.size();
  w.turn_to("2026-11-23 10:36");
  const auto urgent = w.messages(private_of("zhao.tech"), seen);
  EXPECT_TRUE(std::ranges::any_of(urgent, &Outgoing::urgent)) << "80 %: the urgent channel";
  seen = w.sent.size();
  w.turn_to("2026-11-23 11:00");
  for (const char* person : {"wang.tech", "li.fuzong"}) {
    const auto told = w.messages(private_of(person), seen);
    ASSERT_FALSE(told.empty()) << person;
    EXPECT_TRUE(std::ranges::any_of(told, &Outgoing::urgent)) << person;
    EXPECT_TRUE(contains(told.back().text, "XB-2026-0001")) << told.back().text;
  }

  // 为什么 explains it with the clock's arithmetic.
  w.turn_to("2026-11-23 11:20");
  w.say("zhou.market", group, "/为什么 1");
  const std::string why = w.last_text(group);
  EXPECT_TRUE(contains(why, "时钟“首次响应”：11月23日 周一 09:00 开始，11月23日 周一 11:00 到点")) << why;
  EXPECT_TRUE(contains(why, "时限 2 小时，已计 2 小时 20 分（116%），超出 20 分")) << why;
  EXPECT_TRUE(contains(why, "开始至今 2 小时 20 分 = 计时 2 小时 20 分")) << why;
  EXPECT_TRUE(contains(why, "· 已用 80%（11月23日 周一 10:36）→ 赵技")) << why;
  EXPECT_TRUE(contains(why, "· 到期（11月23日 周一 11:00）→ 王技、李副总")) << why;

  // The press of a late receiver counts; the live card changes in place.
  const Reply accepted = w.press("zhao.tech", personal, "accept");
  EXPECT_EQ(accepted.outcome, Done::acted) << accepted.toast;
  EXPECT_EQ(accepted.card, personal);
  EXPECT_EQ(w.request().phase, Phase::run);
  EXPECT_TRUE(contains(plain_text(w.shown.at(live), Lang::zh), "执行中")) << plain_text(w.shown.at(live), Lang::zh);

  // Delegated by name, without a mention.
  EXPECT_EQ(w.say("zhao.tech", group, "/指派 1 孙工").outcome, Done::acted);
  EXPECT_EQ(w.request().owner, PersonId("sun.tech"));
  EXPECT_FALSE(w.messages(private_of("sun.tech")).empty());

  EXPECT_EQ(w.say("sun.tech", group, "/进度 1 60% 滞后 原因: 接口文档晚到 措施: 今晚加班").outcome, Done::acted);
  EXPECT_EQ(w.request().percent, 60);
  EXPECT_EQ(w.say("sun.tech", group, "/交付 1 接口已上线，文档在知识库").outcome, Done::acted);
  EXPECT_EQ(w.request().phase, Phase::accept);
  EXPECT_EQ(w.say("sun.tech", group, "/验收 1 通过").outcome, Done::refused) << "nobody accepts what they delivered";
  EXPECT_EQ(w.request().phase, Phase::accept);
  EXPECT_EQ(w.say("zhou.market", group, "/验收 1 驳回 少一个字段").outcome, Done::acted);
  EXPECT_EQ(w.request().phase, Phase::run);
  EXPECT_EQ(w.say("sun.tech", group, "/交付 1 字段已补").outcome, Done::acted);
  EXPECT_EQ(w.press("zhou.market", live, "verify").outcome, Done::acted);
  EXPECT_EQ(w.request().phase, Phase::archived);

  // The archive shows the whole history, over pages.
  w.say("zhou.market", group, "/查看 1");
  std::string all = w.last_text(group);
  for (int page = 2; page <= 4; ++page) {
    w.say("zhou.market", group, "/查看 1 " + std::to_string(page));
    all += w.last_text(group);
  }
  for (const char* part : {"发起，交给 技术部 赵技", "提醒了 赵技：首次响应，已用 80%", "接单", "把负责人改为 孙工",
                           "汇报 60% 滞后；原因：接口文档晚到；措施：今晚加班", "交付：接口已上线", "想要验收，未被允许",
                           "驳回：少一个字段", "交付：字段已补", "验收通过", "已归档"})
    EXPECT_TRUE(contains(all, part)) << part << "\n" << all;
  EXPECT_FALSE(w.wake_times.at(RequestId(1)).has_value()) << "nothing is nobody's, and what is closed sleeps";
}

TEST(Story, ANormalRequestClimbsTheLineOverAWeekend) {
  World w(sample_rules(), local("2026-11-20 17:00"));  // a Friday
  w.say("zhou.market", group, "/发起 数据接口 给 技术部 截止 12月10日");
  ASSERT_EQ(w.requests.size(), 1U);
  std::size_t seen = w.sent.size();
  w.turn_to("2026-11-22 20:00");
  EXPECT_TRUE(w.messages(private_of("zhao.tech"), seen).empty()) << "no reminder on a weekend";
  w.turn_to("2026-11-23 17:00");
  EXPECT_FALSE(w.messages(private_of("zhao.tech"), seen).empty());
  EXPECT_FALSE(w.messages(private_of("wang.tech"), seen).empty()) << "100 %: Friday 17:00 + 24 h = Monday 17:00";
  // /为什么 leaves the weekend out and says so.
  w.say("zhou.market", group, "/为什么 1");
  const std::string why = w.last_text(group);
  EXPECT_TRUE(contains(why, "时限 24 小时，已计 24 小时（100%），刚刚到期")) << why;
  EXPECT_TRUE(contains(why, "开始至今 72 小时 = 计时 24 小时 + 周末 48 小时")) << why;
  EXPECT_TRUE(contains(why, "接下来：超时 4 小时（办公时间），11月24日 周二")) << why;
  EXPECT_TRUE(contains(why, "分管领导 李副总")) << why;
}

TEST(Story, AskingBackPausesTheClockAndTheAnswerResumesIt) {
  World w(sample_rules(), local("2026-11-23 09:00"));
  w.say("zhou.market", group, "/发起 数据接口 给 技术部");
  w.turn_to("2026-11-23 12:00");
  EXPECT_EQ(w.say("zhao.tech", group, "/补充 1 要哪些字段").outcome, Done::acted);
  EXPECT_TRUE(w.request().conditions.waiting_for_requester);
  EXPECT_TRUE(w.was_told("zhou.market", "要哪些字段"));
  const CardId asked = w.card_in(private_of("zhou.market"), CardKind::personal);
  ASSERT_FALSE(asked.empty());
  w.turn_to("2026-11-23 15:00");
  // The answer through the button's form.
  const Reply opened = w.press("zhou.market", asked, "ask");
  EXPECT_EQ(opened.outcome, Done::acted) << opened.toast;
  const CardId form = w.card_in(private_of("zhou.market"), CardKind::form);
  ASSERT_FALSE(form.empty());
  EXPECT_EQ(w.press("zhou.market", form, "submit", {{"text", {"姓名和电话"}}}).outcome, Done::acted);
  EXPECT_FALSE(w.request().conditions.waiting_for_requester);
  const Clock* clock = running_clock(w.request(), ClockKind::first_response);
  ASSERT_NE(clock, nullptr);
  EXPECT_EQ(clock->target, local("2026-11-24 12:00")) << "moved by exactly the three hours";
  w.say("zhou.market", group, "/为什么 1");
  EXPECT_TRUE(contains(w.last_text(group), "开始至今 6 小时 = 计时 3 小时 + 暂停 3 小时")) << w.last_text(group);
}

TEST(Story, EveryConfirmationNamesItsRequest) {
  World w;
  w.say("zhou.market", group, "/发起 数据接口 给 技术部 截止 12月10日");
  struct Line {
    const char* who;
    const char* text;
    const char* said;
  };
  for (const Line& line : {Line{"zhao.tech", "/补充 1 要哪些字段", "已请 周市 补充"},
                           {"zhou.market", "/补充 1 全部", "已答复 赵技"},
                           {"zhou.market", "/催办 1", "已提醒 赵技"},
                           {"zhou.market", "/升级 1 太慢", "已升级给 "},
                           {"zhao.tech", "/接单 1 12月15日", "已接单"},
                           {"zhou.market", "/同意 1", "的截止改为"},
                           {"zhao.tech", "/配合 1 财务部", "已请 财务部 配合"},
                           {"zhao.tech", "/备注 1 记一笔", "已备注"},
                           {"zhou.market", "/会签 1 张市", "已请 张市 会签"},
                           {"zhang.market", "/不同意 1 太晚", "的异议已记下"},
                           {"zhang.market", "/同意 1", "已会签：同意"},
                           {"zhou.market", "/分歧 1 本周必须上线", "已标记分歧"},
                           {"zhou.market", "/分歧 1 下周也行", "的我方意见已更新"},
                           {"zhao.tech", "/分歧 1 测试要两周", "的双方意见"},
                           {"li.fuzong", "/裁决 1 延一周", "已裁决"},
                           {"zhao.tech", "/交付 1 好了", "已交付，请 周市 在 11月26日 "},
                           {"zhou.market", "/验收 1 驳回 少字段", "已驳回"}}) {
    const std::size_t seen = w.sent.size();
    EXPECT_EQ(w.say(line.who, private_of(line.who), line.text).outcome, Done::acted) << line.text;
    const auto said = w.messages(private_of(line.who), seen);
    const auto confirms = [&](const Outgoing& one) {
      return (contains(one.text, "XB-2026-0001 ") || contains(one.text, "#1 ")) && contains(one.text, line.said);
    };
    EXPECT_TRUE(std::ranges::any_of(said, confirms)) << line.text << "\n" << w.last_text(private_of(line.who));
  }
}

TEST(Story, DeclineNeedsACounterProposal) {
  World w;
  w.say("zhou.market", group, "/发起 数据接口 给 技术部");
  const std::size_t seen = w.sent.size();
  EXPECT_EQ(w.say("zhao.tech", group, "/拒绝 1 原因 没有人手").outcome, Done::refused);
  EXPECT_EQ(w.request().phase, Phase::respond);
  EXPECT_TRUE(w.was_told("zhao.tech", "建议", seen));
  const CardId form = w.card_in(private_of("zhao.tech"), CardKind::form);
  ASSERT_FALSE(form.empty()) << "the form asks for what is missing";
  EXPECT_EQ(w.press("zhao.tech", form, "submit", {{"proposal", {""}}}).outcome, Done::refused);
  EXPECT_EQ(w.request().phase, Phase::respond);
  EXPECT_EQ(w.press("zhao.tech", form, "submit", {{"proposal", {"请财务部做"}}}).outcome, Done::acted);
  EXPECT_EQ(w.request().phase, Phase::declined);
  EXPECT_EQ(w.request().proposal, "请财务部做");
  EXPECT_TRUE(w.was_told("zhou.market", "请财务部做", seen));
  EXPECT_EQ(w.say("zhou.market", group, "/重开 1 还是要做").outcome, Done::acted);
  EXPECT_EQ(w.request().phase, Phase::respond);
  EXPECT_EQ(w.request().owner, PersonId("wang.tech")) << "the liaison refused, now the head answers";
}

TEST(Story, TakingBackTheLastStep) {
  World w;
  w.say("zhou.market", group, "/发起 数据接口 给 技术部");
  w.say("zhao.tech", group, "/接单 1");
  ASSERT_EQ(w.request().phase, Phase::run);
  EXPECT_EQ(w.say("sun.tech", group, "/撤回 1").outcome, Done::refused) << "only one's own";
  w.turn_to(w.now + 4min);
  EXPECT_EQ(w.say("zhao.tech", group, "/撤回 1").outcome, Done::acted);
  EXPECT_EQ(w.request().phase, Phase::respond);
  w.say("zhao.tech", group, "/接单 1");
  w.turn_to(w.now + 6min);
  EXPECT_EQ(w.say("zhao.tech", group, "/撤回 1").outcome, Done::refused) << "five minutes have passed";
}

TEST(Story, QuietHoursHoldRemindersButNotUrgentOnes) {
  World w(sample_rules(), local("2026-11-23 21:30"));
  w.say("zhou.market", group, "/发起 夜里的事 给 技术部");
  w.say("zhou.market", group, "/发起 机房断电 给 技术部 紧急");
  const std::size_t seen = w.sent.size();
  w.turn_to("2026-11-23 23:30");
  EXPECT_TRUE(std::ranges::any_of(w.messages(private_of("wang.tech"), seen), &Outgoing::urgent)) << "urgent ones always go out";
  w.turn_to("2026-11-24 08:29");
  for (const SentMessage& message : w.sent)
    if (const auto* notify = std::get_if<Notify>(&message.effect);
        notify && notify->request == RequestId(1) && notify->notice.reminder)
      ADD_FAILURE() << "sent at night: " << message.out.text;
}

TEST(Story, ARequestTypedInPrivateLivesThere) {
  World w;
  w.say("zhou.market", private_of("zhou.market"), "发起");
  EXPECT_TRUE(w.requests.empty());
  w.say("zhou.market", private_of("zhou.market"), "/发起 数据接口 给 技术部");
  ASSERT_EQ(w.requests.size(), 1U);
  EXPECT_FALSE(w.card_in(private_of("zhou.market"), CardKind::live).empty());
  EXPECT_TRUE(w.messages(group).empty());
}

TEST(Story, ResendingAfterACrashChangesNothing) {
  // The brain is pure: the same event on the same snapshot gives the same change.
  World w;
  w.say("zhou.market", group, raise_line);
  Inbound in;
  in.kind = EventKind::message;
  in.actor = UserId("zhao.tech");
  in.chat = group;
  in.sent_at = w.now;
  in.what = Said{.text = "/接单 1"};
  const Snapshot snapshot = w.load(plan(in, w.rules));
  const ChangeSet first = respond(in, snapshot, w.rules, w.now), second = respond(in, snapshot, w.rules, w.now);
  ASSERT_EQ(first.requests.size(), 1U);
  ASSERT_EQ(second.requests.size(), 1U);
  EXPECT_EQ(first.requests[0].entries.size(), second.requests[0].entries.size());
  EXPECT_EQ(first.requests[0].wake_at, second.requests[0].wake_at);
  EXPECT_EQ(first.intents.size(), second.intents.size());
  EXPECT_EQ(w.request().phase, Phase::respond) << "deciding alone changes nothing";
}

TEST(Deadline, TheAnswerSaysTheWorkingTimeLeftAndWhatWasAssumed) {
  World w;  // Monday 09:00
  std::size_t seen = w.sent.size();
  w.say("zhou.market", group, "/发起 接口对接 给技术部 截止 明天18:00");
  EXPECT_FALSE(w.was_told("zhou.market", "还有", seen)) << "nothing was assumed, and the card shows the date";
  ASSERT_EQ(w.requests.size(), 1U);

  seen = w.sent.size();
  w.say("zhou.market", group, "/发起 海报设计 给技术部 截止 周六5点");
  ASSERT_EQ(w.requests.size(), 2U);
  EXPECT_TRUE(w.was_told("zhou.market", "还有 5 个工作日", seen));
  EXPECT_TRUE(w.was_told("zhou.market", "没有写上午下午", seen));
  EXPECT_TRUE(w.was_told("zhou.market", "那天不是工作日", seen));

  seen = w.sent.size();
  w.say("zhao.tech", private_of("zhao.tech"), "/接单 1 今天下午3点");
  EXPECT_TRUE(w.was_told("zhao.tech", "还有 4 小时 30 分", seen)) << w.last_text(private_of("zhao.tech"));
  EXPECT_FALSE(w.was_told("zhao.tech", "没有写上午下午", seen));
}

}  // namespace
}  // namespace xieban::test
