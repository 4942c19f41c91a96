// A group of the request's own, from the wish to the platform and back into the request.

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "bot/core/brain/groups.hpp"
#include "tests/support/sim_world.hpp"

namespace xieban::own_group_test {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using testing::fake_app;
using testing::Fault;
using testing::SimOptions;
using testing::SimWorld;

SimOptions with_groups() {
  SimOptions options;
  options.traits = testing::fake_traits_with_groups();
  return options;
}

Fault refusal(const std::string& match, const std::string& code, int times = 1) {
  Fault fault;
  fault.match = match;
  fault.times = times;
  fault.status = 200;
  fault.body = json{{"code", code}}.dump();
  return fault;
}

struct OwnGroupTest : ::testing::Test {
  explicit OwnGroupTest(SimOptions options = with_groups()) : world(std::move(options)) {}
  SimWorld world;

  void raise() { world.say("zhou.market", "项目群", "/紧急 支付页打不开 给技术部 目标: 恢复下单"); }
  std::vector<json> bodies() {
    std::vector<json> all;
    for (const auto& one : world.platform_side().seen()) all.push_back(json::parse(one.body));
    return all;
  }
  std::vector<json> calls(const std::string& step) {
    auto all = bodies();
    std::erase_if(all, [&](const json& one) { return !one.contains("group") || one["group"]["step"] != step; });
    return all;
  }
  std::vector<json> in_chat(const std::string& chat) {
    auto all = bodies();
    std::erase_if(all, [&](const json& one) { return one["chat"] != chat || one.contains("group"); });
    return all;
  }
  std::vector<json> to(const std::string& user) { return in_chat("p:" + user); }
  std::string group() { return world.request(1)->group.chat.value; }
};

TEST_F(OwnGroupTest, TheGroupIsMadeWithThoseWhoTakePartAndTheCardStandsInIt) {
  raise();
  world.advance(5s);
  const auto made = calls("make");
  ASSERT_EQ(made.size(), 1U);
  EXPECT_EQ(made[0]["group"]["name"], "XB-2026-0001 支付页打不开");
  EXPECT_EQ(made[0]["group"]["members"], json({"zhao.tech", "zhou.market", "wang.tech"}));
  EXPECT_NE(made[0]["text"].get<std::string>().find("恢复下单"), std::string::npos);

  const auto request = world.request(1);
  ASSERT_FALSE(request->group.empty());
  EXPECT_EQ(request->chats.back(), request->group);
  EXPECT_EQ(request->chats.front().chat.value, "项目群");
  const auto there = in_chat(group());
  ASSERT_EQ(there.size(), 1U) << "the live card, and no greeting beside it";
  EXPECT_TRUE(there[0].contains("card"));
  EXPECT_EQ(calls("announce").size(), 1U);
  const auto here = in_chat("项目群");
  const auto names_it = [&](const json& one) {
    return one["text"].get<std::string>().find("专用群「XB-2026-0001 支付页打不开」") != std::string::npos;
  };
  EXPECT_EQ(std::ranges::count_if(here, names_it), 1);
}

TEST_F(OwnGroupTest, WhoJoinsLaterIsAddedOnce) {
  raise();
  world.advance(5s);
  world.say("zhao.tech", "项目群", "/接单 1");
  world.say("zhao.tech", "项目群", "/指派 1 @钱工");
  world.say("wang.tech", "项目群", "/配合 1 财务部");
  world.advance(5s);
  const auto added = calls("add");
  ASSERT_EQ(added.size(), 2U);
  EXPECT_EQ(added[0]["group"]["members"], json({"qian.tech"}));
  EXPECT_EQ(added[1]["group"]["members"], json({"zheng.finance"}));
  EXPECT_EQ(added[0]["chat"], group());
}

TEST_F(OwnGroupTest, RemindersByGroupGoThere) {
  raise();
  world.advance(5s);
  EXPECT_EQ(group_chat(*world.request(1))->chat.value, group());
}

TEST_F(OwnGroupTest, TheNewGroupIsKeptWhenTheRequestIsClosed) {
  raise();
  world.advance(5s);
  world.say("zhou.market", "项目群", "/取消 1 已恢复");
  world.advance(60s);
  EXPECT_TRUE(calls("dissolve").empty());
  EXPECT_FALSE(world.request(1)->group.empty());
}

// A refusal leads to a group without the one who may not be invited, the others are added.
TEST_F(OwnGroupTest, OneWhoCannotBeInvitedIsNotInTheWayOfTheOthers) {
  world.platform_side().fault(refusal("\"step\":\"make\"", "unsupported"));
  raise();
  world.advance(5s);
  ASSERT_EQ(calls("make").size(), 1U);
  EXPECT_EQ(calls("make")[0]["group"]["members"], json::array());
  ASSERT_EQ(calls("add").size(), 1U);
  EXPECT_EQ(calls("add")[0]["group"]["members"].size(), 3U);
}

struct OwnGroupOfTwoTest : OwnGroupTest {
  OwnGroupOfTwoTest() : OwnGroupTest(of_two()) {}
  static SimOptions of_two() {
    SimOptions options = with_groups();
    GroupSkills& skills = *options.traits.channels.back().groups;
    skills.fewest = 2;
    skills.one_by_one = true;
    return options;
  }
};

TEST_F(OwnGroupOfTwoTest, RefusedWithEverybodyItIsMadeWithTheFewestAndTheOthersJoinOneByOne) {
  world.platform_side().fault(refusal("\"step\":\"make\"", "unsupported"));
  raise();
  world.advance(60s);
  ASSERT_EQ(calls("make").size(), 1U);
  const json made = calls("make")[0]["group"];
  EXPECT_EQ(made["second_way"], true);
  EXPECT_EQ(made["members"].size(), 2U);
  EXPECT_EQ(world.request(1)->group_members.size(), made["members"].size() + calls("add").size());
  ASSERT_FALSE(calls("add").empty());
  for (const json& one : calls("add")) EXPECT_EQ(one["group"]["members"].size(), 1U);
}

TEST_F(OwnGroupTest, WhereNoneMayBeMadeTheRequestGoesOnAndTheAdministratorHearsOnce) {
  world.platform_side().fault(refusal("\"step\":\"make\"", "no permission", -1));
  raise();
  world.say("zhou.market", "项目群", "/紧急 打印机着火 给技术部");
  world.advance(60s);
  EXPECT_TRUE(world.request(1)->group.empty());
  EXPECT_TRUE(world.request(2)->group.empty());
  EXPECT_EQ(in_chat("项目群").size(), 2U) << "both cards";
  ASSERT_EQ(to("gao.admin").size(), 1U);
  EXPECT_NE(to("gao.admin")[0]["text"].get<std::string>().find("no permission"), std::string::npos);
  world.say("gao.admin", "p:gao.admin", "/体检");
  world.advance(5s);
  EXPECT_NE(to("gao.admin").back()["text"].get<std::string>().find("建专用群没有成功：no permission"), std::string::npos);

  world.platform_side().heal();
  world.say("zhou.market", "项目群", "/紧急 第三件 给技术部");
  world.advance(5s);
  EXPECT_FALSE(world.request(3)->group.empty());
  world.say("gao.admin", "p:gao.admin", "/体检");
  world.advance(5s);
  EXPECT_EQ(to("gao.admin").back()["text"].get<std::string>().find("专用群"), std::string::npos) << "it is mended";
}

TEST_F(OwnGroupTest, AnswerThatNobodyCanReadIsAskedForAgainUnderTheSameKey) {
  Fault lost;
  lost.what = Fault::Do::garbage;
  lost.match = "\"step\":\"make\"";
  world.platform_side().fault(lost);
  raise();
  world.advance(60s);
  const auto& seen = world.platform_side().seen();
  const auto groups = std::ranges::count_if(seen, [](const auto& one) { return one.body.contains("\"step\":\"make\""); });
  EXPECT_EQ(groups, 1) << "one group under one key";
  EXPECT_FALSE(world.request(1)->group.empty());
}

/// Words for a group, from nobody.
Intent words_for(const std::string& chat, const std::string& words, std::vector<PersonId> mention = {}) {
  Say say;
  say.to = Target::to(ChatRef{fake_app, ChatId(chat)});
  say.text = Phrase("say", {{"text", words}});
  say.mention = std::move(mention);
  Intent intent;
  intent.effect = std::move(say);
  intent.thread = Thread{fake_app, ChatId(chat), RequestId{}};
  return intent;
}

// No event came.
TEST_F(OwnGroupTest, AMessageThatFindsTheGroupDissolvedEndsIt) {
  raise();
  world.advance(5s);
  const std::string theirs = group();
  ASSERT_FALSE(theirs.empty());
  world.platform_side().fault(refusal("没人看见", "chat gone"));
  world.post(words_for(theirs, "没人看见"));
  world.advance(5s);
  EXPECT_TRUE(world.request(1)->group.empty()) << "it goes on where it was raised";
  const auto history = world.history(1);
  EXPECT_EQ(std::ranges::count_if(history, [](const Stamped& one) { return std::holds_alternative<GroupGone>(one.event); }), 1);
}

TEST_F(OwnGroupTest, AGroupThatAMessageFindsLostStandsInTheCheckUpUntilSomethingArrivesThere) {
  const auto lost = [&] {
    Load load;
    load.chat = ChatRef{fake_app, ChatId("旧群")};
    const auto loaded = world.run(world.store().inner().load(std::move(load)));
    return loaded && *loaded && (*loaded)->chat && (*loaded)->chat->gone;
  };
  world.platform_side().fault(refusal("找不到人", "gone"));
  world.post(words_for("旧群", "找不到人"));
  world.advance(5s);
  EXPECT_FALSE(lost()) << "whoever is gone, it need not be the group";

  world.platform_side().fault(refusal("群没了", "chat gone"));
  world.post(words_for("旧群", "群没了"));
  world.advance(5s);
  EXPECT_TRUE(lost());
  world.say("gao.admin", "p:gao.admin", "/体检");
  world.advance(5s);
  EXPECT_NE(to("gao.admin").back()["text"].get<std::string>().find("群「旧群」"), std::string::npos);

  world.post(words_for("旧群", "顺便说说"));
  world.advance(5s);
  EXPECT_TRUE(in_chat("旧群").empty()) << "nothing goes there for nothing";
  world.post(words_for("旧群", "请看", {PersonId("zhao.tech")}));
  world.advance(5s);
  EXPECT_EQ(in_chat("旧群").size(), 1U) << "who is mentioned must hear of it";
  EXPECT_FALSE(lost());
  world.post(words_for("旧群", "又通了"));
  world.advance(5s);
  EXPECT_EQ(in_chat("旧群").size(), 2U);
}

TEST_F(OwnGroupTest, WordsFromALostGroupBringItBack) {
  world.platform_side().fault(refusal("群没了", "chat gone"));
  world.post(words_for("旧群", "群没了"));
  world.advance(5s);
  world.say("zhou.market", "旧群", "/帮助");
  world.advance(5s);
  const auto before = in_chat("旧群").size();
  world.post(words_for("旧群", "顺便说说"));
  world.advance(5s);
  EXPECT_EQ(in_chat("旧群").size(), before + 1);
}

TEST_F(OwnGroupTest, PastTheTimeInWhichARepeatIsKnownItIsNotMadeAgain) {
  Fault lost;
  lost.what = Fault::Do::garbage;
  lost.match = "\"step\":\"make\"";
  lost.times = -1;
  world.platform_side().fault(lost);
  raise();
  world.advance(Duration{3LL * 3600 * 1000});
  std::size_t late = 0;
  for (const auto& one : world.platform_side().arrivals())
    if (one.body.contains("\"step\":\"make\"") && one.at > testing::local("2026-11-23 10:00")) ++late;
  EXPECT_EQ(late, 0U);
  EXPECT_EQ(to("gao.admin").size(), 1U) << "nobody knows whether it stands: somebody has to look";
}

struct OwnGroupOnDiskTest : OwnGroupTest {
  OwnGroupOnDiskTest() : OwnGroupTest(on_disk()) {}
  static testing::TemporaryFolder& folder() {
    static testing::TemporaryFolder one;
    return one;
  }
  static SimOptions on_disk() {
    SimOptions options = with_groups();
    options.file = folder().path() / "xieban.db";
    return options;
  }
};

// The platform has made it, and the process dies before that is written down.
TEST_F(OwnGroupOnDiskTest, ACrashBetweenTheAnswerAndTheCommitMakesNoSecondGroup) {
  testing::StoreFault no_settle;
  no_settle.call = "settle";
  no_settle.times = -1;
  world.store().fault(no_settle);
  raise();
  world.advance(1s);
  ASSERT_EQ(calls("make").size(), 1U);
  EXPECT_TRUE(world.request(1)->group.empty());
  world.kill(2s);
  world.advance(60s);
  EXPECT_EQ(calls("make").size(), 1U);
  EXPECT_FALSE(world.request(1)->group.empty());
  EXPECT_EQ(in_chat(group()).size(), 1U);
}

struct NoGroupsTest : OwnGroupTest {
  NoGroupsTest() : OwnGroupTest(SimOptions{}) {}
};

TEST_F(NoGroupsTest, AnAppThatMakesNoneIsNotAskedAndTheCheckUpSaysSo) {
  raise();
  world.advance(5s);
  EXPECT_TRUE(calls("make").empty());
  EXPECT_TRUE(to("gao.admin").empty());
  world.say("gao.admin", "p:gao.admin", "/体检");
  world.advance(5s);
  EXPECT_NE(to("gao.admin").back()["text"].get<std::string>().find("建不了专用群"), std::string::npos);
}

}  // namespace
}  // namespace xieban::own_group_test
