#pragma once
// What Feishu accepts as a card, JSON 2.0, and what it shows of it (open.feishu.cn, "card JSON 2.0 structure").

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace xieban::sim {

/// Code and text of the refusal; nullopt: accepted.
struct CardRefusal {
  int code = 0;
  std::string text;
};
std::optional<CardRefusal> refuse_card(const std::string& content);
/// All that a person reads, a line per element.
std::string card_text(const nlohmann::json& card);
std::vector<std::string> card_mentions(const nlohmann::json& card);

/// The button that a person means: by label, by a string in its callback value, or by ".action." inside one.
struct FoundButton {
  nlohmann::json button;
  nlohmann::json form;  // around it; null: none
};
std::optional<FoundButton> find_button(const nlohmann::json& card, const std::string& action);

/// What people fill into a form, by the names of its components; nullopt: they can.
std::optional<std::string> refuse_filled(const nlohmann::json& form, const nlohmann::json& inputs);

}  // namespace xieban::sim
