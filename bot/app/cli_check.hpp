#pragma once
// `xieban check`: every problem of a configuration file, one a line.

#include <cstddef>
#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

#include "config/load.hpp"

namespace xieban::app {

/// What the configured platforms say (credentials, rights, people). A problem without a file is one of the configuration's:
/// where its key stands is found there.
struct Asked {
  std::vector<config::Problem> problems;
  std::ptrdiff_t unreachable = 0;  // of these errors, those that only say that a platform cannot be reached
};

struct CheckArgs {
  std::string config;
  bool online = false;
  config::World world = config::system_world();
  /// Asked with --online only.
  std::function<Asked(const config::Config&)> ask_platforms;
};

/// 0 without errors, 1 with errors, 3 when the file cannot be read, or when all that is wrong is that a platform cannot be
/// reached.
int run_check(const CheckArgs&, std::istream& in, std::ostream& out, std::ostream& err);

/// `FILE:LINE:COL: error|warning: KEY: text`
std::string line_of(const config::Problem&);

}  // namespace xieban::app
