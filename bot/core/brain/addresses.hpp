#pragma once
// Where a chat takes replies for a while. On some platforms one address serves until it runs out; on others it takes one
// message, and each message of a person brings the next.

#include <string>

#include "bot/core/brain/brain.hpp"

namespace xieban {

namespace brain {
/// The newest is used first; where each takes one message, older ones are kept for what else is to be said.
void take_address(ChatFact&, const ReplyAddress&, bool one_answer, TimePoint now);
/// False: it was not there.
bool spend_address(ChatFact&, const std::string& url);
}  // namespace brain

/// A message went to the address that it names, or was refused there: nothing goes there again. Load: the chat.
Load load_address(const Outgoing&);
ChangeSet address_spent(const Outgoing&, const Snapshot&);

}  // namespace xieban
