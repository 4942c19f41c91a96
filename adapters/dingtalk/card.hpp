#pragma once
// Our card as the variables of a card template, and as an action card where there is no template. What people typed is
// escaped wherever the platform reads Markdown.
//
// An own template has the variables `title`, `markdown`, `tips`, `tone` (neutral info warning danger success) and `buttons`, a
// JSON list of {"text","color","id"}; its button component sends the `id` back as params.action, params.id or action id.

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "adapters/press_token.hpp"
#include "bot/core/card/card.hpp"

namespace xieban::dingtalk {

/// Markdown card with call-back buttons that DingTalk's own SDK ships.
inline constexpr const char* public_template = "1366a1eb-bc54-4859-ac88-517c56a9acb1.schema";
constexpr std::size_t most_buttons = 5;
/// Documented for one value; longer ones are commonly sent, none of ours needs to be.
constexpr std::size_t most_value_bytes = 1024;

/// cardParamMap: text for every variable. `seed`: card and version its buttons are bound to.
nlohmann::json render(const Card&, const PressToken& seed, const Secret& key, bool public_one);
/// msgKey and msgParam of a one-to-one message whose buttons type their command for the reader.
struct ActionCard {
  std::string key, param;
};
ActionCard render_action_card(const Card&, std::string_view text);

/// Characters with a meaning in Markdown lose it.
std::string escape(std::string_view);

}  // namespace xieban::dingtalk
