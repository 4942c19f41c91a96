#include "storage/sqlite/sqlite_store.hpp"

#include <algorithm>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "bot/base/log.hpp"
#include "bot/crypto/crypto.hpp"
#include "storage/chain.hpp"
#include "storage/sending.hpp"
#include "storage/snapshot.hpp"
#include "storage/sqlite/checkpointer.hpp"
#include "storage/sqlite/file_lock.hpp"
#include "storage/sqlite/migrate.hpp"
#include "storage/sqlite/readers.hpp"
#include "storage/sqlite/session.hpp"
#include "storage/trouble_id.hpp"
#include "storage/unit.hpp"

namespace xieban {
namespace {

namespace asio = boost::asio;
using sqlite::Blob;
using sqlite::Checkpointer;
using sqlite::Connection;
using sqlite::FileLock;
using sqlite::Readers;
using sqlite::Session;
using sqlite::SqlReads;

/// A caller that waits for a job: its coroutine, and what keeps the caller's executor at work until it is told.
template <class T, class Handler>
class Caller {
 public:
  Caller(Handler handler, const asio::any_io_executor& fallback)
      : executor_(asio::get_associated_executor(handler, fallback)),
        guard_(asio::make_work_guard(executor_)),
        handler_(std::move(handler)) {}
  /// On any thread; the coroutine goes on on its own executor.
  void tell(Result<T> result) {
    asio::dispatch(executor_, [handler = std::move(handler_), result = std::move(result)]() mutable {
      std::move(handler)(std::move(result));
    });
    guard_.reset();
  }

 private:
  asio::associated_executor_t<Handler, asio::any_io_executor> executor_;
  asio::executor_work_guard<asio::associated_executor_t<Handler, asio::any_io_executor>> guard_;
  Handler handler_;
};

template <class T, class Handler, class Work>
class WriterJob final : public sqlite::Job {
 public:
  WriterJob(std::shared_ptr<Session> session, Handler handler, const asio::any_io_executor& loop, Work work, bool writes)
      : session_(std::move(session)), caller_(std::move(handler), loop), work_(std::move(work)), writes_(writes) {}
  [[nodiscard]] bool writes() const override { return writes_; }
  void run() override { result_ = work_(*session_); }
  void finish(std::optional<Error> error) override {
    if (error) result_ = std::unexpected(std::move(*error));
    caller_.tell(std::move(result_));
  }

 private:
  std::shared_ptr<Session> session_;
  Caller<T, Handler> caller_;
  Work work_;
  Result<T> result_ = std::unexpected(Error(Errc::storage, "the job did not run"));
  bool writes_;
};

class SqliteStore final : public Store {
 public:
  SqliteStore(std::filesystem::path path, SqliteOptions options, FileLock lock, std::shared_ptr<Session> session)
      : lock_(std::move(lock)),
        options_(std::move(options)),
        session_(std::move(session)),
        readers_(std::make_shared<Readers>(path)) {
    sqlite::Writer::Settings settings;
    settings.where = options_.writer;
    settings.loop = options_.loop;
    settings.max_group = options_.max_group;
    settings.max_queue = options_.max_queue;
    settings.metrics = options_.metrics;
    settings.stopwatch = options_.stopwatch;
    settings.on_broken = [loop = options_.loop, told = options_.on_broken](const Error& error) {
      if (told) asio::post(loop, [told, error] { told(error); });
    };
    settings.owner = session_;
    settings.checkpoint = [reader = options_.reader, checkpointer = std::make_shared<Checkpointer>(std::move(path))] {
      if (checkpointer->begin()) asio::post(reader, [checkpointer] { checkpointer->run(); });
    };
    writer_ = std::make_shared<sqlite::Writer>(session_->connection(), *session_, std::move(settings));
  }

