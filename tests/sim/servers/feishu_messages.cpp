#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "adapters/feishu/robot.hpp"
#include "tests/sim/servers/answers.hpp"
#include "tests/sim/servers/feishu.hpp"
#include "tests/sim/servers/feishu_card.hpp"

namespace xieban::sim {

using nlohmann::json;

namespace {

constexpr Duration second{1000};
constexpr Duration minute{60 * 1000};
constexpr Duration hour{3600 * 1000};
constexpr Duration day{24 * 3600 * 1000};
constexpr std::size_t most_text = 150 * 1024;
constexpr std::string_view private_id = "oc_p2p_";  // of somebody's private chat, before their open_id

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

/// Styles are not shown as they are written; of a live link its text, and where it leads in sharp brackets.
std::string draw_marks(std::string text) {
  for (const std::string style : {"<b>", "</b>", "<i>", "</i>", "<u>", "</u>", "<s>", "</s>"})
    for (auto at = text.find(style); at != std::string::npos; at = text.find(style)) text.erase(at, style.size());
  for (auto middle = text.find("]("); middle != std::string::npos; middle = text.find("](", middle + 1)) {
    const auto open = text.rfind('[', middle);
    const auto close = text.find(')', middle);
    if (open == std::string::npos || close == std::string::npos) continue;
    const std::string label = text.substr(open + 1, middle - open - 1);
    const std::string link = label + "<link:" + text.substr(middle + 2, close - middle - 2) + ">";
    text.replace(open, close + 1 - open, link);
    middle = open;
  }
  return text;
}

/// What people see: escapes stand for their characters, and never open a mark.
std::string shown_text(const std::string& content) {
  const std::string text = draw_marks(content);
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view rest = std::string_view(text).substr(i);
    bool escape = false;
    for (const auto& [name, stands_for] :
         {std::pair<std::string_view, char>{"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&#91;", '['}, {"&#93;", ']'}}) {
      if (!rest.starts_with(name)) continue;
      out += stands_for;
      i += name.size() - 1;
      escape = true;
      break;
    }
    if (!escape) out += text[i];
  }
  return out;
}

/// A card that mentions somebody who is nobody there is refused whole.
std::optional<CardRefusal> refuse_card_of(const World& world, const std::string& content) {
  if (auto refused = refuse_card(content)) return refused;
  for (const std::string& user : card_mentions(json::parse(content)))
    if (user != "all" && world.person(user) == nullptr)
      return CardRefusal{230099,
                         "Failed to create card content, ext=ErrCode: 100290; ErrMsg: invalid user id; ErrorValue: " + user};
  return std::nullopt;
}

/// A mobile number as it is dialled.
bool shows_number(const std::string& text) {
  constexpr std::size_t length = 11;
  std::size_t digits = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && text[i] >= '0' && text[i] <= '9') {
      ++digits;
      continue;
    }
    if (digits == length && text[i - length] == '1') return true;
    digits = 0;
  }
  return false;
}

/// limits.audit is the code with which a company's audit holds back what shows a mobile number: 230022 or 230028; 0: none does.
std::optional<Outcome> held_back(const World& world, const std::string& text) {
  const int code = world.limit("audit", 0);
  if (code == 0 || !shows_number(text)) return std::nullopt;
  return Feishu::refusal(code, "The messages do NOT pass the audit.");
}

}  // namespace

Outcome Feishu::send(const HttpRequest& request, const json& app, const std::string& reply_to) {
  if (auto missing = missing_scope(app, {"im:message:send_as_bot", "im:message", "im:message:send"})) return *missing;
  if (auto off = without_bot(app)) return *off;
  const json body = json::parse(request.body, nullptr, false);
  if (!body.is_object() || !body.value("content", json()).is_string() || !body.value("msg_type", json()).is_string()) {
    return refusal(230001, "Your request contains an invalid request parameter. ext=content");
  }
  std::string target = body.value("receive_id", "");
  std::string reader;  // of a private chat
  if (!reply_to.empty()) {
    const Shown* original = stage_.journal.find(reply_to);
    if (original == nullptr) return refusal(230110, "The message is deleted.");
    target = original->chat;
  } else if (request.param("receive_id_type") == "open_id") {
    if (stage_.world.person(target) == nullptr) return refusal(99992351, "not a valid open_id");
    reader = target;
  } else {
    if (request.param("receive_id_type") != "chat_id") return refusal(99992402, "field validation failed");
    if (target.starts_with(private_id)) reader = target.substr(private_id.size());
    if ((reader.empty() ? stage_.world.chat(target) : stage_.world.person(reader)) == nullptr)
      return refusal(230002, "The bot can not be outside the group.");
    if (reader.empty() && !has_bot(*stage_.world.chat(target))) return refusal(230002, "The bot can not be outside the group.");
  }
  if (!reader.empty() && !stage_.world.person(reader)->value("active", true))
    return refusal(230013, "Bot has NO availability to this user.");
  if (auto over = over_limit(app, "im.message.create", target)) return *over;

  const std::string uuid = body.value("uuid", "");
  if (uuid.size() > 50) return refusal(99992402, "field validation failed: uuid");
  if (!uuid.empty()) {
    const auto known = by_key_.find(app.value("id", "") + "/" + uuid);
    if (known != by_key_.end() && stage_.clock.now() - known->second.at < hour) {
      const Shown* earlier = stage_.journal.find(known->second.message);
      return good({{"message_id", known->second.message}, {"chat_id", earlier == nullptr ? "" : earlier->chat}});
    }
  }

  Shown shown;
  const std::string type = body["msg_type"];
  const std::string content = body["content"];
  if (type == "interactive") {
    if (auto refused = refuse_card_of(stage_.world, content)) return refusal(refused->code, refused->text);
    shown.card = json::parse(content);
    shown.kind = "card";
    shown.text = card_text(shown.card);
    shown.mentions = card_mentions(shown.card);
  } else if (type == "text") {
    if (content.size() > most_text) return refusal(230025, "The length of the message content reaches its limit");
    const json text = json::parse(content, nullptr, false);
    if (!text.is_object() || !text.value("text", json()).is_string()) return refusal(230001, "invalid content");
    shown.kind = "text";
    shown.mentions = text_mentions(text["text"]);
    shown.text = shown_text(text["text"]);
  } else {
    return refusal(230001, "unsupported msg_type " + type);
  }
  if (auto held = held_back(stage_.world, shown.text)) return *held;
  shown.id = stage_.ids.next("om_");
  shown.app = app.value("id", "");
  shown.chat = reader.empty() ? target : "p2p_" + reader;
  shown.to = reader;
  shown.key = uuid;
  shown.sent_at = stage_.clock.now();
  if (!uuid.empty()) by_key_[shown.app + "/" + uuid] = Sent{shown.id, stage_.clock.now()};
  const Shown& kept = stage_.journal.show(std::move(shown));
  return good({{"message_id", kept.id}, {"chat_id", kept.chat}, {"msg_type", type}, {"body", {{"content", content}}}});
}

