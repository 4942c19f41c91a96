#include "bot/engine/outbox.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "adapters/dingtalk/channels.hpp"
#include "tests/support/sim_world.hpp"

namespace xieban::outbox_test {
namespace {

using namespace std::chrono_literals;
using testing::fake_app;
using testing::Fault;
using testing::SimOptions;
using testing::SimWorld;
using testing::StoreFault;

/// A text for a chat, in the thread of a request (which need not exist).
Intent text(const std::string& chat, const std::string& words, std::uint64_t request = 0, bool urgent = false) {
  Say say;
  say.to = Target::to(ChatRef{fake_app, ChatId(chat)});
  say.text = Phrase("say", {{"text", words}});
  Intent intent;
  intent.effect = say;
  intent.thread = Thread{fake_app, ChatId(chat), RequestId(request)};
  intent.urgent = urgent;
  return intent;
}

std::string words_of(const std::string& body) { return nlohmann::json::parse(body).value("text", ""); }

std::vector<std::string> seen(SimWorld& world) {
  std::vector<std::string> all;
  for (const auto& one : world.platform_side().seen()) all.push_back(words_of(one.body));
  return all;
}

Fault fault(Fault::Do what, const std::string& match = {}, int times = 1) {
  Fault one;
  one.what = what;
  one.match = match;
  one.times = times;
  return one;
}

/// Background loops run; time moves only when a test moves it.
struct OutboxTest : ::testing::Test {
  SimWorld world;
  std::vector<testing::Arrival> sends() {
    std::vector<testing::Arrival> all;
    for (const auto& one : world.platform_side().arrivals()) {
      if (one.target == "/send") all.push_back(one);
    }
    return all;
  }
};

TEST_F(OutboxTest, SendsWhatIsPostedAndLeavesNothingWaiting) {
  world.post(text("g1", "一"));
  EXPECT_EQ(seen(world), std::vector<std::string>{"一"});
  EXPECT_EQ(world.stats().outbox_waiting, 0U);
}

TEST_F(OutboxTest, WaitsForNotBefore) {
  auto later = text("g1", "later");
  later.not_before = world.time().now() + 90s;
  world.post(later);
  world.advance(90s - 1ms);
  EXPECT_TRUE(seen(world).empty());
  world.advance(1ms);
  EXPECT_EQ(seen(world).size(), 1U);
}

TEST_F(OutboxTest, APauseOfOneChatHoldsUpNoOtherAndOneOfTheAppHoldsUpAll) {
  Fault slow = fault(Fault::Do::status, "\"慢\"");
  slow.status = 429;
  slow.retry_after_s = 60;
  world.platform_side().fault(slow);
  world.post(text("g1", "慢"));
  world.post(text("g2", "别的"));
  EXPECT_EQ(seen(world), std::vector<std::string>{"别的"});
  world.advance(70s);
  EXPECT_EQ(seen(world).size(), 2U);

  Fault stop = fault(Fault::Do::status, "\"全部\"");
  stop.status = 200;
  stop.body = R"({"code":"pause all"})";
  world.platform_side().fault(stop);
  world.post(text("g1", "全部"));
  world.post(text("g2", "也等"));
  EXPECT_EQ(seen(world).size(), 2U);
  world.advance(59s);
  EXPECT_EQ(seen(world).size(), 2U);
  world.advance(2s);
  EXPECT_EQ(seen(world).size(), 4U);
}

Fault without_calls() {
  Fault used_up = fault(Fault::Do::status, "\"计费\"");
  used_up.status = 200;
  used_up.body = R"({"code":"used up"})";
  return used_up;
}

TEST_F(OutboxTest, WithoutCallsOfTheMonthAChatWaitsAnHour) {
  world.platform_side().fault(without_calls());
  world.post(text("g1", "计费"));
  world.advance(59min);
  EXPECT_TRUE(seen(world).empty());
  world.advance(2min);
  EXPECT_EQ(seen(world).size(), 1U);
}

TEST(OutboxFreeWay, GoesOnWithoutCallsOfTheMonth) {
  SimOptions options;
  Channel free = options.traits.channels.front();
  for (Channel& channel : options.traits.channels) channel.per_month = 100;
  free.id = ChannelId("free");
  free.forms = Forms{};
  options.traits.channels.push_back(free);
  SimWorld world(options);
  world.platform_side().fault(without_calls());
  world.post(text("g1", "计费"));
  EXPECT_EQ(seen(world), std::vector<std::string>{"计费"}) << "at once, the other way";
  world.post(text("g1", "随后"));
  EXPECT_EQ(seen(world).size(), 2U) << "the chat rests for nothing";
}

TEST_F(OutboxTest, OrderIsKeptInAThreadWhoeverFails) {
  world.platform_side().fault(fault(Fault::Do::status, "\"first\""));
  world.post(text("g1", "first", 7));
  world.post(text("g1", "second", 7));
  world.advance(5s);
  EXPECT_EQ(seen(world), (std::vector<std::string>{"first", "second"}));
}

TEST_F(OutboxTest, AThreadThatFailsDelaysOnlyItself) {
  world.platform_side().fault(fault(Fault::Do::status, "\"first\"", -1));
  world.post(text("g1", "first", 7));
  world.post(text("g2", "other", 8));
  world.advance(2s);
  EXPECT_EQ(seen(world), std::vector<std::string>{"other"});
}

// T10
TEST_F(OutboxTest, RetryAfterIsHonouredToTheInstantOrderIsKeptAndUrgentOvertakes) {
  auto limited = fault(Fault::Do::status, "\"normal 1\"");
  limited.status = 429;
  limited.retry_after_s = 37;
  world.platform_side().fault(limited);
  const auto start = world.time().now();
  world.post(text("g1", "normal 1", 1));
  world.post(text("g1", "normal 2", 2));
  world.post(text("g1", "urgent", 3, true));
  world.advance(37s - 1ms);
  EXPECT_TRUE(seen(world).empty());
  world.advance(1ms);
  EXPECT_EQ(seen(world), (std::vector<std::string>{"urgent", "normal 1", "normal 2"}));
  for (const auto& one : world.platform_side().seen()) EXPECT_EQ(one.at, start + 37s);
}

// T9
TEST_F(OutboxTest, AHangingPlatformDelaysNoOtherChatAndComesBackByItself) {
  world.platform_side().fault(fault(Fault::Do::hang, "\"stuck\"", 2));
  world.post(text("g1", "stuck", 1));
  world.post(text("g2", "free", 2));
  EXPECT_EQ(seen(world), std::vector<std::string>{"free"});
  world.advance(25s);
  EXPECT_EQ(seen(world), (std::vector<std::string>{"free", "stuck"}));
  const auto all = sends();
  const auto& stuck = all.back();
  EXPECT_GE(stuck.at - all.front().at, 20s);
}

// T9
TEST_F(OutboxTest, SendsOfAnAppAreBounded) {
  world.platform_side().fault(fault(Fault::Do::hang, "/send", -1));
  for (int n = 0; n < 100; ++n) world.post(text("g" + std::to_string(n), "x", static_cast<std::uint64_t>(n) + 1));
  EXPECT_EQ(world.platform_side().most_at_once(), 32U);
}

// T11
TEST_F(OutboxTest, AnOutageOfSixHoursLosesNothingAndIsNotHammered) {
  auto down = fault(Fault::Do::status, "/send", -1);
  down.status = 503;
  world.platform_side().fault(down);
  for (int n = 0; n < 20; ++n)
    world.post(text("g" + std::to_string(n), "m" + std::to_string(n), static_cast<std::uint64_t>(n) + 1));
  world.advance(6h);
  const auto attempts = sends().size();
  EXPECT_LT(attempts, 20U + 6 * 60 + 20);  // once each, then about one probe a minute
  EXPECT_GT(attempts, 100U);
  world.platform_side().heal();
  world.advance(6min);
  EXPECT_EQ(seen(world).size(), 20U);
  EXPECT_EQ(world.stats().failed_parcels, 0U);
}

// T11: WeCom's and DingTalk's ways to groups and to people go over different hosts.
TEST_F(OutboxTest, AnOutageOfOneWayHoldsUpNoOtherAndLosesNothing) {
  auto down = fault(Fault::Do::status, "to-one", -1);
  down.status = 503;
  world.platform_side().fault(down);
  for (int n = 0; n < 20; ++n) {
    Intent intent = text("p:u" + std::to_string(n), "to-one " + std::to_string(n), static_cast<std::uint64_t>(n) + 1);
    std::get<Say>(intent.effect).to = Target::to(PersonId("li"));
    world.post(intent);
  }
  const auto arrived = [&](std::string_view what) {
    return std::ranges::count_if(seen(world), [&](const std::string& one) { return one.starts_with(what); });
  };
  for (int minute = 1; minute <= 6 * 60; ++minute) {
    world.post(text("g" + std::to_string(minute % 7), "to-all", 100));
    world.advance(1min);
    ASSERT_EQ(arrived("to-all"), minute) << "at once";
  }
  const auto tries = std::ranges::count_if(sends(), [](const auto& one) { return words_of(one.body).starts_with("to-one"); });
  EXPECT_LT(tries, 20 + 6 * 60 + 20) << "once each, then about one a minute asks";
  EXPECT_GT(tries, 100);
  EXPECT_EQ(world.stats().failed_parcels, 0U);
  world.platform_side().heal();
  world.advance(2min);
  EXPECT_EQ(arrived("to-one"), 20);
  EXPECT_EQ(world.stats().failed_parcels, 0U);
}

// T11
TEST_F(OutboxTest, AfterAShortOutageNothingWaitsForLong) {
  auto down = fault(Fault::Do::status, "/send", -1);
  down.status = 503;
  world.platform_side().fault(down);
  for (int n = 0; n < 60; ++n)
    world.post(text("g" + std::to_string(n), "m" + std::to_string(n), static_cast<std::uint64_t>(n) + 1));
  world.advance(10s);
  EXPECT_LT(sends().size(), 60U) << "the breaker spares the platform most of them";
  world.platform_side().heal();
  world.advance(20s);
  EXPECT_EQ(seen(world).size(), 60U);
}

TEST_F(OutboxTest, WhatAlwaysFailsWhileOthersSucceedIsGivenUpAndRecorded) {
  world.platform_side().fault(fault(Fault::Do::status, "\"bad\"", -1));
  world.post(text("g1", "bad", 1));
  for (int minute = 0; minute < 90; ++minute) {
    world.post(text("g2", "good", 2));
    world.advance(1min);
  }
  EXPECT_EQ(world.stats().failed_parcels, 1U);
  // Twelve that count, and those of the first seconds, when the app had not answered anybody yet.
  const auto tries = std::ranges::count_if(sends(), [](const auto& one) { return words_of(one.body) == "bad"; });
  EXPECT_GE(tries, 12);
  EXPECT_LE(tries, 16);
  const auto troubles = world.run(world.store().troubles(10));
  ASSERT_TRUE(troubles);
  ASSERT_EQ(troubles->size(), 1U);
  EXPECT_NE(troubles->front().what.find("given up"), std::string::npos) << troubles->front().what;
}

// T14
TEST_F(OutboxTest, AfterALostAnswerTheSameKeyAndTheSameBytesGoAgainAndAreSeenOnce) {
  world.platform_side().fault(fault(Fault::Do::reset_after_accept, "/send"));
  world.post(text("g1", "once", 1));
  world.advance(5s);
  const auto all = sends();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].body, all[1].body);
  EXPECT_EQ(seen(world).size(), 1U);
  EXPECT_EQ(world.stats().outbox_waiting, 0U);
}

