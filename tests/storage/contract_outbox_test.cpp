// The outbox: claims, fences, threads, lanes, unknown outcomes, cards.

#include "bot/core/rules.hpp"
#include "tests/storage/support.hpp"

namespace xieban::test {
namespace {

using Outbox = Contract;
INSTANTIATE_TEST_SUITE_P(Stores, Outbox, testing::Bool(), kind_of_store);

std::string said(const Claimed& claimed) { return std::get<Say>(claimed.parcel.effect).text.args.at(0).second; }

TEST_P(Outbox, AClaimIsAnAttemptInTheLedger) {
  intend({intent(1, "a")}, at(0));
  const auto claimed = claim(at(5));
  ASSERT_EQ(claimed.size(), 1U);
  EXPECT_EQ(claimed[0].attempt, 1U);
  EXPECT_EQ(claimed[0].attempts_counted, 1U);
  EXPECT_GT(claimed[0].fence, 0U);
  EXPECT_EQ(claimed[0].parcel.first_due, at(0));
  EXPECT_EQ(claimed[0].outgoing.key, "k" + claimed[0].parcel.id.str());
  const auto ledger = get(store().sent_since(app, at(5)));
  ASSERT_EQ(ledger.size(), 1U);
  EXPECT_EQ(ledger[0].lane, (Lane{app, ChatId("g1")}));
  EXPECT_EQ(ledger[0].at, at(5));
  EXPECT_TRUE(get(store().sent_since(app, at(6))).empty());
  EXPECT_TRUE(get(store().sent_since(AppId("feishu:main"), at(0))).empty());
  EXPECT_TRUE(claim(at(5)).empty());
  EXPECT_EQ(get(store().stats()).outbox_waiting, 1U);
  settle(settled(claimed[0], Outcome::delivered, at(6)));
  EXPECT_EQ(get(store().stats()).outbox_waiting, 0U);
  EXPECT_TRUE(claim(at(1000)).empty());
  EXPECT_EQ(get(store().next_instant({})), std::nullopt);
}

TEST_P(Outbox, ThreadsKeepTheirOrderAndDoNotWaitForEachOther) {
  intend({intent(1, "1a"), intent(1, "1b"), intent(2, "2a", "g2"), intent(3, "3a", "g3")});
  auto first = claim(at(0));
  ASSERT_EQ(first.size(), 3U);
  EXPECT_EQ(said(first[0]), "1a");
  settle(settled(first[0], Outcome::retry, at(0), at(30)));
  settle(settled(first[1], Outcome::delivered, at(0)));
  EXPECT_TRUE(claim(at(10)).empty()) << "1b waits behind the retry of 1a";
  EXPECT_EQ(get(store().next_instant({})), at(30));
  auto again = claim(at(30)).at(0);
  EXPECT_EQ(said(again), "1a");
  EXPECT_EQ(again.attempt, 2U);
  EXPECT_EQ(again.attempts_counted, 2U);
  settle(settled(again, Outcome::delivered, at(30)));
  EXPECT_EQ(said(claim(at(30)).at(0)), "1b");
}
TEST_P(Outbox, OneOfALaneInEachCall) {
  intend({intent(1, "a"), intent(2, "b"), intent(3, "c")});
  EXPECT_EQ(claim(at(0)).size(), 1U);
  EXPECT_EQ(claim(at(0)).size(), 1U);
  EXPECT_EQ(claim(at(0)).size(), 1U);
  EXPECT_TRUE(claim(at(0)).empty());
}
TEST_P(Outbox, UrgentOvertakes) {
  auto urgent = intent(2, "urgent", "g2");
  urgent.urgent = true;
  intend({intent(1, "a", "g1"), urgent, intent(3, "c", "g3")});
  const auto claimed = claim(at(0), 2);
  ASSERT_EQ(claimed.size(), 2U);
  EXPECT_EQ(said(claimed[0]), "urgent");
  EXPECT_EQ(said(claimed[1]), "a");
}
TEST_P(Outbox, ClosedLanesAreNotClaimed) {
  intend({intent(1, "a", "g1"), intent(2, "b", "g2")});
  const std::vector<Lane> g1{Lane{app, ChatId("g1")}}, whole{Lane{app, {}}};
  EXPECT_TRUE(claim(at(0), 10, whole).empty());
  EXPECT_EQ(get(store().next_instant(whole)), std::nullopt);
  EXPECT_EQ(get(store().next_instant(g1)), at(0));
  const auto claimed = claim(at(0), 10, g1);
  ASSERT_EQ(claimed.size(), 1U);
  EXPECT_EQ(said(claimed[0]), "b");
}
TEST_P(Outbox, NotBeforeItsTime) {
  auto later = intent(1, "later");
  later.not_before = at(3);
  intend({later, intent(1, "now")});
  EXPECT_EQ(get(store().next_instant({})), at(0));
  auto now = claim(at(0));
  ASSERT_EQ(now.size(), 1U) << "what is not due yet holds back nothing";
  EXPECT_EQ(said(now[0]), "now");
  settle(settled(now[0], Outcome::delivered, at(0)));
  EXPECT_TRUE(claim(at(3) - Duration(1)).empty());
  EXPECT_EQ(get(store().next_instant({})), at(3));
  EXPECT_EQ(claim(at(3)).size(), 1U);
}

TEST_P(Outbox, SupersedesOnlyWhatWasNeverTried) {
  auto first = intent(1, "first"), second = intent(1, "second"), elsewhere = intent(2, "elsewhere");
  first.supersedes = second.supersedes = elsewhere.supersedes = "x";
  intend({first, elsewhere});
  intend({second});
  EXPECT_EQ(get(store().stats()).outbox_waiting, 2U) << "the same key in another thread stays";
  std::vector<std::string> texts;
  for (int i = 0; i < 2; ++i) texts.push_back(said(claim(at(0)).at(0)));
  EXPECT_EQ(texts, (std::vector<std::string>{"elsewhere", "second"}));
  auto third = intent(1, "third");
  third.supersedes = "x";
  intend({third});
  EXPECT_EQ(get(store().stats()).outbox_waiting, 3U) << "an attempt stays in its place";
}
TEST_P(Outbox, ARefreshCannotBePutOffForEver) {
  for (int second = 0; second <= 60; ++second) {
    auto refresh = intent(1, "r" + std::to_string(second));
    refresh.supersedes = "refresh";
    refresh.not_before = at(second + 2);
    intend({refresh}, at(second));
    if (!claim(at(second)).empty()) {
      EXPECT_EQ(second, 12) << "ten seconds after the first one was due";
      return;
    }
  }
  FAIL() << "it never went out";
}

TEST_P(Outbox, AnOldFenceChangesNothing) {
  intend({intent(1, "a")});
  const auto old = claim(at(0)).at(0);
  EXPECT_EQ(get(store().next_instant({})), at(60)) << "the claim runs out then";
  const auto fresh = claim(at(60)).at(0);
  EXPECT_EQ(fresh.parcel.id, old.parcel.id);
  EXPECT_NE(fresh.fence, old.fence);
  settle(settled(old, Outcome::rejected, at(61)));
  EXPECT_EQ(get(store().stats()).failed_parcels, 0U);
  auto wrong_attempt = settled(fresh, Outcome::rejected, at(61));
  wrong_attempt.attempt = old.attempt;
  settle(wrong_attempt);
  EXPECT_EQ(get(store().stats()).failed_parcels, 0U);
  settle(settled(fresh, Outcome::delivered, at(62)));
  settle(settled(fresh, Outcome::rejected, at(63)));
  EXPECT_EQ(get(store().stats()).failed_parcels, 0U);
  EXPECT_EQ(get(store().stats()).outbox_waiting, 0U);
}
TEST_P(Outbox, ALateAnswerStillCountsWhileNobodyElseClaimed) {
  intend({intent(1, "a")});
  const auto claimed = claim(at(0)).at(0);
  settle(settled(claimed, Outcome::delivered, at(600)));
  EXPECT_TRUE(claim(at(600)).empty());
}

TEST_P(Outbox, AnUnknownOutcomeIsRepeatedByteForByte) {
  intend({card_intent(1)});
  const auto first = claim(at(0)).at(0);
  settle(settled(first, Outcome::unknown, at(1), at(5)));
  int composed = 0;
  const Compose counting = [&composed](const Parcel& parcel) {
    ++composed;
    return compose_plain(parcel);
  };
  const auto second = claim(at(5), 10, {}, counting).at(0);
  EXPECT_EQ(composed, 0);
  EXPECT_EQ(codec::encode(second.outgoing), codec::encode(first.outgoing));
  EXPECT_EQ(second.attempt, 2U);
  // A failed repeat does not make the first attempt's outcome known.
  settle(settled(second, Outcome::retry, at(6), at(7)));
  const auto third = claim(at(7), 10, {}, counting).at(0);
  EXPECT_EQ(codec::encode(third.outgoing), codec::encode(first.outgoing));
  settle(settled(third, Outcome::retry, at(8), at(3599)));
  // The window of the key has all but passed.
  const auto late = claim(at(3599), 10, {}, counting).at(0);
  EXPECT_EQ(composed, 1);
  EXPECT_TRUE(late.outgoing.maybe_repeated);
  EXPECT_EQ(late.attempt, 4U);
}
TEST_P(Outbox, ATaskThatMayHaveBeenMadeIsNotMadeAgainOneThatStandsIsSetAgain) {
  auto wish = intent(1, "");
  wish.effect = MirrorTask{RequestId(1), TaskNo(3), app, true, PersonId("zhao")};
  intend({wish});
  std::string standing;
  const Compose as_task = [&standing](const Parcel& parcel) {
    auto out = *compose_plain(parcel);
    out.form = Form::task;
    out.task.emplace();
    out.task->id = standing;
    return std::optional(out);
  };
  settle(settled(claim(at(0), 10, {}, as_task).at(0), Outcome::unknown, at(1), at(5)));
  settle(settled(claim(at(5), 10, {}, as_task).at(0), Outcome::retry, at(6), at(3599)));
  EXPECT_TRUE(claim(at(3599), 10, {}, as_task).empty()) << "the platform knows the repeat no more";
  EXPECT_NE(get(store().troubles(10)).at(0).what.find("unknown"), std::string::npos);

  standing = "guid-1";
  wish.effect = MirrorTask{RequestId(1), TaskNo(3), app, false, {}};
  intend({wish}, at(4000));
  settle(settled(claim(at(4000), 10, {}, as_task).at(0), Outcome::unknown, at(4001), at(9000)));
  EXPECT_EQ(claim(at(9000), 10, {}, as_task).size(), 1U);
}
TEST_P(Outbox, WhatNobodyNeedSeeToIsDroppedAndNoTrouble) {
  intend({intent(1, "a"), intent(1, "b")});
  auto refused = settled(claim(at(0)).at(0), Outcome::rejected, at(1));
  refused.drop = true;
  settle(refused);
  EXPECT_EQ(get(store().stats()).failed_parcels, 0U);
  EXPECT_TRUE(get(store().troubles(10)).empty());
  EXPECT_EQ(said(claim(at(1)).at(0)), "b") << "the next one goes on";
}
TEST_P(Outbox, ARetryIsComposedAnew) {
  intend({card_intent(1)});
  const auto first = claim(at(0)).at(0);
  settle(settled(first, Outcome::retry, at(1), at(5)));
  const auto second = claim(at(5)).at(0);
  EXPECT_EQ(second.outgoing.text, "attempt 2");
  EXPECT_FALSE(second.outgoing.maybe_repeated);
}

class WithoutKeys : public testing::TestWithParam<bool>, public Bench {
 protected:
  WithoutKeys() : Bench(GetParam(), [](const AppId&, const ChannelId&) { return Duration(0); }) {}
};
INSTANTIATE_TEST_SUITE_P(Stores, WithoutKeys, testing::Bool(), kind_of_store);

TEST_P(WithoutKeys, AnUnknownOutcomeIsMarked) {
  intend({card_intent(1)});
  const auto lost = claim(at(0)).at(0);
  const auto again = claim(at(60)).at(0);
  EXPECT_EQ(again.parcel.id, lost.parcel.id);
  EXPECT_TRUE(again.outgoing.maybe_repeated);
  EXPECT_EQ(again.outgoing.text, "attempt 2");
  EXPECT_EQ(again.attempts_counted, 2U);
}
TEST_P(WithoutKeys, AnswersAndNudgesAreNotRepeated) {
  auto nudge = intent(2, "", "g2");
  Notify notify;
  notify.notice.key = "nudged";
  nudge.effect = notify;
  auto reminder = intent(3, "", "g3");
  notify.notice.key = "reminder";
  reminder.effect = notify;
  intend({intent(1, "answer"), nudge, reminder});
  EXPECT_EQ(claim(at(0)).size(), 3U);
  const auto again = claim(at(60));
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].parcel.thread.request, RequestId(3));
  EXPECT_EQ(get(store().stats()).failed_parcels, 2U);
  EXPECT_NE(get(store().troubles(10)).at(0).what.find("unknown"), std::string::npos);
}

