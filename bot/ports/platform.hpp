#pragma once
// A chat platform as data and pure functions: bytes in, values out. No sockets, no clock, no database.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "bot/base/error.hpp"
#include "bot/base/secret.hpp"
#include "bot/base/time.hpp"
#include "bot/core/brain/brain.hpp"
#include "bot/ports/http.hpp"

namespace xieban {

/// Answered at once, without the store: URL checks.
struct Handshake {
  HttpResponse answer;
};
/// Verified, but nothing for us: answered with success.
struct Ignored {
  HttpResponse answer;
  std::string alarm;    // what an administrator must see in the log; usually empty
  std::string ailment;  // the phrase's key: so it stands with the app until people's words arrive again; usually empty
};
using Decoded = std::variant<Inbound, Handshake, Ignored>;

struct SocketFrame {
  std::string bytes;
  bool binary = false;
};
/// An HttpRequest goes to Platform::origin(), unless it names an origin of its own.
using Wire = std::variant<HttpRequest, SocketFrame>;

enum class Outcome {
  delivered,
  partly,       // some recipients were not reached: `people` says who
  retry,        // not done, try again
  unknown,      // it may have been done
  rejected,     // will never work like this
  unsupported,  // not in this form: take the next entry of the plan
  token_expired,
};
struct CardSent {
  CardId card;
  std::string provider_id;
};
struct Receipt {
  Outcome outcome = Outcome::retry;
  std::string provider_id;  // the platform's id of the message
  std::optional<Duration> retry_after;
  bool whole_app = false;  // retry_after is for all that the app sends, not for this chat alone
  std::string detail;      // for the log and /体检; no secrets, no message text
  std::vector<std::pair<PersonRef, Outcome>> people;
  bool target_gone = false;  // chat dissolved, bot removed, user left
  bool chat_gone = false;    // of these surely the chat: nothing else can be sent there either
  bool used_up = false;      // the month's calls are
  bool no_right = false;     // refused for want of a permission of the app: so will be all of this form
  bool shut_out = false;     // the app itself is refused, whatever it sends, until somebody puts that right
  bool own_token = false;    // of token_expired: this host takes only its own, Contacts::own_token_request()
  bool never_left = false;   // no call was made: none of the platform's limits was used

  Receipt() = default;
  explicit Receipt(Outcome o, std::string d = {}) : outcome(o), detail(std::move(d)) {}
};
/// A platform that dislikes its words need not be asked in another form: a text about no request. About a request even a text
/// has a further form, without what anybody typed.
bool is_last_form(const Outgoing&);
struct Token {
  Secret value;
  TimePoint until;
};

class StreamMachine;
class Contacts;

class Platform {
 public:
  virtual ~Platform() = default;
  [[nodiscard]] virtual const AppId& app() const = 0;
  [[nodiscard]] virtual const Traits& traits() const = 0;
  [[nodiscard]] virtual std::string origin() const = 0;
  /// Checks the bytes first, then parses. bad_signature -> 401, bad_input -> 400.
  [[nodiscard]] virtual Result<Decoded> decode(const HttpRequest&, TimePoint now) const = 0;
  [[nodiscard]] virtual HttpResponse answer(const Inbound&, const Reply&, const Card*) const = 0;
  /// 503; for a press 200 with `text` ("press again") where the platform shows it to the presser.
  [[nodiscard]] virtual HttpResponse busy(const Inbound&, const std::string& text) const = 0;
  /// nullopt: this platform needs no token.
  [[nodiscard]] virtual std::optional<HttpRequest> token_request() const = 0;
  /// False for what goes out without one, although others need it.
  [[nodiscard]] virtual bool needs_token(const Outgoing&) const { return token_request().has_value(); }
  [[nodiscard]] virtual Result<Token> read_token(const HttpResponse&, TimePoint now) const = 0;
  /// Equal Outgoing, equal body bytes. not_found: this channel does not lead there, the next of the plan is taken; other
  /// errors: it can never be sent.
  [[nodiscard]] virtual Result<Wire> encode(const Outgoing&, const Token&) const = 0;
  [[nodiscard]] virtual Receipt interpret(const Outgoing&, const HttpResponse&) const = 0;
  /// A long connection (stream.hpp), not opened yet; nullptr: this app's events are posted.
  [[nodiscard]] virtual std::unique_ptr<StreamMachine> make_stream() const;
  /// The app's own account, as Contacts::read_self() found it: what mentions it is for us. On the thread that decodes.
  virtual void know_self(const UserId&) const {}
  /// The platform's directory (contacts.hpp); lives as long as the platform. nullptr: none can be read.
  [[nodiscard]] virtual const Contacts* contacts() const { return nullptr; }
};

}  // namespace xieban
