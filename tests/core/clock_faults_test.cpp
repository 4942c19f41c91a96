// What goes wrong with time: clocks that jump, summer time, calendars and types edited while clocks run, pauses.

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "bot/base/clock_guard.hpp"
#include "bot/core/clock/calendar.hpp"
#include "tests/core/calendar_files.hpp"
#include "tests/core/request_world.hpp"

namespace xieban::test::clock_faults_test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

std::string local(std::optional<TimePoint> at) { return at ? to_rfc3339(*at).substr(0, 16) : "-"; }

const Clock& response(const World& world) { return *running_clock(world.request(), ClockKind::first_response); }

// ---- T20 ---------------------------------------------------------------------------------------------

/// Rungs of one request as they fired: when each was due, and when the machine really stood then.
struct Fired {
  std::uint16_t rung = 0, count = 0;
  TimePoint due, really;
};

/// Plays hours of seconds with a wall clock that is off by `fault`, believed or not by the guard.
std::vector<Fired> play(Duration length, const std::function<Duration(Duration)>& fault) {
  World world("2026-11-20T10:00:00", "urgent");
  world.raised();
  ClockGuard guard;
  const TimePoint start = world.now;
  std::vector<Fired> fired;
  std::size_t seen = 0;
  for (Duration running{0}; running <= length; running += seconds(1)) {
    world.until_instant(guard.read(start + running + fault(running), running));
    for (; seen < world.history().size(); ++seen)
      if (const auto* rung = std::get_if<RungReached>(&world.history()[seen].event))
        fired.push_back({rung->rung, rung->count, rung->due, start + running});
  }
  return fired;
}

std::vector<TimePoint> dues(const std::vector<Fired>& all) {
  std::vector<TimePoint> found;
  for (const Fired& one : all) found.push_back(one.due);
  return found;
}

bool once_each(const std::vector<Fired>& all) {
  std::set<std::pair<std::uint16_t, std::uint16_t>> seen;
  return std::ranges::all_of(all, [&](const Fired& one) { return seen.emplace(one.rung, one.count).second; });
}

TEST(ClockFaults, T20_AClockThatIsWrongForAWhileChangesNothing) {
  const auto right = play(hours(4), [](Duration) { return Duration{0}; });
  ASSERT_GE(right.size(), 9U);
  const std::map<std::string, std::function<Duration(Duration)>> faults{
      {"an hour ahead for two minutes",
       [](Duration at) { return at >= minutes(5) && at < minutes(7) ? Duration{hours(1)} : Duration{0}; }},
      {"an hour back for two minutes",
       [](Duration at) { return at >= minutes(29) && at < minutes(31) ? -Duration{hours(1)} : Duration{0}; }},
      {"ten years ahead for two minutes",
       [](Duration at) { return at >= minutes(61) && at < minutes(63) ? Duration{hours(87660)} : Duration{0}; }},
      {"to and fro by 262 s each second",
       [](Duration at) { return at == Duration{0} ? Duration{0} : Duration{seconds(at / seconds(1) % 2 == 0 ? 262 : -262)}; }},
      {"ahead by 262 s every other second",
       [](Duration at) { return at == Duration{0} ? Duration{0} : Duration{seconds(at / seconds(1) % 2 == 0 ? 262 : 0)}; }}};
  for (const auto& [name, fault] : faults) {
    const auto wrong = play(hours(4), fault);
    EXPECT_EQ(dues(wrong), dues(right)) << name;
    EXPECT_TRUE(once_each(wrong)) << name;
    for (const Fired& one : wrong) {
      EXPECT_GE(one.really, one.due) << name << ": early";
      EXPECT_LE(one.really - one.due, seconds(2)) << name << ": late";
    }
  }
}

TEST(ClockFaults, T20_AClockThatStaysWrongIsFollowedOnceItIsConfirmed) {
  for (const Duration by : {Duration{hours(1)}, -Duration{hours(1)}}) {
    const Duration jump = minutes(10);
    const auto fired = play(hours(4), [&](Duration at) { return at >= jump ? by : Duration{0}; });
    EXPECT_TRUE(once_each(fired));
    for (const Fired& one : fired) {
      const Duration ran = one.really - World::at("2026-11-20T10:00:00");
      // Before the confirmation by the old time, after it by the new one; what that passed over comes at once.
      const TimePoint shown = ran < jump + ClockGuard::confirmed ? one.really : one.really + by;
      EXPECT_GE(shown, one.due) << "early";
    }
    ASSERT_FALSE(fired.empty());
  }
  const auto ahead = play(hours(1), [](Duration at) { return at >= minutes(10) ? Duration{hours(1)} : Duration{0}; });
  ASSERT_FALSE(ahead.empty());
  EXPECT_EQ(ahead.front().really, World::at("2026-11-20T10:00:00") + minutes(10) + ClockGuard::confirmed);
}

