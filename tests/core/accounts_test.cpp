#include <gtest/gtest.h>

#include <algorithm>

#include "bot/core/rules.hpp"
#include "tests/core/sample_rules.hpp"

namespace xieban::test::accounts_test {
namespace {

const AppId app("dingtalk:main");

Account account(const char* user, const char* name, std::vector<std::string> departments = {}) {
  Account one;
  one.identity = {app, UserId(user)};
  one.name = name;
  one.departments = std::move(departments);
  return one;
}

struct Accounts : testing::Test {
  Organisation organisation = *sample_organisation();
  DirectoryFacts facts;

  [[nodiscard]] Directory people() const {
    return Directory(std::make_shared<const Organisation>(with_accounts(organisation, facts)),
                     std::make_shared<const DirectoryFacts>(facts));
  }
  Person& configured(const char* id) { return *std::ranges::find(organisation.people, PersonId(id), &Person::id); }
};

TEST_F(Accounts, AStrangerIsAPersonOfTheDepartmentOfThatName) {
  facts.accounts = {account("u1", "新来", {"某个小组", " 研发 "})};
  const Directory directory = people();
  const Person* person = directory.who({app, UserId("u1")});
  ASSERT_NE(person, nullptr);
  EXPECT_EQ(person->id, PersonId("dingtalk:main/u1"));
  EXPECT_EQ(person->name, "新来");
  EXPECT_EQ(person->department, DepartmentId("tech")) << "by an alias, the first department that is known";
  EXPECT_FALSE(person->admin);
  EXPECT_EQ(directory.match_person("新来").candidates, std::vector{person->id});
}

TEST_F(Accounts, ADepartmentThatIsNotClearIsNone) {
  organisation.departments[1].aliases = {"研发"};
  facts.accounts = {account("u1", "新来", {"研发"}), account("u2", "", {})};
  EXPECT_TRUE(people().who({app, UserId("u1")})->department.empty());
  EXPECT_EQ(people().who({app, UserId("u2")})->name, "u2") << "never without a name";
}

TEST_F(Accounts, WhoIsConfiguredOrJoinedStaysWhoTheyAre) {
  configured("zhao.tech").identities.push_back({app, UserId("u1")});
  facts.links = {{{app, UserId("u2")}, PersonId("sun.tech")}};
  facts.accounts = {account("u1", "别名", {"市场部"}), account("u2", "别名", {"市场部"})};
  EXPECT_EQ(people().who({app, UserId("u1")})->id, PersonId("zhao.tech"));
  EXPECT_EQ(people().who({app, UserId("u1")})->department, DepartmentId("tech"));
  EXPECT_EQ(people().who({app, UserId("u2")})->id, PersonId("sun.tech"));
  EXPECT_EQ(people().people().size(), organisation.people.size());
}

TEST_F(Accounts, OfThoseJoinedTheOnesThatADirectoryKnowsGoFirst) {
  facts.accounts = {account("plain", "孙工")};
  for (const char* user : {"plain", "other"}) facts.links.push_back({{app, UserId(user)}, PersonId("sun.tech")});
  for (int turned = 0; turned < 2; ++turned) {
    auto has = people().identities(PersonId("sun.tech"));
    std::erase_if(has, [](const IdentityKey& one) { return one.app != app; });
    EXPECT_EQ(has, (std::vector{IdentityKey{app, UserId("plain")}, IdentityKey{app, UserId("other")}}))
        << "whichever was joined last";
    std::ranges::reverse(facts.links);
  }
}

TEST_F(Accounts, AnotherIdOfTheLostAccountIsLostWithIt) {
  Person& zhao = configured("zhao.tech");
  zhao.identities = {{app, UserId("u1")}};
  facts.links = {{{app, UserId("other")}, PersonId("zhao.tech")}};
  facts.accounts = {account("u1", "赵技")};
  EXPECT_TRUE(people().person(PersonId("zhao.tech"))->active);
  facts.accounts.front().gone = true;
  EXPECT_FALSE(people().person(PersonId("zhao.tech"))->active);
  EXPECT_EQ(people().who({app, UserId("other")}), nullptr);
  facts.accounts.push_back(Account{{AppId("feishu:main"), UserId("ou_zhao.tech")}, "赵技", {}, {}, true});
  zhao.identities.push_back(facts.accounts.back().identity);
  EXPECT_FALSE(people().person(PersonId("zhao.tech"))->active) << "whichever was lost last";
  facts.accounts.push_back(account("other", "赵技"));
  EXPECT_TRUE(people().person(PersonId("zhao.tech"))->active) << "an account of its own";
  facts.accounts.pop_back();
  zhao.identities.push_back({app, UserId("u3")});
  EXPECT_TRUE(people().person(PersonId("zhao.tech"))->active) << "one that is configured, and was not read yet";
}

TEST_F(Accounts, WhoHasLostTheLastAccountHasLeft) {
  configured("zhao.tech").identities.push_back({app, UserId("u1")});
  facts.accounts = {account("u1", "赵技")};
  facts.accounts.front().gone = true;
  EXPECT_EQ(people().who({app, UserId("u1")}), nullptr);
  EXPECT_TRUE(people().person(PersonId("zhao.tech"))->active) << "still on another platform";
  EXPECT_EQ(people().identities(PersonId("zhao.tech")),
            (std::vector{IdentityKey{AppId("feishu:main"), UserId("ou_zhao.tech")}}));

  Account other;
  other.identity = {AppId("feishu:main"), UserId("ou_zhao.tech")};
  other.gone = true;
  facts.accounts.push_back(other);
  EXPECT_FALSE(people().person(PersonId("zhao.tech"))->active);
  EXPECT_NE(people().first_receiver(DepartmentId("tech"), TimePoint{}), PersonId("zhao.tech"));
}

TEST_F(Accounts, ALinkToAnAccountThatIsGoneIsNobodys) {
  facts.links = {{{app, UserId("u2")}, PersonId("sun.tech")}};
  facts.accounts = {account("u2", "孙工")};
  facts.accounts.front().gone = true;
  EXPECT_EQ(people().who({app, UserId("u2")}), nullptr);
  EXPECT_EQ(people().identities(PersonId("sun.tech")).size(), 1U) << "the one that is configured";
  EXPECT_TRUE(people().person(PersonId("sun.tech"))->active);
}

TEST_F(Accounts, ManagersComeFromThePlatformForPeopleWhoDo) {
  configured("wang.tech").identities.push_back({app, UserId("boss")});
  facts.accounts = {account("u1", "新来"), account("boss", "王强")};
  facts.accounts[0].manager = UserId("boss");
  facts.accounts[1].manager = UserId("u1");
  EXPECT_EQ(people().who({app, UserId("u1")})->manager, PersonId("wang.tech"));
  EXPECT_TRUE(people().person(PersonId("wang.tech"))->manager.empty()) << "what is configured is not changed";
}

TEST_F(Accounts, AVacantPostIsThePlatformLeaders) {
  Department& test = organisation.departments[1];
  ASSERT_TRUE(test.head.empty());
  test.platform_ids[app] = "77";
  organisation.departments[0].platform_ids[app] = "78";
  facts.accounts = {account("u1", "新来")};
  OrgUnit unit{app, "77", "测试组", {UserId("nobody"), UserId("u1")}, false};
  OrgUnit other{app, "78", "技术部", {UserId("u1")}, false};
  facts.units = {unit, other};
  EXPECT_EQ(people().head(DepartmentId("test"), TimePoint{}), PersonId("dingtalk:main/u1"));
  EXPECT_EQ(people().head(DepartmentId("tech"), TimePoint{}), PersonId("wang.tech")) << "what is configured is not changed";
  facts.units.front().gone = true;
  EXPECT_NE(people().head(DepartmentId("test"), TimePoint{}), PersonId("dingtalk:main/u1"));
}

TEST_F(Accounts, RulesForgetAnOlderDirectory) {
  const Rules rules = sample_rules();
  facts.accounts = {account("u1", "新来")};
  const Rules with = rules.with(std::make_shared<const DirectoryFacts>(facts));
  EXPECT_NE(with.people().who({app, UserId("u1")}), nullptr);
  facts.accounts = {account("u2", "又来")};
  const Rules newer = with.with(std::make_shared<const DirectoryFacts>(facts));
  EXPECT_EQ(newer.people().who({app, UserId("u1")}), nullptr);
  EXPECT_NE(newer.people().who({app, UserId("u2")}), nullptr);
  const Rules none = newer.with(std::make_shared<const DirectoryFacts>());
  EXPECT_EQ(none.organisation, rules.organisation);
}

TEST_F(Accounts, WhereUpperAndLowerCaseAreOneSoArePeople) {
  configured("zhao.tech").identities.push_back({app, UserId("lilei")});
  facts.accounts = {account("LILEI", "李雷")};
  EXPECT_EQ(people().people().size(), organisation.people.size() + 1) << "elsewhere they are two";
  EXPECT_EQ(people().who({app, UserId("LiLei")}), nullptr);

  organisation.caseless = {app};
  facts.spoken = {{app, UserId("LiLei")}};
  const Directory directory = people();
  EXPECT_EQ(directory.people().size(), organisation.people.size());
  for (const char* user : {"lilei", "LiLei", "LILEI"}) {
    ASSERT_NE(directory.who({app, UserId(user)}), nullptr) << user;
    EXPECT_EQ(directory.who({app, UserId(user)})->id, PersonId("zhao.tech"));
  }
  EXPECT_EQ(directory.who({app, UserId("lilei2")}), nullptr);
  const auto written = directory.identities(PersonId("zhao.tech"));
  EXPECT_NE(std::ranges::find(written, IdentityKey{app, UserId("LiLei")}), written.end()) << "as the platform writes it";
  EXPECT_EQ(std::ranges::find(written, IdentityKey{app, UserId("lilei")}), written.end());
}

TEST_F(Accounts, WhoIsGoneInWhateverCaseIsGone) {
  organisation.caseless = {app};
  Person& person = configured("zhao.tech");
  person.identities = {{app, UserId("lilei")}};
  Account gone = account("LiLei", "李雷");
  gone.gone = true;
  facts.accounts = {gone};
  EXPECT_EQ(people().who({app, UserId("lilei")}), nullptr);
  EXPECT_FALSE(people().person(PersonId("zhao.tech"))->active);
}

TEST_F(Accounts, LeadersAndManagersAreFoundInWhateverCase) {
  organisation.caseless = {app};
  configured("zhao.tech").identities.push_back({app, UserId("zhao")});
  Account report = account("u1", "新来");
  report.manager = UserId("Zhao");
  facts.accounts = {report};
  EXPECT_EQ(people().who({app, UserId("U1")})->manager, PersonId("zhao.tech"));
}

}  // namespace
}  // namespace xieban::test::accounts_test
