#include "tests/sim/servers/wecom_access.hpp"
#include "tests/sim/servers/wecom_codes.hpp"

#include <algorithm>
#include <chrono>

namespace xieban::sim::wecom {

using nlohmann::json;

namespace {
constexpr Duration token_life{7200 * 1000};
}  // namespace

Refused Access::untrusted(const json& app, const std::string& address) const {
  const json own = object_of(app, "app");
  if (!own.contains("trusted_ips")) return std::nullopt;
  const json& trusted = own["trusted_ips"];
  if (std::ranges::find(trusted, json(address)) != trusted.end()) return std::nullopt;
  return Refusal{bad_address, "not allow to access from your ip, from ip: " + address};
}

Outcome Access::token(const HttpRequest& request) {
  const std::string corp = request.param("corpid");
  const std::string secret = request.param("corpsecret");
  const TimePoint now = stage_.clock.now();
  const std::string key = "gettoken/" + corp;
  if (now < blocked_[key]) return refusal(too_often, "api freq out of limit");
  const json* found = nullptr;
  bool corp_known = false;
  for (const json& app : stage_.world.all().at("apps")) {
    if (corp.empty() || text_of(app, "corp_id") != corp) continue;
    corp_known = true;
    if (!secret.empty() && text_of(object_of(app, "app"), "secret") == secret) found = &app;
  }
  if (found == nullptr) {
    // Two thousand wrong ones in an hour block the interface for an hour (reported from the field).
    if (!take(key, stage_.world.limit("bad_secrets_per_hour", 2000), hour)) blocked_[key] = now + hour;
    return corp_known ? refusal(stage_.world.limit("bad_secret_code", bad_secret), "invalid credential")
                      : refusal(bad_corp, "invalid corpid");
  }
  const std::string id = text_of(*found, "id");
  if (stage_.world.limit("gettoken_checks_ip", 1) != 0) {
    if (const auto why = untrusted(*found, request.remote)) return refusal(*why);
  }
  const auto answer = [&](const std::string& value, Duration left) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left).count();
    Outcome outcome = good({{"access_token", value}, {"expires_in", seconds}});
    outcome.app = id;
    return outcome;
  };
  for (const auto& [value, one] : tokens_) {
    if (one.app == id && one.until > now) return answer(value, one.until - now);
  }
  const std::string value = stage_.ids.next("tok-");
  if (!refuse_) tokens_[value] = Token{id, now + token_life};
  return answer(value, token_life);
}

Access::Caller Access::caller(const HttpRequest& request) const {
  Caller made;
  const std::string value = request.param("access_token");
  if (value.empty()) {
    made.refused = refusal(no_token, "access_token missing");
    return made;
  }
  const auto found = tokens_.find(value);
  const json* app = found == tokens_.end() ? nullptr : stage_.world.app_by("id", found->second.app);
  if (app == nullptr) {
    made.refused = refusal(bad_token, "invalid access_token");
  } else if (found->second.until <= stage_.clock.now()) {
    made.refused = refusal(expired_token, "access_token expired");
  } else if (const auto why = untrusted(*app, request.remote)) {
    made.refused = refusal(*why);
  } else {
    made.app = app;
  }
  return made;
}

Refused Access::over(const json& app, const std::string& api) {
  // Sending messages is not counted here; it has limits of its own.
  if (api == "/cgi-bin/message/send") return std::nullopt;
  const std::string key = text_of(app, "corp_id") + api;
  const TimePoint now = stage_.clock.now();
  if (now >= blocked_[key]) {
    const bool fits_minute = take(key + "/minute", stage_.world.limit("api_per_minute", 10'000), minute);
    const bool fits_hour = take(key + "/hour", stage_.world.limit("api_per_hour", 150'000), hour);
    if (fits_minute && fits_hour) return std::nullopt;
    blocked_[key] = now + (fits_hour ? minute : hour);
  }
  return Refusal{too_often, "api freq out of limit"};
}

bool Access::take(const std::string& key, int count, Duration per) {
  return count == 0 || !windows_.take(key, static_cast<std::uint32_t>(count), per, stage_.clock.now());
}

void Access::expire() {
  for (auto& [value, one] : tokens_) one.until = stage_.clock.now();
}

void Access::clear() {
  tokens_.clear();
  windows_.clear();
  blocked_.clear();
  refuse_ = false;
}

}  // namespace xieban::sim::wecom
