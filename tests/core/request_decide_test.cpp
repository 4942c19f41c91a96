// Commands on a request: phase x command, rights, what each does, what it says when it refuses.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "tests/core/request_world.hpp"

namespace xieban::test::request_decide_test {
namespace {

using Strings = std::vector<std::string>;
std::string local(TimePoint at) { return to_rfc3339(at).substr(0, 16); }
std::string arg(const Phrase& phrase, std::string_view name) {
  for (const auto& [key, value] : phrase.args)
    if (key == name) return value;
  return "<none>";
}

World raised() {
  World world("2026-11-18T10:00:00");
  world.raised();
  return world;
}
World running() {
  World world = raised();
  EXPECT_FALSE(world.act("zhao", Accept{}));
  return world;
}
World delivered() {
  World world = running();
  EXPECT_FALSE(world.act("zhao", Deliver{{}, "已上线"}));
  return world;
}
World closed(const char* how) {
  const std::string_view as = how;
  World world = as == "archived" ? delivered() : raised();
  std::optional<Refusing> refused;
  if (as == "archived") refused = world.act("lei", Verify{{}, true, ""});
  if (as == "declined") refused = world.act("zhao", Decline{"没人", "下周"});
  if (as == "cancelled") refused = world.act("lei", Cancel{"不做了"});
  EXPECT_FALSE(refused);
  return world;
}

// ---- phase x command -----------------------------------------------------------------------------

const std::map<std::string, Command>& commands() {
  static const TimePoint later = World::at("2026-12-10T18:00:00");
  static const std::map<std::string, Command> all{{"accept", Accept{}},
                                                  {"decline", Decline{"没人", "下周"}},
                                                  {"ask_back", AskBack{"哪个版本？"}},
                                                  {"assign", Assign{PersonId("qian")}},
                                                  {"hand_over", HandOver{PersonId("qian"), "更熟"}},
                                                  {"support", Support{DepartmentId("finance")}},
                                                  {"add_task", AddTask{PersonId("lin"), "核对预算", later, "", {}}},
                                                  {"report", Report{{}, std::uint8_t{60}, Health::normal, "", ""}},
                                                  {"extend", Extend{{}, later, "人手不够"}},
                                                  {"escalate", Escalate{"太慢"}},
                                                  {"nudge", Nudge{}},
                                                  {"deliver", Deliver{{}, "好了"}},
                                                  {"verify", Verify{{}, true, ""}},
                                                  {"pause", PauseIt{"等合同", {}}},
                                                  {"resume", Resume{}},
                                                  {"cancel", Cancel{"不做了"}},
                                                  {"reopen", Reopen{"还有问题"}},
                                                  {"add_note", AddNote{"看一下"}},
                                                  {"follow", Follow{}},
                                                  {"sign", AskSign{{PersonId("han"), PersonId("cai")}}},
                                                  {"dispute", TakePosition{"做不到"}}};
  return all;
}

World in_phase(const std::string& phase) {
  if (phase == "respond") return raised();
  if (phase == "run") return running();
  if (phase == "accept") return delivered();
  if (phase == "paused") {
    World world = running();
    EXPECT_FALSE(world.act("lei", PauseIt{"等", {}}));
    return world;
  }
  return closed(phase.c_str());
}

struct Row {
  const char* command;
  const char* who;  // the one who may
  // respond run accept paused archived declined cancelled: y = done, w = wrong phase, c = closed, n = not paused
  const char* answers;
};
class PhaseByCommand : public testing::TestWithParam<Row> {};
TEST_P(PhaseByCommand, AnswersAsTheTableSays) {
  static const Strings phases{"respond", "run", "accept", "paused", "archived", "declined", "cancelled"};
  static const std::map<char, Refusal> meaning{
      {'w', Refusal::wrong_phase}, {'c', Refusal::already_closed}, {'n', Refusal::not_paused}};
  const Row& row = GetParam();
  for (std::size_t i = 0; i < phases.size(); ++i) {
    World world = in_phase(phases[i]);
    const Request before = world.request();
    const bool offered = may(before, PersonId(row.who), row.command, world.rules, world.now);
    const auto refused = world.act(row.who, commands().at(row.command));
    const std::string where = std::string(row.command) + " in " + phases[i];
    if (row.answers[i] == 'y') {
      EXPECT_FALSE(refused) << where << ": " << (refused ? refused->text.key : "");
      EXPECT_TRUE(offered) << where;
      EXPECT_FALSE(world.done.key.empty()) << where;
      EXPECT_EQ(world.request().last_step->verb, row.command) << where;
    } else {
      ASSERT_TRUE(refused) << where;
      EXPECT_EQ(refused->why, meaning.at(row.answers[i])) << where << ": " << refused->text.key;
      EXPECT_FALSE(offered) << where;
      EXPECT_EQ(arg(refused->text, "number"), "XB-2026-0012") << where;
    }
  }
}
INSTANTIATE_TEST_SUITE_P(
    Table, PhaseByCommand,
    testing::Values(Row{"accept", "zhao", "ywwwccc"}, Row{"decline", "zhao", "ywwwccc"}, Row{"ask_back", "zhao", "yywwccc"},
                    Row{"assign", "wang", "yywyccc"}, Row{"hand_over", "zhao", "yywyccc"}, Row{"support", "zhao", "yywyccc"},
                    Row{"add_task", "zhao", "wywwccc"}, Row{"report", "zhao", "wywwccc"}, Row{"extend", "lei", "yywwccc"},
                    Row{"escalate", "lei", "yyyycyc"}, Row{"nudge", "gao", "yyywccc"}, Row{"deliver", "zhao", "wywwccc"},
                    Row{"verify", "lei", "wwywccc"}, Row{"pause", "lei", "yyywccc"}, Row{"resume", "lei", "nnnyccc"},
                    Row{"cancel", "lei", "yyyyccc"}, Row{"reopen", "lei", "wwwwyyy"}, Row{"add_note", "cai", "yyyyyyy"},
                    Row{"follow", "cai", "yyyyyyy"}, Row{"sign", "lei", "yyywccc"}, Row{"dispute", "lei", "yyywccc"}),
    [](const auto& one) { return std::string(one.param.command); });

// ---- who may -------------------------------------------------------------------------------------

struct Right {
  const char *command, *phase, *may;  // the people who may, of everybody
};
class WhoMay : public testing::TestWithParam<Right> {};
TEST_P(WhoMay, NobodyElse) {
  const Right& right = GetParam();
  for (const char* who : {"lei", "han", "zhao", "sun", "qian", "wang", "li", "chen", "gao", "cai", "lin", "tang", "stranger"}) {
    World world = in_phase(right.phase);
    const std::string before = describe(world.request());
    const bool expected = std::string(right.may).find(std::string(" ") + who + " ") != std::string::npos;
    EXPECT_EQ(may(world.request(), PersonId(who), right.command, world.rules, world.now), expected) << who;
    const auto refused = world.act(who, commands().at(right.command));
    EXPECT_EQ(!refused, expected) << who << " " << right.command << (refused ? " " + refused->text.key : "");
    if (!refused) continue;
    EXPECT_TRUE(refused->why == Refusal::not_yours || refused->why == Refusal::own_work || refused->why == Refusal::unknown)
        << who;
    EXPECT_FALSE(refused->why == Refusal::not_yours && arg(refused->text, "who").empty()) << "it says who may";
    // The refusal stands in the history; the rest is as it was.
    EXPECT_EQ(world.events<Refused>().size(), 1U);
    Request after = world.request();
    after.seq -= 1;
    after.version -= 1;
    EXPECT_EQ(describe(after), before);
  }
}
INSTANTIATE_TEST_SUITE_P(
    Table, WhoMay,
    testing::Values(Right{"accept", "respond", " zhao sun wang "}, Right{"decline", "respond", " zhao sun wang "},
                    Right{"ask_back", "respond", " zhao sun wang "}, Right{"assign", "respond", " zhao sun wang li chen gao "},
                    Right{"hand_over", "run", " zhao sun wang li chen gao "},
                    Right{"support", "run", " zhao sun wang li chen gao "},
                    Right{"add_task", "run", " zhao sun wang li chen gao "}, Right{"report", "run", " zhao sun wang "},
                    Right{"extend", "run", " zhao sun wang lei "}, Right{"deliver", "run", " zhao sun wang "},
                    Right{"verify", "accept", " lei "}, Right{"pause", "respond", " lei wang li chen gao "},
                    Right{"pause", "run", " lei zhao sun wang li chen gao "}, Right{"cancel", "run", " lei li chen gao "},
                    Right{"reopen", "archived", " lei wang li chen gao "},
                    Right{"sign", "run", " lei zhao sun wang li chen gao "}, Right{"dispute", "run", " lei han zhao sun wang "},
                    Right{"add_note", "run", " lei han zhao sun qian wang li chen gao cai lin "},
                    Right{"escalate", "run", " lei han zhao sun qian wang li chen gao cai lin "}),
    [](const auto& one) { return std::string(one.param.command) + "_" + one.param.phase; });

TEST(RequestRights, ButtonsAskWithTheShortWordsOfCommands) {
  const World world = running();
  for (const char* word : {"ask", "handover", "task", "progress", "note"})
    EXPECT_TRUE(may(world.request(), person("zhao"), word, world.rules, world.now)) << word;
  for (const char* word : {"accept", "object", "confirm", "undo_all", "raise", ""})
    EXPECT_FALSE(may(world.request(), person("zhao"), word, world.rules, world.now)) << word;
  EXPECT_TRUE(may(world.request(), person("zhao"), "undo", world.rules, world.now));
}

TEST(RequestRights, NobodyAcceptsWhatTheyDelivered) {
  World world("2026-11-18T10:00:00");
  Raise own = World::raise_for_tech();
  world.raised(own, person("zhao"));  // for their own department
  ASSERT_FALSE(world.act("zhao", Accept{}));
  ASSERT_FALSE(world.act("zhao", Deliver{{}, "好了"}));
  EXPECT_EQ(world.next()->who, std::vector{person("wang")}) << "their head accepts it";
  const auto refused = world.act("zhao", Verify{{}, true, ""});
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->why, Refusal::own_work);
  EXPECT_EQ(arg(refused->text, "who"), "王部长");
  EXPECT_FALSE(world.act("wang", Verify{{}, true, ""}));
}

TEST(RequestRights, WhoMaySeeByLevel) {
  const World world = running();
  const auto seers = [&](Level level) {
    Request request = world.request();
    request.level = level;
    std::string all;
    for (const char* who : {"lei", "han", "zhao", "sun", "qian", "wang", "li", "chen", "gao", "cai", "lin", "tang", "stranger"})
      if (can_see(request, PersonId(who), world.rules, world.now)) all += std::string(who) + " ";
    return all;
  };
  EXPECT_EQ(seers(Level::open), "lei han zhao sun qian wang li chen gao cai lin ");
  EXPECT_EQ(seers(Level::participants), "lei han zhao sun wang li chen gao ");
  EXPECT_EQ(seers(Level::department), "lei han zhao sun qian wang li chen gao ");
  EXPECT_EQ(seers(Level::secret), "lei zhao ");
}

TEST(RequestRights, WhatMayNotBeSeenIsAnsweredAsIfItDidNotExist) {
  World world = running();
  Request secret = world.request();
  secret.level = Level::secret;
  const Context context{person("cai"), world.now, world.now, *world.policy, world.rules, {}};
  const auto hidden = decide(secret, AddNote{"?"}, context);
  ASSERT_FALSE(hidden);
  EXPECT_EQ(hidden.error().why, Refusal::unknown);
  EXPECT_EQ(hidden.error().text, Phrase("access.unknown", {{"number", "12"}}));
}

// ---- raise ---------------------------------------------------------------------------------------

TEST(RequestRaise, NamesOwnerDateAndClock) {
  World world("2026-11-20T17:00:00");
  world.raised();
  const Request& r = world.request();
  EXPECT_EQ(number(r), "XB-2026-0012");
  EXPECT_EQ(r.owner, person("zhao"));
  EXPECT_EQ(r.raised_by, DepartmentId("market"));
  EXPECT_EQ(r.phase, Phase::respond);
  EXPECT_TRUE(r.due_assumed);
  EXPECT_EQ(local(r.due), "2026-11-27T18:00");
  EXPECT_EQ(world.done.key, "done.raise_assumed");
  EXPECT_EQ(arg(world.done, "person"), "赵技");
  EXPECT_EQ(r.last_step->verb, "raise");
}

TEST(RequestRaise, ToAPersonTheirDepartmentLeads) {
  World world("2026-11-20T17:00:00", "urgent");
  Raise raise;
  raise.title = "  上线\n失败  ";
  raise.owner = person("qian");
  raise.due = World::at("2026-11-20T20:00:00");
  world.raised(raise);
  EXPECT_EQ(world.request().lead, DepartmentId("tech"));
  EXPECT_EQ(world.request().owner, person("qian"));
  EXPECT_EQ(world.request().title, "上线 失败") << "one line, whatever was typed";
  EXPECT_TRUE(world.request().urgent);
  EXPECT_FALSE(world.request().due_assumed);
  EXPECT_EQ(world.done.key, "done.raise");
  EXPECT_EQ(local(*running_clock(world.request(), ClockKind::first_response)->target), "2026-11-20T19:00");
}

TEST(RequestRaise, SaysWhatIsMissing) {
  const World world;
  const auto why = [&](Raise raise, const char* who = "lei") {
    const auto decision =
        decide(std::nullopt, raise, Context{PersonId(who), world.now, world.now, *world.policy, world.rules, RequestId(1)});
    return decision ? std::string("done") : decision.error().text.key;
  };
  Raise raise = World::raise_for_tech();
  EXPECT_EQ(why(raise), "done");
  EXPECT_EQ(why(raise, "tang"), "refuse.stranger");
  EXPECT_EQ(why(raise, ""), "refuse.stranger");
  raise.due = world.now;
  EXPECT_EQ(why(raise), "refuse.raise_past");
  raise = World::raise_for_tech(" \n");
  EXPECT_EQ(why(raise), "refuse.raise_title");
  raise = World::raise_for_tech();
  raise.lead = DepartmentId("nowhere");
  EXPECT_EQ(why(raise), "refuse.raise_department");
  raise.lead = {};
  EXPECT_EQ(why(raise), "refuse.raise_to_whom");
  raise.owner = person("tang");
  EXPECT_EQ(why(raise), "refuse.raise_person");
}

// ---- first response ------------------------------------------------------------------------------

TEST(RequestRespond, WhoeverAcceptsBecomesOwner) {
  World world = raised();
  world.heard();
  ASSERT_FALSE(world.act("wang", Accept{}));
  EXPECT_EQ(world.request().owner, person("wang"));
  EXPECT_EQ(world.request().phase, Phase::run);
  EXPECT_EQ(world.heard(), Strings{"lei:accepted"});
  EXPECT_EQ(world.next()->by_when, world.request().due);
}

TEST(RequestRespond, AnEarlierPromiseHoldsAndALaterOneIsAskedFor) {
  World world = raised();
  ASSERT_FALSE(world.act("zhao", Accept{World::at("2026-11-20T18:00:00")}));
  EXPECT_EQ(local(world.request().due), "2026-11-20T18:00");
  EXPECT_FALSE(world.request().extension);

  World later = raised();
  const TimePoint wished = later.request().due;
  ASSERT_FALSE(later.act("zhao", Accept{World::at("2026-12-20T18:00:00")}));
  EXPECT_EQ(later.request().due, wished) << "until it is confirmed";
  ASSERT_TRUE(later.request().extension);
  EXPECT_EQ(later.act("zhao", Confirm{})->why, Refusal::own_work);
  ASSERT_FALSE(later.act("lei", Confirm{}));
  EXPECT_EQ(local(later.request().due), "2026-12-20T18:00");
  EXPECT_EQ(running_clock(later.request(), ClockKind::task)->target, later.request().due);
  EXPECT_EQ(later.request().baseline, wished) << "the first plan stays known";

  World past = raised();
  EXPECT_EQ(past.act("zhao", Accept{past.now})->why, Refusal::bad_time);
}

TEST(RequestRespond, AcceptedAfterItsDateItGetsANewOne) {
  World world("2026-11-18T10:00:00");
  Raise raise = World::raise_for_tech();
  raise.due = World::at("2026-11-18T18:00:00");
  world.raised(raise).until("2026-11-19T09:30:00");
  ASSERT_FALSE(world.act("zhao", Accept{}));
  EXPECT_EQ(world.done.key, "done.accept_new_date");
  EXPECT_EQ(local(world.request().due), "2026-11-26T18:00");
  EXPECT_EQ(local(world.request().baseline), "2026-11-18T18:00");
  EXPECT_FALSE(world.request().conditions.late);
}

TEST(RequestRespond, DeclineNeedsReasonAndProposal) {
  World world = raised();
  EXPECT_EQ(world.act("zhao", Decline{" ", "下周"})->why, Refusal::reason_missing);
  EXPECT_EQ(world.act("zhao", Decline{"没人", ""})->why, Refusal::proposal_missing);
  EXPECT_EQ(world.request().phase, Phase::respond);
  world.heard();
  ASSERT_FALSE(world.act("zhao", Decline{"没人", "找财务部"}));
  EXPECT_EQ(world.heard(), Strings{"lei:declined"});
  EXPECT_EQ(world.request().phase, Phase::declined);
  EXPECT_EQ(world.request().closing, "没人");
  EXPECT_EQ(world.request().proposal, "找财务部");
  EXPECT_EQ(world.wakes_at(), std::nullopt);
  EXPECT_EQ(world.next(), std::nullopt);
}

TEST(RequestRespond, ADeclinedRequestComesBackToTheHead) {
  World world = closed("declined");
  world.heard();
  ASSERT_FALSE(world.act("lei", Reopen{"必须做"}));
  EXPECT_EQ(world.request().phase, Phase::respond);
  EXPECT_EQ(world.request().owner, person("wang"));
  EXPECT_TRUE(running_clock(world.request(), ClockKind::first_response)->running());
  EXPECT_TRUE(world.request().closing.empty());

  World up = closed("declined");
  up.heard();
  ASSERT_FALSE(up.act("lei", Escalate{"必须做"}));
  EXPECT_EQ(up.request().phase, Phase::respond);
  EXPECT_EQ(up.request().owner, person("wang"));
  EXPECT_EQ(up.heard(), Strings{"li:escalated"}) << "the head answers, so it goes one further up";
}

TEST(RequestRespond, AskingBackStopsTheClockAndTheAnswerStartsIt) {
  World world = raised();
  world.later(std::chrono::hours(4));
  EXPECT_EQ(world.act("zhao", AskBack{""})->text.key, "refuse.question_missing");
  ASSERT_FALSE(world.act("zhao", AskBack{"哪个版本？"}));
  EXPECT_TRUE(world.request().conditions.waiting_for_requester);
  EXPECT_TRUE(running_clock(world.request(), ClockKind::first_response)->paused());
  EXPECT_EQ(world.act("cai", AskBack{"新版"})->why, Refusal::not_yours);
  ASSERT_FALSE(world.act("sun", AskBack{"还有，几点？"})) << "a second question";
  EXPECT_EQ(world.request().question, "还有，几点？");
  EXPECT_EQ(std::ranges::count(world.request().clocks, ClockKind::answer, &Clock::kind), 1);
  EXPECT_EQ(world.act("lei", AskBack{" "})->text.key, "refuse.answer_missing");
  world.later(std::chrono::hours(2));
  ASSERT_FALSE(world.act("lei", AskBack{"新版，三点"}));
  EXPECT_EQ(local(*running_clock(world.request(), ClockKind::first_response)->target), "2026-11-19T12:00") << "two hours later";
  EXPECT_EQ(world.request().question, "");
}

TEST(RequestRespond, AcceptingWhileOneWaitsEndsTheQuestion) {
  World world = raised();
  ASSERT_FALSE(world.act("zhao", AskBack{"哪个版本？"}));
  ASSERT_FALSE(world.act("zhao", Accept{}));
  EXPECT_FALSE(world.request().conditions.waiting_for_requester);
  EXPECT_EQ(running_clock(world.request(), ClockKind::answer), nullptr);
  EXPECT_EQ(running_clock(world.request(), ClockKind::first_response), nullptr);
  EXPECT_TRUE(running_clock(world.request(), ClockKind::task)->running());
}

TEST(RequestRespond, AssignAndHandOver) {
  World world = raised();
  world.heard();
  ASSERT_FALSE(world.act("wang", Assign{person("qian")}));
  EXPECT_EQ(world.request().owner, person("qian"));
  EXPECT_EQ(world.request().phase, Phase::respond) << "to be assigned is not to accept";
  EXPECT_EQ(world.heard(), (Strings{"zhao:assigned", "lei:assigned"}));
  EXPECT_EQ(world.act("wang", Assign{person("qian")})->why, Refusal::same_as_before);
  EXPECT_EQ(world.act("wang", Assign{person("tang")})->why, Refusal::bad_person);
  EXPECT_EQ(world.act("wang", Assign{person("nobody")})->why, Refusal::bad_person);
  EXPECT_EQ(world.act("qian", HandOver{person("sun"), ""})->why, Refusal::reason_missing);
  ASSERT_FALSE(world.act("qian", HandOver{person("sun"), "出差"}));
  EXPECT_EQ(world.events<OwnerChanged>().back().reason, "出差");
  world.leave("zhao", "2026-11-18T00:00:00", "2026-11-30T00:00:00", "qian");
  ASSERT_FALSE(world.act("wang", Assign{person("zhao")}));
  EXPECT_EQ(world.done.key, "done.assign_away");
  EXPECT_EQ(world.next()->who, std::vector{person("qian")});
}

TEST(RequestRespond, Support) {
  World world = raised();
  world.heard();
  ASSERT_FALSE(world.act("zhao", Support{DepartmentId("finance")}));
  EXPECT_EQ(world.heard(), Strings{"lin:support"});
  EXPECT_EQ(world.request().supporting[0].contact, person("lin"));
  EXPECT_EQ(world.act("zhao", Support{DepartmentId("finance")})->why, Refusal::same_as_before);
  EXPECT_EQ(world.act("zhao", Support{DepartmentId("tech")})->why, Refusal::same_as_before);
  const auto none = world.act("zhao", Support{DepartmentId("none")});
  EXPECT_EQ(none->why, Refusal::bad_person);
  EXPECT_NE(arg(none->text, "names").find(world.rules.people().name(DepartmentId("finance"))), std::string::npos);
}

// ---- work ----------------------------------------------------------------------------------------

TEST(RequestWork, TroubleNeedsReasonAndMeasure) {
  World world = running();
  EXPECT_EQ(world.act("zhao", Report{{}, std::uint8_t{40}, Health::late, "", "加班"})->why, Refusal::reason_missing);
  EXPECT_EQ(world.act("zhao", Report{{}, std::uint8_t{40}, Health::risk, "难", " "})->why, Refusal::measure_missing);
  EXPECT_EQ(world.act("zhao", Report{{}, std::uint8_t{101}, Health::normal, "", ""})->text.key, "refuse.percent");
  world.heard();
  ASSERT_FALSE(world.act("zhao", Report{{}, std::uint8_t{40}, Health::risk, "难", "加人"}));
  EXPECT_EQ(world.heard(), (Strings{"lei:at_risk", "wang:at_risk"}));
  EXPECT_TRUE(world.request().conditions.at_risk);
  ASSERT_FALSE(world.act("zhao", Report{{}, {}, Health::normal, "", ""}));
  EXPECT_EQ(int{world.request().percent}, 40) << "no number keeps the last one";
  EXPECT_FALSE(world.request().conditions.at_risk);
  EXPECT_EQ(world.heard(), Strings{}) << "all is well: the card says so";
}

TEST(RequestWork, HundredPercentAsksForTheDelivery) {
  World world = running();
  ASSERT_FALSE(world.act("zhao", Report{{}, std::uint8_t{100}, Health::normal, "", ""}));
  EXPECT_EQ(world.request().phase, Phase::deliver);
  EXPECT_EQ(world.next()->what, Step::submit);
  EXPECT_TRUE(running_clock(world.request(), ClockKind::task)->running());
  ASSERT_FALSE(world.act("zhao", Report{{}, std::uint8_t{80}, Health::normal, "", ""}));
  EXPECT_EQ(world.request().phase, Phase::run);
}

TEST(RequestWork, ExtensionIsConfirmedByTheOtherSide) {
  World world = running();
  const TimePoint to = World::at("2026-11-27T18:00:00");
  EXPECT_EQ(world.act("zhao", Extend{{}, {}, "难"})->why, Refusal::bad_time);
  EXPECT_EQ(world.act("zhao", Extend{{}, world.now, "难"})->why, Refusal::bad_time);
  EXPECT_EQ(world.act("zhao", Extend{{}, to, ""})->why, Refusal::reason_missing);
  EXPECT_EQ(world.act("zhao", Extend{{}, world.request().due, "难"})->why, Refusal::same_as_before);
  EXPECT_EQ(world.act("lei", Confirm{})->why, Refusal::nothing_due);
  world.heard();
  ASSERT_FALSE(world.act("zhao", Extend{{}, to, "难"}));
  EXPECT_EQ(world.heard(), Strings{"lei:extension_asked"});
  EXPECT_EQ(world.next()->what, Step::execute) << "the work goes on meanwhile";
  EXPECT_EQ(world.act("lei", Extend{{}, to, "早点"})->text.key, "refuse.extension_pending");
  EXPECT_EQ(world.act("zhao", Confirm{})->why, Refusal::own_work);
  EXPECT_EQ(world.act("cai", Confirm{})->why, Refusal::not_yours);
  ASSERT_FALSE(world.act("lei", Confirm{false, "来不及"}));
  EXPECT_FALSE(world.request().extension);
  EXPECT_EQ(local(world.request().due), "2026-11-25T18:00");
  ASSERT_FALSE(world.act("zhao", Extend{{}, to, "难"}));
  ASSERT_FALSE(world.act("lei", Confirm{}));
  EXPECT_EQ(world.request().due, to);
  EXPECT_EQ(world.next()->by_when, to);
}

TEST(RequestWork, APromisedDateThatPassesRevivesTheReminders) {
  World world = running();
  world.until("2026-11-25T18:00:00");
  EXPECT_EQ(std::ranges::count(world.heard(), "zhao:remind_task"), 2);
  ASSERT_FALSE(world.act("zhao", Extend{{}, World::at("2026-12-02T18:00:00"), "难"}));
  ASSERT_FALSE(world.act("lei", Confirm{}));
  EXPECT_FALSE(world.request().conditions.late);
  world.heard();
  world.until("2026-12-02T18:00:00");
  EXPECT_EQ(world.heard(), (Strings{"zhao:remind_task", "zhao:remind_task"}));
}

TEST(RequestWork, FarBehindTheFirstPlanIsForTheVicePresident) {
  World world = running();  // first plan: the 25th
  ASSERT_FALSE(world.act("zhao", Extend{{}, World::at("2026-11-30T18:00:00"), "难"}));
  world.heard();
  ASSERT_FALSE(world.act("lei", Confirm{}));
  EXPECT_EQ(world.heard(), Strings{"zhao:extension_granted"}) << "72 h exactly are not more";
  ASSERT_FALSE(world.act("zhao", Extend{{}, World::at("2026-11-30T18:01:00"), "难"}));
  world.heard();
  ASSERT_FALSE(world.act("lei", Confirm{}));
  EXPECT_EQ(world.heard(), (Strings{"zhao:extension_granted", "li:far_behind"}));
}

TEST(RequestWork, AnExtensionWhileOneWaitsForAnAnswerKeepsTheClockStanding) {
  World world = running();
  ASSERT_FALSE(world.act("zhao", AskBack{"？"}));
  ASSERT_FALSE(world.act("zhao", Extend{{}, World::at("2026-12-02T18:00:00"), "难"}));
  ASSERT_FALSE(world.act("lei", Confirm{}));
  EXPECT_TRUE(running_clock(world.request(), ClockKind::task)->paused());
  world.later(std::chrono::hours(24));
  ASSERT_FALSE(world.act("lei", AskBack{"好"}));
  EXPECT_EQ(local(*running_clock(world.request(), ClockKind::task)->target), "2026-12-03T18:00");
  EXPECT_EQ(local(world.request().due), "2026-12-03T18:00") << "date and clock are one";
}

// ---- tasks ---------------------------------------------------------------------------------------

World with_task() {
  World world = running();
  EXPECT_FALSE(world.act("zhao", AddTask{person("lin"), "核对预算", World::at("2026-11-20T18:00:00"), "有签字", {}}));
  return world;
}

TEST(RequestTasks, HaveAnOwnerADateAndAClock) {
  World world = with_task();
  const Task& task = world.request().tasks.at(0);
  EXPECT_EQ(task.no, TaskNo(1));
  EXPECT_EQ(task.department, DepartmentId("finance"));
  EXPECT_EQ(running_clock(world.request(), ClockKind::task, TaskNo(1))->target, task.due);
  ASSERT_FALSE(world.act("wang", AddTask{person("qian"), "写接口", {}, "", TaskNo(1)}));
  EXPECT_EQ(world.request().tasks.at(1).due, world.request().due) << "without a date: that of the request";
  EXPECT_EQ(world.act("zhao", AddTask{person("lin"), " ", {}, "", {}})->why, Refusal::reason_missing);
  EXPECT_EQ(world.act("zhao", AddTask{person("tang"), "x", {}, "", {}})->text.key, "refuse.bad_task_owner");
  EXPECT_EQ(world.act("zhao", AddTask{person("lin"), "x", world.now, "", {}})->why, Refusal::bad_time);
  EXPECT_EQ(world.act("zhao", AddTask{person("lin"), "x", {}, "", TaskNo(9)})->why, Refusal::no_such_task);
  EXPECT_EQ(world.act("zhao", AddTask{person("lin"), "x", {}, "", TaskNo(3)})->why, Refusal::cycle);
  ASSERT_FALSE(world.act("zhao", AddTask{person("lin"), "x", World::at("2027-01-05T18:00:00"), "", {}}));
  EXPECT_EQ(world.done.key, "done.add_task_after");
}

TEST(RequestTasks, AreReportedByTheirOwnerTheirHeadOrTheLead) {
  const Report half{TaskNo(1), std::uint8_t{50}, Health::late, "等数据", "催"};
  for (const auto& [who, fine] : std::map<std::string, bool>{
           {"lin", true}, {"cai", true}, {"zhao", true}, {"wang", true}, {"lei", false}, {"han", false}, {"qian", false}}) {
    World world = with_task();
    world.heard();
    const auto refused = world.act(who.c_str(), half);
    EXPECT_EQ(!refused, fine) << who;
    EXPECT_EQ(int{world.request().tasks[0].percent}, fine ? 50 : 0);
    EXPECT_TRUE(fine || refused->why == Refusal::not_yours);
  }
  World world = with_task();
  EXPECT_EQ(world.act("lin", Report{TaskNo(7), {}, Health::normal, "", ""})->why, Refusal::no_such_task);
}

TEST(RequestTasks, WithoutANumberTheOnlyOneIsMeant) {
  World world = with_task();
  EXPECT_TRUE(may(world.request(), person("lin"), "deliver", world.rules, world.now));
  ASSERT_FALSE(world.act("lin", Report{{}, std::uint8_t{30}, Health::normal, "", ""}));
  EXPECT_EQ(int{world.request().tasks[0].percent}, 30);
  EXPECT_EQ(int{world.request().percent}, 0);
  ASSERT_FALSE(world.act("zhao", AddTask{person("lin"), "再一项", {}, "", {}}));
  EXPECT_EQ(world.act("lin", Report{{}, std::uint8_t{40}, Health::normal, "", ""})->why, Refusal::not_yours)
      << "two could be meant";
}

TEST(RequestTasks, TheLeadAcceptsThem) {
  World world = with_task();
  EXPECT_EQ(world.act("zhao", Verify{TaskNo(1), true, ""})->why, Refusal::nothing_due);
  EXPECT_EQ(world.act("lin", Deliver{TaskNo(1), ""})->why, Refusal::reason_missing);
  world.heard();
  ASSERT_FALSE(world.act("lin", Deliver{TaskNo(1), "表在群里"}));
  EXPECT_EQ(world.heard(), Strings{"zhao:task_delivered"});
  EXPECT_EQ(world.request().tasks[0].state, TaskState::delivered);
  EXPECT_EQ(running_clock(world.request(), ClockKind::task, TaskNo(1)), nullptr);
  EXPECT_EQ(world.request().phase, Phase::deliver) << "nothing else is open";
  EXPECT_EQ(world.act("lin", Verify{TaskNo(1), true, ""})->why, Refusal::own_work);
  EXPECT_EQ(world.act("lei", Verify{TaskNo(1), true, ""})->why, Refusal::not_yours);
  EXPECT_EQ(world.act("zhao", Verify{TaskNo(1), false, ""})->why, Refusal::reason_missing);
  ASSERT_FALSE(world.act("zhao", Verify{TaskNo(1), false, "少一页"}));
  EXPECT_EQ(world.request().phase, Phase::run);
  EXPECT_TRUE(running_clock(world.request(), ClockKind::task, TaskNo(1))->running());
  ASSERT_FALSE(world.act("lin", Deliver{TaskNo(1), "补上了"}));
  ASSERT_FALSE(world.act("zhao", Verify{TaskNo(1), true, ""}));
  EXPECT_EQ(world.request().tasks[0].state, TaskState::done);
  EXPECT_EQ(world.act("lin", Deliver{TaskNo(1), "再来"})->why, Refusal::nothing_due);
}

TEST(RequestTasks, TheOwnersOwnTaskIsDoneWhenDelivered) {
  World world = running();
  ASSERT_FALSE(world.act("zhao", AddTask{person("zhao"), "自己写", {}, "", {}}));
  ASSERT_FALSE(world.act("zhao", Deliver{TaskNo(1), "写好了"}));
  EXPECT_EQ(world.request().tasks[0].state, TaskState::done);
}

TEST(RequestTasks, ATaskBehindAnotherIsBlocked) {
  World world = with_task();
  ASSERT_FALSE(world.act("zhao", AddTask{person("qian"), "写接口", {}, "", TaskNo(1)}));
  ASSERT_FALSE(world.act("qian", Report{TaskNo(2), std::uint8_t{0}, Health::late, "等预算", "催"}));
  EXPECT_TRUE(world.request().conditions.blocked);
  ASSERT_FALSE(world.act("lin", Deliver{TaskNo(1), "好了"}));
  EXPECT_FALSE(world.request().conditions.blocked);
}

TEST(RequestTasks, ExtensionOfATaskIsConfirmedByTheOwnerOfTheRequest) {
  World world = with_task();
  const TimePoint to = World::at("2026-11-24T18:00:00");
  ASSERT_FALSE(world.act("lin", Extend{TaskNo(1), to, "等数据"}));
  EXPECT_EQ(world.act("lei", Confirm{})->why, Refusal::not_yours);
  ASSERT_FALSE(world.act("zhao", Confirm{}));
  EXPECT_EQ(world.request().tasks[0].due, to);
  EXPECT_EQ(running_clock(world.request(), ClockKind::task, TaskNo(1))->target, to);
  ASSERT_FALSE(world.act("zhao", Extend{TaskNo(1), World::at("2026-11-19T18:00:00"), "急用"}));
  EXPECT_EQ(world.act("zhao", Confirm{})->why, Refusal::own_work);
  ASSERT_FALSE(world.act("lin", Confirm{}));
}

// ---- delivery and after --------------------------------------------------------------------------

TEST(RequestClose, DeliverRejectDeliverAccept) {
  World world = running();
  EXPECT_EQ(world.act("zhao", Deliver{{}, ""})->why, Refusal::reason_missing);
  ASSERT_FALSE(world.act("zhao", Deliver{{}, "上线了"}));
  EXPECT_EQ(world.next()->what, Step::verify);
  EXPECT_EQ(world.next()->who, std::vector{person("lei")});
  EXPECT_EQ(world.act("lei", Verify{{}, false, ""})->why, Refusal::reason_missing);
  world.later(std::chrono::hours(24));
  world.heard();
  ASSERT_FALSE(world.act("lei", Verify{{}, false, "打不开"}));
  EXPECT_EQ(world.heard(), Strings{"zhao:rejected"});
  EXPECT_EQ(world.request().phase, Phase::run);
  EXPECT_EQ(world.request().counters.rejects, 1U);
  EXPECT_EQ(local(world.request().due), "2026-11-26T18:00") << "what was left when it was delivered is left again";
  ASSERT_FALSE(world.act("zhao", Deliver{{}, "修好了"}));
  world.heard();
  ASSERT_FALSE(world.act("lei", Verify{{}, true, ""}));
  EXPECT_EQ(world.heard(), Strings{"zhao:archived"});
  EXPECT_EQ(world.request().phase, Phase::archived);
  EXPECT_TRUE(std::ranges::all_of(world.request().clocks, [](const Clock& clock) { return clock.stopped.has_value(); }));
}

TEST(RequestClose, RejectedLateThereIsAtLeastAFirstResponsesTime) {
  World world("2026-11-18T10:00:00");
  Raise raise = World::raise_for_tech();
  raise.due = World::at("2026-11-18T12:00:00");
  world.raised(raise);
  ASSERT_FALSE(world.act("zhao", Accept{}));
  world.until("2026-11-18T14:00:00");
  EXPECT_TRUE(world.request().conditions.late);
  ASSERT_FALSE(world.act("zhao", Deliver{{}, "好"}));
  ASSERT_FALSE(world.act("lei", Verify{{}, false, "不行"}));
  EXPECT_EQ(local(world.request().due), "2026-11-19T14:00");
  EXPECT_EQ(local(world.request().baseline), "2026-11-18T12:00");
}

TEST(RequestClose, HandingInTheWholeTakesWhatWasDeliveredAndStopsTheRest) {
  World world = with_task();
  ASSERT_FALSE(world.act("zhao", AddTask{person("qian"), "写接口", {}, "", {}}));
  ASSERT_FALSE(world.act("lin", Deliver{TaskNo(1), "好"}));
  ASSERT_FALSE(world.act("zhao", Deliver{{}, "上线"}));
  EXPECT_EQ(world.done.key, "done.deliver_with_open");
  EXPECT_EQ(world.request().tasks[0].state, TaskState::done);
  EXPECT_EQ(world.request().tasks[1].state, TaskState::open);
  EXPECT_EQ(running_clock(world.request(), ClockKind::task, TaskNo(2)), nullptr);
  ASSERT_FALSE(world.act("lei", Verify{{}, false, "缺接口"}));
  EXPECT_TRUE(running_clock(world.request(), ClockKind::task, TaskNo(2))->running());
}

TEST(RequestClose, ATypeWithoutAcceptanceIsArchivedByTheDelivery) {
  World world("2026-11-18T10:00:00");
  auto policy = std::make_shared<Policy>(*world.policy);
  policy->gates = {Phase::run};
  world.policy = policy;
  world.raised();
  EXPECT_EQ(world.request().phase, Phase::run);
  EXPECT_TRUE(running_clock(world.request(), ClockKind::task));
  ASSERT_FALSE(world.act("zhao", Deliver{{}, "好"}));
  EXPECT_EQ(world.request().phase, Phase::archived);
}

TEST(RequestClose, ReopenReturnsToThePhaseNamed) {
  struct Case {
    const char* how;
    Phase back;
    ClockKind clock;
  };
  for (const Case& one :
       {Case{"archived", Phase::run, ClockKind::task}, Case{"declined", Phase::respond, ClockKind::first_response},
        Case{"cancelled", Phase::respond, ClockKind::first_response}}) {
    World world = closed(one.how);
    EXPECT_EQ(world.act("lei", Reopen{""})->why, Refusal::reason_missing);
    world.later(std::chrono::hours(24 * 14));
    ASSERT_FALSE(world.act("lei", Reopen{"还有问题"})) << one.how;
    EXPECT_EQ(world.request().phase, one.back) << one.how;
    EXPECT_GT(*running_clock(world.request(), one.clock)->target, world.now) << one.how;
    EXPECT_EQ(world.request().counters.reopened, 1U);
  }
  World declined = closed("declined");
  declined.heard();
  ASSERT_FALSE(declined.act("lei", Reopen{"还有问题"}));
  std::vector<std::string> news;
  for (const Effect& effect : declined.effects)
    if (const auto* card = std::get_if<PostCard>(&effect)) news.push_back(card->to.person->value + ":" + card->news.key);
  EXPECT_EQ(news, Strings{"wang:notice.reopened"}) << "the head answers now, and reads on the card why";
  const Strings told = declined.heard();
  EXPECT_EQ(std::ranges::find(told, "wang:reopened"), told.end()) << "and is not told the same twice";
  World late = closed("archived");
  late.later(std::chrono::hours(24 * 14) + Duration(1));
  EXPECT_EQ(late.act("lei", Reopen{"还有问题"})->why, Refusal::too_late);
  World cancelled = delivered();
  ASSERT_FALSE(cancelled.act("lei", Cancel{"不要了"}));
  ASSERT_FALSE(cancelled.act("lei", Reopen{"又要了"}));
  EXPECT_EQ(cancelled.request().phase, Phase::accept);
}

// ---- attention -----------------------------------------------------------------------------------

TEST(RequestAttention, EscalationGoesOneLevelUpEachTime) {
  World world = raised();
  world.heard();
  EXPECT_EQ(world.act("lei", Escalate{""})->why, Refusal::reason_missing);
  ASSERT_FALSE(world.act("lei", Escalate{"没人理"}));
  EXPECT_EQ(world.heard(), (Strings{"wang:escalated", "zhao:escalated_about_you"}));
  ASSERT_FALSE(world.act("lei", Escalate{"没人理"}));
  EXPECT_EQ(world.heard(), (Strings{"li:escalated", "zhao:escalated_about_you"}));
  ASSERT_FALSE(world.act("lei", Escalate{"没人理"}));
  EXPECT_EQ(world.heard(), (Strings{"chen:escalated", "li:escalated", "zhao:escalated_about_you"}));
  ASSERT_FALSE(world.act("lei", Escalate{"没人理"}));
  EXPECT_EQ(world.request().counters.escalations, 4U);
}

TEST(RequestAttention, WhenTheRequesterHasToActTheirLineIsClimbed) {
  World world = delivered();
  world.heard();
  ASSERT_FALSE(world.act("zhao", Escalate{"没人验收"}));
  EXPECT_EQ(world.heard(), (Strings{"han:escalated", "lei:escalated_about_you"}));
}

TEST(RequestAttention, NudgesAreRationed) {
  World world = raised();
  world.heard();
  EXPECT_EQ(world.act("zhao", Nudge{})->why, Refusal::nothing_due) << "it is their own turn";
  ASSERT_FALSE(world.act("lei", Nudge{}));
  EXPECT_EQ(world.heard(), Strings{"zhao:nudged_by"});
  world.later(std::chrono::minutes(59));
  const auto refused = world.act("han", Nudge{});
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->why, Refusal::too_soon);
  EXPECT_NE(arg(refused->text, "time").find("11:00"), std::string::npos) << "it says when again";
  world.later(std::chrono::minutes(1));
  EXPECT_FALSE(world.act("han", Nudge{}));
}

