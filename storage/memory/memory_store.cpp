#include "storage/memory/memory_store.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <utility>

#include "bot/crypto/crypto.hpp"
#include "storage/chain.hpp"
#include "storage/codec/codec.hpp"
#include "storage/memory/memory_tables.hpp"
#include "storage/sending.hpp"
#include "storage/snapshot.hpp"
#include "storage/trouble_id.hpp"
#include "storage/unit.hpp"

namespace xieban {
namespace {

namespace asio = boost::asio;

class MemoryStore final : public Store {
 public:
  MemoryStore(asio::any_io_executor executor, SameKey same_key)
      : executor_(std::move(executor)), same_key_(std::move(same_key)) {}

  Async<Committed> transact(Load load, Decide decide, TimePoint now) override {
    return run<Committed>([this, load = std::move(load), decide = std::move(decide), now] {
      auto opened = books();
      return xieban::transact(opened, load, decide, now);
    });
  }
  Async<std::size_t> wake_due(TimePoint now, std::size_t limit, Decide decide, Decide put_aside) override {
    return run<std::size_t>(
        [this, now, limit, decide = std::move(decide), put_aside = std::move(put_aside)]() -> Result<std::size_t> {
          auto opened = books();
          return xieban::wake_due(opened, now, limit, decide, put_aside);
        });
  }
  Async<std::vector<Claimed>> claim_outbox(TimePoint now, std::size_t limit, Duration lease_time, std::vector<Lane> closed,
                                           Compose compose) override {
    return run<std::vector<Claimed>>([this, now, limit, lease_time, closed = std::move(closed),
                                      compose = std::move(compose)]() -> Result<std::vector<Claimed>> {
      auto opened = books();
      return xieban::claim_outbox(opened, now, limit, lease_time, closed, compose);
    });
  }
  Async<void> settle(std::vector<Settlement> settlements) override {
    return run<void>([this, settlements = std::move(settlements)]() -> Result<void> {
      auto opened = books();
      xieban::settle(opened, settlements);
      return {};
    });
  }
  Async<std::vector<Sent>> sent_since(AppId app, TimePoint since) override {
    return run<std::vector<Sent>>([this, app = std::move(app), since]() -> Result<std::vector<Sent>> {
      std::vector<Sent> found;
      for (const auto& [fence, attempt] : tables_.attempts) {
        if (attempt.row.sent.lane.app == app && attempt.row.sent.at >= since) found.push_back(attempt.row.sent);
      }
      return found;
    });
  }
  Async<std::optional<TimePoint>> next_instant(std::vector<Lane> closed) override {
    return run<std::optional<TimePoint>>([this, closed = std::move(closed)]() -> Result<std::optional<TimePoint>> {
      auto first = queue_.next_instant({closed.begin(), closed.end()});
      for (const auto& [id, marked] : tables_.open) {
        const auto& wake_at = marked.projection.wake_at;
        if (wake_at && (!first || *wake_at < *first)) first = wake_at;
      }
      return first;
    });
  }
  Async<std::optional<Fence>> lease(std::string name, std::string holder, Duration ttl, TimePoint now) override {
    return run<std::optional<Fence>>(
        [this, name = std::move(name), holder = std::move(holder), ttl, now]() -> Result<std::optional<Fence>> {
          auto& held = tables_.leases[name];
          if (held.holder != holder || held.until <= now) {
            if (held.fence != 0 && held.until > now) return std::optional<Fence>{};
            held.holder = holder;
            ++held.fence;
          }
          held.until = now + ttl;
          return std::optional(held.fence);
        });
  }
  Async<std::uint64_t> count(std::string budget, std::string month, std::uint32_t n) override {
    return run<std::uint64_t>([this, key = std::pair(std::move(budget), std::move(month)), n]() -> Result<std::uint64_t> {
      return tables_.budgets[key] += n;
    });
  }
  Async<Hash> put_document(std::string kind, std::string bytes) override {
    (void)kind;
    return run<Hash>([this, bytes = std::move(bytes)]() -> Result<Hash> {
      Hash hash(crypto::sha256_hex(bytes));
      tables_.documents.try_emplace(hash, bytes);
      return hash;
    });
  }
  Async<void> put_setting(std::string name, std::string value) override {
    return run<void>([this, name = std::move(name), value = std::move(value)]() -> Result<void> {
      tables_.settings.insert_or_assign(name, value);
      return {};
    });
  }
  Async<void> retry(std::string id, TimePoint now) override {
    return run<void>([this, id = std::move(id), now]() -> Result<void> {
      const auto trouble = parse_trouble(id);
      if (!trouble) return std::unexpected(Error(Errc::not_found, "nothing is called " + id));
      switch (trouble->kind) {
        case TroubleKind::event: {
          const auto found = tables_.inbox.find(trouble->number);
          if (found == tables_.inbox.end() || found->second.state == EventState::done) break;
          found->second.state = EventState::retry;
          return {};
        }
        case TroubleKind::parcel: {
          auto opened = books();
          if (!retry_parcel(opened, ParcelId(trouble->number), now)) break;
          return {};
        }
        case TroubleKind::request:
          if (!tables_.projection(RequestId(trouble->number))) break;
          tables_.set_wake(RequestId(trouble->number), now);
          return {};
      }
      return std::unexpected(Error(Errc::not_found, id + " waits for nothing"));
    });
  }
  Async<std::vector<RawEvent>> take_retries() override {
    return run<std::vector<RawEvent>>([this]() -> Result<std::vector<RawEvent>> {
      std::vector<RawEvent> taken;
      for (auto& [id, row] : tables_.inbox) {
        if (row.state != EventState::retry) continue;
        row.state = EventState::taken;
        taken.push_back(RawEvent{row.key, row.body});
      }
      return taken;
    });
  }
  Async<std::size_t> sweep(TimePoint inbox_before, TimePoint outbox_before, std::size_t limit) override {
    return run<std::size_t>([this, inbox_before, outbox_before, limit]() -> Result<std::size_t> {
      std::size_t removed = 0;
      const auto take = [&](bool old) { return old && removed < limit && ++removed > 0; };
      std::erase_if(tables_.inbox, [&](const auto& entry) {
        const bool gone = take(entry.second.state == EventState::done && entry.second.at < inbox_before);
        if (gone) tables_.inbox_keys.erase(entry.second.key);
        return gone;
      });
      std::erase_if(tables_.outbox, [&](const auto& entry) {
        const auto& row = entry.second;
        const bool settled =
            row.state == ParcelState::delivered || row.state == ParcelState::dropped || row.state == ParcelState::failed;
        return take(settled && row.ended_at && *row.ended_at < outbox_before);
      });
      std::erase_if(tables_.attempts, [&](const auto& entry) {
        return take(entry.second.row.sent.at < outbox_before && queue_.find(entry.second.row.parcel) == nullptr);
      });
      return removed;
    });
  }
  Async<Hash> anchor(std::string day) override {
    return run<Hash>([this, day = std::move(day)]() -> Result<Hash> {
      if (const auto known = tables_.anchors.find(day); known != tables_.anchors.end()) return Hash(crypto::hex(known->second));
      chain::Anchor sum(tables_.anchors.empty() ? chain::start() : tables_.anchors.rbegin()->second);
      for (const auto& [id, row] : tables_.requests) {
        if (row.end.seq > 0) sum.add(id.value, row.end.seq, row.end.hash);
      }
      const auto digest = sum.digest();
      tables_.anchors[day] = digest;
      return Hash(crypto::hex(digest));
    });
  }
  Async<void> reset() override {
    return run<void>([this]() -> Result<void> {
      memory::Tables fresh;
      // Numbers that platforms and people may still hold are not given out again.
      fresh.next_parcel = tables_.next_parcel;
      fresh.next_attempt = tables_.next_attempt;
      fresh.next_event = tables_.next_event;
      tables_ = std::move(fresh);
      queue_.clear();
      return {};
    });
  }

