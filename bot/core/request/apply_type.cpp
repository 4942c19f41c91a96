// A changed type touches requests raised later; an administrator carries it over to those that are open.

#include "bot/core/request/draft.hpp"

namespace xieban {

Decision apply_type(const Request& request, const Policy& before, const Context& context) {
  if (terminal(request.phase) || request.policy == context.policy.hash) return {};
  Draft draft(request, context);
  draft.add(TypeApplied{request.policy, context.policy.hash});
  for (const Clock& clock : request.clocks) {
    if (clock.stopped) continue;
    const ClockRule& old_rule = clock_rule(before, clock.kind);
    ClockRule rule = clock_rule(context.policy, clock.kind);
    if (rule == old_rule) continue;
    rule.calendar = draft.calendar_for(clock);
    draft.replace_clock(clock, counted_anew(clock, old_rule, rule, context.rules, context.now), "type");
  }
  return std::move(draft).finish_alone(true);
}

}  // namespace xieban
