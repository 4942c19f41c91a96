#include "bot/net/server.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <charconv>
#include <unordered_set>

#include "bot/base/crash_point.hpp"
#include "bot/base/log.hpp"
#include "bot/net/admission.hpp"
#include "bot/net/session.hpp"
#include "bot/net/wire.hpp"

namespace xieban {

namespace asio = boost::asio;
using boost::system::error_code;
using tcp = asio::ip::tcp;

namespace {

// One timer looks at all connections; no operation has a timer of its own.
constexpr Duration sweep_every{250};
// Beyond the limit this many more are told so; the rest is closed without a word.
constexpr std::size_t refused_at_once = 64;
// While descriptors are used up, accepting again at once would only spin.
constexpr Duration accept_pause{100};
constexpr Duration drain_poll{10};

Result<tcp::endpoint> parse_endpoint(const std::string& address) {
  const auto bad = [&] { return std::unexpected(Error(Errc::bad_input, "not an address and a port: " + address)); };
  const std::size_t colon = address.rfind(':');
  if (colon == std::string::npos) return bad();
  std::string host = address.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  } else if (host.contains(':')) {
    return bad();
  }
  std::uint16_t port = 0;
  const char* const end = address.data() + address.size();
  const auto parsed = std::from_chars(address.data() + colon + 1, end, port);
  if (parsed.ec != std::errc() || parsed.ptr != end) return bad();
  error_code error;
  const auto ip = asio::ip::make_address(host, error);
  if (error) return bad();
  return tcp::endpoint(ip, port);
}

}  // namespace

struct Server::Impl : std::enable_shared_from_this<Server::Impl> {
  asio::any_io_executor executor;
  std::shared_ptr<ServerShared> shared;
  TlsFiles tls_files;
  std::unique_ptr<asio::ssl::context> tls;
  std::vector<std::unique_ptr<tcp::acceptor>> acceptors;
  std::unordered_set<std::shared_ptr<Session>> sessions;
  Admission admission;
  asio::steady_timer sweep_timer;
  bool sweeping = false;

  Impl(asio::any_io_executor e, const Router& router, Limits limits, Metrics& metrics, TlsFiles files)
      : executor(e),
        shared(std::make_shared<ServerShared>(e, router, limits, metrics)),
        tls_files(std::move(files)),
        admission(limits.connections),
        sweep_timer(e) {}

  Result<void> load_tls() {
    if (tls != nullptr || (tls_files.certificate.empty() && tls_files.key.empty())) return {};
    auto context = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
    error_code error;
    context->use_certificate_chain_file(tls_files.certificate, error);
    if (error) return std::unexpected(Error(Errc::bad_input, "certificate " + tls_files.certificate + ": " + error.message()));
    context->use_private_key_file(tls_files.key, asio::ssl::context::pem, error);
    if (error) return std::unexpected(Error(Errc::bad_input, "key " + tls_files.key + ": " + error.message()));
    if (SSL_CTX_check_private_key(context->native_handle()) != 1) {
      return std::unexpected(Error(Errc::bad_input, "key " + tls_files.key + " is not the certificate's"));
    }
    SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
    tls = std::move(context);
    return {};
  }

  Result<std::uint16_t> listen(const std::string& address) {
    const auto endpoint = parse_endpoint(address);
    if (!endpoint) return std::unexpected(endpoint.error());
    if (auto loaded = load_tls(); !loaded) return std::unexpected(loaded.error());
    auto acceptor = std::make_unique<tcp::acceptor>(executor);
    error_code error;
    acceptor->open(endpoint->protocol(), error);
    if (!error) acceptor->set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor->bind(*endpoint, error);
    if (!error) acceptor->listen(asio::socket_base::max_listen_connections, error);
    if (error) return std::unexpected(Error(Errc::network, "listen on " + address + ": " + error.message()));
    const std::uint16_t port = acceptor->local_endpoint(error).port();
    acceptors.push_back(std::move(acceptor));
    if (!sweeping) sweep();
    spawn(accept_loop(shared_from_this(), acceptors.back().get()), "http.accept");
    return port;
  }

  template <class Coroutine>
  void spawn(Coroutine coroutine, const char* what) {
    asio::co_spawn(executor, std::move(coroutine), [what](std::exception_ptr thrown) {
      if (!thrown) return;
      try {
        std::rethrow_exception(thrown);
      } catch (const std::exception& e) {
        log::error(what, {{"what", e.what()}});
      }
    });
  }

