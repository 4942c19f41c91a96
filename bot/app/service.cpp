#include "bot/app/service.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdlib>
#include <optional>
#include <utility>

#include "adapters/dingtalk/platform.hpp"
#include "adapters/feishu/platform.hpp"
#include "adapters/playground/platform.hpp"
#include "adapters/wecom/platform.hpp"
#include "bot/app/alarm_bell.hpp"
#include "bot/app/backups.hpp"
#include "bot/app/card_callbacks.hpp"
#include "bot/app/exit_code.hpp"
#include "bot/app/gallery.hpp"
#include "bot/app/platform_settings.hpp"
#include "bot/app/playground_room.hpp"
#include "bot/app/probes.hpp"
#include "bot/base/clock_guard.hpp"
#include "bot/base/log.hpp"
#include "bot/base/rng.hpp"
#include "bot/engine/chores.hpp"
#include "bot/engine/intake.hpp"
#include "bot/engine/offset_time.hpp"
#include "bot/engine/outbox.hpp"
#include "bot/engine/sender.hpp"
#include "bot/engine/streams.hpp"
#include "bot/engine/waker.hpp"
#include "bot/net/client.hpp"
#include "bot/net/ending.hpp"
#include "bot/net/loop.hpp"
#include "bot/net/server.hpp"
#include "bot/net/web_socket.hpp"
#include "bot/web/playground_api.hpp"
#include "bot/web/playground_world.hpp"
#include "storage/sqlite/sqlite_store.hpp"

namespace xieban::app {

namespace asio = boost::asio;

namespace {

/// Sends each origin's calls where they belong: the playground's stay in the process.
class SwitchTransport final : public Transport {
 public:
  SwitchTransport(Transport& network, Transport* playground) : network_(network), playground_(playground) {}
  asio::awaitable<Result<HttpResponse>> send(std::string origin, HttpRequest request, Duration timeout) override {
    Transport& through = playground_ != nullptr && origin.starts_with("playground:") ? *playground_ : network_;
    return through.send(std::move(origin), std::move(request), timeout);
  }

 private:
  Transport& network_;
  Transport* playground_;
};

bool loopback(const std::string& listen) { return listen.starts_with("127.") || listen.starts_with("[::1]"); }

std::string host_of(const std::string& listen) { return listen.substr(0, listen.rfind(':')); }

// After a long outage the answers to people wait no longer than this for what fell due meanwhile.
constexpr Duration longest_catch_up{5000};

// From the signal to the end: ten seconds are promised. First what comes in ends, then what goes out.
constexpr Duration connections_end{5500};
constexpr Duration sends_end{8000};
constexpr Duration process_ends{9000};
constexpr Duration log_is_written{200};

RulesPtr finished_rules(const config::Config& config, const Platforms& platforms) {
  auto rules = std::make_shared<Rules>(config.rules);
  rules->public_url = config.server.public_url;
  const bool wants_groups = std::ranges::any_of(rules->types, [](const auto& type) { return type->own_group; });
  for (const auto& [app, platform] : platforms) {
    rules->traits[app] = platform->traits();
    if (wants_groups && platform->traits().groups() == nullptr) log::info("groups.none", {{"app", app}});
    rules->bot_names[app] = "协办";
  }
  Organisation organisation = *rules->organisation;
  for (const auto& [app, traits] : rules->traits)
    if (traits.caseless_users) organisation.caseless.insert(app);
  rules->organisation = std::make_shared<const Organisation>(std::move(organisation));
  for (const auto& feishu : config.feishu) rules->bot_names[AppId("feishu:" + feishu.id)] = feishu.bot_name;
  for (const auto& wecom : config.wecom) {
    if (wecom.bot) rules->bot_names[AppId("wecom:" + wecom.id)] = wecom.bot->name;
  }
  return rules;
}

void report(const std::vector<config::Problem>& problems) {
  for (const auto& problem : problems) {
    const auto tell = problem.error ? log::error : log::warn;
    tell("config.problem", {{"file", problem.file}, {"line", problem.line}, {"key", problem.key}, {"text", problem.text}});
  }
}

}  // namespace

Result<std::filesystem::path> sqlite_file(const std::string& url, const std::filesystem::path& data) {
  constexpr std::string_view scheme = "sqlite:";
  if (!url.starts_with(scheme)) {
    return std::unexpected(Error(Errc::storage, "storage.url: only sqlite: is supported by this version, not " + url));
  }
  std::filesystem::path file = url.substr(scheme.size());
  return file.is_absolute() ? file : data / file;
}

struct Service::Impl {
  explicit Impl(ServiceOptions o) : options(std::move(o)) {}

