// Feishu's directory: what is asked, what each answer means, and what its events tell.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "adapters/feishu/platform.hpp"
#include "bot/ports/contacts.hpp"
#include "bot/ports/stream.hpp"

namespace xieban::feishu::feishu_contacts_test {
namespace {

using nlohmann::json;
using Kind = ContactFault::Kind;

Settings settings() {
  Settings made;
  made.app = AppId("feishu:main");
  made.app_id = "cli_a81f3c5d7e9b0246";
  made.app_secret = Secret("app-secret-demo");
  made.stream = true;
  return made;
}
const FeishuPlatform platform(settings());
const Contacts& contacts = *platform.contacts();
const TimePoint now{Duration{1767152300000}};

Token token() {
  Token made;
  made.value = Secret("t-1");
  return made;
}
HttpResponse good(const json& data) {
  return HttpResponse(200, json({{"code", 0}, {"msg", "success"}, {"data", data}}).dump());
}
Decoded told(const std::string& type, const json& event) {
  HttpRequest request{std::string(stream_method), "/stream/feishu"};
  request.body = json({{"schema", "2.0"},
                       {"header",
                        {{"event_id", "ev1"},
                         {"event_type", type},
                         {"create_time", "1767152300000"},
                         {"token", ""},
                         {"app_id", "cli_a81f3c5d7e9b0246"}}},
                       {"event", event}})
                     .dump();
  auto decoded = platform.decode(request, now);
  EXPECT_TRUE(decoded) << type;
  return std::move(*decoded);
}
Inbound inbound(const std::string& type, const json& event) { return std::get<Inbound>(told(type, event)); }

TEST(FeishuContacts, AsksForOpenIds) {
  const HttpRequest person = contacts.ask_person(UserId("ou_赵"), token());
  EXPECT_EQ(person.method, "GET");
  EXPECT_EQ(person.target,
            "/open-apis/contact/v3/users/ou_%E8%B5%B5?user_id_type=open_id&department_id_type=open_department_id");
  EXPECT_EQ(person.headers.get("Authorization"), "Bearer t-1");
  EXPECT_EQ(contacts.ask_unit("od-77", token()).target,
            "/open-apis/contact/v3/departments/od-77?department_id_type=open_department_id&user_id_type=open_id");
  EXPECT_EQ(contacts.ask_unit("D/96", token()).target,
            "/open-apis/contact/v3/departments/D%2F96?department_id_type=department_id&user_id_type=open_id")
      << "an id that the company gave";
  const HttpRequest mobile = *contacts.ask_mobile("13800138000", token());
  EXPECT_EQ(mobile.method, "POST");
  EXPECT_EQ(mobile.target, "/open-apis/contact/v3/users/batch_get_id?user_id_type=open_id");
  EXPECT_EQ(json::parse(mobile.body), json({{"mobiles", {"13800138000"}}, {"include_resigned", false}}));
  EXPECT_FALSE(contacts.own_token_request());
}

TEST(FeishuContacts, WhoIsNamedByTheCompanysOwnIdAloneIsAskedFor) {
  EXPECT_FALSE(contacts.ask_plain_id(UserId("ou_1"), token()));
  EXPECT_FALSE(contacts.ask_plain_id(UserId(), token()));
  const auto request = contacts.ask_plain_id(UserId("zhou/8"), token());
  ASSERT_TRUE(request);
  EXPECT_EQ(request->method, "GET");
  EXPECT_EQ(request->target, "/open-apis/contact/v3/users/zhou%2F8?user_id_type=user_id");
  EXPECT_EQ(request->headers.get("Authorization"), "Bearer t-1");
  EXPECT_EQ(contacts.read_plain_id(good({{"user", {{"open_id", "ou_1"}}}})), UserId("ou_1"));
  const auto nobody = contacts.read_plain_id(HttpResponse(400, R"({"code":41012,"msg":"user id invalid"})"));
  ASSERT_FALSE(nobody);
  EXPECT_EQ(nobody.error().kind, Kind::absent);
  EXPECT_FALSE(contacts.read_plain_id(good({{"user", json::object()}})));
}

TEST(FeishuContacts, APersonIsInTheirMainDepartmentFirst) {
  const auto read =
      contacts.read_person(good({{"user",
                                  {{"open_id", "ou_1"},
                                   {"name", "赵技"},
                                   {"leader_user_id", "ou_boss"},
                                   {"department_ids", {"od-1", "od-2"}},
                                   {"orders", json::array({{{"department_id", "od-1"}, {"is_primary_dept", false}},
                                                           {{"department_id", "od-2"}, {"is_primary_dept", true}}})},
                                   {"status", {{"is_resigned", false}, {"is_frozen", true}}}}}}));
  ASSERT_TRUE(read) << "whoever is suspended has not left";
  EXPECT_EQ(read->name, "赵技");
  EXPECT_EQ(read->manager, UserId("ou_boss"));
  EXPECT_EQ(read->units, (std::vector<std::string>{"od-2", "od-1"}));
  const auto bare = contacts.read_person(good({{"user", {{"open_id", "ou_1"}}}}));
  ASSERT_TRUE(bare) << "fields without their scope are left out";
  EXPECT_TRUE(bare->name.empty() && bare->units.empty() && bare->manager.empty());
}

TEST(FeishuContacts, ADepartmentHasMainLeadersBeforeDeputies) {
  const json leaders = {{{"leaderType", 2}, {"leaderID", "ou_deputy"}}, {{"leaderType", 1}, {"leaderID", "ou_main"}}};
  const auto read =
      contacts.read_unit(good({{"department", {{"name", "技术部"}, {"leader_user_id", "ou_main"}, {"leaders", leaders}}}}));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->name, "技术部");
  EXPECT_EQ(read->leaders, (std::vector{UserId("ou_main"), UserId("ou_deputy")}));
  EXPECT_EQ(contacts.read_unit(good({{"department", {{"name", "旧部"}, {"status", {{"is_deleted", true}}}}}})).error().kind,
            Kind::absent);
  const auto nameless = contacts.read_unit(good({{"department", {{"open_department_id", "od-1"}}}}));
  ASSERT_FALSE(nameless);
  EXPECT_EQ(nameless.error().kind, Kind::denied);
  EXPECT_NE(nameless.error().detail.find("contact:department.base:readonly"), std::string::npos);
}

TEST(FeishuContacts, ADepartmentNamesTheOneAboveItUpToTheCompany) {
  const auto above = [](const char* parent) {
    const auto read = contacts.read_unit(good({{"department", {{"name", "后端组"}, {"parent_department_id", parent}}}}));
    return read ? read->parent : "?";
  };
  EXPECT_EQ(above("od-tech"), "od-tech");
  EXPECT_EQ(above("0"), "");
  EXPECT_EQ(contacts.read_unit(good({{"department", {{"name", "后端组"}}}}))->parent, "");
}

TEST(FeishuContacts, TheAppsOwnAccountStandsBesideItsName) {
  EXPECT_EQ(contacts.ask_self(token())->target, "/open-apis/bot/v3/info");
  const HttpResponse answer(200, R"({"code":0,"msg":"ok","bot":{"app_name":"协办","open_id":"ou_b070"}})");
  EXPECT_EQ(contacts.read_self(answer), UserId("ou_b070"));
  for (const char* body : {R"({"code":0,"bot":{}})", R"({"code":0})", R"({"code":230006})", "x"})
    EXPECT_FALSE(contacts.read_self(HttpResponse(200, body))) << body;
}

TEST(FeishuContacts, MembersComeInPages) {
  EXPECT_EQ(contacts.ask_members(ChatId("oc_1"), "", token())->target,
            "/open-apis/im/v1/chats/oc_1/members?member_id_type=open_id&page_size=100");
  EXPECT_EQ(contacts.ask_members(ChatId("oc_1"), "a=b", token())->target,
            "/open-apis/im/v1/chats/oc_1/members?member_id_type=open_id&page_size=100&page_token=a%3Db");
  const auto first = contacts.read_members(
      good({{"items", json::array({{{"member_id", "ou_1"}}, {{"member_id", ""}}})}, {"has_more", true}, {"page_token", "p2"}}));
  ASSERT_TRUE(first);
  EXPECT_EQ(first->users, std::vector{UserId("ou_1")});
  EXPECT_EQ(first->next, "p2");
  const auto last = contacts.read_members(good({{"items", json::array()}, {"has_more", false}, {"page_token", "p2"}}));
  ASSERT_TRUE(last);
  EXPECT_TRUE(last->users.empty() && last->next.empty());
  EXPECT_EQ(contacts.read_members(HttpResponse(400, R"({"code":99991672})")).error().kind, Kind::denied);
}

TEST(FeishuContacts, OnlyADefiniteAnswerMeansNobody) {
  struct Row {
    int status;
    std::string body;
    Kind kind;
  };
  const std::vector<Row> rows = {
      {200, good({{"user", {{"status", {{"is_resigned", true}}}}}}).body, Kind::absent},
      {200, good({{"user", {{"status", {{"is_exited", true}}}}}}).body, Kind::absent},
      {403, R"({"code":41050,"msg":"no user authority error"})", Kind::absent},
      {400, R"({"code":41012,"msg":"user id invalid error"})", Kind::absent},
      {403, R"({"code":40004,"msg":"no dept authority error"})", Kind::absent},
      {400, R"({"code":40015,"msg":"department not exist"})", Kind::absent},
      {400, R"({"code":99992361,"msg":"open_id cross app"})", Kind::absent},
      {400, R"({"code":99991663,"msg":"Invalid access token"})", Kind::token},
      {400, R"({"code":99991672,"msg":"Access denied"})", Kind::denied},
      {400, R"({"code":99991401,"msg":"ip"})", Kind::denied},
      {429, R"({"code":99991400,"msg":"frequency limit"})", Kind::later},
      {400, R"({"code":40003,"msg":"internal error"})", Kind::later},
      {200, R"({"code":0,"msg":"success"})", Kind::later},
      {200, R"({"code":"0"})", Kind::later},
      {502, "<html>", Kind::later},
      {200, "", Kind::later},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.body);
    const auto read = contacts.read_person(HttpResponse(row.status, row.body));
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().kind, row.kind);
    EXPECT_FALSE(read.error().detail.empty());
  }
}

