#include "storage/sqlite/writes.hpp"

#include <algorithm>
#include <functional>
#include <utility>

#include "bot/base/rng.hpp"
#include "storage/codec/codec.hpp"
#include "storage/directory_facts.hpp"
#include "storage/sending.hpp"

namespace xieban::sqlite {

// These enumerations stand in columns as numbers; the numbers are part of the schema.
static_assert(static_cast<int>(EventState::failed) == 1 && static_cast<int>(EventState::retry) == 2 &&
              static_cast<int>(EventState::taken) == 3);
static_assert(static_cast<int>(ParcelState::claimed) == 1 && static_cast<int>(ParcelState::delivered) == 2 &&
              static_cast<int>(ParcelState::dropped) == 3 && static_cast<int>(ParcelState::failed) == 4 &&
              static_cast<int>(ParcelState::held) == 5);
static_assert(static_cast<int>(Done::ignored) == 1 && static_cast<int>(Done::refused) == 2 &&
              static_cast<int>(Done::duplicate) == 3 && static_cast<int>(Done::failed) == 4);
static_assert(static_cast<int>(Tone::info) == 1 && static_cast<int>(Tone::warning) == 2 &&
              static_cast<int>(Tone::danger) == 3 && static_cast<int>(Tone::success) == 4);
static_assert(static_cast<int>(Outcome::delivered) == 0 && static_cast<int>(Outcome::unknown) == 3);

// -- events --------------------------------------------------------------------------------------------

KnownEvents::KnownEvents() : seed_(random_seed()) {}

std::uint64_t KnownEvents::hash_of(const InboxKey& key) const {
  std::string text(reinterpret_cast<const char*>(&seed_), sizeof seed_);
  text += key.app.value;
  text += '\0';
  text += key.key;
  return std::hash<std::string>{}(text);
}
void KnownEvents::catch_up(Connection& connection) {
  auto row = connection.query("SELECT id, app, key FROM inbox WHERE id > ? ORDER BY id", newest_);
  while (row.step()) {
    newest_ = row.number(0);
    rows_[hash_of(InboxKey{AppId(row.text(1)), row.text(2)})] = row.id(0);
  }
}
std::uint64_t KnownEvents::find(const InboxKey& key) const {
  const auto found = rows_.find(hash_of(key));
  return found == rows_.end() ? 0 : found->second;
}
void KnownEvents::add(const InboxKey& key, std::uint64_t row) {
  auto& place = rows_[hash_of(key)];
  added_.emplace_back(hash_of(key), place);
  place = row;
  newest_ = std::max(newest_, static_cast<std::int64_t>(row));
}
void KnownEvents::undo(std::size_t mark) {
  while (added_.size() > mark) {
    const auto [hash, before] = added_.back();
    added_.pop_back();
    if (before == 0) {
      rows_.erase(hash);
    } else {
      rows_[hash] = before;
    }
  }
}
void KnownEvents::keep() { added_.clear(); }
void KnownEvents::clear() {
  rows_.clear();
  added_.clear();
  newest_ = 0;
}

std::optional<EventRow> SqlWrites::find_event(const InboxKey& key) {
  const auto id = known_.find(key);
  if (id == 0) return std::nullopt;
  auto row = connection_.query("SELECT app, key, at, state, outcome, tone, toast, card FROM inbox WHERE id = ?", id);
  if (!row.step() || row.text(0) != key.app.value || row.text(1) != key.key) return std::nullopt;
  EventRow found;
  found.id = id;
  found.key = key;
  found.at = row.instant(2);
  found.state = static_cast<EventState>(row.number(3));
  if (found.state == EventState::taken) return std::nullopt;
  found.reply.outcome = static_cast<Done>(row.number(4));
  found.reply.tone = static_cast<Tone>(row.number(5));
  found.reply.toast = row.text(6);
  if (row.number(7) != 0) found.reply.card = CardId(row.id(7));
  return found;
}

void SqlWrites::put_event(EventRow event) {
  if (const auto old = known_.find(event.key); old != 0) {
    connection_.run("DELETE FROM inbox WHERE id = ? AND app = ? AND key = ?", old, event.key.app, event.key.key);
  }
  const auto id = next_event_++;
  const bool failed = event.state != EventState::done;
  connection_.run(
      "INSERT INTO inbox (id, app, key, at, state, outcome, tone, toast, card, body, error) VALUES (?,?,?,?,?,?,?,?,?,?,?)", id,
      event.key.app, event.key.key, event.at, event.state, event.reply.outcome, event.reply.tone, event.reply.toast,
      event.reply.card.value_or(CardId{}), failed ? std::optional(Blob{event.body}) : std::nullopt,
      failed ? std::optional(event.error) : std::nullopt);
  known_.add(event.key, id);
}

// -- requests ------------------------------------------------------------------------------------------

void SqlWrites::put_request(const RequestWrite& write, TimePoint now) {
  const auto id = write.request->id;
  const auto* known = write.fresh ? nullptr : recent_.find(id);
  if (write.policy) {
    connection_.run("INSERT OR IGNORE INTO policy (hash, body) VALUES (?, ?)", write.policy->hash,
                    codec::encode(*write.policy));
  }
  auto entry = known != nullptr ? known->entry
               : write.fresh    ? 0
                                : connection_.number("SELECT entry FROM request WHERE id = ?", id).value_or(0);
  for (const auto& row : write.entries) {
    connection_.run(
        "INSERT INTO history (aggregate, seq, at, counted_at, \"by\", kind, body, hash, prev) VALUES (?,?,?,?,?,?,?,?,?)", id,
        row.seq, row.at, row.counted_at, row.by, row.kind, row.body, Blob{row.hash}, entry);
    entry = connection_.db().getLastInsertRowid();
  }
  if (write.fresh) {
    connection_.run("INSERT INTO request (id, entry, seq, hash, body) VALUES (?,?,?,?,?)", id, entry, write.end.seq,
                    Blob{write.end.hash}, write.body);
  } else {
    connection_.run("UPDATE request SET entry = ?2, seq = ?3, hash = ?4, body = ?5 WHERE id = ?1", id, entry, write.end.seq,
                    Blob{write.end.hash}, write.body);
  }
  const auto before = write.fresh ? std::nullopt : projection(id);
  const auto& after = write.projection;
  if (!after.open) {
    if (before) connection_.run("DELETE FROM open_request WHERE id = ?", id);
  } else if (before != after) {
    connection_.run(
        "INSERT INTO open_request (id, wake_at, urgent, late, needs_care, care_since, due_at) VALUES (?1,?2,?3,?4,?5,?6,?7) "
        "ON CONFLICT (id) DO UPDATE SET wake_at = ?2, urgent = ?3, late = ?4, needs_care = ?5, "
        "care_since = CASE WHEN ?5 = 0 THEN NULL ELSE coalesce(care_since, ?6) END, due_at = ?7",
        id, after.wake_at, after.urgent, after.late, after.needs_care, after.needs_care ? std::optional(now) : std::nullopt,
        after.due ? after.due->time_since_epoch().count() : no_due);
  }
  if (write.stakes) {
    if (!write.fresh) connection_.run("DELETE FROM stake WHERE request = ?", id);
    int n = 0;
    for (const auto& stake : *write.stakes) {
      connection_.run("INSERT INTO stake (request, n, person, department, role, due_at) VALUES (?,?,?,?,?,?)", id, n++,
                      stake.person, stake.department, stake.role, stake.due ? stake.due->time_since_epoch().count() : no_due);
    }
  }
  if (write.promises) {
    if (!write.fresh) connection_.run("DELETE FROM promise WHERE request = ?", id);
    for (const auto& one : *write.promises)
      connection_.run("INSERT INTO promise (request, task, department, due_at, delivered_at) VALUES (?,?,?,?,?)", id,
                      std::uint64_t{one.task.value}, one.department, one.due, one.delivered);
  }
  if (write.words) connection_.run("INSERT OR REPLACE INTO search (rowid, words) VALUES (?, ?)", id, *write.words);
  recent_.put(id, Recent::One{RequestRow{write.request, write.end}, entry, after.open ? std::optional(after) : std::nullopt,
                              known != nullptr ? known->cards : std::nullopt});
}

std::optional<Projection> SqlWrites::projection(RequestId id) {
  auto* known = recent_.find(id);
  if (known != nullptr && known->projection) return *known->projection;
  const auto found = read_projection(id);
  if (known != nullptr) known->projection = found;
  return found;
}

std::optional<Projection> SqlWrites::read_projection(RequestId id) {
  auto row = connection_.query("SELECT wake_at, urgent, late, needs_care, due_at FROM open_request WHERE id = ?", id);
  if (!row.step()) return std::nullopt;
  Projection found;
  found.open = true;
  found.wake_at = row.maybe_instant(0);
  found.urgent = row.flag(1);
  found.late = row.flag(2);
  found.needs_care = row.flag(3);
  if (row.number(4) != no_due) found.due = row.instant(4);
  return found;
}

std::vector<RequestId> SqlWrites::due(TimePoint now, std::size_t limit) {
  std::vector<RequestId> ids;
  for (const int urgent : {1, 0}) {
    auto row = connection_.query(
        "SELECT id FROM open_request WHERE urgent = ? AND wake_at IS NOT NULL AND wake_at <= ? ORDER BY wake_at, id LIMIT ?",
        urgent, now, limit - ids.size());
    while (row.step()) ids.push_back(RequestId(row.id(0)));
  }
  return ids;
}

void SqlWrites::set_wake(RequestId id, TimePoint wake_at) {
  if (auto* known = recent_.find(id)) known->projection.reset();
  connection_.run("UPDATE open_request SET wake_at = ? WHERE id = ?", wake_at, id);
}

void SqlWrites::mark_care(RequestId id, TimePoint since) {
  if (auto* known = recent_.find(id)) known->projection.reset();
  connection_.run("UPDATE open_request SET needs_care = 1, care_since = coalesce(care_since, ?) WHERE id = ?", since, id);
}

// -- facts and dialogues ---------------------------------------------------------------------------------

bool SqlWrites::has_spoken(const ChatRef& chat) {
  if (const auto* known = recent_.find(chat)) return *known && (*known)->spoken;
  auto row = connection_.query("SELECT body FROM chat WHERE app = ? AND chat = ?", chat.app, chat.chat);
  return row.step() && codec::decode<ChatFact>(row.text(0)).spoken;
}

void SqlWrites::put_fact(const Fact& fact, TimePoint now) {
  if (const auto* chat = std::get_if<ChatFact>(&fact)) {
    const bool first_word = spoke_in_private(*chat) && !has_spoken(chat->chat);
    connection_.run("INSERT OR REPLACE INTO chat (app, chat, body) VALUES (?,?,?)", chat->chat.app, chat->chat.chat,
                    codec::encode(*chat));
    recent_.put(chat->chat, *chat);
    if (!first_word) return;
  }
  if (const auto* leave = std::get_if<Leave>(&fact)) {
    connection_.run("INSERT OR REPLACE INTO leave (person, body) VALUES (?,?)", leave->person, codec::encode(*leave));
  } else if (const auto* link = std::get_if<IdentityLink>(&fact)) {
    connection_.run("INSERT OR REPLACE INTO identity (app, user, person) VALUES (?,?,?)", link->identity.app,
                    link->identity.user, link->person);
  } else if (const auto* code = std::get_if<LinkCode>(&fact)) {
    connection_.run("INSERT OR REPLACE INTO link_code (code, until, body) VALUES (?,?,?)", code->code, code->until,
                    codec::encode(*code));
    connection_.run("DELETE FROM link_code WHERE until < ?", now - keep_codes);
  } else if (const auto* account = std::get_if<Account>(&fact)) {
    connection_.run("INSERT OR REPLACE INTO account (app, user, body) VALUES (?,?,?)", account->identity.app,
                    account->identity.user, codec::encode(*account));
  } else if (const auto* unit = std::get_if<OrgUnit>(&fact)) {
    connection_.run("INSERT OR REPLACE INTO org_unit (app, unit, body) VALUES (?,?,?)", unit->app, unit->id,
                    codec::encode(*unit));
  }
  connection_.run(
      "INSERT INTO counter (name, value) VALUES ('directory', 1) ON CONFLICT (name) DO UPDATE SET value = value + 1");
}

void SqlWrites::put_setting(const Setting& setting) {
  if (setting.value.empty())
    connection_.run("DELETE FROM setting WHERE name = ?", setting.name);
  else
    connection_.run("INSERT OR REPLACE INTO setting (name, value) VALUES (?,?)", setting.name, setting.value);
}
void SqlWrites::put_conversation(const Conversation& conversation) {
  if (conversation.done) {
    connection_.run("DELETE FROM conversation WHERE person = ? AND app = ?", conversation.key.person, conversation.key.app);
  } else {
    connection_.run("INSERT OR REPLACE INTO conversation (person, app, id, body) VALUES (?,?,?,?)", conversation.key.person,
                    conversation.key.app, conversation.id, codec::encode(conversation));
  }
}

// -- outbox ------------------------------------------------------------------------------------------------

ParcelId SqlWrites::add_parcel(const ParcelRow& row) {
  const ParcelId id(next_parcel_++);
  connection_.run(
      "INSERT INTO outbox (id, app, chat, request, kind, body, urgent, supersedes, first_due, not_before, claimed_until, "
      "state, "
      "choice, attempts, counted, fence, kept, card, updates_card, ended_at, last_error) "
      "VALUES (?,?,?,?,?,?,?,?,?,?,NULL,?,?,?,?,?,?,?,?,NULL,?)",
      id, row.thread.app, row.thread.chat, row.thread.request, kind_name(row.effect), codec::encode(row.effect), row.urgent,
      row.supersedes, row.first_due, row.not_before, row.state, row.choice, row.attempts, row.counted, row.fence, row.kept,
      row.card, row.updates_card, row.last_error);
  return id;
}

std::optional<ParcelRow> SqlWrites::parcel(ParcelId id) {
  auto row = connection_.query(
      "SELECT app, chat, request, kind, body, urgent, supersedes, first_due, not_before, claimed_until, state, choice, "
      "attempts, "
      "counted, fence, kept, card, updates_card, ended_at, last_error FROM outbox WHERE id = ?",
      id);
  if (!row.step()) return std::nullopt;
  ParcelRow found;
  found.id = id;
  found.thread = Thread{AppId(row.text(0)), ChatId(row.text(1)), RequestId(row.id(2))};
  found.effect = codec::decode_effect(row.text(3), row.text(4));
  found.urgent = row.flag(5);
  found.supersedes = row.text(6);
  found.first_due = row.instant(7);
  found.not_before = row.instant(8);
  found.claimed_until = row.maybe_instant(9);
  found.state = static_cast<ParcelState>(row.number(10));
  found.choice = static_cast<std::uint16_t>(row.number(11));
  found.attempts = static_cast<std::uint32_t>(row.number(12));
  found.counted = static_cast<std::uint32_t>(row.number(13));
  found.fence = row.id(14);
  found.kept = row.id(15);
  found.card = CardId(row.id(16));
  found.updates_card = row.flag(17);
  found.ended_at = row.maybe_instant(18);
  found.last_error = row.text(19);
  return found;
}

// What an intent says does not change; only how far it has come.
void SqlWrites::save_parcel(const ParcelRow& row) {
  connection_.run(
      "UPDATE outbox SET first_due = ?2, not_before = ?3, claimed_until = ?4, state = ?5, choice = ?6, attempts = ?7, counted "
      "= ?8, "
      "fence = ?9, kept = ?10, card = ?11, updates_card = ?12, ended_at = ?13, last_error = ?14 WHERE id = ?1",
      row.id, row.first_due, row.not_before, row.claimed_until, row.state, row.choice, row.attempts, row.counted, row.fence,
      row.kept, row.card, row.updates_card, row.ended_at, row.last_error);
}

void SqlWrites::remove_parcel(ParcelId id) { connection_.run("DELETE FROM outbox WHERE id = ?", id); }

Fence SqlWrites::add_attempt(const AttemptRow& row) {
  const Fence fence = next_attempt_++;
  connection_.run(
      "INSERT INTO attempt (id, parcel, number, app, chat, person, started_at, key, body, body_hash) VALUES "
      "(?,?,?,?,?,?,?,?,?,?)",
      fence, row.parcel, row.number, row.sent.lane.app, row.sent.lane.chat, row.sent.person, row.sent.at, row.key,
      row.body.empty() ? std::nullopt : std::optional(row.body), Blob{row.body_hash});
  return fence;
}

std::optional<AttemptRow> SqlWrites::attempt(Fence fence) {
  auto row = connection_.query(
      "SELECT parcel, number, app, chat, person, started_at, key, body, body_hash FROM attempt WHERE id = ?", fence);
  if (!row.step()) return std::nullopt;
  AttemptRow found;
  found.fence = fence;
  found.parcel = ParcelId(row.id(0));
  found.number = static_cast<std::uint32_t>(row.number(1));
  found.sent.lane = Lane{AppId(row.text(2)), ChatId(row.text(3))};
  if (!row.null(4)) found.sent.person = UserId(row.text(4));
  found.sent.at = row.instant(5);
  found.key = row.text(6);
  found.body = row.text(7);
  found.body_hash = row.text(8);
  return found;
}

void SqlWrites::end_attempt(Fence fence, TimePoint now, Outcome outcome, const std::string& detail) {
  connection_.run(
      "UPDATE attempt SET ended_at = ?2, outcome = ?3, detail = ?4, body = CASE WHEN ?5 THEN body END WHERE id = ?1", fence,
      now, outcome, detail.empty() ? std::nullopt : std::optional(detail), outcome == Outcome::unknown);
}

void SqlWrites::put_card(const CardHandle& card) {
  if (auto* known = recent_.find(card.request)) known->cards.reset();
  const bool standing = !card.gone && !card.request.empty() && (card.kind == CardKind::live || card.kind == CardKind::personal);
  connection_.run("INSERT OR REPLACE INTO card (id, request, standing, body) VALUES (?,?,?,?)", card.id, card.request, standing,
                  codec::encode(card));
}

void SqlWrites::fill(OutboxQueue& queue) {
  queue.clear();
  auto row = connection_.query(
      "SELECT id, app, chat, request, urgent, first_due, not_before, attempts, claimed_until, supersedes FROM outbox WHERE "
      "state < 2");
  while (row.step()) {
    OpenParcel parcel;
    parcel.id = ParcelId(row.id(0));
    parcel.thread = Thread{AppId(row.text(1)), ChatId(row.text(2)), RequestId(row.id(3))};
    parcel.urgent = row.flag(4);
    parcel.first_due = row.instant(5);
    parcel.not_before = row.instant(6);
    parcel.attempted = row.number(7) > 0;
    parcel.claimed_until = row.maybe_instant(8);
    parcel.supersedes = row.text(9);
    queue.put(std::move(parcel));
  }
}

void SqlWrites::find_ids() {
  const auto behind = [this](std::uint64_t& next, const char* text) {
    next = std::max(next, static_cast<std::uint64_t>(connection_.number(text).value_or(0)) + 1);
  };
  behind(next_event_, "SELECT max(id) FROM inbox");
  next_parcel_ = std::max(next_parcel_, parcel_floor_);
  behind(next_parcel_, "SELECT max(id) FROM outbox");
  behind(next_parcel_, "SELECT max(id) FROM card");
  behind(next_attempt_, "SELECT max(id) FROM attempt");
}

}  // namespace xieban::sqlite
