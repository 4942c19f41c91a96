#pragma once
// Access tokens of the platforms: one renewal at a time per app, whoever waits for it; renewed before they run out.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bot/base/metrics.hpp"
#include "bot/engine/signal.hpp"
#include "bot/ports/platform.hpp"
#include "bot/ports/time_source.hpp"
#include "bot/ports/transport.hpp"

namespace xieban {

/// A token and which one it is, so that its refusal drops no newer one.
struct GivenToken {
  Token token;
  std::uint64_t generation = 0;
  GivenToken() = default;
  GivenToken(Token given, std::uint64_t which) : token(std::move(given)), generation(which) {}
};

/// An app that gets no token, or none that its platform takes, several times in a row; or that its platform refuses itself.
struct Locked {
  AppId app;
  TimePoint since;
  std::string why;
  bool shut_out = false;  // the app itself is refused
};

class Tokens : public std::enable_shared_from_this<Tokens> {
 public:
  Tokens(boost::asio::any_io_executor, Transport&, TimeSource&, Metrics&);

  /// The cached one, or a new one; waits until `deadline` at most. After a failed renewal, and after three new tokens in a
  /// row that were refused, it answers with an error at once until the back-off has passed.
  boost::asio::awaitable<Result<GivenToken>> get(std::shared_ptr<const Platform>, TimePoint deadline);
  /// The platform would not have it. Drops it, unless a newer one is there already.
  void refused(const AppId&, std::uint64_t generation);
  /// The platform refuses the app itself, whatever the token.
  void shut_out(const AppId&, const std::string& why);
  /// The platform took it.
  void worked(const AppId&, std::uint64_t generation);
  /// How long until a renewal may be tried again; zero: now.
  [[nodiscard]] Duration resting(const AppId&) const;
  [[nodiscard]] std::vector<Locked> locked() const;

 private:
  struct Entry {
    explicit Entry(TimeSource& time) : changed(time) {}
    std::optional<Token> token;
    TimePoint fetched{};
    std::uint64_t generation = 0;
    bool fetching = false;
    std::uint32_t failed = 0;    // renewals in a row without a token
    std::uint32_t refused = 0;   // new tokens in a row that the platform would not have
    std::uint64_t failures = 0;  // ever, so that a waiter sees that its renewal failed
    std::string last_failure;
    std::optional<TimePoint> rest_until;
    std::optional<TimePoint> ailing_since;  // the first failure or refusal since a token worked
    std::string shut_out;                   // why the app itself is refused; empty: it is not
    Signal changed;
  };
  static boost::asio::awaitable<void> renew(std::shared_ptr<Tokens>, std::shared_ptr<const Platform>, std::shared_ptr<Entry>);
  void start_renewal(const std::shared_ptr<const Platform>&, const std::shared_ptr<Entry>&);
  std::shared_ptr<Entry> entry(const AppId&);

  boost::asio::any_io_executor executor_;
  Transport& transport_;
  TimeSource& time_;
  Metrics& metrics_;
  std::map<AppId, std::shared_ptr<Entry>> entries_;
};

}  // namespace xieban