  Async<std::optional<Snapshot>> load(Load load) override {
    return run<std::optional<Snapshot>>(
        [this, load = std::move(load)]() -> Result<std::optional<Snapshot>> { return load_snapshot(tables_, load); });
  }
  Async<std::vector<Snapshot>> open_requests(RequestId after, std::size_t limit) override {
    return run<std::vector<Snapshot>>([this, after, limit]() -> Result<std::vector<Snapshot>> {
      std::vector<Snapshot> found;
      for (auto it = tables_.open.upper_bound(after); it != tables_.open.end() && found.size() < limit; ++it) {
        if (auto snapshot = load_request(tables_, it->first, false)) found.push_back(std::move(*snapshot));
      }
      return found;
    });
  }
  Async<std::vector<Stamped>> history(RequestId id) override {
    return run<std::vector<Stamped>>([this, id]() -> Result<std::vector<Stamped>> { return tables_.history(id); });
  }
  Async<std::optional<std::string>> get_document(Hash hash) override {
    return run<std::optional<std::string>>([this, hash = std::move(hash)]() -> Result<std::optional<std::string>> {
      const auto found = tables_.documents.find(hash);
      return found == tables_.documents.end() ? std::nullopt : std::optional(found->second);
    });
  }
  Async<std::optional<std::string>> setting(std::string name) override {
    return run<std::optional<std::string>>(
        [this, name = std::move(name)]() -> Result<std::optional<std::string>> { return tables_.setting(name); });
  }
  Async<Stats> stats() override {
    return run<Stats>([this]() -> Result<Stats> {
      Stats stats;
      for (const auto& [id, row] : tables_.outbox) {
        if (open_parcel(row)) {
          ++stats.outbox_waiting;
          if (!stats.outbox_oldest || row.first_due < *stats.outbox_oldest) stats.outbox_oldest = row.first_due;
        }
        if (row.state == ParcelState::held) ++stats.held;
        if (row.state == ParcelState::failed) ++stats.failed_parcels;
      }
      for (const auto& [id, row] : tables_.inbox) {
        if (row.state == EventState::failed) ++stats.failed_events;
      }
      stats.open_requests = tables_.open.size();
      for (const auto& [id, marked] : tables_.open) {
        if (marked.projection.needs_care) ++stats.needs_care;
      }
      return stats;
    });
  }
  Async<std::vector<Trouble>> troubles(std::size_t limit) override {
    return run<std::vector<Trouble>>([this, limit]() -> Result<std::vector<Trouble>> {
      std::vector<Trouble> found;
      for (const auto& [id, row] : tables_.inbox) {
        if (row.state == EventState::failed) found.push_back(event_trouble(id, row.at, row.key.app, row.error));
      }
      for (const auto& [id, row] : tables_.outbox) {
        if (row.state == ParcelState::held || row.state == ParcelState::failed) {
          found.push_back(
              parcel_trouble(id, row.ended_at.value_or(row.first_due), row.state, kind_name(row.effect), row.last_error));
        }
      }
      for (const auto& [id, marked] : tables_.open) {
        if (marked.projection.needs_care) found.push_back(request_trouble(id, marked.care_since.value_or(TimePoint{})));
      }
      return newest(std::move(found), limit);
    });
  }

