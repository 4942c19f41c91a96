#include "bot/net/web_socket.hpp"

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <optional>
#include <unordered_set>
#include <utility>

#include "bot/net/dial.hpp"

namespace xieban {

namespace asio = boost::asio;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;
using tcp = asio::ip::tcp;

namespace {

struct Address {
  std::string origin, target;
};

Result<Address> split(const std::string& url) {
  const bool tls = url.starts_with("wss://");
  if (!tls && !url.starts_with("ws://")) return not_sent(Errc::bad_input, "no address of a WebSocket");
  const std::size_t host = tls ? 6 : 5;
  const std::size_t path = std::min(url.find_first_of("/?", host), url.size());
  Address address;
  address.origin = (tls ? "https://" : "http://") + url.substr(host, path - host);
  address.target = url.substr(path);
  if (!address.target.starts_with("/")) address.target.insert(0, "/");
  return address;
}

template <class Stream>
class Connected final : public WebSocket, public std::enable_shared_from_this<Connected<Stream>> {
 public:
  Connected(std::unique_ptr<Link> link, Stream& next, const WebSocketLimits& limits)
      : link_(std::move(link)), stream_(next), limits_(limits), writing_(std::make_shared<Deadline>(stream_.get_executor())) {
    stream_.read_message_max(limits.message_bytes);
    // Half of it without a frame: a ping; all of it without even a pong: it ends.
    websocket::stream_base::timeout alive{};
    alive.handshake_timeout = websocket::stream_base::none();
    alive.idle_timeout = limits.silence;
    alive.keep_alive_pings = true;
    stream_.set_option(alive);
  }

  asio::awaitable<void> shake(std::string authority, std::string target, error_code& error) {
    co_await stream_.async_handshake(refusal_, authority, target, asio::redirect_error(asio::use_awaitable, error));
  }
  /// What the peer said instead.
  [[nodiscard]] HttpResponse declined() const {
    HttpResponse answer(static_cast<int>(refusal_.result_int()), refusal_.body());
    for (const auto& field : refusal_) answer.headers.set(std::string(field.name_string()), std::string(field.value()));
    return answer;
  }

  asio::awaitable<Result<SocketFrame>> read() override {
    const auto self = this->shared_from_this();
    boost::beast::flat_buffer buffer;
    error_code error;
    co_await stream_.async_read(buffer, asio::redirect_error(asio::use_awaitable, error));
    if (error) {
      std::string why = error.message();
      if (error == websocket::error::closed) {
        const auto& reason = stream_.reason();
        why += " " + std::to_string(reason.code);
        if (!reason.reason.empty()) why += " " + std::string(reason.reason.data(), reason.reason.size());
      }
      co_return std::unexpected(Error(Errc::network, std::move(why)));
    }
    SocketFrame frame;
    frame.bytes.assign(static_cast<const char*>(buffer.cdata().data()), buffer.size());
    frame.binary = stream_.got_binary();
    co_return frame;
  }

  asio::awaitable<Result<void>> write(SocketFrame frame) override {
    const auto self = this->shared_from_this();
    const Deadline::Armed armed(*writing_, steady_now() + limits_.write, [this] { close(); });
    stream_.binary(frame.binary);
    error_code error;
    co_await stream_.async_write(asio::buffer(frame.bytes), asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return std::unexpected(Error(Errc::network, error.message()));
    co_return Result<void>{};
  }

  // A close frame would have the library throw away what comes after it.
  void leave() override { link_->leave(); }
  void close() override { link_->close(); }

 private:
  std::unique_ptr<Link> link_;
  websocket::stream<Stream&> stream_;
  websocket::response_type refusal_;
  WebSocketLimits limits_;
  std::shared_ptr<Deadline> writing_;
};

}  // namespace

struct WebSockets::Impl : std::enable_shared_from_this<WebSockets::Impl> {
  Impl(asio::any_io_executor ex, const WebSocketLimits& li, const std::string& extra_roots)
      : executor(std::move(ex)), limits(li), tls(make_client_tls(extra_roots)) {}

  asio::any_io_executor executor;
  WebSocketLimits limits;
  asio::ssl::context tls;
  std::unordered_set<Deadline*> dials;

  template <class Stream>
  static asio::awaitable<Result<std::shared_ptr<WebSocket>>> shake(std::shared_ptr<Impl> self, std::unique_ptr<Link> link,
                                                                   Stream& stream, std::string authority, std::string target,
                                                                   Deadline& deadline, SteadyTime until,
                                                                   HttpResponse& declined) {
    Link& below = *link;
    const auto made = std::make_shared<Connected<Stream>>(std::move(link), stream, self->limits);
    const Deadline::Armed armed(deadline, until, [&below] { below.close(); });
    error_code error;
    co_await made->shake(authority, std::move(target), error);
    if (deadline.passed()) co_return std::unexpected(Error(Errc::timed_out, "connect: no answer in time"));
    if (error == websocket::error::upgrade_declined) {
      declined = made->declined();
      co_return not_sent(Errc::network, authority + " refused with status " + std::to_string(declined.status));
    }
    if (error) co_return not_sent(Errc::network, authority + ": " + error.message());
    co_return std::shared_ptr<WebSocket>(made);
  }

  static asio::awaitable<Result<std::shared_ptr<WebSocket>>> dial(std::shared_ptr<Impl> self, std::string url, Duration timeout,
                                                                  HttpResponse& declined) {
    const auto address = split(url);
    if (!address) co_return std::unexpected(address.error());
    const auto origin = parse_origin(address->origin);
    if (!origin) co_return std::unexpected(origin.error());
    const SteadyTime until = steady_now() + timeout;
    const auto deadline = std::make_shared<Deadline>(self->executor);
    struct UnderWay {
      std::shared_ptr<Impl> impl;
      Deadline* deadline;
      UnderWay(std::shared_ptr<Impl> i, Deadline* d) : impl(std::move(i)), deadline(d) { impl->dials.insert(d); }
      UnderWay(const UnderWay&) = delete;
      UnderWay& operator=(const UnderWay&) = delete;
      ~UnderWay() { impl->dials.erase(deadline); }
    };
    const UnderWay under_way(self, deadline.get());
    auto link = co_await xieban::dial(self->executor, self->tls, *origin, *deadline, until, self->limits.connect);
    if (!link) co_return std::unexpected(link.error());
    Link& found = **link;
    if (found.tls != nullptr) {
      co_return co_await shake(self, std::move(*link), *found.tls, origin->authority, address->target, *deadline, until,
                               declined);
    }
    co_return co_await shake(self, std::move(*link), found.socket, origin->authority, address->target, *deadline, until,
                             declined);
  }
};

WebSockets::WebSockets(asio::any_io_executor executor, WebSocketLimits limits, const std::string& extra_roots)
    : impl_(std::make_shared<Impl>(std::move(executor), limits, extra_roots)) {}
WebSockets::~WebSockets() { close(); }

asio::awaitable<Result<std::shared_ptr<WebSocket>>> WebSockets::dial(std::string url, Duration timeout,
                                                                     HttpResponse& declined) {
  return Impl::dial(impl_, std::move(url), timeout, declined);
}

void WebSockets::close() {
  const std::unordered_set<Deadline*> under_way = impl_->dials;
  for (Deadline* dial : under_way) dial->end();
}

}  // namespace xieban