TEST(RequestAttention, FollowersHearTheNews) {
  World world = raised();
  ASSERT_FALSE(world.act("cai", Follow{}));
  world.heard();
  ASSERT_FALSE(world.act("zhao", Accept{}));
  EXPECT_EQ(world.heard(), (Strings{"lei:accepted", "cai:accepted"}));
  ASSERT_FALSE(world.act("cai", Follow{}));
  EXPECT_EQ(world.done.key, "done.unfollow");
  EXPECT_TRUE(world.request().followers.empty());
}

TEST(RequestAttention, ANoteIsAllThatHappens) {
  World world = running();
  const std::size_t before = world.history().size();
  ASSERT_FALSE(world.act("cai", AddNote{"第一行\n第二行"}));
  EXPECT_EQ(world.history().size(), before + 2) << "the note and the mark of the step";
  EXPECT_EQ(world.events<Noted>().back().text, "第一行\n第二行");
  EXPECT_EQ(world.act("cai", AddNote{"  "})->why, Refusal::reason_missing);
}

TEST(RequestAttention, TypedTextCannotForgeALineOfOurs) {
  World world = delivered();
  world.effects.clear();
  ASSERT_FALSE(world.act("lei", Verify{{}, false, "不行\n协办：已归档"}));
  const auto& notify = std::get<Notify>(
      *std::ranges::find_if(world.effects, [](const Effect& one) { return std::holds_alternative<Notify>(one); }));
  EXPECT_EQ(arg(Phrase("", notify.notice.args), "reason"), "不行\n  协办：已归档");
}

