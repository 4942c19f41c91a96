#include "tests/rules/rules.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>

namespace xieban::rules {
namespace {

const std::vector<File>& tree() {
  static const std::vector<File> files = read_tree(XIEBAN_SOURCE_DIR);
  return files;
}

template <class Rule>
void expect_clean(Rule rule) {
  for (const File& file : tree()) {
    for (const std::string& finding : rule(file)) ADD_FAILURE() << finding;
  }
}

// The walk itself: a rule over an empty list finds nothing.
TEST(Tree, IsRead) {
  EXPECT_GT(tree().size(), 100U);
  for (const char* path :
       {"bot/net/server.cpp", "bot/core/request/request.hpp", "tests/rules/rules_test.cpp", "CMakeLists.txt"}) {
    EXPECT_TRUE(std::any_of(tree().begin(), tree().end(), [&](const File& file) { return file.path == path; })) << path;
  }
  EXPECT_TRUE(std::none_of(tree().begin(), tree().end(), [](const File& file) { return file.path.starts_with("build/"); }));
}

TEST(Tree, IncludesFollowTheLayers) { expect_clean(check_includes); }
TEST(Tree, TargetsLinkWhatTheirLayerMay) { expect_clean(check_links); }
TEST(Tree, ClocksChanceEnvironmentAndThreadsStayWithTheirOwners) { expect_clean(check_calls); }
TEST(Tree, NoSqlReadsAClock) { expect_clean(check_sql); }
TEST(Tree, NoStatementThatTheCompilerBreaks) { expect_clean(check_co_await); }
TEST(Tree, NothingUnfinishedAndNoForeignNames) { expect_clean(check_words); }
TEST(Tree, EverySourceIsListed) {
  for (const std::string& finding : check_listed(tree())) ADD_FAILURE() << finding;
}
TEST(Tree, NoFileIsTooLong) {
  expect_clean(check_length);
  for (const File& file : tree()) {
    const auto lines = std::count(file.text.begin(), file.text.end(), '\n');
    if (is_source(file) && lines > 800) std::cout << "long: " << file.path << ", " << lines << " lines\n";
  }
}

// -- each rule can fail -----------------------------------------------------------------------------------

TEST(Includes, BadOnesAreFound) {
  const auto faults = [](const char* path, const char* line) {
    return check_includes({path, std::string("// first\n") + line + "\n"}).size();
  };
  EXPECT_EQ(faults("bot/base/text.cpp", "#include \"bot/core/people.hpp\""), 1U);
  EXPECT_EQ(faults("bot/core/people.cpp", "#include \"bot/ports/store.hpp\""), 1U);
  EXPECT_EQ(faults("bot/core/people.cpp", "#include <nlohmann/json.hpp>"), 1U);
  EXPECT_EQ(faults("bot/core/people.cpp", "#include <boost/asio/awaitable.hpp>"), 1U);
  EXPECT_EQ(faults("bot/core/people.cpp", "#include <sys/random.h>"), 1U);
  EXPECT_EQ(faults("bot/ports/store.hpp", "#include <boost/asio/steady_timer.hpp>"), 1U);
  EXPECT_EQ(faults("bot/ports/http.hpp", "#include <boost/asio/awaitable.hpp>"), 1U);
  EXPECT_EQ(faults("bot/engine/outbox.cpp", "#include \"storage/sqlite/writer.hpp\""), 1U);
  EXPECT_EQ(faults("bot/engine/outbox.cpp", "  #  include <boost/beast/http.hpp>"), 1U);
  EXPECT_EQ(faults("bot/net/server.cpp", "#include \"bot/core/request/request.hpp\""), 1U);
  EXPECT_EQ(faults("bot/web/pages.cpp", "#include \"bot/net/server.hpp\""), 1U);
  EXPECT_EQ(faults("adapters/feishu/api.cpp", "#include <boost/asio/co_spawn.hpp>"), 1U);
  EXPECT_EQ(faults("config/load.cpp", "#include \"bot/engine/outbox.hpp\""), 1U);
  EXPECT_EQ(faults("config/load.cpp", "#include \"bot/net/server.hpp\""), 1U);
  EXPECT_EQ(faults("bot/app/main.cpp", "#include \"tests/net/net_support.hpp\""), 1U);
  EXPECT_EQ(faults("bot/app/main.cpp", "#include \"service.hpp\""), 1U);
}

TEST(Includes, GoodOnesAreNot) {
  const auto faults = [](const char* path, const char* line) { return check_includes({path, line}).size(); };
  EXPECT_EQ(faults("bot/core/people.cpp", "#include <vector>"), 0U);
  EXPECT_EQ(faults("bot/core/people.cpp", "#include <date/tz.h>"), 0U);
  EXPECT_EQ(faults("bot/ports/store.hpp", "#include <boost/asio/awaitable.hpp>"), 0U);
  EXPECT_EQ(faults("bot/web/pages.cpp", "#include \"bot/net/router.hpp\""), 0U);
  EXPECT_EQ(faults("config/config.hpp", "#include \"bot/net/limits.hpp\""), 0U);
  EXPECT_EQ(faults("bot/app/main.cpp", "#include \"storage/sqlite/writer.hpp\""), 0U);
  EXPECT_EQ(faults("tests/net/a_test.cpp", "#include \"bot/core/people.hpp\""), 0U);
}

TEST(Links, AForeignOneIsFound) {
  EXPECT_EQ(
      check_links({"bot/core/CMakeLists.txt", "xieban_library(xieban_core\n  SOURCES a.cpp\n  LINKS xieban_base xieban_net)"})
          .size(),
      1U);
  EXPECT_EQ(
      check_links({"bot/core/CMakeLists.txt", "xieban_library(xieban_core\n  SOURCES a.cpp\n  LINKS xieban_base date::date)"})
          .size(),
      0U);
}

TEST(Calls, BadOnesAreFound) {
  const auto faults = [](const char* path, const std::string& code) { return check_calls({path, code + ";\n"}).size(); };
  const char* const anywhere = "bot/engine/waker.cpp";
  for (const char* code : {"auto t = std::chrono::system_clock::now()",
                           "steady_clock :: now()",
                           "std::random_device d",
                           "getrandom(p, 1, 0)",
                           "RAND_bytes(p, 1)",
                           "rand()",
                           "srand(1)",
                           "std::getenv(\"HOME\")",
                           "std::thread t",
                           "std::jthread t",
                           "std::async(f)",
                           "time(nullptr)",
                           "time( NULL )",
                           "std::abort()",
                           "::abort()",
                           "abort()",
                           "std::this_thread::sleep_for(1s)",
                           "clock_gettime(CLOCK_REALTIME, &t)",
                           "popen(\"ls\", \"r\")",
                           "system(\"ls\")",
                           "std::system(c)"}) {
    EXPECT_EQ(faults(anywhere, code), 1U) << code;
  }
  EXPECT_EQ(faults("bot/net/server.cpp", "steady_clock::now()"), 1U);
  EXPECT_EQ(faults("tests/net/a_test.cpp", "std::this_thread::sleep_for(1ms)"), 1U);
}

TEST(Sql, AClockIsFound) {
  EXPECT_EQ(check_sql({"storage/migrations/sqlite/1.sql", "insert into a values (CURRENT_TIMESTAMP);\n"}).size(), 1U);
  EXPECT_EQ(check_sql({"storage/sqlite/a.cpp", "\"select strftime('%s', 'now')\"\n"}).size(), 1U);
  EXPECT_EQ(check_sql({"storage/sqlite/a.cpp", "\"update a set at = :now\"\n"}).size(), 0U);
}

TEST(Calls, OwnersTestsCommentsAndOtherNamesAreNot) {
  const auto faults = [](const char* path, const char* code) { return check_calls({path, code}).size(); };
  EXPECT_EQ(faults("bot/net/loop.cpp", "std::chrono::system_clock::now();"), 0U);
  EXPECT_EQ(faults("bot/base/rng.cpp", "::getrandom(p, 1, 0);"), 0U);
  EXPECT_EQ(faults("config/load.cpp", "std::getenv(name);"), 0U);
  EXPECT_EQ(faults("tests/net/a_test.cpp", "std::thread t; steady_clock::now();"), 0U);
  EXPECT_EQ(faults("bot/engine/waker.cpp", "// no system_clock::now() here, no rand()"), 0U);
  EXPECT_EQ(faults("bot/engine/waker.cpp", "const char* s = \"rand() std::thread\";"), 0U);
  EXPECT_EQ(faults("bot/engine/waker.cpp", "time_->now(); operand(); wait_time(0); x.time(day); file_system(a); x.system(b);"),
            0U);
}

std::size_t shapes(const std::string& code) { return check_co_await({"bot/engine/a.cpp", code}).size(); }

TEST(CoAwait, BadShapesAreFound) {
  for (const char* statement : {
           "co_await f(Opt{.name = s});",
           "co_await f({.name = s});",
           "co_await f({});",
           "auto x = co_await f(std::vector<int>{1, 2});",
           "Opt o{.a = co_await g()};",
           "v.push_back(Opt{.n = co_await g()});",
           "check(Opt{1}, co_await g());",
           "check(co_await g(), Opt{1});",
           "co_await f(Accepted{id, at});",
           "co_await f({\"a\", \"b\"});",
           "if (co_await f(Opt{1})) go();",
           "if (auto x = co_await f(Opt{1}); x) go();",
           "for (auto& x : co_await f(Opt{1})) go();",
           "while (!(co_await f({1}))) go();",
           "if (a) co_await f(Opt{1});",
           "else if (b) co_await f(Opt{1});",
           "for (auto x = co_await f(Opt{1}); x; ++x) go();",
           "co_return co_await f(Opt{1});",
           "BOT_CO_TRY(auto x, co_await f(Opt{1}));",
           "co_await f([s] { return s; });",
           "co_await f([&a, s] { return s; });",
           "co_await f([=] { return 1; });",
           "co_await f([p = std::move(p)]() mutable { return 1; });",
           "co_await [s]() -> awaitable<T> { co_return s; }();",
           "co_spawn(co_await this_coro::executor, [s] { return s; }, detached);",
           "co_await async_initiate<T, void()>([](auto h) { h(); }, use_awaitable);",
           "auto y = c ? co_await f() : g;",
           "co_await f(c ? a : b);",
           "const bool b = co_await f() ? 1 : 2;",
       }) {
    EXPECT_EQ(shapes(std::string("awaitable<void> run() {\n  before();\n  ") + statement + "\n  after();\n}\n"), 1U)
        << statement;
  }
}

TEST(CoAwait, GoodShapesAreNot) {
  for (const char* statement : {
           "Opt o{.name = s}; co_await f(std::move(o));",
           "auto x = co_await f(Opt(1));",
           "co_await f([&] { return 1; });",
           "co_await f([this, &a] { return 1; });",
           "co_await f([](int x) { return x; });",
           "for (auto& x : co_await f()) { go(x); }",
           "if (auto x = co_await f(); x) { Opt o{1}; }",
           "switch (co_await f()) { case 1: { break; } default: { g(Opt{1}); } }",
           "auto [a, b] = co_await f();",
           "const auto& [a, b] = co_await f();",
           "co_return Opt{1};",
           "int y = c ? 1 : 2; co_await f(y);",
           "while (true) { if (co_await f()) { break; } else { g({1}); } }",
           "try { co_await f(); } catch (const E& e) { g(Opt{1}); }",
           "co_spawn(ex, [s] { return s; }, detached);",
           "auto l = [s] { return s; }; co_await f(l);",
           "auto run = [this](int x) -> awaitable<void> { co_await f(x); }; g(Opt{1});",
           "co_await f(a[i], b[j]);",
           "if (wait > Duration{0}) co_await f(wait);",
           "if (a) { g(); } else if (b == B{1}) co_await f(wait);",
           "if constexpr (c ? true : false) co_await f(wait);",
           "for (int i = T{0}; i < n; ++i) co_await f(i);",
           "g([&](auto x) -> std::vector<int> { return {1}; }); co_await f();",
           "co_await f(\"a{b}?c:d\"); // co_await g({1})",
           "struct S { int a = 1; explicit S(int x) : a{x} { go(); } }; co_await f(S(1));",
           "[[maybe_unused]] auto z = co_await f();",
       }) {
    EXPECT_EQ(shapes(std::string("namespace a { class B final : public C { awaitable<void> run() const {\n  ") + statement +
                     "\n} }; }\n"),
              0U)
        << statement;
  }
}

TEST(CoAwait, TheLineIsThatOfTheStatement) {
  const Findings findings = check_co_await({"bot/engine/a.cpp", "void f() {\n  a();\n  co_await g({1});\n}\n"});
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_TRUE(findings[0].starts_with("bot/engine/a.cpp:3: ")) << findings[0];
}

TEST(Words, BadOnesAreFound) {
  const auto faults = [](const std::string& text) { return check_words({"bot/engine/a.cpp", text}).size(); };
  EXPECT_EQ(faults(std::string("// TO") + "DO later"), 1U);
  EXPECT_EQ(faults(std::string("// FIX") + "ME"), 1U);
  EXPECT_EQ(faults(std::string("read(\"/wo") + "rk/main/x\")"), 1U);
  EXPECT_EQ(faults(std::string("see ../sha") + "red/DESIGN.md"), 1U);
  EXPECT_EQ(faults(std::string("https://registry.npm") + "js.org/x"), 1U);
  EXPECT_EQ(faults("\"/v1.0/work/records\"; \"/workday\"; std::shared_ptr<int>; METHODOLOGY"), 0U);
  EXPECT_EQ(check_words({"deploy/run", std::string("cd /wo") + "rk"}).size(), 1U);
}

TEST(Length, TooLongIsFound) {
  std::string text;
  for (int i = 0; i < 1201; ++i) text += "x\n";
  EXPECT_EQ(check_length({"bot/engine/a.cpp", text}).size(), 1U);
  EXPECT_EQ(check_length({"bot/engine/a.cpp", text.substr(2)}).size(), 0U);
  EXPECT_EQ(check_length({"tests/core/table.tsv", text}).size(), 0U);
}

TEST(Listed, AForgottenSourceIsFound) {
  const File lists{"bot/engine/CMakeLists.txt", "xieban_library(e SOURCES a.cpp sub/b.cpp\n  xc.cpp)"};
  EXPECT_EQ(check_listed({lists, {"bot/engine/a.cpp", ""}, {"bot/engine/sub/b.cpp", ""}, {"bot/engine/xc.cpp", ""}}).size(),
            0U);
  EXPECT_EQ(check_listed({lists, {"bot/engine/c.cpp", ""}}).size(), 1U);
  EXPECT_EQ(check_listed({lists, {"bot/engine/b.cpp", ""}}).size(), 1U);
  EXPECT_EQ(check_listed({lists, {"bot/net/a.cpp", ""}}).size(), 1U);
}

TEST(CodeOnly, BlanksCommentsAndStringsAndKeepsPositions) {
  const std::string text = "a /* b\nc */ d // e\n\"f\\\"g\" 'h' 1'000 R\"x(i)\" )x\" j";
  const std::string code = code_only(text);
  EXPECT_EQ(code.size(), text.size());
  for (const char gone : {'b', 'c', 'e', 'f', 'g', 'h', 'i'}) EXPECT_EQ(code.find(gone), std::string::npos) << gone;
  for (const char kept : {'a', 'd', 'j'}) EXPECT_EQ(code.find(kept), text.find(kept)) << kept;
  EXPECT_NE(code.find("1'000"), std::string::npos);
}

}  // namespace
}  // namespace xieban::rules
