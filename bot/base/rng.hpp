#pragma once
// Chance is an argument: a small seeded generator, and one function that seeds it from the system.

#include <cstddef>
#include <cstdint>
#include <string>

namespace xieban {

/// splitmix64: equal seeds give equal sequences on every machine. Not for secrets.
class Rng {
 public:
  explicit constexpr Rng(std::uint64_t seed) : state_(seed) {}
  constexpr std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15ULL;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31U);
  }
  /// In [0, bound); 0 for bound 0.
  constexpr std::uint64_t below(std::uint64_t bound) { return bound == 0 ? 0 : next() % bound; }

 private:
  std::uint64_t state_;
};

/// Unpredictable bytes from the operating system, for codes, tokens and seeds.
std::string random_bytes(std::size_t count);
std::uint64_t random_seed();

}  // namespace xieban
