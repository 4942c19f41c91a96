#pragma once
// Calls of qyapi.weixin.qq.com and frames of the smart bot as the platform wants them; equal input, equal bytes.

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "adapters/wecom/settings.hpp"
#include "bot/core/brain/brain.hpp"
#include "bot/ports/http.hpp"
#include "bot/ports/platform.hpp"

namespace xieban::wecom {

/// gettoken (path 91039).
HttpRequest token_call(const Settings&);

/// {"msgtype":"markdown",…} and {"msgtype":"template_card",…}.
nlohmann::json markdown_body(const std::string& content);
nlohmann::json card_body(nlohmann::json card);
/// {"msgtype":"text",…}: for a welcome only.
nlohmann::json text_body(const std::string& content);

/// message/send to one person (path 90236). `body`: one of the two above.
HttpRequest app_message(const Settings&, const Secret& token, const UserId& to, nlohmann::json body);
/// update_template_card with a one-use code (path 94888).
HttpRequest app_card_update(const Settings&, const Secret& token, const UserId& to, const std::string& response_code,
                            nlohmann::json card);
/// appchat/send (path 90248).
HttpRequest appchat_message(const Secret& token, const ChatId&, nlohmann::json body);
/// user/get and department/get (path 90196, 95351).
HttpRequest user_call(const Secret& token, const UserId&);
HttpRequest department_call(const Secret& token, const std::string& id);
/// agent/get (path 90227): the app's own visible range.
HttpRequest agent_call(const Settings&, const Secret& token);
/// batch/openuserid_to_userid (path 101521).
HttpRequest plain_id_call(const Secret& token, const UserId& encrypted);
/// A group robot's message (path 99110): the key is all it needs.
HttpRequest robot_message(const Secret& key, nlohmann::json body);
/// The one reply that a response_url takes (path 101138).
HttpRequest response(const std::string& url, const nlohmann::json& body);

/// A frame of the long connection (path 101463), without a req_id of ours: the connection gives it one. `reply_to`: the req_id
/// of a message; empty: said unprompted.
SocketFrame bot_frame(const Outgoing&, const std::string& reply_to, nlohmann::json body);
/// The answer to whoever opens the chat: the connection sends it as it is, once.
inline constexpr std::string_view welcome_command = "aibot_respond_welcome_msg";
SocketFrame welcome_frame(const std::string& reply_to, nlohmann::json body);

}  // namespace xieban::wecom
