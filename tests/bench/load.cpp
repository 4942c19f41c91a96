// xieban-load: signed, encrypted Feishu events at one HTTP server, as fast as it answers or at a fixed rate.
// Prints one JSON line: what was answered, how fast. Loopback only.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <deque>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/bench/feishu_event.hpp"

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Clock = std::chrono::steady_clock;
using nlohmann::json;

struct Options {
  std::string host = "127.0.0.1", path = "/hook/feishu/main";
  std::uint16_t port = 0;
  xieban::bench::EventOptions event;
  std::string text = "/备注 {} 压测";
  int connections = 64;
  int requests = 1;  // open requests the comments are spread over
  double seconds = 5;
  double rate = 0;  // events per second; 0: closed loop
  std::size_t prepare = 20000;
  std::string prefix = "om_load_";
};

std::string request_bytes(const Options& options, std::size_t index) {
  std::string said = options.text;
  const auto hole = said.find("{}");
  if (hole != std::string::npos) said.replace(hole, 2, std::to_string(index % static_cast<std::size_t>(options.requests) + 1));
  const auto event = xieban::bench::message_event(options.event, options.prefix + std::to_string(index), said);
  return "POST " + options.path + " HTTP/1.1\r\nHost: " + options.host +
         "\r\nContent-Type: application/json; charset=utf-8\r\nX-Lark-Request-Timestamp: " + event.timestamp +
         "\r\nX-Lark-Request-Nonce: " + event.nonce + "\r\nX-Lark-Signature: " + event.signature +
         "\r\nContent-Length: " + std::to_string(event.body.size()) + "\r\n\r\n" + event.body;
}

struct Run {
  explicit Run(const Options& o) : options(o) {}
  const Options& options;
  std::vector<std::string> prepared;
  std::size_t next = 0;
  std::size_t ok = 0, other = 0, failed = 0;
  std::vector<double> microseconds;
  Clock::time_point end;

  const std::string* take() {
    if (next >= prepared.size() || Clock::now() >= end) return nullptr;
    return &prepared[next++];
  }
};

/// Status of one answer; 0: the connection broke.
asio::awaitable<int> exchange(tcp::socket& socket, const std::string& bytes, std::string& buffer) {
  boost::system::error_code code;
  auto token = asio::redirect_error(asio::use_awaitable, code);
  const auto out = asio::buffer(bytes);
  co_await asio::async_write(socket, out, token);
  if (code) co_return 0;
  auto into = asio::dynamic_buffer(buffer);
  const std::size_t header = co_await asio::async_read_until(socket, into, "\r\n\r\n", token);
  if (code) co_return 0;
  std::size_t length = 0;
  const auto at = buffer.find("ontent-Length: ");
  if (at != std::string::npos && at < header) length = std::stoul(buffer.substr(at + 15));
  while (buffer.size() < header + length) {
    char more[4096];
    const auto space = asio::buffer(more);
    const std::size_t read = co_await socket.async_read_some(space, token);
    if (code) co_return 0;
    buffer.append(more, read);
  }
  const int status = std::stoi(buffer.substr(9, 3));
  buffer.erase(0, header + length);
  co_return status;
}

void count(Run& run, int status, Clock::time_point from) {
  if (status == 200) {
    ++run.ok;
    run.microseconds.push_back(std::chrono::duration<double, std::micro>(Clock::now() - from).count());
  } else if (status == 0) {
    ++run.failed;
  } else {
    ++run.other;
  }
}

asio::awaitable<void> client(Run& run, int index) {
  tcp::socket socket(co_await asio::this_coro::executor);
  boost::system::error_code code;
  auto token = asio::redirect_error(asio::use_awaitable, code);
  const tcp::endpoint endpoint(asio::ip::make_address(run.options.host), run.options.port);
  co_await socket.async_connect(endpoint, token);
  if (code) {
    ++run.failed;
    co_return;
  }
  socket.set_option(tcp::no_delay(true));
  std::string buffer;
  asio::steady_timer timer(co_await asio::this_coro::executor);
  const auto gap = std::chrono::duration<double>(run.options.rate > 0 ? run.options.connections / run.options.rate : 0);
  auto due = Clock::now() + std::chrono::duration_cast<Clock::duration>(gap * index / run.options.connections);
  for (;;) {
    if (run.options.rate > 0) {
      timer.expires_at(due);
      co_await timer.async_wait(token);
    }
    const std::string* bytes = run.take();
    if (bytes == nullptr) co_return;
    // From the instant it should have been sent: a server that stalls is not spared by a client that waits with it.
    const auto from = run.options.rate > 0 ? due : Clock::now();
    const int status = co_await exchange(socket, *bytes, buffer);
    count(run, status, from);
    if (status == 0) co_return;
    due += std::chrono::duration_cast<Clock::duration>(gap);
  }
}

double percentile(std::vector<double>& values, double share) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  return values[std::min(values.size() - 1, static_cast<std::size_t>(share * static_cast<double>(values.size())))];
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Signed Feishu events at a server on loopback.", "xieban-load");
  app.add_option("--port", options.port)->required();
  app.add_option("--path", options.path);
  app.add_option("--encrypt-key", options.event.encrypt_key);
  app.add_option("--token", options.event.token);
  app.add_option("--app-id", options.event.app_id);
  app.add_option("--user", options.event.user);
  app.add_option("--chat", options.event.chat);
  app.add_option("--text", options.text);
  app.add_option("--connections", options.connections);
  app.add_option("--requests", options.requests);
  app.add_option("--seconds", options.seconds);
  app.add_option("--rate", options.rate);
  app.add_option("--prepare", options.prepare);
  app.add_option("--prefix", options.prefix);
  CLI11_PARSE(app, argc, argv);

  Run run(options);
  run.prepared.reserve(options.prepare);
  for (std::size_t i = 0; i < options.prepare; ++i) run.prepared.push_back(request_bytes(options, i));
  std::cerr << "prepared" << std::endl;

  asio::io_context loop(1);
  run.microseconds.reserve(options.prepare);
  const auto begin = Clock::now();
  run.end = begin + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(options.seconds));
  for (int i = 0; i < options.connections; ++i) asio::co_spawn(loop, client(run, i), asio::detached);
  loop.run();
  const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  const json result = {{"ok", run.ok},
                       {"other", run.other},
                       {"failed", run.failed},
                       {"seconds", seconds},
                       {"per_second", static_cast<double>(run.ok) / seconds},
                       {"p50_us", percentile(run.microseconds, 0.5)},
                       {"p99_us", percentile(run.microseconds, 0.99)}};
  std::cout << result.dump() << std::endl;
  return 0;
}
