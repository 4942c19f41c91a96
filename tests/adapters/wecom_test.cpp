// What the WeCom adapter receives, against vectors made with the platform's official SDKs and what its documentation states.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "adapters/callback_cipher.hpp"
#include "adapters/press_token.hpp"
#include "adapters/wecom/bot_event.hpp"
#include "adapters/wecom/hook.hpp"
#include "adapters/wecom/platform.hpp"
#include "adapters/wecom/press.hpp"
#include "adapters/wecom/read.hpp"
#include "adapters/wecom/xml.hpp"
#include "bot/base/text.hpp"
#include "bot/crypto/crypto.hpp"
#include "bot/ports/stream.hpp"

namespace xieban::wecom::wecom_test {
namespace {

using nlohmann::json;

const json& vectors() {
  static const json all = [] {
    std::ifstream file(std::string(XIEBAN_SOURCE_DIR) + "/tests/adapters/wecom_vectors.json");
    return json::parse(file);
  }();
  return all;
}

std::string str(const json& from, const char* name) { return from.at(name).get<std::string>(); }
const json& vector_of(const std::string& id) {
  for (const json& row : vectors().at("vectors"))
    if (row.at("id") == id) return row;
  throw std::runtime_error("no vector " + id);
}

std::string unhex(const std::string& digits) {
  std::string out;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) out += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
  return out;
}

constexpr const char* corp = "ww7c3f0a91d25be846";
constexpr const char* app_key = "46Op02kBIltXezYeDlqXpTPRotrR6HK9vMhh7P7mJTm";
constexpr const char* bot_key = "JvPCW9419YtsxAqHKGR62J8L3l8UJbzbA4zAwMZY5BX";

Settings demo_settings() {
  Settings settings;
  settings.app_id = AppId("wecom:main");
  settings.corp_id = corp;
  settings.app.emplace();
  settings.app->agent_id = 1000027;
  settings.app->secret = Secret("app-secret");
  settings.app->token = Secret("app-token");
  settings.app->aes_key = Secret(app_key);
  settings.bot.emplace();
  settings.bot->stream = false;
  settings.bot->token = Secret("bot-token");
  settings.bot->aes_key = Secret(bot_key);
  settings.bot->name = "协作助手";
  return settings;
}

constexpr const char* stamp = "1788231000";
const TimePoint now{std::chrono::seconds(1788231002)};

/// As the row's receiver is set up.
Settings settings_of(const json& row) {
  Settings settings = demo_settings();
  settings.app->token = settings.bot->token = Secret(str(row, "token"));
  settings.app->aes_key = settings.bot->aes_key = Secret(str(row, "encoding_aes_key"));
  if (!str(row, "receiveid").empty()) settings.corp_id = str(row, "receiveid");
  return settings;
}

HttpRequest signed_request(const char* channel, const std::string& inner, const char* timestamp = stamp) {
  const Settings settings = demo_settings();
  const bool app = std::string(channel) == "app";
  const Secret& token = app ? settings.app->token : settings.bot->token;
  const CallbackCipher cipher(app ? settings.app->aes_key : settings.bot->aes_key, app ? corp : "");
  const std::string encrypt = cipher.seal(inner, "0123456789abcdef");
  HttpRequest request("POST", std::string("/hook/wecom/main/") + channel +
                                  "?msg_signature=" + callback_signature(token, timestamp, "n-1", encrypt) +
                                  "&timestamp=" + timestamp + "&nonce=n-1");
  request.body = app ? "<xml><Encrypt><![CDATA[" + encrypt + "]]></Encrypt></xml>" : json{{"encrypt", encrypt}}.dump();
  return request;
}

/// When the platform says that it sent it; now, for what says nothing.
TimePoint sent(const HttpRequest& request) { return instant(request.param("timestamp")).value_or(now); }

/// Received as it was sent, without delay.
Result<Decoded> decode(const HttpRequest& request, const Settings& settings = demo_settings(),
                       std::optional<TimePoint> at = std::nullopt) {
  const WeComPlatform platform(settings, Rng(7));
  return platform.decode(request, at.value_or(sent(request)));
}
Inbound inbound(const HttpRequest& request, const Settings& settings = demo_settings()) {
  auto decoded = decode(request, settings);
  if (!decoded) {
    ADD_FAILURE() << decoded.error().text;
    return {};
  }
  if (auto* in = std::get_if<Inbound>(&*decoded)) return *in;
  ADD_FAILURE() << "no event of ours";
  return {};
}
std::string app_xml(const std::string& inner) {
  return "<xml><ToUserName><![CDATA[" + std::string(corp) +
         "]]></ToUserName><FromUserName><![CDATA[chen.yu]]></FromUserName><CreateTime>1788231000</CreateTime>" + inner +
         "<AgentID>1000027</AgentID></xml>";
}
json bot_message(const json& more) {
  json body = {{"msgid", "m1"}, {"aibotid", "aib"}, {"chattype", "single"}, {"from", {{"userid", "chen.yu"}}}};
  body.update(more);
  return body;
}
template <class What>
What what(const Inbound& in) {
  if (const auto* found = std::get_if<What>(&in.what)) return *found;
  ADD_FAILURE() << "something else";
  return What();
}
bool ignored(const HttpRequest& request, const Settings& settings = demo_settings()) {
  const auto decoded = decode(request, settings);
  const auto* nothing = decoded ? std::get_if<Ignored>(&*decoded) : nullptr;
  return nothing != nullptr && nothing->answer.status == 200 && nothing->answer.body.empty();
}

// ---- vectors -------------------------------------------------------------------------------------------

TEST(WeComKeys, TheOldOnesAreAcceptedWhileTheyAreKept) {
  const Settings before = demo_settings();
  const HttpRequest said = signed_request("app", app_xml("<MsgType>text</MsgType><Content>/我的</Content><MsgId>7</MsgId>"));
  ASSERT_TRUE(decode(said, before));
  Settings after = before;
  after.app->token = Secret("a new token");
  after.app->aes_key = before.bot->aes_key;
  EXPECT_FALSE(decode(said, after));
  after.app->old_token = before.app->token;
  EXPECT_FALSE(decode(said, after)) << "its key is gone";
  after.app->old_aes_key = before.app->aes_key;
  EXPECT_TRUE(decode(said, after));
  EXPECT_FALSE(decode(signed_request("bot", "{}"), [&] {
    Settings bot = before;
    bot.bot->token = Secret("a new token");
    return bot;
  }()));
}

TEST(WeComVectors, OpensSealsAndSignsByteForByte) {
  ASSERT_EQ(vectors().at("vectors").size(), 14U);
  for (const json& row : vectors().at("vectors")) {
    SCOPED_TRACE(str(row, "id"));
    const CallbackCipher cipher(Secret(str(row, "encoding_aes_key")), str(row, "receiveid"));
    EXPECT_EQ(cipher.open(str(row, "ciphertext")), str(row, "plaintext"));
    EXPECT_EQ(cipher.seal(str(row, "plaintext"), unhex(str(row, "random16_hex"))), str(row, "ciphertext"));
    EXPECT_EQ(callback_signature(Secret(str(row, "token")), str(row, "timestamp"), str(row, "nonce"), str(row, "ciphertext")),
              str(row, "msg_signature"));
  }
}

TEST(WeComVectors, RefusesForgeries) {
  ASSERT_EQ(vectors().at("negative_vectors").size(), 8U);
  for (const json& row : vectors().at("negative_vectors")) {
    SCOPED_TRACE(str(row, "id"));
    HttpRequest request("POST", "/hook/wecom/main/app?msg_signature=" + str(row, "msg_signature") +
                                    "&timestamp=" + str(row, "timestamp") + "&nonce=" + str(row, "nonce"));
    request.body = "<xml><Encrypt><![CDATA[" + str(row, "ciphertext") + "]]></Encrypt></xml>";
    const auto decoded = decode(request, settings_of(row));
    ASSERT_FALSE(decoded);
    EXPECT_EQ(decoded.error().code, Errc::bad_signature);
  }
}

TEST(WeComVectors, OpensFilesOfTheBot) {
  ASSERT_EQ(vectors().at("media_vectors").size(), 2U);
  for (const json& row : vectors().at("media_vectors")) {
    const auto bytes = crypto::unbase64(str(row, "encrypted_base64"));
    ASSERT_TRUE(bytes);
    EXPECT_EQ(crypto::aes256_cbc_decrypt(unhex(str(row, "aes_key_hex")), unhex(str(row, "iv_hex")), *bytes, 32),
              unhex(str(row, "plain_hex")));
  }
}

TEST(WeComVectors, AnswersUrlChecksWithThePlainText) {
  for (const auto& [id, channel] : {std::pair("app-url-verify", "app"), std::pair("aibot-url-verify", "bot")}) {
    SCOPED_TRACE(id);
    const json& row = vector_of(id);
    HttpRequest request("GET", std::string("/hook/wecom/main/") + channel + "?" + str(row.at("http"), "query"));
    for (const bool mangled : {false, true}) {
      // Some proxy on the way took a plus for a space.
      if (mangled)
        for (auto at = request.target.find("%2B"); at != std::string::npos; at = request.target.find("%2B"))
          request.target.replace(at, 3, "%20");
      const auto decoded = decode(request, settings_of(row));
      ASSERT_TRUE(decoded) << decoded.error().text;
      const auto& answer = std::get<Handshake>(*decoded).answer;
      EXPECT_EQ(answer.status, 200);
      EXPECT_EQ(answer.body, str(row.at("http"), "expected_response_body"));
    }
  }
}

TEST(WeComVectors, ReadsCallbacksAsTheyTravel) {
  std::size_t read = 0;
  for (const json& row : vectors().at("vectors")) {
    if (row.at("kind") != "callback") continue;
    SCOPED_TRACE(str(row, "id"));
    HttpRequest request("POST", std::string("/hook/wecom/main/") + (row.at("product") == "app" ? "app?" : "bot?") +
                                    str(row.at("http"), "query"));
    request.body = str(row.at("http"), "body");
    EXPECT_TRUE(decode(request, settings_of(row)));
    ++read;
  }
  EXPECT_EQ(read, 10U);

  const auto travelled = [](const char* id, const char* channel) {
    const json& row = vector_of(id);
    HttpRequest request("POST", std::string("/hook/wecom/main/") + channel + "?" + str(row.at("http"), "query"));
    request.body = str(row.at("http"), "body");
    return inbound(request, settings_of(row));
  };
  const Inbound text = travelled("app-text-zh-emoji", "app");
  EXPECT_EQ(text.key.key, "app:7462019385512048812");
  EXPECT_EQ(text.actor.value, "zhao_ming");
  EXPECT_EQ(text.chat.chat.value, "p:zhao_ming");
  EXPECT_TRUE(text.one_to_one);
  EXPECT_FALSE(text.opens) << "the bot may write only to whom has written to it, not to the app";
  EXPECT_EQ(text.sent_at, TimePoint(std::chrono::seconds(1788230521)));
  EXPECT_EQ(what<Said>(text).text, "请法务部协助审核合同🙏 截止周五18:00 👩‍💻✅️");

  const Inbound press = travelled("app-template-card-event", "app");
  const auto pressed = what<Pressed>(press);
  EXPECT_TRUE(pressed.card.empty()) << "a key that is not sealed by us proves nothing";
  EXPECT_EQ(pressed.update_with, "code:rc-9f2d7b60-41aa");
  EXPECT_EQ(pressed.inputs.at("due"), (std::vector<std::string>{"d3", "d5"}));
  EXPECT_EQ(press.key.key, "event:" + crypto::sha256_hex(str(vector_of("app-template-card-event"), "plaintext")));

  EXPECT_FALSE(press.opens);

  const Inbound group = travelled("aibot-group-text-zh-emoji", "bot");
  EXPECT_TRUE(group.opens);
  EXPECT_EQ(group.chat.chat.value, "wrkQ7sDgAA3nTz9pLm0uVbXyEhFc") << "case matters";
  EXPECT_FALSE(group.one_to_one);
  EXPECT_EQ(group.key.key, "bot:CAQQ0f3uxQYY0rDmAiAHMgh4");
  EXPECT_EQ(what<Said>(group).text, "/协作 新建 财务部 “年度预算”复核🚀");
  ASSERT_TRUE(group.reply_to);
  EXPECT_EQ(group.reply_to->url, "https://qyapi.weixin.qq.com/cgi-bin/aibot/response?response_code=mRk7uZ0pQx");
  EXPECT_EQ(group.reply_to->until, TimePoint(std::chrono::seconds(1788232155)) + std::chrono::minutes(55));

  const Inbound card = travelled("aibot-card-event-escaped", "bot");
  EXPECT_EQ(card.key.key, "bot:CAIQ8r3uxQYY/NGagI");
  EXPECT_EQ(what<Pressed>(card).inputs.at("due"), (std::vector<std::string>{"d3", "d5"}));
  EXPECT_TRUE(what<Pressed>(card).update_with.empty()) << "a bot's card has no code";
}

// ---- the app's callback ----------------------------------------------------------------------------------

TEST(WeComApp, MessagesOfEveryKind) {
  const auto said = [](const std::string& inner) { return what<Said>(inbound(signed_request("app", app_xml(inner)))); };
  EXPECT_EQ(said("<MsgType>text</MsgType><Content>／我的 &lt;b&gt;</Content><MsgId>1</MsgId>").text, "／我的 <b>");
  const Said image = said("<MsgType>image</MsgType><PicUrl>http://x</PicUrl><MediaId>M1</MediaId><MsgId>2</MsgId>");
  ASSERT_EQ(image.attachments.size(), 1U);
  EXPECT_EQ(image.attachments[0].kind, FileKind::image);
  EXPECT_EQ(image.attachments[0].platform_key, "M1");
  EXPECT_EQ(said("<MsgType>voice</MsgType><MediaId>M</MediaId><MsgId>3</MsgId>").attachments.at(0).kind, FileKind::audio);
  EXPECT_EQ(said("<MsgType>video</MsgType><MediaId>M</MediaId><MsgId>4</MsgId>").attachments.at(0).kind, FileKind::video);
  EXPECT_EQ(said("<MsgType>link</MsgType><Title>报告</Title><Url>https://x</Url><MsgId>5</MsgId>").text, "报告 https://x");
  EXPECT_EQ(said("<MsgType>location</MsgType><Label>南门</Label><MsgId>6</MsgId>").text, "南门");
}

TEST(WeComApp, EventsOfEveryKind) {
  const auto event = [](const std::string& inner) {
    return signed_request("app", app_xml("<MsgType><![CDATA[event]]></MsgType>" + inner));
  };
  const Inbound menu = inbound(event("<Event>click</Event><EventKey>我的</EventKey>"));
  EXPECT_EQ(what<MenuChosen>(menu).key, "我的");
  EXPECT_EQ(menu.kind, EventKind::message);
  EXPECT_TRUE(std::holds_alternative<JoinedChat>(inbound(event("<Event>enter_agent</Event><EventKey></EventKey>")).what));
  const Inbound left = inbound(event("<Event>change_contact</Event><ChangeType>delete_user</ChangeType><UserID>zhao</UserID>"));
  EXPECT_EQ(what<PersonLeft>(left).users, std::vector<UserId>{UserId("zhao")});
  const Inbound changed =
      inbound(event("<Event>change_contact</Event><ChangeType>update_user</ChangeType><UserID>zhao</UserID>"));
  EXPECT_EQ(what<PersonChanged>(changed).users, std::vector<UserId>{UserId("zhao")});
  for (const char* other :
       {"<Event>view</Event><EventKey>https://x</EventKey>", "<Event>subscribe</Event>", "<Event>unsubscribe</Event>",
        "<Event>change_contact</Event><ChangeType>create_party</ChangeType><Id>3</Id>", "<Event>something_new</Event>", ""})
    EXPECT_TRUE(ignored(event(other))) << other;
  const auto alarm = decode(event("<Event>close_inactive_agent</Event><EffectTime>1788231000</EffectTime>"));
  ASSERT_TRUE(alarm);
  EXPECT_NE(std::get<Ignored>(*alarm).alarm.find("close_inactive_agent"), std::string::npos);
}

TEST(WeComApp, TwoQuickPressesAreTwoAndARepeatIsOne) {
  const auto press = [](const std::string& code) {
    return signed_request("app", app_xml("<MsgType>event</MsgType><Event>template_card_event</Event><EventKey>k</EventKey>"
                                         "<TaskId>t</TaskId><ResponseCode>" +
                                         code + "</ResponseCode>"));
  };
  EXPECT_NE(inbound(press("a")).key, inbound(press("b")).key);
  EXPECT_EQ(inbound(press("a")).key, inbound(press("a")).key);
}

TEST(WeComApp, APressNamesItsCardOnlyWithOurSeal) {
  const std::string sealed = seal({CardId(12), 3, "accept"}, demo_settings().card_key());
  const auto press = [](const std::string& key) {
    return what<Pressed>(inbound(signed_request(
        "app", app_xml("<MsgType>event</MsgType><Event>template_card_event</Event><EventKey>" + key + "</EventKey>"))));
  };
  EXPECT_EQ(press(sealed).card, CardId(12));
  EXPECT_EQ(press(sealed).version, 3U);
  EXPECT_EQ(press(sealed).action, "accept");
  std::string forged = sealed;
  forged.replace(0, 2, "13");
  EXPECT_TRUE(press(forged).card.empty());
}

TEST(WeComApp, AnotherAppsEventIsNotOurs) {
  std::string xml = app_xml("<MsgType>text</MsgType><Content>/帮助</Content><MsgId>1</MsgId>");
  xml.replace(xml.find("1000027"), 7, "1000028");
  EXPECT_TRUE(ignored(signed_request("app", xml)));
}

TEST(WeComApp, HostileXmlIsRefused) {
  const auto code = [](const std::string& xml) {
    const auto read = read_xml(xml);
    return read ? std::optional<Errc>() : std::optional(read.error().code);
  };
  EXPECT_EQ(code("<!DOCTYPE x [<!ENTITY a \"b\">]><xml><A>&a;</A></xml>"), Errc::bad_input);
  EXPECT_EQ(code("<!DOCTYPE x SYSTEM \"file:///etc/passwd\"><xml/>"), Errc::bad_input);
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "<a>";
  EXPECT_EQ(code(deep), Errc::bad_input);
  for (int i = 0; i < 100'000; ++i) deep += "</a>";
  EXPECT_EQ(code(deep), Errc::bad_input);
  std::string wide = "<xml>";
  for (int i = 0; i < 6000; ++i) wide += "<a/>";
  EXPECT_EQ(code(wide + "</xml>"), Errc::bad_input);
  for (const char* none : {"", "{}", "<xml", "<xml></yml>", "text"}) EXPECT_EQ(code(none), Errc::bad_input) << none;
  const auto typed = read_xml("<xml><Content><![CDATA[<!DOCTYPE x>]]></Content></xml>");
  ASSERT_TRUE(typed) << "people may type anything";
  EXPECT_EQ(typed->text_of("Content"), "<!DOCTYPE x>");
  EXPECT_EQ(decode(signed_request("app", "<!DOCTYPE x><xml><MsgType>text</MsgType></xml>")).error().code, Errc::bad_input);
}

TEST(WeComApp, WrittenXmlIsReadBackWhateverPeopleTyped) {
  rc::check([](const std::string& typed) {
    std::string plain;
    for (const char c : text::repair(typed))
      if (static_cast<unsigned char>(c) >= 0x20) plain += c;
    const auto read = read_xml(write_xml("xml", {{"main_title", {{"title", plain + "]]><A>"}}}}));
    RC_ASSERT(read.has_value());
    RC_ASSERT(read->child("MainTitle") != nullptr);
    RC_ASSERT(read->child("MainTitle")->text_of("Title") == plain + "]]><A>");
    RC_ASSERT(read->children.size() == 1U);
  });
}

// ---- the bot's callback ------------------------------------------------------------------------------------

TEST(WeComBot, MessagesOfEveryKind) {
  const auto said = [](const json& more) { return what<Said>(inbound(signed_request("bot", bot_message(more).dump()))); };
  EXPECT_EQ(said({{"msgtype", "text"}, {"text", {{"content", "/我的"}}}}).text, "/我的");
  EXPECT_EQ(said({{"msgtype", "voice"}, {"voice", {{"content", "我的待办"}}}}).text, "我的待办");
  const Said mixed = said({{"msgtype", "mixed"},
                           {"mixed",
                            {{"msg_item",
                              {{{"msgtype", "text"}, {"text", {{"content", "/备注 12"}}}},
                               {{"msgtype", "image"}, {"image", {{"url", "https://x/1"}}}},
                               {{"msgtype", "text"}, {"text", {{"content", "现场照片"}}}}}}}}});
  EXPECT_EQ(mixed.text, "/备注 12\n现场照片");
  ASSERT_EQ(mixed.attachments.size(), 1U);
  EXPECT_EQ(mixed.attachments[0].platform_key, "https://x/1");
  EXPECT_EQ(said({{"msgtype", "file"}, {"file", {{"url", "u"}}}}).attachments.at(0).kind, FileKind::file);
  EXPECT_EQ(said({{"msgtype", "video"}, {"video", {{"url", "u"}}}}).attachments.at(0).kind, FileKind::video);
}

TEST(WeComBot, EventsOfEveryKind) {
  const auto event = [](const json& what) {
    return signed_request("bot", bot_message({{"msgtype", "event"}, {"event", what}, {"create_time", 1788231000}}).dump());
  };
  const Inbound enters = inbound(event({{"eventtype", "enter_chat"}, {"enter_chat", json::object()}}));
  EXPECT_TRUE(std::holds_alternative<JoinedChat>(enters.what));
  EXPECT_TRUE(enters.one_to_one);
  EXPECT_EQ(enters.sent_at, TimePoint(std::chrono::seconds(1788231000)));
  const std::string key = seal({CardId(9), 1, "accept"}, demo_settings().card_key());
  const Inbound press = inbound(
      event({{"eventtype", "template_card_event"}, {"template_card_event", {{"event_key", key}, {"task_id", "xb_9_00@x-1"}}}}));
  EXPECT_EQ(press.kind, EventKind::press);
  EXPECT_EQ(what<Pressed>(press).card, CardId(9));
  const auto handle = read_handle(what<Pressed>(press).handle);
  ASSERT_TRUE(handle);
  EXPECT_EQ(handle->nonce, "n-1");
  EXPECT_EQ(handle->task, "xb_9_00@x-1");
  for (const json& other : {json{{"eventtype", "feedback_event"}, {"feedback_event", {{"id", "f"}, {"type", 1}}}},
                            json{{"eventtype", "new"}}, json::object(), json(nullptr), json(3)})
    EXPECT_TRUE(ignored(event(other))) << other.dump();
  EXPECT_TRUE(ignored(signed_request("bot", bot_message({{"msgtype", "stream"}, {"stream", {{"id", "s"}}}}).dump())));
}

TEST(WeComBot, TheMentionOfTheBotIsTakenOut) {
  const std::string name = "协作 助手";
  EXPECT_EQ(without_mention("@协作 助手 /我的", name), "/我的");
  EXPECT_EQ(without_mention("@协作 助手\xE2\x80\x85/我的", name), "/我的") << "U+2005";
  EXPECT_EQ(without_mention("@协作 助手\xC2\xA0/我的", name), "/我的") << "U+00A0";
  EXPECT_EQ(without_mention("/我的 @协作 助手", name), "/我的");
  EXPECT_EQ(without_mention("@协作 助手", name), "");
  EXPECT_EQ(without_mention("@协作 助手二号 你好", name), "@协作 助手二号 你好") << "somebody else";
  EXPECT_EQ(without_mention("@协作 助手二号 @协作 助手 好", name), "@协作 助手二号 好");
  EXPECT_EQ(without_mention("/指派 3 @赵技", name), "/指派 3 @赵技");
  EXPECT_EQ(without_mention("@ x", ""), "@ x");
}

TEST(WeComBot, AnswersGoNowhereButToThePlatform) {
  Settings settings = demo_settings();
  for (const char* good : {"https://qyapi.weixin.qq.com/cgi-bin/aibot/response?response_code=x"})
    EXPECT_TRUE(may_post_to(good, settings)) << good;
  for (const char* evil :
       {"", "https://qyapi.weixin.qq.com", "http://qyapi.weixin.qq.com/x", "https://qyapi.weixin.qq.com.evil.example/x",
        "https://qyapi.weixin.qq.com@evil.example/x", "https://qyapi.weixin.qq.com/x\r\nA: b", "https://evil.example/",
        "https://qyapi.weixin.qq.com:444/x", "ftp://qyapi.weixin.qq.com/x"})
    EXPECT_FALSE(may_post_to(evil, settings)) << evil;
  settings.api_base = "http://127.0.0.1:9000";
  EXPECT_TRUE(may_post_to("http://127.0.0.1:9000/cgi-bin/aibot/response?response_code=x", settings));
  const Inbound from_elsewhere = inbound(signed_request(
      "bot",
      bot_message({{"msgtype", "text"}, {"text", {{"content", "x"}}}, {"response_url", "https://evil.example/x"}}).dump()));
  EXPECT_FALSE(from_elsewhere.reply_to);
}

TEST(WeComBot, NoJsonBreaksIt) {
  for (const std::string& body :
       {std::string("[]"), std::string("3"), std::string("{"), std::string(100'000, '['), std::string()}) {
    const auto decoded = decode(signed_request("bot", body));
    ASSERT_FALSE(decoded);
    EXPECT_EQ(decoded.error().code, Errc::bad_input);
  }
  EXPECT_FALSE(decode(signed_request("bot", R"({"msgid":"1","chattype":"group","msgtype":"text","from":{"userid":"a"}})")))
      << "a group without a chat";
  const std::vector<json> odd{json(nullptr), json(7), json("x"), json::array(), json::object(), json(1.5), json(true)};
  rc::check([&odd] {
    json body = bot_message({{"msgtype", "mixed"}, {"chatid", "c"}});
    for (const char* name : {"msgid", "chattype", "from", "msgtype", "mixed", "event", "response_url", "create_time"})
      if (*rc::gen::arbitrary<bool>()) body[name] = *rc::gen::elementOf(odd);
    const auto decoded = decode(signed_request("bot", body.dump()));
    RC_ASSERT(decoded.has_value() || decoded.error().code == Errc::bad_input);
  });
}

// ---- both ------------------------------------------------------------------------------------------------

TEST(WeComHook, OnlyWhatIsConfiguredIsReceived) {
  Settings settings = demo_settings();
  settings.app->token = Secret();
  EXPECT_EQ(decode(signed_request("app", app_xml("")), settings).error().code, Errc::bad_signature);
  settings = demo_settings();
  settings.bot.reset();
  EXPECT_EQ(decode(signed_request("bot", "{}"), settings).error().code, Errc::bad_signature);
  EXPECT_EQ(decode(HttpRequest("GET", "/hook/wecom/main/app")).error().code, Errc::bad_input) << "a probe";
  EXPECT_EQ(decode(HttpRequest("POST", "/hook/wecom/main/app")).error().code, Errc::bad_input);
  for (const char* no_json : {"", "<xml></xml>", "{\"encrypt\":"}) {
    HttpRequest request("POST", "/hook/wecom/main/bot");
    request.body = no_json;
    EXPECT_EQ(decode(request).error().code, Errc::bad_input) << no_json;
  }
  HttpRequest nothing_sealed("POST", "/hook/wecom/main/bot");
  nothing_sealed.body = "{}";
  EXPECT_EQ(decode(nothing_sealed).error().code, Errc::bad_signature);
  EXPECT_EQ(decode(HttpRequest("POST", "/hook/wecom/main/other")).error().code, Errc::bad_input);
  EXPECT_EQ(decode(HttpRequest("PUT", "/hook/wecom/main/bot")).error().code, Errc::bad_input);
}

TEST(WeComHook, OldCallbacksAreRefused) {
  const std::string xml = app_xml("<MsgType>text</MsgType><Content>/帮助</Content><MsgId>1</MsgId>");
  for (const char* near : {"1788230702", "1788231302"})
    EXPECT_TRUE(decode(signed_request("app", xml, near), demo_settings(), now)) << near;
  for (const char* far : {"1788230701", "1788231303", "1788100000"})
    EXPECT_EQ(decode(signed_request("app", xml, far), demo_settings(), now).error().code, Errc::bad_signature) << far;
  EXPECT_EQ(decode(signed_request("app", xml, "x")).error().code, Errc::bad_signature);
}

TEST(WeComHook, AnyChangedByteIsForeign) {
  const HttpRequest good = signed_request("bot", bot_message({{"msgtype", "text"}, {"text", {{"content", "x"}}}}).dump());
  rc::check([&good] {
    HttpRequest changed = good;
    const auto at = *rc::gen::inRange<std::size_t>(12, good.body.size() - 2);  // inside the sealed text
    const char before = changed.body[at];
    changed.body[at] = *rc::gen::suchThat(rc::gen::elementOf(std::string("ABCabc012+/=")), [&](char c) { return c != before; });
    const auto decoded = decode(changed);
    RC_ASSERT(!decoded.has_value());
    RC_ASSERT(decoded.error().code == Errc::bad_signature);
  });
}

// ---- answers ---------------------------------------------------------------------------------------------

Card sample_card() {
  Card card;
  card.title = "【XB-2026-0012】<数据接口>";
  card.body = "第一行";
  Button accept;
  accept.action = "accept";
  accept.label = "接单";
  card.buttons = {accept};
  return card;
}

TEST(WeComAnswer, OfAPressOnAnAppCardIsTheCardForTheClicker) {
  const WeComPlatform platform(demo_settings(), Rng(7));
  const auto decoded = platform.decode(
      signed_request("app", app_xml("<MsgType>event</MsgType><Event>template_card_event</Event><EventKey>k</EventKey>")), now);
  ASSERT_TRUE(decoded);
  const Inbound in = std::get<Inbound>(*decoded);
  Reply reply;
  reply.card = CardId(12);
  const Card card = sample_card();
  const HttpResponse answer = platform.answer(in, reply, &card);
  const auto outer = read_xml(answer.body);
  ASSERT_TRUE(outer);
  const std::string encrypt = outer->text_of("Encrypt");
  EXPECT_EQ(outer->text_of("MsgSignature"),
            callback_signature(demo_settings().app->token, outer->text_of("TimeStamp"), outer->text_of("Nonce"), encrypt));
  EXPECT_EQ(outer->text_of("TimeStamp"), "1788231002");
  const auto plain = CallbackCipher(demo_settings().app->aes_key, corp).open(encrypt);
  ASSERT_TRUE(plain);
  const auto inner = read_xml(*plain);
  ASSERT_TRUE(inner);
  EXPECT_EQ(inner->text_of("MsgType"), "update_template_card");
  EXPECT_EQ(inner->text_of("ToUserName"), "chen.yu");
  EXPECT_EQ(inner->text_of("FromUserName"), corp);
  const Element* made = inner->child("TemplateCard");
  ASSERT_NE(made, nullptr);
  EXPECT_EQ(made->text_of("CardType"), "button_interaction");
  EXPECT_EQ(made->child("MainTitle")->text_of("Title"), card.title);
  EXPECT_EQ(unseal(made->child("ButtonList")->text_of("Key"), demo_settings().card_key())->card, CardId(12));
  EXPECT_TRUE(platform.answer(in, Reply(), nullptr).body.empty());
  EXPECT_EQ(platform.busy(in, "再按一次").status, 503) << "the platform asks again";
}

TEST(WeComAnswer, OfAPressOnABotCardCarriesItsTaskAndNonce) {
  Settings settings = demo_settings();
  const json event = bot_message(
      {{"msgtype", "event"},
       {"event", {{"eventtype", "template_card_event"}, {"template_card_event", {{"event_key", "k"}, {"task_id", "xb_9"}}}}}});
  const WeComPlatform platform(settings, Rng(7));
  const auto decoded = platform.decode(signed_request("bot", event.dump()), now);
  ASSERT_TRUE(decoded);
  Reply reply;
  reply.card = CardId(9);
  const Card card = sample_card();
  const json answer = json::parse(platform.answer(std::get<Inbound>(*decoded), reply, &card).body);
  EXPECT_EQ(answer.at("nonce"), "n-1");
  EXPECT_TRUE(answer.at("timestamp").is_number());
  EXPECT_EQ(str(answer, "msgsignature"), callback_signature(settings.bot->token, "1788231002", "n-1", str(answer, "encrypt")));
  const auto plain = CallbackCipher(settings.bot->aes_key, "").open(str(answer, "encrypt"));
  ASSERT_TRUE(plain);
  const json inner = json::parse(*plain);
  EXPECT_EQ(inner.at("response_type"), "update_template_card");
  EXPECT_EQ(inner.at("template_card").at("task_id"), "xb_9");

  settings.bot->stream = true;
  const WeComPlatform streaming(settings, Rng(7));
  HttpRequest frame(std::string(stream_method), "/stream/bot");
  frame.headers.set(req_id_header, "r1");
  frame.body = event.dump();
  const auto arrived = streaming.decode(frame, now);
  ASSERT_TRUE(arrived);
  const json open = json::parse(streaming.answer(std::get<Inbound>(*arrived), reply, &card).body);
  EXPECT_EQ(open.at("template_card").at("task_id"), "xb_9") << "nothing is encrypted inside TLS";
}

}  // namespace
}  // namespace xieban::wecom::wecom_test
