#pragma once
// The rules of the outbox: claim, settle, what to do when nobody knows whether a message went out.

#include "storage/tables.hpp"

namespace xieban {

std::vector<Claimed> claim_outbox(Books&, TimePoint now, std::size_t limit, Duration lease, const std::vector<Lane>& closed,
                                  const Compose&);
void settle(Books&, const std::vector<Settlement>&);
/// A held or failed parcel waits again, with a fresh count of attempts. False: there is no such parcel.
bool retry_parcel(Books&, ParcelId, TimePoint now);
/// Claims of a process that is gone: nobody knows what became of them.
void abandon_claims(Books&, TimePoint now);
/// How the row stands in the queue; nullopt: it is not open.
std::optional<OpenParcel> open_parcel(const ParcelRow&);

}  // namespace xieban
