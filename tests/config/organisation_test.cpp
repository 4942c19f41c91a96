// [company], [[department]], [[person]], [[group]]: T54 and its kin.

#include <gmock/gmock.h>

#include "tests/config/support.hpp"

namespace xieban::config::organisation_test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Company, ReferencesMustLeadSomewhere) {
  EXPECT_THAT(problems_of("[company]\nname = \"x\"\nleadership_group = [\"ghost\"]\npmo = \"nowhere\"\ncalendar = "
                          "\"ofice\"\ndefault_type = \"norml\"\n"
                          "[[department]]\nid = \"tech\"\nname = \"技术部\"\nhead = \"tehc\"\nvice_president = \"v\"\nliaisons "
                          "= [\"a\"]\nparent = \"p\"\ncalendar = \"c\"\n"
                          "[[person]]\nid = \"a\"\nname = \"甲\"\ndepartment = \"tec\"\nmanager = \"m\"\n"),
              ElementsAre("3:21 error company.leadership_group[0]: there is no person \"ghost\"; write the id of a [[person]]",
                          "4:7 error company.pmo: there is no department \"nowhere\"; write the id of a [[department]]",
                          "5:12 error company.calendar: there is no calendar \"ofice\" (did you mean \"office\"?); write "
                          "natural, workday, office or the "
                          "id of one in the company.calendars file",
                          "6:16 error company.default_type: there is no type \"norml\" (did you mean \"normal\"?); write a "
                          "shipped id (normal, urgent …) "
                          "or the id of a [[type]]",
                          "10:8 error department[0].head: there is no person \"tehc\"; write the id of a [[person]]",
                          "11:18 error department[0].vice_president: there is no person \"v\"; write the id of a [[person]]",
                          "13:10 error department[0].parent: there is no department \"p\"; write the id of a [[department]]",
                          "14:12 error department[0].calendar: there is no calendar \"c\"; write natural, workday, office or "
                          "the id of one in the "
                          "company.calendars file",
                          "18:14 error person[0].department: there is no department \"tec\" (did you mean \"tech\"?); write "
                          "the id of a [[department]]",
                          "19:11 error person[0].manager: there is no person \"m\"; write the id of a [[person]]"));
}

TEST(Company, ValuesAreChecked) {
  const std::string rest(kCompany.substr(kCompany.find("leadership_group")));
  EXPECT_THAT(
      problems_of(
          "[company]\nname = \" \"\ntimezone = \"Asia/Beijing\"\nlanguage = \"zh\"\nsend_between = [\"21:00\", \"08:30\"]\n" +
          rest),
      ElementsAre(
          "2:8 error company.name: empty; write name = \"示例公司\"",
          "3:12 error company.timezone: the time zone \"Asia/Beijing\" is not known; write one such as \"Asia/Shanghai\"",
          "4:12 error company.language: \"zh\" is not known; write one of \"zh-CN\", \"en\"",
          "5:16 error company.send_between: write two times of day, the earlier first: [\"08:30\", \"21:00\"]"));
  for (const auto* bad : {"[\"08:30\"]", "[\"8:30\", \"21:00\"]", "[\"08:30\", \"08:30\"]", "[\"08:30\", \"25:00\"]"})
    EXPECT_THAT(problems_of(std::string("[company]\nname = \"x\"\nsend_between = ") + bad + "\n" + rest), testing::SizeIs(1))
        << bad;
}

TEST(Company, ValuesArrive) {
  const std::string rest(kCompany.substr(kCompany.find("leadership_group")));
  const auto loaded = load(
      "[company]\nname = \"测试\"\nlanguage = \"en\"\nsend_between = [\"09:00\", \"24:00\"]\ncalendar = "
      "\"workday\"\ndefault_type = \"urgent\"\n" +
          rest,
      "x.toml", FakeWorld{}.world());
  ASSERT_TRUE(loaded.has_value());
  const Rules& rules = loaded->config.rules;
  EXPECT_EQ(rules.company, "测试");
  EXPECT_EQ(rules.lang, Lang::en);
  EXPECT_EQ(rules.send_between, (std::array<int, 2>{540, 1440}));
  EXPECT_EQ(rules.company_calendar, CalendarId("workday"));
  EXPECT_EQ(rules.default_type, TypeId("urgent"));
  ASSERT_NE(rules.facts, nullptr);
}

