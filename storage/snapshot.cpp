#include "storage/snapshot.hpp"

#include <algorithm>
#include <tuple>

#include "storage/codec/codec.hpp"

namespace xieban {
namespace {

void add_request(Reads& reads, Snapshot& snapshot, RequestId id) {
  if (id.empty() || std::ranges::any_of(snapshot.requests, [id](const Request& one) { return one.id == id; })) return;
  const auto row = reads.request(id);
  if (!row) return;
  auto policy = reads.policy(row->request->policy);
  if (!policy) throw codec::Unreadable("the policy of request " + id.str() + " is missing");
  snapshot.requests.push_back(*row->request);
  snapshot.policies.push_back(std::move(policy));
}

}  // namespace

Snapshot load_snapshot(Reads& reads, const Load& load) {
  Snapshot snapshot;
  snapshot.directory = reads.directory();
  for (const auto id : load.requests) add_request(reads, snapshot, id);
  auto cards_of = load.cards_of;
  auto form = load.form;
  if (load.card) {
    snapshot.card = reads.card(*load.card);
    if (snapshot.card) {
      add_request(reads, snapshot, snapshot.card->request);
      cards_of.push_back(snapshot.card->request);
      const auto* posted = std::get_if<PostForm>(&snapshot.card->effect);
      if (posted != nullptr && !form) form = posted->conversation;
    }
  }
  if (form) snapshot.conversation = reads.conversation(*form);
  if (!snapshot.conversation && load.conversation) snapshot.conversation = reads.conversation(*load.conversation);
  if (snapshot.conversation) {
    add_request(reads, snapshot, snapshot.conversation->request);
    cards_of.push_back(snapshot.conversation->request);
  }
  if (load.chat) snapshot.chat = reads.chat(*load.chat);
  if (load.request_of_chat && snapshot.chat) {
    add_request(reads, snapshot, snapshot.chat->made_for);
    cards_of.push_back(snapshot.chat->made_for);
  }
  std::vector<RequestId> seen;
  for (const auto id : cards_of) {
    if (id.empty() || std::ranges::find(seen, id) != seen.end()) continue;
    seen.push_back(id);
    for (auto& card : reads.cards_of(id)) snapshot.cards.push_back(std::move(card));
  }
  if (load.history) snapshot.history = reads.history(*load.history);
  if (load.next_number) snapshot.next_number = reads.next_number();
  if (load.checkup) snapshot.checkup = reads.checkup();
  for (const auto& name : load.settings)
    if (auto value = reads.setting(name)) snapshot.settings.emplace(name, std::move(*value));
  for (const auto& query : load.queries) snapshot.answers.push_back(reads.rows(query));
  if (load.promises_of) snapshot.promises = reads.promises_of(*load.promises_of);
  return snapshot;
}

std::optional<Snapshot> load_request(Reads& reads, RequestId id, bool with_cards) {
  Snapshot snapshot;
  snapshot.directory = reads.directory();
  add_request(reads, snapshot, id);
  if (snapshot.requests.empty()) return std::nullopt;
  if (with_cards) snapshot.cards = reads.cards_of(id);
  return snapshot;
}

std::optional<TimePoint> due_of(const Request& request) {
  std::optional<TimePoint> first;
  for (const auto& clock : request.clocks) {
    if (clock.running() && clock.target && (!first || *clock.target < *first)) first = clock.target;
  }
  if (!first && !terminal(request.phase) && request.due != TimePoint{}) first = request.due;
  return first;
}

Row row_of(const Request& request) {
  Row row;
  row.request = request.id;
  row.year = request.year;
  row.title = request.title;
  row.phase = request.phase;
  row.urgent = request.urgent;
  row.late = request.conditions.late;
  row.needs_care = request.conditions.needs_care;
  row.owner = request.owner;
  row.requester = request.requester;
  row.lead = request.lead;
  row.level = request.level;
  row.due = due_of(request);
  row.at_requester = at_requester(request);
  return row;
}

bool comes_before(const Row& a, const Row& b) {
  const auto rank = [](const Row& row) {
    return std::tuple(!row.late, !row.urgent, !row.due.has_value(), row.due.value_or(TimePoint{}), row.request);
  };
  return rank(a) < rank(b);
}

bool due_later(const Promise& a, const Promise& b) {
  return std::tuple(b.due, a.request, a.task) < std::tuple(a.due, b.request, b.task);
}

}  // namespace xieban
