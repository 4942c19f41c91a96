// The file as a whole: what is reported, where, in which order; the example and the sample.

#include <gmock/gmock.h>

#include <fstream>
#include <set>

#include "config/node.hpp"
#include "tests/config/support.hpp"

namespace xieban::config::load_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Lines = std::vector<std::string>;

std::string file_text(const std::string& path) {
  std::ifstream in(std::string(XIEBAN_SOURCE_DIR) + "/" + path);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

TEST(Load, ACompanyInOrderHasNoProblems) { EXPECT_THAT(problems_of(kCompany), IsEmpty()); }

TEST(Load, UnknownKeysAreErrorsWithTheNearestName) {
  EXPECT_THAT(problems_with("[server]\nlisten = \"127.0.0.1:0\"\nlisen = 1\n[sever]\n"),
              ElementsAre("3:1 error server.lisen: unknown key (did you mean \"listen\"?)",
                          "4:2 error sever: unknown key (did you mean \"server\"?)"));
  EXPECT_THAT(problems_with("[playground]\ncolour = \"red\"\n"),
              ElementsAre("2:1 error playground.colour: unknown key; known here: allow_remote, enabled"));
}

TEST(Load, WrongTypesSayWhatWasExpectedAndFound) {
  EXPECT_THAT(
      problems_with(
          "[server]\nlisten = 8080\n[playground]\nenabled = \"yes\"\n[storage]\nbackup = { keep = 1.5, at = 02:30:00 }\n"
          "keep_inbox = 7\n[alarm]\npeople = \"wang\"\n[[type]]\nid = \"normal\"\nfields = [1]\n"),
      ElementsAre("2:10 error server.listen: expected text in quotes, found a whole number",
                  "4:11 error playground.enabled: expected true or false, found text",
                  "6:19 error storage.backup.keep: expected a whole number, found a number with a fraction",
                  "6:29 error storage.backup.at: expected a time of day in quotes such as \"09:30\", found a date or time "
                  "without quotes",
                  "7:14 error storage.keep_inbox: expected a duration in quotes such as \"30m\", \"24h\" or \"3d\", found a "
                  "whole number",
                  "9:10 error alarm.people: expected a list such as [\"a\", \"b\"], found text",
                  "12:11 error type[0].fields[0]: expected a table, found a whole number"));
  EXPECT_THAT(problems_with("[[server]]\n"), ElementsAre("1:1 error server: expected a table [server], found a list"));
  EXPECT_THAT(
      problems_of("[department]\nid = \"tech\"\n"),
      testing::Contains("1:1 error department: expected a list of tables; write [[department]] above each, found a table"));
}

TEST(Load, ABrokenLineDoesNotHideTheOthers) {
  const auto lines = problems_with(
      "[server]\nlisten = = 1\nlisten = \"nowhere\"\n[storage]\nurl = \"sqlite:a\"\nurl = \"sqlite:b\"\nkeep = 1\n");
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_THAT(lines[0], HasSubstr("2:10 error toml: "));
  EXPECT_EQ(lines[1], "3:10 error server.listen: \"nowhere\" is not ADDRESS:PORT; write \"127.0.0.1:8080\" or \"[::1]:8080\"");
  EXPECT_THAT(lines[2], HasSubstr("cannot redefine existing string 'url'"));
  EXPECT_EQ(lines[3], "7:1 error storage.keep: unknown key; known here: backup, keep_inbox, url");
}

TEST(Load, AKeyWhoseLineIsBrokenIsNotReportedAsMissing) {
  const auto lines = problems_of("[company]\nname = 'x\nleadership_group = [\"a\"]\n");
  EXPECT_THAT(lines, testing::Not(testing::Contains(HasSubstr("company.name: missing"))));
}

TEST(Load, ABrokenHeaderIsReportedAlone) {
  const auto lines = problems_of("[company\nname = \"x\"\n[server]\nlisten = 5\n");
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_THAT(lines[0], HasSubstr("1:9 error toml: "));
}

TEST(Load, BytesThatAreNoTextAreRefused) {
  EXPECT_THAT(problems_of("[company]\nname = \"\xff\"\n"), testing::Contains(HasSubstr("2:8 error toml: ")));
  EXPECT_FALSE(load(std::string("\0[company]", 10), "x.toml", FakeWorld{}.world()).has_value());
}

TEST(Load, AnEmptyFileSaysWhatIsMissing) {
  EXPECT_THAT(problems_of(""),
              ElementsAre("1:1 warning company: missing; write [company] with at least name, leadership_group and pmo",
                          "1:1 warning department: none: nobody can be asked for anything; write [[department]] for each",
                          "1:1 warning person: none: nobody is known; write [[person]] for each"));
}

TEST(Load, ProblemsStandInTheOrderOfTheFile) {
  const auto loaded = load(std::string(kCompany) + "[server]\nx = 1\n[alarm]\npeople = [\"nobody\", \"no one\"]\n", "x.toml",
                           FakeWorld{}.world());
  ASSERT_FALSE(loaded.has_value());
  const auto& problems = loaded.error();
  EXPECT_TRUE(
      std::ranges::is_sorted(problems, {}, [](const Problem& p) { return std::tuple(p.file != "x.toml", p.line, p.column); }));
}

TEST(Load, WarningsAloneStillGiveAConfiguration) {
  const auto loaded = load(std::string(kCompany) + "[[department]]\nid = \"new\"\nname = \"新部门\"\nhead = \"\"\n", "x.toml",
                           FakeWorld{}.world());
  ASSERT_TRUE(loaded.has_value());
  EXPECT_THAT(lines_of(loaded->warnings), testing::SizeIs(1));
  EXPECT_EQ(loaded->config.rules.organisation->departments.size(), 3U);
}

TEST(Load, YearsWithoutANoticeAreWarnedOf) {
  const auto loaded = load(kCompany, "x.toml", FakeWorld{}.world());
  ASSERT_TRUE(loaded.has_value());
  ASSERT_EQ(loaded->warnings.size(), 1U);
  EXPECT_EQ(loaded->warnings[0].file, "holidays/cn.json (built in)");
  EXPECT_EQ(loaded->warnings[0].line, 215);
  EXPECT_EQ(loaded->warnings[0].key, "years.2027");
  EXPECT_FALSE(loaded->warnings[0].error);
}

TEST(Load, AHolidayFileThatEndsBeforeTheNextYearIsWarnedOf) {
  FakeWorld files;
  files.files["cn.json"] = R"({"years": {"2026": {"status": "official", "holidays": [
    {"name": "国庆节", "from": "2026-10-01", "to": "2026-10-07"}]}}})";
  const auto warnings = [&](const char* now) {
    World world = files.world();
    world.now = parse_rfc3339(now);
    auto loaded = load("[company]\nholidays = \"cn.json\"\n" + std::string(kCompany).substr(std::string("[company]\n").size()),
                       "x.toml", world);
    std::vector<std::string> lines;
    if (loaded) lines = lines_of(loaded->warnings);
    return lines;
  };
  EXPECT_THAT(
      warnings("2025-11-21T10:00:00+08:00"),
      ElementsAre("2:12 warning company.holidays: the file has no year 2025: weekdays and fixed holidays count until the "
                  "notice is entered"));
  EXPECT_THAT(
      warnings("2026-11-21T10:00:00+08:00"),
      ElementsAre("2:12 warning company.holidays: the file has no year 2027: weekdays and fixed holidays count until the "
                  "notice is entered"));
  EXPECT_THAT(warnings("2026-12-31T23:30:00Z"), testing::SizeIs(2)) << "2027 has begun in Shanghai";
}

