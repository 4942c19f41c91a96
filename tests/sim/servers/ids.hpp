#pragma once
#include <cstdint>
#include <string>

namespace xieban::sim {

/// Ids as a platform hands them out; equal seeds give equal ids.
class Ids {
 public:
  explicit Ids(std::uint64_t seed) : state_(seed) {}
  std::string next(const std::string& prefix);  // 32 hexadecimal digits behind the prefix
  std::uint64_t below(std::uint64_t bound);
  [[nodiscard]] std::uint64_t count() const { return state_; }

 private:
  std::uint64_t state_;
};

}  // namespace xieban::sim
