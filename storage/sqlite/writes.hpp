#pragma once
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "storage/sqlite/connection.hpp"
#include "storage/sqlite/recent.hpp"
#include "storage/tables.hpp"

namespace xieban::sqlite {

/// Which events are known, without an index on disk: a keyed hash of each key, and the row to look at.
class KnownEvents {
 public:
  KnownEvents();
  /// Reads rows that were written since the last call.
  void catch_up(Connection&);
  [[nodiscard]] std::uint64_t find(const InboxKey&) const;  // 0: surely unknown; else the row that may be it
  void add(const InboxKey&, std::uint64_t row);
  /// Takes back what was added since the mark; group_mark() starts a group.
  [[nodiscard]] std::size_t mark() const { return added_.size(); }
  void undo(std::size_t mark);
  void keep();
  void clear();

 private:
  [[nodiscard]] std::uint64_t hash_of(const InboxKey&) const;
  std::uint64_t seed_;
  std::int64_t newest_ = 0;
  boost::unordered_flat_map<std::uint64_t, std::uint64_t> rows_;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> added_;  // hash, what stood there before
};

/// Writes over the one write connection. Next ids are kept in memory and only grow.
class SqlWrites final : public Writes {
 public:
  SqlWrites(Connection& connection, Recent& recent) : connection_(connection), recent_(recent) {}

  std::optional<EventRow> find_event(const InboxKey&) override;
  void put_event(EventRow) override;
  void put_request(const RequestWrite&, TimePoint now) override;
  void put_fact(const Fact&, TimePoint now) override;
  void put_conversation(const Conversation&) override;
  void put_setting(const Setting&) override;
  std::vector<RequestId> due(TimePoint now, std::size_t limit) override;
  std::optional<Projection> projection(RequestId) override;
  void set_wake(RequestId, TimePoint wake_at) override;
  void mark_care(RequestId, TimePoint since) override;
  ParcelId add_parcel(const ParcelRow&) override;
  std::optional<ParcelRow> parcel(ParcelId) override;
  void save_parcel(const ParcelRow&) override;
  void remove_parcel(ParcelId) override;
  Fence add_attempt(const AttemptRow&) override;
  std::optional<AttemptRow> attempt(Fence) override;
  void end_attempt(Fence, TimePoint now, Outcome, const std::string& detail) override;
  void put_card(const CardHandle&) override;

  /// The open rows, as they stand in the table.
  void fill(OutboxQueue&);
  /// Ids go on behind what is in the tables now, and no lower than begin_parcels_at() says.
  void find_ids();
  /// Parcels and cards have no ids below it.
  void begin_parcels_at(std::uint64_t floor) { parcel_floor_ = floor; }
  KnownEvents& known() { return known_; }

 private:
  std::optional<Projection> read_projection(RequestId);
  bool has_spoken(const ChatRef&);

  Connection& connection_;
  Recent& recent_;
  KnownEvents known_;
  std::uint64_t next_event_ = 1, next_parcel_ = 1, next_attempt_ = 1;
  std::uint64_t parcel_floor_ = 1;
};

}  // namespace xieban::sqlite
