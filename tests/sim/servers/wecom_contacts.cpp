#include "tests/sim/servers/wecom_contacts.hpp"

#include <algorithm>
#include <charconv>
#include <functional>

#include "bot/crypto/crypto.hpp"
#include "tests/sim/servers/wecom_codes.hpp"

namespace xieban::sim::wecom {

using nlohmann::json;

namespace {

constexpr std::int64_t root = 1;
constexpr std::size_t most_conversions = 1000, least_mobile = 5, most_mobile = 32;

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

json department_json(const json& department, bool with_name) {
  const std::int64_t id = number_of(department["id"]);
  const std::int64_t parent = number_of(department.value("parent", json()));
  json made = {{"id", id}, {"parentid", id == root ? 0 : parent == 0 ? root : parent}, {"order", 100'000}};
  if (!with_name) return made;
  const std::string head = text_of(department, "head");
  made["name"] = text_of(department, "name");
  made["name_en"] = "";
  made["department_leader"] = head.empty() ? json::array() : json::array({head});
  return made;
}

json root_department() { return {{"id", "1"}, {"name", "公司"}, {"head", ""}}; }

json numbers_of(const json& person) {
  json made = json::array();
  for (const json& one : person.value("departments", json::array())) made.push_back(number_of(one));
  return made;
}

json details(const World& world, const json& person) {
  const std::string id = text_of(person, "id");
  const json departments = numbers_of(person);
  json leads = json::array();
  json order = json::array();
  for (const json& one : departments) {
    const json* department = department_of(world, one);
    leads.push_back(department != nullptr && text_of(*department, "head") == id ? 1 : 0);
    order.push_back(0);
  }
  const std::string manager = text_of(person, "manager");
  const json* leader = manager.empty() ? nullptr : person_of(world, manager);
  return {{"userid", id},
          {"name", text_of(person, "name")},
          {"department", departments},
          {"order", order},
          {"position", text_of(person, "position")},
          {"is_leader_in_dept", leads},
          {"direct_leader", leader != nullptr && visible(*leader) ? json::array({text_of(*leader, "id")}) : json::array()},
          {"main_department", departments.empty() ? root : departments.front().get<std::int64_t>()},
          {"alias", ""},
          {"telephone", ""},
          {"status", 1},
          {"extattr", {{"attrs", json::array()}}},
          {"external_position", ""}};
}

Outcome user_get(const World& world, const std::string& id) {
  const json* person = person_of(world, id);
  if (id.empty() || person == nullptr || !person->value("active", true)) return refusal(no_user, "userid not found");
  if (!visible(*person)) return refusal(not_visible, "no privilege to access/modify contact/party/agent");
  return good(details(world, *person));
}

Outcome user_list(const World& world, const std::string& department, bool detailed) {
  const std::int64_t id = number_of(json(department));
  if (id != root && department_of(world, id) == nullptr) return refusal(no_department, "department not found");
  json users = json::array();
  for (const json& person : world.all().at("people")) {
    const json own = numbers_of(person);
    if (!visible(person) || std::ranges::find(own, json(id)) == own.end()) continue;
    const json brief = {{"userid", text_of(person, "id")},
                        {"name", text_of(person, "name")},
                        {"department", own},
                        {"open_userid", open_id(person)}};
    users.push_back(detailed ? details(world, person) : brief);
  }
  return good({{"userlist", users}});
}

/// The department and all below it; without an id all there are.
Outcome department_list(const World& world, const std::string& from, bool detailed) {
  const std::int64_t id = from.empty() ? root : number_of(json(from));
  if (id != root && department_of(world, id) == nullptr) return refusal(no_department, "department not found");
  json list = json::array();
  if (id == root && department_of(world, root) == nullptr) list.push_back(department_json(root_department(), detailed));
  for (const json& one : world.all().at("departments")) {
    // As many steps as there are departments: a world may have a ring.
    const json* up = &one;
    for (std::size_t step = 0; up != nullptr && step <= world.all().at("departments").size(); ++step) {
      const json made = department_json(*up, false);
      if (made["id"] == id || (id == root && made["parentid"] == root)) {
        list.push_back(department_json(one, detailed));
        break;
      }
      up = department_of(world, made["parentid"]);
    }
  }
  return good({{detailed ? "department" : "department_id", list}});
}

Outcome department_get(const World& world, const std::string& from) {
  const std::int64_t id = number_of(json(from));
  const json* department = department_of(world, id);
  if (department == nullptr && id != root) return refusal(no_department, "department not found");
  return good({{"department", department_json(department == nullptr ? root_department() : *department, true)}});
}

Outcome agent_get(const World& world, const json& app, const std::string& agent) {
  const json own = object_of(app, "app");
  if (number_of(json(agent)) != number_of(own.value("agent_id", json())))
    return refusal(foreign_agent, "not allow operate another agent");
  json users = json::array();
  for (const json& person : world.all().at("people")) {
    if (visible(person)) users.push_back({{"userid", text_of(person, "id")}});
  }
  const bool whole = own.value("whole_company", true);
  return good({{"agentid", own.value("agent_id", json())},
               {"name", own.value("name", "协办")},
               {"description", ""},
               {"allow_userinfos", {{"user", whole ? json::array() : users}}},
               {"allow_partys", {{"partyid", whole ? json::array({root}) : json::array()}}},
               {"allow_tags", {{"tagid", json::array()}}},
               {"close", own.value("closed", false) ? 1 : 0},
               {"redirect_domain", ""},
               {"report_location_flag", 0},
               {"isreportenter", own.value("enter_agent", true) ? 1 : 0},
               {"home_url", ""}});
}

}  // namespace

std::string open_id(const json& person) {
  const std::string given = text_of(person, "open_userid");
  if (!given.empty()) return given;
  constexpr std::size_t digits = 26;
  std::string made = crypto::sha256_hex(text_of(person, "id")).substr(0, digits);
  for (std::size_t i = 0; i < made.size(); i += 2) {
    if (made[i] >= 'a' && made[i] <= 'z') made[i] = static_cast<char>(made[i] - 'a' + 'A');
  }
  return "woSim_" + made;
}

Outcome Contacts::look_up(const json& app, const char* member, const std::string& value) {
  Lookups& own = lookups_[text_of(app, "corp_id") + member];
  const TimePoint now = stage_.clock.now();
  // Misses above a fifth of the head-count close the interface for a day (96267, 96268).
  const int people = static_cast<int>(stage_.world.all().at("people").size());
  const int most = stage_.world.limit("lookup_misses", std::max(people / 5, 1));
  if (own.misses > most && now < own.until) return refusal(too_often, "api freq out of limit");
  if (now >= own.until) own = Lookups{0, now + day};
  for (const json& person : stage_.world.all().at("people")) {
    if (text_of(person, member) == value && visible(person)) return good({{"userid", text_of(person, "id")}});
  }
  ++own.misses;
  return refusal(no_user, "userid not found");
}

Outcome Contacts::convert(const json& body) const {
  const json ids = body.value("open_userid_list", json());
  if (!ids.is_array() || ids.empty() || ids.size() > most_conversions) return refusal(bad_parameter, "open_userid_list");
  json known = json::array();
  json invalid = json::array();
  for (const json& id : ids) {
    const auto& people = stage_.world.all().at("people");
    const auto found = std::ranges::find_if(people, [&](const json& one) { return id == open_id(one) && visible(one); });
    if (found == people.end()) {
      invalid.push_back(id);
    } else {
      known.push_back({{"open_userid", id}, {"userid", text_of(*found, "id")}});
    }
  }
  return good({{"userid_list", known}, {"invalid_open_userid_list", invalid}});
}

std::optional<Outcome> Contacts::call(const HttpRequest& request, const json& app, const json& body) {
  const World& world = stage_.world;
  using Answer = std::function<Outcome()>;
  const std::map<std::string, Answer> calls = {
      {"GET /cgi-bin/user/get", [&] { return user_get(world, request.param("userid")); }},
      {"GET /cgi-bin/user/simplelist", [&] { return user_list(world, request.param("department_id"), false); }},
      {"GET /cgi-bin/user/list", [&] { return user_list(world, request.param("department_id"), true); }},
      {"POST /cgi-bin/user/list_id", [] { return refusal(no_right, "api forbidden"); }},
      {"POST /cgi-bin/user/getuserid",
       [&] {
         const std::string mobile = text_of(body, "mobile");
         if (mobile.size() < least_mobile || mobile.size() > most_mobile) return refusal(bad_mobile, "invalid mobile");
         return look_up(app, "mobile", mobile);
       }},
      {"POST /cgi-bin/user/get_userid_by_email",
       [&] {
         const json type = body.value("email_type", json(1));
         if (text_of(body, "email").empty() || (type != 1 && type != 2)) return refusal(bad_parameter, "email or email_type");
         return look_up(app, "email", text_of(body, "email"));
       }},
      {"GET /cgi-bin/department/simplelist", [&] { return department_list(world, request.param("id"), false); }},
      {"GET /cgi-bin/department/list", [&] { return department_list(world, request.param("id"), true); }},
      {"GET /cgi-bin/department/get", [&] { return department_get(world, request.param("id")); }},
      {"GET /cgi-bin/agent/get", [&] { return agent_get(world, app, request.param("agentid")); }},
      {"POST /cgi-bin/batch/openuserid_to_userid", [&] { return convert(body); }}};
  const auto found = calls.find(request.method + " " + std::string(request.path()));
  if (found == calls.end()) return std::nullopt;
  return found->second();
}

}  // namespace xieban::sim::wecom
