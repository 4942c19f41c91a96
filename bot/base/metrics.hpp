#pragma once
// The service's figures, declared in one place; prometheus-cpp core behind our own router.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace xieban {

/// All methods may be called from any thread. Label values are bounded by configuration (apps, outcomes).
class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  void webhook(std::string_view app, std::string_view outcome, double seconds);
  void transact(double seconds);
  void commit(std::size_t group, double seconds);
  void wal_pages(std::size_t added);
  void writer_queue(std::size_t length);
  void send(std::string_view app, std::string_view outcome, double seconds);
  void token_refresh(std::string_view app, bool ok);
  void outbox(std::size_t waiting, double oldest_seconds);
  /// Calls of this month, and how many are allowed.
  void budget(std::string_view app, std::uint64_t used, std::uint64_t limit);
  void wake(std::size_t count, double lag_seconds);
  void loop_lag(double seconds);
  void open_requests(std::size_t count);
  void needs_care(std::size_t count);
  void held(std::size_t count);
  void http(int status);
  void log_dropped(std::uint64_t total);

  /// Prometheus text format 0.0.4.
  [[nodiscard]] std::string text() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace xieban
