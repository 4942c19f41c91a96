#pragma once
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "bot/core/brain/brain.hpp"

namespace xieban {

/// What will be said by itself if nobody acts: `plan` of GET plan. Pure; in small steps, because each request of many costs
/// some milliseconds and the loop has other work between them.
class PlaygroundPlan {
 public:
  /// `rules` outlives it.
  PlaygroundPlan(const Rules& rules, TimePoint now) : rules_(rules), now_(now) {}

  /// One open request with its policy.
  void add(Snapshot);
  /// Keeps the earliest entries, and from then on finds their words, request by request: false when all have them.
  bool word_next();
  /// Earliest first.
  [[nodiscard]] nlohmann::json json() const;

 private:
  struct Planned {
    std::size_t request = 0;  // index into open_
    DueRung due;
    std::string text;
  };
  void keep_earliest();
  [[nodiscard]] nlohmann::json entry(const Planned&) const;

  const Rules& rules_;
  TimePoint now_;
  std::vector<Snapshot> open_;
  std::vector<Planned> planned_;
  std::optional<std::size_t> next_;  // the request whose words come next
};

}  // namespace xieban
