#include "bot/engine/chores.hpp"

#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "bot/base/log.hpp"
#include "bot/engine/signal.hpp"

namespace xieban {
namespace {

constexpr Duration between_rounds{10000};
constexpr Duration between_sweeps{3600LL * 1000};
constexpr Duration backup_retry{3600LL * 1000};
constexpr std::size_t rows_per_sweep = 1000;
constexpr std::size_t requests_per_batch = 100;

// Settings that remember what was done, over restarts.
constexpr const char* anchor_day = "chores.anchor_day";
constexpr const char* backup_day = "chores.backup_day";
constexpr const char* rules_version = "chores.rules_version";
constexpr const char* people_digest = "chores.people_digest";

}  // namespace

struct Chores::Impl {
  Impl(Store& st, TimeSource& ti, const RulesBox& ru, Metrics& me, Intake& in, const Platforms& pl, ChoreSettings se)
      : store(st),
        time(ti),
        rules(ru),
        metrics(me),
        intake(in),
        platforms(pl),
        settings(std::move(se)),
        alarm(ti.make_alarm()),
        changed(ti) {}

  Store& store;
  TimeSource& time;
  const RulesBox& rules;
  Metrics& metrics;
  Intake& intake;
  const Platforms& platforms;
  ChoreSettings settings;

  std::unique_ptr<Alarm> alarm;
  Signal changed;
  RulesPtr leavers_seen;  // under these nobody who left owns anything
  std::optional<TimePoint> swept_at, backup_failed_at;
  bool running = false, stopping = false;

  static void complain(const char* what, const Error& error) { log::warn(what, {{"why", error.text}}); }

  boost::asio::awaitable<void> remember(std::string name, std::string value) {
    auto kept = co_await store.put_setting(std::move(name), std::move(value));
    if (!kept) complain("chores.setting_failed", kept.error());
  }

  boost::asio::awaitable<void> figures() {
    auto stats = co_await store.stats();
    if (!stats) {
      complain("chores.stats_failed", stats.error());
      co_return;
    }
    const Duration oldest = stats->outbox_oldest ? time.now() - *stats->outbox_oldest : Duration{0};
    metrics.outbox(stats->outbox_waiting, static_cast<double>(oldest.count()) / 1000.0);
    metrics.open_requests(stats->open_requests);
    metrics.needs_care(stats->needs_care);
    metrics.held(stats->held + stats->failed_events + stats->failed_parcels);
    metrics.log_dropped(log::dropped());
  }

  boost::asio::awaitable<void> retries() {
    auto events = co_await store.take_retries();
    if (!events) {
      complain("chores.retries_failed", events.error());
      co_return;
    }
    for (RawEvent& event : *events) {
      const auto platform = platforms.find(event.key.app);
      if (platform == platforms.end()) {
        log::error("retry.no_such_app", {{"app", event.key.app}, {"key", event.key.key}});
        continue;
      }
      const InboxKey key = event.key;
      auto done = co_await intake.replay(*platform->second, std::move(event));
      if (done)
        log::info("retry.done", {{"app", key.app}, {"key", key.key}});
      else
        log::error("retry.failed", {{"app", key.app}, {"key", key.key}, {"why", done.error().text}});
    }
  }

  boost::asio::awaitable<void> sweep() {
    const TimePoint now = time.now();
    if (swept_at && now >= *swept_at && now - *swept_at < between_sweeps) co_return;
    swept_at = now;
    std::size_t removed = 0;
    while (!stopping) {
      auto rows = co_await store.sweep(now - settings.keep_inbox, now - settings.keep_outbox, rows_per_sweep);
      if (!rows) {
        complain("chores.sweep_failed", rows.error());
        break;
      }
      removed += *rows;
      if (*rows == 0) break;
    }
    if (removed > 0) log::info("chores.swept", {{"rows", removed}});
  }

  std::string today() const {
    const TimePoint now = time.now();
    return to_rfc3339(now, rules.get()->office().offset(now)).substr(0, 10);
  }

