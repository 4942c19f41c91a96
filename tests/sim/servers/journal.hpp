#pragma once
// What the simulator saw and what people would see, for tests to read.

#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "bot/base/time.hpp"
#include "bot/ports/http.hpp"

namespace xieban::sim {

struct Received {
  std::uint64_t seq = 0;
  TimePoint at;
  HttpRequest request;
  std::string app;
  int status = 0;
  nlohmann::json code = 0;
  bool accepted = false;
  std::optional<int> fault;
};

/// One message as people see it; an update raises `seq` and `version`.
struct Shown {
  std::uint64_t seq = 0;
  std::string id, chat, to, kind, text, key, app;
  nlohmann::json card;  // as sent; null for text
  std::vector<std::string> mentions;
  bool urgent = false;
  int version = 1;
  std::optional<std::string> dropped;
  TimePoint sent_at;
};

class Journal {
 public:
  Received& received(Received);
  /// Inserts, or replaces by id.
  Shown& show(Shown);
  Shown* find(const std::string& id);
  [[nodiscard]] std::uint64_t seq() const { return seq_; }
  /// Nobody sees what was shown since then.
  void drop_after(std::uint64_t seq, const std::string& reason);
  [[nodiscard]] nlohmann::json received_json(std::uint64_t after, const std::string& path) const;
  [[nodiscard]] nlohmann::json shown_json(std::uint64_t after, const std::function<bool(const Shown&)>& wanted) const;
  void clear();

 private:
  std::uint64_t seq_ = 0;
  std::vector<Received> received_;
  std::vector<Shown> shown_;
};

}  // namespace xieban::sim
