#include "bot/net/router.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "tests/net/net_support.hpp"

namespace xieban::router_test {
namespace {

boost::asio::awaitable<HttpResponse> echo(HttpRequest request, Params params) {
  std::string text = request.method;
  for (const auto& [name, value] : params) text += " " + name + "=" + value;
  co_return HttpResponse(200, text);
}

class RouterTest : public testing::Test {
 protected:
  RouterTest() {
    router.add("GET", "/", echo);
    router.add("GET", "/healthz", echo);
    router.add("POST", "/hook/feishu/{app}", echo);
    router.add("GET", "/hook/wecom/{app}/bot", echo);
    router.add("POST", "/hook/wecom/{app}/bot", echo);
    router.add("POST", "/play/api/say", echo);
    router.add("GET", "/play/{path*}", echo);
  }
  HttpResponse ask(const std::string& method, const std::string& target) {
    return loop.run(router.handle(HttpRequest(method, target)));
  }
  test::Loop loop;
  Router router;
};

TEST_F(RouterTest, MatchesSegments) {
  EXPECT_EQ(ask("GET", "/").body, "GET");
  EXPECT_EQ(ask("GET", "/healthz?x=1").body, "GET");
  EXPECT_EQ(ask("POST", "/hook/feishu/main").body, "POST app=main");
  EXPECT_EQ(ask("POST", "/hook/feishu/%E5%8D%8F%2Fx").body, "POST app=协/x");
  EXPECT_EQ(ask("GET", "/hook/wecom/a/bot").body, "GET app=a");
  EXPECT_EQ(ask("POST", "/hook/wecom/a/bot").body, "POST app=a");
}

TEST_F(RouterTest, ARefusalIsEmptyUnlessItsPathHasOneOfItsOwn) {
  router.refuse("/play/api/", [](int status) { return HttpResponse(status, "no"); });
  EXPECT_EQ(router.refusal(413, "/play/api/say").status, 413);
  EXPECT_EQ(router.refusal(413, "/play/api/say").body, "no");
  for (const char* path : {"/play/apis", "/healthz", "*", ""}) {
    EXPECT_EQ(router.refusal(413, path).status, 413) << path;
    EXPECT_EQ(router.refusal(413, path).body, "") << path;
  }
}

TEST_F(RouterTest, TheRest) {
  EXPECT_EQ(ask("GET", "/play/").body, "GET path=");
  EXPECT_EQ(ask("GET", "/play/a/b.js").body, "GET path=a/b.js");
  EXPECT_EQ(ask("GET", "/play").status, 404);
}

TEST_F(RouterTest, NotFound) {
  for (const char* target :
       {"/nothing", "/hook/feishu", "/hook/feishu/", "/hook/feishu/a/b", "/healthz/", "//healthz", "healthz", "*", ""}) {
    const HttpResponse response = ask("GET", target);
    EXPECT_EQ(response.status, 404) << target;
    EXPECT_EQ(response.body, "");
  }
}

TEST_F(RouterTest, MethodNotAllowedSaysWhatIs) {
  const HttpResponse post = ask("POST", "/healthz");
  EXPECT_EQ(post.status, 405);
  EXPECT_EQ(post.headers.get("Allow"), "GET, HEAD");
  EXPECT_EQ(ask("GET", "/hook/feishu/main").headers.get("Allow"), "POST");
  EXPECT_EQ(ask("DELETE", "/hook/wecom/a/bot").headers.get("Allow"), "GET, HEAD, POST");
  EXPECT_EQ(ask("HEAD", "/hook/feishu/main").status, 405);
}

TEST_F(RouterTest, HeadIsAnsweredByGet) { EXPECT_EQ(ask("HEAD", "/healthz").body, "HEAD"); }

TEST_F(RouterTest, NothingClimbsOut) {
  for (const char* target : {"/play/../secret", "/play/%2e%2e/secret", "/play/./a", "/play/a%00.js", "/play/.%2E"}) {
    EXPECT_EQ(ask("GET", target).status, 404) << target;
  }
}

TEST_F(RouterTest, APatternStartsWithASlash) { EXPECT_THROW(router.add("GET", "x", echo), std::invalid_argument); }

}  // namespace
}  // namespace xieban::router_test
