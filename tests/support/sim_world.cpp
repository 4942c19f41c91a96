#include "tests/support/sim_world.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <stdexcept>
#include <utility>

#include "storage/memory/memory_store.hpp"
#include "storage/sqlite/sqlite_store.hpp"

namespace xieban::testing {
namespace {

constexpr Duration poll{3600LL * 1000};  // nothing else writes to this store

boost::asio::awaitable<void> give(Intake& intake, const Platform& platform, HttpRequest request,
                                  std::function<void(HttpResponse)> then) {
  HttpResponse response = co_await intake.receive(platform, std::move(request));
  then(std::move(response));
}

}  // namespace

SimWorld::SimWorld(SimOptions options)
    : options_(std::move(options)), platform_(std::make_shared<FakePlatform>(fake_app, options_.traits)) {
  start(options_.start);
}

SimWorld::~SimWorld() = default;

void SimWorld::start(TimePoint now) {
  auto next = std::make_unique<Process>();
  auto& executor = next->context;
  next->time = std::make_unique<SimTime>(executor, now);
  next->metrics = std::make_unique<Metrics>();
  next->rules = std::make_unique<RulesBox>(company_rules(options_.traits));
  const Traits traits = options_.traits;
  const SameKey same_key = [traits](const AppId&, const ChannelId& id) {
    const Channel* channel = traits.channel(id);
    return channel != nullptr && channel->same_key ? *channel->same_key : Duration{0};
  };
  std::unique_ptr<Store> store;
  if (options_.file.empty()) {
    store = make_memory_store(executor.get_executor(), same_key);
  } else {
    SqliteOptions sqlite;
    sqlite.loop = sqlite.writer = sqlite.reader = executor.get_executor();
    sqlite.lock = false;
    sqlite.now = now;
    sqlite.same_key = same_key;
    auto opened = open_sqlite(options_.file, std::move(sqlite));
    if (!opened) throw std::runtime_error("the store does not open: " + opened.error().text);
    store = std::move(*opened);
  }
  next->store = std::make_unique<FaultyStore>(std::move(store), *next->time, log_);
  if (transport_)
    transport_->use(*next->time);
  else
    transport_ = std::make_unique<FakeTransport>(*next->time);
  next->platforms.emplace(fake_app, platform_);
  const std::uint64_t seed = options_.seed + 1000 * ++starts_;
  next->sender = std::make_unique<Sender>(executor.get_executor(), *transport_, *next->time, *next->metrics);
  next->outbox = std::make_unique<Outbox>(executor.get_executor(), *next->store, *next->sender, next->platforms, *next->time,
                                          *next->rules, *next->metrics, options_.backoff, Rng(seed));
  next->outbox->poll_every(poll);
  if (!options_.lease_holder.empty()) next->outbox->use_leases(options_.lease_holder + std::to_string(starts_));
  Outbox& outbox = *next->outbox;
  next->waker = std::make_unique<Waker>(*next->store, *next->time, *next->rules, *next->metrics, [&outbox] { outbox.ring(); });
  next->waker->poll_every(poll);
  Waker& waker = *next->waker;
  outbox.before_claims([&waker] { return waker.catch_up(Duration{5000}); });
  next->intake = std::make_unique<Intake>(*next->store, *next->time, *next->rules, *next->metrics, Rng(seed + 1),
                                          [&outbox, &waker](const Work& work) {
                                            outbox.notice(work);
                                            waker.notice(work);
                                          });
  ChoreSettings settings;
  settings.backup_minute = -1;
  settings.on_commit = [&outbox, &waker] {
    outbox.ring();
    waker.ring();
  };
  next->chores = std::make_unique<Chores>(*next->store, *next->time, *next->rules, *next->metrics, *next->intake,
                                          next->platforms, std::move(settings));
  process_ = std::move(next);
  if (options_.background) {
    boost::asio::co_spawn(process_->context, process_->waker->run(), boost::asio::detached);
    boost::asio::co_spawn(process_->context, process_->outbox->run(), boost::asio::detached);
  }
  time().run_ready();
}

std::string SimWorld::next_key(std::string key) {
  if (!key.empty()) return key;
  return "event-" + std::to_string(++events_);
}

HttpResponse SimWorld::say(const std::string& user, const std::string& chat, const std::string& text, std::string key) {
  return receive(said(next_key(std::move(key)), user, chat, text, chat.starts_with("p:")));
}

HttpResponse SimWorld::press(const std::string& user, const std::string& chat, CardId card, const std::string& action,
                             std::string key, const std::map<std::string, std::vector<std::string>>& inputs) {
  return receive(pressed(next_key(std::move(key)), user, chat, card, action, 0, inputs));
}

HttpResponse SimWorld::receive(HttpRequest request) {
  HttpResponse response = time().run(intake().receive(*platform_, std::move(request)));
  time().run_ready();
  return response;
}

void SimWorld::receive_later(HttpRequest request, std::function<void(HttpResponse)> then) {
  boost::asio::co_spawn(process_->context, give(intake(), *platform_, std::move(request), std::move(then)),
                        boost::asio::detached);
}

void SimWorld::stop() {
  intake().stop();
  run(waker().stop());
  run(outbox().stop());
  run(process_->store->close());
}

void SimWorld::restart() {
  stop();
  kill();
}

void SimWorld::kill(Duration down) {
  if (options_.file.empty()) throw std::logic_error("a store in memory does not survive");
  const TimePoint now = time().now() + down;
  process_.reset();
  start(now);
}

std::optional<Request> SimWorld::request(std::uint64_t id) {
  Load load;
  load.requests.emplace_back(id);
  auto loaded = run(store().inner().load(std::move(load)));
  if (!loaded || !*loaded || (*loaded)->requests.empty()) return std::nullopt;
  return (*loaded)->requests.front();
}

std::vector<Stamped> SimWorld::history(std::uint64_t id) {
  auto entries = run(store().inner().history(RequestId(id)));
  if (!entries) throw std::runtime_error(entries.error().text);
  return *entries;
}

Stats SimWorld::stats() {
  auto stats = run(store().inner().stats());
  if (!stats) throw std::runtime_error(stats.error().text);
  return *stats;
}

void SimWorld::post(Intent intent) {
  Load nothing;
  Decide put = [intent = std::move(intent)](const Snapshot&) {
    ChangeSet changes;
    changes.intents.push_back(intent);
    return changes;
  };
  auto done = run(store().inner().transact(std::move(nothing), std::move(put), time().now()));
  if (!done) throw std::runtime_error(done.error().text);
  outbox().ring();
  time().run_ready();
}

TemporaryFolder::TemporaryFolder() {
  // In memory where the system offers it: these tests flush thousands of times and measure nothing.
  const std::filesystem::path memory = "/dev/shm";
  const auto base = std::filesystem::is_directory(memory) ? memory : std::filesystem::temp_directory_path();
  std::string pattern = (base / "xieban-test-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace xieban::testing
