#include "bot/net/session.hpp"

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <exception>
#include <utility>

#include "bot/base/crash_point.hpp"
#include "bot/base/log.hpp"
#include "bot/net/wire.hpp"

namespace xieban {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

namespace {

// A webhook fits; an idle connection holds no more.
constexpr std::size_t header_read = 4 * 1024;
constexpr std::size_t body_read = 32 * 1024;
// After a refusal the peer may still be sending; closing at once would reset the connection under our answer.
constexpr Duration linger_time{2000};
constexpr std::size_t linger_bytes = 8 * 1024 * 1024;

int status_of(error_code error) {
  if (error == http::error::body_limit) return 413;
  if (error == http::error::header_limit) return 431;
  if (error == http::error::bad_version) return 505;
  return 400;
}

}  // namespace

struct Session::Call {
  Gate done;  // opened by the handler, or by the sweep when it is late
  std::optional<HttpResponse> response;
  std::string path;
  bool late = false;
};

struct Session::Message {
  http::request_parser<http::string_body> parser;
  bool ended = false;  // the peer went away between requests
};

Session::Session(std::shared_ptr<ServerShared> shared, asio::ip::tcp::socket socket, std::string remote)
    : shared_(std::move(shared)), link_(std::move(socket)), remote_(std::move(remote)) {}

void Session::enter(Phase phase, Duration limit) {
  phase_ = phase;
  deadline_ = steady_now() + limit;
}

void Session::close() {
  link_.close();
  if (call_ != nullptr) call_->done.open();
}

void Session::check_deadline(SteadyTime now) {
  if (now < deadline_) return;
  deadline_ = SteadyTime::max();
  if (phase_ == Phase::handler && call_ != nullptr) {
    call_->late = true;
    call_->done.open();
  } else {
    link_.close();
  }
}

std::string_view Session::input() const {
  const auto bytes = input_.cdata();
  return {static_cast<const char*>(bytes.data()), bytes.size()};
}

/// Reads more; false when the peer has ended, or was cut.
asio::awaitable<bool> Session::receive(std::size_t at_most) {
  error_code error;
  const asio::mutable_buffer space = input_.prepare(at_most);
  const std::size_t count = co_await link_.read_some(space, error);
  input_.commit(count);
  co_return !error && count > 0 && !shared_->closed;
}

/// 0, or the status to refuse with.
asio::awaitable<int> Session::read_header(Message& message) {
  std::size_t looked_at = 0;
  for (;;) {
    // Empty lines before a request come from old clients and are skipped.
    while (looked_at == 0 && input().starts_with("\r\n")) input_.consume(2);
    const std::string_view bytes = input();
    if (!bytes.empty() && phase_ == Phase::idle) {
      // The first header is due since the connection was made, its TLS included.
      if (requests_ > 0) deadline_ = steady_now() + shared_->limits.header;
      phase_ = Phase::header;
    }
    if (!bytes.empty() && bytes != "\r") {
      const wire::HeaderEnd end = wire::find_header_end(bytes, looked_at, shared_->limits.header_bytes);
      if (end.state == wire::Scan::malformed) co_return 400;
      if (end.state == wire::Scan::too_long) co_return 431;
      if (end.state == wire::Scan::complete) {
        auto& parser = message.parser;
        parser.header_limit(static_cast<std::uint32_t>(2 * shared_->limits.header_bytes));  // trailers count as well
        parser.body_limit(shared_->limits.body_bytes);
        error_code error;
        parser.put(asio::buffer(bytes.data(), end.length), error);
        if (error) co_return status_of(error);
        if (!parser.is_header_done()) co_return 400;
        input_.consume(end.length);
        co_return 0;
      }
      looked_at = end.length;
    }
    if (shared_->stopping && bytes.empty()) {
      message.ended = true;
      co_return 0;
    }
    const bool more = co_await receive(header_read);
    if (!more) {
      message.ended = true;
      co_return 0;
    }
  }
}

asio::awaitable<int> Session::read_body(Message& message, HttpRequest& request) {
  auto& parser = message.parser;
  enter(Phase::body, shared_->limits.body);
  if (input_.size() == 0 && version_ == 11 && request.headers.has("Expect")) {
    static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
    const std::array<asio::const_buffer, 2> parts{asio::buffer(go_on), asio::const_buffer()};
    error_code error;
    co_await link_.write(parts, error);
    message.ended = static_cast<bool>(error);
  }
  parser.eager(true);
  while (!parser.is_done() && !message.ended) {
    error_code error;
    const std::size_t used = wire::may_parse(parser, input_.size()) ? parser.put(input_.cdata(), error) : 0;
    input_.consume(used);
    if (error && error != http::error::need_more) co_return status_of(error);
    if (parser.is_done()) break;
    // What the parser cannot use yet is a chunk's header or the trailers.
    if (input_.size() > shared_->limits.header_bytes) co_return 431;
    const bool more = co_await receive(body_read);
    message.ended = !more;
  }
  if (parser.is_done()) request.body = std::move(parser.get().body());
  co_return 0;
}

/// Owns everything it touches: it may go on after its session has answered 503 and closed.
asio::awaitable<void> Session::run_handler(std::shared_ptr<ServerShared> shared, std::shared_ptr<Call> call,
                                           HttpRequest request) {
  ++shared->handlers;
  std::string failure;
  try {
    HttpResponse response(503);
    if (!shared->closed) response = co_await shared->router.handle(std::move(request));
    call->response = std::move(response);
  } catch (const std::exception& thrown) {
    failure = thrown.what();
  } catch (...) {
    failure = "unknown";
  }
  if (!failure.empty()) log::error("http.handler_threw", {{"path", call->path}, {"what", failure}});
  if (!call->response) call->response = HttpResponse(500);
  --shared->handlers;
  if (call->late) log::warn("http.handler_late", {{"path", call->path}, {"status", call->response->status}});
  call->done.open();
}

asio::awaitable<HttpResponse> Session::handle(HttpRequest request) {
  call_ = std::make_shared<Call>();
  call_->path = std::string(request.path());
  enter(Phase::handler, shared_->limits.handler);
  asio::co_spawn(shared_->executor, run_handler(shared_, call_, std::move(request)), asio::detached);
  co_await call_->done.wait();
  const std::shared_ptr<Call> call = std::exchange(call_, nullptr);
  if (call->response) co_return std::move(*call->response);
  if (call->late) log::warn("http.handler_timeout", {{"path", call->path}});
  HttpResponse busy(503);
  busy.headers.set("Retry-After", "2");
  co_return busy;
}

asio::awaitable<bool> Session::send(HttpResponse response, bool without_body, bool keep_alive) {
  enter(Phase::write, shared_->limits.write);
  shared_->metrics.http(response.status);
  const std::string head = wire::response_head(response, shared_->date, version_, keep_alive);
  const bool body = !without_body && response.status != 204 && response.status != 304;
  std::array<asio::const_buffer, 2> parts{asio::buffer(head), body ? asio::buffer(response.body) : asio::const_buffer()};
  error_code error;
  if (link_.tls == nullptr) {
    // Nearly always all of it fits into the socket's buffer: no wait, no second turn of the loop.
    std::size_t sent = link_.socket.write_some(parts, error);
    if (error == asio::error::would_block) error = {};
    if (error) co_return false;
    for (asio::const_buffer& part : parts) {
      const std::size_t gone = std::min(sent, part.size());
      part += gone;
      sent -= gone;
    }
    if (asio::buffer_size(parts) == 0) co_return true;
  }
  co_await link_.write(parts, error);
  co_return !error;
}

/// Ends our side, then reads what the peer is still sending, within limits.
asio::awaitable<void> Session::finish() {
  enter(Phase::linger, linger_time);
  error_code error;
  co_await link_.finish(error);
  std::size_t thrown_away = 0;
  while (thrown_away < linger_bytes) {
    input_.clear();
    const bool more = co_await receive(body_read);
    if (!more) break;
    thrown_away += input_.size();
  }
  link_.close();
}

asio::awaitable<void> Session::run(std::shared_ptr<Session> self) {
  Session& s = *self;
  s.enter(Phase::idle, s.shared_->limits.header);
  if (s.link_.tls != nullptr) {
    error_code error;
    co_await s.link_.handshake(asio::ssl::stream_base::server, error);
    if (error) {
      s.link_.close();
      co_return;
    }
  }
  bool keep_alive = true;
  while (keep_alive) {
    if (s.requests_ > 0) s.enter(Phase::idle, s.shared_->limits.idle);
    Message message;
    int refused = co_await s.read_header(message);
    HttpRequest request;
    if (refused == 0 && !message.ended) {
      const auto& header = message.parser.get();
      s.version_ = header.version();
      const auto method = header.method_string();
      const auto target = header.target();
      request.method.assign(method.data(), method.size());
      request.target = wire::origin_form(std::string(target.data(), target.size()));
      // Copied before the body is read: what comes as a trailer is no header.
      for (const auto& field : header) {
        request.headers.add(std::string(field.name_string()), std::string(field.value()));
      }
      refused = wire::check_request(request, s.version_);
      if (refused == 0 && !message.parser.is_done()) refused = co_await s.read_body(message, request);
    }
    if (message.ended || s.shared_->closed) {
      s.link_.close();
      co_return;
    }
    if (refused != 0) {
      s.version_ = 11;
      // A header may be refused by what it says of the body; whom it was for stands in it all the same.
      const auto asked = message.parser.get().target();
      if (request.target.empty() && !asked.empty()) request.target = wire::origin_form(std::string(asked.data(), asked.size()));
      HttpResponse refusal = s.shared_->router.refusal(refused, request.path());
      const bool sent = co_await s.send(std::move(refusal), false, false);
      if (sent) co_await s.finish();
      s.link_.close();
      co_return;
    }
    ++s.requests_;
    request.remote = s.remote_;
    const bool head = request.method == "HEAD";
    keep_alive = message.parser.keep_alive();
    pass(CrashPoint::read);
    HttpResponse response = co_await s.handle(std::move(request));
    if (s.shared_->closed) co_return;
    if (s.shared_->stopping) keep_alive = false;
    pass(CrashPoint::before_answer);
    const bool sent = co_await s.send(std::move(response), head, keep_alive);
    pass(CrashPoint::answered);
    if (!sent) {
      s.link_.close();
      co_return;
    }
  }
  co_await s.finish();
}

asio::awaitable<void> Session::refuse(std::shared_ptr<Session> self) {
  Session& s = *self;
  if (s.link_.tls == nullptr) {
    HttpResponse busy(503);
    busy.headers.set("Retry-After", "2");
    const bool sent = co_await s.send(std::move(busy), false, false);
    if (sent) co_await s.finish();
  }
  s.link_.close();
}

}  // namespace xieban
