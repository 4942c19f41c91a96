#include "bot/engine/ways.hpp"

#include <algorithm>
#include <utility>

namespace xieban {

void Ways::answered(const ChannelId& id, const Lane& lane) {
  Way& way = ways_[id];
  way.breaker.answered();
  way.lanes.clear();
  way.had_turn.clear();
  // It was reached, if over another way than before.
  for (auto& [other, one] : ways_) one.lanes.erase(lane);
}

void Ways::failed(const ChannelId& id, const Lane& lane, TimePoint now) {
  Way& way = ways_[id];
  way.breaker.failed(now);
  way.lanes.insert(lane);
  way.had_turn.insert(lane);
}

bool Ways::down(const ChannelId& id) const {
  const auto at = ways_.find(id);
  return at != ways_.end() && at->second.breaker.down();
}

std::optional<TimePoint> Ways::reopens(const ChannelId& id) const {
  const auto at = ways_.find(id);
  return at == ways_.end() ? std::nullopt : at->second.breaker.probe_at();
}

bool Ways::waits(const Lane& lane) const {
  return std::ranges::any_of(ways_,
                             [&](const auto& one) { return one.second.breaker.down() && one.second.lanes.contains(lane); });
}

void Ways::turned_away(const ChannelId& id, const Lane& lane) { ways_[id].lanes.insert(lane); }

std::set<ChannelId> Ways::closed(const std::optional<ChannelId>& asked) const {
  std::set<ChannelId> ids;
  for (const auto& [id, way] : ways_) {
    if (id != asked && way.breaker.down()) ids.insert(id);
  }
  return ids;
}

std::vector<Lane> Ways::waiting(const std::optional<ChannelId>& asked) const {
  std::vector<Lane> lanes;
  for (const auto& [id, way] : ways_) {
    if (!way.breaker.down()) continue;
    const std::set<Lane>& these = id == asked ? way.had_turn : way.lanes;
    lanes.insert(lanes.end(), these.begin(), these.end());
  }
  return lanes;
}

std::vector<ChannelId> Ways::to_ask(TimePoint now) const {
  std::vector<std::pair<TimePoint, ChannelId>> due;
  for (const auto& [id, way] : ways_) {
    const auto at = way.breaker.probe_at();
    if (at && *at <= now && !way.asking && !way.lanes.empty()) due.emplace_back(*at, id);
  }
  std::ranges::sort(due);
  std::vector<ChannelId> ids;
  for (auto& [at, id] : due) ids.push_back(std::move(id));
  return ids;
}

void Ways::asks(const ChannelId& id, const Lane& lane) { ways_[id].asking = lane; }

void Ways::nothing_to_ask(const ChannelId& id, TimePoint now) {
  Way& way = ways_[id];
  if (way.had_turn.empty())
    way.breaker.put_off(now);
  else
    way.had_turn.clear();
}

void Ways::ended(const Lane& lane) {
  for (auto& [id, way] : ways_) {
    if (way.asking == lane) way.asking.reset();
  }
}

std::optional<TimePoint> Ways::next_ask() const {
  std::optional<TimePoint> first;
  for (const auto& [id, way] : ways_) {
    const auto at = way.breaker.probe_at();
    if (at && !way.asking && !way.lanes.empty() && (!first || *at < *first)) first = at;
  }
  return first;
}

}  // namespace xieban
