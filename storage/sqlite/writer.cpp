#include "storage/sqlite/writer.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "bot/base/crash_point.hpp"
#include "bot/base/log.hpp"

namespace xieban::sqlite {
namespace {

namespace asio = boost::asio;

bool in_transaction(SQLite::Database& db) { return sqlite3_get_autocommit(db.getHandle()) == 0; }

/// Finished jobs on their way to the loop. If a caller's code throws, the others are still told.
struct Delivery {
  asio::any_io_executor loop;
  std::vector<std::unique_ptr<Job>> jobs;
  std::vector<std::optional<Error>> outcomes;
  std::size_t next = 0;

  void operator()() {
    try {
      while (next < jobs.size()) {
        const auto index = next++;
        jobs[index]->finish(std::move(outcomes[index]));
      }
    } catch (...) {
      const auto again = loop;
      if (next < jobs.size()) asio::post(again, std::move(*this));
      throw;
    }
  }
};

}  // namespace

Writer::Writer(Connection& connection, Witness& witness, Settings settings)
    : connection_(connection), witness_(witness), settings_(std::move(settings)) {
  sqlite3_wal_hook(
      connection_.db().getHandle(),
      [](void* self, sqlite3*, const char*, int pages) {
        static_cast<Writer*>(self)->wal_grew_to(pages);
        return SQLITE_OK;
      },
      this);
}

std::optional<Error> Writer::submit(std::unique_ptr<Job>& job) {
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return Error(Errc::shutting_down, "the store is closed");
    if (broken_) return broken_;
    if (queue_.size() >= settings_.max_queue) return Error(Errc::limited, "too much waits for the database");
    queue_.push_back(std::move(job));
    if (draining_) return std::nullopt;
    draining_ = true;
  }
  asio::post(settings_.where, [self = shared_from_this()] { self->drain(); });
  return std::nullopt;
}

void Writer::close(std::unique_ptr<Job> last) {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    queue_.push_back(std::move(last));
    if (draining_) return;
    draining_ = true;
  }
  asio::post(settings_.where, [self = shared_from_this()] { self->drain(); });
}

void Writer::drain() {
  std::vector<std::unique_ptr<Job>> group;
  {
    const std::lock_guard lock(mutex_);
    const auto count = std::min(settings_.max_group, queue_.size());
    for (std::size_t i = 0; i < count; ++i) {
      group.push_back(std::move(queue_.front()));
      queue_.pop_front();
    }
    if (settings_.metrics != nullptr) settings_.metrics->writer_queue(queue_.size());
  }
  if (!group.empty()) {
    run_group(group);
    deliver(std::move(group), std::move(outcomes_));
  }
  bool idle = false;
  {
    const std::lock_guard lock(mutex_);
    idle = queue_.empty();
  }
  look_after_wal(idle);
  {
    const std::lock_guard lock(mutex_);
    if (queue_.empty()) {
      draining_ = false;
      return;
    }
  }
  asio::post(settings_.where, [self = shared_from_this()] { self->drain(); });
}

void Writer::note(const Trouble& trouble) {
  if (!trouble.fatal) return;
  log::error("store.broken", {{"why", trouble.error.text}});
  {
    const std::lock_guard lock(mutex_);
    broken_ = trouble.error;
  }
  if (settings_.on_broken) settings_.on_broken(trouble.error);
}

void Writer::fail_all(const Error& error) {
  for (auto& outcome : outcomes_) {
    if (!outcome) outcome = error;
  }
}

void Writer::undo_group() {
  auto& db = connection_.db();
  if (in_transaction(db)) db.tryExec("ROLLBACK");
  witness_.group_undone();
}

bool Writer::begin(bool writes) {
  try {
    if (writes) connection_.run("BEGIN IMMEDIATE");
    witness_.group_begins();
    return true;
  } catch (...) {
    const auto trouble = trouble_of(std::current_exception());
    undo_group();
    note(trouble);
    fail_all(trouble.error);
    return false;
  }
}

std::optional<Trouble> Writer::run_together(std::vector<std::unique_ptr<Job>>& group) {
  try {
    for (auto& job : group) {
      witness_.job_begins();
      job->run();
    }
    return std::nullopt;
  } catch (...) {
    return trouble_of(std::current_exception());
  }
}

