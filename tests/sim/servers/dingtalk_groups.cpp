#include "tests/sim/servers/dingtalk_groups.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "tests/sim/servers/dingtalk_answers.hpp"

namespace xieban::sim::dingtalk {

using nlohmann::json;

namespace {

constexpr std::size_t most_title = 30;

std::size_t characters(const std::string& text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

bool may_join(const World& world, const std::string& user) {
  const json* person = world.person(user);
  return person != nullptr && person->value("active", true) && person->value("visible", true);
}

}  // namespace

std::string robot_of(const World& world, const json& app, const std::string& chat) {
  const json* found = world.chat(chat);
  const std::string own = found == nullptr ? std::string() : text_of(*found, "scene_robot");
  return own.empty() ? text_of(app, "client_id") : own;
}

Outcome Groups::create(const json& app, const json& body) {
  const json templates = object_of(app, "group_templates");
  const std::string wanted = text_of(body, "template_id");
  if (!templates.contains(wanted)) return api_refusal("invalidParameter.templateId", "no such group template");
  const std::string title = text_of(body, "title"), owner = text_of(body, "owner_user_id"), uuid = text_of(body, "uuid");
  if (title.empty() || characters(title) > most_title) return api_refusal("invalidParameter.title", "1 to 30 characters");
  if (!may_join(stage_.world, owner)) return api_refusal("invalidParameter.ownerUserId", "not visible to the app");
  json members = json::array({owner});
  for (const json& user : body.value("user_ids", json::array())) {
    if (!user.is_string() || !may_join(stage_.world, user))
      return api_refusal("invalidParameter.userIds.notVisible", dump(user));
    if (std::ranges::find(members, user) == members.end()) members.push_back(user);
  }
  const std::string key = text_of(app, "id") + "/" + uuid;
  const auto known = by_key_.find(key);
  if (uuid.empty() || known == by_key_.end()) {
    if (!quotas_.take("scene_groups", stage_.world.limit("scene_groups_per_day", 0), std::chrono::hours(24)))
      return api_refusal("group.create.overLimit", "too many groups today");
    const std::string id = stage_.ids.next("cid") + "==";
    stage_.world.chats().push_back({{"id", id},
                                    {"name", title},
                                    {"members", std::move(members)},
                                    {"external", false},
                                    {"owner", owner},
                                    {"scene_robot", templates[wanted]}});
    by_key_[key] = id;
  }
  return api_good({{"open_conversation_id", by_key_[key]}, {"chat_id", "chat" + by_key_[key].substr(3, 16)}});
}

Outcome Groups::add(const json& app, const json& body) {
  const std::string id = text_of(body, "open_conversation_id");
  json* chat = nullptr;
  for (json& one : stage_.world.chats())
    if (text_of(one, "id") == id && one.contains("scene_robot")) chat = &one;
  if (chat == nullptr || !app.is_object()) return oapi_refusal(400013, "no such scene group");
  std::string users = text_of(body, "user_ids");
  while (!users.empty()) {
    const auto comma = users.find(',');
    const std::string user = users.substr(0, comma);
    users = comma == std::string::npos ? std::string() : users.substr(comma + 1);
    if (!may_join(stage_.world, user)) return oapi_refusal(33012, "invalid userid " + user);
    json& members = (*chat)["members"];
    if (std::ranges::find(members, json(user)) == members.end()) members.push_back(user);
  }
  return oapi_good(json::object());
}

}  // namespace xieban::sim::dingtalk
