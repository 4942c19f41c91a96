// The smart bot's long connection: frames in, frames and receipts out.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "adapters/wecom/hook.hpp"
#include "adapters/wecom/stream.hpp"

namespace xieban::wecom::wecom_stream_test {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

const TimePoint start{std::chrono::seconds(1788231000)};

Settings demo_settings() {
  Settings settings;
  settings.app_id = AppId("wecom:main");
  settings.corp_id = "ww1";
  settings.bot.emplace();
  settings.bot->id = "aib1";
  settings.bot->secret = Secret("S3");
  return settings;
}

class WeComStream : public testing::Test {
 protected:
  Stream stream{demo_settings(), Rng(5)};
  TimePoint now = start;
  std::vector<StreamAction> last;

  json frame() const {
    for (const StreamAction& one : last)
      if (const auto* made = std::get_if<SocketFrame>(&one)) return json::parse(made->bytes);
    return json();
  }
  template <class Action>
  const Action* find() const {
    for (const StreamAction& one : last)
      if (const auto* made = std::get_if<Action>(&one)) return made;
    return nullptr;
  }
  void receive(const json& value) { last = stream.received(value.dump(), false, now); }
  void acknowledge(const std::string& req_id, int errcode = 0) {
    receive({{"headers", {{"req_id", req_id}}}, {"errcode", errcode}, {"errmsg", "x"}});
  }
  static std::string req_id_of(const json& frame) { return frame.at("headers").at("req_id").get<std::string>(); }
  void subscribe() {
    last = stream.opened(now);
    acknowledge(req_id_of(frame()));
  }
  void message(const std::string& req_id) {
    receive({{"cmd", "aibot_msg_callback"},
             {"headers", {{"req_id", req_id}}},
             {"body", {{"msgid", "m"}, {"chattype", "group"}, {"chatid", "wrk1"}, {"msgtype", "text"}}}});
  }
  void send(const std::string& key, const json& value) {
    SocketFrame made;
    made.bytes = value.dump();
    last = stream.send(key, made, now);
  }
  static json say(const std::string& reply_to = {}, bool card = false) {
    json body = {{"chatid", "wrk1"}, {"chat_type", 2}, {"msgtype", "markdown"}, {"markdown", {{"content", "好"}}}};
    if (card)
      body = {{"chatid", "wrk1"}, {"chat_type", 2}, {"msgtype", "template_card"}, {"template_card", {{"task_id", "t1"}}}};
    json made = {{"cmd", reply_to.empty() ? "aibot_send_msg" : "aibot_respond_msg"}, {"body", body}};
    if (!reply_to.empty()) made["headers"] = {{"req_id", reply_to}};
    return made;
  }
  void at(Duration later) {
    now = start + later;
    last = stream.tick(now);
  }
};

TEST_F(WeComStream, SubscribesBeforeAnythingElse) {
  EXPECT_FALSE(stream.open_request());
  EXPECT_EQ(stream.endpoint(HttpResponse()), "wss://openws.work.weixin.qq.com");
  last = stream.opened(now);
  const json first = frame();
  EXPECT_EQ(first.at("cmd"), "aibot_subscribe");
  EXPECT_EQ(first.at("body"), json({{"bot_id", "aib1"}, {"secret", "S3"}}));
  send("k", say());
  ASSERT_NE(find<Settled>(), nullptr) << "a frame before the acknowledgement would be refused with 846609";
  EXPECT_EQ(find<Settled>()->receipt.outcome, Outcome::retry);
  EXPECT_TRUE(find<Settled>()->receipt.retry_after);
  acknowledge(req_id_of(first));
  EXPECT_TRUE(last.empty());
  send("k", say());
  EXPECT_EQ(frame().at("cmd"), "aibot_send_msg");
}

TEST_F(WeComStream, ARefusedBotWaitsLong) {
  last = stream.opened(now);
  acknowledge(req_id_of(frame()), 853000);
  ASSERT_NE(find<Reconnect>(), nullptr);
  EXPECT_TRUE(stream.refused()) << "nothing but somebody at the console makes it right";
  EXPECT_FALSE(stream.live());
  EXPECT_NE(find<Reconnect>()->why.find("secret"), std::string::npos);
}

TEST_F(WeComStream, ASubscriptionWithoutAnswerIsGivenUp) {
  last = stream.opened(now);
  ASSERT_TRUE(stream.next_tick());
  at(*stream.next_tick() - start);
  EXPECT_NE(find<Reconnect>(), nullptr);
}

TEST_F(WeComStream, TwoHeartbeatsWithoutAnswerEndIt) {
  subscribe();
  at(30s);
  EXPECT_EQ(frame().at("cmd"), "ping");
  acknowledge(req_id_of(frame()));
  at(60s);
  EXPECT_EQ(frame().at("cmd"), "ping");
  at(90s);
  EXPECT_EQ(frame().at("cmd"), "ping");
  EXPECT_EQ(find<Reconnect>(), nullptr);
  at(120s);
  EXPECT_NE(find<Reconnect>(), nullptr);
}

TEST_F(WeComStream, AnEventGoesTheWayOfACallback) {
  subscribe();
  message("R1");
  const auto* arrived = find<Arrived>();
  ASSERT_NE(arrived, nullptr);
  EXPECT_EQ(arrived->event.method, stream_method);
  EXPECT_EQ(arrived->event.headers.get(req_id_header), "R1");
  EXPECT_EQ(json::parse(arrived->event.body).at("chatid"), "wrk1");
  message("R1");
  EXPECT_TRUE(last.empty()) << "once while it is under way";
  last = stream.committed("R1", HttpResponse(200), now);
  EXPECT_TRUE(last.empty()) << "messages are not acknowledged";
}

TEST_F(WeComStream, WhatIsNotOnDiskIsTakenUpAgain) {
  subscribe();
  message("R1");
  last = stream.failed("R1", now);
  EXPECT_TRUE(last.empty());
  ASSERT_TRUE(stream.next_tick());
  EXPECT_EQ(*stream.next_tick(), now + 1s);
  at(1s);
  ASSERT_NE(find<Arrived>(), nullptr);
  EXPECT_EQ(find<Arrived>()->ack_key, "R1");
  last = stream.failed("R1", now);
  EXPECT_EQ(*stream.next_tick(), now + 2s) << "later each time";
  at(3s);
  last = stream.committed("R1", HttpResponse(200), now);
  at(20s);
  EXPECT_EQ(find<Arrived>(), nullptr);
}

TEST_F(WeComStream, AnEventIsTakenUpUntilItIsOnDisk) {
  subscribe();
  message("R1");
  for (int tries = 0; tries < 500; ++tries) {
    last = stream.failed("R1", now);
    now += 10s;
    last = stream.tick(now);
    ASSERT_NE(find<Arrived>(), nullptr) << "after " << tries << " tries";
  }
}

TEST_F(WeComStream, WhatRestsIsTakenUpAtOnceWhenTheProgramEnds) {
  subscribe();
  message("R1");
  EXPECT_TRUE(stream.hurry().empty()) << "it is under way";
  last = stream.failed("R1", now);
  last = stream.hurry();
  ASSERT_NE(find<Arrived>(), nullptr);
  EXPECT_EQ(find<Arrived>()->ack_key, "R1");
  EXPECT_TRUE(stream.hurry().empty()) << "once";
  EXPECT_TRUE(stream.sent_once());
}

TEST_F(WeComStream, APressIsAnsweredWithItsCard) {
  subscribe();
  receive({{"cmd", "aibot_event_callback"},
           {"headers", {{"req_id", "E1"}}},
           {"body", {{"msgid", "e"}, {"msgtype", "event"}, {"event", {{"eventtype", "template_card_event"}}}}}});
  ASSERT_NE(find<Arrived>(), nullptr);
  const json update = {{"response_type", "update_template_card"}, {"template_card", {{"task_id", "t1"}}}};
  last = stream.committed("E1", HttpResponse(200, update.dump()), now);
  EXPECT_EQ(frame(), json({{"cmd", "aibot_respond_update_msg"}, {"headers", {{"req_id", "E1"}}}, {"body", update}}));
  acknowledge("E1", 846605);
  EXPECT_TRUE(last.empty());
  send("k", say("E1"));
  EXPECT_EQ(frame().at("cmd"), "aibot_send_msg") << "an event's req_id takes no message";
}

TEST_F(WeComStream, ATakenOverConnectionIsLeft) {
  subscribe();
  receive({{"cmd", "aibot_event_callback"},
           {"headers", {{"req_id", "E1"}}},
           {"body", {{"msgtype", "event"}, {"event", {{"eventtype", "disconnected_event"}}}}}});
  ASSERT_NE(find<Reconnect>(), nullptr);
  EXPECT_GE(find<Reconnect>()->after, 5s);
  EXPECT_EQ(find<Arrived>(), nullptr);
}

TEST_F(WeComStream, TwoThatTakeItFromEachOtherDoNotComeBackInStep) {
  std::set<Duration> pauses;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Stream other(demo_settings(), Rng(seed));
    const json taken = {{"cmd", "aibot_event_callback"},
                        {"headers", {{"req_id", "E1"}}},
                        {"body", {{"msgtype", "event"}, {"event", {{"eventtype", "disconnected_event"}}}}}};
    last = other.received(taken.dump(), false, now);
    ASSERT_NE(find<Reconnect>(), nullptr);
    EXPECT_GE(find<Reconnect>()->after, 5s);
    EXPECT_LE(find<Reconnect>()->after, 10s);
    pauses.insert(find<Reconnect>()->after);
  }
  EXPECT_GT(pauses.size(), 10U);
  EXPECT_EQ(stream.longest_pause(), 30s);
}