// T15
TEST_F(OutboxTest, ExpiredTokensAreRenewedOnceAndCountNoAttempt) {
  for (int n = 0; n < 40; ++n) world.post(text("g" + std::to_string(n), "a", static_cast<std::uint64_t>(n) + 1));
  EXPECT_EQ(world.platform_side().calls("/token"), 1U);
  world.platform_side().expire_tokens();
  for (int n = 0; n < 40; ++n) world.post(text("h" + std::to_string(n), "b", static_cast<std::uint64_t>(n) + 1));
  world.advance(1s);
  EXPECT_EQ(seen(world).size(), 80U);
  EXPECT_EQ(world.platform_side().calls("/token"), 2U);
}

// T15
TEST_F(OutboxTest, TokensThatAreRefusedForAnHourCostNoMessage) {
  world.platform_side().refuse_all_tokens(true);
  for (int n = 0; n < 10; ++n) world.post(text("g" + std::to_string(n), "a", static_cast<std::uint64_t>(n) + 1));
  world.advance(1h);
  EXPECT_LT(world.platform_side().calls("/token"), 40U);
  EXPECT_LT(world.platform_side().calls("/send"), 40U);
  world.platform_side().refuse_all_tokens(false);
  world.advance(6min);
  EXPECT_EQ(seen(world).size(), 10U);
}

