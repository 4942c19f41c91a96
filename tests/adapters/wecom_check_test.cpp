// What `check --online` asks WeCom about an app, and what it makes of the answers.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "adapters/wecom/check.hpp"
#include "adapters/wecom/contacts.hpp"

namespace xieban::wecom::wecom_check_test {
namespace {

using nlohmann::json;

Settings demo_settings() {
  Settings settings;
  settings.app_id = AppId("wecom:main");
  settings.corp_id = "ww1";
  settings.app.emplace();
  settings.app->agent_id = 7;
  settings.app->secret = Secret("S");
  return settings;
}

std::vector<Finding> said(const Question& question, const json& body) {
  return findings(question, HttpResponse(200, body.dump()));
}
json refusal(int code) { return {{"errcode", code}, {"errmsg", "why\nhint: [1], from ip: 1.2.3.4"}}; }

struct Case {
  int code;
  bool error;
  const char* subject;
  const char* part;
};

void expect_each(const Question& question, const std::vector<Case>& cases) {
  for (const Case& one : cases) {
    SCOPED_TRACE(one.code);
    const auto found = said(question, refusal(one.code));
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].error, one.error);
    EXPECT_EQ(found[0].subject, one.subject);
    EXPECT_NE(found[0].text.find(one.part), std::string::npos) << found[0].text;
    EXPECT_EQ(found[0].text.find('\n'), std::string::npos) << "one line";
    EXPECT_NE(found[0].text.find("from ip: 1.2.3.4"), std::string::npos) << "the address that the platform saw";
  }
}

TEST(WeComCheck, Credentials) {
  const Question question = token_question(demo_settings());
  EXPECT_EQ(question.request.target, "/cgi-bin/gettoken?corpid=ww1&corpsecret=S");
  EXPECT_TRUE(said(question, {{"errcode", 0}, {"access_token", "T"}, {"expires_in", 7200}}).empty());
  expect_each(question, {{40013, true, "corp_id", "企业ID"},
                         {40001, true, "app.secret", "通讯录同步"},
                         {40091, true, "app.secret", "Secret"},
                         {60020, true, "app", "企业可信IP"},
                         {45009, true, "app.secret", "45009"}});
}

TEST(WeComCheck, SendingIsAskedWithoutReachingAnybody) {
  const auto questions = app_questions(demo_settings(), Secret("T"));
  ASSERT_EQ(questions.size(), 2U);
  const json body = json::parse(questions[0].request.body);
  EXPECT_EQ(body.at("touser"), "xieban_check_nobody");
  EXPECT_EQ(body.at("agentid"), 7);
  EXPECT_TRUE(said(questions[0], refusal(81013)).empty()) << "nobody of that name: all else was in order";
  EXPECT_TRUE(said(questions[0], {{"errcode", 0}, {"invaliduser", "xieban_check_nobody"}}).empty());
  expect_each(questions[0], {{40056, true, "app.agent_id", "AgentId"},
                             {301002, true, "app.agent_id", "AgentId"},
                             {48002, true, "app", "self-built"},
                             {60020, true, "app", "企业可信IP"}});
}

TEST(WeComCheck, ACardWithButtonsWantsTheUrlOfReceivedMessages) {
  Settings settings = demo_settings();
  const Question card = app_questions(settings, Secret("T")).back();
  const json body = json::parse(card.request.body);
  EXPECT_EQ(body.at("touser"), "xieban_check_nobody");
  EXPECT_EQ(body.at("template_card").at("card_type"), "button_interaction");
  EXPECT_EQ(body.at("template_card").at("button_list").size(), 1U);
  EXPECT_TRUE(said(card, refusal(81013)).empty());
  expect_each(card, {{48002, false, "app.callback", "接收消息"}, {60020, true, "app", "企业可信IP"}});
  settings.app->callback = false;
  EXPECT_EQ(app_questions(settings, Secret("T")).size(), 1U) << "such an app sends none";
}

