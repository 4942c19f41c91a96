#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "bot/base/ids.hpp"
#include "bot/base/secret.hpp"

namespace xieban::wecom {

/// A self-built app (自建应用): private messages and cards.
struct App {
  std::int64_t agent_id = 0;
  Secret secret;
  bool callback = true;  // it has a receive-message URL: its cards may have buttons
  Secret token, aes_key;
  Secret old_token, old_aes_key;  // while they are changed over
};
/// A smart bot (智能机器人): groups, and people who have written to it.
struct Bot {
  bool stream = true;  // long connection, else URL callback
  std::string id;      // "aib…"
  Secret secret;       // of the long connection
  Secret token, aes_key;
  Secret old_token, old_aes_key;  // while they are changed over
  std::string name = "协办";
};

/// What one company's WeCom consists of: an app, a bot or both, under one name.
struct Settings {
  AppId app_id;         // "wecom:main"
  std::string corp_id;  // "ww…"
  std::optional<App> app;
  std::optional<Bot> bot;
  std::map<ChatId, Secret> robots;  // keys of group robots (消息推送), by the group they stand in
  std::string api_base = "https://qyapi.weixin.qq.com";
  std::string stream_base = "wss://openws.work.weixin.qq.com";

  [[nodiscard]] bool app_cards() const { return app && app->callback; }
  [[nodiscard]] bool bot_stream() const { return bot && bot->stream; }
  /// What the buttons of cards are sealed with.
  [[nodiscard]] const Secret& card_key() const {
    if (app) return app->secret;
    return bot->secret.empty() ? bot->aes_key : bot->secret;
  }
};

}  // namespace xieban::wecom
