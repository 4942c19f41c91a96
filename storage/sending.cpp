#include "storage/sending.hpp"

#include <algorithm>
#include <exception>
#include <limits>
#include <set>
#include <utility>

#include "bot/base/log.hpp"
#include "bot/core/brain/repeat.hpp"
#include "bot/crypto/crypto.hpp"
#include "storage/codec/codec.hpp"
#include "storage/snapshot.hpp"
#include "storage/unit.hpp"

namespace xieban {
namespace {

void save(Books& books, const ParcelRow& row) {
  books.writes.save_parcel(row);
  if (auto open = open_parcel(row)) {
    books.queue.put(std::move(*open));
  } else {
    books.queue.remove(row.id);
  }
}

/// The card that never came to be, or that another one took the place of.
void card_gone(Books& books, CardId id) {
  auto card = books.reads.card(id);
  if (!card || card->gone) return;
  card->gone = true;
  books.writes.put_card(*card);
}

void end(Books& books, ParcelRow& row, ParcelState state, TimePoint now, std::string why) {
  row.state = state;
  row.claimed_until.reset();
  row.ended_at = now;
  row.last_error = std::move(why);
  if (state != ParcelState::delivered && !row.card.empty() && !row.updates_card) card_gone(books, row.card);
  save(books, row);
}

void wait_again(Books& books, ParcelRow& row, TimePoint not_before, std::string why) {
  row.state = ParcelState::waiting;
  row.claimed_until.reset();
  row.not_before = not_before;
  row.last_error = std::move(why);
  save(books, row);
}

/// The newest attempt's outcome is not known. Its bytes are those to repeat, unless it repeated older ones itself.
void note_unknown(Books& books, ParcelRow& row) {
  const auto attempt = books.writes.attempt(row.fence);
  if (attempt && !attempt->body.empty()) row.kept = row.fence;
}

void expire(Books& books, ParcelId id, TimePoint now) {
  auto row = books.writes.parcel(id);
  if (!row) return;
  note_unknown(books, *row);
  books.writes.end_attempt(row->fence, now, Outcome::unknown, "no outcome was recorded");
  ++row->counted;
  wait_again(books, *row, std::min(row->not_before, now), "no outcome was recorded");
}

CardHandle card_of(Books& books, const ParcelRow& row, const Outgoing& outgoing, const Snapshot& snapshot) {
  CardHandle card;
  card.id = row.card;
  card.request = outgoing.request;
  card.chat = outgoing.chat;
  if (card.chat.app.empty()) card.chat.app = outgoing.app;
  card.person = outgoing.to_person;
  card.effect = row.effect;
  card.kind = CardKind::notice;
  if (const auto* post = std::get_if<PostCard>(&row.effect)) {
    card.kind = post->kind;
  } else if (const auto* refresh = std::get_if<RefreshCard>(&row.effect)) {
    // Too old to be updated: this one takes its place.
    if (const auto old = books.reads.card(refresh->card)) {
      card.kind = old->kind;
      card.person = old->person;
      card.effect = old->effect;
      card.answered = old->answered;
    }
  } else if (std::holds_alternative<PostForm>(row.effect)) {
    card.kind = CardKind::form;
    if (snapshot.conversation) card.person = snapshot.conversation->key.person;
  } else if (const auto* choice = std::get_if<PostChoice>(&row.effect)) {
    card.kind = CardKind::choice;
    if (!choice->person.empty()) card.person = choice->person;
  } else if (std::holds_alternative<PostList>(row.effect)) {
    card.kind = CardKind::list;
  } else if (std::holds_alternative<PostDetail>(row.effect) || std::holds_alternative<PostWhy>(row.effect) ||
             std::holds_alternative<PostHelp>(row.effect)) {
    card.kind = CardKind::detail;
  }
  return card;
}

/// What to send for this parcel now; nothing: the row has ended, for the reason that stands in it.
struct Ready {
  Outgoing outgoing;
  bool repeats = false;  // the kept bytes
  bool not_now = false;
  Snapshot snapshot;
};
std::optional<Ready> make_ready(Books& books, ParcelRow& row, TimePoint now, const Compose& compose) {
  Ready ready;
  if (row.kept != 0) {
    const auto attempt = books.writes.attempt(row.kept);
    if (attempt && !attempt->body.empty()) {
      ready.outgoing = codec::decode<Outgoing>(attempt->body);
      const auto window = books.same_key(ready.outgoing.app, ready.outgoing.channel);
      // A little less than the platform promises: the call takes time as well.
      if (now - attempt->sent.at < window - window / 20) {
        ready.repeats = true;
        return ready;
      }
    }
    if (!may_repeat(row.effect, ready.outgoing)) {
      end(books, row, ParcelState::failed, now, "unknown: it may have arrived, and is not sent twice");
      return std::nullopt;
    }
  }
  Parcel parcel;
  parcel.id = row.id;
  parcel.effect = row.effect;
  parcel.thread = row.thread;
  parcel.urgent = row.urgent;
  parcel.attempt = row.attempts + 1;
  parcel.choice = row.choice;
  parcel.first_due = row.first_due;
  Composed composed{std::nullopt};
  try {
    Load load = load_for(row.effect);
    if (!load.chat) load.chat = ChatRef{row.thread.app, row.thread.chat};
    parcel.snapshot = load_snapshot(books.reads, load);
    composed = compose(parcel);
  } catch (const codec::Unreadable& error) {
    end(books, row, ParcelState::held, now, error.what());
    return std::nullopt;
  } catch (const std::exception& error) {
    log::error("store.compose_failed", {{"parcel", row.id}, {"why", error.what()}});
    end(books, row, ParcelState::held, now, error.what());
    return std::nullopt;
  }
  if (composed.not_now) {
    ready.not_now = true;
    return ready;
  }
  if (!composed.outgoing) {
    end(books, row, ParcelState::dropped, now, {});
    return std::nullopt;
  }
  ready.outgoing = std::move(*composed.outgoing);
  ready.snapshot = std::move(parcel.snapshot);
  if (row.kept != 0) ready.outgoing.maybe_repeated = true;
  return ready;
}

Claimed take(Books& books, ParcelRow& row, Ready ready, TimePoint now, Duration lease) {
  auto& outgoing = ready.outgoing;
  AttemptRow attempt;
  attempt.parcel = row.id;
  attempt.number = ++row.attempts;
  attempt.sent.lane = Lane{row.thread.app, row.thread.chat};
  attempt.sent.person = outgoing.to;
  attempt.sent.at = now;
  attempt.key = outgoing.key;
  auto body = codec::encode(outgoing);
  attempt.body_hash = crypto::sha256(body);
  if (!ready.repeats) attempt.body = std::move(body);
  row.fence = books.writes.add_attempt(attempt);
  if (!ready.repeats) {
    const bool fresh = outgoing.form == Form::card && outgoing.card.has_value();
    row.updates_card = outgoing.form == Form::card_update;
    // A card that an earlier attempt in another form would have made does not come any more.
    if (!fresh && !row.updates_card && !row.card.empty()) card_gone(books, row.card);
    row.card = outgoing.card_id;
    if (fresh && row.card.empty()) row.card = CardId(row.id.value);
    if (!fresh && !row.updates_card) row.card = {};
    if (fresh) {
      auto card = card_of(books, row, outgoing, ready.snapshot);
      // An earlier attempt may have arrived all the same, and its question been answered.
      const auto before = attempt.number > 1 ? books.reads.card(card.id) : std::nullopt;
      if (before && before->answered) card.answered = true;
      books.writes.put_card(card);
    }
  }
  row.state = ParcelState::claimed;
  row.claimed_until = now + lease;
  save(books, row);

  Claimed claimed;
  claimed.parcel.id = row.id;
  claimed.parcel.effect = row.effect;
  claimed.parcel.thread = row.thread;
  claimed.parcel.urgent = row.urgent;
  claimed.parcel.attempt = row.attempts;
  claimed.parcel.choice = row.choice;
  claimed.parcel.first_due = row.first_due;
  claimed.outgoing = std::move(outgoing);
  claimed.attempt = row.attempts;
  claimed.fence = row.fence;
  claimed.attempts_counted = row.counted + 1;
  return claimed;
}

/// It stands: the provider's id, the time, and no older card of the same sort in the same place.
void card_stands(Books& books, const ParcelRow& row, const Settlement& settlement) {
  if (row.card.empty()) return;
  auto card = books.reads.card(row.card);
  if (!card) return;
  const auto& receipt = settlement.receipt;
  if (row.updates_card) {
    // What a press brought while the call was under way is not used yet.
    if (card->provider_id != settlement.update_of) return;
    if (card->updates < std::numeric_limits<std::uint16_t>::max()) ++card->updates;
    if (!receipt.provider_id.empty()) card->provider_id = receipt.provider_id;
    books.writes.put_card(*card);
    return;
  }
  // Where a press was sooner than the outcome, what it brought is newer than the send.
  if (card->provider_id.empty()) {
    card->provider_id = receipt.provider_id;
    card->sent_at = settlement.now;
  }
  card->gone = false;
  books.writes.put_card(*card);
  if (card->request.empty() || (card->kind != CardKind::live && card->kind != CardKind::personal)) return;
  for (const auto& other : books.reads.cards_of(card->request)) {
    if (other.id < card->id && other.kind == card->kind && other.chat == card->chat && other.person == card->person) {
      card_gone(books, other.id);
    }
  }
}

void put_behind(Books& books, ParcelRow next) {
  next.id = books.writes.add_parcel(next);
  if (auto open = open_parcel(next)) books.queue.put(std::move(*open));
}

/// What follows now that it stands.
void follow_up(Books& books, const ParcelRow& row, const Settlement& settlement) {
  if (!settlement.then) return;
  ParcelRow next;
  next.thread = row.thread;
  next.effect = *settlement.then;
  next.urgent = row.urgent;
  next.first_due = next.not_before = settlement.now;
  put_behind(books, std::move(next));
}

/// What the core makes of the outcome. False: it threw; the row is held, so that it can be run again.
bool draw_consequence(Books& books, ParcelRow& row, const Settlement& settlement) {
  if (!settlement.consequence) return true;
  const auto fault = decide_within(books, settlement.consequence->load, settlement.consequence->decide, settlement.now);
  if (!fault) return true;
  log::error("store.consequence_failed", {{"parcel", row.id}, {"why", *fault}});
  end(books, row, ParcelState::held, settlement.now, *fault);
  return false;
}

/// Those who were not reached, again and alone.
void again_for_the_rest(Books& books, const ParcelRow& row, const Settlement& settlement) {
  std::vector<PersonId> rest;
  for (const auto& [person, outcome] : settlement.receipt.people) {
    if (outcome == Outcome::retry || outcome == Outcome::unknown) rest.push_back(person.person);
  }
  if (rest.empty() || !settlement.retry_at) return;
  ParcelRow next;
  next.thread = row.thread;
  next.effect = row.effect;
  next.urgent = row.urgent;
  next.first_due = row.first_due;
  next.not_before = *settlement.retry_at;
  next.counted = row.counted;
  if (auto* notify = std::get_if<Notify>(&next.effect)) notify->mention = rest;
  if (auto* say = std::get_if<Say>(&next.effect)) say->mention = rest;
  put_behind(books, std::move(next));
}

void settle_one(Books& books, const Settlement& settlement) {
  const auto* open = books.queue.find(settlement.parcel);
  if (open == nullptr || !open->claimed_until) return;
  auto found = books.writes.parcel(settlement.parcel);
  if (!found || found->state != ParcelState::claimed || found->fence != settlement.fence ||
      found->attempts != settlement.attempt) {
    return;
  }
  auto& row = *found;
  const auto& receipt = settlement.receipt;
  if (settlement.counts) ++row.counted;
  if (receipt.outcome == Outcome::unknown) note_unknown(books, row);
  books.writes.end_attempt(row.fence, settlement.now, receipt.outcome, receipt.detail);
  switch (receipt.outcome) {
    case Outcome::delivered:
    case Outcome::partly:
      if (!draw_consequence(books, row, settlement)) return;
      card_stands(books, row, settlement);
      end(books, row, ParcelState::delivered, settlement.now, receipt.detail);
      if (receipt.outcome == Outcome::partly) again_for_the_rest(books, row, settlement);
      follow_up(books, row, settlement);
      return;
    case Outcome::retry:
    case Outcome::unknown:
    case Outcome::rejected:
    case Outcome::unsupported:
    case Outcome::token_expired:
      break;
  }
  if (settlement.next_choice || settlement.anew) {
    if (settlement.anew && !draw_consequence(books, row, settlement)) return;
    // Another form is another message: the kept bytes are not those of the form to come.
    row.choice = settlement.anew ? std::uint16_t{0} : static_cast<std::uint16_t>(row.choice + settlement.further);
    row.kept = 0;
    wait_again(books, row, settlement.now, receipt.detail);
  } else if (settlement.retry_at) {
    wait_again(books, row, *settlement.retry_at, receipt.detail);
  } else if (draw_consequence(books, row, settlement)) {
    end(books, row, settlement.drop ? ParcelState::dropped : ParcelState::failed, settlement.now, receipt.detail);
  }
}

}  // namespace

std::optional<OpenParcel> open_parcel(const ParcelRow& row) {
  if (row.state != ParcelState::waiting && row.state != ParcelState::claimed) return std::nullopt;
  return OpenParcel{row.id,         row.thread,       row.urgent,        row.first_due,
                    row.not_before, row.attempts > 0, row.claimed_until, row.supersedes};
}

std::vector<Claimed> claim_outbox(Books& books, TimePoint now, std::size_t limit, Duration lease,
                                  const std::vector<Lane>& closed, const Compose& compose) {
  for (const auto id : books.queue.expired(now)) expire(books, id, now);
  std::set<Lane> shut(closed.begin(), closed.end());
  std::vector<Claimed> claimed;
  // Rows that come to nothing cost time as well: the rest waits for the next call.
  auto rounds = 4 * limit + 512;
  while (claimed.size() < limit && rounds > 0) {
    const auto heads = books.queue.pick(now, shut, std::min(limit - claimed.size(), rounds));
    if (heads.empty()) break;
    for (const auto id : heads) {
      --rounds;
      auto row = books.writes.parcel(id);
      if (!row) {
        books.queue.remove(id);
        continue;
      }
      auto ready = make_ready(books, *row, now, compose);
      if (!ready) continue;
      // One of a lane in each call, so that limits are exact: what goes out next depends on what went out now.
      shut.insert(Lane{row->thread.app, row->thread.chat});
      if (ready->not_now) continue;
      claimed.push_back(take(books, *row, std::move(*ready), now, lease));
    }
  }
  return claimed;
}

void settle(Books& books, const std::vector<Settlement>& settlements) {
  for (const auto& settlement : settlements) settle_one(books, settlement);
}

bool retry_parcel(Books& books, ParcelId id, TimePoint now) {
  auto row = books.writes.parcel(id);
  if (!row || (row->state != ParcelState::held && row->state != ParcelState::failed)) return false;
  row->counted = 0;
  row->first_due = now;
  row->ended_at.reset();
  wait_again(books, *row, now, {});
  return true;
}

void abandon_claims(Books& books, TimePoint now) {
  for (const auto id : books.queue.expired(TimePoint::max())) expire(books, id, now);
}

}  // namespace xieban
