// T33 to T36 of the fault list, on real sockets.

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <mutex>

#include "bot/base/rng.hpp"
#include "tests/net/net_support.hpp"

namespace xieban::hostile_test {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using test::body_of;
using test::has_header;
using test::Peer;
using test::Site;
using test::status_of;

class HostileTest : public testing::Test {
 protected:
  void open(Limits limits = {}) {
    site = std::make_unique<Site>(limits);
    const auto record = [this](HttpRequest request, Params) -> asio::awaitable<HttpResponse> {
      const std::lock_guard lock(mutex);
      seen.push_back(request.method + " " + request.target);
      return answer();
    };
    for (const char* method : {"GET", "POST"}) site->router.add(method, "/{path*}", record);
    site->router.add("PUT", "/big", [](HttpRequest, Params) { return big(); });
    site->start();
  }
  static asio::awaitable<HttpResponse> answer() { co_return HttpResponse(200, "fine"); }
  static asio::awaitable<HttpResponse> big() { co_return HttpResponse(200, std::string(32 << 20, 'x')); }

  bool still_answers() {
    Peer peer(site->port);
    peer.send("GET /good HTTP/1.1\r\nHost: a\r\n\r\n");
    return body_of(peer.read_message()) == "fine";
  }
  std::vector<std::string> take_seen() {
    const std::lock_guard lock(mutex);
    return std::exchange(seen, {});
  }
  std::mutex mutex;
  std::vector<std::string> seen;
  std::unique_ptr<Site> site;
};

/// Sends `piece` until the other side stops it, at most `total` bytes; how many went out.
std::size_t pour(Peer& peer, const std::string& piece, std::size_t total) {
  std::size_t sent = 0;
  while (sent < total && peer.send(piece)) sent += piece.size();
  return sent;
}

// -- T33 ------------------------------------------------------------------------------------------------

TEST_F(HostileTest, T33_AGigabyteDeclaredIsRefusedUnread) {
  open();
  Peer peer(site->port);
  peer.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 1073741824\r\n\r\n");
  const std::string refusal = peer.read_message();
  EXPECT_EQ(status_of(refusal), 413);
  EXPECT_TRUE(has_header(refusal, "Connection: close"));
  EXPECT_TRUE(take_seen().empty());
  EXPECT_TRUE(still_answers());
}

TEST_F(HostileTest, T33_ExactlyTheLimitPassesOneMoreDoesNot) {
  Limits limits;
  limits.body_bytes = 1000;
  open(limits);
  const auto ask = [&](const std::string& head, const std::string& body) {
    Peer peer(site->port);
    peer.send("POST /a HTTP/1.1\r\nHost: a\r\n" + head + "\r\n\r\n" + body);
    return status_of(peer.read_message());
  };
  EXPECT_EQ(ask("Content-Length: 1000", std::string(1000, 'x')), 200);
  EXPECT_EQ(ask("Content-Length: 1001", std::string(1001, 'x')), 413);
  const std::string half = "1f4\r\n" + std::string(500, 'x') + "\r\n";
  EXPECT_EQ(ask("Transfer-Encoding: chunked", half + half + "0\r\n\r\n"), 200);
  EXPECT_EQ(ask("Transfer-Encoding: chunked", half + half + "1\r\nx\r\n0\r\n\r\n"), 413);
}

TEST_F(HostileTest, T33_AStreamWithoutEndIsStoppedEarly) {
  open();
  ASSERT_TRUE(still_answers());
  const std::size_t before = test::resident_bytes();
  const std::string piece = "10000\r\n" + std::string(65536, 'x') + "\r\n";
  std::vector<std::thread> attackers;
  std::atomic<std::size_t> most = 0;
  for (int i = 0; i < 4; ++i) {
    attackers.emplace_back([&] {
      Peer peer(site->port);
      peer.send("POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
      const std::size_t sent = pour(peer, piece, std::size_t{1} << 30);
      std::size_t seen_most = most;
      while (sent > seen_most && !most.compare_exchange_weak(seen_most, sent)) {
      }
      EXPECT_EQ(status_of(peer.read_message()), 413);
    });
  }
  for (auto& attacker : attackers) attacker.join();
  // What lies in socket buffers on both sides and what is read and thrown away while our answer is on its way.
  EXPECT_LT(most, std::size_t{32} << 20);
#ifndef __SANITIZE_ADDRESS__
  EXPECT_LT(test::resident_bytes(), before + (std::size_t{10} << 20));
#else
  EXPECT_GT(before, 0U);
#endif
  EXPECT_TRUE(still_answers());
}

TEST_F(HostileTest, T33_HugeHeaders) {
  open();
  const std::string one_field = "GET / HTTP/1.1\r\nHost: a\r\nX-Big: " + std::string(1 << 20, 'x') + "\r\n\r\n";
  std::string many_fields = "GET / HTTP/1.1\r\nHost: a\r\n";
  for (int i = 0; i < 10000; ++i) many_fields += "X-" + std::to_string(i) + ": y\r\n";
  std::string small_fields = "GET / HTTP/1.1\r\nHost: a\r\n";
  for (int i = 0; i < 2000; ++i) small_fields += "a:b\r\n";
  for (const std::string& request :
       {one_field, many_fields + "\r\n", small_fields + "\r\n", "GET /" + std::string(20000, 'a')}) {
    Peer peer(site->port);
    peer.send(request);
    const std::string refusal = peer.read_message();
    EXPECT_EQ(status_of(refusal), 431);
    EXPECT_TRUE(has_header(refusal, "Connection: close"));
    EXPECT_TRUE(peer.ended());
  }
  // Chunk extensions and trailers without end are headers, too.
  for (const std::string& flood : {"1;" + std::string(1 << 20, 'x'), "0\r\n" + std::string(1 << 20, 'x')}) {
    Peer peer(site->port);
    peer.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + flood);
    EXPECT_EQ(status_of(peer.read_message()) / 100, 4);
  }
  EXPECT_EQ(take_seen().size(), 0U);
}

// -- T34 ------------------------------------------------------------------------------------------------

TEST_F(HostileTest, T34_SlowClientsAreCutAndGoodOnesDoNotNotice) {
  constexpr int slow_ones = 1000;
  ASSERT_TRUE(test::allow_descriptors(2 * slow_ones + 100));
  Limits limits;
  limits.connections = slow_ones + 50;
  limits.header = 1500ms;
  limits.body = 1500ms;
  open(limits);
  std::vector<Peer> slow;
  for (int i = 0; i < slow_ones; ++i) {
    slow.emplace_back(site->port);
    if (i % 2 == 1) slow.back().send("POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n");
  }
  const auto started = std::chrono::steady_clock::now();
  std::atomic<bool> trickling = true;
  std::thread trickle([&] {
    const std::string line =
        "POST /slow HTTP/1.1\r\nX: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    for (std::size_t at = 0; trickling && at < line.size(); ++at) {
      for (Peer& peer : slow) peer.send_slowly(line.substr(at, 1));
    }
  });
  // Good clients meanwhile, each on a connection of its own.
  std::vector<double> milliseconds;
  bool all_cut = false;
  while (!all_cut && std::chrono::steady_clock::now() < started + 4500ms) {
    const auto asked = std::chrono::steady_clock::now();
    EXPECT_TRUE(still_answers());
    milliseconds.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - asked).count());
    if (milliseconds.size() % 16 == 0) all_cut = site->connections() < 10;
  }
  trickling = false;
  trickle.join();
  EXPECT_TRUE(all_cut);
  EXPECT_GE(milliseconds.size(), 32U);
  std::sort(milliseconds.begin(), milliseconds.end());
  EXPECT_LT(milliseconds[milliseconds.size() * 99 / 100], 200.0);
  for (Peer& peer : slow) ASSERT_TRUE(peer.ended());
  for (const std::string& request : take_seen()) EXPECT_EQ(request, "GET /good");
}

