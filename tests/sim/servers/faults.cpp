#include "tests/sim/servers/faults.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace xieban::sim {

using nlohmann::json;

namespace {
constexpr std::array<std::string_view, 13> kinds = {
    "hang",     "delay",   "trickle", "cut",           "reset",        "reset_after_accept", "status",
    "business", "garbage", "big",     "drop_silently", "expire_token", "refuse_token"};
constexpr std::array<std::string_view, 8> members = {"match", "skip", "times", "do", "ms", "status", "code", "headers"};
constexpr std::array<std::string_view, 3> matchers = {"method", "path", "body_contains"};

std::unexpected<Error> unusable(const std::string& what) { return std::unexpected(Error(Errc::bad_input, what)); }
}  // namespace

Result<int> Faults::add(const json& from) {
  if (!from.is_object()) return unusable("a fault is an object");
  for (const auto& [name, value] : from.items()) {
    if (std::ranges::find(members, name) == members.end()) return unusable("unknown member " + name);
  }
  Fault fault;
  const json match = from.value("match", json::object());
  for (const auto& [name, value] : match.items()) {
    if (std::ranges::find(matchers, name) == matchers.end()) return unusable("unknown member match." + name);
  }
  fault.method = match.value("method", "");
  fault.path = match.value("path", "");
  fault.body_contains = match.value("body_contains", "");
  fault.skip = from.value("skip", 0);
  fault.times = from.value("times", 1);
  fault.what = from.value("do", "");
  if (std::ranges::find(kinds, fault.what) == kinds.end()) return unusable("unknown kind of fault: " + fault.what);
  if (from.contains("ms")) fault.ms = from["ms"].get<std::int64_t>();
  fault.status = from.value("status", 500);
  fault.code = from.value("code", json(0));
  fault.headers = from.value("headers", json::object());
  fault.id = next_++;
  faults_.push_back(fault);
  return fault.id;
}

void Faults::remove(int id) {
  std::erase_if(faults_, [id](const Fault& fault) { return fault.id == id; });
}

void Faults::clear() { faults_.clear(); }

std::optional<Fault> Faults::take(const HttpRequest& request) {
  for (Fault& fault : faults_) {
    if (!fault.method.empty() && fault.method != request.method) continue;
    if (!fault.path.empty() && request.target.find(fault.path) == std::string::npos) continue;
    if (!fault.body_contains.empty() && request.body.find(fault.body_contains) == std::string::npos) continue;
    if (fault.skip > 0) {
      --fault.skip;
      continue;
    }
    if (fault.times == 0) continue;
    if (fault.times > 0) --fault.times;
    return fault;
  }
  return std::nullopt;
}

}  // namespace xieban::sim
