#include "bot/engine/intake.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "bot/base/log.hpp"
#include "bot/engine/raw_event.hpp"
#include "tests/support/sim_world.hpp"

namespace xieban::intake_test {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using testing::SimOptions;
using testing::SimWorld;
using testing::StoreFault;

StoreFault fault(const char* call, StoreFault::Do what, int times = 1) {
  StoreFault one;
  one.call = call;
  one.what = what;
  one.times = times;
  return one;
}

std::string toast(const HttpResponse& response) { return json::parse(response.body).value("toast", ""); }

/// Notes in the history of a request.
std::size_t notes(SimWorld& world, std::uint64_t id, const std::string& text) {
  return static_cast<std::size_t>(std::ranges::count_if(world.history(id), [&](const Stamped& entry) {
    const auto* noted = std::get_if<Noted>(&entry.event);
    return noted != nullptr && noted->text == text;
  }));
}

/// The card that shows request 1 in the group, as the platform's message names it.
CardId live_card(SimWorld& world) {
  for (const auto& one : world.platform_side().seen()) {
    const auto body = json::parse(one.body);
    if (one.chat == "g1" && body.contains("card") && body.value("request", 0) == 1)
      return CardId(body.value("card_id", std::uint64_t{0}));
  }
  return {};
}

struct IntakeTest : ::testing::Test {
  SimWorld world;
  Ailments ailments{world.time()};
  void raise() {
    const auto response = world.say("zhou.market", "g1", "/发起 接口对接 给技术部");
    ASSERT_EQ(response.status, 200);
    ASSERT_TRUE(world.request(1));
  }
};

TEST_F(IntakeTest, AnswersAfterTheCommit) {
  raise();
  EXPECT_EQ(world.request(1)->title, "接口对接");
  EXPECT_EQ(world.intake().in_flight(), 0U);
}

TEST_F(IntakeTest, ForgedBytesAre401AndRubbishIs400WithoutABody) {
  HttpRequest forged = testing::said("e1", "zhou.market", "g1", "/帮助");
  forged.headers.set("X-Sign", "bad");
  auto response = world.receive(std::move(forged));
  EXPECT_EQ(response.status, 401);
  EXPECT_TRUE(response.body.empty());
  HttpRequest rubbish = testing::said("e1", "zhou.market", "g1", "/帮助");
  rubbish.body = "{";
  response = world.receive(std::move(rubbish));
  EXPECT_EQ(response.status, 400);
  EXPECT_TRUE(response.body.empty());
}

TEST_F(IntakeTest, AnAdapterThatThrowsIsAnsweredAndNothingElseHappens) {
  HttpRequest request = testing::said("e1", "zhou.market", "g1", "x");
  request.body = R"({"kind":"throw"})";
  EXPECT_EQ(world.receive(std::move(request)).status, 400);
  raise();
}

TEST_F(IntakeTest, UrlChecksAndNoiseDoNotTouchTheStore) {
  world.store().fault(fault("", StoreFault::Do::refuse, -1));
  HttpRequest check = testing::said("e1", "zhou.market", "g1", "x");
  check.body = R"({"kind":"url","challenge":"abc"})";
  EXPECT_EQ(world.receive(std::move(check)).body, "abc");
  HttpRequest noise = testing::said("e1", "zhou.market", "g1", "x");
  noise.body = R"({"kind":"noise"})";
  EXPECT_EQ(world.receive(std::move(noise)).status, 200);
}

TEST_F(IntakeTest, WhenEverythingIsTooOldTheClockIsInDoubt) {
  raise();
  world.intake().report_to(ailments);
  world.intake().forget_before(24h, world.time());
  const auto say_of = [&](const std::string& key, Duration ago) {
    HttpRequest request = testing::said(key, "zhou.market", "g1", "/备注 1 " + key);
    json body = json::parse(request.body);
    body["sent_at"] = (world.time().now() - ago).time_since_epoch().count();
    request.body = body.dump();
    return world.receive(std::move(request)).status;
  };
  EXPECT_EQ(say_of("old1", 25h), 200);
  EXPECT_EQ(say_of("old2", 25h), 200);
  EXPECT_EQ(say_of("new1", 23h), 200);
  EXPECT_EQ(notes(world, 1, "old1"), 0U);
  EXPECT_EQ(notes(world, 1, "new1"), 1U);
  EXPECT_EQ(say_of("old3", 25h), 200);
  EXPECT_TRUE(ailments.all().empty()) << "repeats of long ago, with others in between";
  say_of("old4", 25h);
  say_of("old5", 25h);
  ASSERT_EQ(ailments.all().size(), 1U);
  EXPECT_EQ(ailments.all()[0].what.key, "ailment.all_too_old");
  EXPECT_TRUE(ailments.all()[0].rings);
  say_of("new2", 0h);
  EXPECT_TRUE(ailments.all().empty());
}

// T2
TEST_F(IntakeTest, FiveParallelDeliveriesHaveOneEffectAndOneAnswer) {
  raise();
  std::vector<HttpResponse> responses;
  for (int copy = 0; copy < 5; ++copy) {
    world.receive_later(testing::said("same", "zhou.market", "g1", "/备注 1 只一次"),
                        [&](HttpResponse response) { responses.push_back(std::move(response)); });
  }
  world.time().run_ready();
  ASSERT_EQ(responses.size(), 5U);
  for (const auto& one : responses) {
    EXPECT_EQ(one.status, 200);
    EXPECT_EQ(toast(one), toast(responses.front()));
  }
  EXPECT_EQ(notes(world, 1, "只一次"), 1U);
  for (const Duration later : {Duration{1h}, Duration{6h}}) {
    world.advance(later);
    EXPECT_EQ(world.say("zhou.market", "g1", "/备注 1 只一次", "same").status, 200);
  }
  EXPECT_EQ(notes(world, 1, "只一次"), 1U);
}

// T2
TEST(IntakeRestart, ARepeatAfterARestartFindsItsOutcome) {
  testing::TemporaryFolder folder;
  SimOptions options;
  options.file = folder.path() / "x.db";
  SimWorld world(options);
  world.say("zhou.market", "g1", "/发起 接口对接 给技术部", "raise");
  world.kill(1min);
  world.say("zhou.market", "g1", "/发起 接口对接 给技术部", "raise");
  EXPECT_TRUE(world.request(1));
  EXPECT_FALSE(world.request(2));
}

// T1
TEST(IntakeRestart, KilledBeforeTheCommitNothingHappenedAfterItEverythingDidWhateverWasAnswered) {
  for (const auto what : {StoreFault::Do::die, StoreFault::Do::die_after}) {
    testing::TemporaryFolder folder;
    SimOptions options;
    options.file = folder.path() / "x.db";
    SimWorld world(options);
    world.store().fault(fault("transact", what));
    const auto first = world.say("zhou.market", "g1", "/发起 接口对接 给技术部", "raise");
    EXPECT_EQ(first.status, 503);
    world.kill(1s);
    EXPECT_EQ(world.request(1).has_value(), what == StoreFault::Do::die_after);
    EXPECT_EQ(world.say("zhou.market", "g1", "/发起 接口对接 给技术部", "raise").status, 200);
    EXPECT_TRUE(world.request(1));
    EXPECT_FALSE(world.request(2));
  }
}

TEST_F(IntakeTest, ABusyStoreIs503WithRetryAfterAndAPressIsToldToTryAgain) {
  raise();
  for (const Errc code : {Errc::limited, Errc::storage, Errc::shutting_down}) {
    auto refused = fault("transact", StoreFault::Do::refuse, 2);
    refused.code = code;
    world.store().fault(refused);
    const auto message = world.say("zhou.market", "g1", "/备注 1 x");
    EXPECT_EQ(message.status, 503);
    EXPECT_EQ(message.headers.get("Retry-After"), "2");
    const auto press = world.press("zhao.tech", "g1", live_card(world), "accept");
    EXPECT_EQ(press.status, 200);
    EXPECT_EQ(toast(press), "系统忙，请再按一次。");
  }
  EXPECT_EQ(world.request(1)->phase, Phase::respond);
}

TEST_F(IntakeTest, APressThatASlowStoreMakesLateGetsTheToastInTimeAndStillCounts) {
  raise();
  auto slow = fault("transact", StoreFault::Do::slow);
  slow.wait = 4s;
  world.store().fault(slow);
  const auto before = world.time().now();
  const auto press = world.press("zhao.tech", "g1", live_card(world), "accept", "press-1");
  EXPECT_EQ(world.time().now(), before + 2500ms);
  EXPECT_EQ(press.status, 200);
  EXPECT_EQ(toast(press), "系统忙，请再按一次。");
  EXPECT_EQ(world.intake().in_flight(), 1U);
  world.advance(2s);
  EXPECT_EQ(world.intake().in_flight(), 0U);
  EXPECT_EQ(world.request(1)->phase, Phase::run);
  // Pressed again it says why not, or that it is done; it does not act twice.
  const auto version = world.request(1)->version;
  const auto again = world.press("zhao.tech", "g1", live_card(world), "accept", "press-2");
  EXPECT_FALSE(toast(again).empty());
  EXPECT_EQ(world.request(1)->owner, PersonId("zhao.tech"));
  EXPECT_LE(world.request(1)->version, version + 1);  // a refusal is kept in the history
}

TEST_F(IntakeTest, ALateMessageIs503AndItsRepeatFindsTheOutcome) {
  auto slow = fault("transact", StoreFault::Do::slow);
  slow.wait = 4s;
  world.store().fault(slow);
  EXPECT_EQ(world.say("zhou.market", "g1", "/发起 接口对接 给技术部", "raise").status, 503);
  world.advance(5s);
  EXPECT_EQ(world.say("zhou.market", "g1", "/发起 接口对接 给技术部", "raise").status, 200);
  EXPECT_TRUE(world.request(1));
  EXPECT_FALSE(world.request(2));
}

/// Lines of the log that say so.
std::size_t logged(const std::vector<std::string>& lines, const std::string& what) {
  return static_cast<std::size_t>(std::ranges::count_if(
      lines, [&](const std::string& line) { return line.find("\"" + what + "\"") != std::string::npos; }));
}

// Not every platform sends a message again.
TEST_F(IntakeTest, AMessageThatABusyStoreRefusedIsTriedUntilItIsTaken) {
  raise();
  world.store().fault(fault("transact", StoreFault::Do::refuse, 20));
  EXPECT_EQ(world.say("zhou.market", "g1", "/备注 1 第一句", "n1").status, 503);
  EXPECT_EQ(world.say("zhou.market", "g1", "/备注 1 第二句", "n2").status, 503);
  EXPECT_EQ(world.say("zhou.market", "g1", "/备注 1 第一句", "n1").status, 503) << "it may come again all the same";
  EXPECT_EQ(world.intake().in_flight(), 2U);
  world.advance(10s);
  EXPECT_EQ(notes(world, 1, "第一句"), 0U);
  world.advance(10s);
  EXPECT_EQ(notes(world, 1, "第一句"), 1U);
  EXPECT_EQ(notes(world, 1, "第二句"), 1U);
  EXPECT_EQ(world.intake().in_flight(), 0U);
  EXPECT_EQ(world.say("zhou.market", "g1", "/备注 1 第一句", "n1").status, 200);
  EXPECT_EQ(notes(world, 1, "第一句"), 1U);
}

TEST_F(IntakeTest, AMessageThatIsRefusedTooLateForItsAnswerIsTriedAgainToo) {
  raise();
  auto slow = fault("transact", StoreFault::Do::refuse);
  slow.wait = 4s;
  world.store().fault(slow);
  EXPECT_EQ(world.say("zhou.market", "g1", "/备注 1 赶上了").status, 503);
  EXPECT_EQ(world.intake().in_flight(), 1U);
  world.advance(4s);
  EXPECT_EQ(notes(world, 1, "赶上了"), 1U);
  EXPECT_EQ(world.intake().in_flight(), 0U);
}

TEST_F(IntakeTest, AMessageThatNobodyTakesForAMinuteIsAnErrorInTheLog) {
  raise();
  std::vector<std::string> lines;
  log::set_sink([&](log::Level, std::string_view line) { lines.emplace_back(line); }, log::Level::error);
  world.store().fault(fault("transact", StoreFault::Do::refuse, -1));
  EXPECT_EQ(world.say("zhou.market", "g1", "/备注 1 绝密", "n1").status, 503);
  EXPECT_EQ(world.press("zhao.tech", "g1", live_card(world), "accept").status, 200);
  world.advance(58s);
  EXPECT_EQ(logged(lines, "intake.lost"), 0U);
  world.advance(4s);
  EXPECT_EQ(logged(lines, "intake.lost"), 1U) << "the press was told to press again";
  EXPECT_EQ(world.intake().in_flight(), 0U);
  world.store().heal();
  world.advance(2min);
  log::set_sink({});
  EXPECT_EQ(logged(lines, "intake.lost"), 1U);
  EXPECT_EQ(notes(world, 1, "绝密"), 0U);
  for (const auto& line : lines) EXPECT_EQ(line.find("绝密"), std::string::npos) << line;
}

TEST_F(IntakeTest, StopTriesWhatTheStoreRefusedOnceMoreAndWaitsForNothing) {
  raise();
  world.store().fault(fault("transact", StoreFault::Do::refuse, 2));
  EXPECT_EQ(world.say("zhou.market", "g1", "/备注 1 还来得及", "n1").status, 503);
  EXPECT_EQ(world.say("zhou.market", "g1", "/备注 1 也来得及", "n2").status, 503);
  world.intake().stop();
  world.time().run_ready();
  EXPECT_EQ(world.intake().in_flight(), 0U);
  EXPECT_EQ(notes(world, 1, "还来得及"), 1U);
  EXPECT_EQ(notes(world, 1, "也来得及"), 1U);
}

TEST_F(IntakeTest, StopGivesUpWhatTheStoreStillRefuses) {
  raise();
  std::vector<std::string> lines;
  log::set_sink([&](log::Level, std::string_view line) { lines.emplace_back(line); }, log::Level::error);
  world.store().fault(fault("transact", StoreFault::Do::refuse, -1));
  world.say("zhou.market", "g1", "/备注 1 甲", "n1");
  world.say("zhou.market", "g1", "/备注 1 乙", "n2");
  world.intake().stop();
  world.time().run_ready();
  log::set_sink({});
  EXPECT_EQ(world.intake().in_flight(), 0U);
  EXPECT_EQ(logged(lines, "intake.lost"), 2U);
}

TEST_F(IntakeTest, TheAnswerToAPressCarriesTheCardAsItIsNow) {
  raise();
  const auto card = live_card(world);
  ASSERT_FALSE(card.empty());
  const auto first = world.press("zhao.tech", "g1", card, "accept", "press");
  ASSERT_TRUE(json::parse(first.body).contains("card")) << first.body;
  EXPECT_NE(first.body.find("赵技"), std::string::npos);
  world.say("wang.tech", "g1", "/指派 1 钱工");
  const auto repeat = world.press("zhao.tech", "g1", card, "accept", "press");
  ASSERT_TRUE(json::parse(repeat.body).contains("card")) << repeat.body;
  EXPECT_NE(repeat.body.find("钱工"), std::string::npos) << "a repeat must not put the old card before everyone";
}

/// Two presses on the question "which Li?": before the first one's refresh has gone out, and where cards never change.
TEST(IntakeChoice, IsCarriedOutOnce) {
  for (const bool cards_change : {true, false}) {
    SCOPED_TRACE(cards_change);
    SimOptions options;
    options.background = false;
    if (!cards_change)
      for (Channel& channel : options.traits.channels) channel.life.updatable = Duration{0};
    SimWorld world(options);
    const auto drain = [&] { return world.run(world.outbox().drain()); };
    world.say("zhou.market", "g1", "/发起 接口对接 给技术部");
    world.say("wang.tech", "g1", "/指派 1 李");
    drain();
    CardId question;
    for (const auto& one : world.platform_side().seen())
      if (one.body.find("pick:2") != std::string::npos)
        question = CardId(json::parse(one.body).value("card_id", std::uint64_t{0}));
    ASSERT_FALSE(question.empty());
    EXPECT_EQ(toast(world.press("wang.tech", "g1", question, "pick:9")), say(Lang::zh, "press.unknown"));
    world.press("wang.tech", "g1", question, "pick:1");
    const PersonId chosen = world.request(1)->owner;
    ASSERT_NE(chosen, PersonId("zhao.tech"));
    if (!cards_change) drain();
    for (const char* again : {"pick:1", "pick:2"})
      EXPECT_EQ(toast(world.press("wang.tech", "g1", question, again)), say(Lang::zh, "press.chosen"));
    EXPECT_EQ(world.request(1)->owner, chosen);
  }
}

// T8
TEST_F(IntakeTest, AfterStopEverythingIsAnsweredBusyAndWhatRunsIsFinished) {
  raise();
  auto slow = fault("transact", StoreFault::Do::slow);
  slow.wait = 1s;
  world.store().fault(slow);
  int status = 0;
  world.receive_later(testing::said("e9", "zhou.market", "g1", "/备注 1 赶上了"),
                      [&](HttpResponse response) { status = response.status; });
  world.time().run_ready();
  EXPECT_EQ(world.intake().in_flight(), 1U);
  world.intake().stop();
  const auto refused = world.say("zhou.market", "g1", "/备注 1 没赶上");
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.headers.get("Retry-After"), "2");
  world.advance(1s);
  EXPECT_EQ(status, 200);
  EXPECT_EQ(world.intake().in_flight(), 0U);
  EXPECT_EQ(notes(world, 1, "赶上了"), 1U);
  EXPECT_EQ(notes(world, 1, "没赶上"), 0U);
}

