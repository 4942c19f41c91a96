#include "tests/sim/servers/dingtalk_card_view.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "tests/sim/servers/dingtalk_answers.hpp"

namespace xieban::sim::dingtalk {

using nlohmann::json;

namespace {

constexpr std::array<std::string_view, 3> first = {"title", "markdown", "tips"};
/// Of the public template with buttons: everything that is no string.
constexpr const char* all_else = "sys_full_json_obj";

json buttons_of(const json& map) {
  const json parsed = json::parse(text_of(map, all_else), nullptr, false);
  if (!parsed.is_object()) return json::array();
  const json buttons = parsed.value("msgButtons", json::array());
  return buttons.is_array() ? buttons : json::array();
}

bool structured(const std::string& value) { return value.starts_with('{') || value.starts_with('['); }

}  // namespace

CardView view_of(const json& map) {
  CardView view;
  const auto add = [&](const std::string& line) {
    if (!line.empty()) view.text += line + "\n";
  };
  for (const std::string_view name : first) add(text_of(map, std::string(name).c_str()));
  for (const auto& [name, value] : map.items()) {
    const bool shown = std::ranges::find(first, name) == first.end() && name != "logo" && !structured(value);
    if (shown) add(value);
  }
  view.buttons = buttons_of(map);
  for (const json& button : view.buttons) add("[" + text_of(button, "text") + "]");
  return view;
}

std::optional<json> pressed(const json& map, const std::string& action, const json& inputs) {
  json ids = json::array();
  json params = json::object();
  if (!map.contains(all_else)) {
    ids.push_back(inputs.empty() ? action : "form");
    if (inputs.empty()) params["action"] = action;
    if (!inputs.empty() && !map.contains("form")) return std::nullopt;
  } else {
    const json buttons = buttons_of(map);
    const auto fits = [&](const json& button) {
      const std::string id = text_of(button, "id");
      return id == action || text_of(button, "text") == action || id.find("." + action + ".") != std::string::npos;
    };
    const auto found = std::ranges::find_if(buttons, fits);
    // A button that opens an address, or without "request", tells the bot nothing.
    if (found == buttons.end() || found->value("request", json()) != true) return std::nullopt;
    ids.push_back(text_of(*found, "id"));
    params = object_of(*found, "params");
  }
  if (!inputs.empty()) params["form"] = inputs;
  return json{{"cardPrivateData", {{"actionIds", ids}, {"params", params}}}};
}

}  // namespace xieban::sim::dingtalk