// ---- pause and undo ------------------------------------------------------------------------------

TEST(RequestPause, StopsEveryClockAndMovesThemByTheWorkingTime) {
  World world = with_task();
  EXPECT_EQ(world.act("lei", PauseIt{"", {}})->why, Refusal::reason_missing);
  EXPECT_EQ(world.act("lei", PauseIt{"等", world.now})->why, Refusal::bad_time);
  ASSERT_FALSE(world.act("lei", PauseIt{"等合同", {}}));
  for (const Clock& clock : world.request().clocks) EXPECT_FALSE(clock.running());
  world.until("2026-11-23T10:00:00");  // Wednesday 10:00 to Monday 10:00: three working dates
  ASSERT_FALSE(world.act("zhao", Resume{}));
  EXPECT_EQ(local(world.request().due), "2026-11-30T18:00");
  EXPECT_EQ(local(world.request().tasks[0].due), "2026-11-25T18:00");
  EXPECT_TRUE(world.events<Breached>().empty());
}

TEST(RequestPause, AnAnswerDuringAPauseLeavesTheClockStanding) {
  World world = raised();
  ASSERT_FALSE(world.act("zhao", AskBack{"？"}));
  ASSERT_FALSE(world.act("lei", PauseIt{"等", {}}));
  ASSERT_FALSE(world.act("lei", AskBack{"好"}));
  EXPECT_TRUE(running_clock(world.request(), ClockKind::first_response)->paused());
  ASSERT_FALSE(world.act("lei", Resume{}));
  EXPECT_TRUE(running_clock(world.request(), ClockKind::first_response)->running());
}

