#include "bot/net/wire.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <chrono>

namespace xieban::wire::wire_test {
namespace {

using namespace std::chrono_literals;

TEST(HeaderEnd, FindsTheEmptyLine) {
  const std::string bytes = "GET / HTTP/1.1\r\nHost: a\r\n\r\nbody";
  const HeaderEnd end = find_header_end(bytes, 0, 1000);
  EXPECT_EQ(end.state, Scan::complete);
  EXPECT_EQ(bytes.substr(end.length), "body");
}

TEST(HeaderEnd, RefusesWhatReadersDisagreeAbout) {
  for (const std::string bytes :
       {"GET / HTTP/1.1\nHost: a\n\n", "GET / HTTP/1.1\r\nHost: a\n\r\n", "GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n",
        "GET / HTTP/1.1\r\nA: b\r\n\tc\r\n\r\n", " GET / HTTP/1.1\r\n\r\n", "\x16\x03\x01", "\nGET"}) {
    EXPECT_EQ(find_header_end(bytes, 0, 1000).state, Scan::malformed) << bytes;
  }
}

TEST(HeaderEnd, TheLimitCountsTheWholeHeader) {
  const std::string bytes = "GET / HTTP/1.1\r\nA: b\r\n\r\n";
  EXPECT_EQ(find_header_end(bytes, 0, bytes.size()).state, Scan::complete);
  EXPECT_EQ(find_header_end(bytes, 0, bytes.size() - 1).state, Scan::too_long);
  EXPECT_EQ(find_header_end("GET /aaaaaaaaaaaa", 0, 10).state, Scan::too_long);
  EXPECT_EQ(find_header_end("GET /aaaa", 0, 10).state, Scan::incomplete);
}

// However the bytes arrive, the answer is that of the whole.
RC_GTEST_PROP(HeaderEndProperty, PiecesGiveTheAnswerOfTheWhole, ()) {
  const auto text = *rc::gen::container<std::string>(rc::gen::element('a', ':', ' ', '\t', '\r', '\n', '\n', '\r'));
  const std::string bytes = "G" + text;
  HeaderEnd whole = find_header_end(bytes, 0, 40);
  std::size_t from = 0;
  for (std::size_t size = 1; size <= bytes.size(); ++size) {
    const HeaderEnd piece = find_header_end(std::string_view(bytes).substr(0, size), from, 40);
    if (piece.state != Scan::incomplete) {
      // A decision taken early must be the one the whole gives.
      RC_ASSERT(piece.state == whole.state);
      if (piece.state == Scan::complete) RC_ASSERT(piece.length == whole.length);
      return;
    }
    from = piece.length;
  }
  RC_ASSERT(whole.state == Scan::incomplete);
}

TEST(CheckRequest, HostAndCodings) {
  HttpRequest request("GET", "/");
  EXPECT_EQ(check_request(request, 11), 400);  // no Host
  EXPECT_EQ(check_request(request, 10), 0);
  request.headers.add("Host", "a");
  EXPECT_EQ(check_request(request, 11), 0);
  EXPECT_EQ(check_request(request, 12), 505);
  HttpRequest two = request;
  two.headers.add("host", "b");
  EXPECT_EQ(check_request(two, 11), 400);
  HttpRequest coded = request;
  coded.headers.add("Transfer-Encoding", "chunked");
  EXPECT_EQ(check_request(coded, 11), 0);
  EXPECT_EQ(check_request(coded, 10), 400);
  for (const char* coding : {"gzip, chunked", "xchunked", "chunked, identity", "chunked;q=1", "identity", ""}) {
    HttpRequest odd = request;
    odd.headers.add("Transfer-Encoding", coding);
    EXPECT_EQ(check_request(odd, 11), 400) << coding;
  }
  HttpRequest expects = request;
  expects.headers.add("Expect", "100-Continue");
  EXPECT_EQ(check_request(expects, 11), 0);
  expects.headers.set("Expect", "200-ok");
  EXPECT_EQ(check_request(expects, 11), 417);
  HttpRequest many = request;
  for (int i = 0; i < 300; ++i) many.headers.add("a", "b");
  EXPECT_EQ(check_request(many, 11), 431);
  request.target = "host:443";
  EXPECT_EQ(check_request(request, 11), 400);
}

TEST(OriginForm, StripsSchemeAndHost) {
  EXPECT_EQ(origin_form("http://h:1/a?b"), "/a?b");
  EXPECT_EQ(origin_form("HTTPS://h"), "/");
  EXPECT_EQ(origin_form("http://h?b"), "/?b");
  EXPECT_EQ(origin_form("/a"), "/a");
  EXPECT_EQ(origin_form("*"), "*");
}

TEST(ResponseHead, OwnsTheFraming) {
  HttpResponse response(200, "hello", "text/plain");
  response.headers.add("Content-Length", "99");
  response.headers.add("connection", "upgrade");
  response.headers.add("Transfer-Encoding", "chunked");
  response.headers.add("X-Ok", "1");
  EXPECT_EQ(response_head(response, "now", 11, true),
            "HTTP/1.1 200 OK\r\nDate: now\r\nContent-Type: text/plain\r\nX-Ok: 1\r\n"
            "X-Content-Type-Options: nosniff\r\nContent-Length: 5\r\n\r\n");
  EXPECT_NE(response_head(response, "now", 11, false).find("\r\nConnection: close\r\n"), std::string::npos);
  EXPECT_NE(response_head(response, "now", 10, true).find("\r\nConnection: keep-alive\r\n"), std::string::npos);
  EXPECT_EQ(response_head(HttpResponse(204), "now", 11, true).find("Content-Length"), std::string::npos);
}

TEST(ResponseHead, AValueCannotEndItsLine) {
  HttpResponse response(302);
  response.headers.add("Location", "/a\r\nSet-Cookie: x=1\r\n\r\n<script>");
  response.headers.add("Bad Name\r\nX: y", "1");
  const std::string head = response_head(response, "now", 11, true);
  EXPECT_EQ(head.find("\r\nSet-Cookie"), std::string::npos);
  EXPECT_EQ(head.find("\r\nX: y"), std::string::npos);
  EXPECT_EQ(head.find("\r\n\r\n"), head.size() - 4);
}

TEST(RequestHead, WritesWhatIsOursAndRefusesWhatIsNotAHeader) {
  HttpRequest request("POST", "/a?b=c");
  request.body = "{}";
  request.headers.add("Content-Type", "application/json");
  request.headers.add("Accept-Encoding", "gzip");
  request.headers.add("host", "evil");
  EXPECT_EQ(
      request_head(request, "h:1"),
      "POST /a?b=c HTTP/1.1\r\nHost: h:1\r\nUser-Agent: xieban\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(request_head(HttpRequest("POST", "/"), "h")->find("Content-Length: 0") == std::string::npos, false);
  EXPECT_EQ(request_head(HttpRequest("GET", "/"), "h")->find("Content-Length"), std::string::npos);
  for (const char* target : {"", "a", "/a b", "/a\r\nX: y", "http://x/"}) {
    EXPECT_FALSE(request_head(HttpRequest("GET", target), "h").has_value()) << target;
  }
  EXPECT_FALSE(request_head(HttpRequest("GE T", "/"), "h").has_value());
  HttpRequest split("GET", "/");
  split.headers.add("Authorization", "Bearer a\r\nX: y");
  EXPECT_FALSE(request_head(split, "h").has_value());
}

TEST(HttpDate, IsRfc9110) {
  EXPECT_EQ(http_date(TimePoint(784111777s)), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(http_date(TimePoint(0s)), "Thu, 01 Jan 1970 00:00:00 GMT");
}

}  // namespace
}  // namespace xieban::wire::wire_test
