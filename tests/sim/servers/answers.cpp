#include "tests/sim/servers/answers.hpp"

namespace xieban::sim {

using nlohmann::json;

std::string dump(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

HttpResponse json_response(const json& body, int status) {
  return HttpResponse(status, dump(body), "application/json; charset=utf-8");
}

std::vector<std::string> segments(std::string_view path) {
  std::vector<std::string> parts;
  while (!path.empty()) {
    const auto slash = path.find('/');
    if (slash != 0) parts.emplace_back(path.substr(0, slash));
    if (slash == std::string_view::npos) break;
    path.remove_prefix(slash + 1);
  }
  return parts;
}

std::string text_of(const json& object, const char* member) {
  const auto found = object.find(member);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

json object_of(const json& object, const char* member) {
  const auto found = object.find(member);
  return found != object.end() && found->is_object() ? *found : json::object();
}

}  // namespace xieban::sim
