#include "bot/engine/tokens.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <exception>

#include "bot/base/log.hpp"

namespace xieban {
namespace {

constexpr Duration renewal_time{10000};
constexpr Duration first_rest{1000}, longest_rest{300000};
constexpr std::uint32_t refused_before_rest = 3;

Duration rest_after(std::uint32_t failures) {
  Duration rest = first_rest;
  for (std::uint32_t n = 1; n < failures && rest < longest_rest; ++n) rest = std::min(rest * 2, longest_rest);
  return rest;
}

/// Not used any more so long before its end: a call takes time. Short-lived tokens keep most of their life.
Duration margin(TimePoint fetched, TimePoint until) { return std::min<Duration>(Duration{60000}, (until - fetched) / 10); }
/// Renewed in the background so long before its end.
Duration early(TimePoint fetched, TimePoint until) { return std::min<Duration>(Duration{300000}, (until - fetched) / 4); }

}  // namespace

Tokens::Tokens(boost::asio::any_io_executor executor, Transport& transport, TimeSource& time, Metrics& metrics)
    : executor_(std::move(executor)), transport_(transport), time_(time), metrics_(metrics) {}

std::shared_ptr<Tokens::Entry> Tokens::entry(const AppId& app) {
  auto& found = entries_[app];
  if (!found) found = std::make_shared<Entry>(time_);
  return found;
}

boost::asio::awaitable<Result<GivenToken>> Tokens::get(std::shared_ptr<const Platform> platform, TimePoint deadline) {
  const auto mine = entry(platform->app());
  const auto failures_before = mine->failures;
  for (;;) {
    const TimePoint now = time_.now();
    const bool resting = mine->rest_until && now < *mine->rest_until;
    if (mine->token && now < mine->token->until - margin(mine->fetched, mine->token->until)) {
      const bool soon = now >= mine->token->until - early(mine->fetched, mine->token->until);
      if (soon && !resting) start_renewal(platform, mine);
      co_return GivenToken(*mine->token, mine->generation);
    }
    if (mine->failures != failures_before || resting) {
      co_return std::unexpected(Error(Errc::network, "token: " + mine->last_failure));
    }
    if (now >= deadline) co_return std::unexpected(Error(Errc::timed_out, "token: no answer in time"));
    start_renewal(platform, mine);
    if (mine->fetching) co_await mine->changed.wait(deadline);  // it may have ended at once
  }
}

void Tokens::start_renewal(const std::shared_ptr<const Platform>& platform, const std::shared_ptr<Entry>& mine) {
  if (mine->fetching) return;
  mine->fetching = true;
  boost::asio::co_spawn(executor_, renew(shared_from_this(), platform, mine), boost::asio::detached);
}

boost::asio::awaitable<void> Tokens::renew(std::shared_ptr<Tokens> self, std::shared_ptr<const Platform> platform,
                                           std::shared_ptr<Entry> mine) {
  std::string failure;
  std::optional<Token> token;
  try {
    auto request = platform->token_request();
    if (!request) {
      failure = "none needed";
    } else {
      auto answer = co_await self->transport_.send(platform->origin(), std::move(*request), renewal_time);
      if (!answer) {
        failure = answer.error().text;
      } else {
        auto read = platform->read_token(*answer, self->time_.now());
        if (read)
          token = std::move(*read);
        else
          failure = read.error().text;
      }
    }
  } catch (const std::exception& thrown) {
    failure = thrown.what();
  }

  const TimePoint now = self->time_.now();
  mine->fetching = false;
  self->metrics_.token_refresh(platform->app().value, token.has_value());
  if (token) {
    mine->token = std::move(token);
    mine->fetched = now;
    ++mine->generation;
    mine->failed = 0;
    log::info("token.renewed", {{"app", platform->app()}, {"until_s", (mine->token->until - now).count() / 1000}});
  } else {
    if (!mine->ailing_since) mine->ailing_since = now;
    ++mine->failures;
    ++mine->failed;
    mine->last_failure = failure;
    mine->rest_until = now + rest_after(mine->failed);
    log::warn("token.failed", {{"app", platform->app()}, {"why", failure}, {"in_a_row", mine->failed}});
  }
  mine->changed.notify();
}

void Tokens::refused(const AppId& app, std::uint64_t generation) {
  const auto mine = entry(app);
  if (!mine->token || mine->generation != generation) return;
  mine->token.reset();
  ++mine->refused;
  if (!mine->ailing_since) mine->ailing_since = time_.now();
  if (mine->refused < refused_before_rest) return;
  // A platform that refuses what it has just given out is not asked for ever.
  mine->last_failure = "new tokens are refused";
  mine->rest_until = time_.now() + rest_after(mine->refused - refused_before_rest + 1);
  log::error("token.refused", {{"app", app}, {"in_a_row", mine->refused}});
}

void Tokens::shut_out(const AppId& app, const std::string& why) {
  const auto mine = entry(app);
  if (!mine->ailing_since) mine->ailing_since = time_.now();
  if (mine->shut_out != why) log::error("app.shut_out", {{"app", app}, {"why", why}});
  mine->shut_out = why;
}

void Tokens::worked(const AppId& app, std::uint64_t generation) {
  const auto mine = entry(app);
  if (mine->generation != generation) return;
  mine->refused = 0;
  mine->ailing_since.reset();
  mine->shut_out.clear();
}

std::vector<Locked> Tokens::locked() const {
  std::vector<Locked> found;
  for (const auto& [app, mine] : entries_) {
    if (!mine->ailing_since) continue;
    if (!mine->shut_out.empty()) {
      found.push_back(Locked{app, *mine->ailing_since, mine->shut_out, true});
    } else if (std::max(mine->failed, mine->refused) >= refused_before_rest) {
      found.push_back(Locked{app, *mine->ailing_since, mine->last_failure});
    }
  }
  return found;
}

Duration Tokens::resting(const AppId& app) const {
  const auto found = entries_.find(app);
  if (found == entries_.end() || !found->second->rest_until) return Duration{0};
  return std::max(Duration{0}, *found->second->rest_until - time_.now());
}

}  // namespace xieban
