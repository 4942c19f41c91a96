#include "tests/sim/servers/dingtalk_answers.hpp"

#include <algorithm>

namespace xieban::sim::dingtalk {

using nlohmann::json;

namespace {
constexpr const char* request_id = "1D0C51A7-0000-0000-0000-0000000000SIM";
}

Outcome api_good(const json& body) {
  Outcome outcome;
  outcome.response = json_response(body);
  outcome.accepted = true;
  return outcome;
}

Outcome api_refusal(const std::string& code, const std::string& message, int status) {
  if (status == 0) status = code.starts_with("Forbidden.") ? 403 : code.starts_with("system.") ? 500 : 400;
  Outcome outcome;
  outcome.code = code;
  outcome.response = json_response({{"code", code}, {"requestid", request_id}, {"message", message}}, status);
  return outcome;
}

Outcome api_missing_scope(const std::string& scope) {
  Outcome outcome = api_refusal("Forbidden.AccessDenied.AccessTokenPermissionDenied", "the app has not got " + scope);
  json body = json::parse(outcome.response.body);
  body["accessdenieddetail"] = {{"requiredScopes", json::array({scope})}};
  outcome.response.body = dump(body);
  return outcome;
}

Outcome oapi_good(json body) {
  body["errcode"] = 0;
  body["errmsg"] = "ok";
  Outcome outcome = api_good(body);
  return outcome;
}

Outcome oapi_refusal(int errcode, const std::string& message) {
  Outcome outcome;
  outcome.code = errcode;
  outcome.response = json_response({{"errcode", errcode}, {"errmsg", message}, {"request_id", request_id}});
  return outcome;
}

Outcome oapi_missing_scope(const std::string& scope) {
  Outcome outcome = oapi_refusal(88, "ding talk error");
  json body = json::parse(outcome.response.body);
  body["sub_code"] = "60011";
  body["sub_msg"] = "the app has not got " + scope;
  outcome.response.body = dump(body);
  return outcome;
}

bool granted(const json& app, const std::string& scope) {
  if (!app.contains("scopes")) return true;
  const json& scopes = app["scopes"];
  return std::ranges::find(scopes, json(scope)) != scopes.end();
}

}  // namespace xieban::sim::dingtalk
