#include "bot/core/rules.hpp"
#include "tests/storage/support.hpp"

namespace xieban::test {
namespace {

using Wake = Contract;
INSTANTIATE_TEST_SUITE_P(Stores, Wake, testing::Bool(), kind_of_store);

const Decide no_aside = [](const Snapshot&) -> ChangeSet { throw std::logic_error("not called"); };

/// Wakes everything; notes the order, and when each sleeps until.
Decide noting(std::vector<std::uint64_t>& woken, std::optional<TimePoint> next) {
  return [&woken, next](const Snapshot& snapshot) {
    woken.push_back(snapshot.requests.at(0).id.value);
    ChangeSet changes;
    changes.requests.push_back(note(snapshot.requests.at(0), "醒了", next));
    return changes;
  };
}

TEST_P(Wake, UrgentFirstThenEarliest) {
  auto urgent = request(3);
  urgent.urgent = true;
  change(raise(request(1), at(20)));
  change(raise(request(2), at(10)));
  change(raise(urgent, at(30)));
  change(raise(request(4), at(31)));
  change(raise(request(5)));
  EXPECT_EQ(get(store().next_instant({})), at(10));
  std::vector<std::uint64_t> woken;
  EXPECT_EQ(get(store().wake_due(at(30), 10, noting(woken, at(100)), no_aside)), 3U);
  EXPECT_EQ(woken, (std::vector<std::uint64_t>{3, 2, 1}));
  EXPECT_EQ(get(store().wake_due(at(30), 10, noting(woken, at(100)), no_aside)), 0U);
  EXPECT_EQ(get(store().next_instant({})), at(31));
}
TEST_P(Wake, NoMoreThanTheLimit) {
  for (std::uint64_t id = 1; id <= 5; ++id) change(raise(request(id), at(static_cast<std::int64_t>(id))));
  std::vector<std::uint64_t> woken;
  EXPECT_EQ(get(store().wake_due(at(9), 2, noting(woken, std::nullopt), no_aside)), 2U);
  EXPECT_EQ(get(store().wake_due(at(9), 10, noting(woken, std::nullopt), no_aside)), 3U);
  EXPECT_EQ(woken, (std::vector<std::uint64_t>{1, 2, 3, 4, 5}));
  EXPECT_EQ(get(store().next_instant({})), std::nullopt);
}
TEST_P(Wake, ExactlyAtItsInstant) {
  change(raise(request(1), at(10)));
  std::vector<std::uint64_t> woken;
  EXPECT_EQ(get(store().wake_due(at(10) - Duration(1), 10, noting(woken, std::nullopt), no_aside)), 0U);
  EXPECT_EQ(get(store().wake_due(at(10), 10, noting(woken, std::nullopt), no_aside)), 1U);
}
TEST_P(Wake, ClosedRequestsSleepForEver) {
  change(raise(request(1), at(10)));
  auto closed = stored(1);
  closed.phase = Phase::archived;
  change(note(closed, "归档", at(20)));
  EXPECT_EQ(get(store().next_instant({})), std::nullopt);
}
TEST_P(Wake, SeesItsCardsAndPolicyAndWritesIntents) {
  ChangeSet first;
  first.requests.push_back(raise(request(1), at(10)));
  first.intents.push_back(card_intent(1));
  change(first);
  auto sent = claim(at(1)).at(0);
  settle(settled(sent, Outcome::delivered, at(1)));
  bool seen = false;
  const Decide wake = [&seen](const Snapshot& snapshot) {
    seen = snapshot.cards.size() == 1 && snapshot.policies.size() == 1 && snapshot.directory != nullptr;
    ChangeSet changes;
    changes.requests.push_back(note(snapshot.requests.at(0), "提醒"));
    changes.intents.push_back(intent(1, "提醒"));
    return changes;
  };
  get(store().wake_due(at(10), 10, wake, no_aside));
  EXPECT_TRUE(seen);
  EXPECT_EQ(claim(at(10)).size(), 1U);
}

TEST_P(Wake, OneThatThrowsIsPutAsideAndTheOthersGoOn) {
  for (std::uint64_t id = 1; id <= 3; ++id) change(raise(request(id), at(10)));
  std::vector<std::uint64_t> woken;
  const auto fine = noting(woken, std::nullopt);
  const Decide wake = [fine](const Snapshot& snapshot) {
    if (snapshot.requests.at(0).id == RequestId(2)) throw std::runtime_error("boom");
    return fine(snapshot);
  };
  const Decide aside = [](const Snapshot& snapshot) {
    auto marked = snapshot.requests.at(0);
    marked.conditions.needs_care = true;
    ChangeSet changes;
    changes.requests.push_back(note(marked, "需要关照", at(910)));
    return changes;
  };
  EXPECT_EQ(get(store().wake_due(at(10), 10, wake, aside)), 3U);
  EXPECT_EQ(woken, (std::vector<std::uint64_t>{1, 3}));
  EXPECT_TRUE(stored(2).conditions.needs_care);
  EXPECT_EQ(get(store().next_instant({})), at(910));
  EXPECT_EQ(get(store().stats()).needs_care, 1U);
  const auto troubles = get(store().troubles(10));
  ASSERT_EQ(troubles.size(), 1U);
  EXPECT_EQ(troubles[0].id, "request:2");
  EXPECT_EQ(troubles[0].at, at(10));
  get(store().retry("request:2", at(20)));
  EXPECT_EQ(get(store().next_instant({})), at(20));
}
TEST_P(Wake, WhatCannotEvenBePutAsideIsTriedAgainLater) {
  change(raise(request(1), at(10)));
  const Decide broken = [](const Snapshot&) -> ChangeSet { throw std::runtime_error("boom"); };
  EXPECT_EQ(get(store().wake_due(at(10), 10, broken, broken)), 1U);
  EXPECT_EQ(get(store().next_instant({})), at(10 + 900));
  EXPECT_EQ(get(store().stats()).needs_care, 1U);
  EXPECT_EQ(get(store().troubles(10)).at(0).id, "request:1");
  Load load;
  load.queries = {Query{QueryKind::care, {}, {}, ""}};
  const auto rows = this->load(load).answers.at(0);
  ASSERT_EQ(rows.size(), 1U) << "the PMO sees it";
  EXPECT_TRUE(rows[0].needs_care);
}
TEST_P(Wake, WhatStaysDueDoesNotSpin) {
  change(raise(request(1), at(10)));
  const Decide nothing = [](const Snapshot&) { return ChangeSet{}; };
  EXPECT_EQ(get(store().wake_due(at(10), 10, nothing, no_aside)), 1U);
  EXPECT_EQ(get(store().wake_due(at(10), 10, nothing, no_aside)), 0U);
}

}  // namespace
}  // namespace xieban::test
