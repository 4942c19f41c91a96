#pragma once
// DingTalk's Stream gateway: tickets, connections, frames and their acknowledgements, and what can go wrong with them.

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/sim/servers/platform.hpp"

namespace xieban::sim::dingtalk {

class Gateway {
 public:
  explicit Gateway(Stage& stage) : stage_(stage) {}

  /// POST /v1.0/gateway/connections/open.
  Outcome open(const HttpRequest&);
  std::shared_ptr<SocketUser> upgrade(const HttpRequest&, HttpResponse& refusal);
  /// Some living connection of the app has subscribed to it.
  [[nodiscard]] bool reaches(const std::string& app, const std::string& type, const std::string& topic) const;

  /// The ack of a frame, as far as it came in time.
  struct Ack {
    int code = 0;      // 0: none
    std::string data;  // JSON text
  };
  /// Sends {"type","headers","data"} to one connection that subscribed to it, chosen at random.
  boost::asio::awaitable<Ack> push(std::string app, nlohmann::json frame, Duration answer_within);
  /// As it stands, to one connection; it is no frame and gets no ack.
  bool send_raw(const std::string& app, const std::string& text);
  Result<int> disturb(const nlohmann::json&);
  void clear();

 private:
  class Connection;
  struct Ticket {
    std::string app;
    nlohmann::json subscriptions;
    TimePoint until;
  };
  struct Waiting {
    explicit Waiting(boost::asio::steady_timer t) : timer(std::move(t)) {}
    boost::asio::steady_timer timer;
    Ack ack;
  };
  std::vector<std::shared_ptr<Connection>> of(const std::string& app, const std::string& type, const std::string& topic) const;
  void received(const Connection&, const std::string& text);
  boost::asio::awaitable<void> ping(std::weak_ptr<Connection>);
  boost::asio::awaitable<void> end_later(std::weak_ptr<Connection>, Duration);
  nlohmann::json frame(const Connection&, const std::string& type, const std::string& topic) const;

  Stage& stage_;
  std::map<std::string, Ticket> tickets_;
  std::vector<std::shared_ptr<Connection>> connections_;
  std::multimap<std::string, std::shared_ptr<Waiting>> waiting_;  // by messageId, which copies may share
  TimePoint refused_until_{};
};

}  // namespace xieban::sim::dingtalk
