// Instants of the design's clocks: targets, rungs, pauses, repeats, quiet hours.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>

#include "bot/core/clock/calendar.hpp"
#include "bot/core/inbound.hpp"
#include "tests/core/calendar_files.hpp"
#include "tests/core/request_world.hpp"

namespace xieban::test::policy_clock_test {
namespace {

std::string local(std::optional<TimePoint> at) { return at ? to_rfc3339(*at).substr(0, 16) : "-"; }
Duration hours(int n) { return std::chrono::hours(n); }

/// A clock of a shipped type that starts then, without pauses.
Clock clock_of(const Rules& rules, const std::string& type, ClockKind kind, const std::string& start) {
  const ClockRule& rule = clock_rule(*policy_named(rules, type), kind);
  Clock clock;
  clock.id = ClockId(1);
  clock.kind = kind;
  clock.start = instant(start);
  clock.calendar = rule.calendar;
  if (rule.target) clock.target = rules.calendar(rule.calendar).add(clock.start, *rule.target);
  clock.rungs.resize(rule.ladder.size());
  return clock;
}

std::vector<std::string> ladder(const Rules& rules, const std::string& type, const Clock& clock) {
  const auto policy = policy_named(rules, type);
  std::vector<std::string> out;
  for (const Rung& rung : clock_rule(*policy, clock.kind).ladder)
    out.push_back(local(rung_instant(clock, rung, 1, *policy, rules)));
  return out;
}

struct Case {
  const char *start, *target;
};
class FirstResponse : public testing::TestWithParam<Case> {};
TEST_P(FirstResponse, TwentyFourWorkdayHours) {
  const Rules rules = sample_rules();
  EXPECT_EQ(local(clock_of(rules, "normal", ClockKind::first_response, GetParam().start).target), GetParam().target);
}
INSTANTIATE_TEST_SUITE_P(Examples, FirstResponse,
                         testing::Values(Case{"2026-11-20T17:00:00", "2026-11-23T17:00"},    // Friday -> Monday
                                         Case{"2026-09-30T17:00:00", "2026-10-08T17:00"},    // over National Day
                                         Case{"2026-10-09T17:00:00", "2026-10-10T17:00"},    // Saturday is a make-up day
                                         Case{"2026-02-13T17:00:00", "2026-02-14T17:00"},    // make-up day before the festival
                                         Case{"2026-02-14T12:00:00", "2026-02-24T12:00"},    // over Spring Festival
                                         Case{"2026-11-21T11:00:00", "2026-11-24T00:00"}));  // raised on a Saturday

TEST(PolicyClock, NormalLadder) {
  const Rules rules = sample_rules();
  const Clock clock = clock_of(rules, "normal", ClockKind::first_response, "2026-11-20T17:00:00");
  // 50 %, 80 %, 100 %, then office hours: 1 h on Monday and 3 h on Tuesday; 24 h reach into Friday.
  EXPECT_EQ(ladder(rules, "normal", clock),
            (std::vector<std::string>{"2026-11-23T05:00", "2026-11-23T12:12", "2026-11-23T17:00", "2026-11-24T12:00",
                                      "2026-11-27T09:30"}));
}

TEST(PolicyClock, UrgentLadderCountsEveryHour) {
  const Rules rules = sample_rules();
  const Clock clock = clock_of(rules, "urgent", ClockKind::first_response, "2026-10-01T23:00:00");
  EXPECT_EQ(local(clock.target), "2026-10-02T01:00");
  EXPECT_EQ(ladder(rules, "urgent", clock),
            (std::vector<std::string>{"2026-10-01T23:30", "2026-10-02T00:36", "2026-10-02T01:00"}));
}

TEST(PolicyClock, UrgentRepeatsToTheTargetThenEightTimesThenEachWorkingDate) {
  const Rules rules = sample_rules();
  const auto policy = policy_named(rules, "urgent");
  const Clock clock = clock_of(rules, "urgent", ClockKind::first_response, "2026-09-30T10:00:00");
  const Rung& rung = clock_rule(*policy, clock.kind).ladder.front();
  const auto nth = [&](int n) { return local(rung_instant(clock, rung, static_cast<std::uint16_t>(n), *policy, rules)); };
  EXPECT_EQ(nth(1), "2026-09-30T10:30");
  EXPECT_EQ(nth(4), "2026-09-30T12:00");   // the target
  EXPECT_EQ(nth(5), "2026-09-30T12:30");   // first after it
  EXPECT_EQ(nth(12), "2026-09-30T16:00");  // eighth after it
  EXPECT_EQ(nth(13), "2026-10-08T09:00");  // the next working date
  EXPECT_EQ(nth(15), "2026-10-10T09:00");  // Saturday, made up
  EXPECT_EQ(nth(16), "2026-10-12T09:00");
  EXPECT_EQ(local(rung_instant(clock, rung, 0, *policy, rules)), "-");
}

TEST(PolicyClock, TaskLadder) {
  const Rules rules = sample_rules();
  Clock clock = clock_of(rules, "normal", ClockKind::task, "2026-11-16T10:00:00");
  clock.target = instant("2026-11-23T17:00:00");  // Monday
  EXPECT_EQ(ladder(rules, "normal", clock),
            (std::vector<std::string>{"2026-11-20T17:00",    // 24 h [workday] before
                                      "2026-11-23T17:00",    // due
                                      "2026-11-24T11:45",    // 225 office minutes: 60 on Monday, 165 on Tuesday
                                      "2026-11-24T15:15",    // two hours more, lunch left out
                                      "2026-11-26T17:00"}))  // 72 h [workday]
  ;
  clock.start = instant("2026-11-23T09:00:00");
  EXPECT_EQ(ladder(rules, "normal", clock).front(), "-") << "created within the last 24 h: the card itself says when";
}

TEST(PolicyClock, AcceptanceAsksEachWorkingDateAtNine) {
  const Rules rules = sample_rules();
  const auto policy = policy_named(rules, "normal");
  const Clock clock = clock_of(rules, "normal", ClockKind::acceptance, "2026-09-30T10:00:00");
  const Rung& rung = clock_rule(*policy, clock.kind).ladder.front();
  std::vector<std::string> days;
  for (std::uint16_t n = 1; n <= 4; ++n) days.push_back(local(rung_instant(clock, rung, n, *policy, rules)));
  EXPECT_EQ(days, (std::vector<std::string>{"2026-10-08T09:00", "2026-10-09T09:00", "2026-10-10T09:00", "2026-10-12T09:00"}));
  EXPECT_EQ(local(clock.target), "2026-10-10T10:00");
}

TEST(PolicyClock, RecoveryRepeatsAfterItsTargetOnNaturalTime) {
  const Rules rules = sample_rules();
  const auto policy = policy_named(rules, "incident");
  const Clock clock = clock_of(rules, "incident", ClockKind::recovery, "2026-10-01T02:00:00");
  const Rung& rung = clock_rule(*policy, clock.kind).ladder.front();
  EXPECT_EQ(local(rung_instant(clock, rung, 1, *policy, rules)), "2026-10-01T03:00");
  EXPECT_EQ(local(rung_instant(clock, rung, 9, *policy, rules)), "2026-10-01T07:00");
  EXPECT_EQ(local(rung_instant(clock, rung, 10, *policy, rules)), "2026-10-08T09:00");
}

TEST(PolicyClock, OffsetOnItsOwnCalendarAndBeforeTheTarget) {
  const Rules rules = sample_rules();
  const auto policy = policy_named(rules, "normal");
  Clock clock = clock_of(rules, "normal", ClockKind::task, "2026-09-01T10:00:00");
  clock.target = instant("2026-10-08T10:00:00");
  Rung rung{.at = Offset{-hours(48), {}}, .to = {Role::owner}, .by = By::in_private, .repeat = std::nullopt};
  EXPECT_EQ(local(rung_instant(clock, rung, 1, *policy, rules)), "2026-09-29T10:00");  // the holidays do not count
  rung.at = Offset{-hours(48), CalendarId("natural")};
  EXPECT_EQ(local(rung_instant(clock, rung, 1, *policy, rules)), "2026-10-06T10:00");
  rung.at = Offset{hours(1), CalendarId("natural")};
  EXPECT_EQ(local(rung_instant(clock, rung, 1, *policy, rules)), "2026-10-08T11:00");
  EXPECT_EQ(local(rung_instant(clock, rung, 2, *policy, rules)), "-") << "it does not repeat";
  clock.target.reset();
  EXPECT_EQ(local(rung_instant(clock, rung, 1, *policy, rules)), "-") << "no target, no rung";
}

TEST(PolicyClock, PausesMoveRungsAndTargetByTheirWorkingTime) {
  const Rules rules = sample_rules();
  Clock clock =
      clock_of(rules, "normal", ClockKind::first_response, "2026-11-18T10:00:00");  // Wednesday, target Thursday 10:00
  clock.pauses.push_back({instant("2026-11-18T16:00:00"), std::nullopt, false, "等"});
  const TimePoint until = instant("2026-11-23T16:00:00");  // three working dates later
  EXPECT_EQ(local(target_after_pause(clock, rules, until)), "2026-11-24T10:00");
  EXPECT_EQ(elapsed(clock, rules, instant("2026-11-19T16:00:00")), hours(6)) << "it stands still";
  EXPECT_EQ(remaining(clock, rules, instant("2026-11-19T16:00:00")), hours(18));
  EXPECT_EQ(ladder(rules, "normal", clock)[0], "-") << "a rung behind a pause that lasts cannot be named";
  clock.target = target_after_pause(clock, rules, until);
  clock.pauses.back().until = until;
  clock.pauses.back().ended = true;
  EXPECT_EQ(ladder(rules, "normal", clock)[0], "2026-11-23T22:00");
  EXPECT_EQ(elapsed(clock, rules, instant("2026-11-23T22:00:00")), hours(12));
}

TEST(PolicyClock, PauseOfALateClockKeepsHowLateItIs) {
  const Rules rules = sample_rules();
  Clock clock = clock_of(rules, "urgent", ClockKind::first_response, "2026-11-18T10:00:00");  // target 12:00
  clock.pauses.push_back({instant("2026-11-18T13:00:00"), std::nullopt, false, "等"});
  EXPECT_EQ(remaining(clock, rules, instant("2026-11-18T20:00:00")), -hours(1));
  const TimePoint until = instant("2026-11-18T15:00:00");
  clock.target = target_after_pause(clock, rules, until);
  clock.pauses.back().until = until;
  clock.pauses.back().ended = true;
  EXPECT_EQ(local(clock.target), "2026-11-18T14:00");
  EXPECT_EQ(remaining(clock, rules, until), -hours(1));
  const auto policy = policy_named(rules, "urgent");
  EXPECT_EQ(local(rung_instant(clock, clock_rule(*policy, clock.kind).ladder[0], 1, *policy, rules)), "2026-11-18T10:30");
}

RC_GTEST_PROP(PolicyClockProperty, PausingMovesTheTargetByExactlyThePausedWorkingTime, ()) {
  static const Rules rules = sample_rules();
  const auto minute = [] { return std::chrono::minutes(*rc::gen::inRange(0, 6 * 24 * 60)); };
  Clock clock = clock_of(rules, "normal", ClockKind::first_response, "2026-09-18T00:00:00");
  clock.start += minute();
  clock.target = rules.calendar(clock.calendar).add(clock.start, hours(24));
  const Calendar& calendar = rules.calendar(clock.calendar);
  TimePoint from = clock.start;
  Duration paused{};
  const TimePoint before = *clock.target;
  for (int i = *rc::gen::inRange(1, 12); i > 0; --i) {
    from += minute();
    clock.pauses.push_back({from, std::nullopt, false, ""});
    const TimePoint until = from + minute();
    const auto left = remaining(clock, rules, from);
    clock.target = target_after_pause(clock, rules, until);
    clock.pauses.back().until = until;
    clock.pauses.back().ended = true;
    paused += calendar.between(from, until);
    RC_ASSERT(remaining(clock, rules, until) == left);
    from = until;
  }
  RC_ASSERT(calendar.between(before, *clock.target) == paused);
  RC_ASSERT(elapsed(clock, rules, std::max(from, *clock.target)) >= Duration{});
}

RC_GTEST_PROP(PolicyClockProperty, OccurrencesNeverGoBackAndAreCountedAsTheyAreNamed, ()) {
  static const Rules rules = sample_rules();
  const auto policy = std::make_shared<Policy>(*policy_named(rules, "urgent"));
  Rung rung{.at = Share{static_cast<std::uint8_t>(*rc::gen::inRange(0, 101))},
            .to = {Role::owner},
            .by = By::in_private,
            .repeat = std::nullopt};
  if (*rc::gen::arbitrary<bool>()) rung.at = Offset{std::chrono::minutes(*rc::gen::inRange(-100, 3000)), {}};
  rung.repeat = Repeat{std::chrono::minutes(*rc::gen::inRange(0, 200)), static_cast<std::uint8_t>(*rc::gen::inRange(0, 10))};
  policy->clocks = {{ClockKind::first_response,
                     hours(2),
                     CalendarId(*rc::gen::element<std::string>("natural", "workday", "office")),
                     {rung}}};
  Request request;
  request.id = RequestId(1);
  request.phase = Phase::respond;
  Clock clock;
  clock.id = ClockId(1);
  clock.calendar = policy->clocks[0].calendar;
  clock.start = instant("2026-09-29T00:00:00") + std::chrono::minutes(*rc::gen::inRange(0, 4 * 24 * 60));
  clock.target = rules.calendar(clock.calendar).add(clock.start, std::chrono::minutes(*rc::gen::inRange(1, 1000)));
  clock.rungs.resize(1);
  request.clocks = {clock};
  const TimePoint now = clock.start + std::chrono::minutes(*rc::gen::inRange(0, 40 * 24 * 60));
  std::uint16_t come = 0;
  std::optional<TimePoint> last;
  for (std::uint16_t n = 1; n < 2000; ++n) {
    const auto at = rung_instant(clock, rung, n, *policy, rules);
    if (!at) break;
    RC_ASSERT(!last || *at >= *last);
    last = at;
    if (*at > now) break;
    come = n;
  }
  const auto due = due_rungs(request, *policy, rules, now);
  RC_ASSERT(due.size() == (come > 0 ? 1U : 0U));
  if (come > 0) {
    RC_ASSERT(due[0].occurrence == come);
    RC_ASSERT(due[0].missed == come - 1);
    RC_ASSERT(due[0].due <= now);
  }
}

TEST(PolicyClock, QuietHours) {
  const Rules rules = sample_rules();
  const auto opening = [&](const char* t) { return local(next_opening(instant(t), rules)); };
  EXPECT_EQ(opening("2026-11-20T10:00:00"), "2026-11-20T10:00");
  EXPECT_EQ(opening("2026-11-20T08:29:59"), "2026-11-20T08:30");
  EXPECT_EQ(opening("2026-11-20T20:59:00"), "2026-11-20T20:59");
  EXPECT_EQ(opening("2026-11-20T21:00:00"), "2026-11-23T08:30");  // Friday evening
  EXPECT_EQ(opening("2026-10-03T12:00:00"), "2026-10-08T08:30");
  EXPECT_EQ(opening("2026-10-10T12:00:00"), "2026-10-10T12:00");  // made up
}

TEST(PolicyClock, DefaultDates) {
  const Rules rules = sample_rules();
  const auto normal = policy_named(rules, "normal");
  const auto due = [&](bool urgent, const char* t) {
    return local(default_due(*normal, urgent, DepartmentId("tech"), rules, instant(t)));
  };
  EXPECT_EQ(due(false, "2026-11-20T10:00:00"), "2026-11-27T18:00");
  EXPECT_EQ(due(false, "2026-09-30T10:00:00"), "2026-10-13T18:00");
  EXPECT_EQ(due(true, "2026-11-20T22:00:00"), "2026-11-21T22:00");
}

TEST(PolicyTypes, ShippedTypesAreComplete) {
  std::set<std::string> ids, words;
  for (const Policy& policy : shipped_policies()) {
    ids.insert(policy.type.value);
    EXPECT_TRUE(policy.hash.empty()) << "somebody else computes it";
    EXPECT_FALSE(policy.name.empty());
    EXPECT_TRUE(words.insert(policy.name).second) << policy.name;
    for (const std::string& alias : policy.aliases) EXPECT_TRUE(words.insert(alias).second) << alias << " means two types";
    EXPECT_EQ(policy.gates.front(), Phase::respond);
    EXPECT_TRUE(std::ranges::is_sorted(policy.gates)) << policy.name;
    EXPECT_EQ(policy.reopen_within, hours(24 * 14));
    for (const ClockKind kind : {ClockKind::first_response, ClockKind::task, ClockKind::acceptance, ClockKind::answer})
      EXPECT_NE(std::ranges::find(policy.clocks, kind, &ClockRule::kind), policy.clocks.end()) << policy.name;
  }
  EXPECT_EQ(ids, (std::set<std::string>{"daily", "normal", "urgent", "incident", "major", "resource", "process", "stuck",
                                        "conflict", "adhoc", "liability"}));
}

TEST(PolicyTypes, ACompanyTypeWithoutAClockUsesTheUsualOne) {
  Policy own;
  EXPECT_EQ(clock_rule(own, ClockKind::task), clock_rule(*policy_named(sample_rules(), "normal"), ClockKind::task));
  EXPECT_EQ(clock_rule(own, ClockKind::first_response).target, hours(24));
  own.urgent = true;
  EXPECT_EQ(clock_rule(own, ClockKind::first_response).target, hours(2));
  own.clocks = {{ClockKind::first_response, hours(1), CalendarId("office"), {}}};
  EXPECT_EQ(clock_rule(own, ClockKind::first_response).target, hours(1));
  EXPECT_TRUE(clock_rule(own, ClockKind::assessment).ladder.empty());
}

TEST(RulesLookup, TypesByIdNameAndAlias) {
  const Rules rules = sample_rules();
  EXPECT_EQ(rules.match_type("普通"), TypeId("normal"));
  EXPECT_EQ(rules.match_type(" 一般 "), TypeId("normal"));
  EXPECT_EQ(rules.match_type("URGENT"), TypeId("urgent"));
  EXPECT_EQ(rules.match_type("不存在"), TypeId());
  EXPECT_EQ(rules.match_type(""), TypeId());
  EXPECT_EQ(rules.type(TypeId("nope")), nullptr);
  EXPECT_EQ(rules.calendar(CalendarId("unknown")).id(), rules.office().id());
  EXPECT_EQ(rules.calendar_of(DepartmentId("tech")).id(), rules.office().id());
  EXPECT_THROW(static_cast<void>(Rules{}.office()), std::logic_error);
}

TEST(Inbound, ActionsCountWhenTheyWereSentUnlessThatIsDoubtful) {
  const TimePoint received = instant("2026-11-20T17:00:00");
  EXPECT_EQ(counts_at(received - std::chrono::minutes(5), received), received - std::chrono::minutes(5));
  EXPECT_EQ(counts_at(received, received), received);
  EXPECT_EQ(counts_at(received - hours(8), received), received - hours(8));
  EXPECT_EQ(counts_at(received - hours(8) - Duration(1), received), received);
  EXPECT_EQ(counts_at(received + Duration(1), received), received);
}

}  // namespace
}  // namespace xieban::test::policy_clock_test
