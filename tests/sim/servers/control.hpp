#pragma once
// The control API under /_sim/: world, events, faults, what was received and shown, the clock.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>

#include "bot/ports/transport.hpp"
#include "tests/sim/servers/clock.hpp"
#include "tests/sim/servers/faults.hpp"
#include "tests/sim/servers/feishu.hpp"
#include "tests/sim/servers/journal.hpp"
#include "tests/sim/servers/listener.hpp"
#include "tests/sim/servers/world.hpp"

namespace xieban::sim {

/// One simulated platform: its API with faults, its pushes to the bot, its control. On one thread.
class Simulator {
 public:
  Simulator(boost::asio::any_io_executor, Transport&, std::string bot_url, std::uint64_t seed);
  [[nodiscard]] World& world() { return world_; }
  boost::asio::awaitable<Answer> handle(HttpRequest);

 private:
  struct Delivery {
    int attempt = 0, status = 0;
    std::int64_t ms = 0;
    std::string body;
    bool acked = false;
  };
  boost::asio::awaitable<Answer> control(HttpRequest);
  boost::asio::awaitable<Answer> platform(HttpRequest);
  boost::asio::awaitable<Answer> events(nlohmann::json what);
  boost::asio::awaitable<Delivery> deliver(HttpRequest, int attempt);
  boost::asio::awaitable<void> repeat(HttpRequest);

  boost::asio::any_io_executor executor_;
  Transport& transport_;
  std::string bot_url_;
  Clock clock_;
  World world_;
  Journal journal_;
  Faults faults_;
  Feishu feishu_;
};

}  // namespace xieban::sim
