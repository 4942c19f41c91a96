// An order to carry a changed type over, and what becomes of it once it was carried out.

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/core/brain_world.hpp"

namespace xieban::test::apply_type_test {
namespace {

const TypeId normal("normal");
const std::string setting = apply_setting(normal);

struct AppliedType : ::testing::Test {
  World w;

  /// What stands in the setting after the order was carried out, if this stood there by then.
  std::string left_of(const std::string& stands, const std::string& order) {
    w.settings[setting] = stands;
    Load load;
    load.settings.push_back(setting);
    const ChangeSet out = type_applied(normal, order, 3, w.load(load), w.rules, w.now);
    told.clear();
    for (const Intent& one : out.intents)
      if (const auto* say = std::get_if<Say>(&one.effect)) told.push_back(say->to.person->value);
    w.take(out);
    return w.settings[setting];
  }
  std::vector<std::string> told;
};

TEST_F(AppliedType, TheOrderThatWasCarriedOutIsTakenAway) {
  w.say("gao.admin", private_of("gao.admin"), "/协作 套用策略 普通");
  const std::string order = w.settings[setting];
  EXPECT_EQ(ordered_by(order), PersonId("gao.admin"));
  EXPECT_EQ(left_of(order, order), "");
  EXPECT_EQ(told, std::vector<std::string>{"gao.admin"});
}

TEST_F(AppliedType, AnOrderThatCameMeanwhileStaysAndTheFirstIsStillAnswered) {
  const std::string first = apply_order(PersonId("gao.admin"), {playground, "event-1"});
  const std::string second = apply_order(PersonId("wu.pmo"), {playground, "event-2"});
  EXPECT_EQ(left_of(second, first), second);
  EXPECT_EQ(told, std::vector<std::string>{"gao.admin"});
}

TEST_F(AppliedType, TwoOrdersOfOnePersonAreTwo) {
  w.say("gao.admin", private_of("gao.admin"), "/协作 套用策略 普通");
  const std::string first = w.settings[setting];
  w.say("gao.admin", private_of("gao.admin"), "/协作 套用策略 普通");
  const std::string second = w.settings[setting];
  EXPECT_EQ(ordered_by(second), PersonId("gao.admin"));
  EXPECT_EQ(left_of(second, first), second);
}

TEST_F(AppliedType, WhatTheVersionBeforeWroteIsUnderstood) {
  EXPECT_EQ(ordered_by("gao.admin"), PersonId("gao.admin"));
  EXPECT_EQ(left_of("gao.admin", "gao.admin"), "");
  EXPECT_EQ(told, std::vector<std::string>{"gao.admin"});
}

}  // namespace
}  // namespace xieban::test::apply_type_test
