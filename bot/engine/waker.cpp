#include "bot/engine/waker.hpp"

#include <algorithm>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include "bot/base/log.hpp"
#include "bot/engine/signal.hpp"

namespace xieban {
namespace {

constexpr std::size_t batch = 100;  // about a millisecond of the writer's time: webhooks pass between
constexpr Duration busy_wait{1000};

struct Decisions {
  Decide wake, put_aside;
};

/// Both run on the store's thread, one after the other for one request: what the first throws, the second is told.
Decisions decisions(RulesPtr rules, TimePoint now) {
  const auto why = std::make_shared<std::string>();
  Decisions made;
  made.wake = [rules, now, why](const Snapshot& snapshot) {
    try {
      return wake(snapshot, *rules, now);
    } catch (const std::exception& thrown) {
      *why = thrown.what();
      const RequestId request = snapshot.requests.empty() ? RequestId{} : snapshot.requests.front().id;
      log::error("wake.threw", {{"request", request}, {"why", thrown.what()}});
      throw;
    }
  };
  made.put_aside = [rules, now, why](const Snapshot& snapshot) { return put_aside(snapshot, *rules, now, *why); };
  return made;
}

}  // namespace

struct Waker::Impl {
  Impl(Store& st, TimeSource& ti, const RulesBox& ru, Metrics& me, std::function<void()> oc)
      : store(st),
        time(ti),
        rules(ru),
        metrics(me),
        on_commit(std::move(oc)),
        alarm(ti.make_alarm()),
        changed(ti),
        waking(ti) {}

  Store& store;
  TimeSource& time;
  const RulesBox& rules;
  Metrics& metrics;
  std::function<void()> on_commit;
  Duration poll{30000};

  std::unique_ptr<Alarm> alarm;  // run() sleeps on it
  Signal changed;
  Turnstile waking;
  std::optional<TimePoint> planned;  // what run() sleeps for
  std::optional<TimePoint> noticed;  // the earliest instant that was heard of since it last asked the store
  std::size_t woken = 0;
  bool running = false, stopping = false, store_failed = false;

  static boost::asio::awaitable<void> pump(std::shared_ptr<Impl> self, TimePoint until = TimePoint::max()) {
    co_await self->waking.enter();
    const Turnstile::Pass pass(self->waking);
    self->store_failed = false;
    const TimePoint started = self->time.now();
    const TimePoint due = std::min(std::exchange(self->planned, std::nullopt).value_or(started), started);
    while (!self->stopping && self->time.now() < until) {
      const TimePoint now = self->time.now();
      Decisions made = decisions(self->rules.get(), now);
      auto count = co_await self->store.wake_due(now, batch, std::move(made.wake), std::move(made.put_aside));
      if (!count) {
        self->store_failed = true;
        log::warn("wake.failed", {{"why", count.error().text}});
        break;
      }
      if (*count == 0) break;
      self->woken += *count;
      self->metrics.wake(*count, static_cast<double>((self->time.now() - due).count()) / 1000.0);
      self->on_commit();
    }
  }

  /// Only requests wake here; parcels are the outbox's, whatever holds them back.
  std::vector<Lane> every_lane() const {
    std::vector<Lane> lanes;
    for (const auto& [app, traits] : rules.get()->traits) lanes.push_back(Lane{app, ChatId{}});
    return lanes;
  }

  static boost::asio::awaitable<void> run(std::shared_ptr<Impl> self) {
    self->running = true;
    while (!self->stopping) {
      self->noticed.reset();
      co_await pump(self);
      if (self->stopping) break;
      auto next = co_await self->store.next_instant(self->every_lane());
      const TimePoint now = self->time.now();
      TimePoint until = now + self->poll;
      if (!next || self->store_failed) {
        until = now + busy_wait;
      } else if (*next) {
        until = std::min(until, **next > now ? **next : now + busy_wait);
        self->planned = **next > now ? *next : std::nullopt;
      } else {
        self->planned = until;
      }
      if (self->noticed) {
        until = std::min(until, *self->noticed);
        self->planned = std::min(self->planned.value_or(until), until);
      }
      co_await self->alarm->wait(until);
    }
    self->running = false;
    self->changed.notify();
  }

  void notice(const Work& work) {
    if (!work.wake_at || (planned && *work.wake_at >= *planned)) return;
    noticed = std::min(noticed.value_or(*work.wake_at), *work.wake_at);
    if (planned) alarm->ring();
  }

  static boost::asio::awaitable<std::size_t> drain(std::shared_ptr<Impl> self) {
    const auto before = self->woken;
    co_await pump(self);
    co_return self->woken - before;
  }

  static boost::asio::awaitable<void> catch_up(std::shared_ptr<Impl> self, Duration at_most) {
    const TimePoint now = self->time.now();
    if (!self->running || (self->planned && now < *self->planned)) co_return;
    co_await pump(self, now + at_most);
  }

  static boost::asio::awaitable<void> stop(std::shared_ptr<Impl> self) {
    self->stopping = true;
    self->alarm->ring();
    while (self->waking.busy()) co_await self->waking.freed();
    while (self->running) co_await self->changed.wait(std::nullopt);
  }
};

Waker::Waker(Store& store, TimeSource& time, const RulesBox& rules, Metrics& metrics, std::function<void()> on_commit)
    : impl_(std::make_shared<Impl>(store, time, rules, metrics, std::move(on_commit))) {}
Waker::~Waker() = default;

void Waker::poll_every(Duration poll) { impl_->poll = poll; }
void Waker::ring() { impl_->alarm->ring(); }
void Waker::notice(const Work& work) { impl_->notice(work); }

boost::asio::awaitable<void> Waker::run() { return Impl::run(impl_); }
boost::asio::awaitable<std::size_t> Waker::drain() { return Impl::drain(impl_); }
boost::asio::awaitable<void> Waker::catch_up(Duration at_most) { return Impl::catch_up(impl_, at_most); }
std::uint64_t Waker::handled() const { return impl_->woken; }
boost::asio::awaitable<void> Waker::stop() { return Impl::stop(impl_); }

}  // namespace xieban