Outcome Feishu::update(const HttpRequest& request, const json& app, const std::string& message) {
  if (auto missing = missing_scope(app, {"im:message:update", "im:message", "im:message:send_as_bot"})) return *missing;
  if (auto off = without_bot(app)) return *off;
  if (auto over = over_limit(app, "im.message.patch", "message/" + message)) return *over;
  const Shown* old = stage_.journal.find(message);
  if (old == nullptr || old->app != app.value("id", "")) return refusal(230110, "The message is deleted.");
  if (stage_.clock.now() - old->sent_at > 14 * day)
    return refusal(230031, "The message is not within the operable time range.");
  const json body = json::parse(request.body, nullptr, false);
  if (!body.is_object() || !body.value("content", json()).is_string()) return refusal(230001, "invalid content");
  const std::string content = body["content"];
  Shown next = *old;
  if (request.method == "PUT") {
    if (old->kind != "text") return refusal(230001, "This message type cannot be edited.");
    const json text = json::parse(content, nullptr, false);
    if (!text.is_object()) return refusal(230001, "invalid content");
    next.text = shown_text(text.value("text", ""));
  } else {
    if (old->kind != "card") return refusal(230001, "This message is not a card.");
    if (auto refused = refuse_card_of(stage_.world, content)) return refusal(refused->code, refused->text);
    next.card = json::parse(content);
    next.text = card_text(next.card);
    next.mentions = card_mentions(next.card);
  }
  if (auto held = held_back(stage_.world, next.text)) return *held;
  ++next.version;
  stage_.journal.show(std::move(next));
  return good(json::object());
}

Outcome Feishu::urgent(const HttpRequest& request, const json& app, const std::string& message) {
  if (auto missing = missing_scope(app, {"im:message.urgent"})) return *missing;
  if (auto off = without_bot(app)) return *off;
  if (auto over = over_limit(app, "im.message.urgent_app", "")) return *over;
  if (request.param("user_id_type") != "open_id") return refusal(99992402, "field validation failed: user_id_type");
  const Shown* found = stage_.journal.find(message);
  if (found == nullptr || found->app != app.value("id", ""))
    return refusal(230012, "The bot is not the sender of the message.");
  const json body = json::parse(request.body, nullptr, false);
  const json users = body.is_object() ? body.value("user_id_list", json()) : json();
  if (!users.is_array() || users.empty() || users.size() > 200) return refusal(230001, "invalid user_id_list");
  json invalid = json::array();
  const json* chat = stage_.world.chat(found->chat);
  const bool in_group = chat != nullptr && has_bot(*chat);
  for (const json& user : users) {
    const bool there = found->to == user || (in_group && stage_.world.member(found->chat, user.get<std::string>()));
    if (!there) invalid.push_back(user);
  }
  if (invalid.size() < users.size()) {
    Shown next = *found;
    next.urgent = true;
    stage_.journal.show(std::move(next));
  }
  return good({{"invalid_user_id_list", invalid}});
}

Outcome Feishu::robot(const HttpRequest& request, const std::string& key) {
  const json* app = nullptr;
  const json* robot = nullptr;
  for (const json& one : stage_.world.all().at("apps")) {
    if (!one.contains("robots")) continue;
    for (const json& candidate : one["robots"]) {
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
    const auto now = std::chrono::duration_cast<std::chrono::seconds>(stage_.clock.now().time_since_epoch()).count();
    const bool fresh = !timestamp.empty() && std::abs(std::strtoll(timestamp.c_str(), nullptr, 10) - now) <= 3600;
    if (!fits || !fresh)
      return flat({{"code", 19021}, {"msg", "sign match fail or timestamp is not within one hour from current time"}});
  }
  if (windows_.take("robot/s/" + key, 5, second, stage_.clock.now()) ||
      windows_.take("robot/m/" + key, 100, minute, stage_.clock.now())) {
    return flat({{"code", 11232}, {"msg", "frequency limited psm"}});
  }
  Shown shown;
  shown.id = stage_.ids.next("om_");
  shown.chat = robot->value("chat", "");
  shown.kind = body.value("msg_type", "") == "interactive" ? "card" : "text";
  shown.text = body.value("content", json::object()).value("text", "");
  shown.card = body.value("card", json());
  shown.sent_at = stage_.clock.now();
  stage_.journal.show(std::move(shown));
  return flat({{"StatusCode", 0}, {"StatusMessage", "success"}, {"code", 0}, {"data", json::object()}, {"msg", "success"}});
}

}  // namespace xieban::sim
