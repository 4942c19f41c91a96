// The playground's API, member by member and code by code.
#include <algorithm>

#include "tests/web/fixture.hpp"

namespace xieban::testing {
namespace {

using nlohmann::json;

class PlaygroundApiTest : public PlaygroundFixture {};

void expect_error(const Answered& answered, int status, const std::string& code) {
  EXPECT_EQ(answered.status, status) << answered.raw.body;
  ASSERT_TRUE(answered.body.is_object() && answered.body.contains("error")) << answered.raw.body;
  EXPECT_EQ(answered.body.at("error").at("code"), code);
  EXPECT_FALSE(answered.body.at("error").at("message").get<std::string>().empty());
}

std::vector<std::string> members(const json& object) {
  std::vector<std::string> names;
  for (const auto& [name, value] : object.items()) names.push_back(name);
  return names;
}

const json say_hello = {{"chat", "g-all"}, {"user", "lin.market"}, {"text", "/我的"}};

TEST_F(PlaygroundApiTest, SayShowsTheTextDeliversTheEventAndAnswersWhatCameOfIt) {
  host_.on_settle = [this]() -> boost::asio::awaitable<void> {
    json body = outgoing("p1", "p:lin.market", "你没有协作单");
    body["to"] = "lin.market";
    body["mentions"] = json::array({"lin.market"});
    body["urgent"] = true;
    body["request"] = "XB-2026-0012";
    co_await bring("POST", "/messages", std::move(body));
  };
  const Answered answered = post("say", {{"chat", "g-all"}, {"user", "lin.market"}, {"text", "/指派 12 @赵技术 和 @赵技"}});
  ASSERT_EQ(answered.status, 200) << answered.raw.body;
  EXPECT_EQ(answered.raw.headers.get("Content-Type"), "application/json; charset=utf-8");
  const json& said = answered.body.at("said");
  EXPECT_EQ(said, json::parse(R"({"id":"s-1","rev":1,"chat":"g-all","from":"lin.market","to":null,"kind":"said",
    "text":"/指派 12 @赵技术 和 @赵技","card":null,"mentions":["zhao.xiao","zhao.tech"],"urgent":false,"request":null,
    "created_at":"2026-11-23T09:00:00+08:00","updated_at":"2026-11-23T09:00:00+08:00"})"));
  ASSERT_EQ(answered.body.at("messages").size(), 1U);
  EXPECT_EQ(answered.body.at("messages")[0], json::parse(R"({"id":"m-p1","rev":2,"chat":"p:lin.market","from":"bot",
    "to":"lin.market","kind":"text","text":"你没有协作单","card":null,"mentions":["lin.market"],"urgent":true,
    "request":"XB-2026-0012","created_at":"2026-11-23T09:00:00+08:00","updated_at":"2026-11-23T09:00:00+08:00"})"));
  ASSERT_EQ(host_.events.size(), 1U);
  EXPECT_EQ(host_.events[0], json::parse(R"({"id":"s-1","type":"message","chat":"g-all","user":"lin.market",
    "at":"2026-11-23T09:00:00+08:00","text":"/指派 12 @赵技术 和 @赵技",
    "mentions":[{"name":"赵技术","user":"zhao.xiao"},{"name":"赵技","user":"zhao.tech"}]})"));
  EXPECT_EQ(host_.settled, 1);
}

TEST_F(PlaygroundApiTest, EnterDeliversWhoOpensTheChatAndAnswersWhatCameOfIt) {
  host_.on_settle = [this]() -> boost::asio::awaitable<void> {
    co_await bring("POST", "/messages", outgoing("p1", "p:lin.market", "你好"));
  };
  const Answered answered = post("enter", {{"chat", "p:lin.market"}, {"user", "lin.market"}});
  ASSERT_EQ(answered.status, 200) << answered.raw.body;
  ASSERT_EQ(answered.body.at("messages").size(), 1U);
  EXPECT_EQ(answered.body.at("messages")[0].at("text"), "你好");
  ASSERT_EQ(host_.events.size(), 1U);
  EXPECT_EQ(host_.events[0].at("type"), "enter");
  EXPECT_EQ(host_.events[0].at("chat"), "p:lin.market");
  EXPECT_EQ(host_.events[0].at("user"), "lin.market");
  post("enter", {{"chat", "p:lin.market"}, {"user", "lin.market"}});
  EXPECT_NE(host_.events[1].at("id"), host_.events[0].at("id")) << "an event of its own";
  expect_error(post("enter", {{"chat", "p:zhao.tech"}, {"user", "lin.market"}}), 404, "unknown_chat");
  expect_error(post("enter", {{"chat", "p:lin.market"}}), 400, "bad_field");
  EXPECT_EQ(host_.events.size(), 2U);
}

TEST_F(PlaygroundApiTest, AMentionMeansTheOneInTheChatAndNobodyWhenTwoFit) {
  (void)post("say", {{"chat", "g-all"}, {"user", "lin.market"}, {"text", "/指派 1 @林一"}});
  EXPECT_EQ(host_.events.at(0).at("mentions"), json::parse(R"([{"name":"林一","user":null}])"));
  // The project group holds tech and market, not the PMO: there only one 林一 can be meant.
  (void)post("say", {{"chat", "g-project"}, {"user", "lin.market"}, {"text", "/指派 1 @林一 ＠小赵"}});
  EXPECT_EQ(host_.events.at(1).at("mentions"),
            json::parse(R"([{"name":"林一","user":"lin.market"},{"name":"小赵","user":"zhao.xiao"}])"));
}

TEST_F(PlaygroundApiTest, ABusyIntakeGetsTheSameEventAgain) {
  host_.answers = {HttpResponse(503), HttpResponse(503)};
  const Answered answered = post("say", say_hello);
  EXPECT_EQ(answered.status, 200);
  ASSERT_EQ(host_.events.size(), 3U);
  EXPECT_EQ(host_.events[0], host_.events[2]);
}

TEST_F(PlaygroundApiTest, AnIntakeThatStaysBusyIsSaidSo) {
  host_.answers = std::deque<HttpResponse>(4, HttpResponse(503));
  const Answered answered = post("say", say_hello);
  expect_error(answered, 503, "busy");
  EXPECT_EQ(answered.raw.headers.get("Retry-After"), "2");
  EXPECT_EQ(host_.settled, 0);
}

TEST_F(PlaygroundApiTest, SayChecksEveryMember) {
  for (const char* member : {"chat", "user", "text"}) {
    json body = say_hello;
    body.erase(member);
    expect_error(post("say", body), 400, "bad_field");
    for (const json& value : {json(nullptr), json(1), json(""), json("  \n"), json::array()}) {
      body[member] = value;
      expect_error(post("say", body), 400, "bad_field");
    }
  }
  json more = say_hello;
  more["extra"] = 1;
  expect_error(post("say", more), 400, "bad_field");
  json elsewhere = say_hello;
  elsewhere["chat"] = "g-none";
  expect_error(post("say", elsewhere), 404, "unknown_chat");
  json nobody = say_hello;
  nobody["user"] = "nobody";
  expect_error(post("say", nobody), 404, "unknown_user");
  nobody["user"] = "gone.tech";
  expect_error(post("say", nobody), 404, "unknown_user");
  json outsider = say_hello;
  outsider["chat"] = "g-project";
  outsider["user"] = "lin.pmo";
  expect_error(post("say", outsider), 404, "unknown_chat");
  outsider["chat"] = "p:zhao.tech";
  expect_error(post("say", outsider), 404, "unknown_chat");
  EXPECT_TRUE(host_.events.empty());
  EXPECT_EQ(get("messages").body.at("messages").size(), 0U);
}

TEST_F(PlaygroundApiTest, ABodyMustBeOneCleanJsonObject) {
  const auto with = [&](std::string body, std::string type = "application/json") {
    HttpRequest made = request("POST", "/playground/api/say", std::move(body));
    made.headers.set("Content-Type", std::move(type));
    return send(std::move(made));
  };
  for (const std::string& body :
       std::vector<std::string>{"", "{", "[]", "null", "1", "\"x\"",
                                "{\"chat\":\"g-all\",\"chat\":\"g-all\",\"user\":\"lin.market\",\"text\":\"a\"}",
                                "{\"chat\":\"\xff\"}", "{\"chat\":\"\\ud800\"}", "{\"chat\":1e999}", "\xEF\xBB\xBF{",
                                std::string(5000, '['), "{\"chat\":" + std::string(50, '[') + std::string(50, ']') + "}"}) {
    expect_error(with(body), 400, "bad_json");
  }
  expect_error(with(std::string(1024 * 1024 + 1, ' ')), 413, "too_large");
  for (const char* type : {"", "text/plain", "application/x-www-form-urlencoded", "application/jsonp"}) {
    EXPECT_EQ(with(say_hello.dump(), type).status, 415) << type;
  }
  for (const char* type : {"application/json; charset=utf-8", "Application/JSON", "application/json;x=y"}) {
    EXPECT_EQ(with(say_hello.dump(), type).status, 200) << type;
  }
}

TEST_F(PlaygroundApiTest, OnlyThisMachineIsAnswered) {
  const auto from = [&](const char* host, const char* target) {
    HttpRequest made = request("GET", target);
    made.headers.set("Host", host);
    return send(std::move(made)).status;
  };
  for (const char* target : {"/playground/api/world", "/playground/"}) {
    for (const char* host : {"localhost", "LOCALHOST:8080", "127.0.0.1", "127.8.9.1:80", "[::1]:8080", "[::1]"}) {
      EXPECT_EQ(from(host, target), 200) << host;
    }
    for (const char* host : {"", "example.com", "127.0.0.1.example.com", "localhost.example.com", "10.0.0.1", "[::2]",
                             "127.0.0.1:x", "127.0.0", "[::1"}) {
      EXPECT_EQ(from(host, target), 403) << host;
    }
  }
}

class RemotePlayground : public PlaygroundFixture {
 protected:
  RemotePlayground() : PlaygroundFixture(PlaygroundSettings{true, false, 7}) {}
};
TEST_F(RemotePlayground, AnybodyIsAnsweredWhenThatIsAllowed) {
  HttpRequest made = request("GET", "/playground/api/world");
  made.headers.set("Host", "xieban.example.com");
  EXPECT_EQ(send(std::move(made)).status, 200);
}

class OpenListener : public PlaygroundFixture {
 protected:
  OpenListener() : PlaygroundFixture(PlaygroundSettings{false, false, 7}) {}
};
TEST_F(OpenListener, AListenerForEverybodyAnswersNobodyUnlessAllowed) {
  expect_error(get("world"), 403, "not_local");
  EXPECT_EQ(send(request("GET", "/playground/")).status, 403);
}

TEST_F(PlaygroundApiTest, WorldListsGroupsFirstAndAnOrdinaryPersonFirst) {
  const Answered answered = get("world");
  ASSERT_EQ(answered.status, 200);
  EXPECT_EQ(members(answered.body), (std::vector<std::string>{"chats", "departments", "now", "people", "running"}));
  EXPECT_EQ(answered.body.at("now"), "2026-11-23T09:00:00+08:00");
  EXPECT_EQ(answered.body.at("running"), true);
  const json& chats = answered.body.at("chats");
  EXPECT_EQ(chats.at(0).at("name"), "全员协作群");
  EXPECT_EQ(chats.at(0).at("members").size(), 9U);
  EXPECT_EQ(chats.at(1).at("name"), "新品推广项目群");
  EXPECT_EQ(chats.at(1).at("kind"), "group");
  bool privates = false;
  for (const json& chat : chats) {
    EXPECT_EQ(members(chat), (std::vector<std::string>{"app", "id", "kind", "members", "name"}));
    EXPECT_EQ(chat.at("app"), "playground:main");
    privates = privates || chat.at("kind") == "private";
    EXPECT_EQ(chat.at("kind") == "private", privates) << "a group behind a private chat";
    if (chat.at("kind") == "private") {
      EXPECT_EQ(chat.at("id"), "p:" + chat.at("members").at(0).get<std::string>());
    }
  }
  const json& people = answered.body.at("people");
  ASSERT_EQ(people.size(), 9U);
  EXPECT_EQ(people.at(0),
            json::parse(R"({"id":"zhao.xiao","name":"赵技术","department":"tech","title":"技术部成员","roles":[]})"));
  const auto person = [&](const char* id) {
    return *std::find_if(people.begin(), people.end(), [&](const json& p) { return p.at("id") == id; });
  };
  EXPECT_EQ(person("chen.zong").at("roles"), (json{"vice_president", "leadership_group"}));
  EXPECT_EQ(person("chen.zong").at("title"), "领导小组组长");
  EXPECT_EQ(person("li.fuzong").at("title"), "分管领导");
  EXPECT_EQ(person("wang.tech").at("roles"), json::array({"head"}));
  EXPECT_EQ(person("wang.tech").at("title"), "技术部负责人");
  EXPECT_EQ(person("zhao.tech").at("roles"), json::array({"liaison"}));
  EXPECT_EQ(person("lin.pmo").at("roles"), (json{"head", "pmo"}));
  EXPECT_EQ(person("gao.admin").at("roles"), json::array({"admin"}));
  EXPECT_EQ(answered.body.at("departments").at(0), json::parse(R"({"id":"tech","name":"技术部","head":"wang.tech",
    "vice_president":"li.fuzong","liaisons":["zhao.tech"]})"));
}

TEST_F(PlaygroundApiTest, ConfiguredGroupsReplaceTheSample) {
  Rules rules = small_company();
  rules.groups = {{ChatRef{AppId("playground:main"), ChatId("技术群")}, Level::department, DepartmentId("tech")},
                  {ChatRef{AppId("feishu:main"), ChatId("oc_1")}, Level::open, DepartmentId()}};
  host_.set_rules(std::move(rules));
  const Answered answered = get("world");
  const json& chats = answered.body.at("chats");
  EXPECT_EQ(chats.at(0).at("id"), "技术群");
  EXPECT_EQ(chats.at(0).at("members"), (json{"li.fuzong", "wang.tech", "zhao.tech", "zhao.xiao"}));
  EXPECT_EQ(chats.at(1).at("kind"), "private");
}

TEST_F(PlaygroundApiTest, MessagesComeByRevChatAndPerson) {
  (void)post("say", say_hello);
  json only = outgoing("p1", "g-all", "只有你看到");
  only["to"] = "lin.market";
  EXPECT_EQ(deliver("POST", "/messages", only), 200);
  EXPECT_EQ(deliver("POST", "/messages", outgoing("p2", "p:zhao.tech", "私聊")), 200);
  EXPECT_EQ(deliver("POST", "/messages", outgoing("p3", "g-project", "项目")), 200);
  const auto ids = [&](const std::string& query) {
    std::vector<std::string> found;
    const Answered answered = get("messages" + query);
    for (const json& message : answered.body.at("messages")) found.push_back(message.at("id"));
    return found;
  };
  using Ids = std::vector<std::string>;
  EXPECT_EQ(ids(""), (Ids{"s-1", "m-p1", "m-p2", "m-p3"}));
  EXPECT_EQ(ids("?after=2"), (Ids{"m-p2", "m-p3"}));
  EXPECT_EQ(ids("?chat=g-all"), (Ids{"s-1", "m-p1"}));
  EXPECT_EQ(ids("?chat=g-all&user=zhao.tech"), (Ids{"s-1"}));
  EXPECT_EQ(ids("?user=lin.market"), (Ids{"s-1", "m-p1", "m-p3"}));
  EXPECT_EQ(ids("?user=zhao.tech&after=1"), (Ids{"m-p2", "m-p3"}));
  EXPECT_EQ(ids("?user=lin.pmo"), (Ids{"s-1"}));
  EXPECT_EQ(get("messages?user=lin.pmo").body.at("rev"), 4);
  EXPECT_EQ(get("messages?after=4").body, (json{{"messages", json::array()}, {"rev", 4}}));
  EXPECT_EQ(get("messages?after=99").body.at("rev"), 4) << "a reader from before a reset learns that it must begin anew";
  expect_error(get("messages?chat=g-none"), 404, "unknown_chat");
  expect_error(get("messages?user=nobody"), 404, "unknown_user");
  for (const char* after : {"-1", "x", "1.5", "99999999999999999999999"}) {
    expect_error(get(std::string("messages?after=") + after), 400, "bad_field");
  }
}

class PressTest : public PlaygroundFixture {
 protected:
  PressTest() {
    json body = outgoing("p1", "g-all", "卡片");
    body["kind"] = "card";
    body["card"] = card("请响应", json::array({button("accept")}),
                        json::array({{{"id", "due"},
                                      {"label", "承诺"},
                                      {"kind", "datetime"},
                                      {"required", false},
                                      {"value", nullptr},
                                      {"options", json::array()}}}));
    body["card_id"] = 31;
    body["version"] = 4;
    deliver("POST", "/messages", body);
  }
  json press{{"chat", "g-all"}, {"user", "zhao.tech"}, {"message", "m-p1"}, {"action", "accept"}};
};

TEST_F(PressTest, DeliversThePressAndAnswersToastAndChanges) {
  host_.answers = {HttpResponse(200, R"({"toast":{"tone":"success","text":"已接单"},"card":null,"text":""})")};
  host_.on_settle = [this]() -> boost::asio::awaitable<void> {
    json body = outgoing("p2", "p:lin.market", "已接单");
    co_await bring("POST", "/messages", std::move(body));
  };
  json with_inputs = press;
  with_inputs["inputs"] = {{"due", "明天18点"}};
  const Answered answered = post("press", with_inputs);
  ASSERT_EQ(answered.status, 200) << answered.raw.body;
  EXPECT_EQ(members(answered.body), (std::vector<std::string>{"messages", "toast"}));
  EXPECT_EQ(answered.body.at("toast"), (json{{"tone", "success"}, {"text", "已接单"}}));
  ASSERT_EQ(answered.body.at("messages").size(), 1U);
  EXPECT_EQ(answered.body.at("messages")[0].at("id"), "m-p2");
  ASSERT_EQ(host_.events.size(), 1U);
  json event = host_.events[0];
  EXPECT_FALSE(event.at("id").get<std::string>().empty());
  event.erase("id");
  EXPECT_EQ(event, json::parse(R"({"type":"press","chat":"g-all","user":"zhao.tech","at":"2026-11-23T09:00:00+08:00",
    "card":31,"version":4,"action":"accept","inputs":{"due":["明天18点"]}})"));
}

TEST_F(PressTest, EveryPressIsAnEventOfItsOwn) {
  (void)post("press", press);
  (void)post("press", press);
  ASSERT_EQ(host_.events.size(), 2U);
  EXPECT_NE(host_.events[0].at("id"), host_.events[1].at("id"));
}

TEST_F(PressTest, NoToastIsNull) {
  const Answered answered = post("press", press);
  EXPECT_TRUE(answered.body.at("toast").is_null());
  EXPECT_EQ(answered.body.at("messages"), json::array());
}

TEST_F(PressTest, TheCardOfTheAnswerIsShownAtOnce) {
  HttpResponse answer(200, json{{"toast", nullptr}, {"card", card("已接单")}, {"text", "已接单，全文"}}.dump());
  host_.answers = {answer};
  const Answered answered = post("press", press);
  ASSERT_EQ(answered.body.at("messages").size(), 1U);
  const json& message = answered.body.at("messages")[0];
  EXPECT_EQ(message.at("id"), "m-p1");
  EXPECT_EQ(message.at("card").at("title"), "已接单");
  EXPECT_EQ(message.at("text"), "已接单，全文");
  expect_error(post("press", press), 404, "unknown_action");
}

TEST_F(PressTest, TheCardOfTheAnswerNeverReplacesANewerOne) {
  host_.answers = {HttpResponse(200, json{{"toast", nullptr}, {"card", card("旧")}, {"text", "旧"}}.dump())};
  host_.on_event = [this]() -> boost::asio::awaitable<void> {
    json body = outgoing("p9", "g-all", "新", 6, 9);
    body["kind"] = "card";
    body["card"] = card("新");
    co_await bring("PUT", "/messages/m-p1", std::move(body));
  };
  const Answered answered = post("press", press);
  ASSERT_EQ(answered.body.at("messages").size(), 1U);
  EXPECT_EQ(answered.body.at("messages")[0].at("card").at("title"), "新");
}

TEST_F(PressTest, ChecksEveryMember) {
  const auto with = [&](const char* member, json value) {
    json body = press;
    body[member] = std::move(value);
    return post("press", body);
  };
  for (const char* member : {"chat", "user", "message", "action"}) {
    json body = press;
    body.erase(member);
    expect_error(post("press", body), 400, "bad_field");
    expect_error(with(member, 1), 400, "bad_field");
  }
  expect_error(with("more", 1), 400, "bad_field");
  expect_error(with("inputs", json::array()), 400, "bad_field");
  expect_error(with("inputs", {{"due", 1}}), 400, "bad_field");
  expect_error(with("inputs", {{"due", json::array({1})}}), 400, "bad_field");
  expect_error(with("inputs", {{"other", "x"}}), 400, "bad_field");
  expect_error(with("chat", "g-none"), 404, "unknown_chat");
  expect_error(with("user", "nobody"), 404, "unknown_user");
  expect_error(with("message", "m-none"), 404, "unknown_message");
  expect_error(with("action", "delete"), 404, "unknown_action");
  expect_error(with("chat", "g-project"), 404, "unknown_message");
  EXPECT_TRUE(host_.events.empty());
}

TEST_F(PressTest, WhatOnePersonSeesIsUnknownToOthers) {
  json body = outgoing("p2", "g-all", "只给林一");
  body["kind"] = "card";
  body["card"] = card("只给林一", json::array({button("accept")}));
  body["to"] = "lin.market";
  deliver("POST", "/messages", body);
  press["message"] = "m-p2";
  expect_error(post("press", press), 404, "unknown_message");
  press["user"] = "lin.market";
  EXPECT_EQ(post("press", press).status, 200);
}

TEST_F(PressTest, TextsHaveNoActions) {
  (void)post("say", say_hello);
  const std::string id = get("messages?chat=g-all").body.at("messages").back().at("id");
  press["message"] = id;
  expect_error(post("press", press), 404, "unknown_action");
}

TEST_F(PlaygroundApiTest, TheClockTakesExactlyOneOfItsForms) {
  const Answered advanced = post("clock", {{"advance", "PT2H"}});
  ASSERT_EQ(advanced.status, 200) << advanced.raw.body;
  EXPECT_EQ(advanced.body, json::parse(R"({"now":"2026-11-23T11:00:00+08:00","next":null,"wakes":2,"sends":3})"));
  host_.planned = at("2026-11-24T08:00:00+08:00");
  EXPECT_EQ(post("clock", {{"to", "next"}}).body.at("now"), "2026-11-24T08:00:00+08:00");
  EXPECT_EQ(host_.turns.back(), std::nullopt);
  const Answered to = post("clock", {{"to", "2026-11-24T01:00:00Z"}});
  EXPECT_EQ(to.body.at("now"), "2026-11-24T09:00:00+08:00");
  EXPECT_EQ(to.body.at("next"), "2026-11-24T08:00:00+08:00");
  EXPECT_EQ(post("clock", {{"advance", "PT0S"}}).status, 200);

  expect_error(post("clock", {{"to", "2026-11-24T08:59:59+08:00"}}), 409, "clock_backwards");
  for (const json& body : std::vector<json>{json::object(),
                                            {{"advance", "PT1H"}, {"to", "next"}},
                                            {{"advance", "2h"}},
                                            {{"advance", 3}},
                                            {{"advance", "-PT1H"}},
                                            {{"advance", "P99Y"}},
                                            {{"advance", "P99999D"}},
                                            {{"to", "tomorrow"}},
                                            {{"to", 1}},
                                            {{"to", nullptr}},
                                            {{"to", "2026-11-24T09:00:00"}},
                                            {{"to", "2090-01-01T00:00:00Z"}}}) {
    expect_error(post("clock", body), 400, "bad_field");
  }
  host_.real = true;
  expect_error(post("clock", {{"advance", "PT1H"}}), 409, "real_apps");
}

TEST_F(PlaygroundApiTest, ResetEmptiesEverything) {
  (void)post("say", say_hello);
  const Answered answered = post("reset", {{"now", "2026-12-01T10:00:00+08:00"}});
  ASSERT_EQ(answered.status, 200) << answered.raw.body;
  EXPECT_EQ(answered.body, json::parse(R"({"now":"2026-12-01T10:00:00+08:00"})"));
  EXPECT_EQ(get("messages").body.at("messages"), json::array());
  EXPECT_EQ(get("messages?after=1").body.at("rev"), 0);
  EXPECT_EQ(post("reset", json::object()).status, 200);
  expect_error(post("reset", {{"now", "today"}}), 400, "bad_field");
  expect_error(post("reset", {{"all", true}}), 400, "bad_field");
  (void)post("say", say_hello);
  EXPECT_EQ(get("messages").body.at("messages").size(), 1U);
  host_.real = true;
  expect_error(post("reset", json::object()), 409, "real_apps");
  EXPECT_EQ(get("messages").body.at("messages").size(), 1U);
}

TEST_F(PlaygroundApiTest, ReadersAndWritersHaveTheirMethods) {
  EXPECT_EQ(get("say").status, 405);
  EXPECT_EQ(send(request("POST", "/playground/api/world", "{}")).status, 405);
  EXPECT_EQ(get("nothing").status, 404);
}

TEST_F(PlaygroundApiTest, ActionsDoNotMixWhatTheyChanged) {
  host_.on_settle = [this]() -> boost::asio::awaitable<void> {
    json body = outgoing("p" + std::to_string(host_.settled), "g-all", "answer");
    co_await bring("POST", "/messages", std::move(body));
  };
  std::vector<HttpResponse> answers;
  for (int i = 0; i < 3; ++i) {
    boost::asio::co_spawn(context_, router_.handle(request("POST", "/playground/api/say", say_hello.dump())),
                          [&](std::exception_ptr threw, HttpResponse answer) {
                            EXPECT_FALSE(threw);
                            answers.push_back(std::move(answer));
                          });
  }
  context_.restart();
  context_.run();
  ASSERT_EQ(answers.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    const json body = json::parse(answers[i].body);
    ASSERT_EQ(body.at("messages").size(), 1U);
    EXPECT_EQ(body.at("messages")[0].at("id"), "m-p" + std::to_string(i + 1));
  }
}

TEST_F(PlaygroundApiTest, ThePageIsServedStrictly) {
  const Answered page = send(request("GET", "/playground/"));
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.raw.headers.get("Content-Type"), "text/html; charset=utf-8");
  EXPECT_NE(page.raw.headers.get("Content-Security-Policy").find("default-src 'none'"), std::string_view::npos);
  EXPECT_EQ(page.raw.headers.get("X-Content-Type-Options"), "nosniff");
  for (const auto& [name, type] : std::vector<std::pair<std::string, std::string>>{{"app.js", "text/javascript; charset=utf-8"},
                                                                                   {"app.css", "text/css; charset=utf-8"},
                                                                                   {"icon.svg", "image/svg+xml"}}) {
    EXPECT_NE(page.raw.body.find("./" + name), std::string::npos) << name;
    const Answered file = send(request("GET", "/playground/" + name));
    EXPECT_EQ(file.status, 200) << name;
    EXPECT_EQ(file.raw.headers.get("Content-Type"), type);
    HttpRequest again = request("GET", "/playground/" + name);
    again.headers.set("If-None-Match", std::string(file.raw.headers.get("ETag")));
    const Answered kept = send(std::move(again));
    EXPECT_EQ(kept.status, 304);
    EXPECT_TRUE(kept.raw.body.empty());
  }
  EXPECT_LT(send(request("GET", "/playground/app.js")).raw.body.size(), 60U * 1024);
  EXPECT_EQ(page.raw.body.find("<script>"), std::string::npos) << "the policy allows no inline script";
  EXPECT_EQ(send(request("GET", "/playground/other.js")).status, 404);
  const Answered bare = send(request("GET", "/playground"));
  EXPECT_EQ(bare.status, 308);
  EXPECT_EQ(bare.raw.headers.get("Location"), "/playground/");
}

}  // namespace
}  // namespace xieban::testing