TEST(Company, WhoWatchesAndWhoLeadsIsAskedFor) {
  EXPECT_THAT(problems_of("[company]\nname = \"x\"\n[[department]]\nid = \"d\"\nname = \"部\"\nhead = \"p\"\n[[person]]\nid = "
                          "\"p\"\nname = \"甲\"\ndepartment = \"d\"\n"),
              ElementsAre("1:1 warning company.leadership_group: nobody leads: the last rung of a ladder reaches the PMO only; "
                          "name at least a leader",
                          "1:1 warning company.pmo: no department watches: what nobody answers for goes to the administrators; "
                          "name the PMO's id"));
}

TEST(Company, TwoLeadersAreOneTooMany) {
  std::string toml(kCompany);
  toml.replace(toml.find("[\"boss\"]"), 8, "[\"boss\", \"wang\", \"boss\"]");
  EXPECT_THAT(problems_of(toml), ElementsAre("3:37 error company.leadership_group[2]: \"boss\" stands twice; leave one out"));
}

TEST(Company, InboundNeedsSecretPersonAndType) {
  FakeWorld world;
  world.variables["ZABBIX"] = "whsec_1";
  const std::string rest(kCompany.substr(kCompany.find("leadership_group")));
  const auto loaded = load(
      "[company]\nname = \"x\"\ninbound = [ { id = \"zabbix\", secret = { env = \"ZABBIX\" }, person = \"wang\", type = "
      "\"incident\" } ]\n" +
          rest,
      "x.toml", world.world());
  ASSERT_TRUE(loaded.has_value()) << lines_of(loaded.error()).front();
  ASSERT_EQ(loaded->config.inbound.size(), 1U);
  EXPECT_EQ(loaded->config.inbound[0].secret.reveal(), "whsec_1");
  EXPECT_EQ(loaded->config.inbound[0].type, TypeId("incident"));
  EXPECT_THAT(
      problems_of("[company]\nname = \"x\"\ninbound = [ { id = \"a/b\", secret = \"whsec_1\", person = \"no\", type = \"no\" "
                  "}, { } ]\n" +
                  rest),
      ElementsAre(
          "3:20 error company.inbound[0].id: not an id; write at most 64 letters, digits, dots, dashes and underscores",
          "3:36 error company.inbound[0].secret: a secret must not stand in this file in plain text; write secret = { env = "
          "\"COMPANY_INBOUND_SECRET\" }",
          "3:56 error company.inbound[0].person: there is no person \"no\"; write the id of a [[person]]",
          "3:69 error company.inbound[0].type: there is no type \"no\"; write a shipped id (normal, urgent …) or the id of a "
          "[[type]]",
          "3:77 error company.inbound[1].id: missing; write id = \"zabbix\": the last part of /hook/in/{id}",
          "3:77 error company.inbound[1].secret: missing; write secret = { env = \"COMPANY_INBOUND_SECRET\" }",
          "3:77 error company.inbound[1].person: missing; write person = the id of the one in whose name it raises"));
}

TEST(Department, IdsAreUniqueAndNamesAreGiven) {
  EXPECT_THAT(
      problems_with("[[department]]\nid = \"tech\"\nname = \"\"\nhead = \"wang\"\n[[department]]\nname = \"无名\"\nhead = "
                    "\"wang\"\n[[department]]\nid = \"a b\"\nname = \"空格\"\nhead = \"wang\"\n"),
      ElementsAre("2:6 error department[2].id: \"tech\" is taken by an entry above; every id stands once",
                  "3:8 error department[2].name: empty; write name = \"技术部\"",
                  "5:1 error department[3].id: missing; write id = \"tech\"",
                  "9:6 error department[4].id: not an id; write at most 64 letters, digits, dots, dashes and underscores"));
}

TEST(Department, AMissingHeadIsAnErrorAVacantPostAWarning) {
  EXPECT_THAT(problems_with("[[department]]\nid = \"new\"\nname = \"新部门\"\n"),
              ElementsAre("1:1 error department[2].head: missing; write head = the id of the person who leads it, or head = "
                          "\"\" while the post is vacant"));
  EXPECT_THAT(problems_with("[[department]]\nid = \"new\"\nname = \"新部门\"\nhead = \"\"\n"),
              ElementsAre("4:8 warning department[2].head: vacant: 陈总 (boss) takes over until a head is named"));
  EXPECT_THAT(problems_with("[[department]]\nid = \"new\"\nname = \"新部门\"\nhead = \"\"\nparent = \"tech\"\n"),
              ElementsAre("4:8 warning department[2].head: vacant: 王工 (wang) takes over until a head is named"));
}

