#include "bot/engine/contact_book.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <map>
#include <set>

#include "bot/base/text.hpp"
#include "bot/ports/contacts.hpp"
#include "storage/memory/memory_store.hpp"
#include "tests/support/company.hpp"
#include "tests/support/fake_platform.hpp"
#include "tests/support/faulty_store.hpp"
#include "tests/support/sim_time.hpp"

namespace xieban::contact_book_test {
namespace {

using namespace std::chrono_literals;
using testing::fake_app;
using testing::FakePlatform;
using testing::local;

/// "name|unit|manager", "name|leader|parent"; who is absent is not there.
class PlainContacts final : public Contacts {
 public:
  HttpRequest ask_person(const UserId& user, const Token& token) const override { return ask("/person/" + user.value, token); }
  ContactRead<ContactPerson> read_person(const HttpResponse& answer) const override {
    if (const auto fault = wrong(answer)) return std::unexpected(*fault);
    ContactPerson person;
    const auto first = answer.body.find('|'), second = answer.body.find('|', first + 1);
    person.name = answer.body.substr(0, first);
    const std::string unit = answer.body.substr(first + 1, second - first - 1);
    if (!unit.empty()) person.units.push_back(unit);
    person.manager = UserId(answer.body.substr(second + 1));
    return person;
  }
  HttpRequest ask_unit(const std::string& id, const Token& token) const override { return ask("/unit/" + id, token); }
  ContactRead<ContactUnit> read_unit(const HttpResponse& answer) const override {
    if (const auto fault = wrong(answer)) return std::unexpected(*fault);
    ContactUnit unit;
    const auto bar = answer.body.find('|'), second = answer.body.find('|', bar + 1);
    unit.name = answer.body.substr(0, bar);
    unit.leaders = {UserId(answer.body.substr(bar + 1, second - bar - 1))};
    if (second != std::string::npos) unit.parent = answer.body.substr(second + 1);
    return unit;
  }
  std::optional<HttpRequest> ask_self(const Token& token) const override {
    if (!names_itself) return std::nullopt;
    return ask("/self", token);
  }
  ContactRead<UserId> read_self(const HttpResponse& answer) const override { return read_mobile(answer); }
  bool names_itself = false;
  std::optional<HttpRequest> ask_members(const ChatId& chat, const std::string& page, const Token& token) const override {
    return ask("/members/" + chat.value + page, token);
  }
  /// "user,user|mark of the next page"
  ContactRead<ContactMembers> read_members(const HttpResponse& answer) const override {
    if (const auto fault = wrong(answer)) return std::unexpected(*fault);
    ContactMembers members;
    const auto bar = answer.body.find('|');
    for (const std::string_view one : text::split(std::string_view(answer.body).substr(0, bar), ','))
      members.users.emplace_back(std::string(one));
    members.next = answer.body.substr(bar + 1);
    return members;
  }
  std::optional<HttpRequest> own_token_request() const override {
    if (!has_own_token) return std::nullopt;
    return HttpRequest("GET", "/own-token");
  }
  Result<Token> read_own_token(const HttpResponse& answer, TimePoint now) const override {
    Token token;
    token.value = Secret(answer.body);
    token.until = now + 2h;
    return token;
  }
  bool has_own_token = false;
  std::optional<HttpRequest> ask_plain_id(const UserId& user, const Token& token) const override {
    return ask("/plain/" + user.value, token);
  }
  ContactRead<UserId> read_plain_id(const HttpResponse& answer) const override { return read_mobile(answer); }
  std::optional<HttpRequest> ask_mobile(const std::string& mobile, const Token& token) const override {
    return ask("/mobile/" + mobile, token);
  }
  ContactRead<UserId> read_mobile(const HttpResponse& answer) const override {
    if (const auto fault = wrong(answer)) return std::unexpected(*fault);
    return UserId(answer.body);
  }