TEST_F(OutboxTest, ARejectedCardGoesOutAsText) {
  world.say("zhou.market", "g1", "/发起 接口对接 给技术部");
  world.platform_side().forget();
  auto rejected = fault(Fault::Do::status, "\"card\"", -1);
  rejected.status = 200;
  rejected.body = R"({"code":"bad card"})";
  world.platform_side().fault(rejected);
  PostCard card;
  card.request = RequestId(1);
  card.to = Target::to(ChatRef{fake_app, ChatId("g9")});
  Intent intent;
  intent.effect = card;
  intent.thread = Thread{fake_app, ChatId("g9"), RequestId(1)};
  world.post(intent);
  world.advance(1s);
  ASSERT_EQ(seen(world).size(), 1U);
  EXPECT_FALSE(nlohmann::json::parse(world.platform_side().seen().front().body).contains("card"));
  EXPECT_NE(seen(world).front().find("接口对接"), std::string::npos);
}

TEST_F(OutboxTest, WhatNoFormCanCarryIsHeldForSomebodyToSee) {
  auto refused = fault(Fault::Do::status, "/send", -1);
  refused.status = 200;
  refused.body = R"({"code":"unsupported"})";
  world.platform_side().fault(refused);
  world.post(text("g1", "nobody can take this", 1));
  world.advance(1s);
  EXPECT_EQ(world.stats().held, 1U);
  EXPECT_EQ(world.stats().outbox_waiting, 0U);
}

