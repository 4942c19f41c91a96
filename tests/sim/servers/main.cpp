// xieban-sim: the chat platforms as real servers on loopback, for tests, benchmarks and rehearsals.
#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <fstream>
#include <iostream>
#include <sstream>

#include "bot/net/client.hpp"
#include "tests/sim/servers/control.hpp"

namespace {

constexpr int usage_error = 2;
constexpr int cannot = 3;

int serve(const std::string& address, const std::string& world_file, const std::string& to, std::uint64_t seed) {
  boost::asio::io_context loop(1);
  xieban::ClientLimits limits;
  limits.open_per_origin = 256;
  limits.idle_per_origin = 256;
  xieban::Client client(loop.get_executor(), limits);
  xieban::sim::Simulator simulator(loop.get_executor(), client, to, seed);
  if (!world_file.empty()) {
    std::ifstream file(world_file);
    std::stringstream text;
    text << file.rdbuf();
    const auto world = nlohmann::json::parse(text.str(), nullptr, false);
    const std::string problem = file ? simulator.world().put(world) : "cannot be read";
    if (!problem.empty()) {
      std::cerr << world_file << ": " << problem << "\n";
      return cannot;
    }
  }
  xieban::sim::Listener listener(loop.get_executor(),
                                 [&](xieban::HttpRequest request) { return simulator.handle(std::move(request)); });
  const auto port = listener.listen(address);
  if (!port) {
    std::cerr << port.error().text << "\n";
    return cannot;
  }
  std::cout << "ready http://" + address.substr(0, address.rfind(':')) + ":" + std::to_string(*port) + "/\n" << std::flush;
  boost::asio::signal_set signals(loop, SIGTERM, SIGINT);
  signals.async_wait([&](boost::system::error_code, int) { loop.stop(); });
  loop.run();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Plays a chat platform: its API with limits and faults, its events.", "xieban-sim");
  std::string address = "127.0.0.1:0";
  std::string world;
  std::string to;
  std::uint64_t seed = 1;
  CLI::App* feishu = app.add_subcommand("feishu", "Feishu, webhook side");
  feishu->add_option("--listen", address, "ADDR:PORT")->required();
  feishu->add_option("--world", world, "people, chats and credentials as JSON");
  feishu->add_option("--to", to, "base URL of the bot, for events");
  feishu->add_option("--seed", seed, "of ids");
  app.require_subcommand(1);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : usage_error;
  }
  return serve(address, world, to, seed);
}
