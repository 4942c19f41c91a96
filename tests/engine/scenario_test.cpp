// Plays tests/scenarios/*.chat; `scenario_test --rewrite` writes down what happens now, for review.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/engine/transcript.hpp"

namespace {

std::vector<std::filesystem::path> transcripts() {
  std::vector<std::filesystem::path> all;
  for (const auto& entry : std::filesystem::directory_iterator(XIEBAN_SOURCE_DIR "/tests/scenarios")) {
    if (entry.path().extension() == ".chat") all.push_back(entry.path());
  }
  std::ranges::sort(all);
  return all;
}

std::string read(const std::filesystem::path& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

class Scenario : public ::testing::TestWithParam<std::filesystem::path> {};

TEST_P(Scenario, PlaysAsItIsWritten) {
  const std::string written = read(GetParam());
  EXPECT_EQ(xieban::testing::play(written), written) << "see `scenario_test --rewrite`";
}

TEST_P(Scenario, PlaysTheSameTwice) {
  const std::string written = read(GetParam());
  EXPECT_EQ(xieban::testing::play(written), xieban::testing::play(written));
}

INSTANTIATE_TEST_SUITE_P(All, Scenario, ::testing::ValuesIn(transcripts()), [](const auto& one) {
  std::string name = one.param.stem().string();
  std::ranges::replace(name, '-', '_');
  return name;
});

TEST(Scenarios, AreThere) { EXPECT_GE(transcripts().size(), 6U); }

int rewrite() {
  for (const auto& path : transcripts()) {
    const std::string before = read(path);
    const std::string after = xieban::testing::play(before);
    std::cout << (before == after ? "same     " : "rewritten ") << path.filename().string() << "\n";
    if (before != after) std::ofstream(path) << after;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  if (argc > 1 && std::string(argv[1]) == "--rewrite") return rewrite();
  return RUN_ALL_TESTS();
}
