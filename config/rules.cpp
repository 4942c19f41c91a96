// From a checked draft to the immutable value that decisions read.

#include "bot/core/rules.hpp"

#include "config/draft.hpp"
#include "config/working_time.hpp"
#include "storage/codec/codec.hpp"

namespace xieban::config {

namespace {

/// office and workday as they are for those who have a calendar of their own: "office@plant", "workday@plant".
void add_own_calendars(Rules& rules, const std::vector<CalendarSpec>& calendars,
                       const std::shared_ptr<const Holidays>& holidays) {
  std::set<CalendarId> own{rules.company_calendar};
  for (const Department& department : rules.organisation->departments)
    if (!department.calendar.empty()) own.insert(department.calendar);
  own.erase(CalendarId("office"));
  for (const CalendarSpec& spec : calendars) {
    if (!own.contains(spec.id)) continue;
    rules.calendars.emplace(CalendarId("office@" + spec.id.value), rules.calendars.at(spec.id));
    rules.calendars.emplace(CalendarId("workday@" + spec.id.value), Calendar(workday_calendar(spec), holidays));
  }
}

}  // namespace

Rules build_rules(const Draft& draft, const std::vector<CalendarSpec>& calendars,
                  const std::shared_ptr<const Holidays>& holidays) {
  Rules rules = draft.config.rules;
  rules.version = digest(calendars, *holidays);
  rules.organisation = std::make_shared<const Organisation>(draft.organisation);
  rules.facts = std::make_shared<const DirectoryFacts>();
  rules.calendars = make_calendars(calendars, holidays);
  add_own_calendars(rules, calendars, holidays);
  for (Policy policy : draft.types) {
    policy.hash = policy_hash(policy);
    rules.types.push_back(std::make_shared<const Policy>(std::move(policy)));
  }
  rules.public_url = draft.config.server.public_url;
  return rules;
}

}  // namespace xieban::config
