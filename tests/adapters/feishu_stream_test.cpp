// Feishu's long connection, frame by frame: against frames of the official SDK, and against what nobody should send.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "adapters/feishu/platform.hpp"
#include "bot/crypto/crypto.hpp"
#include "bot/ports/stream.hpp"
#include "tests/sim/servers/feishu_frame.hpp"

namespace xieban::feishu::feishu_stream_test {
namespace {

using nlohmann::json;
using sim::FeishuFrame;
using sim::read_frame;
using sim::write_frame;

const TimePoint now{Duration{1767152300000}};
constexpr Duration second{1000};

std::vector<json> of_kind(const std::string& kind) {
  std::ifstream file(std::string(XIEBAN_SOURCE_DIR) + "/tests/adapters/feishu_vectors.json");
  const json all = json::parse(file).at("vectors");
  std::vector<json> found;
  for (const json& one : all) {
    if (one.at("kind") == kind) found.push_back(one);
  }
  return found;
}
json vector_named(const std::string& kind, const std::string& id) {
  for (const json& one : of_kind(kind)) {
    if (one.at("id") == id) return one;
  }
  ADD_FAILURE() << "no vector " << id;
  return json::object();
}

std::string unhex(const std::string& hex) {
  std::string out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) out += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  return out;
}

Settings demo_settings() {
  Settings settings;
  settings.app = AppId("feishu:main");
  settings.app_id = "cli_a81f3c5d7e9b0246";
  settings.app_secret = Secret("app-secret-demo");
  settings.stream = true;
  settings.bot_name = "协作助手";
  return settings;
}

json answer_of_endpoint(const std::string& base = "wss://msg-frontier.feishu.cn") {
  return {
      {"code", 0},
      {"msg", ""},
      {"data",
       {{"URL", base + "/ws/v2?fpid=493&device_id=7001&access_key=k&service_id=33554678&ticket=t"},
        {"ClientConfig", {{"ReconnectCount", -1}, {"ReconnectInterval", 120}, {"ReconnectNonce", 30}, {"PingInterval", 60}}}}}};
}

class FeishuStream : public testing::Test {
 protected:
  std::unique_ptr<StreamMachine> stream = fresh();

