#include "bot/core/request/dispute.hpp"

#include <algorithm>

#include "bot/base/text.hpp"
#include "bot/core/request/draft.hpp"
#include "bot/core/request/tasks.hpp"

namespace xieban {
namespace {

bool listed(const std::vector<PersonId>& list, const PersonId& person) { return std::ranges::find(list, person) != list.end(); }

/// Requester, owner, and whoever stated a position.
bool is_party(const Request& request, const PersonId& person) {
  const Dispute& dispute = *request.dispute;
  return person == request.requester || person == request.owner || person == dispute.requester.by || person == dispute.owner.by;
}

/// The PMO stands in where a post is vacant, but it watches; it does not judge.
bool only_watches(const PersonId& person, const Rules& rules, TimePoint now) {
  const Directory people = rules.people();
  const auto leads = [&](const Department& one) { return one.vice_president == person; };
  return people.is_pmo(person, now) && !listed(rules.organisation->leadership_group, person) &&
         std::ranges::none_of(people.departments(), leads);
}

std::vector<PersonId> impartial(Role role, const Request& request, const Rules& rules, TimePoint now) {
  std::vector<PersonId> list = resolve(Recipient(role), request, nullptr, rules, now);
  std::erase_if(list, [&](const PersonId& person) { return is_party(request, person) || only_watches(person, rules, now); });
  return list;
}

/// Whom it goes to when its time has come; with whom that is.
std::pair<Judge, std::vector<PersonId>> next_judge(const Request& request, const Rules& rules, TimePoint now) {
  if (request.dispute->submitted == Judge::none)
    if (auto vice = impartial(Role::vice_president, request, rules, now); !vice.empty())
      return {Judge::vice_president, std::move(vice)};
  return {Judge::leadership_group, impartial(Role::leadership_group, request, rules, now)};
}

std::vector<PersonId> both_sides(const Draft& d) {
  std::vector<PersonId> list = d.role(Role::requester);
  for (const PersonId& person : d.role(Role::owner)) list.push_back(person);
  const Dispute& dispute = *d.request().dispute;
  for (const PersonId& person : {dispute.requester.by, dispute.owner.by, dispute.by})
    if (!person.empty()) list.push_back(person);
  list.insert(list.end(), d.request().followers.begin(), d.request().followers.end());
  return list;
}

void stop_dispute_clocks(Draft& d) {
  d.stop_clock(ClockKind::dispute);
  d.stop_clock(ClockKind::ruling);
}

}  // namespace

bool disputed(const Request& request) { return request.dispute && !request.dispute->over; }

const Position& position_of(const Dispute& dispute, Party party) {
  return party == Party::requester ? dispute.requester : dispute.owner;
}

Party other(Party party) { return party == Party::requester ? Party::owner : Party::requester; }

std::optional<Party> party_of(const Request& request, const PersonId& person, const Rules& rules, TimePoint now) {
  const rights::Standing is = rights::standing(request, person, rules, now);
  if (is.requester) return Party::requester;
  if (is.owner) return Party::owner;
  if (rules.people().is_head_of(person, request.raised_by, now)) return Party::requester;
  return std::nullopt;
}

std::vector<PersonId> answering_for(const Request& request, Party party, const Rules& rules, TimePoint now) {
  return resolve(Recipient(party == Party::requester ? Role::requester : Role::owner), request, nullptr, rules, now);
}

std::vector<PersonId> judges(const Request& request, const Rules& rules, TimePoint now) {
  if (!disputed(request)) return {};
  std::vector<PersonId> vice = impartial(Role::vice_president, request, rules, now);
  if (request.dispute->submitted != Judge::leadership_group && !vice.empty()) return vice;
  std::vector<PersonId> all = impartial(Role::leadership_group, request, rules, now);
  for (PersonId& person : vice)
    if (!listed(all, person)) all.push_back(std::move(person));
  return all;
}

void Draft::submit_dispute() {
  for (const ClockKind kind : {ClockKind::dispute, ClockKind::ruling}) {
    const Clock* clock = running_clock(request_, kind);
    if (!disputed(request_) || clock == nullptr || !clock->running() || !clock->target || *clock->target > context_.now)
      continue;
    if (kind == ClockKind::ruling && request_.dispute->submitted == Judge::leadership_group) continue;
    happens_at(*clock->target);
    auto [to, whom] = next_judge(request_, context_.rules, context_.now);
    // Whoever it comes to has the whole time of a ruling, the second judge as the first.
    stop_clock(kind);
    start_clock(ClockKind::ruling);
    add(DisputeSubmitted{to, whom});
    happens_at(context_.now);
  }
}

namespace deciding {

Outcome on(const TakePosition& command, Draft& d) {
  if (text::blank(command.text)) return d.refuse(Refusal::reason_missing, "refuse.position_missing");
  const Context& context = d.context();
  const Party mine = *party_of(d.request(), d.actor(), context.rules, context.now);
  const bool fresh = !disputed(d.request());
  if (!fresh && position_of(*d.request().dispute, mine).text == command.text)
    return d.refuse(Refusal::same_as_before, "refuse.same_position");
  d.add(PositionTaken{mine, Position{command.text, d.actor(), d.at()}});
  if (fresh) d.start_clock(ClockKind::dispute);
  const Dispute& dispute = *d.request().dispute;
  const std::vector<PersonId> theirs = answering_for(d.request(), other(mine), context.rules, context.now);
  const Clock* clock = running_clock(d.request(), fresh ? ClockKind::dispute : ClockKind::ruling);
  if (clock == nullptr) clock = running_clock(d.request(), ClockKind::dispute);
  const rights::Args about{{"text", command.text},
                           {"person", d.names(theirs)},
                           {"time", clock != nullptr && clock->target ? d.time(*clock->target) : std::string()}};
  const bool alone = position_of(dispute, other(mine)).text.empty();
  std::vector<PersonId> whom = theirs;
  whom.insert(whom.end(), dispute.judges.begin(), dispute.judges.end());
  d.tell(whom, alone ? "dispute_marked" : "dispute_position", about);
  if (fresh) return d.phrase("done.dispute", about);
  return d.phrase(alone ? "done.position" : "done.position_both", about);
}

Outcome on(const GiveRuling& command, Draft& d) {
  if (text::blank(command.decision)) return d.refuse(Refusal::reason_missing, "refuse.ruling_missing");
  stop_dispute_clocks(d);
  d.add(Ruled{command.decision, d.actor()});
  const rights::Args about{{"text", command.decision}};
  d.tell(both_sides(d), "dispute_ruled", about);
  d.tell_group("dispute_ruled", about);
  return d.phrase("done.rule", {{"person", d.names(d.role(Role::owner))}});
}

Outcome settle(const Confirm& command, Draft& d) {
  const Party mine = *party_of(d.request(), d.actor(), d.context().rules, d.context().now);
  if (!command.yes) return d.refuse(Refusal::nothing_due, "refuse.dispute_no");
  stop_dispute_clocks(d);
  d.add(DisputeSettled{other(mine), d.actor()});
  std::vector<PersonId> whom = both_sides(d);
  const auto& told = d.request().dispute->judges;
  whom.insert(whom.end(), told.begin(), told.end());
  const rights::Args about{{"text", position_of(*d.request().dispute, other(mine)).text}};
  d.tell(whom, "dispute_settled", about);
  d.tell_group("dispute_settled", about);
  return d.phrase("done.settle", about);
}

}  // namespace deciding
}  // namespace xieban
