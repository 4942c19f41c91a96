// T55: whoever owns open work and has left is followed by somebody who is there.
#include <gtest/gtest.h>

#include "bot/core/brain/brain.hpp"
#include "tests/core/request_world.hpp"

namespace xieban::test::leavers_test {
namespace {

struct Leavers : testing::Test {
  World w;

  void leaves(const char* id) {
    auto people = std::make_shared<Organisation>(*w.rules.organisation);
    std::ranges::find(people->people, PersonId(id), &Person::id)->active = false;
    w.rules.organisation = std::move(people);
  }
  void disappears(const char* id) {
    auto people = std::make_shared<Organisation>(*w.rules.organisation);
    std::erase_if(people->people, [id](const Person& one) { return one.id == PersonId(id); });
    w.rules.organisation = std::move(people);
  }
  Decision replaced() {
    const Context context{PersonId{}, w.now, w.now, *w.policy, w.rules, RequestId{}};
    Decision decision = replace_leavers(w.request(), context);
    after = w.request();
    for (const Event& event : decision.events) after = evolve(after, event);
    return decision;
  }
  static std::vector<std::string> told(const Decision& decision) {
    std::vector<std::string> list;
    for (const Effect& effect : decision.effects)
      if (const auto* one = std::get_if<Notify>(&effect)) list.push_back(one->to.person->value + ":" + one->notice.key);
    std::ranges::sort(list);
    return list;
  }
  Request after;
};

TEST_F(Leavers, NothingHappensWhileTheyAreThere) {
  w.raised();
  EXPECT_FALSE(has_leavers(w.request(), w.rules));
  EXPECT_TRUE(replaced().events.empty());
  leaves("qian");  // has no part in it
  EXPECT_TRUE(replaced().events.empty());
}

TEST_F(Leavers, TheOwnersWorkGoesToWhoAnswersForTheDepartment) {
  w.raised();
  ASSERT_EQ(w.request().owner, PersonId("zhao"));
  ASSERT_FALSE(w.act("zhao", Accept{}));
  leaves("zhao");
  EXPECT_TRUE(has_leavers(w.request(), w.rules));
  const Decision decision = replaced();
  EXPECT_EQ(after.owner, PersonId("sun"));
  EXPECT_EQ(after.phase, w.request().phase);
  EXPECT_EQ(told(decision), (std::vector<std::string>{"lei:owner_left", "sun:owner_left", "wang:owner_left"}));
  EXPECT_FALSE(has_leavers(after, w.rules));
}

TEST_F(Leavers, WhoIsNotConfiguredAnyMoreHasLeft) {
  w.raised();
  for (const char* id : {"zhao", "sun", "wang"}) disappears(id);
  replaced();
  EXPECT_FALSE(after.owner.empty());
  const Person* owner = w.rules.people().person(after.owner);
  ASSERT_NE(owner, nullptr);
  EXPECT_TRUE(owner->active);
}

TEST_F(Leavers, TasksAreFollowedEachByTheirDepartment) {
  w.raised();
  ASSERT_FALSE(w.act("zhao", Accept{}));
  AddTask task;
  task.owner = PersonId("lin");
  task.content = "付款";
  ASSERT_FALSE(w.act("zhao", task));
  task.owner = PersonId("qian");
  task.content = "部署";
  ASSERT_FALSE(w.act("zhao", task));
  leaves("lin");
  const Decision decision = replaced();
  ASSERT_EQ(after.tasks.size(), 2U);
  EXPECT_EQ(after.tasks[0].owner, PersonId("cai")) << "the head of finance: its liaison is the one who left";
  EXPECT_EQ(after.tasks[1].owner, PersonId("qian"));
  EXPECT_EQ(after.owner, PersonId("zhao"));
  EXPECT_TRUE(std::ranges::count(told(decision), "cai:owner_left"));
}

TEST_F(Leavers, WhoIsJoinedToAnotherAccountKeepsTheirWork) {
  w.raised();
  // The owner is known by an account alone, and is joined to a person of the configuration afterwards.
  auto people = std::make_shared<Organisation>(*w.rules.organisation);
  std::ranges::find(people->people, PersonId("zhao"), &Person::id)->id = PersonId("dingtalk:main/u1");
  people->departments.front().liaisons.front() = PersonId("dingtalk:main/u1");
  w.rules.organisation = people;
  World other("2026-11-20T10:00:00");
  other.rules = w.rules;
  other.raised();
  ASSERT_EQ(other.request().owner, PersonId("dingtalk:main/u1"));
  auto joined = std::make_shared<Organisation>(*people);
  std::erase_if(joined->people, [](const Person& one) { return one.id == PersonId("dingtalk:main/u1"); });
  std::ranges::find(joined->people, PersonId("qian"), &Person::id)
      ->identities.push_back({AppId("dingtalk:main"), UserId("u1")});
  other.rules.organisation = joined;
  const Context context{PersonId{}, other.now, other.now, *other.policy, other.rules, RequestId{}};
  const Decision decision = replace_leavers(other.request(), context);
  Request now_owned = other.request();
  for (const Event& event : decision.events) now_owned = evolve(now_owned, event);
  EXPECT_EQ(now_owned.owner, PersonId("qian"));
  EXPECT_TRUE(told(decision).empty()) << "nobody has left";
}

TEST_F(Leavers, WhoLeftWhileItWasClosedIsReplacedWhenItIsReopened) {
  w.raised();
  ASSERT_FALSE(w.act("zhao", Accept{}));
  AddTask task;
  task.owner = PersonId("lin");
  task.content = "付款";
  ASSERT_FALSE(w.act("zhao", task));
  Cancel cancel;
  cancel.reason = "不做了";
  ASSERT_FALSE(w.act("lei", cancel));
  leaves("zhao");
  leaves("lin");
  w.heard();
  ASSERT_FALSE(w.act("lei", Reopen{"又要了"}));
  EXPECT_EQ(w.request().owner, PersonId("sun"));
  EXPECT_EQ(w.request().tasks.at(0).owner, PersonId("cai"));
  EXPECT_FALSE(has_leavers(w.request(), w.rules));
  EXPECT_TRUE(std::ranges::any_of(w.done.args, [](const auto& one) { return one.second == "孙工"; })) << "who goes on";
  const std::vector<std::string> heard = w.heard();
  for (const char* one : {"sun:owner_left", "cai:owner_left"}) EXPECT_EQ(std::ranges::count(heard, one), 1) << one;
}

TEST_F(Leavers, AClosingThatIsTakenBackBringsNobodyBackWhoLeft) {
  w.raised();
  ASSERT_FALSE(w.act("zhao", Accept{}));
  Cancel cancel;
  cancel.reason = "不做了";
  ASSERT_FALSE(w.act("lei", cancel));
  leaves("zhao");
  ASSERT_FALSE(w.take_back("lei"));
  EXPECT_EQ(w.request().phase, Phase::run);
  EXPECT_EQ(w.request().owner, PersonId("sun"));
  EXPECT_EQ(std::ranges::count(w.heard(), "sun:owner_left"), 1);
}

TEST_F(Leavers, ATaskThatIsOpenAgainBringsNobodyBackWhoLeft) {
  w.raised();
  ASSERT_FALSE(w.act("zhao", Accept{}));
  AddTask task;
  task.owner = PersonId("lin");
  task.content = "付款";
  ASSERT_FALSE(w.act("zhao", task));
  Deliver deliver;
  deliver.task = TaskNo(1);
  deliver.text = "付了";
  ASSERT_FALSE(w.act("lin", deliver));
  Verify verify;
  verify.task = TaskNo(1);
  verify.pass = true;
  ASSERT_FALSE(w.act("zhao", verify));
  leaves("lin");
  ASSERT_FALSE(has_leavers(w.request(), w.rules));
  ASSERT_FALSE(w.take_back("zhao"));
  EXPECT_EQ(w.request().tasks.at(0).owner, PersonId("cai"));
}

TEST_F(Leavers, WhatIsClosedStaysAsItWas) {
  w.raised();
  Cancel cancel;
  cancel.reason = "不做了";
  ASSERT_FALSE(w.act("lei", cancel));
  leaves("zhao");
  EXPECT_FALSE(has_leavers(w.request(), w.rules));
  EXPECT_TRUE(replaced().events.empty());
}

}  // namespace
}  // namespace xieban::test::leavers_test
