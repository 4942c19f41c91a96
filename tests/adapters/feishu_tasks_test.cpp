// Tasks in people's own lists: requests as they go out, and what each answer means.

#include "adapters/feishu/tasks.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "adapters/feishu/platform.hpp"

namespace xieban::feishu::feishu_tasks_test {
namespace {

using nlohmann::json;

Outgoing task_call(const std::string& id = {}) {
  Outgoing message;
  message.parcel = ParcelId(31);
  message.app = AppId("feishu:main");
  message.channel = tasks_channel;
  message.form = Form::task;
  message.key = "xb-31-1793505600000";
  message.text = "协作单：XB-2026-0012\n交付标准：<at id=all></at>";
  message.task.emplace();
  message.task->id = id;
  message.task->title = "XB-2026-0012.3 联调接口";
  message.task->due = TimePoint(Duration(1795600800000));
  if (id.empty())
    message.task->people = {{PersonId("li"), UserId("ou_li"), "李雷"}, {PersonId("zhao"), UserId("ou_zhao"), "赵技"}};
  return message;
}

struct FeishuTasks : ::testing::Test {
  static Settings settings(bool on = true) {
    Settings made;
    made.app = AppId("feishu:main");
    made.app_secret = Secret("s");
    made.mirror_tasks = on;
    return made;
  }
  FeishuPlatform platform{settings()};

  HttpRequest wire(const Outgoing& message) {
    Token token;
    token.value = Secret("t-1");
    auto made = platform.encode(message, token);
    EXPECT_TRUE(made) << made.error().text;
    return std::get<HttpRequest>(*made);
  }
  Receipt receipt(const Outgoing& message, int status, const json& body) {
    return platform.interpret(message, HttpResponse(status, body.dump()));
  }
};

TEST_F(FeishuTasks, OnlyAnAppWithTheMirrorOnHasTheChannel) {
  EXPECT_TRUE(platform.traits().mirrors_tasks());
  EXPECT_FALSE(FeishuPlatform(settings(false)).traits().mirrors_tasks());
  const Channel* channel = platform.traits().channel(tasks_channel);
  EXPECT_EQ(channel->same_key, Duration(5 * 60 * 1000)) << "as long as client_token is known";
  EXPECT_LE(channel->text_bytes, 3000U);
}

TEST_F(FeishuTasks, ANewOneNamesItsTokenSoThatARepeatMakesNoSecond) {
  const HttpRequest made = wire(task_call());
  EXPECT_EQ(made.method, "POST");
  EXPECT_EQ(made.target, "/open-apis/task/v2/tasks?user_id_type=open_id");
  EXPECT_EQ(made.headers.get("Authorization"), "Bearer t-1");
  EXPECT_TRUE(made.repeatable);
  const json wanted = {{"summary", "XB-2026-0012.3 联调接口"},
                       {"description", "协作单：XB-2026-0012\n交付标准：<at id=all></at>"},
                       {"due", {{"timestamp", "1795600800000"}, {"is_all_day", false}}},
                       {"members",
                        {{{"id", "ou_li"}, {"type", "user"}, {"role", "assignee"}},
                         {{"id", "ou_zhao"}, {"type", "user"}, {"role", "follower"}}}},
                       {"client_token", "xb-31-1793505600000"}};
  EXPECT_EQ(json::parse(made.body), wanted);
  EXPECT_EQ(wire(task_call()).body, made.body);
}

TEST_F(FeishuTasks, OneThatStandsIsPatchedWithWhatMayHaveChanged) {
  const HttpRequest moved = wire(task_call("guid-1"));
  EXPECT_EQ(moved.method, "PATCH");
  EXPECT_EQ(moved.target, "/open-apis/task/v2/tasks/guid-1?user_id_type=open_id");
  const json body = json::parse(moved.body);
  EXPECT_EQ(body.at("update_fields"), json({"description", "due"}));
  EXPECT_EQ(body.at("task").at("due").at("timestamp"), "1795600800000");
  EXPECT_FALSE(body.at("task").contains("completed_at")) << "done twice is an error";

  Outgoing done = task_call("guid-1");
  done.task->due.reset();
  done.task->done_at = TimePoint(Duration(1795000000000));
  done.task->turns = true;
  const json completed = json::parse(wire(done).body);
  EXPECT_EQ(completed.at("update_fields"), json({"description", "completed_at"}));
  EXPECT_EQ(completed.at("task").at("completed_at"), "1795000000000");
  done.task->done_at.reset();
  EXPECT_EQ(json::parse(wire(done).body).at("task").at("completed_at"), "0") << "reopened";

  Outgoing strange = task_call("../users");
  Token token;
  EXPECT_FALSE(platform.encode(strange, token));
}

TEST_F(FeishuTasks, AnswersThatAreAccepted) {
  const Receipt made = receipt(task_call(), 200, {{"code", 0}, {"data", {{"task", {{"guid", "guid-9"}}}}}});
  EXPECT_EQ(made.outcome, Outcome::delivered);
  EXPECT_EQ(made.provider_id, "guid-9");
  EXPECT_EQ(receipt(task_call(), 200, {{"code", 0}, {"data", {{"task", json::object()}}}}).outcome, Outcome::unknown);
  EXPECT_EQ(receipt(task_call(), 200, {{"code", 0}}).outcome, Outcome::unknown);
  const Receipt set = receipt(task_call("guid-1"), 200, {{"code", 0}, {"data", nullptr}});
  EXPECT_EQ(set.outcome, Outcome::delivered);
  EXPECT_EQ(set.provider_id, "guid-1");
}

TEST_F(FeishuTasks, AnswersThatAreRefusals) {
  const auto outcome = [&](const Outgoing& message, int code, int status = 400) {
    return receipt(message, status, {{"code", code}}).outcome;
  };
  for (const Outgoing& message : {task_call(), task_call("guid-1")}) {
    EXPECT_EQ(outcome(message, 1470422), Outcome::retry) << "the token is in use";
    EXPECT_EQ(outcome(message, 1470500, 500), Outcome::retry);
    EXPECT_EQ(outcome(message, 99991400, 429), Outcome::retry);
    EXPECT_EQ(outcome(message, 99991663), Outcome::token_expired);
    const Receipt scope = receipt(message, 400, {{"code", 99991672}});
    EXPECT_EQ(scope.outcome, Outcome::rejected);
    EXPECT_NE(scope.detail.find("task:task:write"), std::string::npos);
    EXPECT_FALSE(scope.target_gone);
    EXPECT_EQ(receipt(message, 502, json("gateway")).outcome, Outcome::unknown);
  }
  Outgoing made = task_call();
  EXPECT_EQ(outcome(made, 1470400), Outcome::unsupported) << "without its follower it may go";
  EXPECT_EQ(outcome(made, 99992351), Outcome::unsupported);
  made.task->people.resize(1);
  EXPECT_EQ(outcome(made, 1470400), Outcome::rejected);
  EXPECT_EQ(outcome(made, 1470403, 403), Outcome::rejected);

  Outgoing set = task_call("guid-1");
  EXPECT_EQ(outcome(set, 1470400), Outcome::rejected);
  set.task->turns = true;
  EXPECT_EQ(outcome(set, 1470400), Outcome::unsupported) << "its owner may have ticked it off: without that it may go";
  EXPECT_EQ(outcome(set, 1470403, 403), Outcome::rejected);
  const Receipt gone = receipt(set, 404, {{"code", 1470404}});
  EXPECT_EQ(gone.outcome, Outcome::rejected);
  EXPECT_TRUE(gone.target_gone);
}

}  // namespace
}  // namespace xieban::feishu::feishu_tasks_test
