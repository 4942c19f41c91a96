#pragma once
// The playground's page and API under /playground/.

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "bot/core/words/phrase.hpp"
#include "bot/net/router.hpp"
#include "bot/web/playground_host.hpp"
#include "bot/web/playground_world.hpp"

namespace xieban {

/// An example of a message, and what goes over the line for it: platform, text. The playground's own stands first.
struct GalleryCard {
  std::string name;
  std::vector<std::pair<std::string, std::string>> wires;
};

struct PlaygroundSettings {
  bool allow_remote = false;      // playground.allow_remote
  bool listener_loopback = true;  // the server listens on a loopback address
  std::uint64_t seed = 0;         // of the ids of presses; 0: unpredictable
  /// What /playground/cards shows, in the language of the company; empty: there is no such page.
  std::function<std::vector<GalleryCard>(Lang)> gallery = {};
};

/// Router, host and world outlive the routes' last call.
void add_playground(Router&, PlaygroundHost&, PlaygroundWorld&, PlaygroundSettings);

}  // namespace xieban
