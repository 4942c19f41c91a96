#include "bot/web/playground_people.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "bot/core/words/phrase.hpp"

namespace xieban {

using nlohmann::json;

namespace {

constexpr std::string_view private_prefix = "p:";

template <class T>
bool among(const std::vector<T>& all, const T& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

std::vector<PersonId> everybody(const Rules& rules) {
  std::vector<PersonId> members;
  for (const Person& person : rules.organisation->people) {
    if (person.active) members.push_back(person.id);
  }
  return members;
}

/// People of these departments, and the vice presidents in charge of them.
std::vector<PersonId> people_of(const Rules& rules, const Directory& directory, const std::vector<DepartmentId>& departments,
                                TimePoint now) {
  std::vector<PersonId> charged;
  for (const DepartmentId& id : departments) charged.push_back(directory.vice_president(id, now));
  std::vector<PersonId> members;
  for (const Person& person : rules.organisation->people) {
    if (!person.active) continue;
    const bool inside = std::any_of(departments.begin(), departments.end(),
                                    [&](const DepartmentId& id) { return directory.within(person.department, id); });
    if (inside || among(charged, person.id)) members.push_back(person.id);
  }
  return members;
}

PlaygroundChat configured(const GroupRule& rule, const Rules& rules, const Directory& directory, TimePoint now) {
  PlaygroundChat chat;
  chat.id = rule.chat.chat.str();
  chat.name = chat.id;
  if (rule.department.empty()) {
    chat.members = everybody(rules);
  } else {
    chat.members = people_of(rules, directory, {rule.department}, now);
  }
  return chat;
}

std::vector<PlaygroundChat> own_groups(const Rules& rules, const Directory& directory, TimePoint now) {
  PlaygroundChat all;
  all.id = "g-all";
  all.name = say(rules.lang, "group.everyone");
  all.members = everybody(rules);

  std::vector<DepartmentId> half;
  for (const Department& department : rules.organisation->departments) {
    if (department.id != rules.organisation->pmo) half.push_back(department.id);
  }
  half.resize((half.size() + 1) / 2);
  PlaygroundChat project;
  project.id = "g-project";
  project.name = say(rules.lang, "group.project");
  project.members = people_of(rules, directory, half, now);
  return {std::move(all), std::move(project)};
}

std::string title_of(const Person& person, const std::vector<std::string>& roles, const Rules& rules,
                     const Directory& directory) {
  const std::string department = directory.name(person.department);
  const auto has = [&](std::string_view role) { return std::find(roles.begin(), roles.end(), role) != roles.end(); };
  const auto text = [&](std::string_view key) {
    return say(rules.lang, Phrase(std::string(key), {{"department", department}}));
  };
  const std::vector<PersonId>& leaders = rules.organisation->leadership_group;
  if (!leaders.empty() && leaders.front() == person.id) return text("title.leader");
  if (has("vice_president")) return text("title.vice_president");
  if (has("leadership_group")) return text("title.leadership_group");
  if (has("head")) return text("title.head");
  if (has("pmo") || (!rules.organisation->pmo.empty() && directory.within(person.department, rules.organisation->pmo))) {
    return text("title.pmo");
  }
  if (has("liaison")) return text("title.liaison");
  if (has("admin")) return text("title.admin");
  return text("title.staff");
}

json names_json(const std::vector<PersonId>& people) {
  json list = json::array();
  for (const PersonId& person : people) list.push_back(person.str());
  return list;
}

}  // namespace

bool PlaygroundChat::has(const PersonId& person) const { return among(members, person); }

std::vector<PlaygroundChat> playground_chats(const Rules& rules, const std::vector<PlaygroundChat>& made, TimePoint now) {
  const Directory directory = rules.people();
  std::vector<PlaygroundChat> chats;
  for (const GroupRule& rule : rules.groups) {
    if (rule.chat.app.str() == playground_app) chats.push_back(configured(rule, rules, directory, now));
  }
  if (chats.empty()) chats = own_groups(rules, directory, now);
  chats.insert(chats.end(), made.begin(), made.end());
  for (const Person& person : rules.organisation->people) {
    if (!person.active) continue;
    PlaygroundChat chat;
    chat.id = std::string(private_prefix) + person.id.str();
    chat.name = person.name;
    chat.group = false;
    chat.members = {person.id};
    chats.push_back(std::move(chat));
  }
  return chats;
}

std::optional<PlaygroundChat> playground_chat(const Rules& rules, const std::vector<PlaygroundChat>& made, std::string_view id,
                                              TimePoint now) {
  for (PlaygroundChat& chat : playground_chats(rules, made, now)) {
    if (chat.id == id) return std::move(chat);
  }
  return std::nullopt;
}

std::vector<std::string> roles_of(const Person& person, const Rules& rules, const Directory& directory, TimePoint now) {
  const std::vector<Department>& departments = rules.organisation->departments;
  const auto any = [&](auto holds) { return std::any_of(departments.begin(), departments.end(), holds); };
  std::vector<std::string> roles;
  if (any([&](const Department& d) { return d.head == person.id; })) roles.emplace_back("head");
  if (any([&](const Department& d) { return d.vice_president == person.id; })) roles.emplace_back("vice_president");
  if (among(rules.organisation->leadership_group, person.id)) roles.emplace_back("leadership_group");
  if (directory.is_pmo(person.id, now)) roles.emplace_back("pmo");
  if (any([&](const Department& d) { return among(d.liaisons, person.id); })) roles.emplace_back("liaison");
  if (person.admin) roles.emplace_back("admin");
  return roles;
}

std::vector<const Person*> playground_people(const Rules& rules, const Directory& directory, TimePoint now) {
  std::vector<const Person*> people;
  for (const Person& person : rules.organisation->people) {
    if (person.active) people.push_back(&person);
  }
  const std::vector<PlaygroundChat> chats = playground_chats(rules, {}, now);
  // 0: nobody special; 1: a liaison; 2: everybody else.
  const auto standing = [&](const Person* person) {
    if (chats.empty() || !chats.front().has(person->id)) return 3;
    if (!rules.organisation->pmo.empty() && directory.within(person->department, rules.organisation->pmo)) return 2;
    const std::vector<std::string> roles = roles_of(*person, rules, directory, now);
    if (roles.empty()) return 0;
    return roles.size() == 1 && roles.front() == "liaison" ? 1 : 2;
  };
  const auto first = std::min_element(people.begin(), people.end(),
                                      [&](const Person* a, const Person* b) { return standing(a) < standing(b); });
  if (first != people.end()) std::rotate(people.begin(), first, first + 1);
  return people;
}

json world_json(const Rules& rules, const std::vector<PlaygroundChat>& made, TimePoint now) {
  const Directory directory = rules.people();
  json chats = json::array();
  for (const PlaygroundChat& chat : playground_chats(rules, made, now)) {
    chats.push_back({{"id", chat.id},
                     {"name", chat.name},
                     {"kind", chat.group ? "group" : "private"},
                     {"app", playground_app},
                     {"members", names_json(chat.members)}});
  }
  json people = json::array();
  for (const Person* person : playground_people(rules, directory, now)) {
    const std::vector<std::string> roles = roles_of(*person, rules, directory, now);
    people.push_back({{"id", person->id.str()},
                      {"name", person->name},
                      {"department", person->department.str()},
                      {"title", title_of(*person, roles, rules, directory)},
                      {"roles", roles}});
  }
  json departments = json::array();
  for (const Department& department : rules.organisation->departments) {
    departments.push_back({{"id", department.id.str()},
                           {"name", department.name},
                           {"head", department.head.str()},
                           {"vice_president", department.vice_president.str()},
                           {"liaisons", names_json(department.liaisons)}});
  }
  return {{"chats", std::move(chats)}, {"people", std::move(people)}, {"departments", std::move(departments)}};
}

std::vector<FoundMention> find_mentions(std::string_view text, const Rules& rules, const PlaygroundChat& chat) {
  // Longest first, so that @王小明 is not taken for @王小.
  std::map<std::string_view, std::vector<PersonId>, std::less<>> names;
  for (const Person& person : rules.organisation->people) {
    if (!person.active) continue;
    names[person.name].push_back(person.id);
    for (const std::string& alias : person.aliases) names[alias].push_back(person.id);
  }
  std::vector<std::pair<std::string_view, std::vector<PersonId>>> ordered(names.begin(), names.end());
  std::stable_sort(ordered.begin(), ordered.end(),
                   [](const auto& a, const auto& b) { return a.first.size() > b.first.size(); });

  constexpr std::array<std::string_view, 2> signs{"@", "＠"};
  std::vector<FoundMention> found;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto sign =
        std::find_if(signs.begin(), signs.end(), [&](std::string_view s) { return text.substr(at).starts_with(s); });
    if (sign == signs.end()) continue;
    const std::string_view rest = text.substr(at + sign->size());
    for (const auto& [name, people] : ordered) {
      if (name.empty() || !rest.starts_with(name)) continue;
      std::vector<PersonId> here;
      for (const PersonId& person : people) {
        if (chat.has(person)) here.push_back(person);
      }
      const std::vector<PersonId>& candidates = here.empty() ? people : here;
      FoundMention mention;
      mention.name = std::string(name);
      if (candidates.size() == 1) mention.person = candidates.front();
      found.push_back(std::move(mention));
      break;
    }
  }
  return found;
}

}  // namespace xieban