TEST(RequestPause, ResumingDoesNotEndAQuestion) {
  World world = raised();
  ASSERT_FALSE(world.act("zhao", AskBack{"？"}));
  ASSERT_FALSE(world.act("lei", PauseIt{"等", {}}));
  ASSERT_FALSE(world.act("lei", Resume{}));
  EXPECT_TRUE(running_clock(world.request(), ClockKind::first_response)->paused());
  EXPECT_TRUE(running_clock(world.request(), ClockKind::answer)->running());
}

TEST(RequestUndo, TakesBackTheOwnLastStep) {
  World world = raised();
  const Request before = world.request();
  ASSERT_FALSE(world.act("zhao", Decline{"没人", "下周"}));
  world.later(std::chrono::minutes(5));
  ASSERT_FALSE(world.take_back("zhao"));
  EXPECT_EQ(world.request().phase, Phase::respond);
  EXPECT_EQ(world.request().closing, "");
  EXPECT_EQ(running_clock(world.request(), ClockKind::first_response)->target,
            running_clock(before, ClockKind::first_response)->target);
  EXPECT_GT(world.request().seq, before.seq) << "the history only grows";
  EXPECT_EQ(world.take_back("zhao")->why, Refusal::nothing_due) << "once";
}

TEST(RequestUndo, OnlyTheOwnOnlySoonAndOnlyTheLast) {
  World world = raised();
  EXPECT_EQ(world.take_back("lei")->text.key, "refuse.nothing_to_undo") << "a raised request is cancelled, not unmade";
  ASSERT_FALSE(world.act("zhao", Accept{}));
  EXPECT_EQ(world.take_back("sun")->why, Refusal::not_yours);
  ASSERT_FALSE(world.act("lei", AddNote{"谢谢"}));
  EXPECT_EQ(world.take_back("zhao")->why, Refusal::not_yours) << "somebody else acted since";
  world.later(std::chrono::minutes(5) + Duration(1));
  EXPECT_EQ(world.take_back("lei")->why, Refusal::too_late);
}

