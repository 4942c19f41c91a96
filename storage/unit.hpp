#pragma once
// The rules of a unit: dedupe, load, decide, write. Everything that can throw because a pure function is wrong happens
// before the first row is written.

#include <optional>
#include <string>

#include "storage/tables.hpp"

namespace xieban {

Result<Committed> transact(Books&, const Load&, const Decide&, TimePoint now);
/// Returns how many requests were handled.
std::size_t wake_due(Books&, TimePoint now, std::size_t limit, const Decide& decide, const Decide& put_aside);

/// Loads, decides and writes inside the unit of the caller. nullopt: done; else what was wrong with the pure function, and
/// nothing was written.
std::optional<std::string> decide_within(Books&, const Load&, const Decide&, TimePoint now);

/// A request that nothing could be done with is tried again after this.
constexpr Duration care_retry{15LL * 60 * 1000};

}  // namespace xieban
