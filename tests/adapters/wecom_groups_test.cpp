// Groups that the app makes (appchat).

#include "adapters/wecom/groups.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "adapters/wecom/channels.hpp"
#include "adapters/wecom/platform.hpp"

namespace xieban::wecom::wecom_groups_test {
namespace {

using nlohmann::json;

Outgoing call(GroupStep step) {
  Outgoing message;
  message.parcel = ParcelId(31);
  message.app = AppId("wecom:main");
  message.channel = groups_channel;
  message.form = Form::group;
  message.key = "xb-31-1793505600000";
  message.text = "目标：恢复下单\n负责人：赵技";
  message.own_chat = true;
  message.group.emplace();
  message.group->step = step;
  message.group->name = "XB-2026-0012 支付页 <b>打不开";
  message.group->members = {{PersonId("zhao"), UserId("u_zhao"), "赵技"}, {PersonId("han"), UserId("u_han"), "韩梅梅"}};
  if (step != GroupStep::make) message.chat.chat = ChatId("xb1");
  return message;
}

Settings settings(bool app = true) {
  Settings made;
  made.app_id = AppId("wecom:main");
  made.corp_id = "ww1";
  if (app) {
    made.app.emplace();
    made.app->agent_id = 7;
    made.app->secret = Secret("s");
    made.app->callback = false;
  }
  made.bot.emplace();
  made.bot->id = "aib";
  made.bot->secret = Secret("b");
  return made;
}

struct WeComGroups : ::testing::Test {
  WeComPlatform platform{settings(), Rng(1)};

  HttpRequest wire(const Outgoing& message) {
    Token token;
    token.value = Secret("t-1");
    EXPECT_TRUE(platform.needs_token(message));
    auto made = platform.encode(message, token);
    EXPECT_TRUE(made) << made.error().text;
    return std::get<HttpRequest>(*made);
  }
  Receipt receipt(const Outgoing& message, const json& body) {
    return platform.interpret(message, HttpResponse(200, body.dump()));
  }
};

TEST_F(WeComGroups, OnlyTheAppMakesThem) {
  ASSERT_NE(platform.traits().groups(), nullptr);
  EXPECT_EQ(platform.traits().groups()->fewest, 2U);
  EXPECT_FALSE(platform.traits().groups()->dissolves);
  EXPECT_EQ(WeComPlatform(settings(false), Rng(1)).traits().groups(), nullptr);
}

TEST_F(WeComGroups, TheIdIsOursSoThatARepeatMakesNoSecond) {
  const HttpRequest made = wire(call(GroupStep::make));
  EXPECT_EQ(made.target, "/cgi-bin/appchat/create?access_token=t-1");
  EXPECT_EQ(json::parse(made.body), json::parse(R"({"name":"XB-2026-0012 支付页 <b>打不开","owner":"u_zhao",
    "userlist":["u_zhao","u_han"],"chatid":"xb311793505600000"})"));
  const HttpRequest add = wire(call(GroupStep::add));
  EXPECT_EQ(add.target, "/cgi-bin/appchat/update?access_token=t-1");
  EXPECT_EQ(json::parse(add.body), json::parse(R"({"chatid":"xb1","add_user_list":["u_zhao","u_han"]})"));
}

TEST_F(WeComGroups, WhomTheAppDoesNotSeeKeepsNobodyElseOut) {
  EXPECT_TRUE(platform.traits().groups()->second_way);
  EXPECT_TRUE(platform.traits().groups()->one_by_one);
  Outgoing make = call(GroupStep::make);
  EXPECT_EQ(receipt(make, {{"errcode", 86007}}).outcome, Outcome::rejected) << "two are the fewest";
  make.group->members.push_back({PersonId("li"), UserId("u_li"), "李雷"});
  EXPECT_EQ(receipt(make, {{"errcode", 86007}}).outcome, Outcome::unsupported) << "without the third it may go";
  EXPECT_EQ(receipt(make, {{"errcode", 60011}}).outcome, Outcome::rejected) << "the app may make none, whoever is in it";
  EXPECT_EQ(receipt(make, {{"errcode", 48002}}).outcome, Outcome::rejected);
  make.group->second_way = true;
  EXPECT_EQ(receipt(make, {{"errcode", 86007}}).outcome, Outcome::rejected);
  EXPECT_EQ(receipt(call(GroupStep::add), {{"errcode", 86007}}).outcome, Outcome::rejected);
}

TEST_F(WeComGroups, Answers) {
  const Outgoing make = call(GroupStep::make);
  EXPECT_EQ(receipt(make, {{"errcode", 0}, {"chatid", "xb311793505600000"}}).provider_id, "xb311793505600000");
  const Receipt again = receipt(make, {{"errcode", 86215}});
  EXPECT_EQ(again.outcome, Outcome::delivered) << "our own repeat";
  EXPECT_EQ(again.provider_id, "xb311793505600000");
  for (const int code : {60011, 48002, 86006, 86007})
    EXPECT_EQ(receipt(make, {{"errcode", code}}).outcome, Outcome::rejected) << code;
  EXPECT_EQ(receipt(make, {{"errcode", 42001}}).outcome, Outcome::token_expired);
  EXPECT_EQ(receipt(make, {{"errcode", 45009}}).outcome, Outcome::retry);
  EXPECT_EQ(receipt(make, {{"errcode", -1}}).outcome, Outcome::retry);
  EXPECT_EQ(receipt(call(GroupStep::add), {{"errcode", 0}}).outcome, Outcome::delivered);
  EXPECT_EQ(receipt(call(GroupStep::add), {{"errcode", 86215}}).outcome, Outcome::rejected);
}

}  // namespace
}  // namespace xieban::wecom::wecom_groups_test
