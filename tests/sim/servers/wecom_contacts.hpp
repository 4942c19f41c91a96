#pragma once
// The directory as an app created today may read it (90196, 95350, 95406, 95402, 95895, 101521): no mobile, no e-mail.

#include <map>
#include <optional>
#include <string>

#include "tests/sim/servers/wecom_access.hpp"

namespace xieban::sim::wecom {

/// The encrypted id of a person; case counts.
std::string open_id(const nlohmann::json& person);

class Contacts {
 public:
  explicit Contacts(Stage& stage) : stage_(stage) {}
  /// nullopt: no such interface.
  std::optional<Outcome> call(const HttpRequest&, const nlohmann::json& app, const nlohmann::json& body);
  void clear() { lookups_.clear(); }

 private:
  struct Lookups {
    int misses = 0;
    TimePoint until;
  };
  Outcome look_up(const nlohmann::json& app, const char* member, const std::string& value);
  Outcome convert(const nlohmann::json& body) const;

  Stage& stage_;
  std::map<std::string, Lookups> lookups_;
};

}  // namespace xieban::sim::wecom
