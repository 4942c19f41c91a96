// The Feishu adapter against vectors made with the platform's official SDK, and against what its documentation states.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "adapters/feishu/card.hpp"
#include "adapters/feishu/check.hpp"
#include "adapters/feishu/hook.hpp"
#include "adapters/feishu/platform.hpp"
#include "adapters/feishu/receipts.hpp"
#include "adapters/feishu/robot.hpp"
#include "adapters/press_token.hpp"
#include "bot/core/brain/fit.hpp"
#include "bot/crypto/crypto.hpp"

namespace xieban::feishu::feishu_test {
namespace {

using nlohmann::json;

const json& vectors() {
  static const json all = [] {
    std::ifstream file(std::string(XIEBAN_SOURCE_DIR) + "/tests/adapters/feishu_vectors.json");
    return json::parse(file).at("vectors");
  }();
  return all;
}

std::vector<json> of_kind(const std::string& kind) {
  std::vector<json> found;
  for (const json& one : vectors()) {
    if (one.at("kind") == kind) found.push_back(one);
  }
  return found;
}

Settings settings_of(const json& config) {
  Settings settings;
  settings.app = AppId("feishu:main");
  settings.app_id = config.value("app_id", "cli_a81f3c5d7e9b0246");
  settings.app_secret = Secret("app-secret-demo");
  settings.encrypt_key = Secret(config.value("encrypt_key", ""));
  settings.verification_token = Secret(config.value("verification_token", ""));
  settings.bot_name = "协作助手";
  return settings;
}

HttpRequest request_of(const json& input) {
  HttpRequest request("POST", "/hook/feishu/main");
  for (const auto& [name, value] : input.at("headers").items()) request.headers.set(name, value.get<std::string>());
  request.body = *crypto::unbase64(input.at("body_base64").get<std::string>());
  return request;
}

const TimePoint now{Duration{1767152300000}};

TEST(FeishuVectors, DecryptsWhatTheSdkDecrypts) {
  const auto cases = of_kind("aes_decrypt");
  ASSERT_GE(cases.size(), 4U);
  for (const json& one : cases) {
    const EncryptKey key(settings_of(one.at("input")).encrypt_key);
    const auto plain = key.decrypt(one.at("input").at("ciphertext_base64").get<std::string>());
    ASSERT_TRUE(plain) << one.at("id");
    EXPECT_EQ(*plain, one.at("expect").at("plaintext_utf8").get<std::string>()) << one.at("id");
  }
}

TEST(FeishuVectors, RefusesWhatCannotBeDecryptedAlwaysAlike) {
  const auto cases = of_kind("aes_decrypt_error");
  ASSERT_GE(cases.size(), 2U);
  for (const json& one : cases) {
    const EncryptKey key(settings_of(one.at("input")).encrypt_key);
    const auto plain = key.decrypt(one.at("input").at("ciphertext_base64").get<std::string>());
    ASSERT_FALSE(plain) << one.at("id");
    EXPECT_EQ(plain.error().code, Errc::bad_input);
  }
}

TEST(FeishuVectors, AnswersUrlChecks) {
  const auto cases = of_kind("url_verification");
  ASSERT_GE(cases.size(), 2U);
  for (const json& one : cases) {
    const FeishuPlatform platform(settings_of(one.at("input").at("config")));
    const auto decoded = platform.decode(request_of(one.at("input")), now);
    ASSERT_TRUE(decoded) << one.at("id") << decoded.error().text;
    const auto* handshake = std::get_if<Handshake>(&*decoded);
    ASSERT_NE(handshake, nullptr) << one.at("id");
    EXPECT_EQ(handshake->answer.status, 200);
    EXPECT_EQ(json::parse(handshake->answer.body), one.at("expect").at("response_json"));
  }
}

TEST(FeishuVectors, ReadsOrRefusesWebhooks) {
  const auto cases = of_kind("webhook_request");
  ASSERT_GE(cases.size(), 6U);
  std::size_t events = 0;
  std::size_t rejected = 0;
  for (const json& one : cases) {
    SCOPED_TRACE(one.at("id").get<std::string>());
    const FeishuPlatform platform(settings_of(one.at("input").at("config")));
    const auto decoded = platform.decode(request_of(one.at("input")), now);
    const std::string outcome = one.at("expect").at("outcome");
    if (outcome == "reject") {
      ++rejected;
      ASSERT_FALSE(decoded);
      EXPECT_EQ(decoded.error().code, Errc::bad_signature);
      continue;
    }
    ASSERT_TRUE(decoded) << decoded.error().text;
    if (outcome == "event_v1") {
      EXPECT_TRUE(std::holds_alternative<Ignored>(*decoded));
      continue;
    }
    ++events;
    const EncryptKey key(settings_of(one.at("input").at("config")).encrypt_key);
    const json envelope = json::parse(request_of(one.at("input")).body);
    const json content = json::parse(*key.decrypt(envelope.at("encrypt").get<std::string>()));
    const auto& inbound = std::get<Inbound>(*decoded);
    EXPECT_EQ(inbound.key.app, AppId("feishu:main"));
    if (outcome == "event") {
      const json& message = content.at("event").at("message");
      EXPECT_EQ(inbound.key.key, message.at("message_id").get<std::string>());
      EXPECT_EQ(inbound.kind, EventKind::message);
      EXPECT_EQ(inbound.actor.value, content.at("event").at("sender").at("sender_id").at("open_id").get<std::string>());
      EXPECT_EQ(inbound.sent_at.time_since_epoch().count(), std::stoll(message.at("create_time").get<std::string>()));
      EXPECT_EQ(inbound.chat.chat.value, message.at("chat_id").get<std::string>());
      const auto& said = std::get<Said>(inbound.what);
      EXPECT_EQ(said.text.find("@_user_"), std::string::npos);
      ASSERT_FALSE(said.mentions.empty());
    } else {
      EXPECT_EQ(inbound.key.key, one.at("expect").at("event_id").get<std::string>());
      EXPECT_EQ(inbound.kind, EventKind::press);
      const auto& pressed = std::get<Pressed>(inbound.what);
      EXPECT_FALSE(pressed.inputs.empty());
      // Its value was not sealed by us: it names no card and no action.
      EXPECT_TRUE(pressed.card.empty());
      EXPECT_TRUE(pressed.action.empty());
      EXPECT_LT(std::chrono::abs(inbound.sent_at - now), std::chrono::hours(24 * 365)) << "microseconds were read as such";
    }
  }
  EXPECT_GE(events, 3U);
  EXPECT_GE(rejected, 2U);
}

/// What comes of a vector when the keys have been changed since it was sealed, and the old ones are kept or not.
bool accepted_after_the_change(const json& vector, bool kept) {
  Settings settings = settings_of(vector.at("input").at("config"));
  if (kept) {
    settings.old_encrypt_key = settings.encrypt_key;
    settings.old_verification_token = settings.verification_token;
  }
  if (!settings.encrypt_key.empty()) settings.encrypt_key = Secret("the new key");
  settings.verification_token = Secret("the new token");
  return FeishuPlatform(settings).decode(request_of(vector.at("input")), now).has_value();
}

TEST(FeishuKeys, TheOldOnesAreAcceptedWhileTheyAreKept) {
  for (const char* kind : {"url_verification", "webhook_request"}) {
    for (const json& one : of_kind(kind)) {
      SCOPED_TRACE(one.at("id").get<std::string>());
      const bool valid = one.at("expect").value("outcome", "") != "reject";
      EXPECT_EQ(accepted_after_the_change(one, true), valid);
      EXPECT_FALSE(accepted_after_the_change(one, false));
    }
  }
}

TEST(FeishuKeys, TheNewOnesAreAcceptedMeanwhile) {
  for (const json& one : of_kind("webhook_request")) {
    SCOPED_TRACE(one.at("id").get<std::string>());
    Settings settings = settings_of(one.at("input").at("config"));
    settings.old_encrypt_key = Secret("the old key");
    settings.old_verification_token = Secret("the old token");
    EXPECT_EQ(FeishuPlatform(settings).decode(request_of(one.at("input")), now).has_value(),
              one.at("expect").at("outcome") != "reject");
  }
}

TEST(FeishuVectors, ChecksTheOldCardSignature) {
  const auto cases = of_kind("card_v1_signature");
  ASSERT_FALSE(cases.empty());
  for (const json& one : cases) {
    const Settings settings = settings_of(one.at("input"));
    const Hook hook(settings);
    HttpRequest request = request_of(one.at("input"));
    EXPECT_TRUE(hook.old_card_signed(request));
    request.body += " ";
    EXPECT_FALSE(hook.old_card_signed(request));
  }
}

TEST(FeishuVectors, SignsForCustomRobots) {
  const auto cases = of_kind("custom_bot_sign");
  ASSERT_FALSE(cases.empty());
  for (const json& one : cases) {
    const json& input = one.at("input");
    EXPECT_EQ(robot_signature(input.at("timestamp").get<std::string>(), Secret(input.at("secret").get<std::string>())),
              one.at("expect").at("sign_base64").get<std::string>());
  }
}

// ---- what the vectors do not show --------------------------------------------------------------------

class FeishuHook : public testing::Test {
 protected:
  static Settings settings() {
    Settings made = settings_of(json{{"encrypt_key", "key-1"}, {"verification_token", "vt_1"}, {"app_id", "cli_1"}});
    return made;
  }
  static std::string encrypt(const std::string& plain, const std::string& key) {
    const std::string iv = "0123456789abcdef";
    return crypto::base64(iv + crypto::aes256_cbc_encrypt(crypto::sha256(key), iv, plain));
  }
  static HttpRequest signed_request(const json& event, const std::string& key = "key-1") {
    HttpRequest request("POST", "/hook/feishu/main");
    request.body = json{{"encrypt", encrypt(event.dump(), key)}}.dump();
    request.headers.set("x-lark-request-timestamp", "1767152300");
    request.headers.set("x-lark-request-nonce", "n");
    request.headers.set("x-lark-signature", crypto::sha256_hex("1767152300n" + key + request.body));
    return request;
  }
  static json message(const json& content, const std::string& type = "text", const std::string& chat_type = "group") {
    return {
        {"schema", "2.0"},
        {"header",
         {{"event_id", "e1"},
          {"event_type", "im.message.receive_v1"},
          {"create_time", "1767152299000"},
          {"token", "vt_1"},
          {"app_id", "cli_1"}}},
        {"event",
         {{"sender", {{"sender_id", {{"open_id", "ou_a"}, {"user_id", nullptr}}}, {"sender_type", "user"}}},
          {"message",
           {{"message_id", "om_1"},
            {"create_time", "1767152299000"},
            {"chat_id", "oc_1"},
            {"chat_type", chat_type},
            {"message_type", type},
            {"content", content.dump()},
            {"mentions",
             json::array(
                 {{{"key", "@_user_1"}, {"id", {{"open_id", "ou_bot"}}}, {"mentioned_type", "bot"}, {"name", "协作助手"}},
                  {{"key", "@_user_10"}, {"id", {{"open_id", "ou_lei"}}}, {"mentioned_type", "user"}, {"name", "李雷"}}})}}}}}};
  }
  static Result<Decoded> decode(const HttpRequest& request) {
    const FeishuPlatform platform(settings());
    return platform.decode(request, now);
  }
};

TEST_F(FeishuHook, PlaceholdersBecomeNamesAndTheLongestWins) {
  const auto decoded = decode(signed_request(message({{"text", "@_user_1 /指派 12 @_user_10 @_all"}})));
  ASSERT_TRUE(decoded);
  const auto& said = std::get<Said>(std::get<Inbound>(*decoded).what);
  EXPECT_EQ(said.text, "@协作助手 /指派 12 @李雷 @_all");
  ASSERT_EQ(said.mentions.size(), 2U);
  EXPECT_TRUE(said.mentions[0].is_bot);
  EXPECT_EQ(said.mentions[1].user, UserId("ou_lei"));
}

TEST_F(FeishuHook, AMentionIsOfUsByAccountAndWhileThatIsUnknownByKindAndName) {
  json event = message({{"text", "@_user_1 /我的"}});
  json& mention = event["event"]["message"]["mentions"][0];
  Settings named = settings();
  named.bot_name = "协作助手";
  FeishuPlatform platform(named);
  const auto of_us = [&] {
    const auto decoded = platform.decode(signed_request(event), now);
    EXPECT_TRUE(decoded);
    return decoded && std::get<Said>(std::get<Inbound>(*decoded).what).mentions.at(0).is_bot;
  };
  EXPECT_TRUE(of_us()) << "a bot";
  mention["name"] = "天气助手";
  EXPECT_TRUE(of_us()) << "which, is not known yet";
  mention.erase("mentioned_type");
  EXPECT_FALSE(of_us()) << "without a kind the name counts";
  mention["name"] = "协作助手";
  EXPECT_TRUE(of_us());

  platform.know_self(UserId("ou_bot"));
  mention["name"] = "改了名字";
  EXPECT_TRUE(of_us()) << "however it is called";
  mention["id"]["open_id"] = "ou_weather";
  mention["mentioned_type"] = "bot";
  EXPECT_FALSE(of_us()) << "another bot";
  mention["name"] = "协作助手";
  mention["id"]["open_id"] = "";
  EXPECT_TRUE(of_us()) << "without an id as before";
}

TEST_F(FeishuHook, APrivateMessageComesFromThePersonsOwnChat) {
  const auto decoded = decode(signed_request(message({{"text", "/我的"}}, "text", "p2p")));
  ASSERT_TRUE(decoded);
  const auto& inbound = std::get<Inbound>(*decoded);
  EXPECT_TRUE(inbound.one_to_one);
  EXPECT_EQ(inbound.chat.chat, ChatId("p:ou_a"));
}

TEST_F(FeishuHook, RichTextIsReadWithAndWithoutALanguageLevel) {
  const json paragraphs = {
      {"title", "标题"},
      {"content",
       json::array({json::array({{{"tag", "at"}, {"user_id", "@_user_1"}}, {{"tag", "text"}, {"text", " /我的"}}})})}};
  for (const json& content : {paragraphs, json{{"zh_cn", paragraphs}}}) {
    const auto decoded = decode(signed_request(message(content, "post")));
    ASSERT_TRUE(decoded);
    EXPECT_EQ(std::get<Said>(std::get<Inbound>(*decoded).what).text, "标题\n@协作助手 /我的");
  }
}

TEST_F(FeishuHook, WhatIsNotForUsIsAnsweredWithSuccess) {
  json unknown = message({{"text", "x"}});
  unknown["header"]["event_type"] = "im.message.message_read_v1";
  json from_bot = message({{"text", "x"}});
  from_bot["event"]["sender"]["sender_type"] = "bot";
  for (const json& event : {unknown, from_bot, message({{"x", 1}}, "sticker")}) {
    const auto decoded = decode(signed_request(event));
    ASSERT_TRUE(decoded);
    const auto* ignored = std::get_if<Ignored>(&*decoded);
    ASSERT_NE(ignored, nullptr);
    EXPECT_EQ(ignored->answer.status, 200);
    EXPECT_EQ(ignored->answer.body, "{}");
  }
}

TEST_F(FeishuHook, OnlyTheContentOfWhatIsReadMustBeJson) {
  const auto with = [](const std::string& type, const char* content) {
    json event = message({{"text", "x"}}, type);
    event["event"]["message"]["content"] = content;
    return signed_request(event);
  };
  for (const char* type : {"merge_forward", "sticker", "share_chat", "share_user", "system", "interactive", "later", ""}) {
    for (const char* content : {"Merged and Forwarded Message", "{}", ""}) {
      const auto decoded = decode(with(type, content));
      ASSERT_TRUE(decoded) << type << ": " << content;
      EXPECT_TRUE(std::holds_alternative<Ignored>(*decoded)) << type;
    }
  }
  for (const char* type : {"text", "post", "image", "file", "audio", "media"}) {
    EXPECT_FALSE(decode(with(type, "Merged and Forwarded Message"))) << type;
    const auto decoded = decode(with(type, R"({"text":"x","image_key":"i","file_key":"f"})"));
    ASSERT_TRUE(decoded) << type;
    EXPECT_TRUE(std::holds_alternative<Inbound>(*decoded)) << type;
  }
}

TEST_F(FeishuHook, ForgeriesAreRefusedWithoutSayingWhy) {
  const HttpRequest good = signed_request(message({{"text", "/我的"}}));
  ASSERT_TRUE(decode(good));
  std::vector<HttpRequest> forged;
  const auto with_signature = [&](const std::string& value) {
    HttpRequest changed = good;
    changed.headers.set("X-Lark-Signature", value);
    forged.push_back(changed);
  };
  const std::string signature(good.headers.get("X-Lark-Signature"));
  std::string upper = signature;
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  with_signature("");
  with_signature(signature.substr(1));
  with_signature(upper);
  with_signature(std::string(64, '0'));
  HttpRequest bare("POST", "/hook/feishu/main");
  bare.body = good.body;
  forged.push_back(bare);
  HttpRequest changed = good;
  changed.body[20] = changed.body[20] == 'A' ? 'B' : 'A';
  forged.push_back(changed);
  HttpRequest plain("POST", "/hook/feishu/main");
  plain.body = message({{"text", "/我的"}}).dump();
  forged.push_back(plain);
  json other_app = message({{"text", "/我的"}});
  other_app["header"]["app_id"] = "cli_2";
  forged.push_back(signed_request(other_app));
  forged.push_back(signed_request(message({{"text", "/我的"}}), "key-2"));
  for (std::size_t i = 0; i < forged.size(); ++i) {
    const auto decoded = decode(forged[i]);
    ASSERT_FALSE(decoded) << i;
    EXPECT_EQ(decoded.error().code, Errc::bad_signature) << i;
  }
}

TEST_F(FeishuHook, GarbageIsBadInput) {
  for (const std::string& body :
       {std::string(), std::string("{"), std::string("[]"), std::string("null"), std::string(100000, '['),
        std::string("{\"a\":1e999}"), std::string("\xff\xfe"), std::string("{\"a\":\"\\ud800\"}")}) {
    Settings open = settings();
    open.encrypt_key = Secret();
    const FeishuPlatform platform(open);
    HttpRequest request("POST", "/hook/feishu/main");
    request.body = body;
    EXPECT_FALSE(platform.decode(request, now)) << body.substr(0, 20);
  }
}

// ---- presses -----------------------------------------------------------------------------------------

TEST(FeishuPress, ATokenIsBoundToCardVersionAndAction) {
  const Secret key("s");
  PressToken token;
  token.card = CardId(12);
  token.version = 3;
  token.action = "pick:1";
  const std::string sealed = seal(token, key);
  EXPECT_EQ(unseal(sealed, key), token);
  EXPECT_FALSE(unseal(sealed, Secret("t")));
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    std::string changed = sealed;
    changed[i] = changed[i] == '1' ? '2' : '1';
    if (changed != sealed) {
      EXPECT_FALSE(unseal(changed, key)) << changed;
    }
  }
  EXPECT_FALSE(unseal("", key));
  EXPECT_FALSE(unseal("12.3.accept", key));
}

// ---- cards -------------------------------------------------------------------------------------------

Card sample_card() {
  Card card;
  card.title = "【XB-2026-0012】<at id=all></at>";
  card.tone = Tone::danger;
  card.body = "**not bold** <at id='all'></at> [x](http://evil.example)";
  card.fields = {{"负责人", "赵技"}, {"截止", "11月23日 18:00"}};
  Button accept;
  accept.action = "accept";
  accept.label = "接单";
  accept.style = ButtonStyle::primary;
  card.buttons = {accept};
  card.footer = "XB-2026-0012";
  return card;
}

void every_text_is_plain(const json& node) {
  if (node.is_object() && node.contains("content") && node.contains("tag")) {
    if (node["tag"] == "markdown") {
      EXPECT_EQ(node["content"].get<std::string>().find("evil"), std::string::npos);
    } else {
      EXPECT_EQ(node["tag"], "plain_text");
    }
  }
  if (node.is_structured()) {
    for (const json& inner : node) every_text_is_plain(inner);
  }
}

TEST(FeishuCard, WhatPeopleTypedIsPlainTextEverywhere) {
  PressToken seed;
  seed.card = CardId(7);
  const json card = render(sample_card(), seed, Secret("s"), {"ou_1"});
  every_text_is_plain(card);
  EXPECT_EQ(card["schema"], "2.0");
  EXPECT_TRUE(card["config"]["update_multi"].get<bool>());
  EXPECT_EQ(card["header"]["template"], "red");
  EXPECT_NE(card.dump().find("<at id='ou_1'></at>"), std::string::npos);
}

TEST(FeishuCard, AFormHasUniqueNamesAndASubmitButton) {
  Card card = sample_card();
  card.buttons[0].action = "submit";
  Button cancel;
  cancel.action = "cancel_form";
  cancel.label = "取消";
  card.buttons.push_back(cancel);
  Input title;
  title.id = "title";
  title.label = "标题";
  title.required = true;
  Input lead;
  lead.id = "lead";
  lead.label = "部门";
  lead.kind = InputKind::department;
  lead.options = {{"tech", "技术部"}, {"market", "市场部"}};
  lead.value = {"market"};
  card.inputs = {title, lead};
  const json made = render(card, PressToken{}, Secret("s"), {});
  const json* form = nullptr;
  for (const json& element : made["body"]["elements"]) {
    if (element["tag"] == "form") form = &element;
  }
  ASSERT_NE(form, nullptr);
  std::set<std::string> names;
  std::size_t submits = 0;
  for (const json& element : (*form)["elements"]) {
    if (element["tag"] == "div") continue;
    ASSERT_TRUE(element.contains("name"));
    EXPECT_TRUE(names.insert(element["name"].get<std::string>()).second);
    if (element.value("form_action_type", "") == "submit") ++submits;
    if (element["tag"] == "select_static") {
      EXPECT_EQ(element["initial_index"], 2);
    }
  }
  EXPECT_EQ(submits, 1U);
}

// ---- sending -----------------------------------------------------------------------------------------

class FeishuSend : public testing::Test {
 protected:
  FeishuPlatform platform{settings_of(json{{"app_id", "cli_1"}})};
  Token token;
  Outgoing outgoing() {
    Outgoing made;
    made.app = AppId("feishu:main");
    made.chat.app = made.app;
    made.chat.chat = ChatId("oc_1");
    made.form = Form::card;
    made.card = sample_card();
    made.text = "文字";
    made.key = "xieban-42";
    made.card_id = CardId(42);
    return made;
  }
  HttpRequest wire(const Outgoing& message) {
    auto encoded = platform.encode(message, token);
    EXPECT_TRUE(encoded);
    return std::get<HttpRequest>(*encoded);
  }
};

TEST_F(FeishuSend, EqualMessagesAreEqualBytesUnderTheirKey) {
  const Outgoing message = outgoing();
  const HttpRequest first = wire(message);
  EXPECT_EQ(first.body, wire(message).body);
  EXPECT_EQ(first.method, "POST");
  EXPECT_EQ(first.target, "/open-apis/im/v1/messages?receive_id_type=chat_id");
  const json body = json::parse(first.body);
  EXPECT_EQ(body["uuid"], "xieban-42");
  EXPECT_EQ(body["msg_type"], "interactive");
  EXPECT_TRUE(body["content"].is_string());
  EXPECT_TRUE(first.repeatable);
}

TEST_F(FeishuSend, TextEscapesWhatWouldBeAMention) {
  Outgoing message = outgoing();
  message.form = Form::text;
  message.text = "<at user_id=\"all\"></at>";
  message.to = UserId("ou_7");
  PersonRef lei;
  lei.user = UserId("ou_lei");
  message.mentions = {lei};
  const json body = json::parse(wire(message).body);
  EXPECT_EQ(body["receive_id"], "ou_7");
  const std::string text = json::parse(body["content"].get<std::string>())["text"];
  EXPECT_EQ(text, "<at user_id=\"ou_lei\"></at> &lt;at user_id=\"all\"&gt;&lt;/at&gt;");
}

TEST_F(FeishuSend, TextIsShownAsItWasTyped) {
  Outgoing message = outgoing();
  message.form = Form::text;
  const auto sent = [&](const std::string& typed) {
    message.text = typed;
    return json::parse(json::parse(wire(message).body)["content"].get<std::string>())["text"].get<std::string>();
  };
  EXPECT_EQ(sent("[官网](https://evil.example)"), "[官网&#93;(https://evil.example)") << "no link behind other words";
  EXPECT_EQ(sent("&lt;b&gt; & <b>"), "&amp;lt;b&amp;gt; &amp; &lt;b&gt;") << "what looks like an escape is typed";
  EXPECT_EQ(sent("[急] 见 a[1] (附件)]"), "[急] 见 a[1] (附件)]") << "brackets alone are nothing";
  EXPECT_EQ(sent("]("), "&#93;(");
}

TEST_F(FeishuSend, AnUpdateIsAPatch) {
  Outgoing message = outgoing();
  message.form = Form::card_update;
  message.update_of = "om_9";
  const HttpRequest request = wire(message);
  EXPECT_EQ(request.method, "PATCH");
  EXPECT_EQ(request.target, "/open-apis/im/v1/messages/om_9");
  EXPECT_TRUE(json::parse(request.body)["content"].is_string());
}

TEST_F(FeishuSend, AnUrgentCallNamesTheNoticeAndItsReader) {
  Outgoing message = outgoing();
  message.form = Form::urgent;
  message.card.reset();
  message.update_of = "om_9";
  message.to = UserId("ou_7");
  const HttpRequest request = wire(message);
  EXPECT_EQ(request.method, "PATCH");
  EXPECT_EQ(request.target, "/open-apis/im/v1/messages/om_9/urgent_app?user_id_type=open_id");
  EXPECT_EQ(json::parse(request.body), json({{"user_id_list", {"ou_7"}}}));
  EXPECT_TRUE(request.repeatable);

  message.to.reset();
  PersonRef lei;
  lei.user = UserId("ou_lei");
  message.mentions = {lei};
  EXPECT_EQ(json::parse(wire(message).body), json({{"user_id_list", {"ou_lei"}}})) << "in a group those it mentions";
}

TEST_F(FeishuSend, ACardThatIsTooLargeIsNotSentAsACard) {
  Outgoing message = outgoing();
  message.card->body = std::string(40000, 'x');
  EXPECT_FALSE(platform.encode(message, token));
}

TEST_F(FeishuSend, WhatWasMadeToFitIsTaken) {
  const Channel* channel = platform.traits().channel(ChannelId("group"));
  ASSERT_NE(channel, nullptr);
  for (const std::string piece : {"x", "一", "\n", "\"", "\\", "\t", "他说“好”\n", "\"引号\"\\\n"}) {
    for (const std::size_t bytes : {0U, 3000U, 9000U, 17'000U, 19'500U, 20'500U, 21'500U, 23'000U, 25'000U, 60'000U}) {
      for (const bool in_fields : {false, true}) {
        SCOPED_TRACE(std::to_string(bytes) + " bytes of " + piece + (in_fields ? " in fields" : " in the text"));
        std::string text;
        while (text.size() < bytes) text += piece;
        Outgoing message = outgoing();
        message.card->body = in_fields ? "现状" : text;
        if (in_fields) {
          message.card->fields.clear();
          constexpr std::size_t parts = 6;
          for (std::size_t i = 0; i < parts; ++i) {
            std::string part;
            while (part.size() < bytes / parts) part += piece;
            message.card->fields.push_back({"第" + std::to_string(i) + "项", part, i < 2});
          }
        }
        while (message.card->buttons.size() < 10) {
          message.card->buttons.push_back(message.card->buttons.front());
          message.card->buttons.back().action = "show:" + std::to_string(message.card->buttons.size());
          message.card->buttons.back().confirm = "确认？";
        }
        for (int i = 0; i < 8; ++i) {
          PersonRef one;
          one.user = UserId("ou_5d1c9e7a3b2f4068a1b2c3d4e5f6071" + std::to_string(i));
          message.mentions.push_back(one);
        }
        brain::fit(*message.card, *channel, "未完，发送 /查看 12 看全文", Lang::zh);
        EXPECT_TRUE(platform.encode(message, token));
        const bool cut = message.card->footer.ends_with("看全文");
        if (bytes <= 9000) {
          EXPECT_FALSE(cut) << "nothing is cut that fits";
        } else if (bytes > 20'500) {
          EXPECT_TRUE(cut);
        }
      }
    }
  }
}

TEST_F(FeishuSend, AnswersOfThePlatformMeanOneThing) {
  struct Row {
    int status;
    std::string body;
    Form form;
    Outcome outcome;
  };
  const std::vector<Row> rows = {
      {200, R"({"code":0,"data":{"message_id":"om_1"}})", Form::card, Outcome::delivered},
      {200, R"({"code":0,"data":{}})", Form::card_update, Outcome::delivered},
      {200, R"({"code":0,"data":{"invalid_user_id_list":[]}})", Form::urgent, Outcome::delivered},
      {200, R"({"code":0,"data":{"invalid_user_id_list":["ou_7"]}})", Form::urgent, Outcome::rejected},
      {400, R"({"code":99991672})", Form::urgent, Outcome::rejected},
      {400, R"({"code":230023})", Form::urgent, Outcome::rejected},
      {200, R"({"code":0})", Form::card, Outcome::unknown},
      {200, "", Form::card, Outcome::unknown},
      {200, R"({"code":0,"data")", Form::text, Outcome::unknown},
      {200, std::string(100000, '['), Form::text, Outcome::unknown},
      {200, "{\"code\":0,\"data\":{\"message_id\":\"\xff\"}}", Form::text, Outcome::unknown},
      {504, "gateway", Form::text, Outcome::unknown},
      {500, R"({"code":5000})", Form::text, Outcome::retry},
      {400, R"({"code":99991663})", Form::text, Outcome::token_expired},
      {429, R"({"code":99991400})", Form::text, Outcome::retry},
      {400, R"({"code":230020})", Form::text, Outcome::retry},
      {400, R"({"code":230099,"msg":"ext=ErrCode: 11310; ErrMsg: element exceeds the limit"})", Form::card,
       Outcome::unsupported},
      {400, R"({"code":230099,"msg":"ext=ErrCode: 11310; ErrMsg: card action is lock"})", Form::card, Outcome::retry},
      {400, R"({"code":230031})", Form::card_update, Outcome::unsupported},
      {400, R"({"code":230025})", Form::text, Outcome::rejected},
      {400, R"({"code":230002})", Form::card, Outcome::rejected},
      {200, R"({"code":99991403})", Form::card, Outcome::retry},
  };
  for (const Row& row : rows) {
    Outgoing message = outgoing();
    message.form = row.form;
    message.update_of = "om_1";
    HttpResponse answer(row.status, row.body);
    answer.headers.set("x-ogw-ratelimit-reset", "37");
    const Receipt receipt = platform.interpret(message, answer);
    EXPECT_EQ(receipt.outcome, row.outcome) << row.status << " " << row.body.substr(0, 80);
    if (row.body.find("99991400") != std::string::npos) {
      EXPECT_EQ(receipt.retry_after, Duration{37000});
    }
    if (row.body.find("230002") != std::string::npos) {
      EXPECT_TRUE(receipt.target_gone);
    }
  }
}

TEST_F(FeishuSend, EveryCodeOfThePlatformMeansOneThing) {
  struct Row {
    Outcome outcome;
    bool gone, shut_out;
    std::vector<int> codes;
  };
  constexpr bool yes = true, no = false;
  const std::vector<Row> rows = {
      {Outcome::token_expired, no, no, {99991661, 99991663, 99991664, 99991665, 99991671}},
      {Outcome::rejected, no, no, {99991668, 99991677, 99991679, 99992402, 230001, 230017}},
      {Outcome::retry, no, yes, {99991672, 99991676, 99991401, 99991403, 99991662, 99991673, 230006}},
      {Outcome::retry, no, no, {99991400, 230020, 230049, 11232, 11233, 11247, 2200, 5000, 190004, 190005, 190010, 1470500}},
      {Outcome::rejected, yes, no, {99992351, 99992352, 99992361, 99992356, 99992360, 230002, 230013, 230018, 230019, 230027}},
      {Outcome::rejected, yes, no, {230029, 230034, 230035, 230053, 230038, 230075, 232009, 10002, 10030}},
      {Outcome::unsupported, no, no, {99992354, 230022, 230028, 230025, 230054, 230099, 230110, 230011, 230031}},
  };
  for (const Row& row : rows) {
    for (const int code : row.codes) {
      const Receipt receipt = platform.interpret(outgoing(), HttpResponse(400, R"({"code":)" + std::to_string(code) + "}"));
      EXPECT_EQ(receipt.outcome, row.outcome) << code;
      EXPECT_EQ(receipt.target_gone, row.gone) << code;
      EXPECT_EQ(receipt.chat_gone, code == 230002 || code == 232009) << code;
      EXPECT_EQ(receipt.shut_out, row.shut_out) << code;
    }
  }
}

TEST_F(FeishuSend, WordsThatAreHeldBackMayBeLeftOut) {
  for (const int code : {230022, 230028}) {
    const HttpResponse refused(400, R"({"code":)" + std::to_string(code) + "}");
    Outgoing message = outgoing();
    message.form = Form::text;
    message.request = RequestId(12);
    EXPECT_EQ(platform.interpret(message, refused).outcome, Outcome::unsupported) << "it can be said plainly";
    message.request = RequestId{};
    EXPECT_EQ(platform.interpret(message, refused).outcome, Outcome::rejected) << "nothing is left to say";
  }
  for (const Reach reach : {Reach::group, Reach::person}) {
    Need need;
    need.reach = reach;
    need.card = need.plain = true;
    ChatFact chat;
    const auto plan = plan_delivery(need, platform.traits(), chat);
    ASSERT_EQ(plan.size(), 3U);
    EXPECT_EQ(plan[0].form, Form::card);
    EXPECT_FALSE(plan[1].plain);
    EXPECT_TRUE(plan[2].plain);
  }
}

TEST_F(FeishuSend, WhatRefusesTheAppItselfCostsNoMessage) {
  Outgoing message = outgoing();
  message.update_of = "om_1";
  for (const char* code : {"99991662", "99991673", "99991401", "230006", "99991403"}) {
    for (const Form form : {Form::card, Form::text, Form::card_update, Form::urgent}) {
      message.form = form;
      const Receipt receipt = platform.interpret(message, HttpResponse(400, std::string(R"({"code":)") + code + "}"));
      EXPECT_EQ(receipt.outcome, Outcome::retry) << code;
      EXPECT_TRUE(receipt.shut_out) << code;
      EXPECT_EQ(receipt.used_up, std::string(code) == "99991403") << code;
      EXPECT_GE(receipt.retry_after, Duration(60 * 1000)) << code << ": slowly";
      EXPECT_NE(receipt.detail.find(": "), std::string::npos) << "with the reason";
    }
  }
  // Without the right to send nothing comes through; without that to a single other call the rest does.
  const HttpResponse no_scope(400, R"({"code":99991672})");
  for (const Form form : {Form::card, Form::text}) {
    message.form = form;
    EXPECT_TRUE(platform.interpret(message, no_scope).shut_out);
  }
  for (const Form form : {Form::card_update, Form::urgent}) {
    message.form = form;
    EXPECT_FALSE(platform.interpret(message, no_scope).shut_out);
    EXPECT_EQ(platform.interpret(message, no_scope).outcome, Outcome::rejected);
  }
}

TEST_F(FeishuSend, TokensAreReadAndRenewedInTime) {
  const auto token_now = platform.read_token(HttpResponse(200, R"({"code":0,"tenant_access_token":"t-1","expire":7200})"), now);
  ASSERT_TRUE(token_now);
  EXPECT_EQ(token_now->value.reveal(), "t-1");
  EXPECT_EQ(token_now->until, now + std::chrono::minutes(90));
  const auto short_one = platform.read_token(HttpResponse(200, R"({"code":0,"tenant_access_token":"t-1","expire":60})"), now);
  ASSERT_TRUE(short_one);
  EXPECT_GT(short_one->until, now);
  for (const char* body : {"", "{}", R"({"code":10015,"msg":"wrong secret"})", R"({"code":0})"}) {
    EXPECT_FALSE(platform.read_token(HttpResponse(200, body), now)) << body;
  }
}

// ---- what the platform says about the app ---------------------------------------------------------------

std::string said(const std::vector<Finding>& found) {
  std::string out;
  for (const Finding& one : found) out += (one.error ? "error " : "warning ") + one.subject + ": " + one.text + "\n";
  return out;
}
Question question(Asks what) {
  const Secret token("t-1");
  for (Question& one : app_questions(Settings(), true, token))
    if (one.what == what) return one;
  return what == Asks::group ? group_question("oc_1", token) : person_question("ou_1", token);
}

TEST(FeishuCheck, QuestionsNameOnlyWhatCannotExist) {
  for (const Question& one : app_questions(Settings(), true, Secret("t-1"))) {
    EXPECT_EQ(one.request.headers.get("Authorization"), "Bearer t-1");
    if (one.request.method == "GET") continue;
    const std::string all = one.request.target + one.request.body;
    EXPECT_NE(all.find("xieban_check"), std::string::npos) << all;
  }
}

TEST(FeishuCheck, AMissingScopeIsNamedAsThePlatformNamesIt) {
  const HttpResponse refused(400, R"({"code":99991672,"msg":"Access denied.","error":{"permission_violations":[
      {"type":"action_privilege_required","subject":"im:message"},{"subject":"im:message:send_as_bot"}]}})");
  const std::string text = said(findings(question(Asks::send), refused));
  EXPECT_NE(text.find("error : missing one of the scopes im:message, im:message:send_as_bot: the bot cannot send"),
            std::string::npos)
      << text;
  EXPECT_TRUE(lacks_scope(refused));
  const std::string own = said(findings(question(Asks::rouse), HttpResponse(400, R"({"code":99991672,"msg":""})")));
  EXPECT_TRUE(own.starts_with("warning : missing scope im:message.urgent: ")) << own;
}

