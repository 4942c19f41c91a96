#include "tests/core/sample_rules.hpp"

#include "tests/core/calendar_files.hpp"

namespace xieban::test {
namespace {

Person person(const char* id, const char* name, const char* department, std::vector<std::string> aliases = {}) {
  Person out;
  out.id = PersonId{id};
  out.name = name;
  out.department = DepartmentId{department};
  out.aliases = std::move(aliases);
  out.identities = {{AppId{"feishu:main"}, UserId{std::string("ou_") + id}}};
  return out;
}

Department department(const char* id, const char* name, std::vector<std::string> aliases, const char* head,
                      const char* vice_president, std::vector<PersonId> liaisons, const char* parent = "") {
  Department out;
  out.id = DepartmentId{id};
  out.name = name;
  out.aliases = std::move(aliases);
  out.head = PersonId{head};
  out.vice_president = PersonId{vice_president};
  out.liaisons = std::move(liaisons);
  out.parent = DepartmentId{parent};
  return out;
}

std::shared_ptr<const Policy> policy(const char* id, const char* name, std::vector<std::string> aliases, bool urgent,
                                     std::vector<FieldRule> fields = {}) {
  auto out = std::make_shared<Policy>();
  out->type = TypeId{id};
  out->hash = PolicyHash{id};
  out->name = name;
  out->aliases = std::move(aliases);
  out->urgent = urgent;
  out->fields = std::move(fields);
  return out;
}

}  // namespace

std::shared_ptr<Organisation> sample_organisation() {
  auto out = std::make_shared<Organisation>();
  out->people = {person("wang.tech", "王强", "tech"),       person("zhao.tech", "赵技", "tech", {"老赵"}),
                 person("sun.tech", "孙工", "tech"),        person("li.lei", "李雷", "market"),
                 person("li.lei2", "李雷", "product"),      person("han.mei", "韩梅梅", "market", {"Mei Han"}),
                 person("qian.product", "钱产", "product"), person("li.fuzong", "李副总", "board"),
                 person("chen.zong", "陈总", "board"),      person("zhou.pmo", "周督", "pmo"),
                 person("wu.pmo", "吴督", "pmo"),           person("gao.admin", "高管理", "pmo"),
                 person("gone.tech", "旧人", "tech")};
  out->people[11].admin = true;
  out->people[12].active = false;
  out->departments = {
      department("tech", "技术部", {"研发", "IT"}, "wang.tech", "li.fuzong", {PersonId{"zhao.tech"}, PersonId{"sun.tech"}}),
      department("test", "测试组", {}, "", "", {}, "tech"),
      department("market", "市场部", {"营销"}, "han.mei", "li.fuzong", {PersonId{"li.lei"}}),
      department("product", "产品部", {}, "qian.product", "chen.zong", {}),
      department("after", "售后市场组", {}, "", "", {PersonId{"gone.tech"}}, "market"),
      department("pmo", "督办办公室", {"PMO"}, "zhou.pmo", "chen.zong", {PersonId{"wu.pmo"}})};
  out->leadership_group = {PersonId{"chen.zong"}, PersonId{"li.fuzong"}};
  out->pmo = DepartmentId{"pmo"};
  return out;
}

Rules sample_rules(Lang lang) {
  Rules rules;
  rules.company = "示例公司";
  rules.lang = lang;
  rules.organisation = sample_organisation();
  rules.facts = std::make_shared<DirectoryFacts>();
  rules.calendars.emplace(CalendarId{"office"}, shipped_calendar("cn-office"));
  rules.calendars.emplace(CalendarId{"workday"}, shipped_calendar("workday"));
  rules.calendars.emplace(CalendarId{"natural"}, shipped_calendar("natural"));
  rules.company_calendar = CalendarId{"office"};
  rules.types = {
      policy("normal", "普通", {"一般"}, false), policy("urgent", "紧急", {"加急"}, true),
      policy("incident", "突发问题", {"故障"}, true, {{"severity", "级别", FieldKind::choice, true, {"高", "中", "低"}}})};
  rules.default_type = TypeId{"normal"};
  rules.bot_names[AppId{"feishu:main"}] = "协办";
  return rules;
}

}  // namespace xieban::test
