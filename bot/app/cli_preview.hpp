#pragma once
// `xieban preview`: what would be sent, when and to whom, if nobody answered a request.

#include <iosfwd>
#include <optional>
#include <string>

#include "config/load.hpp"

namespace xieban::app {

struct PreviewArgs {
  std::string config;
  std::string type;
  std::string raised_at;                  // RFC 3339
  std::optional<std::string> department;  // the lead; default: the first one
  std::optional<std::string> requester;   // default: the first person
  std::optional<std::string> until;       // default: 14 days later
  config::World world = config::system_world();
};

/// 0 done, 1 the configuration has errors or the request could not be raised, 2 wrong usage, 3 the file cannot be read.
int run_preview(const PreviewArgs&, std::istream& in, std::ostream& out, std::ostream& err);

}  // namespace xieban::app
