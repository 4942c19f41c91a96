// Who is who: strangers, leave, joined identities; chats that come and go.

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/core/brain_world.hpp"

namespace xieban::test {
namespace {

using namespace std::chrono_literals;

TEST(Strangers, GetAPrivateHintAndNothingElse) {
  World w;
  EXPECT_EQ(w.say("somebody", group, "/发起 数据接口 给 技术部").outcome, Done::refused);
  EXPECT_TRUE(w.requests.empty());
  EXPECT_TRUE(w.messages(group).empty());
  EXPECT_TRUE(contains(w.last_text(private_of("somebody")), "我还不认识你")) << w.last_text(private_of("somebody"));
  const std::size_t seen = w.sent.size();
  w.say("somebody", group, "大家好");
  EXPECT_EQ(w.sent.size(), seen) << "chatter is not for us";
}

TEST(Chatter, InAGroupIsNotForUs) {
  World w;
  EXPECT_EQ(w.say("zhou.market", group, "明天的会谁去").outcome, Done::ignored);
  EXPECT_TRUE(w.sent.empty());
  w.say("zhou.market", private_of("zhou.market"), "在吗");
  EXPECT_TRUE(contains(w.last_text(private_of("zhou.market")), "/帮助"));
}

/// An app that can open no private chat: it writes to people in private once they have written to it.
class NoPrivateChatOpened : public ::testing::Test {
 protected:
  World w;
  static ChatRef of(const char* person) { return {plain_app, ChatId(std::string("p:") + person)}; }
  void SetUp() override {
    Channel personal;
    personal.id = ChannelId("personal");
    personal.reach = Reach::person;
    personal.needs_prior_contact = true;
    w.rules.traits.at(plain_app).channels.push_back(personal);
    w.rules.traits.erase(playground);  // nobody has another way
  }
};

TEST_F(NoPrivateChatOpened, WhoHasWrittenGetsTheirOwnInPrivate) {
  w.say("zhao.tech", of("zhao.tech"), "/帮助");
  w.say("zhou.market", plain_group, "/发起 数据接口 给 技术部");
  EXPECT_TRUE(contains(w.last_text(of("zhao.tech")), "数据接口")) << w.last_text(of("zhao.tech"));
}

TEST_F(NoPrivateChatOpened, WhoHasNotIsNamedInTheGroup) {
  w.say("zhou.market", plain_group, "/发起 数据接口 给 技术部");
  EXPECT_TRUE(w.messages(of("zhao.tech")).empty());
  EXPECT_TRUE(contains(w.last_text(plain_group), "赵技")) << w.last_text(plain_group);
}

TEST_F(NoPrivateChatOpened, RaisedInPrivateItIsShownOnceAndTheOwnerHearsOfIt) {
  w.say("zhao.tech", of("zhao.tech"), "/帮助");
  w.say("zhou.market", of("zhou.market"), "/发起 数据接口 给 技术部");
  EXPECT_TRUE(contains(w.last_text(of("zhao.tech")), "数据接口"));
  EXPECT_EQ(w.messages(of("zhou.market")).size(), 1U) << w.last_text(of("zhou.market"));
}

TEST_F(NoPrivateChatOpened, RaisedInPrivateForSomebodyWhoNeverWroteWhoRaisedItIsTold) {
  w.say("zhou.market", of("zhou.market"), "/发起 数据接口 给 技术部");
  EXPECT_TRUE(w.messages(of("zhao.tech")).empty());
  const auto told = w.messages(of("zhou.market"));
  EXPECT_EQ(std::ranges::count_if(told, [](const Outgoing& out) { return contains(out.text, "没能联系到 赵技"); }), 1)
      << w.last_text(of("zhou.market"));
}

TEST_F(NoPrivateChatOpened, WhoHasWrittenHearsTheirOwnThereAlsoFromAGroup) {
  w.say("zhou.market", plain_group, "/查看 99");
  EXPECT_TRUE(contains(w.last_text(plain_group), "99")) << "nowhere else to say it";
  w.say("zhou.market", of("zhou.market"), "/帮助");
  std::size_t seen = w.sent.size();
  w.say("zhou.market", plain_group, "/查看 99");
  EXPECT_TRUE(contains(w.last_text(of("zhou.market")), "99")) << w.last_text(of("zhou.market"));
  w.say("zhou.market", plain_group, "/我的");
  EXPECT_TRUE(contains(w.last_text(of("zhou.market")), "周市 的协作单")) << w.last_text(of("zhou.market"));
  EXPECT_TRUE(w.messages(plain_group, seen).empty());
  // A stranger, too.
  w.say("somebody", of("somebody"), "/我的");
  seen = w.sent.size();
  w.say("somebody", plain_group, "/我的");
  EXPECT_FALSE(w.messages(of("somebody"), seen).empty());
  EXPECT_TRUE(w.messages(plain_group, seen).empty());
}

TEST_F(NoPrivateChatOpened, WhoHasWrittenIsAskedInPrivate) {
  w.say("zhou.market", of("zhou.market"), "/帮助");
  const std::size_t seen = w.sent.size();
  w.say("zhou.market", plain_group, "/发起");
  ASSERT_EQ(w.messages(plain_group, seen).size(), 1U) << w.last_text(plain_group);
  EXPECT_TRUE(contains(w.last_text(plain_group), "正在填写")) << w.last_text(plain_group);
  ASSERT_EQ(w.messages(of("zhou.market"), seen).size(), 1U);
  w.say("zhou.market", of("zhou.market"), "取消");
  EXPECT_EQ(w.messages(of("zhou.market"), seen).size(), 2U) << "the dialogue is there";
}

TEST_F(NoPrivateChatOpened, WhereNoChannelLeadsToPeopleEverythingIsSaidInTheGroup) {
  std::erase_if(w.rules.traits.at(plain_app).channels, [](const Channel& one) { return one.reach == Reach::person; });
  w.say("zhou.market", of("zhou.market"), "/帮助");
  w.say("zhou.market", plain_group, "/查看 99");
  EXPECT_TRUE(contains(w.last_text(plain_group), "99")) << w.last_text(plain_group);
}

TEST(Leave, GoesToTheDelegate) {
  World w;
  EXPECT_EQ(w.say("zhao.tech", private_of("zhao.tech"), "/请假 到 12月1日 代理 @孙工").outcome, Done::acted);
  ASSERT_EQ(w.facts->leaves.size(), 1U);
  EXPECT_EQ(w.facts->leaves[0].delegate, PersonId("sun.tech"));
  EXPECT_TRUE(w.was_told("sun.tech", "由你代理"));
  EXPECT_TRUE(w.was_told("zhao.tech", "由 孙工 代理"));
  w.say("zhou.market", group, "/发起 数据接口 给 @赵技");
  ASSERT_EQ(w.requests.size(), 1U);
  EXPECT_FALSE(w.card_in(private_of("sun.tech"), CardKind::personal).empty()) << "the delegate is asked";
}

TEST(Leave, NeedsSomebodyWhoIsThere) {
  World w;
  EXPECT_EQ(w.say("zhao.tech", private_of("zhao.tech"), "/请假 到 12月1日 代理 @赵技").outcome, Done::refused);
  EXPECT_EQ(w.say("sun.tech", private_of("sun.tech"), "/请假 到 12月1日 代理 @赵技").outcome, Done::acted);
  EXPECT_EQ(w.say("zhao.tech", private_of("zhao.tech"), "/请假 到 12月1日 代理 @孙工").outcome, Done::refused)
      << "the two would stand in for each other";
  EXPECT_EQ(w.facts->leaves.size(), 1U);
}

/// The code in the newest message of a chat.
std::string code_in(const std::string& text) {
  const auto at = text.find("/绑定 ");
  return at == std::string::npos ? std::string() : text.substr(at + std::string("/绑定 ").size(), 8);
}

class Links : public ::testing::Test {
 protected:
  World w;
  void SetUp() override {
    // A second platform with private chats, where nobody is known yet.
    w.rules.traits[second] = w.rules.traits.at(playground);
  }
  const AppId second{"second:main"};
  ChatRef there(const std::string& user) { return {second, ChatId("p:" + user)}; }
};

TEST_F(Links, ACodeJoinsTwoPlatforms) {
  w.say("zhou.market", private_of("zhou.market"), "/绑定");
  const std::string code = code_in(w.last_text(private_of("zhou.market")));
  ASSERT_EQ(code.size(), 8U) << w.last_text(private_of("zhou.market"));
  for (const char c : code) EXPECT_EQ(std::string("IO01l").find(c), std::string::npos) << code;
  EXPECT_EQ(w.say("u-77", there("u-77"), "/绑定 " + code).outcome, Done::acted);
  EXPECT_TRUE(contains(w.last_text(there("u-77")), "绑定成功")) << w.last_text(there("u-77"));
  EXPECT_EQ(w.say("u-77", there("u-77"), "/发起 数据接口 给 技术部").outcome, Done::acted);
  ASSERT_EQ(w.requests.size(), 1U);
  EXPECT_EQ(w.request().requester, PersonId("zhou.market"));
  EXPECT_EQ(w.say("u-78", there("u-78"), "/绑定 " + code).outcome, Done::refused) << "one use";
}

TEST_F(Links, WorksTheOtherWayRound) {
  w.say("u-77", there("u-77"), "/绑定");
  const std::string code = code_in(w.last_text(there("u-77")));
  ASSERT_EQ(code.size(), 8U);
  std::string lower = code;
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  EXPECT_EQ(w.say("zhou.market", private_of("zhou.market"), "/绑定 " + lower).outcome, Done::acted);
  ASSERT_EQ(w.facts->links.size(), 1U);
  EXPECT_EQ(w.facts->links[0].identity, (IdentityKey{second, UserId("u-77")}));
  EXPECT_EQ(w.facts->links[0].person, PersonId("zhou.market"));
}

TEST_F(Links, WhoIsKnownByAnAccountAloneIsJoinedEitherWay) {
  for (const bool by_account : {false, true}) {
    SCOPED_TRACE(by_account);
    World mine;
    mine.rules.traits[second] = mine.rules.traits.at(playground);
    auto facts = std::make_shared<DirectoryFacts>(*mine.facts);
    facts->accounts.push_back(Account{{second, UserId("u-77")}, "周市", {}, {}, false});
    mine.facts = facts;
    const auto asks = by_account ? there("u-77") : private_of("zhou.market");
    const auto types = by_account ? private_of("zhou.market") : there("u-77");
    const auto who = [&](const ChatRef& chat) { return chat.app == second ? "u-77" : "zhou.market"; };
    mine.say(who(asks), asks, "/绑定");
    const std::string code = code_in(mine.last_text(asks));
    EXPECT_EQ(mine.say(who(types), types, "/绑定 " + code).outcome, Done::acted) << mine.last_text(types);
    ASSERT_EQ(mine.facts->links.size(), 1U);
    EXPECT_EQ(mine.facts->links[0].identity, (IdentityKey{second, UserId("u-77")}));
    EXPECT_EQ(mine.facts->links[0].person, PersonId("zhou.market"));
  }
}

TEST_F(Links, TwoAccountsAreOnePersonByTheOneThatAsked) {
  const AppId third("third:main");
  w.rules.traits[third] = w.rules.traits.at(playground);
  auto facts = std::make_shared<DirectoryFacts>(*w.facts);
  facts->accounts.push_back(Account{{second, UserId("a")}, "新来", {}, {}, false});
  facts->accounts.push_back(Account{{third, UserId("b")}, "新来", {}, {}, false});
  w.facts = facts;
  w.say("a", there("a"), "/绑定");
  EXPECT_EQ(w.say("b", {third, ChatId("p:b")}, "/绑定 " + code_in(w.last_text(there("a")))).outcome, Done::acted);
  ASSERT_EQ(w.facts->links.size(), 1U);
  EXPECT_EQ(w.facts->links[0].identity, (IdentityKey{third, UserId("b")}));
  EXPECT_EQ(w.facts->links[0].person, PersonId("second:main/a"));
}

TEST_F(Links, Refusals) {
  EXPECT_EQ(w.say("zhou.market", group, "/绑定").outcome, Done::refused) << "private only";
  EXPECT_TRUE(w.facts->codes.empty());
  w.say("zhou.market", private_of("zhou.market"), "/绑定");
  const std::string code = code_in(w.last_text(private_of("zhou.market")));
  EXPECT_EQ(w.say("li.lei", private_of("li.lei"), "/绑定 " + code).outcome, Done::refused) << "the same platform";
  EXPECT_EQ(w.say("u-77", there("u-77"), "/绑定 ABCDEFGH").outcome, Done::refused) << "no such code";
  w.turn_to(w.now + 10min + 1s);
  EXPECT_EQ(w.say("u-77", there("u-77"), "/绑定 " + code).outcome, Done::refused) << "ten minutes";
  EXPECT_TRUE(w.facts->links.empty());
  w.say("u-1", there("u-1"), "/绑定");
  const std::string strange = code_in(w.last_text(there("u-1")));
  EXPECT_EQ(w.say("u-9", {AppId("third:main"), ChatId("p:u-9")}, "/绑定 " + strange).outcome, Done::refused)
      << "nobody known on either side";
}

/// Somebody whom the second platform's bot knows by another id than its directory.
class TwoIds : public Links {
 protected:
  const IdentityKey plain{second, UserId("plain")}, other{second, UserId("other")};
  void SetUp() override {
    Links::SetUp();
    auto facts = std::make_shared<DirectoryFacts>(*w.facts);
    facts->accounts.push_back(Account{plain, "周市", {}, {}, false});
    facts->links.push_back(IdentityLink{other, person_of(plain)});
    w.facts = facts;
  }
  std::vector<IdentityKey> accounts_of(const char* person) {
    return w.rules.with(w.facts).people().identities(PersonId(person));
  }
};

TEST_F(TwoIds, WhoWritesIsAnsweredWhereTheyWrote) {
  w.say("other", there("other"), "/我的");
  EXPECT_TRUE(contains(w.last_text(there("other")), "周市 的协作单")) << w.last_text(there("other"));
  EXPECT_TRUE(w.messages(there("plain")).empty());
  w.say("plain", there("plain"), "/我的");
  EXPECT_EQ(w.messages(there("other")).size(), 1U);
  EXPECT_EQ(w.messages(there("plain")).size(), 1U);
}

TEST_F(TwoIds, AreJoinedTogetherWhicheverSideAsksForTheCode) {
  for (const bool by_configured : {false, true}) {
    for (const char* user : {"other", "plain"}) {
      SCOPED_TRACE(std::string(user) + (by_configured ? " types" : " asks"));
      w = World();
      SetUp();
      const ChatRef mine = there(user), known = private_of("zhou.market");
      const ChatRef &asks = by_configured ? known : mine, &types = by_configured ? mine : known;
      w.say(by_configured ? "zhou.market" : user, asks, "/绑定");
      const std::string code = code_in(w.last_text(asks));
      ASSERT_EQ(code.size(), 8U) << w.last_text(asks);
      EXPECT_EQ(w.say(by_configured ? user : "zhou.market", types, "/绑定 " + code).outcome, Done::acted) << w.last_text(types);
      for (const IdentityKey& one : {plain, other}) {
        const Rules now_in_force = w.rules.with(w.facts);
        const Person* who = now_in_force.people().who(one);
        ASSERT_NE(who, nullptr) << one.user.value;
        EXPECT_EQ(who->id, PersonId("zhou.market")) << one.user.value;
      }
      std::vector<IdentityKey> there_now = accounts_of("zhou.market");
      std::erase_if(there_now, [&](const IdentityKey& one) { return one.app != second; });
      EXPECT_EQ(there_now, (std::vector{plain, other})) << "messages go by the one that the directory knows";
    }
  }
}

TEST_F(TwoIds, WhatIsOnePersonAlreadyStaysWhole) {
  const AppId third("third:main");
  w.rules.traits[third] = w.rules.traits.at(playground);
  const ChatRef far{third, ChatId("p:b")};
  for (int again = 0; again < 2; ++again) {
    w.say("plain", there("plain"), "/绑定");
    EXPECT_EQ(w.say("b", far, "/绑定 " + code_in(w.last_text(there("plain")))).outcome, Done::acted) << w.last_text(far);
    EXPECT_EQ(accounts_of("second:main/plain"), (std::vector{plain, {third, UserId("b")}, other})) << again;
  }
}

TEST_F(Links, AnAdministratorSeparatesThem) {
  w.say("u-77", there("u-77"), "/绑定");
  w.say("zhou.market", private_of("zhou.market"), "/绑定 " + code_in(w.last_text(there("u-77"))));
  EXPECT_EQ(w.say("wang.tech", private_of("wang.tech"), "/解绑 @周市").outcome, Done::refused);
  EXPECT_EQ(w.say("gao.admin", private_of("gao.admin"), "/解绑 @周市").outcome, Done::acted);
  EXPECT_EQ(w.say("u-77", there("u-77"), "/我的").outcome, Done::refused) << "a stranger again";
}

TEST(Chats, JoinedLeftAndSpoken) {
  World w;
  Inbound in;
  in.chat = group;
  in.what = JoinedChat{};
  w.receive(in);
  EXPECT_TRUE(contains(w.last_text(group), "我是协办"));
  EXPECT_FALSE(w.chats.at(group).gone);
  w.say("zhou.market", group, "你好");
  EXPECT_TRUE(w.chats.at(group).spoken);
  in.what = ChatGone{};
  w.receive(in);
  EXPECT_TRUE(w.chats.at(group).gone);
  const std::size_t seen = w.sent.size();
  w.say("zhou.market", private_of("zhou.market"), "/发起 数据接口 给 技术部");
  EXPECT_TRUE(w.messages(group, seen).empty());
  EXPECT_FALSE(w.messages(private_of("zhao.tech"), seen).empty());
}

TEST(Chats, WordsThatOpenNothingTakeNothingAway) {
  World w;
  Inbound in;
  in.kind = EventKind::message;
  in.actor = UserId("zhou.market");
  in.chat = private_of("zhou.market");
  in.one_to_one = true;
  in.what = Said{.text = "/我的"};
  in.opens = false;
  w.receive(in);
  EXPECT_TRUE(w.chats.at(in.chat).spoken);
  EXPECT_FALSE(w.chats.at(in.chat).opened);
  for (const bool opens : {true, false}) {
    in.opens = opens;
    w.receive(in);
    EXPECT_TRUE(w.chats.at(in.chat).opened) << opens;
  }
}

TEST(Chats, AGroupIsWelcomedOnceHoweverOftenItIsTold) {
  World w;
  Inbound in;
  in.chat = group;
  in.what = JoinedChat{};
  w.receive(in);
  const std::string hello = w.last_text(group);
  for (const char* command : {"/发起", "/我的", "/帮助"}) EXPECT_TRUE(contains(hello, command)) << hello;
  w.receive(in);
  EXPECT_EQ(w.messages(group).size(), 1U) << "the same event under another id";
  in.what = LeftChat{};
  w.receive(in);
  in.what = JoinedChat{};
  w.receive(in);
  EXPECT_EQ(w.messages(group).size(), 2U) << "taken out and brought back: there may be other people";
}

TEST(Chats, WelcomesSpeakTheLanguageOfTheCompany) {
  World w;
  w.rules.lang = Lang::en;
  Inbound in;
  in.chat = group;
  in.what = JoinedChat{};
  w.receive(in);
  for (const char* command : {"/raise", "/mine", "/help"}) EXPECT_TRUE(contains(w.last_text(group), command));
}

TEST(Chats, TheWelcomeHasButtonsWhereCardsAreAtHome) {
  World w;
  Inbound in;
  in.chat = group;
  in.what = JoinedChat{};
  w.receive(in);
  const CardId hello = w.card_in(group, CardKind::notice);
  ASSERT_FALSE(hello.empty());
  EXPECT_EQ(w.shown.at(hello).body, say(Lang::zh, "hello.group"));
  EXPECT_EQ(w.actions(hello), (std::vector<std::string>{"mine", "board", "help"}));
  for (const auto& [action, part] : std::vector<std::pair<const char*, const char*>>{
           {"mine", "周市 的协作单"}, {"board", "看板"}, {"help", "协办 · 帮助"}}) {
    const std::size_t seen = w.sent.size();
    EXPECT_EQ(w.press("zhou.market", hello, action).outcome, Done::acted) << action;
    EXPECT_TRUE(w.was_told("zhou.market", part, seen)) << action;
    EXPECT_TRUE(w.messages(group, seen).empty()) << action;
  }
  EXPECT_EQ(w.press("zhou.market", hello, "accept").outcome, Done::refused) << "it is about no request";

  in.chat = plain_group;
  w.receive(in);
  ASSERT_EQ(w.messages(plain_group).size(), 1U);
  EXPECT_EQ(w.messages(plain_group).front().form, Form::text);
  EXPECT_EQ(w.last_text(plain_group), say(Lang::zh, "hello.group"));
}

TEST(Chats, WithOutsidersTheWelcomeSaysWhatTheyWillSee) {
  World w;
  Inbound in;
  in.chat = group;
  in.what = JoinedChat{true};
  w.receive(in);
  EXPECT_TRUE(contains(w.last_text(group), "只报协作单的编号")) << w.last_text(group);
  EXPECT_TRUE(w.chats.at(group).external);
  w.say("zhou.market", group, "/发起 保密报价 给 技术部");
  EXPECT_FALSE(contains(w.last_text(group), "保密报价")) << w.last_text(group);
  in.what = JoinedChat{};
  w.receive(in);
  EXPECT_TRUE(w.chats.at(group).external) << "an event that does not say changes nothing";
  in.what = JoinedChat{false};
  w.receive(in);
  EXPECT_FALSE(w.chats.at(group).external);
}

TEST(Chats, WhoOpensTheirChatIsWelcomedTheFirstTime) {
  World w;
  Inbound in;
  in.actor = UserId("zhou.market");
  in.chat = private_of("zhou.market");
  in.one_to_one = true;
  in.what = JoinedChat{};
  w.receive(in);
  EXPECT_TRUE(contains(w.last_text(in.chat), "我是协办"));
  EXPECT_EQ(w.shown.at(w.card_in(in.chat, CardKind::notice)).body, say(Lang::zh, "hello.private"));
  w.receive(in);
  EXPECT_EQ(w.messages(in.chat).size(), 1U);
  in.actor = UserId("li.lei");
  in.chat = private_of("li.lei");
  w.say("li.lei", in.chat, "/我的");
  const std::size_t seen = w.messages(in.chat).size();
  w.receive(in);
  EXPECT_EQ(w.messages(in.chat).size(), seen) << "who has spoken knows the bot";
}

TEST(Chats, WhereNothingCanBeSaidNobodyIsWelcomed) {
  World w;
  Inbound in;
  in.actor = UserId("u-1");
  in.chat = ChatRef{plain_app, ChatId("p:u-1")};
  in.one_to_one = true;
  in.what = JoinedChat{};
  EXPECT_EQ(w.receive(in).outcome, Done::acted);
  EXPECT_EQ(w.waiting(), 0U);
  EXPECT_TRUE(w.sent.empty());
}

TEST(Chats, KeepWhereTheyTakeAnswers) {
  World w;
  Inbound in;
  in.kind = EventKind::message;
  in.actor = UserId("zhou.market");
  in.chat = group;
  in.what = Said{.text = "/我的"};
  in.reply_to = ReplyAddress{"https://platform.example/session=1", w.now + std::chrono::hours(1)};
  w.receive(in);
  EXPECT_EQ(w.chats.at(group).webhook, "https://platform.example/session=1");
  EXPECT_EQ(w.chats.at(group).webhook_until, w.now + std::chrono::hours(1));
  w.say("zhou.market", group, "/我的");
  EXPECT_EQ(w.chats.at(group).webhook, "https://platform.example/session=1") << "a message without one changes nothing";
}

TEST(Chats, AccountsOfThoseWhoLeftAreNobodys) {
  World w;
  Inbound in;
  in.chat.app = plain_app;
  in.what = PersonLeft{{UserId("u1"), UserId("u2")}};
  EXPECT_EQ(w.receive(in).outcome, Done::acted);
  ASSERT_EQ(w.facts->accounts.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(w.facts->accounts[i].identity, (IdentityKey{plain_app, UserId(i == 0 ? "u1" : "u2")}));
    EXPECT_TRUE(w.facts->accounts[i].gone);
  }
}

TEST(Checkup, NamesWhatIsWrong) {
  World w;
  Inbound in;
  in.kind = EventKind::message;
  in.actor = UserId("gao.admin");
  in.chat = private_of("gao.admin");
  in.one_to_one = true;
  in.what = Said{.text = "/体检"};
  w.receive(in);
  EXPECT_EQ(w.last_text(private_of("gao.admin")), "体检：一切正常。");

  ChatFact lost;
  lost.chat = group;
  lost.name = "推广\n群";
  lost.gone = true;
  w.chats[group] = lost;
  in.ailments = {Phrase("checkup.locked", {{"app", "feishu:main"}, {"why", "密钥错误"}})};
  w.receive(in);
  const std::string report = w.last_text(private_of("gao.admin"));
  EXPECT_TRUE(contains(report, "推广 群")) << report;
  EXPECT_TRUE(contains(report, "feishu:main 拿不到访问凭证：密钥错误")) << report;
}

TEST(Checkup, IsForThoseWhoSeeToIt) {
  World w;
  w.say("zhou.market", private_of("zhou.market"), "/体检");
  EXPECT_FALSE(contains(w.last_text(private_of("zhou.market")), "体检"));
}

TEST(Chats, OtherEventsAreIgnored) {
  World w;
  for (Inbound in :
       {Inbound{.what = Recalled{"m1"}}, Inbound{.what = PersonChanged{{UserId("x")}}}, Inbound{.what = LeftChat{}}})
    EXPECT_EQ(w.receive(in).outcome, Done::ignored);
}

TEST(Menu, AnEntryIsACommand) {
  World w;
  Inbound in;
  in.actor = UserId("zhou.market");
  in.chat = private_of("zhou.market");
  in.one_to_one = true;
  for (const char* key : {"mine", "我的", "/我的", "／mine", " mine "}) {
    const std::size_t seen = w.sent.size();
    in.what = MenuChosen{key};
    w.receive(in);
    ASSERT_GT(w.sent.size(), seen) << key;
    EXPECT_TRUE(contains(w.last_text(private_of("zhou.market")), "周市 的协作单")) << key;
  }
}

}  // namespace
}  // namespace xieban::test
