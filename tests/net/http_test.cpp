#include "bot/ports/http.hpp"

#include <gtest/gtest.h>

namespace xieban::http_test {
namespace {

TEST(Headers, NamesCompareWithoutCaseAndOrderIsKept) {
  Headers headers;
  headers.add("X-One", "1");
  headers.add("x-two", "2");
  headers.add("X-ONE", "3");
  EXPECT_EQ(headers.get("x-one"), "1");
  EXPECT_TRUE(headers.has("X-Two"));
  EXPECT_FALSE(headers.has("X-Tw"));
  EXPECT_EQ(headers.get("absent"), "");
  headers.set("x-ONE", "4");
  ASSERT_EQ(headers.all().size(), 2U);
  EXPECT_EQ(headers.all()[0].first, "x-two");
  EXPECT_EQ(headers.get("X-One"), "4");
}

TEST(HttpRequest, PathAndQuery) {
  const HttpRequest request("GET", "/hook/feishu/main?a=b&c=%E5%8D%8F#part");
  EXPECT_EQ(request.path(), "/hook/feishu/main");
  EXPECT_EQ(request.query(), "a=b&c=%E5%8D%8F");
  EXPECT_EQ(request.param("c"), "协");
  EXPECT_EQ(HttpRequest("GET", "/x").query(), "");
  EXPECT_EQ(HttpRequest("GET", "/x?").query(), "");
  EXPECT_EQ(HttpRequest("GET", "/x#a?b=c").query(), "");
}

TEST(HttpRequest, Params) {
  const HttpRequest request("GET", "/?echostr=a%2Bb%2F%3D&plus=a+b&empty=&flag&dup=1&dup=2&bad=%zz%4&%6eame=x&eq=a=b&");
  EXPECT_EQ(request.param("echostr"), "a+b/=");
  EXPECT_EQ(request.param("plus"), "a+b");  // Base64 as it came
  EXPECT_EQ(request.param("empty"), "");
  EXPECT_TRUE(request.has_param("empty"));
  EXPECT_TRUE(request.has_param("flag"));
  EXPECT_FALSE(request.has_param("absent"));
  EXPECT_FALSE(request.has_param(""));
  EXPECT_EQ(request.param("dup"), "1");
  EXPECT_EQ(request.param("bad"), "%zz%4");
  EXPECT_EQ(request.param("name"), "x");
  EXPECT_EQ(request.param("eq"), "a=b");
}

TEST(HttpResponse, ContentTypeOnlyWhenGiven) {
  EXPECT_EQ(HttpResponse(200, "{}", "application/json").headers.get("content-type"), "application/json");
  EXPECT_TRUE(HttpResponse(404).headers.all().empty());
  EXPECT_EQ(HttpResponse().status, 200);
}

}  // namespace
}  // namespace xieban::http_test
