// Tasks in people's own lists (open.feishu.cn: task-v2/task create, patch, get, delete).
//
// GET /_sim/world has them in "tasks": guid, app, summary, description, due, members, completed_at, status, changes (how often
// it was patched). A person with "visible": false cannot be a member. limits for tests: tasks_per_second 10.

#include <algorithm>
#include <array>
#include <utility>

#include "tests/sim/servers/answers.hpp"
#include "tests/sim/servers/feishu.hpp"

namespace xieban::sim {

using nlohmann::json;

namespace {

constexpr Duration token_known_for{5 * 60 * 1000};
constexpr std::size_t most_task_text = 3000, most_extra = 65536, fewest_token = 10, most_token = 100, most_task_members = 50;
constexpr std::size_t most_guid = 100, most_timestamp = 20;
constexpr std::int64_t bad_task_parameter = 1470400, not_allowed_task = 1470403, no_such_task = 1470404;

std::size_t characters_of(const std::string& text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

bool is_timestamp(const json& value) {
  if (!value.is_string()) return false;
  const auto& text = value.get_ref<const std::string&>();
  return !text.empty() && text.size() <= most_timestamp &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// What is wrong with the members of a task that is made or changed; empty: nothing.
std::string fault_of(const json& task) {
  for (const auto& [name, value] : task.items()) {
    if (name == "summary" || name == "description") {
      if (!value.is_string() || characters_of(value) > most_task_text) return name;
    } else if (name == "extra") {
      if (!value.is_string() || value.get_ref<const std::string&>().size() > most_extra) return name;
    } else if (name == "due" || name == "start") {
      if (!value.is_object() || !is_timestamp(value.value("timestamp", json()))) return name + ".timestamp";
      if (!value.value("is_all_day", json(false)).is_boolean()) return name + ".is_all_day";
    } else if (name == "completed_at") {
      if (!is_timestamp(value)) return name;
    } else if (name == "mode") {
      if (value != 1 && value != 2) return name;
    } else if (name == "reminders") {
      if (!value.is_array() || value.size() > 1) return name;
      if (!value.empty() && !task.contains("due")) return "reminders without due";
      for (const json& one : value)
        if (!one.is_object() || !one.value("relative_fire_minute", json()).is_number_unsigned()) return name;
    }
  }
  return {};
}

json shown_task(const json& task) {
  json out = task;
  out.erase("app");
  out.erase("changes");
  return out;
}

}  // namespace

Outcome Feishu::tasks(const HttpRequest& request, const json& app) {
  const auto parts = segments(request.path());
  const bool writes = request.method != "GET";
  if (parts.size() > 5 || parts[3] != "tasks")
    return refusal(99992402, "no such interface: " + std::string(request.path()), 404);
  if (writes) {
    if (auto missing = missing_scope(app, {"task:task:write", "task:task:writeonly"})) return *missing;
  } else if (auto missing = missing_scope(app, {"task:task:read", "task:task:write"})) {
    return *missing;
  }
  const auto most = static_cast<std::uint32_t>(stage_.world.limit("tasks_per_second", 10));
  if (auto over = over_rate("task/" + std::string(request.method) + "/" + app.value("id", ""), most, Duration{1000}))
    return *over;
  const std::string type = request.param("user_id_type");
  if (!type.empty() && type != "open_id") return refusal(bad_task_parameter, "user_id_type");
  const json body = request.body.empty() ? json::object() : json::parse(request.body, nullptr, false);
  if (!body.is_object()) return refusal(bad_task_parameter, "the body is no object");
  if (parts.size() == 4 && request.method == "POST") return make_task(app, body);
  if (parts.size() != 5) return refusal(99991668, "Invalid access token for authorization: a user's is needed.");

  if (parts[4].size() > most_guid) return refusal(bad_task_parameter, "task_guid");
  auto& all = stage_.world.tasks();
  const auto found = std::ranges::find_if(all, [&](const json& one) { return one.value("guid", "") == parts[4]; });
  if (found == all.end()) return refusal(no_such_task, "The task does not exist.", 404);
  if (found->value("app", "") != app.value("id", "")) return refusal(not_allowed_task, "No permission on the task.", 403);
  if (request.method == "GET") return good({{"task", shown_task(*found)}});
  if (request.method == "DELETE") {
    all.erase(found);
    return good(json::object());
  }
  return request.method == "PATCH" ? change_task(*found, body)
                                   : refusal(99992402, "no such interface: " + std::string(request.path()), 404);
}

Outcome Feishu::make_task(const json& app, const json& body) {
  const json token = body.value("client_token", json(""));
  if (!token.is_string()) return refusal(bad_task_parameter, "client_token");
  const auto& key = token.get_ref<const std::string&>();
  if (!key.empty() && (key.size() < fewest_token || key.size() > most_token))
    return refusal(bad_task_parameter, "client_token");
  const TimePoint now = stage_.clock.now();
  const std::string known = app.value("id", "") + "/" + key;
  if (const auto before = tasks_by_key_.find(known); before != tasks_by_key_.end() && now - before->second.at < token_known_for)
    for (const json& one : stage_.world.tasks())
      if (one.value("guid", "") == before->second.message) return good({{"task", shown_task(one)}});

  if (text_of(body, "summary").empty()) return refusal(bad_task_parameter, "summary");
  if (const std::string wrong = fault_of(body); !wrong.empty()) return refusal(bad_task_parameter, wrong);
  const json members = body.value("members", json::array());
  if (!members.is_array() || members.size() > most_task_members) return refusal(bad_task_parameter, "members");
  for (const json& one : members) {
    const std::string role = text_of(one, "role"), type = text_of(one, "type");
    if ((role != "assignee" && role != "follower") || (!type.empty() && type != "user" && type != "app"))
      return refusal(bad_task_parameter, "members");
    const json* person = stage_.world.person(text_of(one, "id"));
    if (type != "app" && (person == nullptr || !person->value("active", true) || !person->value("visible", true)))
      return refusal(bad_task_parameter, "members: " + text_of(one, "id"));
  }
  const std::string completed = body.value("completed_at", "0");
  const std::string id = stage_.ids.next("");
  const std::string guid =
      id.substr(0, 8) + "-" + id.substr(8, 4) + "-" + id.substr(12, 4) + "-" + id.substr(16, 4) + "-" + id.substr(20);
  const json task = {{"guid", guid},
                     {"task_id", "t" + std::to_string(100000 + stage_.world.tasks().size())},
                     {"app", app.value("id", "")},
                     {"summary", body["summary"]},
                     {"description", body.value("description", "")},
                     {"due", body.value("due", json())},
                     {"reminders", body.value("reminders", json::array())},
                     {"members", members},
                     {"completed_at", completed},
                     {"status", completed == "0" ? "todo" : "done"},
                     {"mode", body.value("mode", 2)},
                     {"extra", body.value("extra", "")},
                     {"origin", body.value("origin", json())},
                     {"url", "https://applink.feishu.cn/client/todo/detail?guid=" + guid},
                     {"changes", 0}};
  stage_.world.tasks().push_back(task);
  if (!key.empty()) tasks_by_key_[known] = Sent{guid, now};
  return good({{"task", shown_task(task)}});
}

Outcome Feishu::change_task(json& task, const json& body) {
  const json fields = body.value("update_fields", json());
  const json values = body.value("task", json::object());
  if (!fields.is_array() || fields.empty() || !values.is_object()) return refusal(bad_task_parameter, "update_fields");
  json wanted = json::object();
  for (const json& field : fields) {
    constexpr std::array known = {"summary", "description", "due", "start", "completed_at", "extra", "mode", "repeat_rule"};
    if (!field.is_string() || std::ranges::find(known, field.get<std::string>()) == known.end())
      return refusal(bad_task_parameter, "update_fields");
    wanted[field.get<std::string>()] = values.value(field.get<std::string>(), json());
  }
  // What is named and not given is emptied.
  json given = wanted;
  for (auto at = given.begin(); at != given.end();) at = at->is_null() ? given.erase(at) : std::next(at);
  if (const std::string wrong = fault_of(given); !wrong.empty()) return refusal(bad_task_parameter, wrong);
  if (wanted.contains("summary") && text_of(wanted, "summary").empty()) return refusal(bad_task_parameter, "summary");
  if (const std::string at = text_of(wanted, "completed_at"); !at.empty() && at != "0" && task.value("status", "") == "done")
    return refusal(bad_task_parameter, "a task that is done cannot be completed again");
  for (const auto& [name, value] : wanted.items()) task[name] = value.is_null() && name != "due" ? json("") : value;
  if (wanted.contains("completed_at")) {
    const std::string at = text_of(wanted, "completed_at");
    task["completed_at"] = at.empty() ? "0" : at;
    task["status"] = at.empty() || at == "0" ? "todo" : "done";
  }
  task["changes"] = task.value("changes", 0) + 1;
  return good({{"task", shown_task(task)}});
}

}  // namespace xieban::sim