TEST(FeishuContacts, ANumberThatNobodyHasComesBackWithoutAnId) {
  EXPECT_EQ(*contacts.read_mobile(good({{"user_list", {{{"user_id", "ou_9"}, {"mobile", "13800138000"}}}}})), UserId("ou_9"));
  for (const json& list : {json::array({{{"mobile", "13800138000"}}}), json::array(), json("x")})
    EXPECT_EQ(contacts.read_mobile(good({{"user_list", list}})).error().kind, Kind::absent) << list;
}

RC_GTEST_PROP(FeishuContacts, NoBytesMakeItThrow, (const std::string& bytes, int status)) {
  for (const std::string& body : {bytes, R"({"code":0,"data":)" + bytes + "}"}) {
    (void)contacts.read_person(HttpResponse(status, body));
    (void)contacts.read_unit(HttpResponse(status, body));
    (void)contacts.read_mobile(HttpResponse(status, body));
  }
}

TEST(FeishuContacts, NoShapeMakesItThrow) {
  for (const json& odd : {json(), json(1), json("x"), json::array({1, json::object()}), json::object(), json(true)}) {
    (void)contacts.read_person(good({{"user", {{"orders", odd}, {"department_ids", odd}, {"status", odd}, {"name", odd}}}}));
    (void)contacts.read_person(good({{"user", {{"orders", {{{"is_primary_dept", true}, {"department_id", odd}}}}}}}));
    (void)contacts.read_unit(good({{"department", {{"leaders", odd}, {"status", odd}, {"name", "x"}}}}));
    (void)contacts.read_unit(good({{"department", {{"name", "x"}, {"leaders", {{{"leaderType", odd}, {"leaderID", odd}}}}}}}));
    (void)contacts.read_mobile(good({{"user_list", {odd}}}));
    (void)contacts.read_person(good({{"user", odd}}));
  }
}

