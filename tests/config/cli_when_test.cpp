#include "bot/app/cli_when.hpp"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <fstream>
#include <sstream>

#include "bot/base/text.hpp"

namespace xieban::app::cli_when_test {
namespace {

struct Ran {
  int code = 0;
  std::vector<std::string> out;
  std::string err;
};

Ran when(const WhenArgs& args, const std::string& input = {}) {
  std::istringstream in(input);
  std::ostringstream out, err;
  Ran ran;
  ran.code = run_when(args, in, out, err);
  std::istringstream lines(out.str());
  for (std::string line; std::getline(lines, line);) ran.out.push_back(line);
  ran.err = err.str();
  return ran;
}

WhenArgs of(std::vector<std::string> words) {
  WhenArgs args;
  args.now = "2026-11-20T10:00:00+08:00";  // a Friday
  args.words = std::move(words);
  return args;
}
WhenArgs tsv() {
  WhenArgs args;
  args.tsv = true;
  return args;
}

TEST(When, AnInstantItsEchoAndItsWarnings) {
  const Ran ran = when(of({"明天18:00"}));
  EXPECT_EQ(ran.code, 0);
  ASSERT_EQ(ran.out.size(), 4U);
  EXPECT_EQ(ran.out[0], "2026-11-21T18:00:00+08:00");
  EXPECT_THAT(ran.out[1], testing::HasSubstr("2026-11-21"));
  EXPECT_EQ(ran.out[2], "warning: non_working_day");
  EXPECT_EQ(ran.out[3], "try: 2026-11-20 18:00");  // the working date before
  EXPECT_EQ(ran.err, "");
}

TEST(When, WordsAreJoinedByOneSpace) {
  const Ran ran = when(of({"tomorrow", "18:00"}));
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(ran.out.at(0), "2026-11-21T18:00:00+08:00");
}

TEST(When, AnErrorIsOneWithMessageAndSuggestions) {
  const Ran ran = when(of({"今天09:30"}));
  EXPECT_EQ(ran.code, 1);
  ASSERT_GE(ran.out.size(), 3U);
  EXPECT_EQ(ran.out[0], "ERROR:past");
  EXPECT_FALSE(ran.out[1].empty());
  for (std::size_t i = 2; i < ran.out.size(); ++i) EXPECT_THAT(ran.out[i], testing::StartsWith("try: "));
  EXPECT_LE(ran.out.size(), 4U);
}

TEST(When, SuggestionsCanBeSentAsTheyAre) {
  for (const std::string& line : when(of({"今天09:30"})).out) {
    if (line.starts_with("try: ")) {
      EXPECT_EQ(when(of({line.substr(5)})).code, 0) << line;
    }
  }
}

TEST(When, AnEmptyExpressionIsAnError) {
  const Ran ran = when(of({""}));
  EXPECT_EQ(ran.code, 1);
  EXPECT_EQ(ran.out.at(0), "ERROR:empty");
}

TEST(When, LanguageOfTheMessage) {
  WhenArgs args = of({""});
  args.lang = "en";
  const std::string english = when(args).out.at(1);
  EXPECT_TRUE(std::ranges::all_of(english, [](char c) { return static_cast<unsigned char>(c) < 0x80; })) << english;
  EXPECT_NE(english, when(of({""})).out.at(1));
}

TEST(When, UrgencyChangesWhatHoursMean) {
  WhenArgs args = of({"2小时内"});
  args.now = "2026-11-20T17:30:00+08:00";
  EXPECT_EQ(when(args).out.at(0), "2026-11-23T10:30:00+08:00");
  args.urgency = "urgent";
  EXPECT_EQ(when(args).out.at(0), "2026-11-20T19:30:00+08:00");
}

TEST(When, TheCalendarDecidesTheDaysEndAndTheZone) {
  WhenArgs args = of({"今天"});
  args.calendar = "us-east";
  args.now = "2026-11-20T10:00:00-05:00";
  EXPECT_EQ(when(args).out.at(0), "2026-11-20T17:00:00-05:00");
}

TEST(When, WithoutNowTheSystemsClockCounts) {
  WhenArgs args = of({"1h"});
  args.now.reset();
  args.urgency = "urgent";
  args.system_now = *parse_rfc3339("2026-11-20T10:00:00+08:00");
  EXPECT_EQ(when(args).out.at(0), "2026-11-20T11:00:00+08:00");
}

TEST(When, WrongUsageIsTwo) {
  WhenArgs bad_now = of({"明天"}), bad_calendar = of({"明天"}), bad_urgency = of({"明天"}), bad_lang = of({"明天"}),
           both = of({"明天"});
  bad_now.now = "2026-11-20 10:00";
  bad_calendar.calendar = "lunar";
  bad_urgency.urgency = "high";
  bad_lang.lang = "de";
  both.tsv = true;
  for (const auto& args : {bad_now, bad_calendar, bad_urgency, bad_lang, both, of({})}) {
    const Ran ran = when(args);
    EXPECT_EQ(ran.code, 2);
    EXPECT_TRUE(ran.out.empty());
    EXPECT_THAT(ran.err, testing::HasSubstr("usage: xieban when"));
  }
}

TEST(WhenTsv, OneLinePerLineInOrder) {
  const Ran ran = when(tsv(),
                       "2026-11-20T10:00:00+08:00\t今天下午3点\n"
                       "2026-11-20T10:00:00+08:00\t明天下午5点\tzh\t\r\n"
                       "2026-11-20T17:30:00+08:00\t2小时内\tzh\turgency=urgent\n"
                       "2026-11-20T10:00:00+08:00\t\n"
                       "2026-11-20T10:00:00+08:00\n"
                       "yesterday\t明天\n"
                       "\n"
                       "2026-11-20T10:00:00+08:00\t明天\tzh\turgency=high\n"
                       "2026-11-20T10:00:00+08:00\t今天09:30\ten");
  EXPECT_EQ(ran.code, 0);
  ASSERT_EQ(ran.out.size(), 9U);
  EXPECT_THAT(ran.out[0], testing::StartsWith("2026-11-20T15:00:00+08:00\t\t"));
  EXPECT_THAT(ran.out[1], testing::StartsWith("2026-11-21T17:00:00+08:00\tnon_working_day\t"));
  EXPECT_THAT(ran.out[2], testing::StartsWith("2026-11-20T19:30:00+08:00\t"));
  EXPECT_THAT(ran.out[3], testing::StartsWith("ERROR:empty\t"));
  EXPECT_EQ(ran.out[4], ran.out[3]);
  EXPECT_EQ(ran.out[5], "ERROR:row");
  EXPECT_EQ(ran.out[6], "ERROR:row");
  EXPECT_EQ(ran.out[7], "ERROR:row");
  EXPECT_THAT(ran.out[8], testing::StartsWith("ERROR:past\t"));
}

TEST(WhenTsv, EveryExampleIsReadAndFieldsAreAsManyAsTheContractSays) {
  std::ifstream file(std::string(XIEBAN_SOURCE_DIR) + "/tests/core/time_expressions_examples.tsv");
  std::string line, input;
  std::vector<std::string> expected;
  std::getline(file, line);
  int rows = 0;
  for (; std::getline(file, line); ++rows) {
    auto fields = text::split(line, '\t');
    fields.resize(6);
    expected.emplace_back(fields[3]);
    input += std::string(fields[0]) + "\t" + std::string(fields[1]) + "\t" + std::string(fields[2]) + "\t" +
             std::string(fields[5]) + "\n";
  }
  ASSERT_EQ(rows, 153);
  const Ran ran = when(tsv(), input);
  ASSERT_EQ(ran.out.size(), static_cast<std::size_t>(rows));
  for (std::size_t i = 0; i < ran.out.size(); ++i) {
    const std::string& row = ran.out[i];
    const auto fields = text::split(row, '\t');
    EXPECT_EQ(fields[0], expected[i]) << row;
    if (row.starts_with("ERROR:")) {
      EXPECT_GE(fields.size(), 2U) << row;
      EXPECT_LE(fields.size(), 4U) << row;
    } else {
      EXPECT_EQ(fields.size(), 3U) << row;
    }
  }
}

RC_GTEST_PROP(WhenTsv, AnyBytesGiveOneLineEach, (const std::vector<std::string>& rows)) {
  std::string input;
  for (std::string row : rows) {
    std::erase(row, '\n');
    input += row + "\n2026-11-20T10:00:00+08:00\t" + row + "\n";
  }
  const Ran ran = when(tsv(), input);
  RC_ASSERT(ran.code == 0);
  RC_ASSERT(ran.out.size() == rows.size() * 2);
}

}  // namespace
}  // namespace xieban::app::cli_when_test
