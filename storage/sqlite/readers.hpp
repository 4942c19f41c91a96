#pragma once
// Reading beside the writer.

#include <filesystem>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "storage/sqlite/connection.hpp"
#include "storage/sqlite/reads.hpp"

namespace xieban::sqlite {

/// Read-only connections, one per thread that reads at the same time.
class Readers {
 public:
  struct Reader {
    explicit Reader(const std::filesystem::path& path) : connection(path, Connection::Mode::read), reads(connection) {}
    Connection connection;
    SqlReads reads;
  };
  explicit Readers(std::filesystem::path path) : path_(std::move(path)) {}

  /// `work` sees one instant of the store.
  template <class Work>
  auto with(Work&& work) {
    auto reader = take();
    reader->connection.run("BEGIN");
    auto result = work(*reader);
    reader->connection.run("COMMIT");
    give_back(std::move(reader));
    return result;
  }

 private:
  std::unique_ptr<Reader> take() {
    {
      const std::lock_guard lock(mutex_);
      if (!free_.empty()) {
        auto reader = std::move(free_.back());
        free_.pop_back();
        return reader;
      }
    }
    return std::make_unique<Reader>(path_);
  }
  void give_back(std::unique_ptr<Reader> reader) {
    const std::lock_guard lock(mutex_);
    free_.push_back(std::move(reader));
  }

  std::filesystem::path path_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Reader>> free_;
};

}  // namespace xieban::sqlite
