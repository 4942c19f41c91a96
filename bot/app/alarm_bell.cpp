#include "bot/app/alarm_bell.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <chrono>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "bot/base/log.hpp"
#include "bot/core/brain/change.hpp"

namespace xieban::app {

namespace asio = boost::asio;

namespace {
constexpr Duration look_every{10000};
constexpr Duration beat_every{60000};
constexpr Duration beat_timeout{10000};
constexpr Duration quiet_for{24LL * 3600 * 1000};
constexpr const char* seen_setting = "alarm.seen_until";

/// What to say of them, newest first.
Phrase words(const std::vector<Trouble>& troubles) {
  const std::string& id = troubles.front().id;
  const std::string what = id + " · " + troubles.front().what;
  if (troubles.size() == 1) return Phrase("bell.trouble", {{"what", what}, {"id", id}});
  return Phrase("bell.troubles", {{"what", what}, {"id", id}, {"count", std::to_string(troubles.size())}});
}

/// Whether a private message finds its way there: some bots write only to whoever has written to them.
bool hears(const IdentityKey& one, const Rules& rules) {
  const auto traits = rules.traits.find(one.app);
  if (traits == rules.traits.end()) return false;
  if (traits->second.private_chats) return true;
  const bool spoken = rules.facts && std::ranges::binary_search(rules.facts->spoken, one);
  return spoken && std::ranges::find(traits->second.channels, Reach::person, &Channel::reach) != traits->second.channels.end();
}

/// Where to tell somebody: on the first of their platforms that is not locked; on the first, if all are. nullptr: nowhere.
const IdentityKey* reachable(std::span<const IdentityKey> identities, const std::vector<Locked>& locked, const Rules& rules) {
  const IdentityKey* any = nullptr;
  for (const IdentityKey& one : identities) {
    if (!hears(one, rules)) continue;
    if (std::ranges::find(locked, one.app, &Locked::app) == locked.end()) return &one;
    if (any == nullptr) any = &one;
  }
  return any;
}

/// To the people configured, else to the administrators.
std::vector<Intent> bells(const std::vector<PersonId>& people, const Phrase& text, const std::vector<Locked>& locked,
                          const Rules& rules) {
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
    const IdentityKey* there = reachable(identities, locked, rules);
    if (there == nullptr) continue;
    Say say;
    say.to = Target::to(person);
    say.text = text;
    Intent intent;
    intent.effect = std::move(say);
    intent.thread.app = there->app;
    intent.thread.chat = ChatId("p:" + there->user.value);
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

AlarmBell::AlarmBell(Store& store, TimeSource& time, const RulesBox& rules, config::Alarm settings, const Sender& sender,
                     const Streams& streams, const Ailments& ailments, Transport& transport, std::function<void()> on_commit)
    : store_(store),
      time_(time),
      rules_(rules),
      settings_(std::move(settings)),
      sender_(sender),
      streams_(streams),
      ailments_(ailments),
      transport_(transport),
      on_commit_(std::move(on_commit)),
      alarm_(time.make_alarm()) {}

void AlarmBell::stop() {
  stopped_ = true;
  alarm_->ring();
}

void AlarmBell::set(config::Alarm settings) { settings_ = std::move(settings); }

void AlarmBell::tell_soon(Phrase text) { to_tell_.push_back(std::move(text)); }

asio::awaitable<void> AlarmBell::run() {
  while (!stopped_) {
    co_await tell_what_waits();
    co_await look_at_troubles();
    co_await look_at_apps();
    co_await look_at_streams();
    co_await look_at_ailments();
    co_await heartbeat();
    const std::optional<TimePoint> until = time_.now() + look_every;
    co_await alarm_->wait(until);
  }
}

asio::awaitable<bool> AlarmBell::tell(Phrase text) {
  Decide by = [rules = rules_.get(), people = settings_.people, locked = sender_.locked(), text](const Snapshot& snapshot) {
    // Who can be reached may have been learnt since: what is told to nobody is not told again.
    const brain::Newest newest(*rules, snapshot);
    ChangeSet change;
    change.intents = bells(people, text, locked, newest.rules);
    change.reply.outcome = Done::acted;
    return change;
  };
  Load nothing;
  const auto told = co_await store_.transact(std::move(nothing), std::move(by), time_.now());
  if (told) on_commit_();
  co_return told.has_value();
}

asio::awaitable<void> AlarmBell::tell_what_waits() {
  while (!to_tell_.empty()) {
    Phrase text = to_tell_.front();
    const bool told = co_await tell(std::move(text));
    if (!told) co_return;
    to_tell_.erase(to_tell_.begin());
  }
}

asio::awaitable<void> AlarmBell::look_at_troubles() {
  if (!seen_until_) {
    const auto stored = co_await store_.setting(seen_setting);
    if (!stored) co_return;
    const auto parsed = *stored ? parse_rfc3339(**stored) : std::nullopt;
    seen_until_ = parsed ? *parsed : TimePoint{};
  }
  auto troubles = co_await store_.troubles(20);
  if (!troubles) co_return;
  std::erase_if(*troubles, [this](const Trouble& one) { return one.at <= *seen_until_; });
  if (troubles->empty()) co_return;
  for (const Trouble& one : *troubles) log::error("trouble", {{"id", one.id}, {"what", one.what}});
  Phrase text = words(*troubles);
  const bool told = co_await tell(std::move(text));
  if (!told) co_return;
  seen_until_ = troubles->front().at;
  const auto kept = co_await store_.put_setting(seen_setting, to_rfc3339(*seen_until_));
  if (!kept) log::warn("alarm.setting", {{"error", kept.error().text}});
}

asio::awaitable<void> AlarmBell::look_at_apps() {
  const std::vector<Locked> locked = sender_.locked();
  std::erase_if(told_of_, [&](const AppId& app) { return std::ranges::find(locked, app, &Locked::app) == locked.end(); });
  for (const Locked& one : locked) {
    if (told_of_.contains(one.app)) continue;
    log::error("app.locked", {{"app", one.app}, {"why", one.why}});
    Phrase text(one.shut_out ? "bell.shut_out" : "bell.locked", {{"app", one.app.value}, {"what", one.why}});
    const bool told = co_await tell(std::move(text));
    if (told) told_of_.insert(one.app);
  }
}

asio::awaitable<void> AlarmBell::look_at_streams() {
  const std::vector<StreamState> states = streams_.states();
  for (const StreamState& one : states) {
    if (!one.refused && !one.fought_over) {
      told_of_streams_.erase(one.app);
      continue;
    }
    if (told_of_streams_.contains(one.app)) continue;
    log::error(one.refused ? "stream.refused" : "stream.fought_over", {{"app", one.app}, {"why", one.why}});
    const std::string minutes = std::to_string(one.again_every / std::chrono::minutes(1));
    Phrase text("bell.stream", {{"app", one.app.value}, {"what", one.why}, {"minutes", minutes}});
    if (!one.refused) text = Phrase("bell.stream_taken", {{"app", one.app.value}});
    const bool told = co_await tell(std::move(text));
    if (told) told_of_streams_.insert(one.app);
  }
}

asio::awaitable<void> AlarmBell::look_at_ailments() {
  const std::vector<Ailment> ailments = ailments_.all();
  for (const Ailment& one : ailments) {
    if (!one.rings) continue;
    const TimePoint now = time_.now();
    std::pair<AppId, std::string> name(one.app, one.what.key);
    // What comes and goes is told once a day.
    const auto told_before = told_of_ailments_.find(name);
    if (told_before != told_of_ailments_.end() && (one.since <= told_before->second || now - told_before->second < quiet_for))
      continue;
    Phrase text("bell.ailment", {{"what", say(rules_.get()->lang, one.what)}});
    const bool told = co_await tell(std::move(text));
    if (told) told_of_ailments_.insert_or_assign(std::move(name), now);
  }
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