TEST_F(WeComStream, APressIsAnsweredOnItsOwnConnectionOrNotAtAll) {
  const auto untaken = std::make_shared<Untaken>();
  Stream before(demo_settings(), Rng(1), untaken), after(demo_settings(), Rng(2), untaken);
  const json press = {{"cmd", "aibot_event_callback"},
                      {"headers", {{"req_id", "E1"}}},
                      {"body", {{"msgid", "m"}, {"msgtype", "event"}, {"event", {{"eventtype", "template_card_event"}}}}}};
  last = before.received(press.dump(), false, now);
  ASSERT_NE(find<Arrived>(), nullptr);
  last = after.opened(now);
  const std::string subscription = req_id_of(frame());
  last = after.received(json({{"headers", {{"req_id", subscription}}}, {"errcode", 0}}).dump(), false, now);
  const HttpResponse update(200, R"({"response_type":"update_template_card","template_card":{"task_id":"t1"}})");
  EXPECT_TRUE(after.committed("E1", update, now).empty()) << "the req_id is of a connection that has ended";
  EXPECT_TRUE(untaken->events.empty()) << "it is done all the same";
}

TEST_F(WeComStream, OneReplyPerMessageThenUnprompted) {
  subscribe();
  message("R1");
  send("k1", say("R1"));
  EXPECT_EQ(frame(), json::parse(R"({"cmd":"aibot_respond_msg","headers":{"req_id":"R1"},
    "body":{"msgtype":"markdown","markdown":{"content":"好"}}})"));
  acknowledge("R1");
  ASSERT_NE(find<Settled>(), nullptr);
  EXPECT_EQ(find<Settled>()->send_key, "k1");
  EXPECT_EQ(find<Settled>()->receipt.outcome, Outcome::delivered);
  send("k2", say("R1"));
  EXPECT_EQ(frame().at("cmd"), "aibot_send_msg");
  EXPECT_EQ(frame().at("body").at("chatid"), "wrk1");
  EXPECT_NE(req_id_of(frame()), "R1");
  send("k3", say("R1", true));
  ASSERT_NE(find<Settled>(), nullptr);
  EXPECT_EQ(find<Settled>()->receipt.outcome, Outcome::unsupported) << "a card in a group is a reply";
}

