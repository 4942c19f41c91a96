#pragma once
#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>

#include "bot/base/error.hpp"
#include "bot/base/time.hpp"
#include "bot/ports/http.hpp"
#include "bot/ports/platform.hpp"

namespace xieban {

/// A connection that is open. All calls on the loop; one read and one write at a time.
class WebSocket {
 public:
  virtual ~WebSocket() = default;
  /// The next message, whole. network: the connection has ended, and why.
  virtual boost::asio::awaitable<Result<SocketFrame>> read() = 0;
  virtual boost::asio::awaitable<Result<void>> write(SocketFrame) = 0;
  /// Nothing more comes from us; what the peer sent before it noticed can still be read, until it ends the connection.
  virtual void leave() = 0;
  /// Ends it, and what is under way on it, without asking the peer.
  virtual void close() = 0;
};

class Dialer {
 public:
  virtual ~Dialer() = default;
  /// ws:// or wss://, with path and query. Errors: timed_out, network, bad_input. `declined`: what the peer answered if it
  /// would not open one; otherwise left as it is.
  virtual boost::asio::awaitable<Result<std::shared_ptr<WebSocket>>> dial(std::string url, Duration timeout,
                                                                          HttpResponse& declined) = 0;
};

}  // namespace xieban
