#include "storage/memory/memory_tables.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "storage/codec/codec.hpp"
#include "storage/directory_facts.hpp"
#include "storage/search_words.hpp"

namespace xieban::memory {
namespace {
template <class Map, class Key>
auto* find(Map& map, const Key& key) {
  const auto found = map.find(key);
  return found == map.end() ? nullptr : &found->second;
}
template <class Map, class Key>
auto copy(Map& map, const Key& key) {
  const auto* found = find(map, key);
  return found == nullptr ? std::nullopt : std::optional(*found);
}
}  // namespace

std::optional<RequestRow> Tables::request(RequestId id) { return copy(requests, id); }
std::shared_ptr<const Policy> Tables::policy(const PolicyHash& hash) {
  const auto* found = find(policies, hash);
  return found == nullptr ? nullptr : *found;
}
std::optional<CardHandle> Tables::card(CardId id) { return copy(cards, id); }
std::vector<CardHandle> Tables::cards_of(RequestId id) {
  std::vector<CardHandle> found;
  for (const auto& [card_id, card] : cards) {
    if (card.request == id && !card.gone && (card.kind == CardKind::live || card.kind == CardKind::personal))
      found.push_back(card);
  }
  return found;
}
std::optional<Conversation> Tables::conversation(const ConversationKey& key) { return copy(conversations, key); }
std::optional<Conversation> Tables::conversation(const ConversationId& id) {
  for (const auto& [key, one] : conversations) {
    if (one.id == id) return one;
  }
  return std::nullopt;
}
std::optional<ChatFact> Tables::chat(const ChatRef& ref) { return copy(chats, ref); }
std::vector<Stamped> Tables::history(RequestId id) {
  std::vector<Stamped> found;
  if (const auto* list = find(entries, id)) {
    for (const auto& row : *list) {
      found.push_back(Stamped{id, row.seq, row.at, row.counted_at, row.by, codec::decode_event(row.kind, row.body)});
    }
  }
  return found;
}
RequestId Tables::next_number() { return RequestId(requests.empty() ? 1 : requests.rbegin()->first.value + 1); }

Rows Tables::rows(const Query& query) {
  std::map<RequestId, Row> found;
  const auto add = [&](RequestId id, const Stake* stake) {
    auto row = row_of(*requests.at(id).request);
    if (const auto* marked = find(open, id)) row.needs_care = marked->projection.needs_care;
    if (stake != nullptr) {
      row.role = stake->role;
      row.due = stake->due;
    }
    // Of several stakes the one that is due first.
    const auto [place, fresh] = found.try_emplace(id, row);
    if (!fresh && comes_before(row, place->second)) place->second = row;
  };
  switch (query.kind) {
    case QueryKind::mine:
    case QueryKind::department:
      for (const auto& [id, list] : stakes) {
        for (const auto& stake : list) {
          const bool mine = query.kind == QueryKind::mine ? query.person && stake.person == *query.person
                                                          : query.department && stake.department == *query.department;
          if (mine) add(id, &stake);
        }
      }
      break;
    case QueryKind::board:
    case QueryKind::care:
      for (const auto& [id, marked] : open) {
        if (query.kind == QueryKind::board || marked.projection.needs_care) add(id, nullptr);
      }
      break;
    case QueryKind::search: {
      const auto terms = search_terms(query.text);
      const bool characters_only = match_expression(terms).empty();
      const auto newest = requests.empty() ? 0 : requests.rbegin()->first.value;
      for (auto it = words.rbegin(); it != words.rend() && found.size() < longest_list; ++it) {
        if (characters_only && it->first.value + character_search_depth <= newest) break;
        if (matches(it->second, terms)) add(it->first, nullptr);
      }
      break;
    }
  }
  Rows rows;
  for (auto& [id, row] : found) rows.push_back(std::move(row));
  std::ranges::sort(rows, comes_before);
  if (rows.size() > longest_list) rows.resize(longest_list);
  return rows;
}
std::vector<Promise> Tables::promises_of(const DepartmentId& department) {
  std::vector<Promise> found;
  for (const auto& [id, list] : promises)
    std::ranges::copy_if(list, std::back_inserter(found), [&](const Promise& one) { return one.department == department; });
  std::ranges::sort(found, due_later);
  if (found.size() > most_promises) found.resize(most_promises);
  return found;
}
std::shared_ptr<const DirectoryFacts> Tables::directory() { return facts; }
std::optional<std::string> Tables::setting(const std::string& name) {
  const auto found = settings.find(name);
  return found == settings.end() ? std::nullopt : std::optional(found->second);
}
CheckupFacts Tables::checkup() {
  CheckupFacts found;
  for (const auto& [id, row] : outbox) {
    if (row.state == ParcelState::failed) ++found.failed_messages;
    if (row.state == ParcelState::held) ++found.held_messages;
  }
  for (const auto& [id, row] : inbox) {
    if (row.state == EventState::failed) ++found.failed_events;
  }
  for (const auto& [id, marked] : open) {
    if (marked.projection.needs_care) ++found.needs_care;
  }
  for (const auto& [ref, one] : chats) {
    if (one.gone && one.made_for.empty() && found.lost_chats.size() < most_lost_chats) found.lost_chats.push_back(one);
  }
  std::set<ChatRef> unreached;
  for (const auto& [id, row] : outbox) {
    if (row.state == ParcelState::failed && row.thread.chat.value.starts_with("p:"))
      unreached.insert(ChatRef{row.thread.app, row.thread.chat});
  }
  for (const ChatRef& ref : unreached) {
    if (found.lost_chats.size() == most_lost_chats) break;
    ChatFact chat;
    chat.chat = ref;
    chat.gone = true;
    found.lost_chats.push_back(std::move(chat));
  }
  return found;
}

std::optional<EventRow> Tables::find_event(const InboxKey& key) {
  const auto* id = find(inbox_keys, key);
  if (id == nullptr) return std::nullopt;
  auto row = inbox.at(*id);
  return row.state == EventState::taken ? std::nullopt : std::optional(std::move(row));
}
void Tables::put_event(EventRow row) {
  if (row.id == 0) {
    if (const auto* old = find(inbox_keys, row.key)) inbox.erase(*old);
    row.id = next_event++;
  }
  inbox_keys[row.key] = row.id;
  inbox.insert_or_assign(row.id, std::move(row));
}
void Tables::put_request(const RequestWrite& write, TimePoint now) {
  const auto id = write.request->id;
  requests[id] = RequestRow{write.request, write.end};
  auto& list = entries[id];
  list.insert(list.end(), write.entries.begin(), write.entries.end());
  if (write.projection.open) {
    auto& marked = open[id];
    if (!write.projection.needs_care) {
      marked.care_since.reset();
    } else if (!marked.care_since) {
      marked.care_since = now;
    }
    marked.projection = write.projection;
  } else {
    open.erase(id);
  }
  if (write.stakes) stakes[id] = *write.stakes;
  if (write.words) words[id] = *write.words;
  if (write.promises) promises[id] = *write.promises;
  if (write.policy) policies.try_emplace(write.policy->hash, write.policy);
}
void Tables::put_fact(const Fact& fact, TimePoint now) {
  if (const auto* chat_fact = std::get_if<ChatFact>(&fact)) {
    chats.insert_or_assign(chat_fact->chat, *chat_fact);
    const auto who = spoke_in_private(*chat_fact);
    if (who && !std::ranges::binary_search(facts->spoken, *who))
      facts = std::make_shared<const DirectoryFacts>(with_fact(*facts, fact, now));
  } else {
    facts = std::make_shared<const DirectoryFacts>(with_fact(*facts, fact, now));
  }
}
void Tables::put_setting(const Setting& setting) {
  if (setting.value.empty())
    settings.erase(setting.name);
  else
    settings.insert_or_assign(setting.name, setting.value);
}
void Tables::put_conversation(const Conversation& conversation) {
  if (conversation.done) {
    conversations.erase(conversation.key);
  } else {
    conversations.insert_or_assign(conversation.key, conversation);
  }
}

std::vector<RequestId> Tables::due(TimePoint now, std::size_t limit) {
  std::set<std::tuple<bool, TimePoint, RequestId>> found;
  for (const auto& [id, marked] : open) {
    const auto& projection = marked.projection;
    if (projection.wake_at && *projection.wake_at <= now) found.emplace(!projection.urgent, *projection.wake_at, id);
  }
  std::vector<RequestId> ids;
  for (const auto& [calm, at, id] : found) {
    if (ids.size() == limit) break;
    ids.push_back(id);
  }
  return ids;
}
std::optional<Projection> Tables::projection(RequestId id) {
  const auto* marked = find(open, id);
  return marked == nullptr ? std::nullopt : std::optional(marked->projection);
}
void Tables::set_wake(RequestId id, TimePoint wake_at) {
  if (auto* marked = find(open, id)) marked->projection.wake_at = wake_at;
}
void Tables::mark_care(RequestId id, TimePoint since) {
  if (auto* marked = find(open, id)) {
    marked->projection.needs_care = true;
    if (!marked->care_since) marked->care_since = since;
  }
}

ParcelId Tables::add_parcel(const ParcelRow& row) {
  const ParcelId id(next_parcel++);
  outbox.emplace(id, row).first->second.id = id;
  return id;
}
std::optional<ParcelRow> Tables::parcel(ParcelId id) { return copy(outbox, id); }
void Tables::save_parcel(const ParcelRow& row) { outbox.insert_or_assign(row.id, row); }
void Tables::remove_parcel(ParcelId id) { outbox.erase(id); }
Fence Tables::add_attempt(const AttemptRow& row) {
  const Fence fence = next_attempt++;
  auto& kept = attempts[fence];
  kept.row = row;
  kept.row.fence = fence;
  return fence;
}
std::optional<AttemptRow> Tables::attempt(Fence fence) {
  const auto* found = find(attempts, fence);
  return found == nullptr ? std::nullopt : std::optional(found->row);
}
void Tables::end_attempt(Fence fence, TimePoint now, Outcome outcome, const std::string&) {
  auto* found = find(attempts, fence);
  if (found == nullptr) return;
  found->ended_at = now;
  if (outcome != Outcome::unknown) found->row.body.clear();
}
void Tables::put_card(const CardHandle& card) { cards.insert_or_assign(card.id, card); }

}  // namespace xieban::memory