// ---- the example ------------------------------------------------------------------------------------

TEST(Example, LoadsAsItIs) {
  FakeWorld world;
  world.any_variable = true;
  world.files["config/holidays/cn.json"] = file_text("config/holidays/cn.json");
  const auto loaded = load(shipped("xieban.example.toml"), "config/xieban.example.toml", world.world());
  ASSERT_TRUE(loaded.has_value()) << lines_of(loaded.error()).front();
  // "x" is not what a platform gives as a key, and 2027 has no notice yet; nothing else.
  std::vector<std::string> keys;
  for (const auto& warning : loaded->warnings) keys.push_back(warning.key);
  EXPECT_THAT(keys, ElementsAre("wecom[0].app.aes_key", "years.2027"));
  EXPECT_EQ(loaded->config.feishu.size(), 1U);
  EXPECT_EQ(loaded->config.dingtalk.size(), 1U);
  ASSERT_EQ(loaded->config.wecom.size(), 1U);
  EXPECT_EQ(loaded->config.wecom[0].webhooks.size(), 1U);
  EXPECT_EQ(loaded->config.inbound.size(), 1U);
}

TEST(Example, ChecksWithoutAnyVariable) {
  FakeWorld nothing_set;
  nothing_set.files["config/holidays/cn.json"] = file_text("config/holidays/cn.json");
  World world = nothing_set.world();
  EXPECT_FALSE(load(shipped("xieban.example.toml"), "config/xieban.example.toml", world).has_value()) << "nor could it serve";
  world.secrets = World::Secrets::may_be_unset;
  const auto loaded = load(shipped("xieban.example.toml"), "config/xieban.example.toml", world);
  ASSERT_TRUE(loaded.has_value()) << lines_of(loaded.error()).front();
  std::size_t unset = 0;
  for (const auto& warning : loaded->warnings) unset += warning.text.ends_with(" is not set here: serve needs it") ? 1U : 0U;
  EXPECT_GE(unset, 5U);
  EXPECT_EQ(unset + 1, loaded->warnings.size()) << "and the year without a notice";
}

