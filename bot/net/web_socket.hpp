#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <string>

#include "bot/ports/web_socket.hpp"

namespace xieban {

struct WebSocketLimits {
  std::size_t message_bytes = 16 * 1024 * 1024;  // as the most generous of the platforms sends
  Duration connect{5000};
  Duration write{10000};
  Duration silence{50000};  // half of it without a frame: a ping; all of it without even a pong: the connection ends
};

/// RFC 6455 as a client: TLS 1.2 and up, host name verified, system roots; ws:// for loopback hosts only. Pings of the
/// peer are answered; whoever holds the connection watches for frames that do not come. A write that takes too long ends the
/// connection.
class WebSockets final : public Dialer {
 public:
  /// `extra_roots`: a PEM file of further roots (tests); empty: the system's only.
  WebSockets(boost::asio::any_io_executor, WebSocketLimits, const std::string& extra_roots = {});
  ~WebSockets() override;
  WebSockets(const WebSockets&) = delete;
  WebSockets& operator=(const WebSockets&) = delete;
  boost::asio::awaitable<Result<std::shared_ptr<WebSocket>>> dial(std::string url, Duration timeout,
                                                                  HttpResponse& declined) override;
  /// Ends every dial that is under way.
  void close();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace xieban
