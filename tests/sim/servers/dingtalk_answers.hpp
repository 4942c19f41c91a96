#pragma once
// The two shapes of DingTalk's answers: api.dingtalk.com with HTTP statuses and words, oapi.dingtalk.com with numbers in 200.

#include <nlohmann/json.hpp>
#include <string>

#include "tests/sim/servers/answers.hpp"
#include "tests/sim/servers/platform.hpp"

namespace xieban::sim::dingtalk {

Outcome api_good(const nlohmann::json& body);
/// Codes of "Forbidden." are 403, of "system." 500, others 400, unless `status` says otherwise.
Outcome api_refusal(const std::string& code, const std::string& message, int status = 0);
/// 403 that names the permission the app does not have.
Outcome api_missing_scope(const std::string& scope);

Outcome oapi_good(nlohmann::json body);
Outcome oapi_refusal(int errcode, const std::string& message);
/// 88 with sub_code 60011.
Outcome oapi_missing_scope(const std::string& scope);

/// Apps without a list of scopes have all of them.
bool granted(const nlohmann::json& app, const std::string& scope);

}  // namespace xieban::sim::dingtalk
