#pragma once
// Feishu's directory (open.feishu.cn, contact-v3): people and departments, as far as scopes and data range (通讯录权限范围) of
// the app go, and the events that tell of changes.
//
// An app of the world may say "scopes": [...] (absent: all) and "range": [ids of departments and people] (absent: everybody).

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "tests/sim/servers/platform.hpp"

namespace xieban::sim {

/// Below "/open-apis/contact/v3/".
Outcome feishu_contacts(const World&, const nlohmann::json& app, const HttpRequest&);

struct FeishuEvent {
  std::string type;
  nlohmann::json event;
};
/// user_left, user_added, user_changed, department_changed, scope_changed. nullopt: another kind.
std::optional<FeishuEvent> feishu_contact_event(World&, const nlohmann::json& what);

}  // namespace xieban::sim
