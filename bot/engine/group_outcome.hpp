#pragma once
// What became of a call about a request's own group, or of a message to a group, for the core to draw the consequences.

#include <optional>

#include "bot/core/rules.hpp"
#include "bot/ports/store.hpp"

namespace xieban {

/// nullopt: nothing follows, or it is tried again.
std::optional<Consequence> group_consequence(const Claimed&, const Settlement&, RulesPtr);
/// Of a message: whether its group is there still. nullopt: that was known, or nobody said.
std::optional<Consequence> chat_consequence(const Claimed&, const Settlement&, const Traits&, RulesPtr);

}  // namespace xieban
