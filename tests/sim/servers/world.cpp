#include "tests/sim/servers/world.hpp"

#include <algorithm>

namespace xieban::sim {

using nlohmann::json;

namespace {
json usual_app() {
  return {{"id", "main"},
          {"app_id", "cli_a81f3c5d7e9b0246"},
          {"app_secret", "sim-app-secret"},
          {"encrypt_key", "sim-encrypt-key"},
          {"verification_token", "sim-verification-token"},
          {"bot_name", "协办"}};
}
json employee(const char* id, const char* name, const char* department) {
  return {{"id", id},      {"name", name}, {"mobile", ""}, {"manager", ""}, {"departments", json::array({department})},
          {"active", true}};
}
}  // namespace

World::World() {
  world_["apps"] = json::array({usual_app()});
  world_["people"] = json::array({employee("ou_han", "韩梅梅", "od-market"), employee("ou_li", "李雷", "od-tech")});
  world_["departments"] = json::array({{{"id", "od-market"}, {"name", "市场部"}, {"parent", "0"}, {"head", ""}},
                                       {{"id", "od-tech"}, {"name", "技术部"}, {"parent", "0"}, {"head", ""}}});
  world_["chats"] =
      json::array({{{"id", "oc_all"}, {"name", "协作群"}, {"members", {"ou_han", "ou_li"}}, {"external", false}}});
  world_["limits"] = json::object();
}

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
