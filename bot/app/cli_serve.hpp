#pragma once
// `xieban serve`.

#include <iosfwd>
#include <string>

namespace xieban::app {

struct ServeArgs {
  std::string config;  // empty: the sample organisation and the playground
  std::string data = "xieban-data";
  std::string listen;
  bool playground = false;
  std::string crash_at;  // for tests: see bot/base/crash_point.hpp
};

/// 0 after an orderly end, 1 when the configuration has errors, 3 when the store or the port cannot be had.
int run_serve(const ServeArgs&, std::ostream& out, std::ostream& err);

}  // namespace xieban::app
