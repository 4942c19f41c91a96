#pragma once
// What the file says, read but not yet checked against itself. Inside config/ only.

#include <set>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "config/section.hpp"

namespace xieban::config {

enum class Refers { person, department, calendar, type, app };
/// One thing names another. Empty ids are not kept: they mean "none".
struct Reference {
  Refers to = Refers::person;
  std::string id;
  Place place;
};
struct DepartmentPlaces {
  Place self, head, parent;
  bool vacant = false;  // head = ""
};
struct PersonPlaces {
  Place self, manager;
};

struct Draft {
  Config config;
  Organisation organisation;
  std::vector<DepartmentPlaces> department_places;  // one per department
  std::vector<PersonPlaces> person_places;          // one per person
  std::string timezone = "Asia/Shanghai";
  std::string holidays_file, calendars_file;  // as written; empty: built in
  Place timezone_place, calendar_place, holidays_place, calendars_place;
  std::vector<Policy> types;                // shipped ones, changed and followed by the file's own
  std::vector<Place> type_places;           // of the types the file names; empty key: as shipped
  std::set<std::string, std::less<>> apps;  // KIND:ID
  std::vector<Reference> references;

  void refer(Refers to, std::string id, Place place) {
    if (!id.empty()) references.push_back({to, std::move(id), std::move(place)});
  }
};

/// What the readers share.
struct Reading {
  Book& book;
  const World& world;
  std::string directory;  // of the configuration file; empty: the current one
  Draft& draft;
};
/// A path of the file: relative ones start at the file's own folder.
std::string resolve_path(const Reading&, const std::string& path);

void read_service(Section& root, Reading&);       // server, storage, playground, alarm
void read_organisation(Section& root, Reading&);  // company, department, person, group
void read_types(Section& root, Reading&);
void read_apps(Section& root, Reading&);  // feishu, dingtalk, wecom

/// An id of ours: short, without white space and without the signs that separate ids from other things.
bool valid_id(std::string_view);
/// Reads `id`, reports a missing, bad or repeated one; empty then.
std::string read_id(Section&, std::set<std::string, std::less<>>& taken, std::string_view hint);

/// `{ env = "NAME" }` or `{ file = "PATH" }`. What is not `needed` may be missing, in the file and in the world.
Secret read_secret(Section&, std::string_view key, const Reading&, bool needed);

enum class Base { http, websocket, link };  // link: http that may carry a query
/// `https://host[:port][/path]` without a trailing slash; plain http and ws for loopback hosts only.
std::string read_base(Section&, std::string_view key, std::string fallback, Base);

/// References, cycles, vacant posts, names that clash.
void validate(const Draft&, Book&, const std::vector<CalendarSpec>& calendars, const Section& root);
/// The rules of a draft without errors.
Rules build_rules(const Draft&, const std::vector<CalendarSpec>& calendars, const std::shared_ptr<const Holidays>&);

}  // namespace xieban::config
