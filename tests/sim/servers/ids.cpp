#include "tests/sim/servers/ids.hpp"

#include "bot/base/rng.hpp"
#include "bot/crypto/crypto.hpp"

namespace xieban::sim {

std::string Ids::next(const std::string& prefix) {
  Rng rng(++state_);
  std::string bytes;
  for (int i = 0; i < 2; ++i) {
    const std::uint64_t word = rng.next();
    bytes += crypto::hex(std::string_view(reinterpret_cast<const char*>(&word), sizeof word));
  }
  return prefix + bytes;
}

std::uint64_t Ids::below(std::uint64_t bound) { return Rng(++state_).below(bound); }

}  // namespace xieban::sim
