#include "tests/sim/servers/dingtalk_contacts.hpp"

#include <algorithm>
#include <charconv>
#include <map>

#include "tests/sim/servers/dingtalk_answers.hpp"

namespace xieban::sim::dingtalk {

using nlohmann::json;

namespace {

constexpr std::int64_t root = 1;

/// Forms send numbers as text.
std::int64_t number_of(const json& value) {
  if (value.is_number_integer()) return value;
  std::int64_t number = 0;
  if (value.is_string()) {
    const std::string& text = value.get_ref<const std::string&>();
    std::from_chars(text.data(), text.data() + text.size(), number);
  }
  return number;
}

const json* department_of(const World& world, std::int64_t id) {
  for (const json& one : world.all().at("departments")) {
    if (number_of(one["id"]) == id) return &one;
  }
  return nullptr;
}

std::int64_t parent_of(const json& department) {
  const std::int64_t parent = number_of(department.value("parent", json()));
  if (number_of(department["id"]) == root) return 0;
  return parent == 0 ? root : parent;
}

json heads_of(const json& department) {
  const std::string head = text_of(department, "head");
  return head.empty() ? json::array() : json::array({head});
}

const json* there(const json& person) { return person.value("active", true) ? &person : nullptr; }

const json* person_by(const World& world, const char* member, const std::string& value) {
  for (const json& person : world.all().at("people")) {
    const std::string own = std::string_view(member) == "unionid" ? union_id(person) : text_of(person, member);
    if (!value.empty() && own == value && there(person) != nullptr) return &person;
  }
  return nullptr;
}

Outcome user_get(const World& world, const json& body) {
  const json* person = person_by(world, "id", text_of(body, "userid"));
  if (person == nullptr) return oapi_refusal(60121, "no such user");
  json departments = json::array();
  json leads = json::array();
  for (const json& one : person->value("departments", json::array())) {
    const std::int64_t id = number_of(one);
    const json* department = department_of(world, id);
    departments.push_back(id);
    leads.push_back({{"dept_id", id}, {"leader", department != nullptr && text_of(*department, "head") == (*person)["id"]}});
  }
  json result = {{"userid", (*person)["id"]},
                 {"unionid", union_id(*person)},
                 {"name", text_of(*person, "name")},
                 {"mobile", text_of(*person, "mobile")},
                 {"active", true},
                 {"admin", person->value("admin", false)},
                 {"boss", false},
                 {"dept_id_list", departments},
                 {"leader_in_dept", leads}};
  const std::string manager = text_of(*person, "manager");
  if (!manager.empty()) result["manager_userid"] = manager;
  return oapi_good({{"result", result}});
}

Outcome user_by_mobile(const World& world, const json& body) {
  const std::string mobile = text_of(body, "mobile");
  const auto digit = [](char c) { return (c >= '0' && c <= '9') || c == '+' || c == '-'; };
  if (mobile.empty() || !std::ranges::all_of(mobile, digit)) return oapi_refusal(40104, "invalid mobile");
  const json* person = person_by(world, "mobile", mobile);
  if (person == nullptr) return oapi_refusal(60121, "no such user");
  return oapi_good({{"result", {{"userid", (*person)["id"]}}}});
}

Outcome user_by_union(const World& world, const json& body) {
  const json* person = person_by(world, "unionid", text_of(body, "unionid"));
  if (person == nullptr) return oapi_refusal(60121, "no such user");
  return oapi_good({{"result", {{"contact_type", 0}, {"userid", (*person)["id"]}}}});
}

Outcome user_list(const World& world, const json& body) {
  const std::int64_t id = number_of(body.value("dept_id", json()));
  if (id != root && department_of(world, id) == nullptr) return oapi_refusal(60003, "no such department");
  json users = json::array();
  for (const json& person : world.all().at("people")) {
    const json departments = person.value("departments", json::array());
    const bool in = std::ranges::any_of(departments, [id](const json& one) { return number_of(one) == id; });
    if (in && there(person) != nullptr) users.push_back(person["id"]);
  }
  return oapi_good({{"result", {{"userid_list", users}}}});
}

Outcome department_get(const World& world, const json& body) {
  const std::int64_t id = number_of(body.value("dept_id", json()));
  const json* department = department_of(world, id);
  if (department == nullptr && id != root) return oapi_refusal(60003, "no such department");
  const json found = department == nullptr ? json{{"id", root}, {"name", "公司"}} : *department;
  json result = {{"dept_id", id}, {"name", text_of(found, "name")}, {"dept_manager_userid_list", heads_of(found)}};
  if (id != root) result["parent_id"] = parent_of(found);
  return oapi_good({{"result", result}});
}

Outcome department_children(const World& world, const json& body) {
  const std::int64_t id = body.contains("dept_id") ? number_of(body["dept_id"]) : root;
  if (id != root && department_of(world, id) == nullptr) return oapi_refusal(60003, "no such department");
  json list = json::array();
  for (const json& one : world.all().at("departments")) {
    if (parent_of(one) == id)
      list.push_back({{"dept_id", number_of(one["id"])}, {"name", text_of(one, "name")}, {"parent_id", id}});
  }
  return oapi_good({{"result", list}});
}

Outcome department_parents(const World& world, const json& body) {
  const json* person = person_by(world, "id", text_of(body, "userid"));
  if (person == nullptr) return oapi_refusal(60121, "no such user");
  json lists = json::array();
  for (const json& one : person->value("departments", json::array())) {
    json chain = json::array();
    // As many steps as there are departments: a world may have a ring.
    std::int64_t id = number_of(one);
    for (std::size_t step = 0; id != 0 && step <= world.all().at("departments").size(); ++step) {
      chain.push_back(id);
      const json* department = department_of(world, id);
      id = department == nullptr ? 0 : parent_of(*department);
    }
    lists.push_back({{"parent_dept_id_list", chain}});
  }
  return oapi_good({{"result", {{"parent_list", lists}}}});
}

struct Call {
  const char* scope;
  Outcome (*answer)(const World&, const json&);
};

}  // namespace

std::string union_id(const json& person) {
  const std::string given = text_of(person, "union_id");
  return given.empty() ? "u_" + text_of(person, "id") : given;
}

std::optional<Outcome> contacts(const World& world, const json& app, const std::string& path, const json& body) {
  static const std::map<std::string, Call> calls = {
      {"v2/user/get", {"qyapi_get_member", user_get}},
      {"v2/user/getbymobile", {"qyapi_get_member_by_mobile", user_by_mobile}},
      {"user/getbyunionid", {"qyapi_get_member", user_by_union}},
      {"user/listid", {"qyapi_get_member", user_list}},
      {"v2/department/get", {"qyapi_get_department_list", department_get}},
      {"v2/department/listsub", {"qyapi_get_department_list", department_children}},
      {"v2/department/listparentbyuser", {"qyapi_get_department_list", department_parents}}};
  const auto call = calls.find(path);
  if (call == calls.end()) return std::nullopt;
  if (!granted(app, call->second.scope)) return oapi_missing_scope(call->second.scope);
  return call->second.answer(world, body);
}

}  // namespace xieban::sim::dingtalk