  Async<Shown> show(Shown row) override {
    return run<Shown>([this, row = std::move(row)]() mutable -> Result<Shown> {
      if (!row.key.empty()) {
        const auto [known, fresh] = tables_.shown_keys.try_emplace(row.key, row.id);
        if (!fresh) return *find_shown(known->second);
      }
      std::erase_if(tables_.shown, [&row](const auto& entry) { return entry.second.id == row.id; });
      row.rev = tables_.next_rev++;
      tables_.shown.emplace(row.rev, row);
      return row;
    });
  }
  Async<std::vector<Shown>> shown(std::uint64_t after, std::size_t limit) override {
    return run<std::vector<Shown>>([this, after, limit]() -> Result<std::vector<Shown>> {
      std::vector<Shown> found;
      for (auto it = tables_.shown.upper_bound(after); it != tables_.shown.end() && found.size() < limit; ++it) {
        found.push_back(it->second);
      }
      return found;
    });
  }
  Async<std::optional<Shown>> shown_one(std::string id) override {
    return run<std::optional<Shown>>([this, id = std::move(id)]() -> Result<std::optional<Shown>> { return find_shown(id); });
  }

  asio::awaitable<void> close() override {
    closed_ = true;
    co_await asio::post(executor_, asio::use_awaitable);
  }

 private:
  Books books() { return Books{tables_, tables_, queue_, same_key_}; }

  std::optional<Shown> find_shown(const std::string& id) const {
    for (const auto& [rev, row] : tables_.shown) {
      if (row.id == id) return row;
    }
    return std::nullopt;
  }

  template <class T, class Work>
  Async<T> run(Work work) {
    if (closed_) co_return std::unexpected(Error(Errc::shutting_down, "the store is closed"));
    co_await asio::post(executor_, asio::use_awaitable);
    co_return guarded<T>(work);
  }
  template <class T, class Work>
  static Result<T> guarded(Work& work) {
    try {
      return work();
    } catch (const std::exception& error) {
      return std::unexpected(Error(Errc::storage, error.what()));
    }
  }

  asio::any_io_executor executor_;
  SameKey same_key_;
  memory::Tables tables_;
  OutboxQueue queue_;
  bool closed_ = false;
};

}  // namespace

std::unique_ptr<Store> make_memory_store(asio::any_io_executor executor, SameKey same_key) {
  if (!same_key) same_key = [](const AppId&, const ChannelId&) { return Duration(3'600'000); };
  return std::make_unique<MemoryStore>(std::move(executor), std::move(same_key));
}

}  // namespace xieban
