#pragma once
// Feishu's components of a card, JSON 2.0, each by itself: which members it has and what they may hold (open.feishu.cn, "card
// JSON 2.0 components"). Where a component may stand is feishu_card's.

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace xieban::sim {

bool is_component(std::string_view tag);
/// In a form each of them needs a name.
bool is_interactive(std::string_view tag);
/// What is wrong with this one, whatever it contains; nullopt: nothing.
std::optional<std::string> refuse_component(const nlohmann::json& node);
/// A person filled that into the component; nullopt: it can hold it.
std::optional<std::string> refuse_input(const nlohmann::json& component, const nlohmann::json& value);

}  // namespace xieban::sim
