#pragma once
// Rows as values, and what a backend must offer. The rules of the store (storage/unit, storage/sending) are written once,
// against this; memory and SQLite only keep rows.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bot/ports/store.hpp"
#include "storage/outbox_queue.hpp"

namespace xieban {

/// How long a platform recognises a repeat under one key; zero: it has no keys.
using SameKey = std::function<Duration(const AppId&, const ChannelId&)>;

enum class EventState { done, failed, retry, taken };
struct EventRow {
  std::uint64_t id = 0;  // 0: new
  InboxKey key;
  TimePoint at;
  Reply reply;
  EventState state = EventState::done;
  std::string body, error;  // of failed ones
};

/// The last entry of a request's history.
struct ChainEnd {
  std::uint64_t seq = 0;
  std::string hash;
};
struct RequestRow {
  std::shared_ptr<const Request> request;
  ChainEnd end;
};
struct EntryRow {
  std::uint64_t seq = 0;
  TimePoint at, counted_at;
  PersonId by;
  std::string kind, body, hash;
};
/// What lists, wakes and searches read instead of the request.
struct Projection {
  bool open = false, urgent = false, late = false, needs_care = false;
  std::optional<TimePoint> due, wake_at;
  friend bool operator==(const Projection&, const Projection&) = default;
};
/// Everything one change of a request writes, computed before the first row is touched.
struct RequestWrite {
  std::shared_ptr<const Request> request;
  std::string body;
  ChainEnd end;
  std::vector<EntryRow> entries;
  Projection projection;
  std::optional<std::vector<Stake>> stakes;      // set: they are new
  std::optional<std::string> words;              // set: they are new
  std::optional<std::vector<Promise>> promises;  // set: they are new
  std::shared_ptr<const Policy> policy;
  bool fresh = false;  // the request is new
};

struct ParcelRow {
  ParcelId id;  // empty: new
  Thread thread;
  Effect effect;
  bool urgent = false;
  std::string supersedes;
  TimePoint first_due, not_before;
  std::optional<TimePoint> claimed_until;
  ParcelState state = ParcelState::waiting;
  std::uint16_t choice = 0;
  std::uint32_t attempts = 0, counted = 0;
  Fence fence = 0;  // the newest attempt's
  Fence kept = 0;   // the attempt of unknown outcome whose bytes are sent again; 0: none
  CardId card;      // what the newest attempt shows
  bool updates_card = false;
  std::optional<TimePoint> ended_at;
  std::string last_error;
};
struct AttemptRow {
  Fence fence = 0;  // 0: new
  ParcelId parcel;
  std::uint32_t number = 0;
  Sent sent;
  std::string key, body, body_hash;  // body: empty when an earlier attempt's bytes were sent again
};

constexpr std::size_t most_lost_chats = 20;
constexpr std::size_t most_promises = 1000;

class Reads {
 public:
  virtual ~Reads() = default;
  virtual std::optional<RequestRow> request(RequestId) = 0;
  virtual std::shared_ptr<const Policy> policy(const PolicyHash&) = 0;  // nullptr: unknown
  virtual std::optional<CardHandle> card(CardId) = 0;
  virtual std::vector<CardHandle> cards_of(RequestId) = 0;  // live and personal ones that stand
  virtual std::optional<Conversation> conversation(const ConversationKey&) = 0;
  virtual std::optional<Conversation> conversation(const ConversationId&) = 0;
  virtual std::optional<ChatFact> chat(const ChatRef&) = 0;
  virtual std::vector<Stamped> history(RequestId) = 0;
  virtual RequestId next_number() = 0;
  virtual Rows rows(const Query&) = 0;
  virtual std::vector<Promise> promises_of(const DepartmentId&) = 0;  // at most most_promises, those due last
  virtual std::shared_ptr<const DirectoryFacts> directory() = 0;
  virtual CheckupFacts checkup() = 0;
  virtual std::optional<std::string> setting(const std::string& name) = 0;
};

class Writes {
 public:
  virtual ~Writes() = default;
  /// Events that were taken for another run do not count.
  virtual std::optional<EventRow> find_event(const InboxKey&) = 0;
  virtual void put_event(EventRow) = 0;
  virtual void put_request(const RequestWrite&, TimePoint now) = 0;
  virtual void put_fact(const Fact&, TimePoint now) = 0;
  virtual void put_conversation(const Conversation&) = 0;  // done: removes it
  virtual void put_setting(const Setting&) = 0;            // an empty value removes it

  virtual std::vector<RequestId> due(TimePoint now, std::size_t limit) = 0;  // urgent first, then by wake_at
  virtual std::optional<Projection> projection(RequestId) = 0;               // open requests only
  virtual void set_wake(RequestId, TimePoint wake_at) = 0;
  virtual void mark_care(RequestId, TimePoint since) = 0;

  virtual ParcelId add_parcel(const ParcelRow&) = 0;
  virtual std::optional<ParcelRow> parcel(ParcelId) = 0;
  virtual void save_parcel(const ParcelRow&) = 0;
  virtual void remove_parcel(ParcelId) = 0;
  virtual Fence add_attempt(const AttemptRow&) = 0;
  virtual std::optional<AttemptRow> attempt(Fence) = 0;
  /// The body is kept only while the outcome is unknown.
  virtual void end_attempt(Fence, TimePoint now, Outcome, const std::string& detail) = 0;
  virtual void put_card(const CardHandle&) = 0;
};

/// What the rules work on: one backend inside one unit.
struct Books {
  Reads& reads;
  Writes& writes;
  OutboxQueue& queue;
  const SameKey& same_key;
};

/// The first target among the running clocks; without one the request's own date.
std::optional<TimePoint> due_of(const Request&);
Row row_of(const Request&);
/// Late first, then urgent, then what is due first.
bool comes_before(const Row&, const Row&);
/// Those due last come first.
bool due_later(const Promise&, const Promise&);
constexpr std::size_t longest_list = 50;

}  // namespace xieban
