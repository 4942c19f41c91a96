#include <algorithm>
#include <cstdlib>
#include <initializer_list>

#include "tests/sim/servers/answers.hpp"
#include "tests/sim/servers/feishu.hpp"

namespace xieban::sim {

using nlohmann::json;

namespace {

/// What an app without a list of its own has.
json every_scope() {
  return {"im:message:send_as_bot",
          "im:message.urgent",
          "im:message.group_at_msg:readonly",
          "im:message.p2p_msg:readonly",
          "im:chat:readonly",
          "contact:contact.base:readonly",
          "im:chat",
          "task:task:write",
          "contact:user.base:readonly",
          "contact:user.department:readonly",
          "contact:user.employee:readonly",
          "contact:user.id:readonly",
          "contact:department.base:readonly",
          "contact:department.organize:readonly"};
}

}  // namespace

Outcome Feishu::read(const HttpRequest& request, const json& app) {
  const auto parts = segments(request.path());
  const auto is = [&](std::initializer_list<const char*> pattern) {
    return parts.size() == pattern.size() &&
           std::equal(pattern.begin(), pattern.end(), parts.begin(),
                      [](const char* want, const std::string& got) { return *want == ':' || got == want; });
  };
  if (is({"open-apis", "bot", "v3", "info"})) {
    if (auto off = without_bot(app)) return *off;
    return flat({{"code", 0},
                 {"msg", "ok"},
                 {"bot",
                  {{"activate_status", app.value("activate_status", 2)},
                   {"app_name", app.value("bot_name", "协办")},
                   {"open_id", "ou_bot_" + app.value("id", "")}}}});
  }
  if (is({"open-apis", "application", "v6", "scopes"})) {
    json list = json::array();
    for (const json& scope : app.value("scopes", every_scope())) list.push_back({{"scope_name", scope}, {"grant_status", 1}});
    return good({{"scopes", std::move(list)}});
  }
  if (is({"open-apis", "im", "v1", "chats", ":id"}) || is({"open-apis", "im", "v1", "chats", ":id", "members"})) {
    const std::string narrow = parts.size() == 5 ? "im:chat:read" : "im:chat.members:read";
    if (auto missing = missing_scope(app, {narrow, "im:chat:readonly", "im:chat"})) return *missing;
    const json* chat = stage_.world.chat(parts[4]);
    if (chat == nullptr || chat->value("dissolved", false))
      return refusal(232009, "Your request specifies a chat which has already been dissolved.");
    if (!has_bot(*chat)) return refusal(232011, "Operator can NOT be out of the chat.");
    if (parts.size() == 5) {
      return good({{"name", chat->value("name", "")},
                   {"external", chat->value("external", false)},
                   {"chat_mode", "group"},
                   {"user_count", std::to_string(chat->value("members", json::array()).size())}});
    }
    if (auto over = over_limit(app, "im.chat.members.get", "")) return *over;
    const json all = chat->value("members", json::array());
    const std::size_t page = static_cast<std::size_t>(stage_.world.limit("members_page", 100));
    const std::string mark = request.param("page_token");
    const std::size_t from = mark.empty() ? 0 : std::strtoull(mark.c_str(), nullptr, 10);
    const std::size_t end = std::min(all.size(), from + page);
    json items = json::array();
    for (std::size_t i = from; i < end; ++i) {
      const json& member = all[i];
      const json* person = stage_.world.person(member);
      items.push_back(
          {{"member_id_type", "open_id"}, {"member_id", member}, {"name", person == nullptr ? "" : person->value("name", "")}});
    }
    const bool more = end < all.size();
    return good(
        {{"items", items}, {"has_more", more}, {"page_token", more ? std::to_string(end) : ""}, {"member_total", all.size()}});
  }
  if (is({"open-apis", "im", "v1", "chats"})) {
    if (auto missing = missing_scope(app, {"im:chat:readonly", "im:chat"})) return *missing;
    json items = json::array();
    for (const json& chat : stage_.world.all().at("chats")) {
      if (!has_bot(chat)) continue;
      items.push_back(
          {{"chat_id", chat.value("id", "")}, {"name", chat.value("name", "")}, {"external", chat.value("external", false)}});
    }
    return good({{"items", items}, {"has_more", false}, {"page_token", ""}});
  }
  return refusal(99992402, "no such interface: " + std::string(request.path()), 404);
}

}  // namespace xieban::sim
