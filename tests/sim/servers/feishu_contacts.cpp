#include "tests/sim/servers/feishu_contacts.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <utility>
#include <vector>

#include "tests/sim/servers/answers.hpp"
#include "tests/sim/servers/feishu.hpp"

namespace xieban::sim {

using nlohmann::json;

namespace {

const std::string root = "0";
constexpr std::size_t usual_page = 10, largest_page = 50;

bool contains(const json& list, const std::string& value) { return std::ranges::find(list, json(value)) != list.end(); }

/// One reader's view: what of people and departments this app is given.
class View {
 public:
  View(const World& world, const json& app, const HttpRequest& request) : world_(world), app_(app), request_(request) {}

  [[nodiscard]] bool granted(const char* scope) const {
    if (!app_.contains("scopes")) return true;
    return contains(app_["scopes"], scope) || contains(app_["scopes"], "contact:contact:readonly_as_app");
  }
  [[nodiscard]] bool everybody() const { return !app_.contains("range"); }

  [[nodiscard]] bool may_see_department(const std::string& id) const {
    if (everybody()) return true;
    // As many steps as there are departments: a world may have a ring.
    std::string at = id;
    for (std::size_t step = 0; step <= world_.all().at("departments").size() && at != root; ++step) {
      if (contains(app_["range"], at)) return true;
      const json* department = world_.department(at);
      at = department == nullptr ? root : parent_of(*department);
    }
    return false;
  }
  [[nodiscard]] bool may_see(const json& person) const {
    if (everybody() || contains(app_["range"], text_of(person, "id"))) return true;
    const json departments = person.value("departments", json::array());
    return std::ranges::any_of(departments, [this](const json& id) { return id.is_string() && may_see_department(id); });
  }
  static std::string parent_of(const json& department) {
    const std::string parent = text_of(department, "parent");
    return parent.empty() ? root : parent;
  }

  /// In the kind of id that the request asks for.
  [[nodiscard]] std::string id_of(const json& person) const {
    const std::string type = request_.param("user_id_type");
    if (type == "union_id") return "on_" + text_of(person, "id");
    return type == "user_id" ? text_of(person, "user_id") : text_of(person, "id");
  }
  [[nodiscard]] std::string department_id(const std::string& open_id) const {
    const json* department = world_.department(open_id);
    if (request_.param("department_id_type") != "department_id" || department == nullptr) return open_id;
    return text_of(*department, "custom_id");
  }
  [[nodiscard]] const json* person(const std::string& id) const {
    for (const json& one : world_.all().at("people"))
      if (!id.empty() && id_of(one) == id) return &one;
    return nullptr;
  }
  [[nodiscard]] const json* department(const std::string& id) const {
    for (const json& one : world_.all().at("departments"))
      if (!id.empty() && department_id(text_of(one, "id")) == id) return &one;
    return nullptr;
  }
  [[nodiscard]] std::string leader(const std::string& id) const {
    const json* person = world_.person(id);
    return person == nullptr ? id : id_of(*person);
  }

  [[nodiscard]] static json status(const json& person) {
    const bool active = person.value("active", true);
    return {{"is_frozen", person.value("frozen", false)},
            {"is_resigned", !active},
            {"is_activated", active},
            {"is_exited", false},
            {"is_unjoin", false}};
  }
  [[nodiscard]] json user(const json& person) const {
    const std::string id = text_of(person, "id");
    json out = {{"open_id", id}, {"union_id", "on_" + id}};
    if (granted("contact:user.employee_id:readonly")) out["user_id"] = text_of(person, "user_id");
    if (granted("contact:user.base:readonly")) out["name"] = text_of(person, "name");
    if (granted("contact:user.phone:readonly")) out["mobile"] = text_of(person, "mobile");
    if (granted("contact:user.employee:readonly")) out["status"] = status(person);
    if (!granted("contact:user.department:readonly")) return out;
    json departments = json::array(), orders = json::array();
    for (const json& one : person.value("departments", json::array())) {
      departments.push_back(department_id(one));
      orders.push_back({{"department_id", departments.back()}, {"user_order", 0}, {"is_primary_dept", orders.empty()}});
    }
    out["department_ids"] = std::move(departments);
    out["orders"] = std::move(orders);
    out["leader_user_id"] = leader(text_of(person, "manager"));
    return out;
  }
  [[nodiscard]] json unit(const json& department) const {
    json out = {{"open_department_id", text_of(department, "id")}};
    if (granted("contact:department.base:readonly")) {
      out["name"] = text_of(department, "name");
      out["department_id"] = text_of(department, "custom_id");
      out["status"] = {{"is_deleted", false}};
    }
    if (!granted("contact:department.organize:readonly")) return out;
    out["parent_department_id"] = department_id(parent_of(department));
    const std::string head = leader(text_of(department, "head"));
    out["leader_user_id"] = head;
    out["leaders"] = json::array();
    if (!head.empty()) out["leaders"].push_back({{"leaderType", 1}, {"leaderID", head}});
    for (const json& deputy : department.value("deputies", json::array()))
      out["leaders"].push_back({{"leaderType", 2}, {"leaderID", leader(deputy)}});
    return out;
  }