  ServiceOptions options;
  asio::io_context loop{1};
  asio::thread_pool writer{1};
  asio::thread_pool readers{2};
  Metrics metrics;
  std::unique_ptr<TimeSource> system_time;
  std::unique_ptr<OffsetTime> time;
  std::unique_ptr<Store> store;
  Platforms platforms;
  std::unique_ptr<RulesBox> rules;
  std::unique_ptr<Ailments> ailments;
  std::unique_ptr<Client> client;
  std::unique_ptr<PlaygroundWorld> world;
  std::unique_ptr<SwitchTransport> transport;
  std::unique_ptr<Sender> sender;
  std::unique_ptr<Outbox> outbox;
  std::unique_ptr<Waker> waker;
  std::unique_ptr<Intake> intake;
  std::unique_ptr<ContactBook> contacts;
  std::unique_ptr<WebSockets> sockets;
  std::unique_ptr<Streams> streams;
  std::unique_ptr<Chores> chores;
  std::unique_ptr<AlarmBell> bell;
  std::unique_ptr<CardCallbacks> callbacks;
  std::unique_ptr<PlaygroundRoom> room;
  Router router;
  std::unique_ptr<Probes> probes;
  std::unique_ptr<Server> server;
  std::unique_ptr<LagProbe> lag;
  std::optional<Error> failure;

  [[nodiscard]] const config::Config& config() const { return options.loaded.config; }
  [[nodiscard]] bool playground() const { return config().playground.enabled; }

  void ring() {
    outbox->ring();
    waker->ring();
  }

