// Groups that an app makes (open.feishu.cn: im-v1/chat, im-v1/chat-members, im-v1/chat-announcement,
// docx-v1/chat-announcement).
//
// A chat that was made so has, beside what the world gives: owner_app, description, announcement (a list of lines) and
// announcement_type ("docx"; limits.old_announcements 1: "doc"). limits for what the platform leaves to the company:
// chats_per_day 0 (none). A person with "visible": false cannot be invited.

#include <algorithm>
#include <chrono>
#include <utility>

#include "tests/sim/servers/answers.hpp"
#include "tests/sim/servers/feishu.hpp"

namespace xieban::sim {

using nlohmann::json;

namespace {

constexpr Duration known_for{10 * 3600 * 1000};
constexpr std::size_t most_name = 60, most_members = 50, most_key = 50;

std::size_t characters(const std::string& text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

bool may_join(const json* person) {
  return person != nullptr && person->value("active", true) && person->value("visible", true);
}

}  // namespace

Outcome Feishu::chats(const HttpRequest& request, const json& app) {
  const auto parts = segments(request.path());
  const json body = request.body.empty() ? json::object() : json::parse(request.body, nullptr, false);
  if (!body.is_object()) return refusal(232001, "Your request contains an invalid request parameter.");
  if (auto off = without_bot(app)) return *off;
  const bool docx = parts[1] == "docx";
  if (parts.size() == 4) return make_chat(request, app, body);
  json* chat = nullptr;
  for (json& one : stage_.world.chats())
    if (one.value("id", "") == parts[4]) chat = &one;
  if (chat == nullptr || chat->value("dissolved", false))
    return refusal(232009, "Your request specifies a chat which has already been dissolved.");
  if (!has_bot(*chat)) return refusal(232011, "Operator can NOT be out of the chat.");
  if (docx) return announce(*chat, app, body, request);
  if (parts.size() == 5 && request.method == "DELETE") {
    if (auto missing = missing_scope(app, {"im:chat:delete", "im:chat"})) return *missing;
    if (chat->value("owner_app", "") != app.value("id", ""))
      return refusal(232017, "The operator is not the owner of the chat.");
    std::erase_if(stage_.world.chats().get_ref<json::array_t&>(),
                  [&](const json& one) { return one.value("id", "") == parts[4]; });
    return good(json::object());
  }
  if (parts.size() == 6 && parts[5] == "members" && request.method == "POST") return add_members(*chat, request, app, body);
  if (parts.size() == 6 && parts[5] == "announcement" && request.method == "PATCH") return announce(*chat, app, body, request);
  return refusal(99992402, "no such interface: " + std::string(request.path()), 404);
}

Outcome Feishu::make_chat(const HttpRequest& request, const json& app, const json& body) {
  if (auto missing = missing_scope(app, {"im:chat:create", "im:chat"})) return *missing;
  if (auto over = over_limit(app, "im.chat.create", "")) return *over;
  const std::string uuid = request.param("uuid");
  const TimePoint now = stage_.clock.now();
  if (uuid.size() > most_key) return refusal(99992402, "field validation failed: uuid");
  const std::string key = app.value("id", "") + "/" + uuid;
  if (const auto known = chats_by_key_.find(key);
      !uuid.empty() && known != chats_by_key_.end() && now - known->second.at < known_for)
    return good({{"chat_id", known->second.message}});
  const std::string name = body.value("name", "");
  const json people = body.value("user_id_list", json::array());
  if (characters(name) > most_name) return refusal(232001, "Your request contains an invalid request parameter. name");
  if (!people.is_array() || people.size() > most_members)
    return refusal(232001, "Your request contains an invalid request parameter.");
  if (!people.empty() && request.param("user_id_type") != "open_id")
    return refusal(99992402, "field validation failed: user_id_type");
  for (const json& one : people)
    if (!one.is_string() || !may_join(stage_.world.person(one)))
      return refusal(232024, "Users do not have the visibility of the app.");
  const int most = stage_.world.limit("chats_per_day", 0);
  if (most > 0 && windows_.take("chats/" + app.value("id", ""), static_cast<std::uint32_t>(most), std::chrono::hours(24), now))
    return refusal(232019, "The request has been rate limited.");
  const std::string id = stage_.ids.next("oc_");
  const bool old_format = stage_.world.limit("old_announcements", 0) != 0;
  stage_.world.chats().push_back({{"id", id},
                                  {"name", name},
                                  {"members", people},
                                  {"external", false},
                                  {"owner_app", app.value("id", "")},
                                  {"description", body.value("description", "")},
                                  {"announcement_type", old_format ? "doc" : "docx"},
                                  {"announcement", json::array()}});
  if (!uuid.empty()) chats_by_key_[key] = Sent{id, now};
  return good({{"chat_id", id}, {"name", name}, {"chat_mode", "group"}, {"chat_type", "private"}, {"external", false}});
}

Outcome Feishu::add_members(json& chat, const HttpRequest& request, const json& app, const json& body) {
  if (auto missing = missing_scope(app, {"im:chat.members:write_only", "im:chat"})) return *missing;
  if (auto over = over_limit(app, "im.chat.members", "")) return *over;
  const json people = body.value("id_list", json());
  if (!people.is_array() || people.empty() || people.size() > most_members)
    return refusal(232001, "Your request contains an invalid request parameter.");
  if (request.param("member_id_type") != "open_id") return refusal(99992402, "field validation failed: member_id_type");
  json invalid = json::array(), absent = json::array();
  for (const json& one : people) {
    const json* person = one.is_string() ? stage_.world.person(one) : nullptr;
    if (person == nullptr)
      absent.push_back(one);
    else if (!may_join(person))
      invalid.push_back(one);
  }
  if ((!invalid.empty() || !absent.empty()) && request.param("succeed_type") != "1")
    return refusal(232024, "Users do not have the visibility of the app.");
  json& members = chat["members"];
  for (const json& one : people)
    if (std::ranges::find(invalid, one) == invalid.end() && std::ranges::find(absent, one) == absent.end() &&
        std::ranges::find(members, one) == members.end())
      members.push_back(one);
  return good({{"invalid_id_list", invalid}, {"not_existed_id_list", absent}, {"pending_approval_id_list", json::array()}});
}

/// Lines of either format; each is for one kind of group only.
Outcome Feishu::announce(json& chat, const json& app, const json& body, const HttpRequest& request) {
  if (auto missing = missing_scope(app, {"im:chat.announcement:write_only", "im:chat"})) return *missing;
  if (auto over = over_limit(app, "im.chat.announcement", "")) return *over;
  const auto parts = segments(request.path());
  const bool docx = parts[1] == "docx";
  if (docx != (chat.value("announcement_type", "docx") == "docx"))
    return refusal(docx ? 1770001 : 232097, "The announcement of this chat is of the other format.");
  json lines = json::array();
  if (docx) {
    const bool children = parts.size() == 9 && parts[5] == "announcement" && parts[6] == "blocks" && parts[7] == parts[4] &&
                          parts[8] == "children";
    if (!children || request.method != "POST") return refusal(99992402, "no such interface", 404);
    for (const json& block : body.value("children", json::array())) {
      if (block.value("block_type", 0) != 2) return refusal(1770001, "invalid param");
      std::string line;
      for (const json& element : object_of(block, "text").value("elements", json::array()))
        line += text_of(object_of(element, "text_run"), "content");
      lines.push_back(std::move(line));
    }
    const std::string token = request.param("client_token");
    if (!token.empty() && !announced_.insert(token).second) return good(json::object());
  } else {
    for (const json& one : body.value("requests", json::array())) {
      const json wanted = one.is_string() ? json::parse(one.get<std::string>(), nullptr, false) : json();
      if (!wanted.is_object()) return refusal(232001, "Your request contains an invalid request parameter.");
      const json payload = json::parse(text_of(object_of(wanted, "insertBlocksRequest"), "payload"), nullptr, false);
      if (!payload.is_object()) return refusal(232018, "Updating announcement failed.");
      for (const json& block : payload.value("blocks", json::array())) {
        std::string line;
        for (const json& element : object_of(block, "paragraph").value("elements", json::array()))
          line += text_of(object_of(element, "textRun"), "text");
        lines.push_back(std::move(line));
      }
    }
  }
  if (lines.empty()) return refusal(1770001, "invalid param");
  for (json& line : lines) chat["announcement"].push_back(std::move(line));
  return good(json::object());
}

}  // namespace xieban::sim
