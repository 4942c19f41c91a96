// Custom robots: one way into one group.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "adapters/dingtalk/channels.hpp"
#include "adapters/dingtalk/signature.hpp"
#include "tests/adapters/dingtalk_world.hpp"

namespace xieban::dingtalk::dingtalk_robot_test {
namespace {

using nlohmann::json;

struct DingTalkRobot : testing::Test {
  static Settings settings() {
    Settings made = demo_settings();
    made.robots[ChatId("cidA==")] = {Secret("robot&token"), Secret("SECrobot")};
    made.robots[ChatId("cidB==")] = {Secret("plain"), Secret()};
    return made;
  }
  DingTalkPlatform platform{settings(), Rng(1)};

  static Outgoing to(const char* chat) {
    Outgoing message;
    message.app = AppId("dingtalk:main");
    message.chat = {message.app, ChatId(chat)};
    message.channel = custom_robot_channel;
    message.form = Form::text;
    message.text = "请确认";
    message.key = "xb-7";
    PersonRef li;
    li.user = UserId("li01");
    message.mentions = {li};
    return message;
  }
  HttpRequest wire(const char* chat) { return std::get<HttpRequest>(*platform.encode(to(chat), Token())); }
  Receipt receipt(const std::string& body) { return platform.interpret(to("cidA=="), HttpResponse(200, body)); }
};

TEST_F(DingTalkRobot, SignsWhenItIsSent) {
  HttpRequest request = wire("cidA==");
  EXPECT_EQ(request.origin, "https://oapi.dingtalk.com");
  ASSERT_TRUE(request.stamp);
  request.stamp(request, now);
  EXPECT_EQ(request.target, robot_target("robot&token", "1767225600500", Secret("SECrobot")));
  const json body = json::parse(request.body);
  EXPECT_EQ(body.at("text").at("content"), "@li01 请确认");
  EXPECT_EQ(body.at("at").at("atUserIds"), json::array({"li01"}));
  EXPECT_EQ(body.at("msgUuid"), "xb-7") << "a repeat is one message";
  EXPECT_TRUE(request.repeatable);
  EXPECT_FALSE(platform.needs_token(to("cidA==")));
}

TEST_F(DingTalkRobot, WithoutASecretNothingIsSigned) {
  const HttpRequest request = wire("cidB==");
  EXPECT_FALSE(request.stamp);
  EXPECT_EQ(request.target, "/robot/send?access_token=plain");
}

TEST_F(DingTalkRobot, OtherGroupsTakeTheNextWay) {
  const auto encoded = platform.encode(to("cidC=="), Token());
  ASSERT_FALSE(encoded);
  EXPECT_EQ(encoded.error().code, Errc::not_found);
}

TEST_F(DingTalkRobot, IsAWayOnlyWhereOneIsConfigured) {
  const auto has = [](const Traits& traits) {
    return std::ranges::find(traits.channels, custom_robot_channel, &Channel::id) != traits.channels.end();
  };
  EXPECT_TRUE(has(platform.traits()));
  EXPECT_FALSE(has(traits_of(demo_settings())));
  EXPECT_FALSE(platform.traits().channel(custom_robot_channel)->per_month) << "no call of the API";
}

TEST_F(DingTalkRobot, AnswersSayWhatToDoNext) {
  EXPECT_EQ(receipt(R"({"errcode":0,"errmsg":"ok"})").outcome, Outcome::delivered);
  EXPECT_EQ(receipt(R"({"errcode":"0"})").outcome, Outcome::delivered);
  EXPECT_EQ(receipt(R"({"errcode":-1})").outcome, Outcome::retry);
  for (const char* code : {"130101", "400101", "400102", "310000", "430104"}) {
    const Receipt refused = receipt(std::string(R"({"errcode":)") + code + "}");
    EXPECT_EQ(refused.outcome, Outcome::unsupported) << code;
    EXPECT_FALSE(refused.target_gone) << code << ": the group is still there";
  }
  EXPECT_EQ(receipt("<html>").outcome, Outcome::unknown);
}

}  // namespace
}  // namespace xieban::dingtalk::dingtalk_robot_test
