#include "tests/sim/servers/windows.hpp"

namespace xieban::sim {

std::optional<Duration> Windows::take(const std::string& key, std::uint32_t count, Duration per, TimePoint now) {
  auto& calls = calls_[key];
  while (!calls.empty() && calls.front() + per <= now) calls.pop_front();
  if (calls.size() >= count) return calls.front() + per - now;
  calls.push_back(now);
  return std::nullopt;
}

}  // namespace xieban::sim
