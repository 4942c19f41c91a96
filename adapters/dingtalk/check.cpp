#include "adapters/dingtalk/check.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <utility>

#include "adapters/dingtalk/api.hpp"
#include "adapters/dingtalk/card.hpp"
#include "adapters/dingtalk/contacts.hpp"
#include "adapters/dingtalk/groups.hpp"
#include "adapters/dingtalk/read.hpp"
#include "adapters/dingtalk/stream.hpp"
#include "bot/base/text.hpp"

namespace xieban::dingtalk {

using nlohmann::json;

namespace {

constexpr const char* nobody = "xieban_check";
constexpr std::string_view publish = "then publish a version of the app";
constexpr std::int64_t wrapped = 88;  // the old host's "see sub_code"
constexpr std::array<std::int64_t, 4> no_such_person = {33012, 60121, 40031, 46004};

constexpr std::string_view no_people = "nobody is looked up in the directory, and the userIds of [[person]] cannot be checked";

/// What the bot does, and the scope that lets it.
struct Right {
  Asks asks;
  bool error;
  std::string_view scope;
  std::string_view without;
};
constexpr std::array rights = {
    Right{Asks::send, true, "qyapi_robot_sendmsg", "the bot cannot send anything"},
    Right{Asks::card, false, "Card.Instance.Write", "cards come as texts with commands to type"},
    Right{Asks::card_template, false, "Card.Instance.Write", "cards come as texts with commands to type"},
    Right{Asks::ding, false, "Premium.Ding.Write", "urgent notices come as ordinary messages, without DING"},
    Right{Asks::department, false, "qyapi_get_department_list", "departments cannot be looked up"},
    Right{Asks::group, false, "qyapi_chat_manage", "requests get no group of their own"},
    Right{Asks::member, false, "qyapi_get_member", no_people},
    Right{Asks::person, false, "qyapi_get_member", no_people},
    Right{Asks::mobile, false, "qyapi_get_member_by_mobile", "the mobile numbers of [[person]] find no accounts"},
};

struct Said {
  bool understood = false;  // it is an answer of this platform
  std::string code;         // of the new host
  std::int64_t old_code = 0;
  std::string message;
  std::vector<std::string> scopes;
  json body;
};

Said said(const HttpResponse& answer) {
  Said out;
  out.body = parse(answer.body);
  out.code = quotable(text(either(out.body, "code", "Code")));
  const auto old_code = number(member(out.body, "errcode"));
  out.old_code = old_code.value_or(0);
  std::string message = text(either(out.body, "message", "Message"));
  if (message.empty()) message = text(either(out.body, "sub_msg", "errmsg"));
  out.message = quotable(std::move(message));
  const json* detail = either(out.body, "accessdenieddetail", "AccessDeniedDetail");
  if (detail == nullptr) detail = member(out.body, "accessDeniedDetail");
  if (detail != nullptr) {
    for (std::string& scope : texts(member(*detail, "requiredScopes"))) {
      if (out.scopes.size() < 8) out.scopes.push_back(quotable(std::move(scope)));
    }
  }
  out.understood = out.body.is_object() && (answer.status == 200 || !out.code.empty() || old_code);
  return out;
}

bool scope_missing(const Said& answer) {
  if (answer.code.ends_with("AccessTokenPermissionDenied")) return true;
  return answer.old_code == wrapped && text(answer.body, "sub_code") == "60011";
}

std::string refusal(const Said& answer) {
  const std::string code = answer.code.empty() ? std::to_string(answer.old_code) : answer.code;
  return fmt::format("the platform answers {} \"{}\"", code, answer.message);
}

Finding missing(const Right& right, const Said& answer) {
  std::vector<std::string> scopes = answer.scopes;
  if (scopes.empty()) scopes.emplace_back(right.scope);
  return finding(right.error, {},
                 fmt::format("missing scope {}: {}; add it under 权限管理 in the developer console, {}",
                             fmt::join(scopes, ", "), right.without, publish));
}

std::vector<Finding> of_token(const Said& answer, const HttpResponse& response) {
  if (response.status == 200 && !text(answer.body, "accessToken").empty()) return {};
  if (answer.code == "invalidClientIdOrSecret")
    return {finding(true, "client_secret", refusal(answer) + ": compare Client ID and Client Secret with 凭证与基础信息")};
  return {finding(true, "client_id", refusal(answer) + " when asked for a token")};
}

std::vector<Finding> of_stream(const Said& answer, const HttpResponse& response) {
  if (response.status == 200 && !text(answer.body, "endpoint").empty() && !text(answer.body, "ticket").empty()) return {};
  return {finding(true, "transport",
                  fmt::format("{} when asked for a long connection; set 消息接收模式 of the robot and 事件订阅 to Stream, {}",
                              refusal(answer), publish))};
}

std::vector<Finding> of_template(const Said& answer) {
  if (answer.code.starts_with("param.template") || answer.code == "param.cardTemplateIdEmpty")
    return {finding(false, "card_template",
                    refusal(answer) +
                        ": cards come as texts with commands to type; publish the template for this app, or write "
                        "\"none\"")};
  return {};
}

std::vector<Finding> of_person(const std::string& user, const Said& answer) {
  if (std::ranges::count(no_such_person, answer.old_code) > 0)
    return {
        finding(true, {}, fmt::format("{}: {}; take the userId of the organisation's address book", user, refusal(answer)))};
  if (answer.old_code != 0)
    return {finding(false, {}, fmt::format("{}: {}: whether the id is right is not checked", user, refusal(answer)))};
  const json* result = member(answer.body, "result");
  const json* active = result == nullptr ? nullptr : member(*result, "active");
  if (active != nullptr && !truth(active))
    return {finding(false, {}, user + " has not activated the account: messages may not be read")};
  return {};
}

std::vector<Finding> of_mobile(const Said& answer) {
  if (answer.old_code == 0) return {};
  if (std::ranges::count(no_such_person, answer.old_code) > 0)
    return {finding(false, {}, "nobody within 通讯录接口权限 of the app has this number")};
  return {finding(false, {}, refusal(answer) + " when asked who has this number")};
}

Question ask(Asks what, HttpRequest request) {
  Question asked;
  asked.what = what;
  asked.request = std::move(request);
  return asked;
}

/// A card that is delivered nowhere: the platform looks at the template first.
HttpRequest card_for_nobody(const Settings& settings, const Secret& with) {
  Outgoing message;
  message.chat.chat = ChatId(nobody);
  Card card;
  card.title = "check";
  return card_create(settings, with, message, nobody,
                     render(card, PressToken(), settings.client_secret, settings.card_template == "public"));
}

/// Nobody can lead it, so none is made: the platform looks at the scope first.
HttpRequest group_of_nobody(const Settings& settings, const Secret& with) {
  Outgoing message;
  message.key = nobody;
  message.group.emplace();
  message.group->name = "check";
  message.group->members = {PersonRef{PersonId(nobody), UserId(nobody), {}}};
  return *group_call(settings, with, message);
}

}  // namespace

Question token_question(const Settings& settings) { return ask(Asks::token, token_call(settings)); }

std::vector<Question> app_questions(const Settings& settings, const Secret& with) {
  std::vector<Question> out;
  if (settings.stream) out.push_back(ask(Asks::stream, *Stream(settings).open_request()));
  const std::string param = dump({{"content", "check"}});
  out.push_back(ask(Asks::send, group_message(settings.client_id, with, ChatId(nobody), "sampleText", param)));
  if (settings.card_template != "none") {
    out.push_back(ask(Asks::card, card_update(with, nobody, {{"title", "check"}})));
    out.push_back(ask(Asks::card_template, card_for_nobody(settings, with)));
  }
  out.push_back(ask(Asks::ding, ding(settings, with, {UserId(nobody)}, "check")));
  if (!settings.group_template.empty()) out.push_back(ask(Asks::group, group_of_nobody(settings, with)));
  out.push_back(ask(Asks::department, old_call(settings, "/topapi/v2/department/get", with, {{"dept_id", 1}})));
  // Whoever is known or not: strangers are looked up with this.
  out.push_back(ask(Asks::member, person_question(settings, nobody, with).request));
  return out;
}

Question person_question(const Settings& settings, const std::string& user, const Secret& with) {
  Question asked =
      ask(Asks::person, old_call(settings, "/topapi/v2/user/get", with, {{"userid", user}, {"language", "zh_CN"}}));
  asked.about = user;
  return asked;
}

Question mobile_question(const Settings& settings, const std::string& mobile, const Secret& with) {
  Token token;
  token.value = with;
  return ask(Asks::mobile, *DingTalkContacts(settings).ask_mobile(mobile, token));
}

std::optional<std::string> stream_gateway(const HttpResponse& response) {
  const std::string where = text(parse(response.body), "endpoint");
  if (!where.starts_with("wss://") && !where.starts_with("ws://")) return std::nullopt;
  const auto path = where.find('/', where.find("://") + 3);
  return "http" + where.substr(2, path == std::string::npos ? path : path - 2);
}

std::vector<Finding> findings(const Question& question, const HttpResponse& response) {
  const Said answer = said(response);
  constexpr std::array of_people = {Asks::department, Asks::member, Asks::person, Asks::mobile};
  const bool old_host = std::ranges::find(of_people, question.what) != of_people.end();
  if (!answer.understood)
    return {finding(true, old_host ? "oapi_base" : "api_base",
                    fmt::format("HTTP {} that is no answer of the platform", response.status))};
  if (answer.code.ends_with("IpNotInWhiteList"))
    return {finding(true, {}, refusal(answer) + ": add this host's address to the egress IP list under 安全设置")};
  const auto right = std::ranges::find(rights, question.what, &Right::asks);
  if (right != rights.end() && scope_missing(answer)) return {missing(*right, answer)};
  switch (question.what) {
    case Asks::token:
      return of_token(answer, response);
    case Asks::stream:
      return of_stream(answer, response);
    case Asks::card_template:
      return of_template(answer);
    case Asks::person:
      return of_person(question.about, answer);
    case Asks::mobile:
      return of_mobile(answer);
    case Asks::ding:
      if (response.status == 403) return {finding(false, {}, refusal(answer) + ": DING is not available to this organisation")};
      break;
    case Asks::send:
      if (answer.code.starts_with("invalidParameter.robotCode"))
        return {finding(true, {}, refusal(answer) + ": enable 机器人 under 添加应用能力 and publish it")};
      break;
    case Asks::card:
    case Asks::group:
    case Asks::department:
    case Asks::member:
      break;
  }
  // Any other refusal is about what does not exist: the scope is there.
  return {};
}

bool wants_own_token(const HttpResponse& response) {
  constexpr std::int64_t not_taken = 40014;
  return said(response).old_code == not_taken;
}

HttpRequest with_own_token(HttpRequest request, const Secret& token) {
  constexpr std::string_view name = "?access_token=";
  const auto at = request.target.find(name);
  if (at != std::string::npos)
    request.target = request.target.substr(0, at) + std::string(name) + percent_encode(token.reveal());
  return request;
}

bool lacks_scope(const HttpResponse& response) { return scope_missing(said(response)); }

}  // namespace xieban::dingtalk
