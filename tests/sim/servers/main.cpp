// xieban-sim: the chat platforms as real servers on loopback, for tests, benchmarks and rehearsals.
#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <fstream>
#include <iostream>
#include <sstream>

#include "bot/net/client.hpp"
#include "tests/sim/servers/control.hpp"
#include "tests/sim/servers/dingtalk.hpp"
#include "tests/sim/servers/feishu.hpp"
#include "tests/sim/servers/wecom.hpp"

namespace {

constexpr int usage_error = 2;
constexpr int cannot = 3;

struct Options {
  std::string address = "127.0.0.1:0", world, to;
  std::uint64_t seed = 1;
};

std::string read_world(const std::string& file_name, xieban::sim::World& world) {
  std::ifstream file(file_name);
  std::stringstream text;
  text << file.rdbuf();
  const auto parsed = nlohmann::json::parse(text.str(), nullptr, false);
  return file ? world.put(parsed) : "cannot be read";
}

template <class Platform>
int serve(const Options& options) {
  boost::asio::io_context loop(1);
  xieban::ClientLimits limits;
  limits.open_per_origin = 256;
  limits.idle_per_origin = 256;
  xieban::Client client(loop.get_executor(), limits);
  xieban::sim::Stage stage(loop.get_executor(), Platform::usual_world(), options.seed);
  Platform platform(stage);
  xieban::sim::Simulator simulator(stage, platform, client, options.to);
  if (!options.world.empty()) {
    const std::string problem = read_world(options.world, stage.world);
    if (!problem.empty()) {
      std::cerr << options.world << ": " << problem << "\n";
      return cannot;
    }
  }
  xieban::sim::Listener listener(
      loop.get_executor(), [&](xieban::HttpRequest request) { return simulator.handle(std::move(request)); },
      [&](const xieban::HttpRequest& request, xieban::HttpResponse& refusal) { return simulator.upgrade(request, refusal); });
  const auto port = listener.listen(options.address);
  if (!port) {
    const bool wrong = port.error().code == xieban::Errc::bad_input;
    std::cerr << port.error().text << "\n" << (wrong ? "Run with --help for more information.\n" : "");
    return wrong ? usage_error : cannot;
  }
  stage.url = "http://" + options.address.substr(0, options.address.rfind(':')) + ":" + std::to_string(*port);
  std::cout << "ready " + stage.url + "/\n" << std::flush;
  boost::asio::signal_set signals(loop, SIGTERM, SIGINT);
  signals.async_wait([&](boost::system::error_code, int) { loop.stop(); });
  loop.run();
  return 0;
}

CLI::App* platform_command(CLI::App& app, const char* name, const char* description, Options& options) {
  CLI::App* command = app.add_subcommand(name, description);
  command->add_option("--listen", options.address, "ADDR:PORT")->required();
  command->add_option("--world", options.world, "people, chats and credentials as JSON");
  command->add_option("--to", options.to, "base URL of the bot, for events");
  command->add_option("--seed", options.seed, "of ids");
  return command;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Plays a chat platform: its API with limits and faults, its events.", "xieban-sim");
  Options options;
  platform_command(app, "feishu", "Feishu, events posted or over the long connection", options);
  const CLI::App* dingtalk = platform_command(app, "dingtalk", "DingTalk, both hosts and the Stream gateway", options);
  const CLI::App* wecom = platform_command(app, "wecom", "WeCom, its API, callbacks and long connections", options);
  app.require_subcommand(1);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : usage_error;
  }
  if (dingtalk->parsed()) return serve<xieban::sim::DingTalk>(options);
  if (wecom->parsed()) return serve<xieban::sim::WeCom>(options);
  return serve<xieban::sim::Feishu>(options);
}
