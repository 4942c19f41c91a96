#pragma once
#include <boost/asio/awaitable.hpp>

#include "bot/base/ids.hpp"
#include "bot/base/time.hpp"
#include "bot/ports/platform.hpp"

namespace xieban {

/// Takes a frame to the platform over the app's long connection.
class FrameCarrier {
 public:
  virtual ~FrameCarrier() = default;
  /// What the platform's acknowledgement meant. `retry`: no connection stands, nothing was sent; `unknown`: the connection
  /// ended, or `until` came, before it was acknowledged.
  virtual boost::asio::awaitable<Receipt> carry(AppId, SocketFrame, TimePoint until) = 0;
};

}  // namespace xieban
