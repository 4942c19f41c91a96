// A button of DingTalk on its way out and back.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "adapters/dingtalk/api.hpp"
#include "adapters/dingtalk/card.hpp"
#include "adapters/dingtalk/channels.hpp"
#include "adapters/dingtalk/press.hpp"
#include "tests/adapters/dingtalk_world.hpp"

namespace xieban::dingtalk::dingtalk_press_test {
namespace {

using nlohmann::json;

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
  }
  Outgoing private_card = card_message();
  private_card.channel = card_in_private;
  private_card.to = UserId("li");
  private_card.chat.chat = ChatId("p:li");
  const auto inbound = std::get<Inbound>(*decode(card_request(press_of(private_card, false))));
  EXPECT_TRUE(inbound.one_to_one);
  EXPECT_EQ(inbound.chat.chat, ChatId("p:li"));
}

std::string key_of(const HttpRequest& request, TimePoint at = now) {
  return std::get<Inbound>(*decode(request, demo_settings(), at)).key.key;
}

TEST_F(DingTalkPress, OverHttpAPressIsKnownByItsBytesAndTheTimeOfItsSignature) {
  const json press = press_of(card_message(), false);
  const std::string key = key_of(card_request(press));
  EXPECT_EQ(key, key_of(card_request(press), now + Duration{60000})) << "a redelivery";
  EXPECT_NE(key, key_of(card_request(press, "1767225600001"))) << "the same button is meant again";
  json other_user = press;
  other_user["userId"] = "wu";
  EXPECT_NE(key, key_of(card_request(other_user)));
}

TEST_F(DingTalkPress, OverStreamAPressIsKnownByItsFrame) {
  const json press = press_of(card_message(), false);
  const auto framed = [&](const std::string& id, const std::string& time) {
    const auto stream = DingTalkPlatform(demo_settings(), Rng(1)).make_stream();
    const json frame = {{"type", "CALLBACK"},
                        {"headers", {{"messageId", id}, {"time", time}, {"topic", "/v1.0/card/instances/callback"}}},
                        {"data", press.dump()}};
    return std::get<Arrived>(stream->received(frame.dump(), false, now).front()).event;
  };
  const std::string key = key_of(framed("mid_1", "1767225600100"));
  EXPECT_EQ(key, key_of(framed("mid_1", "1767225660100"))) << "a redelivery";
  EXPECT_NE(key, key_of(framed("mid_2", "1767225600100"))) << "the same button is meant again";
  // A frame that says no id of its own.
  HttpRequest nameless = streamed("card", press.dump());
  nameless.headers.set("time", "1767225600100");
  EXPECT_EQ(key_of(nameless), key_of(nameless, now + Duration{60000}));
  HttpRequest later = nameless;
  later.headers.set("time", "1767225600200");
  EXPECT_NE(key_of(nameless), key_of(later));
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
  const HttpResponse busy = platform.busy(press, "再按一次");
  EXPECT_EQ(busy.status, 200);
  EXPECT_EQ(json::parse(busy.body)["cardData"]["cardParamMap"]["tips"], "再按一次");
  Inbound message;
  message.kind = EventKind::message;
  EXPECT_EQ(platform.busy(message, "再按一次").status, 503);
  EXPECT_EQ(platform.answer(message, Reply(), nullptr).body, R"({"msgtype":"empty"})");
}

}  // namespace
}  // namespace xieban::dingtalk::dingtalk_press_test