TEST(RequestUndo, KeepsWhatTimeDidAndNeverReusesNumbers) {
  World world = running();
  ASSERT_FALSE(world.act("zhao", AddTask{person("lin"), "一", World::at("2026-11-18T10:03:00"), "", {}}));
  world.until("2026-11-18T10:02:00");
  ASSERT_FALSE(world.act("zhao", Report{{}, std::uint8_t{10}, Health::normal, "", ""}));
  world.until("2026-11-18T10:04:00");
  ASSERT_TRUE(world.request().conditions.late);
  const std::size_t reached = world.events<RungReached>().size();
  ASSERT_FALSE(world.take_back("zhao"));
  EXPECT_EQ(int{world.request().percent}, 0);
  EXPECT_TRUE(world.request().conditions.late) << "the rung stays reached, the breach stays";
  world.later(std::chrono::minutes(1));
  EXPECT_EQ(world.events<RungReached>().size(), reached);

  World numbers = running();
  ASSERT_FALSE(numbers.act("zhao", AddTask{person("lin"), "一", {}, "", {}}));
  ASSERT_FALSE(numbers.take_back("zhao"));
  EXPECT_TRUE(numbers.request().tasks.empty());
  ASSERT_FALSE(numbers.act("zhao", AddTask{person("lin"), "二", {}, "", {}}));
  EXPECT_EQ(numbers.request().tasks[0].no, TaskNo(2));
}

