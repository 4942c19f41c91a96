#pragma once
// A loop in a thread, blocking sockets to talk to it, and certificates made on the spot.

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "bot/base/metrics.hpp"
#include "bot/net/client.hpp"
#include "bot/net/server.hpp"

namespace xieban::test {

/// An io_context with its thread.
class Loop {
 public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  boost::asio::any_io_executor executor() { return context_.get_executor(); }
  /// Runs on the loop's thread and waits for it.
  void call(std::function<void()>);
  template <class T>
  T run(boost::asio::awaitable<T> coroutine) {
    return start(std::move(coroutine)).get();
  }
  template <class T>
  std::future<T> start(boost::asio::awaitable<T> coroutine) {
    return boost::asio::co_spawn(context_, std::move(coroutine), boost::asio::use_future);
  }
  /// Ends the thread; what waits is destroyed with the context.
  void stop();

 private:
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::thread thread_;
};

/// A server on a free port. Routes are added before start().
class Site {
 public:
  explicit Site(Limits limits = {}, TlsFiles tls = {});
  ~Site();
  Site(const Site&) = delete;
  Site& operator=(const Site&) = delete;

  void start(const std::string& address = "127.0.0.1:0");
  [[nodiscard]] std::string origin(const std::string& scheme = "http", const std::string& host = "127.0.0.1") const;
  std::size_t connections();
  /// Waits until so many are connected, at most 5 s.
  bool reaches(std::size_t connections);

  Loop loop;
  Metrics metrics;
  Router router;
  std::unique_ptr<Server> server;
  std::uint16_t port = 0;

 private:
  Limits limits_;
  TlsFiles tls_;
};

/// A blocking client that sends whatever it is told to. Reads give up after 10 s.
class Peer {
 public:
  explicit Peer(std::uint16_t port);
  explicit Peer(int descriptor) : descriptor_(descriptor) {}  // of a Script
  ~Peer();
  Peer(Peer&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)), held_(std::move(other.held_)) {}
  Peer& operator=(Peer&&) = delete;

  /// False when the other side is gone.
  bool send(std::string_view);
  bool send_slowly(std::string_view);  // does not wait for room: false when there is none
  /// Everything up to the end of the connection.
  std::string read_all();
  /// One message: header and a body of Content-Length bytes; empty when the connection ended.
  std::string read_message(bool head_only = false);
  /// The other side has ended; true also after a reset.
  bool ended();
  void finish();  // no more from us
  void reset();   // closes with RST
  void close();
  [[nodiscard]] int descriptor() const { return descriptor_; }

 private:
  bool more();
  int descriptor_;
  std::string held_;
};

/// A server of our own making: each connection runs the function with its number, in a thread.
class Script {
 public:
  using Play = std::function<void(Peer&, int number)>;
  explicit Script(Play);
  ~Script();
  Script(const Script&) = delete;
  Script& operator=(const Script&) = delete;
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string origin() const { return "http://127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] int connections() const { return connections_; }

 private:
  Play play_;
  std::uint16_t port_ = 0;
  int listener_;
  std::atomic<int> connections_ = 0;
  std::vector<std::thread> players_;
  std::thread acceptor_;
};

/// A port nobody listens on.
std::uint16_t dead_port();
std::size_t resident_bytes();
/// Room for that many descriptors, if the system allows it.
bool allow_descriptors(std::size_t);

struct CertificateFiles {
  std::string folder;
  std::string roots;                                // the test's own root, PEM
  TlsFiles good, expired, wrong_host, self_signed;  // good: localhost and 127.0.0.1
  TlsFiles unknown_authority;                       // signed by another root
};
/// Made once per process.
const CertificateFiles& certificates();

int status_of(std::string_view message);
bool has_header(std::string_view message, std::string_view line);  // "Connection: close"
std::string body_of(std::string_view message);

}  // namespace xieban::test
