#include "tests/sim/servers/journal.hpp"

#include <algorithm>
#include <utility>

namespace xieban::sim {

using nlohmann::json;

namespace {

std::string masked(std::string text) {
  for (const std::string mark : {"Bearer ", "\"app_secret\":\"", "\"AppSecret\":\"", "access_token=", "\"appSecret\":\"",
                                 "\"clientSecret\":\"", "\"client_secret\":\"", "\"apiSecret\":\"",
                                 "appsecret=", "ticket=", "access_key=", "session=", "corpsecret=", "\"secret\":\"",
                                 "?key=", "response_code=", "\"response_code\":\"", "/bot/v2/hook/"}) {
    for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at + mark.size())) {
      const auto begin = at + mark.size();
      const auto end = std::min(text.find_first_of("\"& ", begin), text.size());
      text.replace(begin, end - begin, "***");
    }
  }
  return text;
}

}  // namespace

Received& Journal::received(Received one) {
  one.seq = ++seq_;
  received_.push_back(std::move(one));
  return received_.back();
}

Shown& Journal::show(Shown one) {
  one.seq = ++seq_;
  if (Shown* old = find(one.id)) {
    *old = std::move(one);
    return *old;
  }
  shown_.push_back(std::move(one));
  return shown_.back();
}

Shown* Journal::find(const std::string& id) {
  const auto found = std::ranges::find(shown_, id, &Shown::id);
  return found == shown_.end() ? nullptr : &*found;
}

void Journal::drop_after(std::uint64_t seq, const std::string& reason) {
  for (Shown& one : shown_) {
    if (one.seq > seq) one.dropped = reason;
  }
}

json Journal::received_json(std::uint64_t after, const std::string& path) const {
  json list = json::array();
  for (const Received& one : received_) {
    if (one.seq <= after || (!path.empty() && one.request.target.find(path) == std::string::npos)) continue;
    json headers = json::object();
    for (const auto& [name, value] : one.request.headers.all())
      headers[name] = name == "x-acs-dingtalk-access-token" ? "***" : masked(value);
    list.push_back({{"seq", one.seq},
                    {"at", to_rfc3339(one.at)},
                    {"method", one.request.method},
                    {"path", masked(std::string(one.request.path()))},
                    {"query", masked("?" + std::string(one.request.query())).substr(1)},
                    {"headers", std::move(headers)},
                    {"body", masked(one.request.body)},
                    {"app", one.app},
                    {"status", one.status},
                    {"code", one.code},
                    {"accepted", one.accepted},
                    {"fault", one.fault ? json(*one.fault) : json(nullptr)}});
  }
  return {{"requests", std::move(list)}, {"seq", seq_}};
}

json Journal::shown_json(std::uint64_t after, const std::function<bool(const Shown&)>& wanted) const {
  std::vector<const Shown*> found;
  for (const Shown& one : shown_) {
    if (one.seq > after && wanted(one)) found.push_back(&one);
  }
  std::ranges::sort(found, {}, &Shown::seq);
  json list = json::array();
  for (const Shown* one : found) {
    list.push_back({{"seq", one->seq},
                    {"id", one->id},
                    {"chat", one->chat},
                    {"to", one->to.empty() ? json(nullptr) : json(one->to)},
                    {"kind", one->kind},
                    {"text", one->text},
                    {"card", one->card},
                    {"mentions", one->mentions},
                    {"urgent", one->urgent},
                    {"version", one->version},
                    {"dropped", one->dropped ? json(*one->dropped) : json(nullptr)},
                    {"key", one->key}});
  }
  return {{"messages", std::move(list)}, {"seq", seq_}};
}

void Journal::clear() {
  received_.clear();
  shown_.clear();
}

}  // namespace xieban::sim
