// The WebSocket client against Beast's own server side, and against peers that are none.

#include "bot/net/web_socket.hpp"

#include <gtest/gtest.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "tests/net/net_support.hpp"

namespace xieban::web_socket_test {
namespace {

namespace asio = boost::asio;
namespace websocket = boost::beast::websocket;
using namespace std::chrono_literals;
using tcp = asio::ip::tcp;
using Plain = websocket::stream<tcp::socket>;
using Secure = websocket::stream<asio::ssl::stream<tcp::socket>>;

/// Accepts one connection in a thread and plays with it.
class OneSocket {
 public:
  explicit OneSocket(std::function<void(Plain&)> play) {
    thread_ = std::thread([this, play = std::move(play)] {
      boost::system::error_code ignored;
      Plain stream(acceptor_.accept(ignored));
      stream.accept(ignored);
      if (!ignored) play(stream);
    });
  }
  OneSocket(const test::CertificateFiles&, const TlsFiles& files) {
    tls_.use_certificate_chain_file(files.certificate);
    tls_.use_private_key_file(files.key, asio::ssl::context::pem);
    thread_ = std::thread([this] {
      boost::system::error_code ignored;
      Secure stream(acceptor_.accept(ignored), tls_);
      stream.next_layer().handshake(asio::ssl::stream_base::server, ignored);
      if (ignored) return;
      stream.accept(ignored);
      if (!ignored) stream.write(asio::buffer("secret", 6), ignored);
      boost::beast::flat_buffer buffer;
      if (!ignored) stream.read(buffer, ignored);
    });
  }
  ~OneSocket() { thread_.join(); }
  OneSocket(const OneSocket&) = delete;
  OneSocket& operator=(const OneSocket&) = delete;
  std::string url(const std::string& scheme = "ws", const std::string& host = "127.0.0.1") {
    return scheme + "://" + host + ":" + std::to_string(acceptor_.local_endpoint().port()) + "/connect?ticket=a%2Bb";
  }

 private:
  asio::io_context context_;
  asio::ssl::context tls_{asio::ssl::context::tls_server};
  tcp::acceptor acceptor_{context_, tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0)};
  std::thread thread_;
};

class WebSocketTest : public testing::Test {
 protected:
  ~WebSocketTest() override {
    loop.call([this] {
      socket.reset();
      sockets.reset();
    });
    loop.stop();
  }
  Result<std::shared_ptr<WebSocket>> dial(const std::string& url, Duration timeout = 5s, const std::string& roots = {},
                                          WebSocketLimits limits = {}) {
    loop.call([&] { sockets = std::make_unique<WebSockets>(loop.executor(), limits, roots); });
    return loop.run(sockets->dial(url, timeout, declined));
  }
  Result<SocketFrame> read() { return loop.run(socket->read()); }
  Result<void> write(std::string bytes, bool binary = false) {
    SocketFrame frame;
    frame.bytes = std::move(bytes);
    frame.binary = binary;
    return loop.run(socket->write(std::move(frame)));
  }
  test::Loop loop;
  std::unique_ptr<WebSockets> sockets;
  std::shared_ptr<WebSocket> socket;
  HttpResponse declined{0};
};

std::string take(Plain& stream, bool* binary = nullptr) {
  boost::beast::flat_buffer buffer;
  boost::system::error_code error;
  stream.read(buffer, error);
  if (error) return "error: " + error.message();
  if (binary != nullptr) *binary = stream.got_binary();
  return std::string(static_cast<const char*>(buffer.cdata().data()), buffer.size());
}

TEST_F(WebSocketTest, SendsAndReceivesTextAndBinary) {
  std::string text, bytes;
  bool binary = false;
  OneSocket server([&](Plain& stream) {
    text = take(stream);
    bytes = take(stream, &binary);
    stream.text(true);
    stream.write(asio::buffer(std::string("你好")));
    stream.binary(true);
    stream.write(asio::buffer(std::string("\0\x01", 2)));
    take(stream);
  });
  auto opened = dial(server.url());
  ASSERT_TRUE(opened) << opened.error().text;
  socket = *opened;
  ASSERT_TRUE(write("hello"));
  ASSERT_TRUE(write(std::string("\x00\xff", 2), true));
  const auto first = read();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->bytes, "你好");
  EXPECT_FALSE(first->binary);
  const auto second = read();
  ASSERT_TRUE(second);
  EXPECT_EQ(second->bytes, std::string("\0\x01", 2));
  EXPECT_TRUE(second->binary);
  loop.call([this] { socket->close(); });
  EXPECT_FALSE(read());
  EXPECT_EQ(text, "hello");
  EXPECT_EQ(bytes, std::string("\x00\xff", 2));
  EXPECT_TRUE(binary);
}