/// A chat that is gone for the app; what its robot there answers to a notice about a request.
struct OnAnotherRoad {
  int in_chat = 0, to_owner = 0;
  std::size_t held = 0, failed = 0;
};
OnAnotherRoad on_another_road(const std::string& robot_answers) {
  SimOptions options;
  for (Channel& one : options.traits.channels) one.road = "app";
  Channel robot = options.traits.channels.front();
  robot.id = ChannelId("robot");
  robot.road = "robot";
  robot.forms = Forms{};
  options.traits.channels.push_back(robot);
  SimWorld world(options);
  world.say("zhou.market", "g1", "/发起 接口对接 给技术部");
  world.advance(5s);
  world.platform_side().forget();
  Fault gone = fault(Fault::Do::status, "\"card\"");
  gone.status = 200;
  gone.body = R"({"code":"gone"})";
  world.platform_side().fault(gone);
  if (!robot_answers.empty()) {
    Fault refused = fault(Fault::Do::status, "\"chat\":\"g9\"", -1);
    refused.status = 200;
    refused.body = nlohmann::json{{"code", robot_answers}}.dump();
    world.platform_side().fault(refused);
  }
  Notify notify;
  notify.request = RequestId(1);
  notify.to = Target::to(ChatRef{fake_app, ChatId("g9")});
  notify.notice.key = "remind_first_response";
  Intent intent;
  intent.effect = notify;
  intent.thread = Thread{fake_app, ChatId("g9"), RequestId(1)};
  world.post(intent);
  world.advance(5s);
  OnAnotherRoad end;
  for (const auto& one : world.platform_side().seen()) {
    const auto body = nlohmann::json::parse(one.body);
    if (body["chat"] == "g9") ++end.in_chat;
    if (body.value("to", "") == "zhao.tech") ++end.to_owner;
  }
  end.held = world.stats().held;
  end.failed = world.stats().failed_parcels;
  return end;
}