 private:
  static HttpRequest ask(const std::string& target, const Token& token) {
    HttpRequest request("GET", target);
    request.headers.set("Authorization", token.value.reveal());
    return request;
  }
  static std::optional<ContactFault> wrong(const HttpResponse& answer) {
    if (answer.status == 200) return std::nullopt;
    using Kind = ContactFault::Kind;
    const Kind kind = answer.status == 404   ? Kind::absent
                      : answer.status == 410 ? Kind::hidden
                      : answer.status == 403 ? Kind::denied
                      : answer.status == 401 ? Kind::token
                                             : Kind::later;
    return ContactFault{kind, "status " + std::to_string(answer.status)};
  }
};

class Knowing final : public FakePlatform {
 public:
  using FakePlatform::FakePlatform;
  const Contacts* contacts() const override { return &contacts_; }
  void give_own_token() { contacts_.has_own_token = true; }
  void give_account() { contacts_.names_itself = true; }
  void know_self(const UserId& user) const override { self = user; }
  mutable UserId self;

 private:
  PlainContacts contacts_;
};

class PhoneBook final : public Transport {
 public:
  explicit PhoneBook(TimeSource& clock) : time(clock) {}
  boost::asio::awaitable<Result<HttpResponse>> send(std::string, HttpRequest request, Duration) override {
    if (request.target == "/token") co_return HttpResponse(200, R"({"token":"t","expires_ms":7200000})");
    asked.push_back(request.target);
    if (takes > Duration{0}) {
      const auto pause = time.make_alarm();
      co_await pause->wait(time.now() + takes);
    }
    if (request.target != "/own-token" && !only_token.empty() && request.headers.get("Authorization") != only_token)
      co_return HttpResponse(401);
    if (status != 200) co_return HttpResponse(status);
    if (const auto refused = refusals.find(request.target); refused != refusals.end()) co_return HttpResponse(refused->second);
    const auto found = pages.find(request.target);
    if (found == pages.end()) co_return HttpResponse(404);
    co_return HttpResponse(200, found->second);
  }
  std::size_t times(const std::string& target) const { return static_cast<std::size_t>(std::ranges::count(asked, target)); }
  std::map<std::string, std::string> pages;
  std::map<std::string, int> refusals;  // statuses of single pages
  std::vector<std::string> asked;
  int status = 200;
  std::string only_token;  // empty: any
  TimeSource& time;
  Duration takes{0};
};

struct ContactBookTest : ::testing::Test {
  boost::asio::io_context context;
  testing::SimTime time{context, local("2026-11-23 09:00")};
  Metrics metrics;
  PhoneBook book{time};
  RulesBox rules{testing::company_rules(testing::fake_traits())};
  std::unique_ptr<Store> store =
      make_memory_store(context.get_executor(), [](const AppId&, const ChannelId&) { return Duration{0}; });
  Sender sender{context.get_executor(), book, time, metrics};
  std::shared_ptr<Knowing> platform = std::make_shared<Knowing>();
  Platforms platforms{{fake_app, platform}};
  ContactBook contacts{*store, sender, time, rules, platforms};

