#include "bot/engine/outbox.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <utility>
#include <vector>

#include "bot/base/crash_point.hpp"
#include "bot/base/log.hpp"
#include "bot/core/brain/audience.hpp"
#include "bot/core/brain/change.hpp"
#include "bot/core/brain/unreached.hpp"
#include "bot/engine/beside.hpp"
#include "bot/engine/composer.hpp"
#include "bot/engine/conclude.hpp"
#include "bot/engine/consequence.hpp"
#include "bot/engine/group_outcome.hpp"
#include "bot/engine/mirror_outcome.hpp"
#include "bot/engine/reply_outcome.hpp"
#include "bot/engine/signal.hpp"
#include "bot/engine/ways.hpp"

namespace xieban {
namespace {

constexpr std::size_t parallel_per_app = 32;
constexpr std::size_t parallel_tasks = 4;  // of these for mirrored tasks: an API that hangs must leave room for messages
constexpr Duration claim_time{30000};      // a call takes ten seconds at most
constexpr Duration sender_lease{60000};
constexpr Duration lease_renewal{30000};  // renewed when less than this is left
constexpr Duration lease_retry{10000};
constexpr Duration busy_wait{1000};  // what is due is not ours to do, or the store is busy
constexpr Duration settle_retry{500};
constexpr int settle_tries = 6;
constexpr Duration longest_stop{8000};

/// Whether a message may go without a call of the month, unlike those of this channel.
bool has_free_way(const Traits& traits, const ChannelId& counted) {
  const Channel* taken = traits.channel(counted);
  const auto free = [](const Channel& one) {
    return !one.per_month && one.reach != Reach::groups && one.reach != Reach::tasks;
  };
  return taken != nullptr && taken->per_month && std::ranges::any_of(traits.channels, free);
}

/// What repeats what the request says, or remarks upon it in a group: where nothing leads, nothing is lost.
bool beside_the_request(const Claimed& claimed) {
  const Parcel& parcel = claimed.parcel;
  if (const auto* card = std::get_if<PostCard>(&parcel.effect)) return card->kind == CardKind::live;
  const auto* said = std::get_if<Say>(&parcel.effect);
  // An answer had its way at first.
  return said != nullptr && claimed.attempt == 1 && !said->request.empty() && said->mention.empty() && !said->to.person &&
         !brain::is_private(parcel.thread.chat);
}

Receipt no_way() {
  Receipt receipt(Outcome::rejected, "nothing leads to this chat now: people must write to the bot there first");
  receipt.never_left = true;
  return receipt;
}

}  // namespace

struct Outbox::Impl {
  struct App {
    App(AppId app, std::shared_ptr<const Platform> one)
        : id(std::move(app)), platform(std::move(one)), limiter(id, platform->traits()) {}
    AppId id;
    std::shared_ptr<const Platform> platform;
    Limiter limiter;
    Ways ways;
    RetryBudget budget;
    std::map<Lane, TimePoint> resting;  // lanes whose platform asked for a pause
    std::size_t in_flight = 0, tasks_in_flight = 0;
    bool urgent_refused = false;                 // and said so
    bool group_refused = false;                  // the same
    std::string tasks_refused;                   // and said so: why
    std::map<ChannelId, std::string> rightless;  // ways that the app may not go, and the ailment that was noted
    std::optional<TimePoint> leased_until, lease_retry_at;
  };
  struct Finished {
    std::shared_ptr<App> app;
    Settlement settlement;
    std::optional<Parcel> unreached;  // its chat or its reader is gone, or those it mentions are not there
    bool of_task = false;
    bool no_way = false;  // nothing leads to the chat
  };

