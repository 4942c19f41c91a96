#pragma once
// Group commit. Jobs that wait while a commit is on its way share the next one; one that throws is undone alone. Callers
// hear of the outcome after COMMIT, never before.

#include <boost/asio/any_io_executor.hpp>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "bot/base/metrics.hpp"
#include "storage/sqlite/connection.hpp"

namespace xieban::sqlite {

class Job {
 public:
  virtual ~Job() = default;
  /// False: it reads only, and needs no transaction.
  [[nodiscard]] virtual bool writes() const = 0;
  /// On the writer's executor; once more if any job of its group threw. What it throws undoes what it did and becomes its
  /// error.
  virtual void run() = 0;
  /// On the loop. nullopt: it is committed.
  virtual void finish(std::optional<Error>) = 0;
};

/// Whoever keeps values in memory beside the rows.
class Witness {
 public:
  virtual ~Witness() = default;
  virtual void group_begins() = 0;  // other connections may have written since the last one
  virtual void job_begins() = 0;
  virtual void job_undone() = 0;
  virtual void group_kept(std::size_t jobs) = 0;
  virtual void group_undone() = 0;
};

class Writer : public std::enable_shared_from_this<Writer> {
 public:
  struct Settings {
    boost::asio::any_io_executor where, loop;
    std::size_t max_group = 256, max_queue = 4096;
    Metrics* metrics = nullptr;
    std::function<double()> stopwatch;  // seconds
    std::shared_ptr<void> owner;        // of the connection and the witness: they stay as long as the writer works
    /// Once, on the writer's executor: nothing more is written by this process.
    std::function<void(const Error&)> on_broken;
    /// After a commit, when so many pages stand in the WAL since it was last looked at.
    std::function<void()> checkpoint;
  };
  Writer(Connection& connection, Witness& witness, Settings);

  /// From any thread. The error (limited, shutting_down, storage) says why the job was not taken from the caller.
  std::optional<Error> submit(std::unique_ptr<Job>&);
  /// Nothing more is taken; `last` is run behind everything that waits.
  void close(std::unique_ptr<Job> last);

 private:
  void drain();
  void run_group(std::vector<std::unique_ptr<Job>>&);
  /// False: none of the group can run, and all of them know why.
  bool begin(bool writes);
  /// What the first of them threw.
  std::optional<Trouble> run_together(std::vector<std::unique_ptr<Job>>&);
  /// Keeps what the others did when one of them throws. False: nothing is left of the group.
  bool run_apart(std::vector<std::unique_ptr<Job>>&, bool writes);
  void undo_group();
  void fail_all(const Error&);
  void note(const Trouble&);
  void wal_grew_to(int pages);
  void look_after_wal(bool idle);
  void deliver(std::vector<std::unique_ptr<Job>>&&, std::vector<std::optional<Error>>&&);

  Connection& connection_;
  Witness& witness_;
  Settings settings_;
  std::vector<std::optional<Error>> outcomes_;  // of the group that runs
  int wal_pages_ = 0, checkpointed_at_ = 0, highest_wal_ = 0;

  std::mutex mutex_;
  std::deque<std::unique_ptr<Job>> queue_;
  bool draining_ = false, closed_ = false;
  std::optional<Error> broken_;
};

/// Pages of WAL after which a checkpoint is begun beside the writer, and after which the writer finishes it itself.
constexpr int checkpoint_pages = 1000, finish_pages = 8000;
/// A WAL file of more pages than this is cut when nothing waits: 64 MB.
constexpr int longest_wal_pages = 16384;

}  // namespace xieban::sqlite
