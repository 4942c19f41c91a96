#pragma once
// What may go out twice when nobody knows whether it went out once.

#include "bot/core/brain/brain.hpp"

namespace xieban {

/// A group or a task comes of it: a second one is worse than none.
bool makes_one(const Effect&, const Outgoing&);
/// May be sent again where the platform recognises no repeat? Escalations, notices, cards and urgent ones: yes. Where a repeat
/// would annoy more than a loss, nudges and answers to what somebody typed, and what makes something: no.
bool may_repeat(const Effect&, const Outgoing&);

}  // namespace xieban
