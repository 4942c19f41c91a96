#include "storage/sqlite/recent.hpp"

#include <utility>

namespace xieban::sqlite {

Recent::One* Recent::find(RequestId id) {
  const auto found = places_.find(id.value);
  if (found == places_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found->second);
  return &found->second->second;
}

Recent::One& Recent::put(RequestId id, One one) {
  if (auto* known = find(id)) return *known = std::move(one);
  if (entries_.size() == most) {
    places_.erase(entries_.back().first);
    entries_.pop_back();
  }
  entries_.emplace_front(id.value, std::move(one));
  places_.emplace(id.value, entries_.begin());
  return entries_.front().second;
}

const std::optional<ChatFact>* Recent::find(const ChatRef& ref) const {
  const auto found = chats_.find(ref);
  return found == chats_.end() ? nullptr : &found->second;
}

void Recent::put(const ChatRef& ref, std::optional<ChatFact> fact) {
  if (chats_.size() >= most) chats_.clear();
  chats_.insert_or_assign(ref, std::move(fact));
}

void Recent::clear() {
  chats_.clear();
  places_.clear();
  entries_.clear();
}

}  // namespace xieban::sqlite