TEST(FeishuCheck, WhatDoesNotExistProvesTheScope) {
  for (const char* body :
       {R"({"code":230002,"msg":"no such chat"})", R"({"code":99992354})", R"({"code":230001})", R"({"code":0})"})
    for (const Asks what : {Asks::send, Asks::update, Asks::rouse})
      EXPECT_EQ(said(findings(question(what), HttpResponse(400, body))), "") << body;
}

TEST(FeishuCheck, MessagesArriveOnlyWithTheirScopes) {
  const auto list = [](const char* scopes) {
    return said(
        findings(question(Asks::granted), HttpResponse(200, std::string(R"({"code":0,"data":{"scopes":)") + scopes + "}}")));
  };
  EXPECT_EQ(list(R"([{"scope_name":"im:message.group_msg","grant_status":1},{"scope_name":"im:chat","grant_status":1},
                     {"scope_name":"im:message.p2p_msg:readonly","grant_status":1},
                     {"scope_name":"contact:contact:readonly_as_app","grant_status":1}])"),
            "");
  const std::string one = list(R"([{"scope_name":"im:message.group_at_msg:readonly","grant_status":1},
                                   {"scope_name":"im:chat.members:bot_access","grant_status":1},
                                   {"scope_name":"im:chat:create","grant_status":1},
                                   {"scope_name":"im:chat.members:write_only","grant_status":1},
                                   {"scope_name":"im:chat.announcement:write_only","grant_status":1},
                                   {"scope_name":"im:chat.members:read","grant_status":1},
                                   {"scope_name":"im:chat:delete","grant_status":1},
                                   {"scope_name":"contact:user.base:readonly","grant_status":1},
                                   {"scope_name":"contact:user.department:readonly","grant_status":1},
                                   {"scope_name":"contact:user.employee:readonly","grant_status":1},
                                   {"scope_name":"contact:department.base:readonly","grant_status":1},
                                   {"scope_name":"contact:department.organize:readonly","grant_status":1},
                                   {"scope_name":"im:message.p2p_msg:readonly","grant_status":2}])");
  EXPECT_TRUE(one.starts_with("error : missing scope im:message.p2p_msg:readonly: ")) << one;
  EXPECT_EQ(std::ranges::count(one, '\n'), 1) << one;
}

