// [company], [[department]], [[person]], [[group]]: who there is and who stands above whom.

#include <fmt/format.h>

#include "config/draft.hpp"

namespace xieban::config {
namespace {

/// An id that may be empty; what it names is looked up later.
std::string read_reference(Section& section, std::string_view key, Refers to, Reading& reading) {
  std::string id = section.text(key);
  reading.draft.refer(to, id, section.place(key));
  return id;
}

std::vector<PersonId> read_people(Section& section, std::string_view key, Reading& reading) {
  std::vector<PersonId> out;
  for (auto& word : section.distinct_words(key)) {
    out.emplace_back(word.text);
    reading.draft.refer(Refers::person, word.text, word.place);
  }
  return out;
}

std::vector<std::string> read_aliases(Section& section) {
  std::vector<std::string> out;
  for (auto& word : section.distinct_words("aliases")) out.push_back(std::move(word.text));
  return out;
}

void read_inbound(Section& company, Reading& reading) {
  std::set<std::string, std::less<>> taken;
  for (auto& section : company.tables("inbound")) {
    Inbound inbound;
    inbound.id = read_id(section, taken, "id = \"zabbix\": the last part of /hook/in/{id}");
    inbound.secret = read_secret(section, "secret", reading, true);
    inbound.person = PersonId(section.required("person", "person = the id of the one in whose name it raises"));
    reading.draft.refer(Refers::person, inbound.person.value, section.place("person"));
    inbound.type = TypeId(read_reference(section, "type", Refers::type, reading));
    section.done();
    reading.draft.config.inbound.push_back(std::move(inbound));
  }
}

void read_send_between(Section& company, Rules& rules) {
  const auto words = company.words("send_between");
  if (!company.has("send_between")) return;
  constexpr std::string_view kHint = "write two times of day, the earlier first: [\"08:30\", \"21:00\"]";
  if (words.size() != 2) {
    if (company.take("send_between")->kind == Node::Kind::list) company.error("send_between", std::string(kHint));
    return;
  }
  const auto from = parse_minute_of_day(words[0].text), to = parse_minute_of_day(words[1].text, true);
  if (!from || !to || *from >= *to) {
    company.error("send_between", std::string(kHint));
  } else {
    rules.send_between = {*from, *to};
  }
}

void read_company(Section& section, Reading& reading) {
  Draft& draft = reading.draft;
  Rules& rules = draft.config.rules;
  rules.company = section.required("name", "name = \"示例公司\"");
  draft.timezone = section.text("timezone", draft.timezone);
  draft.timezone_place = section.place("timezone");
  rules.lang = section.choice("language", "zh-CN", {"zh-CN", "en"}) == "en" ? Lang::en : Lang::zh;
  rules.company_calendar = CalendarId(section.text("calendar", "office"));
  draft.calendar_place = section.place("calendar");
  draft.refer(Refers::calendar, rules.company_calendar.value, draft.calendar_place);
  draft.holidays_file = section.text("holidays");
  draft.holidays_place = section.place("holidays");
  draft.calendars_file = section.text("calendars");
  draft.calendars_place = section.place("calendars");
  read_send_between(section, rules);
  draft.organisation.leadership_group = read_people(section, "leadership_group", reading);
  draft.organisation.pmo = DepartmentId(read_reference(section, "pmo", Refers::department, reading));
  rules.default_type = TypeId(section.text("default_type", "normal"));
  draft.refer(Refers::type, rules.default_type.value, section.place("default_type"));
  read_inbound(section, reading);
  if (draft.organisation.leadership_group.empty())
    section.warning("leadership_group", "nobody leads: the last rung of a ladder reaches the PMO only; name at least a leader");
  if (draft.organisation.pmo.empty())
    section.warning("pmo", "no department watches: what nobody answers for goes to the administrators; name the PMO's id");
  section.done();
}

void read_department(Section& section, Reading& reading, std::set<std::string, std::less<>>& taken) {
  Draft& draft = reading.draft;
  Department department;
  department.id = DepartmentId(read_id(section, taken, "id = \"tech\""));
  department.name = section.required("name", "name = \"技术部\"");
  department.aliases = read_aliases(section);
  department.parent = DepartmentId(read_reference(section, "parent", Refers::department, reading));
  const Node* head = section.take("head");
  department.head = PersonId(read_reference(section, "head", Refers::person, reading));
  const bool vacant = head != nullptr && head->kind == Node::Kind::text && head->text.empty();
  if (head == nullptr && !section.book().lost_keys.contains("head"))
    section.error("head", "missing; write head = the id of the person who leads it, or head = \"\" while the post is vacant");
  department.vice_president = PersonId(read_reference(section, "vice_president", Refers::person, reading));
  department.liaisons = read_people(section, "liaisons", reading);
  department.calendar = CalendarId(read_reference(section, "calendar", Refers::calendar, reading));
  if (auto ids = section.table("platform_ids")) {
    const Node* table = section.take("platform_ids");
    for (const auto& member : table->members) {
      const std::string id = ids->text(member.key);
      if (member.value.kind != Node::Kind::text) continue;
      if (id.empty()) {
        ids->error(member.key, "empty id; leave it out");
      } else {
        draft.refer(Refers::app, member.key, ids->place(member.key));
        department.platform_ids.emplace(AppId(member.key), id);
      }
    }
  }
  draft.department_places.push_back({section.place("id"), section.place("head"), section.place("parent"), vacant});
  draft.organisation.departments.push_back(std::move(department));
  section.done();
}

void read_person(Section& section, Reading& reading, std::set<std::string, std::less<>>& taken,
                 std::map<IdentityKey, std::string>& identities) {
  Draft& draft = reading.draft;
  Person person;
  person.id = PersonId(read_id(section, taken, "id = \"zhao.tech\""));
  person.name = section.required("name", "name = \"赵技\"");
  person.aliases = read_aliases(section);
  person.department = DepartmentId(read_reference(section, "department", Refers::department, reading));
  person.manager = PersonId(read_reference(section, "manager", Refers::person, reading));
  person.mobile = section.text("mobile");
  if (!std::ranges::all_of(person.mobile, [](char c) { return (c >= '0' && c <= '9') || c == '+' || c == '-'; }))
    section.error("mobile", "no telephone number; write digits, such as \"13800138000\"");
  person.admin = section.choice("role", "", {"", "admin"}) == "admin";
  if (auto table = section.table("identities")) {
    for (const auto& member : section.take("identities")->members) {
      const std::string user = table->text(member.key);
      if (member.value.kind != Node::Kind::text) continue;
      const IdentityKey key{AppId(member.key), UserId(user)};
      if (user.empty()) {
        table->error(member.key, "empty id; leave it out");
        continue;
      }
      if (const auto [other, fresh] = identities.emplace(key, person.id.value); !fresh) {
        table->error(member.key, fmt::format("\"{}\" already belongs to {}; one account is one person", user, other->second));
      } else {
        person.identities.push_back(key);
      }
      draft.refer(Refers::app, member.key, table->place(member.key));
    }
  }
  draft.person_places.push_back({section.place("id"), section.place("manager")});
  draft.organisation.people.push_back(std::move(person));
  section.done();
}

void read_group(Section& section, Reading& reading) {
  Draft& draft = reading.draft;
  GroupRule group;
  group.chat.app = AppId(section.required("app", "app = \"feishu:main\""));
  draft.refer(Refers::app, group.chat.app.value, section.place("app"));
  group.chat.chat = ChatId(section.required("chat", "chat = the platform's id of the group"));
  const std::string level = section.choice("level", "public", {"public", "participants", "department"});
  group.level = level == "participants" ? Level::participants : level == "department" ? Level::department : Level::open;
  group.department = DepartmentId(read_reference(section, "department", Refers::department, reading));
  if ((group.level == Level::department) == group.department.empty())
    section.error("department", group.department.empty() ? "missing; level \"department\" needs the department's id"
                                                         : "only level \"department\" has a department; leave it out");
  for (const auto& other : draft.config.rules.groups)
    if (other.chat == group.chat && !group.chat.empty())
      section.error("chat", "this group is bound by an entry above; leave one out");
  draft.config.rules.groups.push_back(std::move(group));
  section.done();
}

}  // namespace

void read_organisation(Section& root, Reading& reading) {
  if (auto company = root.table("company")) {
    read_company(*company, reading);
  } else {
    Rules& rules = reading.draft.config.rules;
    rules.company_calendar = CalendarId("office");
    rules.default_type = TypeId("normal");
    if (!root.has("company")) root.warning("company", "missing; write [company] with at least name, leadership_group and pmo");
  }
  std::set<std::string, std::less<>> departments, people;
  std::map<IdentityKey, std::string> identities;
  for (auto& section : root.tables("department")) read_department(section, reading, departments);
  for (auto& section : root.tables("person")) read_person(section, reading, people, identities);
  for (auto& section : root.tables("group")) read_group(section, reading);
  if (!root.has("department"))
    root.warning("department", "none: nobody can be asked for anything; write [[department]] for each");
  if (!root.has("person")) root.warning("person", "none: nobody is known; write [[person]] for each");
}

}  // namespace xieban::config