TEST_P(Outbox, NothingToSayIsDroppedAndTheNextOneTaken) {
  intend({intent(1, "a"), intent(1, "b"), intent(1, "c")});
  const Compose only_c = [](const Parcel& parcel) -> std::optional<Outgoing> {
    if (std::get<Say>(parcel.effect).text.args.at(0).second != "c") return std::nullopt;
    return compose_plain(parcel);
  };
  const auto claimed = claim(at(0), 10, {}, only_c);
  ASSERT_EQ(claimed.size(), 1U);
  EXPECT_EQ(said(claimed[0]), "c");
  EXPECT_EQ(get(store().stats()).outbox_waiting, 1U);
}
TEST_P(Outbox, WhatIsNotToGoNowStaysAsItIsAndHoldsUpNoOtherLane) {
  intend({intent(1, "a"), intent(2, "b"), intent(3, "c", "g3")});
  int asked = 0;
  const Compose not_there = [&asked](const Parcel& parcel) -> Composed {
    ++asked;
    if (parcel.thread.chat == ChatId("g1")) return Composed::later();
    return compose_plain(parcel);
  };
  const auto claimed = claim(at(0), 10, {}, not_there);
  ASSERT_EQ(claimed.size(), 1U);
  EXPECT_EQ(said(claimed[0]), "c");
  EXPECT_EQ(asked, 2) << "of the other lane one is looked at";
  EXPECT_EQ(get(store().stats()).outbox_waiting, 3U);
  const auto first = claim(at(1));
  ASSERT_EQ(first.size(), 1U);
  EXPECT_EQ(said(first[0]), "a");
  EXPECT_EQ(first[0].attempt, 1U);
}
TEST_P(Outbox, WhatCannotBeComposedIsHeldAndItsThreadGoesOn) {
  intend({intent(1, "bad"), intent(1, "good")});
  const Compose picky = [](const Parcel& parcel) -> std::optional<Outgoing> {
    if (std::get<Say>(parcel.effect).text.args.at(0).second == "bad") throw std::runtime_error("boom");
    return compose_plain(parcel);
  };
  const auto claimed = claim(at(4), 10, {}, picky);
  ASSERT_EQ(claimed.size(), 1U);
  EXPECT_EQ(said(claimed[0]), "good");
  settle(settled(claimed[0], Outcome::delivered, at(4)));
  EXPECT_EQ(get(store().stats()).held, 1U);
  const auto troubles = get(store().troubles(10));
  ASSERT_EQ(troubles.size(), 1U);
  EXPECT_NE(troubles[0].what.find("boom"), std::string::npos);
  EXPECT_EQ(troubles[0].at, at(4));
  get(store().retry(troubles[0].id, at(100)));
  const auto again = claim(at(100)).at(0);
  EXPECT_EQ(said(again), "bad");
  EXPECT_EQ(again.parcel.first_due, at(100));
  EXPECT_TRUE(get(store().troubles(10)).empty());
}

