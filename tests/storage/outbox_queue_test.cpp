#include "storage/outbox_queue.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "tests/storage/support.hpp"

namespace xieban {
namespace {

using test::app;
using test::at;

OpenParcel parcel(std::uint64_t id, const std::string& chat, std::uint64_t about, TimePoint due = at(0), bool urgent = false) {
  OpenParcel made;
  made.id = ParcelId(id);
  made.thread = Thread{app, ChatId(chat), RequestId(about)};
  made.urgent = urgent;
  made.first_due = made.not_before = due;
  return made;
}
std::vector<std::uint64_t> ids(const std::vector<ParcelId>& picked) {
  std::vector<std::uint64_t> numbers;
  for (const auto id : picked) numbers.push_back(id.value);
  return numbers;
}
using Ids = std::vector<std::uint64_t>;

TEST(OutboxQueue, OneOfEachLaneUrgentFirstThenOldest) {
  OutboxQueue queue;
  queue.put(parcel(1, "a", 1, at(5)));
  queue.put(parcel(2, "b", 1, at(3)));
  queue.put(parcel(3, "c", 1, at(9), true));
  queue.put(parcel(4, "a", 2, at(1)));
  EXPECT_EQ(ids(queue.pick(at(10), {}, 10)), (Ids{3, 4, 2}));
  EXPECT_EQ(ids(queue.pick(at(10), {}, 2)), (Ids{3, 4}));
  EXPECT_EQ(ids(queue.pick(at(2), {}, 10)), (Ids{4}));
}
TEST(OutboxQueue, AThreadGoesInOrder) {
  OutboxQueue queue;
  queue.put(parcel(1, "a", 1));
  queue.put(parcel(2, "a", 1, at(0), true));
  EXPECT_EQ(ids(queue.pick(at(0), {}, 10)), (Ids{1}));
  queue.remove(ParcelId(1));
  EXPECT_EQ(ids(queue.pick(at(0), {}, 10)), (Ids{2}));
}
TEST(OutboxQueue, UrgencyBehindADueHeadPullsTheThreadForward) {
  OutboxQueue queue;
  queue.put(parcel(1, "a", 1, at(5)));
  queue.put(parcel(2, "b", 1, at(1)));
  queue.put(parcel(3, "a", 1, at(5), true));
  EXPECT_EQ(ids(queue.pick(at(5), {}, 1)), (Ids{1}));
}
TEST(OutboxQueue, AClaimHoldsItsThread) {
  OutboxQueue queue;
  auto first = parcel(1, "a", 1);
  first.attempted = true;
  first.claimed_until = at(60);
  queue.put(first);
  queue.put(parcel(2, "a", 1, at(0), true));
  queue.put(parcel(3, "a", 2));
  EXPECT_EQ(ids(queue.pick(at(0), {}, 10)), (Ids{3}));
  EXPECT_EQ(ids(queue.expired(at(59))), (Ids{}));
  EXPECT_EQ(ids(queue.expired(at(60))), (Ids{1}));
}
TEST(OutboxQueue, ARetryHoldsBackAllButUrgent) {
  OutboxQueue queue;
  auto tried = parcel(1, "a", 1);
  tried.attempted = true;
  tried.not_before = at(30);
  queue.put(tried);
  queue.put(parcel(2, "a", 1));
  EXPECT_EQ(ids(queue.pick(at(1), {}, 10)), (Ids{}));
  EXPECT_EQ(queue.next_instant({}), at(30));
  queue.put(parcel(3, "a", 1, at(0), true));
  EXPECT_EQ(ids(queue.pick(at(1), {}, 10)), (Ids{3}));
  queue.remove(ParcelId(3));
  EXPECT_EQ(ids(queue.pick(at(30), {}, 10)), (Ids{1}));
}
TEST(OutboxQueue, WhatWasNeverDueHoldsBackNothing) {
  OutboxQueue queue;
  queue.put(parcel(1, "a", 1, at(3600)));
  queue.put(parcel(2, "a", 1, at(1)));
  EXPECT_EQ(queue.next_instant({}), at(1));
  EXPECT_EQ(ids(queue.pick(at(1), {}, 10)), (Ids{2}));
}
TEST(OutboxQueue, ShutLanesArePassedOver) {
  OutboxQueue queue;
  queue.put(parcel(1, "a", 1, at(1)));
  queue.put(parcel(2, "b", 1, at(2)));
  const std::set<Lane> a{Lane{app, ChatId("a")}}, everything{Lane{app, {}}};
  EXPECT_EQ(ids(queue.pick(at(9), a, 10)), (Ids{2}));
  EXPECT_EQ(queue.next_instant(a), at(2));
  EXPECT_TRUE(queue.pick(at(9), everything, 10).empty());
  EXPECT_EQ(queue.next_instant(everything), std::nullopt);
  EXPECT_EQ(queue.next_instant({}), at(1));
}
TEST(OutboxQueue, AClockSetBackWaitsAgain) {
  OutboxQueue queue;
  queue.put(parcel(1, "a", 1, at(100)));
  EXPECT_EQ(ids(queue.pick(at(100), {}, 10)), (Ids{1}));
  EXPECT_TRUE(queue.pick(at(50), {}, 10).empty());
  EXPECT_EQ(ids(queue.pick(at(100), {}, 10)), (Ids{1}));
}

// Against the rule written the slow way.
RC_GTEST_PROP(OutboxQueue, PicksWhatTheRuleSays, ()) {
  OutboxQueue queue;
  std::map<ParcelId, OpenParcel> rows;
  const auto count = *rc::gen::inRange<std::uint64_t>(1, 40);
  for (std::uint64_t step = 0; step < count; ++step) {
    const ParcelId id(*rc::gen::inRange<std::uint64_t>(1, 15));
    if (*rc::gen::inRange(0, 4) == 0) {
      queue.remove(id);
      rows.erase(id);
    } else {
      auto row = parcel(id.value, *rc::gen::element<std::string>("a", "b"), *rc::gen::inRange<std::uint64_t>(1, 3),
                        at(*rc::gen::inRange(0, 10)), *rc::gen::inRange(0, 3) == 0);
      row.attempted = *rc::gen::arbitrary<bool>();
      queue.put(row);
      rows.insert_or_assign(id, row);
    }
    const auto now = at(*rc::gen::inRange(0, 10));
    std::map<Lane, std::tuple<bool, TimePoint, ParcelId>> best;
    std::map<Thread, std::vector<OpenParcel>> threads;
    for (const auto& [row_id, row] : rows) threads[row.thread].push_back(row);
    for (const auto& [thread, list] : threads) {
      std::optional<OpenParcel> head;
      bool urgent = false;
      for (std::size_t i = 0; i < list.size(); ++i) {
        if (list[i].not_before > now) continue;
        urgent = urgent || list[i].urgent;
        const bool held = std::any_of(list.begin(), list.begin() + static_cast<std::ptrdiff_t>(i),
                                      [now](const OpenParcel& before) { return before.attempted && before.not_before > now; });
        if (!head && (list[i].urgent || !held)) head = list[i];
      }
      if (!head) continue;
      const std::tuple rank(!urgent, head->first_due, head->id);
      const auto [place, fresh] = best.try_emplace(Lane{thread.app, thread.chat}, rank);
      if (!fresh && rank < place->second) place->second = rank;
    }
    std::vector<std::tuple<bool, TimePoint, ParcelId>> expected;
    for (const auto& [lane, rank] : best) expected.push_back(rank);
    std::ranges::sort(expected);
    std::vector<ParcelId> wanted;
    for (const auto& rank : expected) wanted.push_back(std::get<ParcelId>(rank));
    RC_ASSERT(ids(queue.pick(now, {}, 100)) == ids(wanted));
    RC_ASSERT(queue.size() == rows.size());
  }
}

}  // namespace
}  // namespace xieban
