#include "storage/sqlite/offline.hpp"
#include <algorithm>

#include <SQLiteCpp/SQLiteCpp.h>

#include <boost/asio/thread_pool.hpp>
#include <fstream>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "bot/core/rules.hpp"
#include "bot/crypto/crypto.hpp"
#include "tests/storage/support.hpp"

namespace xieban::test {
namespace {

namespace asio = boost::asio;

class Offline : public testing::Test {
 protected:
  void SetUp() override { open(); }
  void TearDown() override { close(); }
  void open() {
    SqliteOptions options;
    options.loop = options.writer = options.reader = context.get_executor();
    options.now = at(0);
    store = std::move(*open_sqlite(folder.file(), options));
  }
  void close() {
    if (store) run(context, store->close());
    store.reset();
  }
  void raise_and_note(std::uint64_t id, int notes) {
    ChangeSet changes;
    changes.requests.push_back(raise(request(id)));
    commit(changes);
    for (int i = 0; i < notes; ++i) {
      Load load;
      load.requests = {RequestId(id)};
      const Decide add = [i](const Snapshot& snapshot) {
        ChangeSet made;
        made.requests.push_back(note(snapshot.requests.at(0), "n" + std::to_string(i)));
        return made;
      };
      ASSERT_TRUE(run(context, store->transact(load, add, at(i))).has_value());
    }
  }
  void commit(const ChangeSet& changes) {
    ASSERT_TRUE(run(context, store->transact(
                                 Load{}, [changes](const Snapshot&) { return changes; }, at(7)))
                    .has_value());
  }
  void tamper(const std::string& statement) {
    SQLite::Database db(folder.file().string(), SQLite::OPEN_READWRITE);
    ASSERT_GT(db.exec(statement), 0) << statement;
  }
  HistoryReport verify(const std::optional<std::string>& anchors = std::nullopt) {
    auto report = verify_sqlite_history(folder.file(), anchors);
    if (!report) throw std::runtime_error(report.error().text);
    return *report;
  }
  std::string anchor_line(const HistoryReport& report) {
    return "ok " + std::to_string(report.entries) + " entries, " + std::to_string(report.chains) +
           " chains, anchor sha256:" + report.anchor.value + "\n";
  }