  Impl(boost::asio::any_io_executor ex, Store& st, Sender& se, const Platforms& platforms, TimeSource& ti, RulesBox& ru,
       Metrics& me, Backoff ba, Rng rn)
      : executor(std::move(ex)),
        store(st),
        sender(se),
        time(ti),
        rules(ru),
        backoff(ba),
        rng(rn),
        alarm(ti.make_alarm()),
        changed(ti),
        claiming(ti),
        started(ti.now()),
        budget(st, ti, ru, me, platforms) {
    for (const auto& [id, platform] : platforms) apps.emplace(id, std::make_shared<App>(id, platform));
  }

  boost::asio::any_io_executor executor;
  Store& store;
  Sender& sender;
  TimeSource& time;
  const RulesBox& rules;
  Backoff backoff;
  Rng rng;
  std::map<AppId, std::shared_ptr<App>> apps;
  std::string holder;                                   // empty: no leases
  std::function<boost::asio::awaitable<void>()> first;  // before each claim
  std::function<boost::asio::awaitable<std::vector<PersonId>>(ChatRef, std::vector<PersonRef>)> absent;
  Duration poll{30000};

  std::unique_ptr<Alarm> alarm;           // run() sleeps on it
  Signal changed;                         // something settled or stopped
  Turnstile claiming;                     // room in the limits is looked up and used by one at a time
  std::optional<TimePoint> asleep_until;  // what run() sleeps for
  std::optional<TimePoint> noticed;       // the earliest instant that was heard of while it did not sleep
  TimePoint started;                      // what was due before waited for us, not for the platform
  MonthlyBudget budget;
  Ailments* ailments = nullptr;
  std::vector<Finished> finished;
  std::size_t in_flight = 0;
  std::uint64_t settled = 0, sent = 0;
  bool refilled = false, settling = false, running = false, stopping = false, store_failed = false;

  // ---- what may be claimed ----

  std::optional<TimePoint> closed_until(const App& app, TimePoint now) const {
    if (app.in_flight >= parallel_per_app) return TimePoint::max();
    if (app.lease_retry_at && now < *app.lease_retry_at) return app.lease_retry_at;
    return std::nullopt;
  }
  std::size_t capacity(const App& app, TimePoint now) const {
    if (closed_until(app, now)) return 0;
    return app.limiter.room(now, parallel_per_app - app.in_flight);
  }
  void closed_lanes_of(App& app, TimePoint now, std::vector<Lane>& lanes) const {
    std::erase_if(app.resting, [&](const auto& one) { return one.second <= now; });
    for (const Lane& lane : app.limiter.closed(now)) lanes.push_back(lane);
    for (const auto& [lane, until] : app.resting) lanes.push_back(lane);
    if (app.tasks_in_flight >= parallel_tasks) lanes.push_back(Lane{app.id, brain::mirror_thread(app.id, {}).chat});
  }
  std::vector<Lane> all_but(const AppId& open) const {
    std::vector<Lane> lanes;
    for (const auto& [id, app] : apps) {
      if (id != open) lanes.push_back(Lane{id, ChatId{}});
    }
    return lanes;
  }

  boost::asio::awaitable<void> refill() {
    for (const auto& [id, app] : apps) {
      const Duration longest = app->limiter.longest();
      if (longest <= Duration{0}) continue;
      auto ledger = co_await store.sent_since(id, time.now() - longest);
      if (ledger)
        app->limiter.refill(*ledger);
      else
        log::warn("outbox.refill_failed", {{"app", id}, {"why", ledger.error().text}});
    }
  }

  boost::asio::awaitable<bool> may_send(std::shared_ptr<App> app) {
    if (holder.empty()) co_return true;
    const TimePoint now = time.now();
    if (app->leased_until && now + lease_renewal < *app->leased_until) co_return true;
    auto fence = co_await store.lease("sender/" + app->id.value, holder, sender_lease, now);
    const bool held = fence && *fence;
    if (held) {
      app->leased_until = now + sender_lease;
      app->lease_retry_at.reset();
    } else {
      app->leased_until.reset();
      app->lease_retry_at = now + lease_retry;
    }
    co_return held;
  }

