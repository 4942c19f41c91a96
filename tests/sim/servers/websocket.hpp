#pragma once
// The server's end of a WebSocket. Beast's part is compiled in one place; everything else sees this.

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "bot/ports/http.hpp"

namespace xieban::sim {

/// One accepted connection. What is sent is queued and leaves in order.
class WebSocket {
 public:
  virtual ~WebSocket() = default;
  virtual void send(std::string text) = 0;
  virtual void send_binary(std::string bytes) = 0;
  /// Closes as the protocol wants it.
  virtual void close() = 0;
  /// TCP reset.
  virtual void reset() = 0;
  /// Nothing leaves any more, not even a pong, though the connection looks alive.
  virtual void mute(bool on) = 0;
  /// So many bytes leave yet; with the next one the connection is reset.
  virtual void cut_after(std::size_t bytes) = 0;
  /// From now on every message leaves in pieces of a few bytes.
  virtual void fragment() = 0;
};

/// Whoever speaks on it. The socket lives until closed() has returned.
class SocketUser {
 public:
  virtual ~SocketUser() = default;
  virtual void opened(std::shared_ptr<WebSocket>) = 0;
  virtual void received(std::string text) = 0;
  /// Of a platform that speaks in texts: as good as one.
  virtual void received_binary(std::string bytes) { received(std::move(bytes)); }
  virtual void closed() = 0;
};

/// Accepts the request and serves the connection to its end.
boost::asio::awaitable<void> serve_websocket(boost::asio::ip::tcp::socket, HttpRequest, std::shared_ptr<SocketUser>);

}  // namespace xieban::sim
