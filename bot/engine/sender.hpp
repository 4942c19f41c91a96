#pragma once
// One call to one platform: token (fetched once for all waiters), encode, transport, interpret.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>
#include <optional>

#include "bot/base/metrics.hpp"
#include "bot/engine/tokens.hpp"
#include "bot/ports/frame_carrier.hpp"
#include "bot/ports/platform.hpp"
#include "bot/ports/time_source.hpp"
#include "bot/ports/transport.hpp"

namespace xieban {

class Sender {
 public:
  Sender(boost::asio::any_io_executor, Transport&, TimeSource&, Metrics&);
  ~Sender();
  Sender(const Sender&) = delete;
  Sender& operator=(const Sender&) = delete;

  /// Frames go over these from now on; they outlive it. Without any, a frame waits (`retry`).
  void use(FrameCarrier&);
  /// Never throws; takes at most ten seconds, the token included. A connection that was never made is `retry`, an answer
  /// that never came `unknown`. `token_expired` (also: no token is to be had) drops the cached token, only if it is still
  /// the one that was refused; `retry_after` then says how long renewals rest. One call, one attempt; a second one is made
  /// only where the first did nothing, because its host takes no token but its own.
  boost::asio::awaitable<Receipt> send(std::shared_ptr<const Platform>, Outgoing);
  /// The same; asks `still_mine` just before the bytes leave, and sends nothing (`retry`) when it says no.
  boost::asio::awaitable<Receipt> send(std::shared_ptr<const Platform>, Outgoing, std::function<bool()> still_mine);
  /// A question to the platform, with a token: its answer, whatever it says. `token_refused` says whether it was about the
  /// token. Errors: network, timed_out, limited (no token is to be had).
  boost::asio::awaitable<Result<HttpResponse>> ask(std::shared_ptr<const Platform>,
                                                   std::function<HttpRequest(const Token&)> make,
                                                   std::function<bool(const HttpResponse&)> token_refused, TimePoint until);
  /// The token of a host that takes no other (Contacts::own_token_request()), if one is at hand and still good.
  [[nodiscard]] std::optional<Token> own_token(const AppId&) const;
  /// Fetches another one; kept until it ends. Errors: network, timed_out, bad_input (none is given).
  boost::asio::awaitable<Result<void>> fetch_own_token(std::shared_ptr<const Platform>, TimePoint until);
  /// Apps that can call nothing: no token is to be had, or the platform refuses them whatever they ask.
  [[nodiscard]] std::vector<Locked> locked() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace xieban