  /// `self` keeps the acceptor alive.
  static asio::awaitable<void> accept_loop(std::shared_ptr<Impl> self, tcp::acceptor* acceptor) {
    asio::steady_timer pause(self->executor);
    while (!self->shared->stopping) {
      error_code error;
      tcp::socket socket = co_await acceptor->async_accept(asio::redirect_error(asio::use_awaitable, error));
      if (self->shared->stopping) break;
      if (!error) {
        self->admit(std::move(socket));
      } else if (error != asio::error::connection_aborted) {
        log::warn("http.accept_failed", {{"error", error.message()}});
        pause.expires_after(accept_pause);
        co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
      }
    }
  }

  void admit(tcp::socket socket) {
    error_code error;
    const auto address = socket.remote_endpoint(error).address();
    if (error) return;  // gone already
    socket.non_blocking(true, error);
    socket.set_option(tcp::no_delay(true), error);
    pass(CrashPoint::accepted);
    const bool admitted = admission.enter(address);
    if (!admitted && sessions.size() >= admission.size() + refused_at_once) return;  // closes it
    auto session = std::make_shared<Session>(shared, std::move(socket), address.to_string());
    if (tls != nullptr) {
      session->link().tls = std::make_unique<asio::ssl::stream<tcp::socket&>>(session->link().socket, *tls);
    }
    sessions.insert(session);
    spawn(serve(shared_from_this(), std::move(session), address, admitted), "http.session_failed");
  }

  static asio::awaitable<void> serve(std::shared_ptr<Impl> self, std::shared_ptr<Session> session, asio::ip::address address,
                                     bool admitted) {
    // Leaves the books in order however the session ends.
    struct Leave {
      Impl& impl;
      const std::shared_ptr<Session>& session;
      const asio::ip::address& address;
      bool admitted;
      Leave(Impl& i, const std::shared_ptr<Session>& s, const asio::ip::address& a, bool in)
          : impl(i), session(s), address(a), admitted(in) {}
      Leave(const Leave&) = delete;
      Leave& operator=(const Leave&) = delete;
      ~Leave() {
        session->close();
        impl.sessions.erase(session);
        if (admitted) impl.admission.leave(address);
      }
    };
    const Leave leave(*self, session, address, admitted);
    if (admitted) {
      co_await Session::run(session);
    } else {
      co_await Session::refuse(session);
    }
  }

  void sweep() {
    sweeping = true;
    shared->date = wire::http_date(wall_now());
    const SteadyTime now = steady_now();
    for (const auto& session : sessions) session->check_deadline(now);
    sweep_timer.expires_after(sweep_every);
    sweep_timer.async_wait([weak = weak_from_this()](error_code error) {
      const auto self = weak.lock();
      if (self != nullptr && !error && self->sweeping) self->sweep();
    });
  }

  void stop_accepting() {
    shared->stopping = true;
    error_code ignored;
    for (const auto& acceptor : acceptors) acceptor->close(ignored);
  }

  static asio::awaitable<void> drain(std::shared_ptr<Impl> self) {
    self->stop_accepting();
    for (const auto& session : self->sessions) {
      if (session->idle()) session->close();
    }
    const SteadyTime until = steady_now() + self->shared->limits.drain;
    asio::steady_timer pause(self->executor);
    error_code ignored;
    while ((!self->sessions.empty() || self->shared->handlers > 0) && steady_now() < until) {
      pause.expires_after(drain_poll);
      co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
    self->close_all();
    while (!self->sessions.empty()) {  // each ends in its next turn of the loop
      pause.expires_after(drain_poll);
      co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
  }

  void close_all() {
    stop_accepting();
    shared->closed = true;
    sweeping = false;
    sweep_timer.cancel();
    for (const auto& session : sessions) session->close();
  }
};

Server::Server(asio::any_io_executor executor, const Router& router, Limits limits, Metrics& metrics, TlsFiles tls)
    : impl_(std::make_shared<Impl>(std::move(executor), router, limits, metrics, std::move(tls))) {}
Server::~Server() { impl_->close_all(); }

Result<std::uint16_t> Server::listen(const std::string& address) { return impl_->listen(address); }
asio::awaitable<void> Server::stop() { return Impl::drain(impl_); }
std::size_t Server::connections() const { return impl_->admission.size(); }

}  // namespace xieban
