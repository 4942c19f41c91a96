#include "bot/engine/intake.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>
#include <exception>
#include <optional>
#include <string_view>
#include <utility>

#include "bot/base/crash_point.hpp"
#include "bot/base/log.hpp"
#include "bot/core/words/phrase.hpp"
#include "bot/engine/raw_event.hpp"

namespace xieban {
namespace {

constexpr Duration reserve{500};  // of the platform's time: for the way back
constexpr Duration usual_answer_within{3000};
constexpr Duration longest_look_up{1500};  // of a stranger in the platform's directory
constexpr Duration press_pause{300};
constexpr int replay_tries = 5;
constexpr Duration replay_pause{1000};
// One old message may be a repeat of long ago; several and no other in between tell of a clock that is wrong.
constexpr int few_old = 3;
constexpr Duration refused_pause{1000}, refused_for{60'000};
constexpr std::size_t most_refused = 1000, most_refused_bytes = std::size_t{16} * 1024 * 1024;

std::string_view to_text(Done outcome) {
  switch (outcome) {
    case Done::acted:
      return "acted";
    case Done::ignored:
      return "ignored";
    case Done::refused:
      return "refused";
    case Done::duplicate:
      return "duplicate";
    case Done::failed:
      return "failed";
  }
  return "failed";
}

std::string_view to_text(EventKind kind) {
  switch (kind) {
    case EventKind::url_check:
      return "url_check";
    case EventKind::message:
      return "message";
    case EventKind::press:
      return "press";
    case EventKind::event:
      return "event";
  }
  return "event";
}

TimePoint deadline(const Traits& traits, EventKind kind, TimePoint received) {
  const auto found = traits.answer_within.find(kind);
  const Duration within = found == traits.answer_within.end() ? usual_answer_within : found->second;
  return received + std::max(within - reserve, Duration{0});
}

/// A press is answered with the platform's own "try again"; everything else is told when to come back.
HttpResponse busy(const Platform& platform, const Inbound& inbound, Lang lang) {
  HttpResponse response = platform.busy(inbound, say(lang, "press.busy"));
  if (response.status == 503 && !response.headers.has("Retry-After")) response.headers.set("Retry-After", "2");
  return response;
}

Result<Decoded> decode_safely(const Platform& platform, const HttpRequest& request, TimePoint now) {
  try {
    return platform.decode(request, now);
  } catch (const std::exception& thrown) {
    log::error("decode.threw", {{"app", platform.app()}, {"why", thrown.what()}});
    return std::unexpected(Error(Errc::bad_input, thrown.what()));
  }
}

bool changes_directory(const ChangeSet& changes) {
  return std::ranges::any_of(changes.facts, [](const Fact& fact) {
    return !std::holds_alternative<ChatFact>(fact) && !std::holds_alternative<CardCode>(fact) &&
           !std::holds_alternative<CardAnswered>(fact);
  });
}

}  // namespace

/// One event on its way through the store. Whoever answers and whoever decides share it: an answer that could not wait
/// leaves the decision running.
struct Intake::Unit {
  Inbound inbound;
  std::string kept;  // its bytes, for the inbox
  RulesPtr rules;
  TimePoint now;
  Load load;
  std::exception_ptr plan_threw;
  std::optional<Result<Committed>> done;
  std::shared_ptr<Alarm> finished;
  bool late = false;  // the answer went out without it
  // Written by the decision on the store's thread, read after it has ended.
  std::shared_ptr<const DirectoryFacts> directory;
  bool directory_changed = false;