TEST(RequestUndo, ANudgeTakenBackIsNotANewRight) {
  World world = raised();
  ASSERT_FALSE(world.act("lei", Nudge{}));
  ASSERT_FALSE(world.take_back("lei"));
  EXPECT_EQ(world.act("lei", Nudge{})->why, Refusal::too_soon);
}

// ---- out of order and late (T3) ------------------------------------------------------------------

TEST(RequestLate, AClickThatComesTooLateSaysWhatHasHappened) {
  World world = raised();
  ASSERT_FALSE(world.act("lei", Cancel{"不做了"}));
  const auto refused = world.act(person("zhao"), Accept{}, world.now - std::chrono::minutes(1));
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->why, Refusal::already_closed);
  EXPECT_EQ(refused->text.key, "refuse.cancelled");
  EXPECT_NE(arg(refused->text, "time").find("10:00"), std::string::npos);
  EXPECT_EQ(world.request().phase, Phase::cancelled);

  World taken = running();
  const auto second = taken.act("sun", Accept{});
  EXPECT_EQ(second->text.key, "refuse.phase_run");
  EXPECT_EQ(arg(second->text, "who"), "赵技");
  EXPECT_EQ(taken.act("zhao", Decline{"没人", "下周"})->text.key, "refuse.phase_run");
  EXPECT_EQ(delivered().act("zhao", Deliver{{}, "再交"})->text.key, "refuse.phase_accept");
}