TEST(WeComCheck, People) {
  const Question question = person_question("zhao ming", Secret("T"));
  EXPECT_EQ(question.request.target, "/cgi-bin/user/get?access_token=T&userid=zhao%20ming");
  EXPECT_TRUE(said(question, {{"errcode", 0}, {"userid", "zhao"}, {"status", 1}}).empty());
  ASSERT_EQ(said(question, {{"errcode", 0}, {"status", 4}}).size(), 1U);
  EXPECT_FALSE(said(question, {{"errcode", 0}, {"status", 4}})[0].error);
  expect_each(question, {{60111, true, "", "帐号"},
                         {40003, true, "", "帐号"},
                         {60011, true, "", "可见范围"},
                         {48002, false, "app", "cannot be checked"},
                         {45009, false, "", "not checked"}});
  EXPECT_TRUE(refuses_all(HttpResponse(200, refusal(60020).dump())));
  EXPECT_TRUE(refuses_all(HttpResponse(200, refusal(48002).dump())));
  EXPECT_FALSE(refuses_all(HttpResponse(200, refusal(60111).dump())));
}

TEST(WeComCheck, Agent) {
  const Question question = agent_question(demo_settings(), Secret("T"));
  EXPECT_EQ(question.request.target, "/cgi-bin/agent/get?access_token=T&agentid=7");
  const json everybody = {{"errcode", 0}, {"close", 0}, {"allow_partys", {{"partyid", {1}}}}};
  EXPECT_TRUE(said(question, everybody).empty());
  json closed = everybody;
  closed["close"] = 1;
  ASSERT_EQ(said(question, closed).size(), 1U);
  EXPECT_NE(said(question, closed)[0].text.find("启用"), std::string::npos);
  const json nobody = {{"errcode", 0}, {"close", 0}, {"allow_userinfos", {{"user", json::array()}}}};
  ASSERT_EQ(said(question, nobody).size(), 1U);
  EXPECT_NE(said(question, nobody)[0].text.find("可见范围"), std::string::npos);
  expect_each(question, {{301002, true, "app.agent_id", "301002"}, {60020, true, "app", "企业可信IP"}});
}

TEST(WeComCheck, Departments) {
  const Question question = department_question("7", Secret("T"));
  EXPECT_EQ(question.request.target, "/cgi-bin/department/get?access_token=T&id=7");
  EXPECT_TRUE(said(question, {{"errcode", 0}, {"department", {{"id", 7}}}}).empty());
  expect_each(question, {{60003, true, "", "部门ID"},
                         {60123, true, "", "部门ID"},
                         {60011, true, "", "可见范围"},
                         {48002, false, "app", "cannot be checked"},
                         {45009, false, "", "not checked"}});
}

TEST(WeComCheck, RobotsAreAskedWithoutSayingAnything) {
  const Question question = robot_question(ChatId("wrk1"), Secret("K"));
  EXPECT_EQ(question.request.target, "/cgi-bin/webhook/send?key=K");
  EXPECT_EQ(json::parse(question.request.body), json({{"msgtype", "xieban_check"}}));
  EXPECT_TRUE(said(question, refusal(40008)).empty()) << "no such kind of message: the key is known";
  expect_each(question,
              {{93000, true, "webhooks", "wrk1"}, {93004, true, "webhooks", "wrk1"}, {93008, true, "webhooks", "wrk1"}});
}

TEST(WeComCheck, TheHostOfTheLongConnection) {
  Settings settings = demo_settings();
  EXPECT_EQ(stream_origin(settings), "https://openws.work.weixin.qq.com");
  settings.stream_base = "ws://127.0.0.1:8081/path";
  EXPECT_EQ(stream_origin(settings), "http://127.0.0.1:8081");
}

TEST(WeComCheck, WhatIsNoAnswerOfThePlatform) {
  const auto found = findings(token_question(demo_settings()), HttpResponse(502, "<html>"));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].subject, "api_base");
}

// ---- the directory ---------------------------------------------------------------------------------------

