#pragma once
// Tasks in people's own lists (open.feishu.cn: task-v2/task).

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "bot/core/brain/brain.hpp"
#include "bot/ports/http.hpp"
#include "bot/ports/platform.hpp"

namespace xieban::feishu {

inline const ChannelId tasks_channel{"tasks"};

Channel tasks_channel_traits();
/// Without its token.
Result<HttpRequest> task_request(const Outgoing&);
/// Code 0. `data`: of the answer, or null.
Receipt task_done(const Outgoing&, const nlohmann::json& data);
/// Any other code that says nothing about tokens, limits or the service as a whole.
Receipt task_refused(const Outgoing&, std::int64_t code, std::string detail);

}  // namespace xieban::feishu
