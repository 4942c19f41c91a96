// What only the SQLite store must do: share commits, stand beside other processes, survive what the disk does.

#include "storage/sqlite/sqlite_store.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/thread_pool.hpp>
#include <fstream>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "bot/core/rules.hpp"
#include "storage/sqlite/connection.hpp"
#include "tests/storage/support.hpp"

namespace xieban::test {
namespace {

namespace asio = boost::asio;

SqliteOptions options_on(asio::io_context& context) {
  SqliteOptions made;
  made.loop = made.writer = made.reader = context.get_executor();
  made.now = at(0);
  return made;
}
Decide adding(std::uint64_t id) {
  return [id](const Snapshot&) {
    ChangeSet changes;
    changes.requests.push_back(raise(request(id)));
    changes.intents.push_back(intent(id, "x"));
    return changes;
  };
}
Load event(const std::string& text) {
  Load load;
  load.inbox = key(text);
  load.inbox_body = text;
  return load;
}
std::int64_t number_in(const std::filesystem::path& file, const std::string& text) {
  SQLite::Database db(file.string(), SQLite::OPEN_READWRITE);
  return db.execAndGet(text).getInt64();
}

TEST(SqliteStore, JobsThatWaitTogetherShareACommit) {
  asio::io_context context;
  const Folder folder;
  auto options = options_on(context);
  std::size_t commits = 0, jobs = 0;
  options.on_commit = [&](std::size_t count) {
    ++commits;
    jobs += count;
  };
  auto store = std::move(*open_sqlite(folder.file(), options));
  int done = 0;
  for (std::uint64_t id = 1; id <= 500; ++id) {
    asio::co_spawn(context, store->transact(event("m" + std::to_string(id)), adding(id), at(0)),
                   [&done](std::exception_ptr, Result<Committed> one) { done += one.has_value() ? 1 : 0; });
  }
  context.run();
  EXPECT_EQ(done, 500);
  EXPECT_EQ(jobs, 500U);
  EXPECT_LE(commits, 3U);
  EXPECT_EQ(run(context, store->stats())->open_requests, 500U);
}

TEST(SqliteStore, AFailingJobTakesNobodyWithIt) {
  asio::io_context context;
  const Folder folder;
  auto store = std::move(*open_sqlite(folder.file(), options_on(context)));
  std::vector<bool> done;
  const auto note_it = [&done](std::exception_ptr, Result<Committed> one) { done.push_back(one.has_value()); };
  const Decide broken = [](const Snapshot&) -> ChangeSet { throw std::runtime_error("boom"); };
  asio::co_spawn(context, store->transact(Load{}, adding(1), at(0)), note_it);
  asio::co_spawn(context, store->transact(Load{}, broken, at(0)), note_it);
  asio::co_spawn(context, store->transact(Load{}, adding(2), at(0)), note_it);
  context.run();
  EXPECT_EQ(done, (std::vector{true, false, true}));
  EXPECT_EQ(run(context, store->stats())->open_requests, 2U);
}

TEST(SqliteStore, AFullQueueIsLimited) {
  asio::io_context context;
  const Folder folder;
  auto options = options_on(context);
  options.max_queue = 10;
  auto store = std::move(*open_sqlite(folder.file(), options));
  int done = 0, limited = 0;
  for (std::uint64_t id = 1; id <= 15; ++id) {
    asio::co_spawn(context, store->transact(Load{}, adding(id), at(0)), [&](std::exception_ptr, Result<Committed> one) {
      done += one.has_value() ? 1 : 0;
      limited += !one.has_value() && one.error().code == Errc::limited ? 1 : 0;
    });
  }
  context.run();
  EXPECT_EQ(done, 10);
  EXPECT_EQ(limited, 5);
}

TEST(SqliteStore, WorksAcrossThreads) {
  asio::io_context context;
  asio::thread_pool writer(1), readers(2);
  const Folder folder;
  auto options = options_on(context);
  options.writer = writer.get_executor();
  options.reader = readers.get_executor();
  std::atomic<std::size_t> commits = 0;
  options.on_commit = [&commits](std::size_t) { ++commits; };
  auto store = std::move(*open_sqlite(folder.file(), options));
  std::size_t done = 0, read = 0, right_thread = 0;
  const auto loop_thread = ::gettid();
  for (std::uint64_t id = 1; id <= 300; ++id) {
    asio::co_spawn(context, store->transact(event("m" + std::to_string(id)), adding(id), at(0)),
                   [&](std::exception_ptr, Result<Committed> one) {
                     done += one.has_value() ? 1U : 0U;
                     right_thread += ::gettid() == loop_thread ? 1U : 0U;
                   });
    asio::co_spawn(context, store->open_requests(RequestId(0), 20),
                   [&](std::exception_ptr, Result<std::vector<Snapshot>> list) {
                     read += list.has_value() ? 1U : 0U;
                     right_thread += ::gettid() == loop_thread ? 1U : 0U;
                   });
  }
  context.run();
  EXPECT_EQ(done, 300U);
  EXPECT_EQ(read, 300U);
  EXPECT_EQ(right_thread, 600U);
  run(context, store->close());
  store.reset();
  writer.join();
  readers.join();
  EXPECT_EQ(number_in(folder.file(), "SELECT count(*) FROM request"), 300);
}

TEST(SqliteStore, EverythingIsThereAfterARestart) {
  asio::io_context context;
  const Folder folder;
  auto store = std::move(*open_sqlite(folder.file(), options_on(context)));
  EXPECT_TRUE(run(context, store->transact(event("m1"), adding(1), at(0))).has_value());
  const Decide broken = [](const Snapshot&) -> ChangeSet { throw std::runtime_error("boom"); };
  (void)run(context, store->transact(event("bad"), broken, at(0)));
  const auto claimed = run(context, store->claim_outbox(at(1), 10, Duration(60'000), {}, compose_plain));
  ASSERT_EQ(claimed->size(), 1U);
  (void)run(context, store->retry("event:2", at(1)));
  EXPECT_EQ(run(context, store->take_retries())->size(), 1U);
  run(context, store->close());
  store.reset();

  store = std::move(*open_sqlite(folder.file(), options_on(context)));
  EXPECT_TRUE(run(context, store->transact(event("m1"), adding(1), at(0)))->duplicate);
  EXPECT_EQ(run(context, store->take_retries())->size(), 1U) << "taken, but never decided";
  // Nobody else serves the file: the claim is over, whatever its lease says, and its outcome unknown.
  const auto again = run(context, store->claim_outbox(at(2), 10, Duration(60'000), {}, compose_plain));
  ASSERT_EQ(again->size(), 1U);
  EXPECT_EQ(again->at(0).attempt, 2U);
  EXPECT_EQ(codec::encode(again->at(0).outgoing), codec::encode(claimed->at(0).outgoing));
}

TEST(SqliteStore, OnlyOneServes) {
  asio::io_context context;
  const Folder folder;
  auto first = open_sqlite(folder.file(), options_on(context));
  ASSERT_TRUE(first.has_value());
  const auto second = open_sqlite(folder.file(), options_on(context));
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, Errc::conflict);
  auto tool = options_on(context);
  tool.lock = false;
  EXPECT_TRUE(open_sqlite(folder.file(), tool).has_value());
  first->reset();
  EXPECT_TRUE(open_sqlite(folder.file(), options_on(context)).has_value());
}
TEST(SqliteStore, SeesWhatAToolWroteBesideIt) {
  asio::io_context context;
  const Folder folder;
  auto store = std::move(*open_sqlite(folder.file(), options_on(context)));
  (void)run(context, store->transact(Load{}, adding(1), at(0)));
  const Compose broken = [](const Parcel&) -> std::optional<Outgoing> { throw std::runtime_error("boom"); };
  (void)run(context, store->claim_outbox(at(1), 10, Duration(60'000), {}, broken));
  EXPECT_EQ(run(context, store->stats())->held, 1U);
  {
    auto options = options_on(context);
    options.lock = false;
    auto tool = std::move(*open_sqlite(folder.file(), options));
    const auto troubles = run(context, tool->troubles(10));
    EXPECT_TRUE(run(context, tool->retry(troubles->at(0).id, at(5))).has_value());
    run(context, tool->close());
  }
  EXPECT_EQ(*run(context, store->next_instant({})), at(5));
  EXPECT_EQ(run(context, store->claim_outbox(at(5), 10, Duration(60'000), {}, compose_plain))->size(), 1U);
}
TEST(SqliteStore, AnEmptiedFolderGivesNoParcelTheIdOfAnotherOne) {
  asio::io_context context;
  std::vector<ParcelId> given;
  const Folder before, emptied;
  for (const Folder* folder : {&before, &emptied, &before}) {
    auto options = options_on(context);
    options.now = at(static_cast<std::int64_t>(given.size()));
    auto store = std::move(*open_sqlite(folder->file(), options));
    const std::uint64_t request = given.size() + 1;
    (void)run(context, store->transact(Load{}, adding(request), at(10)));
    const auto claimed = run(context, store->claim_outbox(at(10), 10, Duration(60'000), {}, compose_plain));
    ASSERT_EQ(claimed->size(), 1U);
    EXPECT_EQ(std::ranges::count(given, claimed->at(0).parcel.id), 0);
    given.push_back(claimed->at(0).parcel.id);
    (void)run(context, store->settle({settled(claimed->at(0), Outcome::delivered, at(11))}));
    run(context, store->close());
  }
  EXPECT_LT(given.front(), given.back()) << "a file that goes on goes on behind its own";
}
TEST(SqliteStore, AToolsOpeningDoesNotTouchClaims) {
  asio::io_context context;
  const Folder folder;
  auto store = std::move(*open_sqlite(folder.file(), options_on(context)));
  (void)run(context, store->transact(Load{}, adding(1), at(0)));
  const auto claimed = run(context, store->claim_outbox(at(1), 10, Duration(60'000), {}, compose_plain));
  auto options = options_on(context);
  options.lock = false;
  open_sqlite(folder.file(), options)->reset();
  EXPECT_TRUE(run(context, store->claim_outbox(at(2), 10, Duration(60'000), {}, compose_plain))->empty());
  (void)run(context, store->settle({settled(claimed->at(0), Outcome::delivered, at(3))}));
  EXPECT_EQ(run(context, store->stats())->outbox_waiting, 0U);
}

TEST(SqliteStore, ALockedDatabaseIsLimitedAndThenFine) {
  asio::io_context context;
  const Folder folder;
  auto store = std::move(*open_sqlite(folder.file(), options_on(context)));
  SQLite::Database other(folder.file().string(), SQLite::OPEN_READWRITE);
  other.exec("BEGIN IMMEDIATE");
  const auto refused = run(context, store->transact(event("m1"), adding(1), at(0)));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, Errc::limited);
  EXPECT_TRUE(run(context, store->stats()).has_value()) << "reads go on";
  other.exec("ROLLBACK");
  EXPECT_FALSE(run(context, store->transact(event("m1"), adding(1), at(0)))->duplicate);
}

TEST(SqliteStore, WhatErrorsMean) {
  const auto trouble = [](int code) { return sqlite::trouble_of(std::make_exception_ptr(SQLite::Exception("x", code))); };
  EXPECT_EQ(trouble(SQLITE_FULL).error.code, Errc::limited);
  EXPECT_FALSE(trouble(SQLITE_FULL).fatal) << "heals when there is room again";
  EXPECT_EQ(trouble(SQLITE_BUSY).error.code, Errc::limited);
  EXPECT_FALSE(trouble(SQLITE_BUSY).fatal);
  for (const int code : {SQLITE_IOERR, SQLITE_CORRUPT, SQLITE_NOTADB}) {
    EXPECT_EQ(trouble(code).error.code, Errc::storage);
    EXPECT_TRUE(trouble(code).fatal) << code;
  }
}

// A limit on the size of files makes write() fail, as a failing disk does. Runs in a process of its own.
int write_until_it_fails(const std::filesystem::path& file) {
  asio::io_context context;
  auto options = options_on(context);
  int told = 0;
  options.on_broken = [&told](const Error&) { ++told; };
  auto store = std::move(*open_sqlite(file, options));
  if (!run(context, store->transact(event("m1"), adding(1), at(0)))) return 2;
  ::signal(SIGXFSZ, SIG_IGN);
  const rlimit limit{64 * 1024, 64 * 1024};
  ::setrlimit(RLIMIT_FSIZE, &limit);
  int failed = 0;
  for (std::uint64_t id = 2; id <= 60; ++id) {
    const auto done = run(context, store->transact(event("m" + std::to_string(id)), adding(id), at(0)));
    if (done) {
      if (failed > 0) return 3;  // it wrote again after the disk had failed
      continue;
    }
    ++failed;
    if (done.error().code != Errc::storage) return 4;
  }
  if (failed < 2) return 5;
  if (told != 1) return 6;
  if (!run(context, store->stats())) return 7;
  return 0;
}
TEST(SqliteStore, AFailingDiskStopsTheWriterForGood) {
  const Folder folder;
  const auto child = ::fork();
  if (child == 0) ::_exit(write_until_it_fails(folder.file()));
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  asio::io_context context;
  auto store = std::move(*open_sqlite(folder.file(), options_on(context)));
  EXPECT_TRUE(run(context, store->transact(event("m1"), adding(1), at(0)))->duplicate) << "what was answered is there";
  run(context, store->close());
}

TEST(SqliteStore, KilledAtAnyMomentNothingAnsweredIsLost) {
  for (int round = 0; round < 8; ++round) {
    const Folder folder;
    int answers[2];
    ASSERT_EQ(::pipe(answers), 0);
    const auto child = ::fork();
    if (child == 0) {
      ::close(answers[0]);
      asio::io_context context;
      auto store = std::move(*open_sqlite(folder.file(), options_on(context)));
      for (std::uint32_t id = 1; id <= 400; ++id) {
        asio::co_spawn(context, store->transact(event("m" + std::to_string(id)), adding(id), at(0)),
                       [&answers, id, round](std::exception_ptr, Result<Committed> one) {
                         if (one) (void)!::write(answers[1], &id, sizeof id);
                         if (id == static_cast<std::uint32_t>(40 + round * 45)) ::_exit(9);
                       });
        if (id % 7 == 0) context.poll();
      }
      context.run();
      ::_exit(0);
    }
    ::close(answers[1]);
    std::vector<std::uint32_t> answered;
    std::uint32_t id = 0;
    while (::read(answers[0], &id, sizeof id) == sizeof id) answered.push_back(id);
    ::close(answers[0]);
    ASSERT_EQ(::waitpid(child, nullptr, 0), child);
    ASSERT_FALSE(answered.empty());
    asio::io_context context;
    auto store = std::move(*open_sqlite(folder.file(), options_on(context)));
    for (const auto one : answered) {
      EXPECT_TRUE(run(context, store->transact(event("m" + std::to_string(one)), adding(one), at(9)))->duplicate) << one;
      EXPECT_EQ(run(context, store->history(RequestId(one)))->size(), 1U);
    }
    run(context, store->close());
  }
}

// -- files that are not as they should be -------------------------------------------------------------------------

std::filesystem::path filled(const Folder& folder, std::uint64_t requests = 200) {
  asio::io_context context;
  auto store = std::move(*open_sqlite(folder.file(), options_on(context)));
  for (std::uint64_t id = 1; id <= requests; ++id)
    (void)run(context, store->transact(event("m" + std::to_string(id)), adding(id), at(0)));
  run(context, store->close());
  return folder.file();
}

TEST(SqliteStore, ADamagedFileIsRefused) {
  int refused = 0;
  const Folder folder;
  const auto file = filled(folder);
  const auto size = std::filesystem::file_size(file);
  const auto copy = folder.file("copy.db");
  for (std::uintmax_t block = 0; block < 20; ++block) {
    std::filesystem::copy_file(file, copy, std::filesystem::copy_options::overwrite_existing);
    {
      std::fstream damaged(copy, std::ios::in | std::ios::out | std::ios::binary);
      damaged.seekp(static_cast<std::streamoff>(size * block / 20 / 512 * 512));
      damaged << std::string(512, '\x5a');
    }
    asio::io_context context;
    const auto opened = open_sqlite(copy, options_on(context));
    if (opened) continue;  // it hit the inside of a value: verify-history finds that
    EXPECT_TRUE(opened.error().code == Errc::storage || opened.error().code == Errc::conflict) << opened.error().text;
    EXPECT_FALSE(opened.error().text.empty());
    ++refused;
    std::filesystem::remove(copy.string() + "-wal");
    std::filesystem::remove(copy.string() + "-shm");
  }
  EXPECT_GE(refused, 10);
}
TEST(SqliteStore, AFileThatIsNoDatabaseIsRefused) {
  const Folder folder;
  std::ofstream(folder.file()) << std::string(5000, 'x');
  asio::io_context context;
  const auto opened = open_sqlite(folder.file(), options_on(context));
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().code, Errc::storage);
}
TEST(SqliteStore, ANewerSchemaIsRefusedUntouched) {
  const Folder folder;
  const auto file = filled(folder, 3);
  {
    SQLite::Database db(file.string(), SQLite::OPEN_READWRITE);
    db.exec("INSERT INTO migration (id, name, checksum, at) VALUES (99, '0099_future', 'x', 0)");
  }
  asio::io_context context;
  const auto opened = open_sqlite(file, options_on(context));
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().code, Errc::conflict);
  EXPECT_EQ(number_in(file, "SELECT count(*) FROM request"), 3);
}
TEST(SqliteStore, AnUnreadableRequestIsPutAsideAndTheOthersWake) {
  const Folder folder;
  asio::io_context context;
  {
    auto store = std::move(*open_sqlite(folder.file(), options_on(context)));
    for (std::uint64_t id = 1; id <= 2; ++id) {
      ChangeSet changes;
      changes.requests.push_back(raise(request(id), at(5)));
      (void)run(context, store->transact(
                             Load{}, [changes](const Snapshot&) { return changes; }, at(0)));
    }
    run(context, store->close());
  }
  {
    SQLite::Database db(folder.file().string(), SQLite::OPEN_READWRITE);
    db.exec("UPDATE request SET body = '{broken' WHERE id = 1");
  }
  auto store = std::move(*open_sqlite(folder.file(), options_on(context)));
  std::vector<std::uint64_t> woken;
  const Decide wake = [&woken](const Snapshot& snapshot) {
    woken.push_back(snapshot.requests.at(0).id.value);
    ChangeSet changes;
    changes.requests.push_back(note(snapshot.requests.at(0), "x"));
    return changes;
  };
  EXPECT_EQ(*run(context, store->wake_due(at(5), 10, wake, wake)), 2U);
  EXPECT_EQ(woken, (std::vector<std::uint64_t>{2}));
  EXPECT_EQ(run(context, store->troubles(10))->at(0).id, "request:1");
  Load load = event("about 1");
  load.requests = {RequestId(1)};
  EXPECT_EQ(run(context, store->transact(
                             load, [](const Snapshot&) { return ChangeSet{}; }, at(6)))
                ->reply.outcome,
            Done::failed);
  run(context, store->close());
}

TEST(SqliteStore, TheLogOfWritesIsReused) {
  asio::io_context context;
  const Folder folder;
  auto store = std::move(*open_sqlite(folder.file(), options_on(context)));
  const std::string text(3000, 'x');
  for (int round = 0; round < 3000; ++round) (void)run(context, store->put_setting("s" + std::to_string(round % 500), text));
  // 3,000 commits write some 9,000 pages; the log begins anew each time it has been copied.
  EXPECT_LT(std::filesystem::file_size(folder.file().string() + "-wal"), 20U * 1024 * 1024);
  run(context, store->close());
}

}  // namespace
}  // namespace xieban::test
