#include "bot/engine/streams.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "bot/base/log.hpp"
#include "bot/engine/signal.hpp"

namespace xieban {
namespace {

constexpr Duration open_time{10000};
constexpr Duration first_pause{1000};
constexpr Duration steady_after{60000};  // a connection that stood so long was a good one: the next pause is the first again
constexpr Duration longest_stop{3000};
constexpr Duration last_tries{200};  // while stopping, between two tries to write down what nobody sends again
constexpr Duration between_leaves{10000};
constexpr Duration last_words{1000};       // a platform that does not end the connection that we left
constexpr Duration taken_within{600'000};  // so often within so long is no accident
constexpr std::size_t taken_often = 3;
constexpr Duration without_connection{5000};  // what finds none waits so long before it tries again

/// A send whose end is not known yet. Whoever waits for it owns it.
struct Carried {
  explicit Carried(TimeSource& time) : alarm(time.make_alarm()) {}
  std::unique_ptr<Alarm> alarm;
  std::optional<Receipt> receipt;

  void end(Receipt with) {
    if (!receipt) receipt = std::move(with);
    alarm->ring();
  }
};

/// A connection that stands.
struct Live {
  Live(std::unique_ptr<StreamMachine> m, TimeSource& time) : machine(std::move(m)), alarm(time.make_alarm()) {}

  std::unique_ptr<StreamMachine> machine;
  std::shared_ptr<WebSocket> socket;  // nullptr: none stands, and only what rests from earlier ones is taken up
  std::deque<SocketFrame> out;
  std::unique_ptr<Alarm> alarm;  // of the ticks
  std::optional<TimePoint> asleep_until;
  std::size_t handling = 0;  // events between their frame and their acknowledgement
  std::map<std::string, std::shared_ptr<Carried>> carried;
  bool writing = false, ended = false;
  Duration again_after{};
  bool asked_to_leave = false, taken = false;
  std::string why;

  void end(std::string reason) {
    if (ended) return;
    ended = true;
    why = std::move(reason);
    socket->close();
    alarm->ring();
    for (const auto& [key, one] : carried) one->end(Receipt(Outcome::unknown, "the connection ended: " + why));
    carried.clear();
  }
};

/// An app's connections, one after the other.
struct Line {
  Line(std::shared_ptr<const Platform> one, TimeSource& time) : platform(std::move(one)), alarm(time.make_alarm()) {
    state.app = platform->app();
    state.since = time.now();
    state.why = "not opened yet";
  }
  std::shared_ptr<const Platform> platform;
  StreamState state;
  std::unique_ptr<Alarm> alarm;  // of the pauses
  std::shared_ptr<Live> live;
  std::uint32_t failures = 0;  // in a row
  Duration longest_pause{};
  std::optional<Comeback> comeback;      // as the platform said it last
  int missed = 0;                        // attempts that failed since a connection stood
  std::optional<TimePoint> followed_at;  // the last time that the platform asked, and the next one was opened at once
  std::deque<TimePoint> taken_at;        // when others took its place, lately
  bool running = false;
};

}  // namespace

struct Streams::Impl : std::enable_shared_from_this<Streams::Impl> {
  Impl(boost::asio::any_io_executor ex, Transport& tr, Dialer& di, TimeSource& ti, Intake& in, const Platforms& platforms,
       Rng rn)
      : executor(std::move(ex)), transport(tr), dialer(di), time(ti), intake(in), rng(rn), changed(ti) {
    for (const auto& [app, platform] : platforms) {
      if (platform->make_stream() != nullptr) lines.push_back(std::make_shared<Line>(platform, time));
    }
  }

  boost::asio::any_io_executor executor;
  Transport& transport;
  Dialer& dialer;
  TimeSource& time;
  Intake& intake;
  Rng rng;
  std::vector<std::shared_ptr<Line>> lines;
  Signal changed;
  std::uint64_t sends = 0;
  std::size_t handling = 0;  // on all connections, those that have ended, too
  bool stopping = false;
  TimePoint stop_by{};

  // ---- what a machine asks for ----