TEST(RequestLate, AnActionOlderThanTheRequestCountsFromItsBeginning) {
  World world = raised();
  ASSERT_FALSE(world.act(person("zhao"), Accept{}, world.now - std::chrono::hours(3)));
  for (const Clock& clock : world.request().clocks) EXPECT_GE(clock.start, world.request().raised_at);
}

TEST(RequestEffects, EveryStepRefreshesTheCardsAndMarksItself) {
  for (const auto& [name, command] : commands()) {
    World world = name == "verify"                        ? delivered()
                  : name == "reopen"                      ? closed("archived")
                  : name == "resume"                      ? in_phase("paused")
                  : name == "accept" || name == "decline" ? raised()
                                                          : running();
    world.effects.clear();
    const std::uint64_t seq = world.request().seq;
    const char* who = name == "verify" || name == "reopen" || name == "nudge" || name == "cancel" ? "lei" : "zhao";
    ASSERT_FALSE(world.act(who, command)) << name;
    EXPECT_TRUE(std::ranges::any_of(world.effects, [](const Effect& one) { return std::holds_alternative<RefreshCards>(one); }))
        << name;
    EXPECT_TRUE(std::holds_alternative<StepMarked>(world.history().back().event)) << name;
    EXPECT_EQ(world.request().last_step->first_seq, seq + 1) << name;
    for (const Effect& effect : world.effects)
      if (const auto* notify = std::get_if<Notify>(&effect); notify != nullptr && notify->to.person) {
        EXPECT_NE(notify->to.person->value, who) << name << ": nobody is told what they did themselves";
      }
  }
}

TEST(RequestNames, AreStable) {
  EXPECT_EQ(verb_name(Command{AskBack{}}), "ask_back");
  EXPECT_EQ(verb_name(Command{Follow{}}), "follow");
  EXPECT_EQ(verb_name(Command{PauseIt{}}), "pause");
  EXPECT_EQ(kind_name(Event{Raised{}}), "raised");
  EXPECT_EQ(kind_name(Event{ClockMoved{}}), "clock_moved");
  EXPECT_EQ(kind_name(Event{StepMarked{}}), "step_marked");
  EXPECT_EQ(kind_name(Effect{PostHelp{}}), "post_help");
  EXPECT_EQ(kind_name(Effect{RefreshCards{}}), "refresh_cards");
  EXPECT_EQ(number(RequestId(7), 2027), "XB-2027-0007");
  EXPECT_EQ(number(RequestId(123456), 2027), "XB-2027-123456");
}

}  // namespace
}  // namespace xieban::test::request_decide_test
