#pragma once
// A notice that stands in a group which could not name its readers, for the core to tell them in private.

#include <optional>

#include "bot/core/rules.hpp"
#include "bot/ports/store.hpp"

namespace xieban {

/// nullopt: it is not there yet, or it named everybody.
std::optional<Consequence> beside_consequence(const Claimed&, const Settlement&, const Traits&, RulesPtr);

}  // namespace xieban
