#include "bot/engine/ways.hpp"

#include <gtest/gtest.h>

namespace xieban::ways_test {
namespace {

using namespace std::chrono_literals;

const TimePoint start{};
const ChannelId person("person"), group("group");
Lane lane(const char* chat) { return {AppId("a"), ChatId(chat)}; }

struct WaysTest : ::testing::Test {
  Ways ways;
  TimePoint now = start;
  void breaks(const ChannelId& way, std::initializer_list<const char*> chats) {
    for (const char* chat : chats) ways.failed(way, lane(chat), now);
  }
};

TEST_F(WaysTest, NobodyWaitsBeforeAWayIsDown) {
  breaks(person, {"1", "2", "3", "4"});
  EXPECT_FALSE(ways.down(person));
  EXPECT_TRUE(ways.waiting().empty());
  EXPECT_FALSE(ways.next_ask());
}

TEST_F(WaysTest, WhoeverFailedOverItWaitsAndNobodyElse) {
  breaks(person, {"1", "2", "3", "4", "5"});
  EXPECT_TRUE(ways.down(person));
  EXPECT_FALSE(ways.down(group));
  EXPECT_EQ(ways.waiting().size(), 5U);
  EXPECT_TRUE(ways.waits(lane("1")));
  EXPECT_FALSE(ways.waits(lane("6")));
}

TEST_F(WaysTest, WhatWouldGoOverItWaitsWithoutACall) {
  breaks(person, {"1", "2", "3", "4", "5"});
  EXPECT_EQ(ways.closed(std::nullopt), std::set{person});
  EXPECT_TRUE(ways.closed(person).empty());
  ways.turned_away(person, lane("6"));
  EXPECT_TRUE(ways.waits(lane("6")));
  ways.answered(person, lane("1"));
  EXPECT_FALSE(ways.waits(lane("6")));
}

TEST_F(WaysTest, OneAsksAtATime) {
  breaks(person, {"1", "2", "3", "4", "5"});
  EXPECT_TRUE(ways.to_ask(now).empty());
  ASSERT_EQ(ways.next_ask(), start + 1s);
  now += 1s;
  EXPECT_EQ(ways.to_ask(now), std::vector{person});
  ways.asks(person, lane("2"));
  EXPECT_TRUE(ways.to_ask(now).empty());
  EXPECT_FALSE(ways.next_ask()) << "its answer rings";
  ways.ended(lane("2"));
  ways.failed(person, lane("2"), now);
  EXPECT_EQ(ways.next_ask(), now + 2s);
}

TEST_F(WaysTest, AnAnswerFreesAllThatWait) {
  breaks(person, {"1", "2", "3", "4", "5"});
  ways.answered(person, lane("2"));
  EXPECT_FALSE(ways.down(person));
  EXPECT_TRUE(ways.waiting().empty());
}

TEST_F(WaysTest, WhoIsReachedOverAnotherWayWaitsForThisOneNoMore) {
  breaks(person, {"1", "2", "3", "4", "5"});
  ways.answered(group, lane("2"));
  EXPECT_TRUE(ways.down(person));
  EXPECT_FALSE(ways.waits(lane("2")));
  EXPECT_TRUE(ways.waits(lane("1")));
}

TEST_F(WaysTest, TheOneThatHasWaitedLongestIsAskedFirst) {
  breaks(group, {"1", "2", "3", "4", "5"});
  now += 1min;
  breaks(person, {"6", "7", "8", "9", "10"});
  now += 1min;
  EXPECT_EQ(ways.to_ask(now), (std::vector{group, person}));
  ways.failed(group, lane("1"), now);
  now += 1min;
  EXPECT_EQ(ways.to_ask(now), (std::vector{person, group}));
}

TEST_F(WaysTest, EveryLaneGetsItsTurn) {
  breaks(person, {"1", "1", "1", "1", "1"});
  ways.turned_away(person, lane("2"));
  EXPECT_EQ(ways.waiting(person), std::vector{lane("1")}) << "the other one asks";
  EXPECT_EQ(ways.waiting().size(), 2U);
  breaks(person, {"2"});
  EXPECT_EQ(ways.waiting(person).size(), 2U);
  ways.nothing_to_ask(person, now);
  EXPECT_TRUE(ways.waiting(person).empty()) << "a new round";
}

TEST_F(WaysTest, WithNothingToSendItIsAskedLessAndLess) {
  breaks(person, {"1", "2", "3", "4", "5"});
  now += 1s;
  ways.nothing_to_ask(person, now);
  EXPECT_EQ(ways.next_ask(), now) << "a new round first";
  ways.nothing_to_ask(person, now);
  EXPECT_EQ(ways.next_ask(), now + 2s);
  now += 2s;
  ways.nothing_to_ask(person, now);
  EXPECT_EQ(ways.next_ask(), now + 4s);
}

}  // namespace
}  // namespace xieban::ways_test
