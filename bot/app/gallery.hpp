#pragma once
// What the playground's gallery shows: each example on each platform.

#include <vector>

#include "bot/web/playground_api.hpp"

namespace xieban::app {

std::vector<GalleryCard> gallery(Lang);

}  // namespace xieban::app