TEST(FeishuCheck, WhatTheDirectoryLeavesOutIsSaid) {
  const std::string text = said(findings(question(Asks::granted), HttpResponse(200, R"({"code":0,"data":{"scopes":[
      {"scope_name":"im:message.group_msg","grant_status":1},{"scope_name":"im:chat","grant_status":1},
      {"scope_name":"im:message.p2p_msg:readonly","grant_status":1},{"scope_name":"contact:user.base:readonly","grant_status":1}
      ]}})")));
  for (const char* scope : {"contact:user.department:readonly", "contact:department.base:readonly",
                            "contact:department.organize:readonly", "contact:user.employee:readonly"})
    EXPECT_NE(text.find(std::string("warning : missing scope ") + scope + ": "), std::string::npos) << text;
  EXPECT_EQ(text.find("contact:user.base:readonly"), std::string::npos) << text;
}

TEST(FeishuCheck, DissolvingWantsItsScopeOnlyWhereATypeDissolves) {
  const auto asked = [](bool dissolves) {
    for (Question& one : app_questions(Settings(), dissolves, Secret("t-1")))
      if (one.what == Asks::granted) return one;
    return Question();
  };
  const HttpResponse narrow(200, R"({"code":0,"data":{"scopes":[{"scope_name":"im:chat:create","grant_status":1}]}})");
  const HttpResponse wide(200, R"({"code":0,"data":{"scopes":[{"scope_name":"im:chat","grant_status":1}]}})");
  EXPECT_NE(said(findings(asked(true), narrow)).find("im:chat:delete"), std::string::npos);
  EXPECT_EQ(said(findings(asked(true), wide)).find("im:chat:delete"), std::string::npos);
  EXPECT_EQ(said(findings(asked(false), narrow)).find("im:chat:delete"), std::string::npos);
}

