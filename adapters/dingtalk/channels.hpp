#pragma once
// The ways a message can go, and what the platform allows on each.

#include "adapters/dingtalk/settings.hpp"
#include "bot/core/card/delivery.hpp"

namespace xieban::dingtalk {

inline const ChannelId card_in_group{"card"};            // interactive card, with mentions
inline const ChannelId reply_channel{"reply"};           // session webhook: text with mentions, while it lives
inline const ChannelId group_channel{"group"};           // text, no mentions
inline const ChannelId custom_robot_channel{"robot"};    // custom robot of a group: text with mentions, one way
inline const ChannelId card_in_private{"private-card"};  // interactive card
inline const ChannelId action_channel{"action-card"};    // one-to-one, buttons that type a command
inline const ChannelId private_channel{"private"};       // text to one person
inline const ChannelId groups_channel{"groups"};         // scene groups that the app makes

/// msgParam takes 15,000 bytes; JSON doubles what is escaped in it.
constexpr std::size_t most_param_bytes = 15'000;

Traits traits_of(const Settings&);

}  // namespace xieban::dingtalk