  ChangeSet operator()(const Snapshot& snapshot) {
    directory = snapshot.directory;
    if (plan_threw) std::rethrow_exception(plan_threw);
    ChangeSet changes = respond(inbound, snapshot, *rules, now);
    directory_changed = changes_directory(changes);
    return changes;
  }
};

/// What the one log line of an event says.
struct Intake::Report {
  std::string_view outcome = "busy", kind = "none";
  TimePoint decoded{}, decided{};
  bool duplicate = false;
};

Intake::Intake(Store& store, TimeSource& time, RulesBox& rules, Metrics& metrics, Rng rng,
               std::function<void(const Work&)> on_commit)
    : store_(store),
      time_(time),
      rules_(rules),
      metrics_(metrics),
      rng_(rng),
      on_commit_(std::move(on_commit)),
      ended_(time),
      refused_pause_(time.make_alarm()) {}

void Intake::stop() {
  stopped_ = true;
  refused_pause_->ring();
}
std::size_t Intake::in_flight() const { return in_flight_; }

boost::asio::awaitable<void> Intake::idle() {
  while (in_flight_ > 0) co_await ended_.wait(std::nullopt);
}

void Intake::one_ended() {
  if (--in_flight_ == 0) ended_.notify();
}

/// Whoever speaks for the first time is looked up before it is decided: the answer is to somebody known.
boost::asio::awaitable<void> Intake::get_ready(Inbound& inbound, TimePoint until) {
  if (contacts_ == nullptr) co_return;
  if (const auto* changed = std::get_if<PersonChanged>(&inbound.what)) {
    for (const UserId& user : changed->users) contacts_->look_again(IdentityKey{inbound.key.app, user});
  }
  if (std::holds_alternative<DirectoryChanged>(inbound.what)) contacts_->look_again(inbound.key.app);
  if (inbound.kind != EventKind::message && inbound.kind != EventKind::press) co_return;
  const IdentityKey speaker{inbound.chat.app, inbound.actor};
  if (!directory_read_) directory_read_ = co_await learn_directory(store_, rules_);
  if (rules_.get()->people().who(speaker) != nullptr) co_return;
  const TimePoint patience = std::min(until, time_.now() + longest_look_up);
  co_await contacts_->meet(speaker.app, speaker.user, patience);
}

std::shared_ptr<Intake::Unit> Intake::begin(boost::asio::any_io_executor executor, Inbound inbound, std::string kept,
                                            TimePoint now) {
  const auto unit = std::make_shared<Unit>();
  unit->inbound = std::move(inbound);
  unit->inbound.noise = rng_.next();
  unit->kept = std::move(kept);
  unit->now = now;
  unit->finished = time_.make_alarm();
  boost::asio::co_spawn(std::move(executor), decide(this, unit), boost::asio::detached);
  return unit;
}

void Intake::make_plan(Unit& unit) {
  unit.rules = rules_.get();
  try {
    unit.load = plan(unit.inbound, *unit.rules);
  } catch (const std::exception&) {
    unit.plan_threw = std::current_exception();
  }
  if (unit.load.checkup && ailments_) unit.inbound.ailments = ailments_();
  unit.load.inbox = unit.inbound.key;
  unit.load.inbox_body = unit.kept;
}

boost::asio::awaitable<void> Intake::decide(Intake* self, std::shared_ptr<Unit> unit) {
  const TimePoint started = self->time_.now();
  if (!self->directory_read_) self->directory_read_ = co_await learn_directory(self->store_, self->rules_);
  self->make_plan(*unit);
  Decide by = [unit](const Snapshot& snapshot) { return (*unit)(snapshot); };
  auto committed = co_await self->store_.transact(std::move(unit->load), std::move(by), unit->now);
  self->metrics_.transact(static_cast<double>((self->time_.now() - started).count()) / 1000.0);
  if (committed && !committed->duplicate) {
    if (unit->directory_changed) {
      co_await learn_directory(self->store_, self->rules_);
    } else if (unit->directory) {
      self->rules_.learn(unit->directory);
    }
    self->on_commit_(committed->work);
  }
  if (unit->late && !committed) {
    log::warn("intake.failed", {{"app", unit->inbound.key.app}, {"why", committed.error().text}});
    const auto executor = co_await boost::asio::this_coro::executor;
    self->keep_trying(executor, *unit);
  }
  const bool late = unit->late;
  unit->done = std::move(committed);
  unit->finished->ring();
  if (late) self->one_ended();
}

/// Presses were told to press again, and events are sent again; a message may not be, and nobody would hear of it.
void Intake::keep_trying(boost::asio::any_io_executor executor, const Unit& unit) {
  const InboxKey& key = unit.inbound.key;
  if (unit.inbound.kind != EventKind::message) return;
  if (std::ranges::any_of(refused_, [&](const Refused& one) { return one.inbound.key == key; })) return;
  if (stopped_ || refused_.size() >= most_refused || refused_bytes_ + unit.kept.size() > most_refused_bytes) {
    log::error("intake.lost", {{"app", key.app}, {"key", key.key}});
    return;
  }
  refused_.push_back(Refused{unit.inbound, unit.kept, time_.now() + refused_for});
  refused_bytes_ += unit.kept.size();
  ++in_flight_;
  if (refused_.size() == 1) boost::asio::co_spawn(std::move(executor), try_refused(this), boost::asio::detached);
}

/// One at a time and in their order: a busy store gets no more to do.
boost::asio::awaitable<void> Intake::try_refused(Intake* self) {
  const auto executor = co_await boost::asio::this_coro::executor;
  const auto pause = self->refused_pause_;
  const auto drop_first = [self] {
    self->refused_bytes_ -= self->refused_.front().kept.size();
    self->refused_.pop_front();
    self->one_ended();
  };
  bool failed = true;
  while (!self->refused_.empty()) {
    if (failed && !self->stopped_) co_await pause->wait(self->time_.now() + refused_pause);
    const bool last = self->stopped_;
    const auto unit = self->begin(executor, self->refused_.front().inbound, self->refused_.front().kept, self->time_.now());
    while (!unit->done) co_await unit->finished->wait(std::nullopt);
    failed = !*unit->done;
    if (!failed) drop_first();
    while (failed && !self->refused_.empty() && (last || self->refused_.front().until <= self->time_.now())) {
      const InboxKey& key = self->refused_.front().inbound.key;
      log::error("intake.lost", {{"app", key.app}, {"key", key.key}, {"why", unit->done->error().text}});
      drop_first();
    }
  }
}

HttpResponse Intake::answer(const Platform& platform, const Unit& unit) const {
  const Committed& committed = **unit.done;
  Reply reply = committed.reply;
  std::optional<Card> card;
  try {
    if (reply.outcome == Done::failed && reply.toast.empty()) reply.toast = say(unit.rules->lang, "error.put_aside");
    if (reply.card && committed.card_snapshot && committed.card_snapshot->card) {
      const Snapshot& snapshot = *committed.card_snapshot;
      card = card_now(*snapshot.card, snapshot, *unit.rules, time_.now());
    }
  } catch (const std::exception& thrown) {
    // It is committed; the card follows from the outbox.
    log::error("answer.threw", {{"app", platform.app()}, {"why", thrown.what()}});
  }
  return platform.answer(unit.inbound, reply, card ? &*card : nullptr);
}

void Intake::note_ailment(const AppId& app, const Ignored& ignored) {
  if (!ignored.alarm.empty()) log::error("webhook.alarm", {{"app", app}, {"why", ignored.alarm}});
  if (!ignored.alarm.empty() && ignored.ailment.empty() && alarmed_) alarmed_(app, ignored.alarm);
  if (ignored.ailment.empty() || heard_ == nullptr) return;
  ailing_.emplace(app, ignored.ailment);
  heard_->note(app, ignored.ailment, {}, Ailments::Rings::yes);
}

void Intake::note_old(const AppId& app) {
  constexpr std::string_view ailment = "ailment.all_too_old";
  if (++too_old_[app] != few_old || heard_ == nullptr) return;
  ailing_.emplace(app, ailment);
  heard_->note(app, std::string(ailment), {}, Ailments::Rings::yes);
}

/// Somebody's words arrive as they should.
void Intake::note_voice(const AppId& app) {
  too_old_.erase(app);
  std::erase_if(ailing_, [&](const auto& one) {
    if (one.first != app) return false;
    heard_->over(app, one.second);
    return true;
  });
}

bool Intake::forgotten(const Inbound& inbound) const {
  // Before that no time is one: a platform that gives none, or counts it otherwise, says nothing about repeats.
  constexpr TimePoint sensible{Duration{1'577'836'800'000}};  // 2020
  if (clock_ == nullptr || inbound.sent_at <= sensible) return false;
  // The playground's clock may be turned either way, and its events carry its time.
  return inbound.sent_at + kept_ <= std::min(clock_->now(), time_.now());
}

boost::asio::awaitable<HttpResponse> Intake::handle(const Platform& platform, HttpRequest request, Report& report) {
  const TimePoint received = time_.now();
  auto decoded = decode_safely(platform, request, received);
  report.decoded = report.decided = time_.now();
  if (!decoded) {
    const bool forged = decoded.error().code == Errc::bad_signature;
    report.outcome = forged ? "bad_signature" : "bad_input";
    co_return HttpResponse(forged ? 401 : 400);
  }
  if (auto* handshake = std::get_if<Handshake>(&*decoded)) {
    report.outcome = "handshake";
    co_return std::move(handshake->answer);
  }
  if (auto* ignored = std::get_if<Ignored>(&*decoded)) {
    report.outcome = "nothing";
    note_ailment(platform.app(), *ignored);
    co_return std::move(ignored->answer);
  }
  auto& inbound = std::get<Inbound>(*decoded);
  report.kind = to_text(inbound.kind);
  if (forgotten(inbound)) {
    report.outcome = "too_old";
    log::warn("intake.too_old", {{"app", platform.app()}, {"key", inbound.key.key}});
    note_old(platform.app());
    co_return platform.answer(inbound, Reply{}, nullptr);
  }
  if (inbound.kind == EventKind::message) note_voice(platform.app());
  pass(CrashPoint::verified);
  if (stopped_) co_return busy(platform, inbound, rules_.get()->lang);

  const TimePoint until = deadline(platform.traits(), inbound.kind, received);
  co_await get_ready(inbound, until);
  std::string kept = write_raw_event(request, received);
  const auto executor = co_await boost::asio::this_coro::executor;
  auto unit = begin(executor, inbound, kept, received);
  while (!unit->done && time_.now() < until) co_await unit->finished->wait(until);
  // Whoever cannot be told to press again: a store that is busy is asked once more while there is time.
  const bool waits = inbound.kind == EventKind::press && !platform.traits().toasts;
  while (waits && unit->done && !*unit->done && time_.now() + press_pause < until && !stopped_) {
    const auto pause = time_.make_alarm();
    co_await pause->wait(time_.now() + press_pause);
    unit = begin(executor, inbound, kept, received);
    while (!unit->done && time_.now() < until) co_await unit->finished->wait(until);
  }
  report.decided = time_.now();
  if (!unit->done) {
    report.outcome = "late";
    unit->late = true;
    ++in_flight_;
    co_return busy(platform, unit->inbound, rules_.get()->lang);
  }
  if (!*unit->done) {
    log::warn("intake.failed", {{"app", platform.app()}, {"why", unit->done->error().text}});
    keep_trying(executor, *unit);
    co_return busy(platform, unit->inbound, rules_.get()->lang);
  }
  report.outcome = to_text((*unit->done)->reply.outcome);
  report.duplicate = (*unit->done)->duplicate;
  co_return answer(platform, *unit);
}

boost::asio::awaitable<HttpResponse> Intake::receive(const Platform& platform, HttpRequest request) {
  const TimePoint received = time_.now();
  ++in_flight_;
  Report report;
  HttpResponse response(503);
  try {
    response = co_await handle(platform, std::move(request), report);
  } catch (const std::exception& thrown) {
    report.outcome = "threw";
    log::error("intake.threw", {{"app", platform.app()}, {"why", thrown.what()}});
    response.headers.set("Retry-After", "2");
  }
  one_ended();
  const Duration took = time_.now() - received;
  metrics_.webhook(platform.app().value, report.duplicate ? "duplicate" : report.outcome,
                   static_cast<double>(took.count()) / 1000.0);
  log::info("webhook", {{"app", platform.app()},
                        {"kind", report.kind},
                        {"outcome", report.outcome},
                        {"duplicate", report.duplicate},
                        {"status", response.status},
                        {"decode_ms", (report.decoded - received).count()},
                        {"decide_ms", (report.decided - report.decoded).count()},
                        {"total_ms", took.count()}});
  co_return response;
}

boost::asio::awaitable<Result<void>> Intake::replay(const Platform& platform, RawEvent event) {
  auto arrived = read_raw_event(event.body);
  if (!arrived) co_return std::unexpected(arrived.error());
  auto decoded = decode_safely(platform, arrived->request, arrived->at);
  if (!decoded) co_return std::unexpected(decoded.error());
  auto* inbound = std::get_if<Inbound>(&*decoded);
  if (inbound == nullptr) co_return Result<void>{};
  const auto executor = co_await boost::asio::this_coro::executor;
  for (int tries = 1;; ++tries) {
    const auto unit = begin(executor, *inbound, event.body, time_.now());
    while (!unit->done) co_await unit->finished->wait(std::nullopt);
    if (*unit->done) {
      if ((*unit->done)->reply.outcome != Done::failed) co_return Result<void>{};
      co_return std::unexpected(Error(Errc::thrown, "put aside once more"));
    }
    // The store has let go of the event: it lives here until it is taken again.
    if (tries == replay_tries) co_return std::unexpected(unit->done->error());
    const auto pause = time_.make_alarm();
    co_await pause->wait(time_.now() + replay_pause);
  }
}

}  // namespace xieban
