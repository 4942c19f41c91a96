// Presses: old cards (T7), events out of order (T3), other people's buttons and forged ones (T43).

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/core/brain_world.hpp"

namespace xieban::test {
namespace {

using namespace std::chrono_literals;

class Presses : public ::testing::Test {
 protected:
  World w;
  CardId live, personal;
  void SetUp() override {
    w.say("zhou.market", group, "/发起 数据接口 给 技术部 截止 12月10日");
    live = w.card_in(group, CardKind::live);
    personal = w.card_in(private_of("zhao.tech"), CardKind::personal);
    ASSERT_FALSE(live.empty());
    ASSERT_FALSE(personal.empty());
  }
  /// Only the audit of a refusal may be added.
  void expect_unchanged(const Request& before) {
    const Request& after = w.request();
    EXPECT_EQ(after.phase, before.phase);
    EXPECT_EQ(after.owner, before.owner);
    EXPECT_EQ(after.clocks.size(), before.clocks.size());
    EXPECT_EQ(after.tasks.size(), before.tasks.size());
    EXPECT_EQ(after.closed_at, before.closed_at);
    for (std::uint64_t seq = before.seq; seq < after.seq; ++seq)
      EXPECT_TRUE(std::holds_alternative<Refused>(w.history.at(RequestId(1))[seq].event));
  }
};

TEST_F(Presses, TheNextStepActsAndTheCardAnswersAnew) {
  const Reply reply = w.press("zhao.tech", live, "accept");
  EXPECT_EQ(reply.outcome, Done::acted);
  EXPECT_EQ(reply.card, live);
  EXPECT_FALSE(reply.toast.empty());
  EXPECT_EQ(w.request().phase, Phase::run);
}

TEST_F(Presses, WhatSomebodyElsePressedTouchesNoCardOfTheReader) {
  Inbound in;
  in.key = {playground, "foreign"};
  in.kind = EventKind::press;
  in.actor = UserId("li.lei");
  in.chat = private_of("li.lei");
  Pressed pressed;
  pressed.card = personal;
  pressed.action = "accept";
  pressed.update_with = "code of somebody else";
  in.what = pressed;
  const ChangeSet change = respond(in, w.load(plan(in, w.rules)), w.rules, w.now);
  EXPECT_EQ(change.reply.outcome, Done::refused);
  EXPECT_TRUE(std::ranges::none_of(change.facts, [](const Fact& fact) { return std::holds_alternative<CardCode>(fact); }));
  EXPECT_TRUE(
      std::ranges::none_of(change.intents, [](const Intent& one) { return std::holds_alternative<RefreshCard>(one.effect); }));
}

TEST_F(Presses, APlatformsNewCodeIsKeptWithTheCardThatItRefreshes) {
  Inbound in;
  in.key = {playground, "press"};
  in.kind = EventKind::press;
  in.actor = UserId("zhao.tech");
  in.chat = group;
  Pressed pressed;
  pressed.card = live;
  pressed.action = "accept";
  const auto codes = [&] {
    in.what = pressed;
    const ChangeSet change = respond(in, w.load(plan(in, w.rules)), w.rules, w.now);
    std::vector<CardCode> found;
    for (const Fact& fact : change.facts)
      if (const auto* code = std::get_if<CardCode>(&fact)) found.push_back(*code);
    return found;
  };
  EXPECT_TRUE(codes().empty()) << "most platforms have none";
  pressed.update_with = "code:2";
  EXPECT_EQ(codes(), (std::vector<CardCode>{{live, "code:2"}}));
  pressed.card = CardId(999);
  EXPECT_TRUE(codes().empty()) << "a card that nobody knows has nothing to keep";
}

TEST_F(Presses, ACardInPrivateIsPressedThereByWhateverIdThePlatformKnowsThatChat) {
  const ChatRef foreign{playground, ChatId("oc_of_the_private_chat")};
  ChatFact remembered;
  remembered.chat = foreign;
  remembered.name = "made by an older version";
  w.chats[foreign] = remembered;
  w.chats.erase(private_of("zhao.tech"));
  const auto press = [&](const char* who, CardId card, const char* action,
                         std::map<std::string, std::vector<std::string>> inputs = {}) {
    Inbound in;
    in.kind = EventKind::press;
    in.actor = UserId(who);
    in.chat = foreign;
    Pressed pressed;
    pressed.card = card;
    pressed.action = action;
    pressed.inputs = std::move(inputs);
    in.what = std::move(pressed);
    return w.receive(std::move(in));
  };
  Reply reply = press("zhao.tech", personal, "decline");
  EXPECT_EQ(reply.outcome, Done::acted);
  EXPECT_EQ(reply.toast, say(Lang::zh, "toast.form_here"));
  ASSERT_EQ(w.conversations.size(), 1U);
  EXPECT_TRUE(w.conversations.front().begun_private);
  EXPECT_TRUE(w.conversations.front().begun_in.empty());
  const CardId form = w.card_in(private_of("zhao.tech"), CardKind::form);
  ASSERT_FALSE(form.empty());
  reply = press("zhao.tech", form, "submit", {{"reason", {"人手已满"}}, {"proposal", {"请财务部做"}}});
  EXPECT_EQ(reply.outcome, Done::acted) << reply.toast;
  EXPECT_EQ(w.request().phase, Phase::declined);
  EXPECT_TRUE(w.messages(foreign).empty()) << "nothing goes to that id";
  EXPECT_EQ(w.chats.at(foreign), remembered) << "nor is anything learnt about it";
  ASSERT_TRUE(w.chats.contains(private_of("zhao.tech")));
  EXPECT_TRUE(w.chats.at(private_of("zhao.tech")).name.empty());
  auto linked = std::make_shared<DirectoryFacts>(*w.facts);
  linked->links.push_back(IdentityLink{{playground, UserId("another_id_of_zhao")}, PersonId("zhao.tech")});
  w.facts = linked;
  reply = press("another_id_of_zhao", personal, "why");
  EXPECT_EQ(reply.outcome, Done::acted);
  EXPECT_EQ(reply.toast, say(Lang::zh, "toast.done")) << "the answer is in the same chat";
  EXPECT_FALSE(w.chats.at(foreign).spoken);
  // Somebody else with that card in hand is not in that chat.
  press("sun.tech", personal, "nudge");
  EXPECT_TRUE(w.chats.at(foreign).spoken);
}

TEST_F(Presses, AForeignPressIsRefusedPrivatelyAndKept) {
  const Request before = w.request();
  const std::size_t seen = w.sent.size();
  const Reply reply = w.press("wu.finance", live, "accept");
  EXPECT_EQ(reply.outcome, Done::refused);
  EXPECT_TRUE(contains(reply.toast, "赵技")) << "says who may: " << reply.toast;
  expect_unchanged(before);
  EXPECT_EQ(w.request().seq, before.seq + 1);
  const auto& entry = w.history.at(RequestId(1)).back();
  EXPECT_EQ(entry.by, PersonId("wu.finance"));
  EXPECT_EQ(std::get<Refused>(entry.event).verb, "accept");
  EXPECT_TRUE(contains(w.lines().back(), "吴财 想要接单，未被允许"));
  for (const Outgoing& out : w.messages(group, seen))
    EXPECT_EQ(out.form, Form::card_update) << "nothing new is said in the group";
}

TEST_F(Presses, WhereNoToastIsShownARefusalIsAMessage) {
  std::size_t seen = w.sent.size();
  w.press("wu.finance", live, "accept");
  EXPECT_TRUE(w.messages(private_of("wu.finance"), seen).empty()) << "the toast said it";
  w.rules.traits.at(playground).toasts = false;
  seen = w.sent.size();
  const Reply reply = w.press("wu.finance", live, "accept");
  EXPECT_EQ(reply.outcome, Done::refused);
  EXPECT_TRUE(w.was_told("wu.finance", "赵技", seen));
  seen = w.sent.size();
  EXPECT_EQ(w.press("zhao.tech", live, "accept").outcome, Done::acted);
  for (const Outgoing& out : w.messages(private_of("zhao.tech"), seen)) EXPECT_NE(out.form, Form::text) << "the card shows it";
}

TEST_F(Presses, AForeignFormIsRefusedBeforeAnyoneWrites) {
  const Request before = w.request();
  for (const char* action : {"decline", "assign", "task", "deliver"}) {
    const Reply reply = w.press("wu.finance", live, action);
    EXPECT_EQ(reply.outcome, Done::refused) << action;
  }
  EXPECT_TRUE(w.conversations.empty());
  EXPECT_TRUE(w.card_in(private_of("wu.finance"), CardKind::form).empty());
  expect_unchanged(before);
}

TEST_F(Presses, SomebodyElsesFormTakesNothing) {
  w.press("zhao.tech", live, "decline");
  const CardId form = w.card_in(private_of("zhao.tech"), CardKind::form);
  ASSERT_FALSE(form.empty());
  const Request before = w.request();
  for (const char* action : {"submit", "cancel_form"}) {
    const Reply reply = w.press("sun.tech", form, action, {{"reason", {"x"}}, {"proposal", {"y"}}});
    EXPECT_EQ(reply.outcome, Done::refused) << action;
    EXPECT_TRUE(contains(reply.toast, "赵技")) << reply.toast;
  }
  expect_unchanged(before);
  EXPECT_EQ(w.conversations.size(), 1U);
}

TEST_F(Presses, LeaversBotsAndOutsidersAreStrangers) {
  const Request before = w.request();
  for (const char* who : {"liu.left", "some.bot", "guest@partner", ""}) {
    const Reply reply = w.press(who, live, "accept");
    EXPECT_EQ(reply.outcome, Done::refused) << who;
    EXPECT_TRUE(contains(reply.toast, "不认识你")) << reply.toast;
  }
  EXPECT_EQ(w.request().seq, before.seq) << "strangers leave no trace in a request";
  expect_unchanged(before);
}

TEST_F(Presses, ForgedActionsChangeNothing) {
  w.say("zhou.market", group, "/发起 第二个 给 财务部");
  const Request before = w.request();
  const std::uint64_t other = w.request(2).seq;
  for (const char* action :
       {"accept:2", "accept/zhao.tech", "close", "pick:1", "page:9", "show:2", "submit", "cancel_form", "", "raise", "unlink",
        "link", "leave", "health", "undo", "verify:pass", "\xff\xfe", "接单", "{\"action\":\"accept\"}"}) {
    const Reply reply =
        w.press("zhao.tech", live, action, {{"request", {"2"}}, {"person", {"zhou.market"}}, {"reason", {"x"}}});
    EXPECT_EQ(reply.outcome, Done::refused) << action;
    EXPECT_FALSE(reply.toast.empty()) << action;
  }
  expect_unchanged(before);
  EXPECT_EQ(w.request(2).seq, other) << "the other request is not touched";
  EXPECT_GT(w.request().seq, before.seq) << "kept in the history";
}

TEST_F(Presses, InputsOfADirectButtonAreIgnored) {
  EXPECT_EQ(w.press("zhao.tech", live, "accept", {{"person", {"wu.finance"}}, {"due", {"明年"}}}).outcome, Done::acted);
  EXPECT_EQ(w.request().owner, PersonId("zhao.tech"));
}

TEST_F(Presses, AnUnknownCardSaysHowToGoOn) {
  const Reply reply = w.press("zhao.tech", CardId(999), "accept");
  EXPECT_EQ(reply.outcome, Done::refused);
  EXPECT_TRUE(contains(reply.toast, "已过期")) << reply.toast;
  EXPECT_TRUE(contains(reply.toast, "/我的")) << reply.toast;
}

TEST_F(Presses, AnOldCardActsOrSaysWhyNot) {
  w.say("zhao.tech", group, "/接单 1");
  // A second accept, on the personal card that was sent before.
  Reply reply = w.press("sun.tech", personal, "accept");
  EXPECT_EQ(reply.outcome, Done::refused);
  EXPECT_TRUE(contains(reply.toast, "现在：执行中")) << reply.toast;
  EXPECT_EQ(reply.card, personal) << "the answer shows the newest state";
  // A month later the card still works.
  w.turn_to("2026-12-23 10:00");
  reply = w.press("zhao.tech", live, "nudge");
  EXPECT_FALSE(reply.toast.empty());
  w.say("zhou.market", group, "/取消 1 不做了");
  reply = w.press("zhao.tech", live, "deliver");
  EXPECT_EQ(reply.outcome, Done::refused);
  EXPECT_TRUE(contains(reply.toast, "已取消")) << reply.toast;
}

TEST_F(Presses, ClosingBeforeAcceptingIsRefusedWithAText) {
  EXPECT_EQ(w.say("zhou.market", group, "/验收 1 通过").outcome, Done::refused);
  EXPECT_EQ(w.say("zhao.tech", group, "/交付 1 好了").outcome, Done::refused);
  EXPECT_EQ(w.request().phase, Phase::respond);
  EXPECT_EQ(w.say("zhao.tech", group, "/接单 77").outcome, Done::refused) << "a request that does not exist";
  EXPECT_TRUE(w.was_told("zhao.tech", "没有找到协作单 77"));
}

TEST_F(Presses, APressBeforeTheSendIsKnownActs) {
  // The row of a card is written before the platform has answered: no provider id yet.
  w.cards.at(live).provider_id.clear();
  w.cards.at(live).sent_at.reset();
  const Reply reply = w.press("zhao.tech", live, "accept");
  EXPECT_EQ(reply.outcome, Done::acted);
  EXPECT_EQ(w.request().phase, Phase::run);
}

TEST_F(Presses, EveryPressLeavesARefreshBehindTheOthers) {
  w.sending = false;
  const std::size_t waiting = w.waiting();
  w.press("wu.finance", live, "accept");
  w.press("wu.finance", live, "accept");
  w.press("wu.finance", live, "accept");
  EXPECT_EQ(w.waiting(), waiting + 1) << "a later refresh takes the place of the one that waits";
  const std::size_t seen = w.sent.size();
  w.sending = true;
  w.settle();
  EXPECT_EQ(w.sent.size(), seen) << "not before three seconds";
  w.turn_to(w.now + 3s);
  EXPECT_EQ(w.messages(group, seen).size(), 1U);
  EXPECT_EQ(w.messages(group, seen).front().form, Form::card_update);
}

TEST_F(Presses, ButtonsFollowTheViewer) {
  const auto mine = w.actions(personal);
  for (const char* action : {"accept", "decline", "ask", "why", "show"})
    EXPECT_NE(std::ranges::find(mine, action), mine.end()) << action;
  EXPECT_EQ(std::ranges::find(mine, "nudge"), mine.end()) << "nobody nudges themselves";
  for (const Button& button : w.shown.at(personal).buttons) EXPECT_TRUE(button.command.starts_with("/")) << button.action;
}

TEST_F(Presses, ReadingButtonsAnswerThePresser) {
  const std::size_t seen = w.sent.size();
  const Reply reply = w.press("wu.finance", live, "why");
  EXPECT_EQ(reply.outcome, Done::acted);
  EXPECT_TRUE(contains(reply.toast, "私聊")) << reply.toast;
  EXPECT_TRUE(w.was_told("wu.finance", "首次响应", seen));
  w.press("wu.finance", live, "show");
  EXPECT_TRUE(w.was_told("wu.finance", "经过（", seen));
}

TEST(Choice, OnlyThePersonAskedMayPickAndOnlyOnce) {
  World w;
  w.say("zhou.market", group, "/发起 数据接口 给 技术部");
  w.say("wang.tech", group, "/指派 1 李");
  const CardId choice = w.card_in(group, CardKind::choice);
  ASSERT_FALSE(choice.empty());
  const Card& card = w.shown.at(choice);
  ASSERT_GE(card.buttons.size(), 2U);
  EXPECT_EQ(card.buttons[0].action, "pick:1");
  EXPECT_EQ(w.press("zhao.tech", choice, "pick:1").outcome, Done::refused);
  EXPECT_EQ(w.press("wang.tech", choice, "pick:99").outcome, Done::refused);
  EXPECT_EQ(w.request().owner, PersonId("zhao.tech"));
  std::string wanted;
  for (const Button& button : card.buttons)
    if (contains(button.label, "李雷鸣")) wanted = button.action;
  ASSERT_FALSE(wanted.empty());
  EXPECT_EQ(w.press("wang.tech", choice, wanted).outcome, Done::acted);
  EXPECT_EQ(w.request().owner, PersonId("li.leiming"));
  EXPECT_TRUE(w.shown.at(choice).buttons.empty()) << "answered";
  const Reply again = w.press("wang.tech", choice, "pick:1");
  EXPECT_EQ(again.outcome, Done::refused);
  EXPECT_EQ(w.request().owner, PersonId("li.leiming"));
}

TEST(Choice, IsOverOnceItsAnswerIsCarriedOutWhateverItsCardStillShows) {
  World w;
  w.say("zhou.market", group, "/发起 数据接口 给 技术部");
  w.say("wang.tech", group, "/指派 1 李");
  const CardId choice = w.card_in(group, CardKind::choice);
  ASSERT_FALSE(choice.empty());
  std::string wanted, other;
  for (const Button& button : w.shown.at(choice).buttons) (contains(button.label, "李雷鸣") ? wanted : other) = button.action;
  ASSERT_FALSE(wanted.empty() || other.empty());
  w.sending = false;
  const std::uint64_t before = w.request().seq;
  EXPECT_EQ(w.press("wang.tech", choice, "pick:99").outcome, Done::refused);
  EXPECT_EQ(w.request().seq, before);
  EXPECT_FALSE(w.cards.at(choice).answered) << "what was refused answers nothing";
  EXPECT_EQ(w.press("wang.tech", choice, wanted).outcome, Done::acted);
  ASSERT_EQ(w.request().owner, PersonId("li.leiming"));
  EXPECT_EQ(w.cards.at(choice).updates, 0U);
  for (const std::string& again : {wanted, other}) {
    const Reply reply = w.press("wang.tech", choice, again);
    EXPECT_EQ(reply.outcome, Done::refused);
    EXPECT_EQ(reply.toast, say(Lang::zh, "press.chosen"));
  }
  EXPECT_EQ(w.request().owner, PersonId("li.leiming"));
}

TEST(Choice, RefusedByTheRulesItCanStillBeAnswered) {
  World w;
  w.say("zhou.market", group, "/发起 数据接口 给 技术部");
  w.say("wang.tech", group, "/指派 1 李");
  const CardId choice = w.card_in(group, CardKind::choice);
  ASSERT_FALSE(choice.empty());
  std::string wanted;
  for (const Button& button : w.shown.at(choice).buttons)
    if (contains(button.label, "李雷鸣")) wanted = button.action;
  w.say("zhou.market", group, "/取消 1 不做了");
  const Reply refused = w.press("wang.tech", choice, wanted);
  ASSERT_EQ(refused.outcome, Done::refused) << refused.toast;
  w.say("zhou.market", group, "/重开 1 还是要做");
  const Reply taken = w.press("wang.tech", choice, wanted);
  EXPECT_EQ(taken.outcome, Done::acted) << taken.toast;
  EXPECT_EQ(w.request().owner, PersonId("li.leiming"));
}

}  // namespace
}  // namespace xieban::test
