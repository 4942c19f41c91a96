// DingTalk's directory: what is asked, and what each answer means.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "bot/ports/contacts.hpp"
#include "tests/adapters/dingtalk_world.hpp"

namespace xieban::dingtalk::dingtalk_contacts_test {
namespace {

using nlohmann::json;
using Kind = ContactFault::Kind;

const DingTalkPlatform platform(demo_settings(), Rng(1));
const Contacts& contacts = *platform.contacts();

Token token() {
  Token made;
  made.value = Secret("t k");
  return made;
}

TEST(DingTalkContacts, AsksTheOldHost) {
  const HttpRequest person = contacts.ask_person(UserId("0123"), token());
  EXPECT_EQ(person.origin, "https://oapi.dingtalk.com");
  EXPECT_EQ(person.target, "/topapi/v2/user/get?access_token=t%20k");
  EXPECT_EQ(person.headers.get("Content-Type"), "application/x-www-form-urlencoded; charset=utf-8");
  EXPECT_EQ(person.body, "language=zh_CN&userid=0123");
  EXPECT_EQ(contacts.ask_person(UserId("a&b=赵"), token()).body, "language=zh_CN&userid=a%26b%3D%E8%B5%B5");
  const HttpRequest unit = contacts.ask_unit("77", token());
  EXPECT_EQ(unit.target, "/topapi/v2/department/get?access_token=t%20k");
  EXPECT_EQ(unit.body, "dept_id=77&language=zh_CN");
  EXPECT_EQ(contacts.ask_mobile("13800138000", token())->body, "mobile=13800138000");
}

TEST(DingTalkContacts, TheOldHostHasATokenOfItsOwn) {
  const HttpRequest request = *contacts.own_token_request();
  EXPECT_EQ(request.origin, "https://oapi.dingtalk.com");
  EXPECT_EQ(request.target, "/gettoken?appkey=" + demo_settings().client_id + "&appsecret=Demo_secret-0001");
  const auto token =
      contacts.read_own_token(HttpResponse(200, R"({"errcode":0,"errmsg":"ok","access_token":"old","expires_in":7200})"), now);
  ASSERT_TRUE(token);
  EXPECT_EQ(token->value.reveal(), "old");
  EXPECT_EQ(token->until, now + std::chrono::hours(2));
  for (const char* body : {R"({"errcode":40001,"errmsg":"x"})", R"({"errcode":0})", "", R"({"errcode":0,"access_token":"a"})"})
    EXPECT_FALSE(contacts.read_own_token(HttpResponse(200, body), now)) << body;
}

TEST(DingTalkContacts, ReadsPeopleHoweverTheirNumbersArePrinted) {
  for (const json& ids : {json::array({1, 77}), json::array({"1", "77"})}) {
    const json body = {{"errcode", 0},
                       {"result", {{"userid", "0123"}, {"name", "赵技"}, {"manager_userid", "boss"}, {"dept_id_list", ids}}}};
    const auto read = contacts.read_person(HttpResponse(200, body.dump()));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->name, "赵技");
    EXPECT_EQ(read->manager, UserId("boss"));
    EXPECT_EQ(read->units, (std::vector<std::string>{"1", "77"}));
  }
  const json unit = {{"errcode", "0"},
                     {"result", {{"dept_id", 77}, {"name", "技术部"}, {"dept_manager_userid_list", {"a", "b"}}}}};
  const auto read = contacts.read_unit(HttpResponse(200, unit.dump()));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->name, "技术部");
  EXPECT_EQ(read->leaders, (std::vector{UserId("a"), UserId("b")}));
  EXPECT_EQ(*contacts.read_mobile(HttpResponse(200, R"({"errcode":0,"result":{"userid":"u"}})")), UserId("u"));
}

TEST(DingTalkContacts, ADepartmentNamesTheOneAbove) {
  const auto above = [](const json& result) {
    const auto read = contacts.read_unit(HttpResponse(200, json{{"errcode", 0}, {"result", result}}.dump()));
    return read ? read->parent : "?";
  };
  EXPECT_EQ(above({{"name", "后端组"}, {"parent_id", 77}}), "77");
  EXPECT_EQ(above({{"name", "后端组"}, {"parent_id", "77"}}), "77");
  EXPECT_EQ(above({{"name", "技术部"}, {"parent_id", 1}}), "") << "above it is the company";
  EXPECT_EQ(above({{"name", "公司"}}), "") << "the root has none";
  EXPECT_EQ(above({{"name", "公司"}, {"parent_id", 0}}), "");
}

TEST(DingTalkContacts, OnlyADefiniteAnswerMeansNobody) {
  struct Row {
    int status;
    std::string body;
    Kind kind;
  };
  const std::vector<Row> rows = {
      {200, R"({"errcode":60121,"errmsg":"找不到该用户"})", Kind::absent},
      {200, R"({"errcode":33012,"errmsg":"无效的用户"})", Kind::absent},
      {200, R"({"errcode":60003,"errmsg":"部门不存在"})", Kind::absent},
      {200, R"({"errcode":40014,"errmsg":"不合法的access_token"})", Kind::token},
      {200, R"({"errcode":42001,"errmsg":"expired"})", Kind::token},
      {200, R"({"errcode":88,"errmsg":"ding talk error","sub_code":"60011","sub_msg":"no right"})", Kind::denied},
      {200, R"({"errcode":50002,"errmsg":"不在权限范围"})", Kind::denied},
      {200, R"({"errcode":88,"errmsg":"ding talk error","sub_code":"90018","sub_msg":"too fast"})", Kind::later},
      {200, R"({"errcode":-1,"errmsg":"系统繁忙"})", Kind::later},
      {200, R"({"errcode":0})", Kind::later},
      {200, R"({"errcode":0,"result":[]})", Kind::later},
      {200, "", Kind::later},
      {502, "<html>", Kind::later},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.body);
    const auto read = contacts.read_person(HttpResponse(row.status, row.body));
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().kind, row.kind);
    EXPECT_FALSE(read.error().detail.empty());
  }
  EXPECT_EQ(contacts.read_mobile(HttpResponse(200, R"({"errcode":0,"result":{}})")).error().kind, Kind::absent);
}

RC_GTEST_PROP(DingTalkContacts, NoBytesMakeItThrow, (const std::string& bytes, int status)) {
  (void)contacts.read_person(HttpResponse(status, bytes));
  (void)contacts.read_unit(HttpResponse(status, bytes));
  (void)contacts.read_mobile(HttpResponse(status, bytes));
}

TEST(DingTalkContacts, ChangesOfPeopleAreEvents) {
  for (const char* type : {"user_modify_org", "user_add_org"}) {
    const auto decoded = decode(event_request({{"EventType", type}, {"eventId", type}, {"UserId", {"a", "b"}}}));
    ASSERT_TRUE(decoded);
    const auto& changed = std::get<PersonChanged>(std::get<Inbound>(*decoded).what);
    EXPECT_EQ(changed.users, (std::vector{UserId("a"), UserId("b")}));
  }
}

}  // namespace
}  // namespace xieban::dingtalk::dingtalk_contacts_test
