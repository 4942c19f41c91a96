#pragma once
// `xieban when`: what a deadline expression means, one from the command line or many from standard input.

#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "bot/base/time.hpp"

namespace xieban::app {

struct WhenArgs {
  std::optional<std::string> now;  // RFC 3339, as given
  TimePoint system_now{};          // used when `now` is not given
  std::string calendar = "office";
  std::string urgency = "normal";  // or "urgent"
  std::string lang = "zh";         // or "en"
  bool tsv = false;
  std::vector<std::string> words;  // joined by one space
};

/// 0 understood (with --tsv always), 1 refused, 2 wrong usage.
int run_when(const WhenArgs&, std::istream& in, std::ostream& out, std::ostream& err);

}  // namespace xieban::app