TEST(OutboxRoads, AChatThatIsGoneForOneRoadIsReachedByAnother) {
  const OnAnotherRoad end = on_another_road("");
  EXPECT_EQ(end.in_chat, 1);
  EXPECT_EQ(end.to_owner, 0);
  EXPECT_EQ(end.failed + end.held, 0U);
}

TEST(OutboxRoads, WhatTheLastRoadDoesNotTakeEitherIsToldElsewhere) {
  for (const char* answer : {"gone", "bad text", "unsupported"}) {
    SCOPED_TRACE(answer);
    const OnAnotherRoad end = on_another_road(answer);
    EXPECT_EQ(end.in_chat, 0);
    EXPECT_EQ(end.to_owner, 1);
    EXPECT_EQ(end.held, 0U);
  }
}

TEST_F(OutboxTest, AnAppThatIsNotConfiguredHoldsItsParcels) {
  auto stray = text("g1", "where to?", 1);
  stray.thread.app = AppId("gone:main");
  world.post(stray);
  world.advance(1h + 1min);
  EXPECT_EQ(world.stats().held, 1U);
}

// T16
TEST(OutboxLimits, FiveHundredAtOnceNeverRunOverAWindowAndAllArrive) {
  SimOptions options;
  for (auto& channel : options.traits.channels) {
    if (channel.reach == Reach::group) channel.limits = {Window{20, 60s, Scope::chat}, Window{50, 10s, Scope::app}};
  }
  SimWorld world(options);
  for (int n = 0; n < 500; ++n) {
    world.post(text("g" + std::to_string(n % 5), "m", static_cast<std::uint64_t>(n) + 1));
  }
  world.advance(10min);
  const auto& all = world.platform_side().seen();
  ASSERT_EQ(all.size(), 500U);
  for (const auto& last : all) {
    const auto in_chat = std::ranges::count_if(
        all, [&](const auto& one) { return one.chat == last.chat && one.at <= last.at && one.at > last.at - 60s; });
    const auto in_app =
        std::ranges::count_if(all, [&](const auto& one) { return one.at <= last.at && one.at > last.at - 10s; });
    EXPECT_LE(in_chat, 20);
    EXPECT_LE(in_app, 50);
  }
}

TEST(OutboxLimits, FiveHundredForOneGroupOfDingTalkDrainBelowTheRateOfItsRobot) {
  SimOptions options;
  options.traits = dingtalk::traits_of(dingtalk::Settings());
  SimWorld world(options);
  std::vector<std::string> wanted;
  for (int n = 0; n < 500; ++n) {
    wanted.push_back("m" + std::to_string(n));
    world.post(text("g1", wanted.back(), static_cast<std::uint64_t>(n) + 1));
  }
  world.advance(28min);
  EXPECT_EQ(seen(world), wanted) << "all of them, in their order";
  const auto& all = world.platform_side().seen();
  for (const auto& last : all) {
    const auto lately =
        std::ranges::count_if(all, [&](const auto& one) { return one.at <= last.at && one.at > last.at - 60s; });
    EXPECT_LE(lately, 20);
  }
  EXPECT_EQ(world.stats().failed_parcels, 0U);
}

