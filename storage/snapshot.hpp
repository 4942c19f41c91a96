#pragma once
#include "storage/tables.hpp"

namespace xieban {

/// Everything a Load asks for. With a card comes its request; with a form (by id, or behind its card) the conversation;
/// with a conversation the request it is about; with each request its policy. Cards of the card's request come as well.
Snapshot load_snapshot(Reads&, const Load&);
/// One request with its policy, its cards and the directory: for wakes and lists.
std::optional<Snapshot> load_request(Reads&, RequestId, bool with_cards);

}  // namespace xieban
