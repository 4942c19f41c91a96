#include "bot/web/playground_plan.hpp"

#include <algorithm>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "bot/web/playground_names.hpp"

namespace xieban {

namespace {

constexpr Duration horizon{366LL * 24 * 3600 * 1000};
constexpr std::size_t per_request = 24, overall = 120;

const Rung* rung_of(const Policy& policy, ClockKind kind, std::uint16_t index) {
  const std::vector<Rung>& ladder = clock_rule(policy, kind).ladder;
  return index < ladder.size() ? &ladder[index] : nullptr;
}

/// One message of the future.
struct Foretold {
  TimePoint at;
  ClockId clock;
  std::uint16_t rung = 0;
  std::string text;
};

/// Lets the request sleep and wake as it would, up to the last instant asked for, and writes down what would be said.
std::vector<Foretold> foretell(Snapshot snapshot, const Rules& rules, TimePoint now, TimePoint last) {
  std::vector<Foretold> told;
  TimePoint at = now;
  for (std::size_t step = 0; step < 2 * per_request; ++step) {
    const std::optional<TimePoint> next = wake_at(snapshot.requests.front(), *snapshot.policies.front(), rules);
    if (!next || *next > last) break;
    at = std::max(at, *next);
    ChangeSet changes = wake(snapshot, rules, at);
    if (changes.requests.empty()) break;
    snapshot.requests.front() = std::move(changes.requests.front().request);
    for (Intent& intent : changes.intents) {
      const auto* notify = std::get_if<Notify>(&intent.effect);
      if (notify == nullptr || notify->notice.clock.empty()) continue;
      Foretold one;
      one.at = at;
      one.clock = notify->notice.clock;
      one.rung = notify->notice.rung;
      Parcel parcel;
      parcel.id = ParcelId(1);
      parcel.effect = intent.effect;
      parcel.thread = intent.thread;
      parcel.first_due = at;
      parcel.snapshot = snapshot;
      const std::optional<Outgoing> outgoing = compose(parcel, rules, at);
      if (!outgoing) continue;
      one.text = outgoing->text;
      told.push_back(std::move(one));
    }
  }
  return told;
}

/// The message of this rung; when it is merged into another of the same moment, that one; else that clock's nearest.
std::string text_of(const std::vector<Foretold>& told, const DueRung& due) {
  const Foretold* best = nullptr;
  const auto rank = [&](const Foretold& one) {
    const bool now = one.at == due.due;
    if (one.clock == due.clock && one.rung == due.rung && now) return 0;
    if (one.clock == due.clock && now) return 1;
    if (one.clock == due.clock && one.rung == due.rung) return 2;
    return one.clock == due.clock ? 3 : 4;
  };
  for (const Foretold& one : told) {
    if (rank(one) < 4 && (best == nullptr || rank(one) < rank(*best))) best = &one;
  }
  return best == nullptr ? std::string() : best->text;
}

}  // namespace

void PlaygroundPlan::add(Snapshot snapshot) {
  if (snapshot.requests.empty() || snapshot.policies.empty() || !snapshot.policies.front()) return;
  if (!snapshot.directory) snapshot.directory = rules_.facts;
  for (DueRung& due : upcoming(snapshot.requests.front(), *snapshot.policies.front(), rules_.with(snapshot.directory), now_,
                               now_ + horizon, per_request)) {
    if (find_clock(snapshot.requests.front(), due.clock) != nullptr) planned_.push_back({open_.size(), std::move(due), {}});
  }
  open_.push_back(std::move(snapshot));
}

void PlaygroundPlan::keep_earliest() {
  std::ranges::stable_sort(planned_, {}, [](const Planned& one) { return one.due.due; });
  if (planned_.size() > overall) planned_.resize(overall);
  next_ = 0;
}

bool PlaygroundPlan::word_next() {
  if (!next_) keep_earliest();
  for (; *next_ < open_.size(); ++*next_) {
    std::optional<TimePoint> last;
    for (const Planned& one : planned_) {
      if (one.request == *next_) last = one.due.due;
    }
    if (!last) continue;
    const Snapshot& snapshot = open_[*next_];
    std::vector<Foretold> told;
    try {
      told = foretell(snapshot, rules_.with(snapshot.directory), now_, *last);
    } catch (const std::exception&) {
      // A request that cannot wake stands in the PMO queue; its plan is still worth showing.
      told.clear();
    }
    const Request& request = snapshot.requests.front();
    for (Planned& one : planned_) {
      if (one.request != *next_) continue;
      one.text = text_of(told, one.due);
      if (one.text.empty()) one.text = number(request) + " " + request.title;
    }
    ++*next_;
    return true;
  }
  return false;
}

nlohmann::json PlaygroundPlan::entry(const Planned& one) const {
  const Snapshot& snapshot = open_[one.request];
  const Request& request = snapshot.requests.front();
  const Rules rules = rules_.with(snapshot.directory);
  const Clock& clock = *find_clock(request, one.due.clock);
  const Rung* rung = rung_of(*snapshot.policies.front(), clock.kind, one.due.rung);
  nlohmann::json to = nlohmann::json::array();
  for (const Recipient& recipient : one.due.to) {
    const Role* role = std::get_if<Role>(&recipient);
    for (const PersonId& person : resolve(recipient, request, &clock, rules, one.due.due)) {
      to.push_back({{"role", role == nullptr ? std::string_view("person") : role_name(*role)}, {"person", person.str()}});
    }
  }
  return {{"at", to_rfc3339(one.due.due, rules.office().offset(one.due.due))},
          {"elapsed", to_iso_duration(elapsed(clock, rules, one.due.due))},
          {"request", number(request)},
          {"clock", clock_name(clock.kind)},
          {"rung", rung == nullptr ? std::string() : rung_name(*rung)},
          {"to", std::move(to)},
          {"by", by_name(one.due.by)},
          {"text", one.text}};
}

nlohmann::json PlaygroundPlan::json() const {
  nlohmann::json plan = nlohmann::json::array();
  for (const Planned& one : planned_) plan.push_back(entry(one));
  return {{"plan", std::move(plan)}};
}

}  // namespace xieban
