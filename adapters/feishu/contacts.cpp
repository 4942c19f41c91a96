#include "adapters/feishu/contacts.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/finding.hpp"

namespace xieban::feishu {

using nlohmann::json;

namespace {

using Kind = ContactFault::Kind;

// Of the calls themselves, and of the gateway before them: "general error codes".
constexpr std::array<std::int64_t, 9> nobody = {41012, 41050, 40004, 40008, 40015, 99992351, 99992352, 99992360, 99992361};
constexpr std::array<std::int64_t, 6> refused_token = {99991661, 99991663, 99991664, 99991665, 99991668, 99991671};
constexpr std::array<std::int64_t, 8> not_allowed = {99991672, 99991676, 99991679, 99991401, 99991662, 99991673, 40014, 42008};
constexpr std::size_t most_units = 50;

const json* member(const json& from, const char* name) {
  const auto at = from.is_object() ? from.find(name) : from.end();
  return from.is_object() && at != from.end() ? &*at : nullptr;
}
std::string text(const json& from, const char* name) {
  const json* value = member(from, name);
  return value != nullptr && value->is_string() ? value->get<std::string>() : std::string();
}
bool truth(const json* from, const char* name) {
  const json* value = from == nullptr ? nullptr : member(*from, name);
  return value != nullptr && value->is_boolean() && value->get<bool>();
}

/// What lies at the end of `path` in a good answer.
ContactRead<json> read_answer(const HttpResponse& answer, std::initializer_list<const char*> path) {
  const json body = json::parse(answer.body, nullptr, false);
  const json* code = member(body, "code");
  if (code == nullptr || !code->is_number_integer())
    return std::unexpected(ContactFault{Kind::later, "HTTP " + std::to_string(answer.status)});
  const auto number = code->get<std::int64_t>();
  if (number == 0) {
    const json* found = &body;
    for (const char* name : path) {
      found = member(*found, name);
      if (found == nullptr) return std::unexpected(ContactFault{Kind::later, std::string("an answer without ") + name});
    }
    return *found;
  }
  const std::string detail = std::to_string(number) + " " + quotable(text(body, "msg"));
  const auto among = [number](const auto& codes) { return std::ranges::find(codes, number) != codes.end(); };
  if (among(nobody)) return std::unexpected(ContactFault{Kind::absent, detail});
  if (among(refused_token)) return std::unexpected(ContactFault{Kind::token, detail});
  if (among(not_allowed)) return std::unexpected(ContactFault{Kind::denied, detail});
  return std::unexpected(ContactFault{Kind::later, detail});
}

/// The member `name` of a good answer's data.
ContactRead<json> answered(const HttpResponse& answer, const char* name) { return read_answer(answer, {"data", name}); }

HttpRequest call(const char* method, std::string target, const Token& token) {
  HttpRequest request(method, std::move(target));
  request.headers.set("Authorization", "Bearer " + token.value.reveal());
  request.repeatable = true;  // nothing happens by it
  return request;
}

/// A company may give ids of its own to its departments; the platform's begin with a mark, and the root's is 0 in both.
const char* id_type(std::string_view department) {
  return department.starts_with("od-") || department == "0" ? "open_department_id" : "department_id";
}

/// The departments of a person, the main one first.
std::vector<std::string> units_of(const json& user) {
  std::vector<std::string> units;
  const auto add = [&units](const json& id) {
    if (!id.is_string() || units.size() == most_units) return;
    std::string value = id.get<std::string>();
    if (!value.empty() && std::ranges::find(units, value) == units.end()) units.push_back(std::move(value));
  };
  const json* orders = member(user, "orders");
  if (orders != nullptr && orders->is_array()) {
    for (const json& order : *orders)
      if (truth(&order, "is_primary_dept")) add(order.value("department_id", json()));
  }
  const json* ids = member(user, "department_ids");
  if (ids != nullptr && ids->is_array()) std::ranges::for_each(*ids, add);
  return units;
}

/// The main leaders first, then the deputies.
std::vector<UserId> leaders_of(const json& department) {
  std::vector<UserId> leaders;
  const auto add = [&leaders](const std::string& id) {
    if (!id.empty() && std::ranges::find(leaders, UserId(id)) == leaders.end()) leaders.emplace_back(id);
  };
  add(text(department, "leader_user_id"));
  const json* list = member(department, "leaders");
  if (list == nullptr || !list->is_array()) return leaders;
  constexpr int main_leader = 1;
  for (const bool main : {true, false}) {
    for (const json& one : *list) {
      const json* type = member(one, "leaderType");
      if ((type != nullptr && *type == main_leader) == main) add(text(one, "leaderID"));
    }
  }
  return leaders;
}

}  // namespace

HttpRequest FeishuContacts::ask_person(const UserId& user, const Token& token) const {
  return call("GET",
              "/open-apis/contact/v3/users/" + percent_encode(user.value) +
                  "?user_id_type=open_id&department_id_type=open_department_id",
              token);
}

ContactRead<ContactPerson> FeishuContacts::read_person(const HttpResponse& answer) const {
  const auto user = answered(answer, "user");
  if (!user) return std::unexpected(user.error());
  const json* status = member(*user, "status");
  // Frozen is not gone: whoever is suspended comes back.
  if (truth(status, "is_resigned") || truth(status, "is_exited"))
    return std::unexpected(ContactFault{Kind::absent, "has left"});
  ContactPerson person;
  person.name = text(*user, "name");
  person.units = units_of(*user);
  person.manager = UserId(text(*user, "leader_user_id"));
  return person;
}

HttpRequest FeishuContacts::ask_unit(const std::string& id, const Token& token) const {
  return call("GET",
              "/open-apis/contact/v3/departments/" + percent_encode(id) + "?department_id_type=" + id_type(id) +
                  "&user_id_type=open_id",
              token);
}

ContactRead<ContactUnit> FeishuContacts::read_unit(const HttpResponse& answer) const {
  const auto department = answered(answer, "department");
  if (!department) return std::unexpected(department.error());
  const json* status = member(*department, "status");
  if (truth(status, "is_deleted")) return std::unexpected(ContactFault{Kind::absent, "was deleted"});
  ContactUnit unit;
  unit.name = text(*department, "name");
  // Without its scope the name is left out: a department without a name is nobody's.
  if (unit.name.empty()) return std::unexpected(ContactFault{Kind::denied, "no name; scope contact:department.base:readonly"});
  unit.leaders = leaders_of(*department);
  // The company itself is no department.
  if (std::string parent = text(*department, "parent_department_id"); parent != "0") unit.parent = std::move(parent);
  return unit;
}

std::optional<HttpRequest> FeishuContacts::ask_plain_id(const UserId& user, const Token& token) const {
  if (user.empty() || user.value.starts_with("ou_")) return std::nullopt;
  return call("GET", "/open-apis/contact/v3/users/" + percent_encode(user.value) + "?user_id_type=user_id", token);
}

ContactRead<UserId> FeishuContacts::read_plain_id(const HttpResponse& answer) const {
  const auto user = answered(answer, "user");
  if (!user) return std::unexpected(user.error());
  const std::string id = text(*user, "open_id");
  if (id.empty()) return std::unexpected(ContactFault{Kind::later, "an answer without open_id"});
  return UserId(id);
}

std::optional<HttpRequest> FeishuContacts::ask_self(const Token& token) const {
  return call("GET", "/open-apis/bot/v3/info", token);
}

ContactRead<UserId> FeishuContacts::read_self(const HttpResponse& answer) const {
  // What other calls call data is named bot here.
  const auto bot = read_answer(answer, {"bot"});
  if (!bot) return std::unexpected(bot.error());
  const std::string id = text(*bot, "open_id");
  if (id.empty()) return std::unexpected(ContactFault{Kind::later, "an answer without open_id"});
  return UserId(id);
}

std::optional<HttpRequest> FeishuContacts::ask_members(const ChatId& chat, const std::string& page, const Token& token) const {
  std::string target = "/open-apis/im/v1/chats/" + percent_encode(chat.value) + "/members?member_id_type=open_id&page_size=100";
  if (!page.empty()) target += "&page_token=" + percent_encode(page);
  return call("GET", std::move(target), token);
}

ContactRead<ContactMembers> FeishuContacts::read_members(const HttpResponse& answer) const {
  const auto data = read_answer(answer, {"data"});
  if (!data) return std::unexpected(data.error());
  const json* items = member(*data, "items");
  ContactMembers members;
  if (items != nullptr && items->is_array())
    for (const json& one : *items)
      if (std::string id = text(one, "member_id"); !id.empty()) members.users.emplace_back(std::move(id));
  // Bots are left out of a page, which may be empty and still not the last.
  if (truth(&*data, "has_more")) members.next = text(*data, "page_token");
  return members;
}

std::optional<HttpRequest> FeishuContacts::ask_mobile(const std::string& mobile, const Token& token) const {
  HttpRequest request = call("POST", "/open-apis/contact/v3/users/batch_get_id?user_id_type=open_id", token);
  request.headers.set("Content-Type", "application/json; charset=utf-8");
  const json body = {{"mobiles", {mobile}}, {"include_resigned", false}};
  request.body = body.dump(-1, ' ', false, json::error_handler_t::replace);
  return request;
}

ContactRead<UserId> FeishuContacts::read_mobile(const HttpResponse& answer) const {
  const auto list = answered(answer, "user_list");
  if (!list) return std::unexpected(list.error());
  // Whoever is not found comes back without an id.
  const std::string user = list->is_array() && !list->empty() ? text(list->front(), "user_id") : std::string();
  if (user.empty()) return std::unexpected(ContactFault{Kind::absent, "nobody has this number"});
  return UserId(user);
}

}  // namespace xieban::feishu