TEST_P(Outbox, GivenUpIsFailedAndCanBeRetried) {
  intend({intent(1, "a")});
  auto refused = settled(claim(at(0)).at(0), Outcome::rejected, at(1));
  refused.receipt.detail = "230001 no permission";
  settle(refused);
  EXPECT_EQ(get(store().stats()).failed_parcels, 1U);
  const auto troubles = get(store().troubles(10));
  ASSERT_EQ(troubles.size(), 1U);
  EXPECT_NE(troubles[0].what.find("230001"), std::string::npos);
  get(store().retry(troubles[0].id, at(50)));
  const auto again = claim(at(50)).at(0);
  EXPECT_EQ(again.attempt, 2U);
  EXPECT_EQ(again.attempts_counted, 1U) << "a fresh count";
}
TEST_P(Outbox, AttemptsThatDoNotCount) {
  intend({intent(1, "a")});
  auto expired = settled(claim(at(0)).at(0), Outcome::token_expired, at(0), at(0));
  expired.counts = false;
  settle(expired);
  const auto again = claim(at(0)).at(0);
  EXPECT_EQ(again.attempt, 2U);
  EXPECT_EQ(again.attempts_counted, 1U);
}
TEST_P(Outbox, AnUnsupportedFormTakesTheNextChoice) {
  intend({card_intent(1)});
  auto refused = settled(claim(at(0)).at(0), Outcome::unsupported, at(0));
  refused.next_choice = true;
  settle(refused);
  std::uint16_t choice = 0;
  const Compose as_text = [&choice](const Parcel& parcel) {
    choice = parcel.choice;
    auto out = *compose_plain(parcel);
    out.form = Form::text;
    out.card.reset();
    out.card_id = {};
    return std::optional(out);
  };
  EXPECT_EQ(claim(at(0), 10, {}, as_text).size(), 1U);
  EXPECT_EQ(choice, 1U);
  Load load;
  load.cards_of = {RequestId(1)};
  EXPECT_TRUE(this->load(load).cards.empty()) << "the card of the first attempt never came to be";
}
TEST_P(Outbox, AnotherRoadMayBeginSeveralEntriesFurther) {
  intend({card_intent(1)});
  auto gone = settled(claim(at(0)).at(0), Outcome::rejected, at(0));
  gone.next_choice = true;
  gone.further = 3;
  settle(gone);
  std::uint16_t choice = 0;
  const Compose noted = [&choice](const Parcel& parcel) {
    choice = parcel.choice;
    return compose_plain(parcel);
  };
  EXPECT_EQ(claim(at(0), 10, {}, noted).size(), 1U);
  EXPECT_EQ(choice, 3U);
}
TEST_P(Outbox, WhatFollowsADeliveryIsWrittenWithIt) {
  auto notice = intent(1, "");
  notice.urgent = true;
  intend({notice});
  auto done = settled(claim(at(0)).at(0), Outcome::delivered, at(1));
  Urgent call;
  call.request = RequestId(1);
  call.to = Target::to(PersonId("a"));
  call.message = "om_1";
  done.then = call;
  settle(done);
  settle(done);  // an outcome that comes twice has no second effect
  const auto next = claim(at(1));
  ASSERT_EQ(next.size(), 1U);
  EXPECT_EQ(std::get<Urgent>(next[0].parcel.effect).message, "om_1");
  EXPECT_EQ(next[0].parcel.thread, notice.thread);
  EXPECT_TRUE(next[0].parcel.urgent);
  settle(settled(next[0], Outcome::delivered, at(2)));
  EXPECT_TRUE(claim(at(100)).empty());
}
TEST_P(Outbox, WhatTheCoreMakesOfAnOutcomeIsWrittenWithItOrTheParcelIsHeld) {
  intend({intent(1, "a")});
  auto done = settled(claim(at(0)).at(0), Outcome::delivered, at(1));
  ChatFact made;
  made.chat = ChatRef{app, ChatId("new")};
  made.made_for = RequestId(1);
  Consequence consequence;
  consequence.load.settings = {"why"};
  int runs = 0;
  consequence.decide = [&](const Snapshot& snapshot) {
    ++runs;
    ChangeSet out;
    out.facts = {made};
    out.intents = {intent(2, snapshot.settings.empty() ? "unset" : "set", "g2")};
    out.settings = {{"why", "because"}};
    return out;
  };
  done.consequence = consequence;
  settle(done);
  settle(done);
  EXPECT_EQ(runs, 1) << "an outcome that comes twice has no second effect";
  Load load;
  load.chat = made.chat;
  load.settings = {"why", "what"};
  EXPECT_EQ(this->load(load).chat, made);
  EXPECT_EQ(this->load(load).settings, (std::map<std::string, std::string>{{"why", "because"}}));
  auto next = claim(at(1));
  ASSERT_EQ(next.size(), 1U);
  EXPECT_EQ(said(next[0]), "unset");

  auto failed = settled(next[0], Outcome::rejected, at(2));
  failed.consequence = consequence;
  settle(failed);
  auto last = claim(at(2));
  ASSERT_EQ(last.size(), 1U);
  EXPECT_EQ(said(last[0]), "set");

  auto broken = settled(last[0], Outcome::delivered, at(3));
  broken.consequence = consequence;
  broken.consequence->decide = [](const Snapshot&) -> ChangeSet { throw std::runtime_error("broken"); };
  settle(broken);
  EXPECT_EQ(get(store().stats()).held, 1U);
  EXPECT_TRUE(claim(at(100)).empty());
}
TEST_P(Outbox, AChatThatWasMadeForARequestBringsIt) {
  change(raise(request(1)));
  ChatFact made;
  made.chat = ChatRef{app, ChatId("new")};
  made.made_for = RequestId(1);
  ChangeSet changes;
  changes.facts = {made};
  change(changes);
  Load load;
  load.chat = made.chat;
  EXPECT_TRUE(this->load(load).requests.empty());
  load.request_of_chat = true;
  ASSERT_EQ(this->load(load).requests.size(), 1U);
  EXPECT_EQ(this->load(load).policies.size(), 1U);
  made.gone = true;
  changes.facts = {made};
  change(changes);
  Load checkup;
  checkup.checkup = true;
  EXPECT_TRUE(this->load(checkup).checkup->lost_chats.empty()) << "nobody has to see to it";
}
TEST_P(Outbox, PartlyQueuesTheRestAlone) {
  auto to_three = intent(1, "");
  Notify notify;
  notify.request = RequestId(1);
  notify.mention = {PersonId("a"), PersonId("b"), PersonId("c")};
  to_three.effect = notify;
  intend({to_three});
  auto partly = settled(claim(at(0)).at(0), Outcome::partly, at(1), at(10));
  partly.receipt.people = {{PersonRef{PersonId("a"), {}}, Outcome::delivered},
                           {PersonRef{PersonId("b"), {}}, Outcome::retry},
                           {PersonRef{PersonId("c"), {}}, Outcome::rejected}};
  settle(partly);
  EXPECT_TRUE(claim(at(9)).empty());
  const auto rest = claim(at(10)).at(0);
  EXPECT_EQ(std::get<Notify>(rest.parcel.effect).mention, (std::vector{PersonId("b")}));
  EXPECT_EQ(rest.attempts_counted, 2U);
}

