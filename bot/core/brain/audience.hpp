#pragma once
// Who may read what: nothing leaves above the level of the person or the chat it goes to.

#include "bot/core/brain/brain.hpp"

namespace xieban::brain {

/// More than the number, in this chat. `fact`: what the store knows of it; nullptr: nothing.
bool chat_may_see(const Request&, const ChatRef&, const ChatFact* fact, const Rules&);
/// The title of a list's row, for a person or (viewer empty) for a chat.
bool row_visible(const Row&, const PersonId& viewer, const Rules&, TimePoint now);
bool is_private(const ChatId&);
ChatRef private_chat(const AppId&, const UserId&);

}  // namespace xieban::brain
