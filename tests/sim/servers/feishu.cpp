#include "tests/sim/servers/feishu.hpp"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "adapters/feishu/robot.hpp"
#include "bot/base/rng.hpp"
#include "bot/crypto/crypto.hpp"
#include "tests/sim/servers/feishu_card.hpp"

namespace xieban::sim {

using nlohmann::json;

namespace {

constexpr Duration second{1000};
constexpr Duration minute{60 * 1000};
constexpr Duration hour{3600 * 1000};
constexpr Duration day{24 * 3600 * 1000};
constexpr std::size_t most_text = 150 * 1024;

std::string dump(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

Outcome good(const json& data, const char* message = "success") {
  Outcome outcome;
  const json body = {{"code", 0}, {"msg", message}, {"data", data}};
  outcome.response = HttpResponse(200, dump(body), "application/json; charset=utf-8");
  outcome.accepted = true;
  return outcome;
}

Outcome flat(const json& body) {
  Outcome outcome;
  outcome.code = body.value("code", 0);
  outcome.response = HttpResponse(200, dump(body), "application/json; charset=utf-8");
  outcome.accepted = outcome.code == 0;
  return outcome;
}

std::vector<std::string> segments(std::string_view path) {
  std::vector<std::string> parts;
  while (!path.empty()) {
    const auto slash = path.find('/');
    if (slash != 0) parts.emplace_back(path.substr(0, slash));
    if (slash == std::string_view::npos) break;
    path.remove_prefix(slash + 1);
  }
  return parts;
}

/// The people a text message mentions; escaped mark-up is no mention.
std::vector<std::string> text_mentions(const std::string& text) {
  std::vector<std::string> found;
  constexpr std::string_view open = "<at user_id=\"";
  for (auto at = text.find(open); at != std::string::npos; at = text.find(open, at + 1)) {
    const auto begin = at + open.size();
    found.push_back(text.substr(begin, text.find('"', begin) - begin));
  }
  return found;
}

/// What an app without a list of its own has.
json every_scope() {
  return {"im:message:send_as_bot",      "im:message.urgent", "im:message.group_at_msg:readonly",
          "im:message.p2p_msg:readonly", "im:chat:readonly",  "contact:contact.base:readonly"};
}

std::string shown_text(std::string text) {
  for (const auto& [from, to] : {std::pair<std::string, std::string>{"&lt;", "<"}, {"&gt;", ">"}}) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + 1)) text.replace(at, from.size(), to);
  }
  return text;
}

}  // namespace

Feishu::Feishu(World& world, Journal& journal, const Clock& clock, std::uint64_t seed)
    : world_(world), journal_(journal), clock_(clock), state_(seed) {}

void Feishu::clear() {
  tokens_.clear();
  by_key_.clear();
  windows_.clear();
  refuse_ = false;
}

void Feishu::expire_tokens() { tokens_.clear(); }

std::string Feishu::id(const char* prefix) {
  Rng rng(++state_);
  std::string bytes;
  for (int i = 0; i < 2; ++i) {
    const std::uint64_t word = rng.next();
    bytes += crypto::hex(std::string_view(reinterpret_cast<const char*>(&word), sizeof word));
  }
  return prefix + bytes;
}

Outcome Feishu::business(std::int64_t code, const std::string& message, int status) {
  Outcome outcome;
  outcome.code = code;
  const json body = {{"code", code}, {"msg", message}, {"error", {{"log_id", "20261121000000SIM"}}}};
  outcome.response = HttpResponse(status, dump(body), "application/json; charset=utf-8");
  return outcome;
}