  // ---- claiming ----

  /// Claims and starts all that is due and may go; answers how many. Sends run on by themselves.
  static boost::asio::awaitable<std::size_t> pump(std::shared_ptr<Impl> self) {
    co_await self->claiming.enter();
    const Turnstile::Pass pass(self->claiming);
    if (!self->refilled) {
      self->refilled = true;
      co_await self->refill();
    }
    if (self->first) co_await self->first();
    self->store_failed = false;
    std::size_t claimed = 0;
    for (const auto& [id, app] : self->apps) {
      if (self->stopping) break;
      const bool allowed = co_await self->may_send(app);
      if (allowed) claimed += co_await self->pump_app(self, app);
    }
    co_return claimed;
  }

  boost::asio::awaitable<std::size_t> pump_app(std::shared_ptr<Impl> self, std::shared_ptr<App> app) {
    std::size_t total = 0;
    for (;;) {
      const std::size_t claimed = co_await claim(self, app, std::nullopt);
      if (claimed == 0) break;
      total += claimed;
    }
    // Last, so that whatever goes over ways that answer is not behind what cannot go. Twice: when all of its lanes had their
    // turn, they get another.
    for (int turn = 0; turn < 2; ++turn) {
      for (const ChannelId& way : app->ways.to_ask(time.now())) total += co_await claim(self, app, way);
    }
    co_return total;
  }

  /// Claims and starts what there is room for. `asked`: one for a way that is down, out of the lanes that wait for it.
  boost::asio::awaitable<std::size_t> claim(std::shared_ptr<Impl> self, std::shared_ptr<App> app,
                                            std::optional<ChannelId> asked) {
    const TimePoint now = time.now();
    const std::size_t room = std::min(capacity(*app, now), asked ? 1 : parallel_per_app);
    if (stopping || room == 0) co_return 0;
    std::vector<Lane> closed = all_but(app->id);
    closed_lanes_of(*app, now, closed);
    for (Lane& lane : app->ways.waiting(asked)) closed.push_back(std::move(lane));
    const auto turnpike = std::make_shared<Turnpike>();
    turnpike->closed = app->ways.closed(asked);
    Compose write = composer(app->id, rules.get(), now, turnpike);
    auto claimed = co_await store.claim_outbox(now, room, claim_time, std::move(closed), std::move(write));
    if (!claimed) {
      store_failed = true;
      log::warn("outbox.claim_failed", {{"why", claimed.error().text}});
      co_return 0;
    }
    for (const auto& [way, lane] : turnpike->turned) app->ways.turned_away(way, lane);
    if (asked && claimed->empty()) app->ways.nothing_to_ask(*asked, now);
    for (Claimed& one : *claimed) {
      if (one.parcel.thread.app != app->id) continue;  // bytes kept for an app that is gone: its claim runs out
      if (asked) app->ways.asks(*asked, Lane{app->id, one.parcel.thread.chat});
      app->limiter.sent(counted(one, now));
      ++app->in_flight;
      if (one.outgoing.task) ++app->tasks_in_flight;
      ++in_flight;
      boost::asio::co_spawn(executor, send_one(self, app, std::move(one), now), boost::asio::detached);
    }
    co_return claimed->size();
  }

  // ---- one send ----

  /// What a call takes of the limits.
  static Sent counted(const Claimed& one, TimePoint at) {
    Sent entry;
    entry.lane = Lane{one.parcel.thread.app, one.parcel.thread.chat};
    entry.person = one.outgoing.to;
    entry.at = at;
    return entry;
  }

