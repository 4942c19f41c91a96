#include "tests/sim/servers/dingtalk_events.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "tests/sim/servers/answers.hpp"
#include "tests/sim/servers/dingtalk_answers.hpp"
#include "tests/sim/servers/dingtalk_contacts.hpp"
#include "tests/sim/servers/dingtalk_groups.hpp"
#include "tests/sim/servers/dingtalk_seal.hpp"

namespace xieban::sim::dingtalk {

namespace asio = boost::asio;
using nlohmann::json;

namespace {

constexpr const char* robot_topic = "/v1.0/im/bot/messages/get";
constexpr const char* card_topic = "/v1.0/card/instances/callback";
constexpr Duration http_patience{2500}, stream_patience{3000}, card_patience{2000};
const std::vector<Duration> event_repeats = {Duration{10'000}, Duration{30'000}};
constexpr int robot_stream_repeats = 3;
constexpr std::size_t most_failed = 200;

std::string encrypted_id(const std::string& of) { return "$:LWCP_v1:$" + of; }

HttpRequest post(const json& app, const char* channel, const json& body) {
  HttpRequest request("POST", "/hook/dingtalk/" + text_of(app, "id") + "/" + channel);
  request.body = body.is_string() ? body.get<std::string>() : dump(body);
  return request;
}

void erase_name(std::string& text, const std::string& name) {
  const auto at = text.find("@" + name);
  if (at != std::string::npos) text.erase(at, name.size() + 1);
}

}  // namespace

std::string Events::now_text() const { return std::to_string(stage_.clock.now().time_since_epoch().count()); }

std::optional<Push> Events::push(const json& what, std::string& error) {
  const json& apps = stage_.world.all().at("apps");
  const json* app = what.contains("app") ? stage_.world.app_by("id", what["app"]) : apps.empty() ? nullptr : &apps.front();
  if (app == nullptr) {
    error = "no such app";
    return std::nullopt;
  }
  Push made;
  made.app = text_of(*app, "id");
  const std::string usual = app->value("transport", "stream");
  made.via = what.value("via", usual) == "stream" ? Push::Via::stream : Push::Via::webhook;
  const std::string kind = text_of(what, "kind");
  if (kind == "message") return message(std::move(made), *app, what, error);
  if (kind == "press") return press(std::move(made), what, error);
  made.id = what.value("id", stage_.ids.next(""));
  if (kind == "raw") return raw(std::move(made), *app, what);
  return change(std::move(made), *app, what, error);
}

// ---- robot messages ----------------------------------------------------------------------------------

json Events::robot_body(const json& app, const json& what, const std::string& id, bool in_private) {
  const std::string user = text_of(what, "user");
  const std::string chat = text_of(what, "chat");
  const json& person = *stage_.world.person(user);
  const std::string robot = encrypted_id("bot_" + text_of(app, "id"));
  std::string text = text_of(what, "text");
  const bool keep_names = stage_.world.limit("keep_mentions", 0) != 0;
  json at = json::array();
  for (const json& one : what.value("mentions", json::array())) {
    const std::string mentioned = one;
    const json* whom = stage_.world.person(mentioned);
    if (mentioned == "bot") {
      at.push_back({{"dingtalkId", robot}});
      if (!keep_names) erase_name(text, app.value("bot_name", "协办"));
    } else if (whom != nullptr) {
      at.push_back({{"dingtalkId", encrypted_id(mentioned)}, {"staffId", mentioned}, {"unionId", union_id(*whom)}});
      if (!keep_names) erase_name(text, text_of(*whom, "name"));
    }
  }
  const auto session = parts_.robots.open_session(text_of(app, "id"), in_private ? "" : chat, user);
  json body = {{"conversationId", in_private ? "cid_p2p_" + user : chat},
               {"conversationType", in_private ? "1" : "2"},
               {"msgId", id},
               {"msgtype", "text"},
               {"text", {{"content", text}}},
               {"createAt", stage_.clock.now().time_since_epoch().count()},
               {"senderId", encrypted_id(user)},
               {"senderNick", text_of(person, "name")},
               {"senderCorpId", text_of(app, "corp_id")},
               {"isAdmin", person.value("admin", false)},
               {"chatbotUserId", robot},
               {"chatbotCorpId", text_of(app, "corp_id")},
               {"robotCode", robot_of(stage_.world, app, in_private ? "" : chat)},
               {"sessionWebhook", stage_.url + "/robot/sendBySession?session=" + session.name},
               {"sessionWebhookExpiredTime", session.until.time_since_epoch().count()}};
  if (person.value("active", true)) {
    body["senderStaffId"] = user;
    body["senderUnionId"] = union_id(person);
  }
  if (!in_private) {
    body["conversationTitle"] = text_of(*stage_.world.chat(chat), "name");
    body["isInAtList"] = true;
    body["atUsers"] = at;
  }
  return body;
}

std::optional<Push> Events::message(Push made, const json& app, const json& what, std::string& error) {
  const std::string user = text_of(what, "user");
  const std::string chat = text_of(what, "chat");
  const bool in_private = chat.empty() || chat == "p2p_" + user;
  if (stage_.world.person(user) == nullptr) error = "unknown user " + user;
  if (!in_private && !stage_.world.member(chat, user)) error = "unknown chat, or the user is no member: " + chat;
  if (!error.empty()) return std::nullopt;
  made.id = what.value("id", stage_.ids.next("msg") + "==");
  made.channel = "robot";
  const json mentions = what.value("mentions", json::array());
  const bool addressed = in_private || std::ranges::find(mentions, json("bot")) != mentions.end();
  const json* group = in_private ? nullptr : stage_.world.chat(chat);
  const bool there = group == nullptr ||
                     (group->value("robot", true) && !group->value("external", false) && !group->value("dissolved", false));
  if (!addressed || !there || !app.value("robot", true)) {
    made.via = Push::Via::nothing;
    return made;
  }
  json body = robot_body(app, what, made.id, in_private);
  made.origin = {
      {"session", body["sessionWebhook"].get<std::string>().substr(body["sessionWebhook"].get<std::string>().find('=') + 1)}};
  if (!parts_.quotas.take_push()) {
    body.erase("text");
    body["errorCode"] = "20001";
    body["errorMessage"] = "the month's messages are used up";
  }
  if (made.via == Push::Via::webhook) {
    made.request = post(app, "robot", body);
    made.request.headers.set("Content-Type", "application/json; charset=utf-8");
    sign_robot(made.request, app, now_text());
    made.answer_within = http_patience;
    const auto count = static_cast<std::size_t>(stage_.world.limit("robot_http_repeats", 0));
    made.repeats.assign(count, event_repeats.front());
    return made;
  }
  made.answer_within = stream_patience;
  made.frame = {{"type", "CALLBACK"}, {"headers", {{"topic", robot_topic}}}, {"data", dump(body)}};
  if (stage_.world.limit("stream_same_message_id", 0) != 0) made.frame["headers"]["messageId"] = stage_.ids.next("mid_");
  // What nobody could hear is lost; what was sent and not acknowledged comes again.
  const int after = stage_.world.limit("stream_robot_repeat_seconds", 60);
  const bool heard = parts_.gateway.reaches(made.app, "CALLBACK", robot_topic);
  if (after != 0 && (heard || stage_.world.limit("stream_keeps_unheard", 0) != 0))
    made.repeats.assign(robot_stream_repeats, std::chrono::seconds(after));
  return made;
}

// ---- cards -------------------------------------------------------------------------------------------

std::optional<Push> Events::press(Push made, const json& what, std::string& error) {
  const auto pressed = parts_.cards.press(what, error);
  if (!pressed) return std::nullopt;
  const json& app = *stage_.world.app_by("id", pressed->app);
  made.id = what.value("id", stage_.ids.next("press"));
  made.app = pressed->app;
  made.channel = "card";
  made.origin = {{"track", pressed->track}, {"user", text_of(what, "user")}};
  made.answer_within = card_patience;
  made.via = Push::Via::nothing;
  if (pressed->goes == Cards::Press::Goes::http) {
    made.via = Push::Via::webhook;
    made.request = post(app, "card", pressed->body);
    made.request.headers.set("Content-Type", "application/json; charset=utf-8");
    sign_card(made.request, pressed->secret, now_text());
  } else if (pressed->goes == Cards::Press::Goes::stream) {
    made.via = Push::Via::stream;
    json body = pressed->body;
    body.update(pressed->extra);
    made.frame = {{"type", "CALLBACK"}, {"headers", {{"topic", card_topic}}}, {"data", dump(body)}};
    if (stage_.world.limit("stream_same_message_id", 0) != 0) made.frame["headers"]["messageId"] = stage_.ids.next("mid_");
  }
  return made;
}

// ---- events ------------------------------------------------------------------------------------------

Push Events::event(Push made, const json& app, const std::string& type, json fields) {
  const std::int64_t now = stage_.clock.now().time_since_epoch().count();
  const std::string corp = text_of(app, "corp_id");
  made.channel = "event";
  made.repeats = event_repeats;
  const bool exempt = type.starts_with("user_") || type.starts_with("org_") || type == "check_url";
  if (!exempt && !parts_.quotas.take_push()) {
    made.via = Push::Via::nothing;
    return made;
  }
  fields["timeStamp"] = now;
  fields["eventType"] = type;
  fields["corpId"] = corp;
  if (made.via == Push::Via::stream) {
    made.answer_within = stream_patience;
    made.frame = {{"type", "EVENT"},
                  {"headers",
                   {{"topic", "*"},
                    {"eventType", type},
                    {"eventId", made.id},
                    {"eventCorpId", corp},
                    {"eventBornTime", std::to_string(now)},
                    {"eventUnifiedAppId", "00000000-0000-0000-0000-" + made.app}}},
                  {"data", dump(fields)}};
    return made;
  }
  fields.update(
      {{"EventType", type}, {"EventTime", now}, {"CorpId", corp}, {"BizId", std::to_string(now)}, {"eventId", made.id}});
  made.answer_within = http_patience;
  made.origin = {{"type", type}, {"fields", fields}};
  made.request =
      sealed_event(app, dump(fields), now_text(), stage_.ids.next("").substr(0, 8), stage_.ids.next("").substr(0, 16));
  made.request.headers.set("Content-Type", "application/json; charset=utf-8");
  return made;
}

std::optional<Push> Events::change(Push made, const json& app, const json& what, std::string& error) {
  const std::string kind = text_of(what, "kind");
  const std::string user = text_of(what, "user");
  const std::string chat_id = text_of(what, "chat");
  const json in_chat = {{"openConversationId", chat_id}, {"chatId", "chat_" + chat_id}, {"operator", user}};
  if (kind == "url_check") {
    made.via = Push::Via::webhook;
    made = event(std::move(made), app, "check_url", json::object());
    made.repeats.clear();
    made.request =
        sealed_event(app, R"({"EventType":"check_url"})", now_text(), stage_.ids.next("").substr(0, 8), "0123456789abcdef");
    made.request.headers.set("Content-Type", "application/json; charset=utf-8");
    return made;
  }
  if (kind == "user_left") {
    for (json& person : stage_.world.people()) {
      if (text_of(person, "id") == user) person["active"] = false;
    }
    return event(std::move(made), app, "user_leave_org", {{"userId", json::array({user})}});
  }
  json* chat = nullptr;
  for (json& one : stage_.world.chats()) {
    if (text_of(one, "id") == chat_id) chat = &one;
  }
  if (kind != "bot_added" && kind != "bot_removed" && kind != "chat_dissolved") error = "unknown kind " + kind;
  if (error.empty() && chat == nullptr) error = "unknown chat " + chat_id;
  if (!error.empty()) return std::nullopt;
  if (kind == "chat_dissolved") {
    (*chat)["dissolved"] = true;
    if (stage_.world.limit("chat_events", 1) != 0) return event(std::move(made), app, "chat_disband", in_chat);
  } else {
    (*chat)["robot"] = kind == "bot_added";
    // Only a group's cool app tells of it.
    const bool told = kind == "bot_added" && stage_.world.limit("cool_app", 0) != 0;
    json fields = in_chat;
    fields.update({{"robotCode", text_of(app, "client_id")}, {"coolAppCode", "COOLAPP-1-SIM"}});
    if (told) return event(std::move(made), app, "im_cool_app_install", fields);
  }
  made.via = Push::Via::nothing;
  return made;
}

/// By stream the text of a frame; by HTTP the body of a robot message with a genuine signature, which covers no body.
Push Events::raw(Push made, const json& app, const json& what) {
  const json body = what.value("raw", json());
  made.channel = "raw";
  if (made.via == Push::Via::stream) {
    made.frame = body.is_string() ? body : json(dump(body));
    return made;
  }
  made.request = post(app, "robot", body);
  made.request.headers.set("Content-Type", "application/json; charset=utf-8");
  sign_robot(made.request, app, now_text());
  return made;
}

// ---- what comes back ---------------------------------------------------------------------------------

bool Events::answered(const Push& push, const HttpResponse& answer) {
  if (answer.status != 200) return false;
  const json body = json::parse(answer.body, nullptr, false);
  if (push.channel == "robot") parts_.robots.answer_in_session(text_of(push.origin, "session"), body);
  if (push.channel == "card") parts_.cards.answered(text_of(push.origin, "track"), text_of(push.origin, "user"), body);
  if (push.channel != "event") return true;
  const json* app = stage_.world.app_by("id", push.app);
  return app != nullptr && says_success(*app, answer.body);
}

asio::awaitable<Delivery> Events::send_on_stream(Push push, int attempt) {
  Delivery made;
  made.attempt = attempt;
  const TimePoint before = stage_.clock.now();
  if (push.channel == "raw") {
    const std::string text = push.frame;
    made.status = parts_.gateway.send_raw(push.app, text) ? 200 : 0;
    co_return made;
  }
  const auto ack = co_await parts_.gateway.push(push.app, push.frame, push.answer_within);
  made.ms = (stage_.clock.now() - before).count();
  made.status = ack.code;
  made.body = ack.data;
  const json data = json::parse(ack.data, nullptr, false);
  made.acked = ack.code == 200;
  if (push.channel == "event") made.acked = made.acked && data.is_object() && text_of(data, "status") == "SUCCESS";
  if (push.channel == "card" && made.acked && data.is_object()) {
    const json answer = object_of(data, "response");
    parts_.cards.answered(text_of(push.origin, "track"), text_of(push.origin, "user"), answer);
  }
  co_return made;
}

void Events::gave_up(const Push& push) {
  if (push.channel != "event" || push.via != Push::Via::webhook) return;
  const std::string type = text_of(push.origin, "type");
  failed_.push_back(
      {{"event_time", stage_.clock.now().time_since_epoch().count()}, {"call_back_tag", type}, {type, push.origin["fields"]}});
}

Outcome Events::failed() {
  const std::size_t count = std::min(failed_.size(), most_failed);
  const auto end = failed_.begin() + static_cast<std::ptrdiff_t>(count);
  const json list(std::vector<json>(failed_.begin(), end));
  failed_.erase(failed_.begin(), end);
  return oapi_good({{"has_more", !failed_.empty()}, {"failed_list", list}});
}

}  // namespace xieban::sim::dingtalk
