#include "bot/core/brain/preview.hpp"

#include <algorithm>

namespace xieban {
namespace {

/// A messenger that exists in a preview only: everybody is on it and it can show everything.
const AppId preview_app("preview:main");
const ChatRef preview_group{preview_app, ChatId("g")};

Traits preview_traits() {
  Traits traits;
  for (const Reach reach : {Reach::group, Reach::person}) {
    Channel channel;
    channel.id = ChannelId(reach == Reach::group ? "group" : "person");
    channel.reach = reach;
    channel.forms.card = channel.mentions = channel.urgent = true;
    traits.channels.push_back(std::move(channel));
  }
  return traits;
}

Rules preview_rules(Rules rules) {
  Organisation organisation = *rules.organisation;
  for (auto& person : organisation.people) person.identities = {{preview_app, UserId(person.id.value)}};
  rules.organisation = std::make_shared<const Organisation>(std::move(organisation));
  rules.traits = {{preview_app, preview_traits()}};
  return rules;
}

/// The request nobody answers, and what goes out because of it: one wake after the other.
class Preview {
 public:
  Preview(const Rules& rules, const PreviewOf& of) : rules_(preview_rules(rules)), of_(of) {}

  std::expected<std::vector<Foreseen>, Phrase> run() {
    if (auto refused = raise()) return std::unexpected(std::move(*refused));
    auto next = wake_at(request_, *of_.policy, rules_);
    while (next && *next <= of_.until && out_.size() < of_.most) {
      send([&](const Waiting& waiting) { return waiting.at < *next; });
      const ChangeSet change = wake(snapshot(), rules_, *next);
      for (const Intent& intent : change.intents) queue(intent, *next);
      request_ = change.requests.back().request;
      next = change.requests.back().wake_at;
    }
    send([&](const Waiting& waiting) { return waiting.at <= of_.until; });
    if (out_.size() > of_.most) out_.resize(of_.most);
    return std::move(out_);
  }

 private:
  struct Waiting {
    TimePoint at;
    Intent intent;
  };

  /// nullopt: raised; else why it cannot be.
  std::optional<Phrase> raise() {
    Raise raise;
    raise.type = of_.policy->type;
    raise.title = of_.policy->name;
    raise.lead = of_.lead;
    raise.urgent = of_.policy->urgent;
    raise.chat = preview_group;
    const Context context{of_.requester, of_.raised_at, of_.raised_at, *of_.policy, rules_, RequestId(1)};
    const auto decision = decide(std::nullopt, raise, context);
    if (!decision) return decision.error().text;
    for (const Event& event : decision->events) {
      Stamped entry;
      entry.request = RequestId(1);
      entry.seq = request_.seq + 1;
      entry.at = entry.counted_at = of_.raised_at;
      entry.by = of_.requester;
      entry.event = event;
      request_ = apply(std::move(request_), entry);
    }
    return std::nullopt;
  }

  [[nodiscard]] Snapshot snapshot() const {
    Snapshot snapshot;
    snapshot.requests = {request_};
    snapshot.policies = {of_.policy};
    snapshot.directory = rules_.facts;
    return snapshot;
  }

  void queue(const Intent& intent, TimePoint now) {
    const auto* notify = std::get_if<Notify>(&intent.effect);
    if (notify == nullptr || !notify->notice.reminder) return;
    if (!intent.supersedes.empty())
      std::erase_if(waiting_, [&](const Waiting& older) { return older.intent.supersedes == intent.supersedes; });
    waiting_.push_back({std::max(now, intent.not_before.value_or(now)), intent});
  }

  template <class Due>
  void send(Due due) {
    std::ranges::stable_sort(waiting_, {},
                             [](const Waiting& waiting) { return std::pair(waiting.at, !waiting.intent.urgent); });
    for (const Waiting& waiting : waiting_)
      if (due(waiting)) show(waiting);
    std::erase_if(waiting_, due);
  }

  void show(const Waiting& waiting) {
    const auto& notify = std::get<Notify>(waiting.intent.effect);
    Parcel parcel;
    parcel.id = ParcelId(out_.size() + 1);
    parcel.effect = waiting.intent.effect;
    parcel.thread = waiting.intent.thread;
    parcel.urgent = waiting.intent.urgent;
    parcel.first_due = waiting.at;
    parcel.snapshot = snapshot();
    const auto outgoing = compose(parcel, rules_, waiting.at);
    const Clock* clock = find_clock(request_, notify.notice.clock);
    if (!outgoing || clock == nullptr) return;
    Foreseen one;
    one.at = waiting.at;
    one.elapsed = elapsed(*clock, rules_, waiting.at);
    one.clock = clock->kind;
    one.rung = clock_rule(*of_.policy, clock->kind).ladder.at(notify.notice.rung);
    one.by = notify.by;
    one.text = outgoing->card ? outgoing->card->body : outgoing->text;
    std::vector<PersonId> people = notify.mention;
    if (notify.to.person) people.insert(people.begin(), *notify.to.person);
    for (const PersonId& person : people) {
      one.person = person;
      one.role = role_of(person, one.rung, *clock, waiting.at);
      out_.push_back(one);
    }
  }

  [[nodiscard]] std::optional<Recipient> role_of(const PersonId& person, const Rung& rung, const Clock& clock,
                                                 TimePoint at) const {
    for (const Recipient& recipient : rung.to) {
      const auto people = resolve(recipient, request_, &clock, rules_, at);
      if (std::ranges::find(people, person) != people.end()) return recipient;
    }
    return std::nullopt;
  }

  const Rules rules_;
  const PreviewOf& of_;
  Request request_;
  std::vector<Waiting> waiting_;
  std::vector<Foreseen> out_;
};

}  // namespace

std::expected<std::vector<Foreseen>, Phrase> preview(const Rules& rules, const PreviewOf& of) {
  return Preview(rules, of).run();
}

}  // namespace xieban