  static boost::asio::awaitable<void> send_one(std::shared_ptr<Impl> self, std::shared_ptr<App> app, Claimed claimed,
                                               TimePoint claimed_at) {
    pass(CrashPoint::claimed);
    const auto lost = std::make_shared<bool>(false);
    Outgoing outgoing = claimed.outgoing;
    std::function<bool()> still_mine = [self, app, claimed_at, lost] {
      const TimePoint now = self->time.now();
      const bool leased = self->holder.empty() || (app->leased_until && now < *app->leased_until);
      *lost = !leased || now >= claimed_at + claim_time;
      return !*lost;
    };
    Receipt receipt = no_way();
    if (!outgoing.channel.empty())
      receipt = co_await self->sender.send(app->platform, std::move(outgoing), std::move(still_mine));
    // A platform counts a call when it has it, which is at the latest when it answers: until then it counts for its claim.
    app->limiter.give_back(counted(claimed, claimed_at));
    if (!receipt.never_left) app->limiter.sent(counted(claimed, self->time.now()));
    std::optional<Parcel> unheard;
    if (receipt.outcome == Outcome::delivered && !*lost) unheard = co_await self->unheard(claimed);
    self->conclude_one(*app, claimed, std::move(receipt), *lost, self, std::move(unheard));
  }

  /// Whoever is not in a group hears nothing of a mention there: what is left to say to them.
  boost::asio::awaitable<std::optional<Parcel>> unheard(const Claimed& claimed) {
    const auto* notify = std::get_if<Notify>(&claimed.parcel.effect);
    const Outgoing& message = claimed.outgoing;
    const bool of_group = notify != nullptr && !message.to && message.form != Form::urgent;
    if (!absent || !of_group || notify->to.person || notify->mention.empty() || message.mentions.empty())
      co_return std::nullopt;
    ChatRef chat = message.chat;
    std::vector<PersonRef> mentioned = message.mentions;
    auto people = co_await absent(std::move(chat), std::move(mentioned));
    if (people.empty()) co_return std::nullopt;
    Parcel rest = claimed.parcel;
    Notify to_them = *notify;
    to_them.mention = std::move(people);
    rest.effect = std::move(to_them);
    co_return rest;
  }

