#pragma once
// `xieban check`: every problem of a configuration file, one a line.

#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

#include "config/load.hpp"

namespace xieban::app {

struct CheckArgs {
  std::string config;
  bool online = false;
  config::World world = config::system_world();
  /// What the configured platforms themselves say (credentials, rights, people); asked with --online only.
  std::function<std::vector<config::Problem>(const config::Config&)> ask_platforms;
};

/// 0 without errors, 1 with errors, 3 when the file cannot be read.
int run_check(const CheckArgs&, std::istream& in, std::ostream& out, std::ostream& err);

/// `FILE:LINE:COL: error|warning: KEY: text`
std::string line_of(const config::Problem&);

}  // namespace xieban::app
