#pragma once
#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "bot/core/card/delivery.hpp"
#include "bot/ports/store.hpp"

namespace xieban {

/// Sliding windows of one app over chats, people and the app itself. A value; no clock of its own.
/// A window counts where its channel sends: chat, robot and message windows of a channel that reaches people count in
/// private chats, those of a channel that reaches groups in groups; person windows in private chats; app windows in all.
class Limiter {
 public:
  Limiter(AppId, const Traits&);
  void refill(std::span<const Sent> ledger);
  void sent(const Sent&);
  /// What was counted by sent() with equal values: it never left, or is counted at another instant.
  void give_back(const Sent&);
  /// Lanes in which nothing may be sent now; an empty chat closes the whole app.
  [[nodiscard]] std::vector<Lane> closed(TimePoint now) const;
  /// Neither it nor the whole app is closed.
  [[nodiscard]] bool open(const Lane&, TimePoint now) const;
  /// When the first of them opens again.
  [[nodiscard]] std::optional<TimePoint> next_opening(TimePoint now) const;
  /// How many may be sent at once, each in a lane of its own, without a window of the app running over; at most `most`.
  [[nodiscard]] std::size_t room(TimePoint now, std::size_t most) const;
  /// How far back the ledger must be read for refill.
  [[nodiscard]] Duration longest() const;

 private:
  enum class Where { app, groups, privates };
  struct Counted {
    Window window;
    Where where = Where::app;
  };
  [[nodiscard]] bool applies(const Counted&, const Lane&) const;
  [[nodiscard]] static std::size_t used(const Window&, const std::deque<TimePoint>&, TimePoint now);
  /// When this lane opens again; nullopt: it is open.
  [[nodiscard]] std::optional<TimePoint> opens(const Lane&, const std::deque<TimePoint>&, TimePoint now) const;
  void note(const Lane&, TimePoint);
  void forget(const Lane&, TimePoint);

  AppId app_;
  std::vector<Counted> windows_;
  std::map<Lane, std::deque<TimePoint>> by_lane_;  // instants, oldest first; the lane with no chat counts all of them
  TimePoint swept_{};
};

}  // namespace xieban
