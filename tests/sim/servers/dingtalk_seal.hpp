#pragma once
// Signatures and encryption of DingTalk's webhooks, from its own side.

#include <nlohmann/json.hpp>
#include <string>

#include "bot/ports/http.hpp"

namespace xieban::sim::dingtalk {

/// Headers timestamp and sign of a robot message; keyed with the app's client_secret.
void sign_robot(HttpRequest&, const nlohmann::json& app, const std::string& timestamp);
/// Headers of a card callback; an empty secret leaves it unsigned, as the platform does.
void sign_card(HttpRequest&, const std::string& secret, const std::string& timestamp);
/// An encrypted event: query and body.
HttpRequest sealed_event(const nlohmann::json& app, const std::string& plain, const std::string& timestamp,
                         const std::string& nonce, const std::string& random16);
/// The bot's answer is the encrypted word "success", signed.
bool says_success(const nlohmann::json& app, const std::string& answer);

}  // namespace xieban::sim::dingtalk
