#include "bot/app/cli_check.hpp"

#include <gmock/gmock.h>

#include <sstream>

#include "tests/config/support.hpp"

namespace xieban::app::cli_check_test {
namespace {

struct Ran {
  int code = 0;
  std::string out, err;
};

Ran check(CheckArgs args) {
  std::istringstream in;
  std::ostringstream out, err;
  const int code = run_check(args, in, out, err);
  return {code, out.str(), err.str()};
}

CheckArgs of(const std::string& toml) {
  config::FakeWorld world;
  world.files["dir/x.toml"] = toml;
  CheckArgs args;
  args.config = "dir/x.toml";
  args.world = world.world();
  return args;
}

constexpr std::string_view kNextYear =
    "holidays/cn.json (built in):215:11: warning: years.2027: no holidays and make-up days for 2027: weekdays and fixed "
    "holidays count until "
    "the notice is entered\n";

TEST(Check, AFileInOrderIsZero) {
  const Ran ran = check(of(std::string(config::kCompany)));
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(ran.out, std::string(kNextYear) + "0 errors, 1 warnings\n");
  EXPECT_EQ(ran.err, "");
}

// T54: a file with every kind of mistake is refused with all of them, each at its line and column.
TEST(Check, EveryMistakeAtOnce) {
  const Ran ran = check(of(R"([company]
name = "坏公司"
leadership_group = ["boss", "boss"]
pmo = "pmo"
colour = "red"
[server]
listen = 8080
[[department]]
id = "pmo"
name = "企管部"
[[department]]
id = "tech"
name = "技术部"
head = ""
vice_president = "gone"
[[person]]
id = "boss"
name = "陈总"
[[person]]
id = "a"
name = "甲"
department = "tech"
manager = "b"
[[person]]
id = "b"
name = "乙"
department = "tech"
manager = "a"
[[type]]
id = "normal"
[[type.clock]]
id = "first_response"
target = "0h"
ladder = []
[[type.clock]]
id = "acceptance"
target = "-3d"
[[feishu]]
app_id = "cli"
app_secret = "plain"
)"));
  EXPECT_EQ(ran.code, 1);
  EXPECT_EQ(
      ran.out,
      "dir/x.toml:3:29: error: company.leadership_group[1]: \"boss\" stands twice; leave one out\n"
      "dir/x.toml:5:1: error: company.colour: unknown key; known here: calendar, calendars, default_type, holidays, inbound, "
      "language, "
      "leadership_group, name, pmo, send_between, timezone\n"
      "dir/x.toml:7:10: error: server.listen: expected text in quotes, found a whole number\n"
      "dir/x.toml:8:1: error: department[0].head: missing; write head = the id of the person who leads it, or head = \"\" "
      "while the post is vacant\n"
      "dir/x.toml:14:8: warning: department[1].head: vacant: 陈总 (boss) takes over until a head is named\n"
      "dir/x.toml:15:18: error: department[1].vice_president: there is no person \"gone\"; write the id of a [[person]]\n"
      "dir/x.toml:23:11: error: person[1].manager: the manager line runs in a circle: a → b → a; leave one manager empty\n"
      "dir/x.toml:33:10: error: type[0].clock[0].target: \"0h\" leaves no time; write a target above zero, e.g. \"24h\"\n"
      "dir/x.toml:34:10: error: type[0].clock[0].ladder: empty: nobody would be reminded and nothing would escalate; write at "
      "least one rung\n"
      "dir/x.toml:37:10: error: type[0].clock[1].target: \"-3d\" leaves no time; write a target above zero, e.g. \"24h\"\n"
      "dir/x.toml:40:14: error: feishu[0].app_secret: a secret must not stand in this file in plain text; write app_secret = { "
      "env = "
      "\"FEISHU_APP_SECRET\" }\n" +
          std::string(kNextYear) + "10 errors, 2 warnings\n");
}

TEST(Check, WhatIsWrongWithTheTextItselfHasAKeyToo) {
  const Ran ran = check(of("[company\n"));
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.out, testing::StartsWith("dir/x.toml:1:9: error: toml: Error while parsing table header"));
  EXPECT_THAT(ran.out, testing::EndsWith("\n1 errors, 0 warnings\n"));
}

TEST(Check, AVariableThatIsNotSetHereIsAWarning) {
  const std::string app = "[[feishu]]\napp_id = \"cli\"\napp_secret = { env = \"S\" }\n";
  const Ran ran = check(of(std::string(config::kCompany) + app));
  EXPECT_EQ(ran.code, 0);
  EXPECT_THAT(ran.out, testing::HasSubstr(": warning: feishu[0].app_secret: S is not set here: serve needs it\n"));
  EXPECT_THAT(ran.out, testing::EndsWith("\n0 errors, 2 warnings\n"));
}

TEST(Check, AFileThatIsNotThereIsThree) {
  CheckArgs args = of("");
  args.config = "dir/none.toml";
  const Ran ran = check(args);
  EXPECT_EQ(ran.code, 3);
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(ran.err, "xieban check: the file dir/none.toml cannot be read\n");
}

TEST(Check, OnlineWithoutAppsHasNobodyToAsk) {
  CheckArgs args = of(std::string(config::kCompany));
  args.online = true;
  const Ran ran = check(args);
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(ran.out, std::string(kNextYear) + "0 errors, 1 warnings\n");
  EXPECT_EQ(ran.err, "");
}

TEST(Check, OnlineAsksThePlatformsOnlyAboutAGoodFile) {
  int asked = 0;
  const auto refuse = [&](const config::Config&) {
    ++asked;
    Asked said;
    said.problems = {{"", 0, 0, true, "company.pmo", "the platform does not know it"}};
    return said;
  };
  CheckArgs args = of(std::string(config::kCompany));
  args.ask_platforms = refuse;
  EXPECT_EQ(check(args).code, 0);
  EXPECT_EQ(asked, 0);
  args.online = true;
  const Ran ran = check(args);
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.out, testing::StartsWith("dir/x.toml:4:7: error: company.pmo: the platform does not know it\n"));
  EXPECT_THAT(ran.out, testing::EndsWith("1 errors, 1 warnings\n"));

  args.ask_platforms = [](const config::Config&) {
    Asked silent;
    silent.problems = {{"", 0, 0, true, "company", "cannot reach 127.0.0.1:1"}};
    silent.unreachable = 1;
    return silent;
  };
  const Ran cannot = check(args);
  EXPECT_EQ(cannot.code, 3) << "nothing was found wrong, as nothing could be asked";
  EXPECT_THAT(cannot.out, testing::StartsWith("dir/x.toml:1:1: error: company: cannot reach 127.0.0.1:1\n"));
  CheckArgs broken = of("x = 1\n");
  broken.online = true;
  broken.ask_platforms = refuse;
  EXPECT_EQ(check(broken).code, 1);
  EXPECT_EQ(asked, 1);
}

}  // namespace
}  // namespace xieban::app::cli_check_test
