#pragma once
// What became of a call about a mirrored task, for the core to write down.

#include <optional>

#include "bot/core/rules.hpp"
#include "bot/ports/store.hpp"

namespace xieban {

/// nullopt: nothing follows, or it is tried again.
std::optional<Consequence> mirror_consequence(const Claimed&, const Settlement&, RulesPtr);

}  // namespace xieban
