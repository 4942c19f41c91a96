#pragma once
// Tells the bot what happened, as POST /_sim/events asks; the platform's own repeats follow by themselves.

#include <boost/asio/awaitable.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "bot/ports/transport.hpp"
#include "tests/sim/servers/platform.hpp"

namespace xieban::sim {

class Pusher {
 public:
  /// `bot_url`: base of the webhooks; may be empty when only long connections are used.
  Pusher(Stage&, PlatformSim&, Transport&, std::string bot_url);
  /// The answer of the control API; bad_input with the reason. Returns after the first attempts.
  boost::asio::awaitable<Result<nlohmann::json>> push(nlohmann::json what);

 private:
  boost::asio::awaitable<Delivery> deliver(Push, int attempt);
  boost::asio::awaitable<std::vector<Delivery>> deliver_copies(Push, std::size_t copies, bool parallel);
  boost::asio::awaitable<void> repeat(Push);
  boost::asio::awaitable<void> follow(Push);

  Stage& stage_;
  PlatformSim& platform_;
  Transport& transport_;
  std::string bot_url_;
};

}  // namespace xieban::sim
