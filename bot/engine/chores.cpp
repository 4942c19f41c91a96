#include "bot/engine/chores.hpp"

#include <functional>
#include <map>
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
constexpr Duration thrown_retry{15LL * 60 * 1000};
constexpr std::size_t rows_per_sweep = 1000;
constexpr std::size_t requests_per_batch = 100;

// Settings that remember what was done, over restarts.
constexpr const char* anchor_day = "chores.anchor_day";
constexpr const char* backup_day = "chores.backup_day";
constexpr const char* rules_version = "chores.rules_version";
constexpr const char* people_digest = "chores.people_digest";

using DecideOne = std::function<ChangeSet(const Snapshot&, const Rules&, TimePoint)>;

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

  /// A request on which a chore threw.
  struct Thrown {
    std::string why;
    bool shown = false;  // it was put aside, for people to see
  };
  /// A chore that is not done yet because of them: what it is about, and since when it rests.
  struct Unfinished {
    std::map<RequestId, Thrown> thrown;
    std::string about;
    TimePoint since;
  };
  std::map<std::string, Unfinished> unfinished;
  /// What a chore made of all open requests.
  struct Decided {
    std::size_t changed = 0;
    std::size_t threw = 0;
    std::size_t unseen = 0;  // of those that threw: not even put aside
  };

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

  /// What threw throws again until another version runs or something else is asked: it is not tried in every round.
  bool rests_with(const std::string& chore, const std::string& about) const {
    const auto found = unfinished.find(chore);
    if (found == unfinished.end() || found->second.about != about) return false;
    const TimePoint now = time.now();
    return now >= found->second.since && now - found->second.since < thrown_retry;
  }
  void rest(const std::string& chore, std::string about) {
    Unfinished& left = unfinished[chore];
    left.about = std::move(about);
    left.since = time.now();
  }

  boost::asio::awaitable<Result<Committed>> decide_one(RequestId request, RulesPtr rules_then, DecideOne decide) {
    Load load;
    load.requests.push_back(request);
    load.cards_of.push_back(request);
    const TimePoint now = time.now();
    Decide by = [decide, rules_then, now](const Snapshot& current) { return decide(current, *rules_then, now); };
    co_return co_await store.transact(std::move(load), std::move(by), now);
  }

  /// Said and shown once for each cause. Whether it is shown; nullopt: the store failed.
  boost::asio::awaitable<std::optional<bool>> put_aside_one(std::string chore, const char* complaint, RequestId request,
                                                            RulesPtr rules_then, std::string why) {
    Thrown known = unfinished[chore].thrown[request];
    if (known.why != why) {
      log::error("chores.threw", {{"chore", chore}, {"request", request}, {"why", why}});
      known = Thrown{why, false};
    }
    bool store_failed = false;
    if (!known.shown) {
      DecideOne aside = [why](const Snapshot& current, const Rules& in_force, TimePoint now) {
        return put_aside(current, in_force, now, why);
      };
      auto done = co_await decide_one(request, std::move(rules_then), std::move(aside));
      known.shown = done.has_value();
      store_failed = !done && done.error().code != Errc::thrown;
      if (!done) complain(complaint, done.error());
    }
    const bool shown = known.shown;
    unfinished[chore].thrown[request] = std::move(known);
    if (store_failed) co_return std::nullopt;
    co_return shown;
  }

  /// Decides on every open request that `concerned` picks, one transaction each; one that throws keeps nobody else waiting.
  /// nullopt: the store failed (it says so under `complaint`), or we are stopping.
  boost::asio::awaitable<std::optional<Decided>> decide_each(std::string chore, const char* complaint, RulesPtr rules_then,
                                                             std::function<bool(const Request&)> concerned, DecideOne decide) {
    RequestId after;
    Decided all;
    while (!stopping) {
      auto batch = co_await store.open_requests(after, requests_per_batch);
      if (!batch) {
        complain(complaint, batch.error());
        co_return std::nullopt;
      }
      if (batch->empty()) co_return all;
      for (const Snapshot& snapshot : *batch) {
        const Request& request = snapshot.requests.front();
        after = request.id;
        if (!concerned(request)) continue;
        auto done = co_await decide_one(request.id, rules_then, decide);
        if (done) {
          if (done->reply.outcome == Done::acted) ++all.changed;
          continue;
        }
        if (done.error().code != Errc::thrown) {
          complain(complaint, done.error());
          co_return std::nullopt;
        }
        std::string why = done.error().text;
        const auto shown = co_await put_aside_one(chore, complaint, request.id, rules_then, std::move(why));
        if (!shown) co_return std::nullopt;
        ++all.threw;
        if (!*shown) ++all.unseen;
      }
    }
    co_return std::nullopt;
  }

  /// After a change of calendars or holidays every open request gets its clocks anew: its waking instant may lie earlier
  /// now. wake() does that, and fires what has become due.
  boost::asio::awaitable<void> recompute() {
    const RulesPtr now_in_force = rules.get();
    const std::string version = std::to_string(now_in_force->version);
    if (rests_with(rules_version, version)) co_return;
    auto last = co_await store.setting(rules_version);
    if (!last || *last == version) co_return;
    std::function<bool(const Request&)> older = [now_in_force](const Request& request) {
      return request.rules_version != now_in_force->version;
    };
    const DecideOne anew = wake;
    const auto decided = co_await decide_each(rules_version, "chores.recompute_failed", now_in_force, std::move(older), anew);
    if (!decided) co_return;
    if (decided->changed + decided->threw > 0) settings.on_commit();
    // What is put aside wakes again by itself until it has its clocks.
    if (decided->unseen > 0) {
      rest(rules_version, version);
    } else {
      unfinished.erase(rules_version);
      co_await remember(rules_version, version);
    }
    if (decided->changed > 0) log::info("clocks.recomputed", {{"requests", decided->changed}, {"version", version}});
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
    if (rests_with(people_digest, digest)) co_return;
    auto last = co_await store.setting(people_digest);
    if (!last) co_return;
    if (*last == digest) {
      leavers_seen = now_in_force;
      co_return;
    }
    std::function<bool(const Request&)> concerned = [now_in_force](const Request& request) {
      return has_leavers(request, *now_in_force);
    };
    const DecideOne replace = [](const Snapshot& current, const Rules& in_force, TimePoint now) {
      return replace_leavers(current, in_force, now);
    };
    const auto decided =
        co_await decide_each(people_digest, "chores.leavers_failed", now_in_force, std::move(concerned), replace);
    if (!decided) co_return;
    if (decided->changed + decided->threw > 0) settings.on_commit();
    if (decided->changed > 0) log::info("leavers.replaced", {{"requests", decided->changed}});
    if (decided->threw > 0) {
      rest(people_digest, digest);
      co_return;
    }
    unfinished.erase(people_digest);
    leavers_seen = now_in_force;
    co_await remember(people_digest, digest);
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
    const std::string setting = apply_setting(policy->type);
    const std::string about = order + policy->hash.value;
    if (rests_with(setting, about)) co_return;
    const PersonId by = ordered_by(order);
    std::function<bool(const Request&)> older = [policy](const Request& request) {
      return request.type == policy->type && request.policy != policy->hash;
    };
    const DecideOne carry = [by](const Snapshot& current, const Rules& in_force, TimePoint now) {
      return apply_type(current, in_force, by, now);
    };
    const auto decided = co_await decide_each(setting, "chores.apply_failed", now_in_force, std::move(older), carry);
    if (!decided) co_return;
    if (decided->threw > 0) {
      settings.on_commit();
      rest(setting, about);
      co_return;
    }
    unfinished.erase(setting);
    const std::size_t requests = decided->changed;
    const TypeId type = policy->type;
    const TimePoint now = time.now();
    Decide tell = [now_in_force, type, order, requests, now](const Snapshot& current) {
      return type_applied(type, order, requests, current, *now_in_force, now);
    };
    Load standing;
    standing.settings.push_back(setting);
    auto told = co_await store.transact(std::move(standing), std::move(tell), now);
    if (!told) complain("chores.apply_failed", told.error());
    log::info("type.applied", {{"type", type}, {"by", by}, {"requests", requests}});
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
