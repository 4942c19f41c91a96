#include "storage/unit.hpp"

#include <algorithm>
#include <exception>
#include <stdexcept>
#include <utility>

#include "bot/base/log.hpp"
#include "storage/chain.hpp"
#include "storage/codec/codec.hpp"
#include "storage/search_words.hpp"
#include "storage/snapshot.hpp"

namespace xieban {
namespace {

/// A pure function threw, or answered with something that cannot be: its fault, not the store's.
class Fault : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// A refresh that is replaced again and again still goes out this long after the first one was due.
constexpr Duration longest_wait{10'000};

struct Prepared {
  std::vector<RequestWrite> requests;
  ChangeSet changes;  // `requests` moved out
};

bool same(const std::vector<Stake>& a, const std::vector<Stake>& b) {
  return std::ranges::equal(a, b, [](const Stake& x, const Stake& y) {
    return x.person == y.person && x.department == y.department && x.role == y.role && x.due == y.due;
  });
}

/// People with a stake in an open request; nobody has one in a closed one.
std::vector<Stake> open_stakes(const Request& request) {
  return terminal(request.phase) ? std::vector<Stake>{} : stakes(request);
}

Projection project(const Request& request, std::optional<TimePoint> wake_at) {
  Projection projection;
  projection.open = !terminal(request.phase);
  if (!projection.open) return projection;
  projection.urgent = request.urgent;
  projection.late = request.conditions.late;
  projection.needs_care = request.conditions.needs_care;
  projection.due = due_of(request);
  projection.wake_at = wake_at;
  return projection;
}

RequestWrite prepare(RequestChange change, const std::optional<RequestRow>& before, bool policy_known) {
  RequestWrite write;
  write.fresh = !before;
  write.end = before ? before->end : ChainEnd{0, chain::start()};
  if (change.request.id.empty()) throw Fault("a request without a number");
  if (!policy_known && (!change.policy || change.policy->hash != change.request.policy)) {
    throw Fault("request " + change.request.id.str() + " names a policy nobody knows");
  }
  write.policy = std::move(change.policy);
  for (const auto& entry : change.entries) {
    if (entry.seq != write.end.seq + 1) throw Fault("history of request " + change.request.id.str() + " has a gap");
    EntryRow row;
    row.seq = entry.seq;
    row.at = entry.at;
    row.counted_at = entry.counted_at;
    row.by = entry.by;
    row.kind = kind_name(entry.event);
    row.body = codec::encode(entry.event);
    chain::Link link;
    link.aggregate = change.request.id.value;
    link.seq = row.seq;
    link.at = row.at;
    link.counted_at = row.counted_at;
    link.by = row.by.value;
    link.kind = row.kind;
    link.body = row.body;
    row.hash = chain::next(write.end.hash, link);
    write.end = ChainEnd{row.seq, row.hash};
    write.entries.push_back(std::move(row));
  }
  write.body = codec::encode(change.request);
  write.projection = project(change.request, change.wake_at);
  if (auto now = open_stakes(change.request); write.fresh || !same(now, open_stakes(*before->request)))
    write.stakes = std::move(now);
  if (auto now = promises(change.request); now != (write.fresh ? std::vector<Promise>{} : promises(*before->request)))
    write.promises = std::move(now);
  auto words = search_text(change.request);
  if (write.fresh || words != search_text(*before->request)) write.words = search_words(words);
  write.request = std::make_shared<const Request>(std::move(change.request));
  return write;
}

/// Loads; a row that cannot be read is put aside like any other fault, for trying again would not help.
template <class F>
auto readable(F load) {
  try {
    return load();
  } catch (const codec::Unreadable& error) {
    throw Fault(error.what());
  }
}

/// Everything `decide` wants written. Throws Fault.
Prepared decide_and_prepare(Books& books, const Snapshot& snapshot, const Decide& decide) {
  Prepared prepared;
  try {
    prepared.changes = decide(snapshot);
  } catch (const std::exception& error) {
    throw Fault(error.what());
  } catch (...) {
    throw Fault("something that is no exception was thrown");
  }
  for (auto& change : prepared.changes.requests) {
    const auto id = change.request.id;
    if (std::ranges::any_of(prepared.requests, [id](const RequestWrite& one) { return one.request->id == id; })) {
      throw Fault("request " + id.str() + " is changed twice in one unit");
    }
    const auto before = readable([&] { return books.reads.request(id); });
    const bool policy_known = books.reads.policy(change.request.policy) != nullptr;
    // stakes(), search_text() and the codec work on what was decided: what they throw is its fault as well.
    try {
      prepared.requests.push_back(prepare(std::move(change), before, policy_known));
    } catch (const std::exception& error) {
      throw Fault(error.what());
    }
  }
  prepared.changes.requests.clear();
  return prepared;
}

/// Answers when it may go.
TimePoint add_intent(Books& books, const Intent& intent, TimePoint now) {
  ParcelRow row;
  row.thread = intent.thread;
  row.effect = intent.effect;
  row.urgent = intent.urgent;
  row.supersedes = intent.supersedes;
  row.not_before = intent.not_before.value_or(now);
  row.first_due = row.not_before;
  const auto older = books.queue.superseded(intent.thread, intent.supersedes);
  if (older.size() == 1 && std::holds_alternative<RefreshCard>(intent.effect)) {
    // The one that waits says the same: it is put off in memory alone, and after a restart goes out a little sooner.
    auto waiting = *books.queue.find(older.front());
    waiting.first_due = std::min(row.first_due, waiting.first_due);
    waiting.not_before = std::min(row.not_before, std::max(now, waiting.first_due + longest_wait));
    const TimePoint at = waiting.not_before;
    books.queue.put(std::move(waiting));
    return at;
  }
  for (const auto old : older) {
    const auto* open = books.queue.find(old);
    row.first_due = std::min(row.first_due, open->first_due);
    row.not_before = std::min(row.not_before, std::max(now, open->first_due + longest_wait));
    books.queue.remove(old);
    books.writes.remove_parcel(old);
  }
  row.id = books.writes.add_parcel(row);
  books.queue.put(OpenParcel{row.id, row.thread, row.urgent, row.first_due, row.not_before, false, {}, row.supersedes});
  return row.not_before;
}

void put_code(Books& books, const CardCode& code, TimePoint now) {
  auto card = books.reads.card(code.card);
  if (!card || card->gone) return;
  card->provider_id = code.provider_id;
  card->updates = 0;
  card->sent_at = now;  // the code lives from the press on
  books.writes.put_card(*card);
}

/// Gone as well: what was given up for sent may have arrived, and is pressed.
void put_answered(Books& books, const CardAnswered& answered) {
  auto card = books.reads.card(answered.card);
  if (!card) return;
  card->answered = true;
  books.writes.put_card(*card);
}

Work write(Books& books, const Prepared& prepared, TimePoint now) {
  Work work;
  for (const auto& request : prepared.requests) {
    books.writes.put_request(request, now);
    const auto& wake_at = request.projection.wake_at;
    if (wake_at && (!work.wake_at || *wake_at < *work.wake_at)) work.wake_at = wake_at;
  }
  for (const auto& fact : prepared.changes.facts) {
    if (const auto* code = std::get_if<CardCode>(&fact)) {
      put_code(books, *code, now);
    } else if (const auto* answered = std::get_if<CardAnswered>(&fact)) {
      put_answered(books, *answered);
    } else {
      books.writes.put_fact(fact, now);
    }
  }
  for (const auto& setting : prepared.changes.settings) books.writes.put_setting(setting);
  if (prepared.changes.conversation) books.writes.put_conversation(*prepared.changes.conversation);
  for (const auto& intent : prepared.changes.intents) {
    const TimePoint at = add_intent(books, intent, now);
    work.sends.push_back(Work::Send{Lane{intent.thread.app, intent.thread.chat}, at});
  }
  return work;
}

std::optional<Snapshot> for_card(Books& books, const Reply& reply) {
  if (!reply.card) return std::nullopt;
  Load load;
  load.card = reply.card;
  return load_snapshot(books.reads, load);
}

}  // namespace

Result<Committed> transact(Books& books, const Load& load, const Decide& decide, TimePoint now) {
  Committed committed;
  if (load.inbox) {
    if (const auto known = books.writes.find_event(*load.inbox)) {
      committed.reply = known->reply;
      committed.duplicate = true;
      committed.card_snapshot = for_card(books, committed.reply);
      return committed;
    }
  }
  EventRow event;
  event.at = now;
  try {
    const auto snapshot = readable([&] { return load_snapshot(books.reads, load); });
    const auto prepared = decide_and_prepare(books, snapshot, decide);
    committed.work = write(books, prepared, now);
    committed.reply = prepared.changes.reply;
  } catch (const Fault& fault) {
    log::error("store.event_failed", {{"why", fault.what()}});
    if (!load.inbox) return std::unexpected(Error(Errc::thrown, fault.what()));
    committed.reply.outcome = Done::failed;
    event.state = EventState::failed;
    event.body = load.inbox_body;
    event.error = fault.what();
  }
  if (load.inbox) {
    event.key = *load.inbox;
    event.reply = committed.reply;
    books.writes.put_event(std::move(event));
  }
  committed.card_snapshot = for_card(books, committed.reply);
  return committed;
}

std::size_t wake_due(Books& books, TimePoint now, std::size_t limit, const Decide& decide, const Decide& put_aside) {
  const auto ids = books.writes.due(now, limit);
  const auto run = [&](RequestId id, const Decide& function) {
    const auto snapshot = readable([&] { return load_request(books.reads, id, true); });
    if (!snapshot) throw Fault("the request is missing");
    write(books, decide_and_prepare(books, *snapshot, function), now);
  };
  for (const auto id : ids) {
    try {
      run(id, decide);
    } catch (const Fault& fault) {
      log::error("store.wake_failed", {{"request", id}, {"why", fault.what()}});
      try {
        run(id, put_aside);
      } catch (const Fault& again) {
        log::error("store.put_aside_failed", {{"request", id}, {"why", again.what()}});
        books.writes.set_wake(id, now + care_retry);
      }
      books.writes.mark_care(id, now);
    }
    // What stays due would be woken for ever and keep everything behind it waiting.
    const auto projection = books.writes.projection(id);
    if (projection && projection->wake_at && *projection->wake_at <= now) {
      log::error("store.still_due", {{"request", id}});
      books.writes.set_wake(id, now + care_retry);
    }
  }
  return ids.size();
}

std::optional<std::string> decide_within(Books& books, const Load& load, const Decide& decide, TimePoint now) {
  try {
    const auto snapshot = readable([&] { return load_snapshot(books.reads, load); });
    write(books, decide_and_prepare(books, snapshot, decide), now);
  } catch (const Fault& fault) {
    return fault.what();
  }
  return std::nullopt;
}

}  // namespace xieban
