#pragma once
// Requests as the platform wants them; equal input, equal bytes.

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "adapters/dingtalk/settings.hpp"
#include "bot/core/brain/brain.hpp"
#include "bot/ports/http.hpp"

namespace xieban::dingtalk {

/// A call of api.dingtalk.com. `token` empty: none.
HttpRequest api_call(const char* method, std::string target, const Secret& token, const nlohmann::json& body);
/// A call of the old host; `fields` become a form.
HttpRequest old_call(const Settings&, const std::string& path, const Secret& token, const nlohmann::json& fields);

HttpRequest token_call(const Settings&);
/// robotCode, receiver, msgKey and msgParam; in a group, or to one person.
HttpRequest group_message(const std::string& robot, const Secret& token, const ChatId&, const char* key,
                          const std::string& param);
HttpRequest private_message(const Settings&, const Secret& token, const UserId&, const std::string& key,
                            const std::string& param);
/// At most 199 receivers; the others of a longer list are left out.
HttpRequest ding(const Settings&, const Secret& token, const std::vector<UserId>&, const std::string& content);
/// `values`: the cardParamMap.
HttpRequest card_create(const Settings&, const Secret& token, const Outgoing&, const std::string& track,
                        const nlohmann::json& values);
HttpRequest card_update(const Secret& token, const std::string& track, const nlohmann::json& values);
/// Text through the session that the chat opened, without a token.
HttpRequest session_message(const Outgoing&);
/// Where presses are posted to; needed once per app when they come over HTTP.
/// By the group's custom robot, as text with mentions.
HttpRequest robot_message(const Settings&, const CustomRobot&, const Outgoing&);
HttpRequest register_callback(const Settings&, const Secret& token, const std::string& url, bool force);

}  // namespace xieban::dingtalk
