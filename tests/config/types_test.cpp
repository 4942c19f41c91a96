// [[type]] and [[type.clock]].

#include <gmock/gmock.h>

#include "config/type_names.hpp"
#include "tests/config/support.hpp"

namespace xieban::config::types_test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> clock_problems(const std::string& clock) {
  return problems_with("[[type]]\nid = \"normal\"\n[[type.clock]]\nid = \"first_response\"\n" + clock);
}
std::vector<std::string> rung_problems(const std::string& rung) {
  return clock_problems("ladder = [ { at = \"100%\", to = [\"head\"] }, " + rung + " ]\n");
}
const ClockRule& clock_of(const Config& config, const char* type, ClockKind kind) {
  return clock_rule(*config.rules.type(TypeId(type)), kind);
}

TEST(Types, ShippedOnesAreThereWithTheirHashes) {
  const Config config = config_with("");
  std::set<std::string> ids, hashes;
  for (const auto& type : config.rules.types) {
    ids.insert(type->type.value);
    hashes.insert(type->hash.value);
  }
  EXPECT_EQ(ids, (std::set<std::string>{"daily", "normal", "urgent", "incident", "major", "resource", "process", "stuck",
                                        "conflict", "adhoc", "liability"}));
  EXPECT_EQ(hashes.size(), ids.size());
  EXPECT_EQ(config.rules.default_type, TypeId("normal"));
}

TEST(Types, AShippedIdChangesOnlyWhatItNames) {
  const Config plain = config_with("");
  const Config config = config_with(
      "[[type]]\nid = \"normal\"\naccept_by_silence = true\nreopen_within = \"3d\"\n[[type.clock]]\nid = "
      "\"first_response\"\ntarget = \"8h\"\n");
  const Policy& before = *plain.rules.type(TypeId("normal"));
  const Policy& after = *config.rules.type(TypeId("normal"));
  EXPECT_EQ(after.name, before.name);
  EXPECT_EQ(after.aliases, before.aliases);
  EXPECT_EQ(after.gates, before.gates);
  EXPECT_TRUE(after.accept_by_silence);
  EXPECT_EQ(after.reopen_within, std::chrono::days{3});
  const ClockRule& clock = clock_of(config, "normal", ClockKind::first_response);
  EXPECT_EQ(clock.target, std::optional<Duration>(std::chrono::hours{8}));
  EXPECT_EQ(clock.ladder, clock_of(plain, "normal", ClockKind::first_response).ladder);
  EXPECT_EQ(clock.calendar, CalendarId("workday"));
  EXPECT_EQ(clock_of(config, "normal", ClockKind::task), clock_of(plain, "normal", ClockKind::task));
  EXPECT_NE(after.hash, before.hash);
  EXPECT_EQ(config.rules.type(TypeId("daily"))->hash, plain.rules.type(TypeId("daily"))->hash);
}

TEST(Types, AnIdOfItsOwnIsATypeOfItsOwn) {
  const Config config = config_with(R"([[type]]
id = "press"
name = "对外发布"
aliases = ["发稿"]
gates = ["respond", "agree", "run", "accept"]
own_group = true
progress = "weekly"
progress_at = "10:30"
fields = [ { id = "level", name = "级别", kind = "choice", required = true, choices = ["高", "低"] }, { id = "text", name = "稿件", kind = "long" } ]
[[type.clock]]
id = "first_response"
target = "4h"
calendar = "office"
ladder = [ { at = "-30m", to = ["owner", "person:zhao"], by = "urgent", every = "10m", times = 3 }, { at = "+90m", to = ["pmo"], by = "group" } ]
)");
  const auto type = config.rules.type(TypeId("press"));
  ASSERT_NE(type, nullptr);
  EXPECT_EQ(config.rules.match_type("发稿"), TypeId("press"));
  EXPECT_EQ(type->gates, (std::vector<Phase>{Phase::respond, Phase::agree, Phase::run, Phase::accept}));
  EXPECT_TRUE(type->own_group);
  EXPECT_EQ(type->progress, Cadence::weekly);
  EXPECT_EQ(type->progress_at, 630);
  EXPECT_EQ(type->reopen_within, std::chrono::days{14});
  ASSERT_EQ(type->fields.size(), 2U);
  EXPECT_EQ(type->fields[0].choices, (std::vector<std::string>{"高", "低"}));
  EXPECT_TRUE(type->fields[0].required);
  EXPECT_EQ(type->fields[1].kind, FieldKind::long_text);
  const ClockRule& clock = clock_of(config, "press", ClockKind::first_response);
  ASSERT_EQ(clock.ladder.size(), 2U);
  EXPECT_EQ(clock.ladder[0].at, (std::variant<Share, Offset>(Offset{std::chrono::minutes{-30}, {}})));
  EXPECT_EQ(clock.ladder[0].to, (std::vector<Recipient>{Role::owner, PersonId("zhao")}));
  EXPECT_EQ(clock.ladder[0].by, By::urgent);
  EXPECT_EQ(clock.ladder[0].repeat, (Repeat{std::chrono::minutes{10}, 3}));
  EXPECT_EQ(clock.ladder[1].by, By::in_group);
  EXPECT_EQ(moment_of(clock.ladder[0]), "-30m");
  EXPECT_EQ(moment_of(clock.ladder[1]), "+90m");
  // The clocks it does not name are those of 普通: no step is without one.
  EXPECT_EQ(clock_of(config, "press", ClockKind::acceptance), clock_of(config, "normal", ClockKind::acceptance));
}

