#pragma once
// Where everything lives. Each writing call is one atomic unit: it happened whole, on disk, or not at all.

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bot/base/error.hpp"
#include "bot/base/ids.hpp"
#include "bot/base/time.hpp"
#include "bot/core/brain/brain.hpp"
#include "bot/ports/platform.hpp"

namespace xieban {

template <class T>
using Async = boost::asio::awaitable<Result<T>>;

/// Pure; owns what it captures; runs on another thread, maybe twice.
using Decide = std::function<ChangeSet(const Snapshot&)>;
/// What to send for a parcel.
struct Composed {
  std::optional<Outgoing> outgoing;  // nothing: it is dropped
  bool not_now = false;              // it stays as it is, and no other of its lane is looked at in this claim
  // Not explicit: who only composes says nothing of this.
  Composed(std::optional<Outgoing> one) : outgoing(std::move(one)) {}
  Composed(Outgoing one) : outgoing(std::move(one)) {}
  Composed(std::nullopt_t) {}
  static Composed later() {
    Composed waits{std::nullopt};
    waits.not_now = true;
    return waits;
  }
};
using Compose = std::function<Composed(const Parcel&)>;
using Fence = std::uint64_t;

/// Where a limit counts: one chat of one app.
struct Lane {
  AppId app;
  ChatId chat;  // empty: the whole app
  friend auto operator<=>(const Lane&, const Lane&) = default;
  friend bool operator==(const Lane&, const Lane&) = default;
};

/// What a unit left to do, so that whoever wakes and sends need not ask the store after each commit.
struct Work {
  struct Send {
    Lane lane;
    TimePoint at;  // not before
  };
  std::optional<TimePoint> wake_at;  // the earliest of the requests it changed
  std::vector<Send> sends;
};

/// What transact did. For a repeat of an event the stored outcome and toast; nothing was decided again.
struct Committed {
  Reply reply;
  bool duplicate = false;
  Work work;                              // empty for a repeat
  std::optional<Snapshot> card_snapshot;  // what card_now() needs when reply.card is set: handle in .card, request, policy …
};

struct Claimed {
  Parcel parcel;  // without its snapshot
  Outgoing outgoing;
  std::uint32_t attempt = 0;
  Fence fence = 0;
  std::uint32_t attempts_counted = 0;  // those that count against the limit of attempts
};
/// What the core makes of an outcome.
struct Consequence {
  Load load;  // without an inbox key
  Decide decide;
};
struct Settlement {
  ParcelId parcel;
  std::uint32_t attempt = 0;
  Fence fence = 0;
  Receipt receipt;
  /// retry/unknown: try again then; absent: given up, kept as failed with receipt.detail.
  std::optional<TimePoint> retry_at;
  bool next_choice = false;   // unsupported: take the next entry of the plan, at once
  std::uint16_t further = 1;  // of next_choice: so many entries further
  bool anew = false;          // unsupported as the chat stood: at once, from the first entry of the plan, behind `consequence`
  bool drop = false;          // given up, and nobody need see to it: kept as dropped
  bool counts = true;         // false: token_expired does not count as an attempt
  std::string update_of;      // Outgoing::update_of as it went: a press may have brought another meanwhile
  /// Delivered: goes out next in the same thread, written together with the outcome.
  std::optional<Effect> then;
  /// Decided and written together with the outcome, or not at all: if it throws, the parcel is held.
  std::optional<Consequence> consequence;
  TimePoint now;
};
/// One attempt of the ledger, for limiters.
struct Sent {
  Lane lane;
  std::optional<UserId> person;
  TimePoint at;
};

enum class ParcelState { waiting, claimed, delivered, dropped, failed, held };
/// One waiting or failed thing for /readyz, the board and `retry`.
struct Stats {
  std::size_t outbox_waiting = 0;
  std::optional<TimePoint> outbox_oldest;
  std::size_t held = 0, failed_events = 0, failed_parcels = 0, open_requests = 0, needs_care = 0;
};
/// Poison or given up, newest first.
struct Trouble {
  std::string id;  // what `xieban retry` takes: "event:…", "parcel:…", "request:…"
  TimePoint at;
  std::string what;  // for an administrator
};
/// An event that was put aside, for running it again.
struct RawEvent {
  InboxKey key;
  std::string body;  // as Load.inbox_body held it
};

class Store {
 public:
  virtual ~Store() = default;