std::optional<Outcome> Feishu::missing_scope(const json& app, const std::vector<std::string>& any_of) {
  if (!app.contains("scopes")) return std::nullopt;
  const json& granted = app["scopes"];
  std::string names;
  json violations = json::array();
  for (const std::string& scope : any_of) {
    if (std::ranges::find(granted, json(scope)) != granted.end()) return std::nullopt;
    names += (names.empty() ? "" : ", ") + scope;
    violations.push_back({{"type", "action_privilege_required"}, {"subject", scope}});
  }
  const std::string text = "Access denied. One of the following scopes is required: [" + names + "]";
  Outcome outcome = business(99991672, text);
  outcome.response.body = dump({{"code", 99991672}, {"msg", text}, {"error", {{"permission_violations", violations}}}});
  return outcome;
}

std::optional<Outcome> Feishu::without_bot(const json& app) {
  if (app.value("bot", true)) return std::nullopt;
  return business(230006, "Bot ability is not activated.");
}

std::optional<Outcome> Feishu::over_limit(const std::string& what, const std::string& target) {
  const TimePoint now = clock_.now();
  const auto frequency = [&](const std::string& key, std::uint32_t count, Duration per, std::int64_t code,
                             int status) -> std::optional<Outcome> {
    const auto wait = windows_.take(key, count, per, now);
    if (!wait) return std::nullopt;
    Outcome outcome = business(code, "request trigger frequency limit", status);
    const auto seconds = std::max<std::int64_t>(1, std::chrono::ceil<std::chrono::seconds>(*wait).count());
    if (code == 99991400) outcome.response.headers.set("x-ogw-ratelimit-reset", std::to_string(seconds));
    return outcome;
  };
  const auto limit = [this](const char* name, int otherwise) {
    return static_cast<std::uint32_t>(world_.limit(name, otherwise));
  };
  if (auto over = frequency("api/s/" + what, limit("api_per_second", 50), second, 99991400, 429)) return over;
  if (auto over = frequency("api/m/" + what, limit("api_per_minute", 1000), minute, 99991400, 429)) return over;
  if (target.empty()) return std::nullopt;
  return frequency("to/" + target, limit("target_per_second", 5), second, 230020, 400);
}

Outcome Feishu::token(const HttpRequest& request) {
  const json body = json::parse(request.body, nullptr, false);
  if (!body.is_object()) return flat({{"code", 10003}, {"msg", "invalid param"}});
  const json* app = world_.app_by("app_id", body.value("app_id", ""));
  if (app == nullptr) {
    const bool well_formed = body.value("app_id", "").starts_with("cli_");
    return well_formed ? flat({{"code", 10014}, {"msg", "app id not exists"}})
                       : flat({{"code", 10003}, {"msg", "invalid param"}});
  }
  if (app->value("app_secret", "") != body.value("app_secret", ""))
    return flat({{"code", 10015}, {"msg", "app secret invalid"}});
  const TimePoint now = clock_.now();
  std::erase_if(tokens_, [now](const auto& entry) { return entry.second.until <= now; });
  for (const auto& [value, known] : tokens_) {
    if (known.app == app->value("id", "") && known.until - now >= std::chrono::minutes(30)) {
      const auto left = std::chrono::duration_cast<std::chrono::seconds>(known.until - now).count();
      return flat({{"code", 0}, {"msg", "ok"}, {"tenant_access_token", value}, {"expire", left}});
    }
  }
  const std::string value = id("t-");
  if (!refuse_) tokens_[value] = Token{app->value("id", ""), now + 2 * hour};
  Outcome outcome = flat({{"code", 0}, {"msg", "ok"}, {"tenant_access_token", value}, {"expire", 7200}});
  outcome.app = app->value("id", "");
  return outcome;
}

