#include "adapters/feishu/check.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string_view>

#include "adapters/feishu/contacts.hpp"
#include "adapters/feishu/stream.hpp"
#include "bot/base/text.hpp"

namespace xieban::feishu {

using nlohmann::json;

namespace {

constexpr std::string_view no_chat = "oc_xieban_check";
constexpr std::string_view no_message = "om_xieban_check";
constexpr std::string_view no_person = "ou_xieban_check";
constexpr std::string_view no_task = "xieban_check";
constexpr std::string_view publish = "in the developer console, then publish a version";

constexpr std::string_view dissolve_mark = "dissolve";

constexpr std::int64_t scope_missing = 99991672;
constexpr std::int64_t bot_ability_off = 230006;

/// What the bot does, and the scopes of which any one lets it.
struct Right {
  Asks asks;
  bool error;
  std::vector<std::string_view> any_of;
  std::string_view without;
};
const std::array<Right, 7>& rights() {
  static const std::array<Right, 7> all = {
      Right{Asks::send, true, {"im:message:send_as_bot", "im:message", "im:message:send"}, "the bot cannot send anything"},
      Right{Asks::update,
            true,
            {"im:message:send_as_bot", "im:message", "im:message:update"},
            "cards stay as they were first sent"},
      Right{Asks::rouse, false, {"im:message.urgent"}, "urgent notices come as ordinary messages, without 加急"},
      Right{Asks::person,
            false,
            {"contact:contact.base:readonly", "contact:contact:readonly_as_app"},
            "the directory cannot be read: who is not configured stays a stranger, nobody who leaves is noticed, and the "
            "open_ids of [[person]] cannot be checked"},
      Right{Asks::mobile, false, {"contact:user.id:readonly"}, "the mobile numbers of [[person]] find no accounts"},
      Right{Asks::group, false, {"im:chat:readonly", "im:chat:read", "im:chat"}, "the chats of [[group]] cannot be checked"},
      Right{Asks::tasks,
            false,
            {"task:task:write", "task:task:writeonly"},
            "mirror_tasks is on, but action items do not come into people's lists of tasks"}};
  return all;
}

/// What arrives, and what would happen if it were tried, only the list of granted scopes tells.
const std::array<Right, 7>& untried() {
  static const std::array<Right, 7> all = {
      Right{Asks::granted,
            true,
            {"im:message.group_at_msg:readonly", "im:message.group_at_msg", "im:message.group_at_msg.include_bot:readonly",
             "im:message.group_msg", "im:message.group_msg:readonly"},
            "what people say to the bot in groups does not arrive"},
      Right{Asks::granted,
            true,
            {"im:message.p2p_msg:readonly", "im:message.p2p_msg"},
            "what people say to the bot in private does not arrive"},
      Right{Asks::granted,
            false,
            {"im:chat:readonly", "im:chat", "im:chat.members:bot_access"},
            "the bot is not told that it was added to a group or removed from it"},
      Right{Asks::granted, false, {"im:chat:create", "im:chat"}, "requests get no group of their own"},
      Right{Asks::granted,
            false,
            {"im:chat.members:write_only", "im:chat"},
            "who joins a request later is not added to its group"},
      Right{Asks::granted,
            false,
            {"im:chat.members:read", "im:chat:readonly", "im:chat"},
            "who is mentioned in a group without being in it is not told in private"},
      Right{Asks::granted, false, {"im:chat.announcement:write_only", "im:chat"}, "groups of requests get no announcement"}};
  return all;
}

/// Only where a type says so.
const Right& dissolving() {
  static const Right right{
      Asks::granted, false, {"im:chat:delete", "im:chat"}, "groups of requests stay, although own_group_after is \"dissolve\""};
  return right;
}

/// What the directory says of whom it names: without its scope a member is left out, and no call fails.
const std::array<Right, 5>& reading() {
  const auto right = [](std::string_view scope, std::string_view without) {
    return Right{Asks::granted, false, {scope, "contact:contact:readonly_as_app", "contact:contact:readonly"}, without};
  };
  static const std::array<Right, 5> all = {
      right("contact:user.base:readonly", "people who are not configured have no names"),
      right("contact:user.department:readonly", "people who are not configured are in no department and have no leader"),
      right("contact:department.base:readonly",
            "departments have no names: people who are not configured are in none, and platform_ids are not read"),
      right("contact:department.organize:readonly", "a department without a head does not get its leader"),
      right("contact:user.employee:readonly", "who has left is noticed by the event alone")};
  return all;
}

HttpRequest call(const char* method, std::string target, const Secret& token, const json& body = {}) {
  HttpRequest request(method, std::move(target));
  request.headers.set("Authorization", "Bearer " + token.reveal());
  if (!body.is_null()) {
    request.headers.set("Content-Type", "application/json; charset=utf-8");
    request.body = body.dump();
  }
  request.repeatable = true;  // nothing happens by it
  return request;
}

struct Said {
  json body;
  std::optional<std::int64_t> code;
  std::string message;
};
Said said(const HttpResponse& answer) {
  Said out;
  out.body = json::parse(answer.body, nullptr, false);
  if (!out.body.is_object()) return out;
  const auto code = out.body.find("code");
  if (code != out.body.end() && code->is_number_integer()) out.code = code->get<std::int64_t>();
  const auto message = out.body.find("msg");
  if (message != out.body.end() && message->is_string()) out.message = quotable(message->get<std::string>());
  return out;
}
std::string refusal(const Said& answer) { return fmt::format("the platform answers {} \"{}\"", *answer.code, answer.message); }

/// As the platform names them; of our own list when it names none.
std::vector<std::string> wanted_scopes(const Said& answer, const Right& right) {
  std::vector<std::string> names;
  const json error = answer.body.value("error", json::object());
  const json violations = error.is_object() ? error.value("permission_violations", json::array()) : json::array();
  for (const json& one : violations) {
    const json subject = one.is_object() ? one.value("subject", json()) : json();
    if (subject.is_string() && names.size() < 8) names.push_back(quotable(subject.get<std::string>()));
  }
  if (names.empty()) names.assign(right.any_of.begin(), right.any_of.end());
  return names;
}
Finding missing(const Right& right, const std::vector<std::string>& names) {
  const bool choice = names.size() > 1;
  return finding(right.error, {},
                 fmt::format("missing {} {}: {}; add {} under 权限管理 {}", choice ? "one of the scopes" : "scope",
                             fmt::join(names, ", "), right.without, choice ? "one of them" : "it", publish));
}
Finding ability_off() {
  return finding(true, {}, fmt::format("the bot ability is off; enable 机器人 under 添加应用能力 {}", publish));
}

std::vector<Finding> of_token(const Said& answer) {
  if (answer.code == 0) return {};
  if (answer.code == 10003) return {finding(true, "app_id", refusal(answer) + ": copy the App ID from 凭证与基础信息")};
  if (answer.code == 10014)
    return {finding(true, "app_id", refusal(answer) + ": there is no such app, or it is disabled; compare 凭证与基础信息")};
  if (answer.code == 10015)
    return {finding(true, "app_secret", refusal(answer) + ": it is not the secret of this app; copy it from 凭证与基础信息")};
  return {finding(true, "app_secret", refusal(answer) + " when asked for a token")};
}

/// Where to connect; empty: it does not say.
std::string stream_url(const Said& answer) {
  const json data = answer.body.value("data", json::object());
  const json url = data.is_object() ? data.value("URL", json()) : json();
  return url.is_string() ? url.get<std::string>() : std::string();
}

std::vector<Finding> of_stream(const std::string& host, const Said& answer) {
  if (answer.code == 0) {
    const std::string url = stream_url(answer);
    if (url.starts_with("wss://") || (url.starts_with("ws://") && host.starts_with("http://"))) return {};
    return {finding(true, "transport", "the platform offers a long connection without a wss:// address")};
  }
  const std::string what = refusal(answer) + " when asked for a long connection";
  if (passes_by_itself(*answer.code)) return {finding(false, "transport", what + ": it is busy, check again later")};
  const bool secret = answer.code == stream_code::forbidden || answer.code == stream_code::auth_failed;
  const bool brand = answer.code == stream_code::other_brand;
  const std::string_view known = stream_hint(*answer.code);
  const std::string_view hint = known.empty() ? "it is for 企业自建应用 only; or take transport = \"webhook\"" : known;
  return {finding(true, secret ? "app_secret" : brand ? "api_base" : "transport", fmt::format("{}: {}", what, hint))};
}

std::vector<Finding> of_bot(const std::string& bot_name, const Said& answer) {
  if (answer.code == bot_ability_off) return {ability_off()};
  if (answer.code != 0)
    return {finding(true, {},
                    fmt::format("{} when asked about the bot; enable 机器人 under 添加应用能力 {}", refusal(answer), publish))};
  const json bot = answer.body.value("bot", json::object());
  const json status = bot.is_object() ? bot.value("activate_status", json()) : json();
  const json name = bot.is_object() ? bot.value("app_name", json()) : json();
  std::vector<Finding> out;
  if (name.is_string() && !bot_name.empty() && name != bot_name)
    out.push_back(finding(false, "bot_name",
                          fmt::format("the app is called \"{}\" on the platform; write that, so that hints name who is there",
                                      quotable(name.get<std::string>()))));
  if (!status.is_number_integer() || status == 2) return out;
  constexpr std::array<std::string_view, 7> meanings = {"it waits to be installed",
                                                        "the company has disabled it",
                                                        "",
                                                        "it is installed and waits to be enabled",
                                                        "an upgrade waits to be enabled",
                                                        "its licence has run out",
                                                        "the company's plan has run out"};
  const auto number = status.get<std::int64_t>();
  const bool known = number >= 0 && number < static_cast<std::int64_t>(meanings.size());
  out.push_back(finding(true, {},
                        fmt::format("the bot is not active (activate_status {}): {}", number,
                                    known ? meanings[static_cast<std::size_t>(number)] : "see the developer console")));
  return out;
}

std::vector<Finding> of_granted(bool dissolves, const Said& answer) {
  if (answer.code != 0)
    return {finding(false, {}, refusal(answer) + " when asked which scopes are granted: whether events arrive is not checked")};
  std::set<std::string, std::less<>> granted;
  const json data = answer.body.value("data", json::object());
  const json scopes = data.is_object() ? data.value("scopes", json::array()) : json::array();
  for (const json& one : scopes) {
    const json name = one.is_object() ? one.value("scope_name", json()) : json();
    if (name.is_string() && one.value("grant_status", json()) == 1) granted.insert(name.get<std::string>());
  }
  std::vector<Finding> out;
  const auto look_at = [&](const Right& right) {
    if (std::ranges::any_of(right.any_of, [&](std::string_view scope) { return granted.contains(scope); })) return;
    out.push_back(missing(right, {std::string(right.any_of.front())}));
  };
  std::ranges::for_each(untried(), look_at);
  if (dissolves) look_at(dissolving());
  std::ranges::for_each(reading(), look_at);
  return out;
}

std::vector<Finding> of_mobile(const HttpResponse& response) {
  const auto read = FeishuContacts().read_mobile(response);
  if (read) return {};
  if (read.error().kind == ContactFault::Kind::absent)
    return {finding(false, {}, "nobody within 通讯录权限范围 of the app has this number")};
  return {finding(false, {}, "the platform answers " + read.error().detail + " when asked who has this number")};
}

std::vector<Finding> of_person(const std::string& open_id, const Said& answer) {
  if (answer.code == 0) {
    const json data = answer.body.value("data", json::object());
    const json user = data.is_object() ? data.value("user", json::object()) : json::object();
    const json status = user.is_object() ? user.value("status", json::object()) : json::object();
    if (status.is_object() && status.value("is_resigned", json(false)) == true)
      return {finding(false, {}, open_id + " has left the company")};
    return {};
  }
  if (answer.code == 41050)
    return {finding(false, {}, open_id + " is outside 通讯录权限范围 of the app: whether the id is right is not checked")};
  return {finding(true, {},
                  fmt::format("{}: {}; an open_id belongs to one app, take the one this app sees", open_id, refusal(answer)))};
}

std::vector<Finding> of_group(const std::string& chat, const Said& answer) {
  if (answer.code == 0) return {};
  return {finding(true, {}, fmt::format("{}: {}; add the bot to the group, or correct the id", chat, refusal(answer)))};
}

}  // namespace

Question token_question(const Settings& settings) {
  Question asked;
  asked.what = Asks::token;
  asked.request = HttpRequest("POST", "/open-apis/auth/v3/tenant_access_token/internal");
  asked.request.headers.set("Content-Type", "application/json; charset=utf-8");
  const json body = {{"app_id", settings.app_id}, {"app_secret", settings.app_secret.reveal()}};
  asked.request.body = body.dump(-1, ' ', false, json::error_handler_t::replace);
  asked.request.repeatable = true;
  return asked;
}

Question stream_question(const Settings& settings) {
  Question asked;
  asked.what = Asks::stream;
  asked.about = settings.stream_base.empty() ? settings.api_base : settings.stream_base;
  asked.request = *Stream(settings).open_request();
  asked.request.repeatable = true;
  return asked;
}

std::optional<std::string> stream_gateway(const HttpResponse& response) {
  const std::string url = stream_url(said(response));
  if (!url.starts_with("ws")) return std::nullopt;
  const auto path = url.find('/', url.find("://") + 3);
  return "http" + url.substr(2, path == std::string::npos ? path : path - 2);
}

std::vector<Question> app_questions(const Settings& settings, bool dissolves_groups, const Secret& with) {
  const std::string messages = "/open-apis/im/v1/messages";
  const std::string message = messages + "/" + std::string(no_message);
  const json text = {{"receive_id", no_chat}, {"msg_type", "text"}, {"content", R"({"text":"check"})"}};
  const json card = {{"content", R"({"schema":"2.0","config":{"update_multi":true},"body":{"elements":[]}})"}};
  const json people = {{"user_id_list", {no_person}}};
  std::vector<Question> out;
  const auto add = [&out](Asks what, HttpRequest request) {
    Question asked;
    asked.what = what;
    asked.request = std::move(request);
    out.push_back(std::move(asked));
  };
  add(Asks::bot, call("GET", "/open-apis/bot/v3/info", with));
  out.back().about = settings.bot_name;
  add(Asks::granted, call("GET", "/open-apis/application/v6/scopes", with));
  if (dissolves_groups) out.back().about = dissolve_mark;
  add(Asks::send, call("POST", messages + "?receive_id_type=chat_id", with, text));
  add(Asks::update, call("PATCH", message, with, card));
  add(Asks::rouse, call("PATCH", message + "/urgent_app?user_id_type=open_id", with, people));
  return out;
}

Question person_question(const std::string& open_id, const Secret& with) {
  Question asked;
  asked.what = Asks::person;
  asked.about = open_id;
  asked.request = call("GET", "/open-apis/contact/v3/users/" + open_id + "?user_id_type=open_id", with);
  return asked;
}

Question mobile_question(const std::string& mobile, const Secret& with) {
  Token token;
  token.value = with;
  Question asked;
  asked.what = Asks::mobile;
  asked.request = *FeishuContacts().ask_mobile(mobile, token);
  return asked;
}

Question group_question(const std::string& chat_id, const Secret& with) {
  Question asked;
  asked.what = Asks::group;
  asked.about = chat_id;
  asked.request = call("GET", "/open-apis/im/v1/chats/" + chat_id, with);
  return asked;
}

Question tasks_question(const Secret& with) {
  const json nothing = {{"task", {{"description", "check"}}}, {"update_fields", {"description"}}};
  Question asked;
  asked.what = Asks::tasks;
  asked.request = call("PATCH", "/open-apis/task/v2/tasks/" + std::string(no_task), with, nothing);
  return asked;
}

std::vector<Finding> findings(const Question& question, const HttpResponse& response) {
  const Said answer = said(response);
  if (!answer.code)
    return {finding(true, "api_base", fmt::format("HTTP {} that is no answer of the platform", response.status))};
  const auto right = std::ranges::find(rights(), question.what, &Right::asks);
  if (answer.code == scope_missing && right != rights().end()) return {missing(*right, wanted_scopes(answer, *right))};
  switch (question.what) {
    case Asks::token:
      return of_token(answer);
    case Asks::stream:
      return of_stream(question.about, answer);
    case Asks::bot:
      return of_bot(question.about, answer);
    case Asks::granted:
      return of_granted(question.about == dissolve_mark, answer);
    case Asks::person:
      return of_person(question.about, answer);
    case Asks::mobile:
      return of_mobile(response);
    case Asks::group:
      return of_group(question.about, answer);
    case Asks::send:
    case Asks::update:
    case Asks::rouse:
    case Asks::tasks:
      break;
  }
  // Any other refusal is about the chat, the message or the task that does not exist: the scope is there.
  if (answer.code == bot_ability_off) return {ability_off()};
  return {};
}

bool lacks_scope(const HttpResponse& response) { return said(response).code == scope_missing; }

}  // namespace xieban::feishu
