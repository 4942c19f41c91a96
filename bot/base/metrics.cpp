#include "bot/base/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <map>
#include <mutex>
#include <utility>

namespace xieban {
namespace {

using prometheus::BuildCounter;
using prometheus::BuildGauge;
using prometheus::BuildHistogram;
using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;
using Buckets = Histogram::BucketBoundaries;

// Seconds. Answers and commits: from a fraction of an fsync to the platforms' limits.
const Buckets quick{0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 3};
// Calls to platforms end at their deadline.
const Buckets remote{0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30};
// A wake is late by a queue, or by an outage.
const Buckets late{0.01, 0.05, 0.1, 0.5, 1, 2, 5, 15, 60, 600, 3600, 86400};
const Buckets group_sizes{1, 2, 4, 8, 16, 32, 64, 128, 256, 512};

/// Metrics of one family by two label values; finding one again costs a look-up, not a hash over the label map.
template <class Metric>
class ByTwo {
 public:
  template <class... Extra>
  Metric& at(Family<Metric>& family, const char* label1, std::string_view v1, const char* label2, std::string_view v2,
             const Extra&... extra) {
    const std::lock_guard lock(mutex_);
    const auto wanted = std::pair(v1, v2);
    auto found = known_.find(wanted);
    if (found == known_.end()) {
      prometheus::Labels labels{{label1, std::string(v1)}};
      if (label2 != nullptr) labels.emplace(label2, std::string(v2));
      found = known_.emplace(std::pair(std::string(v1), std::string(v2)), &family.Add(labels, extra...)).first;
    }
    return *found->second;
  }

 private:
  struct Less {
    using is_transparent = void;
    template <class A, class B>
    bool operator()(const A& a, const B& b) const {
      const std::string_view a1(a.first), b1(b.first);
      return a1 != b1 ? a1 < b1 : std::string_view(a.second) < std::string_view(b.second);
    }
  };
  std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, Metric*, Less> known_;
};

}  // namespace

struct Metrics::Impl {
  prometheus::Registry registry;

  Family<Counter>& counter(const char* name, const char* help) {
    return BuildCounter().Name(name).Help(help).Register(registry);
  }
  Family<Gauge>& gauge(const char* name, const char* help) { return BuildGauge().Name(name).Help(help).Register(registry); }
  Family<Histogram>& histogram(const char* name, const char* help) {
    return BuildHistogram().Name(name).Help(help).Register(registry);
  }

  Family<Counter>& webhooks = counter("xieban_webhooks_total", "Events received from platforms, by what became of them.");
  Family<Histogram>& webhook_seconds = histogram("xieban_webhook_seconds", "From an event's last byte to its answer.");
  Histogram& transact_seconds =
      histogram("xieban_transact_seconds", "One unit of the store, waiting for its commit included.").Add({}, quick);
  Histogram& commit_seconds = histogram("xieban_commit_seconds", "One COMMIT of the writer.").Add({}, quick);
  Histogram& commit_group = histogram("xieban_commit_group_size", "Units that shared one COMMIT.").Add({}, group_sizes);
  Counter& wal_pages = counter("xieban_wal_pages_total", "Pages of 4 KiB written to the database's log.").Add({});
  Gauge& writer_queue = gauge("xieban_writer_queue", "Units that wait for the writer.").Add({});
  Family<Counter>& sends = counter("xieban_sends_total", "Calls to platforms, by outcome.");
  Family<Histogram>& send_seconds = histogram("xieban_send_seconds", "One call to a platform.");
  Family<Counter>& token_refreshes = counter("xieban_token_refreshes_total", "Access tokens fetched.");
  Gauge& outbox_waiting = gauge("xieban_outbox_waiting", "Messages not yet sent.").Add({});
  Gauge& outbox_oldest = gauge("xieban_outbox_oldest_seconds", "Age of the oldest message not yet sent.").Add({});
  Family<Gauge>& budget_used = gauge("xieban_budget_used", "Calls to platforms in this month, where they are limited.");
  Family<Gauge>& budget_limit = gauge("xieban_budget_limit", "Calls to platforms that a month allows.");
  Counter& wakes = counter("xieban_wakes_total", "Requests and routines woken because something was due.").Add({});
  Histogram& wake_lag = histogram("xieban_wake_lag_seconds", "How late the most overdue of a batch was woken.").Add({}, late);
  Histogram& loop_lag = histogram("xieban_loop_lag_seconds", "How late the loop ran what it should.").Add({}, quick);
  Gauge& open_requests = gauge("xieban_open_requests", "Requests that are not closed.").Add({});
  Gauge& needs_care = gauge("xieban_needs_care", "Requests on which our own code failed.").Add({});
  Gauge& held = gauge("xieban_held", "Messages put aside until `xieban retry`.").Add({});
  Family<Counter>& http = counter("xieban_http_responses_total", "Answers of the HTTP server, by status.");
  Counter& log_dropped = counter("xieban_log_dropped_total", "Log lines lost because the queue was full.").Add({});