Outcome Feishu::send(const HttpRequest& request, const json& app, const std::string& reply_to) {
  if (auto missing = missing_scope(app, {"im:message:send_as_bot", "im:message", "im:message:send"})) return *missing;
  if (auto off = without_bot(app)) return *off;
  const json body = json::parse(request.body, nullptr, false);
  if (!body.is_object() || !body.value("content", json()).is_string() || !body.value("msg_type", json()).is_string()) {
    return business(230001, "Your request contains an invalid request parameter. ext=content");
  }
  std::string target = body.value("receive_id", "");
  const bool to_person = reply_to.empty() && request.param("receive_id_type") == "open_id";
  if (!reply_to.empty()) {
    const Shown* original = journal_.find(reply_to);
    if (original == nullptr) return business(230110, "The message is deleted.");
    target = original->chat;
  } else if (to_person) {
    const json* person = world_.person(target);
    if (person == nullptr) return business(99992351, "not a valid open_id");
    if (!person->value("active", true)) return business(230013, "Bot has NO availability to this user.");
  } else {
    if (request.param("receive_id_type") != "chat_id") return business(99992402, "field validation failed");
    if (world_.chat(target) == nullptr) return business(230002, "The bot can not be outside the group.");
  }
  if (auto over = over_limit("im.message.create", target)) return *over;

  const std::string uuid = body.value("uuid", "");
  if (uuid.size() > 50) return business(99992402, "field validation failed: uuid");
  if (!uuid.empty()) {
    const auto known = by_key_.find(app.value("id", "") + "/" + uuid);
    if (known != by_key_.end() && clock_.now() - known->second.at < hour) {
      const Shown* earlier = journal_.find(known->second.message);
      return good({{"message_id", known->second.message}, {"chat_id", earlier == nullptr ? "" : earlier->chat}});
    }
  }

  Shown shown;
  const std::string type = body["msg_type"];
  const std::string content = body["content"];
  if (type == "interactive") {
    if (auto refused = refuse_card(content)) return business(refused->code, refused->text);
    shown.card = json::parse(content);
    shown.kind = "card";
    shown.text = card_text(shown.card);
    shown.mentions = card_mentions(shown.card);
  } else if (type == "text") {
    if (content.size() > most_text) return business(230025, "The length of the message content reaches its limit");
    const json text = json::parse(content, nullptr, false);
    if (!text.is_object() || !text.value("text", json()).is_string()) return business(230001, "invalid content");
    shown.kind = "text";
    shown.mentions = text_mentions(text["text"]);
    shown.text = shown_text(text["text"]);
  } else {
    return business(230001, "unsupported msg_type " + type);
  }
  shown.id = id("om_");
  shown.app = app.value("id", "");
  shown.chat = to_person ? "p2p_" + target : target;
  if (to_person) shown.to = target;
  shown.key = uuid;
  shown.sent_at = clock_.now();
  if (!uuid.empty()) by_key_[shown.app + "/" + uuid] = Sent{shown.id, clock_.now()};
  const Shown& kept = journal_.show(std::move(shown));
  return good({{"message_id", kept.id}, {"chat_id", kept.chat}, {"msg_type", type}, {"body", {{"content", content}}}});
}

Outcome Feishu::update(const HttpRequest& request, const json& app, const std::string& message) {
  if (auto missing = missing_scope(app, {"im:message:update", "im:message", "im:message:send_as_bot"})) return *missing;
  if (auto off = without_bot(app)) return *off;
  if (auto over = over_limit("im.message.patch", "message/" + message)) return *over;
  const Shown* old = journal_.find(message);
  if (old == nullptr || old->app != app.value("id", "")) return business(230110, "The message is deleted.");
  if (clock_.now() - old->sent_at > 14 * day) return business(230031, "The message is not within the operable time range.");
  const json body = json::parse(request.body, nullptr, false);
  if (!body.is_object() || !body.value("content", json()).is_string()) return business(230001, "invalid content");
  const std::string content = body["content"];
  Shown next = *old;
  if (request.method == "PUT") {
    if (old->kind != "text") return business(230001, "This message type cannot be edited.");
    const json text = json::parse(content, nullptr, false);
    if (!text.is_object()) return business(230001, "invalid content");
    next.text = shown_text(text.value("text", ""));
  } else {
    if (old->kind != "card") return business(230001, "This message is not a card.");
    if (auto refused = refuse_card(content)) return business(refused->code, refused->text);
    next.card = json::parse(content);
    next.text = card_text(next.card);
    next.mentions = card_mentions(next.card);
  }
  ++next.version;
  journal_.show(std::move(next));
  return good(json::object());
}