TEST(OutboxLimits, ACallCountsFromWhenThePlatformHasIt) {
  SimOptions options;
  for (auto& channel : options.traits.channels) {
    if (channel.reach == Reach::group) channel.limits = {Window{3, 60s, Scope::chat}};
  }
  SimWorld world(options);
  auto late = fault(Fault::Do::delay, "/send", 3);
  late.wait = 5s;
  world.platform_side().fault(late);
  for (int n = 0; n < 6; ++n) world.post(text("g1", "m" + std::to_string(n), static_cast<std::uint64_t>(n) + 1));
  world.advance(3min);
  const auto& all = world.platform_side().seen();
  ASSERT_EQ(all.size(), 6U);
  for (const auto& last : all) {
    const auto lately =
        std::ranges::count_if(all, [&](const auto& one) { return one.at <= last.at && one.at > last.at - 60s; });
    EXPECT_LE(lately, 3) << "the first three were on their way for five seconds";
  }
}

TEST(OutboxLimits, AfterARestartTheLedgerStillCounts) {
  testing::TemporaryFolder folder;
  SimOptions options;
  options.file = folder.path() / "x.db";
  for (auto& channel : options.traits.channels) {
    if (channel.reach == Reach::group) channel.limits = {Window{3, 60s, Scope::chat}};
  }
  SimWorld world(options);
  for (int n = 0; n < 6; ++n) world.post(text("g1", "m" + std::to_string(n), static_cast<std::uint64_t>(n) + 1));
  EXPECT_EQ(seen(world).size(), 3U);
  world.kill(1s);
  world.advance(58s);
  EXPECT_EQ(seen(world).size(), 3U);
  world.advance(1s);
  EXPECT_EQ(seen(world).size(), 6U);
}

// T4
TEST(OutboxRestart, AnAttemptWithoutOutcomeIsRepeatedByteForByteWhileTheKeyIsKnown) {
  testing::TemporaryFolder folder;
  SimOptions options;
  options.file = folder.path() / "x.db";
  SimWorld world(options);
  world.platform_side().fault(fault(Fault::Do::hang_after_accept, "/send"));
  world.post(text("g1", "once", 1));
  world.kill(2s);
  world.advance(1min);
  EXPECT_EQ(seen(world).size(), 1U);
  EXPECT_EQ(world.platform_side().seen().front().sends, 2U);
  const auto& bodies = world.log().claimed_bodies;
  ASSERT_EQ(bodies.size(), 2U);
  EXPECT_EQ(bodies[0], bodies[1]);
}

// T4
TEST(OutboxRestart, WithoutKeysAnAnswerIsNotRepeatedButAnEscalationIsAndSaysSo) {
  testing::TemporaryFolder folder;
  SimOptions options;
  options.file = folder.path() / "x.db";
  for (auto& channel : options.traits.channels) channel.same_key.reset();
  SimWorld world(options);
  world.say("zhou.market", "g1", "/发起 接口对接 给技术部");
  world.advance(10s);
  world.platform_side().forget();
  world.platform_side().fault(fault(Fault::Do::hang_after_accept, "/send", 2));
  world.post(text("g8", "an answer", 1));
  Notify notify;
  notify.request = RequestId(1);
  notify.to = Target::to(ChatRef{fake_app, ChatId("g9")});
  notify.notice.key = "escalated";
  Intent escalation;
  escalation.effect = notify;
  escalation.thread = Thread{fake_app, ChatId("g9"), RequestId(1)};
  world.post(escalation);
  ASSERT_EQ(world.platform_side().seen().size(), 2U);
  world.platform_side().forget();
  world.kill(2s);
  world.advance(1min);
  const auto& again = world.platform_side().seen();
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again.front().chat, "g9");
  EXPECT_TRUE(nlohmann::json::parse(again.front().body).value("maybe_repeated", false));
  EXPECT_EQ(world.stats().failed_parcels, 1U);
}

