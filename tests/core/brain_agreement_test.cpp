// Sign-off and disputes from the chat: buttons, forms, typed answers, cards and what they say.

#include <gtest/gtest.h>

#include <algorithm>

#include "bot/core/card/card.hpp"
#include "tests/core/brain_world.hpp"

namespace xieban::test {
namespace {

class Agreement : public ::testing::Test {
 protected:
  World w;
  CardId live;
  void SetUp() override {
    w.say("zhou.market", group, "/发起 数据接口 给 技术部 截止 12月10日 目标: 打通");
    w.say("zhao.tech", group, "/接单 1");
    live = w.card_in(group, CardKind::live);
  }
  [[nodiscard]] std::string action(CardId card, const std::string& beginning) const {
    for (const std::string& one : w.actions(card))
      if (one.starts_with(beginning)) return one;
    return {};
  }
  [[nodiscard]] const SignState& state(const std::string& signer) const {
    const auto& all = w.request().sign_off->signatures;
    return std::ranges::find(all, PersonId(signer), &Signature::signer)->state;
  }
  [[nodiscard]] std::string card_text(CardId card) const { return plain_text(w.shown.at(card), Lang::zh); }
};

TEST_F(Agreement, TheSignersCardHasTheButtonsAndNobodyElses) {
  w.say("zhou.market", group, "/会签 1 @张市 和 王技");
  const CardId card = w.card_in(private_of("zhang.market"), CardKind::personal);
  ASSERT_FALSE(card.empty());
  EXPECT_FALSE(action(card, "sign_yes:").empty());
  EXPECT_FALSE(action(card, "sign_no").empty());
  const CardId owners = w.card_in(private_of("zhao.tech"), CardKind::personal);
  EXPECT_TRUE(action(owners, "sign_yes:").empty()) << "zhao.tech was not asked";
  EXPECT_TRUE(contains(card_text(live), "张市（市场部） 待签，11月24日 周二 09:00 到点")) << card_text(live);
  EXPECT_TRUE(contains(card_text(live), "王技（技术部） 待签，11月24日 周二 09:00 到点")) << card_text(live);
  // One is accountable, and it is the one whose clock is shown.
  EXPECT_TRUE(contains(card_text(live), "下一步：张市 在 11月24日 周二 09:00 前会签")) << card_text(live);
  EXPECT_TRUE(contains(card_text(live), "时钟：会签（张市）")) << card_text(live);
  const std::string asks = "请你会签，11月24日 周二 09:00 前回复 /同意 1 或 /不同意 1 原因。";
  EXPECT_TRUE(w.shown.at(card).body.starts_with(asks)) << card_text(card);
  for (const CardId other : {live, owners}) EXPECT_FALSE(contains(card_text(other), "请你会签")) << card_text(other);

  EXPECT_EQ(w.press("li.lei", live, action(live, "sign_yes:")).outcome, Done::refused);
  const Reply reply = w.press("zhang.market", card, action(card, "sign_yes:"));
  EXPECT_EQ(reply.outcome, Done::acted) << reply.toast;
  EXPECT_TRUE(contains(reply.toast, "已会签：同意")) << reply.toast;
  EXPECT_EQ(state("zhang.market"), SignState::agreed);
  EXPECT_TRUE(contains(card_text(live), "张市（市场部） 已同意（11月23日 周一 09:0")) << card_text(live);
  w.turn_to("2026-11-23 09:01");
  EXPECT_TRUE(action(card, "sign_yes:").empty()) << "signed once";
  EXPECT_FALSE(contains(card_text(card), "请你会签")) << card_text(card);
}

TEST_F(Agreement, AnObjectionAsksForItsReason) {
  w.say("zhou.market", group, "/会签 1 张市");
  const ChatRef chat = private_of("zhang.market");
  w.press("zhang.market", w.card_in(chat, CardKind::personal), "sign_no");
  const CardId form = w.card_in(chat, CardKind::form);
  ASSERT_FALSE(form.empty());
  EXPECT_TRUE(contains(w.shown.at(form).title, "会签有异议")) << w.shown.at(form).title;
  EXPECT_EQ(w.press("zhang.market", form, "submit", {{"reason", {" "}}}).outcome, Done::refused);
  EXPECT_EQ(w.press("zhang.market", form, "submit", {{"reason", {"预算没批"}}}).outcome, Done::acted);
  EXPECT_EQ(state("zhang.market"), SignState::objected);
  EXPECT_TRUE(w.was_told("zhou.market", "有异议：预算没批"));
  EXPECT_TRUE(contains(card_text(live), "有异议（11月23日 周一 09:0")) << card_text(live);
}

TEST_F(Agreement, TypedAnswersSayWhichMatterTheyAreAbout) {
  w.say("zhou.market", group, "/会签 1 张市 zhou.market");
  w.say("zhang.market", private_of("zhang.market"), "/不同意 1");
  EXPECT_TRUE(contains(w.shown.at(w.card_in(private_of("zhang.market"), CardKind::form)).title, "会签有异议"));
  w.say("zhang.market", private_of("zhang.market"), "/不同意 1 预算没批");
  EXPECT_EQ(state("zhang.market"), SignState::objected);
  w.say("zhang.market", private_of("zhang.market"), "/同意 1");
  EXPECT_EQ(state("zhang.market"), SignState::agreed);
  w.say("zhang.market", private_of("zhang.market"), "/同意 1");
  EXPECT_TRUE(contains(w.last_text(private_of("zhang.market")), "已经签过了")) << w.last_text(private_of("zhang.market"));
  // A pending extension is meant first, its button never the sign-off.
  w.say("zhao.tech", group, "/延期 1 12月20日 人手不够");
  w.say("zhou.market", private_of("zhou.market"), "/不同意 1 来不及");
  EXPECT_FALSE(w.request().extension);
  EXPECT_EQ(state("zhou.market"), SignState::waiting);
}

TEST_F(Agreement, AnOldCardSignsNothing) {
  w.say("zhou.market", group, "/会签 1 张市");
  const CardId card = w.card_in(private_of("zhang.market"), CardKind::personal);
  const std::string old = action(card, "sign_yes:");
  w.say("zhao.tech", group, "/延期 1 12月20日 人手不够");
  w.say("zhou.market", group, "/同意 1");
  EXPECT_TRUE(w.was_told("zhang.market", "之前的会签作废"));
  const Reply reply = w.press("zhang.market", card, old);
  EXPECT_EQ(reply.outcome, Done::refused);
  EXPECT_TRUE(contains(reply.toast, "内容在你看到之后改过了")) << reply.toast;
  EXPECT_EQ(state("zhang.market"), SignState::waiting);
  EXPECT_EQ(w.press("zhang.market", card, action(card, "sign_yes:")).outcome, Done::acted);
}

TEST_F(Agreement, WhoShallSignIsAskedForInAForm) {
  w.say("zhou.market", private_of("zhou.market"), "/会签 1");
  const CardId form = w.card_in(private_of("zhou.market"), CardKind::form);
  ASSERT_FALSE(form.empty());
  ASSERT_EQ(w.shown.at(form).inputs.size(), 1U);
  EXPECT_EQ(w.shown.at(form).inputs[0].kind, InputKind::multi);
  EXPECT_EQ(w.press("zhou.market", form, "submit", {{"people", {"zhang.market", "wang.tech"}}}).outcome, Done::acted);
  EXPECT_EQ(w.request().sign_off->signatures.size(), 2U);

  w.say("zhou.market", private_of("zhou.market"), "/会签 1");
  w.say("zhou.market", private_of("zhou.market"), "孙工、@li.lei");
  EXPECT_EQ(w.request().sign_off->signatures.size(), 4U) << w.last_text(private_of("zhou.market"));
}

TEST_F(Agreement, TheRulingCardShowsBothPositionsAndItsFormDecides) {
  w.say("zhou.market", group, "/分歧 1 本周必须上线");
  EXPECT_TRUE(w.was_told("zhao.tech", "请说明你方意见"));
  w.press("zhao.tech", w.card_in(private_of("zhao.tech"), CardKind::personal), "dispute");
  const CardId position = w.card_in(private_of("zhao.tech"), CardKind::form);
  EXPECT_TRUE(contains(card_text(position), "发起方意见：本周必须上线")) << "what the other side said";
  EXPECT_EQ(w.press("zhao.tech", position, "submit", {{"position", {"测试要两周"}}}).outcome, Done::acted);
  EXPECT_TRUE(contains(card_text(live), "有分歧")) << card_text(live);
  EXPECT_TRUE(action(live, "rule").empty()) << "not before it is submitted";

  w.turn_to("2026-11-24 09:00");
  const ChatRef judge = private_of("li.fuzong");
  const CardId ruling = w.card_in(judge, CardKind::notice);
  ASSERT_FALSE(ruling.empty());
  const auto& fields = w.shown.at(ruling).fields;
  ASSERT_GE(fields.size(), 2U);
  EXPECT_TRUE(fields[0].beside && fields[1].beside);
  EXPECT_TRUE(fields[0].value.starts_with("本周必须上线 —— 周市（市场部），")) << fields[0].value;
  EXPECT_TRUE(fields[1].value.starts_with("测试要两周 —— 赵技（技术部），")) << fields[1].value;
  EXPECT_FALSE(action(ruling, "rule").empty());
  EXPECT_FALSE(action(live, "rule").empty());
  EXPECT_EQ(w.press("zhou.market", live, "rule").outcome, Done::refused) << "a party";

  EXPECT_EQ(w.press("li.fuzong", ruling, "rule").outcome, Done::acted);
  const CardId form = w.card_in(judge, CardKind::form);
  ASSERT_FALSE(form.empty());
  EXPECT_TRUE(contains(card_text(form), "牵头方意见：测试要两周"));
  EXPECT_EQ(w.press("li.fuzong", form, "submit", {{"decision", {"延一周"}}}).outcome, Done::acted);
  EXPECT_FALSE(w.request().conditions.disputed);
  for (const char* who : {"zhou.market", "zhao.tech"}) EXPECT_TRUE(w.was_told(who, "裁决了「数据接口」的分歧：延一周")) << who;
  EXPECT_TRUE(contains(card_text(live), "裁决：延一周 —— 李副总")) << card_text(live);
  EXPECT_TRUE(contains(card_text(live), "如需改截止时间：/延期 1 时间 原因")) << card_text(live);
  EXPECT_EQ(w.press("li.fuzong", ruling, "rule").outcome, Done::refused) << "ruled once";
  w.say("zhou.market", group, "/取消 1 不做了");
  EXPECT_TRUE(contains(card_text(live), "裁决：延一周")) << card_text(live);
  EXPECT_FALSE(contains(card_text(live), "如需改截止时间")) << "there is no date left to move";
}

TEST_F(Agreement, EachJudgeIsToldUntilWhenTheyMayRule) {
  w.say("zhou.market", group, "/分歧 1 本周必须上线");
  w.say("zhao.tech", group, "/分歧 1 测试要两周");
  w.turn_to("2026-11-25 09:01");
  EXPECT_TRUE(w.was_told("chen.zong", "在 11月26日 周四 09:00 前裁决：/裁决 1 决定")) << w.last_text(private_of("chen.zong"));
  const std::string first = w.last_text(private_of("li.fuzong"));
  EXPECT_TRUE(contains(first, "到 11月25日 周三 09:00 还没有裁决")) << first;
  EXPECT_TRUE(contains(first, "限 11月26日 周四 09:00 前裁决")) << first;
  EXPECT_TRUE(contains(first, "牵头方意见：测试要两周")) << first;
}

TEST_F(Agreement, ThePartiesMayComeTogetherByAButton) {
  w.say("zhou.market", group, "/分歧 1 本周必须上线");
  w.say("zhao.tech", group, "/分歧 1 测试要两周");
  EXPECT_EQ(w.press("zhou.market", live, "settle").outcome, Done::acted);
  EXPECT_FALSE(w.request().conditions.disputed);
}

TEST_F(Agreement, HistoryAndExplanationTellIt) {
  w.say("zhou.market", group, "/会签 1 张市");
  w.say("zhang.market", private_of("zhang.market"), "/同意 1");
  w.say("zhou.market", group, "/分歧 1 本周必须上线");
  w.say("zhao.tech", group, "/分歧 1 测试要两周");
  w.turn_to("2026-11-25 09:01");
  const std::vector<std::string> lines = w.lines();
  const auto told = [&](const std::string& part) {
    return std::ranges::any_of(lines, [&](const std::string& line) { return contains(line, part); });
  };
  for (const char* part : {"请 张市 会签，文本指纹 ", "会签：同意，文本指纹 ", "说明发起方意见：本周必须上线",
                           "说明牵头方意见：测试要两周", "提交 李副总 裁决", "提交领导小组 "})
    EXPECT_TRUE(told(part)) << part;
  w.say("zhou.market", private_of("zhou.market"), "/为什么 1");
  const std::string why = w.last_text(private_of("zhou.market"));
  EXPECT_TRUE(contains(why, "时钟“裁决”")) << why;
  EXPECT_TRUE(contains(why, "提交 李副总 裁决")) << why;
}

TEST_F(Agreement, WhatWaitsForSomebodyIsInTheirList) {
  w.say("zhou.market", group, "/会签 1 张市");
  const auto waits = [&](const char* who) {
    const auto all = stakes(w.request());
    return std::ranges::any_of(all, [&](const Stake& one) { return one.person == PersonId(who) && one.role == "waiting"; });
  };
  EXPECT_TRUE(waits("zhang.market"));
  w.say("zhang.market", private_of("zhang.market"), "/同意 1");
  EXPECT_FALSE(waits("zhang.market"));
  w.say("zhou.market", group, "/分歧 1 本周必须上线");
  w.turn_to("2026-11-24 09:00");
  EXPECT_TRUE(waits("li.fuzong"));
}

}  // namespace
}  // namespace xieban::test