TEST(Department, APostWithNobodyAboveIsAnError) {
  EXPECT_THAT(problems_of("[company]\nname = \"x\"\n[[department]]\nid = \"d\"\nname = \"部\"\nhead = \"\"\n[[person]]\nid = "
                          "\"p\"\nname = \"甲\"\ndepartment = \"d\"\n"),
              Contains("6:8 error department[0].head: vacant, and nobody stands above: name a head, a vice president, "
                       "company.leadership_group or company.pmo"));
}

TEST(Department, TwoHeadsCannotBeWritten) {
  EXPECT_THAT(problems_with("[[department]]\nid = \"new\"\nname = \"新部门\"\nhead = [\"wang\", \"zhao\"]\n"),
              Contains("4:8 error department[2].head: expected text in quotes, found a list"));
}

TEST(Department, ParentsMustNotRunInACircle) {
  EXPECT_THAT(
      problems_with("[[department]]\nid = \"a\"\nname = \"甲部\"\nhead = \"wang\"\nparent = \"b\"\n[[department]]\nid = "
                    "\"b\"\nname = \"乙部\"\nhead = \"wang\"\nparent = \"c\"\n"
                    "[[department]]\nid = \"c\"\nname = \"丙部\"\nhead = \"wang\"\nparent = \"b\"\n[[department]]\nid = "
                    "\"d\"\nname = \"丁部\"\nhead = \"wang\"\nparent = \"d\"\n"),
      ElementsAre("10:10 error department[3].parent: a department stands above itself: b → c → b; leave one parent empty",
                  "20:10 error department[5].parent: a department stands above itself: d → d; leave one parent empty"));
}

TEST(Department, OneWordForTwoIsWarnedOf) {
  EXPECT_THAT(problems_with("[[department]]\nid = \"it\"\nname = \"信息部\"\naliases = [\"技术部\", \"IT\"]\nhead = "
                            "\"wang\"\n[[department]]\nid = \"x\"\nname = \"ｉｔ\"\nhead = \"wang\"\n"),
              ElementsAre("2:6 warning department[2].id: \"技术部\" names tech too; people will be asked which one they mean",
                          "7:6 warning department[3].id: \"ｉｔ\" names it too; people will be asked which one they mean"));
}

TEST(Department, PlatformIdsNameConfiguredApps) {
  EXPECT_THAT(
      problems_with("[[department]]\nid = \"a\"\nname = \"甲部\"\nhead = \"wang\"\nplatform_ids = { \"feishu:main\" = \"od\", "
                    "main = \"x\", \"wecom:main\" = \"\", \"dingtalk:main\" = 3 }\n"),
      ElementsAre(
          "5:34 warning department[2].platform_ids.feishu:main: there is no [[feishu]] with id \"main\": this has no effect",
          "5:47 error department[2].platform_ids.main: \"main\" is not an app; write KIND:ID, e.g. \"feishu:main\" (feishu, "
          "dingtalk, wecom)",
          "5:67 error department[2].platform_ids.wecom:main: empty id; leave it out",
          "5:89 error department[2].platform_ids.dingtalk:main: expected text in quotes, found a whole number"));
}

TEST(Person, IdsIdentitiesAndRoles) {
  EXPECT_THAT(
      problems_with("[[person]]\nid = \"wang\"\nname = \"另一个\"\ndepartment = \"tech\"\nrole = \"root\"\n[[person]]\nid = "
                    "\"p\"\ndepartment = \"tech\"\n"
                    "identities = { \"playground:main\" = \"u\", \"slack:main\" = \"u\" }\n[[person]]\nid = \"q\"\nname = "
                    "\"乙\"\ndepartment = \"tech\"\nidentities = { \"playground:main\" = \"u\" }\n"),
      ElementsAre("2:6 error person[4].id: \"wang\" is taken by an entry above; every id stands once",
                  "5:8 error person[4].role: \"root\" is not known; write one of \"\", \"admin\"",
                  "6:1 error person[5].name: missing; write name = \"赵技\"",
                  "9:56 error person[5].identities.slack:main: \"slack:main\" is not an app; write KIND:ID, e.g. "
                  "\"feishu:main\" (feishu, dingtalk, wecom)",
                  "14:36 error person[6].identities.playground:main: \"u\" already belongs to p; one account is one person"));
}

