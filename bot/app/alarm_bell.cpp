#include "bot/app/alarm_bell.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <string>
#include <utility>
#include <vector>

#include "bot/base/log.hpp"

namespace xieban::app {

namespace asio = boost::asio;

namespace {
constexpr Duration look_every{10000};
constexpr Duration beat_every{60000};
constexpr Duration beat_timeout{10000};
constexpr const char* seen_setting = "alarm.seen_until";

/// The people to tell: those configured, else the administrators; each on the first platform they are on.
std::vector<Intent> bells(const std::vector<PersonId>& people, const std::string& what, std::size_t more, const Rules& rules) {
  std::vector<Intent> intents;
  const Directory directory = rules.people();
  std::vector<PersonId> to = people;
  if (to.empty()) {
    for (const Person& person : directory.people()) {
      if (person.admin) to.push_back(person.id);
    }
  }
  for (const PersonId& person : to) {
    const auto identities = directory.identities(person);
    if (identities.empty()) continue;
    Say say;
    say.to = Target::to(person);
    say.text = more == 0 ? Phrase("alarm.trouble", {{"what", what}})
                         : Phrase("alarm.troubles", {{"what", what}, {"more", std::to_string(more)}});
    Intent intent;
    intent.effect = std::move(say);
    intent.thread.app = identities.front().app;
    intent.thread.chat = ChatId("p:" + identities.front().user.value);
    intent.urgent = true;
    intents.push_back(std::move(intent));
  }
  return intents;
}

/// "https://host:1/path" -> origin and target.
std::pair<std::string, std::string> split_url(const std::string& url) {
  const auto scheme = url.find("://");
  const auto slash = url.find('/', scheme == std::string::npos ? 0 : scheme + 3);
  if (slash == std::string::npos) return {url, "/"};
  return {url.substr(0, slash), url.substr(slash)};
}
}  // namespace

AlarmBell::AlarmBell(Store& store, TimeSource& time, const RulesBox& rules, config::Alarm settings, Transport& transport,
                     std::function<void()> on_commit)
    : store_(store),
      time_(time),
      rules_(rules),
      settings_(std::move(settings)),
      transport_(transport),
      on_commit_(std::move(on_commit)),
      alarm_(time.make_alarm()) {}

void AlarmBell::set(config::Alarm settings) { settings_ = std::move(settings); }

void AlarmBell::tell(std::string what) { to_tell_.push_back(std::move(what)); }

void AlarmBell::stop() {
  stopped_ = true;
  alarm_->ring();
}

asio::awaitable<void> AlarmBell::run() {
  while (!stopped_) {
    co_await look();
    co_await heartbeat();
    const std::optional<TimePoint> until = time_.now() + look_every;
    co_await alarm_->wait(until);
  }
}

asio::awaitable<void> AlarmBell::look() {
  while (!to_tell_.empty()) {
    std::string what = to_tell_.front();
    const bool told = co_await ring(std::move(what), 0);
    if (!told) break;
    to_tell_.erase(to_tell_.begin());
  }
  if (!seen_until_) {
    const auto stored = co_await store_.setting(seen_setting);
    if (!stored) co_return;
    const auto parsed = *stored ? parse_rfc3339(**stored) : std::nullopt;
    seen_until_ = parsed ? *parsed : TimePoint{};
  }
  const auto troubles = co_await store_.troubles(20);
  if (!troubles || troubles->empty()) co_return;
  const auto fresh =
      std::count_if(troubles->begin(), troubles->end(), [this](const Trouble& one) { return one.at > *seen_until_; });
  if (fresh == 0) co_return;
  const Trouble newest = troubles->front();
  for (const Trouble& one : *troubles) {
    if (one.at > *seen_until_) log::error("trouble", {{"id", one.id}, {"what", one.what}});
  }
  std::string what = newest.id + " · " + newest.what;
  const auto more = static_cast<std::size_t>(fresh - 1);
  const bool told = co_await ring(std::move(what), more);
  if (!told) co_return;
  seen_until_ = newest.at;
  const auto kept = co_await store_.put_setting(seen_setting, to_rfc3339(newest.at));
  if (!kept) log::warn("alarm.setting", {{"error", kept.error().text}});
}

asio::awaitable<bool> AlarmBell::ring(std::string what, std::size_t more) {
  const RulesPtr rules = rules_.get();
  const auto people = settings_.people;
  Decide tell = [rules, people, what, more](const Snapshot&) {
    ChangeSet change;
    change.intents = bells(people, what, more, *rules);
    change.reply.outcome = Done::acted;
    return change;
  };
  Load nothing;
  const auto told = co_await store_.transact(std::move(nothing), std::move(tell), time_.now());
  if (told) on_commit_();
  co_return told.has_value();
}

asio::awaitable<void> AlarmBell::heartbeat() {
  if (settings_.heartbeat_url.empty()) co_return;
  const TimePoint now = time_.now();
  if (beat_at_ && now < *beat_at_) co_return;
  beat_at_ = now + beat_every;
  const auto healthy = co_await store_.stats();
  if (!healthy) co_return;
  auto [origin, target] = split_url(settings_.heartbeat_url);
  HttpRequest request("GET", target);
  request.repeatable = true;
  const auto answer = co_await transport_.send(std::move(origin), std::move(request), beat_timeout);
  if (!answer) {
    log::warn("heartbeat.failed", {{"error", answer.error().text}});
  } else if (answer->status >= 400) {
    log::warn("heartbeat.failed", {{"status", answer->status}});
  }
}

}  // namespace xieban::app
