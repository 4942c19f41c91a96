#include "bot/net/client.hpp"

#include <gtest/gtest.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include "tests/net/net_support.hpp"

namespace xieban::client_test {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using test::Peer;
using test::Script;
using test::Site;

std::string answer(const std::string& body, const std::string& headers = {}) {
  return "HTTP/1.1 200 OK\r\n" + headers + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

HttpRequest post(const std::string& target, const std::string& body, bool repeatable = false) {
  HttpRequest request("POST", target);
  request.body = body;
  request.repeatable = repeatable;
  return request;
}

class ClientTest : public testing::Test {
 protected:
  explicit ClientTest(ClientLimits limits = {}) { make(limits); }
  ~ClientTest() override {
    loop.call([this] { client.reset(); });
    loop.stop();
  }
  void make(ClientLimits limits, const std::string& roots = {}) {
    loop.call([&] {
      client.reset();
      client = std::make_unique<Client>(loop.executor(), limits, roots);
    });
  }
  Result<HttpResponse> send(const std::string& origin, HttpRequest request, Duration timeout = 5s) {
    return loop.run(client->send(origin, std::move(request), timeout));
  }
  std::future<Result<HttpResponse>> start(const std::string& origin, HttpRequest request, Duration timeout = 5s) {
    return loop.start(client->send(origin, std::move(request), timeout));
  }
  test::Loop loop;
  std::unique_ptr<Client> client;
};

TEST_F(ClientTest, SendsAndReceives) {
  std::string seen;
  Script server([&](Peer& peer, int) {
    seen = peer.read_message();
    peer.send("HTTP/1.1 201 Created\r\nX-A: 1\r\nX-A: 2\r\nContent-Length: 4\r\n\r\n{\"\xff}");
  });
  HttpRequest request = post("/open-apis/im?x=1", "{\"a\":1}");
  request.headers.add("Authorization", "Bearer t");
  const auto response = send(server.origin(), std::move(request));
  ASSERT_TRUE(response.has_value()) << response.error().text;
  EXPECT_EQ(response->status, 201);
  EXPECT_EQ(response->body, "{\"\xff}");
  EXPECT_EQ(response->headers.get("x-a"), "1");
  EXPECT_EQ(response->headers.all().size(), 3U);
  EXPECT_TRUE(seen.starts_with("POST /open-apis/im?x=1 HTTP/1.1\r\n"));
  EXPECT_TRUE(test::has_header(seen, "Host: 127.0.0.1:" + std::to_string(server.port())));
  EXPECT_TRUE(test::has_header(seen, "Authorization: Bearer t"));
  EXPECT_EQ(seen.find("Accept-Encoding"), std::string::npos);
  EXPECT_TRUE(seen.ends_with("\r\n\r\n{\"a\":1}"));
}

TEST_F(ClientTest, AnyStatusIsAValueAndRedirectsAreNotFollowed) {
  Script server([](Peer& peer, int) {
    peer.read_message();
    peer.send("HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n");
    peer.read_message();
    peer.send("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n");
    peer.read_message();
    peer.send("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n");
  });
  EXPECT_EQ(send(server.origin(), post("/", "")).value().status, 302);
  EXPECT_EQ(send(server.origin(), post("/", "")).value().status, 500);
  EXPECT_EQ(send(server.origin(), post("/", "")).value().status, 204);
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(ClientTest, HeadAndBodiesThatEndWithTheConnection) {
  Script server([](Peer& peer, int number) {
    if (number == 0) {
      peer.read_message();
      peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n");
      peer.read_message();
      peer.send("HTTP/1.1 200 OK\r\n\r\nuntil the end");
    } else {
      peer.read_message();
      peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
    }
  });
  EXPECT_EQ(send(server.origin(), HttpRequest("HEAD", "/")).value().body, "");
  EXPECT_EQ(send(server.origin(), HttpRequest("GET", "/")).value().body, "until the end");
  EXPECT_EQ(send(server.origin(), HttpRequest("GET", "/")).value().body, "abc");
  EXPECT_EQ(server.connections(), 2);
}

// -- the pool -------------------------------------------------------------------------------------------

TEST_F(ClientTest, OneConnectionServesManyRequests) {
  Script server([](Peer& peer, int) {
    while (!peer.read_message().empty()) peer.send(answer("ok"));
  });
  for (int i = 0; i < 20; ++i) EXPECT_EQ(send(server.origin(), post("/", "x")).value().body, "ok");
  EXPECT_EQ(server.connections(), 1);
  loop.call([this] { client->close(); });
}

TEST_F(ClientTest, AClosedOneIsNotReused) {
  Script server([](Peer& peer, int number) {
    peer.read_message();
    peer.send(answer("ok", number == 0 ? "Connection: close\r\n" : ""));
  });
  for (int i = 0; i < 3; ++i) {
    // The peer's end of a connection may not have arrived yet when the next request is written.
    HttpRequest request = post("/", "x");
    request.repeatable = true;
    EXPECT_EQ(send(server.origin(), std::move(request)).value().body, "ok");
  }
  EXPECT_EQ(server.connections(), 3);
}

TEST_F(ClientTest, OneThatSaidMoreThanItsAnswerIsNotReused) {
  Script server([](Peer& peer, int) {
    peer.read_message();
    peer.send(answer("ok") + "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged");
    peer.ended();
  });
  EXPECT_EQ(send(server.origin(), post("/1", "x")).value().body, "ok");
  EXPECT_EQ(send(server.origin(), post("/2", "x")).value().body, "ok");
  EXPECT_EQ(server.connections(), 2);
}

/// Answers once on the first connection, then dies when the second request comes; later connections answer always.
void die_on_reuse(Peer& peer, int number) {
  if (number == 0) {
    peer.read_message();
    peer.send(answer("first"));
    peer.read_message();
    peer.reset();
    return;
  }
  while (!peer.read_message().empty()) peer.send(answer("fresh"));
}

TEST_F(ClientTest, AReusedOneThatDiesIsTriedOnceMoreIfRepeatable) {
  Script server(die_on_reuse);
  EXPECT_EQ(send(server.origin(), post("/", "x")).value().body, "first");
  EXPECT_EQ(send(server.origin(), post("/", "x", true)).value().body, "fresh");
  EXPECT_EQ(server.connections(), 2);
  loop.call([this] { client->close(); });
}

TEST_F(ClientTest, AReusedOneThatDiesIsAnErrorIfNotRepeatable) {
  Script server(die_on_reuse);
  EXPECT_EQ(send(server.origin(), post("/", "x")).value().body, "first");
  const auto failed = send(server.origin(), post("/", "x"));
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().code, Errc::network);
  EXPECT_FALSE(failed.error().text.starts_with("connect")) << failed.error().text;
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(ClientTest, NeverMoreThanOnceMore) {
  Script server([](Peer& peer, int number) {
    peer.read_message();
    if (number == 0) {
      peer.send(answer("first"));
      peer.read_message();
    }
    peer.reset();
  });
  EXPECT_TRUE(send(server.origin(), post("/", "x")).has_value());
  EXPECT_FALSE(send(server.origin(), post("/", "x", true)).has_value());
  EXPECT_EQ(server.connections(), 2);
}

TEST_F(ClientTest, AFreshOneThatDiesIsNotRepeated) {
  Script server([](Peer& peer, int) {
    peer.read_message();
    peer.reset();
  });
  const auto failed = send(server.origin(), post("/", "x", true));
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().code, Errc::network);
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(ClientTest, AnswerHalfWayThroughIsNotRepeated) {
  Script server([](Peer& peer, int) {
    peer.read_message();
    peer.send(answer("first"));
    peer.read_message();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
    peer.reset();
  });
  EXPECT_TRUE(send(server.origin(), post("/", "x")).has_value());
  EXPECT_FALSE(send(server.origin(), post("/", "x", true)).has_value());
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(ClientTest, ConcurrentRequestsShareALimitedPool) {
  ClientLimits limits;
  limits.open_per_origin = 4;
  make(limits);
  std::atomic<int> at_once = 0;
  std::atomic<int> most = 0;
  Script server([&](Peer& peer, int) {
    for (std::string request = peer.read_message(); !request.empty(); request = peer.read_message()) {
      const int now = ++at_once;
      int seen = most;
      while (now > seen && !most.compare_exchange_weak(seen, now)) {
      }
      --at_once;
      peer.send(answer(test::body_of(request)));
    }
  });
  std::vector<std::future<Result<HttpResponse>>> sent;
  for (int i = 0; i < 100; ++i) sent.push_back(start(server.origin(), post("/", std::to_string(i))));
  for (int i = 0; i < 100; ++i) {
    const auto response = sent[static_cast<std::size_t>(i)].get();
    ASSERT_TRUE(response.has_value()) << response.error().text;
    EXPECT_EQ(response->body, std::to_string(i));  // each got its own
  }
  EXPECT_LE(server.connections(), 4);
  EXPECT_LE(most, 4);
  loop.call([this] { client->close(); });
}

TEST_F(ClientTest, WaitingInLineCountsAgainstTheDeadline) {
  ClientLimits limits;
  limits.open_per_origin = 1;
  make(limits);
  std::promise<void> release;
  auto released = release.get_future().share();
  Script server([&](Peer& peer, int) {
    while (!peer.read_message().empty()) {
      released.wait();
      peer.send(answer("ok"));
    }
  });
  auto first = start(server.origin(), post("/", "1"));
  const auto second = send(server.origin(), post("/", "2"), 100ms);
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, Errc::timed_out);
  EXPECT_TRUE(second.error().text.starts_with("connect"));  // nothing of it was sent
  auto third = start(server.origin(), post("/", "3"));
  release.set_value();
  EXPECT_TRUE(first.get().has_value());
  EXPECT_TRUE(third.get().has_value());
  EXPECT_EQ(server.connections(), 1);
  loop.call([this] { client->close(); });
}

// -- faults of the other side ---------------------------------------------------------------------------

TEST_F(ClientTest, RefusedConnection) {
  const auto failed = send("http://127.0.0.1:" + std::to_string(test::dead_port()), post("/", ""));
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().code, Errc::network);
  EXPECT_TRUE(failed.error().text.starts_with("connect")) << failed.error().text;
}

TEST_F(ClientTest, OriginsThatAreRefused) {
  for (const char* origin : {"http://example.com", "http://192.0.2.1", "http://169.254.169.254", "http://[::ffff:192.0.2.1]:80",
                             "ftp://127.0.0.1", "127.0.0.1:80", "https://", "https://user:pw@localhost",
                             "https://localhost/path", "https://localhost:0", "https://localhost:99999", ""}) {
    const auto failed = send(origin, post("/", ""), 2s);
    ASSERT_FALSE(failed.has_value()) << origin;
    EXPECT_TRUE(failed.error().text.starts_with("connect")) << origin << ": " << failed.error().text;
  }
  HttpRequest split("GET", "/");
  split.headers.add("X", "a\r\nY: b");
  EXPECT_EQ(send("http://127.0.0.1:1", std::move(split)).error().code, Errc::bad_input);
}

TEST_F(ClientTest, T9_AServerThatNeverAnswers) {
  Script server([](Peer& peer, int) {
    peer.read_message();
    peer.ended();
  });
  const auto failed = send(server.origin(), post("/", ""), 150ms);
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().code, Errc::timed_out);
  EXPECT_FALSE(failed.error().text.starts_with("connect"));
}

TEST_F(ClientTest, T13_ASlowBodyMeetsTheTotalDeadline) {
  std::promise<void> done;
  auto stop = done.get_future().share();
  Script server([&](Peer& peer, int) {
    peer.read_message();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
    while (stop.wait_for(20ms) == std::future_status::timeout) peer.send("x");
  });
  const auto started = std::chrono::steady_clock::now();
  const auto failed = send(server.origin(), HttpRequest("GET", "/"), 200ms);
  done.set_value();
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().code, Errc::timed_out);
  EXPECT_GE(std::chrono::steady_clock::now() - started, 190ms);
  EXPECT_LT(std::chrono::steady_clock::now() - started, 2s);
}

