#include "bot/engine/conclude.hpp"

#include <gtest/gtest.h>

#include "tests/support/fake_platform.hpp"

namespace xieban::conclude_test {
namespace {

using namespace std::chrono_literals;

const TimePoint start{std::chrono::sys_days{std::chrono::year{2026} / 11 / 21}};

Claimed claimed(Effect effect, Form form = Form::text) {
  Claimed one;
  one.parcel.id = ParcelId(7);
  one.parcel.effect = std::move(effect);
  one.parcel.first_due = start;
  one.outgoing.channel = ChannelId("group");
  one.outgoing.form = form;
  one.attempt = 1;
  one.attempts_counted = 1;
  one.fence = 3;
  return one;
}

AttemptFacts at(TimePoint now) {
  AttemptFacts facts;
  facts.now = now;
  return facts;
}

/// A platform that recognises no repeat.
Traits keyless() {
  Traits traits = testing::fake_traits();
  for (auto& channel : traits.channels) channel.same_key.reset();
  return traits;
}

Notify notice(const char* key) {
  Notify one;
  one.notice.key = key;
  return one;
}

TEST(Conclude, DeliveredEndsIt) {
  const auto end = conclude(claimed(Say{}), Receipt(Outcome::delivered), keyless(), Backoff{}, at(start));
  EXPECT_EQ(end.parcel, ParcelId(7));
  EXPECT_EQ(end.fence, 3U);
  EXPECT_FALSE(end.retry_at);
  EXPECT_FALSE(end.next_choice);
}

TEST(Conclude, AnUpdateSaysWhichCodeItTook) {
  Claimed update = claimed(RefreshCard{}, Form::card_update);
  update.outgoing.update_of = "code:1";
  EXPECT_EQ(conclude(update, Receipt(Outcome::delivered), keyless(), Backoff{}, at(start)).update_of, "code:1");
}

TEST(Conclude, AfterPartlyTheMissedGetItLater) {
  Receipt partly(Outcome::partly);
  partly.people = {{PersonRef{PersonId("li"), UserId("u-li")}, Outcome::delivered}};
  EXPECT_FALSE(conclude(claimed(Say{}), partly, keyless(), Backoff{}, at(start)).retry_at);
  partly.people.emplace_back(PersonRef{PersonId("wang"), UserId("u-wang")}, Outcome::retry);
  const auto end = conclude(claimed(Say{}), partly, keyless(), Backoff{}, at(start));
  EXPECT_EQ(end.receipt.outcome, Outcome::partly);
  EXPECT_TRUE(end.retry_at);
}

TEST(Conclude, UnknownIsRepeatedForWhatMustArriveAndNotForAnswersAndNudges) {
  const Receipt unknown(Outcome::unknown, "timed out");
  const auto again = [&](Effect effect) {
    return conclude(claimed(std::move(effect)), unknown, keyless(), Backoff{}, at(start)).retry_at.has_value();
  };
  EXPECT_TRUE(again(notice("reminder")));
  EXPECT_TRUE(again(notice("escalated")));
  EXPECT_TRUE(again(PostCard{}));
  EXPECT_TRUE(again(RefreshCard{}));
  EXPECT_TRUE(again(Urgent{}));
  EXPECT_TRUE(again(PostForm{}));
  EXPECT_FALSE(again(notice("nudge")));
  EXPECT_FALSE(again(Say{}));
  EXPECT_FALSE(again(PostHelp{}));
  EXPECT_FALSE(again(PostList{}));
}

TEST(Conclude, WhereThePlatformRecognisesARepeatEverythingIsRepeated) {
  const auto end = conclude(claimed(Say{}), Receipt(Outcome::unknown), testing::fake_traits(), Backoff{}, at(start));
  EXPECT_TRUE(end.retry_at);
}

TEST(Conclude, ARejectedCardGoesOutAsTextARejectedTextIsGivenUp) {
  const auto card =
      conclude(claimed(PostCard{}, Form::card), Receipt(Outcome::rejected, "bad card"), keyless(), Backoff{}, at(start));
  EXPECT_TRUE(card.next_choice);
  EXPECT_EQ(card.retry_at, start);
  const auto text = conclude(claimed(PostCard{}), Receipt(Outcome::rejected, "bad text"), keyless(), Backoff{}, at(start));
  EXPECT_FALSE(text.next_choice);
  EXPECT_FALSE(text.retry_at);
  Receipt gone(Outcome::rejected, "dissolved");
  gone.target_gone = true;
  EXPECT_FALSE(conclude(claimed(PostCard{}, Form::card), gone, keyless(), Backoff{}, at(start)).next_choice);
}

TEST(Conclude, WhereAnotherRoadLeadsThereAGoneChatIsNotTheEnd) {
  Receipt gone(Outcome::rejected, "out of the app's range");
  gone.target_gone = true;
  for (const Form form : {Form::card, Form::text}) {
    Claimed one = claimed(PostCard{}, form);
    one.outgoing.elsewhere = 2;
    const auto end = conclude(one, gone, keyless(), Backoff{}, at(start));
    EXPECT_TRUE(end.next_choice);
    EXPECT_EQ(end.further, 2U) << "past what is of the same road";
    EXPECT_EQ(end.retry_at, start);
  }
  Claimed text = claimed(PostCard{});
  text.outgoing.elsewhere = 2;
  EXPECT_FALSE(conclude(text, Receipt(Outcome::rejected, "bad text"), keyless(), Backoff{}, at(start)).next_choice);
}

TEST(Conclude, WhatAQuotaOrAShutAppHoldsUpDoesNotGrowTooOld) {
  Claimed old = claimed(notice("reminder"));
  old.attempt = 200;
  AttemptFacts facts = at(start + 240h);
  facts.way_down = true;
  Receipt receipt(Outcome::retry, "code 1");
  receipt.retry_after = 1h;
  EXPECT_FALSE(conclude(old, receipt, keyless(), Backoff{}, facts).retry_at) << "anything else ends";
  receipt.shut_out = true;
  const auto end = conclude(old, receipt, keyless(), Backoff{}, facts);
  EXPECT_EQ(end.retry_at, start + 241h);
  EXPECT_FALSE(end.counts);
  receipt.shut_out = false;
  receipt.used_up = true;
  EXPECT_EQ(conclude(old, receipt, keyless(), Backoff{}, facts).retry_at, start + 241h);
}

TEST(Conclude, WithoutCallsOfTheMonthAFreeWayIsTakenAtOnce) {
  Receipt receipt(Outcome::retry, "used up");
  receipt.retry_after = 1h;
  Claimed one = claimed(notice("reminder"));
  one.outgoing.free_way = 2;
  EXPECT_FALSE(conclude(one, receipt, keyless(), Backoff{}, at(start)).next_choice) << "told to wait, no more";
  receipt.used_up = true;
  auto end = conclude(one, receipt, keyless(), Backoff{}, at(start));
  EXPECT_TRUE(end.next_choice);
  EXPECT_EQ(end.further, 2U);
  EXPECT_EQ(end.retry_at, start);
  one.outgoing.free_way = 0;
  end = conclude(one, receipt, keyless(), Backoff{}, at(start));
  EXPECT_FALSE(end.next_choice);
  EXPECT_EQ(end.retry_at, start + 1h) << "there is none";
}

/// A platform whose urgency is a call of its own.
Traits rousing() {
  Traits traits = testing::fake_traits();
  for (auto& channel : traits.channels) channel.urgent_after = true;
  return traits;
}

TEST(Conclude, BehindAnUrgentNoticeThatStandsComesTheUrgentCall) {
  Notify urgent = notice("escalated");
  urgent.request = RequestId(3);
  urgent.to = Target::to(PersonId("li"));
  urgent.by = By::urgent;
  Receipt delivered(Outcome::delivered);
  delivered.provider_id = "om_1";
  const auto end = conclude(claimed(urgent, Form::card), delivered, rousing(), Backoff{}, at(start));
  ASSERT_TRUE(end.then);
  const auto& call = std::get<Urgent>(*end.then);
  EXPECT_EQ(call.request, RequestId(3));
  EXPECT_EQ(call.to, urgent.to);
  EXPECT_EQ(call.notice, urgent.notice);
  EXPECT_EQ(call.message, "om_1");

  EXPECT_FALSE(conclude(claimed(urgent), delivered, testing::fake_traits(), Backoff{}, at(start)).then) << "no such platform";
  EXPECT_FALSE(conclude(claimed(notice("reminder")), delivered, rousing(), Backoff{}, at(start)).then) << "not urgent";
  EXPECT_FALSE(conclude(claimed(urgent), Receipt(Outcome::retry), rousing(), Backoff{}, at(start)).then) << "not there yet";
  EXPECT_FALSE(conclude(claimed(*end.then, Form::urgent), delivered, rousing(), Backoff{}, at(start)).then) << "once";
}

TEST(Conclude, AnUrgentCallThatIsRefusedFallsAway) {
  Receipt refused(Outcome::rejected, "no scope");
  refused.target_gone = true;
  const auto end = conclude(claimed(Urgent{}, Form::urgent), refused, rousing(), Backoff{}, at(start));
  EXPECT_TRUE(end.next_choice) << "the plan has no other form: composed to nothing, it is dropped";
}

/// A call about a mirrored task; `id`: what stands there.
Claimed task_call(const std::string& id) {
  Claimed call = claimed(MirrorTask{RequestId(3), TaskNo(1), AppId("fake:main"), true, {}}, Form::task);
  call.outgoing.channel = ChannelId("group");  // an hour of keys
  call.outgoing.task.emplace();
  call.outgoing.task->id = id;
  return call;
}

TEST(Conclude, ATaskThatMayHaveBeenMadeIsRepeatedOnlyWhileTheRepeatIsKnown) {
  const Traits traits = testing::fake_traits();
  Claimed late = task_call("");
  late.parcel.first_due = start - std::chrono::minutes(59);
  late.attempt = 9;
  const Receipt unknown(Outcome::unknown, "timed out");
  EXPECT_TRUE(conclude(task_call(""), unknown, traits, Backoff{}, at(start)).retry_at);
  const auto ended = conclude(late, unknown, traits, Backoff{}, at(start));
  EXPECT_FALSE(ended.retry_at);
  EXPECT_FALSE(ended.drop) << "somebody must see it";
  late.outgoing.task->id = "guid-1";
  EXPECT_TRUE(conclude(late, unknown, traits, Backoff{}, at(start)).retry_at) << "setting it twice is setting it";
}

TEST(Conclude, ARefusedTaskIsNoTrouble) {
  const auto end =
      conclude(task_call(""), Receipt(Outcome::rejected, "no scope"), testing::fake_traits(), Backoff{}, at(start));
  EXPECT_FALSE(end.retry_at);
  EXPECT_FALSE(end.next_choice);
  EXPECT_TRUE(end.drop);
  const auto less = conclude(task_call(""), Receipt(Outcome::unsupported), testing::fake_traits(), Backoff{}, at(start));
  EXPECT_TRUE(less.next_choice);
}

TEST(Conclude, ARefusedAddressLeadsToWhatElseThereIsNow) {
  Traits traits = keyless();
  for (Channel& channel : traits.channels) channel.one_answer = true;
  const auto end = conclude(claimed(Say{}), Receipt(Outcome::unsupported), traits, Backoff{}, at(start));
  EXPECT_TRUE(end.anew);
  EXPECT_FALSE(end.next_choice);
  Receipt unsent(Outcome::unsupported);
  unsent.never_left = true;
  const auto other = conclude(claimed(Say{}), unsent, traits, Backoff{}, at(start));
  EXPECT_FALSE(other.anew) << "the address is as good as before";
  EXPECT_TRUE(other.next_choice);
}

TEST(Conclude, AnExpiredTokenDoesNotCount) {
  const auto end = conclude(claimed(Say{}), Receipt(Outcome::token_expired), keyless(), Backoff{}, at(start));
  EXPECT_FALSE(end.counts);
  EXPECT_EQ(end.retry_at, start);
}

TEST(Conclude, WhileTheAppAnswersNobodyAttemptsDoNotCount) {
  auto facts = at(start);
  facts.way_down = true;
  EXPECT_FALSE(conclude(claimed(Say{}), Receipt(Outcome::retry), keyless(), Backoff{}, facts).counts);
  EXPECT_TRUE(conclude(claimed(Say{}), Receipt(Outcome::retry), keyless(), Backoff{}, at(start)).counts);
}

TEST(Conclude, WithoutBudgetItWaitsForTheCap) {
  auto facts = at(start);
  facts.budget = false;
  const auto end = conclude(claimed(Say{}), Receipt(Outcome::retry), keyless(), Backoff{}, facts);
  EXPECT_GE(*end.retry_at, start + 150s);
}

TEST(Conclude, WhatWaitedOutAnOutageOfOursGetsItsTriesHoweverOldItIs) {
  auto old = claimed(notice("reminder"));
  const auto later = start + 30 * 24h;
  EXPECT_TRUE(conclude(old, Receipt(Outcome::retry), keyless(), Backoff{}, at(later)).retry_at);
  old.attempt = old.attempts_counted = 8;
  const auto end = conclude(old, Receipt(Outcome::retry, "503"), keyless(), Backoff{}, at(later));
  EXPECT_FALSE(end.retry_at);
  EXPECT_EQ(end.receipt.detail, "given up: 503");
  auto fresh = at(later);
  fresh.running_since = later - 1h;
  EXPECT_TRUE(conclude(old, Receipt(Outcome::retry), keyless(), Backoff{}, fresh).retry_at);
}

}  // namespace
}  // namespace xieban::conclude_test
