#pragma once
// Template cards in the two dialects of WeCom (90236, 101032, 99110): what is accepted, what people read, what a press means.

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "tests/sim/servers/wecom_answers.hpp"

namespace xieban::sim::wecom {

enum class Dialect { app, bot, webhook };

struct CardRules {
  Dialect dialect = Dialect::app;
  bool update = false;            // task_id may be absent
  bool long_text_is_cut = false;  // else refused with 45002
};

/// nullopt: accepted. Text that is too long is cut in place if the rules say so.
Refused check_card(nlohmann::json& card, const CardRules&);

/// It can be pressed, or has a menu: needs a callback address and a task_id.
bool calls_back(const nlohmann::json& card);
/// Everything people can read on it, line by line, buttons in brackets.
std::string text_of_card(const nlohmann::json& card);

struct Pressed {
  std::string key;
  nlohmann::json selected = nlohmann::json::array();  // [{"question_key","option_ids":[...]}]
  bool menu = false;
};
/// `action`: key or label of a button; `inputs`: question_key -> option id or ids. nullopt: no such button that calls back,
/// or an option that is not on the card.
std::optional<Pressed> press_card(const nlohmann::json& card, const std::string& action, const nlohmann::json& inputs);

}  // namespace xieban::sim::wecom