TEST_F(ClientTest, T12_AHundredMegabytesAreLimited) {
  ClientLimits limits;
  limits.body_bytes = 1 << 20;
  make(limits);
  std::atomic<std::size_t> poured = 0;
  for (const bool declared : {true, false}) {
    Script server([&](Peer& peer, int) {
      peer.read_message();
      peer.send(declared ? "HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n" : "HTTP/1.1 200 OK\r\n\r\n");
      const std::string piece(65536, 'x');
      for (std::size_t sent = 0; sent < (100U << 20) && peer.send(piece); sent += piece.size()) poured += piece.size();
    });
    const auto failed = send(server.origin(), HttpRequest("GET", "/"));
    ASSERT_FALSE(failed.has_value());
    EXPECT_EQ(failed.error().code, Errc::network);
    EXPECT_NE(failed.error().text.find("body too long"), std::string::npos) << failed.error().text;
  }
  EXPECT_LT(poured, std::size_t{40} << 20);
}

TEST_F(ClientTest, T12_AnswersThatAreNotHttp) {
  for (const std::string& bad :
       {std::string("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort"), std::string("garbage\r\n\r\n"),
        std::string("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
        std::string("HTTP/1.1 200 OK\r\nX: ") + std::string(100000, 'x') + "\r\n\r\n",
        std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), std::string("HTTP/1.1 2"), std::string(),
        std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab")}) {
    Script server([&](Peer& peer, int) {
      peer.read_message();
      peer.send(bad);
    });
    const auto failed = send(server.origin(), HttpRequest("GET", "/"));
    ASSERT_FALSE(failed.has_value()) << bad.substr(0, 60);
    EXPECT_EQ(failed.error().code, Errc::network) << bad.substr(0, 60);
    EXPECT_FALSE(failed.error().text.starts_with("connect")) << failed.error().text;
  }
}

TEST_F(ClientTest, AServerThatRefusesEarlyIsHeard) {
  Script server([](Peer& peer, int) {
    peer.read_message(true);
    peer.send("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    peer.finish();
    peer.read_all();
  });
  const auto response = send(server.origin(), post("/", std::string(4 << 20, 'x')));
  ASSERT_TRUE(response.has_value()) << response.error().text;
  EXPECT_EQ(response->status, 413);
}

TEST_F(ClientTest, CloseEndsWhatIsUnderWay) {
  ClientLimits limits;
  limits.open_per_origin = 1;
  make(limits);
  std::promise<void> arrived;
  Script server([&](Peer& peer, int) {
    peer.read_message();
    arrived.set_value();
    peer.ended();
  });
  auto under_way = start(server.origin(), post("/", "1"));
  arrived.get_future().get();
  auto in_line = start(server.origin(), post("/", "2"));
  loop.call([this] { client->close(); });
  EXPECT_EQ(under_way.get().error().code, Errc::shutting_down);
  EXPECT_EQ(in_line.get().error().code, Errc::shutting_down);
  EXPECT_EQ(send(server.origin(), post("/", "3")).error().code, Errc::shutting_down);
}

TEST_F(ClientTest, NamesAreResolved) {
  Script server([](Peer& peer, int) {
    peer.read_message();
    peer.send(answer("ok", "Connection: close\r\n"));
  });
  const auto response = send("http://localhost:" + std::to_string(server.port()), HttpRequest("GET", "/"));
  ASSERT_TRUE(response.has_value()) << response.error().text;
  EXPECT_EQ(response->body, "ok");
  const auto nobody = send("https://no-such-host.invalid", HttpRequest("GET", "/"), 3s);
  ASSERT_FALSE(nobody.has_value());
  EXPECT_TRUE(nobody.error().text.starts_with("connect")) << nobody.error().text;
}

// -- T49 ------------------------------------------------------------------------------------------------

asio::awaitable<HttpResponse> hello(HttpRequest, Params) { co_return HttpResponse(200, "hello"); }

class TlsTest : public ClientTest {
 protected:
  TlsTest() { make({}, test::certificates().roots); }
  Result<HttpResponse> ask(const TlsFiles& files, const std::string& host = "localhost") {
    Site site({}, files);
    site.router.add("GET", "/", hello);
    site.start();
    return send(site.origin("https", host), HttpRequest("GET", "/"));
  }
  void refused(const TlsFiles& files, const std::string& why, const std::string& host = "localhost") {
    const auto failed = ask(files, host);
    ASSERT_FALSE(failed.has_value());
    EXPECT_EQ(failed.error().code, Errc::network);
    EXPECT_TRUE(failed.error().text.starts_with("connect: TLS")) << failed.error().text;
    EXPECT_NE(failed.error().text.find(why), std::string::npos) << failed.error().text;
  }
};

TEST_F(TlsTest, AGoodCertificateIsAccepted) {
  Site site({}, test::certificates().good);
  site.router.add("GET", "/", hello);
  site.start();
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(send(site.origin("https", "localhost"), HttpRequest("GET", "/")).value().body, "hello");
    EXPECT_EQ(send(site.origin("https", "127.0.0.1"), HttpRequest("GET", "/")).value().body, "hello");
  }
  EXPECT_EQ(site.connections(), 2U);  // one for each origin, kept
}

TEST_F(TlsTest, T49_SelfSigned) { refused(test::certificates().self_signed, "self-signed"); }
TEST_F(TlsTest, T49_UnknownAuthority) { refused(test::certificates().unknown_authority, "unable to get local issuer"); }
TEST_F(TlsTest, T49_Expired) { refused(test::certificates().expired, "expired"); }
TEST_F(TlsTest, T49_WrongHost) {
  refused(test::certificates().wrong_host, "another host");
  refused(test::certificates().wrong_host, "another host", "127.0.0.1");
}

TEST_F(TlsTest, T49_SystemRootsDoNotKnowTheTestsRoot) {
  make({});
  refused(test::certificates().good, "unable to get local issuer");
}

TEST_F(TlsTest, T49_OldProtocol) {
  asio::io_context context;
  asio::ssl::context old(asio::ssl::context::tls_server);
  SSL_CTX_set_security_level(old.native_handle(), 0);
  SSL_CTX_set_min_proto_version(old.native_handle(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(old.native_handle(), TLS1_1_VERSION);
  old.use_certificate_chain_file(test::certificates().good.certificate);
  old.use_private_key_file(test::certificates().good.key, asio::ssl::context::pem);
  asio::ip::tcp::acceptor acceptor(context, {asio::ip::address_v4::loopback(), 0});
  std::thread server([&] {
    asio::ssl::stream<asio::ip::tcp::socket> stream(acceptor.accept(), old);
    boost::system::error_code error;
    stream.handshake(asio::ssl::stream_base::server, error);
    EXPECT_TRUE(error);
  });
  const auto failed = send("https://127.0.0.1:" + std::to_string(acceptor.local_endpoint().port()), HttpRequest("GET", "/"));
  server.join();
  ASSERT_FALSE(failed.has_value());
  EXPECT_TRUE(failed.error().text.starts_with("connect: TLS")) << failed.error().text;
}

TEST_F(TlsTest, ATlsServerThatNeverShakesHands) {
  ClientLimits limits;
  limits.connect = 150ms;
  make(limits, test::certificates().roots);
  Script server([](Peer& peer, int) { peer.read_all(); });
  const auto failed = send("https://127.0.0.1:" + std::to_string(server.port()), HttpRequest("GET", "/"));
  ASSERT_FALSE(failed.has_value());
  EXPECT_TRUE(failed.error().text.starts_with("connect")) << failed.error().text;
}

TEST_F(TlsTest, PlainHttpToATlsPortIsNoAnswer) {
  Site site({}, test::certificates().good);
  site.router.add("GET", "/", hello);
  site.start();
  EXPECT_FALSE(send(site.origin("http"), HttpRequest("GET", "/")).has_value());
  EXPECT_TRUE(send(site.origin("https", "localhost"), HttpRequest("GET", "/")).has_value());
}

}  // namespace
}  // namespace xieban::client_test
