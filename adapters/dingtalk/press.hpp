#pragma once
// A press on a card, and the names under which our cards stand at the platform.

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bot/base/ids.hpp"
#include "bot/base/secret.hpp"
#include "bot/core/brain/brain.hpp"

namespace xieban::dingtalk {

/// The callback as the platform says it, from any of its variants.
struct CardCallback {
  std::string type, track_id, corp, user;
  std::vector<std::string> action_ids;
  std::string action;                                      // params.action, else params.id, else the first action id
  std::map<std::string, std::vector<std::string>> inputs;  // of a form
  std::string space_type, space;                           // long connection only
};
CardCallback read_card_callback(const nlohmann::json& body);

/// What an outTrackId says: which of our cards it is, and where it stands, since a callback over HTTP does not tell.
struct Track {
  CardId card;
  std::string chat;  // "p" for a private chat; empty: too long a name to be kept in it
};
/// "xb.12.9f86d081.cid….884c7d659a2feaa0": the third part differs for cards of another installation, the last one is a keyed
/// digest. At most 100 characters; equal messages have equal ones.
std::string track_id(const Outgoing&, const Secret& key);
/// nullopt: not one of our cards.
std::optional<Track> read_track_id(std::string_view, const Secret& key);

}  // namespace xieban::dingtalk
