#include "bot/app/cli_serve.hpp"
#include "bot/app/exit_code.hpp"

#include <malloc.h>

#include <ostream>
#include <utility>

#include "bot/app/cli_check.hpp"
#include "bot/app/service.hpp"
#include "bot/base/crash_point.hpp"
#include "bot/base/log.hpp"
#include "bot/net/loop.hpp"

namespace xieban::app {

namespace {

/// A batch of a hundred decisions frees a few hundred KiB at once; by default glibc gives them back to the kernel and asks
/// for them again with the next batch, which costs a fifth of the writer's time (tests/bench/README.md).
void keep_freed_memory() {
#ifdef __GLIBC__
  mallopt(M_TRIM_THRESHOLD, 16 << 20);
  mallopt(M_TOP_PAD, 1 << 20);
#endif
}
}  // namespace

int run_serve(const ServeArgs& args, std::ostream& out, std::ostream& err) {
  if (!args.crash_at.empty() && !arm_crash_point(args.crash_at)) {
    err << "xieban serve: there is no place \"" << args.crash_at << "\" to crash at\n";
    return exit_code::wrong_usage;
  }
  ServiceOptions options;
  options.config_file = args.config;
  options.data = args.data;
  options.listen = args.listen;
  if (args.config.empty()) {
    options.loaded = config::sample();
  } else {
    config::World world = config::system_world();
    world.now = wall_now();
    const auto text = world.read_file(args.config);
    if (!text) {
      err << "xieban serve: the file " << args.config << " cannot be read\n";
      return exit_code::cannot;
    }
    auto loaded = config::load(*text, args.config, world);
    if (!loaded) {
      for (const auto& problem : loaded.error()) err << line_of(problem) << '\n';
      return exit_code::no;
    }
    options.loaded = std::move(*loaded);
  }
  if (args.playground) config::enable_playground(options.loaded.config);

  keep_freed_memory();
  log::start(log::Level::info);
  Service service(std::move(options));
  // One write: the log's thread writes to the same stream, and whoever waits for this line reads it whole.
  const auto ran = service.run([&out](const std::string& url) { out << "ready " + url + "\n" << std::flush; });
  log::stop();
  if (!ran) {
    err << "xieban serve: " << ran.error().text << '\n';
    return exit_code::cannot;
  }
  return exit_code::done;
}

}  // namespace xieban::app
