#include "bot/app/cli_preview.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <istream>
#include <ostream>

#include "bot/app/cli_check.hpp"
#include "bot/app/tsv.hpp"
#include "bot/core/brain/brain.hpp"
#include "bot/core/rules.hpp"
#include "config/type_names.hpp"

namespace xieban::app {
namespace {

/// A messenger that exists in this preview only: everybody is on it and it can show everything.
const AppId kApp("preview:main");
const ChatRef kGroup{kApp, ChatId("g")};

int wrong_usage(std::ostream& err, std::string_view what) {
  err << "xieban preview: " << what
      << "\nusage: xieban preview --config FILE --type ID --raised-at T [--department ID] [--requester PERSON] [--until T]\n";
  return 2;
}

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
  for (auto& person : organisation.people) person.identities = {{kApp, UserId(person.id.value)}};
  rules.organisation = std::make_shared<const Organisation>(std::move(organisation));
  rules.traits = {{kApp, preview_traits()}};
  return rules;
}

/// The request nobody answers, and what goes out because of it. The same functions as in service, one wake after the other.
class Preview {
 public:
  Preview(Rules rules, std::shared_ptr<const Policy> policy, std::ostream& out)
      : rules_(std::move(rules)), policy_(std::move(policy)), out_(out) {}

  /// nullopt: raised; else why it cannot be.
  std::optional<std::string> raise(const DepartmentId& lead, const PersonId& requester, TimePoint at) {
    Raise raise;
    raise.type = policy_->type;
    raise.title = policy_->name;
    raise.lead = lead;
    raise.urgent = policy_->urgent;
    raise.chat = kGroup;
    const Context context{requester, at, at, *policy_, rules_, RequestId(1)};
    const auto decision = decide(std::nullopt, raise, context);
    if (!decision) return say(rules_.lang, decision.error().text);
    for (const Event& event : decision->events) {
      Stamped entry;
      entry.request = RequestId(1);
      entry.seq = request_.seq + 1;
      entry.at = entry.counted_at = at;
      entry.by = requester;
      entry.event = event;
      request_ = apply(std::move(request_), entry);
    }
    return std::nullopt;
  }

  void run(TimePoint until) {
    auto next = wake_at(request_, *policy_, rules_);
    while (next && *next <= until) {
      send([&](const Waiting& waiting) { return waiting.at < *next; });
      const ChangeSet change = wake(snapshot(), rules_, *next);
      for (const Intent& intent : change.intents) queue(intent, *next);
      request_ = change.requests.back().request;
      next = change.requests.back().wake_at;
    }
    send([&](const Waiting& waiting) { return waiting.at <= until; });
  }

 private:
  struct Waiting {
    TimePoint at;
    Intent intent;
  };

  [[nodiscard]] Snapshot snapshot() const {
    Snapshot snapshot;
    snapshot.requests = {request_};
    snapshot.policies = {policy_};
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
    parcel.id = ParcelId(++sent_);
    parcel.effect = waiting.intent.effect;
    parcel.thread = waiting.intent.thread;
    parcel.urgent = waiting.intent.urgent;
    parcel.first_due = waiting.at;
    parcel.snapshot = snapshot();
    const auto outgoing = compose(parcel, rules_, waiting.at);
    const Clock* clock = find_clock(request_, notify.notice.clock);
    if (!outgoing || clock == nullptr) return;
    const Rung& rung = clock_rule(*policy_, clock->kind).ladder.at(notify.notice.rung);
    std::vector<PersonId> people = notify.mention;
    if (notify.to.person) people.insert(people.begin(), *notify.to.person);
    const std::string text = outgoing->card ? outgoing->card->body : outgoing->text;
    for (const PersonId& person : people)
      out_ << fmt::format("{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\n", to_rfc3339(waiting.at, rules_.office().offset(waiting.at)),
                          to_iso_duration(elapsed(*clock, rules_, waiting.at)), config::name_of(clock->kind),
                          config::moment_of(rung), role_of(person, rung, *clock, waiting.at), person.value,
                          config::name_of(notify.by), field(text));
  }

  [[nodiscard]] std::string role_of(const PersonId& person, const Rung& rung, const Clock& clock, TimePoint at) const {
    for (const Recipient& recipient : rung.to) {
      const auto people = resolve(recipient, request_, &clock, rules_, at);
      if (std::ranges::find(people, person) != people.end()) return config::name_of(recipient);
    }
    return "-";
  }

  Rules rules_;
  std::shared_ptr<const Policy> policy_;
  std::ostream& out_;
  Request request_;
  std::vector<Waiting> waiting_;
  std::uint64_t sent_ = 0;
};

std::string ids(const Rules& rules) {
  std::string out;
  for (const auto& policy : rules.types) out += (out.empty() ? "" : ", ") + policy->type.value;
  return out;
}

}  // namespace

int run_preview(const PreviewArgs& args, std::istream&, std::ostream& out, std::ostream& err) {
  const auto raised_at = parse_rfc3339(args.raised_at);
  if (!raised_at) return wrong_usage(err, "--raised-at is RFC 3339, e.g. 2026-11-23T10:00:00+08:00");
  const auto until = args.until ? parse_rfc3339(*args.until) : std::optional(*raised_at + std::chrono::days{14});
  if (!until || *until < *raised_at) return wrong_usage(err, "--until is RFC 3339 and not before --raised-at");
  const auto text = args.world.read_file(args.config);
  if (!text) {
    err << "xieban preview: the file " << args.config << " cannot be read\n";
    return 3;
  }
  const auto loaded = config::load(*text, args.config, args.world);
  if (!loaded) {
    for (const auto& problem : loaded.error()) err << line_of(problem) << '\n';
    return 1;
  }
  const Rules rules = preview_rules(loaded->config.rules);
  const Organisation& organisation = *rules.organisation;
  const auto policy = rules.type(TypeId(args.type));
  if (!policy) return wrong_usage(err, fmt::format("there is no type \"{}\"; there are {}", args.type, ids(rules)));
  if (organisation.departments.empty() || organisation.people.empty()) {
    err << "xieban preview: the configuration has no department or no person\n";
    return 1;
  }
  const DepartmentId lead = args.department ? DepartmentId(*args.department) : organisation.departments.front().id;
  const PersonId requester = args.requester ? PersonId(*args.requester) : organisation.people.front().id;
  if (rules.people().department(lead) == nullptr)
    return wrong_usage(err, fmt::format("there is no department \"{}\"", lead.value));
  if (rules.people().person(requester) == nullptr)
    return wrong_usage(err, fmt::format("there is no person \"{}\"", requester.value));

  Preview preview(rules, policy, out);
  if (const auto refusal = preview.raise(lead, requester, *raised_at)) {
    err << "xieban preview: " << *refusal << '\n';
    return 1;
  }
  out << "# local time\telapsed on the clock\tclock\trung\trole\tperson\tchannel\ttext\n";
  preview.run(*until);
  out.flush();
  return 0;
}

}  // namespace xieban::app
