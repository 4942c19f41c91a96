#pragma once
// What is said of a parcel when it is claimed, and over which way.

#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "bot/base/ids.hpp"
#include "bot/base/time.hpp"
#include "bot/engine/rules_box.hpp"
#include "bot/ports/store.hpp"

namespace xieban {

/// Ways that nothing may go over in this claim, and the lanes that were turned away for it.
struct Turnpike {
  std::set<ChannelId> closed;
  std::vector<std::pair<ChannelId, Lane>> turned;  // written on the store's thread, read when the claim has ended
};

/// For the claims of one app. Runs on the store's thread: owns what it captures. A message whose channel is empty is one that
/// nothing leads to: somebody else must hear of it. Throws where nothing is left that the chat can take: the store holds it.
Compose composer(AppId, RulesPtr, TimePoint now, std::shared_ptr<Turnpike>);

}  // namespace xieban