TEST(WeComContacts, PeopleAndDepartments) {
  const WeComContacts contacts;
  Token token;
  token.value = Secret("T");
  EXPECT_EQ(contacts.ask_person(UserId("a b"), token).target, "/cgi-bin/user/get?access_token=T&userid=a%20b");
  EXPECT_EQ(contacts.ask_unit("7", token).target, "/cgi-bin/department/get?access_token=T&id=7");
  EXPECT_FALSE(contacts.ask_mobile("13800000000", token)) << "a few misses close it for a day";
  const auto person = contacts.read_person(HttpResponse(
      200, R"({"errcode":0,"userid":"a","name":"赵明","department":[3,7],"main_department":7,"direct_leader":["boss"]})"));
  ASSERT_TRUE(person);
  EXPECT_EQ(person->name, "赵明");
  EXPECT_EQ(person->units, (std::vector<std::string>{"7", "3"})) << "the main one first";
  EXPECT_EQ(person->manager, UserId("boss"));
  const auto unit = contacts.read_unit(
      HttpResponse(200, R"({"errcode":0,"department":{"id":7,"name":"技术部","department_leader":["x","y"]}})"));
  ASSERT_TRUE(unit);
  EXPECT_EQ(unit->name, "技术部");
  EXPECT_EQ(unit->leaders, (std::vector<UserId>{UserId("x"), UserId("y")}));
  EXPECT_TRUE(unit->parent.empty());
  const auto parent = [&](const char* id) {
    return contacts.read_unit(HttpResponse(200, R"({"errcode":0,"department":{"id":7,"parentid":)" + std::string(id) + "}}"))
        ->parent;
  };
  EXPECT_EQ(parent("3"), "3");
  EXPECT_EQ(parent(R"("3")"), "3");
  for (const char* root : {"0", R"("0")", "null"}) EXPECT_EQ(parent(root), "") << root;
}

TEST(WeComContacts, EncryptedIdsAreTranslated) {
  const WeComContacts contacts;
  Token token;
  token.value = Secret("T");
  const auto request = contacts.ask_plain_id(UserId("woAbC"), token);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->target, "/cgi-bin/batch/openuserid_to_userid?access_token=T");
  EXPECT_EQ(request->body, R"({"open_userid_list":["woAbC"]})");
  const auto read = [&](const char* body) { return contacts.read_plain_id(HttpResponse(200, body)); };
  EXPECT_EQ(*read(R"({"errcode":0,"userid_list":[{"open_userid":"woAbC","userid":"zhao"}]})"), UserId("zhao"));
  EXPECT_EQ(read(R"({"errcode":0,"userid_list":[],"invalid_open_userid_list":["woAbC"]})").error().kind,
            ContactFault::Kind::absent);
  EXPECT_EQ(read(R"({"errcode":42001})").error().kind, ContactFault::Kind::token);
}

TEST(WeComContacts, WhoIsDisabledOrLeftIsNotThere) {
  const WeComContacts contacts;
  const auto read = [&](int status) {
    return contacts.read_person(HttpResponse(200, R"({"errcode":0,"name":"赵","status":)" + std::to_string(status) + "}"));
  };
  for (const int there : {1, 4}) EXPECT_TRUE(read(there)) << there;
  for (const int gone : {2, 5}) {
    ASSERT_FALSE(read(gone)) << gone;
    EXPECT_EQ(read(gone).error().kind, ContactFault::Kind::absent);
  }
}

TEST(WeComContacts, FaultsByWhatFollows) {
  using Kind = ContactFault::Kind;
  const WeComContacts contacts;
  for (const auto& [code, kind] : std::vector<std::pair<int, Kind>>{{60111, Kind::absent},
                                                                    {40003, Kind::absent},
                                                                    {60011, Kind::hidden},
                                                                    {48002, Kind::denied},
                                                                    {42001, Kind::token},
                                                                    {45009, Kind::later},
                                                                    {60020, Kind::later}}) {
    const auto read = contacts.read_person(HttpResponse(200, refusal(code).dump()));
    ASSERT_FALSE(read) << code;
    EXPECT_EQ(read.error().kind, kind) << code;
    EXPECT_NE(read.error().detail.find(std::to_string(code)), std::string::npos);
  }
  for (const char* none : {"", "[]", "{}", R"({"errcode":0})"})
    EXPECT_EQ(contacts.read_unit(HttpResponse(200, none)).error().kind, Kind::later) << none;
}

}  // namespace
}  // namespace xieban::wecom::wecom_check_test
