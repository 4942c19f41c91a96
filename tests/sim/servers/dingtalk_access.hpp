#pragma once
// Who may call, and how often: tokens, calls per second, the month's quotas.

#include <map>
#include <optional>
#include <string>

#include "tests/sim/servers/platform.hpp"
#include "tests/sim/servers/windows.hpp"

namespace xieban::sim::dingtalk {

class Tokens {
 public:
  explicit Tokens(Stage& stage) : stage_(stage) {}
  /// The app's living token with its life extended, or a new one.
  std::string issue(const std::string& app, bool old_host);
  enum class State { good, missing, unknown, expired };
  struct Found {
    State state = State::unknown;
    std::string app;
  };
  [[nodiscard]] Found find(const std::string& token, bool old_host) const;
  void expire();
  void refuse(bool on) { refuse_ = on; }
  void clear();

 private:
  struct Token {
    std::string app;
    TimePoint until;
    bool old_host = false;
  };
  Stage& stage_;
  std::map<std::string, Token> tokens_;
  bool refuse_ = false;
};

class Quotas {
 public:
  explicit Quotas(Stage& stage) : stage_(stage) {}
  /// Every caller on earth: 10,000 in 20 s.
  std::optional<Outcome> over_address();
  /// One app and one API; `counted`: against the organisation's month.
  std::optional<Outcome> over_app(const std::string& app, const std::string& api, bool counted, bool old_host);
  /// Counts a webhook or stream message; false: the month's are used up.
  bool take_push();
  /// Counts one under `key`; false: too many in that time. A count of 0 is no limit.
  bool take(const std::string& key, int count, Duration per);
  void clear();

 private:
  bool take_monthly(std::map<int, int>& used, int limit);
  Stage& stage_;
  Windows windows_;
  TimePoint address_blocked_{};
  std::map<int, int> calls_, pushes_;  // by month
};

}  // namespace xieban::sim::dingtalk
