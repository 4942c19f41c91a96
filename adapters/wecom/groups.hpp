#pragma once
// Groups that the app makes (appchat, developer.work.weixin.qq.com, path 90244, 98913). One way: what people say there does not
// arrive. They cannot be dissolved, and have no announcement.

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "bot/core/brain/brain.hpp"
#include "bot/ports/http.hpp"
#include "bot/ports/platform.hpp"

namespace xieban::wecom {

Channel appchat_groups();
Result<HttpRequest> appchat_call(const Secret& token, const Outgoing&);
/// appchat/get: about one group.
HttpRequest appchat_question(const Secret& token, const ChatId&);
/// errcode 0, or one that says nothing about tokens, limits or the service as a whole.
Receipt read_appchat_answer(const Outgoing&, std::int64_t errcode, const std::string& given, std::string detail);

}  // namespace xieban::wecom
