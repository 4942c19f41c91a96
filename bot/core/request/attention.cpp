// Drawing attention: escalate, nudge, note, follow.

#include <algorithm>

#include "bot/base/text.hpp"
#include "bot/core/request/draft.hpp"

namespace xieban::deciding {
namespace {

constexpr Duration between_nudges{60LL * 60 * 1000};

/// The next level up the line of who has to act, without the actor; what is vacant is skipped.
std::vector<PersonId> level_above(Draft& d, const std::optional<NextStep>& next) {
  static constexpr Role levels[]{Role::head, Role::vice_president, Role::leadership_group};
  const Clock* clock = next ? find_clock(d.request(), next->clock) : nullptr;
  for (std::size_t level = std::min<std::size_t>(d.request().counters.escalations, 2); level < std::size(levels); ++level) {
    std::vector<PersonId> who = d.role(levels[level], clock);
    std::erase(who, d.actor());
    if (next && level == 0) std::erase(who, next->who.front());
    if (!who.empty()) return who;
  }
  std::vector<PersonId> watch = d.role(Role::pmo);
  std::erase(watch, d.actor());
  return watch;
}

}  // namespace

Outcome on(const Escalate& command, Draft& d) {
  if (text::blank(command.reason)) return d.refuse(Refusal::reason_missing, "refuse.escalate_reason");
  const bool declined = d.request().phase == Phase::declined;
  if (declined) {
    const Duration window = d.context().policy.reopen_within;
    if (d.request().closed_at && d.at() - *d.request().closed_at > window)
      return d.refuse(Refusal::too_late, "refuse.reopen_too_late",
                      {{"days", std::to_string(std::chrono::floor<std::chrono::days>(window).count())}});
    reopen(d, command.reason);
  }
  const auto next = next_step(d.request(), d.context().policy, d.context().rules, d.context().now);
  const std::vector<PersonId> whom = level_above(d, next);
  if (whom.empty()) return d.refuse(Refusal::bad_person, "refuse.escalate_nobody");
  d.add(Escalated{command.reason, whom});
  const rights::Args about{
      {"reason", command.reason}, {"person", d.names(whom)}, {"owner", next ? d.names(next->who) : std::string()}};
  d.tell(whom, "escalated", about);
  if (next && !declined) {
    std::vector<PersonId> accountable = next->who;
    std::erase_if(accountable, [&](const PersonId& one) { return std::ranges::find(whom, one) != whom.end(); });
    d.tell(accountable, "escalated_about_you", about);
  }
  return d.phrase(declined ? "done.escalate_reopened" : "done.escalate", about);
}

Outcome on(const Nudge&, Draft& d) {
  const auto& last = d.request().nudged_at;
  if (last && d.at() - *last < between_nudges)
    return d.refuse(Refusal::too_soon, "refuse.nudge_too_soon", {{"time", d.time(*last + between_nudges)}});
  const auto next = next_step(d.request(), d.context().policy, d.context().rules, d.context().now);
  const std::vector<PersonId> whom = next ? next->who : d.role(Role::pmo);
  if (whom.empty()) return d.refuse(Refusal::bad_person, "refuse.nudge_nobody");
  if (whom.front() == d.actor()) return d.refuse(Refusal::nothing_due, "refuse.nudge_yourself");
  d.add(Nudged{whom, d.at()});
  const std::string time = next && next->by_when ? d.time(*next->by_when) : std::string();
  d.tell(whom, time.empty() ? "nudged" : "nudged_by", {{"time", time}});
  return d.phrase("done.nudge", {{"person", d.names(whom)}});
}

Outcome on(const AddNote& command, Draft& d) {
  if (text::blank(command.text)) return d.refuse(Refusal::reason_missing, "refuse.note_text");
  d.add(Noted{command.text});
  return d.phrase("done.note");
}

Outcome on(const Follow&, Draft& d) {
  const bool on = std::ranges::find(d.request().followers, d.actor()) == d.request().followers.end();
  d.add(Followed{d.actor(), on});
  return d.phrase(on ? "done.follow" : "done.unfollow");
}

}  // namespace xieban::deciding