Outcome Feishu::urgent(const HttpRequest& request, const json& app, const std::string& message) {
  if (auto missing = missing_scope(app, {"im:message.urgent"})) return *missing;
  if (auto off = without_bot(app)) return *off;
  if (auto over = over_limit("im.message.urgent_app", "")) return *over;
  if (request.param("user_id_type") != "open_id") return business(99992402, "field validation failed: user_id_type");
  const Shown* found = journal_.find(message);
  if (found == nullptr || found->app != app.value("id", ""))
    return business(230012, "The bot is not the sender of the message.");
  const json body = json::parse(request.body, nullptr, false);
  const json users = body.is_object() ? body.value("user_id_list", json()) : json();
  if (!users.is_array() || users.empty() || users.size() > 200) return business(230001, "invalid user_id_list");
  json invalid = json::array();
  for (const json& user : users) {
    const bool there = found->to == user || world_.member(found->chat, user.get<std::string>());
    if (!there) invalid.push_back(user);
  }
  if (invalid.size() < users.size()) {
    Shown next = *found;
    next.urgent = true;
    journal_.show(std::move(next));
  }
  return good({{"invalid_user_id_list", invalid}});
}

Outcome Feishu::robot(const HttpRequest& request, const std::string& key) {
  const json* app = nullptr;
  const json* robot = nullptr;
  for (const json& one : world_.all().at("apps")) {
    for (const json& candidate : one.value("robots", json::array())) {
      if (candidate.value("key", "") == key) {
        app = &one;
        robot = &candidate;
      }
    }
  }
  if (app == nullptr) return flat({{"code", 19001}, {"msg", "param invalid: incoming webhook access token invalid"}});
  if (request.body.size() > 20 * 1024) return flat({{"code", 9499}, {"msg", "Bad Request"}});
  const json body = json::parse(request.body, nullptr, false);
  if (!body.is_object()) return flat({{"code", 9499}, {"msg", "Bad Request"}});
  const std::string secret = robot->value("secret", "");
  if (!secret.empty()) {
    const std::string timestamp = body.value("timestamp", "");
    const bool fits = feishu::robot_signature(timestamp, Secret(secret)) == body.value("sign", "");
    const auto now = std::chrono::duration_cast<std::chrono::seconds>(clock_.now().time_since_epoch()).count();
    const bool fresh = !timestamp.empty() && std::abs(std::strtoll(timestamp.c_str(), nullptr, 10) - now) <= 3600;
    if (!fits || !fresh)
      return flat({{"code", 19021}, {"msg", "sign match fail or timestamp is not within one hour from current time"}});
  }
  if (windows_.take("robot/s/" + key, 5, second, clock_.now()) || windows_.take("robot/m/" + key, 100, minute, clock_.now())) {
    return flat({{"code", 11232}, {"msg", "frequency limited psm"}});
  }
  Shown shown;
  shown.id = id("om_");
  shown.chat = robot->value("chat", "");
  shown.kind = body.value("msg_type", "") == "interactive" ? "card" : "text";
  shown.text = body.value("content", json::object()).value("text", "");
  shown.card = body.value("card", json());
  shown.sent_at = clock_.now();
  journal_.show(std::move(shown));
  return flat({{"StatusCode", 0}, {"StatusMessage", "success"}, {"code", 0}, {"data", json::object()}, {"msg", "success"}});
}

