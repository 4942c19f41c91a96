#pragma once
#include <nlohmann/json.hpp>
#include <string_view>

#include "bot/core/card/card.hpp"

namespace xieban::playground {

/// A card as the playground's page and API have it; every member is always there.
nlohmann::json card_json(const Card&);
std::string_view tone_name(Tone);

}  // namespace xieban::playground
