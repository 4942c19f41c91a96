#include "tests/sim/servers/dingtalk_access.hpp"

#include <chrono>

#include "tests/sim/servers/answers.hpp"
#include "tests/sim/servers/dingtalk_answers.hpp"

namespace xieban::sim::dingtalk {

namespace {

constexpr Duration second{1000};
constexpr Duration token_life{7200 * 1000};
constexpr Duration address_window{20 * 1000};
constexpr Duration address_block{5 * 60 * 1000};

/// Months of the organisation's time zone, numbered.
int month_of(TimePoint now) {
  const auto day = std::chrono::floor<std::chrono::days>(now + std::chrono::hours(8));
  const std::chrono::year_month_day date(day);
  return static_cast<int>(date.year()) * 12 + static_cast<int>(static_cast<unsigned>(date.month()));
}

}  // namespace

std::string Tokens::issue(const std::string& app, bool old_host) {
  const TimePoint now = stage_.clock.now();
  for (auto& [value, token] : tokens_) {
    if (token.app != app || token.old_host != old_host || token.until <= now) continue;
    token.until = now + token_life;
    return value;
  }
  const std::string value = stage_.ids.next("");
  if (!refuse_) tokens_[value] = Token{app, now + token_life, old_host};
  return value;
}

Tokens::Found Tokens::find(const std::string& token, bool old_host) const {
  Found found;
  const auto known = tokens_.find(token);
  if (token.empty()) {
    found.state = State::missing;
  } else if (known != tokens_.end()) {
    const bool own_only = old_host && stage_.world.limit("oapi_own_tokens", 0) != 0;
    found.app = known->second.app;
    found.state = known->second.until <= stage_.clock.now() ? State::expired : State::good;
    if (own_only && !known->second.old_host) found.state = State::unknown;
  }
  return found;
}

void Tokens::expire() {
  for (auto& [value, token] : tokens_) token.until = stage_.clock.now();
}

void Tokens::clear() {
  tokens_.clear();
  refuse_ = false;
}

std::optional<Outcome> Quotas::over_address() {
  const TimePoint now = stage_.clock.now();
  const auto count = static_cast<std::uint32_t>(stage_.world.limit("address_per_20_seconds", 10'000));
  if (now >= address_blocked_) {
    if (!windows_.take("address", count, address_window, now)) return std::nullopt;
    address_blocked_ = now + address_block;
  }
  Outcome outcome;
  outcome.code = 1111;
  outcome.response =
      json_response({{"status", 1111}, {"wait", 5}, {"source", "x5"}, {"punish", "deny"}, {"uuid", stage_.ids.next("")}}, 403);
  return outcome;
}

std::optional<Outcome> Quotas::over_app(const std::string& app, const std::string& api, bool counted, bool old_host) {
  if (!take("qps/" + app + api, stage_.world.limit("api_per_second", 20), second)) {
    if (old_host) return oapi_refusal(90018, "the app calls this interface too often");
    return api_refusal("Forbidden.AccessDenied.QpsLimitForAppkeyAndApi", "the app calls this interface too often");
  }
  if (counted && !take_monthly(calls_, stage_.world.limit("monthly_calls", 5000))) {
    if (old_host) return oapi_refusal(90020, "the month's calls of the organisation are used up");
    return api_refusal("Forbidden.AccessDenied.ApiCountLimitForOrg", "the month's calls of the organisation are used up");
  }
  return std::nullopt;
}

bool Quotas::take_push() { return take_monthly(pushes_, stage_.world.limit("monthly_pushes", 3000)); }

bool Quotas::take_monthly(std::map<int, int>& used, int limit) {
  int& count = used[month_of(stage_.clock.now())];
  if (count >= limit) return false;
  ++count;
  return true;
}

bool Quotas::take(const std::string& key, int count, Duration per) {
  return count == 0 || !windows_.take(key, static_cast<std::uint32_t>(count), per, stage_.clock.now());
}

void Quotas::clear() {
  windows_.clear();
  calls_.clear();
  pushes_.clear();
  address_blocked_ = TimePoint{};
}

}  // namespace xieban::sim::dingtalk
