#pragma once
// How the playground's API names clocks, roles, channels and rungs: as the configuration does.

#include <string>
#include <string_view>

#include "bot/core/clock/policy.hpp"

namespace xieban {

std::string_view clock_name(ClockKind);
std::string_view role_name(Role);
std::string_view by_name(By);
/// "80%", "+4h", "-24h", "25% every 30m".
std::string rung_name(const Rung&);

}  // namespace xieban
