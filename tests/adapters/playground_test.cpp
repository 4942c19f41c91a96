// The playground's adapter: what its events mean, and what it sends, byte for byte.
#include "adapters/playground/platform.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <nlohmann/json.hpp>

namespace xieban {
namespace {

using nlohmann::json;

const TimePoint noon = *parse_rfc3339("2026-11-21T12:00:00+08:00");

Result<Decoded> decode(const PlaygroundPlatform& platform, const json& event) {
  HttpRequest request("POST", "/event");
  request.body = event.dump();
  return platform.decode(request, noon);
}

json message(std::string chat, std::string text) {
  return {{"id", "s-7"},
          {"type", "message"},
          {"chat", std::move(chat)},
          {"user", "li.lei"},
          {"at", "2026-11-21T11:59:00+08:00"},
          {"text", std::move(text)},
          {"mentions", json::array()}};
}

json press() {
  return {{"id", "e-9"},
          {"type", "press"},
          {"chat", "g-all"},
          {"user", "zhao.tech"},
          {"at", "2026-11-21T11:59:30+08:00"},
          {"card", 12},
          {"version", 3},
          {"action", "accept"},
          {"inputs", {{"due", json::array({"明天18点"})}}}};
}

Card sample_card() {
  Card card;
  card.title = "XB-2026-0012 新品推广页接口对接";
  card.tone = Tone::warning;
  card.body = "请响应";
  card.fields = {{"负责人", "赵技（技术部）"}};
  Input due;
  due.id = "due";
  due.label = "承诺时间";
  due.kind = InputKind::datetime;
  Input who;
  who.id = "who";
  who.label = "协助人";
  who.kind = InputKind::multi;
  who.required = true;
  who.value = {"a"};
  who.options = {{"a", "甲"}, {"b", "乙"}};
  card.inputs = {due, who};
  Button accept;
  accept.action = "accept";
  accept.label = "接单";
  accept.style = ButtonStyle::primary;
  accept.command = "/接单 12";
  Button cancel;
  cancel.action = "cancel";
  cancel.label = "取消";
  cancel.style = ButtonStyle::danger;
  cancel.confirm = "确定取消？";
  card.buttons = {accept, cancel};
  card.footer = "截止 11月22日 18:00";
  card.table = Table{{"编号", "状态"}, 1, {{{"XB-2026-0012", "执行中 · 逾期"}, "XB-2026-0012 · 执行中", true}}};
  card.chart = Chart{"未完成", {"未逾期", "逾期"}, {{"技术部", {1, 2}}}};
  return card;
}

Outgoing sample_outgoing() {
  Outgoing out;
  out.parcel = ParcelId(41);
  out.app = AppId("playground:main");
  out.channel = ChannelId("person");
  out.chat = ChatRef{out.app, ChatId("p:zhao.tech")};
  out.to = UserId("zhao.tech");
  out.to_person = PersonId("zhao.tech");
  out.form = Form::card;
  out.card = sample_card();
  out.text = "XB-2026-0012 新品推广页接口对接\n/接单 12";
  out.mentions = {{PersonId("zhao.tech"), UserId("zhao.tech")}};
  out.urgent = true;
  out.request = RequestId(12);
  out.request_year = 2026;
  out.card_id = CardId(41);
  out.version = 5;
  out.key = "p41";
  return out;
}

TEST(PlaygroundDecode, ReadsAMessage) {
  const PlaygroundPlatform platform;
  json event = message("g-all", "/指派 12 @李雷 @外人");
  event["mentions"] = {{{"name", "李雷"}, {"user", "li.lei"}}, {{"name", "外人"}, {"user", nullptr}}};
  const auto decoded = decode(platform, event);
  ASSERT_TRUE(decoded);
  const auto& inbound = std::get<Inbound>(*decoded);
  EXPECT_EQ(inbound.key, (InboxKey{AppId("playground:main"), "s-7"}));
  EXPECT_EQ(inbound.kind, EventKind::message);
  EXPECT_EQ(inbound.actor, UserId("li.lei"));
  EXPECT_EQ(inbound.chat, (ChatRef{AppId("playground:main"), ChatId("g-all")}));
  EXPECT_FALSE(inbound.one_to_one);
  EXPECT_EQ(inbound.sent_at, *parse_rfc3339("2026-11-21T11:59:00+08:00"));
  const auto& said = std::get<Said>(inbound.what);
  EXPECT_EQ(said.text, "/指派 12 @李雷 @外人");
  ASSERT_EQ(said.mentions.size(), 2U);
  EXPECT_EQ(said.mentions[0].user, UserId("li.lei"));
  EXPECT_EQ(said.mentions[1].user, std::nullopt);
  EXPECT_EQ(said.mentions[1].shown_as, "外人");
}

TEST(PlaygroundDecode, AGroupsTextIsForTheBotOnlyWhenAddressed) {
  const PlaygroundPlatform platform("协办");
  for (const char* text : {"/我的", "／我的", "  /我的", "@协办 你好", "＠协办 你好", "　@协办 你好"}) {
    const auto decoded = decode(platform, message("g-all", text));
    ASSERT_TRUE(decoded) << text;
    EXPECT_TRUE(std::holds_alternative<Inbound>(*decoded)) << text;
  }
  for (const char* text : {"大家好", "看看 /我的", "@李雷 在吗", "协办 你好"}) {
    const auto decoded = decode(platform, message("g-all", text));
    ASSERT_TRUE(decoded) << text;
    ASSERT_TRUE(std::holds_alternative<Ignored>(*decoded)) << text;
    EXPECT_EQ(std::get<Ignored>(*decoded).answer.status, 200);
    const auto alone = decode(platform, message("p:li.lei", text));
    ASSERT_TRUE(alone) << text;
    ASSERT_TRUE(std::holds_alternative<Inbound>(*alone)) << text;
    EXPECT_TRUE(std::get<Inbound>(*alone).one_to_one);
  }
}

TEST(PlaygroundDecode, MarksAMentionOfTheBot) {
  const auto decoded = decode(PlaygroundPlatform("小助手"), message("g-all", "@小助手 我的"));
  ASSERT_TRUE(decoded);
  const auto& said = std::get<Said>(std::get<Inbound>(*decoded).what);
  ASSERT_EQ(said.mentions.size(), 1U);
  EXPECT_TRUE(said.mentions[0].is_bot);
  EXPECT_EQ(said.mentions[0].shown_as, "小助手");
  const auto other = decode(PlaygroundPlatform("小助手"), message("g-all", "@协办 我的"));
  EXPECT_TRUE(std::holds_alternative<Ignored>(*other));
}

TEST(PlaygroundDecode, ReadsAPress) {
  const auto decoded = decode(PlaygroundPlatform(), press());
  ASSERT_TRUE(decoded);
  const auto& inbound = std::get<Inbound>(*decoded);
  EXPECT_EQ(inbound.kind, EventKind::press);
  EXPECT_EQ(inbound.key.key, "e-9");
  const auto& pressed = std::get<Pressed>(inbound.what);
  EXPECT_EQ(pressed.card, CardId(12));
  EXPECT_EQ(pressed.version, 3U);
  EXPECT_EQ(pressed.action, "accept");
  EXPECT_EQ(pressed.inputs.at("due"), std::vector<std::string>{"明天18点"});
}

TEST(PlaygroundDecode, ReadsWhoOpensTheirChat) {
  const PlaygroundPlatform platform;
  json event = {{"id", "n-1"}, {"type", "enter"}, {"chat", "p:li.lei"}, {"user", "li.lei"}};
  const auto opened = decode(platform, event);
  ASSERT_TRUE(opened);
  const auto& inbound = std::get<Inbound>(*opened);
  EXPECT_TRUE(std::holds_alternative<JoinedChat>(inbound.what));
  EXPECT_TRUE(inbound.one_to_one);
  EXPECT_EQ(inbound.actor, UserId("li.lei"));
  event["chat"] = "g-all";
  EXPECT_TRUE(std::holds_alternative<Ignored>(*decode(platform, event))) << "the bot is in its groups from the beginning";
}

TEST(PlaygroundDecode, RefusesWhatItDoesNotWrite) {
  const PlaygroundPlatform platform;
  std::vector<json> wrong;
  for (const char* member : {"id", "type", "chat", "user", "text", "mentions"}) {
    json event = message("g-all", "/我的");
    event.erase(member);
    wrong.push_back(event);
  }
  for (const char* member : {"card", "version", "action", "inputs"}) {
    json event = press();
    event.erase(member);
    wrong.push_back(event);
    event = press();
    event[member] = nullptr;
    wrong.push_back(event);
  }
  json event = press();
  event["version"] = 4294967296ULL;
  wrong.push_back(event);
  event = press();
  event["card"] = -1;
  wrong.push_back(event);
  event = press();
  event["inputs"]["due"] = json::array({1});
  wrong.push_back(event);
  for (const json& one : wrong) {
    const auto decoded = decode(platform, one);
    ASSERT_FALSE(decoded) << one.dump();
    EXPECT_EQ(decoded.error().code, Errc::bad_input);
  }
  EXPECT_TRUE(
      std::holds_alternative<Ignored>(*decode(platform, {{"id", "1"}, {"type", "seen"}, {"chat", "c"}, {"user", "u"}})));
}

RC_GTEST_PROP(PlaygroundDecode, SurvivesAnyBytes, (const std::string& bytes)) {
  HttpRequest request("POST", "/event");
  request.body = bytes;
  const auto decoded = PlaygroundPlatform().decode(request, noon);
  if (!decoded) RC_ASSERT(decoded.error().code == Errc::bad_input);
}

TEST(PlaygroundAnswer, CarriesToastAndCard) {
  const PlaygroundPlatform platform;
  const Inbound inbound = std::get<Inbound>(*decode(platform, press()));
  Reply reply;
  reply.toast = "已接单";
  reply.tone = Tone::success;
  const Card card = sample_card();
  const json answer = json::parse(platform.answer(inbound, reply, &card).body);
  EXPECT_EQ(answer.at("toast"), (json{{"tone", "success"}, {"text", "已接单"}}));
  EXPECT_EQ(answer.at("card").at("title"), card.title);
  EXPECT_EQ(answer.at("text"), plain_text(card, Lang::zh));
  const json silent = json::parse(platform.answer(inbound, Reply{}, nullptr).body);
  EXPECT_TRUE(silent.at("toast").is_null());
  EXPECT_TRUE(silent.at("card").is_null());
}

TEST(PlaygroundAnswer, BusyAsksForAnotherPressAndSendsMessagesAgain) {
  const PlaygroundPlatform platform;
  const HttpResponse pressed = platform.busy(std::get<Inbound>(*decode(platform, press())), "再按一次");
  EXPECT_EQ(pressed.status, 200);
  EXPECT_EQ(json::parse(pressed.body).at("toast"), (json{{"tone", "warning"}, {"text", "再按一次"}}));
  const HttpResponse said = platform.busy(std::get<Inbound>(*decode(platform, message("g-all", "/我的"))), "再按一次");
  EXPECT_EQ(said.status, 503);
  EXPECT_EQ(said.headers.get("Retry-After"), "2");
}

TEST(PlaygroundEncode, ShowsANewMessage) {
  const PlaygroundPlatform platform;
  const auto wire = platform.encode(sample_outgoing(), Token{});
  ASSERT_TRUE(wire);
  const auto& request = std::get<HttpRequest>(*wire);
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.target, "/messages");
  EXPECT_TRUE(request.repeatable);
  const json golden = json::parse(R"({
    "key":"p41","chat":"p:zhao.tech","to":"zhao.tech","kind":"card","text":"XB-2026-0012 新品推广页接口对接\n/接单 12",
    "mentions":["zhao.tech"],"urgent":true,"request":"XB-2026-0012","card_id":41,"version":5,"parcel":41,
    "card":{"title":"XB-2026-0012 新品推广页接口对接","tone":"warning","body":"请响应","footer":"截止 11月22日 18:00",
      "fields":[{"label":"负责人","value":"赵技（技术部）"}],
      "inputs":[{"id":"due","label":"承诺时间","kind":"datetime","required":false,"value":null,"options":[],"people":[],
                 "people_label":""},
                {"id":"who","label":"协助人","kind":"multi","required":true,"value":["a"],
                 "options":[{"value":"a","label":"甲"},{"value":"b","label":"乙"}],"people":[],"people_label":""}],
      "table":{"columns":["编号","状态"],"state":1,"rows":[{"cells":["XB-2026-0012","执行中 · 逾期"],"late":true}]},
      "chart":{"title":"未完成","series":["未逾期","逾期"],"bars":[{"label":"技术部","values":[1,2]}]},
      "buttons":[{"action":"accept","label":"接单","style":"primary","confirm":null,"command":"/接单 12"},
                 {"action":"cancel","label":"取消","style":"danger","confirm":"确定取消？","command":""}]}})");
  EXPECT_EQ(json::parse(request.body), golden);
}

