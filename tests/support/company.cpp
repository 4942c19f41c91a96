#include "tests/support/company.hpp"

#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

#include "storage/codec/codec.hpp"

namespace xieban::testing {
namespace {

Person person(const char* id, const char* name, const char* department, bool admin = false) {
  Person one;
  one.id = PersonId(id);
  one.name = name;
  one.department = DepartmentId(department);
  one.admin = admin;
  one.identities.push_back(IdentityKey{fake_app, UserId(id)});
  return one;
}

Department department(const char* id, const char* name, const char* head, const char* vice_president,
                      std::vector<const char*> liaisons, std::vector<std::string> aliases = {}) {
  Department one;
  one.id = DepartmentId(id);
  one.name = name;
  one.aliases = std::move(aliases);
  one.head = PersonId(head);
  one.vice_president = PersonId(vice_president);
  for (const char* liaison : liaisons) one.liaisons.emplace_back(liaison);
  return one;
}

Organisation organisation() {
  Organisation all;
  all.people = {person("zhou.market", "周市", "market"),    person("zhang.market", "张市", "market"),
                person("li.lei", "李雷", "market"),         person("zhao.tech", "赵技", "tech"),
                person("sun.tech", "孙工", "tech"),         person("wang.tech", "王技", "tech"),
                person("qian.tech", "钱工", "tech"),        person("wu.finance", "吴财", "finance"),
                person("zheng.finance", "郑财", "finance"), person("pan.pmo", "潘督", "pmo"),
                person("chen.zong", "陈总", "board"),       person("li.fuzong", "李副总", "board"),
                person("he.fuzong", "何副总", "board"),     person("gao.admin", "高管", "board", true)};
  all.departments = {department("market", "市场部", "zhang.market", "he.fuzong", {"zhou.market"}),
                     department("tech", "技术部", "wang.tech", "li.fuzong", {"zhao.tech", "sun.tech"}, {"研发", "IT"}),
                     department("finance", "财务部", "wu.finance", "he.fuzong", {"zheng.finance"}),
                     department("pmo", "监督部", "pan.pmo", "chen.zong", {"pan.pmo"}),
                     department("board", "总经办", "chen.zong", "chen.zong", {"chen.zong"})};
  all.leadership_group = {PersonId("chen.zong"), PersonId("li.fuzong")};
  all.pmo = DepartmentId("pmo");
  return all;
}

std::shared_ptr<const Holidays> holidays() {
  using namespace std::chrono;
  auto all = std::make_shared<Holidays>();
  for (const int number : {2025, 2026, 2027}) {
    HolidayYear one;
    one.year = number;
    one.published = true;
    HolidayBlock new_year;
    new_year.name = "元旦";
    new_year.name_en = "New Year";
    new_year.from = new_year.to = new_year.day = year{number} / 1 / 1;
    one.holidays.push_back(new_year);
    all->years.emplace(number, std::move(one));
  }
  return all;
}

}  // namespace

RulesPtr company_rules(const Traits& traits, Lang lang) {
  auto rules = std::make_shared<Rules>();
  rules->company = "示例公司";
  rules->lang = lang;
  rules->organisation = std::make_shared<const Organisation>(organisation());
  rules->facts = std::make_shared<const DirectoryFacts>();
  CalendarSpec office;
  office.id = CalendarId("office");
  for (std::size_t day = 0; day < 5; ++day) office.weekly[day] = {Interval{9 * 60, 12 * 60}, Interval{13 * 60 + 30, 18 * 60}};
  office.chinese_holidays = true;
  const auto days = holidays();
  rules->calendars.emplace(office.id, Calendar(office, days));
  for (CalendarSpec derived : {natural_calendar(office), workday_calendar(office)}) {
    const CalendarId id = derived.id;
    rules->calendars.emplace(id, Calendar(std::move(derived), days));
  }
  rules->company_calendar = office.id;
  for (Policy policy : shipped_policies()) {
    policy.hash = policy_hash(policy);
    rules->types.push_back(std::make_shared<const Policy>(std::move(policy)));
  }
  rules->default_type = TypeId("normal");
  rules->traits.emplace(fake_app, traits);
  rules->bot_names.emplace(fake_app, "协办");
  return rules;
}

TimePoint local(const std::string& text) {
  std::string full = text;
  if (full.size() == 16) full += ":00";
  if (full.size() == 19) full[10] = 'T';
  const auto at = parse_rfc3339(full + "+08:00");
  if (!at) throw std::invalid_argument("not a local time: " + text);
  return *at;
}

std::string local_text(TimePoint at) {
  const std::string full = to_rfc3339(at);
  return full.substr(5, 5) + " " + full.substr(11, 5);
}

}  // namespace xieban::testing
