// DingTalk's long connection, frame by frame.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "adapters/dingtalk/press.hpp"
#include "tests/adapters/dingtalk_world.hpp"

namespace xieban::dingtalk::dingtalk_stream_test {
namespace {

using nlohmann::json;

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
  const auto refused = [&](int status, const std::string& body) {
    const auto machine = DingTalkPlatform(settings, Rng(1)).make_stream();
    (void)machine->endpoint(HttpResponse(status, body));
    return machine->refused();
  };
  EXPECT_TRUE(refused(401, R"({"code":"authFailed"})")) << "asked again once a minute, and told";
  EXPECT_TRUE(refused(400, R"({"code":"invalidClientIdOrSecret"})"));
  EXPECT_FALSE(refused(403, R"({"code":"Forbidden.AccessDenied.QpsLimitForApi"})"));
  EXPECT_FALSE(refused(429, ""));
  EXPECT_FALSE(refused(403, "<html>blocked</html>"));
  EXPECT_FALSE(refused(503, "gateway"));
  EXPECT_EQ(stream->after_refusal(), Duration{60'000});
  settings.stream_base = "http://127.0.0.1:9000";
  const auto local = DingTalkPlatform(settings, Rng(1)).make_stream();
  EXPECT_EQ(local->open_request()->origin, "http://127.0.0.1:9000");
  EXPECT_EQ(local->open_request()->target, "/v1.0/gateway/connections/open");
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
  const auto later = stream->failed("e1", now);
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

}  // namespace
}  // namespace xieban::dingtalk::dingtalk_stream_test
