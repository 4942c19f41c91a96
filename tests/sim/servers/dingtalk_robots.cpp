#include "tests/sim/servers/dingtalk_robots.hpp"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "bot/crypto/crypto.hpp"
#include "tests/sim/servers/dingtalk_answers.hpp"
#include "tests/sim/servers/dingtalk_groups.hpp"

namespace xieban::sim::dingtalk {

using nlohmann::json;

namespace {

constexpr Duration minute{60 * 1000};
constexpr Duration session_life{5'400'000};
constexpr Duration robot_block{10 * 60 * 1000};
constexpr std::int64_t sign_window = 3'600'000;
constexpr std::size_t most_people = 20;
constexpr std::size_t most_mentions = 50;

const json* custom_robot(const World& world, const std::string& key) {
  for (const json& app : world.all().at("apps")) {
    if (!app.contains("robots")) continue;
    for (const json& robot : app["robots"]) {
      if (text_of(robot, "key") == key) return &robot;
    }
  }
  return nullptr;
}

Outcome answered(const std::optional<WebhookRefusal>& refusal) {
  return refusal ? oapi_refusal(refusal->errcode, refusal->text) : oapi_good(json::object());
}

}  // namespace

void Robots::clear() {
  sessions_.clear();
  blocked_.clear();
  said_once_.clear();
}

std::optional<Outcome> Robots::wrong_robot(const json& app, const json& body) const {
  const std::string code = text_of(body, "robotCode");
  if (code.empty()) return api_refusal("miss.param.robotCode", "robotCode is missing");
  const std::string chat = text_of(body, "openConversationId");
  if (code != robot_of(stage_.world, app, chat))
    return api_refusal("invalidParameter.robotCode.notExist", "no robot of this app");
  return std::nullopt;
}

std::optional<std::string> Robots::why_not_there(const json& app, const std::string& chat_id) const {
  if (chat_id.empty()) return "miss.openConversationId";
  const json* chat = stage_.world.chat(chat_id);
  if (chat == nullptr) return "invalid.openConversationId";
  if (chat->value("dissolved", false)) return "group.disbanded";
  if (chat->value("external", false)) return "conversation.org.notMatch";
  if (!app.value("robot", true)) return "bot.stopped";
  if (!chat->value("robot", true)) return "resource.not.found";
  return std::nullopt;
}

std::string Robots::show(Seen seen, const std::string& app, const std::string& chat, const std::string& to,
                         const std::string& key) {
  Shown shown;
  shown.id = stage_.ids.next("pqk") + "+/=";
  shown.app = app;
  shown.chat = to.empty() ? chat : "p2p_" + to;
  shown.to = to;
  shown.kind = std::move(seen.kind);
  shown.text = std::move(seen.text);
  shown.card = std::move(seen.card);
  shown.key = key;
  shown.sent_at = stage_.clock.now();
  return stage_.journal.show(std::move(shown)).id;
}

Outcome Robots::send_to_group(const json& app, const json& body) {
  if (auto wrong = wrong_robot(app, body)) return *wrong;
  const std::string chat = text_of(body, "openConversationId");
  if (auto why = why_not_there(app, chat)) return api_refusal(*why, chat);
  auto seen = read_template_message(body);
  if (!seen) return api_refusal(seen.error(), "msgKey or msgParam");
  if (!quotas_.take("group/" + chat, stage_.world.limit("group_per_minute", 0), minute))
    return api_refusal("send.too.fast", "too many messages to this group");
  const std::string key = show(std::move(*seen), text_of(app, "id"), chat, "", "");
  return api_good({{"processQueryKey", key}});
}

Outcome Robots::send_to_people(const json& app, const json& body) {
  if (auto wrong = wrong_robot(app, body)) return *wrong;
  const json users = body.value("userIds", json());
  if (!users.is_array() || users.empty()) return api_refusal("miss.param.userIds", "userIds is missing");
  if (users.size() > most_people) return api_refusal("invalidParameter.userIds.tooLong", "too many userIds");
  if (!app.value("robot", true)) return api_refusal("chatbotId.notAllow.sendOTO", "the robot is stopped");
  const auto seen = read_template_message(body);
  if (!seen) return api_refusal(seen.error(), "msgKey or msgParam");
  json invalid = json::array();
  json held = json::array();
  std::string key = stage_.ids.next("pqk") + "+/=";
  for (const json& user : users) {
    const std::string id = user.is_string() ? user.get<std::string>() : "";
    const json* person = stage_.world.person(id);
    if (person == nullptr || !person->value("active", true) || !person->value("visible", true)) {
      invalid.push_back(user);
    } else if (!quotas_.take("person/" + id, stage_.world.limit("person_per_minute", 0), minute)) {
      held.push_back(user);
    } else {
      key = show(*seen, text_of(app, "id"), "", id, "");
    }
  }
  if (invalid.size() == users.size()) return api_refusal("staffId.notExisted", "none of the userIds exists");
  return api_good({{"processQueryKey", key}, {"invalidStaffIdList", invalid}, {"flowControlledStaffIdList", held}});
}

Outcome Robots::ding(const json& app, const json& body) {
  if (stage_.world.limit("ding", 1) == 0) return api_missing_scope("Premium.Ding.Write");
  if (auto wrong = wrong_robot(app, body)) return *wrong;
  const json type = body.value("remindType", json());
  if (!type.is_number_integer() || type < 1 || type > 3) return api_refusal("miss.param.remindType", "remindType is 1, 2 or 3");
  const std::string content = text_of(body, "content");
  if (content.empty()) return api_refusal("miss.param.content", "content is missing");
  const json users = body.value("receiverUserIdList", json());
  const std::size_t most = type == 1 ? 200 : 20;
  if (!users.is_array() || users.empty()) return api_refusal("miss.param.receiverUserIdList", "nobody to remind");
  if (users.size() >= most) return api_refusal("ding.receivercount.limit", "too many receivers");
  const int quota = stage_.world.limit("ding_per_month", 0);
  if (!quotas_.take("ding", quota, std::chrono::hours(30 * 24)))
    return api_refusal("ding.serverquota.insufficient", "the credit for DING is used up");
  json failed = json::object();
  for (const json& user : users) {
    const std::string id = user.is_string() ? user.get<std::string>() : "";
    const json* person = stage_.world.person(id);
    if (person == nullptr || !person->value("active", true)) {
      failed["staffId.notExisted"].push_back(user);
      continue;
    }
    Seen seen;
    seen.text = content;
    Shown* shown = stage_.journal.find(show(std::move(seen), text_of(app, "id"), "", id, ""));
    shown->urgent = true;
  }
  return api_good({{"openDingId", stage_.ids.next("ding")}, {"failedList", failed}});
}

Outcome Robots::download(const json& app, const json& body) {
  if (auto wrong = wrong_robot(app, body)) return *wrong;
  const std::string code = text_of(body, "downloadCode");
  for (const json& one : app.value("files", json::array())) {
    if (!code.empty() && text_of(one, "code") == code) return api_good({{"downloadUrl", stage_.url + "/files/" + code}});
  }
  return api_refusal("invalidParameter.robotCode.downloadCode", "no such file of this robot");
}

Outcome Robots::file(const std::string& code) {
  for (const json& app : stage_.world.all().at("apps")) {
    for (const json& one : app.value("files", json::array())) {
      if (text_of(one, "code") != code) continue;
      Outcome outcome;
      outcome.response = HttpResponse(200, text_of(one, "content"), "application/octet-stream");
      outcome.accepted = true;
      return outcome;
    }
  }
  Outcome outcome;
  outcome.response = HttpResponse(404);
  return outcome;
}

// ---- webhooks ----------------------------------------------------------------------------------------

Robots::Session Robots::open_session(const std::string& app, const std::string& chat, const std::string& user) {
  Session session;
  session.name = stage_.ids.next("");
  session.until = stage_.clock.now() + session_life;
  sessions_[session.name] = Place{app, chat, user, session.until};
  return session;
}

std::optional<WebhookRefusal> Robots::show_webhook(const Place& place, const json& body, const std::string& key) {
  auto seen = read_webhook_message(body);
  if (!seen) return seen.error();
  if (object_of(body, "at").value("atUserIds", json::array()).size() > most_mentions)
    return WebhookRefusal{400002, "more than 50 atUserIds"};
  if (!place.chat.empty()) {
    const json* chat = stage_.world.chat(place.chat);
    if (chat == nullptr || chat->value("dissolved", false)) return WebhookRefusal{400013, "the group is disbanded"};
    if (!chat->value("robot", true)) return WebhookRefusal{400106, "the robot is not in the group"};
  }
  std::vector<std::string> mentions;
  for (const std::string& wanted : wanted_mentions(body, seen->text)) {
    std::string id = wanted;
    for (const json& person : stage_.world.all().at("people")) {
      if (!wanted.empty() && text_of(person, "mobile") == wanted) id = text_of(person, "id");
    }
    if (id == "@all" || stage_.world.member(place.chat, id)) mentions.push_back(id);
  }
  const std::string to = place.chat.empty() ? place.user : "";
  stage_.journal.find(show(std::move(*seen), place.app, place.chat, to, key))->mentions = std::move(mentions);
  return std::nullopt;
}

Outcome Robots::send_by_session(const HttpRequest& request) {
  const auto found = sessions_.find(request.param("session"));
  if (found == sessions_.end() || found->second.until <= stage_.clock.now())
    return oapi_refusal(300001, "the session is unknown or has expired");
  const int counted = stage_.world.limit("session_counts", 0);
  if (counted != 0 && !quotas_.take_push()) return oapi_refusal(90020, "the month's messages are used up");
  Outcome outcome = answered(show_webhook(found->second, json::parse(request.body, nullptr, false), ""));
  outcome.app = found->second.app;
  return outcome;
}

void Robots::answer_in_session(const std::string& session, const json& body) {
  const auto found = sessions_.find(session);
  if (found == sessions_.end() || !body.is_object() || text_of(body, "msgtype") == "empty") return;
  show_webhook(found->second, body, "");
}

std::optional<WebhookRefusal> Robots::robot_refuses(const HttpRequest& request, const json& robot, const std::string& key) {
  const TimePoint now = stage_.clock.now();
  const std::string secret = text_of(robot, "secret");
  if (!secret.empty()) {
    const std::string timestamp = request.param("timestamp");
    const std::int64_t age = now.time_since_epoch().count() - std::strtoll(timestamp.c_str(), nullptr, 10);
    if (std::abs(age) > sign_window) return WebhookRefusal{310000, "invalid timestamp"};
    const std::string sign = crypto::base64(crypto::hmac_sha256(secret, timestamp + "\n" + secret));
    if (sign != request.param("sign")) return WebhookRefusal{310000, "sign not match"};
  }
  const json keywords = robot.value("keywords", json::array());
  const auto in_message = [&](const json& word) { return request.body.find(word.get<std::string>()) != std::string::npos; };
  if (!keywords.empty() && std::ranges::none_of(keywords, in_message)) return WebhookRefusal{310000, "keywords not in content"};
  const WebhookRefusal too_fast{130101, "send too fast, exceed 20 times per minute"};
  if (now < blocked_[key]) return too_fast;
  if (!quotas_.take("custom/" + key, stage_.world.limit("custom_robot_per_minute", 20), minute)) {
    blocked_[key] = now + robot_block;
    return too_fast;
  }
  if (!quotas_.take_push()) return WebhookRefusal{90020, "the month's messages are used up"};
  return std::nullopt;
}

Outcome Robots::send_by_custom_robot(const HttpRequest& request) {
  const std::string key = request.param("access_token");
  const json* robot = key.empty() ? nullptr : custom_robot(stage_.world, key);
  if (robot == nullptr) return oapi_refusal(400101, "access_token is unknown");
  if (robot->value("stopped", false)) return oapi_refusal(400102, "the robot is stopped");
  if (request.headers.get("Content-Type").find("json") == std::string_view::npos)
    return oapi_refusal(43004, "Content-Type is not JSON");
  const json body = json::parse(request.body, nullptr, false);
  if (!body.is_object()) return oapi_refusal(40035, "missing JSON");
  const std::string once = text_of(body, "msgUuid");
  if (!once.empty() && said_once_.contains(key + "/" + once)) return oapi_good(json::object());
  if (auto refusal = robot_refuses(request, *robot, key)) return answered(refusal);
  const Place place{"", text_of(*robot, "chat"), "", {}};
  const auto refusal = show_webhook(place, body, once);
  if (!refusal && !once.empty()) said_once_.insert(key + "/" + once);
  return answered(refusal);
}

}  // namespace xieban::sim::dingtalk
