#include "adapters/dingtalk/groups.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "adapters/dingtalk/api.hpp"
#include "adapters/dingtalk/channels.hpp"
#include "adapters/dingtalk/read.hpp"

namespace xieban::dingtalk {

using nlohmann::json;

namespace {

constexpr Duration hour{3'600'000};

/// The fields stand at the top or under `result`, in either spelling.
std::string group_id(const json& body) {
  const json* inner = member(body, "result");
  for (const json* place : {&body, inner}) {
    if (place == nullptr) continue;
    if (std::string id = text(either(*place, "open_conversation_id", "openConversationId")); !id.empty()) return id;
  }
  return {};
}

/// Codes of the old host: "global error codes". Where it takes no token but its own (40014) no other one of the app helps.
Receipt group_refusal(std::int64_t code, std::string_view sub_code) {
  constexpr std::int64_t expired = 42001, not_taken = 40014, wrapped = 88;
  constexpr std::array<std::int64_t, 2> busy = {-1, 15}, too_fast = {90018, 90002};
  const std::string detail = "scene group: errcode " + std::to_string(code);
  if (code == expired || code == not_taken) {
    Receipt receipt(Outcome::token_expired, detail);
    receipt.own_token = code == not_taken;
    return receipt;
  }
  if (std::ranges::count(busy, code) > 0) return Receipt(Outcome::retry, detail);
  const bool hidden = code == wrapped && (sub_code == "90018" || sub_code == "90002");
  Receipt receipt(hidden || std::ranges::count(too_fast, code) > 0 ? Outcome::retry : Outcome::rejected, detail);
  if (receipt.outcome == Outcome::retry) receipt.retry_after = Duration{1000};
  return receipt;
}

}  // namespace

Channel scene_groups() {
  Channel made;
  made.id = groups_channel;
  made.reach = Reach::groups;
  made.forms.text = false;
  made.same_key = hour;
  GroupSkills skills;
  skills.name_chars = 30;
  skills.members = 100;
  made.groups = skills;
  return made;
}

Result<HttpRequest> group_call(const Settings& settings, const Secret& token, const Outgoing& message) {
  const auto cannot = [](const char* why) { return std::unexpected(Error(Errc::bad_input, why)); };
  if (!message.group || message.group->members.empty()) return cannot("a call about a group without people");
  const GroupCall& call = *message.group;
  HttpRequest request;
  if (call.step == GroupStep::make) {
    json people = json::array();
    for (const PersonRef& person : call.members) people.push_back(person.user.value);
    const json body = {{"title", call.name},
                       {"template_id", settings.group_template},
                       {"owner_user_id", call.members.front().user.value},
                       {"user_ids", std::move(people)},
                       {"uuid", message.key}};
    request = api_call("POST", "/v1.0/im/sceneGroup/create", token, body);
  } else if (call.step == GroupStep::add) {
    std::string people;
    for (const PersonRef& person : call.members) people += (people.empty() ? "" : ",") + person.user.value;
    request = old_call(settings, "/topapi/im/chat/scenegroup/member/add", token,
                       {{"open_conversation_id", message.chat.chat.value}, {"user_ids", people}});
  } else {
    return cannot("scene groups take no such call");
  }
  request.repeatable = true;
  return request;
}

Receipt read_group_answer(const Outgoing& sent, const json& body) {
  const auto code = number(member(body, "errcode"));
  if (code && *code != 0) return group_refusal(*code, text(body, "sub_code"));
  Receipt receipt(Outcome::delivered);
  receipt.provider_id = sent.group->step == GroupStep::make ? group_id(body) : sent.chat.chat.value;
  if (receipt.provider_id.empty()) return Receipt(Outcome::unknown, "scene group: no open_conversation_id");
  return receipt;
}

const std::string& robot_code(const Settings& settings, const Outgoing& message) {
  return message.own_chat && !settings.group_robot.empty() ? settings.group_robot : settings.client_id;
}

}  // namespace xieban::dingtalk