  ByTwo<Counter> webhooks_by, sends_by, tokens_by, http_by;
  ByTwo<Histogram> webhook_seconds_by, send_seconds_by;
  std::mutex log_mutex;
};

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {}
Metrics::~Metrics() = default;

void Metrics::webhook(std::string_view app, std::string_view outcome, double seconds) {
  impl_->webhooks_by.at(impl_->webhooks, "app", app, "outcome", outcome).Increment();
  impl_->webhook_seconds_by.at(impl_->webhook_seconds, "app", app, nullptr, {}, quick).Observe(seconds);
}

void Metrics::transact(double seconds) { impl_->transact_seconds.Observe(seconds); }

void Metrics::commit(std::size_t group, double seconds) {
  impl_->commit_group.Observe(static_cast<double>(group));
  impl_->commit_seconds.Observe(seconds);
}

void Metrics::wal_pages(std::size_t added) { impl_->wal_pages.Increment(static_cast<double>(added)); }

void Metrics::writer_queue(std::size_t length) { impl_->writer_queue.Set(static_cast<double>(length)); }

void Metrics::send(std::string_view app, std::string_view outcome, double seconds) {
  impl_->sends_by.at(impl_->sends, "app", app, "outcome", outcome).Increment();
  impl_->send_seconds_by.at(impl_->send_seconds, "app", app, nullptr, {}, remote).Observe(seconds);
}

void Metrics::token_refresh(std::string_view app, bool ok) {
  impl_->tokens_by.at(impl_->token_refreshes, "app", app, "outcome", ok ? "ok" : "failed").Increment();
}

void Metrics::outbox(std::size_t waiting, double oldest_seconds) {
  impl_->outbox_waiting.Set(static_cast<double>(waiting));
  impl_->outbox_oldest.Set(oldest_seconds);
}

void Metrics::budget(std::string_view app, std::uint64_t used, std::uint64_t limit) {
  const prometheus::Labels labels{{"app", std::string(app)}};
  impl_->budget_used.Add(labels).Set(static_cast<double>(used));
  impl_->budget_limit.Add(labels).Set(static_cast<double>(limit));
}

void Metrics::wake(std::size_t count, double lag_seconds) {
  if (count == 0) return;
  impl_->wakes.Increment(static_cast<double>(count));
  impl_->wake_lag.Observe(lag_seconds);
}

void Metrics::loop_lag(double seconds) { impl_->loop_lag.Observe(seconds); }
void Metrics::open_requests(std::size_t count) { impl_->open_requests.Set(static_cast<double>(count)); }
void Metrics::needs_care(std::size_t count) { impl_->needs_care.Set(static_cast<double>(count)); }
void Metrics::held(std::size_t count) { impl_->held.Set(static_cast<double>(count)); }

void Metrics::http(int status) { impl_->http_by.at(impl_->http, "status", std::to_string(status), nullptr, {}).Increment(); }

void Metrics::log_dropped(std::uint64_t total) {
  const std::lock_guard lock(impl_->log_mutex);
  const double behind = static_cast<double>(total) - impl_->log_dropped.Value();
  if (behind > 0) impl_->log_dropped.Increment(behind);
}

std::string Metrics::text() const { return prometheus::TextSerializer().Serialize(impl_->registry.Collect()); }

}  // namespace xieban
