// The DingTalk adapter against vectors made with the platform's official SDKs, and against what its documentation states.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "adapters/dingtalk/api.hpp"
#include "adapters/dingtalk/card.hpp"
#include "adapters/dingtalk/channels.hpp"
#include "adapters/dingtalk/hook.hpp"
#include "adapters/dingtalk/message.hpp"
#include "adapters/dingtalk/platform.hpp"
#include "adapters/dingtalk/press.hpp"
#include "adapters/dingtalk/signature.hpp"
#include "bot/base/text.hpp"
#include "bot/crypto/crypto.hpp"
#include "bot/ports/stream.hpp"

namespace xieban::dingtalk {
namespace {

using nlohmann::json;

const json& vectors() {
  static const json all = [] {
    std::ifstream file(std::string(XIEBAN_SOURCE_DIR) + "/tests/adapters/dingtalk_vectors.json");
    return json::parse(file);
  }();
  return all;
}

Settings demo_settings() {
  Settings settings;
  settings.app = AppId("dingtalk:main");
  settings.corp_id = "dingcorpdemo00112233445566778899";
  settings.client_id = "dingdemoa1b2c3d4e5f6";
  settings.client_secret = Secret("Demo_secret-0001");
  settings.event_token = Secret("DemoToken01");
  settings.event_aes_key = Secret("Zm9yRGVtb09ubHlOb3RBUmVhbEtleTAxMjM0NTY3ODl");
  settings.card_secret = Secret("CardSecret_Demo01");
  return settings;
}

const TimePoint now{Duration{1767225600500}};

std::string str(const json& from, const char* name) { return from.at(name).get<std::string>(); }

Result<Decoded> decode(const HttpRequest& request, const Settings& settings = demo_settings(), TimePoint at = now) {
  const DingTalkPlatform platform(settings, Rng(7));
  return platform.decode(request, at);
}

HttpRequest robot_request(const json& body, const std::string& timestamp = "1767225600000") {
  HttpRequest request("POST", "/hook/dingtalk/main/robot");
  request.headers.set("timestamp", timestamp);
  request.headers.set("sign", robot_signature(timestamp, demo_settings().client_secret));
  request.body = body.dump();
  return request;
}

HttpRequest event_request(const json& event, const std::string& owner = demo_settings().client_id) {
  const Settings settings = demo_settings();
  const EventCipher cipher(settings.event_aes_key, owner);
  const std::string encrypt = cipher.seal(event.dump(), "0123456789abcdef");
  HttpRequest request("POST", "/hook/dingtalk/main/event?timestamp=1767225600000&nonce=abcdefgh&msg_signature=" +
                                  event_signature(settings.event_token, "1767225600000", "abcdefgh", encrypt));
  request.body = json{{"encrypt", encrypt}}.dump();
  return request;
}

HttpRequest card_request(const json& body, const std::string& timestamp = "1767225600000") {
  HttpRequest request("POST", "/hook/dingtalk/main/card");
  request.headers.set("x-ddpaas-signature-timestamp", timestamp);
  request.headers.set("x-ddpaas-signature", card_signature(timestamp, demo_settings().card_secret));
  request.body = body.dump();
  return request;
}

HttpRequest streamed(const char* channel, const std::string& body) {
  HttpRequest request(std::string(stream_method), std::string("/stream/") + channel);
  request.body = body;
  return request;
}

void expect_success(const HttpResponse& answer) {
  const Settings settings = demo_settings();
  const json body = json::parse(answer.body);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(str(body, "msg_signature"),
            event_signature(settings.event_token, str(body, "timeStamp"), str(body, "nonce"), str(body, "encrypt")));
  EXPECT_EQ(EventCipher(settings.event_aes_key, settings.client_id).open(str(body, "encrypt")), "success");
  EXPECT_GE(str(body, "nonce").size(), 8U);
}

// ---- vectors: encryption and signatures ----------------------------------------------------------------

TEST(DingTalkVectors, OpensAndSealsEventsByteForByte) {
  std::vector<json> rows = vectors().at("known_answers");
  for (const json& row : vectors().at("event_crypto")) rows.push_back(row);
  ASSERT_GE(rows.size(), 10U);
  for (const json& row : rows) {
    SCOPED_TRACE(str(row, "id"));
    const EventCipher cipher(Secret(str(row, "aes_key")), str(row, "owner_key"));
    EXPECT_EQ(cipher.open(str(row, "encrypt")), str(row, "plaintext"));
    EXPECT_EQ(event_signature(Secret(str(row, "token")), str(row, "timestamp"), str(row, "nonce"), str(row, "encrypt")),
              str(row, "signature"));
    if (row.contains("random16") && !row.value("decrypt_only", false)) {
      EXPECT_EQ(cipher.seal(str(row, "plaintext"), str(row, "random16")), str(row, "encrypt"));
    }
  }
}

TEST(DingTalkVectors, RefusesForgedEvents) {
  ASSERT_GE(vectors().at("event_crypto_negative").size(), 10U);
  for (const json& row : vectors().at("event_crypto_negative")) {
    SCOPED_TRACE(str(row, "id"));
    Settings settings = demo_settings();
    settings.event_token = Secret(str(row, "token"));
    settings.event_aes_key = Secret(str(row, "aes_key"));
    settings.client_id = str(row, "owner_key");
    HttpRequest request("POST", "/hook/dingtalk/main/event?msg_signature=" + str(row, "signature") +
                                    "&timestamp=" + str(row, "timestamp") + "&nonce=" + str(row, "nonce"));
    request.body = json{{"encrypt", row.at("encrypt")}}.dump();
    const auto decoded = decode(request, settings);
    ASSERT_FALSE(decoded);
    EXPECT_EQ(decoded.error().code, Errc::bad_signature);
    if (str(row, "expect") != "signature_mismatch") {
      EXPECT_FALSE(EventCipher(settings.event_aes_key, settings.client_id).open(str(row, "encrypt")));
    }
  }
}

TEST(DingTalkVectors, SignsLikeThePlatform) {
  for (const json& row : vectors().at("robot_callback_sign"))
    EXPECT_EQ(robot_signature(str(row, "timestamp"), Secret(str(row, "app_secret"))), str(row, "sign"));
  for (const json& row : vectors().at("card_callback_sign"))
    EXPECT_EQ(card_signature(str(row, "timestamp"), Secret(str(row, "api_secret"))), str(row, "signature"));
  for (const json& row : vectors().at("custom_robot_webhook_sign")) {
    const Secret secret(str(row, "secret"));
    EXPECT_EQ(robot_signature(str(row, "timestamp"), secret), str(row, "sign_base64"));
    EXPECT_EQ("https://oapi.dingtalk.com" + robot_target(str(row, "access_token"), str(row, "timestamp"), secret),
              str(row, "url"));
  }
}

// ---- vectors: messages -----------------------------------------------------------------------------------

TEST(DingTalkVectors, ReadsRobotMessagesIntoOneForm) {
  ASSERT_GE(vectors().at("robot_messages").size(), 9U);
  for (const json& row : vectors().at("robot_messages")) {
    SCOPED_TRACE(str(row, "id"));
    const RobotMessage message = read_message(row.at("body"));
    const json& expect = row.at("expect");
    EXPECT_EQ(message.id, str(expect, "dedupe_key"));
    EXPECT_EQ(message.conversation, str(expect, "conversation_id"));
    EXPECT_EQ(message.group, expect.at("is_group").get<bool>());
    EXPECT_EQ(message.sender, str(expect, "sender_user_id"));
    EXPECT_EQ(message.sender_corp, str(expect, "corp_id"));
    EXPECT_EQ(message.type, str(expect, "msgtype"));
    EXPECT_EQ(message.text, str(expect, "text"));
    EXPECT_EQ(message.mentioned, expect.at("mentioned_user_ids").get<std::vector<std::string>>());
    ASSERT_TRUE(message.sent_at);
    EXPECT_EQ(message.sent_at->time_since_epoch().count(), expect.at("created_ms").get<std::int64_t>());
    EXPECT_EQ(message.webhook, str(expect, "reply_webhook"));
    EXPECT_EQ(message.webhook_until->time_since_epoch().count(), expect.at("reply_webhook_expires_ms").get<std::int64_t>());
    EXPECT_EQ(message.over_quota, expect.at("over_quota").get<bool>());
    ASSERT_EQ(message.attachments.size(), expect.at("attachments").size());
    for (std::size_t i = 0; i < message.attachments.size(); ++i)
      EXPECT_EQ(message.attachments[i].platform_key, str(expect.at("attachments")[i], "download_code"));
  }
}

TEST(DingTalkVectors, OneMessageIsOneEventOverHttpAndStream) {
  for (const json& row : vectors().at("robot_messages")) {
    SCOPED_TRACE(str(row, "id"));
    const auto posted = decode(robot_request(row.at("body")));
    const auto framed = decode(streamed("robot", row.at("body").dump()));
    ASSERT_TRUE(posted);
    ASSERT_TRUE(framed);
    ASSERT_EQ(posted->index(), framed->index());
    const bool nobody = str(row.at("expect"), "sender_user_id").empty();
    if (nobody || row.at("expect").at("over_quota").get<bool>()) {
      const auto& ignored = std::get<Ignored>(*posted);
      EXPECT_EQ(json::parse(ignored.answer.body), json({{"msgtype", "empty"}}));
      EXPECT_FALSE(ignored.alarm.empty());
      continue;
    }
    const auto& inbound = std::get<Inbound>(*posted);
    EXPECT_EQ(inbound.key, std::get<Inbound>(*framed).key);
    EXPECT_EQ(inbound.kind, EventKind::message);
    EXPECT_EQ(inbound.actor.value, str(row.at("expect"), "sender_user_id"));
    EXPECT_EQ(inbound.one_to_one, !row.at("expect").at("is_group").get<bool>());
    ASSERT_TRUE(inbound.reply_to);
    EXPECT_EQ(inbound.reply_to->until, TimePoint(Duration(1767231000000 - 60000)));
  }
}

// ---- vectors: the long connection ------------------------------------------------------------------------

class DingTalkStream : public testing::Test {
 protected:
  std::unique_ptr<StreamMachine> stream = DingTalkPlatform(demo_settings(), Rng(1)).make_stream();
  static json frame(const StreamAction& action) { return json::parse(std::get<SocketFrame>(action).bytes); }
  static std::string robot_frame(const std::string& id, const std::string& topic = "/v1.0/im/bot/messages/get") {
    return json{{"type", "CALLBACK"}, {"headers", {{"messageId", id}, {"topic", topic}}}, {"data", "{\"msgId\":\"m\"}"}}.dump();
  }
  void SetUp() override { stream->opened(now); }
};

TEST_F(DingTalkStream, OpensAsTheSdkDoes) {
  const json& open = vectors().at("stream").at("open");
  const auto request = stream->open_request();
  ASSERT_TRUE(request);
  EXPECT_EQ("https://api.dingtalk.com" + request->target, str(open.at("request"), "url"));
  for (const auto& [name, value] : open.at("request").at("headers").items())
    EXPECT_EQ(request->headers.get(name), value.get<std::string>());
  json body = json::parse(request->body), expected = open.at("request").at("body_json");
  for (json* one : {&body, &expected}) {
    one->erase("ua");
    json& list = (*one)["subscriptions"];
    std::sort(list.begin(), list.end());
  }
  EXPECT_EQ(body, expected);
  const auto url = stream->endpoint(HttpResponse(200, open.at("response_body").dump()));
  ASSERT_TRUE(url);
  EXPECT_EQ(*url, str(open, "websocket_url"));
}

TEST_F(DingTalkStream, ConnectsNowhereElse) {
  const auto code = [&](int status, const std::string& body) {
    const auto url = stream->endpoint(HttpResponse(status, body));
    EXPECT_FALSE(url) << body;
    return url ? Errc::thrown : url.error().code;
  };
  EXPECT_EQ(code(200, R"({"endpoint":"ws://wss.dingtalk.com/connect","ticket":"t"})"), Errc::bad_input);
  EXPECT_EQ(code(200, R"({"endpoint":"wss://wss.dingtalk.com/connect"})"), Errc::bad_input);
  EXPECT_EQ(code(200, "<xml/>"), Errc::bad_input);
  EXPECT_EQ(code(401, R"({"code":"authFailed"})"), Errc::bad_input);
  EXPECT_EQ(code(429, ""), Errc::network);
  EXPECT_EQ(code(503, "gateway"), Errc::network);
  Settings settings = demo_settings();
  settings.stream_base = "http://127.0.0.1:9000";
  const auto local = DingTalkPlatform(settings, Rng(1)).make_stream();
  EXPECT_EQ(local->open_request()->target, "http://127.0.0.1:9000/v1.0/gateway/connections/open");
  EXPECT_TRUE(local->endpoint(HttpResponse(200, R"({"endpoint":"ws://127.0.0.1:9000/connect","ticket":"t"})")));
}

TEST_F(DingTalkStream, AnswersFramesAsTheSdkDoes) {
  ASSERT_GE(vectors().at("stream").at("exchanges").size(), 8U);
  const DingTalkPlatform platform(demo_settings(), Rng(1));
  for (const json& row : vectors().at("stream").at("exchanges")) {
    SCOPED_TRACE(str(row, "id"));
    if (str(row, "kind") == "disconnect") continue;  // below: it ends the connection
    auto actions = stream->received(str(row, "downstream"), false, now);
    ASSERT_EQ(actions.size(), 1U);
    if (str(row, "kind") != "ping") {
      const auto arrived = std::get<Arrived>(actions.front());
      const auto decoded = platform.decode(arrived.event, now);
      ASSERT_TRUE(decoded) << decoded.error().text;
      const json& parsed = row.at("parsed");
      if (str(row, "kind") == "robot") {
        const auto& inbound = std::get<Inbound>(*decoded);
        EXPECT_EQ(inbound.key.key, str(parsed, "msg_id"));
        EXPECT_EQ(std::get<Said>(inbound.what).text, str(parsed, "text"));
      } else if (str(row, "kind") == "card") {
        const CardCallback callback = read_card_callback(json::parse(arrived.event.body));
        EXPECT_EQ(callback.track_id, str(parsed, "out_track_id"));
        EXPECT_EQ(callback.user, str(parsed, "user_id"));
        EXPECT_EQ(callback.corp, str(parsed, "corp_id"));
        EXPECT_EQ(callback.action_ids, parsed.at("action_ids").get<std::vector<std::string>>());
        EXPECT_EQ(callback.action, str(parsed, "action"));
        // None of them stands on a card of ours.
        EXPECT_TRUE(std::get<Pressed>(std::get<Inbound>(*decoded).what).card.empty());
      }
      EXPECT_TRUE(stream->received(str(row, "downstream"), false, now).empty()) << "it is under way already";
      const HttpResponse answer(200, row.contains("respond_with") ? row.at("respond_with").dump() : "{}");
      actions = stream->committed(arrived.ack_key, answer, now);
      ASSERT_EQ(actions.size(), 1U);
      const auto again = stream->received(str(row, "downstream"), true, now);
      ASSERT_EQ(again.size(), 1U);
      EXPECT_EQ(frame(again.front()), frame(actions.front())) << "a frame that comes again gets the same answer";
    }
    const json reply = frame(actions.front());
    const json& expect = row.at("expect").at("reply");
    EXPECT_EQ(reply.at("code"), expect.at("code"));
    EXPECT_EQ(reply.at("headers"), expect.at("headers"));
    const json data = json::parse(str(reply, "data"));
    if (expect.contains("data_json_required_keys")) {
      EXPECT_EQ(data.at("status"), expect.at("data_json").at("status"));
    } else {
      EXPECT_EQ(data, expect.at("data_json"));
    }
  }
}

TEST_F(DingTalkStream, ReadsTheFormOfACard) {
  for (const json& row : vectors().at("stream").at("exchanges")) {
    if (str(row, "id") != "st-card-form") continue;
    const json data = json::parse(str(json::parse(str(row, "downstream")), "data"));
    using Values = std::map<std::string, std::vector<std::string>>;
    const Values expected{{"topic", {"报销系统对接 🚀"}},
                          {"dept", {"it"}},
                          {"labels", {"p0", "db"}},
                          {"due", {"2026-01-05"}},
                          {"urgent", {"true"}}};
    EXPECT_EQ(read_card_callback(data).inputs, expected);
    return;
  }
  FAIL() << "the vector is missing";
}

TEST_F(DingTalkStream, AnEventIsOneEventOverHttpAndStream) {
  const json event = {
      {"eventId", "e-1"}, {"eventType", "chat_disband"}, {"corpId", demo_settings().corp_id}, {"openConversationId", "cid1=="}};
  const auto posted = decode(event_request(event));
  json framed = {{"type", "EVENT"},
                 {"header", {{"messageId", "x"}, {"eventType", "chat_disband"}, {"eventId", "e-1"}}},
                 {"data", R"({"openConversationId":"cid1=="})"}};
  const auto actions = stream->received(framed.dump(), false, now);
  ASSERT_EQ(actions.size(), 1U);
  const auto came = decode(std::get<Arrived>(actions.front()).event);
  ASSERT_TRUE(posted && came);
  EXPECT_EQ(std::get<Inbound>(*posted).key, std::get<Inbound>(*came).key);
  EXPECT_EQ(std::get<Inbound>(*posted).chat, std::get<Inbound>(*came).chat);
  EXPECT_TRUE(std::holds_alternative<ChatGone>(std::get<Inbound>(*came).what));
}

TEST_F(DingTalkStream, ADisconnectWaitsForWhatIsUnderWay) {
  const std::string bye = R"({"type":"SYSTEM","headers":{"topic":"disconnect","messageId":"d"},"data":"{\"reason\":\"old\"}"})";
  auto idle = DingTalkPlatform(demo_settings(), Rng(1)).make_stream();
  idle->opened(now);
  const auto at_once = idle->received(bye, false, now);
  ASSERT_EQ(at_once.size(), 1U);
  EXPECT_EQ(std::get<Reconnect>(at_once.front()).after, Duration{0});
  EXPECT_NE(std::get<Reconnect>(at_once.front()).why.find("old"), std::string::npos);

  stream->received(robot_frame("m1"), false, now);
  EXPECT_TRUE(stream->received(bye, false, now).empty());
  const auto last = stream->committed("m1", HttpResponse(200), now);
  ASSERT_EQ(last.size(), 2U);
  EXPECT_EQ(frame(last[0]).at("headers").at("messageId"), "m1");
  EXPECT_TRUE(std::holds_alternative<Reconnect>(last[1]));

  auto stuck = DingTalkPlatform(demo_settings(), Rng(1)).make_stream();
  stuck->opened(now);
  stuck->received(robot_frame("m1"), false, now);
  stuck->received(bye, false, now);
  ASSERT_TRUE(stuck->next_tick());
  EXPECT_LE(*stuck->next_tick() - now, Duration{10000}) << "the platform closes after ten seconds";
  EXPECT_EQ(stuck->tick(*stuck->next_tick()).size(), 1U);
}

TEST_F(DingTalkStream, AZombieIsLeftAfterThreeMinutes) {
  EXPECT_EQ(stream->next_tick(), now + Duration{180000});
  EXPECT_TRUE(stream->tick(now + Duration{179999}).empty());
  stream->received(R"({"type":"SYSTEM","headers":{"topic":"ping","messageId":"p"},"data":"{}"})", false,
                   now + Duration{100000});
  EXPECT_TRUE(stream->tick(now + Duration{180000}).empty()) << "a ping is a sign of life";
  const auto actions = stream->tick(now + Duration{280000});
  ASSERT_EQ(actions.size(), 1U);
  EXPECT_TRUE(std::holds_alternative<Reconnect>(actions.front()));
}

TEST_F(DingTalkStream, WhatIsNotOnDiskIsNotAcknowledged) {
  stream->received(robot_frame("m1"), false, now);
  EXPECT_TRUE(stream->failed("m1", now).empty()) << "the platform sends it again by itself";
  EXPECT_EQ(stream->received(robot_frame("m1"), false, now).size(), 1U) << "and then it is new";
  stream->received(R"({"type":"EVENT","headers":{"messageId":"e1"},"data":"{}"})", false, now);
  const auto later = stream->committed("e1", HttpResponse(503), now);
  ASSERT_EQ(later.size(), 1U);
  EXPECT_EQ(json::parse(str(frame(later.front()), "data")).at("status"), "LATER");
  const auto unknown = stream->received(robot_frame("u1", "/v1.0/graph/api/invoke"), false, now);
  ASSERT_EQ(unknown.size(), 1U);
  EXPECT_EQ(frame(unknown.front()).at("code"), 404);
  EXPECT_TRUE(stream->committed("never came", HttpResponse(200), now).empty());
}

TEST_F(DingTalkStream, GarbageDoesNothing) {
  for (const std::string bytes : {"", "{", "[]", "null", "{\"type\":\"CALLBACK\"}", "{\"type\":1,\"headers\":[]}",
                                  "{\"type\":\"EVENT\",\"headers\":{}}", "\xff\xfe"})
    EXPECT_TRUE(stream->received(bytes, false, now).empty()) << bytes;
  EXPECT_TRUE(stream->received(std::string(200000, '['), true, now).empty());
}

// ---- what arrives over HTTP ------------------------------------------------------------------------------

json message_body(const std::string& content) {
  json body = vectors().at("robot_messages")[0].at("body");
  body["text"]["content"] = content;
  return body;
}

TEST(DingTalkHook, ForgeriesAreRefused) {
  const json body = message_body(" /我的");
  ASSERT_TRUE(decode(robot_request(body)));
  std::vector<HttpRequest> forged;
  const auto changed = [&](const char* header, const std::string& value) {
    HttpRequest request = robot_request(body);
    request.headers.set(header, value);
    forged.push_back(request);
  };
  changed("sign", "");
  changed("sign", std::string(44, 'A'));
  changed("sign", robot_signature("1767225600000", Secret("another")));
  changed("timestamp", "1767225600001");
  changed("timestamp", "");
  for (const char* when : {"1767225600000x", "-1", " 1767225600000", "1767229201000", "1767222000000", "99999999999999999999"})
    forged.push_back(robot_request(body, when));
  HttpRequest bare("POST", "/hook/dingtalk/main/robot");
  bare.body = body.dump();
  forged.push_back(bare);
  json other = body;
  other["chatbotCorpId"] = "dingother";
  forged.push_back(robot_request(other));
  const json press = {{"outTrackId", "x"}, {"userId", "u"}, {"corpId", demo_settings().corp_id}};
  ASSERT_TRUE(decode(card_request(press)));
  ASSERT_TRUE(decode(card_request(press, "1767225600"))) << "seconds are as good";
  forged.push_back(card_request(press, "1767235600000"));
  HttpRequest unsigned_press = card_request(press);
  unsigned_press.headers.set("x-ddpaas-signature", "");
  forged.push_back(unsigned_press);
  HttpRequest robot_as_card = robot_request(press);
  robot_as_card.target = "/hook/dingtalk/main/card";
  forged.push_back(robot_as_card);
  json other_press = press;
  other_press["corpId"] = "dingother";
  forged.push_back(card_request(other_press));
  forged.push_back(event_request({{"EventType", "check_url"}}, "dingotherapp"));
  forged.push_back(event_request({{"eventType", "chat_disband"}, {"CorpId", "dingother"}}));
  HttpRequest plain("POST", "/hook/dingtalk/main/event");
  plain.body = R"({"EventType":"check_url"})";
  forged.push_back(plain);
  for (std::size_t i = 0; i < forged.size(); ++i) {
    const auto decoded = decode(forged[i]);
    ASSERT_FALSE(decoded) << i;
    EXPECT_EQ(decoded.error().code, Errc::bad_signature) << i;
  }
}

TEST(DingTalkHook, WithoutItsSecretAChannelIsShut) {
  Settings settings = demo_settings();
  settings.event_token = settings.event_aes_key = settings.card_secret = Secret();
  const std::string signature = event_signature(Secret(), "1", "n", "e");
  HttpRequest event("POST", "/hook/dingtalk/main/event?timestamp=1&nonce=n&msg_signature=" + signature);
  event.body = R"({"encrypt":"e"})";
  HttpRequest card = card_request({{"outTrackId", "x"}, {"userId", "u"}});
  card.headers.set("x-ddpaas-signature", card_signature("1767225600000", Secret()));
  for (const HttpRequest& request : {event, card}) {
    const auto decoded = decode(request, settings);
    ASSERT_FALSE(decoded);
    EXPECT_EQ(decoded.error().code, Errc::bad_signature);
  }
}

TEST(DingTalkHook, TheUrlCheckIsAnsweredWithEncryptedSuccess) {
  for (const char* name : {"msg_signature", "signature"}) {
    HttpRequest request = event_request({{"EventType", "check_url"}});
    const auto at = request.target.find("msg_signature");
    request.target.replace(at, 13, name);
    const auto decoded = decode(request);
    ASSERT_TRUE(decoded);
    expect_success(std::get<Handshake>(*decoded).answer);
  }
  const auto other = decode(event_request({{"eventType", "org_dept_create"}, {"eventId", "e"}}));
  ASSERT_TRUE(other);
  expect_success(std::get<Ignored>(*other).answer);
  Inbound event;
  const DingTalkPlatform platform(demo_settings(), Rng(3));
  expect_success(platform.answer(event, Reply(), nullptr));
}

TEST(DingTalkHook, EventsMeanOneThing) {
  const auto read = [](const json& event) { return decode(event_request(event)); };
  const auto gone = read({{"EventType", "chat_disband"}, {"OpenConversationId", "cid1=="}, {"Operator", "u1"}});
  ASSERT_TRUE(gone);
  EXPECT_EQ(std::get<Inbound>(*gone).chat.chat, ChatId("cid1=="));
  EXPECT_EQ(std::get<Inbound>(*gone).key.key.size(), 64U) << "without an eventId the digest of the text";
  const auto left = read({{"eventType", "user_leave_org"}, {"eventId", "e"}, {"userId", {"a", "007"}}});
  ASSERT_TRUE(left);
  const auto& people = std::get<PersonLeft>(std::get<Inbound>(*left).what).users;
  EXPECT_EQ(people, (std::vector{UserId("a"), UserId("007")}));
  const auto joined = read({{"eventType", "im_cool_app_install"}, {"eventId", "e"}, {"openConversationId", "cid1=="}});
  EXPECT_TRUE(std::holds_alternative<JoinedChat>(std::get<Inbound>(*joined).what));
  const json other_robot = {{"eventType", "im_cool_app_install"}, {"robotCode", "ding2"}, {"eventId", "e"}};
  EXPECT_TRUE(std::holds_alternative<Ignored>(*read(other_robot)));
}

TEST(DingTalkHook, WhatIsNoProtocolIsBadInput) {
  HttpRequest empty = robot_request(json());
  for (const std::string& body : {std::string(), std::string("{"), std::string("[]"), std::string(100000, '[')}) {
    empty.body = body;
    const auto decoded = decode(empty);
    ASSERT_FALSE(decoded);
    EXPECT_EQ(decoded.error().code, Errc::bad_input);
  }
  HttpRequest nowhere = robot_request(message_body("x"));
  nowhere.target = "/hook/dingtalk/main/nowhere";
  EXPECT_EQ(decode(nowhere).error().code, Errc::bad_input);
  HttpRequest get = robot_request(message_body("x"));
  get.method = "GET";
  EXPECT_EQ(decode(get).error().code, Errc::bad_input);
}

TEST(DingTalkHook, MentionsStandInTheText) {
  const auto said = [](const std::string& content, const std::vector<std::string>& people) {
    json body = message_body(content);
    for (const std::string& user : people) body["atUsers"].push_back({{"dingtalkId", "$:" + user}, {"staffId", user}});
    const auto decoded = decode(robot_request(body));
    return std::get<Said>(std::get<Inbound>(*decoded).what);
  };
  EXPECT_EQ(said(" /指派 12", {"li"}).text, "/指派 12 @li");
  EXPECT_EQ(said(" /任务 12 写方案 截止 周五", {"li"}).text, "/任务 12 @li 写方案 截止 周五");
  EXPECT_EQ(said(" /请假 到 周五 代理  谢谢", {"li"}).text, "/请假 到 周五 代理 @li 谢谢");
  EXPECT_EQ(said(" /发起 对接 给  截止  看", {"li", "wu"}).text, "/发起 对接 给 @li 截止 @wu 看");
  EXPECT_EQ(said(" /任务 12 @李雷 写方案", {"li"}).text, "/任务 12 @李雷 写方案") << "the client kept the name";
  EXPECT_EQ(said(" /任务 #12.3 看", {"li", "li"}).text, "/任务 #12.3 @li 看");
  EXPECT_EQ(said(" 你好", {"li"}).text, "你好 @li");
  const Said one = said(" /指派 12", {"li"});
  ASSERT_EQ(one.mentions.size(), 2U);
  EXPECT_EQ(one.mentions[0].user, UserId("li"));
  EXPECT_EQ(one.mentions[0].shown_as, "li");
  EXPECT_TRUE(one.mentions[1].is_bot);
}

TEST(DingTalkHook, AnswersGoToThePlatformOnly) {
  const Settings settings = demo_settings();
  for (const char* good : {"https://oapi.dingtalk.com/robot/sendBySession?session=1", "https://a.dingtalk.com/x"})
    EXPECT_TRUE(may_post_to(good, settings)) << good;
  for (const char* bad : {"", "http://oapi.dingtalk.com/x", "https://dingtalk.com.evil.example/x", "https://evildingtalk.com/x",
                          "https://oapi.dingtalk.com@evil.example/x", "https://evil.example/.dingtalk.com/x",
                          "https://oapi.dingtalk.com:22/x", "https://127.0.0.1/x", "https://oapi.dingtalk.com/x\r\nHost: evil",
                          "https://evil.example\\.dingtalk.com/x", "https://evil.example#.dingtalk.com/x",
                          "https://oapi.dingtalk.com", "ftp://oapi.dingtalk.com/", "https://.dingtalk.com/x"})
    EXPECT_FALSE(may_post_to(bad, settings)) << bad;
  Settings local = settings;
  local.oapi_base = "http://127.0.0.1:9000";
  EXPECT_TRUE(may_post_to("http://127.0.0.1:9000/robot/sendBySession?session=1", local));
  EXPECT_FALSE(may_post_to("http://127.0.0.1:9001/robot/sendBySession", local));
  EXPECT_FALSE(may_post_to("http://127.0.0.1:9000.evil.example/x", local));
  json body = message_body("x");
  body["sessionWebhook"] = "https://evil.example/";
  EXPECT_FALSE(std::get<Inbound>(*decode(robot_request(body))).reply_to);
}

TEST(DingTalkHook, NoBytesMakeItThrow) {
  rc::check("any body in any channel", [](const std::vector<std::uint8_t>& noise, bool framed) {
    const std::string body(noise.begin(), noise.end());
    for (const char* channel : {"robot", "event", "card"}) {
      HttpRequest request =
          framed ? streamed(channel, body) : HttpRequest("POST", std::string("/hook/dingtalk/main/") + channel);
      request.body = body;
      RC_ASSERT(!decode(request));
    }
    const auto stream = DingTalkPlatform(demo_settings(), Rng(1)).make_stream();
    stream->received(body, true, now);
    RC_ASSERT(!EventCipher(demo_settings().event_aes_key, "x").open(crypto::base64(body)));
  });
  rc::check("any JSON in any member", [] {
    json body = message_body("x");
    const std::vector<json> odd = {1,
                                   "x",
                                   true,
                                   nullptr,
                                   json::array(),
                                   json::object(),
                                   json::array({1, "a", json::array()}),
                                   -1.5,
                                   "99999999999999999999",
                                   json{{"richText", {1, json{{"text", 2}}}}}};
    const std::vector<std::string> names = {"msgId",
                                            "text",
                                            "content",
                                            "atUsers",
                                            "senderStaffId",
                                            "createAt",
                                            "msgtype",
                                            "sessionWebhook",
                                            "sessionWebhookExpiredTime",
                                            "conversationType",
                                            "errorCode",
                                            "outTrackId",
                                            "userId",
                                            "value",
                                            "eventType",
                                            "corpId"};
    for (int i = 0; i < 4; ++i) body[*rc::gen::elementOf(names)] = *rc::gen::elementOf(odd);
    for (const char* channel : {"robot", "event", "card"}) (void)decode(streamed(channel, body.dump()));
  });
}

// ---- presses ---------------------------------------------------------------------------------------------

class DingTalkPress : public testing::Test {
 protected:
  static Outgoing card_message() {
    Outgoing message;
    message.app = AppId("dingtalk:main");
    message.chat = {message.app, ChatId("cidQm9vdGhEZW1vMDE==")};
    message.channel = card_in_group;
    message.form = Form::card;
    message.key = "xb-12";
    message.card_id = CardId(12);
    message.version = 3;
    Card card;
    card.title = "XB-2026-0012";
    Button accept;
    accept.action = "accept";
    accept.label = "接单";
    card.buttons = {accept};
    message.card = card;
    return message;
  }
  static json sent_body(const Outgoing& message) {
    const DingTalkPlatform platform(demo_settings(), Rng(1));
    const auto wire = platform.encode(message, Token());
    return json::parse(std::get<HttpRequest>(*wire).body);
  }
  static std::string button_id(const json& body) {
    const json buttons = json::parse(str(body.at("cardData").at("cardParamMap"), "sys_full_json_obj"));
    return str(buttons.at("msgButtons")[0], "id");
  }
  static json press_of(const Outgoing& message, bool by_params) {
    const json body = sent_body(message);
    json pressed = {{"actionIds", json::array()}, {"params", json::object()}};
    if (by_params) {
      pressed["params"]["id"] = button_id(body);
    } else {
      pressed["actionIds"] = {button_id(body)};
    }
    return {{"type", "actionCallback"},
            {"outTrackId", body.at("outTrackId")},
            {"corpId", demo_settings().corp_id},
            {"userId", "li"},
            {"content", json{{"cardPrivateData", pressed}}.dump()}};
  }
};

TEST_F(DingTalkPress, AButtonComesBackAsItWasSent) {
  for (const bool by_params : {false, true}) {
    const auto decoded = decode(card_request(press_of(card_message(), by_params)));
    ASSERT_TRUE(decoded);
    const auto& inbound = std::get<Inbound>(*decoded);
    const auto& pressed = std::get<Pressed>(inbound.what);
    EXPECT_EQ(pressed.card, CardId(12));
    EXPECT_EQ(pressed.version, 3U);
    EXPECT_EQ(pressed.action, "accept");
    EXPECT_EQ(inbound.actor, UserId("li"));
    EXPECT_EQ(inbound.chat.chat, ChatId("cidQm9vdGhEZW1vMDE==")) << "though the callback does not say where";
    EXPECT_FALSE(inbound.one_to_one);
    const auto framed = decode(streamed("card", press_of(card_message(), by_params).dump()));
    EXPECT_EQ(std::get<Inbound>(*framed).key, inbound.key);
  }
  Outgoing private_card = card_message();
  private_card.channel = card_in_private;
  private_card.to = UserId("li");
  private_card.chat.chat = ChatId("p:li");
  const auto inbound = std::get<Inbound>(*decode(card_request(press_of(private_card, false))));
  EXPECT_TRUE(inbound.one_to_one);
  EXPECT_EQ(inbound.chat.chat, ChatId("p:li"));
}

TEST_F(DingTalkPress, KeysTellPressesApart) {
  const auto key = [](const json& press, TimePoint at = now) {
    return std::get<Inbound>(*decode(streamed("card", press.dump()), demo_settings(), at)).key.key;
  };
  const json press = press_of(card_message(), false);
  EXPECT_EQ(key(press), key(press, now + Duration{60000})) << "a redelivery";
  Outgoing newer = card_message();
  newer.version = 4;
  json other_user = press;
  other_user["userId"] = "wu";
  EXPECT_NE(key(press), key(press_of(newer, false)));
  EXPECT_NE(key(press), key(other_user));
  EXPECT_NE(key(press), key(press, now + Duration{24LL * 3600 * 1000})) << "the next day it is meant again";
}

TEST_F(DingTalkPress, WhatWasChangedNamesNoCard) {
  const json good = press_of(card_message(), false);
  Outgoing second = card_message();
  second.card_id = CardId(13);
  json other_card = good;
  other_card["outTrackId"] = sent_body(second).at("outTrackId");
  json changed = good;
  std::string id = str(good, "outTrackId");
  id[3] = id[3] == '9' ? '8' : '9';
  changed["outTrackId"] = id;
  json button = good;
  button["content"] = R"({"cardPrivateData":{"actionIds":["12.3.accept.0000000000000000"]}})";
  for (const json& press : {other_card, changed, button}) {
    const auto pressed = std::get<Pressed>(std::get<Inbound>(*decode(card_request(press))).what);
    EXPECT_TRUE(pressed.card.empty());
    EXPECT_TRUE(pressed.action.empty());
  }
}

TEST_F(DingTalkPress, TheAnswerChangesTheCardThatWasPressed) {
  const DingTalkPlatform platform(demo_settings(), Rng(1));
  Inbound press;
  press.kind = EventKind::press;
  Pressed pressed;
  pressed.version = 3;
  press.what = pressed;
  Reply reply;
  reply.card = CardId(12);
  const Card card = *card_message().card;
  const json body = json::parse(platform.answer(press, reply, &card).body);
  EXPECT_EQ(body.at("cardData").at("cardParamMap"), sent_body(card_message()).at("cardData").at("cardParamMap"));
  EXPECT_EQ(body.at("cardUpdateOptions"), json({{"updateCardDataByKey", true}, {"updatePrivateDataByKey", true}}));
  EXPECT_EQ(platform.answer(press, Reply(), nullptr).body, "{}");
  const HttpResponse busy = platform.busy(press);
  EXPECT_EQ(busy.status, 200);
  EXPECT_EQ(json::parse(busy.body)["cardData"]["cardParamMap"]["tips"], "系统忙，请再按一次");
  Inbound message;
  message.kind = EventKind::message;
  EXPECT_EQ(platform.busy(message).status, 503);
  EXPECT_EQ(platform.answer(message, Reply(), nullptr).body, R"({"msgtype":"empty"})");
}

}  // namespace
}  // namespace xieban::dingtalk
