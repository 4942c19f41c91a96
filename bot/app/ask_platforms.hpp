#pragma once
// `check --online`: asks every configured platform what it says about the app, its people and its groups.

#include "bot/app/cli_check.hpp"

namespace xieban::app {

/// Returns when all have answered or could not be reached; nothing is sent that anybody would see.
Asked ask_platforms(const config::Config&);

}  // namespace xieban::app
