#pragma once
// What a smart bot is told, by callback or over its long connection: the same objects. Protocol:
// developer.work.weixin.qq.com, path 100719 (messages), 101027 (events), 101463 (long connection).

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "adapters/wecom/settings.hpp"
#include "bot/ports/platform.hpp"

namespace xieban::wecom {

/// How it came, for whoever answers it.
struct BotPath {
  bool stream = false;
  std::string nonce;   // of a callback
  std::string req_id;  // of a frame: one reply may go out under it
};

/// Everything is known by its msgid.
Result<Decoded> read_bot_event(const Settings&, const nlohmann::json& body, const BotPath&, TimePoint now);

/// Text of a message in a group, without the mention of the bot that made it arrive.
std::string without_mention(std::string_view text, std::string_view bot_name);
/// Where a chat takes a reply: "req:…" over the long connection, an address of the platform otherwise.
inline constexpr std::string_view reply_mark = "req:";
/// Where somebody who opens the chat is welcomed, over the long connection.
inline constexpr std::string_view welcome_mark = "welcome:";
/// How long the platform takes the welcome (path 101463).
inline constexpr Duration welcome_lives{5000};
/// https at the platform, or exactly the configured base: answers go nowhere else, whatever a message says.
bool may_post_to(std::string_view url, const Settings&);

}  // namespace xieban::wecom
