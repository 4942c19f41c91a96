#pragma once
// Groups an app can only speak to: group chats it made itself (90244, 90245, 98914, 90248), and the robot of a group (99110).

#include <map>
#include <string>
#include <vector>

#include "tests/sim/servers/wecom_access.hpp"
#include "tests/sim/servers/wecom_media.hpp"
#include "tests/sim/servers/wecom_message.hpp"

namespace xieban::sim::wecom {

class Groups {
 public:
  Groups(Stage& stage, Access& access, Media& media) : stage_(stage), access_(access), media_(media) {}

  Outcome create(const nlohmann::json& app, const nlohmann::json& body);
  Outcome update(const nlohmann::json& app, const nlohmann::json& body);
  Outcome get(const nlohmann::json& app, const std::string& chat);
  Outcome send(const nlohmann::json& app, const nlohmann::json& body);
  /// No token: who has the key may speak.
  Outcome robot(const HttpRequest&);
  Outcome robot_upload(const HttpRequest&);
  void clear() { chats_.clear(); }

 private:
  struct Chat {
    std::string app, name, owner;
    std::vector<std::string> members;
  };
  Refused refuse_app(const nlohmann::json& app, const std::string& chat, bool exists) const;
  /// Adds those that may be members; others are an error.
  Refused add(std::vector<std::string>& members, const nlohmann::json& users) const;
  /// As the world shows it.
  void list(const std::string& id);
  std::string show(Seen, const std::string& app, const std::string& chat);
  struct Robot {
    const nlohmann::json* entry = nullptr;
    std::string app, key;
  };
  /// `entry` is nullptr when no robot has the key.
  Robot find_robot(const HttpRequest&) const;
  [[nodiscard]] Refused refuse_robot(const Robot&) const;
  Reading read_robot(const Robot&, const nlohmann::json& body) const;

  Stage& stage_;
  Access& access_;
  Media& media_;
  std::map<std::string, Chat> chats_;
};

}  // namespace xieban::sim::wecom
