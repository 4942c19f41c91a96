#pragma once
// Groups of requests' own: what they are called, and what follows from the platform's answer.

#include "bot/core/brain/brain.hpp"

namespace xieban {

/// What must be loaded to write down what became of a call about a group. `made`: the platform's id of a new one.
Load load_group(const Outgoing&, const std::string& made);
/// The call was done.
ChangeSet group_tended(const Outgoing&, const std::string& made, const Snapshot&, const Rules&, TimePoint now);
/// It never will be. A group that is not made leaves the request where it was raised; the administrators hear of it once an
/// app, until one is made again. `gone`: the group is there no more.
ChangeSet group_failed(const Outgoing&, const std::string& why, bool gone, const Snapshot&, const Rules&, TimePoint now);

/// What must be loaded before one of the next two.
Load load_chat(const ChatRef&);
/// A message found the chat dissolved, or the bot removed from it: that stands in /体检, and nothing goes there for a while.
ChangeSet chat_lost(const ChatRef&, const Snapshot&, const Rules&, TimePoint now);
/// A message arrived in it all the same.
ChangeSet chat_found(const ChatRef&, const Snapshot&);

namespace brain {

/// "XB-2026-0012 接口对接"; of a confidential request the number alone.
std::string group_name(const Request&);
/// The goal: what does not change stands in an announcement that is written once.
std::string group_notice(const Request&, const Rules&);

}  // namespace brain
}  // namespace xieban
