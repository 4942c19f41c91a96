#pragma once
// One outcome may have two consequences; they are decided on one snapshot and written together.

#include <optional>

#include "bot/ports/store.hpp"

namespace xieban {

std::optional<Consequence> both(std::optional<Consequence>, std::optional<Consequence>);

}  // namespace xieban