 private:
  const World& world_;
  const json& app_;
  const HttpRequest& request_;
};

/// A page of `all`, as page_size and page_token ask for it.
Outcome page(const HttpRequest& request, const std::vector<json>& all) {
  const std::string wanted = request.param("page_size"), token = request.param("page_token");
  const auto number = [](std::string_view digits, std::size_t& into) {
    const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), into);
    return code == std::errc{} && end == digits.data() + digits.size();
  };
  std::size_t size = usual_page, from = 0;
  if (!wanted.empty() && (!number(wanted, size) || size == 0 || size > largest_page))
    return Feishu::refusal(40011, "page size is invalid");
  constexpr std::string_view mark = "pt_";
  if (!token.empty() && (!token.starts_with(mark) || !number(std::string_view(token).substr(mark.size()), from) || from == 0 ||
                         from >= all.size()))
    return Feishu::refusal(40012, "page token is invalid error");
  const std::size_t end = std::min(all.size(), from + size);
  json data = {{"has_more", end < all.size()}, {"items", json::array()}};
  for (std::size_t i = from; i < end; ++i) data["items"].push_back(all[i]);
  if (end < all.size()) data["page_token"] = std::string(mark) + std::to_string(end);
  return Feishu::good(data);
}

Outcome no_authority() { return Feishu::refusal(40004, "no dept authority error", 403); }

Outcome one_user(const View& view, const std::string& id) {
  const json* person = view.person(id);
  if (person == nullptr) return Feishu::refusal(41012, "user id invalid error");
  if (!view.may_see(*person)) return Feishu::refusal(41050, "no user authority error", 403);
  return Feishu::good({{"user", view.user(*person)}});
}

Outcome one_department(const View& view, const std::string& id) {
  if (id == root) {
    if (!view.everybody()) return no_authority();
    return Feishu::good({{"department", {{"name", "公司"}, {"open_department_id", root}, {"leader_user_id", ""}}}});
  }
  const json* department = view.department(id);
  if (department == nullptr) return Feishu::refusal(40015, "department not exist");
  if (!view.may_see_department(text_of(*department, "id"))) return no_authority();
  return Feishu::good({{"department", view.unit(*department)}});
}

/// nullopt: it may be asked about.
std::optional<Outcome> closed_department(const View& view, const std::string& id) {
  if (id == root) return view.everybody() ? std::nullopt : std::optional(no_authority());
  const json* department = view.department(id);
  if (department == nullptr) return Feishu::refusal(40008, "dept Info is null error");
  return view.may_see_department(text_of(*department, "id")) ? std::nullopt : std::optional(no_authority());
}

Outcome members(const World& world, const View& view, const HttpRequest& request) {
  const std::string id = request.param("department_id");
  if (auto closed = closed_department(view, id)) return *closed;
  std::vector<json> found;
  for (const json& person : world.all().at("people")) {
    const json departments = person.value("departments", json::array());
    const bool in =
        std::ranges::any_of(departments, [&](const json& one) { return view.department_id(one.get<std::string>()) == id; });
    if (in && person.value("active", true)) found.push_back(view.user(person));
  }
  return page(request, found);
}

void descend(const World& world, const View& view, const std::string& parent, bool deep, std::vector<json>& found) {
  if (found.size() > world.all().at("departments").size()) return;  // a ring
  for (const json& one : world.all().at("departments")) {
    if (View::parent_of(one) != parent) continue;
    found.push_back(view.unit(one));
    if (deep) descend(world, view, text_of(one, "id"), deep, found);
  }
}

Outcome children(const World& world, const View& view, const HttpRequest& request, const std::string& id) {
  if (auto closed = closed_department(view, id)) return *closed;
  const json* department = view.department(id);
  std::vector<json> found;
  descend(world, view, department == nullptr ? root : text_of(*department, "id"), request.param("fetch_child") == "true",
          found);
  return page(request, found);
}

