#include "bot/base/rng.hpp"

#include <gtest/gtest.h>

#include <set>

namespace xieban {
namespace {

// Published splitmix64 sequence for the seed 1234567.
TEST(Rng, IsSplitmix64) {
  Rng rng(1234567);
  EXPECT_EQ(rng.next(), 6457827717110365317ULL);
  EXPECT_EQ(rng.next(), 3203168211198807973ULL);
  EXPECT_EQ(rng.next(), 9817491932198370423ULL);
}

TEST(Rng, BelowStaysBelow) {
  Rng rng(7);
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(rng.below(5));
  EXPECT_EQ(seen, (std::set<std::uint64_t>{0, 1, 2, 3, 4}));
  EXPECT_EQ(rng.below(0), 0U);
}

TEST(Rng, BytesOfTheSystemDiffer) {
  EXPECT_EQ(random_bytes(0), "");
  EXPECT_EQ(random_bytes(1000).size(), 1000U);
  EXPECT_NE(random_bytes(16), random_bytes(16));
  EXPECT_NE(random_seed(), random_seed());
  // No run of zeros where a loop forgot to fill.
  EXPECT_EQ(random_bytes(5000).find(std::string(16, '\0')), std::string::npos);
}

}  // namespace
}  // namespace xieban