// T6
TEST(OutboxLease, OnlyTheHolderSendsAndAPausedOneSendsNothingAfterIt) {
  SimOptions options;
  options.lease_holder = "first-";
  SimWorld world(options);
  world.post(text("g1", "mine", 1));
  EXPECT_EQ(seen(world).size(), 1U);

  // A second instance on the same store.
  Platforms platforms{{fake_app, std::make_shared<testing::FakePlatform>()}};
  Outbox second(world.context().get_executor(), world.store(), world.sender(), platforms, world.time(), world.rules(),
                world.metrics(), Backoff{}, Rng(9));
  second.use_leases("second");
  const auto drained = [&] { return world.run(second.drain()); };
  auto waiting = text("g1", "whose", 2);
  waiting.not_before = world.time().now() + 10s;
  world.post(waiting);
  EXPECT_EQ(drained(), 0U);

  // The first one is paused for two minutes: its lease runs out, the second takes over.
  world.time().jump_quietly(world.time().now() + 2min);
  EXPECT_EQ(drained(), 1U);
  EXPECT_EQ(seen(world), (std::vector<std::string>{"mine", "whose"}));
  world.post(text("g1", "late", 3));
  world.advance(5s);
  EXPECT_EQ(seen(world).size(), 2U);  // the first goes on and holds no lease
  EXPECT_EQ(drained(), 1U);
}

TEST(OutboxDrain, ReturnsOnlyWhenEverythingDueIsSettledThoughRunRunsBeside) {
  SimWorld world;
  auto slow = fault(Fault::Do::delay, "/send", -1);
  slow.wait = 300ms;
  world.platform_side().fault(slow);
  for (int n = 0; n < 10; ++n) {
    auto intent = text("g1", "m" + std::to_string(n), static_cast<std::uint64_t>(n / 2) + 1);
    intent.not_before = world.time().now() + 1h;
    world.post(intent);
  }
  world.time().jump_quietly(world.time().now() + 1h);
  EXPECT_EQ(world.run(world.outbox().drain()), 10U);
  EXPECT_EQ(seen(world).size(), 10U);
  EXPECT_EQ(world.stats().outbox_waiting, 0U);
}

TEST(OutboxStore, WhatTheStoreRefusesForAWhileIsSentWhenItIsBack) {
  SimWorld world;
  for (const char* call : {"claim_outbox", "settle", "next_instant"}) {
    StoreFault refused;
    refused.call = call;
    refused.times = 3;
    world.store().fault(refused);
    world.post(text("g1", call, 1));
    world.advance(5s);
    EXPECT_EQ(seen(world).back(), call);
    EXPECT_EQ(world.stats().outbox_waiting, 0U);
  }
  EXPECT_EQ(seen(world).size(), 3U);
}

TEST(OutboxNotice, ACommitThatLeftNothingToDoAsksTheStoreForNothing) {
  SimWorld world;
  world.say("zhou.market", "g1", "随便聊聊");  // the directory is read once, the chat is kept
  auto before = world.log().calls;
  world.say("zhou.market", "g1", "再聊聊");
  EXPECT_EQ(world.log().calls, before + 1) << "the event itself";
  before = world.log().calls;
  world.say("zhou.market", "p:zhou.market", "/我的");
  EXPECT_GT(world.log().calls, before + 1) << "what is to be sent is claimed and settled";
}

// T8
TEST(OutboxStop, WaitsForSendsUnderWayAndClaimsNothingNew) {
  SimWorld world;
  auto slow = fault(Fault::Do::delay, "\"under way\"");
  slow.wait = 3s;
  world.platform_side().fault(slow);
  world.post(text("g1", "under way", 1));
  world.post(text("g1", "next", 1));
  const auto before = world.time().now();
  world.run(world.outbox().stop());
  EXPECT_EQ(world.time().now(), before + 3s);
  EXPECT_EQ(seen(world), std::vector<std::string>{"under way"});
  EXPECT_EQ(world.stats().outbox_waiting, 1U);
}

TEST(OutboxStop, TakesEightSecondsAtMost) {
  SimWorld world;
  world.platform_side().fault(fault(Fault::Do::hang, "/send"));
  world.post(text("g1", "stuck", 1));
  const auto before = world.time().now();
  world.run(world.outbox().stop());
  EXPECT_EQ(world.time().now(), before + 8s);
}

}  // namespace
}  // namespace xieban::outbox_test
