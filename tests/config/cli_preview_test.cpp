#include "bot/app/cli_preview.hpp"

#include <gmock/gmock.h>

#include <sstream>

#include "bot/base/text.hpp"
#include "tests/config/support.hpp"

namespace xieban::app::cli_preview_test {
namespace {

using testing::ElementsAre;

struct Ran {
  int code = 0;
  std::string header;
  std::vector<std::string> rows;  // without the text
  std::vector<std::string> texts;
  std::string err;
};

Ran preview(const PreviewArgs& args) {
  std::istringstream in;
  std::ostringstream out, err;
  Ran ran;
  ran.code = run_preview(args, in, out, err);
  ran.err = err.str();
  std::istringstream lines(out.str());
  for (std::string line; std::getline(lines, line);) {
    if (ran.header.empty()) {
      ran.header = line;
      continue;
    }
    const auto fields = text::split(line, '\t');
    EXPECT_EQ(fields.size(), 8U) << line;
    ran.texts.emplace_back(fields.back());
    ran.rows.push_back(line.substr(0, line.rfind('\t')));
  }
  return ran;
}

PreviewArgs of(const std::string& type, const std::string& raised_at, const std::string& added = {}) {
  config::FakeWorld world;
  world.files["x.toml"] = std::string(config::shipped("sample.toml")) + added;
  PreviewArgs args;
  args.config = "x.toml";
  args.type = type;
  args.raised_at = raised_at;
  args.department = "tech";
  args.requester = "han.meimei";
  args.world = world.world();
  return args;
}

TEST(Preview, ANormalRequestClimbsTheLadder) {
  // A Monday: half of 24 h is 22:00 and 80 % is 05:12; both wait for 08:30, and of two that wait the higher one is sent.
  const Ran ran = preview(of("normal", "2026-11-23T10:00:00+08:00"));
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(ran.header, "# local time\telapsed on the clock\tclock\trung\trole\tperson\tchannel\ttext");
  EXPECT_THAT(
      ran.rows,
      ElementsAre("2026-11-24T08:30:00+08:00\tPT22H30M\tfirst_response\t80%\towner\tzhao.tech\tgroup",
                  "2026-11-24T10:00:00+08:00\tP1D\tfirst_response\t100%\thead\twang.tech\tprivate",
                  "2026-11-24T15:30:00+08:00\tP1DT5H30M\tfirst_response\t+4h\tvice_president\tli.fuzong\tprivate",
                  "2026-11-27T11:30:00+08:00\tP4DT1H30M\tfirst_response\t+24h\tleadership_group\tchen.zong\tprivate",
                  "2026-11-27T11:30:00+08:00\tP4DT1H30M\tfirst_response\t+24h\tpmo\tguo.pmo\tprivate",
                  "2026-11-27T11:30:00+08:00\tP4DT1H30M\tfirst_response\t+24h\tleadership_group\tli.fuzong\tprivate",
                  "2026-11-27T11:30:00+08:00\tP4DT1H30M\tfirst_response\t+24h\tleadership_group\tzhang.fuzong\tprivate"));
  for (const auto& text : ran.texts) EXPECT_FALSE(text.empty());
}

TEST(Preview, AnUrgentOneDoesNotWaitForTheMorning) {
  const Ran ran = preview(of("urgent", "2026-11-21T22:00:00+08:00"));
  EXPECT_EQ(ran.code, 0);
  std::vector<std::string> urgent;
  for (const auto& row : ran.rows)
    if (row.ends_with("\turgent")) urgent.push_back(row);
  EXPECT_THAT(urgent, ElementsAre("2026-11-21T23:36:00+08:00\tPT1H36M\tfirst_response\t80%\towner\tzhao.tech\turgent",
                                  "2026-11-22T00:00:00+08:00\tPT2H\tfirst_response\t100%\tvice_president\tli.fuzong\turgent",
                                  "2026-11-22T00:00:00+08:00\tPT2H\tfirst_response\t100%\thead\twang.tech\turgent"));
}

TEST(Preview, EndsAtUntilAndAlwaysEnds) {
  PreviewArgs args = of("normal", "2026-11-23T10:00:00+08:00");
  args.until = "2026-11-24T10:00:00+08:00";
  EXPECT_EQ(preview(args).rows.size(), 2U);
  args.until = "2026-11-23T10:00:00+08:00";
  const Ran none = preview(args);
  EXPECT_EQ(none.code, 0);
  EXPECT_FALSE(none.header.empty());
  EXPECT_TRUE(none.rows.empty());
  // The owner is reminded every half hour, then once each working date: a year of it.
  PreviewArgs long_one = of("urgent", "2026-01-05T10:00:00+08:00");
  long_one.until = "2027-01-05T10:00:00+08:00";
  const Ran year = preview(long_one);
  EXPECT_EQ(year.code, 0);
  EXPECT_GT(year.rows.size(), 200U);
  EXPECT_LT(year.rows.size(), 400U);
  EXPECT_LE(year.rows.back().substr(0, 25), "2027-01-05T10:00:00+08:00");
}

TEST(Preview, FourteenDaysByDefault) {
  const Ran ran = preview(of("urgent", "2026-11-23T10:00:00+08:00"));
  ASSERT_FALSE(ran.rows.empty());
  EXPECT_LE(ran.rows.back().substr(0, 25), "2026-12-07T10:00:00+08:00");
  EXPECT_GE(ran.rows.back().substr(0, 10), "2026-12-06");
}

TEST(Preview, TheFirstDepartmentLeadsByDefault) {
  PreviewArgs args = of("normal", "2026-11-23T10:00:00+08:00");
  args.department.reset();
  args.requester.reset();
  const Ran ran = preview(args);
  EXPECT_EQ(ran.code, 0);
  ASSERT_FALSE(ran.rows.empty());
  EXPECT_THAT(ran.rows.front(), testing::HasSubstr("\towner\the.market\t"));
}

TEST(Preview, ATypeOfTheFileIsPreviewedToo) {
  const Ran ran = preview(
      of("quick", "2026-11-23T10:00:00+08:00",
         "[[type]]\nid = \"quick\"\nname = \"快办\"\n[[type.clock]]\nid = \"first_response\"\ntarget = \"2h\"\ncalendar = "
         "\"office\"\n"
         "ladder = [ { at = \"-30m\", to = [\"person:gao.admin\"], by = \"group\" }, { at = \"100%\", to = [\"head\"] } ]\n"));
  EXPECT_THAT(ran.rows,
              ElementsAre("2026-11-23T11:30:00+08:00\tPT1H30M\tfirst_response\t-30m\tperson:gao.admin\tgao.admin\tgroup",
                          "2026-11-23T12:00:00+08:00\tPT2H\tfirst_response\t100%\thead\twang.tech\tprivate"));
}

/// The sample, in which 技术部 works by a calendar of its own.
PreviewArgs of_plant(const std::string& raised_at) {
  std::string text(config::shipped("sample.toml"));
  const auto company = text.find("[company]\n");
  text.insert(company + std::string("[company]\n").size(), "calendars = \"calendars.json\"\n");
  const auto tech = text.find("id = \"tech\"\n");
  text.insert(tech, "calendar = \"plant\"\n");
  config::FakeWorld world;
  world.files["x.toml"] = text;
  world.files["calendars.json"] = R"({"calendars": [{"id": "plant", "tz": "Asia/Shanghai", "holidays": "cn",
    "weekly": {"Mon,Tue,Wed,Thu,Fri,Sat": [["08:00", "12:00"], ["12:00", "16:00"]]}}]})";
  PreviewArgs args = of("normal", raised_at);
  args.world = world.world();
  return args;
}