bool Writer::run_apart(std::vector<std::unique_ptr<Job>>& group, bool writes) {
  auto& db = connection_.db();
  for (std::size_t i = 0; i < group.size(); ++i) {
    try {
      witness_.job_begins();
      if (writes) connection_.run("SAVEPOINT job");
      group[i]->run();
      if (writes) connection_.run("RELEASE job");
    } catch (...) {
      const auto trouble = trouble_of(std::current_exception());
      outcomes_[i] = trouble.error;
      note(trouble);
      // Some errors end the whole transaction, and with it what the jobs before this one did.
      const bool alive = !writes || (in_transaction(db) && db.tryExec("ROLLBACK TO job") == SQLITE_OK &&
                                     db.tryExec("RELEASE job") == SQLITE_OK);
      if (!alive || trouble.fatal) {
        undo_group();
        fail_all(trouble.error);
        return false;
      }
      witness_.job_undone();
    }
  }
  return true;
}

void Writer::run_group(std::vector<std::unique_ptr<Job>>& group) {
  outcomes_.assign(group.size(), std::nullopt);
  if (broken_) return fail_all(*broken_);
  const bool writes = std::ranges::any_of(group, [](const auto& job) { return job->writes(); });
  if (!begin(writes)) return;
  if (!writes) {
    run_apart(group, writes);
    return;
  }
  // A savepoint copies every page that its job touches, and a job that throws is rare: only then all of them run again,
  // each in a savepoint of its own.
  if (const auto trouble = run_together(group)) {
    undo_group();
    note(*trouble);
    if (trouble->fatal) return fail_all(trouble->error);
    if (!begin(writes) || !run_apart(group, writes)) return;
  }
  try {
    const bool timed = settings_.metrics != nullptr && settings_.stopwatch;
    const double start = timed ? settings_.stopwatch() : 0;
    pass(CrashPoint::before_commit);
    connection_.run("COMMIT");
    pass(CrashPoint::committed);
    if (timed) settings_.metrics->commit(group.size(), settings_.stopwatch() - start);
    witness_.group_kept(group.size());
  } catch (...) {
    const auto trouble = trouble_of(std::current_exception());
    note(trouble);
    undo_group();
    fail_all(trouble.error);
  }
}

void Writer::wal_grew_to(int pages) {
  // Fewer than before: the log began anew with this commit.
  const int added = pages >= wal_pages_ ? pages - wal_pages_ : pages;
  wal_pages_ = pages;
  if (settings_.metrics != nullptr) settings_.metrics->wal_pages(static_cast<std::size_t>(added));
}

void Writer::look_after_wal(bool idle) {
  highest_wal_ = std::max(highest_wal_, wal_pages_);
  if (wal_pages_ < checkpointed_at_) checkpointed_at_ = 0;  // it began anew
  try {
    if (highest_wal_ > longest_wal_pages && idle) {
      // Whoever still reads keeps it long for now; nobody waits for them.
      sqlite3_busy_timeout(connection_.db().getHandle(), 0);
      connection_.db().tryExec("PRAGMA wal_checkpoint(TRUNCATE)");
      sqlite3_busy_timeout(connection_.db().getHandle(), static_cast<int>(busy_timeout.count()));
      highest_wal_ = wal_pages_ = checkpointed_at_ = 0;
    } else if (wal_pages_ > finish_pages && wal_pages_ - checkpointed_at_ >= checkpoint_pages) {
      connection_.db().exec("PRAGMA wal_checkpoint(PASSIVE)");
      checkpointed_at_ = wal_pages_;
    } else if (wal_pages_ - checkpointed_at_ >= checkpoint_pages) {
      checkpointed_at_ = wal_pages_;
      if (settings_.checkpoint) settings_.checkpoint();
    }
  } catch (const SQLite::Exception& error) {
    log::warn("store.checkpoint_failed", {{"why", error.what()}});
    highest_wal_ = 0;
  }
}

void Writer::deliver(std::vector<std::unique_ptr<Job>>&& jobs, std::vector<std::optional<Error>>&& outcomes) {
  asio::post(settings_.loop, Delivery{settings_.loop, std::move(jobs), std::move(outcomes)});
}

}  // namespace xieban::sqlite