TEST_F(WebSocketTest, SaysWhyThePeerClosed) {
  OneSocket server([](Plain& stream) {
    boost::system::error_code ignored;
    stream.close({websocket::close_code::try_again_later, "over capacity"}, ignored);
  });
  auto opened = dial(server.url());
  ASSERT_TRUE(opened);
  socket = *opened;
  const auto frame = read();
  ASSERT_FALSE(frame);
  EXPECT_NE(frame.error().text.find("1013 over capacity"), std::string::npos) << frame.error().text;
  EXPECT_FALSE(write("too late"));
}

TEST_F(WebSocketTest, AMessageThatIsTooLongEndsTheConnection) {
  OneSocket server([](Plain& stream) {
    boost::system::error_code ignored;
    stream.write(asio::buffer(std::string(5000, 'x')), ignored);
    take(stream);
  });
  WebSocketLimits limits;
  limits.message_bytes = 4096;
  auto opened = dial(server.url(), 5s, {}, limits);
  ASSERT_TRUE(opened);
  socket = *opened;
  EXPECT_FALSE(read());
  loop.call([this] { socket->close(); });
}

TEST_F(WebSocketTest, APeerThatDoesNotReadEndsTheConnection) {
  std::promise<void> done;
  OneSocket server([&](Plain&) { done.get_future().wait(); });
  WebSocketLimits limits;
  limits.write = 200ms;
  auto opened = dial(server.url(), 5s, {}, limits);
  ASSERT_TRUE(opened);
  socket = *opened;
  EXPECT_FALSE(write(std::string(64 * 1024 * 1024, 'x')));
  EXPECT_FALSE(write("more"));
  done.set_value();
}

TEST_F(WebSocketTest, ARefusalIsToldWithItsStatus) {
  test::Script server([](test::Peer& peer, int) {
    peer.read_message(true);
    peer.send("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nWhy: not today\r\n\r\n");
  });
  const auto opened = dial("ws://127.0.0.1:" + std::to_string(server.port()) + "/");
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::network);
  EXPECT_NE(opened.error().text.find("status 403"), std::string::npos) << opened.error().text;
  EXPECT_EQ(declined.status, 403);
  EXPECT_EQ(declined.headers.get("why"), "not today");
}

TEST_F(WebSocketTest, APeerThatNeverAnswersIsGivenUp) {
  std::promise<void> done;
  auto over = done.get_future().share();
  test::Script server([over](test::Peer& peer, int) {
    peer.read_message(true);
    over.wait();
  });
  const auto opened = dial("ws://127.0.0.1:" + std::to_string(server.port()) + "/", 300ms);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::timed_out);
  done.set_value();
}

TEST_F(WebSocketTest, BytesThatAreNoHttpAreRefused) {
  test::Script server([](test::Peer& peer, int) {
    peer.read_message(true);
    peer.send(std::string(2000, '\xfe'));
  });
  const auto opened = dial("ws://127.0.0.1:" + std::to_string(server.port()) + "/");
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::network);
}

TEST_F(WebSocketTest, OnlyAddressesOfWebSocketsAndPlainOnesOnLoopback) {
  for (const char* url : {"http://127.0.0.1/", "127.0.0.1", "", "ws://", "ws://user@127.0.0.1/"})
    EXPECT_EQ(dial(url).error().code, Errc::bad_input) << url;
  const auto far = dial("ws://192.0.2.1/");
  ASSERT_FALSE(far);
  EXPECT_NE(far.error().text.find("loopback"), std::string::npos);
}

TEST_F(WebSocketTest, T49_ACertificateThatNobodyVouchesForIsRefused) {
  const auto& files = test::certificates();
  {
    OneSocket server(files, files.good);
    auto opened = dial(server.url("wss", "localhost"), 5s, files.roots);
    ASSERT_TRUE(opened) << opened.error().text;
    socket = *opened;
    const auto frame = read();
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->bytes, "secret");
    loop.call([this] { socket->close(); });
  }
  for (const TlsFiles* bad : {&files.expired, &files.wrong_host, &files.self_signed, &files.unknown_authority}) {
    OneSocket server(files, *bad);
    const auto opened = dial(server.url("wss", "localhost"), 5s, files.roots);
    ASSERT_FALSE(opened) << bad->certificate;
    EXPECT_NE(opened.error().text.find("TLS"), std::string::npos) << opened.error().text;
  }
}

}  // namespace
}  // namespace xieban::web_socket_test