// -- cards -------------------------------------------------------------------------------------------------

class Cards : public Contract {
 protected:
  void SetUp() override { change(raise(request(1))); }
  std::vector<CardHandle> standing() {
    Load load;
    load.cards_of = {RequestId(1)};
    return this->load(load).cards;
  }
  std::optional<CardHandle> card(CardId id) {
    Load load;
    load.card = id;
    return this->load(load).card;
  }
  void press(CardId id, const std::string& code, TimePoint now) {
    ChangeSet pressed;
    pressed.facts.emplace_back(CardCode{id, code});
    change(std::move(pressed), now);
  }
  Claimed deliver(Intent what, TimePoint now, const std::string& provider_id) {
    intend({std::move(what)}, now);
    auto claimed = claim(now).at(0);
    auto done = settled(claimed, Outcome::delivered, now);
    done.receipt.provider_id = provider_id;
    settle(done);
    return claimed;
  }
};
INSTANTIATE_TEST_SUITE_P(Stores, Cards, testing::Bool(), kind_of_store);

TEST_P(Cards, AreKnownFromTheClaimOn) {
  intend({card_intent(1)});
  const auto claimed = claim(at(0)).at(0);
  Load press;
  press.card = CardId(claimed.parcel.id.value);
  const auto snapshot = load(press);
  ASSERT_TRUE(snapshot.card);
  EXPECT_EQ(snapshot.card->kind, CardKind::live);
  EXPECT_EQ(snapshot.card->chat, group());
  EXPECT_TRUE(snapshot.card->provider_id.empty());
  EXPECT_FALSE(snapshot.card->sent_at);
  EXPECT_EQ(kind_name(snapshot.card->effect), "post_card");
  ASSERT_EQ(snapshot.requests.size(), 1U);
  EXPECT_EQ(snapshot.policies.size(), 1U);
  EXPECT_EQ(snapshot.cards.size(), 1U);
}
TEST_P(Cards, GetTheirProvidersIdAndCountUpdates) {
  const auto posted = deliver(card_intent(1), at(5), "om_1");
  const CardId id(posted.parcel.id.value);
  EXPECT_EQ(card(id)->provider_id, "om_1");
  EXPECT_EQ(card(id)->sent_at, at(5));
  deliver(refresh_intent(1, id), at(6), "");
  deliver(refresh_intent(1, id), at(7), "");
  EXPECT_EQ(card(id)->updates, 2U);
  EXPECT_EQ(card(id)->provider_id, "om_1");
  EXPECT_EQ(card(id)->sent_at, at(5));
}
TEST_P(Cards, TakeTheCodeThatAPressBrought) {
  const CardId id(deliver(card_intent(1), at(5), "code:1").parcel.id.value);
  deliver(refresh_intent(1, id), at(6), "");
  ASSERT_EQ(card(id)->updates, 1U);
  ChangeSet pressed;
  pressed.facts.emplace_back(CardCode{id, "code:2"});
  pressed.facts.emplace_back(CardCode{CardId(999), "code:3"});
  change(std::move(pressed), at(7));
  EXPECT_EQ(card(id)->provider_id, "code:2");
  EXPECT_EQ(card(id)->updates, 0U) << "it can be updated again";
  EXPECT_EQ(card(id)->sent_at, at(7)) << "the code lives from the press on";
  EXPECT_FALSE(card(CardId(999)));
}
TEST_P(Cards, KeepTheCodeThatAPressBroughtWhileTheyWereUpdated) {
  const CardId id(deliver(card_intent(1), at(5), "code:1").parcel.id.value);
  intend({refresh_intent(1, id)}, at(6));
  const auto first = claim(at(6)).at(0);
  EXPECT_EQ(first.outgoing.update_of, "code:1");
  press(id, "code:2", at(7));
  settle(settled(first, Outcome::delivered, at(8)));
  EXPECT_EQ(card(id)->provider_id, "code:2");
  EXPECT_EQ(card(id)->updates, 0U) << "the update took the older code";
  intend({refresh_intent(1, id)}, at(9));
  auto second = claim(at(9)).at(0);
  EXPECT_EQ(second.outgoing.update_of, "code:2");
  auto done = settled(second, Outcome::delivered, at(10));
  done.receipt.provider_id = "code:2";
  settle(done);
  EXPECT_EQ(card(id)->updates, 1U);
  EXPECT_EQ(card(id)->sent_at, at(7));
}
TEST_P(Cards, KeepTheCodeThatAPressBroughtBeforeTheirOutcomeWasKnown) {
  intend({card_intent(1)});
  const auto first = claim(at(0)).at(0);
  const CardId id(first.parcel.id.value);
  settle(settled(first, Outcome::unknown, at(1), at(3)));
  press(id, "code:2", at(2));
  // The repeat is known to the platform, and brings the id of a message that cannot be updated by it.
  auto done = settled(claim(at(3)).at(0), Outcome::delivered, at(4));
  done.receipt.provider_id = "task:1";
  settle(done);
  EXPECT_EQ(card(id)->provider_id, "code:2");
  EXPECT_EQ(card(id)->sent_at, at(2)) << "the code lives from the press on";
  EXPECT_FALSE(card(id)->gone);
}
TEST_P(Cards, ThatAreAnsweredStayAnswered) {
  const auto answer = [&](CardId id) {
    ChangeSet pressed;
    pressed.facts.emplace_back(CardAnswered{id});
    pressed.facts.emplace_back(CardAnswered{CardId(999)});
    change(std::move(pressed));
  };
  const CardId id(deliver(card_intent(1), at(5), "om_1").parcel.id.value);
  EXPECT_FALSE(card(id)->answered);
  answer(id);
  EXPECT_TRUE(card(id)->answered);
  EXPECT_EQ(card(id)->updates, 0U) << "its card still shows the question";
  EXPECT_FALSE(card(CardId(999)));
  deliver(refresh_intent(1, id), at(6), "");
  EXPECT_TRUE(card(id)->answered);
  intend({refresh_intent(1, id)}, at(7));
  const Compose as_new = [](const Parcel& parcel) {
    auto out = *compose_plain(parcel);
    out.form = Form::card;
    out.card_id = CardId(parcel.id.value);
    return std::optional(out);
  };
  const auto replacing = claim(at(7), 10, {}, as_new).at(0);
  EXPECT_TRUE(card(CardId(replacing.parcel.id.value))->answered) << "the card in its place asks nothing either";
}
TEST_P(Cards, ThatWereAnsweredBeforeTheirOutcomeWasKnownStayAnswered) {
  intend({card_intent(1)});
  const auto first = claim(at(0)).at(0);
  const CardId id(first.parcel.id.value);
  ChangeSet pressed;
  pressed.facts.emplace_back(CardAnswered{id});
  change(std::move(pressed));
  settle(settled(first, Outcome::unknown, at(1), at(3599)));
  const auto anew = claim(at(3599)).at(0);
  ASSERT_TRUE(anew.outgoing.maybe_repeated) << "the platform knows the repeat no more: composed once again";
  EXPECT_TRUE(card(id)->answered);
}
TEST_P(Cards, ThatFailForGoodAreGone) {
  intend({card_intent(1)});
  const auto claimed = claim(at(0)).at(0);
  EXPECT_EQ(standing().size(), 1U);
  settle(settled(claimed, Outcome::rejected, at(1)));
  EXPECT_TRUE(standing().empty());
  EXPECT_TRUE(card(CardId(claimed.parcel.id.value))->gone);
}
TEST_P(Cards, OfOneSortInOnePlaceReplaceEachOther) {
  const auto old = deliver(card_intent(1), at(1), "om_1");
  deliver(card_intent(1, CardKind::personal), at(2), "om_2");
  deliver(card_intent(1, CardKind::live, "g2"), at(3), "om_3");
  EXPECT_EQ(standing().size(), 3U);
  const auto fresh = deliver(card_intent(1), at(4), "om_4");
  EXPECT_EQ(standing().size(), 3U);
  EXPECT_TRUE(card(CardId(old.parcel.id.value))->gone);
  EXPECT_FALSE(card(CardId(fresh.parcel.id.value))->gone);
  EXPECT_TRUE(card(CardId(old.parcel.id.value))) << "a press on it is still understood";
}
TEST_P(Cards, ThatAreTooOldAreReplacedByTheirRefresh) {
  const auto old = deliver(card_intent(1, CardKind::personal), at(1), "om_1");
  intend({refresh_intent(1, CardId(old.parcel.id.value))});
  const Compose as_new = [](const Parcel& parcel) {
    auto out = *compose_plain(parcel);
    out.form = Form::card;
    out.card_id = CardId(parcel.id.value);
    return std::optional(out);
  };
  const auto claimed = claim(at(2), 10, {}, as_new).at(0);
  auto done = settled(claimed, Outcome::delivered, at(2));
  done.receipt.provider_id = "om_2";
  settle(done);
  ASSERT_EQ(standing().size(), 1U);
  EXPECT_EQ(standing()[0].provider_id, "om_2");
  EXPECT_EQ(standing()[0].kind, CardKind::personal);
  EXPECT_EQ(kind_name(standing()[0].effect), "post_card") << "made from what the old one was made from";
}
TEST_P(Cards, OfAFormBringItsConversation) {
  Conversation conversation;
  conversation.id = ConversationId("c1");
  conversation.key = ConversationKey{PersonId("li.market"), app};
  ChangeSet changes;
  changes.conversation = conversation;
  auto form = intent(0, "");
  PostForm post;
  post.conversation = conversation.id;
  form.effect = post;
  changes.intents.push_back(form);
  change(changes);
  bool seen = false;
  const Compose as_card = [&seen](const Parcel& parcel) {
    seen = parcel.snapshot.conversation.has_value();
    auto out = *compose_plain(parcel);
    out.form = Form::card;
    out.card = xieban::Card{};
    return std::optional(out);
  };
  const auto claimed = claim(at(0), 10, {}, as_card).at(0);
  EXPECT_TRUE(seen);
  Load press;
  press.card = CardId(claimed.parcel.id.value);
  const auto snapshot = load(press);
  ASSERT_TRUE(snapshot.card);
  EXPECT_EQ(snapshot.card->kind, CardKind::form);
  EXPECT_EQ(snapshot.card->person, PersonId("li.market"));
  ASSERT_TRUE(snapshot.conversation);
  EXPECT_EQ(snapshot.conversation->id, conversation.id);
}

}  // namespace
}  // namespace xieban::test
