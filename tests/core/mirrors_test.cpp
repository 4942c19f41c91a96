// Tasks mirrored into their owners' own lists: when something is said there, and what.

#include "bot/core/brain/mirrors.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "bot/core/brain/change.hpp"
#include "tests/core/brain_world.hpp"

namespace xieban::test {
namespace {

Rules with_mirrors() {
  Rules rules = sample_rules();
  Channel channel;
  channel.id = ChannelId("tasks");
  channel.reach = Reach::tasks;
  channel.forms.text = false;
  channel.text_bytes = 300;
  rules.traits.at(playground).channels.push_back(channel);
  return rules;
}

struct Mirrors : ::testing::Test {
  explicit Mirrors(Rules rules = with_mirrors()) : w(std::move(rules)) {}
  World w;
  std::size_t answered = 0;
  int made = 0;

  [[nodiscard]] std::vector<SentMessage> calls() const {
    std::vector<SentMessage> out;
    for (const SentMessage& one : w.sent)
      if (one.out.task) out.push_back(one);
    return out;
  }
  /// What the engine does with what the platform answers to each call, until there is none.
  void answer() {
    while (answered < calls().size()) {
      const SentMessage call = calls()[answered++];
      const auto& effect = std::get<MirrorTask>(call.effect);
      const std::string id = call.out.task->id.empty() ? "guid-" + std::to_string(++made) : std::string();
      w.take(mirror_set(effect, call.out, id, w.load(load_mirror(effect)), w.rules, w.now));
      w.settle();
    }
  }
  void say(const std::string& who, const std::string& line) {
    w.say(who, group, line);
    answer();
  }
  /// A request of 技术部, accepted, with one task of 李雷 (market).
  void start() {
    say("zhou.market", "/发起 支付接口 给 技术部 截止 12月10日 18:00");
    say("zhao.tech", "/接单 1");
    say("zhao.tech", "/任务 1 @李雷 联调接口 截止 11月27日 18:00 标准: 通过验收用例");
  }
  [[nodiscard]] TaskCall last() const { return *calls().back().out.task; }
  [[nodiscard]] std::string about() const { return calls().back().out.text; }
};

TEST_F(Mirrors, ATaskIsPutIntoItsOwnersListOnceWithAllThatMattersToThem) {
  start();
  ASSERT_EQ(calls().size(), 1U);
  const TaskCall call = last();
  EXPECT_EQ(call.id, "");
  EXPECT_EQ(call.title, "XB-2026-0001.1 联调接口");
  EXPECT_EQ(call.due, local("2026-11-27 18:00"));
  EXPECT_FALSE(call.done_at);
  std::vector<std::string> users;
  for (const PersonRef& person : call.people) users.push_back(person.user.str());
  EXPECT_EQ(users, (std::vector<std::string>{"li.lei", "zhao.tech"})) << "its owner, then who gave it";
  EXPECT_NE(about().find("支付接口"), std::string::npos);
  EXPECT_NE(about().find("通过验收用例"), std::string::npos);
  EXPECT_NE(about().find("/进度 1.1"), std::string::npos);
  EXPECT_NE(about().find("/交付 1.1"), std::string::npos);
  EXPECT_NE(about().find("不会改变协作单"), std::string::npos);
  EXPECT_EQ(w.settings.at("task/playground:main/1.1"), "guid-1 open li.lei");
}

TEST_F(Mirrors, WithoutTheMirrorNothingIsSaidAnywhere) {
  w.rules = sample_rules();
  start();
  EXPECT_TRUE(calls().empty());
  EXPECT_EQ(w.waiting(), 0U);
}

struct MirrorStep {
  const char* what;
  std::vector<std::pair<const char*, const char*>> said;
  std::string turn;  // "done", "open", "" where the platform keeps it as it is; "-" no call at all
  std::string due;
  const char* says;
};
class MirrorsFollow : public Mirrors, public ::testing::WithParamInterface<MirrorStep> {};

TEST_P(MirrorsFollow, WhatBecomesOfIt) {
  start();
  const MirrorStep& step = GetParam();
  for (std::size_t i = 0; i + 1 < step.said.size(); ++i) say(step.said[i].first, step.said[i].second);
  const auto before = calls().size();
  say(step.said.back().first, step.said.back().second);
  if (step.turn == "-") {
    EXPECT_EQ(calls().size(), before);
    return;
  }
  ASSERT_EQ(calls().size(), before + 1) << step.what;
  EXPECT_EQ(last().id, "guid-1");
  EXPECT_EQ(last().turns, !step.turn.empty());
  if (!step.turn.empty()) {
    EXPECT_EQ(last().done_at.has_value(), step.turn == "done");
  }
  if (!step.due.empty()) {
    EXPECT_EQ(last().due, local(step.due));
  }
  EXPECT_NE(about().find(step.says), std::string::npos) << about();
  EXPECT_TRUE(last().people.empty());
}
INSTANTIATE_TEST_SUITE_P(
    Table, MirrorsFollow,
    ::testing::Values(
        MirrorStep{"a report changes nothing there", {{"li.lei", "/进度 1.1 50% 正常"}}, "-", "", ""},
        MirrorStep{"a wish for another date changes nothing there", {{"li.lei", "/延期 1.1 12月1日18点 等接口"}}, "-", "", ""},
        MirrorStep{"another date",
                   {{"li.lei", "/延期 1.1 12月1日18点 等接口"}, {"zhao.tech", "/同意 1"}},
                   "",
                   "2026-12-01 18:00",
                   "支付接口"},
        MirrorStep{"delivered", {{"li.lei", "/交付 1.1 已联调"}}, "done", "2026-11-27 18:00", "支付接口"},
        MirrorStep{"accepted: it stood as done already",
                   {{"li.lei", "/交付 1.1 已联调"}, {"zhao.tech", "/验收 1.1 通过"}},
                   "-",
                   "",
                   ""},
        MirrorStep{
            "sent back", {{"li.lei", "/交付 1.1 已联调"}, {"zhao.tech", "/验收 1.1 驳回 缺用例"}}, "open", "", "支付接口"},
        MirrorStep{
            "its delivery is taken back", {{"li.lei", "/交付 1.1 已联调"}, {"li.lei", "/撤回 1"}}, "open", "", "支付接口"},
        MirrorStep{"the task is taken back", {{"zhao.tech", "/撤回 1"}}, "done", "", "已撤回"},
        MirrorStep{"the request is cancelled", {{"zhou.market", "/取消 1 不做了"}}, "done", "", "已取消"},
        MirrorStep{"the request comes back",
                   {{"zhou.market", "/取消 1 不做了"}, {"zhou.market", "/重开 1 还要做"}},
                   "open",
                   "",
                   "支付接口"}),
    [](const auto& one) { return std::to_string(one.index); });

TEST_F(Mirrors, AnotherOwnerGetsOneOfTheirOwnAndTheOldOneIsDoneWithAWord) {
  start();
  Organisation organisation = *w.rules.organisation;
  for (Person& person : organisation.people)
    if (person.id == PersonId("li.lei")) person.active = false;
  w.rules.organisation = std::make_shared<const Organisation>(organisation);
  Snapshot snapshot;
  snapshot.requests = {w.request()};
  snapshot.directory = w.facts;
  w.take(replace_leavers(snapshot, w.rules, w.now));
  w.settle();
  answer();
  ASSERT_EQ(calls().size(), 3U);
  const TaskCall old = *calls()[1].out.task;
  EXPECT_EQ(old.id, "guid-1");
  EXPECT_TRUE(old.leaves);
  EXPECT_TRUE(old.done_at);
  const PersonId next = w.request().tasks.front().owner;
  EXPECT_NE(next, PersonId("li.lei"));
  EXPECT_NE(calls()[1].out.text.find("已转给"), std::string::npos);
  EXPECT_EQ(last().id, "");
  EXPECT_EQ(last().people.front().person, next);
  EXPECT_EQ(w.settings.at("task/playground:main/1.1"), "guid-2 open " + next.str());
}

TEST_F(Mirrors, OnlyTheIntentThatCameWithTheTaskPutsItThere) {
  w.sending = false;
  start();
  w.settings.clear();
  // It was asked for, and nobody knows what became of it: what follows must not make a second one.
  const auto waiting = w.waiting();
  ASSERT_GT(waiting, 0U);
  MirrorTask later{RequestId(1), TaskNo(1), playground, false, {}};
  EXPECT_FALSE(brain::mirror_wish(later, w.request(), w.load(load_mirror(later)), w.rules, w.now));
  MirrorTask first = later;
  first.makes = true;
  EXPECT_TRUE(brain::mirror_wish(first, w.request(), w.load(load_mirror(first)), w.rules, w.now));
}

TEST_F(Mirrors, WhoHasNoAccountThereHasNoMirror) {
  Organisation organisation = *w.rules.organisation;
  for (Person& person : organisation.people)
    if (person.id == PersonId("li.lei")) person.identities = {{plain_app, UserId("li.lei")}};
  w.rules.organisation = std::make_shared<const Organisation>(organisation);
  start();
  EXPECT_TRUE(calls().empty());
  EXPECT_FALSE(w.settings.contains("task/playground:main/1.1"));
}

TEST_F(Mirrors, WhatItsOwnerRemovedFromTheListStaysAway) {
  start();
  say("li.lei", "/延期 1.1 12月1日18点 等接口");
  w.say("zhao.tech", group, "/同意 1");
  const SentMessage call = calls().back();
  const auto& effect = std::get<MirrorTask>(call.effect);
  w.take(mirror_gone(effect, call.out, w.load(load_mirror(effect)), w.rules, w.now));
  answered = calls().size();
  say("li.lei", "/交付 1.1 已联调");
  EXPECT_EQ(calls().size(), answered);
  EXPECT_FALSE(w.settings.contains("task/playground:main/1.1"));
}

TEST_F(Mirrors, OfAConfidentialRequestOnlyTheNumberIsShown) {
  start();
  Request request = w.request();
  request.level = Level::secret;
  request.followers = {PersonId("zhao.tech")};
  const MirrorTask effect{RequestId(1), TaskNo(1), playground, true, PersonId("zhao.tech")};
  const auto wish = brain::mirror_wish(effect, request, Snapshot{}, w.rules, w.now);
  ASSERT_TRUE(wish);
  EXPECT_EQ(wish->call.title, "XB-2026-0001.1");
  EXPECT_EQ(wish->about.find("支付接口"), std::string::npos);
  EXPECT_EQ(wish->about.find("验收用例"), std::string::npos);
}

TEST_F(Mirrors, LongWordsAreCutToWhatThePlatformTakes) {
  say("zhou.market", "/发起 支付接口 给 技术部 截止 12月10日 18:00");
  say("zhao.tech", "/接单 1");
  std::string content;
  for (int i = 0; i < 40; ++i) content += "很长的内容";
  say("zhao.tech", "/任务 1 @李雷 " + content + " 截止 11月27日 18:00");
  ASSERT_EQ(calls().size(), 1U);
  EXPECT_LE(last().title.size(), 300U);
  EXPECT_LE(about().size(), 300U);
}

}  // namespace
}  // namespace xieban::test
