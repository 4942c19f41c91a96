#pragma once
// The rules of a unit: dedupe, load, decide, write. Everything that can throw because a pure function is wrong happens
// before the first row is written.

#include "storage/tables.hpp"

namespace xieban {

Result<Committed> transact(Books&, const Load&, const Decide&, TimePoint now);
/// Returns how many requests were handled.
std::size_t wake_due(Books&, TimePoint now, std::size_t limit, const Decide& decide, const Decide& put_aside);

/// A request that nothing could be done with is tried again after this.
constexpr Duration care_retry{15LL * 60 * 1000};

}  // namespace xieban
