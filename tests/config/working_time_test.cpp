// holidays/cn.json, calendars.json and files of the same schema.

#include "config/working_time.hpp"

#include <gmock/gmock.h>

#include <fstream>

#include "tests/config/support.hpp"

namespace xieban::config::working_time_test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> holiday_problems(std::string_view json) {
  std::vector<Problem> problems;
  parse_holidays(json, "x.toml", problems);
  return lines_of(problems);
}
std::vector<std::string> calendar_problems(std::string_view json) {
  std::vector<Problem> problems;
  parse_calendars(json, "x.toml", problems);
  return lines_of(problems);
}
LocalDate date(int y, unsigned m, unsigned d) { return {std::chrono::year{y}, std::chrono::month{m}, std::chrono::day{d}}; }

TEST(Holidays, TheShippedFileIsReadWhole) {
  const auto holidays = shipped_holidays();
  ASSERT_TRUE(holidays->years.contains(2026));
  const HolidayYear& year = holidays->years.at(2026);
  EXPECT_TRUE(year.published);
  EXPECT_EQ(year.workdays.size(), 6U);
  EXPECT_THAT(year.workdays, Contains(date(2026, 9, 20)));
  ASSERT_FALSE(year.holidays.empty());
  EXPECT_EQ(year.holidays.back().name, "国庆节");
  EXPECT_EQ(year.holidays.back().from, date(2026, 10, 1));
  EXPECT_EQ(year.holidays.back().to, date(2026, 10, 7));
  EXPECT_FALSE(holidays->years.at(2027).published);
  EXPECT_EQ(holidays->statutory.size(), 6U);
  EXPECT_THAT(holidays->aliases.at("劳动节"), Contains("五一"));
}

TEST(Holidays, EveryMistakeHasItsLine) {
  EXPECT_THAT(holiday_problems(R"({
 "years": {
  "2026": {
   "status": "official",
   "holidays": [
    {"name": "国庆节", "from": "2026-10-01", "to": "2026-09-30"},
    {"name": "元旦", "from": "2026-13-01", "to": "2026-01-03"},
    {"from": "2026-05-01", "to": "2026-05-05", "day": "2026-05-06"},
    {"name": "老", "from": "2020-05-01", "to": "2020-05-05"},
    {"name": "长", "from": "2026-05-01", "to": "2026-07-05"}
   ],
   "workdays": [{"date": "2026-02-30"}, {"date": "2026-02-28"}, {"date": "2026-02-28"}, {"date": "2030-01-01"}, {}]
  },
  "2027": {"status": "absent", "workdays": [{"date": "2027-02-28"}]},
  "2028": {"status": "official", "holidays": []},
  "next": {}
 },
 "statutory_fixed": [{"name": "元旦", "days": ["1-1"]}]
})"),
              ElementsAre("6:49 error years.2026.holidays[0].to: 2026-09-30 lies before 2026-10-01",
                          "7:28 error years.2026.holidays[1].from: \"2026-13-01\" is not a date; write \"2026-10-01\"",
                          "8:5 error years.2026.holidays[2].name: missing; write \"name\": \"国庆节\"",
                          "8:55 error years.2026.holidays[2].day: 2026-05-06 lies outside 2026-05-01 to 2026-05-05",
                          "9:27 error years.2026.holidays[3].from: 2020-05-01 to 2020-05-05 does not belong to 2026",
                          "10:47 error years.2026.holidays[4].to: 2026-05-01 to 2026-07-05 is over a month",
                          "12:26 error years.2026.workdays[0].date: \"2026-02-30\" is not a date; write \"2026-10-01\"",
                          "12:74 error years.2026.workdays[2].date: 2026-02-28 stands twice; leave one out",
                          "12:98 error years.2026.workdays[3].date: 2030-01-01 does not belong to 2026",
                          "12:113 error years.2026.workdays[4].date: missing; write \"date\": \"2026-10-01\"",
                          "14:22 error years.2027.status: says \"absent\", but days are listed; write \"official\"",
                          "15:46 error years.2028.holidays: none listed for 2028; enter them, or write \"status\": \"absent\"",
                          "16:3 error years.next: not a year; write \"2026\"",
                          "18:46 error statutory_fixed[0].days[0]: \"1-1\" is not a day; write \"10-01\""));
}

TEST(Holidays, BrokenJsonHasItsLine) {
  EXPECT_THAT(holiday_problems("{\n \"years\": {,}\n}"), ElementsAre(HasSubstr("2:12 error json: ")));
  EXPECT_THAT(holiday_problems(""), ElementsAre(HasSubstr("1:1 error json: ")));
  EXPECT_THAT(holiday_problems("[]"), ElementsAre("1:1 error json: expected an object with \"years\""));
  EXPECT_THAT(holiday_problems("{}"), ElementsAre("1:1 error years: missing; write \"years\": { \"2026\": { … } }"));
  EXPECT_THAT(holiday_problems("{\"years\": {},\n \"years\": {}}"),
              ElementsAre("2:2 error json: the key \"years\" stands twice"));
}

