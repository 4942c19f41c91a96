// Scene groups.

#include "adapters/dingtalk/groups.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "adapters/dingtalk/channels.hpp"
#include "adapters/dingtalk/platform.hpp"

namespace xieban::dingtalk::dingtalk_groups_test {
namespace {

using nlohmann::json;

Outgoing call(GroupStep step) {
  Outgoing message;
  message.parcel = ParcelId(31);
  message.app = AppId("dingtalk:main");
  message.channel = groups_channel;
  message.form = Form::group;
  message.key = "xb-31-1793505600000";
  message.text = "目标：恢复下单\n负责人：赵技";
  message.own_chat = true;
  message.group.emplace();
  message.group->step = step;
  message.group->name = "XB-2026-0012 支付页 <b>打不开";
  message.group->members = {{PersonId("zhao"), UserId("u_zhao"), "赵技"}, {PersonId("han"), UserId("u_han"), "韩梅梅"}};
  if (step != GroupStep::make) message.chat.chat = ChatId("cidG==");
  return message;
}

Settings settings(bool with_template = true) {
  Settings made;
  made.app = AppId("dingtalk:main");
  made.client_id = "dingapp";
  made.client_secret = Secret("s");
  if (with_template) made.group_template = "tpl";
  if (with_template) made.group_robot = "dingrobot";
  return made;
}

struct DingTalkGroups : ::testing::Test {
  DingTalkPlatform platform{settings(), Rng(1)};

  HttpRequest wire(const Outgoing& message) {
    Token token;
    token.value = Secret("t-1");
    auto made = platform.encode(message, token);
    EXPECT_TRUE(made) << made.error().text;
    return std::get<HttpRequest>(*made);
  }
  Receipt receipt(const Outgoing& message, int status, const json& body) {
    return platform.interpret(message, HttpResponse(status, body.dump()));
  }
};

TEST_F(DingTalkGroups, OnlyWithATemplate) {
  EXPECT_NE(platform.traits().groups(), nullptr);
  EXPECT_EQ(platform.traits().groups()->name_chars, 30U);
  EXPECT_EQ(DingTalkPlatform(settings(false), Rng(1)).traits().groups(), nullptr);
}

TEST_F(DingTalkGroups, TheFirstMemberLeadsAndTheKeyMakesARepeatHarmless) {
  const HttpRequest made = wire(call(GroupStep::make));
  EXPECT_EQ(made.target, "/v1.0/im/sceneGroup/create");
  EXPECT_EQ(json::parse(made.body), json::parse(R"({"title":"XB-2026-0012 支付页 <b>打不开","template_id":"tpl",
    "owner_user_id":"u_zhao","user_ids":["u_zhao","u_han"],"uuid":"xb-31-1793505600000"})"));
  const HttpRequest add = wire(call(GroupStep::add));
  EXPECT_EQ(add.target, "/topapi/im/chat/scenegroup/member/add?access_token=t-1");
  EXPECT_EQ(add.body, "open_conversation_id=cidG%3D%3D&user_ids=u_zhao%2Cu_han");
}

TEST_F(DingTalkGroups, TheTemplatesRobotSpeaksThereAndTheAppsOwnEverywhereElse) {
  Outgoing message;
  message.channel = group_channel;
  message.form = Form::text;
  message.chat.chat = ChatId("cidG==");
  message.text = "进展";
  EXPECT_EQ(json::parse(wire(message).body).at("robotCode"), "dingapp");
  message.own_chat = true;
  EXPECT_EQ(json::parse(wire(message).body).at("robotCode"), "dingrobot");
}

TEST_F(DingTalkGroups, AnswersInEitherSpelling) {
  const Outgoing make = call(GroupStep::make);
  for (const char* body : {R"({"open_conversation_id":"cidN==","chat_id":"c"})", R"({"openConversationId":"cidN=="})",
                           R"({"errcode":0,"result":{"open_conversation_id":"cidN=="}})"}) {
    const Receipt made = receipt(make, 200, json::parse(body));
    EXPECT_EQ(made.outcome, Outcome::delivered) << body;
    EXPECT_EQ(made.provider_id, "cidN==") << body;
  }
  EXPECT_EQ(receipt(make, 200, json::object()).outcome, Outcome::unknown);
  EXPECT_EQ(receipt(make, 400, {{"code", "invalidParameter.templateId"}}).outcome, Outcome::rejected);
  EXPECT_EQ(receipt(make, 403, {{"code", "Forbidden.AccessDenied.AccessTokenPermissionDenied"}}).outcome, Outcome::rejected);
  EXPECT_EQ(receipt(make, 403, {{"code", "Forbidden.AccessDenied.QpsLimit"}}).outcome, Outcome::retry);
  EXPECT_EQ(receipt(make, 400, {{"code", "InvalidAuthentication"}}).outcome, Outcome::token_expired);
  EXPECT_EQ(receipt(make, 503, json("x")).outcome, Outcome::unknown);
  EXPECT_EQ(receipt(call(GroupStep::add), 200, {{"errcode", 0}}).outcome, Outcome::delivered);
  EXPECT_EQ(receipt(call(GroupStep::add), 200, {{"errcode", 33012}}).outcome, Outcome::rejected);
  EXPECT_EQ(receipt(call(GroupStep::add), 200, {{"errcode", 40014}}).outcome, Outcome::token_expired);
  EXPECT_TRUE(receipt(call(GroupStep::add), 200, {{"errcode", 40014}}).own_token) << "another one of the app would not do";
  EXPECT_EQ(receipt(call(GroupStep::add), 200, {{"errcode", 42001}}).outcome, Outcome::token_expired);
  EXPECT_FALSE(receipt(call(GroupStep::add), 200, {{"errcode", 42001}}).own_token);
  EXPECT_EQ(receipt(call(GroupStep::add), 200, {{"errcode", 15}}).outcome, Outcome::retry);
  EXPECT_EQ(receipt(call(GroupStep::add), 200, {{"errcode", "90018"}}).retry_after, Duration{1000});
  EXPECT_EQ(receipt(call(GroupStep::add), 200, {{"errcode", 88}, {"sub_code", "90018"}}).outcome, Outcome::retry);
  EXPECT_EQ(receipt(call(GroupStep::add), 200, {{"errcode", 88}, {"sub_code", "60011"}}).outcome, Outcome::rejected);
}

}  // namespace
}  // namespace xieban::dingtalk::dingtalk_groups_test
