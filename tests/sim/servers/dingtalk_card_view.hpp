#pragma once
// What people see of a card's variables, and what pressing one of its buttons says.

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace xieban::sim::dingtalk {

struct CardView {
  std::string text;        // a line per variable, then the buttons
  nlohmann::json buttons;  // [{"id","text",…}] as the bot gave them
};
CardView view_of(const nlohmann::json& card_param_map);

/// `content` of the callback. `action`: a button's id, its label, or ".action." inside the id. With inputs the form is
/// sent. A template without msgButtons has its own buttons, which send params.action. nullopt: no such button.
std::optional<nlohmann::json> pressed(const nlohmann::json& card_param_map, const std::string& action,
                                      const nlohmann::json& inputs);

}  // namespace xieban::sim::dingtalk
