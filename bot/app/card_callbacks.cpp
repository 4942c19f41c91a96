#include "bot/app/card_callbacks.hpp"

#include <string>
#include <utility>

#include "adapters/dingtalk/api.hpp"
#include "adapters/dingtalk/platform.hpp"
#include "bot/app/platform_settings.hpp"
#include "bot/base/log.hpp"

namespace xieban::app {

namespace asio = boost::asio;

namespace {

constexpr Duration call_time{10000};

asio::awaitable<std::string> register_one(dingtalk::Settings settings, std::string url, Transport& transport,
                                          TimeSource& time) {
  const dingtalk::DingTalkPlatform platform(settings, Rng(0));
  HttpRequest ask = dingtalk::token_call(settings);
  auto answer = co_await transport.send(settings.api_base, std::move(ask), call_time);
  if (!answer) co_return answer.error().text;
  const auto token = platform.read_token(*answer, time.now());
  if (!token) co_return token.error().text;
  HttpRequest request = dingtalk::register_callback(settings, token->value, url, true);
  answer = co_await transport.send(settings.api_base, std::move(request), call_time);
  if (!answer) co_return answer.error().text;
  if (answer->status != 200) co_return "HTTP " + std::to_string(answer->status);
  co_return std::string();
}

}  // namespace

asio::awaitable<void> register_card_callbacks(const config::Config& config, Transport& transport, TimeSource& time) {
  std::string base = config.server.public_url;
  while (base.ends_with('/')) base.pop_back();
  if (base.empty()) co_return;
  for (const config::DingTalk& one : config.dingtalk) {
    dingtalk::Settings settings = settings_of(one, base);
    if (settings.stream || settings.card_template == "none") continue;
    const AppId app = settings.app;
    const std::string url = base + "/hook/dingtalk/" + one.id + "/card";
    const std::string why = co_await register_one(std::move(settings), url, transport, time);
    if (why.empty()) {
      log::info("callback.registered", {{"app", app}, {"url", url}});
    } else {
      log::error("callback.failed", {{"app", app}, {"url", url}, {"why", why}});
    }
  }
}

}  // namespace xieban::app
