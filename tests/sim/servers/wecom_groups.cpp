#include "tests/sim/servers/wecom_groups.hpp"
#include "tests/sim/servers/wecom_codes.hpp"

#include <algorithm>
#include <utility>

namespace xieban::sim::wecom {

using nlohmann::json;

namespace {

constexpr std::size_t most_name = 50, most_chat_id = 32, least_members = 2, most_members = 2000;

}  // namespace

Refused Groups::refuse_app(const json& app, const std::string& chat, bool exists) const {
  // Only for apps that the whole company sees.
  if (!object_of(app, "app").value("whole_company", true))
    return Refusal{not_visible, "the app is not visible to the whole company"};
  if (!exists) return std::nullopt;
  const auto found = chats_.find(chat);
  if (found == chats_.end()) return Refusal{unknown_chat, "chatid does not exist"};
  if (found->second.app != text_of(app, "id")) return Refusal{foreign_chat, "the group is another app's"};
  return std::nullopt;
}

Refused Groups::add(std::vector<std::string>& members, const json& users) const {
  if (!users.is_array()) return Refusal{bad_member, "the members are no list"};
  for (const json& user : users) {
    const json* person = user.is_string() ? person_of(stage_.world, user) : nullptr;
    if (person == nullptr || !visible(*person)) return Refusal{bad_member, "invalid member " + dump(user)};
    const std::string id = text_of(*person, "id");
    if (std::ranges::find(members, id) == members.end()) members.push_back(id);
  }
  return std::nullopt;
}

Outcome Groups::create(const json& app, const json& body) {
  std::string id = text_of(body, "chatid");
  if (const auto why = refuse_app(app, id, false)) return refusal(*why);
  if (body.contains("chatid") && !only(id, "", most_chat_id))
    return refusal(bad_chat_id, "chatid has 1 to 32 letters and digits");
  if (chats_.contains(id)) return refusal(chat_exists, "chatid exists");
  Chat chat;
  chat.app = text_of(app, "id");
  chat.name = text_of(body, "name");
  if (characters(chat.name) > most_name) return refusal(bad_name, "name is too long");
  if (const auto why = add(chat.members, body.value("userlist", json()))) return refusal(*why);
  if (chat.members.size() < least_members || chat.members.size() > most_members) return refusal(bad_count, "2 to 2000 members");
  chat.owner = body.contains("owner") ? text_of(body, "owner") : chat.members.front();
  if (std::ranges::find(chat.members, chat.owner) == chat.members.end()) return refusal(bad_owner, "the owner is no member");
  if (!access_.take("appchats/" + text_of(app, "corp_id"), stage_.world.limit("appchats_per_day", 1000), day))
    return refusal(too_often, "too many groups today");
  if (id.empty()) id = stage_.ids.next("");
  chats_[id] = std::move(chat);
  list(id);
  return good({{"chatid", id}});
}

Outcome Groups::update(const json& app, const json& body) {
  const std::string id = text_of(body, "chatid");
  if (const auto why = refuse_app(app, id, true)) return refusal(*why);
  if (!access_.take("appchat_changes/" + text_of(app, "corp_id"), stage_.world.limit("appchat_changes_per_hour", 1000), hour))
    return refusal(too_often, "too many changes this hour");
  Chat next = chats_[id];
  if (body.contains("name")) next.name = text_of(body, "name");
  if (characters(next.name) > most_name) return refusal(bad_name, "name is too long");
  if (const auto why = add(next.members, body.value("add_user_list", json::array()))) return refusal(*why);
  const json leaving = body.value("del_user_list", json::array());
  std::erase_if(next.members, [&](const std::string& one) { return std::ranges::find(leaving, json(one)) != leaving.end(); });
  if (body.contains("owner")) next.owner = text_of(body, "owner");
  if (std::ranges::find(next.members, next.owner) == next.members.end()) return refusal(bad_owner, "the owner is no member");
  if (next.members.size() < least_members || next.members.size() > most_members) return refusal(bad_count, "2 to 2000 members");
  chats_[id] = std::move(next);
  list(id);
  return good();
}

void Groups::list(const std::string& id) {
  const Chat& chat = chats_[id];
  // No robot stands in it: what people say there is heard by nobody.
  const json entry = {{"id", id}, {"name", chat.name}, {"members", chat.members}, {"owner", chat.owner}, {"appchat", chat.app}};
  for (json& one : stage_.world.chats()) {
    if (text_of(one, "id") != id) continue;
    one = entry;
    return;
  }
  stage_.world.chats().push_back(entry);
}

Outcome Groups::get(const json& app, const std::string& id) {
  if (const auto why = refuse_app(app, id, true)) return refusal(*why);
  const Chat& chat = chats_[id];
  return good({{"chat_info", {{"chatid", id}, {"name", chat.name}, {"owner", chat.owner}, {"userlist", chat.members}}}});
}

std::string Groups::show(Seen seen, const std::string& app, const std::string& chat) {
  Shown shown;
  shown.id = stage_.ids.next("wm");
  shown.app = app;
  shown.chat = chat;
  shown.kind = std::move(seen.kind);
  shown.text = std::move(seen.text);
  shown.card = std::move(seen.card);
  shown.mentions = std::move(seen.mentions);
  shown.sent_at = stage_.clock.now();
  return stage_.journal.show(std::move(shown)).id;
}

Outcome Groups::send(const json& app, const json& body) {
  const std::string id = text_of(body, "chatid");
  if (const auto why = refuse_app(app, id, true)) return refusal(*why);
  if (!is_flag(body, "safe")) return refusal(bad_parameter, "safe is 0 or 1");
  auto seen = read_appchat_message(body, Bends(stage_.world));
  if (!seen) return refusal(seen.error());
  const Chat& chat = chats_[id];
  const std::string corp = text_of(app, "corp_id");
  bool anyone = false;
  for (const std::string& member : chat.members) {
    if (!access_.take("appchat_minute/" + corp, stage_.world.limit("appchat_people_per_minute", 20'000), minute) ||
        !access_.take("appchat_hour/" + corp, stage_.world.limit("appchat_people_per_hour", 150'000), hour))
      return refusal(too_often, "too many messages to groups");
    const std::string window = "appchat/" + chat.app + "/" + member;
    const bool in_minute = access_.take(window + "/minute", stage_.world.limit("appchat_member_per_minute", 200), minute);
    const bool in_day = access_.take(window + "/day", stage_.world.limit("appchat_member_per_day", 10'000), day);
    anyone = anyone || (in_minute && in_day);
  }
  const std::string shown = show(std::move(*seen), chat.app, id);
  // Each member's excess is lost silently; here it is when nobody is left who sees it.
  if (!anyone) stage_.journal.find(shown)->dropped = "member_limit";
  return good();
}

Groups::Robot Groups::find_robot(const HttpRequest& request) const {
  Robot made;
  made.key = request.param("key");
  for (const json& one : stage_.world.all().at("apps")) {
    if (!one.contains("webhooks")) continue;
    for (const json& robot : one["webhooks"]) {
      if (made.key.empty() || text_of(robot, "key") != made.key) continue;
      made.entry = &robot;
      made.app = text_of(one, "id");
    }
  }
  return made;
}

Refused Groups::refuse_robot(const Robot& robot) const {
  if (robot.entry == nullptr) return Refusal{bad_robot, "invalid webhook url"};
  if (robot.entry->value("stopped", false)) return Refusal{stopped_robot, "the robot is disabled"};
  const json* chat = stage_.world.chat(text_of(*robot.entry, "chat"));
  if (chat == nullptr || chat->value("dissolved", false)) return Refusal{robot_left, "the robot is not in the group"};
  if (chat->value("external", false)) return Refusal{robot_left, "internal groups only"};
  return std::nullopt;
}

Reading Groups::read_robot(const Robot& robot, const json& body) const {
  const std::string type = text_of(body, "msgtype");
  if (type != "file" && type != "voice") return read_webhook_message(body, Bends(stage_.world));
  const Media::File* file = media_.find("robot/" + robot.key, text_of(object_of(body, type.c_str()), "media_id"));
  if (file == nullptr || file->type != type) return std::unexpected(Refusal{bad_media, "invalid media_id"});
  Seen seen;
  seen.kind = "media";
  seen.text = file->name;
  return seen;
}

Outcome Groups::robot(const HttpRequest& request) {
  const Robot robot = find_robot(request);
  const auto answer = [&] {
    if (const auto why = refuse_robot(robot)) return refusal(*why);
    if (!access_.take("robot/" + robot.key, stage_.world.limit("webhook_per_minute", 20), minute))
      return refusal(stage_.world.limit("webhook_code", too_often), "api freq out of limit");
    const json body = json::parse(request.body, nullptr, false);
    if (!body.is_object()) return refusal(bad_parameter, "the body is not JSON");
    auto seen = read_robot(robot, body);
    if (!seen) return refusal(seen.error());
    show(std::move(*seen), robot.app, text_of(*robot.entry, "chat"));
    return good();
  };
  Outcome outcome = answer();
  outcome.app = robot.app;
  return outcome;
}

Outcome Groups::robot_upload(const HttpRequest& request) {
  const Robot robot = find_robot(request);
  const auto why = refuse_robot(robot);
  Outcome outcome = why ? refusal(*why) : media_.upload_form(request, robot.key);
  outcome.app = robot.app;
  return outcome;
}

}  // namespace xieban::sim::wecom
