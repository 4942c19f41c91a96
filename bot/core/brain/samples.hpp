#pragma once
// One of each message that Xieban sends, as examples: what people look at in the playground's gallery, and what the golden
// files of the adapters are made from.

#include <string>
#include <vector>

#include "bot/core/brain/brain.hpp"

namespace xieban {

/// Where the examples go.
struct SamplePlace {
  AppId app;
  Traits traits;
  std::string sent_card;  // what this platform gave as the id of a card that is updated
};
struct Sample {
  std::string name;            // stable, for a file: "live_respond"
  std::vector<Outgoing> ways;  // best first: where a platform refuses one, the next is taken
};
/// An invented company on a fixed day, composed by the same functions as in service. What the place cannot carry is left
/// out. Person ids are the user ids, the group is "g_project".
std::vector<Sample> samples(const SamplePlace&, Lang);
/// The people that the examples name, and their group.
Organisation sample_company(const AppId&);
ChatId sample_group();

}  // namespace xieban
