// From a checked draft to the immutable value that decisions read.

#include "bot/core/rules.hpp"

#include "config/draft.hpp"
#include "config/working_time.hpp"
#include "storage/codec/codec.hpp"

namespace xieban::config {

Rules build_rules(const Draft& draft, const std::vector<CalendarSpec>& calendars,
                  const std::shared_ptr<const Holidays>& holidays) {
  Rules rules = draft.config.rules;
  rules.version = digest(calendars, *holidays);
  rules.organisation = std::make_shared<const Organisation>(draft.organisation);
  rules.facts = std::make_shared<const DirectoryFacts>();
  rules.calendars = make_calendars(calendars, holidays);
  for (Policy policy : draft.types) {
    policy.hash = policy_hash(policy);
    rules.types.push_back(std::make_shared<const Policy>(std::move(policy)));
  }
  rules.public_url = draft.config.server.public_url;
  return rules;
}

}  // namespace xieban::config