Outcome Feishu::read(const HttpRequest& request, const json& app) {
  const auto parts = segments(request.path());
  const auto is = [&](std::initializer_list<const char*> pattern) {
    return parts.size() == pattern.size() &&
           std::equal(pattern.begin(), pattern.end(), parts.begin(),
                      [](const char* want, const std::string& got) { return *want == ':' || got == want; });
  };
  if (is({"open-apis", "bot", "v3", "info"})) {
    if (auto off = without_bot(app)) return *off;
    return flat({{"code", 0},
                 {"msg", "ok"},
                 {"bot",
                  {{"activate_status", app.value("activate_status", 2)},
                   {"app_name", app.value("bot_name", "协办")},
                   {"open_id", "ou_bot_" + app.value("id", "")}}}});
  }
  if (is({"open-apis", "application", "v6", "scopes"})) {
    json list = json::array();
    for (const json& scope : app.value("scopes", every_scope())) list.push_back({{"scope_name", scope}, {"grant_status", 1}});
    return good({{"scopes", std::move(list)}});
  }
  if (is({"open-apis", "im", "v1", "chats", ":id"}) || is({"open-apis", "im", "v1", "chats", ":id", "members"})) {
    const std::string narrow = parts.size() == 5 ? "im:chat:read" : "im:chat.members:read";
    if (auto missing = missing_scope(app, {narrow, "im:chat:readonly", "im:chat"})) return *missing;
    const json* chat = world_.chat(parts[4]);
    if (chat == nullptr) return business(232009, "Your request specifies a chat which has already been dissolved.");
    if (parts.size() == 5) {
      return good({{"name", chat->value("name", "")},
                   {"external", chat->value("external", false)},
                   {"chat_mode", "group"},
                   {"user_count", std::to_string(chat->value("members", json::array()).size())}});
    }
    json items = json::array();
    for (const json& member : chat->value("members", json::array())) {
      const json* person = world_.person(member);
      items.push_back(
          {{"member_id_type", "open_id"}, {"member_id", member}, {"name", person == nullptr ? "" : person->value("name", "")}});
    }
    return good({{"items", items}, {"has_more", false}, {"page_token", ""}, {"member_total", items.size()}});
  }
  if (is({"open-apis", "im", "v1", "chats"})) {
    if (auto missing = missing_scope(app, {"im:chat:readonly", "im:chat"})) return *missing;
    json items = json::array();
    for (const json& chat : world_.all().at("chats"))
      items.push_back(
          {{"chat_id", chat.value("id", "")}, {"name", chat.value("name", "")}, {"external", chat.value("external", false)}});
    return good({{"items", items}, {"has_more", false}, {"page_token", ""}});
  }
  if (is({"open-apis", "contact", "v3", "users", ":id"})) {
    if (auto missing = missing_scope(app, {"contact:contact.base:readonly", "contact:contact:readonly_as_app"}))
      return *missing;
    const json* person = world_.person(parts[4]);
    if (person == nullptr) return business(41012, "user id invalid");
    const bool active = person->value("active", true);
    return good({{"user",
                  {{"open_id", person->value("id", "")},
                   {"name", person->value("name", "")},
                   {"mobile", person->value("mobile", "")},
                   {"department_ids", person->value("departments", json::array())},
                   {"leader_user_id", person->value("manager", "")},
                   {"status", {{"is_resigned", !active}, {"is_activated", active}, {"is_frozen", false}}}}}});
  }
  if (is({"open-apis", "contact", "v3", "departments", ":id"})) {
    if (auto missing = missing_scope(app, {"contact:contact.base:readonly", "contact:contact:readonly_as_app"}))
      return *missing;
    const json* department = world_.department(parts[4]);
    if (department == nullptr) return business(40004, "no dept authority");
    return good({{"department",
                  {{"name", department->value("name", "")},
                   {"open_department_id", department->value("id", "")},
                   {"parent_department_id", department->value("parent", "0")},
                   {"leader_user_id", department->value("head", "")}}}});
  }
  return business(99992402, "no such interface: " + std::string(request.path()), 404);
}