TEST(Preview, ADepartmentWithItsOwnCalendarIsMeasuredByIt) {
  // Friday evening: 技术部 works on Saturdays, so a day of its working dates is over on Saturday at 17:00, and four hours of
  // its office, 08:00 to 16:00, on Monday at noon.
  const Ran own = preview(of_plant("2026-11-20T17:00:00+08:00"));
  ASSERT_EQ(own.code, 0) << own.err;
  std::vector<std::string> elapsed;
  for (const auto& row : own.rows) elapsed.push_back(row.substr(0, row.find("first_response")));
  EXPECT_THAT(elapsed, testing::Contains("2026-11-23T08:30:00+08:00\tP1DT15H30M\t"));
  EXPECT_THAT(elapsed, testing::Contains("2026-11-23T12:00:00+08:00\tP1DT19H\t"));
  // Another department keeps the company's.
  PreviewArgs args = of_plant("2026-11-20T17:00:00+08:00");
  args.department = "market";
  const Ran other = preview(args);
  ASSERT_EQ(other.code, 0) << other.err;
  EXPECT_THAT(other.rows, testing::Contains(testing::StartsWith("2026-11-23T17:00:00+08:00\tP1D\tfirst_response\t100%")));
}

TEST(Preview, EndsWhateverRepeatsALadderHas) {
  // Every ten minutes until a target three months ahead.
  PreviewArgs args = of("busy", "2026-11-23T10:00:00+08:00",
                        "[[type]]\nid = \"busy\"\nname = \"很忙\"\nurgent = true\n[[type.clock]]\nid = "
                        "\"first_response\"\ntarget = \"90d\"\ncalendar = \"natural\"\nladder = [ { at = \"1%\", to = "
                        "[\"owner\"], by = \"urgent\", every = \"10m\", times = 100 }, { at = \"100%\", to = [\"head\"] } ]\n");
  const Ran fortnight = preview(args);
  EXPECT_EQ(fortnight.code, 0) << fortnight.err;
  EXPECT_GT(fortnight.rows.size(), 1800U);
  EXPECT_LE(fortnight.rows.back().substr(0, 25), "2026-12-07T10:00:00+08:00");
}

TEST(Preview, WrongUsageIsTwo) {
  PreviewArgs bad_time = of("normal", "yesterday"), bad_type = of("norml", "2026-11-23T10:00:00+08:00"),
              bad_until = of("normal", "2026-11-23T10:00:00+08:00"), early = bad_until, bad_department = bad_until,
              bad_person = bad_until;
  bad_until.until = "soon";
  early.until = "2026-11-22T10:00:00+08:00";
  bad_department.department = "nowhere";
  bad_person.requester = "nobody";
  for (const auto& args : {bad_time, bad_type, bad_until, early, bad_department, bad_person}) {
    const Ran ran = preview(args);
    EXPECT_EQ(ran.code, 2);
    EXPECT_EQ(ran.header, "");
    EXPECT_THAT(ran.err, testing::HasSubstr("usage: xieban preview"));
  }
}

TEST(Preview, ABrokenConfigurationIsOneAMissingOneThree) {
  const Ran broken = preview(of("normal", "2026-11-23T10:00:00+08:00", "[[group]]\ncolour = 1\n"));
  EXPECT_EQ(broken.code, 1);
  EXPECT_EQ(broken.header, "");
  EXPECT_THAT(broken.err, testing::HasSubstr("error: group[0].colour: unknown key"));
  PreviewArgs gone = of("normal", "2026-11-23T10:00:00+08:00");
  gone.config = "y.toml";
  EXPECT_EQ(preview(gone).code, 3);
}

}  // namespace
}  // namespace xieban::app::cli_preview_test
