#include "bot/app/card_callbacks.hpp"

#include <optional>
#include <utility>

#include "adapters/dingtalk/api.hpp"
#include "adapters/dingtalk/platform.hpp"
#include "adapters/dingtalk/receipts.hpp"
#include "bot/app/platform_settings.hpp"
#include "bot/base/log.hpp"

namespace xieban::app {

namespace asio = boost::asio;

namespace {

constexpr Duration call_time{10000};
constexpr Duration again_after{60000};
constexpr const char* ailment = "ailment.no_callbacks";

}  // namespace

CardCallbacks::CardCallbacks(const config::Config& config, Transport& transport, TimeSource& time, Ailments& ailments)
    : transport_(transport), time_(time), ailments_(ailments), alarm_(time.make_alarm()) {
  std::string base = config.server.public_url;
  while (base.ends_with('/')) base.pop_back();
  if (base.empty()) return;
  for (const config::DingTalk& one : config.dingtalk) {
    dingtalk::Settings settings = settings_of(one, base);
    if (settings.stream || settings.card_template == "none") continue;
    missing_.push_back(Registration{std::move(settings), base + "/hook/dingtalk/" + one.id + "/card", {}});
  }
}

void CardCallbacks::stop() {
  stopped_ = true;
  alarm_->ring();
}

asio::awaitable<std::string> CardCallbacks::put(Registration one) const {
  const dingtalk::DingTalkPlatform platform(one.settings, Rng(0));
  HttpRequest ask = dingtalk::token_call(one.settings);
  auto answer = co_await transport_.send(one.settings.api_base, std::move(ask), call_time);
  if (!answer) co_return answer.error().text;
  const auto token = platform.read_token(*answer, time_.now());
  if (!token) co_return token.error().text;
  HttpRequest request = dingtalk::register_callback(one.settings, token->value, one.url, true);
  answer = co_await transport_.send(one.settings.api_base, std::move(request), call_time);
  if (!answer) co_return answer.error().text;
  co_return dingtalk::why_not_registered(*answer, one.url);
}

asio::awaitable<void> CardCallbacks::run() {
  while (!stopped_ && !missing_.empty()) {
    std::vector<Registration> failed;
    for (Registration& one : missing_) {
      const AppId app = one.settings.app;
      const std::string why = co_await put(one);
      if (why.empty()) {
        log::info("callback.registered", {{"app", app}, {"url", one.url}});
        ailments_.over(app, ailment);
      } else {
        if (why != one.why) log::error("callback.failed", {{"app", app}, {"url", one.url}, {"why", why}});
        ailments_.note(app, ailment, why, Ailments::Rings::yes);
        one.why = why;
        failed.push_back(std::move(one));
      }
      if (stopped_) co_return;
    }
    missing_ = std::move(failed);
    if (missing_.empty()) co_return;
    const std::optional<TimePoint> until = time_.now() + again_after;
    co_await alarm_->wait(until);
  }
}

}  // namespace xieban::app
