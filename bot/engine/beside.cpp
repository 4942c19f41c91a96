#include "bot/engine/beside.hpp"

#include <utility>

#include "bot/core/brain/unreached.hpp"

namespace xieban {

std::optional<Consequence> beside_consequence(const Claimed& claimed, const Settlement& settlement, const Traits& traits,
                                              RulesPtr rules) {
  const Channel* channel = traits.channel(claimed.outgoing.channel);
  if (channel == nullptr || settlement.receipt.outcome != Outcome::delivered) return std::nullopt;
  auto missed = unmentioned(claimed.parcel.effect, claimed.outgoing, *channel);
  if (missed.empty()) return std::nullopt;
  Consequence consequence;
  consequence.load = load_beside(claimed.parcel.effect);
  consequence.decide = [effect = claimed.parcel.effect, missed = std::move(missed), rules = std::move(rules),
                        now = settlement.now](const Snapshot& snapshot) {
    return beside(effect, missed, snapshot, *rules, now);
  };
  return consequence;
}

}  // namespace xieban
