#include "storage/outbox_queue.hpp"

#include <algorithm>

namespace xieban {

/// One thread's rows, and where it stands among those of its lane.
struct OutboxQueue::Line {
  Thread thread;
  std::map<ParcelId, OpenParcel> rows;
  std::set<std::pair<TimePoint, ParcelId>> instants;  // not_before of each row: a thread may hold thousands of them
  std::vector<ParcelId> keyed;                        // rows that replace others and can be replaced, oldest first
  std::size_t urgent = 0;
  std::optional<ParcelId> claimed;
  std::optional<Ready> ready;
  std::optional<TimePoint> later;

  void add(OpenParcel parcel) {
    const auto id = parcel.id;
    if (parcel.urgent) ++urgent;
    if (parcel.claimed_until) claimed = id;
    if (!parcel.supersedes.empty()) keyed.insert(std::ranges::upper_bound(keyed, id), id);
    instants.emplace(parcel.not_before, id);
    rows.insert_or_assign(rows.end(), id, std::move(parcel));
  }
  /// Adding it at the end changes nothing of where the thread stands: what is before it goes before it.
  [[nodiscard]] bool stays(const OpenParcel& parcel, TimePoint seen) const {
    if (rows.empty() || parcel.urgent || parcel.attempted || parcel.claimed_until || parcel.id <= rows.rbegin()->first)
      return false;
    if (claimed) return true;
    if (later && *later <= parcel.not_before) return true;
    return ready && parcel.not_before <= seen;
  }
  /// When the first row may go, whatever the clock says now.
  [[nodiscard]] std::optional<TimePoint> first_instant() const {
    std::optional<TimePoint> first;
    TimePoint held{};  // until then rows that were tried hold back the ones behind
    for (const auto& [id, row] : rows) {
      const auto at = row.urgent ? row.not_before : std::max(row.not_before, held);
      if (!first || at < *first) first = at;
      if (row.attempted) held = std::max(held, row.not_before);
    }
    return first;
  }
  /// The row that goes at `now`.
  [[nodiscard]] const OpenParcel* head(TimePoint now) const {
    bool held = false;
    for (const auto& [id, row] : rows) {
      if (row.not_before <= now && (!held || row.urgent)) return &row;
      if (row.attempted && row.not_before > now) held = true;
    }
    return nullptr;
  }
  [[nodiscard]] bool urgent_due(TimePoint now) const {
    return urgent > 0 && std::ranges::any_of(
                             rows, [now](const auto& entry) { return entry.second.urgent && entry.second.not_before <= now; });
  }
};

OutboxQueue::OutboxQueue() = default;
OutboxQueue::~OutboxQueue() = default;
OutboxQueue::OutboxQueue(OutboxQueue&&) noexcept = default;
OutboxQueue& OutboxQueue::operator=(OutboxQueue&&) noexcept = default;

void OutboxQueue::clear() { *this = OutboxQueue{}; }

void OutboxQueue::put(OpenParcel parcel) {
  const auto id = parcel.id;
  if (const auto known = index_.find(id); known != index_.end() && known->second->thread != parcel.thread) remove(id);
  auto& line = lines_[parcel.thread];
  if (!line) {
    line = std::make_unique<Line>();
    line->thread = parcel.thread;
  }
  if (line->stays(parcel, seen_)) {
    line->add(std::move(parcel));
  } else {
    unplace(*line);
    take_out(*line, id);
    if (parcel.claimed_until) claims_.emplace(*parcel.claimed_until, id);
    line->add(std::move(parcel));
    place(*line);
  }
  index_[id] = line.get();
}

void OutboxQueue::take_out(Line& line, ParcelId id) {
  const auto row = line.rows.find(id);
  if (row == line.rows.end()) return;
  if (row->second.urgent) --line.urgent;
  if (row->second.claimed_until) {
    claims_.erase({*row->second.claimed_until, id});
    line.claimed.reset();
  }
  if (!row->second.supersedes.empty()) std::erase(line.keyed, id);
  line.instants.erase({row->second.not_before, id});
  line.rows.erase(row);
}

void OutboxQueue::remove(ParcelId id) {
  const auto found = index_.find(id);
  if (found == index_.end()) return;
  auto& line = *found->second;
  unplace(line);
  take_out(line, id);
  index_.erase(found);
  if (line.rows.empty()) {
    const auto thread = line.thread;
    lines_.erase(thread);
  } else {
    place(line);
  }
}

const OpenParcel* OutboxQueue::find(ParcelId id) const {
  const auto found = index_.find(id);
  return found == index_.end() ? nullptr : &found->second->rows.at(id);
}

std::size_t OutboxQueue::size() const { return index_.size(); }

std::vector<ParcelId> OutboxQueue::superseded(const Thread& thread, const std::string& key) const {
  std::vector<ParcelId> ids;
  if (key.empty()) return ids;
  const auto found = lines_.find(thread);
  if (found == lines_.end()) return ids;
  for (const ParcelId id : found->second->keyed) {
    const OpenParcel& row = found->second->rows.at(id);
    if (!row.attempted && !row.claimed_until && row.supersedes == key) ids.push_back(id);
  }
  return ids;
}

std::vector<ParcelId> OutboxQueue::expired(TimePoint now) const {
  std::vector<ParcelId> ids;
  for (const auto& [until, id] : claims_) {
    if (until > now) break;
    ids.push_back(id);
  }
  return ids;
}

// Where a thread stands holds at seen_, the instant of the last pick(). It stands in `later` under the instant at which
// that changes by itself, and move_to() places it anew then.
void OutboxQueue::place(Line& line) {
  if (line.claimed || line.rows.empty()) return;
  auto& lane = lanes_[Lane{line.thread.app, line.thread.chat}];
  const auto* head = line.head(seen_);
  if (head == nullptr) {
    line.later = line.first_instant();
  } else {
    line.ready = Ready{!line.urgent_due(seen_), head->first_due, head->id, &line};
    lane.ready.insert(*line.ready);
    const auto later = line.instants.lower_bound({seen_ + Duration(1), ParcelId{}});
    if (later != line.instants.end()) line.later = later->first;
  }
  if (line.later) lane.later.emplace(*line.later, &line);
}

void OutboxQueue::unplace(Line& line) {
  if (!line.ready && !line.later) return;
  const auto found = lanes_.find(Lane{line.thread.app, line.thread.chat});
  if (line.ready) found->second.ready.erase(*line.ready);
  if (line.later) found->second.later.erase({*line.later, &line});
  line.ready.reset();
  line.later.reset();
  if (found->second.ready.empty() && found->second.later.empty()) lanes_.erase(found);
}

void OutboxQueue::move_to(TimePoint now, const std::set<Lane>& shut) {
  std::vector<Line*> moving;
  if (now < seen_) {
    // The clock was set back: what was due may not be due any more.
    for (const auto& [thread, line] : lines_) moving.push_back(line.get());
  } else {
    for (const auto& [lane, state] : lanes_) {
      if (shut.contains(lane) || shut.contains(Lane{lane.app, {}})) continue;
      for (const auto& [at, line] : state.later) {
        if (at > now) break;
        moving.push_back(line);
      }
    }
  }
  seen_ = now;
  for (auto* line : moving) {
    unplace(*line);
    place(*line);
  }
}

std::vector<ParcelId> OutboxQueue::pick(TimePoint now, const std::set<Lane>& shut, std::size_t limit) {
  move_to(now, shut);
  std::vector<Ready> found;
  for (const auto& [lane, state] : lanes_) {
    if (state.ready.empty() || shut.contains(lane) || shut.contains(Lane{lane.app, {}})) continue;
    found.push_back(*state.ready.begin());
  }
  const auto count = std::min(limit, found.size());
  std::partial_sort(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(count), found.end());
  std::vector<ParcelId> ids;
  for (std::size_t i = 0; i < count; ++i) ids.push_back(std::get<ParcelId>(found[i]));
  return ids;
}

std::optional<TimePoint> OutboxQueue::next_instant(const std::set<Lane>& shut) const {
  std::optional<TimePoint> first;
  const auto consider = [&first](TimePoint at) {
    if (!first || at < *first) first = at;
  };
  for (const auto& [lane, state] : lanes_) {
    if (shut.contains(lane) || shut.contains(Lane{lane.app, {}})) continue;
    if (!state.later.empty()) consider(state.later.begin()->first);
    if (!state.ready.empty()) consider(*std::get<Line*>(*state.ready.begin())->first_instant());
  }
  for (const auto& [until, id] : claims_) {
    const auto& thread = index_.at(id)->thread;
    const Lane lane{thread.app, thread.chat};
    if (shut.contains(lane) || shut.contains(Lane{lane.app, {}})) continue;
    consider(until);
    break;
  }
  return first;
}

}  // namespace xieban
