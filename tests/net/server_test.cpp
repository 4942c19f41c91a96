#include "bot/net/server.hpp"

#include <gtest/gtest.h>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <mutex>
#include <stdexcept>

#include "bot/base/log.hpp"
#include "bot/net/gate.hpp"
#include "tests/net/net_support.hpp"

namespace xieban::server_test {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using test::body_of;
using test::has_header;
using test::Peer;
using test::Site;
using test::status_of;

asio::awaitable<HttpResponse> hello(HttpRequest, Params) { co_return HttpResponse(200, "hello", "text/plain"); }
asio::awaitable<HttpResponse> echo(HttpRequest request, Params) {
  HttpResponse response(200, request.body, "application/octet-stream");
  response.headers.add("X-Seen", request.target + " " + request.remote + " " + std::string(request.headers.get("x-trailer")));
  co_return response;
}
asio::awaitable<HttpResponse> after_gate(Gate& gate) {
  co_await gate.wait();
  co_return HttpResponse(200, "late");
}

class ServerTest : public testing::Test {
 protected:
  void open(Limits limits = {}) {
    site = std::make_unique<Site>(limits);
    site->router.add("GET", "/hello", hello);
    site->router.add("POST", "/echo", echo);
    site->router.add("GET", "/echo", echo);
    site->router.add("GET", "/slow", [this](HttpRequest, Params) { return after_gate(gate); });
    site->router.add("GET", "/throw",
                     [](HttpRequest, Params) -> asio::awaitable<HttpResponse> { throw std::runtime_error("at once"); });
    site->start();
  }
  void open_gate() {
    site->loop.call([this] { gate.open(); });
  }
  std::string ask(const std::string& bytes) {
    Peer peer(site->port);
    EXPECT_TRUE(peer.send(bytes));
    return peer.read_message();
  }
  Gate gate;
  std::unique_ptr<Site> site;
};

TEST_F(ServerTest, AnswersAndKeepsTheConnection) {
  open();
  Peer peer(site->port);
  for (int i = 0; i < 3; ++i) {
    peer.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
    const std::string answer = peer.read_message();
    EXPECT_EQ(status_of(answer), 200);
    EXPECT_EQ(body_of(answer), "hello");
    EXPECT_TRUE(has_header(answer, "Content-Type: text/plain"));
    EXPECT_TRUE(has_header(answer, "X-Content-Type-Options: nosniff"));
    EXPECT_NE(answer.find("\r\nDate: "), std::string::npos);
    EXPECT_NE(answer.find(" GMT\r\n"), std::string::npos);
    EXPECT_EQ(answer.find("Server:"), std::string::npos);
    EXPECT_EQ(answer.find("Connection:"), std::string::npos);
  }
  EXPECT_EQ(site->connections(), 1U);
  EXPECT_NE(site->metrics.text().find("xieban_http_responses_total{status=\"200\"} 3"), std::string::npos);
}

TEST_F(ServerTest, BodyAndPeerReachTheHandlerByteForByte) {
  open();
  const std::string body("{\"a\":1e999,\"a\":\"\xed\xa0\x80\0\xff\"}\xef\xbb\xbf", 26);
  const std::string answer = ask("POST /echo?q=1 HTTP/1.1\r\nHost: a\r\nContent-Length: 26\r\n\r\n" + body);
  EXPECT_EQ(body_of(answer), body);
  EXPECT_TRUE(has_header(answer, "X-Seen: /echo?q=1 127.0.0.1 "));
}

TEST_F(ServerTest, ChunkedBodyAndItsTrailersAreNoHeaders) {
  open();
  const std::string answer =
      ask("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
          "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nX-Trailer: forged\r\n\r\n");
  EXPECT_EQ(body_of(answer), "abcde");
  EXPECT_EQ(answer.find("forged"), std::string::npos);
}

TEST_F(ServerTest, OneByteAtATime) {
  open();
  Peer peer(site->port);
  for (const char c :
       std::string("\r\nPOST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")) {
    ASSERT_TRUE(peer.send(std::string(1, c)));
  }
  EXPECT_EQ(body_of(peer.read_message()), "hello");
}

TEST_F(ServerTest, PipelinedRequestsAreAnsweredInOrder) {
  open();
  Peer peer(site->port);
  peer.send(
      "GET /slow HTTP/1.1\r\nHost: a\r\n\r\n"
      "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\ntwo"
      "GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
      "GET /never HTTP/1.1\r\nHost: a\r\n\r\n");
  Peer other(site->port);
  other.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(body_of(other.read_message()), "hello");
  open_gate();
  EXPECT_EQ(body_of(peer.read_message()), "late");
  EXPECT_EQ(body_of(peer.read_message()), "two");
  EXPECT_EQ(body_of(peer.read_message()), "hello");
  EXPECT_TRUE(peer.ended());
}

TEST_F(ServerTest, Http10ClosesUnlessAskedNotTo) {
  open();
  Peer peer(site->port);
  peer.send("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_TRUE(has_header(peer.read_message(), "Connection: keep-alive"));
  peer.send("GET /hello HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(has_header(peer.read_message(), "Connection: close"));
  EXPECT_TRUE(peer.ended());
}

TEST_F(ServerTest, HeadHasTheLengthAndNoBody) {
  open();
  Peer peer(site->port);
  peer.send("HEAD /hello HTTP/1.1\r\nHost: a\r\n\r\nGET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
  const std::string head = peer.read_message(true);
  EXPECT_TRUE(has_header(head, "Content-Length: 5"));
  EXPECT_EQ(body_of(head), "");
  EXPECT_EQ(body_of(peer.read_message()), "hello");
}

TEST_F(ServerTest, ExpectContinue) {
  open();
  Peer peer(site->port);
  peer.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(status_of(peer.read_message()), 100);
  peer.send("ok");
  EXPECT_EQ(body_of(peer.read_message()), "ok");
  // A body that is too long is refused instead of asked for.
  peer.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(status_of(peer.read_message()), 413);
  EXPECT_EQ(status_of(ask("GET /hello HTTP/1.1\r\nHost: a\r\nExpect: more\r\n\r\n")), 417);
}

TEST_F(ServerTest, AbsoluteFormAndUnknownPaths) {
  open();
  EXPECT_EQ(body_of(ask("GET http://example.com/hello HTTP/1.1\r\nHost: a\r\n\r\n")), "hello");
  const std::string missing = ask("POST /hook/nobody HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}");
  EXPECT_EQ(status_of(missing), 404);
  EXPECT_EQ(body_of(missing), "");
  const std::string wrong = ask("POST /hello HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(status_of(wrong), 405);
  EXPECT_TRUE(has_header(wrong, "Allow: GET, HEAD"));
}

/// Collects log lines from any thread.
class Lines {
 public:
  Lines() {
    log::set_sink([this](log::Level, std::string_view line) {
      const std::lock_guard lock(mutex_);
      text_.append(line).append("\n");
    });
  }
  ~Lines() { log::set_sink({}); }
  Lines(const Lines&) = delete;
  Lines& operator=(const Lines&) = delete;
  std::string text() {
    const std::lock_guard lock(mutex_);
    return text_;
  }

 private:
  std::mutex mutex_;
  std::string text_;
};

asio::awaitable<HttpResponse> fail_later(asio::any_io_executor executor) {
  asio::steady_timer timer(executor, 1ms);
  co_await timer.async_wait(asio::use_awaitable);
  throw std::runtime_error("later");
}

TEST_F(ServerTest, AThrowingHandlerIs500AndLogged) {
  open();
  site->router.add("GET", "/later", [this](HttpRequest, Params) { return fail_later(site->loop.executor()); });
  Lines lines;
  Peer peer(site->port);
  peer.send(
      "GET /throw?token=canary HTTP/1.1\r\nHost: a\r\n\r\nGET /later HTTP/1.1\r\nHost: a\r\n\r\nGET /hello HTTP/1.1\r\nHost: "
      "a\r\n\r\n");
  const std::string answer = peer.read_message();
  EXPECT_EQ(status_of(answer), 500);
  EXPECT_EQ(body_of(answer), "");
  EXPECT_EQ(status_of(peer.read_message()), 500);
  EXPECT_EQ(status_of(peer.read_message()), 200);
  EXPECT_NE(lines.text().find("http.handler_threw"), std::string::npos);
  EXPECT_NE(lines.text().find("at once"), std::string::npos);
  EXPECT_NE(lines.text().find("later"), std::string::npos);
  EXPECT_EQ(lines.text().find("canary"), std::string::npos);
}

TEST_F(ServerTest, ASlowHandlerIs503AndTheConnectionLivesOn) {
  Limits limits;
  limits.handler = 100ms;
  open(limits);
  Peer peer(site->port);
  peer.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
  const std::string answer = peer.read_message();
  EXPECT_EQ(status_of(answer), 503);
  EXPECT_TRUE(has_header(answer, "Retry-After: 2"));
  open_gate();
  peer.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(body_of(peer.read_message()), "hello");
}

TEST_F(ServerTest, AnIdleConnectionIsClosed) {
  Limits limits;
  limits.idle = 100ms;
  open(limits);
  Peer peer(site->port);
  peer.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(status_of(peer.read_message()), 200);
  EXPECT_TRUE(peer.ended());
}

TEST_F(ServerTest, WhoNeverSaysAnythingIsCut) {
  Limits limits;
  limits.header = 100ms;
  open(limits);
  Peer peer(site->port);
  EXPECT_TRUE(peer.ended());
}

TEST_F(ServerTest, BeyondTheLimitOfConnections503) {
  Limits limits;
  limits.connections = 3;
  open(limits);
  std::vector<Peer> held;
  for (int i = 0; i < 3; ++i) held.emplace_back(site->port);
  ASSERT_TRUE(site->reaches(3));
  Peer refused(site->port);
  refused.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
  const std::string answer = refused.read_message();
  EXPECT_EQ(status_of(answer), 503);
  EXPECT_TRUE(has_header(answer, "Connection: close"));
  EXPECT_TRUE(has_header(answer, "Retry-After: 2"));
  EXPECT_TRUE(refused.ended());
  held.pop_back();
  ASSERT_TRUE(site->reaches(2));
  EXPECT_EQ(body_of(ask("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")), "hello");
}

TEST_F(ServerTest, AddressesThatCannotBeListenedOn) {
  open();
  site->loop.call([this] {
    for (const char* bad : {"", "8080", "localhost:1", "127.0.0.1:", "127.0.0.1:99999", "::1:8080", "127.0.0.1:80x"}) {
      const auto refused = site->server->listen(bad);
      ASSERT_FALSE(refused.has_value()) << bad;
      EXPECT_EQ(refused.error().code, Errc::bad_input) << bad;
    }
    Server second(site->loop.executor(), site->router, Limits{}, site->metrics);
    const auto taken = second.listen("127.0.0.1:" + std::to_string(site->port));
    ASSERT_FALSE(taken.has_value());
    EXPECT_EQ(taken.error().code, Errc::network);
    Server no_files(site->loop.executor(), site->router, Limits{}, site->metrics, TlsFiles{"/nowhere.pem", "/nowhere.key"});
    EXPECT_FALSE(no_files.listen("127.0.0.1:0").has_value());
  });
}

// -- shutdown -----------------------------------------------------------------------------------------

TEST_F(ServerTest, StopClosesIdleOnesAndLetsHandlersFinish) {
  open();
  Peer idle(site->port);
  idle.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(status_of(idle.read_message()), 200);
  Peer busy(site->port);
  busy.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\nGET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
  ASSERT_TRUE(site->reaches(2));
  auto stopped = site->loop.start(site->server->stop());
  EXPECT_TRUE(idle.ended());
  EXPECT_FALSE(Peer(site->port).send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"));
  EXPECT_EQ(stopped.wait_for(50ms), std::future_status::timeout);
  open_gate();
  const std::string answer = busy.read_message();
  EXPECT_EQ(body_of(answer), "late");
  EXPECT_TRUE(has_header(answer, "Connection: close"));
  busy.close();
  stopped.get();
  EXPECT_EQ(site->connections(), 0U);
}

TEST_F(ServerTest, StopDoesNotWaitForEver) {
  Limits limits;
  limits.drain = 50ms;
  open(limits);
  Peer busy(site->port);
  busy.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
  Peer half(site->port);
  half.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhal");
  ASSERT_TRUE(site->reaches(2));
  site->loop.run(site->server->stop());
  EXPECT_TRUE(busy.ended());
  EXPECT_TRUE(half.ended());
  EXPECT_EQ(site->connections(), 0U);
  open_gate();  // the handler ends after its server: nothing may happen
}

TEST_F(ServerTest, DestroyedUnderLoad) {
  open();
  std::vector<Peer> peers;
  for (int i = 0; i < 20; ++i) {
    peers.emplace_back(site->port);
    peers.back().send(i % 2 == 0 ? "GET /slow HTTP/1.1\r\nHost: a\r\n\r\n"
                                 : "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n");
  }
  ASSERT_TRUE(site->reaches(20));
  site->loop.call([this] { site->server.reset(); });
  for (Peer& peer : peers) EXPECT_TRUE(peer.ended());
  open_gate();
}

}  // namespace
}  // namespace xieban::server_test
