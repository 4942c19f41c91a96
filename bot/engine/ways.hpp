#pragma once
// Which ways of an app answer nobody. They go over different hosts and connections: while one is down, the others go on, and
// the chats that are reached over it wait without taking their turn.

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "bot/base/ids.hpp"
#include "bot/base/time.hpp"
#include "bot/engine/breaker.hpp"
#include "bot/ports/store.hpp"

namespace xieban {

/// A value per app; no clock of its own.
class Ways {
 public:
  void answered(const ChannelId&, const Lane&);
  void failed(const ChannelId&, const Lane&, TimePoint now);
  [[nodiscard]] bool down(const ChannelId&) const;
  /// When it is asked next; nullopt: it is not down.
  [[nodiscard]] std::optional<TimePoint> reopens(const ChannelId&) const;

  /// Would have gone over a way that is down.
  void turned_away(const ChannelId&, const Lane&);
  /// Ways that are down, but the one that is asked.
  [[nodiscard]] std::set<ChannelId> closed(const std::optional<ChannelId>& asked) const;
  /// Lanes that failed over a way that is down, or were turned away from it: closed but for one that asks.
  [[nodiscard]] bool waits(const Lane&) const;
  /// All of those. Where this way is asked, of its own only those that have had their turn.
  [[nodiscard]] std::vector<Lane> waiting(const std::optional<ChannelId>& asked = std::nullopt) const;

  /// Ways that may be asked now, by one of their lanes; whichever has waited longest first.
  [[nodiscard]] std::vector<ChannelId> to_ask(TimePoint now) const;
  void asks(const ChannelId&, const Lane&);
  /// None of its lanes has anything to send: all get another turn, or, if all had one, it is asked later.
  void nothing_to_ask(const ChannelId&, TimePoint now);
  /// The call of this lane has ended, however it did and over whatever way.
  void ended(const Lane&);
  /// When the next way may be asked, if none of its lanes asks already.
  [[nodiscard]] std::optional<TimePoint> next_ask() const;

 private:
  struct Way {
    Breaker breaker;
    std::set<Lane> lanes, had_turn;  // one chat that always fails must not keep the others from showing that it is back
    std::optional<Lane> asking;
  };
  std::map<ChannelId, Way> ways_;
};

}  // namespace xieban
