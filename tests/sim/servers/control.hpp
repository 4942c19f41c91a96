#pragma once
// The control API under /_sim/: world, events, faults, what was received and shown, the clock.

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>

#include "bot/ports/transport.hpp"
#include "tests/sim/servers/faults.hpp"
#include "tests/sim/servers/listener.hpp"
#include "tests/sim/servers/platform.hpp"
#include "tests/sim/servers/pusher.hpp"

namespace xieban::sim {

/// One simulated platform: its API with faults, its pushes to the bot, its control. On one thread.
class Simulator {
 public:
  Simulator(Stage&, PlatformSim&, Transport&, std::string bot_url);
  boost::asio::awaitable<Answer> handle(HttpRequest);
  /// A request to become a WebSocket.
  std::shared_ptr<SocketUser> upgrade(const HttpRequest&, HttpResponse& refusal);

 private:
  boost::asio::awaitable<Answer> control(HttpRequest);
  boost::asio::awaitable<Answer> platform(HttpRequest);
  Outcome outcome(const HttpRequest&, const Fault*);
  Answer faults(const HttpRequest&, const std::string& path, const nlohmann::json& body);
  Answer clock(const nlohmann::json& body);
  /// Why that control takes no such body; empty: it does.
  [[nodiscard]] std::string refused_body(const std::string& path, const nlohmann::json& body) const;
  /// What people see; `user`: only what that person does, in private and in their groups.
  [[nodiscard]] nlohmann::json shown(const HttpRequest&, std::uint64_t after) const;

  Stage& stage_;
  PlatformSim& platform_;
  Pusher pusher_;
  Faults faults_;
};

}  // namespace xieban::sim