TEST(ClockFaults, T20_SmallStepsAreFollowedAtOnceAndLargeOnesAreAnnounced) {
  ClockGuard guard;
  const TimePoint start = World::at("2026-11-20T10:00:00");
  EXPECT_EQ(guard.read(start, Duration{0}), start);
  EXPECT_EQ(guard.read(start + seconds(6), seconds(1)), start + seconds(6));
  EXPECT_EQ(guard.off(), Duration{0});
  EXPECT_EQ(guard.read(start + seconds(13), seconds(2)), start + seconds(7));
  EXPECT_EQ(guard.off(), seconds(6));
  EXPECT_EQ(guard.read(start + seconds(8), seconds(3)), start + seconds(8));
  EXPECT_EQ(guard.off(), Duration{0});
  // A machine that slept has run on: its clock did not jump.
  EXPECT_EQ(guard.read(start + hours(9), seconds(3) + hours(9) - seconds(8)), start + hours(9));
}

// ---- T21 ---------------------------------------------------------------------------------------------

Rules with_office(Rules rules, CalendarSpec office) {
  const auto holidays = rules.office().holidays();
  rules.calendars.clear();
  office.id = CalendarId("office");
  CalendarSpec natural = natural_calendar(office), workday = workday_calendar(office);
  rules.calendars.emplace(office.id, Calendar(office, holidays));
  rules.calendars.emplace(natural.id, Calendar(natural, holidays));
  rules.calendars.emplace(workday.id, Calendar(workday, holidays));
  ++rules.version;
  return rules;
}

CalendarSpec office_hours() {
  CalendarSpec office;
  office.chinese_holidays = true;
  for (std::size_t day = 0; day < 5; ++day) office.weekly.at(day) = {{540, 720}, {810, 1080}};
  return office;
}

class SummerTime : public ::testing::TestWithParam<const char*> {};

TEST_P(SummerTime, T21_ADailyReminderKeepsItsLocalTimeAndComesOncePerDate) {
  CalendarSpec office = office_hours();
  office.zone = "America/New_York";
  office.chinese_holidays = false;
  office.weekly.fill({{540, 1080}});  // Sundays too, when the clock changes
  World world(GetParam());
  world.rules = with_office(world.rules, office);
  world.raised();
  ASSERT_FALSE(world.act("zhao", Accept{}));
  ASSERT_FALSE(world.act("zhao", Deliver{{}, "好了"}));
  world.later(hours(24 * 12));
  std::map<LocalDate, int> asked;
  for (const auto& entry : world.history()) {
    const auto* rung = std::get_if<RungReached>(&entry.event);
    const Clock* clock = rung != nullptr ? find_clock(world.request(), rung->clock) : nullptr;
    if (clock == nullptr || clock->kind != ClockKind::acceptance || rung->rung != 0) continue;
    EXPECT_EQ(world.rules.office().local_minute(entry.at), 9 * 60) << to_rfc3339(entry.at);
    ++asked[world.rules.office().local_date(entry.at)];
  }
  EXPECT_EQ(asked.size(), 12U);
  for (const auto& [date, times] : asked) EXPECT_EQ(times, 1);
}
INSTANTIATE_TEST_SUITE_P(Changes, SummerTime, ::testing::Values("2026-03-03T23:00:00", "2026-10-27T23:00:00"));

// ---- T23 ---------------------------------------------------------------------------------------------