  void conclude_one(App& app, const Claimed& claimed, Receipt receipt, bool lost, const std::shared_ptr<Impl>& self,
                    std::optional<Parcel> unheard) {
    const TimePoint now = time.now();
    if (receipt.retry_after) receipt.retry_after = std::clamp(*receipt.retry_after, Duration{0}, backoff.give_up_after);
    const bool asked_to_wait = receipt.outcome == Outcome::retry && receipt.retry_after.has_value();
    const bool no_token = receipt.outcome == Outcome::token_expired && receipt.retry_after.has_value();
    const bool failed =
        (receipt.outcome == Outcome::retry && !asked_to_wait) || receipt.outcome == Outcome::unknown || no_token;
    const bool answered = !receipt.never_left &&
                          (receipt.outcome == Outcome::delivered || receipt.outcome == Outcome::partly ||
                           receipt.outcome == Outcome::rejected || receipt.outcome == Outcome::unsupported || asked_to_wait);
    AttemptFacts facts;
    facts.now = now;
    facts.noise = rng.next();
    facts.running_since = started;
    // That tasks cannot be mirrored says nothing about messages: they must not wait for it.
    const bool of_task = claimed.outgoing.task.has_value();
    const Lane lane{app.id, claimed.parcel.thread.chat};
    app.ways.ended(lane);
    if (!lost) {
      const ChannelId& way = claimed.outgoing.channel;
      if (failed && (!of_task || no_token)) app.ways.failed(way, lane, now);
      if (answered) app.ways.answered(way, lane);
      if (receipt.outcome == Outcome::delivered) app.budget.success();
      // When the month's calls are used up, what costs none goes on.
      const bool rests = asked_to_wait && !(receipt.used_up && has_free_way(app.platform->traits(), claimed.outgoing.channel));
      if (rests) app.resting[receipt.whole_app ? Lane{app.id, ChatId{}} : lane] = now + *receipt.retry_after;
      const bool down = app.ways.down(way);
      facts.way_down = down || asked_to_wait;
      facts.reopens = app.ways.reopens(way).value_or(TimePoint{});
      // While it is down its breaker paces the tries; what waits for it is due as soon as it is back.
      facts.budget = !failed || no_token || of_task || down || app.budget.take();
    }
    const bool delivered = receipt.outcome == Outcome::delivered || receipt.outcome == Outcome::partly;
    if (delivered) ++sent;
    report(app, claimed, receipt);
    note_urgent(app, claimed, receipt);
    note_group(app, claimed, receipt);
    note_task(app, claimed, receipt);
    note_right(app, claimed, receipt);
    if (!receipt.never_left) count_month(app, claimed);
    if (receipt.used_up) budget.used_up(app.id);

    Finished done;
    done.app = find(app.id);
    done.of_task = of_task;
    done.unreached = std::move(unheard);
    done.settlement = conclude(claimed, std::move(receipt), app.platform->traits(), backoff, facts);
    if (claimed.outgoing.channel.empty() && beside_the_request(claimed)) done.settlement.drop = true;
    if (!lost) done.settlement.consequence = group_consequence(claimed, done.settlement, rules.get());
    if (!lost && !done.settlement.consequence)
      done.settlement.consequence = both(chat_consequence(claimed, done.settlement, app.platform->traits(), rules.get()),
                                         both(beside_consequence(claimed, done.settlement, app.platform->traits(), rules.get()),
                                              reply_consequence(claimed, done.settlement, app.platform->traits())));
    if (!lost && claimed.outgoing.task) done.settlement.consequence = mirror_consequence(claimed, done.settlement, rules.get());
    if (lost) {
      done.settlement.counts = false;
      done.settlement.retry_at = now;
    } else if (!delivered && !done.settlement.retry_at && !done.settlement.anew && !done.settlement.drop) {
      done.no_way = claimed.outgoing.channel.empty();
      log::error("outbox.given_up", {{"app", app.id},
                                     {"parcel", claimed.parcel.id},
                                     {"attempts", claimed.attempt},
                                     {"why", done.settlement.receipt.detail}});
      if (done.settlement.receipt.target_gone || done.no_way || claimed.outgoing.detour) done.unreached = claimed.parcel;
    }
    finished.push_back(std::move(done));
    start_settling(self);
  }

  static void report(const App& app, const Claimed& claimed, const Receipt& receipt) {
    if (receipt.outcome == Outcome::partly) {
      log::warn("send.partly",
                {{"app", app.id}, {"parcel", claimed.parcel.id}, {"people", receipt.people.size()}, {"why", receipt.detail}});
    } else if (receipt.outcome != Outcome::delivered) {
      log::info("send.failed",
                {{"app", app.id}, {"parcel", claimed.parcel.id}, {"attempt", claimed.attempt}, {"why", receipt.detail}});
    }
  }

  /// The notice itself went out, so that a platform without the right to it is worth one line, not one for each notice.
  static void note_urgent(App& app, const Claimed& claimed, const Receipt& receipt) {
    if (claimed.outgoing.form != Form::urgent) return;
    if (receipt.outcome == Outcome::delivered) app.urgent_refused = false;
    if (receipt.outcome == Outcome::rejected && !std::exchange(app.urgent_refused, true))
      log::warn("urgent.refused", {{"app", app.id}, {"parcel", claimed.parcel.id}, {"why", receipt.detail}});
  }

  /// A request goes on where it was raised, and the administrators are told: one line, not one for each request.
  static void note_group(App& app, const Claimed& claimed, const Receipt& receipt) {
    if (claimed.outgoing.form != Form::group) return;
    if (receipt.outcome == Outcome::delivered) app.group_refused = false;
    if (receipt.outcome == Outcome::rejected && !std::exchange(app.group_refused, true))
      log::warn("group.refused", {{"app", app.id}, {"parcel", claimed.parcel.id}, {"why", receipt.detail}});
  }

