#pragma once
// The configuration file as values. Meaning of every key: config/xieban.example.toml.

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bot/base/secret.hpp"
#include "bot/core/rules.hpp"

namespace xieban::config {

struct Server {
  std::string listen = "127.0.0.1:8080";
  std::string public_url;
  std::vector<std::string> trusted_proxies;
  std::string certificate, key;  // empty: plain HTTP
};
struct Backup {
  std::string folder = "backup", at = "02:30";
  int keep = 14;
};
struct Storage {
  std::string url = "sqlite:xieban.db";
  Duration keep_inbox{7LL * 24 * 3600 * 1000};
  Backup backup;
};
struct Playground {
  bool enabled = false, allow_remote = false;
};
struct Alarm {
  std::vector<PersonId> people;
  std::string heartbeat_url;
};
struct Inbound {
  std::string id;
  Secret secret;
  PersonId person;
  TypeId type;
};
struct Feishu {
  std::string id = "main", transport = "stream", app_id;
  Secret app_secret, encrypt_key, verification_token;
  Secret old_encrypt_key, old_verification_token;  // still accepted while they are changed over
  std::string api_base = "https://open.feishu.cn", stream_base, bot_name = "协办";
  bool mirror_tasks = false;
};
struct DingTalkRobot {
  ChatId chat;
  Secret access_token, secret;
};
struct DingTalk {
  std::string id = "main", transport = "stream", corp_id, client_id;
  Secret client_secret, event_token, event_aes_key, card_secret;
  Secret old_event_token, old_event_aes_key;  // as for Feishu
  std::string card_template = "public";
  std::string group_template, group_robot;
  std::uint32_t monthly_calls = 5000;
  std::vector<DingTalkRobot> robots;
  std::string api_base = "https://api.dingtalk.com", oapi_base = "https://oapi.dingtalk.com", stream_base;
};
struct WeComApp {
  std::int64_t agent_id = 0;
  Secret secret, token, aes_key, old_token, old_aes_key;
  bool callback = true;
};
struct WeComBot {
  std::string transport = "stream", bot_id;
  Secret secret, token, aes_key, old_token, old_aes_key;
  std::string name = "协办";
};
struct WeComWebhook {
  ChatId chat;
  Secret key;
};
struct WeCom {
  std::string id = "main", corp_id;
  std::optional<WeComApp> app;
  std::optional<WeComBot> bot;
  std::vector<WeComWebhook> webhooks;
  std::string api_base = "https://qyapi.weixin.qq.com", stream_base = "wss://openws.work.weixin.qq.com";
};

struct Config {
  Server server;
  Storage storage;
  Playground playground;
  Alarm alarm;
  std::vector<Inbound> inbound;
  std::vector<Feishu> feishu;
  std::vector<DingTalk> dingtalk;
  std::vector<WeCom> wecom;
  /// Company, people, groups, types, calendars: without traits and bot names, which the adapters add.
  Rules rules;
};

}  // namespace xieban::config
