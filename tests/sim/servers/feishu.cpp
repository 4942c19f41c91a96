#include "tests/sim/servers/feishu.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "tests/sim/servers/answers.hpp"
#include "tests/sim/servers/feishu_contacts.hpp"

namespace xieban::sim {

using nlohmann::json;

namespace {

constexpr Duration second{1000};
constexpr Duration minute{60 * 1000};
constexpr Duration hour{3600 * 1000};

json employee(const char* id, const char* name, const char* department) {
  return {{"id", id},      {"name", name}, {"mobile", ""}, {"manager", ""}, {"departments", json::array({department})},
          {"active", true}};
}

}  // namespace

json Feishu::usual_world() {
  const json app = {{"id", "main"},
                    {"app_id", "cli_a81f3c5d7e9b0246"},
                    {"app_secret", "sim-app-secret"},
                    {"encrypt_key", "sim-encrypt-key"},
                    {"verification_token", "sim-verification-token"},
                    {"bot_name", "协办"}};
  const json chat = {{"id", "oc_all"}, {"name", "协作群"}, {"members", {"ou_han", "ou_li"}}, {"external", false}};
  const json market = {{"id", "od-market"}, {"name", "市场部"}, {"parent", "0"}, {"head", ""}};
  const json tech = {{"id", "od-tech"}, {"name", "技术部"}, {"parent", "0"}, {"head", ""}};
  return {{"apps", json::array({app})},
          {"people", json::array({employee("ou_han", "韩梅梅", "od-market"), employee("ou_li", "李雷", "od-tech")})},
          {"departments", json::array({market, tech})},
          {"chats", json::array({chat})},
          {"tasks", json::array()},
          {"limits", json::object()}};
}

Feishu::Feishu(Stage& stage) : stage_(stage), gateway_(stage) {}

void Feishu::clear() {
  gateway_.clear();
  tokens_.clear();
  by_key_.clear();
  chats_by_key_.clear();
  tasks_by_key_.clear();
  announced_.clear();
  windows_.clear();
  refuse_ = false;
}

void Feishu::expire_tokens() { tokens_.clear(); }

Outcome Feishu::good(const json& data) {
  Outcome outcome;
  outcome.response = json_response({{"code", 0}, {"msg", "success"}, {"data", data}});
  outcome.accepted = true;
  return outcome;
}

Outcome Feishu::flat(const json& body) {
  Outcome outcome;
  outcome.code = body.value("code", 0);
  outcome.response = json_response(body);
  outcome.accepted = outcome.code == 0;
  return outcome;
}

Outcome Feishu::refusal(std::int64_t code, const std::string& message, int status) {
  Outcome outcome;
  outcome.code = code;
  const json body = {{"code", code}, {"msg", message}, {"error", {{"log_id", "20261121000000SIM"}}}};
  outcome.response = json_response(body, status);
  return outcome;
}

std::optional<Outcome> Feishu::missing_scope(const json& app, const std::vector<std::string>& any_of) {
  if (!app.contains("scopes")) return std::nullopt;
  const json& granted = app["scopes"];
  std::string names;
  json violations = json::array();
  for (const std::string& scope : any_of) {
    if (std::ranges::find(granted, json(scope)) != granted.end()) return std::nullopt;
    names += (names.empty() ? "" : ", ") + scope;
    violations.push_back({{"type", "action_privilege_required"}, {"subject", scope}});
  }
  const std::string text = "Access denied. One of the following scopes is required: [" + names + "]";
  Outcome outcome = refusal(99991672, text);
  outcome.response.body = dump({{"code", 99991672}, {"msg", text}, {"error", {{"permission_violations", violations}}}});
  return outcome;
}

bool Feishu::has_bot(const json& chat) { return chat.value("robot", true) && !chat.value("dissolved", false); }

std::optional<Outcome> Feishu::without_bot(const json& app) {
  if (app.value("bot", true)) return std::nullopt;
  return refusal(230006, "Bot ability is not activated.");
}

std::optional<Outcome> Feishu::over_rate(const std::string& key, std::uint32_t count, Duration per, std::int64_t code,
                                         int status) {
  const auto wait = windows_.take(key, count, per, stage_.clock.now());
  if (!wait) return std::nullopt;
  Outcome outcome = refusal(code, "request trigger frequency limit", status);
  const auto seconds = std::max<std::int64_t>(1, std::chrono::ceil<std::chrono::seconds>(*wait).count());
  if (code == 99991400) outcome.response.headers.set("x-ogw-ratelimit-reset", std::to_string(seconds));
  return outcome;
}

std::optional<Outcome> Feishu::over_limit(const json& app, const std::string& what, const std::string& target) {
  const auto limit = [this](const char* name, int otherwise) {
    return static_cast<std::uint32_t>(stage_.world.limit(name, otherwise));
  };
  const std::string call = app.value("id", "") + "/" + what;
  if (auto over = over_rate("api/s/" + call, limit("api_per_second", 50), second)) return over;
  if (auto over = over_rate("api/m/" + call, limit("api_per_minute", 1000), minute)) return over;
  if (target.empty()) return std::nullopt;
  return over_rate("to/" + target, limit("target_per_second", 5), second, 230020, 400);
}

Outcome Feishu::token(const HttpRequest& request) {
  const json body = json::parse(request.body, nullptr, false);
  if (!body.is_object()) return flat({{"code", 10003}, {"msg", "invalid param"}});
  const json* app = stage_.world.app_by("app_id", body.value("app_id", ""));
  if (app == nullptr) {
    const bool well_formed = body.value("app_id", "").starts_with("cli_");
    return well_formed ? flat({{"code", 10014}, {"msg", "app id not exists"}})
                       : flat({{"code", 10003}, {"msg", "invalid param"}});
  }
  if (app->value("app_secret", "") != body.value("app_secret", ""))
    return flat({{"code", 10015}, {"msg", "app secret invalid"}});
  const TimePoint now = stage_.clock.now();
  std::erase_if(tokens_, [now](const auto& entry) { return entry.second.until <= now; });
  for (const auto& [value, known] : tokens_) {
    if (known.app == app->value("id", "") && known.until - now >= std::chrono::minutes(30)) {
      const auto left = std::chrono::duration_cast<std::chrono::seconds>(known.until - now).count();
      return flat({{"code", 0}, {"msg", "ok"}, {"tenant_access_token", value}, {"expire", left}});
    }
  }
  const std::string value = stage_.ids.next("t-");
  if (!refuse_) tokens_[value] = Token{app->value("id", ""), now + 2 * hour};
  Outcome outcome = flat({{"code", 0}, {"msg", "ok"}, {"tenant_access_token", value}, {"expire", 7200}});
  outcome.app = app->value("id", "");
  return outcome;
}

Outcome Feishu::business(const Fault& fault, const HttpRequest&) {
  return refusal(fault.code.is_number() ? fault.code.get<std::int64_t>() : 0, "fault",
                 fault.status == 500 ? 400 : fault.status);
}

Outcome Feishu::call(const HttpRequest& request) {
  const auto parts = segments(request.path());
  if (request.path() == "/callback/ws/endpoint") return gateway_.endpoint(request);
  if (request.path() == "/open-apis/auth/v3/tenant_access_token/internal") return token(request);
  if (parts.size() == 5 && parts[1] == "bot" && parts[3] == "hook") return robot(request, parts[4]);

  const std::string_view authorization = request.headers.get("Authorization");
  if (!authorization.starts_with("Bearer ")) return refusal(99991661, "Missing access token for authorization.");
  const auto known = tokens_.find(std::string(authorization.substr(7)));
  if (known == tokens_.end() || known->second.until <= stage_.clock.now())
    return refusal(99991663, "Invalid access token for authorization.");
  const json* app = stage_.world.app_by("id", known->second.app);
  Outcome outcome;
  const bool message = parts.size() >= 4 && parts[1] == "im" && parts[2] == "v1" && parts[3] == "messages";
  if (parts.size() > 3 && parts[1] == "contact" && parts[2] == "v3") {
    const auto over = over_limit(*app, "contact/" + parts[3], "");
    outcome = over ? *over : feishu_contacts(stage_.world, *app, request);
  } else if (parts.size() > 3 && parts[1] == "task" && parts[2] == "v2") {
    outcome = tasks(request, *app);
  } else if (message && request.method == "POST" && parts.size() == 4) {
    outcome = send(request, *app, "");
  } else if (message && request.method == "POST" && parts.size() == 6 && parts[5] == "reply") {
    outcome = send(request, *app, parts[4]);
  } else if (message && (request.method == "PATCH" || request.method == "PUT") && parts.size() == 5) {
    outcome = update(request, *app, parts[4]);
  } else if (message && request.method == "PATCH" && parts.size() == 6 && parts[5] == "urgent_app") {
    outcome = urgent(request, *app, parts[4]);
  } else if (parts.size() >= 4 && (parts[1] == "im" || parts[1] == "docx") && parts[3] == "chats" && request.method != "GET") {
    outcome = chats(request, *app);
  } else if (request.method == "GET") {
    outcome = read(request, *app);
  } else {
    outcome = refusal(99992402, "no such interface: " + std::string(request.path()), 404);
  }
  outcome.app = known->second.app;
  return outcome;
}

}  // namespace xieban::sim
