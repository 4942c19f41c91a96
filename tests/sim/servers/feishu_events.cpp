#include <chrono>
#include <utility>

#include "bot/crypto/crypto.hpp"
#include "tests/sim/servers/answers.hpp"
#include "tests/sim/servers/feishu.hpp"
#include "tests/sim/servers/feishu_card.hpp"
#include "tests/sim/servers/feishu_contacts.hpp"

namespace xieban::sim {

using nlohmann::json;

namespace {

/// When an event that was not answered with 200 comes again (open.feishu.cn, event delivery).
/// "bot:NAME" mentions another app's bot.
constexpr std::string_view other_bot = "bot:";
const std::vector<Duration> repeats = {Duration{15000}, Duration{300000}, Duration{3600000}, Duration{21600000}};

}  // namespace

HttpRequest Feishu::sealed(const json& app, const json& event) {
  HttpRequest request("POST", "/hook/feishu/" + app.value("id", "main"));
  const std::string key = app.value("encrypt_key", "");
  request.body = dump(event);
  request.headers.set("Content-Type", "application/json; charset=utf-8");
  if (key.empty()) return request;
  const std::string iv = stage_.ids.next("").substr(0, 16);
  request.body = dump({{"encrypt", crypto::base64(iv + crypto::aes256_cbc_encrypt(crypto::sha256(key), iv, request.body))}});
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(stage_.clock.now().time_since_epoch()).count();
  const std::string timestamp = std::to_string(seconds);
  const std::string nonce = std::to_string(stage_.ids.count() % 1000000);
  request.headers.set("X-Lark-Request-Timestamp", timestamp);
  request.headers.set("X-Lark-Request-Nonce", nonce);
  request.headers.set("X-Lark-Signature", crypto::sha256_hex(timestamp + nonce + key + request.body));
  return request;
}

json Feishu::message_event(const json& what, std::string& key, std::string& error) {
  const std::string user = what.value("user", "");
  const std::string chat = what.value("chat", "");
  if (stage_.world.person(user) == nullptr) error = "unknown user " + user;
  const bool private_chat = chat.empty() || chat == "p2p_" + user;
  if (!private_chat && !stage_.world.member(chat, user)) error = "unknown chat, or the user is no member: " + chat;
  std::string text = what.value("text", "");
  json mentions = json::array();
  int count = 0;
  for (const json& one : what.value("mentions", json::array())) {
    const std::string mentioned = one;
    const std::string placeholder = "@_user_" + std::to_string(++count);
    const json* app = stage_.world.all().at("apps").empty() ? nullptr : &stage_.world.all().at("apps").front();
    const bool ours = mentioned == "bot";
    const bool other = mentioned.starts_with(other_bot);
    const json* person = stage_.world.person(mentioned);
    std::string name = person == nullptr ? mentioned : person->value("name", "");
    if (ours) name = app->value("bot_name", "协办");
    if (other) name = mentioned.substr(other_bot.size());
    json mention = {{"key", placeholder},
                    {"id",
                     {{"open_id", ours    ? "ou_bot_" + app->value("id", "")
                                  : other ? "ou_other_bot"
                                          : mentioned},
                      {"union_id", ""},
                      {"user_id", nullptr}}},
                    {"name", name}};
    // A newer member, that not every event has.
    if (stage_.world.limit("mention_types", 1) != 0) mention["mentioned_type"] = ours || other ? "bot" : "user";
    mentions.push_back(std::move(mention));
    const auto at = text.find("@" + name);
    if (at != std::string::npos) {
      text.replace(at, name.size() + 1, placeholder);
    } else {
      text = placeholder + " " + text;
    }
  }
  key = what.value("id", stage_.ids.next("om_"));
  const std::string created = std::to_string(stage_.clock.now().time_since_epoch().count());
  json message = {{"message_id", key},
                  {"create_time", created},
                  {"update_time", created},
                  {"chat_id", private_chat ? "oc_p2p_" + user : chat},
                  {"chat_type", private_chat ? "p2p" : "group"},
                  {"message_type", "text"},
                  {"content", dump({{"text", text}})}};
  if (!mentions.empty()) message["mentions"] = std::move(mentions);
  return {{"sender",
           {{"sender_id", {{"open_id", user}, {"union_id", "on_" + user}, {"user_id", ""}}},
            {"sender_type", "user"},
            {"tenant_key", "sim"}}},
          {"message", std::move(message)}};
}

std::optional<json> Feishu::press_event(const json& what, std::string& error) {
  const Shown* message = stage_.journal.find(what.value("message", ""));
  if (message == nullptr || message->kind != "card") {
    error = "unknown card " + what.value("message", "");
    return std::nullopt;
  }
  const auto found = find_button(message->card, what.value("action", ""));
  if (!found) {
    error = "the card has no button " + what.value("action", "");
    return std::nullopt;
  }
  json action = {{"tag", "button"}};
  for (const json& behavior : found->button.value("behaviors", json::array())) {
    if (behavior.value("type", "") == "callback") action["value"] = behavior["value"];
  }
  if (found->button.contains("name")) action["name"] = found->button["name"];
  // Whether a button in a form answers with its behaviors or with a value of its own is not known for sure.
  if (found->form.is_object() && stage_.world.limit("form_button_values", 0) != 0) {
    action.erase("name");
    action["value"] = found->button.value("value", json());
  }
  if (found->form.is_object() && found->button.value("form_action_type", "") == "submit") {
    const json inputs = what.value("inputs", json::object());
    if (const auto wrong = refuse_filled(found->form, inputs)) {
      error = *wrong;
      return std::nullopt;
    }
    action["form_value"] = inputs;
  }
  const std::string user = what.value("user", "");
  json operator_ids = {{"open_id", user}, {"union_id", "on_" + user}, {"tenant_key", "sim"}};
  // Some integrators see presses without an open_id.
  if (const json* person = stage_.world.person(user); person != nullptr && stage_.world.limit("press_user_ids", 0) != 0)
    operator_ids = {{"user_id", text_of(*person, "user_id")}, {"tenant_key", "sim"}};
  return json{
      {"operator", std::move(operator_ids)},
      {"token", stage_.ids.next("c-")},
      {"action", std::move(action)},
      {"host", "im_message"},
      {"context",
       {{"open_message_id", message->id}, {"open_chat_id", message->to.empty() ? message->chat : "oc_p2p_" + message->to}}}};
}

std::optional<Push> Feishu::push(const json& what, std::string& error) {
  const json& apps = stage_.world.all().at("apps");
  const json* app = what.contains("app") ? stage_.world.app_by("id", what["app"]) : apps.empty() ? nullptr : &apps.front();
  if (app == nullptr) {
    error = "no such app";
    return std::nullopt;
  }
  Push made;
  made.repeats = repeats;
  made.app = app->value("id", "main");
  const std::string usual = app->value("transport", "stream");
  made.via = what.value("via", usual) == "stream" ? Push::Via::stream : Push::Via::webhook;
  made.id = what.value("id", stage_.ids.next("ev"));
  const std::string kind = what.value("kind", "");
  if (kind == "raw") {
    made.request = HttpRequest("POST", "/hook/feishu/" + made.app);
    made.request.headers.set("Content-Type", "application/json");
    made.request.body =
        what.value("raw", json()).is_string() ? what["raw"].get<std::string>() : dump(what.value("raw", json()));
    made.frame = {{"type", "event"}, {"payload", made.request.body}};
    return made;
  }
  const std::string token = app->value("verification_token", "");
  if (kind == "url_check") {
    made.via = Push::Via::webhook;
    made.answer_within = Duration{1000};
    made.request = sealed(*app, {{"challenge", made.id}, {"token", token}, {"type", "url_verification"}});
    made.repeats.clear();
    return made;
  }
  json event;
  std::string type;
  std::string created = std::to_string(stage_.clock.now().time_since_epoch().count());
  if (kind == "message") {
    type = "im.message.receive_v1";
    event = message_event(what, made.id, error);
    if (!error.empty()) return std::nullopt;
    const json* chat = stage_.world.chat(what.value("chat", ""));
    if (chat != nullptr && !has_bot(*chat)) {
      made.via = Push::Via::nothing;
      return made;
    }
  } else if (kind == "press") {
    type = "card.action.trigger";
    created += "000";
    auto pressed = press_event(what, error);
    if (!pressed) return std::nullopt;
    event = std::move(*pressed);
    made.repeats.clear();
    made.kind = Push::Kind::press;
  } else if (kind == "bot_added" || kind == "bot_removed" || kind == "chat_dissolved") {
    type = kind == "bot_added"     ? "im.chat.member.bot.added_v1"
           : kind == "bot_removed" ? "im.chat.member.bot.deleted_v1"
                                   : "im.chat.disbanded_v1";
    event = {{"chat_id", what.value("chat", "")},
             {"operator_id", {{"open_id", what.value("user", "")}}},
             {"external", false},
             {"name", ""}};
    json* chat = nullptr;
    for (json& one : stage_.world.chats())
      if (one.value("id", "") == what.value("chat", "")) chat = &one;
    if (chat == nullptr) {
      error = "unknown chat " + what.value("chat", "");
      return std::nullopt;
    }
    event["external"] = chat->value("external", false);
    if (kind == "chat_dissolved")
      (*chat)["dissolved"] = true;
    else
      (*chat)["robot"] = kind == "bot_added";
  } else if (kind == "enter") {
    const std::string user = what.value("user", "");
    type = "im.chat.access_event.bot_p2p_chat_entered_v1";
    event = {{"chat_id", "oc_p2p_" + user},
             {"operator_id", {{"open_id", user}, {"union_id", "on_" + user}, {"user_id", ""}}},
             {"last_message_id", ""},
             {"last_message_create_time", ""}};
  } else if (kind == "menu") {
    type = "application.bot.menu_v6";
    event = {{"operator", {{"operator_id", {{"open_id", what.value("user", "")}, {"user_id", nullptr}}}}},
             {"event_key", what.value("key", "")},
             {"timestamp", stage_.clock.now().time_since_epoch().count() / 1000}};
  } else if (auto told = feishu_contact_event(stage_.world, what)) {
    type = std::move(told->type);
    event = std::move(told->event);
  } else {
    error = "unknown kind " + kind;
    return std::nullopt;
  }
  const std::string event_id = kind == "message" ? stage_.ids.next("ev") : made.id;
  const json envelope = {{"schema", "2.0"},
                         {"header",
                          {{"event_id", event_id},
                           {"event_type", type},
                           {"create_time", created},
                           {"token", token},
                           {"app_id", app->value("app_id", "")},
                           {"tenant_key", "sim"}}},
                         {"event", std::move(event)}};
  if (made.via == Push::Via::stream) {
    // Whether card callbacks come in frames of their own type is not known for sure.
    const bool as_card = kind == "press" && stage_.world.limit("stream_card_frames", 0) != 0;
    made.frame = {{"type", as_card ? "card" : "event"}, {"payload", dump(envelope)}};
  } else {
    made.request = sealed(*app, envelope);
  }
  return made;
}

int Feishu::refused_answer(const Push& push, const std::string& answer) const {
  if (push.kind != Push::Kind::press) return 0;
  const json body = json::parse(answer, nullptr, false);
  if (!body.is_object()) return 200672;
  if (body.contains("toast")) {
    const json& toast = body["toast"];
    if (!toast.is_object() || !toast.value("content", json()).is_string()) return 200672;
  }
  if (!body.contains("card")) return 0;
  const json& card = body["card"];
  const json data = card.is_object() && card.value("type", "") == "raw" ? card.value("data", json()) : json();
  if (!data.is_object()) return 200672;
  if (data.value("schema", json()) != "2.0") return 200830;
  return refuse_card(dump(data)) ? 200673 : 0;
}

std::shared_ptr<SocketUser> Feishu::upgrade(const HttpRequest& request, HttpResponse& refusal) {
  return gateway_.upgrade(request, refusal);
}

boost::asio::awaitable<Delivery> Feishu::send_on_stream(Push push, int attempt) {
  Delivery made;
  made.attempt = attempt;
  const TimePoint before = stage_.clock.now();
  std::string type = push.frame.at("type"), payload = push.frame.at("payload");
  const auto ack = co_await gateway_.push(push.app, std::move(type), std::move(payload), push.answer_within);
  made.ms = (stage_.clock.now() - before).count();
  made.status = ack.code;
  made.body = ack.data;
  made.refused = ack.code == 200 ? refused_answer(push, ack.data) : 0;
  made.acked = ack.code == 200 && made.refused == 0;
  co_return made;
}

Result<int> Feishu::disturb_stream(const json& what) { return gateway_.disturb(what); }

}  // namespace xieban::sim
