#pragma once
// What robots say: to groups, to people, through session webhooks, as custom robots of a group, as DING.

#include <map>
#include <optional>
#include <set>
#include <string>

#include "tests/sim/servers/dingtalk_access.hpp"
#include "tests/sim/servers/dingtalk_message.hpp"
#include "tests/sim/servers/platform.hpp"

namespace xieban::sim::dingtalk {

class Robots {
 public:
  Robots(Stage& stage, Quotas& quotas) : stage_(stage), quotas_(quotas) {}

  Outcome send_to_group(const nlohmann::json& app, const nlohmann::json& body);
  Outcome send_to_people(const nlohmann::json& app, const nlohmann::json& body);
  Outcome ding(const nlohmann::json& app, const nlohmann::json& body);
  Outcome download(const nlohmann::json& app, const nlohmann::json& body);
  /// The file behind a download address; no token.
  Outcome file(const std::string& code);

  /// No token, no signature: who has the address may speak.
  Outcome send_by_session(const HttpRequest&);
  Outcome send_by_custom_robot(const HttpRequest&);

  struct Session {
    std::string name;
    TimePoint until;
  };
  /// One message's right to be answered; `chat` empty: in private with `user`.
  Session open_session(const std::string& app, const std::string& chat, const std::string& user);
  /// As an answer in the HTTP response says it.
  void answer_in_session(const std::string& session, const nlohmann::json& body);
  void clear();

 private:
  struct Place {
    std::string app, chat, user;
    TimePoint until;
  };
  std::optional<Outcome> wrong_robot(const nlohmann::json& app, const nlohmann::json& body) const;
  std::optional<std::string> why_not_there(const nlohmann::json& app, const std::string& chat) const;
  std::string show(Seen, const std::string& app, const std::string& chat, const std::string& to, const std::string& key);
  /// nullopt: shown.
  std::optional<WebhookRefusal> show_webhook(const Place&, const nlohmann::json& body, const std::string& key);
  std::optional<WebhookRefusal> robot_refuses(const HttpRequest&, const nlohmann::json& robot, const std::string& key);

  Stage& stage_;
  Quotas& quotas_;
  std::map<std::string, Place> sessions_;
  std::map<std::string, TimePoint> blocked_;  // custom robots that were too fast
  std::set<std::string> said_once_;           // msgUuid of custom robots
};

}  // namespace xieban::sim::dingtalk