TEST(Calendars, EveryMistakeHasItsLine) {
  EXPECT_THAT(
      calendar_problems(R"({"calendars": [
  {"id": "a", "tz": "Mars/Base", "weekly": {"Mon,Mon": [["09:00", "18:00"]], "Feierabend": []}},
  {"id": "a", "weekly": {"Mon": [["9:00", "18:00"], ["09:00"], ["24:00", "25:00"]]}, "holiday": "cn"},
  {"id": "workday", "weekly": {"Mon": [["09:00", "24:00"]]}},
  {"id": "b", "weekly": {"Mon": [["09:00","12:00"]]}, "holidays": "us", "makeup_as": "Funday", "closed": ["soon"], "special": {"2026-1-1": []}},
  {"weekly": {"Sun": 5}}
]})"),
      ElementsAre("2:21 error calendars[0].tz: the time zone \"Mars/Base\" is not known; write one such as \"Asia/Shanghai\"",
                  "2:45 error calendars[0].weekly.Mon,Mon: Mon stands twice; leave one out",
                  "2:78 error calendars[0].weekly.Feierabend: \"Feierabend\" is not a weekday; write Mon, Tue, Wed, Thu, Fri, "
                  "Sat or Sun",
                  "3:10 error calendars[1].id: \"a\" is taken by a calendar above",
                  "3:34 error calendars[1].weekly.Mon[0]: not an interval; write intervals: [[\"09:00\", \"12:00\"], "
                  "[\"13:30\", \"18:00\"]]",
                  "3:53 error calendars[1].weekly.Mon[1]: not an interval; write intervals: [[\"09:00\", \"12:00\"], "
                  "[\"13:30\", \"18:00\"]]",
                  "3:64 error calendars[1].weekly.Mon[2]: not an interval; write intervals: [[\"09:00\", \"12:00\"], "
                  "[\"13:30\", \"18:00\"]]",
                  "3:86 error calendars[1].holiday: unknown key (did you mean \"holidays\"?)",
                  "4:10 error calendars[2].id: \"workday\" always exists and follows office; choose another id",
                  "5:67 error calendars[3].holidays: \"us\" is not known; write one of \"cn\"",
                  "5:86 error calendars[3].makeup_as: \"Funday\" is not a weekday; write \"Mon\"",
                  "5:107 error calendars[3].closed[0]: \"soon\" is not a date; write \"2026-10-01\"",
                  "5:128 error calendars[3].special.2026-1-1: \"2026-1-1\" is not a date; write \"2026-10-01\"",
                  "6:3 error calendars[4].id: missing; write \"id\": \"office\"",
                  "6:22 error calendars[4].weekly.Sun: expected a list, found a whole number; write intervals: [[\"09:00\", "
                  "\"12:00\"], [\"13:30\", \"18:00\"]]"));
  EXPECT_THAT(calendar_problems(R"({"calendars": [{"id": "a", "weekly": {}}]})"),
              ElementsAre("1:38 error calendars[0].weekly: no working hours at all: clocks on this calendar would never move; "
                          "give at least one day hours"));
}

TEST(Calendars, StandardOnesAlwaysExist) {
  const auto ids = [](const std::vector<CalendarSpec>& specs) {
    std::vector<std::string> out;
    for (const auto& spec : specs) out.push_back(spec.id.value);
    return out;
  };
  EXPECT_THAT(ids(all_calendars(std::nullopt, "Asia/Shanghai")),
              ElementsAre("cn-office", "cn-24x7", "cn-6day", "cn-two-shift", "cn-night", "cn-noholiday", "us-east", "us-night",
                          "office", "natural", "workday"));
  EXPECT_THAT(ids(all_calendars(std::vector<CalendarSpec>{}, "Asia/Shanghai")), ElementsAre("office", "natural", "workday"));
}

TEST(Calendars, OfficeOfTheFileRulesTheOthers) {
  std::vector<Problem> problems;
  const auto own = parse_calendars(
      R"({"calendars": [{"id": "office", "tz": "Asia/Tokyo", "weekly": {"Sat": [["10:00", "12:00"]]}}]})", "f", problems);
  ASSERT_THAT(problems, IsEmpty());
  const auto calendars = make_calendars(all_calendars(own, "Asia/Shanghai"), shipped_holidays());
  const TimePoint saturday = *parse_rfc3339("2026-11-21T00:00:00+09:00");
  EXPECT_EQ(calendars.at(CalendarId("office")).between(saturday, saturday + std::chrono::days{7}), std::chrono::hours{2});
  EXPECT_EQ(calendars.at(CalendarId("workday")).offset(saturday), std::chrono::hours{9});
}

