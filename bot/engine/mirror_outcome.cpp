#include "bot/engine/mirror_outcome.hpp"

#include <utility>

#include "bot/core/brain/mirrors.hpp"

namespace xieban {

std::optional<Consequence> mirror_consequence(const Claimed& claimed, const Settlement& settlement, RulesPtr rules) {
  const auto* effect = std::get_if<MirrorTask>(&claimed.parcel.effect);
  if (effect == nullptr || settlement.retry_at) return std::nullopt;
  const Receipt& receipt = settlement.receipt;
  const bool done = receipt.outcome == Outcome::delivered;
  if (!done && !receipt.target_gone) return std::nullopt;
  Consequence consequence;
  consequence.load = load_mirror(*effect);
  consequence.decide = [of = *effect, sent = claimed.outgoing, made = receipt.provider_id, done, rules = std::move(rules),
                        now = settlement.now](const Snapshot& snapshot) {
    return done ? mirror_set(of, sent, made, snapshot, *rules, now) : mirror_gone(of, sent, snapshot, *rules, now);
  };
  return consequence;
}

}  // namespace xieban
