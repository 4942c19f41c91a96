#pragma once
// What happened among people, as DingTalk tells the bot: robot messages, events, card callbacks; by HTTP or Stream.

#include <optional>
#include <string>
#include <vector>

#include "tests/sim/servers/dingtalk_access.hpp"
#include "tests/sim/servers/dingtalk_cards.hpp"
#include "tests/sim/servers/dingtalk_gateway.hpp"
#include "tests/sim/servers/dingtalk_robots.hpp"
#include "tests/sim/servers/platform.hpp"

namespace xieban::sim::dingtalk {

class Events {
 public:
  struct Parts {
    Quotas& quotas;
    Robots& robots;
    Cards& cards;
    Gateway& gateway;
  };
  Events(Stage& stage, Parts parts) : stage_(stage), parts_(parts) {}

  std::optional<Push> push(const nlohmann::json& what, std::string& error);
  /// The bot's answer to a webhook takes effect; true: acknowledged.
  bool answered(const Push&, const HttpResponse&);
  boost::asio::awaitable<Delivery> send_on_stream(Push, int attempt);
  /// An HTTP event nobody acknowledged goes to the list of failed ones.
  void gave_up(const Push&);
  /// GET /call_back/get_call_back_failed_result: what was not asked for yet.
  Outcome failed();
  void clear() { failed_.clear(); }

 private:
  std::optional<Push> message(Push, const nlohmann::json& app, const nlohmann::json& what, std::string& error);
  std::optional<Push> press(Push, const nlohmann::json& what, std::string& error);
  Push event(Push, const nlohmann::json& app, const std::string& type, nlohmann::json fields);
  std::optional<Push> change(Push, const nlohmann::json& app, const nlohmann::json& what, std::string& error);
  Push raw(Push, const nlohmann::json& app, const nlohmann::json& what);
  nlohmann::json robot_body(const nlohmann::json& app, const nlohmann::json& what, const std::string& id, bool in_private);
  [[nodiscard]] std::string now_text() const;

  Stage& stage_;
  Parts parts_;
  std::vector<nlohmann::json> failed_;
};

}  // namespace xieban::sim::dingtalk