TEST_F(HostileTest, T34_WhoDoesNotReadTheAnswerIsCut) {
  Limits limits;
  limits.write = 200ms;
  open(limits);
  Peer peer(site->port);
  peer.send("PUT /big HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
  ASSERT_TRUE(site->reaches(1));
  EXPECT_TRUE(still_answers());
  EXPECT_TRUE(site->reaches(0));
  EXPECT_LT(peer.read_all().size(), std::size_t{32} << 20);
}

// -- T35 ------------------------------------------------------------------------------------------------

struct Smuggled {
  const char* name;
  std::string bytes;
  int status = 400;
};

const std::string get_evil = "GET /evil HTTP/1.1\r\nHost: a\r\n\r\n";

std::vector<Smuggled> smuggled() {
  const std::string post = "POST /front HTTP/1.1\r\nHost: a\r\n";
  const std::string chunked = post + "Transfer-Encoding: chunked\r\n\r\n";
  using namespace std::string_literals;
  return {
      {"length, then chunked", post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + get_evil},
      {"chunked, then length", post + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + get_evil},
      {"two different lengths", post + "Content-Length: 0\r\nContent-Length: 33\r\n\r\n" + get_evil},
      {"two lengths in one field", post + "Content-Length: 0, 33\r\n\r\n" + get_evil},
      {"negative length", post + "Content-Length: -1\r\n\r\n" + get_evil},
      {"signed length", post + "Content-Length: +0\r\n\r\n" + get_evil},
      {"hexadecimal length", post + "Content-Length: 0x0\r\n\r\n" + get_evil},
      {"length of twenty nines", post + "Content-Length: 99999999999999999999\r\n\r\n" + get_evil},
      {"empty length", post + "Content-Length: \r\n\r\n" + get_evil},
      {"length with a space inside", post + "Content-Length: 1 0\r\n\r\n" + get_evil},
      {"space before the colon", post + "Content-Length : 33\r\n\r\n" + get_evil},
      {"chunked with a space before the colon", post + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + get_evil},
      {"another coding", post + "Transfer-Encoding: xchunked\r\nContent-Length: 0\r\n\r\n" + get_evil},
      {"unknown coding alone", post + "Transfer-Encoding: gzip\r\n\r\n" + get_evil},
      {"chunked is not last", post + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + get_evil},
      {"chunked twice", post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + get_evil},
      {"vertical tab before chunked", post +
                                          "Transfer-Encoding: \x0b"
                                          "chunked\r\n\r\n0\r\n\r\n" +
                                          get_evil},
      {"obsolete folding", post + "X: a\r\n Content-Length: 33\r\n\r\n" + get_evil},
      {"folded coding", post + "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n" + get_evil},
      {"NUL in a value", post + "X: a\0b\r\n\r\n"s + get_evil},
      {"NUL in a name", post + "X\0: a\r\n\r\n"s + get_evil},
      {"NUL in the target", "GET /a\0b HTTP/1.1\r\nHost: a\r\n\r\n"s + get_evil},
      {"bare line feed", post + "X: a\nContent-Length: 33\r\n\r\n" + get_evil},
      {"bare carriage return", post + "X: a\rContent-Length: 33\r\n\r\n" + get_evil},
      {"no colon", post + "Content-Length\r\n\r\n" + get_evil},
      {"empty name", post + ": a\r\n\r\n" + get_evil},
      {"no host", "GET /front HTTP/1.1\r\n\r\n" + get_evil},
      {"two hosts", "GET /front HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n" + get_evil},
      {"no version", "GET /front\r\n\r\n" + get_evil},
      {"a later version", "GET /front HTTP/1.9\r\nHost: a\r\n\r\n" + get_evil, 505},
      {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
      {"chunked in HTTP/1.0", "POST /front HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + get_evil},
      {"a TLS greeting", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"s},
      {"garbage", "\xff\xfe garbage \r\n\r\n" + get_evil},
      {"chunk size is no number", chunked + "xyz\r\nabc\r\n0\r\n\r\n" + get_evil},
      {"empty chunk size", chunked + "\r\nabc\r\n0\r\n\r\n" + get_evil},
      {"negative chunk size", chunked + "-1\r\nabc\r\n0\r\n\r\n" + get_evil},
      {"chunk size with 0x", chunked + "0x3\r\nabc\r\n0\r\n\r\n" + get_evil},
      {"chunk size overflows", chunked + "10000000000000003\r\nabc\r\n0\r\n\r\n" + get_evil},
      {"huge chunk size", chunked + "ffffffffffffffff\r\nabc\r\n0\r\n\r\n" + get_evil, 413},
      {"chunk longer than it says", chunked + "2\r\nabcd\r\n0\r\n\r\n" + get_evil},
      {"chunk without its line end", chunked + "3\r\nabc0\r\n\r\n" + get_evil},
      {"chunk size ended by a line feed", chunked + "3\nabc\r\n0\r\n\r\n" + get_evil},
      {"extension with a line feed", chunked + "3;\nxx\r\nabc\r\n0\r\n\r\n" + get_evil},
      {"length among the trailers", chunked + "0\r\nContent-Length: 5\r\n\r\n" + get_evil},
      {"coding among the trailers", chunked + "0\r\nTransfer-Encoding: chunked\r\n\r\n" + get_evil},
  };
}

TEST_F(HostileTest, T35_SmugglingIsRefusedAndTheConnectionClosed) {
  open();
  for (const Smuggled& attack : smuggled()) {
    SCOPED_TRACE(attack.name);
    Peer peer(site->port);
    peer.send(attack.bytes);
    peer.finish();
    const std::string refusal = peer.read_message();
    EXPECT_EQ(status_of(refusal), attack.status);
    EXPECT_TRUE(has_header(refusal, "Connection: close"));
    EXPECT_EQ(peer.read_all(), "");  // nothing behind it was answered
    EXPECT_TRUE(take_seen().empty());
  }
  EXPECT_TRUE(still_answers());
}

TEST_F(HostileTest, T35_TheSameBytesOneByOneEndTheSameWay) {
  open();
  for (const Smuggled& attack : smuggled()) {
    SCOPED_TRACE(attack.name);
    Peer peer(site->port);
    for (const char c : attack.bytes) {
      if (!peer.send(std::string(1, c))) break;
    }
    peer.finish();
    EXPECT_EQ(status_of(peer.read_message()), attack.status);
    EXPECT_TRUE(take_seen().empty());
  }
}

// Bytes that surely come one after the other: the parser's view of a body's end differs from that of bytes that come together.
TEST_F(HostileTest, T35_TheEndOfAChunkedBodyInPieces) {
  open();
  const std::string head = "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const std::string& end :
       {std::string("0\r\n\r\n"), std::string("0\r\nT: 1\r\n\r\n"), std::string("1\r\nx\r\n0\r\nT: 1\r\n\r\n")}) {
    for (std::size_t cut = 1; cut < end.size(); ++cut) {
      Peer peer(site->port);
      peer.send(head);
      for (const std::string& piece : {end.substr(0, cut), end.substr(cut, 1), end.substr(cut + 1)}) {
        for (int turn = 0; turn < 3; ++turn) site->connections();  // the loop has read what came before
        peer.send(piece);
      }
      EXPECT_EQ(status_of(peer.read_message()), 200) << end << " cut at " << cut;
    }
  }
}

TEST_F(HostileTest, T35_PipelinedGarbageEndsTheConnectionBehindTheGoodAnswer) {
  open();
  Peer peer(site->port);
  peer.send("GET /one HTTP/1.1\r\nHost: a\r\n\r\n\x01\x02garbage\r\n\r\n" + get_evil);
  EXPECT_EQ(status_of(peer.read_message()), 200);
  EXPECT_EQ(status_of(peer.read_message()), 400);
  EXPECT_EQ(peer.read_all(), "");
  EXPECT_EQ(take_seen(), std::vector<std::string>{"GET /one"});
}

// What looks odd but means one thing only is served.
TEST_F(HostileTest, T35_NoFalseAlarms) {
  open();
  for (const std::string request : {
           "POST /ok HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
           "POST /ok HTTP/1.1\r\nhOST:a\r\nTRANSFER-ENCODING: Chunked\r\n\r\n3\r\nabc\r\n000\r\n\r\n",
           "POST /ok HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nA\r\n0123456789\r\n0;last=\"x;y\"\r\nT: "
           "1\r\n\r\n",
           "\r\n\r\nGET /ok HTTP/1.1\r\nHost: a\r\nEmpty:\r\nTab:\tx\t\r\n\r\n",
       }) {
    Peer peer(site->port);
    peer.send(request + "GET /next HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(status_of(peer.read_message()), 200) << request;
    EXPECT_EQ(status_of(peer.read_message()), 200) << request;
  }
}

// -- T36, as far as HTTP goes ---------------------------------------------------------------------------

TEST_F(HostileTest, T36_MutatedRequestsNeverHarm) {
  open();
  const std::string good =
      "POST /hook/feishu/main?a=%E5%8D%8F HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: "
      "chunked\r\n\r\n"
      "8\r\n{\"a\":1}\n\r\n0\r\n\r\n";
  Rng rng(20261121);
  for (int round = 0; round < 400; ++round) {
    std::string bytes = good;
    for (std::uint64_t edits = 1 + rng.below(6); edits > 0; --edits) {
      const auto at = rng.below(bytes.size());
      switch (rng.below(4)) {
        case 0:
          bytes[at] = static_cast<char>(rng.below(256));
          break;
        case 1:
          bytes.erase(at, 1 + rng.below(4));
          break;
        case 2:
          bytes.insert(at, bytes.substr(at, rng.below(40)));
          break;
        default:
          bytes.insert(at, 1, static_cast<char>(rng.below(256)));
          break;
      }
    }
    Peer peer(site->port);
    peer.send(bytes);
    peer.finish();
    const std::string answer = peer.read_all();
    EXPECT_TRUE(answer.empty() || status_of(answer) >= 200) << "round " << round;
  }
  EXPECT_TRUE(still_answers());
}

TEST_F(HostileTest, ResetsAtAnyMoment) {
  open();
  const std::string request = "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbodyGET /b HTTP/1.1\r\nHost: a\r\n\r\n";
  for (std::size_t length = 0; length <= request.size(); length += 3) {
    Peer peer(site->port);
    peer.send(request.substr(0, length));
    peer.reset();
  }
  EXPECT_TRUE(site->reaches(0));
  EXPECT_TRUE(still_answers());
}

}  // namespace
}  // namespace xieban::hostile_test