TEST(FeishuContacts, ChangesOfTheDirectoryAreEvents) {
  const json object = {{"object", {{"open_id", "ou_1"}, {"user_id", "u1"}}}};
  for (const char* type : {"contact.user.created_v3", "contact.user.updated_v3"})
    EXPECT_EQ(std::get<PersonChanged>(inbound(type, object).what).users, std::vector{UserId("ou_1")}) << type;
  const Inbound left = inbound("contact.user.deleted_v3", object);
  EXPECT_EQ(std::get<PersonLeft>(left.what).users, std::vector{UserId("ou_1")});
  EXPECT_TRUE(left.chat.chat.empty());
  const json resigned = {{"object", {{"open_id", "ou_2"}, {"status", {{"is_resigned", true}}}}}};
  EXPECT_EQ(std::get<PersonLeft>(inbound("contact.user.updated_v3", resigned).what).users, std::vector{UserId("ou_2")});
  for (const char* type : {"contact.department.created_v3", "contact.department.updated_v3", "contact.department.deleted_v3",
                           "contact.scope.updated_v3"})
    EXPECT_TRUE(std::holds_alternative<DirectoryChanged>(inbound(type, json::object()).what)) << type;
  for (const json& nobody : {json::object(), json({{"object", nullptr}}), json({{"object", {{"open_id", ""}}}})})
    EXPECT_TRUE(std::holds_alternative<Ignored>(told("contact.user.deleted_v3", nobody))) << nobody;
}

