#pragma once
// Pictures beside lists and details: where one says more than the lines above it.

#include <optional>
#include <vector>

#include "bot/core/brain/brain.hpp"
#include "bot/core/card/card.hpp"

namespace xieban::brain {

/// How much is open in which department, and how much of it is late: of what this reader may see. None of one department
/// alone, nor of more than can be told apart.
std::optional<Chart> open_by_department(const Rows&, const PersonId& viewer, const Rules&, TimePoint now);

/// How the tasks were done, day by day: what was delivered by its end and what was still to do. None of fewer than three
/// tasks.
std::optional<Chart> burn_up(const std::vector<Stamped>& history, const Request&, const Rules&, TimePoint now);

/// How a department kept its word in the last eight weeks, by the week that something was due in; the title has the rate.
/// None while nothing was due in two of them.
std::optional<Chart> on_time(const std::vector<Promise>&, const Rules&, TimePoint now);

}  // namespace xieban::brain
