// [[feishu]], [[dingtalk]], [[wecom]]: credentials and addresses. What a transport does not use may be absent.

#include <fmt/format.h>

#include "config/draft.hpp"

namespace xieban::config {
namespace {

using Taken = std::set<std::string, std::less<>>;

std::string read_app_id(Section& section, std::string_view kind, Taken& taken, Reading& reading) {
  std::string id = "main";
  if (section.has("id")) {
    id = read_id(section, taken, "id = \"main\"");
  } else {
    section.take("id");
    if (!taken.insert(id).second) section.error("id", "missing; \"main\" is taken by an entry above");
  }
  if (!id.empty()) reading.draft.apps.insert(fmt::format("{}:{}", kind, id));
  return id;
}

std::string read_transport(Section& section) { return section.choice("transport", "stream", {"stream", "webhook"}); }

/// Platforms give AES keys as 43 characters of base64.
void check_aes_key(Section& section, std::string_view key, const Secret& secret) {
  if (!secret.empty() && secret.reveal().size() != 43)
    section.warning(key, fmt::format("it has {} characters; the platform's console shows 43", secret.reveal().size()));
}

/// What was valid before, while the platform's console and this file are changed over.
Secret read_old_secret(Section& section, std::string_view key, const Reading& reading) {
  Secret secret = read_secret(section, key, reading, false);
  if (!secret.empty()) section.warning(key, "still accepted beside the new one; take it out when the console has the new one");
  return secret;
}

void read_feishu(Section& section, Taken& taken, Reading& reading) {
  Feishu app;
  app.id = read_app_id(section, "feishu", taken, reading);
  app.transport = read_transport(section);
  const bool webhook = app.transport == "webhook";
  app.app_id = section.required("app_id", "app_id = \"cli_…\" of the developer console");
  app.app_secret = read_secret(section, "app_secret", reading, true);
  app.encrypt_key = read_secret(section, "encrypt_key", reading, webhook);
  app.verification_token = read_secret(section, "verification_token", reading, webhook);
  app.old_encrypt_key = read_old_secret(section, "old_encrypt_key", reading);
  app.old_verification_token = read_old_secret(section, "old_verification_token", reading);
  app.api_base = read_base(section, "api_base", app.api_base, Base::http);
  app.stream_base = read_base(section, "stream_base", {}, Base::http);
  app.bot_name = section.text("bot_name", app.bot_name);
  app.mirror_tasks = section.flag("mirror_tasks", app.mirror_tasks);
  section.done();
  reading.draft.config.feishu.push_back(std::move(app));
}

void read_dingtalk(Section& section, Taken& taken, Reading& reading) {
  DingTalk app;
  app.id = read_app_id(section, "dingtalk", taken, reading);
  app.transport = read_transport(section);
  const bool webhook = app.transport == "webhook";
  app.corp_id = section.required("corp_id", "corp_id = \"ding…\" of the developer console");
  app.client_id = section.required("client_id", "client_id = \"ding…\" of the developer console");
  app.client_secret = read_secret(section, "client_secret", reading, true);
  app.event_token = read_secret(section, "event_token", reading, webhook);
  app.event_aes_key = read_secret(section, "event_aes_key", reading, webhook);
  app.old_event_token = read_old_secret(section, "old_event_token", reading);
  app.old_event_aes_key = read_old_secret(section, "old_event_aes_key", reading);
  app.card_secret = read_secret(section, "card_secret", reading, webhook);
  if (webhook) check_aes_key(section, "event_aes_key", app.event_aes_key);
  app.card_template = section.text("card_template", app.card_template);
  if (app.card_template.empty()) section.error("card_template", "empty; write \"public\", \"none\" or the id of a template");
  app.group_template = section.text("group_template");
  app.group_robot = section.text("group_robot");
  if (app.group_template.empty() && !app.group_robot.empty())
    section.error("group_robot", "without group_template no groups are made; write it, or leave this out");
  app.monthly_calls = static_cast<std::uint32_t>(section.number("monthly_calls", app.monthly_calls, 1, 1'000'000'000));
  Taken chats;
  for (auto& one : section.tables("robots")) {
    DingTalkRobot robot;
    robot.chat = ChatId(one.required("chat", "chat = the group's openConversationId, \"cid…\""));
    if (!robot.chat.empty() && !chats.insert(robot.chat.value).second)
      one.error("chat", "this group has a robot above; leave one out");
    robot.access_token = read_secret(one, "access_token", reading, true);
    robot.secret = read_secret(one, "secret", reading, false);
    one.done();
    app.robots.push_back(std::move(robot));
  }
  app.api_base = read_base(section, "api_base", app.api_base, Base::http);
  app.oapi_base = read_base(section, "oapi_base", app.oapi_base, Base::http);
  app.stream_base = read_base(section, "stream_base", {}, Base::http);
  section.done();
  reading.draft.config.dingtalk.push_back(std::move(app));
}

WeComApp read_wecom_app(Section& section, Reading& reading) {
  WeComApp app;
  if (!section.has("agent_id")) section.error("agent_id", "missing; write agent_id = the number of the self-built app");
  app.agent_id = section.number("agent_id", 0, 1, 4'294'967'295);
  app.secret = read_secret(section, "secret", reading, true);
  app.callback = section.flag("callback", true);
  app.token = read_secret(section, "token", reading, app.callback);
  app.aes_key = read_secret(section, "aes_key", reading, app.callback);
  app.old_token = read_old_secret(section, "old_token", reading);
  app.old_aes_key = read_old_secret(section, "old_aes_key", reading);
  if (app.callback) check_aes_key(section, "aes_key", app.aes_key);
  section.done();
  return app;
}

WeComBot read_wecom_bot(Section& section, Reading& reading) {
  WeComBot bot;
  bot.transport = read_transport(section);
  const bool webhook = bot.transport == "webhook";
  bot.bot_id = webhook ? section.text("bot_id") : section.required("bot_id", "bot_id = \"aib…\" of the smart bot");
  bot.secret = read_secret(section, "secret", reading, !webhook);
  bot.token = read_secret(section, "token", reading, webhook);
  bot.aes_key = read_secret(section, "aes_key", reading, webhook);
  bot.old_token = read_old_secret(section, "old_token", reading);
  bot.old_aes_key = read_old_secret(section, "old_aes_key", reading);
  if (webhook) check_aes_key(section, "aes_key", bot.aes_key);
  bot.name = section.text("name", bot.name);
  section.done();
  return bot;
}

/// What runs, but not as somebody would expect who has read no manual.
void warn_of_gaps(Section& section, const WeCom& wecom) {
  if (wecom.app && !wecom.app->callback && !wecom.bot)
    section.warning("app", "callback = false and no bot: nothing that people type arrives; write bot = { … }");
  if (wecom.bot && wecom.bot->transport == "webhook" && wecom.webhooks.empty())
    section.warning("bot",
                    "a webhook can only answer within the hour: reminders in groups need transport = \"stream\", or webhooks = "
                    "[ … ]");
}

void read_wecom(Section& section, Taken& taken, Taken& bots, Reading& reading) {
  WeCom wecom;
  wecom.id = read_app_id(section, "wecom", taken, reading);
  wecom.corp_id = section.required("corp_id", "corp_id = \"ww…\" of the administration console");
  if (auto app = section.table("app")) wecom.app = read_wecom_app(*app, reading);
  if (auto bot = section.table("bot")) wecom.bot = read_wecom_bot(*bot, reading);
  Taken chats;
  for (auto& hook : section.tables("webhooks")) {
    WeComWebhook webhook;
    webhook.chat = ChatId(hook.required("chat", "chat = the group's id"));
    if (!webhook.chat.empty() && !chats.insert(webhook.chat.value).second)
      hook.error("chat", "this group has a webhook above; leave one out");
    webhook.key = read_secret(hook, "key", reading, true);
    hook.done();
    wecom.webhooks.push_back(std::move(webhook));
  }
  if (!section.has("app") && !section.has("bot"))
    section.error("", "neither app nor bot: nothing could be received; write app = { … } or bot = { … }");
  wecom.api_base = read_base(section, "api_base", wecom.api_base, Base::http);
  wecom.stream_base = read_base(section, "stream_base", wecom.stream_base, Base::websocket);
  warn_of_gaps(section, wecom);
  if (wecom.bot && wecom.bot->transport == "stream" && !wecom.bot->bot_id.empty() && !bots.insert(wecom.bot->bot_id).second)
    section.error("bot", "an entry above has this bot: the platform holds one connection for it; leave one out");
  section.done();
  reading.draft.config.wecom.push_back(std::move(wecom));
}

}  // namespace

void read_apps(Section& root, Reading& reading) {
  Taken feishu, dingtalk, wecom, bots;
  for (auto& section : root.tables("feishu")) read_feishu(section, feishu, reading);
  for (auto& section : root.tables("dingtalk")) read_dingtalk(section, dingtalk, reading);
  for (auto& section : root.tables("wecom")) read_wecom(section, wecom, bots, reading);
}

}  // namespace xieban::config
