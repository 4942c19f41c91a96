// Where a chat takes replies: one address until it runs out, or one for each message.

#include "bot/core/brain/addresses.hpp"

#include <gtest/gtest.h>

namespace xieban::brain {
namespace {

constexpr TimePoint start{Duration{1'000'000'000'000}};
constexpr Duration minute{60'000};

ReplyAddress address(const char* url, int minutes) { return {url, start + minutes * minute}; }

TEST(Addresses, AnAddressThatServesUntilItRunsOutIsReplaced) {
  ChatFact chat;
  take_address(chat, address("a", 10), false, start);
  take_address(chat, address("b", 20), false, start);
  EXPECT_EQ(chat.webhook, "b");
  EXPECT_EQ(chat.webhook_until, start + 20 * minute);
  EXPECT_TRUE(chat.spare.empty());
}

TEST(Addresses, OnesThatTakeOneMessageAreKeptForOneEach) {
  ChatFact chat;
  for (const char* url : {"a", "b", "b", "c"}) take_address(chat, address(url, 10), true, start);
  EXPECT_EQ(chat.webhook, "c") << "the newest is the one that waits for an answer";
  EXPECT_EQ(chat.spare.size(), 2U);
  EXPECT_TRUE(spend_address(chat, "a")) << "another answer was quicker";
  EXPECT_TRUE(spend_address(chat, "c"));
  EXPECT_EQ(chat.webhook, "b");
  EXPECT_EQ(chat.webhook_until, start + 10 * minute);
  EXPECT_FALSE(spend_address(chat, "c")) << "once";
  EXPECT_TRUE(spend_address(chat, "b"));
  EXPECT_TRUE(chat.webhook.empty());
  EXPECT_FALSE(chat.webhook_until);
  EXPECT_FALSE(spend_address(chat, ""));
}

TEST(Addresses, WhatHasRunOutOrIsTooManyIsForgotten) {
  ChatFact chat;
  take_address(chat, address("old", 1), true, start);
  take_address(chat, address("new", 90), true, start + 60 * minute);
  EXPECT_TRUE(chat.spare.empty());
  for (int i = 0; i < 100; ++i) take_address(chat, address(std::to_string(i).c_str(), 90), true, start);
  EXPECT_EQ(chat.webhook, "99");
  EXPECT_EQ(chat.spare.size(), 16U);
  EXPECT_EQ(chat.spare.back().url, "98");
}

TEST(Addresses, WhatWasSentSpendsItsOwnAndNoOther) {
  Outgoing sent;
  sent.chat = ChatRef{AppId("a:main"), ChatId("g1")};
  sent.webhook = "a";
  EXPECT_EQ(load_address(sent).chat, sent.chat);
  Snapshot snapshot;
  EXPECT_TRUE(address_spent(sent, snapshot).facts.empty());
  snapshot.chat.emplace();
  snapshot.chat->chat = sent.chat;
  take_address(*snapshot.chat, address("a", 10), true, start);
  take_address(*snapshot.chat, address("b", 10), true, start);
  const ChangeSet change = address_spent(sent, snapshot);
  ASSERT_EQ(change.facts.size(), 1U);
  const auto& left = std::get<ChatFact>(change.facts[0]);
  EXPECT_EQ(left.webhook, "b");
  EXPECT_TRUE(left.spare.empty());
}

}  // namespace
}  // namespace xieban::brain
