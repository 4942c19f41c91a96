#pragma once
// What a simulated platform is to the control API, whichever it is: calls answered, pushes made, long connections held.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bot/base/error.hpp"
#include "bot/ports/http.hpp"
#include "tests/sim/servers/clock.hpp"
#include "tests/sim/servers/faults.hpp"
#include "tests/sim/servers/ids.hpp"
#include "tests/sim/servers/journal.hpp"
#include "tests/sim/servers/websocket.hpp"
#include "tests/sim/servers/world.hpp"

namespace xieban::sim {

/// What every platform stands on.
struct Stage {
  Stage(boost::asio::any_io_executor e, nlohmann::json usual_world, std::uint64_t seed)
      : executor(std::move(e)), world(std::move(usual_world)), ids(seed) {}
  boost::asio::any_io_executor executor;
  Clock clock;
  World world;
  Journal journal;
  Ids ids;
  std::string url;  // where the simulator listens, without a slash at the end
};

/// One call, answered. `accepted`: it had its effect. `code`: the platform's, a number or a word.
struct Outcome {
  HttpResponse response;
  std::string app;
  nlohmann::json code = 0;
  bool accepted = false;
};

/// Something the platform tells the bot.
struct Push {
  std::string app;      // id in the hook path
  std::string id;       // event or message id
  std::string channel;  // the platform's own name for the kind of push
  enum class Via { webhook, stream, nothing } via = Via::webhook;
  HttpRequest request;    // webhook: to be posted
  nlohmann::json frame;   // stream: as the platform's connections want it
  nlohmann::json origin;  // what the answer is about
  Duration answer_within{3000};
  std::vector<Duration> repeats;  // waits before further attempts, as long as none is acknowledged
  Duration wait{0};               // before the first attempt, for what follows from another push
  enum class Kind { other, press } kind = Kind::other;
};

/// One attempt.
struct Delivery {
  int attempt = 0, status = 0;
  std::int64_t ms = 0;
  std::string body;
  bool acked = false;
  int refused = 0;  // the error that the answer shows to whoever pressed; 0: none
};

class PlatformSim {
 public:
  virtual ~PlatformSim() = default;

  virtual Outcome call(const HttpRequest&) = 0;
  /// As the platform answers a fault of kind "business".
  virtual Outcome business(const Fault&, const HttpRequest&) = 0;
  /// The next call of every app finds its token expired; refuse: new ones are invalid from the start.
  virtual void expire_tokens() = 0;
  virtual void refuse_tokens(bool on) = 0;
  virtual void clear() = 0;

  /// `what` as POST /_sim/events has it. nullopt with a reason in `error` when it names nothing that exists.
  virtual std::optional<Push> push(const nlohmann::json& what, std::string& error) = 0;
  /// The bot's answer to a webhook; true: it counts as an acknowledgement.
  virtual bool answered(const Push&, const HttpResponse& answer) { return answer.status == 200; }
  /// What is wrong with an answer that arrived, by the code people see; 0: nothing. It is no acknowledgement then.
  [[nodiscard]] virtual int refused_answer(const Push&, const std::string&) const { return 0; }
  /// The request of another attempt; platforms may seal it anew.
  virtual HttpRequest again(const Push& push) { return push.request; }
  /// What the platform sends because of the bot's answer to that push.
  virtual std::optional<Push> follow_up(const Push&) { return std::nullopt; }
  /// After the last repeat of a push that nobody acknowledged.
  virtual void gave_up(const Push&) {}

  /// Members of POST /_sim/events and POST /_sim/stream that this platform knows beside those that all of them know.
  [[nodiscard]] virtual std::vector<std::string_view> event_members() const { return {}; }
  [[nodiscard]] virtual std::vector<std::string_view> stream_members() const { return {}; }

  // Long connections; a platform without them refuses.
  virtual std::shared_ptr<SocketUser> upgrade(const HttpRequest&, HttpResponse& refusal) {
    refusal = HttpResponse(404);
    return nullptr;
  }
  /// One attempt, with its number.
  virtual boost::asio::awaitable<Delivery> send_on_stream(Push, int) { co_return Delivery(); }
  /// POST /_sim/stream; answers with the number of connections it meant.
  virtual Result<int> disturb_stream(const nlohmann::json&) {
    return std::unexpected(Error(Errc::bad_input, "this platform has no long connections"));
  }
};

}  // namespace xieban::sim
