// What the file says about itself: names that lead nowhere, cycles, posts nobody holds.

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "bot/base/text.hpp"
#include "config/draft.hpp"
#include "config/working_time.hpp"

namespace xieban::config {
namespace {

using Ids = std::vector<std::string_view>;

template <class Range, class Get>
Ids ids_of(const Range& range, Get get) {
  Ids out;
  for (const auto& entry : range) out.push_back(get(entry));
  return out;
}

void check_app(const Reference& reference, const Draft& draft, Book& book) {
  const auto colon = reference.id.find(':');
  const std::string kind = reference.id.substr(0, colon);
  if (colon == std::string::npos || colon + 1 == reference.id.size() ||
      (kind != "feishu" && kind != "dingtalk" && kind != "wecom" && kind != "playground")) {
    book.error(
        reference.place.at, reference.place.key,
        fmt::format("\"{}\" is not an app; write KIND:ID, e.g. \"feishu:main\" (feishu, dingtalk, wecom)", reference.id));
  } else if (reference.id != "playground:main" && !draft.apps.contains(reference.id)) {
    const Ids apps(draft.apps.begin(), draft.apps.end());
    book.warning(reference.place.at, reference.place.key,
                 fmt::format("there is no [[{}]] with id \"{}\"{}: this has no effect", kind, reference.id.substr(colon + 1),
                             did_you_mean(reference.id, apps)));
  }
}

void check_references(const Draft& draft, Book& book, const std::vector<CalendarSpec>& calendars) {
  struct Kind {
    std::string_view what, instead;
    Ids ids;
  };
  const std::map<Refers, Kind> kinds{
      {Refers::person,
       {"person", "the id of a [[person]]",
        ids_of(draft.organisation.people, [](const Person& p) -> std::string_view { return p.id.value; })}},
      {Refers::department,
       {"department", "the id of a [[department]]",
        ids_of(draft.organisation.departments, [](const Department& d) -> std::string_view { return d.id.value; })}},
      {Refers::calendar,
       {"calendar", "natural, workday, office or the id of one in the company.calendars file",
        ids_of(calendars, [](const CalendarSpec& spec) -> std::string_view { return spec.id.value; })}},
      {Refers::type,
       {"type", "a shipped id (normal, urgent …) or the id of a [[type]]",
        ids_of(draft.types, [](const Policy& p) -> std::string_view { return p.type.value; })}}};
  for (const auto& reference : draft.references) {
    if (reference.to == Refers::app) {
      check_app(reference, draft, book);
      continue;
    }
    const Kind& kind = kinds.at(reference.to);
    if (std::ranges::find(kind.ids, reference.id) != kind.ids.end()) continue;
    book.error(reference.place.at, reference.place.key,
               fmt::format("there is no {} \"{}\"{}; write {}", kind.what, reference.id, did_you_mean(reference.id, kind.ids),
                           kind.instead));
  }
}

/// Follows `up` from every id and reports each cycle once, at its member that comes first in the file.
template <class Up, class Report>
void find_cycles(const Ids& ids, Up up, Report report) {
  std::set<std::string_view> settled;
  for (const auto start : ids) {
    std::vector<std::string_view> trail;
    std::string_view at = start;
    while (!at.empty() && !settled.contains(at) && std::ranges::find(trail, at) == trail.end()) {
      trail.push_back(at);
      at = up(at);
    }
    if (!at.empty() && !settled.contains(at)) {
      std::vector<std::string_view> cycle(std::ranges::find(trail, at), trail.end());
      const auto first =
          std::ranges::min_element(cycle, {}, [&](std::string_view id) { return std::ranges::find(ids, id) - ids.begin(); });
      std::ranges::rotate(cycle, first);
      report(cycle);
    }
    settled.insert(trail.begin(), trail.end());
  }
}

std::string chain(const std::vector<std::string_view>& cycle) {
  return fmt::format("{} → {}", fmt::join(cycle, " → "), cycle.front());
}

void check_parents(const Draft& draft, Book& book) {
  const auto& departments = draft.organisation.departments;
  std::map<std::string_view, std::size_t> index;
  for (std::size_t i = 0; i < departments.size(); ++i) index.emplace(departments[i].id.value, i);
  const auto up = [&](std::string_view id) -> std::string_view {
    const auto found = index.find(id);
    return found == index.end() ? std::string_view{} : std::string_view(departments[found->second].parent.value);
  };
  find_cycles(ids_of(departments, [](const Department& d) -> std::string_view { return d.id.value; }), up,
              [&](const auto& cycle) {
                const Place& place = draft.department_places[index.at(cycle.front())].parent;
                book.error(place.at, place.key,
                           fmt::format("a department stands above itself: {}; leave one parent empty", chain(cycle)));
              });
}

/// The line upwards: the manager as written, else the department's head, and above a head the vice president.
/// Vice presidents and leaders end it unless a manager is written.
void check_managers(const Draft& draft, Book& book) {
  const Organisation& organisation = draft.organisation;
  std::map<std::string_view, std::size_t> index;
  for (std::size_t i = 0; i < organisation.people.size(); ++i) index.emplace(organisation.people[i].id.value, i);
  std::map<std::string_view, const Department*> departments;
  std::set<std::string_view> top;
  for (const auto& department : organisation.departments) {
    departments.emplace(department.id.value, &department);
    top.insert(department.vice_president.value);
  }
  for (const auto& leader : organisation.leadership_group) top.insert(leader.value);
  const auto up = [&](std::string_view id) -> std::string_view {
    const auto found = index.find(id);
    if (found == index.end()) return {};
    const Person& person = organisation.people[found->second];
    if (!person.manager.empty()) return person.manager.value;
    const auto department = departments.find(person.department.value);
    if (top.contains(id) || department == departments.end()) return {};
    return department->second->head == person.id ? department->second->vice_president.value : department->second->head.value;
  };
  find_cycles(ids_of(organisation.people, [](const Person& p) -> std::string_view { return p.id.value; }), up,
              [&](const auto& cycle) {
                const auto written = std::ranges::find_if(
                    cycle, [&](std::string_view id) { return !organisation.people[index.at(id)].manager.empty(); });
                if (written == cycle.end()) return;
                const Place& place = draft.person_places[index.at(*written)].manager;
                book.error(place.at, place.key,
                           fmt::format("the manager line runs in a circle: {}; leave one manager empty", chain(cycle)));
              });
}

void check_posts(const Draft& draft, Book& book) {
  const auto facts = std::make_shared<const DirectoryFacts>();
  const Directory people(std::make_shared<const Organisation>(draft.organisation), facts);
  for (std::size_t i = 0; i < draft.organisation.departments.size(); ++i) {
    const Department& department = draft.organisation.departments[i];
    const DepartmentPlaces& places = draft.department_places[i];
    if (!places.vacant) continue;
    const PersonId stand_in = people.head(department.id, TimePoint{});
    if (stand_in.empty()) {
      book.error(places.head.at, places.head.key,
                 "vacant, and nobody stands above: name a head, a vice president, company.leadership_group or company.pmo");
    } else {
      book.warning(places.head.at, places.head.key,
                   fmt::format("vacant: {} ({}) takes over until a head is named", people.name(stand_in), stand_in.value));
    }
  }
  std::set<std::string_view> above;
  for (const auto& leader : draft.organisation.leadership_group) above.insert(leader.value);
  for (const auto& department : draft.organisation.departments) {
    above.insert(department.vice_president.value);
    above.insert(department.head.value);
  }
  for (std::size_t i = 0; i < draft.organisation.people.size(); ++i) {
    const Person& person = draft.organisation.people[i];
    if (person.department.empty() && !above.contains(person.id.value))
      book.warning(draft.person_places[i].self.at, draft.person_places[i].self.key,
                   fmt::format("{} belongs to no department: nobody is told when they do not answer; write department = \"…\"",
                               person.name));
  }
}

/// Two departments or two types that answer to one word: people are asked which one they mean each time.
void check_names(const Draft& draft, Book& book) {
  std::map<std::string, std::string_view> departments, types;
  const auto claim = [&](std::map<std::string, std::string_view>& owners, const std::string& word, const std::string& id,
                         const Place& place) {
    if (word.empty()) return;
    const auto [entry, fresh] = owners.emplace(text::fold(word), id);
    if (!fresh && entry->second != id)
      book.warning(place.at, place.key,
                   fmt::format("\"{}\" names {} too; people will be asked which one they mean", word, entry->second));
  };
  for (std::size_t i = 0; i < draft.organisation.departments.size(); ++i) {
    const Department& department = draft.organisation.departments[i];
    claim(departments, department.name, department.id.value, draft.department_places[i].self);
    for (const auto& alias : department.aliases)
      claim(departments, alias, department.id.value, draft.department_places[i].self);
  }
  const auto claim_types = [&](bool of_the_file) {
    for (std::size_t i = 0; i < draft.types.size(); ++i) {
      const Policy& type = draft.types[i];
      const Place& place = draft.type_places[i];
      if (place.key.empty() == of_the_file) continue;
      claim(types, type.name, type.type.value, place);
      for (const auto& alias : type.aliases) claim(types, alias, type.type.value, place);
    }
  };
  claim_types(false);
  claim_types(true);
}

void check_zone(const Draft& draft, Book& book, const std::vector<CalendarSpec>& calendars) {
  const Place& place = draft.timezone_place;
  if (!zone_exists(draft.timezone)) {
    book.error(place.at, place.key,
               fmt::format("the time zone \"{}\" is not known; write one such as \"Asia/Shanghai\"", draft.timezone));
    return;
  }
  const auto own = std::ranges::find(calendars, draft.config.rules.company_calendar, &CalendarSpec::id);
  if (own != calendars.end() && own->zone != draft.timezone)
    book.warning(place.at, place.key,
                 fmt::format("the calendar \"{}\" lies in {}: times are read and shown there, not in {}", own->id.value,
                             own->zone, draft.timezone));
}

/// A page that nobody can open is worth a word before somebody looks for it.
void check_playground(const Draft& draft, Book& book, const Section& root) {
  const Config& config = draft.config;
  if (!config.playground.enabled || config.playground.allow_remote) return;
  const std::string_view host = std::string_view(config.server.listen).substr(0, config.server.listen.rfind(':'));
  if (host.starts_with("127.") || host == "[::1]" || !valid_listen(config.server.listen)) return;
  const Place place = root.place("playground");
  book.warning(place.at, "playground.enabled",
               fmt::format("server.listen is {}, the playground answers on this machine's own addresses only; write listen = "
                           "\"127.0.0.1:8080\", or allow_remote = true",
                           config.server.listen));
}

}  // namespace

void validate(const Draft& draft, Book& book, const std::vector<CalendarSpec>& calendars, const Section& root) {
  check_references(draft, book, calendars);
  check_parents(draft, book);
  check_managers(draft, book);
  check_posts(draft, book);
  check_names(draft, book);
  check_zone(draft, book, calendars);
  check_playground(draft, book, root);
}

}  // namespace xieban::config