  Async<Committed> transact(Load load, Decide decide, TimePoint now) override {
    return write<Committed>([load = std::move(load), decide = std::move(decide), now](Session& session) {
      auto books = session.books();
      return xieban::transact(books, load, decide, now);
    });
  }
  Async<std::size_t> wake_due(TimePoint now, std::size_t limit, Decide decide, Decide put_aside) override {
    return write<std::size_t>(
        [now, limit, decide = std::move(decide), put_aside = std::move(put_aside)](Session& session) -> Result<std::size_t> {
          auto books = session.books();
          return xieban::wake_due(books, now, limit, decide, put_aside);
        });
  }
  Async<std::vector<Claimed>> claim_outbox(TimePoint now, std::size_t limit, Duration lease_time, std::vector<Lane> closed,
                                           Compose compose) override {
    return write<std::vector<Claimed>>([now, limit, lease_time, closed = std::move(closed),
                                        compose = std::move(compose)](Session& session) -> Result<std::vector<Claimed>> {
      auto books = session.books();
      return xieban::claim_outbox(books, now, limit, lease_time, closed, compose);
    });
  }
  Async<void> settle(std::vector<Settlement> settlements) override {
    return write<void>([settlements = std::move(settlements)](Session& session) -> Result<void> {
      auto books = session.books();
      xieban::settle(books, settlements);
      return {};
    });
  }
  Async<std::vector<Sent>> sent_since(AppId app, TimePoint since) override {
    return read<std::vector<Sent>>([app = std::move(app), since](Readers::Reader& reader) -> Result<std::vector<Sent>> {
      // The ledger is in the order of its attempts; a clock that was set back puts a few older ones among newer ones.
      constexpr int older_in_a_row = 1000;
      std::vector<Sent> found;
      int older = 0;
      auto row = reader.connection.query("SELECT app, chat, person, started_at FROM attempt ORDER BY id DESC");
      while (older < older_in_a_row && row.step()) {
        if (row.instant(3) < since) {
          ++older;
          continue;
        }
        older = 0;
        if (row.text(0) != app.value) continue;
        Sent sent{Lane{app, ChatId(row.text(1))}, std::nullopt, row.instant(3)};
        if (!row.null(2)) sent.person = UserId(row.text(2));
        found.push_back(std::move(sent));
      }
      std::ranges::reverse(found);
      return found;
    });
  }
  Async<std::optional<TimePoint>> next_instant(std::vector<Lane> closed) override {
    return look<std::optional<TimePoint>>([closed = std::move(closed)](Session& session) -> Result<std::optional<TimePoint>> {
      auto first = session.queue().next_instant({closed.begin(), closed.end()});
      for (const int urgent : {0, 1}) {
        const auto at = session.connection().number(
            "SELECT wake_at FROM open_request WHERE urgent = ? AND wake_at IS NOT NULL ORDER BY wake_at LIMIT 1", urgent);
        if (at && (!first || TimePoint(Duration(*at)) < *first)) first = TimePoint(Duration(*at));
      }
      return first;
    });
  }
  Async<std::optional<Fence>> lease(std::string name, std::string holder, Duration ttl, TimePoint now) override {
    return write<std::optional<Fence>>(
        [name = std::move(name), holder = std::move(holder), ttl, now](Session& session) -> Result<std::optional<Fence>> {
          Fence fence = 0;
          {
            auto row = session.connection().query("SELECT holder, fence, until FROM lease WHERE name = ?", name);
            if (row.step()) {
              const bool lives = row.instant(2) > now;
              if (lives && row.text(0) != holder) return std::optional<Fence>{};
              fence = row.id(1) + (lives ? 0 : 1);
            } else {
              fence = 1;
            }
          }
          session.connection().run("INSERT OR REPLACE INTO lease (name, holder, fence, until) VALUES (?,?,?,?)", name, holder,
                                   fence, now + ttl);
          return std::optional(fence);
        });
  }
  Async<std::uint64_t> count(std::string budget, std::string month, std::uint32_t n) override {
    return write<std::uint64_t>(
        [budget = std::move(budget), month = std::move(month), n](Session& session) -> Result<std::uint64_t> {
          auto row = session.connection().query(
              "INSERT INTO budget (id, month, used) VALUES (?1, ?2, ?3) ON CONFLICT (id, month) DO UPDATE SET used = used + ?3 "
              "RETURNING used",
              budget, month, n);
          row.step();
          const auto used = row.id(0);
          row.step();
          return used;
        });
  }
  Async<Hash> put_document(std::string kind, std::string bytes) override {
    return write<Hash>([kind = std::move(kind), bytes = std::move(bytes)](Session& session) -> Result<Hash> {
      Hash hash(crypto::sha256_hex(bytes));
      session.connection().run("INSERT OR IGNORE INTO document (hash, kind, bytes) VALUES (?,?,?)", hash, kind, Blob{bytes});
      return hash;
    });
  }
  Async<void> put_setting(std::string name, std::string value) override {
    return write<void>([name = std::move(name), value = std::move(value)](Session& session) -> Result<void> {
      session.connection().run("INSERT OR REPLACE INTO setting (name, value) VALUES (?,?)", name, value);
      return {};
    });
  }
  Async<void> retry(std::string id, TimePoint now) override {
    return write<void>([id = std::move(id), now](Session& session) -> Result<void> {
      const auto trouble = parse_trouble(id);
      if (!trouble) return std::unexpected(Error(Errc::not_found, "nothing is called " + id));
      bool found = false;
      switch (trouble->kind) {
        case TroubleKind::event:
          found = session.connection().run("UPDATE inbox SET state = 2 WHERE id = ? AND state <> 0", trouble->number) > 0;
          break;
        case TroubleKind::parcel: {
          auto books = session.books();
          found = retry_parcel(books, ParcelId(trouble->number), now);
          break;
        }
        case TroubleKind::request:
          found = session.writes().projection(RequestId(trouble->number)).has_value();
          if (found) session.writes().set_wake(RequestId(trouble->number), now);
          break;
      }
      if (!found) return std::unexpected(Error(Errc::not_found, id + " waits for nothing"));
      return {};
    });
  }
  Async<std::vector<RawEvent>> take_retries() override {
    return write<std::vector<RawEvent>>([](Session& session) -> Result<std::vector<RawEvent>> {
      std::vector<RawEvent> taken;
      {
        auto row = session.connection().query("SELECT app, key, body FROM inbox WHERE state <> 0 AND state = 2 ORDER BY id");
        while (row.step()) taken.push_back(RawEvent{InboxKey{AppId(row.text(0)), row.text(1)}, row.text(2)});
      }
      if (!taken.empty()) session.connection().run("UPDATE inbox SET state = 3 WHERE state <> 0 AND state = 2");
      return taken;
    });
  }
  Async<std::size_t> sweep(TimePoint inbox_before, TimePoint outbox_before, std::size_t limit) override {
    return write<std::size_t>([inbox_before, outbox_before, limit](Session& session) -> Result<std::size_t> {
      return session.sweep(inbox_before, outbox_before, limit);
    });
  }
  Async<Hash> anchor(std::string day) override {
    // Reads every request, which takes a while when there are many: beside the writer.
    BOT_CO_TRY(const auto made, co_await read_anchor(day));
    if (made.known) co_return Hash(crypto::hex(made.hash));
    co_return co_await keep_anchor(std::move(day), made.hash, made.upto);
  }
  Async<void> reset() override {
    return write<void>([](Session& session) -> Result<void> {
      session.reset();
      return {};
    });
  }

