#pragma once
// Tasks mirrored into their owners' own lists on a platform: what stands there follows the request, never the other way.

#include "bot/core/brain/brain.hpp"
#include "bot/core/brain/envelope.hpp"

namespace xieban {

/// What must be loaded to write down what became of such a call.
Load load_mirror(const MirrorTask&);
/// The call was done. `made`: the platform's id of a new one.
ChangeSet mirror_set(const MirrorTask&, const Outgoing&, const std::string& made, const Snapshot&, const Rules&, TimePoint now);
/// What was to be set is there no more: whoever it was for has removed it, and keeps it so.
ChangeSet mirror_gone(const MirrorTask&, const Outgoing&, const Snapshot&, const Rules&, TimePoint now);

namespace brain {

/// What is to be done so that the list shows how things stand; nullopt: nothing. Whoever is followed by another owner sees
/// it done with a word on who has it now; the other gets one of their own behind that.
std::optional<MirrorWish> mirror_wish(const MirrorTask&, const Request&, const Snapshot&, const Rules&, TimePoint now);

}  // namespace brain
}  // namespace xieban
