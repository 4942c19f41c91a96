#include "bot/net/client.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <unordered_set>
#include <vector>

#include "bot/base/crash_point.hpp"
#include "bot/net/deadline.hpp"
#include "bot/net/dial.hpp"
#include "bot/net/gate.hpp"
#include "bot/net/link.hpp"
#include "bot/net/loop.hpp"
#include "bot/net/wire.hpp"

namespace xieban {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;
using tcp = asio::ip::tcp;

namespace {

// Shorter than what servers keep idle connections for, so that reuse seldom meets a closing one.
constexpr Duration idle_time{30000};
constexpr std::size_t read_bytes = 16 * 1024;
constexpr Duration longest_call{3600000};

struct Connection {
  std::unique_ptr<Link> link;
  boost::beast::flat_buffer input;
  SteadyTime idle_since{};
  bool used = false;  // has answered before

  explicit Connection(std::unique_ptr<Link> l) : link(std::move(l)) {}
  /// The peer has neither closed nor said anything while nobody asked.
  [[nodiscard]] bool quiet() {
    error_code error;
    std::array<char, 1> byte{};
    link->socket.non_blocking(true, error);
    link->socket.receive(asio::buffer(byte), tcp::socket::message_peek, error);
    return error == asio::error::would_block;
  }
};
using ConnectionPtr = std::unique_ptr<Connection>;

/// In line for a slot of a pool.
struct Waiter {
  Gate gate;
  bool granted = false, gone = false;
  ConnectionPtr connection;  // granted with an idle connection, or only with the right to open one
};

struct Pool {
  std::size_t open = 0;  // in use or idle
  std::vector<ConnectionPtr> idle;
  std::deque<std::shared_ptr<Waiter>> line;
};

/// Why an exchange failed, and whether anything of an answer had come.
struct Broken {
  Error error;
  bool silent;
  Broken(Error e, bool s) : error(std::move(e)), silent(s) {}
};

std::string reason_of(error_code error) {
  if (error == http::error::body_limit) return "answer: body too long";
  if (error == http::error::header_limit) return "answer: header too long";
  if (error == http::error::partial_message || error == http::error::end_of_stream) return "answer: cut short";
  return "answer: " + error.message();
}

}  // namespace

struct Client::Impl : std::enable_shared_from_this<Client::Impl> {
  asio::any_io_executor executor;
  ClientLimits limits;
  asio::ssl::context tls;
  std::map<std::string, std::shared_ptr<Pool>, std::less<>> pools;
  std::unordered_set<Deadline*> calls;
  asio::steady_timer prune_timer;
  bool pruning = false, closed = false;

  Impl(asio::any_io_executor e, ClientLimits l, const std::string& extra_roots)
      : executor(e), limits(l), tls(make_client_tls(extra_roots)), prune_timer(e) {}

  /// A slot of a pool, with a connection or without one yet; gives it back when it goes.
  class Slot {
   public:
    Slot(std::shared_ptr<Impl> impl, std::shared_ptr<Pool> pool, ConnectionPtr held)
        : connection(std::move(held)), impl_(std::move(impl)), pool_(std::move(pool)) {}
    Slot(Slot&&) = default;
    Slot& operator=(Slot&&) = delete;
    Slot(const Slot&) = delete;
    Slot& operator=(const Slot&) = delete;
    ~Slot() {
      if (impl_ != nullptr) impl_->give_back(*pool_, reusable ? std::move(connection) : nullptr);
    }
    ConnectionPtr connection;
    bool reusable = false;

   private:
    std::shared_ptr<Impl> impl_;
    std::shared_ptr<Pool> pool_;
  };

  /// The slot goes to who is next in line, or the connection to the idle ones, or both end.
  void give_back(Pool& pool, ConnectionPtr connection) {
    while (!pool.line.empty()) {
      const std::shared_ptr<Waiter> next = std::move(pool.line.front());
      pool.line.pop_front();
      if (next->gone) continue;
      next->granted = true;
      next->connection = std::move(connection);
      next->gate.open();
      return;
    }
    if (connection != nullptr && !closed && pool.idle.size() < limits.idle_per_origin) {
      connection->idle_since = steady_now();
      pool.idle.push_back(std::move(connection));
      if (!pruning) prune();
      return;
    }
    --pool.open;
  }