TEST(PlaygroundEncode, UpdatesInPlaceAndWritesEqualBytes) {
  const PlaygroundPlatform platform;
  Outgoing out = sample_outgoing();
  out.update_of = "m-p41";
  const auto first = platform.encode(out, Token{});
  const auto again = platform.encode(out, Token{});
  ASSERT_TRUE(first && again);
  EXPECT_EQ(std::get<HttpRequest>(*first).method, "PUT");
  EXPECT_EQ(std::get<HttpRequest>(*first).target, "/messages/m-p41");
  EXPECT_EQ(std::get<HttpRequest>(*first).body, std::get<HttpRequest>(*again).body);
}

TEST(PlaygroundEncode, ATextHasNoCardAndSurvivesBytesThatAreNoText) {
  Outgoing out = sample_outgoing();
  out.card.reset();
  out.to.reset();
  out.request = RequestId();
  out.text = "broken \xff here";
  const auto wire = PlaygroundPlatform().encode(out, Token{});
  ASSERT_TRUE(wire);
  const json body = json::parse(std::get<HttpRequest>(*wire).body);
  EXPECT_EQ(body.at("kind"), "text");
  EXPECT_TRUE(body.at("card").is_null());
  EXPECT_TRUE(body.at("to").is_null());
  EXPECT_TRUE(body.at("request").is_null());
  EXPECT_EQ(body.at("text"), "broken \xEF\xBF\xBD here");
}

