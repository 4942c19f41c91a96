#include "bot/engine/reply_outcome.hpp"

#include "bot/core/brain/addresses.hpp"

namespace xieban {

std::optional<Consequence> reply_consequence(const Claimed& claimed, const Settlement& settlement, const Traits& traits) {
  const Channel* channel = traits.channel(claimed.outgoing.channel);
  if (channel == nullptr || !channel->one_answer || settlement.retry_at || settlement.next_choice) return std::nullopt;
  Consequence consequence;
  consequence.load = load_address(claimed.outgoing);
  consequence.decide = [sent = claimed.outgoing](const Snapshot& snapshot) { return address_spent(sent, snapshot); };
  return consequence;
}

}  // namespace xieban
