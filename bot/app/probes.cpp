#include "bot/app/probes.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "bot/base/log.hpp"

namespace xieban::app {

namespace asio = boost::asio;
using nlohmann::json;

namespace {

using Args = std::vector<std::pair<std::string, std::string>>;

constexpr std::size_t most_listed = 10;
constexpr std::uint64_t tight_percent = 70;

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), most_listed); ++i) text += (i == 0 ? "" : ", ") + names[i];
  if (names.size() > most_listed) text += " …";
  return text;
}

bool tight(const BudgetUse& use) { return use.used * 100 >= use.limit * tight_percent; }

}  // namespace

Probes::Probes(Store& store, TimeSource& time, const RulesBox& rules, const Sender& sender, const Streams& streams,
               const Outbox& outbox, const ContactBook& contacts, const Ailments& ailments, Metrics& metrics,
               std::vector<config::Problem> warnings)
    : store_(store),
      time_(time),
      rules_(rules),
      sender_(sender),
      streams_(streams),
      outbox_(outbox),
      contacts_(contacts),
      ailments_(ailments),
      metrics_(metrics),
      warnings_(std::move(warnings)) {}

void Probes::set_warnings(std::vector<config::Problem> warnings) { warnings_ = std::move(warnings); }

void Probes::add_routes(Router& router) {
  router.add("GET", "/healthz", [](HttpRequest, Params) -> asio::awaitable<HttpResponse> {
    co_return HttpResponse(200, "ok", "text/plain; charset=utf-8");
  });
  router.add("GET", "/readyz", [this](HttpRequest, Params) -> asio::awaitable<HttpResponse> { co_return co_await readyz(); });
  router.add("GET", "/metrics", [this](HttpRequest, Params) -> asio::awaitable<HttpResponse> {
    metrics_.log_dropped(log::dropped());
    co_return HttpResponse(200, metrics_.text(), "text/plain; version=0.0.4; charset=utf-8");
  });
}

asio::awaitable<bool> Probes::ready() {
  const auto stats = co_await store_.stats();
  co_return stats.has_value();
}

std::vector<Phrase> Probes::ailments() const {
  std::vector<Phrase> found;
  for (const Locked& one : sender_.locked())
    found.emplace_back(one.shut_out ? "checkup.shut_out" : "checkup.locked", Args{{"app", one.app.value}, {"why", one.why}});
  for (const StreamState& one : streams_.states()) {
    if (one.fought_over) found.emplace_back("checkup.stream_taken", Args{{"app", one.app.value}});
    if (!one.open) found.emplace_back("checkup.stream", Args{{"app", one.app.value}, {"why", one.why}});
  }
  for (const ContactTrouble& one : contacts_.troubles()) {
    if (!one.why.empty()) found.emplace_back("checkup.contacts", Args{{"app", one.app.value}, {"why", one.why}});
    if (!one.unknown.empty())
      found.emplace_back("checkup.unknown_accounts", Args{{"app", one.app.value}, {"names", listed(one.unknown)}});
  }
  for (const auto& [app, why] : outbox_.refused_tasks())
    found.emplace_back("checkup.tasks_refused", Args{{"app", app.value}, {"why", why}});
  for (const Ailment& one : ailments_.all()) found.push_back(one.what);
  for (const BudgetUse& use : outbox_.budget().uses()) {
    if (tight(use))
      found.emplace_back(
          "checkup.budget",
          Args{{"app", use.app.value}, {"used", std::to_string(use.used)}, {"limit", std::to_string(use.limit)}});
  }
  return found;
}

asio::awaitable<HttpResponse> Probes::readyz() {
  const auto stats = co_await store_.stats();
  json answer;
  answer["ready"] = stats.has_value();
  answer["store"] = stats ? "ok" : stats.error().text;
  json streams = json::array();
  for (const StreamState& one : streams_.states())
    streams.push_back({{"app", one.app.value}, {"state", one.open ? "up" : "down"}});
  answer["streams"] = std::move(streams);
  std::int64_t oldest = 0;
  if (stats && stats->outbox_oldest) {
    oldest = std::max<std::int64_t>(
        0, std::chrono::duration_cast<std::chrono::seconds>(time_.now() - *stats->outbox_oldest).count());
  }
  answer["outbox"] = {{"waiting", stats ? stats->outbox_waiting : 0}, {"oldest_s", oldest}};
  json budget = json::array();
  for (const BudgetUse& use : outbox_.budget().uses())
    budget.push_back({{"app", use.app.value}, {"used", use.used}, {"limit", use.limit}});
  answer["budget"] = std::move(budget);
  json warnings = json::array();
  if (stats) {
    const auto warn = [&warnings](std::size_t count, const char* what) {
      if (count > 0) warnings.push_back(std::to_string(count) + " " + what);
    };
    warn(stats->needs_care, "requests need care");
    warn(stats->held, "sends are held; `xieban retry` sends them");
    warn(stats->failed_events, "events were put aside; `xieban retry` runs them again");
    warn(stats->failed_parcels, "messages could not be delivered");
  }
  for (const StreamState& one : streams_.states()) {
    if (one.fought_over) warnings.push_back(one.app.value + ": another program keeps taking the place of its long connection");
    if (one.open) continue;
    const std::string again = "; tried again every " + std::to_string(one.again_every / std::chrono::minutes(1)) + " minutes";
    warnings.push_back(one.app.value + ": no long connection since " +
                       to_rfc3339(one.since, rules_.get()->office().offset(one.since)) + ": " + one.why +
                       (one.refused ? again : ""));
  }
  for (const Locked& one : sender_.locked()) {
    warnings.push_back(one.app.value + (one.shut_out ? ": the platform refuses the app since " : ": no access token since ") +
                       to_rfc3339(one.since, rules_.get()->office().offset(one.since)) + ": " + one.why);
  }
  for (const ContactTrouble& one : contacts_.troubles()) {
    if (!one.why.empty()) warnings.push_back(one.app.value + ": the directory cannot be read: " + one.why);
    if (!one.unknown.empty())
      warnings.push_back(one.app.value + ": the directory does not know " + listed(one.unknown) +
                         "; compare identities and what the app may see");
  }
  for (const Ailment& one : ailments_.all()) {
    warnings.push_back("since " + to_rfc3339(one.since, rules_.get()->office().offset(one.since)) + ": " +
                       say(Lang::en, one.what));
  }
  for (const auto& [app, why] : outbox_.refused_tasks()) warnings.push_back(app.value + ": tasks are not mirrored: " + why);
  for (const BudgetUse& use : outbox_.budget().uses()) {
    if (!tight(use)) continue;
    warnings.push_back(use.app.value + ": " + std::to_string(use.used) + " of " + std::to_string(use.limit) +
                       " calls of this month are used; refreshes of cards wait longer");
  }
  const Calendar& office = rules_.get()->office();
  if (!office.date_known(office.local_date(time_.now()))) {
    warnings.push_back("no holiday notice is loaded for this year: days are counted by weekday");
  }
  for (const auto& problem : warnings_) warnings.push_back(problem.key + ": " + problem.text);
  answer["warnings"] = std::move(warnings);
  co_return HttpResponse(stats ? 200 : 503, answer.dump(), "application/json");
}

}  // namespace xieban::app
