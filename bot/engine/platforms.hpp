#pragma once
#include <map>
#include <memory>

#include "bot/ports/platform.hpp"

namespace xieban {

/// The apps that are configured.
using Platforms = std::map<AppId, std::shared_ptr<const Platform>>;

}  // namespace xieban
