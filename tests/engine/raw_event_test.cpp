#include "bot/engine/raw_event.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace xieban::raw_event_test {
namespace {

using namespace std::chrono_literals;
const TimePoint start{std::chrono::sys_days{std::chrono::year{2026} / 11 / 21} + 9h + 123ms};

RC_GTEST_PROP(RawEvent, ComesBackByteForByte, (std::string body)) {
  HttpRequest request("POST", "/hook/feishu/main?a=b c");
  request.headers.add("X-Lark-Signature", "abc: def");
  request.headers.add("Empty", "");
  request.remote = "::1";
  request.body = body;
  const auto back = read_raw_event(write_raw_event(request, start));
  RC_ASSERT(back.has_value());
  RC_ASSERT(back->at == start);
  RC_ASSERT(back->request.method == "POST");
  RC_ASSERT(back->request.target == request.target);
  RC_ASSERT(back->request.remote == "::1");
  RC_ASSERT(back->request.headers.all() == request.headers.all());
  RC_ASSERT(back->request.body == body);
}

TEST(RawEvent, AHeaderCannotForgeAnother) {
  HttpRequest request("POST", "/x");
  request.headers.add("A", "1\r\nSigned: yes");
  const auto back = read_raw_event(write_raw_event(request, start));
  ASSERT_TRUE(back);
  EXPECT_FALSE(back->request.headers.has("Signed"));
}

TEST(RawEvent, WhatIsNoneIsRefused) {
  for (const char* bytes :
       {"", "event/1 ", "event/1 x \r\nPOST / HTTP/1.1\r\n\r\n", "event/1 5\r\n", "event/1 5 ::1\r\nPOST\r\n\r\n",
        "event/1 5 ::1\r\nPOST / HTTP/1.1\r\nA: b\r\n", "event/2 5 ::1\r\nPOST / HTTP/1.1\r\n\r\n"}) {
    const auto back = read_raw_event(bytes);
    ASSERT_FALSE(back) << bytes;
    EXPECT_EQ(back.error().code, Errc::bad_input);
  }
}

}  // namespace
}  // namespace xieban::raw_event_test