Outcome Feishu::call(const HttpRequest& request) {
  const auto parts = segments(request.path());
  if (request.path() == "/open-apis/auth/v3/tenant_access_token/internal") return token(request);
  if (parts.size() == 5 && parts[1] == "bot" && parts[3] == "hook") return robot(request, parts[4]);

  const std::string_view authorization = request.headers.get("Authorization");
  if (!authorization.starts_with("Bearer ")) return business(99991661, "Missing access token for authorization.");
  const auto known = tokens_.find(std::string(authorization.substr(7)));
  if (known == tokens_.end() || known->second.until <= clock_.now())
    return business(99991663, "Invalid access token for authorization.");
  const json* app = world_.app_by("id", known->second.app);
  Outcome outcome;
  const bool message = parts.size() >= 4 && parts[1] == "im" && parts[2] == "v1" && parts[3] == "messages";
  if (message && request.method == "POST" && parts.size() == 4) {
    outcome = send(request, *app, "");
  } else if (message && request.method == "POST" && parts.size() == 6 && parts[5] == "reply") {
    outcome = send(request, *app, parts[4]);
  } else if (message && (request.method == "PATCH" || request.method == "PUT") && parts.size() == 5) {
    outcome = update(request, *app, parts[4]);
  } else if (message && request.method == "PATCH" && parts.size() == 6 && parts[5] == "urgent_app") {
    outcome = urgent(request, *app, parts[4]);
  } else if (request.method == "GET") {
    outcome = read(request, *app);
  } else {
    outcome = business(99992402, "no such interface: " + std::string(request.path()), 404);
  }
  outcome.app = known->second.app;
  return outcome;
}

// ---- events ------------------------------------------------------------------------------------------

HttpRequest Feishu::sealed(const json& app, const json& event) {
  HttpRequest request("POST", "/hook/feishu/" + app.value("id", "main"));
  const std::string key = app.value("encrypt_key", "");
  request.body = dump(event);
  request.headers.set("Content-Type", "application/json; charset=utf-8");
  if (key.empty()) return request;
  const std::string iv = id("").substr(0, 16);
  request.body = dump({{"encrypt", crypto::base64(iv + crypto::aes256_cbc_encrypt(crypto::sha256(key), iv, request.body))}});
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(clock_.now().time_since_epoch()).count();
  const std::string timestamp = std::to_string(seconds);
  const std::string nonce = std::to_string(state_ % 1000000);
  request.headers.set("X-Lark-Request-Timestamp", timestamp);
  request.headers.set("X-Lark-Request-Nonce", nonce);
  request.headers.set("X-Lark-Signature", crypto::sha256_hex(timestamp + nonce + key + request.body));
  return request;
}

json Feishu::message_event(const json& what, std::string& key, std::string& error) {
  const std::string user = what.value("user", "");
  const std::string chat = what.value("chat", "");
  if (world_.person(user) == nullptr) error = "unknown user " + user;
  const bool private_chat = chat.empty() || chat == "p2p_" + user;
  if (!private_chat && !world_.member(chat, user)) error = "unknown chat, or the user is no member: " + chat;
  std::string text = what.value("text", "");
  json mentions = json::array();
  int count = 0;
  for (const json& one : what.value("mentions", json::array())) {
    const std::string mentioned = one;
    const std::string placeholder = "@_user_" + std::to_string(++count);
    const json* app = world_.all().at("apps").empty() ? nullptr : &world_.all().at("apps").front();
    const bool bot = mentioned == "bot";
    const json* person = world_.person(mentioned);
    const std::string name = bot ? app->value("bot_name", "协办") : person == nullptr ? mentioned : person->value("name", "");
    mentions.push_back(
        {{"key", placeholder},
         {"id", {{"open_id", bot ? "ou_bot_" + app->value("id", "") : mentioned}, {"union_id", ""}, {"user_id", nullptr}}},
         {"mentioned_type", bot ? "bot" : "user"},
         {"name", name}});
    const auto at = text.find("@" + name);
    if (at != std::string::npos) {
      text.replace(at, name.size() + 1, placeholder);
    } else {
      text = placeholder + " " + text;
    }
  }
  key = what.value("id", id("om_"));
  const std::string created = std::to_string(clock_.now().time_since_epoch().count());
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
  const Shown* message = journal_.find(what.value("message", ""));
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
  if (found->in_form && found->button.value("form_action_type", "") == "submit")
    action["form_value"] = what.value("inputs", json::object());
  const std::string user = what.value("user", "");
  return json{
      {"operator", {{"open_id", user}, {"union_id", "on_" + user}, {"tenant_key", "sim"}}},
      {"token", id("c-")},
      {"action", std::move(action)},
      {"host", "im_message"},
      {"context",
       {{"open_message_id", message->id}, {"open_chat_id", message->to.empty() ? message->chat : "oc_p2p_" + message->to}}}};
}