  Async<std::optional<Snapshot>> load(Load load) override {
    return read<std::optional<Snapshot>>([load = std::move(load)](Readers::Reader& reader) -> Result<std::optional<Snapshot>> {
      return load_snapshot(reader.reads, load);
    });
  }
  Async<std::vector<Snapshot>> open_requests(RequestId after, std::size_t limit) override {
    return read<std::vector<Snapshot>>([after, limit](Readers::Reader& reader) -> Result<std::vector<Snapshot>> {
      std::vector<RequestId> ids;
      {
        auto row = reader.connection.query("SELECT id FROM open_request WHERE id > ? ORDER BY id LIMIT ?", after, limit);
        while (row.step()) ids.push_back(RequestId(row.id(0)));
      }
      std::vector<Snapshot> found;
      for (const auto id : ids) {
        if (auto snapshot = load_request(reader.reads, id, false)) found.push_back(std::move(*snapshot));
      }
      return found;
    });
  }
  Async<std::vector<Stamped>> history(RequestId id) override {
    return read<std::vector<Stamped>>(
        [id](Readers::Reader& reader) -> Result<std::vector<Stamped>> { return reader.reads.history(id); });
  }
  Async<std::optional<std::string>> get_document(Hash hash) override {
    return read_text("SELECT bytes FROM document WHERE hash = ?", std::move(hash.value));
  }
  Async<std::optional<std::string>> setting(std::string name) override {
    return read_text("SELECT value FROM setting WHERE name = ?", std::move(name));
  }
  Async<Stats> stats() override {
    return read<Stats>([](Readers::Reader& reader) -> Result<Stats> {
      auto& connection = reader.connection;
      const auto count = [&connection](const char* text) {
        return static_cast<std::size_t>(connection.number(text).value_or(0));
      };
      Stats stats;
      {
        auto row = connection.query("SELECT count(*), min(first_due) FROM outbox WHERE state < 2");
        row.step();
        stats.outbox_waiting = row.id(0);
        stats.outbox_oldest = row.maybe_instant(1);
      }
      stats.held = count("SELECT count(*) FROM outbox WHERE state > 3 AND state = 5");
      stats.failed_parcels = count("SELECT count(*) FROM outbox WHERE state > 3 AND state = 4");
      stats.failed_events = count("SELECT count(*) FROM inbox WHERE state <> 0 AND state = 1");
      stats.open_requests = count("SELECT count(*) FROM open_request");
      stats.needs_care = count("SELECT count(*) FROM open_request WHERE needs_care <> 0");
      return stats;
    });
  }
  Async<std::vector<Trouble>> troubles(std::size_t limit) override {
    return read<std::vector<Trouble>>([limit](Readers::Reader& reader) -> Result<std::vector<Trouble>> {
      auto& connection = reader.connection;
      std::vector<Trouble> found;
      {
        auto row = connection.query(
            "SELECT id, at, app, error FROM inbox WHERE state <> 0 AND state = 1 ORDER BY id DESC LIMIT ?", limit);
        while (row.step()) found.push_back(event_trouble(row.id(0), row.instant(1), AppId(row.text(2)), row.text(3)));
      }
      {
        auto row = connection.query(
            "SELECT id, coalesce(ended_at, first_due), state, kind, last_error FROM outbox WHERE state > 3 ORDER BY 2 DESC "
            "LIMIT ?",
            limit);
        while (row.step()) {
          found.push_back(parcel_trouble(ParcelId(row.id(0)), row.instant(1), static_cast<ParcelState>(row.number(2)),
                                         row.text(3), row.text(4)));
        }
      }
      {
        auto row = connection.query(
            "SELECT id, care_since FROM open_request WHERE needs_care <> 0 ORDER BY care_since DESC LIMIT ?", limit);
        while (row.step()) found.push_back(request_trouble(RequestId(row.id(0)), row.maybe_instant(1).value_or(TimePoint{})));
      }
      return newest(std::move(found), limit);
    });
  }