  /// Closes what has been idle for long, while there is anything idle.
  void prune() {
    const SteadyTime before = steady_now() - idle_time;
    pruning = false;
    for (const auto& [origin, pool] : pools) {
      pool->open -=
          std::erase_if(pool->idle, [&](const ConnectionPtr& connection) { return connection->idle_since <= before; });
      pruning = pruning || !pool->idle.empty();
    }
    std::erase_if(pools, [](const auto& item) { return item.second->open == 0 && item.second->line.empty(); });
    if (!pruning) return;
    prune_timer.expires_after(idle_time / 2);
    prune_timer.async_wait([weak = weak_from_this()](error_code error) {
      const auto self = weak.lock();
      if (self != nullptr && !error) self->prune();
    });
  }

  void close() {
    closed = true;
    prune_timer.cancel();
    for (const auto& [origin, pool] : pools) {
      pool->open -= pool->idle.size();
      pool->idle.clear();
    }
    const std::unordered_set<Deadline*> under_way = calls;
    for (Deadline* call : under_way) call->end();
  }

  std::shared_ptr<Pool> pool_of(const Origin& origin) {
    auto& pool = pools[(origin.tls ? "https://" : "http://") + origin.host + " " + origin.port];
    if (pool == nullptr) pool = std::make_shared<Pool>();
    return pool;
  }

  Error timed_out(const char* where) const {
    if (closed) return Error(Errc::shutting_down, std::string(where) + ": the client is closed");
    return Error(Errc::timed_out, std::string(where) + ": no answer in time");
  }

  /// A slot, at once or when one is given back. All arguments outlive the call, which the caller awaits in place.
  static asio::awaitable<Result<Slot>> take_slot(std::shared_ptr<Impl> self, std::shared_ptr<Pool> pool, Deadline& deadline,
                                                 SteadyTime until, bool fresh) {
    const SteadyTime oldest = steady_now() - idle_time;
    while (!pool->idle.empty()) {
      ConnectionPtr connection = std::move(pool->idle.back());
      pool->idle.pop_back();
      if (!fresh && connection->idle_since > oldest && connection->quiet()) {
        co_return Slot(self, pool, std::move(connection));
      }
      --pool->open;
    }
    if (pool->open < self->limits.open_per_origin) {
      ++pool->open;
      co_return Slot(self, pool, nullptr);
    }
    const auto waiter = std::make_shared<Waiter>();
    // If this coroutine is ended while it waits, what was granted must not be lost.
    struct InLine {
      Impl& impl;
      Pool& pool;
      Waiter& waiter;
      InLine(Impl& i, Pool& p, Waiter& w) : impl(i), pool(p), waiter(w) {}
      InLine(const InLine&) = delete;
      InLine& operator=(const InLine&) = delete;
      ~InLine() {
        if (waiter.gone) return;
        waiter.gone = true;
        if (waiter.granted) impl.give_back(pool, std::move(waiter.connection));
      }
    };
    const InLine in_line(*self, *pool, *waiter);
    pool->line.push_back(waiter);
    const Deadline::Armed armed(deadline, until, [waiter] { waiter->gate.open(); });
    co_await waiter->gate.wait();
    if (!waiter->granted) {
      std::erase(pool->line, waiter);
      co_return std::unexpected(self->timed_out("connect"));
    }
    waiter->gone = true;  // the slot is ours from here
    ConnectionPtr connection = std::move(waiter->connection);
    if (connection != nullptr && (fresh || !connection->quiet())) connection = nullptr;
    co_return Slot(self, pool, std::move(connection));
  }

