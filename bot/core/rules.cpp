#include "bot/core/rules.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "bot/base/text.hpp"

namespace xieban {

const Calendar& Rules::calendar(const CalendarId& id) const {
  if (const auto found = calendars.find(id); found != calendars.end()) return found->second;
  if (const auto at = id.value.find('@'); at != std::string::npos) return calendar(CalendarId(id.value.substr(0, at)));
  if (const auto found = calendars.find(company_calendar); found != calendars.end()) return found->second;
  if (calendars.empty()) throw std::logic_error("rules without a calendar");
  return calendars.begin()->second;
}

const Calendar& Rules::office() const { return calendar(company_calendar); }

const Calendar& Rules::calendar_of(const DepartmentId& id) const {
  const Directory directory = people();
  const Department* department = directory.department(id);
  return department != nullptr && !department->calendar.empty() ? calendar(department->calendar) : office();
}

CalendarId Rules::clock_calendar(const CalendarId& named, const DepartmentId& id) const {
  const Directory directory = people();
  const Department* department = directory.department(id);
  const CalendarId& own = department != nullptr && !department->calendar.empty() ? department->calendar : company_calendar;
  return beside(named, CalendarId("@" + own.value));
}

CalendarId Rules::beside(const CalendarId& named, const CalendarId& clock) {
  if (named.value != "office" && named.value != "workday") return named;
  const auto at = clock.value.find('@');
  if (at == std::string::npos || clock.value.substr(at) == "@office") return named;
  return CalendarId(named.value + clock.value.substr(at));
}

std::shared_ptr<const Policy> Rules::type(const TypeId& id) const {
  const auto found = std::ranges::find_if(types, [&](const auto& policy) { return policy->type == id; });
  return found == types.end() ? nullptr : *found;
}

TypeId Rules::match_type(std::string_view text) const {
  const std::string wanted = text::fold(text);
  if (wanted.empty()) return {};
  const auto same = [&](std::string_view word) { return text::fold(word) == wanted; };
  // An id beats a name, a name beats an alias: so no alias can hide another type.
  for (const auto& policy : types)
    if (same(policy->type.value)) return policy->type;
  for (const auto& policy : types)
    if (same(policy->name)) return policy->type;
  for (const auto& policy : types)
    if (std::ranges::any_of(policy->aliases, same)) return policy->type;
  return {};
}

Rules Rules::with(std::shared_ptr<const DirectoryFacts> newest) const {
  Rules copy = *this;
  copy.facts = std::move(newest);
  if (copy.configured) copy.organisation = std::exchange(copy.configured, nullptr);
  const bool completes =
      copy.facts && (!copy.facts->accounts.empty() || !copy.facts->units.empty() ||
                     (!copy.facts->spoken.empty() && copy.organisation && !copy.organisation->caseless.empty()));
  if (copy.organisation && completes) {
    copy.configured = copy.organisation;
    copy.organisation = std::make_shared<const Organisation>(with_accounts(*copy.configured, *copy.facts));
  }
  return copy;
}

}  // namespace xieban