TEST(Types, AnUrgentTypeStartsFromUrgent) {
  const Config config = config_with("[[type]]\nid = \"fire\"\nname = \"救火\"\nurgent = true\n");
  EXPECT_EQ(clock_of(config, "fire", ClockKind::first_response), clock_of(config, "urgent", ClockKind::first_response));
  EXPECT_EQ(config.rules.type(TypeId("fire"))->gates, config.rules.type(TypeId("urgent"))->gates);
}

TEST(Types, EveryGateAndClockOfTheContractIsAccepted) {
  std::string toml =
      "[[type]]\nid = \"all\"\nname = \"全部\"\ngates = [\"respond\", \"agree\", \"plan\", \"run\", \"deliver\", \"accept\", "
      "\"review\"]\n";
  for (const auto& [name, kind] : clock_names) {
    toml += "[[type.clock]]\nid = \"" + std::string(name) + "\"\nladder = [ { at = \"100%\", to = [\"head\"] } ]\n";
    if (kind != ClockKind::task && kind != ClockKind::milestone && kind != ClockKind::progress) toml += "target = \"1h\"\n";
  }
  EXPECT_THAT(problems_with(toml), IsEmpty());
}

TEST(Types, GatesStandInOrderOnce) {
  const auto gates = [](const std::string& list) { return problems_with("[[type]]\nid = \"normal\"\ngates = " + list + "\n"); };
  EXPECT_THAT(gates("[\"run\", \"respond\"]"), ElementsAre("3:17 error type[0].gates[1]: \"respond\" stands too late; the "
                                                           "order is respond, agree, plan, run, deliver, accept, review"));
  EXPECT_THAT(gates("[\"respond\", \"run\", \"run\"]"),
              ElementsAre("3:28 error type[0].gates[2]: \"run\" stands twice; leave one out"));
  EXPECT_THAT(gates("[\"respond\", \"rnu\"]"),
              ElementsAre("3:21 error type[0].gates[1]: \"rnu\" is not a gate (did you mean \"run\"?); write some of respond, "
                          "agree, plan, run, deliver, accept, review"));
  EXPECT_THAT(gates("[]"), ElementsAre("3:9 error type[0].gates: \"run\" is missing; somebody must carry the request out, e.g. "
                                       "[\"respond\", \"run\", \"accept\"]"));
}

TEST(Types, IdsAndNames) {
  EXPECT_THAT(problems_with("[[type]]\nid = \"a\"\n[[type]]\nid = \"a\"\nname = \"甲\"\n[[type]]\nid = \"b\"\nname = "
                            "\"乙\"\naliases = [\"加急\"]\n"),
              ElementsAre("1:1 error type[0].name: missing; write name = \"普通\"",
                          "4:6 error type[1].id: \"a\" is taken by an entry above; every id stands once",
                          "7:6 warning type[2].id: \"加急\" names urgent too; people will be asked which one they mean"));
}

TEST(Types, ValuesAreChecked) {
  EXPECT_THAT(
      problems_with("[[type]]\nid = \"normal\"\nname = \"\"\nreopen_within = \"-1d\"\nprogress = \"hourly\"\nprogress_at = "
                    "\"9:00\"\nurgent = 1\n"),
      ElementsAre(
          "3:8 error type[0].name: empty; write name = \"普通\", or leave it out to keep the shipped one",
          "4:17 error type[0].reopen_within: \"-1d\" is out of range; write 0s to 3660d",
          "5:12 error type[0].progress: \"hourly\" is not known; write one of \"off\", \"daily\", \"weekly\", \"biweekly\"",
          "6:15 error type[0].progress_at: \"9:00\" is not a time of day; write \"09:30\"",
          "7:10 error type[0].urgent: expected true or false, found a whole number"));
}

