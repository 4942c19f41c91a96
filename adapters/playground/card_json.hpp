#pragma once
#include <nlohmann/json.hpp>

#include "bot/core/card/card.hpp"

namespace xieban::playground {

/// A card as the playground's page and API have it; every member is always there.
nlohmann::json card_json(const Card&);

}  // namespace xieban::playground