TEST(Example, IsTheFileOfTheRepository) { EXPECT_EQ(shipped("xieban.example.toml"), file_text("config/xieban.example.toml")); }

TEST(Example, ShippedTypesStayAsTheyAre) {
  FakeWorld world;
  world.any_variable = true;
  const auto loaded = load(shipped("xieban.example.toml"), "xieban.example.toml", world.world());
  ASSERT_TRUE(loaded.has_value());
  const auto as_shipped = config_with("");
  for (const auto* id : {"normal", "urgent"})
    EXPECT_EQ(loaded->config.rules.type(TypeId(id))->clocks, as_shipped.rules.type(TypeId(id))->clocks) << id;
}

void collect(const Node& node, const std::string& path, std::set<std::string>& out) {
  if (!path.empty()) out.insert(path);
  for (const auto& member : node.members) collect(member.value, path.empty() ? member.key : path + "." + member.key, out);
  for (const auto& item : node.items) collect(item, path, out);
}

TEST(Example, HasEveryKeyOfTheContract) {
  const auto text = parse_toml(shipped("xieban.example.toml"));
  ASSERT_TRUE(text.errors.empty());
  std::set<std::string> keys;
  collect(text.root, "", keys);
  const std::vector<std::pair<std::string, std::vector<std::string>>> contract{
      {"server", {"listen", "public_url", "trusted_proxies", "tls.certificate", "tls.key"}},
      {"storage", {"url", "keep_inbox", "backup.folder", "backup.at", "backup.keep"}},
      {"playground", {"enabled", "allow_remote"}},
      {"alarm", {"people", "heartbeat_url"}},
      {"company",
       {"name", "timezone", "language", "calendar", "holidays", "calendars", "send_between", "leadership_group", "pmo",
        "default_type", "inbound.id", "inbound.secret.env", "inbound.person", "inbound.type"}},
      {"department", {"id", "name", "aliases", "parent", "head", "vice_president", "liaisons", "calendar", "platform_ids"}},
      {"person", {"id", "name", "aliases", "department", "manager", "role", "identities"}},
      {"group", {"app", "chat", "level", "department"}},
      {"type",
       {"id",
        "name",
        "aliases",
        "gates",
        "urgent",
        "own_group",
        "own_group_after",
        "accept_by_silence",
        "reopen_within",
        "progress",
        "progress_at",
        "fields.id",
        "fields.name",
        "fields.kind",
        "fields.required",
        "clock.id",
        "clock.target",
        "clock.calendar",
        "clock.ladder.at",
        "clock.ladder.to",
        "clock.ladder.by",
        "clock.ladder.every",
        "clock.ladder.times"}},
      {"feishu",
       {"id", "transport", "app_id", "app_secret.env", "encrypt_key.env", "verification_token.env", "api_base", "stream_base",
        "bot_name"}},
      {"dingtalk",
       {"id", "transport", "corp_id", "client_id", "client_secret.env", "event_token.env", "event_aes_key.env",
        "card_secret.env", "card_template", "group_template", "group_robot", "monthly_calls", "api_base", "oapi_base",
        "stream_base"}},
      {"wecom",
       {"id", "corp_id", "app.agent_id", "app.secret.env", "app.callback", "app.token.env", "app.aes_key.env", "bot.transport",
        "bot.bot_id", "bot.secret.env", "bot.token.env", "bot.aes_key.env", "bot.name", "webhooks.chat", "webhooks.key.env",
        "api_base", "stream_base"}}};
  for (const auto& [section, names] : contract)
    for (const auto& name : names) EXPECT_TRUE(keys.contains(section + "." + name)) << section << "." << name;
}

