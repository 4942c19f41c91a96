#pragma once
// Scene groups (场景群): made from a template of the app, with the robot of that template in them.

#include <map>
#include <string>

#include "tests/sim/servers/dingtalk_access.hpp"

namespace xieban::sim::dingtalk {

/// The robot that may speak in a chat: a scene group's own, else the app's.
std::string robot_of(const World&, const nlohmann::json& app, const std::string& chat);

class Groups {
 public:
  Groups(Stage& stage, Quotas& quotas) : stage_(stage), quotas_(quotas) {}
  Outcome create(const nlohmann::json& app, const nlohmann::json& body);
  /// The old host's.
  Outcome add(const nlohmann::json& app, const nlohmann::json& body);
  void clear() { by_key_.clear(); }

 private:
  Stage& stage_;
  Quotas& quotas_;
  std::map<std::string, std::string> by_key_;
};

}  // namespace xieban::sim::dingtalk
