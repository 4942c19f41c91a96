#pragma once
// What is wrong with apps as their platforms say it, for /readyz, /体检 and the bell, from when it is noted until it is over.

#include <string>
#include <string_view>
#include <vector>

#include "bot/base/ids.hpp"
#include "bot/base/time.hpp"
#include "bot/core/words/phrase.hpp"
#include "bot/ports/time_source.hpp"

namespace xieban {

struct Ailment {
  AppId app;
  Phrase what;  // with the app and, where the platform gives a reason, `why` in it
  TimePoint since;
  bool rings = false;  // people are told at once
};

/// At most one of each app and key of a phrase.
class Ailments {
 public:
  explicit Ailments(TimeSource& time) : time_(time) {}
  enum class Rings { no, yes };
  /// Known under this key: the reason is the newest, the instant the first. `why` empty: none is given.
  void note(const AppId&, const std::string& key, const std::string& why, Rings);
  void over(const AppId&, std::string_view key);
  [[nodiscard]] const std::vector<Ailment>& all() const { return all_; }

 private:
  TimeSource& time_;
  std::vector<Ailment> all_;
};

}  // namespace xieban