TEST(FeishuCheck, TheAppIsCalledAsTheFileSays) {
  Settings settings;
  settings.bot_name = "协办";
  const Question bot = app_questions(settings, false, Secret("t-1")).front();
  EXPECT_EQ(said(findings(bot, HttpResponse(200, R"({"code":0,"bot":{"activate_status":2,"app_name":"协办"}})"))), "");
  const std::string other =
      said(findings(bot, HttpResponse(200, R"({"code":0,"bot":{"activate_status":2,"app_name":"协作助手"}})")));
  EXPECT_TRUE(other.starts_with("warning bot_name: the app is called \"协作助手\"")) << other;
}

TEST(FeishuCheck, CredentialsAndTheBotItself) {
  const Question token = token_question(settings_of(json{{"app_id", "cli_1"}}));
  EXPECT_EQ(said(findings(token, HttpResponse(200, R"({"code":0,"tenant_access_token":"t","expire":7200})"))), "");
  EXPECT_TRUE(said(findings(token, HttpResponse(200, R"({"code":10015,"msg":"x"})"))).starts_with("error app_secret: "));
  EXPECT_TRUE(said(findings(token, HttpResponse(200, R"({"code":10014,"msg":"x"})"))).starts_with("error app_id: "));
  EXPECT_TRUE(said(findings(token, HttpResponse(502, "<html>"))).starts_with("error api_base: HTTP 502"));
  EXPECT_EQ(said(findings(question(Asks::bot), HttpResponse(200, R"({"code":0,"bot":{"activate_status":2}})"))), "");
  EXPECT_NE(said(findings(question(Asks::bot), HttpResponse(200, R"({"code":0,"bot":{"activate_status":1}})"))), "");
  EXPECT_NE(said(findings(question(Asks::bot), HttpResponse(400, R"({"code":230006,"msg":"off"})"))), "");
}

