#include "bot/app/platform_settings.hpp"

namespace xieban::app {

feishu::Settings settings_of(const config::Feishu& from) {
  feishu::Settings settings;
  settings.app = AppId("feishu:" + from.id);
  settings.app_id = from.app_id;
  settings.app_secret = from.app_secret;
  settings.stream = from.transport == "stream";
  settings.encrypt_key = from.encrypt_key;
  settings.verification_token = from.verification_token;
  settings.old_encrypt_key = from.old_encrypt_key;
  settings.old_verification_token = from.old_verification_token;
  settings.api_base = from.api_base;
  settings.stream_base = from.stream_base;
  settings.bot_name = from.bot_name;
  settings.mirror_tasks = from.mirror_tasks;
  return settings;
}

dingtalk::Settings settings_of(const config::DingTalk& from, const std::string& public_url) {
  dingtalk::Settings settings;
  settings.app = AppId("dingtalk:" + from.id);
  settings.corp_id = from.corp_id;
  settings.client_id = from.client_id;
  settings.client_secret = from.client_secret;
  settings.event_token = from.event_token;
  settings.event_aes_key = from.event_aes_key;
  settings.old_event_token = from.old_event_token;
  settings.old_event_aes_key = from.old_event_aes_key;
  settings.card_secret = from.card_secret;
  settings.stream = from.transport == "stream";
  settings.card_template = settings.stream || !public_url.empty() ? from.card_template : "none";
  settings.group_template = from.group_template;
  settings.group_robot = from.group_robot;
  settings.monthly_calls = from.monthly_calls;
  for (const config::DingTalkRobot& one : from.robots) settings.robots[one.chat] = {one.access_token, one.secret};
  settings.api_base = from.api_base;
  settings.oapi_base = from.oapi_base;
  settings.stream_base = from.stream_base;
  return settings;
}

wecom::Settings settings_of(const config::WeCom& from) {
  wecom::Settings settings;
  settings.app_id = AppId("wecom:" + from.id);
  settings.corp_id = from.corp_id;
  if (from.app) {
    settings.app.emplace();
    settings.app->agent_id = from.app->agent_id;
    settings.app->secret = from.app->secret;
    settings.app->callback = from.app->callback;
    settings.app->token = from.app->token;
    settings.app->aes_key = from.app->aes_key;
    settings.app->old_token = from.app->old_token;
    settings.app->old_aes_key = from.app->old_aes_key;
  }
  if (from.bot) {
    settings.bot.emplace();
    settings.bot->stream = from.bot->transport == "stream";
    settings.bot->id = from.bot->bot_id;
    settings.bot->secret = from.bot->secret;
    settings.bot->token = from.bot->token;
    settings.bot->aes_key = from.bot->aes_key;
    settings.bot->old_token = from.bot->old_token;
    settings.bot->old_aes_key = from.bot->old_aes_key;
    settings.bot->name = from.bot->name;
  }
  for (const config::WeComWebhook& one : from.webhooks) settings.robots[one.chat] = one.key;
  settings.api_base = from.api_base;
  settings.stream_base = from.stream_base;
  return settings;
}

}  // namespace xieban::app
