#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>

#include "bot/base/error.hpp"
#include "bot/base/metrics.hpp"
#include "storage/tables.hpp"

namespace xieban {

struct SqliteOptions {
  boost::asio::any_io_executor loop;    // where completions arrive
  boost::asio::any_io_executor writer;  // one thread: the write connection and `Decide`
  boost::asio::any_io_executor reader;  // lists, histories, checkpoints
  /// True for `serve`: nobody else may serve the same file. Tools that run beside it open without.
  bool lock = true;
  TimePoint now{};  // stamps migrations and claims left by a process that died; with `lock`, ids of parcels begin there
  std::size_t max_queue = 4096, max_group = 256;
  SameKey same_key;  // empty: every platform recognises a key for an hour
  /// On the loop, once: the disk failed and nothing more is written. The process should stop.
  std::function<void(const Error&)> on_broken;
  /// On the writer's executor, after each commit that several jobs may share.
  std::function<void(std::size_t jobs)> on_commit;
  Metrics* metrics = nullptr;         // outlives the store
  std::function<double()> stopwatch;  // monotonic seconds; without it commits are not timed
};

/// Opens or creates the file, brings its schema up to date and checks it. conflict: another process serves it, or its
/// schema is newer than this program; storage: it is damaged or cannot be read.
Result<std::unique_ptr<Store>> open_sqlite(const std::filesystem::path&, SqliteOptions);

}  // namespace xieban
