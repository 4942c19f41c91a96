// Callbacks of the smart bot: messages (100719) and events (101027), the same by address and by socket.
#include <algorithm>
#include <chrono>
#include <utility>

#include "bot/crypto/crypto.hpp"
#include "tests/sim/servers/answers.hpp"
#include "tests/sim/servers/wecom_events.hpp"

namespace xieban::sim::wecom {

using nlohmann::json;
using Kind = Bot::Question::Kind;

namespace {

constexpr std::size_t key_bytes = 32;

/// The day where WeCom's people are.
std::string day_of(TimePoint now) {
  return std::to_string(std::chrono::floor<std::chrono::days>(now + std::chrono::hours(8)).time_since_epoch().count());
}

}  // namespace

json Events::bot_head(const json& app, const Bot::Place& place, const std::string& id) {
  json body = {{"msgid", id},
               {"create_time", seconds_of(stage_.clock.now())},
               {"aibotid", text_of(object_of(app, "bot"), "bot_id")},
               {"chattype", place.group.empty() ? "single" : "group"},
               {"from", {{"userid", parts_.bot.outward(place.app, place.user)}}}};
  if (!place.group.empty()) body["chatid"] = place.group;
  return body;
}

Push Events::bot_push(Push made, const json& app, const char* cmd, const json& body, const Bot::Question& question) {
  made.channel = "bot";
  made.origin = {{"kind", static_cast<int>(question.kind)},
                 {"user", question.place.user},
                 {"group", question.place.group},
                 {"task", question.task},
                 {"message", question.message},
                 {"head", body}};
  if (made.via == Push::Via::stream) {
    made.frame = {{"cmd", cmd}, {"body", body}};
    return made;
  }
  const std::string key = stage_.ids.next("question-");
  Bot::Question asked = question;
  asked.via = Bot::Via::webhook;
  parts_.bot.ask(key, asked);
  made.origin["question"] = key;
  made.origin["plain"] = dump(body);
  made.request = sealed(app, true, dump(body), "");
  // How often messages are repeated is not known; a press and an entry come once.
  if (question.kind == Kind::message)
    made.repeats.assign(static_cast<std::size_t>(stage_.world.limit("bot_repeats", 2)),
                        std::chrono::seconds(stage_.world.limit("repeat_seconds", 5)));
  return made;
}

json Events::bot_message(const json& app, const json& what, const Bot::Place& place, const std::string& id, bool stream) {
  json body = bot_head(app, place, id);
  const json bot = object_of(app, "bot");
  if (!stream || stage_.world.limit("response_url_on_socket", 1) != 0) body["response_url"] = parts_.bot.response_url(place);
  if (what.contains("quote")) body["quote"] = {{"msgtype", "text"}, {"text", {{"content", text_of(what, "quote")}}}};
  // Any other kind of message, as the documentation shows it.
  const json content = object_of(what, "content");
  if (!content.empty()) {
    body.update(content);
    return body;
  }
  const json file = object_of(what, "file");
  if (!file.empty()) {
    const std::string type = file.value("type", "file");
    // By socket every address has its own key, by callback it is the callback's (100719).
    const std::string own = stage_.ids.next("").substr(0, key_bytes);
    const std::string key = stream ? own : crypto::unbase64(text_of(bot, "aes_key") + "=").value_or(own);
    body["msgtype"] = type;
    body[type] = {{"url", parts_.media.offer(text_of(file, "name"), text_of(file, "content"), key)}};
    if (stream) body[type]["aeskey"] = crypto::base64(key);
    return body;
  }
  std::string text = text_of(what, "text");
  // In a group the mention stays in the text.
  const std::string mention = "@" + bot.value("name", "协办");
  if (!place.group.empty() && text.find(mention) == std::string::npos) text = mention + " " + text;
  body["msgtype"] = "text";
  body["text"] = {{"content", text}};
  return body;
}

std::optional<Push> Events::to_bot(Push made, const json& app, const json& what, std::string& error) {
  const std::string kind = text_of(what, "kind");
  const std::string chat = text_of(what, "chat");
  Bot::Place place;
  place.app = text_of(app, "id");
  place.user = text_of(what, "user");
  if (!chat.empty() && chat != "bot:" + place.user) place.group = chat;
  if (!place.group.empty() && !stage_.world.member(chat, place.user)) error = "unknown chat, or the user is no member: " + chat;
  if (kind != "message" && kind != "enter" && kind != "feedback") error = "unknown kind " + kind;
  if (!error.empty()) return std::nullopt;
  if (kind == "enter") return bot_enters(std::move(made), app, place);
  if (kind == "feedback") {
    json body = bot_head(app, place, made.id);
    body["msgtype"] = "event";
    body["event"] = {{"eventtype", "feedback_event"},
                     {"feedback_event", {{"id", text_of(what, "feedback")}, {"type", what.value("type", 1)}}}};
    return bot_push(std::move(made), app, "aibot_event_callback", body, Bot::Question{Kind::silent, place, "", ""});
  }
  const json mentions = what.value("mentions", json::array());
  const json* group = place.group.empty() ? nullptr : stage_.world.chat(place.group);
  const bool there = group == nullptr ||
                     (group->value("robot", true) && !group->value("external", false) && !group->value("dissolved", false));
  const bool addressed = group == nullptr || std::ranges::find(mentions, json("bot")) != mentions.end();
  // In groups files reach nobody, and beside three messages in progress a fourth does not.
  const bool unheard_file = group != nullptr && what.contains("file");
  const bool busy = parts_.bot.in_progress(place.app, place.user) >= stage_.world.limit("messages_in_progress", 3);
  if (!there || !addressed || unheard_file || busy) {
    made.via = Push::Via::nothing;
    return made;
  }
  parts_.bot.heard(place);
  const json body = bot_message(app, what, place, made.id, made.via == Push::Via::stream);
  return bot_push(std::move(made), app, "aibot_msg_callback", body, Bot::Question{Kind::message, place, "", ""});
}

std::optional<Push> Events::bot_enters(Push made, const json& app, const Bot::Place& place) {
  std::string& last = entered_[place.app + "/" + place.user];
  const std::string today = day_of(stage_.clock.now());
  // Once a day, and not again if nobody answered.
  if (last == today) {
    made.via = Push::Via::nothing;
    return made;
  }
  last = today;
  json body = bot_head(app, place, made.id);
  body["msgtype"] = "event";
  body["event"] = {{"eventtype", "enter_chat"}, {"enter_chat", json::object()}};
  return bot_push(std::move(made), app, "aibot_event_callback", body, Bot::Question{Kind::welcome, place, "", ""});
}

std::optional<Push> Events::bot_press(Push made, const json& app, const json& what, const Shown& on, std::string& error) {
  Bot::Place place;
  place.app = text_of(app, "id");
  place.user = text_of(what, "user");
  if (on.to.empty()) place.group = on.chat;
  const bool sees = on.to.empty() ? stage_.world.member(on.chat, place.user) : on.to == place.user;
  if (!sees || on.app != place.app) error = "not before " + place.user;
  const std::string action = text_of(what, "action");
  const auto pressed = error.empty() ? parts_.bot.press(on, place.user, action, object_of(what, "inputs")) : std::nullopt;
  if (!pressed && error.empty()) error = "the card has no button " + action + ", or not these inputs";
  if (!pressed) return std::nullopt;
  json event = {{"card_type", text_of(on.card, "card_type")}, {"event_key", pressed->key}, {"task_id", on.key}};
  if (!pressed->menu && !pressed->selected.empty()) {
    json items = json::array();
    for (const json& one : pressed->selected)
      items.push_back({{"question_key", one["question_key"]}, {"option_ids", {{"option_id", one["option_ids"]}}}});
    event["selected_items"] = {{"selected_item", items}};
  }
  json body = bot_head(app, place, made.id);
  if (made.via == Push::Via::webhook || stage_.world.limit("response_url_on_socket", 1) != 0)
    body["response_url"] = parts_.bot.response_url(place);
  body["msgtype"] = "event";
  body["event"] = {{"eventtype", "template_card_event"}, {"template_card_event", event}};
  return bot_push(std::move(made), app, "aibot_event_callback", body, Bot::Question{Kind::press, place, on.key, on.id});
}

}  // namespace xieban::sim::wecom
