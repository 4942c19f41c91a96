#include "bot/base/metrics.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace xieban {
namespace {

void expect_line(const Metrics& metrics, const std::string& line) {
  const std::string text = "\n" + metrics.text();
  EXPECT_NE(text.find("\n" + line + "\n"), std::string::npos) << line << "\nin\n" << text;
}

TEST(Metrics, WebhooksByAppAndOutcome) {
  Metrics metrics;
  metrics.webhook("feishu:main", "done", 0.004);
  metrics.webhook("feishu:main", "done", 0.3);
  metrics.webhook("wecom:main", "busy", 0.004);
  expect_line(metrics, R"(xieban_webhooks_total{app="feishu:main",outcome="done"} 2)");
  expect_line(metrics, R"(xieban_webhooks_total{app="wecom:main",outcome="busy"} 1)");
  expect_line(metrics, R"(xieban_webhook_seconds_bucket{app="feishu:main",le="0.005"} 1)");
  expect_line(metrics, R"(xieban_webhook_seconds_bucket{app="feishu:main",le="0.5"} 2)");
  expect_line(metrics, R"(xieban_webhook_seconds_count{app="feishu:main"} 2)");
}

TEST(Metrics, EveryFigureIsThere) {
  Metrics metrics;
  metrics.transact(0.01);
  metrics.commit(17, 0.002);
  metrics.writer_queue(3);
  metrics.send("dingtalk:main", "retry", 1.5);
  metrics.token_refresh("dingtalk:main", true);
  metrics.token_refresh("dingtalk:main", false);
  metrics.outbox(5, 12.5);
  metrics.wake(100, 0.7);
  metrics.wake(0, 99);
  metrics.loop_lag(0.003);
  metrics.open_requests(42);
  metrics.needs_care(1);
  metrics.held(2);
  metrics.http(503);
  expect_line(metrics, "xieban_transact_seconds_count 1");
  expect_line(metrics, R"(xieban_commit_group_size_bucket{le="16"} 0)");
  expect_line(metrics, R"(xieban_commit_group_size_bucket{le="32"} 1)");
  expect_line(metrics, R"(xieban_commit_seconds_bucket{le="0.002"} 1)");
  expect_line(metrics, "xieban_writer_queue 3");
  expect_line(metrics, R"(xieban_sends_total{app="dingtalk:main",outcome="retry"} 1)");
  expect_line(metrics, R"(xieban_send_seconds_bucket{app="dingtalk:main",le="2.5"} 1)");
  expect_line(metrics, R"(xieban_token_refreshes_total{app="dingtalk:main",outcome="ok"} 1)");
  expect_line(metrics, R"(xieban_token_refreshes_total{app="dingtalk:main",outcome="failed"} 1)");
  expect_line(metrics, "xieban_outbox_waiting 5");
  expect_line(metrics, "xieban_outbox_oldest_seconds 12.5");
  expect_line(metrics, "xieban_wakes_total 100");
  expect_line(metrics, "xieban_wake_lag_seconds_count 1");
  expect_line(metrics, "xieban_loop_lag_seconds_count 1");
  expect_line(metrics, "xieban_open_requests 42");
  expect_line(metrics, "xieban_needs_care 1");
  expect_line(metrics, "xieban_held 2");
  expect_line(metrics, R"(xieban_http_responses_total{status="503"} 1)");
}

TEST(Metrics, DroppedLinesAreATotalNotASum) {
  Metrics metrics;
  metrics.log_dropped(3);
  metrics.log_dropped(3);
  metrics.log_dropped(7);
  metrics.log_dropped(5);
  expect_line(metrics, "xieban_log_dropped_total 7");
}

TEST(Metrics, LabelsAreEscaped) {
  Metrics metrics;
  metrics.webhook("a\"b\nxieban_fake 1", "done", 0.1);
  EXPECT_EQ(metrics.text().find("\nxieban_fake 1"), std::string::npos);
}

TEST(Metrics, FromManyThreads) {
  Metrics metrics;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&metrics, t] {
      for (int i = 0; i < 500; ++i) {
        metrics.webhook("app" + std::to_string(i % 3), t % 2 == 0 ? "done" : "failed", 0.001);
        metrics.http(200 + i % 2);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  expect_line(metrics, R"(xieban_http_responses_total{status="200"} 1000)");
  expect_line(metrics, R"(xieban_webhooks_total{app="app1",outcome="done"} 334)");
}

}  // namespace
}  // namespace xieban
