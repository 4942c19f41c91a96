#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "bot/base/metrics.hpp"
#include "bot/net/gate.hpp"
#include "bot/net/limits.hpp"
#include "bot/net/link.hpp"
#include "bot/net/loop.hpp"
#include "bot/net/router.hpp"

namespace xieban {

/// What all sessions of a server share. Lives as long as any of them.
struct ServerShared {
  boost::asio::any_io_executor executor;
  const Router& router;
  Limits limits;
  Metrics& metrics;
  std::string date;          // of the last sweep
  bool stopping = false;     // finish what is under way, then close
  bool closed = false;       // the router may be gone
  std::size_t handlers = 0;  // running, those that are late included

  ServerShared(boost::asio::any_io_executor e, const Router& r, Limits l, Metrics& m)
      : executor(std::move(e)), router(r), limits(l), metrics(m) {}
};

/// One connection, from its first byte to its last. All on the loop's thread.
class Session {
 public:
  Session(std::shared_ptr<ServerShared>, boost::asio::ip::tcp::socket, std::string remote);

  Link& link() { return link_; }
  /// Until the connection is closed; `self` keeps the session alive meanwhile.
  static boost::asio::awaitable<void> run(std::shared_ptr<Session> self);
  /// Beyond the limit of connections: 503, then closed.
  static boost::asio::awaitable<void> refuse(std::shared_ptr<Session> self);
  /// Called by the sweep: ends what took too long.
  void check_deadline(SteadyTime now);
  /// Nothing of a request has been read.
  [[nodiscard]] bool idle() const { return phase_ == Phase::idle; }
  void close();

 private:
  enum class Phase { idle, header, body, handler, write, linger };
  struct Call;     // a handler at work
  struct Message;  // the parser; Beast stays in session.cpp

  void enter(Phase, Duration);
  boost::asio::awaitable<bool> receive(std::size_t at_most);
  [[nodiscard]] std::string_view input() const;
  boost::asio::awaitable<int> read_header(Message&);
  boost::asio::awaitable<int> read_body(Message&, HttpRequest&);
  boost::asio::awaitable<HttpResponse> handle(HttpRequest);
  boost::asio::awaitable<bool> send(HttpResponse, bool without_body, bool keep_alive);
  boost::asio::awaitable<void> finish();
  static boost::asio::awaitable<void> run_handler(std::shared_ptr<ServerShared>, std::shared_ptr<Call>, HttpRequest);

  std::shared_ptr<ServerShared> shared_;
  Link link_;
  std::string remote_;
  Phase phase_ = Phase::idle;
  SteadyTime deadline_ = SteadyTime::max();
  std::shared_ptr<Call> call_;
  boost::beast::flat_buffer input_;  // read and not yet used
  std::size_t requests_ = 0;
  unsigned version_ = 11;  // of the request being answered
};

}  // namespace xieban
