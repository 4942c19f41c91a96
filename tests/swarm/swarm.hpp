#pragma once
// Random people and commands against random faults; checkers hold the invariants. Equal seeds give equal worlds.

#include <cstdint>
#include <string>
#include <vector>

namespace xieban::testing {

struct SwarmResult {
  std::vector<std::string> troubles;  // empty: all invariants hold
  std::vector<std::string> diary;     // what was done, for reading a failed seed
  std::string seen;                   // everything people saw, for comparing runs
  std::uint64_t events = 0, kills = 0, messages = 0;
};

SwarmResult swarm(std::uint64_t seed, std::size_t steps);

}  // namespace xieban::testing