  boost::asio::awaitable<void> anchor() {
    const std::string day = today();
    auto last = co_await store.setting(anchor_day);
    if (!last || *last == day) co_return;
    auto made = co_await store.anchor(day);
    if (!made) {
      complain("chores.anchor_failed", made.error());
      co_return;
    }
    log::info("history.anchored", {{"day", day}, {"hash", *made}});
    co_await remember(anchor_day, day);
  }

  boost::asio::awaitable<void> backup() {
    if (settings.backup_minute < 0 || !settings.backup) co_return;
    const TimePoint now = time.now();
    const bool hour_passed = rules.get()->office().local_minute(now) >= settings.backup_minute;
    const std::string day = today();
    auto last = co_await store.setting(backup_day);
    if (!last) co_return;
    if (!*last) {
      // A first start after the hour has nothing to save yet: its first backup is tomorrow's.
      std::string done_until;
      if (hour_passed) done_until = day;
      co_await remember(backup_day, std::move(done_until));
      co_return;
    }
    if (!hour_passed || **last == day) co_return;
    if (backup_failed_at && now >= *backup_failed_at && now - *backup_failed_at < backup_retry) co_return;
    const std::string name = "xieban-" + day + ".db";
    auto made = co_await settings.backup(name);
    if (!made) {
      backup_failed_at = now;
      log::error("backup.failed", {{"file", name}, {"why", made.error().text}});
      co_return;
    }
    backup_failed_at.reset();
    log::info("backup.made", {{"file", name}});
    co_await remember(backup_day, day);
  }

  /// Decides on every open request that `concerned` picks, one transaction each, and returns how many it changed; nullopt: the
  /// store failed (it says so under `complaint`), or we are stopping.
  boost::asio::awaitable<std::optional<std::size_t>> decide_each(const char* complaint,
                                                                 std::function<bool(const Request&)> concerned,
                                                                 std::function<ChangeSet(const Snapshot&, TimePoint)> decide) {
    RequestId after;
    std::size_t decided = 0;
    while (!stopping) {
      auto batch = co_await store.open_requests(after, requests_per_batch);
      if (!batch) {
        complain(complaint, batch.error());
        co_return std::nullopt;
      }
      if (batch->empty()) co_return decided;
      for (const Snapshot& snapshot : *batch) {
        const Request& request = snapshot.requests.front();
        after = request.id;
        if (!concerned(request)) continue;
        Load load;
        load.requests.push_back(request.id);
        load.cards_of.push_back(request.id);
        const TimePoint now = time.now();
        Decide by = [decide, now](const Snapshot& current) { return decide(current, now); };
        auto done = co_await store.transact(std::move(load), std::move(by), now);
        if (!done) {
          complain(complaint, done.error());
          co_return std::nullopt;
        }
        if (done->reply.outcome == Done::acted) ++decided;
      }
    }
    co_return std::nullopt;
  }

  /// After a change of calendars or holidays every open request gets its clocks anew: its waking instant may lie earlier
  /// now. wake() does that, and fires what has become due.
  boost::asio::awaitable<void> recompute() {
    const RulesPtr now_in_force = rules.get();
    const std::string version = std::to_string(now_in_force->version);
    auto last = co_await store.setting(rules_version);
    if (!last || *last == version) co_return;
    std::function<bool(const Request&)> older = [now_in_force](const Request& request) {
      return request.rules_version != now_in_force->version;
    };
    std::function<ChangeSet(const Snapshot&, TimePoint)> anew = [now_in_force](const Snapshot& current, TimePoint now) {
      return wake(current, *now_in_force, now);
    };
    const auto changed_requests = co_await decide_each("chores.recompute_failed", std::move(older), std::move(anew));
    if (!changed_requests) co_return;
    co_await remember(rules_version, version);
    if (*changed_requests == 0) co_return;
    settings.on_commit();
    log::info("clocks.recomputed", {{"requests", *changed_requests}, {"version", version}});
  }

