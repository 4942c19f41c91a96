#include "bot/app/cli_store.hpp"
#include "bot/app/exit_code.hpp"

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <expected>
#include <optional>
#include <ostream>
#include <utility>

#include "bot/app/cli_check.hpp"
#include "bot/app/service.hpp"
#include "bot/net/loop.hpp"
#include "storage/sqlite/offline.hpp"
#include "storage/sqlite/sqlite_store.hpp"

namespace xieban::app {

namespace {

int failed(std::ostream& err, const char* command, const Error& why) {
  err << "xieban " << command << ": " << why.text << '\n';
  return exit_code::cannot;
}

/// The database that these arguments mean; after saying why there is none, what the command ends with.
std::expected<std::filesystem::path, int> database(const StoreArgs& args, const char* command, std::ostream& err) {
  std::string url = "sqlite:xieban.db";
  if (!args.config_file.empty()) {
    config::World world = config::system_world();
    world.secrets = config::World::Secrets::may_be_unset;
    const auto text = world.read_file(args.config_file);
    if (!text) {
      err << "xieban " << command << ": the file " << args.config_file << " cannot be read\n";
      return std::unexpected(exit_code::cannot);
    }
    const auto loaded = config::load(*text, args.config_file, world);
    if (!loaded) {
      for (const auto& problem : loaded.error()) err << line_of(problem) << '\n';
      return std::unexpected(exit_code::no);
    }
    url = loaded->config.storage.url;
  }
  auto file = sqlite_file(url, args.data);
  if (!file) return std::unexpected(failed(err, command, file.error()));
  return *file;
}

boost::asio::awaitable<void> run_again(Store& store, std::string id, TimePoint now, Result<void>& result) {
  result = co_await store.retry(std::move(id), now);
  co_await store.close();
}

}  // namespace

int run_backup(const StoreArgs& args, const std::string& file, std::ostream& out, std::ostream& err) {
  const auto source = database(args, "backup", err);
  if (!source) return source.error();
  const auto made = backup_sqlite(*source, file);
  if (!made) return failed(err, "backup", made.error());
  out << fmt::format("ok {} {} sha256:{}\n", file, made->bytes, made->sha256.value);
  return exit_code::done;
}

int run_restore(const StoreArgs& args, const std::string& file, std::ostream& out, std::ostream& err) {
  const auto restored = restore_sqlite(file, args.data);
  if (!restored) return failed(err, "restore", restored.error());
  out << fmt::format("restored {}, {} sends held\n", to_rfc3339(restored->as_of), restored->held);
  return exit_code::done;
}

int run_verify_history(const StoreArgs& args, const std::string& anchor_file, std::ostream& out, std::ostream& err) {
  const auto file = database(args, "verify-history", err);
  if (!file) return file.error();
  std::optional<std::string> anchors;
  if (!anchor_file.empty()) {
    anchors = config::system_world().read_file(anchor_file);
    if (!anchors) {
      err << "xieban verify-history: the file " << anchor_file << " cannot be read\n";
      return exit_code::cannot;
    }
  }
  const auto report = verify_sqlite_history(*file, anchors);
  if (!report) return failed(err, "verify-history", report.error());
  for (const HistoryFault& fault : report->faults)
    out << fmt::format("bad {} entry {}: {}\n", fault.request, fault.seq, fault.reason);
  if (!report->faults.empty()) return exit_code::no;
  out << fmt::format("ok {} entries, {} chains, anchor sha256:{}\n", report->entries, report->chains, report->anchor.value);
  return exit_code::done;
}

int run_retry(const StoreArgs& args, const std::string& id, std::ostream& out, std::ostream& err) {
  const auto file = database(args, "retry", err);
  if (!file) return file.error();
  if (!std::filesystem::exists(*file))
    return failed(err, "retry", Error(Errc::not_found, "there is no database " + file->string()));
  boost::asio::io_context loop;
  SqliteOptions options;
  options.loop = options.writer = options.reader = loop.get_executor();
  options.lock = false;
  options.now = wall_now();
  auto store = open_sqlite(*file, std::move(options));
  if (!store) return failed(err, "retry", store.error());
  Result<void> result;
  boost::asio::co_spawn(loop, run_again(**store, id, wall_now(), result), [](std::exception_ptr thrown) {
    if (thrown) std::rethrow_exception(thrown);
  });
  loop.run();
  if (!result) return failed(err, "retry", result.error());
  out << "ok\n";
  return exit_code::done;
}

}  // namespace xieban::app