TEST_F(WeComStream, ACardAsReplyIsKnownByItsTask) {
  subscribe();
  message("R1");
  send("k1", say("R1", true));
  acknowledge("R1");
  EXPECT_EQ(find<Settled>()->receipt.provider_id, "t1");
}

TEST_F(WeComStream, AReplyThatThePlatformForgotIsSaidUnprompted) {
  subscribe();
  message("R1");
  send("k1", say("R1"));
  acknowledge("R1", 846605);
  EXPECT_EQ(find<Settled>(), nullptr);
  ASSERT_EQ(frame().at("cmd"), "aibot_send_msg");
  acknowledge(req_id_of(frame()), 846605);
  ASSERT_NE(find<Settled>(), nullptr) << "and not a third time";
  EXPECT_EQ(find<Settled>()->receipt.outcome, Outcome::unsupported);
}

TEST_F(WeComStream, AWelcomeIsSaidInTimeOrNotAtAll) {
  subscribe();
  receive({{"cmd", "aibot_event_callback"},
           {"headers", {{"req_id", "R1"}}},
           {"body", {{"msgid", "m"}, {"chattype", "single"}, {"msgtype", "event"}, {"event", {{"eventtype", "enter_chat"}}}}}});
  const json welcome = {{"cmd", "aibot_respond_welcome_msg"},
                        {"headers", {{"req_id", "R1"}}},
                        {"body", {{"msgtype", "text"}, {"text", {{"content", "你好"}}}}}};
  send("k1", welcome);
  EXPECT_EQ(frame(), welcome);
  acknowledge("R1");
  ASSERT_NE(find<Settled>(), nullptr);
  EXPECT_EQ(find<Settled>()->receipt.outcome, Outcome::delivered);
  send("k2", welcome);
  acknowledge("R1", 846605);
  ASSERT_NE(find<Settled>(), nullptr) << "not said unprompted: the person has never written";
  EXPECT_EQ(find<Settled>()->receipt.outcome, Outcome::unsupported);
}