  Async<Shown> show(Shown shown) override {
    return write<Shown>([shown = std::move(shown)](Session& session) mutable -> Result<Shown> {
      auto& connection = session.connection();
      if (!shown.key.empty() &&
          connection.run("INSERT OR IGNORE INTO shown_key (key, id) VALUES (?,?)", shown.key, shown.id) == 0) {
        auto first = connection.query(
            "SELECT rev, id, chat, person, key, body FROM shown WHERE id = (SELECT id FROM shown_key WHERE key = ?)",
            shown.key);
        if (first.step()) return shown_of(first);
      }
      shown.rev = static_cast<std::uint64_t>(connection.number("SELECT max(rev) FROM shown").value_or(0)) + 1;
      connection.run("INSERT OR REPLACE INTO shown (rev, id, chat, person, key, body) VALUES (?,?,?,?,?,?)", shown.rev,
                     shown.id, shown.chat, shown.to, shown.key, shown.body);
      return shown;
    });
  }
  Async<std::vector<Shown>> shown(std::uint64_t after, std::size_t limit) override {
    return read<std::vector<Shown>>([after, limit](Readers::Reader& reader) -> Result<std::vector<Shown>> {
      std::vector<Shown> found;
      auto row = reader.connection.query(
          "SELECT rev, id, chat, person, key, body FROM shown WHERE rev > ? ORDER BY rev LIMIT ?", after, limit);
      while (row.step()) found.push_back(shown_of(row));
      return found;
    });
  }
  Async<std::optional<Shown>> shown_one(std::string id) override {
    return read<std::optional<Shown>>([id = std::move(id)](Readers::Reader& reader) -> Result<std::optional<Shown>> {
      auto row = reader.connection.query("SELECT rev, id, chat, person, key, body FROM shown WHERE id = ?", id);
      if (!row.step()) return std::optional<Shown>{};
      return std::optional(shown_of(row));
    });
  }