TEST(FeishuChats, TheBotComesInAndIsToldWhoIsThere) {
  const json event = {{"chat_id", "oc_1"}, {"operator_id", {{"open_id", "ou_1"}}}, {"external", true}};
  const Inbound outside = inbound("im.chat.member.bot.added_v1", event);
  EXPECT_EQ(outside.chat.chat, ChatId("oc_1"));
  EXPECT_FALSE(outside.one_to_one);
  EXPECT_EQ(std::get<JoinedChat>(outside.what).external, true);
  EXPECT_EQ(std::get<JoinedChat>(inbound("im.chat.member.bot.added_v1", {{"chat_id", "oc_1"}}).what).external, std::nullopt);
}

TEST(FeishuChats, WhoOpensTheirChatIsThere) {
  const std::string type = "im.chat.access_event.bot_p2p_chat_entered_v1";
  const Inbound opened = inbound(type, {{"chat_id", "oc_p2p"}, {"operator_id", {{"open_id", "ou_1"}}}});
  EXPECT_TRUE(std::holds_alternative<JoinedChat>(opened.what));
  EXPECT_TRUE(opened.one_to_one);
  EXPECT_EQ(opened.chat.chat, ChatId("p:ou_1")) << "where this person is written to";
  EXPECT_TRUE(std::holds_alternative<Ignored>(told(type, {{"chat_id", "oc_p2p"}})));
}

TEST(FeishuChats, AMenuEntryIsAsGoodAsTyped) {
  const json person = {{"operator_id", {{"open_id", "ou_1"}, {"user_id", nullptr}}}};
  const Inbound chosen = inbound("application.bot.menu_v6", {{"operator", person}, {"event_key", "mine"}, {"timestamp", 1}});
  EXPECT_EQ(std::get<MenuChosen>(chosen.what).key, "mine");
  EXPECT_EQ(chosen.kind, EventKind::message) << "a stranger is looked up first";
  EXPECT_EQ(chosen.actor, UserId("ou_1"));
  EXPECT_EQ(chosen.chat.chat, ChatId("p:ou_1"));
}

}  // namespace
}  // namespace xieban::feishu::feishu_contacts_test
