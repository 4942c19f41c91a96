#include "bot/engine/group_outcome.hpp"

#include <utility>

#include "bot/core/brain/groups.hpp"

namespace xieban {

std::optional<Consequence> group_consequence(const Claimed& claimed, const Settlement& settlement, RulesPtr rules) {
  if (claimed.outgoing.form != Form::group || settlement.retry_at) return std::nullopt;
  const Outgoing sent = claimed.outgoing;
  const Receipt& receipt = settlement.receipt;
  const TimePoint now = settlement.now;
  const bool done = receipt.outcome == Outcome::delivered || receipt.outcome == Outcome::partly;
  const bool make = sent.group && sent.group->step == GroupStep::make;
  Consequence consequence;
  consequence.load = load_group(sent, done && make ? receipt.provider_id : std::string());
  if (done) {
    consequence.decide = [sent, made = receipt.provider_id, rules = std::move(rules), now](const Snapshot& snapshot) {
      return group_tended(sent, made, snapshot, *rules, now);
    };
  } else {
    consequence.decide = [sent, why = receipt.detail, gone = receipt.target_gone, rules = std::move(rules),
                          now](const Snapshot& snapshot) { return group_failed(sent, why, gone, snapshot, *rules, now); };
  }
  return consequence;
}

}  // namespace xieban
