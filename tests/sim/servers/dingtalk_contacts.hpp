#pragma once
// People and departments on the old host. Department ids are numbers; 1 is the root.

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "tests/sim/servers/platform.hpp"

namespace xieban::sim::dingtalk {

/// `path` below "/topapi/". nullopt: no such call.
std::optional<Outcome> contacts(const World&, const nlohmann::json& app, const std::string& path, const nlohmann::json& body);
/// The id a person has across apps.
std::string union_id(const nlohmann::json& person);

}  // namespace xieban::sim::dingtalk
