#pragma once
// The company a simulator plays: apps, people, departments, chats, limits. As PUT /_sim/world gives it.

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

namespace xieban::sim {

class World {
 public:
  /// A small company with one app, so that a simulator is useful without a file.
  explicit World(nlohmann::json usual) : world_(std::move(usual)) {}
  /// Replaces everything that is named; unknown members are an error text, else empty.
  std::string put(const nlohmann::json&);
  [[nodiscard]] const nlohmann::json& all() const { return world_; }
  /// nullptr: unknown.
  [[nodiscard]] const nlohmann::json* app_by(const std::string& member, const std::string& value) const;
  [[nodiscard]] const nlohmann::json* person(const std::string& id) const { return by_id("people", id); }
  [[nodiscard]] const nlohmann::json* department(const std::string& id) const { return by_id("departments", id); }
  [[nodiscard]] const nlohmann::json* chat(const std::string& id) const { return by_id("chats", id); }
  [[nodiscard]] bool member(const std::string& chat, const std::string& person) const;
  [[nodiscard]] int limit(const std::string& name, int otherwise) const;
  nlohmann::json& chats() { return world_["chats"]; }
  nlohmann::json& people() { return world_["people"]; }
  nlohmann::json::array_t& tasks() { return world_["tasks"].get_ref<nlohmann::json::array_t&>(); }

 private:
  [[nodiscard]] const nlohmann::json* by_id(const char* list, const std::string& id) const;
  nlohmann::json world_;
};

}  // namespace xieban::sim
