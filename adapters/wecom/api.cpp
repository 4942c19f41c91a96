#include "adapters/wecom/api.hpp"

#include <nlohmann/json.hpp>
#include <utility>

#include "adapters/wecom/read.hpp"
#include "bot/ports/http.hpp"

namespace xieban::wecom {

using nlohmann::json;

namespace {

HttpRequest post(std::string target, const json& body) {
  HttpRequest request("POST", std::move(target));
  request.headers.set("Content-Type", "application/json");
  request.body = dump(body);
  return request;
}

std::string with_token(const char* path, const Secret& token) {
  return std::string(path) + "?access_token=" + percent_encode(token.reveal());
}

}  // namespace

HttpRequest token_call(const Settings& settings) {
  HttpRequest request("GET", "/cgi-bin/gettoken?corpid=" + percent_encode(settings.corp_id) +
                                 "&corpsecret=" + percent_encode(settings.app->secret.reveal()));
  request.repeatable = true;
  return request;
}

json markdown_body(const std::string& content) { return {{"msgtype", "markdown"}, {"markdown", {{"content", content}}}}; }

json text_body(const std::string& content) { return {{"msgtype", "text"}, {"text", {{"content", content}}}}; }

json card_body(json card) {
  json body = {{"msgtype", "template_card"}};
  body["template_card"] = std::move(card);
  return body;
}

HttpRequest app_message(const Settings& settings, const Secret& token, const UserId& to, json body) {
  body["touser"] = to.value;
  body["agentid"] = settings.app->agent_id;
  const bool card = body.contains("template_card");
  if (card) {
    // Its task_id is like no other one's, so that this never swallows a second message that says the same.
    body["enable_duplicate_check"] = 1;
    body["duplicate_check_interval"] = 1800;
  }
  HttpRequest request = post(with_token("/cgi-bin/message/send", token), body);
  request.repeatable = card;
  return request;
}

HttpRequest app_card_update(const Settings& settings, const Secret& token, const UserId& to, const std::string& response_code,
                            json card) {
  json body = {{"userids", {to.value}}, {"agentid", settings.app->agent_id}, {"response_code", response_code}};
  body["template_card"] = std::move(card);
  return post(with_token("/cgi-bin/message/update_template_card", token), body);
}

HttpRequest appchat_message(const Secret& token, const ChatId& chat, json body) {
  body["chatid"] = chat.value;
  return post(with_token("/cgi-bin/appchat/send", token), body);
}

HttpRequest user_call(const Secret& token, const UserId& user) {
  HttpRequest request("GET", with_token("/cgi-bin/user/get", token) + "&userid=" + percent_encode(user.value));
  request.repeatable = true;
  return request;
}

HttpRequest department_call(const Secret& token, const std::string& id) {
  HttpRequest request("GET", with_token("/cgi-bin/department/get", token) + "&id=" + percent_encode(id));
  request.repeatable = true;
  return request;
}

HttpRequest agent_call(const Settings& settings, const Secret& token) {
  HttpRequest request("GET", with_token("/cgi-bin/agent/get", token) + "&agentid=" + std::to_string(settings.app->agent_id));
  request.repeatable = true;
  return request;
}

HttpRequest plain_id_call(const Secret& token, const UserId& encrypted) {
  HttpRequest request("POST", with_token("/cgi-bin/batch/openuserid_to_userid", token));
  request.headers.set("Content-Type", "application/json");
  request.body = dump({{"open_userid_list", json::array({encrypted.value})}});
  request.repeatable = true;
  return request;
}

HttpRequest robot_message(const Secret& key, json body) {
  return post("/cgi-bin/webhook/send?key=" + percent_encode(key.reveal()), body);
}

HttpRequest response(const std::string& url, const json& body) {
  const auto scheme = url.find("://");
  const auto path = url.find('/', scheme == std::string::npos ? 0 : scheme + 3);
  HttpRequest request = post(path == std::string::npos ? std::string("/") : url.substr(path), body);
  request.origin = url.substr(0, path);
  return request;
}

SocketFrame welcome_frame(const std::string& reply_to, json body) {
  const json frame = {{"cmd", welcome_command}, {"headers", {{"req_id", reply_to}}}, {"body", std::move(body)}};
  SocketFrame made;
  made.bytes = dump(frame);
  return made;
}

SocketFrame bot_frame(const Outgoing& message, const std::string& reply_to, json body) {
  constexpr int single = 1, group = 2;
  // Without the type the platform guesses.
  body["chatid"] = message.to ? message.to->value : message.chat.chat.value;
  body["chat_type"] = message.to ? single : group;
  json frame = {{"cmd", reply_to.empty() ? "aibot_send_msg" : "aibot_respond_msg"}};
  if (!reply_to.empty()) frame["headers"] = {{"req_id", reply_to}};
  frame["body"] = std::move(body);
  SocketFrame made;
  made.bytes = dump(frame);
  return made;
}

}  // namespace xieban::wecom
