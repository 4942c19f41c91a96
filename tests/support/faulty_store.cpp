#include "tests/support/faulty_store.hpp"

#include <utility>

#include "storage/codec/codec.hpp"

namespace xieban::testing {

std::optional<StoreFault> FaultyStore::matching(const char* call) {
  for (auto& fault : faults_) {
    if (fault.times == 0 || (!fault.call.empty() && fault.call != call)) continue;
    if (fault.skip > 0) {
      --fault.skip;
      continue;
    }
    if (fault.times > 0) --fault.times;
    return fault;
  }
  return std::nullopt;
}

boost::asio::awaitable<void> FaultyStore::never() {
  dead_ = true;
  const auto alarm = time_.make_alarm();
  for (;;) co_await alarm->wait(std::nullopt);
}

template <class T>
Async<T> FaultyStore::through(const char* call, std::function<Async<T>()> go) {
  ++log_.calls;
  if (dead_) co_await never();
  const auto fault = matching(call);
  if (fault && fault->what == StoreFault::Do::die) co_await never();
  const bool waits = fault && (fault->what == StoreFault::Do::slow || fault->what == StoreFault::Do::refuse);
  if (waits && fault->wait > Duration{0}) {
    const auto alarm = time_.make_alarm();
    co_await alarm->wait(time_.now() + fault->wait);
  }
  if (fault && fault->what == StoreFault::Do::refuse) co_return std::unexpected(Error(fault->code, "told to fail"));
  auto result = co_await go();
  if (fault && fault->what == StoreFault::Do::late_refusal) co_return std::unexpected(Error(fault->code, "told to fail"));
  if ((fault && fault->what == StoreFault::Do::die_after) || dead_) co_await never();
  co_return result;
}

Async<Committed> FaultyStore::transact(Load load, Decide decide, TimePoint now) {
  return through<Committed>("transact", [this, load = std::move(load), decide = std::move(decide), now] {
    return inner_->transact(load, decide, now);
  });
}
Async<std::size_t> FaultyStore::wake_due(TimePoint now, std::size_t limit, Decide decide, Decide put_aside) {
  return through<std::size_t>("wake_due", [this, now, limit, decide = std::move(decide), put_aside = std::move(put_aside)] {
    return inner_->wake_due(now, limit, decide, put_aside);
  });
}
Async<std::vector<Claimed>> FaultyStore::claim_outbox(TimePoint now, std::size_t limit, Duration lease,
                                                      std::vector<Lane> closed, Compose compose) {
  std::function<Async<std::vector<Claimed>>()> go = [&] { return inner_->claim_outbox(now, limit, lease, closed, compose); };
  auto result = co_await through<std::vector<Claimed>>("claim_outbox", std::move(go));
  if (result) {
    for (const auto& one : *result) {
      log_.composed[one.outgoing.key].insert(one.parcel.id.value);
      std::string kind(kind_name(one.parcel.effect));
      if (const auto* notify = std::get_if<Notify>(&one.parcel.effect)) kind += " " + notify->notice.key;
      if (const auto* refresh = std::get_if<RefreshCard>(&one.parcel.effect)) kind += " of card " + refresh->card.str();
      if (one.outgoing.form == Form::card_update) kind += " as update";
      log_.kinds[one.outgoing.key] = std::move(kind);
      log_.first_claims.try_emplace(one.outgoing.key, now);
      log_.claimed_bodies.push_back(codec::encode(one.outgoing));
    }
  }
  co_return result;
}
Async<void> FaultyStore::settle(std::vector<Settlement> all) {
  return through<void>("settle", [this, all = std::move(all)] { return inner_->settle(all); });
}
Async<std::vector<Sent>> FaultyStore::sent_since(AppId app, TimePoint since) {
  return through<std::vector<Sent>>("sent_since",
                                    [this, app = std::move(app), since] { return inner_->sent_since(app, since); });
}
Async<std::optional<TimePoint>> FaultyStore::next_instant(std::vector<Lane> closed) {
  return through<std::optional<TimePoint>>("next_instant",
                                           [this, closed = std::move(closed)] { return inner_->next_instant(closed); });
}
Async<std::optional<Fence>> FaultyStore::lease(std::string name, std::string holder, Duration ttl, TimePoint now) {
  return through<std::optional<Fence>>("lease", [this, name = std::move(name), holder = std::move(holder), ttl, now] {
    return inner_->lease(name, holder, ttl, now);
  });
}
Async<std::uint64_t> FaultyStore::count(std::string budget, std::string month, std::uint32_t n) {
  return through<std::uint64_t>(
      "count", [this, budget = std::move(budget), month = std::move(month), n] { return inner_->count(budget, month, n); });
}
Async<Hash> FaultyStore::put_document(std::string kind, std::string bytes) {
  return through<Hash>("put_document",
                       [this, kind = std::move(kind), bytes = std::move(bytes)] { return inner_->put_document(kind, bytes); });
}
Async<void> FaultyStore::put_setting(std::string name, std::string value) {
  return through<void>("put_setting",
                       [this, name = std::move(name), value = std::move(value)] { return inner_->put_setting(name, value); });
}
Async<void> FaultyStore::retry(std::string id, TimePoint now) {
  return through<void>("retry", [this, id = std::move(id), now] { return inner_->retry(id, now); });
}
Async<std::vector<RawEvent>> FaultyStore::take_retries() {
  return through<std::vector<RawEvent>>("take_retries", [this] { return inner_->take_retries(); });
}
Async<std::size_t> FaultyStore::sweep(TimePoint inbox, TimePoint outbox, std::size_t limit) {
  return through<std::size_t>("sweep", [this, inbox, outbox, limit] { return inner_->sweep(inbox, outbox, limit); });
}
Async<Hash> FaultyStore::anchor(std::string day) {
  return through<Hash>("anchor", [this, day = std::move(day)] { return inner_->anchor(day); });
}
Async<void> FaultyStore::reset() {
  return through<void>("reset", [this] { return inner_->reset(); });
}
Async<std::optional<Snapshot>> FaultyStore::load(Load load) {
  return through<std::optional<Snapshot>>("load", [this, load = std::move(load)] { return inner_->load(load); });
}
Async<std::vector<Snapshot>> FaultyStore::open_requests(RequestId after, std::size_t limit) {
  return through<std::vector<Snapshot>>("open_requests", [this, after, limit] { return inner_->open_requests(after, limit); });
}
Async<std::vector<Stamped>> FaultyStore::history(RequestId request) {
  return through<std::vector<Stamped>>("history", [this, request] { return inner_->history(request); });
}
Async<std::optional<std::string>> FaultyStore::get_document(Hash hash) {
  return through<std::optional<std::string>>("get_document",
                                             [this, hash = std::move(hash)] { return inner_->get_document(hash); });
}
Async<std::optional<std::string>> FaultyStore::setting(std::string name) {
  return through<std::optional<std::string>>("setting", [this, name = std::move(name)] { return inner_->setting(name); });
}
Async<Stats> FaultyStore::stats() {
  return through<Stats>("stats", [this] { return inner_->stats(); });
}
Async<std::vector<Trouble>> FaultyStore::troubles(std::size_t limit) {
  return through<std::vector<Trouble>>("troubles", [this, limit] { return inner_->troubles(limit); });
}
Async<Store::Shown> FaultyStore::show(Shown row) {
  return through<Shown>("show", [this, row = std::move(row)] { return inner_->show(row); });
}
Async<std::vector<Store::Shown>> FaultyStore::shown(std::uint64_t after, std::size_t limit) {
  return through<std::vector<Shown>>("shown", [this, after, limit] { return inner_->shown(after, limit); });
}
Async<std::optional<Store::Shown>> FaultyStore::shown_one(std::string id) {
  return through<std::optional<Shown>>("shown_one", [this, id = std::move(id)] { return inner_->shown_one(id); });
}

}  // namespace xieban::testing
