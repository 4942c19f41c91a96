#pragma once
// The open rows of the outbox, in memory: which parcel goes next. Both stores keep one beside their rows and rebuild it
// from them; it never decides anything that the rows do not say.

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "bot/ports/store.hpp"

namespace xieban {

struct OpenParcel {
  ParcelId id;
  Thread thread;
  bool urgent = false;
  TimePoint first_due, not_before;
  bool attempted = false;
  std::optional<TimePoint> claimed_until;
  std::string supersedes;
};

/// Within a thread: one attempt at a time, by parcel id. A parcel that was tried and waits for its next attempt holds back
/// what stands behind it, except urgent ones; one that has never been due yet holds back nothing.
class OutboxQueue {
 public:
  OutboxQueue();
  ~OutboxQueue();
  OutboxQueue(OutboxQueue&&) noexcept;
  OutboxQueue& operator=(OutboxQueue&&) noexcept;

  void clear();
  /// Adds it, or replaces what is known of it.
  void put(OpenParcel);
  void remove(ParcelId);
  [[nodiscard]] const OpenParcel* find(ParcelId) const;
  [[nodiscard]] std::size_t size() const;

  /// Parcels of the thread that a new one with this key replaces: waiting, never attempted.
  [[nodiscard]] std::vector<ParcelId> superseded(const Thread&, const std::string& key) const;
  /// Claims that have run out.
  [[nodiscard]] std::vector<ParcelId> expired(TimePoint now) const;
  /// What goes next, at most one of each lane: urgent first, then the earliest first_due. `shut`: lanes to pass over; an
  /// empty chat shuts the app.
  [[nodiscard]] std::vector<ParcelId> pick(TimePoint now, const std::set<Lane>& shut, std::size_t limit);
  /// When the first open lane has something to do, claims that run out included.
  [[nodiscard]] std::optional<TimePoint> next_instant(const std::set<Lane>& shut) const;

 private:
  struct Row;
  struct Line;
  using Ready = std::tuple<bool, TimePoint, ParcelId, Line*>;  // not urgent, first_due, id
  struct LaneState {
    std::set<Ready> ready;                        // due at seen_
    std::set<std::pair<TimePoint, Line*>> later;  // by the next instant at which it becomes due, or its rank changes
  };
  void place(Line&);
  void unplace(Line&);
  /// Out of its thread, which does not stand in its lane meanwhile.
  void take_out(Line&, ParcelId);

  void move_to(TimePoint now, const std::set<Lane>& shut);

  TimePoint seen_ = TimePoint::min();
  std::map<Thread, std::unique_ptr<Line>> lines_;
  std::unordered_map<ParcelId, Line*> index_;
  std::map<Lane, LaneState> lanes_;
  std::set<std::pair<TimePoint, ParcelId>> claims_;
};

}  // namespace xieban
