#pragma once
#include <SQLiteCpp/SQLiteCpp.h>

#include <atomic>
#include <filesystem>
#include <optional>
#include <utility>

namespace xieban::sqlite {

/// Copies the log into the database over a connection of its own, so that no commit waits for it.
class Checkpointer {
 public:
  explicit Checkpointer(std::filesystem::path path) : path_(std::move(path)) {}
  /// False: one is under way.
  bool begin() { return !busy_.exchange(true); }
  /// After begin(). What fails is logged; the writer finishes what is left.
  void run();

 private:
  std::filesystem::path path_;
  std::atomic<bool> busy_{false};
  std::optional<SQLite::Database> db_;
};

}  // namespace xieban::sqlite
