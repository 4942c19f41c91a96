#include "bot/engine/sender.hpp"

#include <algorithm>
#include <exception>
#include <map>
#include <string_view>
#include <utility>

#include "bot/base/log.hpp"
#include "bot/ports/contacts.hpp"

namespace xieban {
namespace {

constexpr Duration whole_call{10000};
constexpr Duration own_token_margin{60'000}, own_token_pause{5000};

std::string_view to_text(Outcome outcome) {
  switch (outcome) {
    case Outcome::delivered:
      return "delivered";
    case Outcome::partly:
      return "partly";
    case Outcome::retry:
      return "retry";
    case Outcome::unknown:
      return "unknown";
    case Outcome::rejected:
      return "rejected";
    case Outcome::unsupported:
      return "unsupported";
    case Outcome::token_expired:
      return "token_expired";
  }
  return "unknown";
}

Receipt never_left(Outcome outcome, std::string why) {
  Receipt receipt(outcome, std::move(why));
  receipt.never_left = true;
  return receipt;
}

Receipt receipt_of(const Error& error) {
  // Only a connection that was never made, or a call that was never started, is certain to have sent nothing.
  const std::string_view text = error.text;
  const bool never_connected = error.code == Errc::network && text.starts_with("connect") && !text.starts_with("connection");
  const bool nothing_sent = never_connected || error.code == Errc::limited || error.code == Errc::shutting_down;
  return nothing_sent ? never_left(Outcome::retry, error.text) : Receipt(Outcome::unknown, error.text);
}

Receipt not_encoded(const Error& error) {
  return never_left(error.code == Errc::not_found ? Outcome::unsupported : Outcome::rejected, "encode: " + error.text);
}

/// What went wrong in an adapter, as a receipt: a call that cannot be written will never work like this.
Result<Wire> encode_safely(const Platform& platform, const Outgoing& outgoing, const Token& token) {
  try {
    return platform.encode(outgoing, token);
  } catch (const std::exception& thrown) {
    log::error("encode.threw", {{"app", platform.app()}, {"parcel", outgoing.parcel}, {"why", thrown.what()}});
    return std::unexpected(Error(Errc::thrown, thrown.what()));
  }
}

}  // namespace

struct Sender::Impl {
  Impl(boost::asio::any_io_executor executor, Transport& carrier, TimeSource& clock, Metrics& figures)
      : transport(carrier),
        time(clock),
        metrics(figures),
        tokens(std::make_shared<Tokens>(std::move(executor), carrier, clock, figures)) {}

  Transport& transport;
  TimeSource& time;
  Metrics& metrics;
  std::shared_ptr<Tokens> tokens;
  FrameCarrier* frames = nullptr;
  std::map<AppId, Token> own_tokens;  // of hosts that take no other

