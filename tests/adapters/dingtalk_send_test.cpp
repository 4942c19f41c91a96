// What the DingTalk adapter sends, what the answers mean, and what it asks the platform about an app.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "adapters/dingtalk/api.hpp"
#include "adapters/dingtalk/card.hpp"
#include "adapters/dingtalk/channels.hpp"
#include "adapters/dingtalk/check.hpp"
#include "adapters/dingtalk/platform.hpp"
#include "adapters/dingtalk/press.hpp"
#include "adapters/dingtalk/receipts.hpp"
#include "bot/base/text.hpp"
#include "bot/core/brain/fit.hpp"
#include "tests/adapters/dingtalk_world.hpp"

namespace xieban::dingtalk::dingtalk_send_test {
namespace {

using nlohmann::json;

json vector_of(const std::string& id) {
  for (const json& row : vectors().at("outgoing_requests"))
    if (row.at("id") == id) return row;
  ADD_FAILURE() << "no vector " << id;
  return {};
}

void expect_request(const HttpRequest& made, const std::string& id) {
  const json request = vector_of(id).at("request");
  EXPECT_EQ(made.method, request.at("method").get<std::string>());
  EXPECT_EQ(made.target, request.at("target").get<std::string>());
  for (const auto& [name, value] : request.at("headers").items())
    EXPECT_EQ(made.headers.get(name), value.get<std::string>()) << id << " " << name;
  EXPECT_EQ(json::parse(made.body), request.at("body_json")) << id;
}

const Secret app_token("app-token-demo-01");

TEST(DingTalkVectors, MakesTheRequestsOfTheSdk) {
  const Settings settings = demo_settings();
  expect_request(token_call(settings), "out-token");
  const auto message = [](const char* id) { return vector_of(id).at("input").at("fields"); };
  for (const char* id : {"out-group-markdown", "out-group-actioncard2"}) {
    const json fields = message(id);
    expect_request(group_message(settings.client_id, app_token, ChatId(fields.at("openConversationId").get<std::string>()),
                                 fields.at("msgKey").get<std::string>().c_str(), fields.at("msgParam").get<std::string>()),
                   id);
  }
  json two = message("out-oto-text");
  HttpRequest to_one =
      private_message(settings, app_token, UserId("manager4321"), "sampleText", two.at("msgParam").get<std::string>());
  json body = json::parse(to_one.body);
  EXPECT_EQ(body.at("userIds"), json({"manager4321"})) << "one person a call: each has a parcel of their own";
  body["userIds"] = two.at("userIds");
  to_one.body = body.dump();
  expect_request(to_one, "out-oto-text");
  expect_request(ding(settings, app_token, {UserId("manager4321")}, "【紧急】请求 #1024 已超时"), "out-ding");
}

TEST(DingTalkVectors, MakesTheCardsOfTheSdk) {
  Settings settings = demo_settings();
  Outgoing message;
  message.chat.chat = ChatId("cidQm9vdGhEZW1vMDE==");
  PersonRef lei;
  lei.user = UserId("manager4321");
  lei.name = "李雷";
  message.mentions = {lei};
  const json group = vector_of("out-card-group").at("input").at("fields");
  HttpRequest made = card_create(settings, app_token, message, "collab-1024-v1", group.at("cardData").at("cardParamMap"));
  json body = json::parse(made.body);
  // The notification's words are the sender's choice; ours are the title.
  EXPECT_EQ(body["imGroupOpenSpaceModel"]["notification"]["alertContent"], "协作请求 #1024");
  body["imGroupOpenSpaceModel"]["notification"]["alertContent"] = "您有一条协作请求";
  made.body = body.dump();
  expect_request(made, "out-card-group");

  settings.stream = false;
  message.to = UserId("manager4321");
  const json single = vector_of("out-card-single").at("input").at("fields");
  made = card_create(settings, app_token, message, "collab-1024-dm-manager4321", single.at("cardData").at("cardParamMap"));
  body = json::parse(made.body);
  EXPECT_EQ(body["callbackRouteKey"], "xieban-dingtalk-main");
  body["callbackRouteKey"] = "collab-bot-prod";
  made.body = body.dump();
  expect_request(made, "out-card-single");

  const json update = vector_of("out-card-update").at("input").at("fields");
  made = card_update(app_token, "collab-1024-v1", update.at("cardData").at("cardParamMap"));
  body = json::parse(made.body);
  EXPECT_EQ(body["cardUpdateOptions"]["updatePrivateDataByKey"], true) << "nobody's private values are wiped";
  body["cardUpdateOptions"]["updatePrivateDataByKey"] = false;
  made.body = body.dump();
  expect_request(made, "out-card-update");

  made = register_callback(settings, app_token, "https://bot.example.com/dingtalk/card", false);
  body = json::parse(made.body);
  body["callbackRouteKey"] = "collab-bot-prod";
  made.body = body.dump();
  expect_request(made, "out-card-register");
}

// ---- cards -----------------------------------------------------------------------------------------------

Button button(const char* action, const char* label, const char* command, ButtonStyle style = ButtonStyle::normal) {
  Button made;
  made.action = action;
  made.label = label;
  made.command = command;
  made.style = style;
  return made;
}

Card sample_card() {
  Card card;
  card.title = "【XB-2026-0012】<数据接口>";
  card.tone = Tone::danger;
  card.body = "**粗** [点我](https://evil.example) <a atId=all>所有人</a>\n# 第二行";
  card.fields = {{"负责人", "赵技"}, {"截止", "11月23日 18:00"}};
  card.buttons = {button("accept", "接单", "/接单 12", ButtonStyle::primary), button("decline", "拒绝", "/拒绝 12 原因")};
  card.footer = "XB-2026-0012 · 更新于 09:30";
  return card;
}

PressToken seed() {
  PressToken made;
  made.card = CardId(7);
  made.version = 2;
  return made;
}

TEST(DingTalkCard, ThePublicTemplateGolden) {
  const json values = render(sample_card(), seed(), Secret("s"), true);
  const std::string accept = seal({CardId(7), 2, "accept"}, Secret("s"));
  const std::string decline = seal({CardId(7), 2, "decline"}, Secret("s"));
  const json buttons = json::parse(values.at("sys_full_json_obj").get<std::string>());
  EXPECT_EQ(buttons, json::parse(R"({"msgButtons":[
    {"text":"接单","color":"blue","id":")" +
                                 accept + R"(","request":true,"params":{"id":")" + accept + R"("}},
    {"text":"拒绝","color":"gray","id":")" +
                                 decline + R"(","request":true,"params":{"id":")" + decline + R"("}}]})"));
  json rest = values;
  rest.erase("sys_full_json_obj");
  EXPECT_EQ(rest, json::parse(R"({
    "title": "【XB-2026-0012】<数据接口>",
    "markdown": "\\*\\*粗\\*\\* \\[点我\\]\\(https://evil.example\\) &lt;a atId=all\\>所有人&lt;/a\\>  \n  \\# 第二行  \n  负责人：赵技  \n  截止：11月23日 18:00  \n  /接单 12 · /拒绝 12 原因",
    "tips": "XB-2026-0012 · 更新于 09:30"})"));
}

TEST(DingTalkCard, AnOwnTemplateGolden) {
  const json values = render(sample_card(), seed(), Secret("s"), false);
  EXPECT_FALSE(values.contains("sys_full_json_obj")) << "only the public template knows it";
  EXPECT_EQ(values.at("tone"), "danger");
  EXPECT_EQ(json::parse(values.at("buttons").get<std::string>()).size(), 2U);
  for (const auto& [name, value] : values.items()) EXPECT_TRUE(value.is_string()) << name;
}

TEST(DingTalkCard, AnActionCardGolden) {
  const ActionCard made = render_action_card(sample_card(), "赵技\n/接单 12");
  EXPECT_EQ(made.key, "sampleActionCard2");
  EXPECT_EQ(json::parse(made.param), json::parse(R"({
    "title": "【XB-2026-0012】<数据接口>",
    "text": "### 【XB-2026-0012】&lt;数据接口\\>  \n  赵技  \n  /接单 12",
    "actionTitle1": "接单",
    "actionURL1": "dtmd://dingtalkclient/sendMessage?content=%2F%E6%8E%A5%E5%8D%95%2012",
    "actionTitle2": "拒绝",
    "actionURL2": "dtmd://dingtalkclient/sendMessage?content=%2F%E6%8B%92%E7%BB%9D%2012%20%E5%8E%9F%E5%9B%A0"})"));
  Card card = sample_card();
  card.buttons.resize(1);
  EXPECT_EQ(render_action_card(card, "x").key, "sampleActionCard");
  card.buttons.clear();
  EXPECT_EQ(render_action_card(card, "x").key, "sampleMarkdown");
  for (int i = 0; i < 9; ++i) card.buttons.push_back(button("show", "看", "/查看 12"));
  EXPECT_EQ(render_action_card(card, "x").key, "sampleActionCard5");
}

TEST(DingTalkCard, ValuesStayInTheirLimitsWhateverIsInThem) {
  Card card = sample_card();
  card.title = std::string(5000, 'T');
  card.body.clear();
  for (int i = 0; i < 900; ++i) card.body += "*报*";
  card.footer = std::string(5000, 'F');
  for (int i = 0; i < 12; ++i)
    card.buttons.push_back(
        button("action_with_a_very_long_name_indeed", std::string(99, 'L').c_str(), std::string(150, 'c').c_str()));
  for (const bool public_one : {true, false}) {
    const json values = render(card, seed(), Secret("s"), public_one);
    for (const auto& [name, value] : values.items()) {
      ASSERT_TRUE(value.is_string()) << name;
      EXPECT_LE(value.get<std::string>().size(), most_value_bytes) << name;
      EXPECT_TRUE(text::is_utf8(value.get<std::string>())) << name;
    }
    const json buttons = json::parse(values.at(public_one ? "sys_full_json_obj" : "buttons").get<std::string>());
    EXPECT_LE((public_one ? buttons.at("msgButtons") : buttons).size(), most_buttons);
    EXPECT_GE((public_one ? buttons.at("msgButtons") : buttons).size(), 3U);
    const std::string markdown = values.at("markdown").get<std::string>();
    EXPECT_GT(markdown.size(), 900U) << "what fits is shown";
    EXPECT_NE(markdown.find("/接单 12"), std::string::npos) << "the commands are";
  }
}

TEST(DingTalkCard, WhatTheChannelHoldsIsShownToTheLastLine) {
  const DingTalkPlatform platform{demo_settings(), Rng(1)};
  const Channel& channel = *platform.traits().channel(card_in_group);
  std::size_t longest = 0;
  brain::Message message;
  message.card = sample_card();
  for (message.card->body.clear(); brain::holds_whole(message, channel, Lang::zh); message.card->body += "*报<&\n") {
    const std::string markdown = render(*message.card, seed(), Secret("s"), true).at("markdown").get<std::string>();
    EXPECT_TRUE(markdown.starts_with(escape(message.card->body)));
    for (const char* line : {"负责人：赵技", "截止：11月23日 18:00", "/接单 12 · /拒绝 12 原因"})
      EXPECT_NE(markdown.find(line), std::string::npos) << line;
    longest = markdown.size();
  }
  EXPECT_GT(longest, most_value_bytes - 50) << "the room is used";
}

// ---- sending ---------------------------------------------------------------------------------------------

class DingTalkSend : public testing::Test {
 protected:
  DingTalkPlatform platform{demo_settings(), Rng(1)};
  Token token;
  void SetUp() override { token.value = app_token; }
  static Outgoing outgoing(const ChannelId& channel, Form form) {
    Outgoing made;
    made.app = AppId("dingtalk:main");
    made.chat = {made.app, ChatId("cidQm9vdGhEZW1vMDE==")};
    made.channel = channel;
    made.form = form;
    made.text = "请 IT 部确认";
    made.key = "xb-42";
    made.card_id = CardId(42);
    if (form == Form::card || form == Form::card_update) made.card = sample_card();
    if (channel == private_channel || channel == action_channel || channel == card_in_private) {
      made.to = UserId("li");
      made.chat.chat = ChatId("p:li");
    }
    return made;
  }
  HttpRequest wire(const Outgoing& message) {
    auto encoded = platform.encode(message, token);
    EXPECT_TRUE(encoded) << encoded.error().text;
    return encoded ? std::get<HttpRequest>(*encoded) : HttpRequest();
  }
};

TEST_F(DingTalkSend, EqualMessagesAreEqualBytes) {
  for (const auto& [channel, form] : std::vector<std::pair<ChannelId, Form>>{{card_in_group, Form::card},
                                                                             {group_channel, Form::text},
                                                                             {card_in_private, Form::card},
                                                                             {action_channel, Form::card},
                                                                             {private_channel, Form::text}}) {
    const Outgoing message = outgoing(channel, form);
    EXPECT_EQ(wire(message).body, wire(message).body);
    EXPECT_EQ(wire(message).headers.get("x-acs-dingtalk-access-token"), "app-token-demo-01");
    EXPECT_EQ(wire(message).origin, "") << "it goes to the platform's own";
    EXPECT_EQ(wire(message).repeatable, form == Form::card && channel != action_channel) << channel.value;
  }
}

TEST_F(DingTalkSend, ACardIsNamedByUsOnceAndForAll) {
  const Outgoing message = outgoing(card_in_group, Form::card);
  const json body = json::parse(wire(message).body);
  const std::string track = body.at("outTrackId");
  EXPECT_LE(track.size(), 100U);
  EXPECT_EQ(read_track_id(track, demo_settings().client_secret)->card, CardId(42));
  Outgoing other_installation = message;
  other_installation.text = "别的内容";
  EXPECT_NE(json::parse(wire(other_installation).body).at("outTrackId"), track);
  Outgoing long_chat = message;
  long_chat.chat.chat = ChatId(std::string(95, 'c'));
  const std::string short_track = json::parse(wire(long_chat).body).at("outTrackId");
  EXPECT_LE(short_track.size(), 100U);
  EXPECT_EQ(read_track_id(short_track, demo_settings().client_secret)->chat, "");
  Outgoing update = outgoing(card_in_group, Form::card_update);
  update.update_of = track;
  EXPECT_EQ(wire(update).method, "PUT");
  EXPECT_EQ(json::parse(wire(update).body).at("outTrackId"), track);
  Outgoing two_spaces = message;
  two_spaces.chat.chat = ChatId("cid;dtv1.card//IM_ROBOT.x");
  EXPECT_FALSE(platform.encode(two_spaces, token));
}

TEST_F(DingTalkSend, AReplyGoesWhereTheChatOpenedASession) {
  Outgoing message = outgoing(reply_channel, Form::text);
  message.webhook = "https://oapi.dingtalk.com/robot/sendBySession?session=demo0001";
  PersonRef lei;
  lei.user = UserId("li");
  message.mentions = {lei};
  const HttpRequest request = wire(message);
  EXPECT_EQ(request.origin, "https://oapi.dingtalk.com");
  EXPECT_EQ(request.target, "/robot/sendBySession?session=demo0001");
  EXPECT_FALSE(request.headers.has("x-acs-dingtalk-access-token")) << "the address is its own proof";
  EXPECT_EQ(json::parse(request.body), json::parse(R"({"msgtype":"text","text":{"content":"@li 请 IT 部确认"},
    "msgUuid":"xb-42","at":{"atUserIds":["li"],"isAtAll":false}})"));
  for (const char* bad : {"", "http://oapi.dingtalk.com/x", "https://evil.example/x"}) {
    message.webhook = bad;
    EXPECT_FALSE(platform.encode(message, token)) << bad;
  }
}

TEST_F(DingTalkSend, AnUrgentCallIsADing) {
  Outgoing message = outgoing(card_in_private, Form::urgent);
  const json body = json::parse(wire(message).body);
  EXPECT_EQ(wire(message).target, "/v1.0/robot/ding/send");
  EXPECT_EQ(body.at("receiverUserIdList"), json({"li"}));
  EXPECT_EQ(body.at("content"), "请 IT 部确认");
  EXPECT_FALSE(wire(message).repeatable);
  message = outgoing(card_in_group, Form::urgent);
  EXPECT_FALSE(platform.encode(message, token)) << "nobody to call";
}

TEST_F(DingTalkSend, WhatIsTooLongIsNotSent) {
  Outgoing message = outgoing(group_channel, Form::text);
  message.text = std::string(15001, 'x');
  EXPECT_FALSE(platform.encode(message, token));
  message.text = "bytes that are no text: \xff";
  EXPECT_TRUE(json::accept(wire(message).body));
}

TEST_F(DingTalkSend, AnswersOfThePlatformMeanOneThing) {
  struct Row {
    int status;
    std::string body;
    ChannelId channel;
    Form form;
    Outcome outcome;
    bool gone = false;
    int wait_s = 0;
  };
  const ChannelId& card = card_in_group;
  const ChannelId& group = group_channel;
  const ChannelId& person = private_channel;
  const ChannelId& reply = reply_channel;
  const auto code = [](const char* name) { return std::string(R"({"code":")") + name + R"(","requestid":"R","message":"m"})"; };
  const std::string track = json::parse(wire(outgoing(card, Form::card)).body).at("outTrackId");
  const std::vector<Row> rows = {
      {200, R"({"processQueryKey":"q"})", group, Form::text, Outcome::delivered},
      {200, R"({})", group, Form::text, Outcome::unknown},
      {200, "", group, Form::text, Outcome::unknown},
      {200, R"({"processQueryKey":)", group, Form::text, Outcome::unknown},
      {200, R"({"processQueryKey":"q","invalidStaffIdList":[],"flowControlledStaffIdList":[]})", person, Form::text,
       Outcome::delivered},
      {200, R"({"processQueryKey":"q","invalidStaffIdList":["li"]})", person, Form::text, Outcome::rejected, true},
      {200, R"({"processQueryKey":"q","flowControlledStaffIdList":["li"]})", person, Form::text, Outcome::retry, false, 10},
      {200, R"({"processQueryKey":"q","flowControlledStaffIdList":["wu"]})", person, Form::text, Outcome::delivered},
      {200, R"({"success":true,"result":{"outTrackId":"x","deliverResults":[{"success":true}]}})", card, Form::card,
       Outcome::delivered},
      {200, R"({"success":"true","result":{"deliverResults":[{"success":"true"}]}})", card, Form::card, Outcome::delivered},
      {200,
       R"({"success":true,"result":{"deliverResults":[{"success":true},{"success":false,"errorMsg":"spaceId is illegal"}]}})",
       card, Form::card, Outcome::unsupported},
      {200, R"({"success":true,"result":{"deliverResults":[]}})", card, Form::card, Outcome::delivered},
      {200, R"({"success":true,"result":{"outTrackId":")" + track + R"(","deliverResults":[]}})", card, Form::card,
       Outcome::delivered},
      {200, R"({"success":true,"result":{"outTrackId":")" + track + R"("}})", card, Form::card, Outcome::delivered},
      {200, R"({"success":true,"result":{"outTrackId":"xb.other","deliverResults":[]}})", card, Form::card, Outcome::unknown},
      {200, R"({"success":true})", card, Form::card, Outcome::unknown},
      {200, R"({"success":false})", card, Form::card, Outcome::unsupported},
      {200, R"({"success":true,"result":true})", card, Form::card_update, Outcome::delivered},
      {200, R"({"success":false})", card, Form::card_update, Outcome::unsupported},
      {200, R"({"openDingId":"d"})", card, Form::urgent, Outcome::delivered},
      {200, R"({"openDingId":"d","failedList":{"no right":["li"]}})", card, Form::urgent, Outcome::rejected},
      {200, R"({"openDingId":"d","failedList":{}})", card, Form::urgent, Outcome::delivered},
      {200, R"({"errcode":0,"errmsg":"ok"})", reply, Form::text, Outcome::delivered},
      {200, R"({"errcode":"0"})", reply, Form::text, Outcome::delivered},
      {200, R"({"errcode":300001})", reply, Form::text, Outcome::unsupported},
      {200, R"({"errcode":"300001"})", reply, Form::text, Outcome::unsupported},
      {200, R"({"errcode":310000})", reply, Form::text, Outcome::unsupported},
      {200, R"({"errcode":-1})", reply, Form::text, Outcome::retry},
      {200, R"({"errcode":400013})", reply, Form::text, Outcome::rejected, true},
      {200, R"({"errcode":400106})", reply, Form::text, Outcome::rejected, true},
      {200, R"({"errcode":410100})", reply, Form::text, Outcome::retry, false, 60},
      {200, R"({"errcode":130101})", reply, Form::text, Outcome::retry, false, 600},
      {200, R"({"ok":1})", reply, Form::text, Outcome::unknown},
      {400, code("InvalidAuthentication"), group, Form::text, Outcome::token_expired},
      {401, code("InvalidAuthentication"), group, Form::text, Outcome::token_expired},
      {401, "", card, Form::card, Outcome::token_expired},
      {400, R"({"Code":"InvalidAuthentication"})", group, Form::text, Outcome::token_expired},
      // What needs no token is not mended by a new one: the next way is taken.
      {401, "", reply, Form::text, Outcome::unsupported},
      {400, code("InvalidAuthentication"), reply, Form::text, Outcome::unsupported},
      {401, "", custom_robot_channel, Form::text, Outcome::unsupported},
      {401, "", reply, Form::urgent, Outcome::token_expired},
      {403, code("Forbidden.AccessDenied.QpsLimitForAppkeyAndApi"), group, Form::text, Outcome::retry, false, 1},
      {403, code("Forbidden.AccessDenied.QpsLimitForApi"), card, Form::card, Outcome::retry, false, 1},
      {403, code("Forbidden.AccessDenied.QpmLimitForAppkeyAndApi"), group, Form::text, Outcome::retry, false, 60},
      {403, code("Forbidden.AccessDenied.ApiCountLimitForOrg"), group, Form::text, Outcome::retry, false, 3600},
      {403, code("Forbidden.AccessDenied.AccessTokenPermissionDenied"), group, Form::text, Outcome::rejected},
      {403, code("Forbidden.AccessDenied.AccessTokenPermissionDenied"), card, Form::card, Outcome::rejected},
      {400, code("send.too.fast"), group, Form::text, Outcome::retry, false, 10},
      {400, code("group.disbanded"), group, Form::text, Outcome::rejected, true},
      {400, code("bot.stopped"), group, Form::text, Outcome::rejected, true},
      {400, code("resource.not.found"), group, Form::text, Outcome::rejected, true},
      {400, code("resource.not.found"), card, Form::urgent, Outcome::rejected},
      {400, code("invalid.openConversationId"), group, Form::text, Outcome::rejected, true},
      {400, code("staffId.notExisted"), person, Form::text, Outcome::rejected, true},
      {400, code("chatbotId.notAllow.sendOTO"), person, Form::text, Outcome::rejected, true},
      {400, code("param.userIdNotExist"), card_in_private, Form::card, Outcome::rejected, true},
      {400, code("param.userIdNotExist"), card, Form::card, Outcome::unsupported},
      {400, code("param.cardAlreadyExist"), card, Form::card, Outcome::delivered},
      {400, code("param.cardNotExist"), card, Form::card_update, Outcome::unsupported},
      {400, code("param.templateNotExist"), card, Form::card, Outcome::unsupported},
      {400, code("param.contentUnsafe"), card, Form::card, Outcome::unsupported},
      {400, code("contain.unsafe.url"), group, Form::text, Outcome::rejected},
      {400, code("invalidParameter.msgParam.tooLong"), group, Form::text, Outcome::rejected},
      {400, code("invalidParameter.robotCode.empty"), group, Form::text, Outcome::rejected},
      {400, code("ding.serverquota.insufficient"), card, Form::urgent, Outcome::rejected},
      {400, code("unknown.send.result"), group, Form::text, Outcome::unknown},
      {500, code("system.busy"), card, Form::card, Outcome::retry},
      {500, code("system.error"), group, Form::text, Outcome::retry},
      {500, code("another"), group, Form::text, Outcome::unknown},
      {504, "<html>gateway</html>", group, Form::text, Outcome::unknown},
      {429, "", group, Form::text, Outcome::retry, false, 1},
      {400, "", group, Form::text, Outcome::retry},
      {403, "<html>blocked</html>", card, Form::card, Outcome::retry},
      {404, "<html>", group, Form::text, Outcome::retry},
      {407, "<html>proxy</html>", group, Form::text, Outcome::retry},
      {404, code("InvalidAction.NotFound"), group, Form::text, Outcome::rejected},
      {403, R"({"status":1111,"wait":5,"source":"x5","punish":"deny","uuid":"u"})", group, Form::text, Outcome::retry, false,
       300},
      {200, std::string(100000, '['), group, Form::text, Outcome::unknown},
  };
  for (const Row& row : rows) {
    Outgoing message = outgoing(row.channel, row.form);
    message.update_of = "xb.1";
    const Receipt receipt = platform.interpret(message, HttpResponse(row.status, row.body));
    SCOPED_TRACE(std::to_string(row.status) + " " + row.body.substr(0, 90));
    EXPECT_EQ(receipt.outcome, row.outcome);
    EXPECT_EQ(receipt.target_gone, row.gone);
    EXPECT_EQ(receipt.chat_gone, row.gone && row.channel != person && row.channel != card_in_private) << "only a group";
    EXPECT_EQ(receipt.whole_app, row.body.find("QpmLimitForAppkeyAndApi") != std::string::npos || row.wait_s == 300);
    EXPECT_EQ(receipt.retry_after.value_or(Duration{0}), Duration{row.wait_s * 1000});
    if (row.outcome != Outcome::delivered) continue;
    EXPECT_FALSE(receipt.provider_id.empty());
    if (row.form == Form::card) {
      EXPECT_EQ(receipt.provider_id, json::parse(wire(message).body).at("outTrackId").get<std::string>());
    }
  }
  Outgoing about = outgoing(group, Form::text);
  about.request = RequestId(12);
  EXPECT_EQ(platform.interpret(about, HttpResponse(400, code("contain.unsafe.url"))).outcome, Outcome::unsupported)
      << "it can be said plainly";
  const HttpResponse no_right(403, code("Forbidden.AccessDenied.AccessTokenPermissionDenied"));
  for (const auto& message : {outgoing(group, Form::text), outgoing(card, Form::card), outgoing(card, Form::urgent)})
    EXPECT_TRUE(platform.interpret(message, no_right).no_right);
  EXPECT_FALSE(platform.interpret(outgoing(group, Form::text), HttpResponse(400, code("bot.stopped"))).no_right);
  HttpResponse told(403, code("Forbidden.AccessDenied.QpsLimitForApi"));
  told.headers.set("Retry-After", "7");
  EXPECT_EQ(platform.interpret(outgoing(group, Form::text), told).retry_after, Duration{7000});
}

TEST(DingTalkRegistration, IsDoneWhenThePlatformSaysSo) {
  const std::string url = "https://bot.example/hook/dingtalk/main/card";
  const auto why = [&](int status, const std::string& body) { return why_not_registered(HttpResponse(status, body), url); };
  EXPECT_EQ(why(200, R"({"success":true,"result":{"callbackUrl":")" + url + R"("}})"), "");
  EXPECT_EQ(why(200, R"({"success":"true"})"), "");
  EXPECT_EQ(why(200, R"({"success":true,"result":{"callbackUrl":"https://old.example/"}})"),
            "another address stays registered");
  for (const char* body : {"", "{}", "<html>", R"({"success":false})"}) EXPECT_EQ(why(200, body), "HTTP 200 without success");
  EXPECT_EQ(why(500, R"({"code":"param.callbackRouteKeyExist"})"), "HTTP 500 param.callbackRouteKeyExist");
  EXPECT_EQ(why(502, "<html>"), "HTTP 502");
}

TEST_F(DingTalkSend, TokensAreReadAndRenewedInTime) {
  const auto read = platform.read_token(HttpResponse(200, R"({"accessToken":"t","expireIn":7200})"), now);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->value.reveal(), "t");
  EXPECT_EQ(read->until, now + Duration{6600'000});
  EXPECT_TRUE(platform.read_token(HttpResponse(200, R"({"accessToken":"t","expireIn":"600"})"), now));
  for (const char* body : {"", "{}", R"({"accessToken":"t"})", R"({"accessToken":"t","expireIn":-1})",
                           R"({"accessToken":"t","expireIn":9223372036854775807})", R"({"code":"invalidClientIdOrSecret"})"})
    EXPECT_FALSE(platform.read_token(HttpResponse(200, body), now)) << body;
}

// ---- which way a message goes -----------------------------------------------------------------------------

class DingTalkPlan : public testing::Test {
 protected:
  static std::vector<std::string> plan(const Need& need, bool session, const std::string& card_template = "public") {
    Settings settings = demo_settings();
    settings.card_template = card_template;
    ChatFact chat;
    if (session) {
      chat.webhook = "https://oapi.dingtalk.com/x";
      chat.webhook_until = now + Duration{1000};
    }
    std::vector<std::string> out;
    for (const Delivery& one : plan_delivery(need, traits_of(settings), chat)) out.push_back(one.channel.value);
    return out;
  }
  static Need need(Reach reach, bool card, bool mention) {
    Need made;
    made.reach = reach;
    made.card = card;
    made.mention = mention;
    made.now = now;
    return made;
  }
  using Ways = std::vector<std::string>;
};

TEST_F(DingTalkPlan, FollowsTheTableOfTheDesign) {
  EXPECT_EQ(plan(need(Reach::group, true, true), true), (Ways{"card", "reply", "group"}));
  EXPECT_EQ(plan(need(Reach::group, true, true), false), (Ways{"card", "group"}));
  EXPECT_EQ(plan(need(Reach::group, false, true), true), (Ways{"reply", "group"}));
  EXPECT_EQ(plan(need(Reach::group, true, true), true, "none"), (Ways{"reply", "group"}));
  EXPECT_EQ(plan(need(Reach::person, true, false), false), (Ways{"private-card", "action-card", "private"}));
  EXPECT_EQ(plan(need(Reach::person, true, false), false, "none"), (Ways{"action-card", "private"}));
  EXPECT_EQ(plan(need(Reach::person, false, false), true), (Ways{"reply", "private"})) << "the session costs no call";
  Need urgent = need(Reach::person, true, false);
  urgent.stands = urgent.urgent = true;
  Need plain = need(Reach::group, false, false);
  plain.plain = true;
  const auto ways = plan_delivery(plain, traits_of(demo_settings()), ChatFact{});
  ASSERT_EQ(ways.size(), 2U);
  EXPECT_FALSE(ways[0].plain);
  EXPECT_TRUE(ways[1].plain && ways[1].form == Form::text) << "once more without the words that were refused";
  EXPECT_EQ(plan(urgent, true), (Ways{"private-card"})) << "one call, whatever the notice took";
  Need update = need(Reach::group, true, false);
  update.card_sent_at = now - Duration{1000};
  EXPECT_EQ(plan(update, true), (Ways{"card", "card"})) << "changed, or replaced when it is lost";
  update.plain = true;
  const auto changes = plan_delivery(update, traits_of(demo_settings()), ChatFact{});
  ASSERT_EQ(changes.size(), 3U);
  EXPECT_EQ(changes[1].form, Form::card);
  EXPECT_TRUE(changes[2].plain && changes[2].form == Form::card_update) << "or at least not as it was";
}

TEST_F(DingTalkPlan, CountsWhatTheMonthAllows) {
  const Traits traits = traits_of(demo_settings());
  for (const Channel& channel : traits.channels)
    EXPECT_EQ(channel.per_month.has_value(), channel.reach != Reach::reply) << channel.id.value;
  EXPECT_FALSE(traits.toasts);
}

// ---- what the platform says about the app -----------------------------------------------------------------

std::string said(const std::vector<Finding>& found) {
  std::string out;
  for (const Finding& one : found) out += (one.error ? "error " : "warning ") + one.subject + ": " + one.text + "\n";
  return out;
}
Question question(Asks what) {
  for (Question& one : app_questions(demo_settings(), app_token))
    if (one.what == what) return one;
  if (what == Asks::mobile) return mobile_question(demo_settings(), "13800138000", app_token);
  return what == Asks::token ? token_question(demo_settings()) : person_question(demo_settings(), "li", app_token);
}
constexpr std::array every_question = {Asks::token, Asks::stream,     Asks::send,   Asks::card,   Asks::card_template,
                                       Asks::ding,  Asks::department, Asks::member, Asks::person, Asks::mobile};

TEST(DingTalkCheck, QuestionsNameOnlyWhatCannotExist) {
  for (const Asks what : {Asks::send, Asks::card, Asks::card_template, Asks::ding, Asks::member}) {
    const Question one = question(what);
    EXPECT_EQ(one.what, what);
    EXPECT_NE(one.request.body.find("xieban_check"), std::string::npos);
  }
  EXPECT_EQ(question(Asks::person).request.origin, "https://oapi.dingtalk.com");
  Settings settings = demo_settings();
  settings.stream = false;
  settings.card_template = "none";
  for (const Question& one : app_questions(settings, app_token))
    EXPECT_TRUE(one.what != Asks::stream && one.what != Asks::card && one.what != Asks::card_template);
  settings.stream = true;
  settings.stream_base = "https://stream.example";
  const Question stream = app_questions(settings, app_token).front();
  EXPECT_EQ(stream.request.origin, "https://stream.example");
  EXPECT_EQ(stream.request.target, "/v1.0/gateway/connections/open");
}

TEST(DingTalkCheck, AMissingScopeIsNamedAsThePlatformNamesIt) {
  const HttpResponse refused(403, R"({"code":"Forbidden.AccessDenied.AccessTokenPermissionDenied","message":"no",
      "accessdenieddetail":{"requiredScopes":["Card.Instance.Write"]}})");
  const std::string text = said(findings(question(Asks::card), refused));
  EXPECT_TRUE(text.starts_with("warning : missing scope Card.Instance.Write: cards come as texts")) << text;
  EXPECT_TRUE(lacks_scope(refused));
  const HttpResponse bare(403, R"({"code":"Forbidden.AccessDenied.AccessTokenPermissionDenied"})");
  EXPECT_TRUE(said(findings(question(Asks::send), bare)).starts_with("error : missing scope qyapi_robot_sendmsg"));
  const HttpResponse old(200, R"({"errcode":88,"sub_code":"60011","sub_msg":"no right"})");
  EXPECT_TRUE(said(findings(question(Asks::person), old)).starts_with("warning : missing scope qyapi_get_member:"));
  EXPECT_EQ(said(findings(question(Asks::member), old)), said(findings(question(Asks::person), old)));
  EXPECT_TRUE(said(findings(question(Asks::mobile), old)).starts_with("warning : missing scope qyapi_get_member_by_mobile:"));
  EXPECT_TRUE(lacks_scope(old));
}

TEST(DingTalkCheck, WhatDoesNotExistProvesTheScope) {
  EXPECT_EQ(said(findings(question(Asks::send), HttpResponse(400, R"({"code":"invalid.openConversationId"})"))), "");
  EXPECT_EQ(said(findings(question(Asks::card), HttpResponse(400, R"({"code":"param.cardNotExist"})"))), "");
  EXPECT_EQ(said(findings(question(Asks::ding), HttpResponse(400, R"({"code":"staffId.notExisted"})"))), "");
  EXPECT_EQ(said(findings(question(Asks::card_template), HttpResponse(400, R"({"code":"param.openSpaceIdInvalid"})"))), "");
  EXPECT_EQ(said(findings(question(Asks::department), HttpResponse(200, R"({"errcode":0,"result":{}})"))), "");
  EXPECT_EQ(said(findings(question(Asks::person), HttpResponse(200, R"({"errcode":0,"result":{"active":true}})"))), "");
  EXPECT_EQ(said(findings(question(Asks::member), HttpResponse(200, R"({"errcode":60121,"errmsg":"no"})"))), "");
  EXPECT_EQ(said(findings(question(Asks::mobile), HttpResponse(200, R"({"errcode":0,"result":{"userid":"li"}})"))), "");
}

TEST(DingTalkCheck, SaysWhatIsWrong) {
  const auto first = [](Asks what, int status, const char* body) {
    return said(findings(question(what), HttpResponse(status, body)));
  };
  EXPECT_TRUE(
      first(Asks::token, 400, R"({"code":"invalidClientIdOrSecret","message":"x"})").starts_with("error client_secret: "));
  EXPECT_EQ(first(Asks::token, 200, R"({"accessToken":"t","expireIn":7200})"), "");
  EXPECT_TRUE(first(Asks::token, 502, "<html>").starts_with("error api_base: HTTP 502"));
  EXPECT_TRUE(first(Asks::person, 502, "<html>").starts_with("error oapi_base: HTTP 502"));
  EXPECT_TRUE(first(Asks::stream, 401, R"({"code":"authFailed"})").starts_with("error transport: "));
  EXPECT_EQ(first(Asks::stream, 200, R"({"endpoint":"wss://x","ticket":"t"})"), "");
  EXPECT_TRUE(first(Asks::card_template, 400, R"({"code":"param.templateNotExist"})").starts_with("warning card_template: "));
  EXPECT_TRUE(first(Asks::person, 200, R"({"errcode":60121,"errmsg":"no"})").starts_with("error : li: "));
  EXPECT_TRUE(first(Asks::person, 200, R"({"errcode":0,"result":{"active":"false"}})").starts_with("warning : li "));
  EXPECT_TRUE(first(Asks::mobile, 200, R"({"errcode":60121,"errmsg":"no"})").starts_with("warning : nobody within"));
  EXPECT_EQ(stream_gateway(HttpResponse(200, R"({"endpoint":"wss://wss.example:443/connect","ticket":"t"})")),
            "https://wss.example:443");
  EXPECT_EQ(stream_gateway(HttpResponse(200, R"({"endpoint":"ws://127.0.0.1:1"})")), "http://127.0.0.1:1");
  EXPECT_FALSE(stream_gateway(HttpResponse(200, R"({"endpoint":"ftp://x/"})")));
  EXPECT_NE(first(Asks::send, 403, R"({"code":"Forbidden.AccessDenied.IpNotInWhiteList"})").find("egress IP"),
            std::string::npos);
  EXPECT_TRUE(first(Asks::send, 400, R"({"code":"invalidParameter.robotCode.notExsit"})").starts_with("error : "));
  EXPECT_TRUE(first(Asks::ding, 403, R"({"code":"Forbidden.Edition"})").starts_with("warning : "));
}

TEST(DingTalkCheck, NoAnswerMakesItThrowOrBreaksTheLine) {
  for (const std::string body :
       {"", "[]", "1", R"({"code":1})", R"({"code":"a\nb","message":"c\nd\u0000"})", R"({"errcode":"60121","errmsg":"a\nb"})",
        R"({"errcode":0,"result":[]})", R"({"code":"x.AccessTokenPermissionDenied","accessdenieddetail":[]})",
        R"({"code":"x.AccessTokenPermissionDenied","accessdenieddetail":{"requiredScopes":[1,{},"a\nb"]}})"}) {
    for (const Asks what : every_question) {
      for (const int status : {200, 400, 403}) {
        for (const Finding& one : findings(question(what), HttpResponse(status, body)))
          EXPECT_EQ(one.text.find('\n'), std::string::npos) << body;
      }
    }
  }
}

}  // namespace
}  // namespace xieban::dingtalk::dingtalk_send_test
