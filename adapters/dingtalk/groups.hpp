#pragma once
// Scene groups (场景群) that the app makes from a template of the console (open.dingtalk.com: create-a-scene-group,
// add-members-to-a-scene-group). They cannot be dissolved from outside, and have no announcement.

#include <nlohmann/json_fwd.hpp>

#include "adapters/dingtalk/settings.hpp"
#include "bot/core/brain/brain.hpp"
#include "bot/ports/http.hpp"
#include "bot/ports/platform.hpp"

namespace xieban::dingtalk {

Channel scene_groups();
Result<HttpRequest> group_call(const Settings&, const Secret& token, const Outgoing&);
/// HTTP 2xx without a code.
Receipt read_group_answer(const Outgoing&, const nlohmann::json& body);
/// The robot that speaks in this chat: in a scene group that of its template.
const std::string& robot_code(const Settings&, const Outgoing&);

}  // namespace xieban::dingtalk