  /// Requests go on without their mirrors: one line and /readyz, not one for each task. What somebody has removed from
  /// their list is no refusal.
  static void note_task(App& app, const Claimed& claimed, const Receipt& receipt) {
    if (claimed.outgoing.form != Form::task) return;
    if (receipt.outcome == Outcome::delivered) app.tasks_refused.clear();
    if (receipt.outcome != Outcome::rejected || receipt.target_gone) return;
    const bool told = !app.tasks_refused.empty();
    app.tasks_refused = receipt.detail.empty() ? std::string("?") : receipt.detail;
    if (!told) log::warn("tasks.refused", {{"app", app.id}, {"parcel", claimed.parcel.id}, {"why", receipt.detail}});
  }

  /// Another way is taken, where there is one; somebody must see that the better one is closed, until it is open again.
  void note_right(App& app, const Claimed& claimed, const Receipt& receipt) const {
    if (ailments == nullptr) return;
    const ChannelId& way = claimed.outgoing.channel;
    if (receipt.no_right) {
      const Form form = claimed.outgoing.form;
      if (form == Form::group || form == Form::task) return;  // told in their own ways
      const bool card = form == Form::card || form == Form::card_update;
      const char* key = card ? "ailment.no_cards" : form == Form::urgent ? "ailment.no_urgent" : "ailment.no_messages";
      app.rightless[way] = key;
      // The notice itself stands, and not every edition has such calls: that is no emergency.
      ailments->note(app.id, key, receipt.detail, form == Form::urgent ? Ailments::Rings::no : Ailments::Rings::yes);
    } else if (receipt.outcome == Outcome::delivered) {
      const auto closed = app.rightless.find(way);
      if (closed == app.rightless.end()) return;
      const std::string key = closed->second;
      ailments->over(app.id, key);
      std::erase_if(app.rightless, [&](const auto& one) { return one.second == key; });
    }
  }

  void count_month(const App& app, const Claimed& claimed) {
    const Channel* channel = app.platform->traits().channel(claimed.outgoing.channel);
    if (channel != nullptr && channel->per_month) budget.spend(app.id);
  }

  std::shared_ptr<App> find(const AppId& id) const {
    const auto found = apps.find(id);
    return found == apps.end() ? nullptr : found->second;
  }

  // ---- settling, in batches: what finishes while one commit is on its way shares the next ----

  void start_settling(const std::shared_ptr<Impl>& self) {
    if (settling || finished.empty()) return;
    settling = true;
    boost::asio::co_spawn(executor, settle(self), boost::asio::detached);
  }

  static boost::asio::awaitable<void> settle(std::shared_ptr<Impl> self) {
    while (!self->finished.empty()) {
      auto batch = std::exchange(self->finished, {});
      // Before it is settled: if we die in between it fails once more, and what goes out instead is known by its key.
      for (Finished& one : batch) {
        if (!one.unreached) continue;
        const auto said = co_await self->say_elsewhere(*one.unreached);
        // What was delivered is not sent again for those who were not there.
        if (!said && one.settlement.receipt.outcome != Outcome::delivered)
          one.settlement.retry_at = self->time.now() + settle_retry;
        // Nothing was refused, and it reached somebody: no administrator need see to it.
        if (said && *said && one.no_way) one.settlement.drop = true;
      }
      std::vector<Settlement> settlements;
      settlements.reserve(batch.size());
      for (Finished& one : batch) settlements.push_back(std::move(one.settlement));
      co_await self->settle_batch(std::move(settlements));
      pass(CrashPoint::recorded);
      if (self->budget.unsettled()) co_await self->budget.settle();
      for (const Finished& one : batch) {
        --one.app->in_flight;
        if (one.of_task) --one.app->tasks_in_flight;
        --self->in_flight;
      }
      ++self->settled;
      self->alarm->ring();
      self->changed.notify();
    }
    self->settling = false;
    self->changed.notify();
  }

