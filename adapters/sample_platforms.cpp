#include "adapters/sample_platforms.hpp"

#include <nlohmann/json.hpp>
#include <utility>

#include "adapters/dingtalk/platform.hpp"
#include "adapters/feishu/platform.hpp"
#include "adapters/playground/platform.hpp"
#include "adapters/wecom/platform.hpp"
#include "adapters/wecom/press.hpp"

namespace xieban {

using nlohmann::json;

namespace {

// Their chance is in answers to callbacks only, and the examples have none.
constexpr std::uint64_t no_chance = 1;

std::shared_ptr<const Platform> feishu_platform() {
  feishu::Settings settings;
  settings.app = AppId("feishu:sample");
  settings.app_id = "cli_sample";
  settings.app_secret = Secret("sample-secret");
  settings.stream = true;
  return std::make_shared<feishu::FeishuPlatform>(std::move(settings));
}

std::shared_ptr<const Platform> dingtalk_platform(const char* id, const char* card_template) {
  dingtalk::Settings settings;
  settings.app = AppId(std::string("dingtalk:") + id);
  settings.corp_id = "dingsamplecorp";
  settings.client_id = "dingsample";
  settings.client_secret = Secret("sample-secret");
  settings.card_template = card_template;
  return std::make_shared<dingtalk::DingTalkPlatform>(std::move(settings), Rng(no_chance));
}

std::shared_ptr<const Platform> wecom_platform(const char* id, bool app) {
  wecom::Settings settings;
  settings.app_id = AppId(std::string("wecom:") + id);
  settings.corp_id = "wwsample";
  if (app) {
    settings.app.emplace();
    settings.app->agent_id = 1'000'002;
    settings.app->secret = Secret("sample-secret");
  }
  settings.bot.emplace();
  settings.bot->id = "aibsample";
  settings.bot->secret = Secret("sample-bot-secret");
  return std::make_shared<wecom::WeComPlatform>(std::move(settings), Rng(no_chance));
}

/// JSON in a text is read as JSON, so that a difference in it is a line of its own.
json opened(const json& value) {
  if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    if (text.empty() || (text.front() != '{' && text.front() != '[')) return value;
    const json inner = json::parse(text, nullptr, false);
    if (inner.is_discarded()) return value;
    return {{"json", opened(inner)}};
  }
  if (!value.is_structured()) return value;
  json out = value;
  for (json& inner : out) inner = opened(inner);
  return out;
}

json body_of(const std::string& bytes) {
  json body = json::parse(bytes, nullptr, false);
  return body.is_discarded() ? json(bytes) : opened(body);
}

}  // namespace

std::vector<SamplePlatform> sample_platforms() {
  const std::string card_message = "om_sample", track = "sample-card";
  return {{"playground", std::make_shared<PlaygroundPlatform>(), "m-sample"},
          {"feishu", feishu_platform(), card_message},
          {"dingtalk", dingtalk_platform("sample", "public"), track},
          {"dingtalk_texts", dingtalk_platform("texts", "none"), track},
          {"wecom_app", wecom_platform("sample", true), wecom::update_code("sample-code")},
          {"wecom_bot", wecom_platform("bot", false), "sample-card"}};
}

std::string readable_wire(const Platform& platform, const Sample& sample) {
  const Token token{Secret("sample-token"), TimePoint{}};
  json shown;
  for (const Outgoing& message : sample.ways) {
    const auto wire = platform.encode(message, token);
    if (!wire) {
      shown = {{"refused", wire.error().text}};
      if (wire.error().code == Errc::not_found) continue;
    } else if (const auto* request = std::get_if<HttpRequest>(&*wire)) {
      shown = {{"call", request->origin + (request->origin.empty() ? "" : " ") + request->method + " " + request->target},
               {"body", body_of(request->body)}};
    } else {
      shown = {{"frame", body_of(std::get<SocketFrame>(*wire).bytes)}};
    }
    break;
  }
  return shown.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace xieban
