#include "adapters/dingtalk/api.hpp"

#include <nlohmann/json.hpp>
#include <utility>

#include "adapters/dingtalk/card.hpp"
#include "adapters/dingtalk/groups.hpp"
#include "adapters/dingtalk/hook.hpp"
#include "adapters/dingtalk/read.hpp"
#include "adapters/dingtalk/signature.hpp"
#include "bot/ports/http.hpp"

namespace xieban::dingtalk {

using nlohmann::json;

namespace {

constexpr std::string_view json_type = "application/json; charset=utf-8";
constexpr std::size_t most_called = 199;

/// The key under which this app's card callbacks are registered.
std::string route_key(const Settings& settings) {
  std::string key = "xieban-" + settings.app.value;
  for (char& c : key) c = c == ':' ? '-' : c;
  return key;
}

/// What session webhooks and custom robots take.
std::string text_with_mentions(const Outgoing& message) {
  std::string content;
  json people = json::array();
  for (const PersonRef& person : message.mentions) {
    // The mention shows where the text names the id, and only then.
    content += "@" + person.user.value + " ";
    people.push_back(person.user.value);
  }
  content += message.text;
  json body = {{"msgtype", "text"}, {"text", {{"content", content}}}, {"msgUuid", message.key}};
  if (!people.empty()) body["at"] = {{"atUserIds", std::move(people)}, {"isAtAll", false}};
  return dump(body);
}

}  // namespace

HttpRequest api_call(const char* method, std::string target, const Secret& token, const json& body) {
  HttpRequest request(method, std::move(target));
  request.headers.set("Content-Type", std::string(json_type));
  request.headers.set("Accept", "application/json");
  if (!token.empty()) request.headers.set("x-acs-dingtalk-access-token", token.reveal());
  request.body = dump(body);
  return request;
}

HttpRequest old_call(const Settings& settings, const std::string& path, const Secret& token, const json& fields) {
  HttpRequest request("POST", path + "?access_token=" + percent_encode(token.reveal()));
  request.origin = settings.oapi_base;
  // The documented form; bodies of JSON are taken in practice, too.
  request.headers.set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
  for (const auto& [name, value] : fields.items()) {
    request.body += request.body.empty() ? "" : "&";
    request.body += percent_encode(name) + "=" + percent_encode(value.is_string() ? value.get<std::string>() : dump(value));
  }
  return request;
}

HttpRequest token_call(const Settings& settings) {
  const json body = {{"appKey", settings.client_id}, {"appSecret", settings.client_secret.reveal()}};
  HttpRequest request = api_call("POST", "/v1.0/oauth2/accessToken", Secret(), body);
  request.repeatable = true;
  return request;
}

HttpRequest group_message(const std::string& robot, const Secret& token, const ChatId& chat, const char* key,
                          const std::string& param) {
  return api_call("POST", "/v1.0/robot/groupMessages/send", token,
                  {{"robotCode", robot}, {"openConversationId", chat.value}, {"msgKey", key}, {"msgParam", param}});
}

HttpRequest private_message(const Settings& settings, const Secret& token, const UserId& to, const std::string& key,
                            const std::string& param) {
  return api_call("POST", "/v1.0/robot/oToMessages/batchSend", token,
                  {{"robotCode", settings.client_id}, {"userIds", {to.value}}, {"msgKey", key}, {"msgParam", param}});
}

HttpRequest ding(const Settings& settings, const Secret& token, const std::vector<UserId>& people, const std::string& content) {
  constexpr int in_app = 1;
  json receivers = json::array();
  for (const UserId& person : people) {
    if (receivers.size() < most_called) receivers.push_back(person.value);
  }
  return api_call("POST", "/v1.0/robot/ding/send", token,
                  {{"robotCode", settings.client_id},
                   {"remindType", in_app},
                   {"receiverUserIdList", std::move(receivers)},
                   {"content", content}});
}

HttpRequest card_create(const Settings& settings, const Secret& token, const Outgoing& message, const std::string& track,
                        const json& values) {
  json body;
  body["cardTemplateId"] = settings.card_template == "public" ? public_template : settings.card_template;
  body["outTrackId"] = track;
  body["callbackType"] = settings.stream ? "STREAM" : "HTTP";
  if (!settings.stream) body["callbackRouteKey"] = route_key(settings);
  body["cardData"] = {{"cardParamMap", values}};
  body["userIdType"] = 1;
  if (message.to) {
    body["openSpaceId"] = "dtv1.card//IM_ROBOT." + message.to->value;
    body["imRobotOpenSpaceModel"] = {{"supportForward", false}};
    body["imRobotOpenDeliverModel"] = {{"spaceType", "IM_ROBOT"}, {"robotCode", settings.client_id}};
  } else {
    const json& title = values.at("title");
    body["openSpaceId"] = "dtv1.card//IM_GROUP." + message.chat.chat.value;
    body["imGroupOpenSpaceModel"] = {{"supportForward", false},
                                     {"lastMessageI18n", {{"ZH_CN", title}}},
                                     {"notification", {{"alertContent", title}, {"notificationOff", false}}}};
    body["imGroupOpenDeliverModel"] = {{"robotCode", robot_code(settings, message)}};
    json at = json::object();
    for (const PersonRef& person : message.mentions)
      at[person.user.value] = person.name.empty() ? person.user.value : person.name;
    if (!at.empty()) body["imGroupOpenDeliverModel"]["atUserIds"] = std::move(at);
  }
  HttpRequest request = api_call("POST", "/v1.0/card/instances/createAndDeliver", token, body);
  request.repeatable = true;  // under one outTrackId there is one card
  return request;
}

HttpRequest card_update(const Secret& token, const std::string& track, const json& values) {
  const json options = {{"updateCardDataByKey", true}, {"updatePrivateDataByKey", true}};
  HttpRequest request = api_call(
      "PUT", "/v1.0/card/instances", token,
      {{"outTrackId", track}, {"cardData", {{"cardParamMap", values}}}, {"cardUpdateOptions", options}, {"userIdType", 1}});
  request.repeatable = true;
  return request;
}

HttpRequest session_message(const Outgoing& message) {
  const std::string origin = origin_of(message.webhook);
  HttpRequest request("POST", message.webhook.substr(origin.size()));
  request.origin = origin;
  request.headers.set("Content-Type", std::string(json_type));
  request.body = text_with_mentions(message);
  return request;
}

HttpRequest robot_message(const Settings& settings, const CustomRobot& robot, const Outgoing& message) {
  HttpRequest request("POST", "/robot/send?access_token=" + percent_encode(robot.access_token.reveal()));
  request.origin = settings.oapi_base;
  request.headers.set("Content-Type", std::string(json_type));
  request.body = text_with_mentions(message);
  request.repeatable = true;  // msgUuid
  if (robot.secret.empty()) return request;
  request.stamp = [robot](HttpRequest& call, TimePoint now) {
    const std::string timestamp = std::to_string(now.time_since_epoch().count());
    call.target = robot_target(robot.access_token.reveal(), timestamp, robot.secret);
  };
  return request;
}

HttpRequest register_callback(const Settings& settings, const Secret& token, const std::string& url, bool force) {
  HttpRequest request = api_call("POST", "/v1.0/card/callbacks/register", token,
                                 {{"callbackRouteKey", route_key(settings)},
                                  {"callbackUrl", url},
                                  {"apiSecret", settings.card_secret.reveal()},
                                  {"forceUpdate", force}});
  request.repeatable = true;
  return request;
}

}  // namespace xieban::dingtalk
