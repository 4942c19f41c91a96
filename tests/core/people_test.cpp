#include "bot/core/people.hpp"

#include <gtest/gtest.h>

#include "tests/core/calendar_files.hpp"
#include "tests/core/sample_rules.hpp"

namespace xieban::people_test {
namespace {

using test::instant;

const TimePoint now = instant("2026-11-20T10:00:00");

PersonId who(const char* id) { return PersonId{id}; }
DepartmentId dept(const char* id) { return DepartmentId{id}; }
std::vector<PersonId> people(std::initializer_list<const char*> ids) {
  std::vector<PersonId> out;
  for (const char* id : ids) out.emplace_back(id);
  return out;
}

struct Company {
  std::shared_ptr<Organisation> organisation = test::sample_organisation();
  std::shared_ptr<DirectoryFacts> facts = std::make_shared<DirectoryFacts>();
  Directory directory() const { return Directory(organisation, facts); }
  void away(const char* id, const char* delegate, const char* until = "2026-11-25T00:00:00") {
    facts->leaves.push_back({who(id), instant("2026-11-19T00:00:00"), instant(until), who(delegate)});
  }
  void gone(const char* id) {
    for (Person& one : organisation->people) {
      if (one.id == who(id)) one.active = false;
    }
  }
};

TEST(Directory, FindsPeopleByIdentityAndLink) {
  Company company;
  const IdentityKey key{AppId{"wecom:main"}, UserId{"zhao"}};
  EXPECT_EQ(company.directory().who(key), nullptr);
  company.facts->links.push_back({key, who("zhao.tech")});
  ASSERT_NE(company.directory().who(key), nullptr);
  EXPECT_EQ(company.directory().who(key)->id, who("zhao.tech"));
  EXPECT_EQ(company.directory().identities(who("zhao.tech")).size(), 2U);
  company.facts->links.push_back({key, {}});  // undone
  EXPECT_EQ(company.directory().who(key), nullptr);
  EXPECT_EQ(company.directory().identities(who("zhao.tech")).size(), 1U);
  EXPECT_EQ(company.directory().who({AppId{"feishu:main"}, UserId{"ou_gone.tech"}}), nullptr);  // left
  EXPECT_EQ(company.directory().who({AppId{"feishu:main"}, UserId{"ou_sun.tech"}})->name, "孙工");
  EXPECT_EQ(company.directory().who({AppId{"feishu:main"}, UserId{}}), nullptr);
}

TEST(Directory, StandsInForThoseOnLeave) {
  Company company;
  EXPECT_EQ(company.directory().standing_in(who("zhao.tech"), now), who("zhao.tech"));
  company.away("zhao.tech", "sun.tech");
  EXPECT_EQ(company.directory().standing_in(who("zhao.tech"), now), who("sun.tech"));
  company.away("sun.tech", "wang.tech");
  EXPECT_EQ(company.directory().standing_in(who("zhao.tech"), now), who("wang.tech"));
  EXPECT_EQ(company.directory().standing_in(who("zhao.tech"), instant("2026-11-25T00:00:00")), who("zhao.tech"));  // back
  company.away("wang.tech", "zhao.tech");  // a circle has nobody in it
  EXPECT_TRUE(company.directory().standing_in(who("zhao.tech"), now).empty());
  EXPECT_TRUE(company.directory().standing_in(who("gone.tech"), now).empty());
  EXPECT_TRUE(company.directory().standing_in(who("nobody"), now).empty());
}

TEST(Directory, TheNewestLeaveHolds) {
  Company company;
  company.away("zhao.tech", "sun.tech");
  company.away("zhao.tech", "li.lei");
  ASSERT_TRUE(company.directory().leave_of(who("zhao.tech"), now).has_value());
  EXPECT_EQ(company.directory().leave_of(who("zhao.tech"), now)->delegate, who("li.lei"));
}

TEST(Directory, TheLineAnswersWithSomebodyWhoCanAct) {
  Company company;
  EXPECT_EQ(company.directory().first_receiver(dept("tech"), now), who("zhao.tech"));
  EXPECT_EQ(company.directory().head(dept("tech"), now), who("wang.tech"));
  EXPECT_EQ(company.directory().vice_president(dept("tech"), now), who("li.fuzong"));
  company.gone("zhao.tech");
  EXPECT_EQ(company.directory().first_receiver(dept("tech"), now), who("sun.tech"));  // the substitute
  company.gone("sun.tech");
  EXPECT_EQ(company.directory().first_receiver(dept("tech"), now), who("wang.tech"));  // one level up
  company.away("wang.tech", "");
  EXPECT_EQ(company.directory().first_receiver(dept("tech"), now), who("li.fuzong"));
  company.gone("li.fuzong");
  EXPECT_EQ(company.directory().head(dept("tech"), now), who("chen.zong"));
  company.gone("chen.zong");
  EXPECT_EQ(company.directory().head(dept("tech"), now), who("zhou.pmo"));
  company.gone("zhou.pmo");
  EXPECT_EQ(company.directory().pmo(now), people({"wu.pmo"}));
  company.gone("wu.pmo");
  EXPECT_EQ(company.directory().pmo(now), people({"gao.admin"}));
  company.away("gao.admin", "");  // nobody is left: it still reaches the one responsible
  EXPECT_EQ(company.directory().pmo(now), people({"gao.admin"}));
}

TEST(Directory, AVacantHeadIsTheParentsHead) {
  Company company;
  EXPECT_EQ(company.directory().head(dept("test"), now), who("wang.tech"));
  EXPECT_EQ(company.directory().vice_president(dept("test"), now), who("li.fuzong"));
  EXPECT_EQ(company.directory().first_receiver(dept("after"), now), who("han.mei"));  // its liaison has left
  EXPECT_EQ(company.directory().head(dept("unknown"), now), who("chen.zong"));
}

TEST(Directory, ADepartmentThatIsItsOwnParentEndsTheSearch) {
  Company company;
  company.organisation->departments[1].parent = dept("test");
  EXPECT_EQ(company.directory().head(dept("test"), now), who("chen.zong"));
  EXPECT_FALSE(company.directory().within(dept("test"), dept("tech")));
}

TEST(Directory, KnowsRolesOfPeople) {
  Company company;
  EXPECT_TRUE(company.directory().is_head_of(who("wang.tech"), dept("tech"), now));
  EXPECT_FALSE(company.directory().is_head_of(who("sun.tech"), dept("tech"), now));
  company.away("wang.tech", "sun.tech");
  EXPECT_TRUE(company.directory().is_head_of(who("sun.tech"), dept("tech"), now));  // the delegate
  EXPECT_TRUE(company.directory().is_head_of(who("wang.tech"), dept("tech"), now));
  EXPECT_TRUE(company.directory().is_pmo(who("wu.pmo"), now));
  EXPECT_FALSE(company.directory().is_pmo(who("wang.tech"), now));
  EXPECT_TRUE(company.directory().is_admin(who("gao.admin")));
  EXPECT_FALSE(company.directory().is_admin(who("wu.pmo")));
  EXPECT_TRUE(company.directory().within(dept("test"), dept("tech")));
  EXPECT_FALSE(company.directory().within(dept("tech"), dept("test")));
  EXPECT_EQ(company.directory().leadership_group(now), people({"chen.zong", "li.fuzong"}));
  EXPECT_EQ(company.directory().name(who("zhao.tech")), "赵技");
  EXPECT_EQ(company.directory().name(who("nobody")), "");
}

TEST(Directory, MatchesPeopleByIdNameAliasAndPart) {
  const Company company;
  const Directory directory = company.directory();
  using Kind = Match<PersonId>::Kind;
  const auto one = [&](std::string_view text, const char* id) {
    const auto found = directory.match_person(text);
    EXPECT_EQ(found.kind, Kind::one) << text;
    EXPECT_EQ(found.candidates, people({id})) << text;
  };
  one("zhao.tech", "zhao.tech");
  one("@ZHAO.tech ", "zhao.tech");
  one("＠ｚｈａｏ．ｔｅｃｈ", "zhao.tech");
  one("赵技", "zhao.tech");
  one("@老赵", "zhao.tech");
  one("mei han", "han.mei");
  one("梅梅", "han.mei");
  one("li.lei", "li.lei");  // an id means itself, although another one begins with it
  EXPECT_EQ(directory.match_person("李雷").kind, Kind::several);
  EXPECT_EQ(directory.match_person("李雷").candidates, people({"li.lei", "li.lei2"}));
  EXPECT_EQ(directory.match_person("督").candidates, people({"zhou.pmo", "wu.pmo"}));
  EXPECT_EQ(directory.match_person("旧人").kind, Kind::none);                   // left
  EXPECT_EQ(directory.match_person("赵计").candidates, people({"zhao.tech"}));  // the nearest
  EXPECT_EQ(directory.match_person("韩梅妹").candidates, people({"han.mei"}));
  EXPECT_EQ(directory.match_person("zhao.tehc").candidates, people({"zhao.tech"}));
  EXPECT_TRUE(directory.match_person("欧阳锋").candidates.empty());
  EXPECT_EQ(directory.match_person("").kind, Kind::none);
  EXPECT_EQ(directory.match_person("@").kind, Kind::none);
  EXPECT_EQ(directory.match_person(std::string(100'000, 'x')).kind, Kind::none);
}

TEST(Directory, MatchesDepartments) {
  const Company company;
  const Directory directory = company.directory();
  using Kind = Match<DepartmentId>::Kind;
  EXPECT_EQ(directory.match_department("技术部").candidates, std::vector{dept("tech")});
  EXPECT_EQ(directory.match_department("技术").candidates, std::vector{dept("tech")});
  EXPECT_EQ(directory.match_department("it").candidates, std::vector{dept("tech")});
  EXPECT_EQ(directory.match_department("研发部门").candidates, std::vector{dept("tech")});
  EXPECT_EQ(directory.match_department("市场部").candidates, std::vector{dept("market")});  // exact before a part of 售后市场组
  EXPECT_EQ(directory.match_department("市场").kind, Kind::several);
  EXPECT_EQ(directory.match_department("技求部").kind, Kind::none);
  EXPECT_EQ(directory.match_department("技求部").candidates.front(), dept("tech"));
  EXPECT_TRUE(directory.match_department("财务").candidates.empty());
}

TEST(Directory, ALargeCompanyIsFoundByIndexAndStaysTrueWhenItChanges) {
  Company company;
  for (int i = 0; i < 5000; ++i) {
    Person one;
    one.id = PersonId{"p" + std::to_string(i)};
    one.name = "人" + std::to_string(i);
    one.department = dept("tech");
    one.identities = {{AppId{"feishu:main"}, UserId{"u" + std::to_string(i)}}};
    company.organisation->people.push_back(std::move(one));
  }
  EXPECT_EQ(company.directory().person(who("p4999"))->name, "人4999");
  EXPECT_EQ(company.directory().who({AppId{"feishu:main"}, UserId{"u17"}})->id, who("p17"));
  company.organisation->people.erase(company.organisation->people.begin(), company.organisation->people.begin() + 100);
  EXPECT_EQ(company.directory().person(who("p4999"))->name, "人4999");
  EXPECT_EQ(company.directory().person(who("zhao.tech")), nullptr);
  EXPECT_EQ(company.directory().who({AppId{"feishu:main"}, UserId{"u4000"}})->id, who("p4000"));
  EXPECT_EQ(company.directory().department(dept("tech"))->name, "技术部");
}

}  // namespace
}  // namespace xieban::people_test
