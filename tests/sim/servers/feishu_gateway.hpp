#pragma once
// Feishu's long connection as the platform holds it: where to connect, frames and their acknowledgements, and what can go
// wrong with them. Protocol: the platform's SDKs (github.com/larksuite/oapi-sdk-go, ws).

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/sim/servers/feishu_frame.hpp"
#include "tests/sim/servers/platform.hpp"

namespace xieban::sim {

class FeishuGateway {
 public:
  explicit FeishuGateway(Stage& stage) : stage_(stage) {}

  /// POST /callback/ws/endpoint.
  Outcome endpoint(const HttpRequest&);
  std::shared_ptr<SocketUser> upgrade(const HttpRequest&, HttpResponse& refusal);

  /// The acknowledgement of an event, as far as it came in time.
  struct Ack {
    int code = 0;      // 0: none
    std::string data;  // the answer in it, decoded
  };
  /// To one connection of the app, chosen at random. `type`: "event" or "card".
  boost::asio::awaitable<Ack> push(std::string app, std::string type, std::string payload, Duration answer_within);
  Result<int> disturb(const nlohmann::json&);
  void clear();

 private:
  class Connection;
  struct Ticket {
    std::string app;
    TimePoint until;
  };
  struct Waiting {
    explicit Waiting(boost::asio::steady_timer t) : timer(std::move(t)) {}
    boost::asio::steady_timer timer;
    FeishuFrame last;  // the one that is acknowledged
    Ack ack;
  };
  [[nodiscard]] nlohmann::json client_config() const;
  void garbage(Connection&);
  /// Events of which only a part ever comes, more of them than anybody would keep.
  void unfinished(Connection&);
  void write(Connection&, const std::vector<FeishuFrame>&);
  std::vector<std::shared_ptr<Connection>> of(const std::string& app) const;
  /// In one frame, or in several whose order is not that of their numbers.
  std::vector<FeishuFrame> frames(const Connection&, const std::string& type, const std::string& payload);
  void received(Connection&, const std::string& bytes);
  /// Empty when it is taken; else what is wrong with it.
  std::string acknowledged(const FeishuFrame&);

  Stage& stage_;
  std::map<std::string, Ticket> tickets_;
  std::vector<std::shared_ptr<Connection>> connections_;
  std::map<std::string, std::shared_ptr<Waiting>> waiting_;  // by message_id
  std::uint64_t frames_ = 0;
  TimePoint refused_until_{}, deaf_until_{};
  HttpResponse refusal_;  // of handshakes, until then
};

}  // namespace xieban::sim
