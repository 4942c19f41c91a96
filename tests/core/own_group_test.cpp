// A group of the request's own: who is in it, what it is called, when it comes and goes, what may be read there.

#include <gtest/gtest.h>

#include <algorithm>

#include "bot/base/text.hpp"
#include "bot/core/brain/audience.hpp"
#include "bot/core/brain/change.hpp"
#include "bot/core/brain/groups.hpp"
#include "tests/core/brain_world.hpp"

namespace xieban::test {
namespace {

Rules with_groups(GroupAfter after = GroupAfter::keep) {
  Rules rules = sample_rules();
  Channel channel;
  channel.id = ChannelId("groups");
  channel.reach = Reach::groups;
  channel.groups.emplace();
  channel.groups->name_chars = 20;
  channel.groups->announces = channel.groups->dissolves = true;
  rules.traits.at(playground).channels.push_back(channel);
  for (auto& type : rules.types) {
    Policy policy = *type;
    policy.own_group_after = after;
    type = std::make_shared<const Policy>(std::move(policy));
  }
  return rules;
}

struct OwnGroup : ::testing::Test {
  explicit OwnGroup(Rules rules = with_groups()) : w(std::move(rules)) {}
  World w;
  const ChatRef made{playground, ChatId("g:made")};

  [[nodiscard]] std::vector<Outgoing> calls(GroupStep step) const {
    std::vector<Outgoing> out;
    for (const SentMessage& one : w.sent)
      if (one.out.group && one.out.group->step == step) out.push_back(one.out);
    return out;
  }
  void raise(const std::string& line = "/紧急 支付页打不开 给 技术部 目标: 恢复下单") { w.say("zhou.market", group, line); }
  /// What the engine does with the platform's answer.
  void answer(const Outgoing& sent, const std::string& id) {
    w.take(group_tended(sent, id, w.load(load_group(sent, id)), w.rules, w.now));
    w.settle();
  }
  void make() {
    raise();
    ASSERT_EQ(calls(GroupStep::make).size(), 1U);
    answer(calls(GroupStep::make).front(), made.chat.str());
  }
  void tell(decltype(Inbound::what) what) {
    Inbound in;
    in.chat = made;
    in.what = std::move(what);
    w.receive(std::move(in));
  }
};

TEST_F(OwnGroup, OnlyTypesThatSaySoGetOne) {
  raise("/发起 数据接口 给 技术部");
  EXPECT_TRUE(calls(GroupStep::make).empty());
  raise();
  EXPECT_EQ(calls(GroupStep::make).size(), 1U);
}

TEST_F(OwnGroup, ItsNameKeepsToWhatThePlatformTakesAndItsMembersHaveAccountsThere) {
  Organisation organisation = *w.rules.organisation;
  for (Person& person : organisation.people)
    if (person.id == PersonId("wang.tech")) person.identities = {{plain_app, UserId("wang.tech")}};
  w.rules.organisation = std::make_shared<const Organisation>(organisation);
  raise("/紧急 支付页打不开而且客户一直在打电话 给 技术部");
  ASSERT_EQ(calls(GroupStep::make).size(), 1U);
  const Outgoing call = calls(GroupStep::make).front();
  EXPECT_EQ(text::decode(call.group->name).size(), 20U);
  EXPECT_TRUE(call.group->name.starts_with("XB-2026-0001 支付页"));
  EXPECT_TRUE(call.group->name.ends_with("…"));
  std::vector<std::string> users;
  for (const PersonRef& member : call.group->members) users.push_back(member.user.str());
  EXPECT_EQ(users, (std::vector<std::string>{"zhao.tech", "zhou.market"})) << "the head has no account here";
}

TEST_F(OwnGroup, TheSameRequestAsksUnderTheSameKey) {
  raise();
  const Outgoing call = calls(GroupStep::make).front();
  EXPECT_NE(call.key, "xb-" + call.parcel.str()) << "numbers begin anew in an emptied store";
  EXPECT_TRUE(call.key.starts_with("xb-" + call.parcel.str() + "-"));
}

TEST_F(OwnGroup, AnAnswerThatComesTwiceMakesNothingTwice) {
  make();
  const auto entries = w.history.at(RequestId(1)).size();
  const auto sent = w.sent.size();
  answer(calls(GroupStep::make).front(), made.chat.str());
  EXPECT_EQ(w.history.at(RequestId(1)).size(), entries);
  EXPECT_EQ(w.sent.size(), sent);
}

TEST_F(OwnGroup, TakingBackAStepLeavesTheGroupThatWasMadeSince) {
  raise();
  w.say("zhao.tech", group, "/接单 1");
  answer(calls(GroupStep::make).front(), made.chat.str());
  w.say("zhao.tech", made, "/撤回 1");
  EXPECT_EQ(w.request().phase, Phase::respond);
  EXPECT_EQ(w.request().group, made);
  EXPECT_EQ(w.request().chats.size(), 2U);
}

TEST_F(OwnGroup, WhatIsForThoseWhoTakePartMayBeReadThereAndNothingElse) {
  make();
  Request request = w.request();
  request.level = Level::participants;
  EXPECT_TRUE(brain::chat_may_see(request, made, nullptr, w.rules));
  Request other = request;
  other.chats = {group};
  EXPECT_FALSE(brain::chat_may_see(other, made, nullptr, w.rules));
}

TEST_F(OwnGroup, AConfidentialRequestShowsItsNumberOnly) {
  raise();
  Request request = w.request();
  request.level = Level::secret;
  EXPECT_EQ(brain::group_name(request), "XB-2026-0001");
  EXPECT_EQ(brain::group_notice(request, w.rules), "XB-2026-0001");
}

TEST_F(OwnGroup, BeingAddedToItIsNoReasonToGreet) {
  make();
  const auto before = w.messages(made).size();
  tell(JoinedChat{});
  EXPECT_EQ(w.messages(made).size(), before);
}

TEST_F(OwnGroup, WhenSomebodyDissolvesItTheRequestGoesOnWhereItWasRaised) {
  make();
  EXPECT_EQ(group_chat(w.request()), made);
  tell(ChatGone{});
  EXPECT_TRUE(w.request().group.empty());
  EXPECT_EQ(group_chat(w.request()), group);
}

struct Dissolving : OwnGroup {
  Dissolving() : OwnGroup(with_groups(GroupAfter::dissolve)) {}
};

TEST_F(Dissolving, ItGoesWhenTheRequestIsClosedAndComesBackWithIt) {
  make();
  w.say("zhou.market", group, "/取消 1 已恢复");
  EXPECT_TRUE(calls(GroupStep::dissolve).empty()) << "the cards show how it ended first";
  w.turn_to(w.now + std::chrono::minutes(1));
  ASSERT_EQ(calls(GroupStep::dissolve).size(), 1U);
  answer(calls(GroupStep::dissolve).front(), {});
  EXPECT_TRUE(w.request().group.empty());
  EXPECT_TRUE(w.chats.at(made).gone);
  w.say("zhou.market", group, "/重开 1 又坏了");
  EXPECT_EQ(calls(GroupStep::make).size(), 2U);
}

TEST_F(Dissolving, ReopenedInTimeItStays) {
  make();
  w.say("zhou.market", group, "/取消 1 已恢复");
  w.say("zhou.market", group, "/重开 1 又坏了");
  w.turn_to(w.now + std::chrono::minutes(1));
  EXPECT_TRUE(calls(GroupStep::dissolve).empty());
  EXPECT_EQ(w.request().group, made);
  EXPECT_EQ(calls(GroupStep::make).size(), 1U);
}

TEST_F(Dissolving, ClosedWhileItIsBeingMadeItGoesAtOnce) {
  raise();
  w.say("zhou.market", group, "/取消 1 已恢复");
  answer(calls(GroupStep::make).front(), made.chat.str());
  w.turn_to(w.now + std::chrono::minutes(1));
  EXPECT_EQ(calls(GroupStep::dissolve).size(), 1U);
}

}  // namespace
}  // namespace xieban::test