TEST_F(WeComStream, NoAcknowledgementIsUnknown) {
  subscribe();
  send("k1", say());
  at(7s);
  EXPECT_EQ(find<Settled>(), nullptr);
  at(9s);
  ASSERT_NE(find<Settled>(), nullptr);
  EXPECT_EQ(find<Settled>()->receipt.outcome, Outcome::unknown);
  at(10s);
  EXPECT_EQ(find<Settled>(), nullptr) << "once";
}

TEST_F(WeComStream, ALostSubscriptionReconnectsAndTheMessageWaits) {
  subscribe();
  send("k1", say());
  acknowledge(req_id_of(frame()), 846609);
  ASSERT_NE(find<Settled>(), nullptr);
  EXPECT_EQ(find<Settled>()->receipt.outcome, Outcome::retry);
  EXPECT_NE(find<Reconnect>(), nullptr);
}

TEST_F(WeComStream, AChatThatIsTooFullForMinutesIsClosed) {
  subscribe();
  const auto refused = [&](const std::string& key, int code = 846607) {
    send(key, say());
    acknowledge(req_id_of(frame()), code);
    EXPECT_NE(find<Settled>(), nullptr);
    return find<Settled>()->receipt;
  };
  EXPECT_EQ(refused("k1").outcome, Outcome::retry);
  EXPECT_EQ(refused("k2").outcome, Outcome::retry);
  EXPECT_EQ(refused("k3").outcome, Outcome::retry) << "together they are one refusal";
  at(60s);
  EXPECT_EQ(refused("k1").outcome, Outcome::retry);
  at(120s);
  const Receipt closed = refused("k1");
  EXPECT_EQ(closed.outcome, Outcome::rejected);
  EXPECT_TRUE(closed.target_gone);
  EXPECT_FALSE(closed.retry_after);
  EXPECT_TRUE(refused("k2").target_gone) << "and the next one is not made to wait";
  EXPECT_EQ(refused("k4", 0).outcome, Outcome::delivered);
  EXPECT_EQ(refused("k5").outcome, Outcome::retry) << "it takes messages again: that was one too many";
}

TEST_F(WeComStream, AFullChatSaysNothingAboutAnother) {
  subscribe();
  const auto refused = [&](const char* chat) {
    json one = say();
    one["body"]["chatid"] = chat;
    send("k", one);
    acknowledge(req_id_of(frame()), 846607);
    EXPECT_NE(find<Settled>(), nullptr);
    return find<Settled>()->receipt.target_gone;
  };
  for (const Duration later : {Duration(0s), Duration(60s), Duration(120s)}) {
    at(later);
    refused("wrk1");
  }
  EXPECT_TRUE(refused("wrk1"));
  EXPECT_FALSE(refused("wrk2"));
}

TEST_F(WeComStream, FramesOfAnyShapeAreSurvived) {
  subscribe();
  for (const char* odd :
       {"", "{", "[]", "null", "7", R"({"cmd":1})", R"({"cmd":"aibot_msg_callback","headers":{"req_id":"x"}})",
        R"({"headers":[],"errcode":0})", R"({"headers":{"req_id":"unknown"},"errcode":0})",
        R"({"cmd":"aibot_other","headers":{"req_id":"y"},"body":{}})"})
    EXPECT_TRUE(stream.received(odd, false, now).empty()) << odd;
  EXPECT_TRUE(stream.received(std::string(200'000, '['), false, now).empty());
  const std::string raw =
      "{\"cmd\":\"aibot_msg_callback\",\"headers\":{\"req_id\":\"R9\"},\"body\":{\"msgtype\":\"text\",\"text\":{\"content\":"
      "\"a\x01"
      "\x0b"
      "b\"}}}";
  last = stream.received(raw, false, now);
  ASSERT_NE(find<Arrived>(), nullptr) << "raw control characters inside texts";
  EXPECT_EQ(json::parse(find<Arrived>()->event.body).at("text").at("content"), "ab");
}

}  // namespace
}  // namespace xieban::wecom::wecom_stream_test
