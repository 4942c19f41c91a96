#pragma once
// A chat that is dissolved, a bot that was removed, a person who left or blocks it: what was to be said there is not lost.

#include "bot/core/brain/brain.hpp"

namespace xieban {

/// What must be loaded to say it elsewhere; nullopt: it concerned nobody but that chat (a card, an answer). Under the key of
/// its parcel it happens once, however often it is asked for.
std::optional<Load> load_unreached(const Parcel&);
/// What was for people in a group goes to each in private; what was for a person goes up: to the head of their department,
/// the vice president, the PMO.
ChangeSet unreached(const Parcel&, const Snapshot&, const Rules&, TimePoint now);

/// Whom a notice that stands in a group now names in vain: its channel mentions nobody, or they have no account there.
std::vector<PersonId> unmentioned(const Effect&, const Outgoing&, const Channel&);
Load load_beside(const Effect&);
/// Each of these gets it in private as well, where a private chat can be had.
ChangeSet beside(const Effect&, const std::vector<PersonId>&, const Snapshot&, const Rules&, TimePoint now);

}  // namespace xieban