  boost::asio::awaitable<void> settle_batch(std::vector<Settlement> settlements) {
    for (int tries = 1;; ++tries) {
      auto copy = settlements;
      auto done = co_await store.settle(std::move(copy));
      if (done) co_return;
      log::warn("outbox.settle_failed", {{"why", done.error().text}, {"tries", tries}, {"parcels", settlements.size()}});
      // Then the claims run out, and the attempts are unknown.
      if (tries == settle_tries || done.error().code == Errc::shutting_down) co_return;
      const auto pause = time.make_alarm();
      co_await pause->wait(time.now() + settle_retry);
    }
  }

  /// Whether somebody is told. nullopt: the store could not; the parcel must not end before it can.
  boost::asio::awaitable<std::optional<bool>> say_elsewhere(const Parcel& parcel) {
    auto load = load_unreached(parcel);
    if (!load) co_return false;
    const TimePoint now = time.now();
    const RulesPtr known = rules.get();
    Decide decide = [parcel, known, now](const Snapshot& snapshot) { return unreached(parcel, snapshot, *known, now); };
    auto done = co_await store.transact(std::move(*load), std::move(decide), now);
    if (!done) log::warn("outbox.unreached_failed", {{"parcel", parcel.id}, {"why", done.error().text}});
    if (!done) co_return std::nullopt;
    co_return done->duplicate || done->reply.outcome == Done::acted;
  }

  // ---- sleeping ----

  /// False: something closes it, and when that opens again has been reckoned with or will be.
  [[nodiscard]] bool may_go(const Lane& lane, TimePoint now) const {
    const auto app = find(lane.app);
    if (!app) return true;  // its claim holds it
    if (closed_until(*app, now) || app->ways.waits(lane) || !app->limiter.open(lane, now)) return false;
    return std::ranges::none_of(
        app->resting, [&](const auto& one) { return one.second > now && (one.first == lane || one.first.chat.empty()); });
  }

  void notice(const Work& work) {
    const TimePoint now = time.now();
    std::optional<TimePoint> earliest;
    for (const Work::Send& send : work.sends) {
      if ((!earliest || send.at < *earliest) && may_go(send.lane, now)) earliest = send.at;
    }
    if (!earliest || (asleep_until && *earliest >= *asleep_until)) return;
    if (asleep_until) return alarm->ring();
    noticed = std::min(noticed.value_or(*earliest), *earliest);
  }

  static boost::asio::awaitable<std::optional<TimePoint>> next_instant(std::shared_ptr<Impl> self) {
    const TimePoint now = self->time.now();
    std::vector<Lane> closed;
    std::optional<TimePoint> first;
    const auto consider = [&first](std::optional<TimePoint> at) {
      if (at && *at != TimePoint::max() && (!first || *at < *first)) first = at;
    };
    for (const auto& [id, app] : self->apps) {
      if (const auto until = self->closed_until(*app, now)) {
        closed.push_back(Lane{id, ChatId{}});
        consider(until);
        continue;
      }
      self->closed_lanes_of(*app, now, closed);
      for (Lane& lane : app->ways.waiting()) closed.push_back(std::move(lane));
      consider(app->ways.next_ask());
      consider(app->limiter.next_opening(now));
      for (const auto& [lane, until] : app->resting) consider(until);
    }
    auto at = co_await self->store.next_instant(std::move(closed));
    if (at)
      consider(*at);
    else
      self->store_failed = true;
    co_return first;
  }

  static boost::asio::awaitable<void> run(std::shared_ptr<Impl> self) {
    self->running = true;
    while (!self->stopping) {
      self->noticed.reset();
      co_await self->budget.settle();
      co_await pump(self);
      if (self->stopping) break;
      const auto next = co_await next_instant(self);
      const TimePoint now = self->time.now();
      TimePoint until = now + self->poll;
      if (next) until = std::min(until, *next > now ? *next : now + busy_wait);
      if (self->store_failed) until = std::min(until, now + busy_wait);
      if (self->noticed) until = std::min(until, *self->noticed);
      self->asleep_until = until;
      co_await self->alarm->wait(until);
      self->asleep_until.reset();
    }
    self->running = false;
    self->changed.notify();
  }

