// Time alone: reminders, escalation, breaches, pauses that end, silence, outages.

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/core/request_world.hpp"

namespace xieban::test::request_wake_test {
namespace {

using Strings = std::vector<std::string>;
constexpr Duration minutes(int n) { return std::chrono::minutes(n); }
std::string local(TimePoint at) { return to_rfc3339(at).substr(0, 16); }

TEST(RequestWake, NormalLadderClimbsTheLine) {
  World world("2026-11-20T17:00:00");
  world.raised();
  EXPECT_EQ(world.cards(), (Strings{"live", "personal:zhao"}));
  world.until("2026-11-23T04:59:00");
  EXPECT_EQ(world.heard(), Strings{});
  world.until("2026-11-23T05:00:00");
  EXPECT_EQ(world.heard(), Strings{"zhao:remind_first_response"});
  world.until("2026-11-23T12:12:00");
  EXPECT_EQ(world.heard(), Strings{"group(zhao):remind_first_response"});
  world.until("2026-11-23T17:00:00");
  EXPECT_EQ(world.heard(), Strings{"wang:escalate_first_response"});
  EXPECT_FALSE(world.request().conditions.late) << "at the target it is still in time";
  world.later(Duration(1));
  EXPECT_TRUE(world.request().conditions.late);
  EXPECT_EQ(world.events<Breached>().size(), 1U);
  world.until("2026-11-24T12:00:00");
  EXPECT_EQ(world.heard(), Strings{"li:escalate_first_response"});
  world.until("2026-11-27T09:30:00");
  EXPECT_EQ(world.heard(),
            (Strings{"chen:escalate_first_response", "gao:escalate_first_response", "li:escalate_first_response"}));
  EXPECT_EQ(world.wakes_at(), std::nullopt) << "the ladder is climbed";
  EXPECT_TRUE(world.next()) << "and it is still somebody's";
}

TEST(RequestWake, UrgentRemindsEveryHalfHourAndUsesTheUrgentChannel) {
  World world("2026-11-20T23:00:00", "urgent");
  world.raised().heard();
  world.until("2026-11-21T00:00:00");
  EXPECT_EQ(world.heard(), (Strings{"zhao:remind_first_response", "zhao:remind_first_response"}));
  world.until("2026-11-21T00:36:00");
  EXPECT_EQ(world.heard(), (Strings{"zhao:remind_first_response", "zhao:remind_first_response!"}));
  world.until("2026-11-21T01:00:00");
  EXPECT_EQ(world.heard(),
            (Strings{"li:escalate_first_response!", "wang:escalate_first_response!", "zhao:remind_first_response"}));
}

TEST(RequestWake, AnAcceptanceStopsTheRemindersAtOnce) {
  World world("2026-11-20T17:00:00");
  world.raised().until("2026-11-23T05:00:00").heard();
  ASSERT_FALSE(world.act("sun", Accept{}));
  world.heard();
  world.until("2026-11-24T09:00:00");
  EXPECT_EQ(world.heard(), Strings{});
  EXPECT_EQ(world.request().owner, person("sun"));
}

TEST(RequestWake, TaskLadderAsksTheReasonAndFallsSilentWhenItIsGiven) {
  for (const bool reported : {false, true}) {
    World world("2026-11-16T10:00:00");
    Raise raise = World::raise_for_tech();
    raise.due = World::at("2026-11-23T17:00:00");
    world.raised(raise);
    ASSERT_FALSE(world.act("zhao", Accept{}));
    world.heard();
    world.until("2026-11-20T17:00:00");
    EXPECT_EQ(world.heard(), Strings{"zhao:remind_task"});
    world.until("2026-11-23T17:00:00");
    EXPECT_EQ(world.heard(), Strings{"zhao:remind_task"});
    world.until("2026-11-24T11:45:00");
    EXPECT_EQ(world.heard(), Strings{"zhao:ask_reason"});
    if (reported) {
      ASSERT_FALSE(world.act("zhao", Report{{}, {}, Health::late, "接口没给", "今天找人"}));
      world.heard();
    }
    world.until("2026-11-24T15:15:00");
    EXPECT_EQ(world.heard(), reported ? Strings{} : Strings{"wang:escalate_task"});
    world.until("2026-11-26T17:00:00");
    EXPECT_EQ(world.heard(), Strings{"li:escalate_task"});
  }
}

TEST(RequestWake, RungOfATaskGoesToItsOwnerAndTheirLine) {
  World world("2026-11-16T10:00:00");
  world.raised();
  ASSERT_FALSE(world.act("zhao", Accept{}));
  ASSERT_FALSE(world.act("zhao", AddTask{person("lin"), "核对预算", World::at("2026-11-18T12:00:00"), "", {}}));
  world.heard();
  world.until("2026-11-18T12:00:00");
  EXPECT_EQ(world.heard(), (Strings{"lin:remind_task", "lin:remind_task"}));
  world.until("2026-11-19T12:00:00");
  EXPECT_EQ(world.heard(), (Strings{"lin:ask_reason", "cai:escalate_task"}));
  EXPECT_TRUE(world.request().conditions.late);
}

TEST(RequestWake, AnswerClockChasesTheRequesterWhileTheOwnersStandsStill) {
  World world("2026-11-18T10:00:00");
  world.raised().later(std::chrono::hours(2)).heard();
  ASSERT_FALSE(world.act("zhao", AskBack{"要哪个版本？"}));
  EXPECT_EQ(world.cards(), Strings{"personal:lei"});
  EXPECT_EQ(world.next()->what, Step::answer);
  EXPECT_EQ(world.next()->who, std::vector{person("lei")});
  world.until("2026-11-19T12:00:00");
  EXPECT_EQ(world.heard(), (Strings{"lei:remind_answer", "lei:remind_answer"}));
  world.until("2026-11-19T17:30:00");
  EXPECT_EQ(world.heard(), Strings{"han:escalate_answer"});
  ASSERT_FALSE(world.act("lei", AskBack{"新版"}));
  EXPECT_EQ(world.heard(), Strings{"zhao:answered"});
  const Clock* clock = running_clock(world.request(), ClockKind::first_response);
  ASSERT_NE(clock, nullptr);
  EXPECT_TRUE(clock->running());
  EXPECT_EQ(local(*clock->target), "2026-11-20T15:30") << "22 h were left";
  EXPECT_EQ(running_clock(world.request(), ClockKind::answer), nullptr);
}

TEST(RequestWake, AcceptanceIsAskedForEachMorning) {
  World world("2026-11-18T10:00:00");
  world.raised();
  ASSERT_FALSE(world.act("zhao", Accept{}));
  ASSERT_FALSE(world.act("zhao", Deliver{{}, "已上线"}));
  world.heard();
  world.until("2026-11-20T12:00:00");
  EXPECT_EQ(world.heard(), (Strings{"lei:remind_acceptance", "lei:remind_acceptance"}));
  world.until("2026-12-30T12:00:00");
  EXPECT_EQ(world.request().phase, Phase::accept) << "a normal request is never accepted by silence";
  EXPECT_EQ(world.heard().size(), 28U) << "each working date";
}

TEST(RequestWake, SilenceAcceptsOnlyWhereTheTypeSaysSo) {
  World world("2026-11-18T10:00:00", "daily");
  world.raised();
  ASSERT_FALSE(world.act("zhao", Accept{}));
  ASSERT_FALSE(world.act("zhao", Deliver{{}, "好了"}));
  world.heard();
  world.until("2026-11-23T09:59:59");
  EXPECT_EQ(world.request().phase, Phase::accept);
  world.heard();
  world.until("2026-11-23T10:00:00");
  EXPECT_EQ(world.request().phase, Phase::archived);
  EXPECT_EQ(world.heard(), (Strings{"zhao:archived_by_silence", "lei:archived_by_silence"}));
  EXPECT_EQ(world.wakes_at(), std::nullopt);
  EXPECT_EQ(world.take_back("zhao")->why, Refusal::not_yours) << "Xieban acted since";
}

TEST(RequestWake, ADatedPauseEndsByItselfAndBreachesNothing) {
  World world("2026-11-18T10:00:00");
  world.raised().later(std::chrono::hours(23));
  world.heard();
  ASSERT_FALSE(world.act("lei", PauseIt{"等合同", World::at("2026-11-25T09:00:00")}));
  EXPECT_EQ(world.next()->what, Step::resume);
  EXPECT_EQ(world.wakes_at(), World::at("2026-11-25T09:00:00"));
  world.heard();
  world.until("2026-11-25T09:00:00");
  EXPECT_EQ(world.heard(), Strings{"zhao:resumed_by_itself"});
  EXPECT_FALSE(world.request().conditions.paused);
  EXPECT_EQ(local(*running_clock(world.request(), ClockKind::first_response)->target), "2026-11-25T10:00");
  EXPECT_TRUE(world.events<Breached>().empty());
}

TEST(RequestWake, APauseWithoutADateSleepsUntilSomebodyWakesIt) {
  World world("2026-11-18T10:00:00");
  world.raised();
  ASSERT_FALSE(world.act("lei", PauseIt{"等合同", {}}));
  EXPECT_EQ(world.wakes_at(), std::nullopt);
  EXPECT_TRUE(world.next());
  world.until("2026-12-18T10:00:00");
  world.heard();
  ASSERT_FALSE(world.act("lei", Resume{}));
  EXPECT_EQ(local(*running_clock(world.request(), ClockKind::first_response)->target), "2026-12-21T10:00");
}

TEST(RequestWake, PeopleAreLookedUpWhenARungFires) {
  World world("2026-11-20T17:00:00");
  world.raised();
  world.leave("zhao", "2026-11-21T00:00:00", "2026-11-30T00:00:00", "qian");
  world.leave("wang", "2026-11-21T00:00:00", "2026-11-30T00:00:00", "");
  world.heard();
  world.until("2026-11-23T17:00:00");
  EXPECT_EQ(world.heard(),
            (Strings{"qian:remind_first_response", "group(qian):remind_first_response", "li:escalate_first_response"}));
  EXPECT_FALSE(world.act("qian", Accept{})) << "who stands in may accept";
  EXPECT_EQ(world.request().owner, person("qian"));
}

TEST(RequestWake, InAPrivateChatTheGroupRungComesPrivately) {
  World world("2026-11-20T17:00:00");
  Raise raise = World::raise_for_tech();
  raise.chat.chat = ChatId("p:lei");
  raise.chat_is_private = true;
  world.raised(raise).until("2026-11-23T12:11:00").heard();
  world.until("2026-11-23T12:12:00");
  EXPECT_EQ(world.heard(), Strings{"zhao:remind_first_response"});
}

TEST(RequestWake, AnActionBeforeTheTargetCountsEvenWhenItArrivesLate) {
  World world("2026-11-20T17:00:00");
  world.raised().until("2026-11-23T17:30:00");
  ASSERT_TRUE(world.request().conditions.late);
  EXPECT_FALSE(world.act(person("zhao"), Accept{}, World::at("2026-11-23T17:00:00")));
  EXPECT_FALSE(world.request().conditions.late);
  const auto first = std::ranges::find(world.request().clocks, ClockKind::first_response, &Clock::kind);
  EXPECT_EQ(first->stopped, World::at("2026-11-23T17:00:00"));
  EXPECT_FALSE(first->breached);
}

TEST(RequestWake, AChangedCalendarMovesTheTargetBeforeAnythingFires) {
  World world("2026-11-20T17:00:00");
  world.raised();
  world.rules.version = 2;
  CalendarSpec office;
  office.weekly.fill({{9 * 60, 18 * 60}});
  office.closed = {LocalDate{std::chrono::year(2026), std::chrono::month(11), std::chrono::day(23)}};
  CalendarSpec workday = workday_calendar(office);
  workday.id = CalendarId("workday");
  world.rules.calendars.erase(CalendarId("workday"));
  world.rules.calendars.emplace(CalendarId("workday"), Calendar(workday, nullptr));
  world.down_until("2026-11-21T01:00:00");  // the company now works on Saturdays
  const auto moved = world.events<ClockMoved>();
  ASSERT_EQ(moved.size(), 1U);
  EXPECT_EQ(local(*moved[0].before), "2026-11-23T17:00");
  EXPECT_EQ(local(*moved[0].after), "2026-11-21T17:00");
  world.down_until("2026-11-21T02:00:00");
  EXPECT_EQ(world.events<ClockMoved>().size(), 1U) << "once";
}

// T24: down for a day, a week, a month. Each person gets one notice, every missed step stands in the history.
struct Outage {
  const char *type, *until;
  std::size_t rungs;
  Strings heard;
};
class RequestOutage : public testing::TestWithParam<Outage> {};
TEST_P(RequestOutage, IsCaughtUpWithOneNoticeEach) {
  const Outage& outage = GetParam();
  World world("2026-11-16T10:00:00", outage.type);
  world.raised().heard();
  world.down_until(outage.until);
  Strings heard = world.heard();
  std::ranges::sort(heard);
  EXPECT_EQ(heard, outage.heard);
  EXPECT_EQ(world.events<RungReached>().size(), outage.rungs);
  EXPECT_TRUE(world.request().conditions.late);
  for (const RungReached& rung : world.events<RungReached>()) EXPECT_LT(rung.due, world.now);
  world.later(Duration(1));
  EXPECT_EQ(world.heard(), Strings{}) << "nothing is said twice";
}
INSTANTIATE_TEST_SUITE_P(
    T24, RequestOutage,
    testing::Values(Outage{"normal", "2026-11-17T10:30:00", 3, {"group(zhao):caught_up", "wang:escalate_first_response"}},
                    Outage{"normal",
                           "2026-11-23T10:00:00",
                           5,
                           {"chen:escalate_first_response", "gao:escalate_first_response", "group(zhao):caught_up",
                            "li:caught_up_escalation", "wang:escalate_first_response"}},
                    Outage{"normal",
                           "2026-12-16T10:00:00",
                           5,
                           {"chen:escalate_first_response", "gao:escalate_first_response", "group(zhao):caught_up",
                            "li:caught_up_escalation", "wang:escalate_first_response"}},
                    Outage{"urgent",
                           "2026-11-17T10:00:00",
                           3,
                           {"li:escalate_first_response!", "wang:escalate_first_response!", "zhao:caught_up!"}},
                    Outage{"urgent",
                           "2026-12-16T10:00:00",
                           3,
                           {"li:escalate_first_response!", "wang:escalate_first_response!", "zhao:caught_up!"}}));

TEST(RequestWake, MissedRepeatsAreCounted) {
  World world("2026-11-16T10:00:00", "urgent");
  world.raised();
  world.down_until("2026-11-18T10:00:00");
  const auto rungs = world.events<RungReached>();
  const auto repeated = std::ranges::find(rungs, std::uint16_t{0}, &RungReached::rung);
  ASSERT_NE(repeated, rungs.end());
  EXPECT_EQ(repeated->count, 14) << "4 to the target, 8 after it, 09:00 on the 17th and the 18th";
  EXPECT_EQ(repeated->missed, 13);
  EXPECT_EQ(local(repeated->due), "2026-11-18T09:00");
  EXPECT_EQ(local(*world.wakes_at()), "2026-11-19T09:00");
}

TEST(RequestWake, AnOutageOverTheEndOfAPauseStillGivesOneNotice) {
  World world("2026-11-16T10:00:00");
  world.raised();
  ASSERT_FALSE(world.act("lei", PauseIt{"等", World::at("2026-11-17T10:00:00")}));
  world.heard();
  world.down_until("2026-11-27T10:00:00");
  const Strings heard = world.heard();
  EXPECT_EQ(std::ranges::count_if(
                heard, [](const std::string& line) { return line.starts_with("zhao:") || line.starts_with("group(zhao)"); }),
            1);
  EXPECT_EQ(world.events<Resumed>()[0].at, World::at("2026-11-17T10:00:00")) << "it ended when it was to end";
}

TEST(RequestWake, CareEndsWithTheFirstWakeThatSucceeds) {
  World world("2026-11-16T10:00:00");
  world.raised();
  Request marked = evolve(world.request(), CareNeeded{true, "bug"});
  const Context context{{}, world.now + minutes(15), world.now + minutes(15), *world.policy, world.rules, {}};
  const Decision decision = wake_request(marked, context);
  ASSERT_EQ(decision.events.size(), 1U);
  EXPECT_FALSE(std::get<CareNeeded>(decision.events[0]).needed);
  for (const Event& event : decision.events) marked = evolve(marked, event);
  EXPECT_FALSE(marked.conditions.needs_care);
}

TEST(RequestWake, UpcomingNamesWhatWillFireInOrder) {
  World world("2026-11-20T17:00:00");
  world.raised();
  const auto plan = upcoming(world.request(), *world.policy, world.rules, world.now, World::at("2026-12-20T00:00:00"), 50);
  std::vector<TimePoint> planned;
  for (const DueRung& rung : plan) planned.push_back(rung.due);
  EXPECT_TRUE(std::ranges::is_sorted(planned));
  world.until("2026-12-20T00:00:00");
  std::vector<TimePoint> fired;
  for (const RungReached& rung : world.events<RungReached>()) fired.push_back(rung.due);
  EXPECT_EQ(planned, fired);
  EXPECT_EQ(upcoming(world.request(), *world.policy, world.rules, world.now, World::at("2027-12-20T00:00:00"), 50).size(), 0U);
}

TEST(RequestWake, UpcomingSeesThroughADatedPauseAndRespectsItsLimit) {
  World world("2026-11-16T10:00:00", "urgent");
  world.raised();
  ASSERT_FALSE(world.act("lei", PauseIt{"等", World::at("2026-11-17T10:00:00")}));
  const auto plan = upcoming(world.request(), *world.policy, world.rules, world.now, World::at("2026-11-18T00:00:00"), 3);
  ASSERT_EQ(plan.size(), 3U);
  EXPECT_EQ(local(plan[0].due), "2026-11-17T10:30");
  ASSERT_FALSE(world.act("lei", Resume{}));
  ASSERT_FALSE(world.act("lei", PauseIt{"等", {}}));
  EXPECT_TRUE(upcoming(world.request(), *world.policy, world.rules, world.now, World::at("2026-11-18T00:00:00"), 3).empty());
}

}  // namespace
}  // namespace xieban::test::request_wake_test
