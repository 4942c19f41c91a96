// Disputes: two positions, a clock that submits them, a judge who is no party.

#include "bot/core/request/dispute.hpp"

#include <gtest/gtest.h>

#include "tests/core/request_world.hpp"

namespace xieban::test::dispute_test {
namespace {

using Strings = std::vector<std::string>;

std::string instant_of(std::optional<TimePoint> at) { return at ? to_rfc3339(*at).substr(0, 16) : "none"; }
std::string refusal(const std::optional<Refusing>& refused) { return refused ? refused->text.key : "done"; }

/// Raised by lei of market, accepted by zhao of tech; lei marks a dispute at 10:00 on a Wednesday.
World in_dispute() {
  World world("2026-11-18T10:00:00");
  world.raised();
  EXPECT_FALSE(world.act("zhao", Accept{}));
  world.heard();
  EXPECT_FALSE(world.act("lei", TakePosition{"本周必须上线"}));
  return world;
}
World both_spoken() {
  World world = in_dispute();
  EXPECT_FALSE(world.act("zhao", TakePosition{"测试要两周"}));
  world.heard();
  return world;
}
World submitted() {
  World world = both_spoken();
  world.until("2026-11-19T10:00:00");
  world.heard();
  return world;
}
const Clock* open_clock(const World& world, ClockKind kind) { return running_clock(world.request(), kind); }

TEST(Dispute, IsMarkedWithAPositionAndAsksForTheOther) {
  World world = in_dispute();
  EXPECT_TRUE(world.request().conditions.disputed);
  EXPECT_EQ(world.heard(), Strings{"zhao:dispute_marked"});
  EXPECT_EQ(instant_of(open_clock(world, ClockKind::dispute)->target), "2026-11-19T10:00") << "24 natural hours";
  EXPECT_EQ(world.next()->what, Step::state_position);
  EXPECT_EQ(world.next()->who, std::vector{person("zhao")});
  EXPECT_EQ(refusal(world.act("zhao", TakePosition{" "})), "refuse.position_missing");
  ASSERT_FALSE(world.act("wang", TakePosition{"测试要两周"})) << "the head speaks for the lead department";
  EXPECT_EQ(world.heard(), Strings{"lei:dispute_position"});
  EXPECT_EQ(world.request().dispute->owner.text, "测试要两周");
  EXPECT_EQ(world.request().dispute->requester.text, "本周必须上线");
  EXPECT_EQ(world.next()->what, Step::settle);
  EXPECT_EQ(refusal(world.act("lei", TakePosition{"本周必须上线"})), "refuse.same_position");
  ASSERT_FALSE(world.act("han", TakePosition{"下周一也行"})) << "the requester's head speaks for that side";
  EXPECT_EQ(world.request().dispute->requester.by, person("han"));
}

TEST(Dispute, OnlyTheTwoSidesHaveAPosition) {
  World world = in_dispute();
  for (const char* who : {"cai", "gao", "li", "qian"})
    EXPECT_EQ(refusal(world.act(who, TakePosition{"我觉得"})), "refuse.not_yours") << who;
}

TEST(Dispute, GoesToTheVicePresidentAndThenToTheGroupByTheClock) {
  World world = both_spoken();
  world.until("2026-11-19T10:00:00");
  EXPECT_EQ(world.heard(), Strings{"li:dispute_to_judge"}) << "once, with the rung of the same moment";
  EXPECT_EQ(open_clock(world, ClockKind::dispute), nullptr);
  EXPECT_EQ(instant_of(open_clock(world, ClockKind::ruling)->target), "2026-11-20T10:00");
  EXPECT_FALSE(world.request().conditions.late) << "submitted in time";
  EXPECT_EQ(world.next()->what, Step::rule);
  EXPECT_EQ(world.next()->who, std::vector{person("li")});
  EXPECT_EQ(refusal(world.act("chen", GiveRuling{"延一周"})), "refuse.not_judge") << "not yet";
  world.until("2026-11-20T10:00:00");
  EXPECT_EQ(world.heard(), (Strings{"li:dispute_to_next", "chen:dispute_to_group"})) << "who missed it is told so";
  EXPECT_EQ(world.next()->who, (std::vector{person("chen"), person("li")}));
  EXPECT_EQ(instant_of(world.next()->by_when), "2026-11-21T10:00") << "the group has its own 24 hours";
  world.later(std::chrono::minutes(1));
  EXPECT_FALSE(world.request().conditions.late) << "it is with them in time";
  world.until("2026-11-21T10:00:00");
  EXPECT_EQ(world.heard(), (Strings{"chen:remind_ruling", "li:remind_ruling"}));
  world.later(std::chrono::minutes(1));
  EXPECT_TRUE(world.request().conditions.late) << "the ruling is late";
  const auto submissions = world.events<DisputeSubmitted>();
  ASSERT_EQ(submissions.size(), 2U);
  EXPECT_EQ(submissions[0].to, Judge::vice_president);
  EXPECT_EQ(submissions[1].to, Judge::leadership_group);
  EXPECT_FALSE(world.act("chen", GiveRuling{"延一周"}));
}

TEST(Dispute, AnOutageSubmitsWhatWasDueAtItsTime) {
  World world = both_spoken();
  world.down_until("2026-11-21T09:00:00");
  const auto submissions = world.events<DisputeSubmitted>();
  ASSERT_EQ(submissions.size(), 2U);
  EXPECT_EQ(instant_of(open_clock(world, ClockKind::ruling)->target), "2026-11-21T10:00");
  EXPECT_EQ(world.heard(), (Strings{"chen:dispute_to_group", "li:dispute_to_group"})) << "one notice each";
}

TEST(Dispute, WhoWatchesTheRulingHearsOfItAllTheSame) {
  // A type of its own tells the PMO when the first judge has missed the time: that rung's clock has given way to the next.
  World world = both_spoken();
  auto policy = std::make_shared<Policy>(*world.policy);
  ClockRule ruling = clock_rule(*policy, ClockKind::ruling);
  ruling.ladder[0].to.emplace_back(Role::pmo);
  std::erase_if(policy->clocks, [](const ClockRule& one) { return one.kind == ClockKind::ruling; });
  policy->clocks.push_back(ruling);
  world.policy = policy;
  world.until("2026-11-19T10:00:00");
  world.heard();
  world.until("2026-11-20T10:00:00");
  EXPECT_EQ(world.heard(), (Strings{"li:dispute_to_next", "chen:dispute_to_group", "gao:escalate_ruling"}));
}

TEST(Dispute, ARulingBindsAndEndsIt) {
  World world = submitted();
  EXPECT_EQ(refusal(world.act("li", GiveRuling{""})), "refuse.ruling_missing");
  ASSERT_FALSE(world.act("li", GiveRuling{"延一周，市场部先发预告"}));
  EXPECT_EQ(world.heard(), (Strings{"lei:dispute_ruled", "zhao:dispute_ruled", "group():dispute_ruled"}));
  EXPECT_FALSE(world.request().conditions.disputed);
  EXPECT_EQ(open_clock(world, ClockKind::ruling), nullptr);
  EXPECT_EQ(world.request().dispute->ruling, "延一周，市场部先发预告");
  EXPECT_EQ(world.request().dispute->ruled_by, person("li"));
  EXPECT_EQ(world.next()->what, Step::execute);
  EXPECT_EQ(refusal(world.act("li", GiveRuling{"还是两周"})), "refuse.ruled_already");
  EXPECT_EQ(refusal(world.act("lei", Confirm{true, {}, Matter::dispute, {}})), "refuse.no_dispute");
}

TEST(Dispute, TheVicePresidentMayRuleBeforeItIsSubmitted) {
  World world = both_spoken();
  ASSERT_FALSE(world.act("li", GiveRuling{"延一周"}));
  EXPECT_EQ(open_clock(world, ClockKind::dispute), nullptr);
  world.until("2026-11-25T10:00:00");
  EXPECT_TRUE(world.events<DisputeSubmitted>().empty());
}

struct Judging {
  const char* who;
  const char* answer;  // when it is with the vice president; the same people when it is with the group
  const char* later;
};
class WhoRules : public testing::TestWithParam<Judging> {};
TEST_P(WhoRules, AsTheStageSays) {
  World first = submitted();
  EXPECT_EQ(refusal(first.act(GetParam().who, GiveRuling{"延一周"})), GetParam().answer);
  World second = submitted();
  second.until("2026-11-20T10:00:00");
  EXPECT_EQ(refusal(second.act(GetParam().who, GiveRuling{"延一周"})), GetParam().later);
}
INSTANTIATE_TEST_SUITE_P(Table, WhoRules,
                         testing::Values(Judging{"li", "done", "done"}, Judging{"chen", "refuse.not_judge", "done"},
                                         Judging{"gao", "refuse.not_judge", "refuse.not_judge"},  // the PMO watches
                                         Judging{"lei", "refuse.rule_own", "refuse.rule_own"},
                                         Judging{"zhao", "refuse.rule_own", "refuse.rule_own"},
                                         Judging{"cai", "refuse.not_judge", "refuse.not_judge"}),
                         [](const auto& one) { return std::string(one.param.who); });

TEST(Dispute, NobodyRulesOnTheirOwn) {
  // The vice president raised it: it goes to the group, without them.
  World world("2026-11-18T10:00:00");
  world.raised(World::raise_for_tech(), person("li"));
  ASSERT_FALSE(world.act("zhao", Accept{}));
  ASSERT_FALSE(world.act("zhao", TakePosition{"做不了"}));
  ASSERT_FALSE(world.act("li", TakePosition{"必须做"}));
  EXPECT_EQ(refusal(world.act("li", GiveRuling{"必须做"})), "refuse.rule_own");
  world.heard();
  world.until("2026-11-19T10:00:00");
  const Strings heard = world.heard();
  EXPECT_EQ(heard.front(), "chen:dispute_to_group");
  EXPECT_EQ(world.next()->who, std::vector{person("chen")});
  EXPECT_FALSE(world.act("chen", GiveRuling{"缩小范围"}));
}

TEST(Dispute, WhoStandsInForTheJudgeJudgesAndAVacantPostGoesUp) {
  World away = submitted();
  away.leave("li", "2026-11-19T09:00:00", "2026-11-30T18:00:00", "cai");
  EXPECT_EQ(away.next()->who, std::vector{person("cai")});
  EXPECT_FALSE(away.act("cai", GiveRuling{"延一周"}));

  World vacant = both_spoken();
  auto company = std::make_shared<Organisation>(*vacant.rules.organisation);
  for (Department& one : company->departments)
    if (one.id == DepartmentId("tech")) one.vice_president = {};
  company->leadership_group = {PersonId("chen")};
  vacant.rules.organisation = company;
  vacant.until("2026-11-19T10:00:00");
  EXPECT_EQ(vacant.next()->who, std::vector{person("chen")});

  // Nobody left but the PMO: it does not judge, the sides have to come together.
  World nobody = both_spoken();
  company = std::make_shared<Organisation>(*nobody.rules.organisation);
  for (Department& one : company->departments) one.vice_president = {};
  company->leadership_group.clear();
  nobody.rules.organisation = company;
  nobody.until("2026-11-19T10:00:00");
  EXPECT_EQ(nobody.next()->what, Step::settle);
  EXPECT_EQ(nobody.heard(), Strings{"gao:escalate_dispute"});
  EXPECT_EQ(refusal(nobody.act("gao", GiveRuling{"延一周"})), "refuse.not_judge");
}

TEST(Dispute, OneSideTakesTheOthersPosition) {
  World world = in_dispute();
  EXPECT_EQ(refusal(world.act("lei", Confirm{})), "refuse.no_position") << "the other side has none yet";
  ASSERT_FALSE(world.act("zhao", TakePosition{"测试要两周"}));
  EXPECT_EQ(refusal(world.act("lei", Confirm{false, "不行", Matter::any, {}})), "refuse.dispute_no");
  EXPECT_EQ(refusal(world.act("cai", Confirm{})), "refuse.not_yours");
  world.heard();
  ASSERT_FALSE(world.act("lei", Confirm{}));
  EXPECT_EQ(world.heard(), (Strings{"zhao:dispute_settled", "group():dispute_settled"}));
  EXPECT_FALSE(world.request().conditions.disputed);
  EXPECT_EQ(world.events<DisputeSettled>().front().accepted, Party::owner);
  EXPECT_FALSE(world.act("zhao", TakePosition{"又有新情况"})) << "another dispute is another one";
  EXPECT_TRUE(world.request().dispute->requester.text.empty());
}

TEST(Dispute, EndsWithTheRequestAndIsTakenBackLikeAnythingElse) {
  World world = both_spoken();
  ASSERT_FALSE(world.act("zhao", Deliver{{}, "先交付"}));
  EXPECT_NE(open_clock(world, ClockKind::dispute), nullptr) << "a delivery does not settle it";
  ASSERT_FALSE(world.act("lei", Cancel{"不做了"}));
  EXPECT_TRUE(world.request().dispute->over);
  ASSERT_FALSE(world.act("lei", Reopen{"还是要做"}));
  EXPECT_FALSE(world.request().conditions.disputed);

  World undone = in_dispute();
  ASSERT_FALSE(undone.take_back("lei"));
  EXPECT_FALSE(undone.request().conditions.disputed);
  EXPECT_EQ(open_clock(undone, ClockKind::dispute), nullptr);

  World late = submitted();
  EXPECT_EQ(refusal(late.take_back("zhao")), "refuse.undo_not_yours") << "it is with the judge";
}

TEST(Dispute, APauseStopsItsClock) {
  World world = both_spoken();
  ASSERT_FALSE(world.act("lei", PauseIt{"等合同", World::at("2026-11-20T10:00:00")}));
  world.until("2026-11-20T09:00:00");
  EXPECT_TRUE(world.events<DisputeSubmitted>().empty());
  world.until("2026-11-21T10:00:00");
  EXPECT_EQ(world.events<DisputeSubmitted>().size(), 1U) << "later by exactly the pause";
}

TEST(Dispute, AJudgeSeesWhatWasSubmittedToThem) {
  World world = submitted();
  Request secret = world.request();
  secret.level = Level::secret;
  EXPECT_TRUE(can_see(secret, person("li"), world.rules, world.now));
  EXPECT_FALSE(can_see(secret, person("chen"), world.rules, world.now));
}

}  // namespace
}  // namespace xieban::test::dispute_test
