// Groups that the app makes itself: requests as they go out, and what each answer means.

#include "adapters/feishu/groups.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "adapters/feishu/platform.hpp"

namespace xieban::feishu::feishu_groups_test {
namespace {

using nlohmann::json;

Outgoing call(GroupStep step) {
  Outgoing message;
  message.parcel = ParcelId(31);
  message.app = AppId("feishu:main");
  message.channel = groups_channel;
  message.form = Form::group;
  message.key = "xb-31-1793505600000";
  message.text = "目标：恢复下单\n负责人：赵技";
  message.own_chat = true;
  message.group.emplace();
  message.group->step = step;
  message.group->name = "XB-2026-0012 支付页 <b>打不开";
  message.group->members = {{PersonId("zhao"), UserId("u_zhao"), "赵技"}, {PersonId("han"), UserId("u_han"), "韩梅梅"}};
  if (step != GroupStep::make) message.chat.chat = ChatId("oc_1");
  return message;
}

struct FeishuGroups : ::testing::Test {
  FeishuGroups() : platform(settings()) {}
  static Settings settings() {
    Settings made;
    made.app = AppId("feishu:main");
    made.app_secret = Secret("s");
    return made;
  }
  FeishuPlatform platform;

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

TEST_F(FeishuGroups, MakingOneNamesItsKeySoThatARepeatMakesNoSecond) {
  const HttpRequest made = wire(call(GroupStep::make));
  EXPECT_EQ(made.method, "POST");
  EXPECT_EQ(made.target, "/open-apis/im/v1/chats?user_id_type=open_id&set_bot_manager=true&uuid=xb-31-1793505600000");
  EXPECT_EQ(made.headers.get("Authorization"), "Bearer t-1");
  EXPECT_TRUE(made.repeatable);
  const json body = json::parse(made.body);
  EXPECT_EQ(body.at("name"), "XB-2026-0012 支付页 <b>打不开");
  EXPECT_EQ(body.at("user_id_list"), json({"u_zhao", "u_han"}));
  EXPECT_EQ(body.at("chat_type"), "private");
  EXPECT_FALSE(body.contains("owner_id")) << "the bot owns it, so that it may dissolve it";
  EXPECT_EQ(wire(call(GroupStep::make)).body, made.body);
}

TEST_F(FeishuGroups, MembersAnnouncementAndEnd) {
  const HttpRequest add = wire(call(GroupStep::add));
  EXPECT_EQ(add.target, "/open-apis/im/v1/chats/oc_1/members?member_id_type=open_id&succeed_type=1");
  EXPECT_EQ(json::parse(add.body), json({{"id_list", {"u_zhao", "u_han"}}}));

  Outgoing notice = call(GroupStep::announce);
  const HttpRequest docx = wire(notice);
  EXPECT_TRUE(docx.target.starts_with("/open-apis/docx/v1/chats/oc_1/announcement/blocks/oc_1/children?")) << docx.target;
  EXPECT_EQ(json::parse(docx.body).at("children").size(), 2U);
  EXPECT_EQ(json::parse(docx.body).at("children")[0].at("text").at("elements")[0].at("text_run").at("content"),
            "目标：恢复下单");
  EXPECT_EQ(wire(notice).target, docx.target) << "the same token";
  notice.group->second_way = true;
  const HttpRequest doc = wire(notice);
  EXPECT_EQ(doc.method, "PATCH");
  EXPECT_EQ(doc.target, "/open-apis/im/v1/chats/oc_1/announcement");
  const json wanted = json::parse(json::parse(doc.body).at("requests")[0].get<std::string>());
  EXPECT_NE(wanted.at("insertBlocksRequest").at("payload").get<std::string>().find("恢复下单"), std::string::npos);

  const HttpRequest end = wire(call(GroupStep::dissolve));
  EXPECT_EQ(end.method, "DELETE");
  EXPECT_EQ(end.target, "/open-apis/im/v1/chats/oc_1");
}

TEST_F(FeishuGroups, AnswersThatAreAccepted) {
  const Receipt made = receipt(call(GroupStep::make), 200, {{"code", 0}, {"data", {{"chat_id", "oc_9"}}}});
  EXPECT_EQ(made.outcome, Outcome::delivered);
  EXPECT_EQ(made.provider_id, "oc_9");
  EXPECT_EQ(receipt(call(GroupStep::make), 200, {{"code", 0}, {"data", json::object()}}).outcome, Outcome::unknown);
  EXPECT_EQ(receipt(call(GroupStep::add), 200, {{"code", 0}, {"data", {{"invalid_id_list", json::array()}}}}).outcome,
            Outcome::delivered);
  EXPECT_EQ(receipt(call(GroupStep::add), 200, {{"code", 0}, {"data", {{"invalid_id_list", {"u_han"}}}}}).outcome,
            Outcome::partly);
  EXPECT_EQ(receipt(call(GroupStep::announce), 200, {{"code", 0}, {"data", nullptr}}).outcome, Outcome::delivered);
  EXPECT_EQ(receipt(call(GroupStep::dissolve), 400, {{"code", 232009}}).outcome, Outcome::delivered) << "it is gone";
}

TEST_F(FeishuGroups, AnswersThatAreRefusals) {
  const auto outcome = [&](const Outgoing& message, int code) { return receipt(message, 400, {{"code", code}}).outcome; };
  Outgoing make = call(GroupStep::make);
  EXPECT_EQ(outcome(make, 232024), Outcome::unsupported) << "without these people it may go";
  EXPECT_EQ(outcome(make, 99992351), Outcome::unsupported);
  EXPECT_EQ(outcome(make, 99991672), Outcome::rejected) << "the scope is missing, whoever is in it";
  EXPECT_EQ(outcome(make, 99991663), Outcome::token_expired);
  EXPECT_EQ(outcome(make, 99991400), Outcome::retry);
  make.group->members.clear();
  make.group->second_way = true;
  EXPECT_EQ(outcome(make, 232024), Outcome::rejected);
  Outgoing notice = call(GroupStep::announce);
  EXPECT_EQ(outcome(notice, 1770001), Outcome::unsupported) << "the older format may do";
  notice.group->second_way = true;
  EXPECT_EQ(outcome(notice, 232097), Outcome::rejected);
  const Receipt gone = receipt(call(GroupStep::add), 400, {{"code", 232009}});
  EXPECT_EQ(gone.outcome, Outcome::rejected);
  EXPECT_TRUE(gone.target_gone);
  EXPECT_EQ(receipt(call(GroupStep::make), 502, json("gateway")).outcome, Outcome::unknown);
}

}  // namespace
}  // namespace xieban::feishu::feishu_groups_test
