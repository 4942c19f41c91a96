#pragma once
// What is said of a parcel when it is claimed, and over which way.

#include "bot/base/ids.hpp"
#include "bot/base/time.hpp"
#include "bot/engine/rules_box.hpp"
#include "bot/ports/store.hpp"

namespace xieban {

/// For the claims of one app. Runs on the store's thread: owns what it captures. A message whose channel is empty is one that
/// nothing leads to: somebody else must hear of it. Throws where nothing is left that the chat can take: the store holds it.
Compose composer(AppId, RulesPtr, TimePoint now);

}  // namespace xieban
