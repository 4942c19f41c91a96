#pragma once
// What a self-built app's callback means, once it is open. Protocol: developer.work.weixin.qq.com, path 90239 (messages),
// 90240 (events).

#include <string_view>

#include "adapters/wecom/settings.hpp"
#include "bot/ports/platform.hpp"

namespace xieban::wecom {

/// Messages are known by their MsgId; events have none and are known by the SHA-256 of the whole XML, since sender and second
/// are the same for two quick presses.
Result<Decoded> read_app_event(const Settings&, std::string_view xml, TimePoint now);

}  // namespace xieban::wecom