  /// Writes the request and reads the answer. `keep`: the connection may serve another one.
  static asio::awaitable<std::expected<HttpResponse, Broken>> exchange(std::shared_ptr<Impl> self, Connection& connection,
                                                                       const std::string& head, const HttpRequest& request,
                                                                       bool& keep) {
    const std::array<asio::const_buffer, 2> parts{asio::buffer(head), asio::buffer(request.body)};
    error_code write_error;
    co_await connection.link->write(parts, write_error);
    pass(CrashPoint::written);
    // Even if not all could be written: a server that refuses early has answered.
    bool silent = true;
    for (;;) {
      http::response_parser<http::string_body> parser;
      parser.header_limit(static_cast<std::uint32_t>(self->limits.header_bytes));
      parser.body_limit(self->limits.body_bytes);
      parser.skip(request.method == "HEAD");
      parser.eager(true);
      error_code error;
      while (!parser.is_done()) {
        if (wire::may_parse(parser, connection.input.size())) {
          const std::size_t used = parser.put(connection.input.cdata(), error);
          connection.input.consume(used);
          if (error && error != http::error::need_more) break;
          error = {};
          if (parser.is_done()) break;
          if (connection.input.size() > self->limits.header_bytes) {
            error = http::error::header_limit;
            break;
          }
        }
        const asio::mutable_buffer space = connection.input.prepare(read_bytes);
        const std::size_t count = co_await connection.link->read_some(space, error);
        connection.input.commit(count);
        if (count > 0) silent = false;
        if (!error) continue;
        // An answer without a length ends with the connection; with TLS only if the end is said, not cut.
        if (error == asio::error::eof && parser.got_some()) parser.put_eof(error);
        if (error) break;
      }
      if (error) {
        if (silent && write_error) error = write_error;
        const std::string why = silent ? "no answer: " + error.message() : reason_of(error);
        co_return std::unexpected(Broken(Error(Errc::network, why), silent));
      }
      auto& message = parser.get();
      if (message.result_int() / 100 == 1 && message.result_int() != 101) continue;  // "100 Continue": the answer follows
      HttpResponse response;
      response.status = static_cast<int>(message.result_int());
      for (const auto& field : message) response.headers.add(std::string(field.name_string()), std::string(field.value()));
      response.body = std::move(message.body());
      keep = parser.keep_alive() && !write_error && connection.input.size() == 0;
      pass(CrashPoint::replied);
      co_return response;
    }
  }

  static asio::awaitable<Result<HttpResponse>> send(std::shared_ptr<Impl> self, std::string where, HttpRequest request,
                                                    Duration timeout) {
    const SteadyTime until = steady_now() + std::min(timeout, longest_call);
    if (self->closed) co_return std::unexpected(self->timed_out("connect"));
    const auto origin = parse_origin(where);
    if (!origin) co_return std::unexpected(origin.error());
    const std::optional<std::string> head = wire::request_head(request, origin->authority);
    if (!head) co_return not_sent(Errc::bad_input, "the request cannot be written as a header");
    const auto deadline = std::make_shared<Deadline>(self->executor);
    struct UnderWay {
      Impl& impl;
      Deadline* deadline;
      UnderWay(Impl& i, Deadline* d) : impl(i), deadline(d) { impl.calls.insert(d); }
      UnderWay(const UnderWay&) = delete;
      UnderWay& operator=(const UnderWay&) = delete;
      ~UnderWay() { impl.calls.erase(deadline); }
    };
    const UnderWay under_way(*self, deadline.get());
    const std::shared_ptr<Pool> pool = self->pool_of(*origin);
    for (bool fresh = false;; fresh = true) {
      auto slot = co_await take_slot(self, pool, *deadline, until, fresh);
      if (!slot) co_return std::unexpected(slot.error());
      if (slot->connection == nullptr) {
        auto link = co_await dial(self->executor, self->tls, *origin, *deadline, until, self->limits.connect);
        if (!link && link.error().code == Errc::timed_out) co_return std::unexpected(self->timed_out("connect"));
        if (!link) co_return std::unexpected(link.error());
        slot->connection = std::make_unique<Connection>(std::move(*link));
      }
      Connection& connection = *slot->connection;
      const bool reused = connection.used;
      const Deadline::Armed armed(*deadline, until, [&connection] { connection.link->close(); });
      bool keep = false;
      auto answer = co_await exchange(self, connection, *head, request, keep);
      const bool late = deadline->passed();
      if (answer) {
        connection.used = true;
        slot->reusable = keep && !late;
        co_return std::move(*answer);
      }
      if (late) co_return std::unexpected(self->timed_out("answer"));
      const bool again = reused && !fresh && answer.error().silent && request.repeatable;
      if (!again) co_return std::unexpected(answer.error().error);
    }
  }
};

Client::Client(asio::any_io_executor executor, ClientLimits limits, std::string extra_roots)
    : impl_(std::make_shared<Impl>(std::move(executor), limits, extra_roots)) {}
Client::~Client() { impl_->close(); }

asio::awaitable<Result<HttpResponse>> Client::send(std::string origin, HttpRequest request, Duration timeout) {
  return Impl::send(impl_, std::move(origin), std::move(request), timeout);
}

void Client::close() { impl_->close(); }

}  // namespace xieban
