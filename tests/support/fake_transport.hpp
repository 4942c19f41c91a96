#pragma once
// The other side of FakePlatform: accepts messages, knows keys and tokens, and can be told to misbehave.

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "bot/ports/time_source.hpp"
#include "bot/ports/transport.hpp"

namespace xieban::testing {

/// What people would see.
struct SeenMessage {
  std::string id, app, chat, to, key, body;  // body: the JSON that was accepted last
  TimePoint at;
  std::size_t updates = 0;
  std::size_t sends = 0;  // accepted sends under this key: more than one would be seen once only by a platform with keys
};
/// One call as it arrived.
struct Arrival {
  TimePoint at;
  std::string app, target, body, token;
  bool accepted = false;
};

struct Fault {
  enum class Do {
    delay,               // accepts after `wait`
    hang,                // never answers
    hang_after_accept,   // accepts, never answers
    reset_after_accept,  // accepts, then the connection dies
    refuse,              // the connection is never made
    status,              // `status`, `retry_after_s`, `body`
    garbage,             // 200 and bytes that are no answer; accepted
  };
  Do what = Do::status;
  std::string match;  // part of origin, target or body; empty: everything but tokens
  int skip = 0;
  int times = 1;  // negative: always
  Duration wait{};
  int status = 500;
  std::optional<int> retry_after_s;
  std::string body;
};

class FakeTransport final : public Transport {
 public:
  explicit FakeTransport(TimeSource& time) : time_(&time) {}
  /// The other side lives on when the process that called it is gone.
  void use(TimeSource& time) {
    time_ = &time;
    at_once_ = 0;
  }

  boost::asio::awaitable<Result<HttpResponse>> send(std::string origin, HttpRequest, Duration timeout) override;

  void fault(Fault fault) { faults_.push_back(std::move(fault)); }
  void heal() { faults_.clear(); }
  /// Tokens given out so far are refused from now on.
  void expire_tokens() { valid_tokens_.clear(); }
  /// Whatever token is given out is refused at once.
  void refuse_all_tokens(bool on) { refuse_all_ = on; }
  void token_lifetime(Duration life) { token_life_ = life; }

  [[nodiscard]] const std::deque<SeenMessage>& seen() const { return seen_; }
  [[nodiscard]] const std::vector<Arrival>& arrivals() const { return arrivals_; }
  /// Calls to that path.
  [[nodiscard]] std::size_t calls(std::string_view target) const;
  [[nodiscard]] std::size_t most_at_once() const { return most_at_once_; }
  void forget() {
    seen_.clear();
    arrivals_.clear();
    by_key_.clear();
  }

 private:
  HttpResponse accept(const std::string& app, const HttpRequest&, Arrival&);
  Fault* matching(const std::string& origin, const HttpRequest&);
  boost::asio::awaitable<void> sleep(Duration);

  TimeSource* time_;
  std::deque<Fault> faults_;
  std::deque<SeenMessage> seen_;
  std::map<std::string, std::size_t> by_key_;
  std::vector<Arrival> arrivals_;
  std::set<std::string> valid_tokens_;
  bool refuse_all_ = false;
  Duration token_life_{7200 * 1000};
  std::uint64_t tokens_ = 0, ids_ = 0;
  std::size_t at_once_ = 0, most_at_once_ = 0;
};

}  // namespace xieban::testing