  Folder folder;
  asio::io_context context;
  std::unique_ptr<Store> store;
};

TEST_F(Offline, ASoundHistory) {
  raise_and_note(1, 3);
  raise_and_note(2, 1);
  const auto report = verify();
  EXPECT_EQ(report.entries, 6U);
  EXPECT_EQ(report.chains, 2U);
  EXPECT_TRUE(report.faults.empty());
  EXPECT_EQ(report.anchor.value.size(), 64U);
}
TEST_F(Offline, AnEmptyHistory) {
  const auto report = verify();
  EXPECT_EQ(report.entries, 0U);
  EXPECT_TRUE(report.faults.empty());
  EXPECT_TRUE(verify(anchor_line(report)).faults.empty());
}

struct Tampering {
  const char* statement;
  std::uint64_t request, seq;
};
class Tampered : public Offline, public testing::WithParamInterface<Tampering> {};
TEST_P(Tampered, NamesTheFirstBadEntry) {
  raise_and_note(1, 4);
  raise_and_note(2, 4);
  tamper(GetParam().statement);
  const auto report = verify();
  ASSERT_FALSE(report.faults.empty());  // an entry that moved breaks two chains
  const auto named = std::ranges::find(report.faults, number(RequestId(GetParam().request), 2026), &HistoryFault::request);
  ASSERT_NE(named, report.faults.end()) << report.faults[0].request;
  EXPECT_EQ(named->seq, GetParam().seq);
  EXPECT_FALSE(named->reason.empty());
}
INSTANTIATE_TEST_SUITE_P(
    Ways, Tampered,
    testing::Values(Tampering{"UPDATE history SET body = '{\"text\":\"forged\"}' WHERE aggregate = 2 AND seq = 3", 2, 3},
                    Tampering{"UPDATE history SET \"by\" = 'somebody.else' WHERE aggregate = 1 AND seq = 2", 1, 2},
                    Tampering{"UPDATE history SET at = at + 1 WHERE aggregate = 1 AND seq = 5", 1, 5},
                    Tampering{"UPDATE history SET counted_at = counted_at - 1 WHERE aggregate = 1 AND seq = 1", 1, 1},
                    Tampering{"UPDATE history SET kind = 'answered' WHERE aggregate = 1 AND seq = 4", 1, 4},
                    Tampering{"UPDATE history SET hash = zeroblob(32) WHERE aggregate = 2 AND seq = 2", 2, 2},
                    Tampering{"DELETE FROM history WHERE aggregate = 1 AND seq = 3", 1, 3},
                    Tampering{"DELETE FROM history WHERE aggregate = 2 AND seq > 3", 2, 4},
                    Tampering{"DELETE FROM history WHERE aggregate = 2", 2, 1},
                    Tampering{"UPDATE history SET aggregate = 2, seq = 6 WHERE aggregate = 1 AND seq = 5", 1, 5},
                    Tampering{"UPDATE request SET hash = zeroblob(32) WHERE id = 1", 1, 5},
                    Tampering{"DELETE FROM request WHERE id = 2", 2, 5}));

TEST_F(Offline, SwappedEntriesAreFound) {
  raise_and_note(1, 4);
  tamper("UPDATE history SET seq = CASE seq WHEN 2 THEN 3 ELSE 2 END WHERE seq IN (2, 3)");
  const auto report = verify();
  ASSERT_FALSE(report.faults.empty());
  EXPECT_EQ(report.faults[0].seq, 2U);
}

// Somebody who knows the format cuts the tail and mends everything beside it: only an anchor from elsewhere tells.
class CutTail : public Offline {
 protected:
  void cut() {
    tamper("DELETE FROM history WHERE aggregate = 1 AND seq > 3");
    tamper(
        "UPDATE request SET seq = 3, hash = (SELECT hash FROM history WHERE aggregate = 1 AND seq = 3), "
        "entry = (SELECT id FROM history WHERE aggregate = 1 AND seq = 3) WHERE id = 1");
  }
};
TEST_F(CutTail, IsFoundByTheLineOfVerifyHistory) {
  raise_and_note(2, 3);
  raise_and_note(1, 5);
  const auto noted = anchor_line(verify());
  raise_and_note(3, 2);
  EXPECT_TRUE(verify(noted).faults.empty()) << "what was added since is fine";
  cut();
  EXPECT_TRUE(verify().faults.empty());
  const auto report = verify(noted);
  ASSERT_EQ(report.faults.size(), 1U);
  EXPECT_EQ(report.faults[0].request, "-");
}
TEST_F(CutTail, IsFoundByADailyAnchor) {
  raise_and_note(1, 5);
  const auto day = *run(context, store->anchor("2026-11-20"));
  raise_and_note(2, 3);
  const auto next = *run(context, store->anchor("2026-11-21"));
  raise_and_note(3, 3);
  const auto noted = "2026-11-20 sha256:" + day.value + "\nsha256:" + next.value + "\n";
  EXPECT_TRUE(verify(noted).faults.empty());
  cut();
  const auto report = verify(noted);
  EXPECT_GE(report.faults.size(), 2U);
}
TEST_F(CutTail, IsFoundByABareHash) {
  raise_and_note(1, 5);
  const auto noted = "sha256:" + verify().anchor.value;
  raise_and_note(2, 3);
  EXPECT_TRUE(verify(noted).faults.empty());
  cut();
  EXPECT_EQ(verify(noted).faults.size(), 1U);
}
TEST_F(Offline, TheAnchorOfNowIsTheDaysOwnWhenNothingCameAfter) {
  raise_and_note(1, 2);
  const auto day = *run(context, store->anchor("2026-11-20"));
  EXPECT_EQ(verify().anchor, day);
  raise_and_note(2, 0);
  EXPECT_NE(verify().anchor, day);
}
TEST_F(Offline, AnAnchorFileWithoutAnchorsIsRefused) {
  const auto report = verify_sqlite_history(folder.file(), "nothing here\n");
  ASSERT_FALSE(report.has_value());
  EXPECT_EQ(report.error().code, Errc::bad_input);
}

TEST_F(Offline, BackupAndRestore) {
  raise_and_note(1, 3);
  ChangeSet changes;
  changes.intents = {intent(1, "a", "g1"), intent(1, "b", "g2"), intent(1, "c", "g3")};
  commit(changes);
  const auto claimed = *run(context, store->claim_outbox(at(20), 2, Duration(60'000), {}, compose_plain));
  (void)run(context, store->settle({settled(claimed[0], Outcome::delivered, at(21))}));
  const auto anchor = verify().anchor;

  const auto target = folder.path() / "backup.db";
  const auto made = backup_sqlite(folder.file(), target);
  ASSERT_TRUE(made.has_value()) << made.error().text;
  std::ifstream file(target, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(made->bytes, bytes.size());
  EXPECT_EQ(made->sha256.value, crypto::sha256_hex(bytes));
  EXPECT_FALSE(std::filesystem::exists(target.string() + ".part"));
  const auto again = backup_sqlite(folder.file(), target);
  ASSERT_FALSE(again.has_value());
  EXPECT_EQ(again.error().code, Errc::conflict);

  const auto elsewhere = folder.path() / "restored";
  const auto restored = restore_sqlite(target, elsewhere);
  ASSERT_TRUE(restored.has_value()) << restored.error().text;
  EXPECT_EQ(restored->held, 2U);
  EXPECT_EQ(restored->as_of, at(20));
  const auto twice = restore_sqlite(target, elsewhere);
  ASSERT_FALSE(twice.has_value());
  EXPECT_EQ(twice.error().code, Errc::conflict);

  const auto report = verify_sqlite_history(elsewhere / "xieban.db", std::nullopt);
  ASSERT_TRUE(report.has_value());
  EXPECT_TRUE(report->faults.empty());
  EXPECT_EQ(report->anchor, anchor);
  SqliteOptions options;
  options.loop = options.writer = options.reader = context.get_executor();
  auto copy = std::move(*open_sqlite(elsewhere / "xieban.db", options));
  EXPECT_TRUE(run(context, copy->claim_outbox(at(1000), 10, Duration(60'000), {}, compose_plain))->empty());
  const auto troubles = *run(context, copy->troubles(10));
  ASSERT_EQ(troubles.size(), 2U);
  EXPECT_TRUE(run(context, copy->retry(troubles[0].id, at(1000))).has_value());
  EXPECT_EQ(run(context, copy->claim_outbox(at(1000), 10, Duration(60'000), {}, compose_plain))->size(), 1U);
  run(context, copy->close());
}
TEST_F(Offline, RestoreRefusesWhatIsNoBackup) {
  const auto target = folder.path() / "restored";
  std::ofstream(folder.path() / "junk.db") << std::string(9000, 'x');
  EXPECT_FALSE(restore_sqlite(folder.path() / "junk.db", target).has_value());
  EXPECT_FALSE(restore_sqlite(folder.path() / "missing.db", target).has_value());
  {
    SQLite::Database db((folder.path() / "theirs.db").string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    db.exec("CREATE TABLE theirs (x)");
  }
  const auto refused = restore_sqlite(folder.path() / "theirs.db", target);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, Errc::conflict);
  EXPECT_TRUE(std::filesystem::is_empty(target));
}
TEST_F(Offline, AMissingDatabaseIsSaidSo) {
  EXPECT_EQ(backup_sqlite(folder.file("none.db"), folder.file("out.db")).error().code, Errc::not_found);
  EXPECT_EQ(verify_sqlite_history(folder.file("none.db"), std::nullopt).error().code, Errc::not_found);
  EXPECT_FALSE(std::filesystem::exists(folder.file("none.db")));
}

TEST(OfflineUnderLoad, ABackupIsOneInstant) {
  const Folder folder;
  asio::io_context context;
  asio::thread_pool writer(1), tools(1);
  SqliteOptions options;
  options.loop = context.get_executor();
  options.reader = context.get_executor();
  options.writer = writer.get_executor();
  auto store = std::move(*open_sqlite(folder.file(), options));
  // Each unit raises a request and queues one message: equal counts in every instant.
  std::uint64_t next = 1;
  bool backing_up = true;
  int failures = 0;
  std::function<void()> more = [&] {
    if (!backing_up && next > 300) return;
    const auto id = next++;
    ChangeSet changes;
    changes.requests.push_back(raise(request(id)));
    changes.intents.push_back(intent(id, "x"));
    asio::co_spawn(context,
                   store->transact(
                       Load{}, [changes](const Snapshot&) { return changes; }, at(0)),
                   [&](std::exception_ptr, Result<Committed> done) {
                     failures += done ? 0 : 1;
                     more();
                   });
  };
  for (int i = 0; i < 8; ++i) more();
  Result<BackupMade> made = std::unexpected(Error(Errc::storage, "not run"));
  asio::post(tools, [&, work = asio::make_work_guard(context)]() mutable {
    auto result = backup_sqlite(folder.file(), folder.file("backup.db"));
    asio::post(context, [&, result = std::move(result)]() mutable {
      made = std::move(result);
      backing_up = false;
    });
    work.reset();
  });
  context.run();
  tools.join();
  ASSERT_TRUE(made.has_value()) << made.error().text;
  EXPECT_EQ(failures, 0);
  run(context, store->close());
  store.reset();
  writer.join();
  SQLite::Database copy(folder.file("backup.db").string(), SQLite::OPEN_READONLY);
  EXPECT_EQ(copy.execAndGet("SELECT count(*) FROM request").getInt(), copy.execAndGet("SELECT count(*) FROM outbox").getInt());
  const auto report = verify_sqlite_history(folder.file("backup.db"), std::nullopt);
  ASSERT_TRUE(report.has_value());
  EXPECT_TRUE(report->faults.empty());
}

}  // namespace
}  // namespace xieban::test