TEST_F(IntakeTest, OneLinePerEventWithDurationsAndNoWordOfTheMessage) {
  std::vector<std::string> lines;
  log::set_sink([&](log::Level, std::string_view line) { lines.emplace_back(line); }, log::Level::info);
  world.say("zhou.market", "g1", "/发起 绝密标题 给技术部");
  log::set_sink({});
  const auto webhooks =
      std::ranges::count_if(lines, [](const std::string& line) { return line.find("\"webhook\"") != std::string::npos; });
  EXPECT_EQ(webhooks, 1);
  for (const auto& line : lines) {
    EXPECT_EQ(line.find("绝密标题"), std::string::npos) << line;
    if (line.find("\"webhook\"") == std::string::npos) continue;
    const auto parsed = json::parse(line);
    EXPECT_EQ(parsed.value("outcome", ""), "acted");
    EXPECT_TRUE(parsed.contains("decide_ms"));
    EXPECT_TRUE(parsed.contains("total_ms"));
  }
}

TEST_F(IntakeTest, ALinkedIdentityIsKnownToTheVeryNextEvent) {
  const testing::FakePlatform other(AppId("other:main"));
  const auto there = [&](const std::string& text) {
    return world.run(world.intake().receive(other, testing::said("o" + text, "u-77", "p:u-77", text, true)));
  };
  there("/发起 还没有人认识我 给技术部");
  EXPECT_FALSE(world.request(1));
  world.say("zhou.market", "p:zhou.market", "/绑定");
  std::string code;
  for (const auto& one : world.platform_side().seen()) {
    const std::string words = json::parse(one.body).value("text", "");
    const auto plain = [](unsigned char c) { return c < 128 && std::isalnum(c) != 0; };
    for (std::size_t at = 0; at + 8 <= words.size(); ++at) {
      if (std::all_of(words.begin() + static_cast<std::ptrdiff_t>(at), words.begin() + static_cast<std::ptrdiff_t>(at) + 8,
                      plain)) {
        code = words.substr(at, 8);
      }
    }
  }
  ASSERT_FALSE(code.empty());
  there("/绑定 " + code);
  there("/发起 由新身份发起 给技术部");
  ASSERT_TRUE(world.request(1));
  EXPECT_EQ(world.request(1)->requester, PersonId("zhou.market"));
}

TEST_F(IntakeTest, WhatCannotBeReplayedSaysSo) {
  const auto rubbish =
      world.run(world.intake().replay(world.platform(), RawEvent{InboxKey{testing::fake_app, "k"}, "rubbish"}));
  ASSERT_FALSE(rubbish);
  EXPECT_EQ(rubbish.error().code, Errc::bad_input);
}

TEST_F(IntakeTest, AKeptEventIsReplayedAsItArrived) {
  const auto request = testing::said("kept", "zhou.market", "g1", "/发起 从前 给技术部");
  RawEvent event{InboxKey{testing::fake_app, "kept"}, write_raw_event(request, world.time().now() - 2h)};
  ASSERT_TRUE(world.run(world.intake().replay(world.platform(), std::move(event))));
  ASSERT_TRUE(world.request(1));
  EXPECT_EQ(world.request(1)->title, "从前");
}

}  // namespace
}  // namespace xieban::intake_test