  void act(const std::shared_ptr<Line>& line, const std::shared_ptr<Live>& live, std::vector<StreamAction> actions) {
    for (StreamAction& action : actions) {
      if (live->ended) return;
      if (auto* frame = std::get_if<SocketFrame>(&action)) {
        if (live->socket == nullptr) continue;
        live->out.push_back(std::move(*frame));
        if (live->writing) continue;
        live->writing = true;
        boost::asio::co_spawn(executor, write_all(shared_from_this(), live), boost::asio::detached);
      } else if (auto* arrived = std::get_if<Arrived>(&action)) {
        ++live->handling;
        ++handling;
        boost::asio::co_spawn(executor, handle(shared_from_this(), line, live, std::move(*arrived)), boost::asio::detached);
      } else if (auto* end = std::get_if<Settled>(&action)) {
        if (const auto found = live->carried.find(end->send_key); found != live->carried.end()) {
          found->second->end(std::move(end->receipt));
          live->carried.erase(found);
          changed.notify();
        }
      } else if (auto* over = std::get_if<Reconnect>(&action)) {
        live->again_after = over->after;
        live->asked_to_leave = over->asked;
        live->taken = over->taken;
        live->end(over->why);
      }
    }
    if (!live->ended && live->socket != nullptr && !line->state.open && live->machine->live()) {
      turn(*line, true, {});
      log::info("stream.open", {{"app", line->state.app}});
    }
    const auto next = live->machine->next_tick();
    if (next && live->asleep_until && *next < *live->asleep_until) live->alarm->ring();
  }

  static boost::asio::awaitable<void> write_all(std::shared_ptr<Impl> self, std::shared_ptr<Live> live) {
    while (!live->out.empty() && !live->ended) {
      SocketFrame frame = std::move(live->out.front());
      live->out.pop_front();
      auto written = co_await live->socket->write(std::move(frame));
      if (!written) live->end("write: " + written.error().text);
    }
    live->writing = false;
    self->changed.notify();
  }

  static boost::asio::awaitable<void> handle(std::shared_ptr<Impl> self, std::shared_ptr<Line> line, std::shared_ptr<Live> live,
                                             Arrived arrived) {
    HttpResponse response(503);
    for (;;) {
      HttpRequest event = arrived.event;
      response = co_await self->intake.receive(*line->platform, std::move(event));
      if (response.status != 503 || !self->stopping || !live->machine->sent_once()) break;
      const TimePoint again = self->time.now() + last_tries;
      if (again >= self->stop_by) {
        log::error("stream.event_lost", {{"app", line->state.app}, {"event", arrived.ack_key}});
        break;
      }
      const auto pause = self->time.make_alarm();
      co_await pause->wait(again);
    }
    --live->handling;
    --self->handling;
    const TimePoint now = self->time.now();
    // Bytes that nobody can read do not become readable by coming again: only what is not on disk is asked for once more.
    if (response.status == 503) {
      self->act(line, live, live->machine->failed(arrived.ack_key, now));
    } else {
      self->act(line, live, live->machine->committed(arrived.ack_key, response, now));
    }
    self->changed.notify();
  }

  static boost::asio::awaitable<void> tick(std::shared_ptr<Impl> self, std::shared_ptr<Line> line, std::shared_ptr<Live> live) {
    while (!live->ended) {
      live->asleep_until = live->machine->next_tick().value_or(TimePoint::max());
      std::optional<TimePoint> until;
      if (*live->asleep_until != TimePoint::max()) until = live->asleep_until;
      co_await live->alarm->wait(until);
      live->asleep_until.reset();
      if (!live->ended) self->act(line, live, live->machine->tick(self->time.now()));
    }
  }

  // ---- what is sent ----

  static boost::asio::awaitable<Receipt> carry(std::shared_ptr<Impl> self, AppId app, SocketFrame frame, TimePoint until) {
    const auto line = std::ranges::find(self->lines, app, [](const auto& one) { return one->state.app; });
    const auto live = line == self->lines.end() ? nullptr : (*line)->live;
    if (live == nullptr || live->ended || self->stopping) {
      Receipt none(Outcome::retry, "no connection stands");
      none.retry_after = without_connection;
      none.never_left = true;
      co_return none;
    }
    const auto mine = std::make_shared<Carried>(self->time);
    std::string key = std::to_string(++self->sends);
    live->carried.emplace(key, mine);
    auto actions = live->machine->send(key, std::move(frame), self->time.now());
    self->act(*line, live, std::move(actions));
    while (!mine->receipt && self->time.now() < until) co_await mine->alarm->wait(until);
    live->carried.erase(key);
    if (!mine->receipt) co_return Receipt(Outcome::unknown, "no acknowledgement in time");
    co_return std::move(*mine->receipt);
  }