TEST(FeishuCheck, NoAnswerMakesItThrowOrBreaksTheLine) {
  for (const std::string body :
       {"", "[]", "1", R"({"code":"0"})", R"({"code":1,"msg":7})", R"({"code":1,"msg":"a\nb\u0000c"})",
        R"({"code":0,"data":[]})", R"({"code":0,"data":{"scopes":[1,{"scope_name":2}]}})", R"({"code":0,"data":{"scopes":{}}})",
        R"({"code":0,"bot":[]})", R"({"code":0,"data":{"user":[]}})", R"({"code":0,"data":{"user":{"status":1}}})",
        R"({"code":99991672,"error":[]})", R"({"code":99991672,"error":{"permission_violations":[1,{"subject":{}}]}})"}) {
    for (const Asks what : {Asks::bot, Asks::granted, Asks::send, Asks::update, Asks::rouse, Asks::person, Asks::group}) {
      const std::vector<Finding> found = findings(question(what), HttpResponse(200, body));
      for (const Finding& one : found) EXPECT_EQ(one.text.find('\n'), std::string::npos) << body;
    }
  }
}

TEST_F(FeishuSend, ALatePressIsAskedToPressAgain) {
  Inbound press;
  press.kind = EventKind::press;
  const HttpResponse toast = platform.busy(press, "再按一次");
  EXPECT_EQ(toast.status, 200);
  EXPECT_EQ(json::parse(toast.body)["toast"]["content"], "再按一次");
  Inbound message;
  message.kind = EventKind::message;
  EXPECT_EQ(platform.busy(message, "再按一次").status, 503);
}

}  // namespace
}  // namespace xieban::feishu::feishu_test
