#pragma once
// An app of DingTalk, and what the platform posts to it.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "adapters/dingtalk/platform.hpp"
#include "bot/ports/stream.hpp"

namespace xieban::dingtalk {

/// Made with the platform's official SDKs.
const nlohmann::json& vectors();
Settings demo_settings();
inline const TimePoint now{Duration{1767225600500}};

std::string str(const nlohmann::json& from, const char* name);
Result<Decoded> decode(const HttpRequest& request, const Settings& settings = demo_settings(), TimePoint at = now);

// Signed as the platform signs.
HttpRequest robot_request(const nlohmann::json& body, const std::string& timestamp = "1767225600000");
HttpRequest event_request(const nlohmann::json& event, const std::string& owner = demo_settings().client_id);
HttpRequest card_request(const nlohmann::json& body, const std::string& timestamp = "1767225600000");
HttpRequest streamed(const char* channel, const std::string& body);
void expect_success(const HttpResponse& answer);

}  // namespace xieban::dingtalk
