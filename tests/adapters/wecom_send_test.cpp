// What the WeCom adapter sends, and what the answers mean.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "adapters/press_token.hpp"
#include "adapters/wecom/card.hpp"
#include "adapters/wecom/channels.hpp"
#include "adapters/wecom/markdown.hpp"
#include "adapters/wecom/platform.hpp"
#include "adapters/wecom/receipts.hpp"
#include "bot/base/text.hpp"

namespace xieban::wecom::wecom_send_test {
namespace {

using nlohmann::json;

const TimePoint now{std::chrono::seconds(1788231002)};

Settings demo_settings() {
  Settings settings;
  settings.app_id = AppId("wecom:main");
  settings.corp_id = "ww7c3f0a91d25be846";
  settings.app.emplace();
  settings.app->agent_id = 1000027;
  settings.app->secret = Secret("app-secret");
  settings.bot.emplace();
  settings.bot->id = "aib1";
  settings.bot->secret = Secret("bot-secret");
  settings.robots[ChatId("wrk1")] = Secret("robot-key");
  return settings;
}

Button button(const char* action, const char* label, ButtonStyle style = ButtonStyle::normal) {
  Button made;
  made.action = action;
  made.label = label;
  made.style = style;
  return made;
}

Card sample_card() {
  Card card;
  card.title = "【XB-2026-0012】数据接口";
  card.tone = Tone::danger;
  card.body = "请 **IT 部** 在周五前 <确认>";
  card.fields = {{"负责人", "赵技"}, {"截止", "11月23日 18:00"}};
  card.buttons = {button("accept", "接单", ButtonStyle::primary), button("decline", "拒绝", ButtonStyle::danger)};
  card.footer = "更新于 09:30";
  return card;
}

class WeComSend : public testing::Test {
 protected:
  Settings settings = demo_settings();
  WeComPlatform platform{demo_settings(), Rng(1)};
  Token token;
  void SetUp() override { token.value = Secret("tok+1"); }
  static Outgoing outgoing(const ChannelId& channel, Form form) {
    Outgoing made;
    made.app = AppId("wecom:main");
    made.chat = {made.app, ChatId("wrk1")};
    made.channel = channel;
    made.form = form;
    made.text = "请 IT 部确认";
    made.key = "xb-42";
    made.card_id = CardId(42);
    made.version = 3;
    if (form != Form::text) made.card = sample_card();
    if (channel == app_card || channel == app_text || channel == bot_private || channel == bot_card) {
      made.to = UserId("chen.yu");
      made.chat.chat = ChatId("p:chen.yu");
    }
    return made;
  }
  HttpRequest wire(const Outgoing& message) {
    auto encoded = platform.encode(message, token);
    EXPECT_TRUE(encoded) << encoded.error().text;
    return encoded ? std::get<HttpRequest>(*encoded) : HttpRequest();
  }
  json frame(const Outgoing& message) {
    auto encoded = platform.encode(message, token);
    EXPECT_TRUE(encoded) << encoded.error().text;
    return encoded ? json::parse(std::get<SocketFrame>(*encoded).bytes) : json();
  }
  Errc refusal(const Outgoing& message) {
    const auto encoded = platform.encode(message, token);
    EXPECT_FALSE(encoded);
    return encoded ? Errc::thrown : encoded.error().code;
  }
  Receipt receipt(const Outgoing& message, const json& body, int status = 200) {
    return platform.interpret(message, HttpResponse(status, body.dump()));
  }
};

// ---- wires -------------------------------------------------------------------------------------------------

TEST_F(WeComSend, AnAppCardGolden) {
  const HttpRequest made = wire(outgoing(app_card, Form::card));
  EXPECT_EQ(made.method, "POST");
  EXPECT_EQ(made.target, "/cgi-bin/message/send?access_token=tok%2B1");
  EXPECT_TRUE(made.repeatable);
  json body = json::parse(made.body);
  const std::string task = body["template_card"]["task_id"];
  EXPECT_LE(task.size(), 128U);
  EXPECT_EQ(task.find_first_not_of("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-@"), std::string::npos);
  const std::string accept = seal({CardId(42), 3, "accept"}, settings.card_key());
  const std::string decline = seal({CardId(42), 3, "decline"}, settings.card_key());
  EXPECT_EQ(body, json::parse(R"({
    "touser": "chen.yu", "agentid": 1000027, "msgtype": "template_card",
    "enable_duplicate_check": 1, "duplicate_check_interval": 1800,
    "template_card": {
      "card_type": "button_interaction", "task_id": ")" +
                              task + R"(",
      "source": {"desc": "协办", "desc_color": 2},
      "main_title": {"title": "【XB-2026-0012】数据接口", "desc": "更新于 09:30"},
      "sub_title_text": "请 **IT 部** 在周五前 <确认>",
      "horizontal_content_list": [{"keyname": "负责人", "value": "赵技"}, {"keyname": "截止", "value": "11月23日 18:00"}],
      "button_list": [{"text": "接单", "style": 1, "key": ")" +
                              accept + R"("},
                      {"text": "拒绝", "style": 3, "key": ")" +
                              decline + R"("}]}})"));
}

TEST_F(WeComSend, EqualMessagesAreEqualBytesAndEachMessageHasItsOwnTask) {
  const Outgoing first = outgoing(app_card, Form::card);
  EXPECT_EQ(wire(first).body, wire(first).body);
  const auto task = [&](const Outgoing& message) { return task_id(message); };
  Outgoing other = first;
  other.key = "xb-43";
  EXPECT_NE(task(first), task(other));
  other = first;
  other.text = "anders";
  EXPECT_NE(task(first), task(other)) << "composed anew under the same key";
  other = first;
  other.chat.chat = ChatId("p:zhao");
  EXPECT_NE(task(first), task(other)) << "one send per person";
}

TEST_F(WeComSend, AnAppCardIsUpdatedWithItsCodeOnce) {
  Outgoing update = outgoing(app_card, Form::card_update);
  update.update_of = "code:rc-9f2d";
  const HttpRequest made = wire(update);
  EXPECT_EQ(made.target, "/cgi-bin/message/update_template_card?access_token=tok%2B1");
  EXPECT_FALSE(made.repeatable) << "the code is spent by the first that arrives";
  const json body = json::parse(made.body);
  EXPECT_EQ(body.at("response_code"), "rc-9f2d");
  EXPECT_EQ(body.at("userids"), json({"chen.yu"}));
  update.card->buttons.clear();
  const json card = json::parse(wire(update).body).at("template_card");
  EXPECT_EQ(card.at("button_list").size(), 1U) << "the platform wants one";
  EXPECT_TRUE(card.contains("replace_text")) << "and it cannot be pressed";
  update.update_of = "msg:17";
  EXPECT_EQ(refusal(update), Errc::not_found);
}

TEST_F(WeComSend, ACardThatCannotStandTakesTheNextWay) {
  for (const ChannelId& channel : {app_card, bot_card}) {
    Outgoing bare = outgoing(channel, Form::card);
    bare.card->buttons.clear();
    EXPECT_EQ(refusal(bare), Errc::not_found) << channel.value;
  }
  Outgoing update = outgoing(bot_card, Form::card_update);
  update.update_of = "xb_9";
  EXPECT_EQ(refusal(update), Errc::not_found);
  Outgoing reply = outgoing(reply_card, Form::card);
  reply.webhook = "https://qyapi.weixin.qq.com/cgi-bin/aibot/response?response_code=x";
  EXPECT_EQ(refusal(reply), Errc::not_found) << "a group takes no card through a response_url";
  Outgoing robot = outgoing(robot_text, Form::text);
  robot.chat.chat = ChatId("wrk2");
  EXPECT_EQ(refusal(robot), Errc::not_found) << "no robot stands there";
  Outgoing evil = outgoing(reply_text, Form::text);
  evil.webhook = "https://evil.example/x";
  EXPECT_EQ(refusal(evil), Errc::not_found);
}

TEST_F(WeComSend, TextsOfTheApp) {
  Outgoing message = outgoing(app_text, Form::text);
  message.text = "第一行 *报*\n第二行";
  json body = json::parse(wire(message).body);
  EXPECT_EQ(body.at("markdown").at("content"), "第一行 ＊报＊\n第二行");
  EXPECT_FALSE(body.contains("enable_duplicate_check")) << "two that say the same are two";
  message.urgent = true;
  body = json::parse(wire(message).body);
  EXPECT_EQ(body.at("markdown").at("content"), "<font color=\"warning\">第一行 ＊报＊</font>\n第二行");
}

TEST_F(WeComSend, OverTheLongConnection) {
  const json group = frame(outgoing(bot_group, Form::text));
  EXPECT_EQ(group, json::parse(R"({"cmd":"aibot_send_msg","body":{"chatid":"wrk1","chat_type":2,"msgtype":"markdown",
    "markdown":{"content":"请 IT 部确认"}}})"));
  const json person = frame(outgoing(bot_private, Form::text));
  EXPECT_EQ(person.at("body").at("chatid"), "chen.yu");
  EXPECT_EQ(person.at("body").at("chat_type"), 1);
  Outgoing reply = outgoing(reply_card, Form::card);
  reply.webhook = "req:R1";
  const json card = frame(reply);
  EXPECT_EQ(card.at("cmd"), "aibot_respond_msg");
  EXPECT_EQ(card.at("headers").at("req_id"), "R1");
  EXPECT_EQ(card.at("body").at("template_card").at("card_type"), "button_interaction");
  Outgoing welcome = outgoing(reply_text, Form::text);
  welcome.webhook = "welcome:R2";
  welcome.text = "你好 *协办*";
  EXPECT_EQ(frame(welcome), json::parse(R"({"cmd":"aibot_respond_welcome_msg","headers":{"req_id":"R2"},
    "body":{"msgtype":"text","text":{"content":"你好 *协办*"}}})"))
      << "plain text has no markup to escape";
}

TEST_F(WeComSend, ThroughTheResponseUrl) {
  Outgoing reply = outgoing(reply_text, Form::text);
  reply.webhook = "https://qyapi.weixin.qq.com/cgi-bin/aibot/response?response_code=x";
  const HttpRequest made = wire(reply);
  EXPECT_EQ(made.origin, "https://qyapi.weixin.qq.com");
  EXPECT_EQ(made.target, "/cgi-bin/aibot/response?response_code=x");
  EXPECT_EQ(json::parse(made.body), json::parse(R"({"msgtype":"markdown","markdown":{"content":"请 IT 部确认"}})"));
  EXPECT_FALSE(platform.needs_token(reply));
}

TEST_F(WeComSend, RobotsMentionAndGroupsOfTheAppDoNot) {
  Outgoing robot = outgoing(robot_text, Form::text);
  PersonRef zhao;
  zhao.user = UserId("zhao.ming");
  zhao.name = "赵明";
  PersonRef evil;
  evil.user = UserId("x> <@all");
  evil.name = "<@all>";
  robot.mentions = {zhao, evil};
  const HttpRequest made = wire(robot);
  EXPECT_EQ(made.target, "/cgi-bin/webhook/send?key=robot-key");
  EXPECT_EQ(json::parse(made.body).at("markdown").at("content"), "<@zhao.ming> ＜@all＞ 请 IT 部确认");
  EXPECT_FALSE(platform.needs_token(robot));
  const HttpRequest appchat = wire(outgoing(appchat_text, Form::text));
  EXPECT_EQ(appchat.target, "/cgi-bin/appchat/send?access_token=tok%2B1");
  EXPECT_EQ(json::parse(appchat.body).at("chatid"), "wrk1");
  EXPECT_TRUE(platform.needs_token(outgoing(appchat_text, Form::text)));
}

TEST_F(WeComSend, Tokens) {
  const auto request = platform.token_request();
  ASSERT_TRUE(request);
  EXPECT_EQ(request->target, "/cgi-bin/gettoken?corpid=ww7c3f0a91d25be846&corpsecret=app-secret");
  const auto token_of = [&](const std::string& body, int status = 200) {
    return platform.read_token(HttpResponse(status, body), now);
  };
  const auto good = token_of(R"({"errcode":0,"errmsg":"ok","access_token":"T","expires_in":7200})");
  ASSERT_TRUE(good);
  EXPECT_EQ(good->value.reveal(), "T");
  EXPECT_EQ(good->until, now + std::chrono::hours(2));
  EXPECT_EQ(token_of(R"({"errcode":40091,"errmsg":"invalid secret"})").error().code, Errc::bad_input);
  for (const char* broken : {"", "[]", R"({"errcode":0})", R"({"access_token":"T","expires_in":-1})",
                             R"({"access_token":"T","expires_in":99999999999})"})
    EXPECT_EQ(token_of(broken).error().code, Errc::network) << broken;
  Settings bot_alone = demo_settings();
  bot_alone.app.reset();
  EXPECT_FALSE(WeComPlatform(bot_alone, Rng(1)).token_request());
}

// ---- texts -------------------------------------------------------------------------------------------------

TEST(WeComMarkdown, NothingTypedHasAMeaning) {
  EXPECT_EQ(escape("<@all> <font color=\"warning\">x</font> <think>"),
            "＜@all＞ ＜font color=\"warning\"＞x＜/font＞ ＜think＞");
  EXPECT_EQ(escape("[点我](https://evil.example)"), "［点我］(https://evil.example)");
  EXPECT_EQ(escape("**粗** `码` ~~删~~ |表| a\\b"), "＊＊粗＊＊ ｀码｀ ～～删～～ ｜表｜ a＼b");
  EXPECT_EQ(escape("# 标题\n ## 二\nC# 第#1"), "＃ 标题\n ＃＃ 二\nC# 第#1");
  EXPECT_EQ(escape("_斜_ user_name https://x/a_b?c=1&d=2"), "＿斜＿ user_name https://x/a_b?c=1&d=2");
  EXPECT_EQ(escape("&lt;@all&gt; a & b"), "＆lt;@all＆gt; a & b");
  rc::check([](const std::string& typed) {
    const std::string made = escape(typed);
    RC_ASSERT(text::is_utf8(made));
    RC_ASSERT(made.find_first_of("*`[]<>|~\\") == std::string::npos);
    for (const auto line : text::split(made, '\n')) RC_ASSERT(!text::trim(line).starts_with("#"));
  });
}

TEST(WeComMarkdown, CutsBetweenCharactersAndKeepsTheCommandForTheRest) {
  std::string body;
  for (int i = 0; i < 900; ++i) body += "*报*";
  const std::string made = escape_within(body + "\n发送 /查看 12 2 看全部", 2048);
  EXPECT_LE(made.size(), 2048U);
  EXPECT_GT(made.size(), 1900U) << "what fits is shown";
  EXPECT_TRUE(made.ends_with("…\n发送 /查看 12 2 看全部"));
  EXPECT_TRUE(text::is_utf8(made));
  EXPECT_EQ(escape_within("短", 2048), "短");
  rc::check([](const std::string& typed) {
    const auto most = *rc::gen::inRange<std::size_t>(8, 300);
    const std::string cut = escape_within(typed + typed + typed, most);
    RC_ASSERT(cut.size() <= most);
    RC_ASSERT(text::is_utf8(cut));
  });
}

TEST(WeComCard, ValuesStayInTheirLimitsWhateverIsInThem) {
  const Settings settings = demo_settings();
  const auto characters = [](const json& value) { return text::decode(value.get<std::string>()).size(); };
  Card card = sample_card();
  std::string longest;
  for (int i = 0; i < 400; ++i) longest += "长";
  card.title = card.body = card.footer = longest;
  for (int i = 0; i < 9; ++i) card.fields.push_back({longest, i % 2 == 0 ? longest : ""});
  for (int i = 0; i < 9; ++i) card.buttons.push_back(button("show", longest.c_str()));
  for (const Dialect dialect : {Dialect::app, Dialect::bot}) {
    const bool app = dialect == Dialect::app;
    const json made = render(card, CardId(1), 1, settings, dialect, "t");
    EXPECT_EQ(characters(made.at("main_title").at("title")), app ? 36U : 26U);
    EXPECT_EQ(characters(made.at("main_title").at("desc")), app ? 44U : 30U);
    EXPECT_EQ(characters(made.at("sub_title_text")), app ? 160U : 112U);
    EXPECT_LE(characters(made.at("source").at("desc")), app ? 20U : 13U);
    ASSERT_EQ(made.at("horizontal_content_list").size(), 6U);
    for (const json& field : made.at("horizontal_content_list")) {
      EXPECT_LE(characters(field.at("keyname")), 5U);
      EXPECT_LE(characters(field.at("value")), app ? 30U : 26U);
      EXPECT_FALSE(field.at("value").get<std::string>().empty());
    }
    ASSERT_EQ(made.at("button_list").size(), 6U);
    for (const json& one : made.at("button_list")) {
      EXPECT_LE(characters(one.at("text")), 10U);
      EXPECT_LE(one.at("key").get<std::string>().size(), 1024U);
    }
  }
}

TEST(WeComCard, ClipsByCharacters) {
  EXPECT_EQ(clip_characters("四个字符", 4), "四个字符");
  EXPECT_EQ(clip_characters("五个字符了", 4), "五个字…");
  EXPECT_EQ(clip_characters("", 4), "");
  EXPECT_EQ(clip_characters("字", 0), "");
}

// ---- the plan ------------------------------------------------------------------------------------------------

std::string plan(const Settings& settings, const Need& need, const ChatFact& chat = {}) {
  std::string out;
  for (const Delivery& one : plan_delivery(need, traits_of(settings), chat)) {
    const char* form = one.form == Form::card ? "card" : one.form == Form::card_update ? "update" : "text";
    out += (out.empty() ? "" : " ") + one.channel.value + "/" + form;
  }
  return out;
}
Need need(Reach reach, bool card) {
  Need made;
  made.reach = reach;
  made.card = card;
  made.now = now;
  return made;
}

TEST(WeComPlan, PersonalCards) {
  Settings settings = demo_settings();
  settings.robots.clear();
  ChatFact spoken;
  spoken.spoken = true;
  EXPECT_EQ(plan(settings, need(Reach::person, true)), "app-card/card app/text");
  Settings no_callback = settings;
  no_callback.app->callback = false;
  EXPECT_EQ(plan(no_callback, need(Reach::person, true)), "app/text");
  EXPECT_EQ(plan(no_callback, need(Reach::person, true), spoken), "bot-card/card app/text bot-private/text");
  Settings bot_alone = settings;
  bot_alone.app.reset();
  EXPECT_EQ(plan(bot_alone, need(Reach::person, true)), "") << "said in the group instead";
  EXPECT_FALSE(traits_of(bot_alone).private_chats);
  EXPECT_EQ(plan(bot_alone, need(Reach::person, true), spoken), "bot-card/card bot-private/text");
  Need urgent = need(Reach::person, true);
  urgent.urgent = true;
  EXPECT_EQ(plan(no_callback, urgent, spoken), "bot-card/card app/text bot-private/text");
}

TEST(WeComPlan, Groups) {
  Settings settings = demo_settings();
  ChatFact spoken;
  spoken.spoken = true;
  ChatFact session = spoken;
  session.webhook = "req:R1";
  session.webhook_until = now + Duration{1000};
  EXPECT_EQ(plan(settings, need(Reach::group, true), session), "reply-card/card reply/text bot-group/text robot/text");
  EXPECT_EQ(plan(settings, need(Reach::group, true), spoken), "bot-group/text robot/text");
  EXPECT_EQ(plan(settings, need(Reach::group, false)), "robot/text") << "nobody has spoken to the bot there";
  ChatFact own;
  own.made_for = RequestId(12);
  EXPECT_EQ(plan(settings, need(Reach::group, false), own), "robot/text appchat/text") << "made by the app";
  Need mention = need(Reach::group, false);
  mention.mention = true;
  EXPECT_EQ(plan(settings, mention, spoken), "robot/text bot-group/text");
  Need refresh = need(Reach::group, true);
  refresh.card_sent_at = now;
  EXPECT_EQ(plan(settings, refresh, session), "") << "a bot's card changes when it is pressed";
  settings.bot->stream = false;
  settings.robots.clear();
  settings.app.reset();
  EXPECT_EQ(plan(settings, need(Reach::group, false), session), "reply/text") << "a callback has one way back";
  EXPECT_EQ(plan(settings, need(Reach::group, false), spoken), "");
}

TEST(WeComPlan, WordsThatArePlain) {
  Need words = need(Reach::person, true);
  words.plain = true;
  EXPECT_EQ(plan(demo_settings(), words), "app-card/card app/text app/text");
  words.reach = Reach::group;
  EXPECT_EQ(plan(demo_settings(), words), "robot/text robot/text");
}

TEST(WeComPlan, AppBotAndRobotLeadToAChatEachInItsOwnWay) {
  Settings settings = demo_settings();
  for (const Channel& channel : traits_of(settings).channels) {
    SCOPED_TRACE(channel.id.value);
    if (channel.id == groups_channel) continue;
    const bool of_app = channel.id == app_card || channel.id == app_text || channel.id == appchat_text;
    EXPECT_EQ(channel.road, of_app ? "app" : channel.id == robot_text ? "robot" : "bot");
  }
}

TEST(WeComPlan, ACodeIsGoodForOneUpdate) {
  const Settings settings = demo_settings();
  Need refresh = need(Reach::person, true);
  refresh.card_sent_at = now - std::chrono::hours(71);
  EXPECT_EQ(plan(settings, refresh), "app-card/update app-card/card");
  refresh.card_updates = 1;
  EXPECT_EQ(plan(settings, refresh), "") << "it waits for the next press";
  refresh.card_sent_at = now - std::chrono::hours(72);
  EXPECT_EQ(plan(settings, refresh), "app-card/card");
}

TEST(WeComPlan, LimitsStayBelowTheSilentDrops) {
  for (const Channel& channel : traits_of(demo_settings()).channels) {
    SCOPED_TRACE(channel.id.value);
    EXPECT_LE(channel.text_bytes, channel.id == app_text || channel.id == appchat_text ? most_app_bytes : most_bot_bytes);
    for (const Window& window : channel.limits) {
      const auto most = window.scope == Scope::robot ? 19U : window.per == Duration{60'000} ? 29U : 999U;
      EXPECT_LE(window.count, most);
    }
  }
}

// ---- receipts ------------------------------------------------------------------------------------------------

TEST_F(WeComSend, AcceptedIsNotAlwaysReached) {
  const Outgoing card = outgoing(app_card, Form::card);
  EXPECT_EQ(receipt(card, {{"errcode", 0}, {"invaliduser", ""}, {"msgid", "m"}, {"response_code", "rc1"}}).provider_id,
            "code:rc1");
  EXPECT_EQ(receipt(card, {{"errcode", 0}, {"msgid", "m"}}).provider_id, "msg:m");
  const Receipt missed = receipt(outgoing(app_text, Form::text), {{"errcode", 0}, {"invaliduser", "other|CHEN.YU"}});
  EXPECT_EQ(missed.outcome, Outcome::rejected);
  EXPECT_TRUE(missed.target_gone);
  EXPECT_TRUE(receipt(card, {{"errcode", 0}, {"unlicenseduser", "chen.yu"}}).target_gone);
  EXPECT_EQ(receipt(card, {{"errcode", 0}, {"invaliduser", "chen.yu2"}}).outcome, Outcome::delivered);
  Outgoing update = outgoing(app_card, Form::card_update);
  update.update_of = "code:rc1";
  EXPECT_TRUE(receipt(update, {{"errcode", 0}, {"invaliduser", json::array({"chen.yu"})}}).target_gone);
  EXPECT_EQ(receipt(update, {{"errcode", 0}, {"invaliduser", json::array()}}).outcome, Outcome::delivered);
}

struct CodeCase {
  int code;
  Outcome text, card;
  bool gone = false;
  int pause_s = 0;
};

TEST_F(WeComSend, EachErrorCode) {
  const std::vector<CodeCase> cases{
      {-1, Outcome::retry, Outcome::retry},
      {45033, Outcome::retry, Outcome::retry},
      {45009, Outcome::retry, Outcome::retry, false, 60},
      {60020, Outcome::retry, Outcome::retry, false, 300},
      {40001, Outcome::token_expired, Outcome::token_expired},
      {40014, Outcome::token_expired, Outcome::token_expired},
      {42001, Outcome::token_expired, Outcome::token_expired},
      {40003, Outcome::rejected, Outcome::rejected, true},
      {60111, Outcome::rejected, Outcome::rejected, true},
      {60011, Outcome::rejected, Outcome::rejected, true},
      {81013, Outcome::rejected, Outcome::rejected, true},
      {86001, Outcome::rejected, Outcome::rejected, true},
      {86003, Outcome::rejected, Outcome::rejected, true},
      {40008, Outcome::rejected, Outcome::unsupported},
      {41016, Outcome::rejected, Outcome::unsupported},
      {42014, Outcome::rejected, Outcome::delivered},
      {42020, Outcome::rejected, Outcome::unsupported},
      {45002, Outcome::rejected, Outcome::unsupported},
      {44004, Outcome::rejected, Outcome::rejected},
      {48002, Outcome::rejected, Outcome::rejected},
      {301002, Outcome::rejected, Outcome::rejected},
      {40201, Outcome::rejected, Outcome::unsupported},
      {93000, Outcome::rejected, Outcome::rejected, true},
      {93004, Outcome::rejected, Outcome::rejected, true},
      {93008, Outcome::rejected, Outcome::rejected, true},
      {99999, Outcome::rejected, Outcome::unsupported},
  };
  for (const CodeCase& one : cases) {
    SCOPED_TRACE(one.code);
    const json body = {{"errcode", one.code}, {"errmsg", "why, hint: [1], from ip: 1.2.3.4"}};
    const Receipt text = receipt(outgoing(app_text, Form::text), body);
    EXPECT_EQ(text.outcome, one.text);
    EXPECT_EQ(text.target_gone, one.gone);
    EXPECT_EQ(text.retry_after.value_or(Duration{}), Duration{one.pause_s * 1000});
    EXPECT_NE(text.detail.find("from ip: 1.2.3.4"), std::string::npos);
    EXPECT_EQ(receipt(outgoing(app_card, Form::card), body).outcome, one.card);
    if (one.text != Outcome::retry) {
      EXPECT_EQ(receipt(outgoing(reply_text, Form::text), body).outcome, Outcome::unsupported) << "the next way is tried";
    }
  }
  EXPECT_EQ(platform.interpret(outgoing(app_text, Form::text), HttpResponse(502, "<html>")).outcome, Outcome::unknown);
  EXPECT_EQ(platform.interpret(outgoing(app_text, Form::text), HttpResponse(200, "")).outcome, Outcome::unknown);
  EXPECT_EQ(platform.interpret(outgoing(app_text, Form::text), HttpResponse(404, "")).outcome, Outcome::rejected);
  EXPECT_EQ(platform.interpret(outgoing(app_text, Form::text), HttpResponse(429, "")).outcome, Outcome::retry);
}

TEST_F(WeComSend, ACardWhoseTaskIsUsedStands) {
  const Outgoing card = outgoing(app_card, Form::card);
  const Receipt stands = receipt(card, {{"errcode", 42014}});
  EXPECT_EQ(stands.outcome, Outcome::delivered);
  EXPECT_EQ(stands.provider_id, "task:" + task_id(card));
  Outgoing update = outgoing(app_card, Form::card_update);
  update.update_of = stands.provider_id;
  EXPECT_EQ(refusal(update), Errc::not_found) << "until a press brings its code";
}

TEST_F(WeComSend, WordsThatAreRefusedGoOnceMoreWithoutThem) {
  Outgoing about = outgoing(app_text, Form::text);
  about.request = RequestId(12);
  EXPECT_EQ(receipt(about, {{"errcode", 40201}}).outcome, Outcome::unsupported);
  about.channel = robot_text;
  EXPECT_EQ(receipt(about, {{"errcode", 40201}}).outcome, Outcome::unsupported);
}

TEST_F(WeComSend, AnAppWithoutTheRightIsToldToItsAdministrators) {
  EXPECT_TRUE(receipt(outgoing(app_card, Form::card), {{"errcode", 48002}}).no_right);
  EXPECT_TRUE(receipt(outgoing(app_text, Form::text), {{"errcode", 48002}}).no_right);
  EXPECT_FALSE(receipt(outgoing(app_text, Form::text), {{"errcode", 44004}}).no_right);
}

TEST(WeComReceipts, EachCodeOfTheLongConnection) {
  const auto outcome = [](std::int64_t code) { return read_frame_answer(code, false, false).receipt.outcome; };
  EXPECT_EQ(outcome(0), Outcome::delivered);
  EXPECT_EQ(outcome(846607), Outcome::retry);
  EXPECT_EQ(read_frame_answer(846607, false, false).receipt.retry_after, Duration{60'000});
  EXPECT_EQ(outcome(45009), Outcome::retry);
  EXPECT_EQ(outcome(-1), Outcome::retry);
  EXPECT_TRUE(read_frame_answer(93006, false, false).receipt.target_gone);
  EXPECT_EQ(outcome(600039), Outcome::unsupported);
  EXPECT_EQ(outcome(40008), Outcome::unsupported);
  EXPECT_EQ(outcome(40201), Outcome::unsupported) << "about a request there is a form without the words";
  EXPECT_EQ(read_frame_answer(40035, false, true).receipt.outcome, Outcome::unsupported) << "a card that is refused: as text";
  EXPECT_TRUE(read_frame_answer(846605, true, false).say_unprompted);
  EXPECT_FALSE(read_frame_answer(846605, false, false).say_unprompted) << "once";
  EXPECT_TRUE(read_frame_answer(846609, false, false).reconnect);
  EXPECT_EQ(outcome(846609), Outcome::retry) << "it was not sent";
}

}  // namespace
}  // namespace xieban::wecom::wecom_send_test
