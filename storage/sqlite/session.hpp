#pragma once
// The write side of a SQLite store: one connection, its rows, and what is kept in memory beside them.

#include <functional>

#include "storage/sqlite/reads.hpp"
#include "storage/sqlite/writer.hpp"
#include "storage/sqlite/writes.hpp"

namespace xieban::sqlite {

/// Belongs to the writer's executor once the store is open.
class Session final : public Witness {
 public:
  Session(const std::filesystem::path&, SameKey, std::function<void(std::size_t)> on_commit);

  [[nodiscard]] Connection& connection() { return connection_; }
  [[nodiscard]] SqlReads& reads() { return reads_; }
  [[nodiscard]] SqlWrites& writes() { return writes_; }
  [[nodiscard]] OutboxQueue& queue() { return queue_; }
  /// See SqlWrites.
  void begin_parcels_at(std::uint64_t floor) { writes_.begin_parcels_at(floor); }
  [[nodiscard]] Books books() { return Books{reads_, writes_, queue_, same_key_}; }

  // A retention run, one unit: rows removed.
  std::size_t sweep(TimePoint inbox_before, TimePoint outbox_before, std::size_t limit);
  void reset();

  void group_begins() override;
  void job_begins() override;
  void job_undone() override;
  void group_kept(std::size_t jobs) override;
  void group_undone() override;

 private:
  void refresh();

  Connection connection_;
  Recent recent_;
  SqlReads reads_;
  SqlWrites writes_;
  OutboxQueue queue_;
  SameKey same_key_;
  std::function<void(std::size_t)> on_commit_;
  std::int64_t data_version_ = -1;
  bool stale_ = true;
  std::size_t job_mark_ = 0;
};

}  // namespace xieban::sqlite
