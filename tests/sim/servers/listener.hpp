#pragma once
// A small HTTP server whose answers can go wrong on the wire, which a good server's cannot.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "bot/base/error.hpp"
#include "bot/ports/http.hpp"
#include "tests/sim/servers/websocket.hpp"

namespace xieban::sim {

/// What happens to the bytes of an answer.
enum class Wire {
  whole,
  hang,     // nothing is ever written; the connection stays open
  trickle,  // one byte every `pause`
  cut,      // half of the bytes, then closed
  reset,    // no byte, connection reset
};
struct Answer {
  HttpResponse response;
  Wire wire = Wire::whole;
  std::chrono::milliseconds pause{1000};
  bool chunk_of_garbage = false;  // bytes that are no HTTP
};
using Handle = std::function<boost::asio::awaitable<Answer>(HttpRequest)>;
/// For requests to become a WebSocket: who speaks on it, or nullptr with the answer that refuses.
using Upgrade = std::function<std::shared_ptr<SocketUser>(const HttpRequest&, HttpResponse& refusal)>;

class Listener {
 public:
  Listener(boost::asio::any_io_executor, Handle, Upgrade);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  /// "127.0.0.1:0"; answers with the port. bad_input: that is no address.
  Result<std::uint16_t> listen(const std::string& address);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

/// Returns after that long.
boost::asio::awaitable<void> pause_for(std::chrono::milliseconds);

}  // namespace xieban::sim
