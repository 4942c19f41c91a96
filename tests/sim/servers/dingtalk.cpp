#include "tests/sim/servers/dingtalk.hpp"

#include <functional>
#include <map>
#include <utility>

#include "tests/sim/servers/answers.hpp"
#include "tests/sim/servers/dingtalk_answers.hpp"
#include "tests/sim/servers/dingtalk_contacts.hpp"

namespace xieban::sim {

using nlohmann::json;
using namespace dingtalk;

namespace {

constexpr int token_seconds = 7200;

json employee(const char* id, const char* name, const char* mobile, const char* department) {
  return {{"id", id},      {"name", name}, {"mobile", mobile}, {"manager", ""}, {"departments", json::array({department})},
          {"active", true}};
}

/// Forms and JSON are both taken by the old host.
json body_of(const HttpRequest& request) {
  if (request.headers.get("Content-Type").find("x-www-form-urlencoded") == std::string_view::npos)
    return json::parse(request.body.empty() ? "{}" : request.body, nullptr, false);
  json body = json::object();
  std::string_view rest = request.body;
  while (!rest.empty()) {
    const auto end = std::min(rest.find('&'), rest.size());
    const std::string_view pair = rest.substr(0, end);
    const auto equals = std::min(pair.find('='), pair.size());
    body[percent_decode(pair.substr(0, equals))] = percent_decode(pair.substr(std::min(equals + 1, pair.size())));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return body;
}

}  // namespace

json DingTalk::usual_world() {
  const json app = {{"id", "main"},
                    {"corp_id", "dingcorpsim0011223344556677889900"},
                    {"client_id", "dingsima1b2c3d4e5f6"},
                    {"client_secret", "sim-client-secret"},
                    {"event_token", "SimToken01"},
                    {"event_aes_key", "Zm9yRGVtb09ubHlOb3RBUmVhbEtleTAxMjM0NTY3ODl"},
                    {"card_secret", "sim-card-secret"},
                    {"bot_name", "协办"}};
  const json chat = {{"id", "cidall=="}, {"name", "协作群"}, {"members", {"han", "0123456789"}}, {"external", false}};
  const json market = {{"id", "100"}, {"name", "市场部"}, {"parent", "1"}, {"head", ""}};
  const json tech = {{"id", "200"}, {"name", "技术部"}, {"parent", "1"}, {"head", "0123456789"}};
  return {{"apps", json::array({app})},
          {"people", json::array({employee("han", "韩梅梅", "13800000001", "100"),
                                  employee("0123456789", "李雷", "13800000002", "200")})},
          {"departments", json::array({market, tech})},
          {"chats", json::array({chat})},
          {"limits", json::object()}};
}

DingTalk::DingTalk(Stage& stage)
    : stage_(stage),
      tokens_(stage),
      quotas_(stage),
      robots_(stage, quotas_),
      groups_(stage, quotas_),
      cards_(stage),
      gateway_(stage),
      events_(stage, Events::Parts{quotas_, robots_, cards_, gateway_}) {}

void DingTalk::clear() {
  tokens_.clear();
  quotas_.clear();
  robots_.clear();
  groups_.clear();
  cards_.clear();
  gateway_.clear();
  events_.clear();
}

Outcome DingTalk::business(const Fault& fault, const HttpRequest&) {
  if (fault.code.is_number()) return oapi_refusal(fault.code, "fault");
  // 500 is what a fault has that names no status.
  return api_refusal(fault.code, "fault", fault.status == 500 ? 0 : fault.status);
}

Outcome DingTalk::token(const HttpRequest& request) {
  const bool old_host = request.path() == "/gettoken";
  const json body = old_host ? json{{"id", request.param("appkey")}, {"secret", request.param("appsecret")}} : body_of(request);
  if (!body.is_object()) return api_refusal("invalidParameter", "the body is not JSON");
  const bool unified = request.path().ends_with("/token");
  const std::string id = text_of(body, old_host ? "id" : unified ? "client_id" : "appKey");
  const std::string secret = text_of(body, old_host ? "secret" : unified ? "client_secret" : "appSecret");
  const json* app = id.empty() ? nullptr : stage_.world.app_by("client_id", id);
  // "/v1.0/oauth2/CORP/token" names the organisation, the older forms do not.
  const auto parts = segments(request.path());
  const bool elsewhere = unified && app != nullptr && parts[2] != text_of(*app, "corp_id");
  if (app == nullptr || elsewhere || text_of(*app, "client_secret") != secret) {
    if (old_host) return oapi_refusal(40001, "appkey or appsecret");
    return api_refusal("invalidClientIdOrSecret", "no such app, or another secret");
  }
  const std::string value = tokens_.issue(text_of(*app, "id"), old_host);
  Outcome outcome;
  if (old_host) {
    outcome = oapi_good({{"access_token", value}, {"expires_in", token_seconds}});
  } else if (unified) {
    outcome = api_good({{"access_token", value}, {"expires_in", token_seconds}});
  } else {
    outcome = api_good({{"accessToken", value}, {"expireIn", token_seconds}});
  }
  outcome.app = text_of(*app, "id");
  return outcome;
}

Outcome DingTalk::routed(const HttpRequest& request, const json& app, const json& body) {
  using Answer = std::function<Outcome()>;
  struct Route {
    const char* scope;
    Answer answer;
  };
  const std::map<std::string, Route> routes = {
      {"POST /v1.0/robot/groupMessages/send", {"qyapi_robot_sendmsg", [&] { return robots_.send_to_group(app, body); }}},
      {"POST /v1.0/robot/oToMessages/batchSend", {"qyapi_robot_sendmsg", [&] { return robots_.send_to_people(app, body); }}},
      {"POST /v1.0/robot/messageFiles/download", {"qyapi_robot_sendmsg", [&] { return robots_.download(app, body); }}},
      {"POST /v1.0/im/sceneGroup/create", {"qyapi_chat_manage", [&] { return groups_.create(app, body); }}},
      {"POST /v1.0/robot/ding/send", {"Premium.Ding.Write", [&] { return robots_.ding(app, body); }}},
      {"POST /v1.0/card/instances/createAndDeliver",
       {"Card.Instance.Write", [&] { return cards_.create_and_deliver(app, body); }}},
      {"POST /v1.0/card/instances", {"Card.Instance.Write", [&] { return cards_.create(app, body); }}},
      {"POST /v1.0/card/instances/deliver", {"Card.Instance.Write", [&] { return cards_.deliver(app, body); }}},
      {"PUT /v1.0/card/instances", {"Card.Instance.Write", [&] { return cards_.update(app, body); }}},
      {"POST /v1.0/card/callbacks/register", {"Card.Instance.Write", [&] { return cards_.register_callback(app, body); }}}};
  const std::string name = request.method + " " + std::string(request.path());
  const auto route = routes.find(name);
  if (route == routes.end()) return api_refusal("InvalidAction.NotFound", "no such interface: " + name, 404);
  if (!body.is_object()) return api_refusal("invalidParameter", "the body is not JSON");
  if (auto over = quotas_.over_app(text_of(app, "id"), name, granted(app, route->second.scope), false)) return *over;
  if (!granted(app, route->second.scope)) return api_missing_scope(route->second.scope);
  return route->second.answer();
}

Outcome DingTalk::api(const HttpRequest& request) {
  const auto token = tokens_.find(std::string(request.headers.get("x-acs-dingtalk-access-token")), false);
  const json* app = stage_.world.app_by("id", token.app);
  if (token.state != Tokens::State::good || app == nullptr) {
    const int status = stage_.world.limit("invalid_token_status", 400);
    return api_refusal("InvalidAuthentication", "the access token is missing, unknown or expired", status);
  }
  Outcome outcome = routed(request, *app, body_of(request));
  outcome.app = token.app;
  return outcome;
}

Outcome DingTalk::oapi(const HttpRequest& request) {
  const auto token = tokens_.find(request.param("access_token"), true);
  if (token.state == Tokens::State::missing) return oapi_refusal(41001, "access_token is missing");
  if (token.state == Tokens::State::expired) return oapi_refusal(42001, "access_token has expired");
  const json* app = stage_.world.app_by("id", token.app);
  if (token.state == Tokens::State::unknown || app == nullptr) return oapi_refusal(40014, "access_token is not valid");
  const std::string path(request.path());
  Outcome outcome;
  if (auto over = quotas_.over_app(token.app, path, false, true)) {
    outcome = *over;
  } else if (path == "/call_back/get_call_back_failed_result") {
    outcome = events_.failed();
  } else {
    constexpr std::string_view below = "/topapi/";
    const json body = body_of(request);
    std::optional<Outcome> found;
    if (path == "/topapi/im/chat/scenegroup/member/add" && body.is_object())
      found = groups_.add(*app, body);
    else if (path.starts_with(below) && body.is_object())
      found = contacts(stage_.world, *app, path.substr(below.size()), body);
    outcome = found ? *found : oapi_refusal(400002, "no such interface, or a bad parameter: " + path);
  }
  outcome.app = token.app;
  return outcome;
}

Outcome DingTalk::call(const HttpRequest& request) {
  if (auto over = quotas_.over_address()) return *over;
  const std::string path(request.path());
  constexpr std::string_view files = "/files/";
  if (path == "/gettoken" || path == "/v1.0/oauth2/accessToken" ||
      (path.starts_with("/v1.0/oauth2/") && path.ends_with("/token")))
    return token(request);
  if (path == "/v1.0/gateway/connections/open") return gateway_.open(request);
  if (path == "/robot/sendBySession") return robots_.send_by_session(request);
  if (path == "/robot/send") return robots_.send_by_custom_robot(request);
  if (path.starts_with(files)) return robots_.file(path.substr(files.size()));
  return path.starts_with("/v1.0/") ? api(request) : oapi(request);
}

}  // namespace xieban::sim
