#include "adapters/wecom/check.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "adapters/wecom/api.hpp"
#include "adapters/wecom/groups.hpp"
#include "adapters/wecom/read.hpp"

namespace xieban::wecom {

using nlohmann::json;

namespace {

constexpr const char* nobody = "xieban_check_nobody";
constexpr std::int64_t foreign_address = 60020, no_permission = 48002, not_seen_by_all = 60011;

struct Said {
  std::optional<std::int64_t> code;
  std::string message;
  json body;
};

Said said(const HttpResponse& answer) {
  Said out;
  out.body = parse(answer.body);
  out.code = number(member(out.body, "errcode"));
  out.message = quotable(text(out.body, "errmsg"));
  return out;
}

std::string refusal(const Said& answer) { return fmt::format("the platform answers {} \"{}\"", *answer.code, answer.message); }

std::vector<Finding> of_token(const Said& answer) {
  switch (*answer.code) {
    case 40013:
      return {finding(true, "corp_id", refusal(answer) + ": compare corp_id with 我的企业 → 企业信息 → 企业ID")};
    case 40001:
    case 40091:
      return {finding(true, "app.secret",
                      refusal(answer) + ": take the Secret of this very app (应用管理), not that of 通讯录同步")};
    default:
      return {finding(true, "app.secret", refusal(answer) + " when asked for a token")};
  }
}

std::vector<Finding> of_send(const Said& answer) {
  switch (*answer.code) {
    case 40056:
    case 301002:
      return {finding(true, "app.agent_id", refusal(answer) + ": take the AgentId that stands beside the app's Secret")};
    case no_permission:
      return {finding(true, "app", refusal(answer) + ": the app cannot send anything; use a self-built app (自建)")};
    default:
      return {};  // that nobody of that name exists
  }
}

std::vector<Finding> of_card(const Said& answer) {
  if (*answer.code != no_permission) return {};  // that nobody of that name exists
  // Before the first start it is so: the platform saves an URL only that answers.
  return {finding(false, "app.callback",
                  refusal(answer) +
                      " to a card with buttons: the app has no URL for received messages (接收消息 → 设置API接收); "
                      "save it there while the bot runs, or set callback = false")};
}

std::vector<Finding> of_person(const std::string& user, const Said& answer) {
  switch (*answer.code) {
    case 0: {
      const auto status = number(member(answer.body, "status"));
      constexpr std::int64_t active = 1;
      if (status && *status != active)
        return {finding(false, {}, user + " has not activated the account, or it is disabled: messages may not be read")};
      return {};
    }
    case 40003:
    case 60111:
      return {finding(true, {}, fmt::format("{}: {}; take the 帐号 of the address book", user, refusal(answer)))};
    case 60011:
      return {finding(true, {},
                      fmt::format("{}: {}; add this person to the app's visible range (可见范围)", user, refusal(answer)))};
    case no_permission:
      return {finding(false, "app", refusal(answer) + ": the userids of [[person]] cannot be checked")};
    default:
      return {finding(false, {}, fmt::format("{}: {}: whether the id is right is not checked", user, refusal(answer)))};
  }
}

std::vector<Finding> of_agent(const Said& answer) {
  if (*answer.code == no_permission) return {};  // what it may send has been asked already
  if (*answer.code != 0) return {finding(true, "app.agent_id", refusal(answer) + " when asked about the app")};
  if (number(member(answer.body, "close")).value_or(0) != 0)
    return {finding(true, "app", "the app is switched off: 应用管理 → the app → 启用")};
  const auto lists_some = [&](const char* list, const char* of) {
    const json* range = member(answer.body, list);
    const json* all = range == nullptr ? nullptr : member(*range, of);
    return all != nullptr && all->is_array() && !all->empty();
  };
  if (lists_some("allow_userinfos", "user") || lists_some("allow_partys", "partyid") || lists_some("allow_tags", "tagid"))
    return {};
  return {finding(true, "app", "nobody is in the app's visible range (可见范围): nobody is found or written to")};
}

std::vector<Finding> of_department(const std::string& id, const Said& answer) {
  switch (*answer.code) {
    case 0:
      return {};
    case 60003:
    case 60123:
      return {finding(true, {}, fmt::format("department {}: {}; take the number from 通讯录 → 部门ID", id, refusal(answer)))};
    case not_seen_by_all:
      return {finding(true, {},
                      fmt::format("department {}: {}; add it to the app's visible range (可见范围)", id, refusal(answer)))};
    case no_permission:
      return {finding(false, "app", refusal(answer) + ": the departments cannot be checked")};
    default:
      return {finding(false, {}, fmt::format("department {}: {}: whether it is right is not checked", id, refusal(answer)))};
  }
}

std::vector<Finding> of_robot(const std::string& chat, const Said& answer) {
  switch (*answer.code) {
    case 93000:
      return {finding(
          true, "webhooks",
          fmt::format("the robot of {}: {}; take the key from the robot's Webhook address again", chat, refusal(answer)))};
    case 93004:
    case 93008:
      return {finding(
          true, "webhooks",
          fmt::format("the robot of {}: {}; let it into the group again, or take its line out", chat, refusal(answer)))};
    default:
      return {};  // that there is no such kind of message: the key is known
  }
}

}  // namespace

Question token_question(const Settings& settings) {
  Question asked;
  asked.request = token_call(settings);
  return asked;
}

std::vector<Question> app_questions(const Settings& settings, const Secret& with) {
  Question asked;
  asked.what = Asks::send;
  asked.request = app_message(settings, with, UserId(nobody), markdown_body("check"));
  std::vector<Question> questions{std::move(asked)};
  if (!settings.app_cards()) return questions;
  const json card = {{"card_type", "button_interaction"},
                     {"task_id", nobody},
                     {"main_title", {{"title", "check"}}},
                     {"button_list", json::array({{{"text", "check"}, {"style", 1}, {"key", "check"}}})}};
  asked.what = Asks::card;
  asked.request = app_message(settings, with, UserId(nobody), card_body(card));
  questions.push_back(std::move(asked));
  return questions;
}

Question group_question(const Secret& with) {
  Question asked;
  asked.what = Asks::group;
  asked.request = appchat_question(with, ChatId("xiebancheck"));
  return asked;
}

Question person_question(const std::string& user, const Secret& with) {
  Question asked;
  asked.what = Asks::person;
  asked.request = user_call(with, UserId(user));
  asked.about = user;
  return asked;
}

Question department_question(const std::string& id, const Secret& with) {
  Question asked;
  asked.what = Asks::department;
  asked.request = department_call(with, id);
  asked.about = id;
  return asked;
}

Question agent_question(const Settings& settings, const Secret& with) {
  Question asked;
  asked.what = Asks::agent;
  asked.request = agent_call(settings, with);
  return asked;
}

Question robot_question(const ChatId& chat, const Secret& key) {
  Question asked;
  asked.what = Asks::robot;
  asked.request = robot_message(key, {{"msgtype", "xieban_check"}});
  asked.about = chat.value;
  return asked;
}

std::string stream_origin(const Settings& settings) {
  const auto scheme = settings.stream_base.find("://");
  const std::string host = settings.stream_base.substr(scheme == std::string::npos ? 0 : scheme + 3);
  return (settings.stream_base.starts_with("ws://") ? "http://" : "https://") + host.substr(0, host.find('/'));
}

std::vector<Finding> findings(const Question& question, const HttpResponse& response) {
  const Said answer = said(response);
  if (!answer.code)
    return {finding(true, "api_base", fmt::format("HTTP {} that is no answer of the platform", response.status))};
  if (*answer.code == foreign_address)
    return {finding(true, "app", refusal(answer) + ": add this host's address under 企业可信IP of the app")};
  switch (question.what) {
    case Asks::token:
      return *answer.code == 0 ? std::vector<Finding>() : of_token(answer);
    case Asks::send:
      return of_send(answer);
    case Asks::card:
      return of_card(answer);
    case Asks::group:
      if (*answer.code != not_seen_by_all && *answer.code != no_permission) return {};  // that no such group exists
      return {finding(
          false, "app",
          refusal(answer) + ": requests get no group of their own; set the visible range (可见范围) to the whole company")};
    case Asks::person:
      return of_person(question.about, answer);
    case Asks::department:
      return of_department(question.about, answer);
    case Asks::agent:
      return of_agent(answer);
    case Asks::robot:
      return of_robot(question.about, answer);
  }
  return {};
}

bool refuses_all(const HttpResponse& response) {
  const Said answer = said(response);
  return !answer.code || *answer.code == foreign_address || *answer.code == no_permission;
}

}  // namespace xieban::wecom
