#pragma once
// A long connection as a pure frame machine: frames in, actions out. The shell gives it a socket and a clock.

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "bot/base/error.hpp"
#include "bot/base/time.hpp"
#include "bot/ports/http.hpp"
#include "bot/ports/platform.hpp"

namespace xieban {

/// The method of an event that came over a connection which proved who it is: no signature is asked of it. The server knows
/// no such method, so that nobody can post one.
inline constexpr std::string_view stream_method = "STREAM";

/// An event: decoded by Platform::decode like one that was posted, and acknowledged under its key after its commit.
struct Arrived {
  HttpRequest event;  // method stream_method, the frame's payload as body
  std::string ack_key;
};
/// The end of a send that went over the socket.
struct Settled {
  std::string send_key;
  Receipt receipt;
};
/// The connection is of no use any more; the next one at the earliest after so long.
struct Reconnect {
  Duration after{};
  std::string why;
  bool asked = false;  // the platform asked for it: no failure, the next one is opened at once
  bool taken = false;  // another client of the same app took the connection's place
};
/// How the platform wants its clients to come back after a connection ended.
struct Comeback {
  Duration spread{};   // the first attempt at a random time within it, so that not all come at once
  Duration between{};  // further attempts so far apart
  int attempts = -1;   // so many in a row; -1: without end
};
using StreamAction = std::variant<SocketFrame, Arrived, Settled, Reconnect>;

/// One per connection; no IO, no clock.
class StreamMachine {
 public:
  virtual ~StreamMachine() = default;
  /// Asks the platform where to connect; like every HttpRequest of a Wire. nullopt: endpoint() knows.
  [[nodiscard]] virtual std::optional<HttpRequest> open_request() const = 0;
  /// ws:// or wss:// with everything in it; the answer to open_request(), or an empty one if there was none.
  [[nodiscard]] virtual Result<std::string> endpoint(const HttpResponse&) = 0;
  /// That address declined the handshake so; what it means. nullopt: nothing beyond the status.
  [[nodiscard]] virtual std::optional<Error> declined(const HttpResponse&) { return std::nullopt; }
  /// It has heard a refusal that stands until somebody changes something: asking again soon is of no use.
  [[nodiscard]] virtual bool refused() const { return false; }
  /// The pause before it is asked again all the same: somebody may have changed meanwhile what it minds.
  [[nodiscard]] virtual Duration after_refusal() const { return Duration{600'000}; }
  /// Whether events come by now; where the platform wants a subscription first, after its acknowledgement.
  [[nodiscard]] virtual bool live() const { return true; }
  /// As the platform has said it so far; nullopt: not a word, growing pauses will do.
  [[nodiscard]] virtual std::optional<Comeback> comeback() const { return std::nullopt; }
  /// Growing pauses grow no longer than this.
  [[nodiscard]] virtual Duration longest_pause() const { return Duration{60'000}; }
  virtual std::vector<StreamAction> opened(TimePoint now) = 0;
  virtual std::vector<StreamAction> received(std::string_view frame, bool binary, TimePoint now) = 0;
  /// The event is on disk, or needs no store; `answer` is what Platform::answer (or decode's Handshake or Ignored) would have
  /// said over HTTP: its body goes back in the frame that acknowledges.
  virtual std::vector<StreamAction> committed(std::string_view ack_key, const HttpResponse& answer, TimePoint now) = 0;
  /// It is not: the platform's "later", or no answer at all.
  virtual std::vector<StreamAction> failed(std::string_view ack_key, TimePoint now) = 0;
  /// The platform sends nothing twice: an event that is not on disk when the program ends is lost.
  [[nodiscard]] virtual bool sent_once() const { return false; }
  /// The program ends: what rests after failed() is taken up at once.
  virtual std::vector<StreamAction> hurry() { return {}; }
  /// Ends in one Settled of that key: at once, with the platform's acknowledgement, or when that does not come. A platform
  /// that takes nothing over its connection never gets here.
  virtual std::vector<StreamAction> send(std::string /*send_key*/, SocketFrame, TimePoint /*now*/) { return {}; }
  /// Heartbeat, silence, fragments that ran out.
  virtual std::vector<StreamAction> tick(TimePoint now) = 0;
  [[nodiscard]] virtual std::optional<TimePoint> next_tick() const = 0;
};

}  // namespace xieban
