#pragma once
// A platform's own rate limits, counted strictly.

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>

#include "bot/base/time.hpp"

namespace xieban::sim {

class Windows {
 public:
  /// Counts one call under `key`; nullopt when it is allowed, else how long until the next would be.
  std::optional<Duration> take(const std::string& key, std::uint32_t count, Duration per, TimePoint now);
  void clear() { calls_.clear(); }

 private:
  std::map<std::string, std::deque<TimePoint>> calls_;
};

}  // namespace xieban::sim
