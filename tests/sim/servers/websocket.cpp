#include "tests/sim/servers/websocket.hpp"

#include <algorithm>
#include <boost/asio/append.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/buffers_prefix.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>
#include <chrono>
#include <deque>
#include <optional>
#include <utility>

namespace xieban::sim {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr std::size_t piece = 8;

/// A socket whose writes can vanish, so that the connection only looks open, or end after so many bytes.
class Mutable {
 public:
  using executor_type = tcp::socket::executor_type;
  explicit Mutable(tcp::socket socket) : socket_(std::move(socket)) {}
  executor_type get_executor() { return socket_.get_executor(); }
  tcp::socket& socket() { return socket_; }
  void mute(bool on) { muted_ = on; }
  void cut_after(std::size_t bytes) { left_ = bytes; }
  void reset() {
    error_code ignored;
    socket_.set_option(asio::socket_base::linger(true, 0), ignored);
    socket_.close(ignored);
  }

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return socket_.async_read_some(buffers, std::forward<Token>(token));
  }
  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    return asio::async_initiate<Token, void(error_code, std::size_t)>(
        [this](auto handler, const Buffers& bytes) {
          if (left_ && !muted_) {
            const std::size_t size = std::min(asio::buffer_size(bytes), *left_);
            *left_ -= size;
            if (size > 0) {
              socket_.async_write_some(boost::beast::buffers_prefix(size, bytes), std::move(handler));
            } else {
              cut(std::move(handler));
            }
            return;
          }
          if (!muted_) {
            socket_.async_write_some(bytes, std::move(handler));
            return;
          }
          const std::size_t size = asio::buffer_size(bytes);
          asio::post(socket_.get_executor(), asio::append(std::move(handler), error_code(), size));
        },
        token, buffers);
  }

 private:
  /// What has left arrives before the reset: a reset takes with it what is still on its way.
  template <class Handler>
  void cut(Handler handler) {
    const auto timer = std::make_shared<asio::steady_timer>(socket_.get_executor(), std::chrono::milliseconds(100));
    timer->async_wait([this, timer, handler = std::move(handler)](error_code) mutable {
      reset();
      handler(asio::error::connection_reset, 0);
    });
  }

  tcp::socket socket_;
  bool muted_ = false;
  std::optional<std::size_t> left_;
};

// Found by Beast through the argument's namespace.
void beast_close_socket(Mutable& stream) {
  error_code ignored;
  stream.socket().close(ignored);
}
template <class Handler>
void async_teardown(beast::role_type role, Mutable& stream, Handler&& handler) {
  websocket::async_teardown(role, stream.socket(), std::forward<Handler>(handler));
}

class Connection final : public WebSocket, public std::enable_shared_from_this<Connection> {
 public:
  explicit Connection(tcp::socket socket) : stream_(Mutable(std::move(socket))) {}
  websocket::stream<Mutable>& stream() { return stream_; }

  void send(std::string text) override {
    waiting_.emplace_back(std::move(text), false);
    pump();
  }
  void send_binary(std::string bytes) override {
    waiting_.emplace_back(std::move(bytes), true);
    pump();
  }
  void close() override {
    closing_ = true;
    pump();
  }
  void reset() override { stream_.next_layer().reset(); }
  void cut_after(std::size_t bytes) override { stream_.next_layer().cut_after(bytes); }
  void mute(bool on) override { stream_.next_layer().mute(on); }
  void fragment() override {
    stream_.auto_fragment(true);
    stream_.write_buffer_bytes(piece);
  }

 private:
  void pump() {
    if (writing_) return;
    writing_ = true;
    asio::co_spawn(stream_.get_executor(), write(shared_from_this()), asio::detached);
  }
  static asio::awaitable<void> write(std::shared_ptr<Connection> self) {
    error_code code;
    auto token = asio::redirect_error(asio::use_awaitable, code);
    while (!self->waiting_.empty() && !code) {
      const auto [content, binary] = std::move(self->waiting_.front());
      self->waiting_.pop_front();
      self->stream_.binary(binary);
      const auto bytes = asio::buffer(content);
      co_await self->stream_.async_write(bytes, token);
    }
    if (self->closing_ && !code) {
      const websocket::close_reason reason(websocket::close_code::normal);
      co_await self->stream_.async_close(reason, token);
    }
    self->writing_ = false;
  }

  websocket::stream<Mutable> stream_;
  std::deque<std::pair<std::string, bool>> waiting_;  // the bytes, and whether they are binary
  bool writing_ = false, closing_ = false;
};

}  // namespace

asio::awaitable<void> serve_websocket(tcp::socket socket, HttpRequest from, std::shared_ptr<SocketUser> user) {
  namespace http = beast::http;
  http::request<http::string_body> request(http::verb::get, from.target, 11);
  for (const auto& [name, value] : from.headers.all()) request.insert(name, value);
  const auto connection = std::make_shared<Connection>(std::move(socket));
  auto& stream = connection->stream();
  error_code code;
  auto token = asio::redirect_error(asio::use_awaitable, code);
  co_await stream.async_accept(request, token);
  if (code) co_return;
  user->opened(connection);
  beast::flat_buffer buffer;
  while (!code) {
    co_await stream.async_read(buffer, token);
    if (code) break;
    std::string text = beast::buffers_to_string(buffer.data());
    buffer.consume(buffer.size());
    if (stream.got_binary()) {
      user->received_binary(std::move(text));
    } else {
      user->received(std::move(text));
    }
  }
  user->closed();
}

}  // namespace xieban::sim
