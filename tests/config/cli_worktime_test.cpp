#include "bot/app/cli_worktime.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

#include "bot/base/text.hpp"
#include "tests/config/support.hpp"

namespace xieban::app::cli_worktime_test {
namespace {

using testing::ElementsAre;

struct Ran {
  int code = 0;
  std::vector<std::string> out;
  std::string err;
};

Ran worktime(const std::string& input, WorktimeArgs args = {.tsv = true}) {
  std::istringstream in(input);
  std::ostringstream out, err;
  Ran ran;
  ran.code = run_worktime(args, in, out, err);
  std::istringstream lines(out.str());
  for (std::string line; std::getline(lines, line);) ran.out.push_back(line);
  ran.err = err.str();
  return ran;
}

TEST(Worktime, TheExamplesOfTheSpecification) {
  std::ifstream file(std::string(XIEBAN_SOURCE_DIR) + "/tests/core/working_time_examples.tsv");
  std::string line, input;
  std::getline(file, line);
  std::vector<std::string> expected, rows;
  while (std::getline(file, line)) {
    const auto fields = text::split(line, '\t');
    ASSERT_GE(fields.size(), 5U) << line;
    rows.push_back(line);
    expected.emplace_back(fields[4]);
    input += std::string(fields[0]) + "\t" + std::string(fields[1]) + "\t" + std::string(fields[2]) + "\t" +
             std::string(fields[3]) + "\n";
  }
  ASSERT_GT(expected.size(), 50U);
  const Ran ran = worktime(input);
  EXPECT_EQ(ran.code, 0);
  ASSERT_EQ(ran.out.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_EQ(ran.out[i], expected[i]) << rows[i];
}

TEST(Worktime, ErrorsSayWhichColumn) {
  EXPECT_THAT(worktime("add\tlunar\t2026-11-20T10:00:00+08:00\t1\n"
                       "sub\toffice\t2026-11-20T10:00:00+08:00\t1\n"
                       "add\toffice\t2026-11-20T10:00:00+08:00\t-1\n"
                       "add\toffice\t2026-11-20T10:00:00+08:00\t1.5\n"
                       "add\toffice\t2026-11-20T10:00:00+08:00\t\n"
                       "add\toffice\t2026-11-20T10:00:00+08:00\t99999999999999999999\n"
                       "add\toffice\tnow\t1\n"
                       "next\toffice\t2026-11-20T10:00:00+08:00\t1\n"
                       "between\toffice\t2026-11-20T10:00:00+08:00\tlater\n"
                       "between\toffice\t2026-11-20T10:00:00+08:00\t2026-11-20T11:00:00+08:00\t\n"
                       "\n"
                       "add\toffice\n")
                  .out,
              ElementsAre("ERROR:calendar", "ERROR:op", "ERROR:arg", "ERROR:arg", "ERROR:arg", "ERROR:arg", "ERROR:arg",
                          "ERROR:arg", "ERROR:arg", "ERROR:arg", "ERROR:calendar", "ERROR:arg"));
}

TEST(Worktime, StandardCalendarsAlwaysExist) {
  EXPECT_THAT(worktime("add\toffice\t2026-11-20T17:30:00+08:00\t60\r\n"
                       "add\tcn-office\t2026-11-20T17:30:00+08:00\t60\n"
                       "add\tnatural\t2026-11-20T17:30:00+08:00\t60\n"
                       "add\tcn-24x7\t2026-11-20T17:30:00+08:00\t60\n"
                       "add\tworkday\t2026-11-20T17:00:00+08:00\t1440\n"
                       "next\tworkday\t2026-10-03T12:00:00+08:00\t\n"
                       "next\toffice\t2026-10-03T12:00:00+08:00\n"
                       "between\tworkday\t2026-11-23T17:00:00+08:00\t2026-11-20T17:00:00+08:00")
                  .out,
              ElementsAre("2026-11-23T09:30:00+08:00", "2026-11-23T09:30:00+08:00", "2026-11-20T18:30:00+08:00",
                          "2026-11-20T18:30:00+08:00", "2026-11-23T17:00:00+08:00", "2026-10-08T00:00:00+08:00",
                          "2026-10-08T09:00:00+08:00", "-1440"));
}

TEST(Worktime, InstantsArePrintedInTheCalendarsZone) {
  EXPECT_THAT(worktime("add\tus-east\t2026-11-20T22:00:00+08:00\t60\nadd\toffice\t2026-11-20T02:00:00Z\t60\n").out,
              ElementsAre("2026-11-20T10:00:00-05:00", "2026-11-20T11:00:00+08:00"));
}

TEST(Worktime, AFileReplacesTheShippedCalendars) {
  config::FakeWorld world;
  world.files["c.json"] = R"({"calendars": [{"id": "plant", "tz": "Asia/Tokyo", "weekly": {"Sat": [["08:00", "12:00"]]}}]})";
  const Ran ran = worktime(
      "next\tplant\t2026-11-20T10:00:00+09:00\t\nnext\tcn-6day\t2026-11-20T10:00:00+08:00\t\nnext\toffice\t2026-11-20T08:00:00+"
      "08:00\t\n",
      {.tsv = true, .calendars = "c.json", .world = world.world()});
  EXPECT_EQ(ran.code, 0);
  EXPECT_THAT(ran.out, ElementsAre("2026-11-21T08:00:00+09:00", "ERROR:calendar", "2026-11-20T09:00:00+08:00"));
}

TEST(Worktime, AFileWithMistakesIsThree) {
  config::FakeWorld world;
  world.files["c.json"] = "{\"calendars\": [\n{\"id\": \"plant\"}]}";
  const Ran broken = worktime("", {.tsv = true, .calendars = "c.json", .world = world.world()});
  EXPECT_EQ(broken.code, 3);
  EXPECT_EQ(broken.err,
            "c.json:2:1: error: calendars[0].weekly: missing; write \"weekly\": {\"Mon,Tue,Wed,Thu,Fri\": [[\"09:00\", "
            "\"18:00\"]]}\n");
  const Ran gone = worktime("", {.tsv = true, .calendars = "d.json", .world = world.world()});
  EXPECT_EQ(gone.code, 3);
  EXPECT_EQ(gone.err, "xieban worktime: the file d.json cannot be read\n");
}

TEST(Worktime, WithoutTsvIsWrongUsage) {
  const Ran ran = worktime("", {.tsv = false});
  EXPECT_EQ(ran.code, 2);
  EXPECT_TRUE(ran.out.empty());
  EXPECT_THAT(ran.err, testing::HasSubstr("usage: xieban worktime --tsv"));
}

}  // namespace
}  // namespace xieban::app::cli_worktime_test