  asio::awaitable<void> close() override {
    closed_ = true;
    co_await finish_writing();
  }

 private:
  struct Anchored {
    std::string hash;
    std::int64_t upto = 0;  // the newest entry it covers
    bool known = false;     // that day has one
  };
  static Result<Anchored> anchored(Connection& connection, const std::string& day) {
    {
      auto known = connection.query("SELECT hash, upto FROM anchor WHERE day = ?", day);
      if (known.step()) return Anchored{known.text(0), known.number(1), true};
    }
    auto previous = chain::start();
    {
      auto row = connection.query("SELECT hash FROM anchor ORDER BY day DESC LIMIT 1");
      if (row.step()) previous = row.text(0);
    }
    chain::Anchor sum(previous);
    auto row = connection.query("SELECT id, seq, hash FROM request WHERE seq > 0 ORDER BY id");
    while (row.step()) sum.add(row.id(0), row.id(1), row.text(2));
    return Anchored{sum.digest(), connection.number("SELECT max(id) FROM history").value_or(0), false};
  }
  Async<Anchored> read_anchor(std::string day) {
    return read<Anchored>([day = std::move(day)](Readers::Reader& reader) { return anchored(reader.connection, day); });
  }
  Async<Hash> keep_anchor(std::string day, std::string hash, std::int64_t upto) {
    return write<Hash>([day = std::move(day), hash = std::move(hash), upto](Session& session) -> Result<Hash> {
      session.connection().run("INSERT OR IGNORE INTO anchor (day, hash, upto) VALUES (?,?,?)", day, Blob{hash}, upto);
      return Hash(crypto::hex(hash));
    });
  }
  static Shown shown_of(sqlite::Cursor& row) {
    Shown shown;
    shown.rev = row.id(0);
    shown.id = row.text(1);
    shown.chat = row.text(2);
    shown.to = row.text(3);
    shown.key = row.text(4);
    shown.body = row.text(5);
    return shown;
  }

  // Ordinary functions around async_initiate, on purpose: g++ 12 frees the initiation twice inside a coroutine.
  template <class T, class Work>
  Async<T> write(Work work) {
    return hand_over<T>(std::move(work), true);
  }
  /// On the writer, without a transaction.
  template <class T, class Work>
  Async<T> look(Work work) {
    return hand_over<T>(std::move(work), false);
  }
  template <class T, class Work>
  Async<T> hand_over(Work work, bool writes) {
    return asio::async_initiate<const asio::use_awaitable_t<>, void(Result<T>)>(
        [this, writes](auto handler, Work given) {
          std::unique_ptr<sqlite::Job> job = std::make_unique<WriterJob<T, decltype(handler), Work>>(
              session_, std::move(handler), options_.loop, std::move(given), writes);
          if (auto error = writer_->submit(job)) {
            asio::post(options_.loop,
                       [job = std::move(job), error = std::move(error)]() mutable { job->finish(std::move(error)); });
          }
        },
        asio::use_awaitable, std::move(work));
  }
  /// Runs behind everything that waits for the writer.
  Async<void> finish_writing() {
    const auto nothing = [](Session&) -> Result<void> { return {}; };
    return asio::async_initiate<const asio::use_awaitable_t<>, void(Result<void>)>(
        [this, nothing](auto handler) {
          writer_->close(std::make_unique<WriterJob<void, decltype(handler), decltype(nothing)>>(
              session_, std::move(handler), options_.loop, nothing, false));
        },
        asio::use_awaitable);
  }
  template <class T, class Work>
  Async<T> read(Work work) {
    return asio::async_initiate<const asio::use_awaitable_t<>, void(Result<T>)>(
        [this](auto handler, Work given) {
          auto caller = std::make_unique<Caller<T, decltype(handler)>>(std::move(handler), options_.loop);
          if (closed_) {
            asio::post(options_.loop, [caller = std::move(caller)] {
              caller->tell(std::unexpected(Error(Errc::shutting_down, "the store is closed")));
            });
            return;
          }
          asio::post(options_.reader, [readers = readers_, caller = std::move(caller), given = std::move(given)]() mutable {
            caller->tell(attempt<T>(*readers, given));
          });
        },
        asio::use_awaitable, std::move(work));
  }
  template <class T, class Work>
  static Result<T> attempt(Readers& readers, Work& work) {
    try {
      return readers.with(work);
    } catch (...) {
      return std::unexpected(sqlite::trouble_of(std::current_exception()).error);
    }
  }
  Async<std::optional<std::string>> read_text(const char* statement, std::string key) {
    return read<std::optional<std::string>>(
        [statement, key = std::move(key)](Readers::Reader& reader) -> Result<std::optional<std::string>> {
          auto row = reader.connection.query(statement, key);
          if (!row.step()) return std::optional<std::string>{};
          return std::optional(row.text(0));
        });
  }

