#include "tests/sim/servers/listener.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <charconv>
#include <utility>

namespace xieban::sim {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;

namespace {

constexpr std::size_t most_body = 16 * 1024 * 1024;

std::string bytes_of(const HttpResponse& response) {
  std::string out = "HTTP/1.1 " + std::to_string(response.status) + " Sim\r\n";
  bool has_length = false;
  for (const auto& [name, value] : response.headers.all()) {
    out += name + ": " + value + "\r\n";
    has_length = has_length || name == "Content-Length";
  }
  if (!has_length) out += "Content-Length: " + std::to_string(response.body.size()) + "\r\n";
  return out + "\r\n" + response.body;
}

HttpRequest plain(http::request<http::string_body>&& from) {
  HttpRequest request(std::string(from.method_string()), std::string(from.target()));
  for (const auto& field : from) request.headers.add(std::string(field.name_string()), std::string(field.value()));
  request.body = std::move(from.body());
  return request;
}

void reset(tcp::socket& socket) {
  boost::system::error_code ignored;
  socket.set_option(asio::socket_base::linger(true, 0), ignored);
  socket.close(ignored);
}

/// False: the connection is over.
asio::awaitable<bool> write_answer(tcp::socket& socket, Answer answer) {
  std::string bytes = answer.chunk_of_garbage ? std::string("\x16\x03\x01 this is no HTTP at all") : bytes_of(answer.response);
  boost::system::error_code code;
  auto token = asio::redirect_error(asio::use_awaitable, code);
  switch (answer.wire) {
    case Wire::reset:
      reset(socket);
      co_return false;
    case Wire::hang: {
      // Until the peer gives up: it closes, and this read ends.
      char byte = 0;
      const auto buffer = asio::buffer(&byte, 1);
      co_await socket.async_read_some(buffer, token);
      co_return false;
    }
    case Wire::trickle:
      for (const char& byte : bytes) {
        const auto one = asio::buffer(&byte, 1);
        co_await asio::async_write(socket, one, token);
        if (code) co_return false;
        co_await pause_for(answer.pause);
      }
      co_return true;
    case Wire::cut:
      bytes.resize(bytes.size() / 2);
      break;
    case Wire::whole:
      break;
  }
  const auto all = asio::buffer(bytes);
  co_await asio::async_write(socket, all, token);
  co_return !code && answer.wire == Wire::whole && !answer.chunk_of_garbage;
}

asio::awaitable<void> serve(tcp::socket socket, Handle handle, Upgrade upgrade) {
  boost::beast::flat_buffer buffer;
  for (bool alive = true; alive;) {
    http::request_parser<http::string_body> parser;
    parser.body_limit(most_body);
    boost::system::error_code code;
    auto token = asio::redirect_error(asio::use_awaitable, code);
    co_await http::async_read(socket, buffer, parser, token);
    if (code) co_return;
    const bool keep = parser.get().keep_alive();
    const bool wants_socket = boost::beast::iequals(parser.get()[http::field::upgrade], "websocket");
    HttpRequest request = plain(parser.release());
    const auto peer = socket.remote_endpoint(code);
    if (!code) request.remote = peer.address().to_string();
    if (wants_socket) {
      Answer refusal;
      auto user = upgrade(request, refusal.response);
      if (!user) {
        co_await write_answer(socket, std::move(refusal));
      } else {
        co_await serve_websocket(std::move(socket), std::move(request), std::move(user));
      }
      co_return;
    }
    Answer answer = co_await handle(std::move(request));
    alive = co_await write_answer(socket, std::move(answer)) && keep;
  }
}

}  // namespace

asio::awaitable<void> pause_for(std::chrono::milliseconds time) {
  const auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor, time);
  boost::system::error_code code;
  auto token = asio::redirect_error(asio::use_awaitable, code);
  co_await timer.async_wait(token);
}

struct Listener::Impl : std::enable_shared_from_this<Impl> {
  Impl(asio::any_io_executor executor, Handle h, Upgrade u) : acceptor(executor), handle(std::move(h)), upgrade(std::move(u)) {}
  tcp::acceptor acceptor;
  Handle handle;
  Upgrade upgrade;

  static asio::awaitable<void> accept(std::shared_ptr<Impl> self) {
    while (self->acceptor.is_open()) {
      boost::system::error_code code;
      auto token = asio::redirect_error(asio::use_awaitable, code);
      tcp::socket socket = co_await self->acceptor.async_accept(token);
      if (code == asio::error::operation_aborted) co_return;
      if (code) continue;
      socket.set_option(tcp::no_delay(true), code);
      const auto executor = self->acceptor.get_executor();
      asio::co_spawn(executor, serve(std::move(socket), self->handle, self->upgrade), asio::detached);
    }
  }
};

Listener::Listener(asio::any_io_executor executor, Handle handle, Upgrade upgrade)
    : impl_(std::make_shared<Impl>(executor, std::move(handle), std::move(upgrade))) {}

Listener::~Listener() {
  boost::system::error_code ignored;
  impl_->acceptor.close(ignored);
}

Result<std::uint16_t> Listener::listen(const std::string& address) {
  const auto colon = address.rfind(':');
  boost::system::error_code code;
  const auto host = asio::ip::make_address(address.substr(0, colon), code);
  const std::string digits = colon == std::string::npos ? "" : address.substr(colon + 1);
  std::uint16_t port = 0;
  const char* const end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, port);
  if (code || read.ec != std::errc() || read.ptr != end)
    return std::unexpected(Error(Errc::bad_input, "not ADDR:PORT: " + address));
  const tcp::endpoint endpoint(host, port);
  auto& acceptor = impl_->acceptor;
  acceptor.open(endpoint.protocol(), code);
  if (!code) acceptor.set_option(asio::socket_base::reuse_address(true), code);
  if (!code) acceptor.bind(endpoint, code);
  if (!code) acceptor.listen(asio::socket_base::max_listen_connections, code);
  if (code) return std::unexpected(Error(Errc::network, "cannot listen on " + address + ": " + code.message()));
  asio::co_spawn(acceptor.get_executor(), Impl::accept(impl_), asio::detached);
  return acceptor.local_endpoint().port();
}

}  // namespace xieban::sim
