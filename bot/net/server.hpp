#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <memory>
#include <string>

#include "bot/base/error.hpp"
#include "bot/base/metrics.hpp"
#include "bot/net/limits.hpp"
#include "bot/net/router.hpp"

namespace xieban {

struct TlsFiles {
  std::string certificate, key;
};  // PEM; empty: plain HTTP

/// HTTP/1.1 on the executor's thread. The router outlives it.
class Server {
 public:
  Server(boost::asio::any_io_executor, const Router&, Limits, Metrics&, TlsFiles = {});
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// "127.0.0.1:0" or "[::1]:8080"; answers with the port that was bound.
  Result<std::uint16_t> listen(const std::string& address);
  /// Stops accepting, closes idle connections, waits for handlers up to Limits::drain, closes the rest.
  boost::asio::awaitable<void> stop();
  [[nodiscard]] std::size_t connections() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace xieban