  // -- one unit each ------------------------------------------------------------------------------
  /// Dedupes by load.inbox, loads, decides, writes, commits; returns after the commit. If `decide` throws, the unit is
  /// rolled back and a second one records the event as failed with its bytes: outcome `failed`.
  /// Errors: limited (queue full, database busy for 2 s), storage, shutting_down.
  virtual Async<Committed> transact(Load, Decide, TimePoint now) = 0;
  /// Up to `limit` requests whose wake_at <= now, urgent first, then earliest: `decide` once per request, each in its own
  /// savepoint. Snapshot: that request, its policy, its cards. One on which `decide` throws gets `put_aside` instead (and, if
  /// that throws too, a bare wake_at = now + 15 min). Returns how many were handled; 0 = nothing is due.
  virtual Async<std::size_t> wake_due(TimePoint now, std::size_t limit, Decide decide, Decide put_aside) = 0;
  /// Heads of threads that are due, whose lane is not closed and not claimed: urgent first, then by first_due. Composes
  /// and writes attempts (number, fence, started_at, key, body of the Outgoing) before it returns. A parcel composed to
  /// nothing is dropped and the next head is taken, one that is not to go now is passed over. One on which `compose` throws is
  /// held.
  /// While an earlier attempt's outcome is unknown and its key window lasts, the kept Outgoing is used again, byte for byte.
  virtual Async<std::vector<Claimed>> claim_outbox(TimePoint now, std::size_t limit, Duration lease, std::vector<Lane> closed,
                                                   Compose) = 0;
  /// Ends attempts. An old fence changes nothing. A delivered card gets its provider id.
  virtual Async<void> settle(std::vector<Settlement>) = 0;
  /// Attempts started since then, oldest first.
  virtual Async<std::vector<Sent>> sent_since(AppId, TimePoint) = 0;
  /// The earliest wake_at or due head of an open lane (claims that run out included); nullopt: nothing waits.
  virtual Async<std::optional<TimePoint>> next_instant(std::vector<Lane> closed) = 0;
  /// A lease by name; taken if free, expired or already held by `holder`. nullopt: someone else holds it.
  virtual Async<std::optional<Fence>> lease(std::string name, std::string holder, Duration ttl, TimePoint now) = 0;
  /// Adds to a monthly counter ("dingtalk:main", "2026-11") and returns the sum.
  virtual Async<std::uint64_t> count(std::string budget, std::string month, std::uint32_t n) = 0;
  /// Content-addressed; the same bytes are one document.
  virtual Async<Hash> put_document(std::string kind, std::string bytes) = 0;
  virtual Async<void> put_setting(std::string name, std::string value) = 0;
  /// Runs a held or failed thing again. not_found if there is no such thing. Events: marks them for take_retries.
  virtual Async<void> retry(std::string id, TimePoint now) = 0;
  /// Events marked by retry, unmarked and returned; their inbox rows are removed so that they can be decided again.
  virtual Async<std::vector<RawEvent>> take_retries() = 0;
  /// Delivered, dropped and settled rows older than that; inbox rows older than keep. Returns rows removed; bounded by limit.
  virtual Async<std::size_t> sweep(TimePoint inbox_before, TimePoint outbox_before, std::size_t limit) = 0;
  /// The daily anchor over all chains: SHA-256 over (aggregate, last seq, last hash) sorted, chained to the day before.
  virtual Async<Hash> anchor(std::string day) = 0;
  /// Empties everything (playground reset).
  virtual Async<void> reset() = 0;

  // -- reading ------------------------------------------------------------------------------------
  virtual Async<std::optional<Snapshot>> load(Load) = 0;
  /// Open requests with their policies, by id, after `after`: for the plan, recomputation, projections.
  virtual Async<std::vector<Snapshot>> open_requests(RequestId after, std::size_t limit) = 0;
  virtual Async<std::vector<Stamped>> history(RequestId) = 0;
  virtual Async<std::optional<std::string>> get_document(Hash) = 0;
  virtual Async<std::optional<std::string>> setting(std::string name) = 0;
  virtual Async<Stats> stats() = 0;
  virtual Async<std::vector<Trouble>> troubles(std::size_t limit) = 0;

  // -- messages of the playground --------------------------------------------------------------------
  /// A row of the playground's chats: body is the adapter's JSON. `rev` orders all of them.
  struct Shown {
    std::uint64_t rev = 0;
    std::string id, chat, to, key, body;
  };
  /// Inserts or replaces by id; a second insert under a non-empty key answers the first row instead. Gives it the next rev.
  virtual Async<Shown> show(Shown) = 0;
  /// With rev > after, in order.
  virtual Async<std::vector<Shown>> shown(std::uint64_t after, std::size_t limit) = 0;
  virtual Async<std::optional<Shown>> shown_one(std::string id) = 0;

  /// Stops taking work, finishes what is queued. Later calls answer shutting_down.
  virtual boost::asio::awaitable<void> close() = 0;
};

}  // namespace xieban