TEST(Types, FieldsAreChecked) {
  EXPECT_THAT(
      problems_with("[[type]]\nid = \"normal\"\nfields = [ { id = \"a\", name = \"甲\", kind = \"date\" }, { id = \"a\", name "
                    "= \"乙\" }, { id = \"b\", name = \"丙\", kind = \"choice\" },\n"
                    "{ id = \"c\", name = \"丁\", choices = [\"x\"] } ]\n"),
      ElementsAre(
          "3:43 error type[0].fields[0].kind: \"date\" is not known; write one of \"text\", \"long\", \"number\", \"choice\", "
          "\"person\", \"department\", \"datetime\"",
          "3:60 error type[0].fields[1].id: \"a\" is taken by an entry above; every id stands once",
          "3:79 error type[0].fields[2].choices: missing; a choice needs its answers, e.g. choices = [\"高\", \"中\", \"低\"]",
          "4:35 error type[0].fields[3].choices: only kind = \"choice\" has answers to choose from; leave it out"));
}

TEST(Clocks, TargetsAreAboveZero) {
  for (const auto* none : {"0h", "-2h", "0s"})
    EXPECT_THAT(clock_problems(std::string("target = \"") + none + "\"\n"),
                ElementsAre(std::string("5:10 error type[0].clock[0].target: \"") + none +
                            "\" leaves no time; write a target above zero, e.g. \"24h\""));
  EXPECT_THAT(clock_problems("target = \"400d\"\n"),
              ElementsAre("5:10 error type[0].clock[0].target: \"400d\" is over a year; write at most \"366d\""));
  EXPECT_THAT(
      clock_problems("target = \"soon\"\n"),
      ElementsAre("5:10 error type[0].clock[0].target: \"soon\" is not a duration; write \"90s\", \"30m\", \"24h\" or \"3d\""));
  EXPECT_THAT(clock_problems("target = 24\n"),
              ElementsAre("5:10 error type[0].clock[0].target: expected text in quotes, found a whole number"));
  EXPECT_THAT(problems_with("[[type]]\nid = \"normal\"\n[[type.clock]]\nid = \"task\"\ntarget = \"24h\"\n"),
              ElementsAre("5:10 error type[0].clock[0].target: it has its own due time; leave target out"));
}

TEST(Clocks, IdsAreKnownAndUnique) {
  EXPECT_THAT(
      problems_with("[[type]]\nid = \"normal\"\n[[type.clock]]\nid = \"first_respons\"\n[[type.clock]]\nid = "
                    "\"task\"\n[[type.clock]]\nid = \"task\"\n[[type.clock]]\ntarget = \"1h\"\n"),
      ElementsAre("4:6 error type[0].clock[0].id: \"first_respons\" is not a clock (did you mean \"first_response\"?); write "
                  "one of first_response, "
                  "recovery, sign_off, task, progress, milestone, dispute, ruling, minutes, acceptance, review, assessment",
                  "8:6 error type[0].clock[2].id: the clock \"task\" stands twice in this type",
                  "9:1 error type[0].clock[3].id: missing; write id = \"first_response\""));
}

TEST(Clocks, ANewClockNeedsTargetAndLadder) {
  EXPECT_THAT(problems_with("[[type]]\nid = \"normal\"\n[[type.clock]]\nid = \"assessment\"\n"),
              ElementsAre("3:1 error type[0].clock[0].target: missing; write how long it may take, e.g. target = \"24h\"",
                          "3:1 error type[0].clock[0].ladder: missing; write at least one rung, or nobody would be reminded"));
}

TEST(Clocks, CalendarsMustExist) {
  EXPECT_THAT(clock_problems("calendar = \"lunar\"\n"),
              ElementsAre("5:12 error type[0].clock[0].calendar: there is no calendar \"lunar\"; write natural, workday, "
                          "office or the id of one in the "
                          "company.calendars file"));
  EXPECT_EQ(
      clock_of(config_with("[[type]]\nid = \"normal\"\n[[type.clock]]\nid = \"first_response\"\ncalendar = \"cn-6day\"\n"),
               "normal", ClockKind::first_response)
          .calendar,
      CalendarId("cn-6day"));
}

