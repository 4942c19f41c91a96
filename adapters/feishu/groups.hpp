#pragma once
// Groups that the app makes itself (open.feishu.cn: im-v1/chat, im-v1/chat-members, docx-v1/chat-announcement).

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "bot/core/brain/brain.hpp"
#include "bot/ports/http.hpp"
#include "bot/ports/platform.hpp"

namespace xieban::feishu {

inline const ChannelId groups_channel{"groups"};

Channel groups_channel_traits();
/// Without its token.
Result<HttpRequest> group_request(const Outgoing&);
/// Code 0. `data`: of the answer, or null.
Receipt group_done(const Outgoing&, const nlohmann::json& data);
/// Any other code that says nothing about tokens, limits or the service as a whole.
Receipt group_refused(const Outgoing&, std::int64_t code, std::string detail);

}  // namespace xieban::feishu