  void meet(const char* user) { time.run(contacts.meet(fake_app, UserId(user), time.now() + 1500ms)); }
  const Person* who(const char* user) {
    const Directory directory = rules.get()->people();
    return directory.who({fake_app, UserId(user)});
  }
  void everybody_is_there() {
    for (const Person& person : rules.get()->people().people()) {
      for (const IdentityKey& key : person.identities) book.pages["/person/" + key.user.value] = person.name + "||";
    }
  }
  /// Begins a pass and waits for its end.
  void begin() {
    boost::asio::co_spawn(context, contacts.run(), boost::asio::detached);
    time.run_for(1min);
  }
  /// As an event says it: it is in the store.
  void leaves(const UserId& user) {
    Account gone;
    gone.identity = {fake_app, user};
    gone.gone = true;
    Load nothing;
    Decide by = [gone](const Snapshot&) {
      ChangeSet change;
      change.facts.emplace_back(gone);
      return change;
    };
    time.run(store->transact(nothing, by, time.now()));
  }
  void TearDown() override {
    contacts.stop();
    time.run_for(1min);
  }
};

TEST_F(ContactBookTest, AStrangerBecomesAPerson) {
  book.pages = {{"/person/new", "新来|7|"}, {"/unit/7", "技术部|"}};
  EXPECT_EQ(who("new"), nullptr);
  meet("new");
  ASSERT_NE(who("new"), nullptr);
  EXPECT_EQ(who("new")->name, "新来");
  EXPECT_EQ(who("new")->department, DepartmentId("tech"));
  Load nothing;
  const auto stored = time.run(store->load(nothing));
  EXPECT_EQ((*stored)->directory->accounts.size(), 1U) << "it outlives the process";
}

TEST_F(ContactBookTest, SomebodyOfATeamBelongsToTheDepartmentAboveIt) {
  book.pages = {
      {"/person/new", "新来|71|"}, {"/unit/71", "后端组||70"}, {"/unit/70", "研发中心||7"}, {"/unit/7", "技术部||71"}};
  meet("new");
  ASSERT_NE(who("new"), nullptr);
  EXPECT_EQ(who("new")->department, DepartmentId("tech"));
  EXPECT_EQ(book.times("/unit/71"), 1U) << "a ring ends";
}

TEST_F(ContactBookTest, TheNearestDepartmentThatIsConfiguredIsTheirs) {
  book.pages = {{"/person/new", "新来|71|"}, {"/unit/71", "市场部||7"}, {"/unit/7", "技术部|"}};
  meet("new");
  ASSERT_NE(who("new"), nullptr);
  EXPECT_EQ(who("new")->department, DepartmentId("market"));
}

TEST_F(ContactBookTest, WhoIsNotInAChatIsNamedByItsPages) {
  book.pages = {{"/members/g1", "u-1,u-2|#2"}, {"/members/g1#2", "u-3|"}};
  const std::vector<PersonRef> people = {
      {PersonId("one"), UserId("u-1")}, {PersonId("three"), UserId("u-3")}, {PersonId("four"), UserId("u-4")}};
  const auto absent = [&](const char* chat) { return time.run(contacts.absent(ChatRef{fake_app, ChatId(chat)}, people)); };
  EXPECT_EQ(absent("g1"), std::vector{PersonId("four")});
  EXPECT_EQ(absent("g1"), std::vector{PersonId("four")});
  EXPECT_EQ(book.times("/members/g1"), 1U) << "believed for a while";
  book.pages["/members/g1#2"] = "u-3,u-4|";
  time.run_for(11min);
  EXPECT_TRUE(absent("g1").empty());
  EXPECT_TRUE(absent("g2").empty()) << "what the platform does not tell is nobody's absence";
  book.pages["/members/g3"] = "u-1|#2";
  EXPECT_TRUE(absent("g3").empty()) << "half of them, too";
}

TEST_F(ContactBookTest, TheAppsOwnAccountIsAskedForUntilItIsKnown) {
  platform->give_account();
  ContactBook knowing{*store, sender, time, rules, platforms};
  book.status = 500;
  boost::asio::co_spawn(context, knowing.run(), boost::asio::detached);
  time.run_for(1min);
  EXPECT_TRUE(platform->self.empty());
  book.status = 200;
  book.pages["/self"] = "u-bot";
  time.run_for(11min);
  EXPECT_EQ(platform->self, UserId("u-bot"));
  const auto asked = book.times("/self");
  time.run_for(7h);
  EXPECT_EQ(book.times("/self"), asked) << "once";
  knowing.stop();
  time.run_for(1min);
}

TEST_F(ContactBookTest, WhoIsNotFoundIsNotAskedAboutForTenMinutes) {
  meet("ghost");
  meet("ghost");
  EXPECT_EQ(book.times("/person/ghost"), 1U);
  time.run_for(11min);
  meet("ghost");
  EXPECT_EQ(book.times("/person/ghost"), 2U);
  EXPECT_EQ(who("ghost"), nullptr);
}

boost::asio::awaitable<void> note_when_met(ContactBook& contacts, TimePoint until, int& met) {
  const UserId user("new");
  co_await contacts.meet(fake_app, user, until);
  ++met;
}

TEST_F(ContactBookTest, WhoSaysTwoThingsAtOnceIsLookedUpOnceAndKnownForBoth) {
  book.pages = {{"/person/new", "新来||"}};
  book.takes = 400ms;
  int met = 0;
  const TimePoint until = time.now() + 1500ms;
  boost::asio::co_spawn(context, note_when_met(contacts, until, met), boost::asio::detached);
  time.run_for(100ms);
  boost::asio::co_spawn(context, note_when_met(contacts, until, met), boost::asio::detached);
  time.run_for(200ms);
  EXPECT_EQ(met, 0) << "the second waits, too";
  time.run_for(200ms);
  EXPECT_EQ(met, 2);
  EXPECT_NE(who("new"), nullptr);
  EXPECT_EQ(book.times("/person/new"), 1U);
}

TEST_F(ContactBookTest, AFailureIsForgottenAtOnce) {
  book.status = 500;
  meet("new");
  book.status = 200;
  book.pages = {{"/person/new", "新来||"}};
  meet("new");
  EXPECT_NE(who("new"), nullptr);
}

TEST_F(ContactBookTest, ARefusedTokenIsFetchedAnew) {
  book.pages = {{"/person/new", "新来||"}};
  book.status = 401;
  meet("new");
  book.status = 200;
  time.run_for(2s);
  meet("new");
  EXPECT_NE(who("new"), nullptr);
}

TEST_F(ContactBookTest, ADirectoryMayWantATokenOfItsOwn) {
  platform->give_own_token();
  book.only_token = "own";
  book.pages = {{"/person/new", "新来||"}, {"/person/next", "又来||"}, {"/own-token", "own"}};
  meet("new");
  meet("next");
  EXPECT_NE(who("new"), nullptr);
  EXPECT_NE(who("next"), nullptr);
  EXPECT_EQ(book.times("/own-token"), 1U) << "kept";
  EXPECT_TRUE(sender.locked().empty()) << "sending has nothing to do with it";
}

TEST_F(ContactBookTest, AnotherIdOfSomebodyKnownIsTheSamePerson) {
  book.pages = {{"/plain/enc-1", "zhao.tech"}, {"/plain/enc-2", "new"}, {"/person/new", "新来||"}};
  meet("enc-1");
  ASSERT_NE(who("enc-1"), nullptr);
  EXPECT_EQ(who("enc-1")->id, PersonId("zhao.tech"));
  meet("enc-2");
  ASSERT_NE(who("enc-2"), nullptr);
  EXPECT_EQ(who("enc-2"), who("new"));
  EXPECT_EQ(who("new")->name, "新来");
}

TEST_F(ContactBookTest, AnIdThatIsNobodysToSeeMayBeAnotherIdOfSomebody) {
  book.pages = {{"/plain/enc", "zhao.tech"}};
  book.refusals["/person/enc"] = 410;
  meet("enc");
  ASSERT_NE(who("enc"), nullptr);
  EXPECT_EQ(who("enc")->id, PersonId("zhao.tech"));
  book.refusals["/person/far"] = 410;
  meet("far");
  meet("far");
  EXPECT_EQ(book.times("/person/far"), 1U) << "the answer would be the same";
}

TEST_F(ContactBookTest, AnotherIdThatCouldNotBeAskedAboutIsAskedAboutAtTheNextWord) {
  book.pages = {{"/plain/enc", "new"}, {"/person/new", "新来||"}};
  for (const char* fails : {"/plain/enc", "/person/new"}) {
    book.refusals = {{fails, 500}};
    meet("enc");
    EXPECT_EQ(who("enc"), nullptr) << fails;
  }
  book.refusals.clear();
  meet("enc");
  ASSERT_NE(who("enc"), nullptr) << "without a rest of ten minutes";
  EXPECT_EQ(who("enc"), who("new"));
}

TEST_F(ContactBookTest, WhoeverTheAppMayNotSeeKeepsNobodyElseFromBeingRead) {
  everybody_is_there();
  // The first of all, so that everybody else comes after.
  const Directory directory = rules.get()->people();
  std::set<std::string> users;
  for (const Person& person : directory.people())
    for (const IdentityKey& key : person.identities)
      if (key.app == fake_app) users.insert(key.user.value);
  const std::string first = *users.begin();
  ASSERT_NE(first, "zhao.tech");
  begin();
  book.refusals["/person/" + first] = 410;
  book.pages.erase("/person/zhao.tech");
  time.run_for(6h);
  EXPECT_EQ(who("zhao.tech"), nullptr) << "the one who left is noticed";
  EXPECT_NE(who(first.c_str()), nullptr) << "the one who cannot be seen may be there";
  ASSERT_EQ(contacts.troubles().size(), 1U);
  EXPECT_EQ(contacts.troubles()[0].unknown, std::vector{first});
  EXPECT_TRUE(contacts.troubles()[0].why.empty()) << contacts.troubles()[0].why;
  book.refusals.clear();
  time.run_for(6h);
  EXPECT_TRUE(contacts.troubles().empty());
}

TEST_F(ContactBookTest, ADepartmentTheAppMayNotSeeKeepsNoOtherFromBeingRead) {
  auto made = std::make_shared<Rules>(*rules.get());
  auto organisation = std::make_shared<Organisation>(*made->organisation);
  auto& departments = organisation->departments;
  ASSERT_GE(departments.size(), 2U);
  departments[0].platform_ids[fake_app] = "1";
  departments[1].platform_ids[fake_app] = "2";
  departments[1].head = PersonId();
  made->organisation = organisation;
  rules.set(made);
  everybody_is_there();
  book.refusals["/unit/1"] = 410;
  book.pages["/unit/2"] = "x|zhao.tech";
  begin();
  EXPECT_EQ(rules.get()->people().departments()[1].head, PersonId("zhao.tech"));
  ASSERT_EQ(contacts.troubles().size(), 1U);
  EXPECT_EQ(contacts.troubles()[0].unknown, std::vector{departments[0].name});
  EXPECT_TRUE(contacts.troubles()[0].why.empty()) << contacts.troubles()[0].why;
}

TEST_F(ContactBookTest, WhoWasThereAndIsNoMoreHasLeft) {
  everybody_is_there();
  begin();
  EXPECT_TRUE(contacts.troubles().empty());
  ASSERT_NE(who("zhao.tech"), nullptr);
  book.pages.erase("/person/zhao.tech");
  time.run_for(6h);
  EXPECT_EQ(who("zhao.tech"), nullptr);
  EXPECT_FALSE(rules.get()->people().person(PersonId("zhao.tech"))->active);
  book.pages["/person/zhao.tech"] = "赵技||";
  time.run_for(6h);
  EXPECT_NE(who("zhao.tech"), nullptr) << "and came back";
}

TEST_F(ContactBookTest, WhoLeftWhileNothingRanIsNoticedAfterTheStart) {
  everybody_is_there();
  begin();
  contacts.stop();
  book.pages.erase("/person/zhao.tech");
  RulesBox after{testing::company_rules(testing::fake_traits())};
  ContactBook next(*store, sender, time, after, platforms);
  boost::asio::co_spawn(context, next.run(), boost::asio::detached);
  time.run_for(1min);
  EXPECT_FALSE(after.get()->people().person(PersonId("zhao.tech"))->active)
      << "in the first pass, and with no word from anybody";
  EXPECT_TRUE(next.troubles().empty());
  next.stop();
  time.run_for(1min);
}

TEST_F(ContactBookTest, WhatAnEventTellsDuringAPassIsNewerThanWhatThePassHasRead) {
  everybody_is_there();
  book.takes = 1s;
  boost::asio::co_spawn(context, contacts.run(), boost::asio::detached);
  time.run_for(3s);
  ASSERT_FALSE(book.asked.empty());
  const UserId first(book.asked.front().substr(std::string("/person/").size()));
  ASSERT_NE(who(first.value.c_str()), nullptr);
  // They leave, and the platform says so, while the others are still being read.
  leaves(first);
  time.run(learn_directory(*store, rules));
  EXPECT_EQ(who(first.value.c_str()), nullptr);
  time.run_for(2min);
  EXPECT_EQ(who(first.value.c_str()), nullptr) << "the pass has ended, and they are gone";
  EXPECT_TRUE(contacts.troubles().empty());
}

TEST_F(ContactBookTest, AnEventThatIsCommittedAsThePassEndsIsNewerToo) {
  everybody_is_there();
  book.takes = 1s;
  boost::asio::co_spawn(context, contacts.run(), boost::asio::detached);
  time.run_for(3s);
  const UserId first(book.asked.front().substr(std::string("/person/").size()));
  // In the store, but not yet in the rules, which the intake gives it to a moment later.
  leaves(first);
  time.run_for(2min);
  EXPECT_EQ(who(first.value.c_str()), nullptr);
}

TEST_F(ContactBookTest, WhoLeavesWhileTheyAreLookedUpStaysGone) {
  book.pages = {{"/person/new", "新来|7|"}, {"/unit/7", "技术部|"}};
  book.takes = 1s;
  boost::asio::co_spawn(context, contacts.meet(fake_app, UserId("new"), time.now() + 10s), boost::asio::detached);
  time.run_for(500ms);
  ASSERT_EQ(book.times("/person/new"), 1U);
  leaves(UserId("new"));
  time.run_for(1min);
  EXPECT_EQ(who("new"), nullptr);
}

TEST_F(ContactBookTest, WhoWasNeverSeenIsNotTakenOff) {
  everybody_is_there();
  book.pages.erase("/person/zhao.tech");
  begin();
  EXPECT_NE(who("zhao.tech"), nullptr);
  ASSERT_EQ(contacts.troubles().size(), 1U);
  EXPECT_EQ(contacts.troubles()[0].unknown, std::vector<std::string>{"zhao.tech"});
  EXPECT_TRUE(contacts.troubles()[0].why.empty());
}

TEST_F(ContactBookTest, ManyAtOnceAreACutRangeAndNobodyIsTakenOff) {
  everybody_is_there();
  begin();
  const auto all = book.pages;
  book.pages.clear();
  time.run_for(6h);
  EXPECT_NE(who("zhao.tech"), nullptr);
  ASSERT_EQ(contacts.troubles().size(), 1U);
  EXPECT_NE(contacts.troubles()[0].why.find("visible range"), std::string::npos);
  book.pages = all;
  time.run_for(11min);
  EXPECT_TRUE(contacts.troubles().empty()) << "looked at again after ten minutes";
}

TEST_F(ContactBookTest, WithoutTheRightNothingChangesAndItIsSaid) {
  everybody_is_there();
  book.status = 403;
  begin();
  EXPECT_NE(who("zhao.tech"), nullptr);
  ASSERT_EQ(contacts.troubles().size(), 1U);
  EXPECT_EQ(contacts.troubles()[0].why, "status 403");
  EXPECT_EQ(book.asked.size(), 1U) << "one question is enough";
}

TEST_F(ContactBookTest, AChangeIsReadSoon) {
  everybody_is_there();
  book.pages["/person/new"] = "新来||";
  begin();
  meet("new");
  book.pages["/person/new"] = "改名||";
  contacts.look_again({fake_app, UserId("new")});
  time.run_for(1s);
  EXPECT_EQ(who("new")->name, "改名");
}

TEST_F(ContactBookTest, WhoChangedAndIsNotFoundHasLeftWithinAMinute) {
  everybody_is_there();
  begin();
  book.pages.erase("/person/zhao.tech");
  contacts.look_again({fake_app, UserId("zhao.tech")});
  time.run_for(2min);
  EXPECT_EQ(who("zhao.tech"), nullptr) << "WeCom tells of who is locked out as of any other change";
}

TEST_F(ContactBookTest, WhatCouldNotBeReadOfAChangeIsReadAgainSoon) {
  everybody_is_there();
  begin();
  book.pages["/person/zhao.tech"] = "改名||";
  book.refusals["/person/zhao.tech"] = 500;
  contacts.look_again({fake_app, UserId("zhao.tech")});
  time.run_for(10s);
  book.refusals.clear();
  time.run_for(2min);
  ASSERT_NE(who("zhao.tech"), nullptr);
  time.run_for(10min);
  const auto facts = rules.get()->facts;
  EXPECT_TRUE(std::ranges::any_of(facts->accounts, [](const Account& one) { return one.name == "改名"; }));
}

TEST_F(ContactBookTest, OneWhoCannotBeReadKeepsNobodyElseFromBeingRead) {
  everybody_is_there();
  begin();
  const auto facts = rules.get()->facts;
  ASSERT_GE(facts->accounts.size(), 3U);
  book.refusals["/person/" + facts->accounts.front().identity.user.value] = 500;
  const UserId last = facts->accounts.back().identity.user;
  book.pages["/person/" + last.value] = "改名||";
  time.run_for(6h);
  EXPECT_TRUE(std::ranges::any_of(rules.get()->facts->accounts, [](const Account& one) { return one.name == "改名"; }));
  EXPECT_EQ(contacts.troubles().size(), 1U) << "and it is said";
}

TEST_F(ContactBookTest, AChangeOfOneAppWhileAnotherIsReadWaitsForNoPass) {
  const AppId other("zz:main");
  Platforms two = platforms;
  two[other] = std::make_shared<Knowing>(other);
  auto made = std::make_shared<Rules>(*rules.get());
  auto organisation = std::make_shared<Organisation>(*made->organisation);
  for (Person& person : organisation->people) {
    const auto identities = person.identities;
    for (const IdentityKey& key : identities)
      if (key.app == fake_app) person.identities.push_back({other, key.user});
  }
  made->organisation = organisation;
  rules.set(made);
  everybody_is_there();
  ContactBook both{*store, sender, time, rules, two};
  boost::asio::co_spawn(context, both.run(), boost::asio::detached);
  const auto first_of_all = [&] { return book.times(book.asked.empty() ? std::string() : book.asked.front()); };
  // The other one is under way as soon as the first of them is asked about a second time.
  for (int i = 0; i < 600 && first_of_all() < 2; ++i) time.run_for(100ms);
  ASSERT_EQ(first_of_all(), 2U);
  both.look_again(fake_app);
  time.run_for(5min);
  EXPECT_EQ(first_of_all(), 3U);
  both.stop();
  time.run_for(1min);
}

TEST_F(ContactBookTest, WhatTheStoreRefusesToKeepIsReadAgainSoon) {
  everybody_is_there();
  testing::StoreLog log;
  testing::FaultyStore faulty(
      make_memory_store(context.get_executor(), [](const AppId&, const ChannelId&) { return Duration{0}; }), time, log);
  ContactBook book_of(faulty, sender, time, rules, platforms);
  testing::StoreFault refuses;
  refuses.call = "transact";
  refuses.times = 1;
  faulty.fault(refuses);
  boost::asio::co_spawn(context, book_of.run(), boost::asio::detached);
  time.run_for(1min);
  EXPECT_EQ(book_of.troubles().size(), 1U);
  time.run_for(11min);
  EXPECT_TRUE(book_of.troubles().empty());
  EXPECT_FALSE(rules.get()->facts->accounts.empty());
  book_of.stop();
  time.run_for(1min);
}

TEST_F(ContactBookTest, WhoLeavesWhileTheirOtherIdIsLookedUpStaysGone) {
  book.pages = {{"/plain/enc", "new"}, {"/person/new", "新来|7|"}, {"/unit/7", "技术部|"}};
  book.takes = 1s;
  boost::asio::co_spawn(context, contacts.meet(fake_app, UserId("enc"), time.now() + 20s), boost::asio::detached);
  for (int i = 0; i < 100 && book.times("/person/new") == 0; ++i) time.run_for(100ms);
  leaves(UserId("new"));
  time.run_for(1min);
  EXPECT_EQ(who("new"), nullptr);
}

TEST_F(ContactBookTest, MuchThatChangesIsOnePassSoon) {
  everybody_is_there();
  book.pages["/person/zhao.tech"] = "赵技|7|";
  book.pages["/unit/7"] = "技术部|";
  contacts.look_again(fake_app);
  begin();
  time.run_for(2min);
  EXPECT_EQ(book.times("/person/zhao.tech"), 1U) << "the first pass was still to come";
  book.pages["/unit/7"] = "研发部|";
  for (int i = 0; i < 50; ++i) {
    contacts.look_again(fake_app);
    time.run_for(100ms);
  }
  time.run_for(2min);
  EXPECT_EQ(book.times("/person/zhao.tech"), 3U) << "fifty events are a pass at once, and one a minute after it";
  EXPECT_EQ(book.times("/unit/7"), 3U) << "the name that was kept is asked for again";
  time.run_for(3h);
  EXPECT_EQ(book.times("/person/zhao.tech"), 3U);
}

TEST_F(ContactBookTest, AMobileNumberFindsTheAccount) {
  auto made = std::make_shared<Rules>(*rules.get());
  auto organisation = std::make_shared<Organisation>(*made->organisation);
  Person person;
  person.id = PersonId("far");
  person.name = "远方";
  person.mobile = "13800138000";
  organisation->people.push_back(person);
  made->organisation = organisation;
  rules.set(made);
  everybody_is_there();
  book.pages["/mobile/13800138000"] = "u-far";
  book.pages["/person/u-far"] = "远方||";
  begin();
  ASSERT_NE(who("u-far"), nullptr);
  EXPECT_EQ(who("u-far")->id, PersonId("far"));
}

TEST_F(ContactBookTest, APassWritesOnlyWhatChanged) {
  everybody_is_there();
  begin();
  Load nothing;
  const auto version = (*time.run(store->load(nothing)))->directory->version;
  time.run_for(13h);
  EXPECT_EQ((*time.run(store->load(nothing)))->directory->version, version);
  EXPECT_GE(book.times("/person/zhao.tech"), 3U);
}

}  // namespace
}  // namespace xieban::contact_book_test
