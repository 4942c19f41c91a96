#pragma once
// A press on a card: what its button says, and what is needed to answer it.

#include <optional>
#include <string>
#include <string_view>

#include "adapters/wecom/settings.hpp"
#include "bot/core/inbound.hpp"

namespace xieban::wecom {

/// A person's chat with app and bot alike, as the core names it.
ChatId private_chat(const std::string& user);

/// Card, version and action of a button's key. A key that is not ours names no card: the answer says that it has expired.
Pressed read_press(std::string_view key, const Settings&);

/// Where a press came from decides how its answer is written.
enum class PressFrom { app, bot_callback, bot_stream };
struct PressHandle {
  PressFrom from = PressFrom::app;
  std::string nonce;  // of a bot's callback: its answer is signed with the same
  std::string task;   // task_id of the card: an update of a bot's card must carry it
};
/// As Pressed.handle keeps it.
std::string handle_of(PressFrom, std::string_view nonce, std::string_view task);
std::optional<PressHandle> read_handle(std::string_view);

/// As the id under which a card of the app is updated: "code:…".
std::string update_code(std::string_view response_code);
/// nullopt: no code.
std::optional<std::string> read_update_code(std::string_view id);

}  // namespace xieban::wecom