  /// Whoever left the company is replaced in open requests, once after each change of who is there.
  boost::asio::awaitable<void> leavers() {
    const RulesPtr now_in_force = rules.get();
    if (now_in_force == leavers_seen) co_return;
    std::string there;
    for (const Person& person : now_in_force->people().people()) {
      if (person.active) there += person.id.value + "\n";
    }
    const std::string digest = std::to_string(std::hash<std::string>{}(there));
    auto last = co_await store.setting(people_digest);
    if (!last) co_return;
    if (*last == digest) {
      leavers_seen = now_in_force;
      co_return;
    }
    std::function<bool(const Request&)> concerned = [now_in_force](const Request& request) {
      return has_leavers(request, *now_in_force);
    };
    std::function<ChangeSet(const Snapshot&, TimePoint)> replace = [now_in_force](const Snapshot& current, TimePoint now) {
      return replace_leavers(current, *now_in_force, now);
    };
    const auto replaced = co_await decide_each("chores.leavers_failed", std::move(concerned), std::move(replace));
    if (!replaced) co_return;
    leavers_seen = now_in_force;
    co_await remember(people_digest, digest);
    if (*replaced == 0) co_return;
    settings.on_commit();
    log::info("leavers.replaced", {{"requests", *replaced}});
  }

  /// Types that an administrator carries over; what a crash interrupts goes on after the start.
  boost::asio::awaitable<void> apply_types() {
    const RulesPtr at_first = rules.get();
    for (const auto& one : at_first->types) {
      auto order = co_await store.setting(apply_setting(one->type));
      if (!order || !*order || (*order)->empty()) continue;
      // Read after the order: it may have come with newer rules while the types before took their time.
      const RulesPtr now_in_force = rules.get();
      const std::shared_ptr<const Policy> policy = now_in_force->type(one->type);
      if (policy) co_await apply(now_in_force, policy, **order);
      if (stopping) co_return;
    }
  }
  boost::asio::awaitable<void> apply(RulesPtr now_in_force, std::shared_ptr<const Policy> policy, std::string order) {
    const PersonId by = ordered_by(order);
    std::function<bool(const Request&)> older = [policy](const Request& request) {
      return request.type == policy->type && request.policy != policy->hash;
    };
    std::function<ChangeSet(const Snapshot&, TimePoint)> carry = [now_in_force, by](const Snapshot& current, TimePoint now) {
      return apply_type(current, *now_in_force, by, now);
    };
    const auto applied = co_await decide_each("chores.apply_failed", std::move(older), std::move(carry));
    if (!applied) co_return;
    const std::size_t changed_requests = *applied;
    const TypeId type = policy->type;
    const TimePoint now = time.now();
    Decide tell = [now_in_force, type, order, changed_requests, now](const Snapshot& current) {
      return type_applied(type, order, changed_requests, current, *now_in_force, now);
    };
    Load standing;
    standing.settings.push_back(apply_setting(type));
    auto told = co_await store.transact(std::move(standing), std::move(tell), now);
    if (!told) complain("chores.apply_failed", told.error());
    log::info("type.applied", {{"type", type}, {"by", by}, {"requests", changed_requests}});
    settings.on_commit();
  }

  static boost::asio::awaitable<void> round(std::shared_ptr<Impl> self) {
    co_await self->figures();
    co_await self->retries();
    co_await self->leavers();
    co_await self->recompute();
    co_await self->apply_types();
    co_await self->sweep();
    co_await self->anchor();
    co_await self->backup();
  }

  static boost::asio::awaitable<void> run(std::shared_ptr<Impl> self) {
    self->running = true;
    while (!self->stopping) {
      co_await round(self);
      if (!self->stopping) co_await self->alarm->wait(self->time.now() + between_rounds);
    }
    self->running = false;
    self->changed.notify();
  }

  static boost::asio::awaitable<void> stop(std::shared_ptr<Impl> self) {
    self->stopping = true;
    self->alarm->ring();
    while (self->running) co_await self->changed.wait(std::nullopt);
  }
};

Chores::Chores(Store& store, TimeSource& time, const RulesBox& rules, Metrics& metrics, Intake& intake,
               const Platforms& platforms, ChoreSettings settings)
    : impl_(std::make_shared<Impl>(store, time, rules, metrics, intake, platforms, std::move(settings))) {}
Chores::~Chores() = default;

boost::asio::awaitable<void> Chores::run() { return Impl::run(impl_); }
boost::asio::awaitable<void> Chores::round() { return Impl::round(impl_); }
boost::asio::awaitable<void> Chores::stop() { return Impl::stop(impl_); }

}  // namespace xieban
