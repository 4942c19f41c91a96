#pragma once
// The playground's page and API under /playground/.

#include <cstdint>

#include "bot/net/router.hpp"
#include "bot/web/playground_host.hpp"
#include "bot/web/playground_world.hpp"

namespace xieban {

struct PlaygroundSettings {
  bool allow_remote = false;      // playground.allow_remote
  bool listener_loopback = true;  // the server listens on a loopback address
  std::uint64_t seed = 0;         // of the ids of presses; 0: unpredictable
};

/// Router, host and world outlive the routes' last call.
void add_playground(Router&, PlaygroundHost&, PlaygroundWorld&, PlaygroundSettings);

}  // namespace xieban