TEST(ClockFaults, T23_AHundredPausesMoveTheTargetByExactlyThePausedWorkingTime) {
  World world("2026-09-23T10:00:00");  // 调休 on the 20th, 中秋 on the 25th, 国庆 from the 1st
  world.raised();
  const Calendar& workday = world.rules.calendar(CalendarId("workday"));
  const Duration whole = workday.between(response(world).start, *response(world).target);
  Duration paused{0};
  for (int i = 0; i < 100; ++i) {
    ASSERT_FALSE(world.act("lei", PauseIt{"等", {}})) << i;
    const TimePoint from = world.now;
    world.later(minutes(37 + 61 * (i % 7)));
    ASSERT_FALSE(world.act("lei", Resume{})) << i;
    paused += workday.between(from, world.now);
    world.later(minutes(3));
    ASSERT_FALSE(response(world).breached);
  }
  EXPECT_EQ(workday.between(response(world).start, *response(world).target), whole + paused);
  EXPECT_EQ(remaining(response(world), world.rules, world.now), whole - elapsed(response(world), world.rules, world.now));
}

TEST(ClockFaults, T23_APauseOverAHolidayCostsOnlyItsWorkingTime) {
  World world("2026-09-30T10:00:00");
  world.raised();
  EXPECT_EQ(local(response(world).target), "2026-10-08T10:00");
  world.until("2026-09-30T16:00:00");
  ASSERT_FALSE(world.act("lei", PauseIt{"放假", {}}));
  world.until("2026-10-08T08:00:00");  // 8 h of the 30th and 8 h of the 8th
  ASSERT_FALSE(world.act("lei", Resume{}));
  EXPECT_EQ(local(response(world).target), "2026-10-09T02:00");
  EXPECT_TRUE(world.events<Breached>().empty());
}

TEST(ClockFaults, T23_ResumedAfterItsOldDateNothingIsLateAtOnce) {
  World world("2026-11-20T10:00:00", "urgent");
  world.raised().until("2026-11-20T11:00:00");
  ASSERT_FALSE(world.act("lei", PauseIt{"等", {}}));
  world.heard();
  world.until("2026-11-21T11:00:00");
  ASSERT_FALSE(world.act("lei", Resume{}));
  world.heard();
  world.later(seconds(1));
  EXPECT_TRUE(world.events<Breached>().empty());
  EXPECT_FALSE(world.request().conditions.late);
  EXPECT_TRUE(world.heard().empty());
  EXPECT_EQ(local(response(world).target), "2026-11-21T12:00");
}

TEST(ClockFaults, T23_ACalendarEditedWhileClocksRunIsInTheHistoryAndRulesAtOnce) {
  World world("2026-11-20T17:00:00");
  world.raised().until("2026-11-23T18:00:00");  // Monday: the target, 17:00, has passed
  ASSERT_TRUE(world.request().conditions.late);
  const std::size_t heads = world.events<RungReached>().size();
  ASSERT_EQ(heads, 3U);
  world.heard();

  CalendarSpec office = office_hours();
  office.closed = {LocalDate{std::chrono::year(2026), std::chrono::month(11), std::chrono::day(23)}};
  world.rules = with_office(world.rules, office);
  world.down_until("2026-11-23T18:01:00");
  const auto moved = world.events<ClockMoved>();
  ASSERT_EQ(moved.size(), 1U);
  EXPECT_EQ(local(*moved[0].before), "2026-11-23T17:00");
  EXPECT_EQ(local(*moved[0].after), "2026-11-24T17:00");
  EXPECT_EQ(world.request().rules_version, world.rules.version);
  EXPECT_FALSE(world.request().conditions.late) << "Monday was no working date";
  EXPECT_TRUE(world.heard().empty());
  // The old calendar's +4 h would have come on Tuesday at 12:00; half the time is over in the night, and so on.
  world.until("2026-11-24T16:59:00");
  EXPECT_EQ(world.events<Breached>().size(), 1U);
  world.until("2026-11-24T17:01:00");
  EXPECT_EQ(world.events<Breached>().size(), 2U);
  EXPECT_TRUE(world.request().conditions.late);
  std::vector<std::string> dues;
  for (const auto& rung : world.events<RungReached>()) dues.push_back(local(rung.due));
  EXPECT_EQ(dues, (std::vector<std::string>{"2026-11-23T05:00", "2026-11-23T12:12", "2026-11-23T17:00", "2026-11-24T05:00",
                                            "2026-11-24T12:12", "2026-11-24T17:00"}));
  EXPECT_EQ(describe(*fold(world.history())), describe(world.request()));
}

