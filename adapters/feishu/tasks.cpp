#include "adapters/feishu/tasks.hpp"

#include <nlohmann/json.hpp>
#include <utility>

namespace xieban::feishu {

using nlohmann::json;

namespace {

constexpr const char* tasks_path = "/open-apis/task/v2/tasks";
constexpr Duration token_lives{5 * 60 * 1000};
constexpr std::size_t most_key = 100, most_text = 3000;
constexpr std::int64_t bad_parameter = 1470400, no_such_task = 1470404;
constexpr std::int64_t scope_missing = 99991672;

std::string milliseconds(TimePoint at) { return std::to_string(at.time_since_epoch().count()); }

json due_of(const TaskCall& call) { return {{"timestamp", milliseconds(*call.due)}, {"is_all_day", false}}; }

json members_of(const TaskCall& call) {
  json members = json::array();
  for (const PersonRef& person : call.people)
    members.push_back({{"id", person.user.value}, {"type", "user"}, {"role", members.empty() ? "assignee" : "follower"}});
  return members;
}

json new_task(const Outgoing& message) {
  const TaskCall& call = *message.task;
  json body = {{"summary", call.title},
               {"description", message.text},
               {"members", members_of(call)},
               {"client_token", message.key.substr(0, most_key)}};
  if (call.due) body["due"] = due_of(call);
  return body;
}

json changed_task(const Outgoing& message) {
  const TaskCall& call = *message.task;
  json task = {{"description", message.text}};
  json fields = {"description"};
  if (call.due) {
    task["due"] = due_of(call);
    fields.push_back("due");
  }
  if (call.turns) {
    task["completed_at"] = call.done_at ? milliseconds(*call.done_at) : "0";
    fields.push_back("completed_at");
  }
  return {{"task", std::move(task)}, {"update_fields", std::move(fields)}};
}

}  // namespace

Channel tasks_channel_traits() {
  Channel made;
  made.id = tasks_channel;
  made.reach = Reach::tasks;
  made.forms.text = false;
  made.same_key = token_lives;
  made.text_bytes = most_text;  // characters, of which none is shorter
  return made;
}

Result<HttpRequest> task_request(const Outgoing& message) {
  if (!message.task) return std::unexpected(Error(Errc::bad_input, "a call about a task that says nothing"));
  const std::string& id = message.task->id;
  if (id.find_first_of("/?#%") != std::string::npos) return std::unexpected(Error(Errc::bad_input, "no id of a task"));
  HttpRequest request = id.empty() ? HttpRequest("POST", std::string(tasks_path) + "?user_id_type=open_id")
                                   : HttpRequest("PATCH", std::string(tasks_path) + "/" + id + "?user_id_type=open_id");
  const json body = id.empty() ? new_task(message) : changed_task(message);
  request.body = body.dump(-1, ' ', false, json::error_handler_t::replace);
  return request;
}

Receipt task_done(const Outgoing& sent, const json& data) {
  Receipt receipt(Outcome::delivered);
  receipt.provider_id = sent.task->id;
  if (!receipt.provider_id.empty()) return receipt;
  const json task = data.is_object() ? data.value("task", json()) : json();
  const json guid = task.is_object() ? task.value("guid", json()) : json();
  if (guid.is_string()) receipt.provider_id = guid.get<std::string>();
  // What stands behind a space in it could not be kept.
  if (receipt.provider_id.empty() || receipt.provider_id.find(' ') != std::string::npos)
    return Receipt(Outcome::unknown, "code 0 without a guid");
  return receipt;
}

Receipt task_refused(const Outgoing& sent, std::int64_t code, std::string detail) {
  const TaskCall& call = *sent.task;
  if (code == no_such_task && !call.id.empty()) {
    Receipt receipt(Outcome::rejected, std::move(detail));
    receipt.target_gone = true;
    return receipt;
  }
  if (code == scope_missing) return Receipt(Outcome::rejected, detail + ": scope task:task:write");
  // Its owner may have ticked it off, which cannot be done twice; its follower may be out of the app's reach. The other way
  // leaves that out.
  const bool less = call.id.empty() ? call.people.size() > 1 : call.turns && code == bad_parameter;
  return Receipt(less ? Outcome::unsupported : Outcome::rejected, std::move(detail));
}

}  // namespace xieban::feishu