TEST(Ladders, AnEmptyChainIsAnError) {
  EXPECT_THAT(clock_problems("ladder = []\n"), ElementsAre("5:10 error type[0].clock[0].ladder: empty: nobody would be "
                                                           "reminded and nothing would escalate; write at least one rung"));
  EXPECT_THAT(rung_problems("{ at = \"50%\", to = [] }"),
              ElementsAre("5:63 error type[0].clock[0].ladder[1].to: nobody is reached; write e.g. to = [\"head\"]"));
  EXPECT_THAT(
      rung_problems("{ at = \"50%\" }"),
      ElementsAre("5:44 error type[0].clock[0].ladder[1].to: missing; write whom it reaches, e.g. to = [\"owner\", \"head\"]"));
}

TEST(Ladders, AChainThatNeverClimbsIsWarnedOf) {
  EXPECT_THAT(clock_problems("ladder = [ { at = \"50%\", to = [\"owner\"] } ]\n"),
              ElementsAre("5:10 warning type[0].clock[0].ladder: no rung goes above the owner: silence would never reach a "
                          "head; add e.g. { at = "
                          "\"100%\", to = [\"head\"], by = \"private\" }"));
}

TEST(Ladders, MomentsAreSharesOrOffsets) {
  for (const auto* good : {"1%", "100%", "200%", "+4h", "-23h", "+90s", "+3d"})
    EXPECT_THAT(rung_problems(std::string("{ at = \"") + good + "\", to = [\"pmo\"] }"), IsEmpty()) << good;
  for (const auto* bad : {"0%", "201%", "-5%", "50", "4h", "+0h", "50 %", "+4", "+400d", "+4x", "%", "1e2%", "5O%"})
    EXPECT_THAT(rung_problems(std::string("{ at = \"") + bad + "\", to = [\"pmo\"] }"),
                ElementsAre(std::string("5:51 error type[0].clock[0].ladder[1].at: \"") + bad +
                            "\" is not a moment; write \"50%\" (1 to 200), \"+4h\" after or \"-24h\" before the target"));
  EXPECT_THAT(rung_problems("{ to = [\"pmo\"] }"),
              ElementsAre("5:44 error type[0].clock[0].ladder[1].at: missing; write when it comes: \"50%\", \"100%\", \"+4h\" "
                          "after or \"-24h\" before the target"));
}

TEST(Ladders, AnOffsetBeforeTheStartIsAnError) {
  EXPECT_THAT(rung_problems("{ at = \"-24h\", to = [\"pmo\"] }"),
              ElementsAre("5:51 error type[0].clock[0].ladder[1].at: 24h before a target of 24h is not after the start; write "
                          "less, or a share such as \"50%\""));
}

TEST(Ladders, RecipientsAreRolesOrPeople) {
  EXPECT_THAT(
      rung_problems("{ at = \"50%\", to = [\"Head\", \"person:\", \"person:ghost\", \"owner\", \"owner\"] }"),
      ElementsAre("5:64 error type[0].clock[0].ladder[1].to[0]: \"Head\" is not a role (did you mean \"head\"?); write "
                  "person:ID or one of owner, requester, "
                  "signer, liaison, head, vice_president, leadership_group, pmo, participants",
                  "5:72 error type[0].clock[0].ladder[1].to[1]: person: needs an id; write \"person:zhao.tech\"",
                  "5:83 error type[0].clock[0].ladder[1].to[2]: there is no person \"ghost\"; write the id of a [[person]]",
                  "5:108 error type[0].clock[0].ladder[1].to[4]: \"owner\" stands twice; leave one out"));
}

TEST(Ladders, RepeatsMakeSense) {
  EXPECT_THAT(rung_problems("{ at = \"50%\", to = [\"pmo\"], every = \"0m\", times = 3 }"),
              ElementsAre("5:80 error type[0].clock[0].ladder[1].every: \"0m\" is out of range; write 1m to 30d"));
  EXPECT_THAT(rung_problems("{ at = \"50%\", to = [\"pmo\"], times = 3 }"),
              ElementsAre("5:80 error type[0].clock[0].ladder[1].times: it says how often `every` repeats; write every = "
                          "\"30m\" too, or leave it out"));
  EXPECT_THAT(rung_problems("{ at = \"50%\", to = [\"pmo\"], every = \"1h\", times = 0 }"),
              ElementsAre("5:94 error type[0].clock[0].ladder[1].times: 0 is out of range; write a number from 1 to 100"));
  EXPECT_THAT(
      rung_problems("{ at = \"50%\", to = [\"pmo\"], by = \"sms\" }"),
      ElementsAre(
          "5:77 error type[0].clock[0].ladder[1].by: \"sms\" is not known; write one of \"group\", \"private\", \"urgent\""));
}

}  // namespace
}  // namespace xieban::config::types_test
