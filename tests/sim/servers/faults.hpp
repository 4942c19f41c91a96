#pragma once
// Faults of a platform's API, as the control API sets them: matched, skipped, counted.

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "bot/base/error.hpp"
#include "bot/ports/http.hpp"

namespace xieban::sim {

struct Fault {
  int id = 0;
  std::string method, path, body_contains;  // empty: any
  int skip = 0;
  int times = 1;  // -1: always
  std::string what;
  std::optional<std::int64_t> ms;
  int status = 500;
  nlohmann::json code = 0;  // a number or a word, as the platform has them
  nlohmann::json headers = nlohmann::json::object();
};

class Faults {
 public:
  /// bad_input: unknown member or kind.
  Result<int> add(const nlohmann::json&);
  void remove(int id);
  void clear();
  /// The first that matches and is due; counts it.
  std::optional<Fault> take(const HttpRequest&);

 private:
  int next_ = 1;
  std::vector<Fault> faults_;
};

}  // namespace xieban::sim
