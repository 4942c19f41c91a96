// All clocks of a request stop and go on; a step is taken back.

#include "bot/base/text.hpp"
#include "bot/core/request/draft.hpp"

namespace xieban::deciding {

Outcome on(const PauseIt& command, Draft& d) {
  if (text::trim(command.reason).empty()) return d.refuse(Refusal::reason_missing, "refuse.pause_reason");
  if (command.until && *command.until <= d.at())
    return d.refuse(Refusal::bad_time, "refuse.past", {{"time", d.time(*command.until)}});
  const std::vector<Clock> clocks = d.request().clocks;
  for (const Clock& clock : clocks)
    if (clock.running()) d.pause_clock(clock, command.reason);
  d.add(Paused{Pause{d.at(), command.until, false, command.reason}});
  const std::string time = command.until ? d.time(*command.until) : std::string();
  d.tell(d.everyone(), command.until ? "paused_until" : "paused", {{"reason", command.reason}, {"time", time}});
  return d.phrase(command.until ? "done.pause_until" : "done.pause", {{"time", time}});
}

Outcome on(const Resume&, Draft& d) {
  d.resume_all();
  const auto next = next_step(d.request(), d.context().policy, d.context().rules, d.context().now);
  const std::string time = next && next->by_when ? d.time(*next->by_when) : std::string();
  d.tell(d.everyone(), "resumed", {{"time", time}});
  return d.phrase(time.empty() ? "done.resume" : "done.resume_by",
                  {{"time", time}, {"person", next ? d.names(next->who) : std::string()}});
}

Outcome on(const TakeBack& command, Draft& d) {
  if (!command.before || command.before->id != d.request().id) return d.refuse(Refusal::nothing_due, "refuse.nothing_to_undo");
  const std::string verb = d.request().last_step->verb;
  const std::vector<PersonId> concerned = d.everyone();
  d.add(TakenBack{verb, command.before});
  d.tell(concerned, "taken_back", {});
  replace_leavers(d);
  return d.phrase("done.take_back");
}

}  // namespace xieban::deciding