  static std::unique_ptr<StreamMachine> fresh() { return FeishuPlatform(demo_settings()).make_stream(); }
  static const std::string& bytes(const StreamAction& action) { return std::get<SocketFrame>(action).bytes; }
  static FeishuFrame frame(const StreamAction& action) { return read_frame(bytes(action)).value(); }
  static json payload(const StreamAction& action) { return json::parse(frame(action).payload); }
  static FeishuFrame event(const std::string& id, std::string content, const std::string& type = "event", int sum = 1,
                           int seq = 0) {
    FeishuFrame made;
    made.seq_id = 7;
    made.log_id = 8;
    made.service = 33554678;
    made.method = 1;
    made.headers = {{"type", type}, {"message_id", id}, {"sum", std::to_string(sum)}, {"seq", std::to_string(seq)}};
    made.payload = std::move(content);
    return made;
  }
  std::vector<StreamAction> receive(const FeishuFrame& sent, TimePoint at = now) {
    return stream->received(write_frame(sent), true, at);
  }
  void open(TimePoint at = now) {
    ASSERT_TRUE(stream->endpoint(HttpResponse(200, answer_of_endpoint().dump())));
    const auto first = stream->opened(at);
    ASSERT_EQ(first.size(), 1U);
    EXPECT_TRUE(std::get<SocketFrame>(first.front()).binary);
    EXPECT_EQ(crypto::hex(bytes(first.front())), vector_named("ws_frame_encode", "p17").at("expect").at("frame_hex"));
  }
};

TEST_F(FeishuStream, AsksWhereToConnectAsTheSdkDoes) {
  const json expect = vector_named("ws_bootstrap", "p26").at("expect");
  const auto request = stream->open_request();
  ASSERT_TRUE(request);
  EXPECT_EQ(request->method, expect.at("method"));
  EXPECT_EQ(request->target, expect.at("path"));
  for (const auto& [name, value] : expect.at("headers").items())
    EXPECT_EQ(request->headers.get(name), value.get<std::string>());
  EXPECT_EQ(json::parse(request->body), expect.at("body_json"));
  EXPECT_EQ(request->origin, "");

  Settings elsewhere = demo_settings();
  elsewhere.stream_base = "http://127.0.0.1:9000";
  const auto local = FeishuPlatform(elsewhere).make_stream();
  EXPECT_EQ(local->open_request()->origin, "http://127.0.0.1:9000");
  EXPECT_TRUE(local->endpoint(HttpResponse(200, answer_of_endpoint("ws://127.0.0.1:9000").dump())));
  Settings posted = demo_settings();
  posted.stream = false;
  EXPECT_EQ(FeishuPlatform(posted).make_stream(), nullptr);
}

TEST_F(FeishuStream, ConnectsNowhereElseAndSaysWhy) {
  const auto refused = [&](int status, const std::string& body) {
    const auto url = stream->endpoint(HttpResponse(status, body));
    EXPECT_FALSE(url) << body;
    return url ? Error(Errc::thrown, "") : url.error();
  };
  const auto coded = [](std::int64_t code) { return json{{"code", code}, {"msg", "why\nso"}}.dump(); };
  EXPECT_EQ(refused(200, answer_of_endpoint("ws://msg-frontier.feishu.cn").dump()).code, Errc::bad_input);
  EXPECT_EQ(refused(200, R"({"code":0,"data":null})").code, Errc::bad_input);
  EXPECT_EQ(refused(200, R"({"code":0})").code, Errc::bad_input);
  EXPECT_EQ(refused(200, "<html/>").code, Errc::network);
  EXPECT_EQ(refused(502, answer_of_endpoint().dump()).code, Errc::network);
  EXPECT_FALSE(stream->refused());
  EXPECT_EQ(refused(200, coded(1)).code, Errc::network);
  EXPECT_EQ(refused(200, coded(1000040343)).code, Errc::network);
  EXPECT_FALSE(stream->refused()) << "these pass by themselves";
  for (const std::int64_t code : {1000040350LL, 1000040351LL, 403LL, 514LL, 99LL}) {
    const Error error = refused(200, coded(code));
    EXPECT_EQ(error.code, Errc::bad_input);
    EXPECT_NE(error.text.find(std::to_string(code)), std::string::npos) << error.text;
    EXPECT_EQ(error.text.find("app-secret-demo"), std::string::npos);
    EXPECT_TRUE(stream->refused()) << code;
  }
  EXPECT_NE(refused(200, coded(1000040351)).text.find("api_base"), std::string::npos);
}

TEST_F(FeishuStream, PingsAsOftenAsThePlatformWants) {
  open();
  EXPECT_EQ(stream->next_tick(), now + 60 * second);
  EXPECT_TRUE(stream->tick(now + 59 * second).empty());
  const auto again = stream->tick(now + 60 * second);
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(frame(again.front()).header("type"), "ping");
  EXPECT_EQ(stream->next_tick(), now + 120 * second);

  const std::string pong = unhex(vector_named("ws_frame_decode", "p18").at("input").at("frame_hex"));
  EXPECT_TRUE(stream->received(pong, true, now + 61 * second).empty());
  EXPECT_EQ(stream->next_tick(), now + 150 * second) << "every 90 s from now on";
  FeishuFrame odd = read_frame(pong).value();
  for (const char* config : {"", "{}", "null", "[", R"({"PingInterval":0,"ReconnectNonce":-1})", R"({"PingInterval":"5"})",
                             R"({"PingInterval":99999999999})"}) {
    odd.payload = config;
    EXPECT_TRUE(receive(odd, now + 62 * second).empty()) << config;
    EXPECT_EQ(stream->next_tick(), now + 150 * second) << config;
  }
  odd.headers = {{"type", "ping"}};
  EXPECT_TRUE(receive(odd, now + 62 * second).empty()) << "a ping of the platform wants no answer";
}

TEST_F(FeishuStream, SaysHowThePlatformWantsItsClientsBack) {
  EXPECT_FALSE(stream->comeback()) << "nothing is known before the platform has spoken";
  open();
  ASSERT_TRUE(stream->comeback());
  EXPECT_EQ(stream->comeback()->spread, 30 * second);
  EXPECT_EQ(stream->comeback()->between, 120 * second);
  EXPECT_EQ(stream->comeback()->attempts, -1);
  FeishuFrame pong = read_frame(unhex(vector_named("ws_frame_decode", "p18").at("input").at("frame_hex"))).value();
  pong.payload = R"({"ReconnectCount":7,"ReconnectInterval":45,"ReconnectNonce":0})";
  receive(pong);
  EXPECT_EQ(stream->comeback()->spread, Duration{0});
  EXPECT_EQ(stream->comeback()->between, 45 * second);
  EXPECT_EQ(stream->comeback()->attempts, 7);
  for (const char* odd : {R"({"ReconnectCount":-2,"ReconnectInterval":0,"ReconnectNonce":-1})", "{}", "[]", "",
                          R"({"ReconnectCount":"9","ReconnectInterval":1e9,"ReconnectNonce":null})"}) {
    pong.payload = odd;
    receive(pong);
    EXPECT_EQ(stream->comeback()->spread, Duration{0}) << odd;
    EXPECT_EQ(stream->comeback()->between, 45 * second) << odd;
    EXPECT_EQ(stream->comeback()->attempts, 7) << odd;
  }
  // It said where, but not how: as its own clients have it.
  stream = fresh();
  json bare = answer_of_endpoint();
  bare["data"].erase("ClientConfig");
  ASSERT_TRUE(stream->endpoint(HttpResponse(200, bare.dump())));
  ASSERT_TRUE(stream->comeback());
  EXPECT_EQ(stream->comeback()->spread, 30 * second);
  EXPECT_EQ(stream->comeback()->between, 120 * second);
}

TEST_F(FeishuStream, KnowsWhatARefusedHandshakeMeans) {
  const auto declined = [&](const char* status, const char* inner) {
    stream = fresh();
    HttpResponse answer(status == nullptr ? 502 : 403);
    if (status != nullptr) answer.headers.set("Handshake-Status", status);
    answer.headers.set("Handshake-Msg", "not\ntoday");
    if (inner != nullptr) answer.headers.set("Handshake-Autherrcode", inner);
    return stream->declined(answer);
  };
  EXPECT_FALSE(declined(nullptr, nullptr)) << "no word of the platform";
  EXPECT_FALSE(declined("nonsense", nullptr));
  EXPECT_FALSE(stream->refused());
  auto error = declined("403", nullptr);
  ASSERT_TRUE(error);
  EXPECT_TRUE(stream->refused());
  EXPECT_NE(error->text.find("403"), std::string::npos) << error->text;
  error = declined("514", "1000040350");
  ASSERT_TRUE(error);
  EXPECT_TRUE(stream->refused());
  EXPECT_NE(error->text.find("50 connections"), std::string::npos) << error->text;
  for (const char* inner : {"1000040343", "", "x"}) {
    error = declined("514", inner);
    ASSERT_TRUE(error);
    EXPECT_FALSE(stream->refused()) << "a ticket that ran out, say: the next one is asked for";
    EXPECT_EQ(error->code, Errc::network);
  }
}

TEST_F(FeishuStream, ASilentConnectionIsLeft) {
  open();
  stream->tick(now + 60 * second);
  stream->tick(now + 120 * second);
  // Neither a text nor bytes that are no frame are a sign of life.
  stream->received("{}", false, now + 140 * second);
  stream->received("\xff\xff", true, now + 140 * second);
  EXPECT_EQ(stream->next_tick(), now + 150 * second) << "twice the ping's interval, and 30 s";
  EXPECT_TRUE(stream->tick(now + 150 * second - Duration{1}).empty());
  const auto over = stream->tick(now + 150 * second);
  ASSERT_EQ(over.size(), 1U);
  EXPECT_FALSE(std::get<Reconnect>(over.front()).asked);

  stream = fresh();
  open();
  receive(event("m1", "{}"), now + 100 * second);
  stream->tick(now + 60 * second);
  stream->tick(now + 120 * second);
  EXPECT_EQ(stream->next_tick(), now + 180 * second) << "any frame is a sign of life";
}

TEST_F(FeishuStream, ReadsFramesOfTheSdk) {
  std::size_t events = 0;
  for (const json& row : of_kind("ws_frame_decode")) {
    SCOPED_TRACE(row.at("id").get<std::string>());
    const json& fields = row.at("expect").at("fields");
    if (fields.at("method") == 0) continue;
    ++events;
    auto actions = stream->received(unhex(row.at("input").at("frame_hex")), true, now);
    ASSERT_EQ(actions.size(), 1U);
    const auto arrived = std::get<Arrived>(actions.front());
    EXPECT_EQ(crypto::hex(arrived.event.body), fields.at("payload_hex"));
    EXPECT_EQ(arrived.event.method, stream_method);
    const auto acks = stream->committed(arrived.ack_key, HttpResponse(200, "{}"), now);
    ASSERT_EQ(acks.size(), 1U);
    const FeishuFrame ack = frame(acks.front());
    EXPECT_EQ(std::to_string(ack.seq_id), fields.at("SeqID"));
    EXPECT_EQ(std::to_string(ack.log_id), fields.at("LogID"));
    EXPECT_EQ(ack.service, fields.at("service"));
    json headers = json::array();
    for (const auto& [key, value] : ack.headers) headers.push_back({key, value});
    json expected = fields.at("headers");
    expected.push_back({"biz_rt", "0"});
    EXPECT_EQ(headers, expected);
  }
  EXPECT_EQ(events, 3U);
}

TEST_F(FeishuStream, AcknowledgesByteForByteAsTheSdkDoes) {
  const auto rows = of_kind("ws_ack");
  ASSERT_EQ(rows.size(), 3U);
  for (const json& row : rows) {
    SCOPED_TRACE(row.at("id").get<std::string>());
    const json& input = row.at("input");
    const auto actions = stream->received(unhex(input.at("request_frame_hex")), true, now);
    ASSERT_EQ(actions.size(), 1U);
    const std::string key = std::get<Arrived>(actions.front()).ack_key;
    const TimePoint later = now + Duration{std::stoi(input.at("biz_rt_ms").get<std::string>())};
    const bool failed = input.at("handler_failed");
    const json& handled = input.at("handler_result_json");
    const std::string result = handled.is_string() ? handled.get<std::string>() : "{}";
    const auto acks = failed ? stream->failed(key, later) : stream->committed(key, HttpResponse(200, result), later);
    ASSERT_EQ(acks.size(), 1U);
    EXPECT_EQ(frame(acks.front()).payload, row.at("expect").at("ack_payload_utf8"));
    EXPECT_EQ(crypto::hex(bytes(acks.front())), row.at("expect").at("ack_frame_hex"));
    EXPECT_TRUE(stream->committed(key, HttpResponse(200), later).empty()) << "once";
  }
}

TEST_F(FeishuStream, WhatIsNotTakenComesAgain) {
  const auto key = [&](const std::string& id) { return std::get<Arrived>(receive(event(id, "{}")).front()).ack_key; };
  EXPECT_EQ(payload(stream->committed(key("m1"), HttpResponse(401), now).front()), json({{"code", 500}}));
  EXPECT_EQ(payload(stream->committed(key("m2"), HttpResponse(200), now).front()), json({{"code", 200}}));
  EXPECT_EQ(payload(stream->failed(key("m3"), now).front()), json({{"code", 500}}));
  EXPECT_TRUE(stream->committed("never came", HttpResponse(200), now).empty());
  const std::string first = key("m4"), second_copy = key("m4");
  EXPECT_NE(first, second_copy);
  EXPECT_EQ(stream->committed(second_copy, HttpResponse(200), now).size(), 1U);
  EXPECT_EQ(stream->committed(first, HttpResponse(200), now).size(), 1U) << "each copy is acknowledged";
}

TEST_F(FeishuStream, ACardFrameIsTakenLikeAnEvent) {
  const auto arrived = std::get<Arrived>(receive(event("m1", "{\"a\":1}", "card")).front());
  EXPECT_EQ(arrived.event.body, "{\"a\":1}");
  const auto acks = stream->committed(arrived.ack_key, HttpResponse(200, R"({"toast":{"type":"info"}})"), now);
  EXPECT_EQ(frame(acks.front()).header("type"), "card");
  EXPECT_EQ(*crypto::unbase64(payload(acks.front()).at("data").get<std::string>()), R"({"toast":{"type":"info"}})");
  EXPECT_TRUE(receive(event("m2", "{}", "news")).empty());
}

TEST_F(FeishuStream, PartsAreJoinedInWhateverOrderTheyCome) {
  const json row = vector_named("ws_reassembly", "p22");
  std::vector<std::string> frames;
  for (const json& hex : row.at("input").at("frames_hex_in_arrival_order")) frames.push_back(unhex(hex));
  std::sort(frames.begin(), frames.end());
  int orders = 0;
  do {
    ++orders;
    stream = fresh();
    EXPECT_TRUE(stream->received(frames[0], true, now).empty());
    EXPECT_TRUE(receive(event("other", "x", "event", 2, 1)).empty());
    EXPECT_TRUE(stream->received(frames[0], true, now).empty()) << "a part that comes twice is one part";
    EXPECT_TRUE(stream->received(frames[1], true, now).empty());
    const auto done = stream->received(frames[2], true, now);
    ASSERT_EQ(done.size(), 1U);
    const auto& arrived = std::get<Arrived>(done.front());
    EXPECT_EQ(crypto::hex(crypto::sha256(arrived.event.body)), row.at("expect").at("payload_sha256"));
    const auto acks = stream->committed(arrived.ack_key, HttpResponse(200, "{}"), now);
    ASSERT_EQ(acks.size(), 1U);
    EXPECT_EQ(frame(acks.front()).header("seq"), read_frame(frames[2])->header("seq")) << "the one that completed it";
  } while (std::next_permutation(frames.begin(), frames.end()));
  EXPECT_EQ(orders, 6);
}

TEST_F(FeishuStream, PartsThatCannotBeAnEventAreForgotten) {
  open();
  EXPECT_TRUE(receive(event("m1", "a", "event", 2, 0)).empty());
  EXPECT_EQ(stream->next_tick(), now + 5 * second);
  EXPECT_TRUE(stream->tick(now + 5 * second).empty());
  EXPECT_TRUE(receive(event("m1", "b", "event", 2, 1), now + 5 * second).empty()) << "the first part is gone";

  EXPECT_TRUE(receive(event("m2", "a", "event", 2, 0)).empty());
  EXPECT_TRUE(receive(event("m2", "b", "event", 3, 1)).empty());
  EXPECT_TRUE(receive(event("m2", "b", "event", 2, 1)).empty()) << "it changed its mind about how many";

  for (const auto& [sum, seq] : std::vector<std::pair<int, int>>{{0, 0}, {-1, 0}, {2, 2}, {2, -1}, {100000, 3}, {1, 1}})
    EXPECT_TRUE(receive(event("m3", "x", "event", sum, seq)).empty()) << sum << " " << seq;
  FeishuFrame strange = event("m4", "x");
  strange.headers[2].second = "two";
  EXPECT_TRUE(receive(strange).empty());
  EXPECT_TRUE(receive(event("", "x", "event", 2, 0)).empty());
  EXPECT_TRUE(receive(event("", "x", "event", 2, 1)).empty()) << "parts of nobody";
}

TEST_F(FeishuStream, PartsTakeNoMoreThanTheirShareOfMemory) {
  const std::string big(std::size_t{1024} * 1024, 'x');
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(receive(event("big" + std::to_string(i), big, "event", 2, 0)).empty());
  EXPECT_TRUE(receive(event("big0", "y", "event", 2, 1)).empty()) << "the oldest were dropped";
  EXPECT_EQ(receive(event("big19", "y", "event", 2, 1)).size(), 1U) << "the newest are there";
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(receive(event("many" + std::to_string(i), "x", "event", 2, 0)).empty());
  EXPECT_TRUE(receive(event("many0", "y", "event", 2, 1)).empty());
  EXPECT_EQ(receive(event("many999", "y", "event", 2, 1)).size(), 1U);
}

/// A webhook's request without encryption, as the token alone makes it genuine.
HttpRequest posted(const std::string& body) {
  HttpRequest request("POST", "/hook/feishu/main");
  request.body = body;
  return request;
}

TEST_F(FeishuStream, AnEventIsOneEventOverBothTransports) {
  const std::string body = vector_named("ws_reassembly", "p22").at("expect").at("payload_utf8");
  Settings webhook = demo_settings();
  webhook.stream = false;
  webhook.verification_token = Secret("vt_8hQ2mZpL0sTqWc41");
  const auto over_http = FeishuPlatform(webhook).decode(posted(body), now);
  const auto arrived = std::get<Arrived>(receive(event("m1", body)).front());
  const auto over_stream = FeishuPlatform(demo_settings()).decode(arrived.event, now);
  ASSERT_TRUE(over_http) << over_http.error().text;
  ASSERT_TRUE(over_stream) << over_stream.error().text;
  const auto& one = std::get<Inbound>(*over_http);
  const auto& other = std::get<Inbound>(*over_stream);
  EXPECT_EQ(one.key, other.key);
  EXPECT_EQ(one.chat, other.chat);
  EXPECT_EQ(one.actor, other.actor);
  EXPECT_EQ(std::get<Said>(one.what).text, std::get<Said>(other.what).text);
}

TEST_F(FeishuStream, WhoNeedsNoSecretTakesNothingThatIsPosted) {
  const std::string body = vector_named("ws_reassembly", "p22").at("expect").at("payload_utf8");
  const auto code = [](const Settings& settings, const HttpRequest& request) {
    const auto decoded = FeishuPlatform(settings).decode(request, now);
    return decoded ? Errc::thrown : decoded.error().code;
  };
  const auto framed = [](const std::string& content) {
    HttpRequest request{std::string(stream_method), "/stream/feishu"};
    request.body = content;
    return request;
  };
  Settings settings = demo_settings();
  json forged = json::parse(body);
  forged["header"]["token"] = "";
  EXPECT_EQ(code(settings, posted(forged.dump())), Errc::bad_signature);
  EXPECT_EQ(code(settings, posted(R"({"type":"url_verification","token":"","challenge":"c"})")), Errc::bad_signature);
  settings.verification_token = Secret("vt_8hQ2mZpL0sTqWc41");
  EXPECT_EQ(code(settings, posted(body)), Errc::bad_signature) << "not without the encrypt key either";
  EXPECT_EQ(code(settings, framed(body)), Errc::thrown) << "is decoded";
  EXPECT_EQ(code(settings, framed(forged.dump())), Errc::bad_signature) << "a token that is configured must fit";
  settings.app_id = "cli_0123456789abcdef";
  EXPECT_EQ(code(settings, framed(body)), Errc::bad_signature) << "another app's event";
  for (const char* content : {"", "[]", "null", "{", "\xff"}) EXPECT_EQ(code(settings, framed(content)), Errc::bad_input);
}

RC_GTEST_FIXTURE_PROP(FeishuStream, BytesThatAreNoFrameDoNothing, (std::vector<std::string> noise)) {
  stream->opened(now);
  for (const std::string& junk : noise) {
    for (const StreamAction& action : stream->received(junk, true, now)) RC_ASSERT(std::holds_alternative<Arrived>(action));
    RC_ASSERT(stream->received(junk, false, now).empty());
  }
  const auto actions = receive(event("m1", "{\"after\":1}"));
  RC_ASSERT(actions.size() == 1U);
  RC_ASSERT(std::get<Arrived>(actions.front()).event.body == "{\"after\":1}");
}

RC_GTEST_FIXTURE_PROP(FeishuStream, ADamagedFrameDoesNoHarm, ()) {
  stream->opened(now);
  std::string damaged = write_frame(event("m1", "{\"a\":1}", "event", 2, 1));
  for (int i = *rc::gen::inRange(1, 6); i > 0; --i) {
    const auto at = *rc::gen::inRange<std::size_t>(0, damaged.size());
    damaged[at] = *rc::gen::arbitrary<char>();
  }
  damaged.resize(*rc::gen::inRange<std::size_t>(0, damaged.size() + 1));
  for (const StreamAction& action : stream->received(damaged, true, now)) {
    const auto& arrived = std::get<Arrived>(action);
    RC_ASSERT(stream->committed(arrived.ack_key, HttpResponse(200, "{}"), now).size() == 1U);
  }
  RC_ASSERT(receive(event("m2", "{}")).size() == 1U);
}

// What the tests above and the simulator read and write frames with, against the SDK's own bytes.
TEST(FeishuFrames, AreReadAndWrittenAsTheSdkDoes) {
  for (const json& row : of_kind("ws_frame_decode")) {
    SCOPED_TRACE(row.at("id").get<std::string>());
    const auto frame = read_frame(unhex(row.at("input").at("frame_hex")));
    ASSERT_TRUE(frame);
    const json& fields = row.at("expect").at("fields");
    EXPECT_EQ(std::to_string(frame->seq_id), fields.at("SeqID"));
    EXPECT_EQ(std::to_string(frame->log_id), fields.at("LogID"));
    EXPECT_EQ(frame->service, fields.at("service"));
    EXPECT_EQ(frame->method, fields.at("method"));
    EXPECT_EQ(crypto::hex(frame->payload), fields.at("payload_hex"));
    EXPECT_EQ(frame->log_id_new, fields.value("LogIDNew", ""));
    const auto again = read_frame(write_frame(*frame));
    ASSERT_TRUE(again);
    EXPECT_EQ(again->headers, frame->headers);
    EXPECT_EQ(again->service, frame->service);
    EXPECT_EQ(again->payload, frame->payload);
  }
  // The one that always writes its optional fields.
  const std::string p20 = vector_named("ws_frame_decode", "p20").at("input").at("frame_hex");
  EXPECT_EQ(crypto::hex(write_frame(read_frame(unhex(p20)).value())), p20);
  for (const char* hex : {"", "0800", "08001000180020", "0800100018002a0a", "080010001800200032ff", "080010001800200007"})
    EXPECT_FALSE(read_frame(unhex(hex))) << hex;
}

}  // namespace
}  // namespace xieban::feishu::feishu_stream_test
