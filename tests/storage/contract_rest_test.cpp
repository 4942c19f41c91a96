// Leases, budgets, documents, settings, retention, anchors, the playground's messages, closing.

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "bot/core/rules.hpp"
#include "bot/crypto/crypto.hpp"
#include "tests/storage/support.hpp"

namespace xieban::test {
namespace {

using Rest = Contract;
INSTANTIATE_TEST_SUITE_P(Stores, Rest, testing::Bool(), kind_of_store);

TEST_P(Rest, LeasesAreHeldByOneUntilTheyRunOut) {
  const auto take = [&](const std::string& holder, TimePoint now) {
    return get(store().lease("send", holder, Duration(60'000), now));
  };
  const auto first = take("a", at(0));
  ASSERT_TRUE(first);
  EXPECT_FALSE(take("b", at(30)));
  EXPECT_EQ(take("a", at(50)), first) << "still its own";
  EXPECT_FALSE(take("b", at(109)));
  const auto second = take("b", at(110));
  ASSERT_TRUE(second);
  EXPECT_GT(*second, *first);
  EXPECT_FALSE(take("a", at(111)));
  const auto third = take("a", at(500));
  EXPECT_GT(*third, *second);
  const auto after_a_pause = take("a", at(5000));
  EXPECT_GT(*after_a_pause, *third) << "it had run out: somebody else may have held it";
  EXPECT_TRUE(get(store().lease("other", "b", Duration(60'000), at(5000))));
}

TEST_P(Rest, BudgetsAddUpByMonth) {
  EXPECT_EQ(get(store().count("dingtalk:main", "2026-11", 3)), 3U);
  EXPECT_EQ(get(store().count("dingtalk:main", "2026-11", 2)), 5U);
  EXPECT_EQ(get(store().count("dingtalk:main", "2026-12", 1)), 1U);
  EXPECT_EQ(get(store().count("feishu:main", "2026-11", 1)), 1U);
  EXPECT_EQ(get(store().count("dingtalk:main", "2026-11", 0)), 5U);
}

TEST_P(Rest, DocumentsByTheirContent) {
  const std::string bytes("a\0b\xff", 4);
  const auto hash = get(store().put_document("png", bytes));
  EXPECT_EQ(hash.value, crypto::sha256_hex(bytes));
  EXPECT_EQ(get(store().put_document("other", bytes)), hash);
  EXPECT_EQ(get(store().get_document(hash)), bytes);
  EXPECT_EQ(get(store().get_document(Hash("nothing"))), std::nullopt);
}
TEST_P(Rest, Settings) {
  EXPECT_EQ(get(store().setting("offset")), std::nullopt);
  get(store().put_setting("offset", "1"));
  get(store().put_setting("offset", "2"));
  EXPECT_EQ(get(store().setting("offset")), "2");
}

TEST_P(Rest, RetryKnowsOnlyWhatWaits) {
  change(raise(request(1)));
  auto closed = request(2);
  closed.phase = Phase::archived;
  change(raise(closed));
  intend({intent(1, "a")});
  for (const char* id : {"", "event:1", "event:x", "parcel:1", "parcel:99", "request:2", "request:9", "nonsense", "event:1x"}) {
    const auto done = ask(store().retry(id, at(0)));
    ASSERT_FALSE(done.has_value()) << id;
    EXPECT_EQ(done.error().code, Errc::not_found) << id;
  }
}

TEST_P(Rest, SweepRemovesWhatIsOldAndSettled) {
  const Decide nothing = [](const Snapshot&) { return ChangeSet{}; };
  for (int i = 0; i < 5; ++i) {
    Load load;
    load.inbox = key("m" + std::to_string(i));
    get(store().transact(load, nothing, at(i)));
  }
  intend({intent(1, "a", "g1"), intent(2, "b", "g2"), intent(3, "c", "g3"), intent(4, "d", "g4")});
  const auto claimed = claim(at(10));
  settle(settled(claimed[0], Outcome::delivered, at(10)));
  settle(settled(claimed[1], Outcome::rejected, at(10)));
  settle(settled(claimed[2], Outcome::retry, at(10), at(1000)));
  EXPECT_EQ(get(store().sweep(at(0), at(0), 100)), 0U);
  // Three events; two parcels and their attempts.
  EXPECT_EQ(get(store().sweep(at(3), at(100), 2)), 2U);
  EXPECT_EQ(get(store().sweep(at(3), at(100), 100)), 5U);
  EXPECT_EQ(get(store().sweep(at(3), at(100), 100)), 0U);
  Load load;
  load.inbox = key("m0");
  EXPECT_FALSE(get(store().transact(load, nothing, at(20))).duplicate) << "forgotten";
  load.inbox = key("m4");
  EXPECT_TRUE(get(store().transact(load, nothing, at(20))).duplicate);
  EXPECT_EQ(get(store().stats()).outbox_waiting, 2U);
  EXPECT_EQ(get(store().sent_since(app, at(0))).size(), 2U);
}

TEST_P(Rest, AnchorsAreADayEach) {
  const auto empty = get(store().anchor("2026-11-20"));
  EXPECT_EQ(empty.value.size(), 64U);
  change(raise(request(1)));
  EXPECT_EQ(get(store().anchor("2026-11-20")), empty) << "a day's anchor stays";
  const auto one = get(store().anchor("2026-11-21"));
  const auto two = get(store().anchor("2026-11-22"));
  EXPECT_NE(one, empty);
  EXPECT_NE(two, one) << "chained to the day before";
}
TEST(Anchors, AreTheSameInBothStores) {
  std::vector<Hash> anchors;
  for (const bool sqlite : {false, true}) {
    Bench bench(sqlite);
    bench.change(raise(request(1)));
    bench.change(raise(request(2)));
    bench.change(note(bench.stored(1), "x"));
    bench.get(bench.store().anchor("2026-11-21"));
    bench.change(note(bench.stored(2), "y"));
    anchors.push_back(bench.get(bench.store().anchor("2026-11-22")));
  }
  EXPECT_EQ(anchors[0], anchors[1]);
}

TEST_P(Rest, ShownMessagesHaveRevisions) {
  const auto make = [](const std::string& id, const std::string& key_text, const std::string& body) {
    Store::Shown shown;
    shown.id = id;
    shown.chat = "g1";
    shown.key = key_text;
    shown.body = body;
    return shown;
  };
  const auto a = get(store().show(make("a", "k1", "one")));
  const auto b = get(store().show(make("b", "", "two")));
  EXPECT_LT(a.rev, b.rev);
  const auto repeated = get(store().show(make("a2", "k1", "other")));
  EXPECT_EQ(repeated.id, "a");
  EXPECT_EQ(repeated.rev, a.rev);
  EXPECT_EQ(repeated.body, "one");
  const auto changed = get(store().show(make("a", "k2", "three")));
  EXPECT_GT(changed.rev, b.rev);
  const auto late_copy = get(store().show(make("a", "k1", "one")));
  EXPECT_EQ(late_copy.body, "three") << "the first key is remembered";
  const auto all = get(store().shown(0, 10));
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].id, "b");
  EXPECT_EQ(all[1].body, "three");
  EXPECT_EQ(get(store().shown(b.rev, 10)).size(), 1U);
  EXPECT_EQ(get(store().shown(0, 1)).size(), 1U);
  EXPECT_EQ(get(store().shown_one("a"))->rev, changed.rev);
  EXPECT_EQ(get(store().shown_one("zzz")), std::nullopt);
}

TEST_P(Rest, ResetLeavesNothing) {
  ChangeSet changes;
  changes.requests.push_back(raise(request(1), at(5)));
  changes.intents.push_back(intent(1, "a"));
  changes.facts.push_back(Leave{PersonId("wang.tech"), at(0), at(100), PersonId("zhao.tech")});
  change(changes);
  get(store().put_setting("offset", "1"));
  Store::Shown shown;
  shown.id = "a";
  shown.key = "k";
  get(store().show(shown));
  const auto before = claim(at(1)).at(0);
  const auto version = load(Load{}).directory->version;
  get(store().reset());
  Load load;
  load.next_number = true;
  load.requests = {RequestId(1)};
  load.queries = {Query{QueryKind::board, {}, {}, ""}, Query{QueryKind::search, {}, {}, "接口"}};
  const auto snapshot = this->load(load);
  EXPECT_EQ(snapshot.next_number, RequestId(1));
  EXPECT_TRUE(snapshot.requests.empty());
  EXPECT_TRUE(snapshot.answers[0].empty());
  EXPECT_TRUE(snapshot.answers[1].empty());
  EXPECT_TRUE(snapshot.directory->leaves.empty());
  EXPECT_NE(snapshot.directory->version, version);
  EXPECT_EQ(get(store().setting("offset")), std::nullopt);
  EXPECT_TRUE(get(store().shown(0, 10)).empty());
  EXPECT_EQ(get(store().next_instant({})), std::nullopt);
  EXPECT_EQ(get(store().stats()).outbox_waiting, 0U);
  // A send from before settles into nothing, even when a new parcel waits.
  change(raise(request(1)));
  intend({intent(1, "new")});
  const auto after = claim(at(2)).at(0);
  EXPECT_NE(after.parcel.id, before.parcel.id);
  settle(settled(before, Outcome::rejected, at(3)));
  EXPECT_EQ(get(store().stats()).failed_parcels, 0U);
}

TEST_P(Rest, CloseFinishesAndThenRefuses) {
  bool done = false;
  ChangeSet changes;
  changes.requests.push_back(raise(request(1)));
  boost::asio::co_spawn(context(),
                        store().transact(
                            Load{}, [changes](const Snapshot&) { return changes; }, at(0)),
                        [&done](std::exception_ptr, Result<Committed> one) { done = one.has_value(); });
  boost::asio::co_spawn(context(), store().close(), boost::asio::detached);
  context().restart();
  context().run();
  EXPECT_TRUE(done);
  const auto write = ask(store().put_setting("a", "b"));
  ASSERT_FALSE(write.has_value());
  EXPECT_EQ(write.error().code, Errc::shutting_down);
  const auto read = ask(store().setting("a"));
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().code, Errc::shutting_down);
}

}  // namespace
}  // namespace xieban::test