  static boost::asio::awaitable<std::size_t> drain(std::shared_ptr<Impl> self) {
    const auto sent_before = self->sent;
    for (;;) {
      const auto settled_before = self->settled;
      const std::size_t claimed = co_await pump(self);
      while (self->in_flight > 0 && !self->stopping) co_await self->changed.wait(std::nullopt);
      if (self->stopping || self->store_failed) break;
      if (claimed == 0 && self->settled == settled_before) break;
    }
    co_return self->sent - sent_before;
  }

  static boost::asio::awaitable<void> stop(std::shared_ptr<Impl> self) {
    self->stopping = true;
    self->alarm->ring();
    self->changed.notify();
    const TimePoint until = self->time.now() + longest_stop;
    while (self->claiming.busy()) co_await self->claiming.freed();
    while (self->in_flight > 0 || self->settling || self->running) {
      if (self->time.now() >= until) {
        log::warn("outbox.stopped_early", {{"in_flight", self->in_flight}});
        break;
      }
      co_await self->changed.wait(until);
    }
    if (self->holder.empty()) co_return;
    for (const auto& [id, app] : self->apps) {
      if (!app->leased_until) continue;
      constexpr Duration at_once{0};
      auto released = co_await self->store.lease("sender/" + id.value, self->holder, at_once, self->time.now());
      if (!released) log::warn("outbox.lease_kept", {{"app", id}, {"why", released.error().text}});
    }
  }
};

Outbox::Outbox(boost::asio::any_io_executor executor, Store& store, Sender& sender, const Platforms& platforms,
               TimeSource& time, RulesBox& rules, Metrics& metrics, Backoff backoff, Rng rng)
    : impl_(std::make_shared<Impl>(std::move(executor), store, sender, platforms, time, rules, metrics, backoff, rng)) {}
Outbox::~Outbox() = default;

void Outbox::use_leases(std::string holder) { impl_->holder = std::move(holder); }
void Outbox::before_claims(std::function<boost::asio::awaitable<void>()> first) { impl_->first = std::move(first); }
void Outbox::poll_every(Duration poll) { impl_->poll = poll; }
void Outbox::ring() { impl_->alarm->ring(); }
std::vector<std::pair<AppId, std::string>> Outbox::refused_tasks() const {
  std::vector<std::pair<AppId, std::string>> refused;
  for (const auto& [id, app] : impl_->apps)
    if (!app->tasks_refused.empty()) refused.emplace_back(id, app->tasks_refused);
  return refused;
}
void Outbox::ask_who_is_absent(
    std::function<boost::asio::awaitable<std::vector<PersonId>>(ChatRef, std::vector<PersonRef>)> absent) {
  impl_->absent = std::move(absent);
}
const MonthlyBudget& Outbox::budget() const { return impl_->budget; }
void Outbox::on_budget_level(std::function<void(const BudgetUse&)> told) { impl_->budget.on_level(std::move(told)); }
void Outbox::report_to(Ailments& ailments) { impl_->ailments = &ailments; }
void Outbox::notice(const Work& work) { impl_->notice(work); }

boost::asio::awaitable<void> Outbox::run() { return Impl::run(impl_); }
boost::asio::awaitable<std::size_t> Outbox::drain() { return Impl::drain(impl_); }
std::uint64_t Outbox::handled() const { return impl_->sent; }
boost::asio::awaitable<void> Outbox::stop() { return Impl::stop(impl_); }

boost::asio::awaitable<std::optional<TimePoint>> Outbox::next_instant() { return Impl::next_instant(impl_); }

}  // namespace xieban
