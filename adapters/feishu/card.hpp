#pragma once
// Our card as a Feishu card, JSON 2.0 (open.feishu.cn, "card JSON 2.0 structure"). What people typed goes into plain_text
// only: it can become neither mark-up nor a mention.

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/press_token.hpp"
#include "bot/core/card/card.hpp"

namespace xieban::feishu {

/// Components and elements of a card, plain_text objects included, that Feishu accepts (200), with room to spare.
constexpr std::size_t most_elements = 180;
/// Bytes of a card's JSON that Feishu accepts (30 KB), with room for the envelope.
constexpr std::size_t most_card_bytes = 24 * 1024;

/// A field may be asked for by several components: what is typed instead of chosen, a person instead of a department. Their
/// names are the field's with one of these behind it.
constexpr std::string_view typed_part = ".typed", person_part = ".person";

/// `seed`: card and version its buttons are bound to. `mentions`: open_ids shown as a line of mentions on top.
nlohmann::json render(const Card&, const PressToken& seed, const Secret& key, const std::vector<std::string>& mentions);
/// Objects that count against most_elements.
std::size_t count_elements(const nlohmann::json& card);
/// No input is filled in with more than people could type there: the platform would not let them submit it.
bool inputs_hold(const nlohmann::json& card);

}  // namespace xieban::feishu
