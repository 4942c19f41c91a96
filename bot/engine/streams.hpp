#pragma once
// Long connections: one for each app that has them, opened again whenever it ends.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>
#include <vector>

#include "bot/base/rng.hpp"
#include "bot/engine/intake.hpp"
#include "bot/engine/outbox.hpp"
#include "bot/ports/frame_carrier.hpp"
#include "bot/ports/stream.hpp"
#include "bot/ports/time_source.hpp"
#include "bot/ports/transport.hpp"
#include "bot/ports/web_socket.hpp"

namespace xieban {

/// For /readyz.
struct StreamState {
  AppId app;
  bool open = false;
  TimePoint since;                // of being open, or not
  std::string why;                // it is not open
  bool refused = false;           // and does not come back before somebody changes something
  Duration again_every{600'000};  // refused: so long it waits each time
  bool fought_over = false;       // another program connects with the same credentials, again and again
};

/// What arrives goes the way of a webhook; it is acknowledged after its commit. What is sent waits for its acknowledgement.
class Streams final : public FrameCarrier {
 public:
  Streams(boost::asio::any_io_executor, Transport&, Dialer&, TimeSource&, Intake&, const Platforms&, Rng);
  ~Streams() override;
  Streams(const Streams&) = delete;
  Streams& operator=(const Streams&) = delete;

  /// Holds a connection for each app whose platform makes one, until stop().
  boost::asio::awaitable<void> run();
  /// Events and messages under way get their acknowledgement, for 3 s at most; then the connections end, and what the
  /// platform had sent by then is still taken. One that is being opened goes on until the transport and the dialer are closed.
  boost::asio::awaitable<void> stop();
  boost::asio::awaitable<Receipt> carry(AppId, SocketFrame, TimePoint until) override;
  [[nodiscard]] std::vector<StreamState> states() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace xieban
