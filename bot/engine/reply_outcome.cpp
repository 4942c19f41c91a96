#include "bot/engine/reply_outcome.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "bot/core/brain/addresses.hpp"

namespace xieban {

std::optional<Consequence> with_address_spent(std::optional<Consequence> otherwise, const Claimed& claimed,
                                              const Settlement& settlement, const Traits& traits) {
  const Channel* channel = traits.channel(claimed.outgoing.channel);
  if (channel == nullptr || !channel->one_answer || settlement.retry_at || settlement.next_choice) return otherwise;
  Consequence both;
  if (otherwise) both = std::move(*otherwise);
  both.load.chat = load_address(claimed.outgoing).chat;
  both.decide = [first = std::move(both.decide), sent = claimed.outgoing](const Snapshot& snapshot) {
    ChangeSet change = address_spent(sent, snapshot);
    if (!first) return change;
    ChangeSet all = first(snapshot);
    std::ranges::move(change.facts, std::back_inserter(all.facts));
    return all;
  };
  return both;
}

}  // namespace xieban