TEST(Person, TheManagerLineMustNotRunInACircle) {
  EXPECT_THAT(problems_with("[[person]]\nid = \"a\"\nname = \"甲\"\ndepartment = \"tech\"\nmanager = \"b\"\n[[person]]\nid = "
                            "\"b\"\nname = \"乙\"\ndepartment = \"tech\"\nmanager = \"a\"\n"
                            "[[person]]\nid = \"c\"\nname = \"丙\"\ndepartment = \"tech\"\nmanager = \"c\"\n"),
              ElementsAre("5:11 error person[4].manager: the manager line runs in a circle: a → b → a; leave one manager empty",
                          "15:11 error person[6].manager: the manager line runs in a circle: c → c; leave one manager empty"));
}

TEST(Person, TheDepartmentsHeadIsPartOfTheManagerLine) {
  std::string toml(kCompany);
  toml.replace(toml.find("name = \"王工\"\n"), std::string("name = \"王工\"\n").size(),
               "name = \"王工\"\nmanager = \"zhao\"\n");
  EXPECT_THAT(
      problems_of(toml),
      ElementsAre(
          "17:11 error person[0].manager: the manager line runs in a circle: wang → zhao → wang; leave one manager empty"));
}

TEST(Person, ALeaderMayBelongToADepartmentTheyStandAbove) {
  std::string toml(kCompany);
  toml.replace(toml.find("head = \"wang\"\n"), std::string("head = \"wang\"\n").size(),
               "head = \"wang\"\nvice_president = \"boss\"\n");
  EXPECT_THAT(problems_of(toml + "department = \"tech\"\n"), IsEmpty());
}

TEST(Person, WithoutADepartmentNobodyStandsAbove) {
  EXPECT_THAT(problems_with("[[person]]\nid = \"p\"\nname = \"甲\"\n"),
              ElementsAre("2:6 warning person[4].id: 甲 belongs to no department: nobody is told when they do not answer; "
                          "write department = \"…\""));
}

TEST(Person, ValuesArrive) {
  const Config config = config_with(
      "[[person]]\nid = \"p\"\nname = \"甲\"\naliases = [\"阿甲\"]\ndepartment = \"tech\"\nmanager = \"zhao\"\nrole = "
      "\"admin\"\nidentities = { \"playground:main\" = \"u\" }\n");
  const Person& person = config.rules.organisation->people.back();
  EXPECT_EQ(person.name, "甲");
  EXPECT_EQ(person.aliases, std::vector<std::string>{"阿甲"});
  EXPECT_EQ(person.manager, PersonId("zhao"));
  EXPECT_TRUE(person.admin);
  EXPECT_EQ(person.identities, (std::vector<IdentityKey>{{AppId("playground:main"), UserId("u")}}));
}

TEST(Group, LevelsAndDepartments) {
  const Config config = config_with(
      "[[group]]\napp = \"playground:main\"\nchat = \"g\"\nlevel = \"department\"\ndepartment = \"tech\"\n[[group]]\napp = "
      "\"playground:main\"\nchat = \"h\"\n");
  ASSERT_EQ(config.rules.groups.size(), 2U);
  EXPECT_EQ(config.rules.groups[0].level, Level::department);
  EXPECT_EQ(config.rules.groups[0].department, DepartmentId("tech"));
  EXPECT_EQ(config.rules.groups[1].level, Level::open);
  EXPECT_THAT(
      problems_with(
          "[[group]]\napp = \"playground:main\"\nchat = \"g\"\nlevel = \"secret\"\n[[group]]\napp = \"playground:main\"\nchat "
          "= \"g\"\nlevel = \"department\"\n[[group]]\nchat = \"h\"\ndepartment = \"tech\"\n"),
      ElementsAre(
          "4:9 error group[0].level: \"secret\" is not known; write one of \"public\", \"participants\", \"department\"",
          "5:1 error group[1].department: missing; level \"department\" needs the department's id",
          "7:8 error group[1].chat: this group is bound by an entry above; leave one out",
          "9:1 error group[2].app: missing; write app = \"feishu:main\"",
          "11:14 error group[2].department: only level \"department\" has a department; leave it out"));
}

}  // namespace
}  // namespace xieban::config::organisation_test
