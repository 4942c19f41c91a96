// The dialogue: one question at a time, 跳过 / 返回 / 取消 / 完成 at each, names and dates checked as they come.

#include "bot/core/words/conversation.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/core/brain_world.hpp"

namespace xieban::test {
namespace {

const TimePoint now = local("2026-11-23 09:00");

Conversation begun(Verb verb, std::map<std::string, std::string> answers = {}) {
  Conversation out;
  out.id = ConversationId("x");
  out.key = {PersonId("zhou.market"), playground};
  out.chat = private_of("zhou.market");
  out.verb = verb;
  out.answers = std::move(answers);
  out.touched_at = now;
  return out;
}

Request request_12() {
  Request out;
  out.id = RequestId(12);
  out.year = 2026;
  out.title = "新品推广页接口对接";
  out.lead = DepartmentId("tech");
  out.requester = PersonId("zhou.market");
  return out;
}

class Dialogue : public ::testing::Test {
 protected:
  Rules rules = sample_rules();
  Request request = request_12();
  Turn say(const Conversation& conversation, std::string_view text, TimePoint at = now) {
    return answer(conversation, text, conversation.verb == Verb::raise ? nullptr : &request, rules, at);
  }
  std::string asked(const Turn& turn) { return turn.ask ? xieban::say(rules.lang, *turn.ask) : std::string(); }
  std::string error(const Turn& turn) { return turn.error ? xieban::say(rules.lang, *turn.error) : std::string(); }
};

TEST_F(Dialogue, RaisesQuestionByQuestion) {
  Conversation conversation = begun(Verb::raise);
  EXPECT_NE(xieban::say(rules.lang, question(conversation, nullptr, rules, now)).find("标题"), std::string::npos);
  Turn turn = say(conversation, "新品推广页接口对接");
  EXPECT_NE(asked(turn).find("交给哪个部门"), std::string::npos);
  turn = say(turn.conversation, "技术");
  EXPECT_EQ(turn.conversation.answers.at("to"), "tech");
  turn = say(turn.conversation, "明天18点");
  EXPECT_FALSE(turn.error) << error(turn);
  EXPECT_EQ(turn.conversation.answers.at("due"), "明天18点");
  EXPECT_FALSE(turn.complete);
  turn = say(turn.conversation, "完成");
  EXPECT_TRUE(turn.complete);
  EXPECT_EQ(turn.conversation.answers.size(), 3U);
}

TEST_F(Dialogue, EachQuestionTouchesIt) {
  const Turn turn = say(begun(Verb::raise), "标题", now + Duration(5));
  EXPECT_EQ(turn.conversation.touched_at, now + Duration(5));
  EXPECT_FALSE(expired(turn.conversation, now + Duration(5) + conversation_expiry));
  EXPECT_TRUE(expired(turn.conversation, now + Duration(6) + conversation_expiry));
}

TEST_F(Dialogue, RequiredFieldsCannotBeSkipped) {
  const Turn turn = say(begun(Verb::decline), "跳过");
  EXPECT_NE(error(turn).find("必须填写"), std::string::npos);
  EXPECT_NE(asked(turn).find("原因"), std::string::npos);
  EXPECT_FALSE(turn.complete);
}

TEST_F(Dialogue, SkipBackCancel) {
  Turn turn = say(begun(Verb::pause), "等供应商");
  EXPECT_NE(asked(turn).find("到什么时候"), std::string::npos);
  turn = say(turn.conversation, "返回");
  EXPECT_NE(asked(turn).find("原因"), std::string::npos);
  turn = say(turn.conversation, "等合同");
  EXPECT_EQ(turn.conversation.answers.at("reason"), "等合同");
  const Turn skipped = say(turn.conversation, "/跳过");
  EXPECT_TRUE(skipped.complete);
  EXPECT_FALSE(skipped.conversation.answers.contains("until"));
  const Turn cancelled = say(turn.conversation, "取消");
  EXPECT_TRUE(cancelled.cancelled);
  EXPECT_TRUE(cancelled.conversation.done);
}

TEST_F(Dialogue, EnglishWordsWorkToo) {
  Turn turn = say(begun(Verb::pause), "waiting");
  EXPECT_TRUE(say(turn.conversation, "Skip").complete);
  EXPECT_TRUE(say(turn.conversation, "cancel").cancelled);
  EXPECT_NE(asked(say(turn.conversation, "back")).find("原因"), std::string::npos);
}

TEST_F(Dialogue, DoneIsAnAnswerWhereOneIsNeeded) {
  const Turn turn = say(begun(Verb::deliver), "完成");
  EXPECT_TRUE(turn.complete);
  EXPECT_EQ(turn.conversation.answers.at("text"), "完成");
}

TEST_F(Dialogue, SeveralNamesAreAskedAbout) {
  const Turn turn = say(begun(Verb::assign), "李");
  EXPECT_TRUE(error(turn).starts_with("“李”有多个匹配：1 李雷（市场部）、2 李雷鸣（技术部）、3 李副总（")) << error(turn);
  EXPECT_EQ(error(turn).find("li.lei"), std::string::npos) << error(turn);
  EXPECT_FALSE(turn.complete);
  const Turn chosen = say(turn.conversation, "2");
  EXPECT_TRUE(chosen.complete) << error(chosen);
  EXPECT_EQ(chosen.conversation.answers.at("person"), "li.leiming");
  EXPECT_TRUE(say(turn.conversation, "4").error) << "there are three";
  EXPECT_TRUE(say(say(turn.conversation, "张三丰").conversation, "2").error) << "only right after they were named";
  const Turn near = say(begun(Verb::support), "财物部");
  EXPECT_EQ(say(near.conversation, "1").conversation.answers.at("department"), "finance") << error(near);
  EXPECT_EQ(say(begun(Verb::assign), "@李雷").conversation.answers.at("person"), "li.lei") << "an exact name beats a part";
}

TEST_F(Dialogue, OnlyTwoWhoLookTheSameAreToldApartByTheirIds) {
  auto company = std::make_shared<Organisation>(*rules.organisation);
  company->people.push_back(company->people[2]);  // 李雷 of 市场部
  company->people.back().id = PersonId("li.lei2");
  rules.organisation = company;
  const Turn turn = say(begun(Verb::assign), "李雷");
  EXPECT_NE(error(turn).find("1 李雷（市场部）（li.lei）、2 李雷（市场部）（li.lei2）"), std::string::npos) << error(turn);
  EXPECT_EQ(say(turn.conversation, "2").conversation.answers.at("person"), "li.lei2");
}

TEST_F(Dialogue, UnknownNamesAreAnErrorWithTheNearest) {
  EXPECT_EQ(error(say(begun(Verb::assign), "诸葛孔明")), "没有找到“诸葛孔明”这个人，请写全名或 @他。");
  const std::string none = error(say(begun(Verb::support), "天上"));
  EXPECT_TRUE(none.starts_with("没有找到“天上”这个部门。现有部门：") && none.find("技术部") != std::string::npos) << none;
  EXPECT_NE(error(say(begun(Verb::support), "财物部")).find("财务部"), std::string::npos);
}

TEST_F(Dialogue, BadDatesSayWhatToWrite) {
  const Turn turn = say(begun(Verb::extend), "25:61");
  EXPECT_TRUE(turn.error);
  EXPECT_FALSE(turn.complete);
  EXPECT_TRUE(turn.conversation.answers.empty());
  EXPECT_TRUE(error(turn).starts_with("没有这个时间：25:61。试试：")) << error(turn);
  const std::string past = error(say(begun(Verb::extend), "昨天"));
  EXPECT_TRUE(past.starts_with("截止时间 ") && past.find("已经过去。试试：") != std::string::npos) << past;
  Conversation pause = begun(Verb::pause, {{"reason", "等合同"}});
  pause.at = 1;
  EXPECT_TRUE(error(say(pause, "昨天")).starts_with("时间 ")) << "no deadline: " << error(say(pause, "昨天"));
}

TEST_F(Dialogue, WhatHasEverythingWaitsForAYes) {
  Conversation whole = begun(Verb::note, {{"text", "已联系供应商"}});
  whole.at = 1;
  for (const char* yes : {"完成", "提交", "好的", "OK", "/done"}) EXPECT_TRUE(say(whole, yes).complete) << yes;
  const Turn other = say(whole, "等一下");
  EXPECT_FALSE(other.complete);
  EXPECT_EQ(asked(other), "内容都齐了。回复 完成 提交，返回 修改，取消 放弃。");
  EXPECT_EQ(other.conversation.answers.at("text"), "已联系供应商");
  EXPECT_NE(asked(say(whole, "返回")).find("备注内容"), std::string::npos);
  EXPECT_TRUE(say(whole, "取消").cancelled);
}

TEST_F(Dialogue, ReportsAskForReasonOnlyWhenBehind) {
  Turn turn = say(begun(Verb::progress), "60%");
  EXPECT_EQ(turn.conversation.answers.at("percent"), "60");
  const Turn good = say(say(say(turn.conversation, "正常").conversation, "跳过").conversation, "跳过");
  EXPECT_TRUE(good.complete);
  turn = say(turn.conversation, "2");
  EXPECT_EQ(turn.conversation.answers.at("health"), "late") << "a choice may be given by its number";
  EXPECT_NE(error(say(turn.conversation, "跳过")).find("必须填写"), std::string::npos);
  turn = say(say(turn.conversation, "缺人").conversation, "加班");
  EXPECT_TRUE(turn.complete);
  EXPECT_TRUE(say(begun(Verb::progress), "160").error);
  EXPECT_TRUE(say(begun(Verb::progress), "六十").error);
}

TEST_F(Dialogue, WhatWasTypedAlreadyIsNotAskedAgain) {
  Conversation conversation = begun(Verb::decline, {{"proposal", "换市场部"}});
  EXPECT_TRUE(say(conversation, "不是我们的").complete);
}

TEST_F(Dialogue, EmptyTextAsksAgain) {
  const Turn turn = say(begun(Verb::note), "  \n ");
  EXPECT_FALSE(turn.complete);
  EXPECT_TRUE(turn.ask);
  EXPECT_FALSE(turn.error);
}

TEST_F(Dialogue, LongAnswersAreCutAtACharacter) {
  std::string much;
  for (int i = 0; i < 50'000; ++i) much += "很";
  const Turn turn = say(begun(Verb::note), much);
  EXPECT_LE(turn.conversation.answers.at("text").size(), 4000U);
  EXPECT_TRUE(turn.complete);
}

TEST_F(Dialogue, TheFormShowsTheSameFields) {
  const Conversation conversation = begun(Verb::decline, {{"reason", "不归我们"}});
  const Card card = form_card(conversation, &request, rules, now);
  ASSERT_EQ(card.inputs.size(), 2U);
  EXPECT_EQ(card.inputs[0].id, "reason");
  EXPECT_EQ(card.inputs[0].value, std::vector<std::string>{"不归我们"});
  EXPECT_EQ(card.inputs[1].id, "proposal");
  EXPECT_TRUE(card.inputs[1].required);
  ASSERT_EQ(card.buttons.size(), 2U);
  EXPECT_EQ(card.buttons[0].action, "submit");
  EXPECT_EQ(card.buttons[1].action, "cancel_form");
  EXPECT_NE(card.title.find("XB-2026-0012"), std::string::npos);
  EXPECT_NE(card.footer.find("周市"), std::string::npos);
  const Card closed = closed_form_card(conversation, "form.over", rules);
  EXPECT_TRUE(closed.inputs.empty());
  EXPECT_TRUE(closed.buttons.empty());
}

TEST_F(Dialogue, RaiseFormHasTheFieldsOfItsType) {
  const auto ids = [&](std::map<std::string, std::string> answers) {
    std::vector<std::string> out;
    for (const Input& input : form_fields(Verb::raise, nullptr, rules, PersonId("zhou.market"), answers, now))
      out.push_back(input.id);
    return out;
  };
  const auto plain = ids({});
  EXPECT_EQ(plain,
            (std::vector<std::string>{"title", "to", "due", "type", "urgent", "goal", "background", "situation", "impact"}));
  const auto incident = ids({{"type", "incident"}});
  EXPECT_NE(std::ranges::find(incident, "severity"), incident.end());
}

TEST_F(Dialogue, PeopleOfTheLeadDepartmentComeFirst) {
  const auto inputs = form_fields(Verb::assign, &request, rules, PersonId("wang.tech"), {}, now);
  ASSERT_FALSE(inputs.empty());
  ASSERT_FALSE(inputs[0].options.empty());
  EXPECT_EQ(inputs[0].options[0].value, "zhao.tech");
  for (const InputOption& option : inputs[0].options) EXPECT_NE(option.value, "liu.left") << "who left is not offered";
}

}  // namespace
}  // namespace xieban::test
