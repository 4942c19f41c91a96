#pragma once
// A store that fails, is slow, or dies when told to, and remembers what went through it.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "bot/ports/store.hpp"
#include "bot/ports/time_source.hpp"

namespace xieban::testing {

/// What the checkers compare with what people saw.
struct StoreLog {
  std::uint64_t calls = 0;                                  // of any kind, failed ones included
  std::map<std::string, std::set<std::uint64_t>> composed;  // idempotency key -> parcels whose attempt was claimed under it
  std::map<std::string, std::string> kinds;                 // key -> kind and thread of the parcel, for reading a failure
  std::map<std::string, TimePoint> first_claims;            // key -> when it went out for the first time
  std::vector<std::string> claimed_bodies;  // every Outgoing that was given out, encoded: for repeats byte for byte
};

struct StoreFault {
  std::string call;        // "transact", "settle" …; empty: any
  std::uint64_t skip = 0;  // matching calls that go through first
  int times = 1;           // negative: always
  enum class Do {
    refuse,        // answers `code` after `wait`, nothing is written
    late_refusal,  // written, and then `code`: the answer was lost
    slow,          // goes through after `wait`
    die,           // never answers; nothing is written: as if the process stopped there
    die_after,     // written, never answers
  } what = Do::refuse;
  Errc code = Errc::limited;
  Duration wait{};
};

class FaultyStore final : public Store {
 public:
  FaultyStore(std::unique_ptr<Store> inner, TimeSource& time, StoreLog& log)
      : inner_(std::move(inner)), time_(time), log_(log) {}

  void fault(StoreFault fault) { faults_.push_back(std::move(fault)); }
  void heal() { faults_.clear(); }
  /// The store itself, for checkers that must not disturb anything.
  [[nodiscard]] Store& inner() { return *inner_; }
  /// Something "died": the process that uses this store must be thrown away.
  [[nodiscard]] bool dead() const { return dead_; }

  Async<Committed> transact(Load, Decide, TimePoint) override;
  Async<std::size_t> wake_due(TimePoint, std::size_t, Decide, Decide) override;
  Async<std::vector<Claimed>> claim_outbox(TimePoint, std::size_t, Duration, std::vector<Lane>, Compose) override;
  Async<void> settle(std::vector<Settlement>) override;
  Async<std::vector<Sent>> sent_since(AppId, TimePoint) override;
  Async<std::optional<TimePoint>> next_instant(std::vector<Lane>) override;
  Async<std::optional<Fence>> lease(std::string, std::string, Duration, TimePoint) override;
  Async<std::uint64_t> count(std::string, std::string, std::uint32_t) override;
  Async<Hash> put_document(std::string, std::string) override;
  Async<void> put_setting(std::string, std::string) override;
  Async<void> retry(std::string, TimePoint) override;
  Async<std::vector<RawEvent>> take_retries() override;
  Async<std::size_t> sweep(TimePoint, TimePoint, std::size_t) override;
  Async<Hash> anchor(std::string) override;
  Async<void> reset() override;
  Async<std::optional<Snapshot>> load(Load) override;
  Async<std::vector<Snapshot>> open_requests(RequestId, std::size_t) override;
  Async<std::vector<Stamped>> history(RequestId) override;
  Async<std::optional<std::string>> get_document(Hash) override;
  Async<std::optional<std::string>> setting(std::string) override;
  Async<Stats> stats() override;
  Async<std::vector<Trouble>> troubles(std::size_t) override;
  Async<Shown> show(Shown) override;
  Async<std::vector<Shown>> shown(std::uint64_t, std::size_t) override;
  Async<std::optional<Shown>> shown_one(std::string) override;
  boost::asio::awaitable<void> close() override { return inner_->close(); }

 private:
  template <class T>
  Async<T> through(const char* call, std::function<Async<T>()> go);
  std::optional<StoreFault> matching(const char* call);
  boost::asio::awaitable<void> never();

  std::unique_ptr<Store> inner_;
  TimeSource& time_;
  StoreLog& log_;
  std::vector<StoreFault> faults_;
  bool dead_ = false;
};

}  // namespace xieban::testing
