#include "tests/sim/servers/world.hpp"

#include <algorithm>

namespace xieban::sim {

using nlohmann::json;

std::string World::put(const json& from) {
  if (!from.is_object()) return "the world is an object";
  for (const auto& [name, value] : from.items()) {
    if (!world_.contains(name)) return "unknown member " + name;
    if (value.is_object() != world_[name].is_object() || value.is_array() != world_[name].is_array())
      return name + " has the wrong shape";
  }
  for (const auto& [name, value] : from.items()) world_[name] = value;
  return {};
}

const json* World::by_id(const char* list, const std::string& id) const {
  for (const json& one : world_.at(list)) {
    if (one.value("id", "") == id) return &one;
  }
  return nullptr;
}

const json* World::app_by(const std::string& name, const std::string& value) const {
  for (const json& one : world_.at("apps")) {
    if (one.value(name, "") == value) return &one;
  }
  return nullptr;
}

bool World::member(const std::string& chat_id, const std::string& person_id) const {
  const json* found = chat(chat_id);
  if (found == nullptr) return false;
  const json members = found->value("members", json::array());
  return std::ranges::find(members, json(person_id)) != members.end();
}

int World::limit(const std::string& name, int otherwise) const { return world_.at("limits").value(name, otherwise); }

}  // namespace xieban::sim
