#include "bot/base/log.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <cstdio>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>
#include <vector>

namespace xieban {
namespace {

using nlohmann::json;

/// Collects what is logged while it lives.
class Lines {
 public:
  explicit Lines(log::Level least = log::Level::debug) {
    log::set_sink([this](log::Level level, std::string_view line) { lines_.emplace_back(level, line); }, least);
  }
  ~Lines() { log::set_sink({}); }
  Lines(const Lines&) = delete;
  Lines& operator=(const Lines&) = delete;

  [[nodiscard]] std::size_t size() const { return lines_.size(); }
  [[nodiscard]] const std::string& text(std::size_t i = 0) const { return lines_.at(i).second; }
  [[nodiscard]] json at(std::size_t i = 0) const { return json::parse(lines_.at(i).second); }

 private:
  std::vector<std::pair<log::Level, std::string>> lines_;
};

TEST(Log, OneObjectPerLine) {
  Lines lines;
  log::info("request.opened", {{"request", RequestId(12)},
                               {"app", AppId("feishu:main")},
                               {"ms", 1.5},
                               {"first", true},
                               {"count", -3},
                               {"text", "说 \"好\""}});
  ASSERT_EQ(lines.size(), 1U);
  const json line = lines.at();
  EXPECT_EQ(line.at("event"), "request.opened");
  EXPECT_EQ(line.at("level"), "info");
  EXPECT_EQ(line.at("request"), 12);
  EXPECT_EQ(line.at("app"), "feishu:main");
  EXPECT_EQ(line.at("ms"), 1.5);
  EXPECT_EQ(line.at("first"), true);
  EXPECT_EQ(line.at("count"), -3);
  EXPECT_EQ(line.at("text"), "说 \"好\"");
  // ts, level, event come first: people read from the left.
  EXPECT_EQ(lines.text().find(R"({"ts":"2)"), 0U);
  EXPECT_LT(lines.text().find(R"("level")"), lines.text().find(R"("event")"));
  const std::string ts = line.at("ts");
  EXPECT_EQ(ts.size(), std::string("2026-11-21T01:02:03.456Z").size());
  EXPECT_EQ(ts.back(), 'Z');
}

TEST(Log, LevelsBelowTheLeastAreSilent) {
  Lines lines(log::Level::warn);
  log::debug("a");
  log::info("b");
  log::warn("c");
  log::error("d");
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines.at(0).at("level"), "warn");
  EXPECT_EQ(lines.at(1).at("level"), "error");
}

TEST(Log, SilentWithoutStartOrSink) {
  { Lines lines; }
  testing::internal::CaptureStdout();
  log::error("nobody.listens");
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
}

// T47
TEST(Log, ANewlineWithAFakeRecordStaysOneRecord) {
  Lines lines;
  const std::string attack =
      "x\"}\n{\"ts\":\"2026-01-01T00:00:00.000Z\",\"level\":\"info\",\"event\":\"fake\"}\r\n\x1b[2J\xe2\x80\xa8\xc2\x85";
  log::warn("text.seen", {{"text", attack}});
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines.text().find('\n'), std::string::npos);
  EXPECT_EQ(lines.text().find('\r'), std::string::npos);
  EXPECT_EQ(lines.text().find('\x1b'), std::string::npos);
  EXPECT_EQ(lines.text().find("\xe2\x80\xa8"), std::string::npos);
  EXPECT_EQ(lines.text().find("\xc2\x85"), std::string::npos);
  EXPECT_EQ(lines.at().at("event"), "text.seen");
  EXPECT_EQ(lines.at().at("text"), attack);
}

// T47, for whatever bytes: in the value, in the event name and in the key.
RC_GTEST_PROP(LogProperty, AnyBytesAreOneParsableRecord, (const std::string& value)) {
  Lines lines;
  log::info(value, {{value, value}, {"after", "end"}});
  RC_ASSERT(lines.size() == 1U);
  for (const char c : lines.text()) RC_ASSERT(static_cast<unsigned char>(c) >= 0x20 && c != '\x7f');
  const json line = lines.at();  // throws for invalid UTF-8 as well
  RC_ASSERT(line.at("level") == "info");
  RC_ASSERT(line.at("after") == "end");
}

TEST(Log, InvalidUtf8IsRepaired) {
  Lines lines;
  log::info("text.seen", {{"text",
                           "a\xff\xc3"
                           "b\xed\xa0\x80"}});
  EXPECT_NE(lines.at().at("text").get<std::string>().find("\xef\xbf\xbd"), std::string::npos);
}

TEST(Log, LongValuesAreCut) {
  Lines lines;
  log::info("text.seen", {{"text", std::string(100000, 'x')}});
  EXPECT_LT(lines.text().size(), 5000U);
}

TEST(Log, FieldsDoNotHideWhatEveryLineHas) {
  Lines lines;
  log::info("real", {{"event", "other"}, {"level", "other"}, {"ts", "other"}});
  EXPECT_EQ(lines.at().at("event"), "real");
  EXPECT_EQ(lines.at().at("level"), "info");
  EXPECT_EQ(lines.at().at("event_"), "other");
}

TEST(Log, NumbersJsonDoesNotHave) {
  Lines lines;
  log::info("n", {{"nan", std::nan("")},
                  {"inf", std::numeric_limits<double>::infinity()},
                  {"big", std::numeric_limits<std::int64_t>::min()}});
  EXPECT_TRUE(lines.at().at("nan").is_null());
  EXPECT_TRUE(lines.at().at("inf").is_null());
  EXPECT_EQ(lines.at().at("big"), std::numeric_limits<std::int64_t>::min());
}

// T48
TEST(Log, ASecretNeverPrints) {
  Lines lines;
  const Secret secret("canary-5f1c");
  log::error("token.refused", {{"secret", secret}});
  std::ostringstream stream;
  stream << secret;
  EXPECT_EQ(lines.at().at("secret"), "***");
  EXPECT_EQ(lines.text().find("canary"), std::string::npos);
  EXPECT_EQ(stream.str(), "***");
}

TEST(Log, StartWritesToStandardOutputAndStopFlushes) {
  testing::internal::CaptureStdout();
  log::start(log::Level::info);
  for (int i = 0; i < 100; ++i) log::info("tick", {{"i", i}});
  log::debug("hidden");
  log::stop();
  log::info("after.stop");
  const std::string out = testing::internal::GetCapturedStdout();
  std::istringstream in(out);
  std::string line;
  int expected = 0;
  while (std::getline(in, line)) {
    const json parsed = json::parse(line);
    EXPECT_EQ(parsed.at("event"), "tick");
    EXPECT_EQ(parsed.at("i"), expected++);
  }
  EXPECT_EQ(expected, 100);
}

TEST(Log, WhatTheQueueCannotHoldIsCounted) {
  const std::uint64_t before = log::dropped();
  testing::internal::CaptureStdout();
  log::start(log::Level::info);
  constexpr std::uint64_t total = 40000;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([] {
      for (std::uint64_t i = 0; i < total / 4; ++i) log::info("flood");
    });
  }
  for (auto& thread : threads) thread.join();
  log::stop();
  const std::string out = testing::internal::GetCapturedStdout();
  const auto written = static_cast<std::uint64_t>(std::count(out.begin(), out.end(), '\n'));
  EXPECT_EQ(written + (log::dropped() - before), total);
}

TEST(Log, ALineIsWrittenWholeWhoeverElseWritesToStandardOutput) {
  ::testing::internal::CaptureStdout();
  log::start(log::Level::info);
  std::thread other([] {
    for (int i = 0; i < 20'000; ++i) std::fwrite("ready\n", 1, 6, stdout);
  });
  for (int i = 0; i < 4'000; ++i) log::info("one.line", {{"number", i}});
  other.join();
  log::stop();
  std::istringstream lines(::testing::internal::GetCapturedStdout());
  std::size_t ready = 0, logged = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line == "ready") {
      ++ready;
    } else {
      ++logged;
      ASSERT_TRUE(line.starts_with('{') && line.ends_with('}')) << line;
    }
  }
  EXPECT_EQ(ready, 20'000U);
  EXPECT_GT(logged, 0U);
}

}  // namespace
}  // namespace xieban