  FileLock lock_;
  SqliteOptions options_;
  std::shared_ptr<Session> session_;
  std::shared_ptr<Readers> readers_;
  std::shared_ptr<sqlite::Writer> writer_;
  bool closed_ = false;  // belongs to the loop
};

/// A larger file is not read through at the start: that would keep everybody waiting. What is damaged in it shows when it
/// is read, and `verify-history` and the check of every backup read all of it.
constexpr std::uintmax_t largest_checked = 64 * 1024 * 1024;

Result<void> check_file(SQLite::Database& db, const std::filesystem::path& path) {
  std::error_code ignored;
  if (std::filesystem::file_size(path, ignored) > largest_checked) return {};
  SQLite::Statement row(db, "PRAGMA quick_check(1)");
  if (row.executeStep() && row.getColumn(0).getString() != "ok") {
    return std::unexpected(Error(Errc::storage, "the database " + path.string() + " is damaged (" +
                                                    row.getColumn(0).getString() + "): restore a backup"));
  }
  return {};
}

/// A parcel's id makes the key under which a platform knows a repeat, and the name of the card on its buttons. Both outlive a
/// folder that was emptied and a backup that was restored: no id is below the instant of this start in milliseconds, so that
/// none comes twice while the time goes on, unless more than a thousand parcels are made in each second of a whole run.
std::uint64_t first_parcel(TimePoint now) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(1, now.time_since_epoch().count()));
}

/// What a process that died left behind: sends of unknown outcome, events taken but not decided again.
void take_over(Session& session, TimePoint now) {
  auto& connection = session.connection();
  connection.run("BEGIN IMMEDIATE");
  session.group_begins();
  auto books = session.books();
  abandon_claims(books, now);
  connection.run("UPDATE inbox SET state = 2 WHERE state <> 0 AND state = 3");
  connection.run("COMMIT");
}

}  // namespace

Result<std::unique_ptr<Store>> open_sqlite(const std::filesystem::path& path, SqliteOptions options) {
  FileLock lock;
  if (options.lock) {
    auto taken = FileLock::take(path.string() + ".lock");
    if (!taken) return std::unexpected(taken.error());
    lock = std::move(*taken);
  }
  if (!options.same_key) options.same_key = [](const AppId&, const ChannelId&) { return Duration(3'600'000); };
  try {
    auto session = std::make_shared<Session>(path, options.same_key, options.on_commit);
    auto& db = session->connection().db();
    if (auto sound = check_file(db, path); !sound) return std::unexpected(sound.error());
    if (auto migrated = sqlite::migrate(db, sqlite::migrations(), options.now); !migrated)
      return std::unexpected(migrated.error());
    if (options.lock) {
      session->begin_parcels_at(first_parcel(options.now));
      take_over(*session, options.now);
    }
    return std::make_unique<SqliteStore>(path, std::move(options), std::move(lock), std::move(session));
  } catch (...) {
    return std::unexpected(sqlite::trouble_of(std::current_exception()).error);
  }
}

}  // namespace xieban