Outcome parents(const World& world, const View& view, const HttpRequest& request) {
  const std::string id = request.param("department_id");
  if (auto closed = closed_department(view, id)) return *closed;
  std::vector<json> found;
  const json* at = view.department(id);
  while (at != nullptr && found.size() <= world.all().at("departments").size()) {
    at = world.department(View::parent_of(*at));
    if (at != nullptr) found.push_back(view.unit(*at));
  }
  return page(request, found);
}

/// Nobody's number, an outsider's and a leaver's all come back without an id.
Outcome ids_of(const World& world, const View& view, const HttpRequest& request) {
  const json body = json::parse(request.body, nullptr, false);
  if (!body.is_object()) return Feishu::refusal(99992402, "field validation failed");
  json list = json::array();
  for (const char* name : {"emails", "mobiles"}) {
    const json values = body.value(name, json::array());
    if (!values.is_array() || values.size() > largest_page) return Feishu::refusal(99992402, "field validation failed");
    const std::string member = std::string(name).substr(0, std::string(name).size() - 1);
    for (const json& value : values) {
      json entry = {{member, value}};
      for (const json& person : world.all().at("people")) {
        const bool there = person.value("active", true) || body.value("include_resigned", false);
        if (person.value(member, json("")) != value || value == "" || !there || !view.may_see(person)) continue;
        entry["user_id"] = view.id_of(person);
        if (view.granted("contact:user.employee:readonly")) entry["status"] = View::status(person);
      }
      list.push_back(std::move(entry));
    }
  }
  return Feishu::good({{"user_list", std::move(list)}});
}

json changed_user(const World& world, const std::string& id) {
  const json* person = world.person(id);
  json object = {{"open_id", id}, {"union_id", "on_" + id}, {"name", person == nullptr ? "" : text_of(*person, "name")}};
  if (person != nullptr) object["status"] = View::status(*person);
  return object;
}

}  // namespace

Outcome feishu_contacts(const World& world, const json& app, const HttpRequest& request) {
  const auto parts = segments(request.path());
  const View view(world, app, request);
  const bool get = request.method == "GET";
  const std::string what = parts.size() > 3 ? parts[3] : "", id = parts.size() > 4 ? percent_decode(parts[4]) : "";
  const std::vector<std::string> base = {"contact:contact.base:readonly", "contact:contact:readonly_as_app"};
  if (what == "users" && id == "batch_get_id" && request.method == "POST") {
    const auto missing = Feishu::missing_scope(app, {"contact:user.id:readonly"});
    return missing ? *missing : ids_of(world, view, request);
  }
  if (get && (what == "users" || what == "departments")) {
    auto any_of = base;
    if (id == "find_by_department" || parts.size() > 5) any_of.emplace_back("contact:department.organize:readonly");
    if (auto missing = Feishu::missing_scope(app, any_of)) return *missing;
    if (what == "users" && id == "find_by_department") return members(world, view, request);
    if (what == "users" && parts.size() == 5) return one_user(view, id);
    if (what == "departments" && id == "parent") return parents(world, view, request);
    if (what == "departments" && parts.size() == 5) return one_department(view, id);
    if (what == "departments" && parts.size() == 6 && parts[5] == "children") return children(world, view, request, id);
  }
  return Feishu::refusal(99992402, "no such interface: " + std::string(request.path()), 404);
}

std::optional<FeishuEvent> feishu_contact_event(World& world, const json& what) {
  const std::string kind = text_of(what, "kind"), user = text_of(what, "user");
  if (kind == "user_left") {
    const json object = changed_user(world, user);
    for (json& person : world.people())
      if (person.value("id", "") == user) person["active"] = false;
    return FeishuEvent{"contact.user.deleted_v3", {{"object", object}, {"old_object", {{"open_id", user}}}}};
  }
  if (kind == "user_added") return FeishuEvent{"contact.user.created_v3", {{"object", changed_user(world, user)}}};
  if (kind == "user_changed")
    return FeishuEvent{"contact.user.updated_v3", {{"object", changed_user(world, user)}, {"old_object", json::object()}}};
  if (kind == "department_changed") {
    const std::string id = text_of(what, "department");
    const json* department = world.department(id);
    const json object = {{"open_department_id", id}, {"name", department == nullptr ? "" : text_of(*department, "name")}};
    return FeishuEvent{"contact.department.updated_v3", {{"object", object}, {"old_object", json::object()}}};
  }
  if (kind == "scope_changed")
    return FeishuEvent{"contact.scope.updated_v3", {{"added", {{"users", json::array()}}}, {"removed", json::object()}}};
  return std::nullopt;
}

}  // namespace xieban::sim
