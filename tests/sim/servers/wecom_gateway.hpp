#pragma once
// The long-connection server of smart bots (101463): one connection per bot, frames and their acks, and what goes wrong there.

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/sim/servers/platform.hpp"
#include "tests/sim/servers/wecom_bot.hpp"
#include "tests/sim/servers/wecom_media.hpp"

namespace xieban::sim::wecom {

class Gateway {
 public:
  Gateway(Stage& stage, Bot& bot, Media& media) : stage_(stage), bot_(bot), media_(media) {}

  std::shared_ptr<SocketUser> upgrade(const HttpRequest&, HttpResponse& refusal);
  /// Sends {"cmd","body"} on the app's connection and remembers what was asked. False: nobody is subscribed.
  bool push(const std::string& app, const nlohmann::json& frame, const std::optional<Bot::Question>&);
  /// As it stands; it is no frame.
  bool send_raw(const std::string& app, const std::string& text);
  Result<int> disturb(const nlohmann::json&);
  void clear();

 private:
  class Connection;
  /// What happens to the acks of the next frames.
  struct Trouble {
    int times = 0;
    std::chrono::milliseconds late{0};  // acks come that much later
    bool lost = false;                  // taken, but no ack comes
    int code = 0;                       // refused with it
    std::string cmd;                    // empty: all but subscribe and ping
  };
  struct Taken {
    Refused refused;
    nlohmann::json body;
  };
  std::shared_ptr<Connection> subscribed(const std::string& app) const;
  void received(Connection&, const std::string& text);
  Taken take(Connection&, const std::string& cmd, const std::string& request, const nlohmann::json& body);
  Refused subscribe(Connection&, const nlohmann::json& body);
  void take_over(Connection& old);
  Trouble trouble(const std::string& cmd);
  boost::asio::awaitable<void> send_later(std::weak_ptr<Connection>, std::string text, std::chrono::milliseconds);
  boost::asio::awaitable<void> close_later(std::weak_ptr<Connection>, std::chrono::milliseconds);
  boost::asio::awaitable<void> watch(std::weak_ptr<Connection>);

  Stage& stage_;
  Bot& bot_;
  Media& media_;
  std::vector<std::shared_ptr<Connection>> connections_;
  Trouble trouble_;
  TimePoint refused_until_{};
  bool dirty_ = false;  // the next push has raw control characters
};

}  // namespace xieban::sim::wecom
