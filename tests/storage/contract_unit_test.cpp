// transact: what every store must do with a unit.

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "bot/core/rules.hpp"
#include "tests/storage/support.hpp"

namespace xieban::test {
namespace {

using Unit = Contract;
INSTANTIATE_TEST_SUITE_P(Stores, Unit, testing::Bool(), kind_of_store);

Load inbox(const std::string& text) {
  Load load;
  load.inbox = key(text);
  load.inbox_body = "raw " + text;
  return load;
}
Decide say_once(ChangeSet changes, int* calls = nullptr) {
  return [changes, calls](const Snapshot&) {
    if (calls != nullptr) ++*calls;
    return changes;
  };
}

TEST_P(Unit, StoresARequestWithEverything) {
  auto fresh = request(12);
  fresh.goal = "六一上线";
  change(raise(fresh, at(100)));
  Load load;
  load.requests = {RequestId(12), RequestId(99)};
  load.history = RequestId(12);
  const auto snapshot = this->load(load);
  ASSERT_EQ(snapshot.requests.size(), 1U);
  ASSERT_EQ(snapshot.policies.size(), 1U);
  EXPECT_EQ(snapshot.policies[0]->hash, policy()->hash);
  auto expected = raise(fresh).request;
  EXPECT_EQ(codec::encode(snapshot.requests[0]), codec::encode(expected));
  ASSERT_EQ(snapshot.history.size(), 1U);
  EXPECT_EQ(snapshot.history[0].seq, 1U);
  EXPECT_EQ(snapshot.history[0].by, PersonId("li.market"));
  EXPECT_EQ(snapshot.history[0].at, at(0));
  EXPECT_EQ(kind_name(snapshot.history[0].event), "raised");
  ASSERT_TRUE(snapshot.directory);
}

TEST_P(Unit, RequestsComeInTheOrderAsked) {
  for (std::uint64_t id = 1; id <= 3; ++id) change(raise(request(id)));
  Load load;
  load.requests = {RequestId(3), RequestId(1), RequestId(3)};
  const auto snapshot = this->load(load);
  ASSERT_EQ(snapshot.requests.size(), 2U);
  EXPECT_EQ(snapshot.requests[0].id, RequestId(3));
  EXPECT_EQ(snapshot.requests[1].id, RequestId(1));
}

TEST_P(Unit, TheSameEventIsDecidedOnce) {
  int calls = 0;
  ChangeSet changes;
  changes.requests.push_back(raise(request(1)));
  changes.reply = Reply{Done::refused, "不是你的", Tone::warning, std::nullopt};
  const auto first = get(store().transact(inbox("m1"), say_once(changes, &calls), at(1)));
  const auto again = get(store().transact(inbox("m1"), say_once(changes, &calls), at(2)));
  const auto other = get(store().transact(inbox("m2"), say_once({}, &calls), at(3)));
  EXPECT_EQ(calls, 2);
  EXPECT_FALSE(first.duplicate);
  EXPECT_TRUE(again.duplicate);
  EXPECT_FALSE(other.duplicate);
  EXPECT_EQ(again.reply.outcome, Done::refused);
  EXPECT_EQ(again.reply.toast, "不是你的");
  EXPECT_EQ(again.reply.tone, Tone::warning);
  EXPECT_EQ(get(store().history(RequestId(1))).size(), 1U);
}
TEST_P(Unit, EqualKeysOfTwoAppsAreTwoEvents) {
  Load load = inbox("m1");
  get(store().transact(load, say_once({}), at(1)));
  load.inbox->app = AppId("feishu:main");
  EXPECT_FALSE(get(store().transact(load, say_once({}), at(1))).duplicate);
}
TEST_P(Unit, CopiesThatArriveTogetherAreOneEvent) {
  int calls = 0, duplicates = 0;
  ChangeSet changes;
  changes.requests.push_back(raise(request(1)));
  for (int i = 0; i < 5; ++i) {
    boost::asio::co_spawn(context(), store().transact(inbox("m1"), say_once(changes, &calls), at(1)),
                          [&](std::exception_ptr, Result<Committed> done) { duplicates += done && done->duplicate ? 1 : 0; });
  }
  context().restart();
  context().run();
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(duplicates, 4);
}

TEST_P(Unit, NumbersRunOnAndAreNotTaken) {
  Load load;
  load.next_number = true;
  EXPECT_EQ(this->load(load).next_number, RequestId(1));
  EXPECT_EQ(this->load(load).next_number, RequestId(1));
  const Decide raise_next = [](const Snapshot& snapshot) {
    ChangeSet changes;
    changes.requests.push_back(raise(request(snapshot.next_number->value)));
    return changes;
  };
  std::vector<bool> done;
  for (int i = 0; i < 3; ++i) {
    boost::asio::co_spawn(context(), store().transact(load, raise_next, at(0)),
                          [&](std::exception_ptr, Result<Committed> one) { done.push_back(one.has_value()); });
  }
  context().restart();
  context().run();
  EXPECT_EQ(done, (std::vector{true, true, true}));
  EXPECT_EQ(this->load(load).next_number, RequestId(4));
}

TEST_P(Unit, SeveralRequestsChangeTogether) {
  change(raise(request(1)));
  change(raise(request(2)));
  ChangeSet changes;
  changes.requests.push_back(note(stored(1), "一"));
  changes.requests.push_back(note(stored(2), "二"));
  change(changes);
  EXPECT_EQ(stored(1).seq, 2U);
  EXPECT_EQ(stored(2).seq, 2U);
}

TEST_P(Unit, AThrowingDecisionLeavesNothingAndIsKept) {
  const Decide broken = [](const Snapshot&) -> ChangeSet { throw std::runtime_error("boom"); };
  const auto first = get(store().transact(inbox("m1"), broken, at(5)));
  EXPECT_EQ(first.reply.outcome, Done::failed);
  const auto again = get(store().transact(inbox("m1"), broken, at(6)));
  EXPECT_TRUE(again.duplicate);
  EXPECT_EQ(again.reply.outcome, Done::failed);
  const auto troubles = get(store().troubles(10));
  ASSERT_EQ(troubles.size(), 1U);
  EXPECT_TRUE(troubles[0].id.starts_with("event:"));
  EXPECT_NE(troubles[0].what.find("boom"), std::string::npos);
  EXPECT_EQ(troubles[0].at, at(5));
  EXPECT_EQ(get(store().stats()).failed_events, 1U);

  get(store().retry(troubles[0].id, at(7)));
  EXPECT_EQ(get(store().stats()).failed_events, 0U);
  const auto raw = get(store().take_retries());
  ASSERT_EQ(raw.size(), 1U);
  EXPECT_EQ(raw[0].key, key("m1"));
  EXPECT_EQ(raw[0].body, "raw m1");
  EXPECT_TRUE(get(store().take_retries()).empty());
  ChangeSet changes;
  changes.requests.push_back(raise(request(1)));
  EXPECT_FALSE(get(store().transact(inbox("m1"), say_once(changes), at(8))).duplicate);
  EXPECT_TRUE(get(store().transact(inbox("m1"), say_once(changes), at(9))).duplicate);
  EXPECT_TRUE(get(store().troubles(10)).empty());
}
TEST_P(Unit, AThrowingDecisionWithoutAnEventIsAnError) {
  const Decide broken = [](const Snapshot&) -> ChangeSet { throw 7; };
  const auto done = ask(store().transact(Load{}, broken, at(5)));
  ASSERT_FALSE(done.has_value());
  EXPECT_EQ(done.error().code, Errc::thrown);
}
TEST_P(Unit, AnImpossibleChangeIsAFaultOfTheDecision) {
  change(raise(request(1)));
  ChangeSet gap;
  gap.requests.push_back(note(stored(1), "x"));
  gap.requests[0].entries[0].seq = 7;
  gap.intents.push_back(intent(1, "never"));
  EXPECT_EQ(get(store().transact(inbox("gap"), say_once(gap), at(1))).reply.outcome, Done::failed);
  ChangeSet twice;
  twice.requests = {note(stored(1), "x"), note(stored(1), "y")};
  EXPECT_EQ(get(store().transact(inbox("twice"), say_once(twice), at(1))).reply.outcome, Done::failed);
  ChangeSet unknown;
  unknown.requests.push_back(raise(request(2)));
  unknown.requests[0].policy.reset();
  unknown.requests[0].request.policy = PolicyHash("nobody knows");
  EXPECT_EQ(get(store().transact(inbox("unknown"), say_once(unknown), at(1))).reply.outcome, Done::failed);
  EXPECT_EQ(stored(1).seq, 1U);
  EXPECT_TRUE(claim(at(10)).empty());
  EXPECT_EQ(get(store().stats()).failed_events, 3U);
}

TEST_P(Unit, FactsReplaceTheirLike) {
  ChangeSet changes;
  Leave leave{PersonId("wang.tech"), at(0), at(100), PersonId("zhao.tech")};
  IdentityLink link{{AppId("wecom:main"), UserId("zhao")}, PersonId("zhao.tech")};
  LinkCode code{"ABCD2345", {app, UserId("u1")}, at(600), false};
  ChatFact chat;
  chat.chat = group();
  chat.name = "推广群";
  changes.facts = {leave, link, code, chat};
  change(changes);
  Load load;
  load.chat = group();
  const auto first = this->load(load);
  EXPECT_EQ(first.directory->leaves, (std::vector{leave}));
  EXPECT_EQ(first.directory->links, (std::vector{link}));
  EXPECT_EQ(first.directory->codes, (std::vector{code}));
  EXPECT_EQ(first.chat, chat);

  leave.until = at(200);
  link.person = {};
  code.used = true;
  chat.external = true;
  ChangeSet next;
  next.facts = {leave, link, code, chat};
  change(next);
  const auto second = this->load(load);
  EXPECT_EQ(second.directory->leaves, (std::vector{leave}));
  EXPECT_EQ(second.directory->links, (std::vector{link}));
  EXPECT_EQ(second.directory->codes, (std::vector{code}));
  EXPECT_EQ(second.chat, chat);
  EXPECT_GT(second.directory->version, first.directory->version);
}
TEST_P(Unit, WhoHasSpokenInPrivateStandsInTheDirectory) {
  const auto keep = [&](const char* chat, bool spoken) {
    ChatFact fact;
    fact.chat = {app, ChatId(chat)};
    fact.spoken = spoken;
    ChangeSet changes;
    changes.facts = {fact};
    change(changes);
    return load(Load{}).directory;
  };
  const auto before = load(Load{}).directory;
  EXPECT_EQ(keep("g1", true)->version, before->version) << "a group is nobody's private chat";
  EXPECT_EQ(keep("p:u2", false)->version, before->version);
  const auto first = keep("p:u2", true);
  EXPECT_EQ(first->spoken, (std::vector{IdentityKey{app, UserId("u2")}}));
  EXPECT_GT(first->version, before->version);
  EXPECT_EQ(keep("p:u2", true)->version, first->version) << "the second word changes nothing";
  EXPECT_EQ(keep("p:u1", true)->spoken, (std::vector{IdentityKey{app, UserId("u1")}, IdentityKey{app, UserId("u2")}}));
}
TEST_P(Unit, AccountsAndDepartmentsReplaceTheirLike) {
  Account account{{app, UserId("u1")}, "赵技", {"技术部", "研发"}, UserId("u2"), false};
  OrgUnit unit{app, "77", "技术部", {UserId("u2")}, false};
  ChangeSet changes;
  changes.facts = {account, unit};
  change(changes);
  const auto first = load(Load{});
  EXPECT_EQ(first.directory->accounts, (std::vector{account}));
  EXPECT_EQ(first.directory->units, (std::vector{unit}));
  account.gone = unit.gone = true;
  ChangeSet next;
  next.facts = {account, unit};
  change(next);
  const auto second = load(Load{});
  EXPECT_EQ(second.directory->accounts, (std::vector{account}));
  EXPECT_EQ(second.directory->units, (std::vector{unit}));
  EXPECT_GT(second.directory->version, first.directory->version);
  get(store().reset());
  EXPECT_TRUE(load(Load{}).directory->accounts.empty());
}
TEST_P(Unit, ACheckupCountsWhatWaitsForSomebody) {
  Load load;
  load.checkup = true;
  const auto well = this->load(load);
  ASSERT_TRUE(well.checkup);
  EXPECT_TRUE(well.checkup->lost_chats.empty());
  EXPECT_EQ(well.checkup->failed_events, 0U);
  ChatFact chat;
  chat.chat = group();
  ChangeSet changes;
  changes.facts = {chat};
  change(changes);
  EXPECT_TRUE(this->load(load).checkup->lost_chats.empty());
  chat.gone = true;
  changes.facts = {chat};
  change(changes);
  Load event;
  event.inbox = InboxKey{app, "broken"};
  get(store().transact(
      event, [](const Snapshot&) -> ChangeSet { throw std::runtime_error("broken"); }, at(1)));
  const auto ill = this->load(load);
  EXPECT_EQ(ill.checkup->lost_chats, (std::vector{chat}));
  EXPECT_EQ(ill.checkup->failed_events, 1U);
  EXPECT_FALSE(this->load(Load{}).checkup) << "only when asked for";
}
TEST_P(Unit, AUnitSeesTheNewestDirectory) {
  const auto old = load(Load{}).directory->version;
  ChangeSet changes;
  changes.facts.push_back(Leave{PersonId("wang.tech"), at(0), at(100), PersonId("zhao.tech")});
  change(changes);
  std::uint64_t seen = 0;
  get(store().transact(
      Load{},
      [&seen](const Snapshot& snapshot) {
        seen = snapshot.directory->version;
        return ChangeSet{};
      },
      at(1)));
  EXPECT_GT(seen, old);
}
TEST_P(Unit, OldLinkCodesAreForgotten) {
  ChangeSet first, second;
  first.facts.push_back(LinkCode{"OLD", {app, UserId("u1")}, at(0), false});
  second.facts.push_back(LinkCode{"NEW", {app, UserId("u2")}, at(90'000), false});
  change(first, at(0));
  change(second, at(86'000));
  EXPECT_EQ(load(Load{}).directory->codes.size(), 2U);
  change(second, at(87'000));
  ASSERT_EQ(load(Load{}).directory->codes.size(), 1U);
  EXPECT_EQ(load(Load{}).directory->codes[0].code, "NEW");
}

TEST_P(Unit, ConversationsByPersonAndByForm) {
  change(raise(request(1)));
  Conversation conversation;
  conversation.id = ConversationId("c1");
  conversation.key = ConversationKey{PersonId("li.market"), app};
  conversation.verb = Verb::decline;
  conversation.request = RequestId(1);
  conversation.answers = {{"reason", "没有人手"}};
  conversation.touched_at = at(5);
  ChangeSet changes;
  changes.conversation = conversation;
  change(changes);

  Load by_key, by_form;
  by_key.conversation = conversation.key;
  by_form.form = conversation.id;
  for (const auto& load : {by_key, by_form}) {
    const auto snapshot = this->load(load);
    ASSERT_TRUE(snapshot.conversation);
    EXPECT_EQ(codec::encode(*snapshot.conversation), codec::encode(conversation));
    ASSERT_EQ(snapshot.requests.size(), 1U) << "the request it is about comes along";
    EXPECT_EQ(snapshot.policies.size(), 1U);
  }
  conversation.id = ConversationId("c2");
  changes.conversation = conversation;
  change(changes);
  EXPECT_FALSE(load(by_form).conversation) << "one per person and app";
  EXPECT_EQ(load(by_key).conversation->id, ConversationId("c2"));
  changes.conversation->done = true;
  change(changes);
  EXPECT_FALSE(load(by_key).conversation);
}

TEST_P(Unit, ListsComeFromTheProjection) {
  auto late = request(1, "延期的事");
  late.conditions.late = true;
  auto urgent = request(2, "紧急的事");
  urgent.urgent = true;
  auto plain = request(3, "普通的事");
  auto care = request(4, "坏掉的事");
  care.conditions.needs_care = true;
  care.owner = PersonId("someone.else");
  auto closed = request(5, "结束的事");
  closed.phase = Phase::archived;
  for (const auto& one : {plain, closed, urgent, care, late}) change(raise(one));
  Load load;
  load.queries = {Query{QueryKind::board, {}, {}, ""}, Query{QueryKind::care, {}, {}, ""},
                  Query{QueryKind::mine, PersonId("zhao.tech"), {}, ""}, Query{QueryKind::search, {}, {}, "的事"}};
  const auto answers = this->load(load).answers;
  ASSERT_EQ(answers.size(), 4U);
  const auto ids = [](const Rows& rows) {
    std::vector<std::uint64_t> found;
    for (const auto& row : rows) found.push_back(row.request.value);
    return found;
  };
  EXPECT_EQ(ids(answers[0]), (std::vector<std::uint64_t>{1, 2, 3, 4}));
  EXPECT_EQ(ids(answers[1]), (std::vector<std::uint64_t>{4}));
  EXPECT_EQ(ids(answers[2]), (std::vector<std::uint64_t>{1, 2, 3}));
  EXPECT_EQ(ids(answers[3]), (std::vector<std::uint64_t>{1, 2, 3, 4, 5}));
  EXPECT_EQ(answers[0][0].title, "延期的事");
  EXPECT_TRUE(answers[0][0].late);
  EXPECT_EQ(answers[0][0].due, at(3600));
  EXPECT_EQ(answers[0][0].year, 2026);
  EXPECT_FALSE(answers[2][0].role.empty());

  // Handing it over moves it to the other list; closing it takes it off.
  auto moved = stored(1);
  moved.owner = PersonId("qian.tech");
  change(note(moved, "转交"));
  auto ended = stored(2);
  ended.phase = Phase::cancelled;
  change(note(ended, "取消"));
  EXPECT_EQ(ids(this->load(load).answers[2]), (std::vector<std::uint64_t>{3}));
  EXPECT_EQ(ids(this->load(load).answers[0]), (std::vector<std::uint64_t>{1, 3, 4}));
}
TEST_P(Unit, DepartmentListsHoldWhatTheDepartmentHasAStakeIn) {
  change(raise(request(1)));
  auto other = request(2);
  other.lead = DepartmentId("legal");
  other.raised_by = DepartmentId("hr");
  other.requester = PersonId("x.hr");
  other.owner = PersonId("y.legal");
  change(raise(other));
  Load load;
  load.queries = {Query{QueryKind::department, {}, DepartmentId("tech"), ""}};
  const auto rows = this->load(load).answers.at(0);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].request, RequestId(1));
}
TEST_P(Unit, PromisesComeWhenARequestIsArchivedAndGoWhenItIsReopened) {
  const auto kept = [&](std::uint64_t id, TimePoint due, TimePoint delivered) {
    auto one = request(id);
    Clock clock;
    clock.id = ClockId(7);
    clock.kind = ClockKind::task;
    clock.start = at(0);
    clock.target = due;
    clock.stopped = delivered;
    one.clocks = {clock};
    return one;
  };
  const auto promised = [&](const char* department) {
    Load load;
    load.promises_of = DepartmentId(department);
    return this->load(load).promises;
  };
  change(raise(kept(1, at(3600), at(1800))));
  change(raise(kept(2, at(7200), at(9000))));
  auto other = kept(3, at(3600), at(1800));
  other.lead = DepartmentId("legal");
  change(raise(other));
  EXPECT_TRUE(promised("tech").empty()) << "nothing is archived";
  for (const unsigned id : {1U, 2U, 3U}) {
    auto ended = stored(id);
    ended.phase = Phase::archived;
    change(note(ended, "验收"));
  }
  const std::vector<Promise> tech{{RequestId(2), {}, DepartmentId("tech"), at(7200), at(9000)},
                                  {RequestId(1), {}, DepartmentId("tech"), at(3600), at(1800)}};
  EXPECT_EQ(promised("tech"), tech) << "those due last come first";
  EXPECT_EQ(promised("legal").size(), 1U);
  auto again = stored(2);
  again.phase = Phase::run;
  change(note(again, "重开"));
  EXPECT_EQ(promised("tech"), (std::vector<Promise>{tech[1]}));
  again = stored(2);
  again.phase = Phase::archived;
  again.clocks[0].stopped = at(7200);
  change(note(again, "验收"));
  ASSERT_EQ(promised("tech").size(), 2U);
  EXPECT_TRUE(promised("tech")[0].in_time());
}
TEST_P(Unit, ListsHaveAnEnd) {
  for (std::uint64_t id = 1; id <= 60; ++id) change(raise(request(id)));
  Load load;
  load.queries = {Query{QueryKind::board, {}, {}, ""}, Query{QueryKind::mine, PersonId("zhao.tech"), {}, ""},
                  Query{QueryKind::search, {}, {}, "接口"}};
  for (const auto& rows : this->load(load).answers) EXPECT_EQ(rows.size(), 50U);
}
TEST_P(Unit, SearchFollowsTheText) {
  change(raise(request(1, "供应商合同审批")));
  change(raise(request(2, "Deploy API gateway")));
  const auto found = [&](const std::string& text) {
    Load load;
    load.queries = {Query{QueryKind::search, {}, {}, text}};
    std::vector<std::uint64_t> ids;
    const auto answers = this->load(load).answers;
    for (const auto& row : answers.at(0)) ids.push_back(row.request.value);
    return ids;
  };
  using Ids = std::vector<std::uint64_t>;
  EXPECT_EQ(found("合同审批"), (Ids{1}));
  EXPECT_EQ(found("同"), (Ids{1}));
  EXPECT_EQ(found("gate"), (Ids{2}));
  EXPECT_EQ(found("GATEWAY api"), (Ids{2}));
  EXPECT_EQ(found("没有"), (Ids{}));
  EXPECT_EQ(found("\"' OR 1=1 --"), (Ids{}));
  EXPECT_EQ(found(""), (Ids{}));
  auto renamed = stored(1);
  renamed.title = "差旅报销";
  change(note(renamed, "改名"));
  EXPECT_EQ(found("合同"), (Ids{}));
  EXPECT_EQ(found("报销"), (Ids{1}));
}

TEST_P(Unit, AnAnswerCarriesItsCardAsItIsNow) {
  ChangeSet first;
  first.requests.push_back(raise(request(1)));
  first.intents.push_back(card_intent(1));
  change(first);
  const auto card = CardId(claim(at(1)).at(0).parcel.id.value);
  Load press = inbox("press1");
  press.card = card;
  const Decide note_it = [card](const Snapshot& snapshot) {
    ChangeSet changes;
    changes.requests.push_back(note(snapshot.requests.at(0), "按了"));
    changes.reply.outcome = Done::acted;
    changes.reply.card = card;
    return changes;
  };
  const auto done = get(store().transact(press, note_it, at(2)));
  ASSERT_TRUE(done.card_snapshot);
  EXPECT_EQ(done.card_snapshot->requests.at(0).seq, 2U);
  EXPECT_EQ(done.card_snapshot->card->id, card);
  EXPECT_EQ(done.card_snapshot->policies.size(), 1U);
  change(note(stored(1), "又变了"));
  const auto again = get(store().transact(press, note_it, at(3)));
  EXPECT_TRUE(again.duplicate);
  ASSERT_TRUE(again.card_snapshot);
  EXPECT_EQ(again.card_snapshot->requests.at(0).seq, 3U) << "a redelivery shows the state of now";
}

TEST_P(Unit, HistoryKeepsItsOrder) {
  change(raise(request(1)));
  for (int i = 0; i < 30; ++i) {
    change(note(stored(1), "n" + std::to_string(i)));
    if (i % 3 == 0) change(i == 0 ? raise(request(2)) : note(stored(2), "other"));
  }
  const auto entries = get(store().history(RequestId(1)));
  ASSERT_EQ(entries.size(), 31U);
  for (std::size_t i = 0; i < entries.size(); ++i) EXPECT_EQ(entries[i].seq, i + 1);
  EXPECT_EQ(std::get<Noted>(entries[30].event).text, "n29");
  EXPECT_TRUE(get(store().history(RequestId(3))).empty());
}

TEST_P(Unit, OpenRequestsInSteps) {
  for (std::uint64_t id = 1; id <= 5; ++id) {
    auto one = request(id);
    if (id == 3) one.phase = Phase::archived;
    change(raise(one));
  }
  const auto first = get(store().open_requests(RequestId(0), 2));
  ASSERT_EQ(first.size(), 2U);
  EXPECT_EQ(first[1].requests.at(0).id, RequestId(2));
  EXPECT_EQ(first[1].policies.size(), 1U);
  const auto rest = get(store().open_requests(RequestId(2), 10));
  ASSERT_EQ(rest.size(), 2U);
  EXPECT_EQ(rest[0].requests.at(0).id, RequestId(4));
}

}  // namespace
}  // namespace xieban::test
