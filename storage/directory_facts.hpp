#pragma once
#include "bot/core/brain/brain.hpp"

namespace xieban {

/// Link codes that ran out this long ago are forgotten.
constexpr Duration keep_codes{24LL * 3600 * 1000};

/// The facts after one more: a leave replaces that of its person, a link that of its identity, a code that of its text.
/// Of facts about chats only the first word in a private chat matters here.
DirectoryFacts with_fact(DirectoryFacts, const Fact&, TimePoint now);
/// Whose private chat it is, if they have spoken there.
std::optional<IdentityKey> spoke_in_private(const ChatFact&);

}  // namespace xieban