  // ---- one connection ----

  static boost::asio::awaitable<Result<std::shared_ptr<Live>>> open(std::shared_ptr<Impl> self, std::shared_ptr<Line> line) {
    const auto live = std::make_shared<Live>(line->platform->make_stream(), self->time);
    line->longest_pause = live->machine->longest_pause();
    HttpResponse answer;
    if (auto request = live->machine->open_request()) {
      std::string origin = request->origin.empty() ? line->platform->origin() : request->origin;
      auto got = co_await self->transport.send(std::move(origin), std::move(*request), open_time);
      if (!got) co_return std::unexpected(got.error());
      answer = std::move(*got);
    }
    auto url = live->machine->endpoint(answer);
    if (const auto said = live->machine->comeback()) line->comeback = said;
    if (!url) {
      note_refusal(*line, *live->machine);
      co_return std::unexpected(url.error());
    }
    HttpResponse declined(0);
    auto socket = co_await self->dialer.dial(std::move(*url), open_time, declined);
    if (!socket) {
      const auto meant = declined.status == 0 ? std::nullopt : live->machine->declined(declined);
      note_refusal(*line, *live->machine);
      co_return std::unexpected(meant.value_or(socket.error()));
    }
    live->socket = std::move(*socket);
    co_return live;
  }

  /// Until it ends.
  static boost::asio::awaitable<void> serve(std::shared_ptr<Impl> self, std::shared_ptr<Line> line,
                                            std::shared_ptr<Live> live) {
    self->act(line, live, live->machine->opened(self->time.now()));
    boost::asio::co_spawn(self->executor, tick(self, line, live), boost::asio::detached);
    while (!live->ended) {
      auto frame = co_await live->socket->read();
      if (live->ended) break;
      if (frame) {
        self->act(line, live, live->machine->received(frame->bytes, frame->binary, self->time.now()));
      } else {
        live->end(frame.error().text);
      }
    }
  }

  Duration random_below(Duration limit) {
    return Duration(static_cast<Duration::rep>(rng.below(static_cast<std::uint64_t>(limit.count()))));
  }

  /// When the next one may be opened, if this one failed or ended so.
  TimePoint next_try(Line& line, Duration at_least) {
    const std::uint32_t doublings = std::min<std::uint32_t>(line.failures++, 6);
    const bool failed_before = doublings > 0;
    Duration pause = std::min<Duration>(line.longest_pause, first_pause * (1LL << doublings)) + random_below(first_pause);
    if (line.comeback && line.missed == 0) {
      // As the platform spreads its clients; one that ends as soon as it stands is not followed without pause.
      const Duration spread = random_below(line.comeback->spread + Duration{1});
      pause = failed_before ? std::max(pause, spread) : spread;
    } else if (line.comeback) {
      if (line.comeback->attempts >= 0 && line.missed >= line.comeback->attempts) line.state.refused = true;
      pause = line.comeback->between + random_below(first_pause);
    }
    if (line.state.refused) pause = line.state.again_every + random_below(first_pause);
    return time.now() + std::max(pause, at_least);
  }

  static boost::asio::awaitable<void> hold(std::shared_ptr<Impl> self, std::shared_ptr<Line> line) {
    while (!self->stopping) {
      Duration at_least{};
      bool orderly = false;
      auto opened = co_await open(self, line);
      if (self->stopping) {
        if (opened) (*opened)->end("stopping");
        break;
      }
      if (opened) {
        line->live = *opened;
        line->missed = 0;
        line->state.refused = false;
        co_await serve(self, line, line->live);
        if (line->state.open && self->time.now() - line->state.since >= steady_after) line->failures = 0;
        note_refusal(*line, *line->live->machine);
        note_taken(*line, self->time.now());
        at_least = line->live->again_after;
        if (const auto said = line->live->machine->comeback()) line->comeback = said;
        // A platform that asks again and again is not followed faster than one that fails.
        const TimePoint now = self->time.now();
        orderly = line->live->asked_to_leave && (!line->followed_at || now - *line->followed_at >= between_leaves);
        if (orderly) line->followed_at = now;
        self->turn(*line, false, line->live->why);
        line->live.reset();
        self->changed.notify();
      } else {
        ++line->missed;
        self->turn(*line, false, opened.error().text);
      }
      if (self->stopping) break;
      if (orderly) {
        log::info("stream.renewed", {{"app", line->state.app}, {"why", line->state.why}});
        continue;
      }
      log::warn("stream.closed", {{"app", line->state.app}, {"why", line->state.why}, {"in_a_row", line->failures + 1}});
      const TimePoint next = self->next_try(*line, at_least);
      co_await line->alarm->wait(next);
    }
    line->running = false;
    self->changed.notify();
  }

