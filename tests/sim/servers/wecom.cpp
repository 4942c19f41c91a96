#include "tests/sim/servers/wecom.hpp"

#include <functional>
#include <map>
#include <utility>

#include "tests/sim/servers/answers.hpp"
#include "tests/sim/servers/wecom_codes.hpp"

namespace xieban::sim {

using nlohmann::json;
using namespace wecom;

namespace {

json employee(const char* id, const char* name, const char* mobile, const char* department, const char* manager) {
  return {{"id", id},
          {"name", name},
          {"mobile", mobile},
          {"manager", manager},
          {"departments", json::array({department})},
          {"position", "专员"},
          {"active", true}};
}

Outcome nowhere() {
  Outcome outcome;
  outcome.code = 404;
  outcome.response = HttpResponse(404, "", "text/plain");
  return outcome;
}

}  // namespace

json WeCom::usual_world() {
  const json app = {{"id", "main"},
                    {"corp_id", "wwsim0a1b2c3d4e5f6"},
                    {"app",
                     {{"agent_id", 1'000'027},
                      {"secret", "sim-app-secret"},
                      {"callback", true},
                      {"token", "SimAppToken"},
                      {"aes_key", "c2ltLWFwcC1rZXktZm9yLXRlc3RzLW9ubHktMDEyMz5"}}},
                    {"bot",
                     {{"transport", "stream"},
                      {"bot_id", "aibSim0Bot"},
                      {"secret", "sim-bot-secret"},
                      {"token", "SimBotToken"},
                      {"aes_key", "c2ltLWJvdC1rZXktZm9yLXRlc3RzLW9ubHktMDEyMz4"},
                      {"name", "协办"}}},
                    {"webhooks", json::array({{{"chat", "wrkSimGroup01"}, {"key", "sim-robot-key"}}})}};
  const json chat = {{"id", "wrkSimGroup01"}, {"name", "协作群"}, {"members", {"han.mei", "LiLei"}}, {"external", false}};
  const json market = {{"id", "100"}, {"name", "市场部"}, {"parent", "1"}, {"head", ""}};
  const json tech = {{"id", "200"}, {"name", "技术部"}, {"parent", "1"}, {"head", "LiLei"}};
  return {{"apps", json::array({app})},
          {"people", json::array({employee("han.mei", "韩梅梅", "13800000001", "100", "LiLei"),
                                  employee("LiLei", "李雷", "13800000002", "200", "")})},
          {"departments", json::array({market, tech})},
          {"chats", json::array({chat})},
          {"limits", json::object()}};
}

WeCom::WeCom(Stage& stage)
    : stage_(stage),
      access_(stage),
      media_(stage, access_),
      apps_(stage, access_),
      bot_(stage, access_, media_),
      groups_(stage, access_, media_),
      contacts_(stage),
      gateway_(stage, bot_, media_),
      events_(stage, Events::Parts{apps_, bot_, media_, gateway_}) {}

void WeCom::clear() {
  access_.clear();
  media_.clear();
  apps_.clear();
  bot_.clear();
  groups_.clear();
  contacts_.clear();
  gateway_.clear();
  events_.clear();
}

Outcome WeCom::business(const Fault& fault, const HttpRequest&) {
  return refusal(fault.code.is_number_integer() ? fault.code.get<int>() : -1, "fault");
}

Outcome WeCom::routed(const HttpRequest& request, const json& app) {
  const std::string path(request.path());
  if (const auto over = access_.over(app, path)) return refusal(*over);
  json body;
  if (request.method == "POST") {
    body = json::parse(request.body, nullptr, false);
    if (!body.is_object()) return refusal(bad_parameter, "the body is not JSON");
  }
  using Answer = std::function<Outcome()>;
  const std::map<std::string, Answer> calls = {
      {"POST /cgi-bin/message/send", [&] { return apps_.send(app, body, request.body); }},
      {"POST /cgi-bin/message/update_template_card", [&] { return apps_.update(app, body); }},
      {"POST /cgi-bin/message/recall", [&] { return apps_.recall(app, body); }},
      {"POST /cgi-bin/appchat/create", [&] { return groups_.create(app, body); }},
      {"POST /cgi-bin/appchat/update", [&] { return groups_.update(app, body); }},
      {"GET /cgi-bin/appchat/get", [&] { return groups_.get(app, request.param("chatid")); }},
      {"POST /cgi-bin/appchat/send", [&] { return groups_.send(app, body); }},
      {"GET /cgi-bin/getcallbackip",
       [] {
         return good({{"ip_list", json::array({"127.0.0.1"})}});
       }},
      {"GET /cgi-bin/get_api_domain_ip", [] {
         return good({{"ip_list", json::array({"127.0.0.1"})}});
       }}};
  const auto found = calls.find(request.method + " " + path);
  if (found != calls.end()) return found->second();
  if (auto answer = contacts_.call(request, app, body)) return *answer;
  return nowhere();
}

Outcome WeCom::call(const HttpRequest& request) {
  const std::string path(request.path());
  constexpr std::string_view files = "/files/";
  const bool posted = request.method == "POST";
  if (path == "/cgi-bin/gettoken" && !posted) return access_.token(request);
  if (path == "/cgi-bin/webhook/send" && posted) return groups_.robot(request);
  if (path == "/cgi-bin/webhook/upload_media" && posted) return groups_.robot_upload(request);
  if (path == "/cgi-bin/aibot/response" && posted) return bot_.respond_by_url(request);
  if (path.starts_with(files) && !posted) return media_.download(path.substr(files.size()));
  if (!path.starts_with("/cgi-bin/")) return nowhere();
  const auto caller = access_.caller(request);
  if (caller.app == nullptr) return caller.refused;
  Outcome outcome = routed(request, *caller.app);
  outcome.app = text_of(*caller.app, "id");
  return outcome;
}

}  // namespace xieban::sim
