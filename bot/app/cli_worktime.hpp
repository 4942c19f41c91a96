#pragma once
// `xieban worktime --tsv`: working-time arithmetic, one operation a line.

#include <iosfwd>
#include <string>

#include "config/load.hpp"

namespace xieban::app {

struct WorktimeArgs {
  bool tsv = false;
  std::string calendars;  // a file instead of the shipped calendars; empty: the shipped ones
  config::World world = config::system_world();
};

/// 0 whatever the rows hold, 2 wrong usage, 3 when the calendars file cannot be used.
int run_worktime(const WorktimeArgs&, std::istream& in, std::ostream& out, std::ostream& err);

}  // namespace xieban::app
