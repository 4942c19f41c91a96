// xieban-fill: copies the newest request of a database many times, each with its own number, history, chain and card, so
// that a benchmark has as many open requests as it likes. The rows are made by the store's own rules and codec.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <iostream>
#include <vector>

#include "storage/snapshot.hpp"
#include "storage/sqlite/session.hpp"
#include "storage/unit.hpp"

namespace {

using namespace xieban;

struct Options {
  std::string file;
  std::uint64_t copies = 1;
  std::uint64_t due = 0;      // how many of the last copies wake at an instant of their own
  std::int64_t due_in_s = 0;  // from now
};

constexpr std::uint64_t per_commit = 1000;

void shift(Clock& clock, Duration by) {
  clock.start += by;
  if (clock.target) *clock.target += by;
}
void shift(Request& request, Duration by) {
  request.raised_at += by;
  for (auto& clock : request.clocks) shift(clock, by);
}

struct Original {
  Snapshot snapshot;
  std::vector<Stamped> history;
  std::vector<CardHandle> cards;
  std::optional<TimePoint> wake_at;
};

Event copy_of(Event event, RequestId id, Duration by) {
  if (auto* raised = std::get_if<Raised>(&event)) {
    auto as = std::make_shared<Request>(*raised->as);
    as->id = id;
    shift(*as, by);
    raised->as = std::move(as);
  } else if (auto* started = std::get_if<ClockStarted>(&event)) {
    shift(started->clock, by);
  }
  return event;
}

ChangeSet copy_of(const Original& original, RequestId id, Duration by) {
  RequestChange change;
  change.request = original.snapshot.requests.front();
  change.request.id = id;
  shift(change.request, by);
  change.wake_at = original.wake_at ? std::optional(*original.wake_at + by) : std::nullopt;
  for (auto entry : original.history) {
    entry.request = id;
    entry.event = copy_of(std::move(entry.event), id, by);
    change.entries.push_back(std::move(entry));
  }
  ChangeSet changes;
  changes.requests.push_back(std::move(change));
  return changes;
}

CardHandle copy_of(CardHandle card, RequestId id, CardId own) {
  card.id = own;
  card.request = id;
  std::visit(
      [id](auto& effect) {
        if constexpr (requires { effect.request = id; }) effect.request = id;
      },
      card.effect);
  return card;
}

int fill(const Options& options) {
  sqlite::Session session(options.file, [](const AppId&, const ChannelId&) { return Duration(0); }, {});
  session.group_begins();
  const RequestId first(static_cast<std::uint64_t>(session.connection().number("SELECT max(id) FROM request").value_or(0)));
  Original original;
  Load load;
  load.requests = {first};
  load.cards_of = {first};
  load.history = first;
  original.snapshot = load_snapshot(session.reads(), load);
  if (original.snapshot.requests.empty()) {
    std::cerr << "xieban-fill: there is no request to copy\n";
    return 1;
  }
  original.history = original.snapshot.history;
  original.cards = original.snapshot.cards;
  original.wake_at = session.writes().projection(first)->wake_at;
  const auto now = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
  const Duration to_due = original.wake_at ? now + std::chrono::seconds(options.due_in_s) - *original.wake_at : Duration(0);
  auto card = static_cast<std::uint64_t>(
      session.connection().number("SELECT max(max(id), (SELECT max(id) FROM outbox)) FROM card").value_or(0));

  for (std::uint64_t done = 0; done < options.copies;) {
    session.connection().run("BEGIN IMMEDIATE");
    auto books = session.books();
    for (const auto until = std::min(options.copies, done + per_commit); done < until; ++done) {
      const RequestId id(first.value + done + 1);
      const Duration by = options.copies - done <= options.due ? to_due : Duration(0);
      const auto made = transact(
          books, Load{}, [&](const Snapshot&) { return copy_of(original, id, by); }, now);
      if (!made) {
        std::cerr << "xieban-fill: " << made.error().text << '\n';
        return 1;
      }
      for (const auto& one : original.cards) session.writes().put_card(copy_of(one, id, CardId(++card)));
    }
    session.connection().run("COMMIT");
  }
  session.connection().db().exec("PRAGMA wal_checkpoint(TRUNCATE)");
  std::cout << "filled " << options.copies << " cards " << original.cards.size() << std::endl;
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Copies the newest request of a database that nobody serves.", "xieban-fill");
  app.add_option("file", options.file)->required();
  app.add_option("--copies", options.copies)->required();
  app.add_option("--due", options.due, "so many of them fall due together");
  app.add_option("--due-in", options.due_in_s, "seconds from now");
  CLI11_PARSE(app, argc, argv);
  return fill(options);
}
