#include "bot/engine/limiter.hpp"

#include <algorithm>
#include <utility>

namespace xieban {
namespace {

bool is_private(const Lane& lane) { return lane.chat.value.starts_with("p:"); }

/// A message to one person counts in their private chat.
Lane counted_in(const Sent& one) {
  Lane lane = one.lane;
  if (one.person) lane.chat = ChatId("p:" + one.person->value);
  return lane;
}

}  // namespace

Limiter::Limiter(AppId app, const Traits& traits) : app_(std::move(app)) {
  for (const Channel& channel : traits.channels) {
    for (const Window& window : channel.limits) {
      if (window.count == 0 || window.per <= Duration{0}) continue;
      Where where = Where::app;
      if (window.scope == Scope::person || (window.scope != Scope::app && channel.reach == Reach::person)) {
        where = Where::privates;
      } else if (window.scope != Scope::app) {
        where = Where::groups;
      }
      windows_.push_back(Counted{window, where});
    }
  }
}

Duration Limiter::longest() const {
  Duration longest{0};
  for (const Counted& counted : windows_) longest = std::max(longest, counted.window.per);
  return longest;
}

bool Limiter::applies(const Counted& counted, const Lane& lane) const {
  switch (counted.where) {
    case Where::app:
      return lane.chat.empty();
    case Where::groups:
      return !lane.chat.empty() && !is_private(lane);
    case Where::privates:
      return is_private(lane);
  }
  return false;
}

void Limiter::note(const Lane& lane, TimePoint at) {
  auto& instants = by_lane_[lane];
  // The ledger is ordered, but a refill may meet what this process has sent already.
  instants.insert(std::ranges::upper_bound(instants, at), at);
}

void Limiter::refill(std::span<const Sent> ledger) {
  by_lane_.clear();
  for (const Sent& one : ledger) sent(one);
}

void Limiter::sent(const Sent& one) {
  if (windows_.empty() || one.lane.app != app_) return;
  note(Lane{app_, ChatId{}}, one.at);
  const Lane lane = counted_in(one);
  if (!lane.chat.empty()) note(lane, one.at);

  // What is older than the longest window counts nowhere; swept once per window, so that quiet lanes do not pile up.
  const Duration keep = longest();
  if (one.at - swept_ < keep) return;
  swept_ = one.at;
  for (auto it = by_lane_.begin(); it != by_lane_.end();) {
    auto& instants = it->second;
    while (!instants.empty() && instants.front() <= one.at - keep) instants.pop_front();
    it = instants.empty() ? by_lane_.erase(it) : std::next(it);
  }
}

void Limiter::forget(const Lane& lane, TimePoint at) {
  const auto found = by_lane_.find(lane);
  if (found == by_lane_.end()) return;
  const auto one = std::ranges::lower_bound(found->second, at);
  if (one != found->second.end() && *one == at) found->second.erase(one);
}

void Limiter::give_back(const Sent& one) {
  if (windows_.empty() || one.lane.app != app_) return;
  forget(Lane{app_, ChatId{}}, one.at);
  const Lane lane = counted_in(one);
  if (!lane.chat.empty()) forget(lane, one.at);
}

std::size_t Limiter::used(const Window& window, const std::deque<TimePoint>& instants, TimePoint now) {
  const auto first = std::ranges::upper_bound(instants, now - window.per);
  return static_cast<std::size_t>(instants.end() - first);
}

std::optional<TimePoint> Limiter::opens(const Lane& lane, const std::deque<TimePoint>& instants, TimePoint now) const {
  std::optional<TimePoint> latest;
  for (const Counted& counted : windows_) {
    if (!applies(counted, lane)) continue;
    if (used(counted.window, instants, now) < counted.window.count) continue;
    // It opens when the oldest of the last `count` leaves the window.
    const TimePoint at = instants[instants.size() - counted.window.count] + counted.window.per;
    if (!latest || at > *latest) latest = at;
  }
  return latest;
}

std::vector<Lane> Limiter::closed(TimePoint now) const {
  std::vector<Lane> lanes;
  for (const auto& [lane, instants] : by_lane_) {
    if (opens(lane, instants, now)) lanes.push_back(lane);
  }
  return lanes;
}

bool Limiter::open(const Lane& lane, TimePoint now) const {
  const auto full = [&](const Lane& one) {
    const auto found = by_lane_.find(one);
    return found != by_lane_.end() && opens(found->first, found->second, now);
  };
  return !full(lane) && !full(Lane{lane.app, ChatId{}});
}

std::optional<TimePoint> Limiter::next_opening(TimePoint now) const {
  std::optional<TimePoint> first;
  for (const auto& [lane, instants] : by_lane_) {
    const auto at = opens(lane, instants, now);
    if (at && (!first || *at < *first)) first = at;
  }
  return first;
}

std::size_t Limiter::room(TimePoint now, std::size_t most) const {
  static const std::deque<TimePoint> none;
  const auto all = by_lane_.find(Lane{app_, ChatId{}});
  const auto& instants = all == by_lane_.end() ? none : all->second;
  std::size_t room = most;
  for (const Counted& counted : windows_) {
    if (counted.where != Where::app) continue;
    const std::size_t taken = used(counted.window, instants, now);
    room = std::min<std::size_t>(room, taken < counted.window.count ? counted.window.count - taken : 0);
  }
  return room;
}

}  // namespace xieban
