// Two hundred seeds in each run of the tests; more: `swarm_test --seeds=1000 --first=1 --steps=60`; one of them with its diary:
// `swarm_test --seed=17`.

#include "tests/swarm/swarm.hpp"

#include <gtest/gtest.h>

#include <charconv>
#include <iostream>
#include <string>
#include <string_view>

namespace {

std::uint64_t seeds = 200, first_seed = 1;
std::size_t steps = 60;
bool one_seed = false;

void report(const xieban::testing::SwarmResult& result, std::uint64_t seed) {
  if (one_seed) {
    for (const auto& line : result.diary) std::cout << line << "\n";
  }
  if (result.troubles.empty()) return;
  std::string text;
  for (const auto& one : result.troubles) text += "\n  " + one;
  ADD_FAILURE() << "seed " << seed << ":" << text << "\n  again: " << XIEBAN_BINARY_DIR << "/tests/swarm_test --seed=" << seed
                << " --steps=" << steps;
}

TEST(Swarm, InvariantsHoldForEverySeed) {
  std::uint64_t events = 0, kills = 0, messages = 0;
  for (std::uint64_t seed = first_seed; seed < first_seed + seeds; ++seed) {
    const auto result = xieban::testing::swarm(seed, steps);
    report(result, seed);
    events += result.events;
    kills += result.kills;
    messages += result.messages;
  }
  std::cout << seeds << " seeds, " << events << " events, " << kills << " kills, " << messages << " messages\n";
  EXPECT_GT(messages, 0U);
}

TEST(Swarm, EqualSeedsGiveEqualWorlds) {
  const auto one = xieban::testing::swarm(first_seed, steps);
  const auto two = xieban::testing::swarm(first_seed, steps);
  EXPECT_EQ(one.diary, two.diary);
  EXPECT_EQ(one.seen, two.seen);
}

std::uint64_t number(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  for (int n = 1; n < argc; ++n) {
    const std::string_view word = argv[n];
    const std::string_view value = word.substr(word.find('=') + 1);
    if (word.starts_with("--seeds="))
      seeds = number(value);
    else if (word.starts_with("--first="))
      first_seed = number(value);
    else if (word.starts_with("--steps="))
      steps = number(value);
    else if (word.starts_with("--seed=")) {
      first_seed = number(value);
      seeds = 1;
      one_seed = true;
    } else {
      std::cerr << "swarm_test [--seeds=N] [--first=N] [--steps=N] [--seed=N]\n";
      return 2;
    }
  }
  return RUN_ALL_TESTS();
}
