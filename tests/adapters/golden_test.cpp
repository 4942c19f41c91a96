// What goes over the line for each kind of message, on every platform, against the golden files.
//
// To rewrite them after a change that is meant: XIEBAN_REWRITE_GOLDEN=1 build/debug/tests/golden_test, then read the diff.

#include <gtest/gtest.h>

#include <cstdlib>
#include <set>

#include "adapters/sample_platforms.hpp"
#include "tests/adapters/golden_files.hpp"

namespace xieban {
namespace {

class Golden : public ::testing::TestWithParam<SamplePlatform> {};

std::map<std::string, std::string> made(const SamplePlatform& on) {
  std::map<std::string, std::string> files;
  for (const Sample& sample : samples(on.place(), Lang::zh)) {
    const bool fresh = files.emplace(sample.name, readable_wire(*on.platform, sample)).second;
    EXPECT_TRUE(fresh) << "two samples are called " << sample.name;
  }
  return files;
}

TEST_P(Golden, EachMessageIsAsItWas) {
  const auto now = made(GetParam());
  ASSERT_GT(now.size(), 20U);
  EXPECT_EQ(now, made(GetParam())) << "twice the same";
  if (std::getenv("XIEBAN_REWRITE_GOLDEN") != nullptr) return golden::write(GetParam().name, now);
  auto then = golden::read(GetParam().name);
  for (const auto& [name, text] : now) {
    EXPECT_TRUE(then.contains(name)) << "there is no golden file " << name;
    EXPECT_EQ(then[name], text) << GetParam().name << "/" << name << ".json";
    then.erase(name);
  }
  for (const auto& [name, text] : then) ADD_FAILURE() << "no sample any more for " << GetParam().name << "/" << name << ".json";
}

TEST_P(Golden, EachCanBeSentInBothLanguages) {
  for (const Lang lang : {Lang::zh, Lang::en})
    for (const Sample& sample : samples(GetParam().place(), lang)) {
      const std::string wire = readable_wire(*GetParam().platform, sample);
      EXPECT_FALSE(wire.starts_with("{\n  \"refused\"")) << sample.name << ": " << wire;
    }
}

INSTANTIATE_TEST_SUITE_P(All, Golden, ::testing::ValuesIn(sample_platforms()), [](const auto& one) { return one.param.name; });

/// Each kind of card stands among the samples, so that none is forgotten.
TEST(Samples, HaveEveryKindOfMessage) {
  std::set<std::string> begun;
  for (const Sample& sample : samples(sample_platforms().front().place(), Lang::zh))
    begun.insert(sample.name.substr(0, sample.name.find('_')));
  for (const char* kind : {"hello", "live", "personal", "notice", "form", "choice", "detail", "list", "why", "help"})
    EXPECT_TRUE(begun.contains(kind)) << kind;
}

TEST(Samples, HaveTheFormOfEveryCommandThatHasOne) {
  const SamplePlatform on = sample_platforms().front();
  Rules rules;
  rules.organisation = std::make_shared<const Organisation>(sample_company(on.place().app));
  rules.facts = std::make_shared<const DirectoryFacts>();
  std::set<std::string> names;
  for (const Sample& sample : samples(on.place(), Lang::zh)) names.insert(sample.name);
  std::size_t forms = 0;
  for (const VerbInfo& verb : verbs()) {
    if (form_fields(verb.verb, nullptr, rules, PersonId("zhou.market"), {}, TimePoint{}).empty()) continue;
    ++forms;
    EXPECT_TRUE(names.contains("form_" + std::string(action_of(verb.verb)))) << verb.en;
  }
  EXPECT_GT(forms, 20U);
}

}  // namespace
}  // namespace xieban