TEST(ClockFaults, T23_ADateThatPeopleAgreedOnStaysWhenACalendarChanges) {
  World world("2026-11-20T10:00:00");
  world.raised();
  ASSERT_FALSE(world.act("zhao", Accept{World::at("2026-11-23T15:00:00")}));
  CalendarSpec office = office_hours();
  office.closed = {LocalDate{std::chrono::year(2026), std::chrono::month(11), std::chrono::day(23)}};
  world.rules = with_office(world.rules, office);
  world.later(minutes(1));
  EXPECT_EQ(local(running_clock(world.request(), ClockKind::task)->target), "2026-11-23T15:00");
  EXPECT_TRUE(world.events<ClockMoved>().empty());
}

TEST(ClockFaults, WhatACalendarMovedIsNotTakenBackByAnUndo) {
  World world("2026-11-20T10:00:00");
  world.raised();
  ASSERT_FALSE(world.act("lei", AddNote{"补一句"}));
  CalendarSpec office = office_hours();
  office.closed = {LocalDate{std::chrono::year(2026), std::chrono::month(11), std::chrono::day(23)}};
  world.rules = with_office(world.rules, office);
  world.down_until("2026-11-20T10:01:00");
  ASSERT_EQ(world.events<ClockMoved>().size(), 1U);
  EXPECT_TRUE(world.take_back("lei").has_value());
  EXPECT_EQ(local(response(world).target), "2026-11-24T10:00");
}

// ---- a changed type ----------------------------------------------------------------------------------

Policy changed_normal(const Rules& rules) {
  Policy changed = *policy_named(rules, "normal");
  changed.hash = PolicyHash("normal-2");
  const auto rule = std::ranges::find(changed.clocks, ClockKind::first_response, &ClockRule::kind);
  rule->target = hours(48);
  rule->ladder = {rule->ladder[0], {Share{100}, {Recipient(Role::vice_president)}, By::urgent, {}, false, false}};
  return changed;
}

TEST(TypeApplied, MovesClocksAndLadderAndSaysSoInTheHistory) {
  World world("2026-11-18T10:00:00");
  world.raised().until("2026-11-18T23:00:00");  // half of 24 h came at 22:00
  ASSERT_EQ(world.events<RungReached>().size(), 1U);
  const auto before = world.policy;
  const Policy changed = changed_normal(world.rules);
  const Context context{PersonId("gao"), world.now, world.now, changed, world.rules, {}};
  Request after = world.request();
  std::vector<Event> events = apply_type(world.request(), *before, context).events;
  for (const Event& event : events) after = evolve(after, event);
  EXPECT_EQ(after.policy, changed.hash);
  const auto moved = std::ranges::find_if(events, [](const Event& one) { return std::holds_alternative<ClockMoved>(one); });
  ASSERT_NE(moved, events.end());
  EXPECT_EQ(local(std::get<ClockMoved>(*moved).before), "2026-11-19T10:00");
  EXPECT_EQ(local(std::get<ClockMoved>(*moved).after), "2026-11-20T10:00");
  // Half of 48 h is ahead again; the two rungs of the new ladder are all that is left.
  const auto plan = upcoming(after, changed, world.rules, world.now, world.now + hours(24 * 14), 10);
  ASSERT_EQ(plan.size(), 2U);
  EXPECT_EQ(local(plan[0].due), "2026-11-19T10:00");
  EXPECT_EQ(local(plan[1].due), "2026-11-20T10:00");
  EXPECT_EQ(plan[1].by, By::urgent);
  EXPECT_TRUE(apply_type(after, changed, context).events.empty()) << "once";
}

TEST(TypeApplied, TouchesNeitherClosedRequestsNorDatesOfTheirOwn) {
  World world("2026-11-18T10:00:00");
  world.raised();
  ASSERT_FALSE(world.act("zhao", Accept{World::at("2026-11-25T18:00:00")}));
  const Policy changed = changed_normal(world.rules);
  const Context context{PersonId("gao"), world.now, world.now, changed, world.rules, {}};
  Request after = world.request();
  for (const Event& event : apply_type(world.request(), *world.policy, context).events) after = evolve(after, event);
  EXPECT_EQ(after.policy, changed.hash);
  EXPECT_EQ(local(after.due), "2026-11-25T18:00");
  ASSERT_FALSE(world.act("lei", Cancel{"不做了"}));
  EXPECT_TRUE(apply_type(world.request(), *world.policy, context).events.empty());
}

}  // namespace
}  // namespace xieban::test::clock_faults_test