  using StillMine = std::function<bool()>;
  static boost::asio::awaitable<Receipt> send(std::shared_ptr<Impl> self, std::shared_ptr<const Platform> platform,
                                              Outgoing outgoing, StillMine still_mine);
  using Make = std::function<HttpRequest(const Token&)>;
  using TokenRefused = std::function<bool(const HttpResponse&)>;
  static boost::asio::awaitable<Result<HttpResponse>> ask(std::shared_ptr<Impl> self, std::shared_ptr<const Platform> platform,
                                                          Make make, TokenRefused token_refused, TimePoint until);
  boost::asio::awaitable<Receipt> over_socket(AppId app, SocketFrame frame, TimePoint deadline);
  std::optional<Token> own_token(const AppId& app) const;
  static boost::asio::awaitable<Result<void>> fetch_own_token(std::shared_ptr<Impl> self,
                                                              std::shared_ptr<const Platform> platform, TimePoint until);
  boost::asio::awaitable<Receipt> with_own_token(std::shared_ptr<Impl> self, std::shared_ptr<const Platform> platform,
                                                 const Outgoing& outgoing, std::string refusal, TimePoint deadline);
  boost::asio::awaitable<Receipt> attempt(std::shared_ptr<Impl> self, std::shared_ptr<const Platform> platform,
                                          const Outgoing& outgoing, const StillMine& still_mine, TimePoint deadline);
};

boost::asio::awaitable<Receipt> Sender::Impl::over_socket(AppId app, SocketFrame frame, TimePoint deadline) {
  if (frames == nullptr) co_return never_left(Outcome::retry, "no live connection to send over");
  co_return co_await frames->carry(std::move(app), std::move(frame), deadline);
}

std::optional<Token> Sender::Impl::own_token(const AppId& app) const {
  const auto known = own_tokens.find(app);
  if (known == own_tokens.end() || known->second.until <= time.now() + own_token_margin) return std::nullopt;
  return known->second;
}

boost::asio::awaitable<Result<void>> Sender::Impl::fetch_own_token(std::shared_ptr<Impl> self,
                                                                   std::shared_ptr<const Platform> platform, TimePoint until) {
  const Contacts* contacts = platform->contacts();
  auto asks = contacts == nullptr ? std::nullopt : contacts->own_token_request();
  if (!asks) co_return std::unexpected(Error(Errc::bad_input, "no host of this app has a token of its own"));
  std::string origin = asks->origin.empty() ? platform->origin() : asks->origin;
  auto answer = co_await self->transport.send(std::move(origin), std::move(*asks), until - self->time.now());
  if (!answer) co_return std::unexpected(answer.error());
  auto token = contacts->read_own_token(*answer, self->time.now());
  if (!token) co_return std::unexpected(token.error());
  self->own_tokens.insert_or_assign(platform->app(), std::move(*token));
  co_return Result<void>();
}

/// The same call once more, with a token of the host that refused the app's. The arguments live in send(), as attempt() awaits
/// this in place.
boost::asio::awaitable<Receipt> Sender::Impl::with_own_token(std::shared_ptr<Impl> self,
                                                             std::shared_ptr<const Platform> platform, const Outgoing& outgoing,
                                                             std::string refusal, TimePoint deadline) {
  const Contacts* contacts = platform->contacts();
  if (contacts == nullptr || !contacts->own_token_request()) co_return Receipt(Outcome::rejected, std::move(refusal));
  auto token = own_token(platform->app());
  if (!token) {
    const auto got = co_await fetch_own_token(self, platform, deadline);
    token = own_token(platform->app());
    if (!got || !token) {
      Receipt none(Outcome::retry, "the host's own token: " + (got ? std::string("none that lasts") : got.error().text));
      none.retry_after = own_token_pause;
      co_return none;
    }
  }
  auto wire = encode_safely(*platform, outgoing, *token);
  if (!wire) co_return not_encoded(wire.error());
  auto* request = std::get_if<HttpRequest>(&*wire);
  const Duration left = deadline - time.now();
  if (request == nullptr || left <= Duration{0})
    co_return never_left(Outcome::retry, "no time left after the host's own token");
  std::string origin = request->origin.empty() ? platform->origin() : std::move(request->origin);
  auto answer = co_await transport.send(std::move(origin), std::move(*request), left);
  if (!answer) co_return receipt_of(answer.error());
  Receipt receipt = platform->interpret(outgoing, *answer);
  if (receipt.outcome != Outcome::token_expired) co_return receipt;
  own_tokens.erase(platform->app());
  co_return Receipt(Outcome::rejected, std::move(receipt.detail));
}

/// The arguments live in send(), which awaits this in place.
boost::asio::awaitable<Receipt> Sender::Impl::attempt(std::shared_ptr<Impl> self, std::shared_ptr<const Platform> platform,
                                                      const Outgoing& outgoing, const StillMine& still_mine,
                                                      TimePoint deadline) {
  const bool needs_token = platform->needs_token(outgoing);
  GivenToken given;
  if (needs_token) {
    auto got = co_await tokens->get(platform, deadline);
    if (!got) {
      Receipt none = never_left(Outcome::token_expired, got.error().text);
      none.retry_after = std::max(tokens->resting(platform->app()), Duration{1000});
      co_return none;
    }
    given = std::move(*got);
  }

  auto wire = encode_safely(*platform, outgoing, given.token);
  if (!wire) co_return not_encoded(wire.error());

  const Duration left = deadline - time.now();
  if (left <= Duration{0}) co_return never_left(Outcome::retry, "no time left after the token");
  if (still_mine && !still_mine()) co_return never_left(Outcome::retry, "not ours any more");
  auto* request = std::get_if<HttpRequest>(&*wire);
  if (request == nullptr) {
    auto frame = std::get<SocketFrame>(std::move(*wire));
    co_return co_await over_socket(platform->app(), std::move(frame), deadline);
  }
  std::string origin = request->origin.empty() ? platform->origin() : std::move(request->origin);
  if (request->stamp) request->stamp(*request, time.now());
  auto answer = co_await transport.send(std::move(origin), std::move(*request), left);
  if (!answer) co_return receipt_of(answer.error());

  Receipt receipt = platform->interpret(outgoing, *answer);
  if (receipt.own_token) co_return co_await with_own_token(self, platform, outgoing, std::move(receipt.detail), deadline);
  if (needs_token) {
    if (receipt.outcome == Outcome::token_expired) {
      tokens->refused(platform->app(), given.generation);
      const Duration rest = tokens->resting(platform->app());
      if (rest > Duration{0}) receipt.retry_after = rest;
    } else if (receipt.shut_out) {
      tokens->shut_out(platform->app(), receipt.detail);
    } else if (receipt.outcome != Outcome::retry && receipt.outcome != Outcome::unknown) {
      tokens->worked(platform->app(), given.generation);
    }
  }
  co_return receipt;
}

boost::asio::awaitable<Receipt> Sender::Impl::send(std::shared_ptr<Impl> self, std::shared_ptr<const Platform> platform,
                                                   Outgoing outgoing, StillMine still_mine) {
  const TimePoint started = self->time.now();
  Receipt receipt(Outcome::unknown, "the adapter threw");
  try {
    receipt = co_await self->attempt(self, platform, outgoing, still_mine, started + whole_call);
  } catch (const std::exception& thrown) {
    // Whoever threw, the bytes may have left by then.
    log::error("send.threw", {{"app", platform->app()}, {"parcel", outgoing.parcel}, {"why", thrown.what()}});
  }
  const Duration took = self->time.now() - started;
  self->metrics.send(platform->app().value, to_text(receipt.outcome), static_cast<double>(took.count()) / 1000.0);
  co_return receipt;
}

boost::asio::awaitable<Result<HttpResponse>> Sender::Impl::ask(std::shared_ptr<Impl> self,
                                                               std::shared_ptr<const Platform> platform, Make make,
                                                               TokenRefused token_refused, TimePoint until) {
  GivenToken given;
  const bool needs_token = platform->token_request().has_value();
  if (needs_token) {
    auto got = co_await self->tokens->get(platform, until);
    if (!got) co_return std::unexpected(Error(Errc::limited, got.error().text));
    given = std::move(*got);
  }
  HttpRequest request = make(given.token);
  const Duration left = until - self->time.now();
  if (left <= Duration{0}) co_return std::unexpected(Error(Errc::timed_out, "no time left after the token"));
  std::string origin = request.origin.empty() ? platform->origin() : request.origin;
  auto answer = co_await self->transport.send(std::move(origin), std::move(request), left);
  if (!answer) co_return std::unexpected(answer.error());
  if (needs_token && token_refused(*answer)) self->tokens->refused(platform->app(), given.generation);
  co_return std::move(*answer);
}

Sender::Sender(boost::asio::any_io_executor executor, Transport& transport, TimeSource& time, Metrics& metrics)
    : impl_(std::make_shared<Impl>(std::move(executor), transport, time, metrics)) {}
Sender::~Sender() = default;

void Sender::use(FrameCarrier& carrier) { impl_->frames = &carrier; }

std::optional<Token> Sender::own_token(const AppId& app) const { return impl_->own_token(app); }
boost::asio::awaitable<Result<void>> Sender::fetch_own_token(std::shared_ptr<const Platform> platform, TimePoint until) {
  return Impl::fetch_own_token(impl_, std::move(platform), until);
}

std::vector<Locked> Sender::locked() const { return impl_->tokens->locked(); }

boost::asio::awaitable<Receipt> Sender::send(std::shared_ptr<const Platform> platform, Outgoing outgoing) {
  return Impl::send(impl_, std::move(platform), std::move(outgoing), nullptr);
}
boost::asio::awaitable<Receipt> Sender::send(std::shared_ptr<const Platform> platform, Outgoing outgoing,
                                             std::function<bool()> still_mine) {
  return Impl::send(impl_, std::move(platform), std::move(outgoing), std::move(still_mine));
}

boost::asio::awaitable<Result<HttpResponse>> Sender::ask(std::shared_ptr<const Platform> platform,
                                                         std::function<HttpRequest(const Token&)> make,
                                                         std::function<bool(const HttpResponse&)> token_refused,
                                                         TimePoint until) {
  return Impl::ask(impl_, std::move(platform), std::move(make), std::move(token_refused), until);
}

}  // namespace xieban