  Result<void> open();
  void wire();
  void add_routes();
  asio::awaitable<HttpResponse> receive(std::string kind, HttpRequest, Params);
  Result<std::string> listen();
  asio::awaitable<void> serve(std::function<void(const std::string&)> ready);
  asio::awaitable<void> watch_signals();
  /// What is on disk is unknown: nothing may be answered with success any more.
  void disk_failed(const Error&);
  asio::awaitable<void> stop();
  /// Before anything runs: lets the loop end.
  asio::awaitable<void> give_up();
  asio::awaitable<Result<void>> backup(std::string name);
  void reload();
  /// Nothing fires by a clock that jumped until it is confirmed; people should look at it meanwhile.
  void clock_jumped(Duration off);
  std::optional<asio::signal_set> signals;
  bool stopping = false;
  std::optional<LastResort> last_words, last_resort;
};

void Service::Impl::clock_jumped(Duration off) {
  const std::string seconds = std::to_string(off.count() / 1000);
  log::error("clock.jumped", {{"off_s", off.count() / 1000}});
  if (!bell || stopping) return;
  const std::string minutes = std::to_string(ClockGuard::confirmed.count() / 60000);
  bell->tell_soon(Phrase("bell.clock_jumped", {{"seconds", seconds}, {"minutes", minutes}}));
}

Result<void> Service::Impl::open() {
  auto file = sqlite_file(config().storage.url, options.data);
  if (!file) return std::unexpected(file.error());
  std::error_code code;
  const bool existed = std::filesystem::exists(options.data, code);
  std::filesystem::create_directories(options.data, code);
  if (code) return std::unexpected(Error(Errc::storage, "cannot create " + options.data.string() + ": " + code.message()));
  if (!existed) std::filesystem::permissions(options.data, std::filesystem::perms::owner_all, code);

  SqliteOptions how;
  how.loop = loop.get_executor();
  how.writer = writer.get_executor();
  how.reader = readers.get_executor();
  how.now = wall_now();
  how.on_broken = [this](const Error& error) { disk_failed(error); };
  how.metrics = &metrics;
  how.same_key = [this](const AppId& app, const ChannelId& id) {
    const auto platform = platforms.find(app);
    const Channel* channel = platform == platforms.end() ? nullptr : platform->second->traits().channel(id);
    return channel == nullptr ? Duration{0} : channel->same_key.value_or(Duration{0});
  };
  how.stopwatch = [begun = steady_now()] { return std::chrono::duration<double>(steady_now() - begun).count(); };
  auto opened = open_sqlite(*file, std::move(how));
  if (!opened) return std::unexpected(opened.error());
  store = std::move(*opened);
  return {};
}

void Service::Impl::wire() {
  system_time = make_system_time(loop.get_executor(), [this](Duration off) { clock_jumped(off); });
  time = std::make_unique<OffsetTime>(*system_time);
  ailments = std::make_unique<Ailments>(*time);
  if (playground()) {
    auto platform = std::make_shared<PlaygroundPlatform>();
    platforms.emplace(platform->app(), platform);
  }
  for (const auto& one : config().feishu) {
    auto platform = std::make_shared<feishu::FeishuPlatform>(settings_of(one));
    platforms.emplace(platform->app(), platform);
  }
  for (const auto& one : config().dingtalk) {
    auto settings = settings_of(one, config().server.public_url);
    auto platform = std::make_shared<dingtalk::DingTalkPlatform>(std::move(settings), Rng(random_seed()));
    platforms.emplace(platform->app(), platform);
  }
  for (const auto& one : config().wecom) {
    auto platform = std::make_shared<wecom::WeComPlatform>(settings_of(one), Rng(random_seed()));
    platforms.emplace(platform->app(), platform);
  }
  rules = std::make_unique<RulesBox>(finished_rules(config(), platforms));
  client = std::make_unique<Client>(loop.get_executor(), ClientLimits{});
  if (playground()) world = std::make_unique<PlaygroundWorld>(*store, *time);
  transport = std::make_unique<SwitchTransport>(*client, world.get());
  sender = std::make_unique<Sender>(loop.get_executor(), *transport, *time, metrics);
  const Backoff backoff;
  outbox = std::make_unique<Outbox>(loop.get_executor(), *store, *sender, platforms, *time, *rules, metrics, backoff,
                                    Rng(random_seed()));
  waker = std::make_unique<Waker>(*store, *time, *rules, metrics, [this] { outbox->ring(); });
  outbox->report_to(*ailments);
  outbox->before_claims([this] { return waker->catch_up(longest_catch_up); });
  intake = std::make_unique<Intake>(*store, *time, *rules, metrics, Rng(random_seed()), [this](const Work& work) {
    outbox->notice(work);
    waker->notice(work);
  });
  contacts = std::make_unique<ContactBook>(*store, *sender, *time, *rules, platforms);
  intake->acquaint(*contacts);
  intake->report_to(*ailments);
  intake->forget_before(config().storage.keep_inbox, *system_time);
  outbox->ask_who_is_absent(
      [this](ChatRef chat, std::vector<PersonRef> people) { return contacts->absent(std::move(chat), std::move(people)); });
  sockets = std::make_unique<WebSockets>(loop.get_executor(), WebSocketLimits{});
  streams = std::make_unique<Streams>(loop.get_executor(), *client, *sockets, *time, *intake, platforms, Rng(random_seed()));
  sender->use(*streams);
  ChoreSettings settings;
  settings.keep_inbox = config().storage.keep_inbox;
  settings.backup_minute = backup_minute(config().storage.backup.at);
  settings.backup = [this](std::string name) { return backup(std::move(name)); };
  settings.on_commit = [this] { ring(); };
  chores = std::make_unique<Chores>(*store, *time, *rules, metrics, *intake, platforms, std::move(settings));
  bell = std::make_unique<AlarmBell>(*store, *time, *rules, config().alarm, *sender, *streams, *ailments, *client,
                                     [this] { ring(); });
  outbox->on_budget_level([this](const BudgetUse& use) {
    bell->tell_soon(Phrase("bell.budget",
                           {{"app", use.app.value}, {"used", std::to_string(use.used)}, {"limit", std::to_string(use.limit)}}));
  });
  callbacks = std::make_unique<CardCallbacks>(config(), *transport, *time, *ailments);
  if (playground())
    room = std::make_unique<PlaygroundRoom>(*store, *time, *rules, *intake, *waker, *outbox,
                                            *platforms.at(AppId("playground:main")));
  report(options.loaded.warnings);
  probes = std::make_unique<Probes>(*store, *time, *rules, *sender, *streams, *outbox, *contacts, *ailments, metrics,
                                    options.loaded.warnings);
  intake->tell_alarms([this](const AppId& app, const std::string& what) {
    bell->tell_soon(Phrase("bell.app", {{"app", app.value}, {"what", what}}));
  });
  intake->ask_ailments_of([this] { return probes->ailments(); });
  lag = std::make_unique<LagProbe>(loop.get_executor(), metrics);
}

void Service::Impl::add_routes() {
  probes->add_routes(router);
  const bool has_playground = playground();
  const bool has_board = !config().server.public_url.empty();
  router.add("GET", "/", [has_playground, has_board](HttpRequest, Params) -> asio::awaitable<HttpResponse> {
    HttpResponse answer(302);
    if (has_playground) {
      answer.headers.set("Location", "/playground/");
    } else if (has_board) {
      answer.headers.set("Location", "/board");
    } else {
      answer.status = 404;
    }
    co_return answer;
  });
  const auto hook = [this](std::string kind) -> Handler {
    return [this, kind](HttpRequest request, Params params) -> asio::awaitable<HttpResponse> {
      return receive(kind, std::move(request), std::move(params));
    };
  };
  router.add("POST", "/hook/feishu/{app}", hook("feishu"));
  for (const char* channel : {"robot", "event", "card"})
    router.add("POST", std::string("/hook/dingtalk/{app}/") + channel, hook("dingtalk"));
  for (const char* channel : {"app", "bot"}) {
    for (const char* method : {"GET", "POST"}) router.add(method, std::string("/hook/wecom/{app}/") + channel, hook("wecom"));
  }
  if (has_playground) {
    PlaygroundSettings settings;
    settings.allow_remote = config().playground.allow_remote;
    settings.gallery = gallery;
    add_playground(router, *room, *world, settings);
  }
}

asio::awaitable<HttpResponse> Service::Impl::receive(std::string kind, HttpRequest request, Params params) {
  const auto found = platforms.find(AppId(kind + ":" + params.at("app")));
  if (found == platforms.end()) co_return HttpResponse(404);
  co_return co_await intake->receive(*found->second, std::move(request));
}

Result<std::string> Service::Impl::listen() {
  const std::string& address = options.listen.empty() ? config().server.listen : options.listen;
  if (playground() && !config().playground.allow_remote && !loopback(address)) {
    return std::unexpected(Error(Errc::network, "the playground has no login: it listens on loopback addresses only (" +
                                                    address + "); set playground.allow_remote = true to allow others"));
  }
  TlsFiles tls;
  tls.certificate = config().server.certificate;
  tls.key = config().server.key;
  Limits limits;
  // Turning the playground's clock by a month plays a month; the hooks keep their platforms' deadlines themselves.
  if (playground()) limits.handler = Duration{120000};
  server = std::make_unique<Server>(loop.get_executor(), router, limits, metrics, tls);
  auto port = server->listen(address);
  if (!port) return std::unexpected(port.error());
  const std::string scheme = tls.certificate.empty() ? "http://" : "https://";
  return scheme + host_of(address) + ":" + std::to_string(*port) + "/";
}

void Service::Impl::reload() {
  if (options.config_file.empty()) {
    log::warn("config.reload", {{"outcome", "no configuration file"}});
    return;
  }
  config::World from = config::system_world();
  from.now = time->now();
  const auto text = from.read_file(options.config_file);
  if (!text) {
    log::error("config.reload",
               {{"outcome", "kept the old one"}, {"reason", "cannot read the file"}, {"file", options.config_file}});
    return;
  }
  auto loaded = config::load(*text, options.config_file, from);
  if (!loaded) {
    report(loaded.error());
    log::error("config.reload", {{"outcome", "kept the old one"}, {"problems", loaded.error().size()}});
    return;
  }
  // Only the rules change without a restart; listeners, stores and apps keep what they were started with. So does the
  // playground, which the file need not know of: everybody stays in it.
  if (playground()) config::enable_playground(loaded->config);
  options.loaded.config.rules = loaded->config.rules;
  options.loaded.config.alarm = loaded->config.alarm;
  options.loaded.warnings = loaded->warnings;
  report(options.loaded.warnings);
  rules->set(finished_rules(config(), platforms));
  bell->set(config().alarm);
  // Whoever is new in it, or has another number, is looked for.
  for (const auto& [app, platform] : platforms) contacts->look_again(app);
  probes->set_warnings(options.loaded.warnings);
  ring();
  log::info("config.reload", {{"outcome", "ok"}, {"warnings", loaded->warnings.size()}});
}

asio::awaitable<Result<void>> Service::Impl::backup(std::string name) {
  const auto file = sqlite_file(config().storage.url, options.data);
  // The file's paths start at its own folder already; the sample has none.
  std::filesystem::path folder = config().storage.backup.folder;
  if (options.config_file.empty()) folder = options.data / folder;
  const int keep = config().storage.backup.keep;
  const std::string source = file->string();
  const std::string target = (folder / name).string();
  co_return co_await make_backup(readers.get_executor(), source, target, keep);
}

asio::awaitable<void> Service::Impl::give_up() {
  lag.reset();
  sockets->close();
  client->close();
  co_await store->close();
}

asio::awaitable<void> Service::Impl::stop() {
  if (stopping) co_return;
  stopping = true;
  log::info("service.stopping");
  const SteadyTime begun = steady_now();
  // Then the process ends where it stands: what was answered is on disk, and the next start settles what was under way.
  last_words.emplace(process_ends, [] { log::warn("service.end_forced"); });
  const int code = failure ? exit_code::cannot : exit_code::done;
  last_resort.emplace(process_ends + log_is_written, [code] { std::_Exit(code); });
  Endings incoming(loop.get_executor());
  incoming.start("streams", streams->stop());
  incoming.start("server", server->stop());
  co_await incoming.by(begun + connections_end);
  intake->stop();
  bell->stop();
  callbacks->stop();
  contacts->stop();
  Endings outgoing(loop.get_executor());
  outgoing.start("intake", intake->idle());
  outgoing.start("waker", waker->stop());
  outgoing.start("chores", chores->stop());
  outgoing.start("outbox", outbox->stop());
  co_await outgoing.by(begun + sends_end);
  // Together: an attempt that is cut off must not be settled as one that never left.
  sockets->close();
  client->close();
  lag.reset();
  co_await store->close();
  if (signals) signals->cancel();
}

void Service::Impl::disk_failed(const Error& error) {
  log::error("store.broken", {{"error", error.text}});
  failure = error;
  asio::co_spawn(loop, stop(), asio::detached);
}

asio::awaitable<void> Service::Impl::watch_signals() {
  while (!stopping) {
    boost::system::error_code code;
    auto token = asio::redirect_error(asio::use_awaitable, code);
    const int signal = co_await signals->async_wait(token);
    if (code) co_return;
    if (signal == SIGHUP) {
      reload();
    } else {
      co_await stop();
    }
  }
}

asio::awaitable<void> Service::Impl::serve(std::function<void(const std::string&)> ready) {
  if (playground()) {
    auto restored = co_await room->restore_clock();
    if (!restored) {
      failure = restored.error();
      co_await give_up();
      co_return;
    }
  }
  // Whoever is to be told something at once may be known by their account alone.
  co_await learn_directory(*store, *rules);
  add_routes();
  const auto url = listen();
  if (!url) {
    failure = url.error();
    co_await give_up();
    co_return;
  }
  signals.emplace(loop, SIGTERM, SIGINT, SIGHUP);
  asio::co_spawn(loop, watch_signals(), asio::detached);
  asio::co_spawn(loop, waker->run(), asio::detached);
  asio::co_spawn(loop, outbox->run(), asio::detached);
  asio::co_spawn(loop, chores->run(), asio::detached);
  asio::co_spawn(loop, bell->run(), asio::detached);
  asio::co_spawn(loop, streams->run(), asio::detached);
  asio::co_spawn(loop, callbacks->run(), asio::detached);
  asio::co_spawn(loop, contacts->run(), asio::detached);
  const bool is_ready = co_await probes->ready();
  if (!is_ready) log::warn("service.not_ready");
  log::info("service.ready", {{"url", *url}});
  ready(*url);
}

Service::Service(ServiceOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Service::~Service() = default;

Result<void> Service::run(const std::function<void(const std::string& url)>& ready) {
  if (auto opened = impl_->open(); !opened) return opened;
  impl_->wire();
  asio::co_spawn(impl_->loop, impl_->serve(ready), [this](std::exception_ptr failed) {
    if (failed) std::rethrow_exception(failed);
  });
  impl_->loop.run();
  impl_->writer.join();
  impl_->readers.join();
  if (impl_->failure) return std::unexpected(*impl_->failure);
  return {};
}

}  // namespace xieban::app