std::optional<Feishu::Push> Feishu::push(const json& what, std::string& error) {
  const json& apps = world_.all().at("apps");
  const json* app = what.contains("app") ? world_.app_by("id", what["app"]) : apps.empty() ? nullptr : &apps.front();
  if (app == nullptr) {
    error = "no such app";
    return std::nullopt;
  }
  Push made;
  made.app = app->value("id", "main");
  made.id = what.value("id", id("ev"));
  const std::string kind = what.value("kind", "");
  if (kind == "raw") {
    made.request = HttpRequest("POST", "/hook/feishu/" + made.app);
    made.request.headers.set("Content-Type", "application/json");
    made.request.body =
        what.value("raw", json()).is_string() ? what["raw"].get<std::string>() : dump(what.value("raw", json()));
    return made;
  }
  const std::string token = app->value("verification_token", "");
  if (kind == "url_check") {
    made.request = sealed(*app, {{"challenge", made.id}, {"token", token}, {"type", "url_verification"}});
    made.repeats = false;
    return made;
  }
  json event;
  std::string type;
  std::string created = std::to_string(clock_.now().time_since_epoch().count());
  if (kind == "message") {
    type = "im.message.receive_v1";
    event = message_event(what, made.id, error);
    if (!error.empty()) return std::nullopt;
  } else if (kind == "press") {
    type = "card.action.trigger";
    created += "000";
    auto pressed = press_event(what, error);
    if (!pressed) return std::nullopt;
    event = std::move(*pressed);
    made.repeats = false;
  } else if (kind == "bot_added" || kind == "bot_removed" || kind == "chat_dissolved") {
    type = kind == "bot_added"     ? "im.chat.member.bot.added_v1"
           : kind == "bot_removed" ? "im.chat.member.bot.deleted_v1"
                                   : "im.chat.disbanded_v1";
    event = {{"chat_id", what.value("chat", "")},
             {"operator_id", {{"open_id", what.value("user", "")}}},
             {"external", false},
             {"name", ""}};
    if (kind != "bot_added") {
      json& chats = world_.chats();
      for (auto at = chats.begin(); at != chats.end();)
        at = at->value("id", "") == what.value("chat", "") ? chats.erase(at) : at + 1;
    }
  } else if (kind == "user_left") {
    type = "contact.user.deleted_v3";
    event = {{"object", {{"open_id", what.value("user", "")}}}};
    for (json& person : world_.people()) {
      if (person.value("id", "") == what.value("user", "")) person["active"] = false;
    }
  } else {
    error = "unknown kind " + kind;
    return std::nullopt;
  }
  const std::string event_id = kind == "message" ? id("ev") : made.id;
  made.request = sealed(*app, {{"schema", "2.0"},
                               {"header",
                                {{"event_id", event_id},
                                 {"event_type", type},
                                 {"create_time", created},
                                 {"token", token},
                                 {"app_id", app->value("app_id", "")},
                                 {"tenant_key", "sim"}}},
                               {"event", std::move(event)}});
  return made;
}

}  // namespace xieban::sim
