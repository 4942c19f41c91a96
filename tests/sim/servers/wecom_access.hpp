#pragma once
// Who may call, and how often: tokens per app (91039), trusted addresses, the base limits per company and interface (90312).

#include <map>
#include <string>

#include "tests/sim/servers/wecom_answers.hpp"
#include "tests/sim/servers/windows.hpp"

namespace xieban::sim::wecom {

class Access {
 public:
  explicit Access(Stage& stage) : stage_(stage) {}

  /// GET /cgi-bin/gettoken.
  Outcome token(const HttpRequest&);
  struct Caller {
    const nlohmann::json* app = nullptr;  // entry of the world; nullptr: refused
    Outcome refused;
  };
  /// By ?access_token= and the address the call comes from.
  Caller caller(const HttpRequest&) const;
  /// 60020, where the app names the addresses it may be called from.
  [[nodiscard]] Refused untrusted(const nlohmann::json& app, const std::string& address) const;
  /// Counts a call; 45009 over the limit and as long as the penalty lasts.
  Refused over(const nlohmann::json& app, const std::string& api);
  /// Counts one under `key`; false: too many in that time. A count of 0 is no limit.
  bool take(const std::string& key, int count, Duration per);

  void expire();
  void refuse(bool on) { refuse_ = on; }
  void clear();

 private:
  struct Token {
    std::string app;
    TimePoint until;
  };
  Stage& stage_;
  std::map<std::string, Token> tokens_;
  Windows windows_;
  std::map<std::string, TimePoint> blocked_;
  bool refuse_ = false;
};

}  // namespace xieban::sim::wecom
