// Forms and dialogues through the brain: begun in a group, filled in private, once per person, across restarts.

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/core/brain_world.hpp"

namespace xieban::test {
namespace {

using namespace std::chrono_literals;

TEST(Forms, RaisingWithNothingOpensTheFormInPrivate) {
  World w;
  EXPECT_EQ(w.say("zhou.market", group, "/发起").outcome, Done::acted);
  ASSERT_EQ(w.messages(group).size(), 1U);
  EXPECT_EQ(w.last_text(group), "周市 正在填写…");
  const CardId form = w.card_in(private_of("zhou.market"), CardKind::form);
  ASSERT_FALSE(form.empty());
  EXPECT_FALSE(w.shown.at(form).inputs.empty());

  Reply reply = w.press("zhou.market", form, "submit", {{"title", {"数据接口"}}});
  EXPECT_EQ(reply.outcome, Done::refused);
  EXPECT_TRUE(contains(reply.toast, "请填写：交给哪个部门或谁")) << reply.toast;
  reply = w.press("zhou.market", form, "submit", {{"title", {"数据接口"}}, {"to", {"tech"}}, {"due", {"32月1日"}}});
  EXPECT_EQ(reply.outcome, Done::refused) << "a date that cannot be read keeps the form";
  EXPECT_TRUE(w.requests.empty());
  EXPECT_EQ(w.shown.at(form).inputs[0].value, std::vector<std::string>{"数据接口"}) << "what was typed stays";
  reply = w.press("zhou.market", form, "submit",
                  {{"title", {"数据接口"}}, {"to", {"tech"}}, {"due", {"明天18点"}}, {"goal", {"打通"}}});
  EXPECT_EQ(reply.outcome, Done::acted) << reply.toast;
  ASSERT_EQ(w.requests.size(), 1U);
  EXPECT_EQ(w.request().goal, "打通");
  EXPECT_EQ(w.request().chats, std::vector<ChatRef>{group}) << "begun in the group, it lives in the group";
  EXPECT_FALSE(w.card_in(group, CardKind::live).empty());
  EXPECT_TRUE(w.shown.at(form).buttons.empty()) << "the form is closed";
  EXPECT_TRUE(w.conversations.empty());
  reply = w.press("zhou.market", form, "submit", {{"title", {"又一个"}}, {"to", {"tech"}}});
  EXPECT_EQ(reply.outcome, Done::refused) << "a form is submitted once";
  EXPECT_EQ(w.requests.size(), 1U);
}

TEST(Forms, TheSameInPlainText) {
  World w;
  w.say("zhou.market", group, "/发起");
  const ChatRef chat = private_of("zhou.market");
  w.say("zhou.market", chat, "数据接口");
  EXPECT_TRUE(contains(w.last_text(chat), "交给哪个部门或谁")) << w.last_text(chat);
  w.say("zhou.market", chat, "天上");
  EXPECT_TRUE(contains(w.last_text(chat), "没有找到“天上”")) << w.last_text(chat);
  w.say("zhou.market", chat, "研发");
  EXPECT_TRUE(contains(w.last_text(chat), "截止时间")) << w.last_text(chat);
  w.say("zhou.market", chat, "返回");
  EXPECT_TRUE(contains(w.last_text(chat), "交给哪个部门或谁")) << w.last_text(chat);
  w.say("zhou.market", chat, "技术部");
  w.say("zhou.market", chat, "跳过");
  EXPECT_TRUE(w.requests.empty());
  w.say("zhou.market", chat, "完成");
  ASSERT_EQ(w.requests.size(), 1U);
  EXPECT_EQ(w.request().lead, DepartmentId("tech"));
  EXPECT_TRUE(w.request().due_assumed);
  EXPECT_EQ(w.request().chats.front(), group);
  EXPECT_TRUE(contains(w.last_text(chat), "XB-2026-0001")) << w.last_text(chat);
}

TEST(Forms, CommandsGoThroughWhileADialogueIsOpen) {
  World w;
  w.say("zhou.market", group, "/发起 数据接口 给 技术部");
  w.say("zhao.tech", private_of("zhao.tech"), "/拒绝 1");
  EXPECT_EQ(w.conversations.size(), 1U);
  EXPECT_EQ(w.say("zhao.tech", private_of("zhao.tech"), "/备注 1 先看看").outcome, Done::acted);
  EXPECT_EQ(w.conversations.size(), 1U) << "the dialogue goes on";
  w.say("zhao.tech", private_of("zhao.tech"), "不归我们管");
  w.say("zhao.tech", private_of("zhao.tech"), "请财务部做");
  EXPECT_EQ(w.request().phase, Phase::declined);
  EXPECT_EQ(w.request().closing, "不归我们管");
}

TEST(Forms, ANewOneReplacesTheOldWithANote) {
  World w;
  w.say("zhou.market", private_of("zhou.market"), "/发起");
  const CardId first = w.card_in(private_of("zhou.market"), CardKind::form);
  const std::size_t seen = w.sent.size();
  w.say("zhou.market", private_of("zhou.market"), "/发起");
  EXPECT_EQ(w.conversations.size(), 1U);
  EXPECT_TRUE(w.was_told("zhou.market", "上一份未完成的填写已放弃", seen));
  EXPECT_EQ(w.press("zhou.market", first, "submit", {{"title", {"旧的"}}, {"to", {"tech"}}}).outcome, Done::refused);
  EXPECT_TRUE(w.requests.empty());
}

TEST(Forms, CancellingSubmitsNothing) {
  World w;
  w.say("zhou.market", private_of("zhou.market"), "/发起");
  const CardId form = w.card_in(private_of("zhou.market"), CardKind::form);
  EXPECT_EQ(w.press("zhou.market", form, "cancel_form").outcome, Done::acted);
  EXPECT_TRUE(w.conversations.empty());
  EXPECT_TRUE(w.shown.at(form).buttons.empty());
  w.say("zhou.market", private_of("zhou.market"), "/发起");
  w.say("zhou.market", private_of("zhou.market"), "取消");
  EXPECT_TRUE(w.conversations.empty());
  EXPECT_TRUE(contains(w.last_text(private_of("zhou.market")), "没有提交任何内容"));
}

TEST(Forms, AfterHalfAnHourTheDialogueIsOverButNothingIsLost) {
  World w;
  const ChatRef chat = private_of("zhou.market");
  w.say("zhou.market", chat, "/发起");
  const CardId form = w.card_in(chat, CardKind::form);
  w.turn_to(w.now + 31min);
  w.say("zhou.market", chat, "数据接口");
  EXPECT_TRUE(contains(w.last_text(chat), "已经过期")) << w.last_text(chat);
  EXPECT_TRUE(w.requests.empty());
  const Reply late = w.press("zhou.market", form, "submit", {{"title", {"数据接口"}}, {"to", {"tech"}}});
  EXPECT_EQ(late.outcome, Done::refused);
  EXPECT_TRUE(contains(late.toast, "过期")) << late.toast;
  EXPECT_TRUE(w.requests.empty()) << "nothing happens behind anyone's back";
  const CardId fresh = w.card_in(chat, CardKind::form);
  ASSERT_NE(fresh, form);
  EXPECT_EQ(w.shown.at(fresh).inputs[0].value, std::vector<std::string>{"数据接口"});
  EXPECT_EQ(w.press("zhou.market", fresh, "submit").outcome, Done::acted);
  EXPECT_EQ(w.requests.size(), 1U);
}

TEST(Forms, AForgedFieldIsNotTaken) {
  World w;
  w.say("zhou.market", private_of("zhou.market"), "/发起");
  const CardId form = w.card_in(private_of("zhou.market"), CardKind::form);
  w.press("zhou.market", form, "submit", {{"title", {"x"}}, {"requester", {"chen.zong"}}, {"owner", {"chen.zong"}}});
  ASSERT_EQ(w.conversations.size(), 1U);
  EXPECT_FALSE(w.conversations[0].answers.contains("requester"));
  EXPECT_FALSE(w.conversations[0].answers.contains("owner"));
}

TEST(Forms, OfSeveralAnswersToOneFieldTheNewOneCounts) {
  World w;
  const ChatRef chat = private_of("zhou.market");
  w.say("zhou.market", chat, "/发起");
  const CardId form = w.card_in(chat, CardKind::form);
  // A department and a person in it: the person is the more exact.
  Reply reply = w.press("zhou.market", form, "submit", {{"to", {"li.lei", "tech"}}, {"due", {"明天18点"}}});
  EXPECT_TRUE(contains(reply.toast, "请填写：标题")) << reply.toast;
  ASSERT_EQ(w.conversations.size(), 1U);
  EXPECT_EQ(w.conversations[0].answers.at("to"), "li.lei");
  // The person stands as before, and a department is chosen; a date is picked while what was typed still stands.
  reply = w.press("zhou.market", form, "submit",
                  {{"title", {"数据接口"}}, {"to", {"li.lei", "tech"}}, {"due", {"明天18点", "2026-11-30 18:00 UTC+08:00"}}});
  EXPECT_EQ(reply.outcome, Done::acted) << reply.toast;
  EXPECT_EQ(w.request().lead, DepartmentId("tech"));
  EXPECT_EQ(w.request().due, local("2026-11-30 18:00"));
}

TEST(Forms, APickedDateIsTheInstantOfItsZone) {
  World w;
  const ChatRef chat = private_of("zhou.market");
  w.say("zhou.market", chat, "/发起");
  w.press("zhou.market", w.card_in(chat, CardKind::form), "submit",
          {{"title", {"数据接口"}}, {"to", {"tech"}}, {"due", {"2026-11-30 19:00 UTC+09:00"}}});
  ASSERT_EQ(w.requests.size(), 1U);
  EXPECT_EQ(w.request().due, local("2026-11-30 18:00"));
}

TEST(Forms, AnAccountThatWasPickedIsItsPerson) {
  Rules rules = sample_rules();
  Organisation organisation = *rules.organisation;
  for (Person& person : organisation.people)
    if (person.id == PersonId("sun.tech")) person.identities = {{playground, UserId("ou_sun")}};
  rules.organisation = std::make_shared<const Organisation>(std::move(organisation));
  World w(rules);
  w.say("zhou.market", group, "/发起 数据接口 给 技术部");
  w.press("zhao.tech", w.card_in(group, CardKind::live), "assign");
  const CardId form = w.card_in(private_of("zhao.tech"), CardKind::form);
  const Input& input = w.shown.at(form).inputs.at(0);
  const auto sun = std::ranges::find(input.options, "sun.tech", &InputOption::value);
  ASSERT_NE(sun, input.options.end());
  EXPECT_EQ(sun->account, "ou_sun") << "the form names the account where it goes";
  // An account that nobody has is no name either.
  EXPECT_EQ(w.press("zhao.tech", form, "submit", {{"person", {"ou_nobody"}}}).outcome, Done::refused);
  const Reply reply = w.press("zhao.tech", form, "submit", {{"person", {"ou_sun"}}});
  EXPECT_EQ(reply.outcome, Done::acted) << reply.toast;
  EXPECT_EQ(w.request().owner, PersonId("sun.tech"));
}

TEST(Forms, WhereNoPrivateChatOpensTheQuestionsStayInTheGroup) {
  World w;
  w.say("zhou.market", plain_group, "/发起");
  EXPECT_TRUE(contains(w.last_text(plain_group), "请 @协办 回答")) << w.last_text(plain_group);
  const auto first = w.messages(plain_group).back();
  ASSERT_EQ(first.mentions.size(), 0U) << "this channel cannot mention";
  EXPECT_TRUE(contains(first.text, "周市：")) << "so the name is written out: " << first.text;
  w.say("li.lei", plain_group, "@协办 别人的话", {{std::nullopt, "协办", true}});
  ASSERT_EQ(w.conversations.size(), 1U);
  EXPECT_TRUE(w.conversations[0].answers.empty()) << "only that person answers";
  w.say("zhou.market", plain_group, "没有@的闲聊");
  EXPECT_TRUE(w.conversations[0].answers.empty()) << "chatter is no answer";
  w.say("zhou.market", plain_group, "@协办 数据接口", {{std::nullopt, "协办", true}});
  EXPECT_EQ(w.conversations[0].answers.at("title"), "数据接口");
  w.say("zhou.market", plain_group, "@协办 技术部", {{std::nullopt, "协办", true}});
  w.say("zhou.market", plain_group, "@协办 完成", {{std::nullopt, "协办", true}});
  EXPECT_EQ(w.requests.size(), 1U);
}

TEST(Forms, APressInAGroupSaysWhereToFillIn) {
  World w;
  w.say("zhou.market", group, "/发起 数据接口 给 技术部");
  const Reply reply = w.press("zhao.tech", w.card_in(group, CardKind::live), "decline");
  EXPECT_EQ(reply.outcome, Done::acted);
  EXPECT_EQ(reply.toast, "请在私聊里填写");
  EXPECT_FALSE(w.card_in(private_of("zhao.tech"), CardKind::form).empty());
}

TEST(Forms, RefusedForGoodClosesTheForm) {
  World w;
  w.say("zhou.market", group, "/发起 数据接口 给 技术部");
  w.press("zhao.tech", w.card_in(group, CardKind::live), "decline");
  const CardId form = w.card_in(private_of("zhao.tech"), CardKind::form);
  w.say("sun.tech", group, "/接单 1");
  const Reply reply = w.press("zhao.tech", form, "submit", {{"reason", {"晚了"}}, {"proposal", {"无"}}});
  EXPECT_EQ(reply.outcome, Done::refused);
  EXPECT_TRUE(contains(reply.toast, "现在：执行中")) << reply.toast;
  EXPECT_TRUE(w.conversations.empty());
  EXPECT_EQ(w.request().phase, Phase::run);
}

}  // namespace
}  // namespace xieban::test
