#pragma once
// Interactive cards: created, delivered and updated by outTrackId, pressed by people.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/sim/servers/platform.hpp"

namespace xieban::sim::dingtalk {

class Cards {
 public:
  explicit Cards(Stage& stage) : stage_(stage) {}

  Outcome create(const nlohmann::json& app, const nlohmann::json& body);
  Outcome deliver(const nlohmann::json& app, const nlohmann::json& body);
  Outcome create_and_deliver(const nlohmann::json& app, const nlohmann::json& body);
  Outcome update(const nlohmann::json& app, const nlohmann::json& body);
  Outcome register_callback(const nlohmann::json& app, const nlohmann::json& body);

  /// What a press does: where it goes and what it says. `message` names a delivered message or the outTrackId.
  struct Press {
    std::string app, track, secret;
    enum class Goes { nowhere, http, stream } goes = Goes::nowhere;
    nlohmann::json body;   // HTTP's
    nlohmann::json extra;  // what stream adds
  };
  std::optional<Press> press(const nlohmann::json& what, std::string& error);
  /// The bot's answer to a press of `user`.
  void answered(const std::string& track, const std::string& user, const nlohmann::json& answer);
  void clear();

 private:
  struct Card {
    std::string app, track, template_id, callback_type, route;
    nlohmann::json data = nlohmann::json::object();      // of everybody
    nlohmann::json privates = nlohmann::json::object();  // by person
    std::vector<std::string> mentions;                   // in its text
    std::vector<std::string> shown;                      // ids of the messages
  };
  using Space = std::pair<std::string, std::string>;  // type, id
  std::optional<Outcome> refuse_creation(const nlohmann::json& app, const nlohmann::json& body);
  std::optional<Outcome> refuse_delivery(const nlohmann::json& app, const nlohmann::json& body, const std::vector<Space>&);
  std::optional<Outcome> refuse_values(const nlohmann::json& values);
  nlohmann::json deliver_to(Card&, const nlohmann::json& body, const Space&);
  void change(Card&, const nlohmann::json& options, const nlohmann::json& data, const nlohmann::json& privates);
  Shown shown(const Card&, Shown) const;
  std::string secret_of(const Card&) const;

  Stage& stage_;
  std::map<std::string, Card> cards_;             // by outTrackId
  std::map<std::string, nlohmann::json> routes_;  // by app and callbackRouteKey
};

}  // namespace xieban::sim::dingtalk
