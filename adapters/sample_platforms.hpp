#pragma once
// Each platform with an app that does not exist: what the examples of bot/core/brain/samples.hpp look like there.

#include <memory>
#include <string>
#include <vector>

#include "bot/core/brain/samples.hpp"
#include "bot/ports/platform.hpp"

namespace xieban {

struct SamplePlatform {
  std::string name;  // of the platform and, where it has several, of its way: "wecom_bot"
  std::shared_ptr<const Platform> platform;
  std::string sent_card;  // SamplePlace::sent_card

  [[nodiscard]] SamplePlace place() const { return {platform->app(), platform->traits(), sent_card}; }
};
/// Playground first.
std::vector<SamplePlatform> sample_platforms();

/// What goes over the line, to be read: {"call","body"} or {"frame"}, where a text that is JSON stands as {"json": …}; of
/// several ways the first that the platform takes, as in service. None: {"refused": why}.
std::string readable_wire(const Platform&, const Sample&);

}  // namespace xieban
