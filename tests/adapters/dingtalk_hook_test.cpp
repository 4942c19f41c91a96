// What DingTalk posts: signatures, encryption, and messages and events in one form, against vectors made with its SDKs.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "adapters/callback_cipher.hpp"
#include "adapters/dingtalk/hook.hpp"
#include "adapters/dingtalk/message.hpp"
#include "adapters/dingtalk/signature.hpp"
#include "bot/base/text.hpp"
#include "bot/crypto/crypto.hpp"
#include "tests/adapters/dingtalk_world.hpp"

namespace xieban::dingtalk::dingtalk_hook_test {
namespace {

using nlohmann::json;

TEST(DingTalkVectors, OpensAndSealsEventsByteForByte) {
  std::vector<json> rows = vectors().at("known_answers");
  for (const json& row : vectors().at("event_crypto")) rows.push_back(row);
  ASSERT_GE(rows.size(), 10U);
  for (const json& row : rows) {
    SCOPED_TRACE(str(row, "id"));
    const CallbackCipher cipher(Secret(str(row, "aes_key")), str(row, "owner_key"));
    EXPECT_EQ(cipher.open(str(row, "encrypt")), str(row, "plaintext"));
    EXPECT_EQ(callback_signature(Secret(str(row, "token")), str(row, "timestamp"), str(row, "nonce"), str(row, "encrypt")),
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
      EXPECT_FALSE(CallbackCipher(settings.event_aes_key, settings.client_id).open(str(row, "encrypt")));
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
  const std::string signature = callback_signature(Secret(), "1", "n", "e");
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
  const auto other = decode(event_request({{"eventType", "chat_quit"}, {"eventId", "e"}}));
  ASSERT_TRUE(other);
  expect_success(std::get<Ignored>(*other).answer);
  Inbound event;
  const DingTalkPlatform platform(demo_settings(), Rng(3));
  expect_success(platform.answer(event, Reply(), nullptr));
}

TEST(DingTalkHook, TheOldKeysAreAcceptedWhileTheyAreKept) {
  const Settings before = demo_settings();
  const HttpRequest check = event_request({{"EventType", "check_url"}});
  Settings after = before;
  after.event_token = Secret("a new token");
  after.event_aes_key = Secret("0123456789abcdefghijklmnopqrstuvwxyzABCDEFG");
  EXPECT_FALSE(decode(check, after));
  after.old_event_token = before.event_token;
  EXPECT_FALSE(decode(check, after)) << "its key is gone";
  after.old_event_aes_key = before.event_aes_key;
  const auto old = decode(check, after);
  ASSERT_TRUE(old);
  expect_success(std::get<Handshake>(*old).answer);  // answered with the keys of the question

  after = before;
  after.old_event_token = Secret("an old token");
  after.old_event_aes_key = Secret("0123456789abcdefghijklmnopqrstuvwxyzABCDEFG");
  EXPECT_TRUE(decode(check, after));
  after = before;
  after.event_aes_key = Secret("0123456789abcdefghijklmnopqrstuvwxyzABCDEFG");
  after.old_event_aes_key = before.event_aes_key;
  EXPECT_TRUE(decode(check, after)) << "the token has not changed";
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
  for (const char* type : {"org_dept_create", "org_dept_modify", "org_dept_remove"}) {
    const auto changed = read({{"eventType", type}, {"eventId", "e"}, {"deptId", {200}}});
    ASSERT_TRUE(changed) << type;
    EXPECT_TRUE(std::holds_alternative<DirectoryChanged>(std::get<Inbound>(*changed).what)) << type;
  }
  const json other_robot = {{"eventType", "im_cool_app_install"}, {"robotCode", "ding2"}, {"eventId", "e"}};
  EXPECT_TRUE(std::holds_alternative<Ignored>(*read(other_robot)));
}

TEST(DingTalkHook, WhatItSaysOfTheAppIsAnAilment) {
  json used_up = message_body("x");
  used_up.erase("text");
  used_up["errorCode"] = "20001";
  EXPECT_EQ(std::get<Ignored>(*decode(robot_request(used_up))).ailment, "ailment.pushes_used_up");
  json nobody = message_body("x");
  nobody.erase("senderStaffId");
  EXPECT_EQ(std::get<Ignored>(*decode(robot_request(nobody))).ailment, "ailment.no_senders");
}

TEST(DingTalkHook, AGroupSaysItsName) {
  json body = message_body("x");
  body["conversationTitle"] = "财务部协作群";
  EXPECT_EQ(std::get<Inbound>(*decode(robot_request(body))).chat_name, "财务部协作群");
  body.erase("conversationTitle");
  EXPECT_EQ(std::get<Inbound>(*decode(robot_request(body))).chat_name, "");
}

TEST(DingTalkHook, WhatIsNoProtocolIsBadInput) {
  HttpRequest empty = robot_request(json());
  for (const std::string& body : {std::string(), std::string("{"), std::string("[]"), std::string(100000, '[')}) {
    empty.body = body;
    const auto decoded = decode(empty);
    ASSERT_FALSE(decoded);
    EXPECT_EQ(decoded.error().code, Errc::bad_input);
  }
  for (const char* no_json : {"", "<xml></xml>", "{\"encrypt\":"}) {
    HttpRequest event("POST", "/hook/dingtalk/main/event");
    event.body = no_json;
    EXPECT_EQ(decode(event).error().code, Errc::bad_input) << no_json;
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
  EXPECT_EQ(said(" /任务 #12.3 看", {"li", "li"}).text, "/任务 #12.3 @li 看");
  EXPECT_EQ(said(" 你好", {"li"}).text, "你好 @li");
  const Said one = said(" /指派 12", {"li"});
  ASSERT_EQ(one.mentions.size(), 2U);
  EXPECT_EQ(one.mentions[0].user, UserId("li"));
  EXPECT_EQ(one.mentions[0].shown_as, "li");
  EXPECT_TRUE(one.mentions[1].is_bot);
}

TEST(DingTalkHook, NamesThatAClientKeptBelongToTheMentionedInTheirOrder) {
  struct Row {
    std::string content;
    std::vector<std::string> people;
    std::string text;
    std::vector<std::pair<std::string, std::string>> mentions;  // whose, and as what they stand in the text
  };
  const std::vector<Row> rows = {
      {" /任务 12 @李雷 写方案", {"li"}, "/任务 12 @李雷 写方案", {{"li", "李雷"}}},
      {" /任务 12 @王工 联系 a@b.com", {"wang"}, "/任务 12 @王工 联系 a@b.com", {{"wang", "王工"}}},
      {" /任务 12 联系 a@b.com", {"wang"}, "/任务 12 @wang 联系 a@b.com", {{"wang", "wang"}}},
      {" /备注 12 @李雷，@李 看", {"li", "wu"}, "/备注 12 @李雷，@李 看", {{"li", "李雷"}, {"wu", "李"}}},
      {" 请 @李雷\xe2\x80\x85和 @吴工、看", {"li", "wu"}, "请 @李雷\xe2\x80\x85和 @吴工、看", {{"li", "李雷"}, {"wu", "吴工"}}},
      {" 找 @李雷 和 @吴工 和 @李雷",
       {"li", "wu", "li"},
       "找 @李雷 和 @吴工 和 @李雷",
       {{"li", "李雷"}, {"wu", "吴工"}, {"li", "李雷"}}},
      {" 找 @李雷", {"li", "li"}, "找 @李雷", {{"li", "李雷"}}},
      {" 找 @李雷 和 @外人", {"li"}, "找 @李雷 和 @外人", {{"li", "li"}}},
      {" 找 @李雷", {"li", "wu"}, "找 @李雷 @li @wu", {{"li", "li"}, {"wu", "wu"}}},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.content);
    json body = message_body(row.content);
    for (const std::string& user : row.people) body["atUsers"].push_back({{"dingtalkId", "$:" + user}, {"staffId", user}});
    const auto decoded = decode(robot_request(body));
    ASSERT_TRUE(decoded);
    Said said = std::get<Said>(std::get<Inbound>(*decoded).what);
    EXPECT_EQ(said.text, row.text);
    ASSERT_FALSE(said.mentions.empty());
    EXPECT_TRUE(said.mentions.back().is_bot);
    said.mentions.pop_back();
    ASSERT_EQ(said.mentions.size(), row.mentions.size());
    for (std::size_t i = 0; i < row.mentions.size(); ++i) {
      EXPECT_EQ(said.mentions[i].user, UserId(row.mentions[i].first));
      EXPECT_EQ(said.mentions[i].shown_as, row.mentions[i].second);
    }
  }
}

TEST(DingTalkHook, WhoIsMentionedInRichTextIsWhoWasMeant) {
  json body = message_body("");
  body.erase("text");
  body["msgtype"] = "richText";
  body["content"] = {{"richText", {{{"text", "/指派 12 "}}, {{"text", "@张伟"}}}}};
  body["atUsers"].push_back({{"dingtalkId", "$:mgr99"}, {"staffId", "mgr99"}});
  const auto decoded = decode(robot_request(body));
  ASSERT_TRUE(decoded);
  const Said said = std::get<Said>(std::get<Inbound>(*decoded).what);
  EXPECT_EQ(said.text, "/指派 12 @张伟");
  ASSERT_FALSE(said.mentions.empty());
  EXPECT_EQ(said.mentions[0].user, UserId("mgr99")) << "whoever else is called so";
  EXPECT_EQ(said.mentions[0].shown_as, "张伟");
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
    RC_ASSERT(!CallbackCipher(demo_settings().event_aes_key, "x").open(crypto::base64(body)));
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

}  // namespace
}  // namespace xieban::dingtalk::dingtalk_hook_test