// ---- the sample -------------------------------------------------------------------------------------

TEST(Sample, IsACompanyWhereNothingIsMissing) {
  const Loaded loaded = sample();
  EXPECT_THAT(lines_of(loaded.warnings), IsEmpty());
  EXPECT_TRUE(loaded.config.playground.enabled);
  const Organisation& organisation = *loaded.config.rules.organisation;
  EXPECT_EQ(organisation.departments.size(), 5U);
  EXPECT_GE(organisation.people.size(), 20U);
  EXPECT_EQ(organisation.leadership_group.size(), 3U);
  EXPECT_EQ(organisation.leadership_group[0], PersonId("chen.zong"));
  EXPECT_EQ(organisation.pmo, DepartmentId("pmo"));
  std::set<std::string> vice_presidents;
  for (const auto& department : organisation.departments) {
    EXPECT_FALSE(department.head.empty()) << department.id.value;
    EXPECT_GE(department.liaisons.size(), 2U) << department.id.value;
    vice_presidents.insert(department.vice_president.value);
  }
  EXPECT_THAT(vice_presidents, testing::IsSupersetOf({"li.fuzong", "zhang.fuzong"}));
}

TEST(Sample, EverybodyIsInThePlaygroundUnderTheirOwnId) {
  const Loaded loaded = sample();
  for (const auto& person : loaded.config.rules.organisation->people)
    EXPECT_EQ(person.identities, std::vector<IdentityKey>({{AppId("playground:main"), UserId(person.id.value)}}))
        << person.id.value;
}

TEST(Sample, TheFirstPersonIsAnOrdinaryOne) {
  const Loaded loaded = sample();
  const Organisation& organisation = *loaded.config.rules.organisation;
  const Person& first = organisation.people.front();
  EXPECT_EQ(first.name, "韩梅梅");
  EXPECT_EQ(first.department, DepartmentId("market"));
  EXPECT_FALSE(first.admin);
  for (const auto& department : organisation.departments) {
    EXPECT_NE(department.head, first.id);
    EXPECT_EQ(std::ranges::count(department.liaisons, first.id), 0);
  }
}

TEST(Sample, PartsOfNamesMayMeanSeveralPeople) {
  const Loaded loaded = sample();
  const Directory people = loaded.config.rules.people();
  EXPECT_EQ(people.match_person("李雷").kind, Match<PersonId>::Kind::one);
  EXPECT_EQ(people.match_person("李").kind, Match<PersonId>::Kind::several);
  EXPECT_EQ(people.match_department("研发").candidates, std::vector<DepartmentId>{DepartmentId("tech")});
}

TEST(Playground, EnablingItPutsEverybodyIntoIt) {
  Config config = config_with(
      "[[person]]\nid = \"li\"\nname = \"李雷\"\ndepartment = \"tech\"\nidentities = { \"playground:main\" = \"other\" }\n");
  EXPECT_TRUE(config.rules.organisation->people[0].identities.empty());
  enable_playground(config);
  EXPECT_TRUE(config.playground.enabled);
  EXPECT_EQ(config.rules.organisation->people[0].identities[0], (IdentityKey{AppId("playground:main"), UserId("wang")}));
  EXPECT_EQ(config.rules.organisation->people[4].identities,
            (std::vector<IdentityKey>{{AppId("playground:main"), UserId("other")}}));
}

}  // namespace
}  // namespace xieban::config::load_test