  static void note_refusal(Line& line, const StreamMachine& machine) {
    line.state.refused = machine.refused();
    line.state.again_every = machine.after_refusal();
  }
  static void note_taken(Line& line, TimePoint now) {
    if (line.live->taken) line.taken_at.push_back(now);
    if (line.taken_at.size() > taken_often) line.taken_at.pop_front();
  }
  [[nodiscard]] static bool fought_over(const Line& line, TimePoint now) {
    return line.taken_at.size() == taken_often && now - line.taken_at.front() < taken_within;
  }

  void turn(Line& line, bool open, std::string why) const {
    if (line.state.open != open) line.state.since = time.now();
    line.state.open = open;
    line.state.why = std::move(why);
  }

  static boost::asio::awaitable<void> run(std::shared_ptr<Impl> self) {
    for (const auto& line : self->lines) {
      line->running = true;
      boost::asio::co_spawn(self->executor, hold(self, line), boost::asio::detached);
    }
    while (self->running()) co_await self->changed.wait(std::nullopt);
  }
  [[nodiscard]] bool running() const { return std::ranges::any_of(lines, &Line::running); }
  [[nodiscard]] bool standing() const {
    return std::ranges::any_of(lines, [](const auto& line) { return line->live != nullptr; });
  }
  [[nodiscard]] bool busy() const {
    return std::ranges::any_of(lines, [](const auto& line) {
      return line->live != nullptr && !line->live->ended &&
             (line->live->handling > 0 || line->live->writing || !line->live->carried.empty());
    });
  }

  static boost::asio::awaitable<void> stop(std::shared_ptr<Impl> self) {
    self->stopping = true;
    const TimePoint until = self->time.now() + longest_stop;
    self->stop_by = until;
    for (const auto& line : self->lines) {
      // What rests belongs to the platform, whether a connection stands or not.
      const bool stands = line->live != nullptr && !line->live->ended;
      const auto live = stands ? line->live : std::make_shared<Live>(line->platform->make_stream(), self->time);
      self->act(line, live, live->machine->hurry());
    }
    while (self->busy() && self->time.now() < until) co_await self->changed.wait(until);
    for (const auto& line : self->lines) {
      line->alarm->ring();
      if (line->live != nullptr && !line->live->ended) line->live->socket->leave();
    }
    // Not every platform says again what nobody acknowledged: what it had sent is taken.
    const TimePoint heard_out = self->time.now() + last_words;
    while (self->standing() && self->time.now() < heard_out) co_await self->changed.wait(heard_out);
    while (self->handling > 0 && self->time.now() < until) co_await self->changed.wait(until);
    if (self->handling > 0) log::error("stream.stopped_early", {{"events", self->handling}});
    for (const auto& line : self->lines) {
      if (line->live != nullptr) line->live->end("stopping");
    }
    // One that is being opened ends with the client and the dialer, which their owner closes.
    while (self->standing()) co_await self->changed.wait(std::nullopt);
  }
};

Streams::Streams(boost::asio::any_io_executor executor, Transport& transport, Dialer& dialer, TimeSource& time, Intake& intake,
                 const Platforms& platforms, Rng rng)
    : impl_(std::make_shared<Impl>(std::move(executor), transport, dialer, time, intake, platforms, rng)) {}
Streams::~Streams() = default;

boost::asio::awaitable<void> Streams::run() { return Impl::run(impl_); }
boost::asio::awaitable<void> Streams::stop() { return Impl::stop(impl_); }
boost::asio::awaitable<Receipt> Streams::carry(AppId app, SocketFrame frame, TimePoint until) {
  return Impl::carry(impl_, std::move(app), std::move(frame), until);
}

std::vector<StreamState> Streams::states() const {
  std::vector<StreamState> states;
  for (const auto& line : impl_->lines) {
    states.push_back(line->state);
    states.back().fought_over = Impl::fought_over(*line, impl_->time.now());
  }
  return states;
}

}  // namespace xieban
