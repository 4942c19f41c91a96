#pragma once
// The ways a message can go, and what the platform allows on each (developer.work.weixin.qq.com, path 90236, 94888, 101463,
// 99110, 90248).

#include "adapters/wecom/settings.hpp"
#include "bot/core/card/delivery.hpp"

namespace xieban::wecom {

inline const ChannelId app_card{"app-card"};        // app to one person, with call-back buttons; updated with one-use codes
inline const ChannelId reply_card{"reply-card"};    // bot, as the reply to a message
inline const ChannelId bot_card{"bot-card"};        // bot to a person who has written to it
inline const ChannelId reply_text{"reply"};         // bot, as the reply to a message
inline const ChannelId app_text{"app"};             // app to one person
inline const ChannelId bot_private{"bot-private"};  // bot to a person who has written to it
inline const ChannelId bot_group{"bot-group"};      // bot to a group that has mentioned it
inline const ChannelId robot_text{"robot"};         // group robot: one way, one group
inline const ChannelId appchat_text{"appchat"};     // group that the app created: one way
inline const ChannelId groups_channel{"groups"};    // appchat groups that the app makes

/// Content of one message, in bytes of UTF-8.
constexpr std::size_t most_app_bytes = 2048, most_bot_bytes = 20'480, most_robot_bytes = 4096;

Traits traits_of(const Settings&);

}  // namespace xieban::wecom