TEST(Calendars, TheCompanysZoneIsThatOfTheBuiltInOnes) {
  std::string toml(kCompany);
  toml.insert(toml.find("leadership_group"), "timezone = \"Europe/Berlin\"\n");
  const auto loaded = load(toml, "x.toml", FakeWorld{}.world());
  ASSERT_TRUE(loaded.has_value());
  EXPECT_THAT(lines_of(loaded->warnings), IsEmpty());
  const TimePoint winter = *parse_rfc3339("2026-12-01T08:00:00Z");
  for (const auto* id : {"office", "workday", "natural"})
    EXPECT_EQ(loaded->config.rules.calendars.at(CalendarId(id)).offset(winter), std::chrono::hours{1}) << id;
}

TEST(Calendars, AFileOfTheCompanyIsRead) {
  FakeWorld world;
  world.files["etc/hours.json"] =
      R"({"calendars": [{"id": "plant", "tz": "Asia/Tokyo", "weekly": {"Mon": [["08:00", "12:00"]]}}]})";
  std::string toml(kCompany);
  toml.insert(toml.find("leadership_group"), "calendars = \"hours.json\"\ncalendar = \"plant\"\n");
  const auto loaded = load(toml, "etc/x.toml", world.world());
  ASSERT_TRUE(loaded.has_value());
  EXPECT_TRUE(loaded->config.rules.calendars.contains(CalendarId("plant")));
  EXPECT_FALSE(loaded->config.rules.calendars.contains(CalendarId("cn-6day")));
  EXPECT_EQ(loaded->warnings.front().key, "company.timezone");
  EXPECT_EQ(loaded->warnings.front().text,
            "the calendar \"plant\" lies in Asia/Tokyo: times are read and shown there, not in Asia/Shanghai");
}

TEST(Calendars, ProblemsNameTheirOwnFile) {
  FakeWorld world;
  world.files["etc/hours.json"] = R"({"calendars": [{"id": "plant"}]})";
  world.files["etc/days.json"] = "{";
  std::string toml(kCompany);
  toml.insert(toml.find("leadership_group"), "calendars = \"hours.json\"\nholidays = \"days.json\"\n");
  const auto loaded = load(toml + "[server]\nlisten = 1\n", "etc/x.toml", world.world());
  ASSERT_FALSE(loaded.has_value());
  std::vector<std::string> files;
  for (const auto& problem : loaded.error()) files.push_back(problem.file);
  EXPECT_THAT(files, ElementsAre("etc/x.toml", "etc/days.json", "etc/hours.json"));
}

TEST(Calendars, AFileThatIsNotThereIsAnError) {
  std::string toml(kCompany);
  toml.insert(toml.find("leadership_group"), "calendars = \"hours.json\"\nholidays = \"days.json\"\n");
  EXPECT_THAT(
      problems_of(toml),
      ElementsAre(
          "3:13 error company.calendars: the file hours.json cannot be read; paths start at the configuration file's folder",
          "4:12 error company.holidays: the file days.json cannot be read; paths start at the configuration file's folder"));
}

TEST(Calendars, TheShippedHolidaysServeWhereTheirFileIsNot) {
  std::string toml(kCompany);
  toml.insert(toml.find("leadership_group"), "holidays = \"holidays/cn.json\"\n");
  EXPECT_THAT(
      problems_of(toml),
      ElementsAre(
          "3:12 warning company.holidays: the file holidays/cn.json is not there: the holidays built into xieban are used; "
          "put the file there to keep them up to date"));
}

TEST(Rules, TheVersionChangesExactlyWithCalendarsAndHolidays) {
  const auto version = [](const std::string& holidays, std::string_view added, const std::string& calendars = {}) {
    FakeWorld world;
    world.files["h.json"] = holidays;
    world.files["c.json"] = calendars;
    std::string toml(kCompany);
    toml.insert(toml.find("leadership_group"),
                std::string("holidays = \"h.json\"\n") + (calendars.empty() ? "" : "calendars = \"c.json\"\n"));
    const auto loaded = load(toml + std::string(added), "x.toml", world.world());
    EXPECT_TRUE(loaded.has_value());
    return loaded ? loaded->config.rules.version : 0;
  };
  const std::string holidays(shipped("holidays/cn.json"));
  const auto base = version(holidays, "");
  EXPECT_NE(base, 0U);
  EXPECT_LE(base, 0x7fffffffffffffffULL);
  EXPECT_EQ(version(holidays, "[[type]]\nid = \"normal\"\naccept_by_silence = true\n"), base);
  EXPECT_EQ(version(holidays + "\n\n", ""), base);
  std::string changed = holidays;
  changed.replace(changed.find("2026-10-07"), 10, "2026-10-08");
  EXPECT_NE(version(changed, ""), base);
  EXPECT_NE(version(holidays, "", R"({"calendars": [{"id": "plant", "weekly": {"Mon": [["08:00", "12:00"]]}}]})"), base);
}

}  // namespace
}  // namespace xieban::config::working_time_test
