#pragma once
// Feishu's open platform, webhook side: tokens, messages, cards, chats, people, custom robots; strict.

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "bot/ports/http.hpp"
#include "tests/sim/servers/clock.hpp"
#include "tests/sim/servers/journal.hpp"
#include "tests/sim/servers/windows.hpp"
#include "tests/sim/servers/world.hpp"

namespace xieban::sim {

/// One call, answered. `accepted`: it had its effect.
struct Outcome {
  HttpResponse response;
  std::string app;
  std::int64_t code = 0;
  bool accepted = false;
};

class Feishu {
 public:
  Feishu(World&, Journal&, const Clock&, std::uint64_t seed);

  Outcome call(const HttpRequest&);
  /// As the platform answers a frequency or another business error.
  static Outcome business(std::int64_t code, const std::string& message, int status = 400);
  /// The next call of every app finds its token expired; refuse: new ones are invalid from the start.
  void expire_tokens();
  void refuse_tokens(bool on) { refuse_ = on; }
  void clear();

  /// Events: `what` as POST /_sim/events has it. nullopt with a reason in `error` when it names nothing that exists.
  struct Push {
    std::string app;      // id in the hook path
    std::string id;       // event or message id
    HttpRequest request;  // to be posted
    bool repeats = true;  // presses are not delivered again
  };
  std::optional<Push> push(const nlohmann::json& what, std::string& error);

 private:
  struct Token {
    std::string app;
    TimePoint until;
  };
  struct Sent {
    std::string message;
    TimePoint at;
  };
  std::string id(const char* prefix);
  Outcome token(const HttpRequest&);
  Outcome send(const HttpRequest&, const nlohmann::json& app, const std::string& reply_to);
  Outcome update(const HttpRequest&, const nlohmann::json& app, const std::string& message);
  Outcome urgent(const HttpRequest&, const nlohmann::json& app, const std::string& message);
  Outcome robot(const HttpRequest&, const std::string& key);
  Outcome read(const HttpRequest&, const nlohmann::json& app);
  std::optional<Outcome> over_limit(const std::string& what, const std::string& target);
  /// None of these scopes is granted: 99991672. Apps without a list of scopes have all of them.
  static std::optional<Outcome> missing_scope(const nlohmann::json& app, const std::vector<std::string>& any_of);
  /// The app's world says `"bot": false`: 230006.
  static std::optional<Outcome> without_bot(const nlohmann::json& app);
  nlohmann::json message_event(const nlohmann::json& what, std::string& key, std::string& error);
  std::optional<nlohmann::json> press_event(const nlohmann::json& what, std::string& error);
  HttpRequest sealed(const nlohmann::json& app, const nlohmann::json& event);

  World& world_;
  Journal& journal_;
  const Clock& clock_;
  std::uint64_t state_;
  std::map<std::string, Token> tokens_;
  std::map<std::string, Sent> by_key_;
  Windows windows_;
  bool refuse_ = false;
};

}  // namespace xieban::sim