TEST(PlaygroundInterpret, EachAnswerHasItsOutcome) {
  const PlaygroundPlatform platform;
  const Outgoing fresh = sample_outgoing();
  Outgoing update = fresh;
  update.update_of = "m-p41";
  const Receipt done = platform.interpret(fresh, HttpResponse(200, R"({"id":"m-p41"})"));
  EXPECT_EQ(done.outcome, Outcome::delivered);
  EXPECT_EQ(done.provider_id, "m-p41");
  EXPECT_EQ(platform.interpret(fresh, HttpResponse(200, "{}")).outcome, Outcome::unknown);
  EXPECT_EQ(platform.interpret(fresh, HttpResponse(200, "no")).outcome, Outcome::unknown);
  EXPECT_EQ(platform.interpret(update, HttpResponse(404)).outcome, Outcome::unsupported);
  EXPECT_EQ(platform.interpret(fresh, HttpResponse(404)).outcome, Outcome::rejected);
  EXPECT_EQ(platform.interpret(fresh, HttpResponse(400)).outcome, Outcome::rejected);
  EXPECT_EQ(platform.interpret(fresh, HttpResponse(500)).outcome, Outcome::unknown);
  HttpResponse later(503);
  later.headers.set("Retry-After", "3");
  EXPECT_EQ(platform.interpret(fresh, later).outcome, Outcome::retry);
  EXPECT_EQ(platform.interpret(fresh, later).retry_after, Duration(3000));
  EXPECT_EQ(platform.interpret(fresh, HttpResponse(503)).retry_after, std::nullopt);
}

TEST(PlaygroundTraits, CanDoEverythingAtOnce) {
  const PlaygroundPlatform platform;
  const Traits& traits = platform.traits();
  EXPECT_TRUE(traits.private_chats);
  EXPECT_EQ(traits.refresh_after, Duration(0));
  ASSERT_EQ(traits.channels.size(), 3U);
  ASSERT_NE(traits.groups(), nullptr) << "it makes groups, too";
  for (const Channel& channel : traits.channels) {
    if (channel.reach == Reach::groups) continue;
    EXPECT_TRUE(channel.forms.text && channel.forms.card && channel.forms.card_inputs && channel.mentions && channel.urgent);
    EXPECT_TRUE(channel.limits.empty());
    EXPECT_FALSE(channel.per_month || channel.life.updates);
    EXPECT_GT(channel.life.updatable, std::chrono::hours(24 * 365));
  }
  EXPECT_EQ(platform.token_request(), std::nullopt);
  EXPECT_EQ(platform.origin(), "playground:");
  EXPECT_EQ(platform.app(), AppId("playground:main"));
}

}  // namespace
}  // namespace xieban
