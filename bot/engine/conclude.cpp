#include "bot/engine/conclude.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <variant>

#include "bot/core/brain/repeat.hpp"

namespace xieban {

namespace {

/// Where the platform makes a message urgent by a call of its own: that call, behind an urgent notice that stands now.
std::optional<Effect> urgent_call(const Claimed& claimed, const Receipt& receipt, const Traits& traits) {
  const auto* notify = std::get_if<Notify>(&claimed.parcel.effect);
  const Channel* channel = traits.channel(claimed.outgoing.channel);
  if (notify == nullptr || notify->by != By::urgent || channel == nullptr || !channel->urgent_after) return std::nullopt;
  if (receipt.provider_id.empty()) return std::nullopt;
  return Urgent{notify->request, notify->to, notify->notice, receipt.provider_id};
}

}  // namespace

Settlement conclude(const Claimed& claimed, Receipt receipt, const Traits& traits, const Backoff& backoff,
                    const AttemptFacts& facts) {
  Settlement settlement;
  settlement.parcel = claimed.parcel.id;
  settlement.attempt = claimed.attempt;
  settlement.fence = claimed.fence;
  settlement.now = facts.now;
  settlement.update_of = claimed.outgoing.update_of;
  const Channel* channel = traits.channel(claimed.outgoing.channel);

  // What waited out an outage of ours, or a clock that jumped, gets its tries, however old it is.
  const TimePoint waits_since = std::max(claimed.parcel.first_due, facts.running_since);
  // Nor does age end what waits until the month turns, or until somebody lets the app in again.
  const bool ageless = claimed.attempt < backoff.min_attempts || receipt.used_up || receipt.shut_out;
  const TimePoint first_due = ageless ? facts.now : waits_since;
  const auto again = [&] {
    Backoff pace = backoff;
    if (!facts.budget) pace.first = pace.cap;
    settlement.counts = !facts.way_down;
    const auto counted = std::max<std::uint32_t>(claimed.attempts_counted, 1);
    settlement.retry_at = next_attempt(pace, counted, first_due, facts.now, receipt, facts.noise);
    if (!settlement.retry_at) receipt.detail.insert(0, "given up: ");
  };
  // A second group or task is worse than none: past the time in which the platform knows a repeat, it is not made again.
  const auto too_late_to_repeat = [&] {
    if (!makes_one(claimed.parcel.effect, claimed.outgoing) || !settlement.retry_at) return;
    const Duration known = channel != nullptr ? channel->same_key.value_or(Duration{0}) : Duration{0};
    if (std::max(*settlement.retry_at, facts.reopens) - first_due < known - known / 20) return;
    settlement.retry_at.reset();
    receipt.detail = "outcome unknown, not made again: " + receipt.detail;
  };
  const auto next_form = [&] {
    settlement.next_choice = true;
    settlement.retry_at = facts.now;
  };

  switch (receipt.outcome) {
    case Outcome::delivered:
      settlement.then = urgent_call(claimed, receipt, traits);
      break;
    case Outcome::partly:
      // The store sends to the missed alone, then; those who were reached have it.
      if (std::ranges::any_of(receipt.people,
                              [](const auto& one) { return one.second == Outcome::retry || one.second == Outcome::unknown; })) {
        again();
      }
      break;
    case Outcome::retry:
      if (receipt.used_up && claimed.outgoing.free_way > 0) {
        next_form();
        settlement.further = claimed.outgoing.free_way;
        break;
      }
      again();
      break;
    case Outcome::unknown:
      if ((channel != nullptr && channel->same_key) || may_repeat(claimed.parcel.effect, claimed.outgoing)) {
        again();
        too_late_to_repeat();
      } else {
        receipt.detail = "outcome unknown, not sent again: " + receipt.detail;
      }
      break;
    case Outcome::rejected:
      // The request goes on without its group or its mirror, and is told so elsewhere: there is nothing to run again.
      settlement.drop = claimed.outgoing.form == Form::group || claimed.outgoing.form == Form::task;
      if (settlement.drop) break;
      if (receipt.target_gone && claimed.outgoing.elsewhere > 0) {
        next_form();
        settlement.further = claimed.outgoing.elsewhere;
        break;
      }
      // An urgent call that is refused falls away: the notice itself stands.
      if (claimed.outgoing.form == Form::urgent || (claimed.outgoing.form != Form::text && !receipt.target_gone)) next_form();
      break;
    case Outcome::unsupported:
      // An address that is spent leads nowhere any more: what else there is stands in another plan.
      settlement.anew = channel != nullptr && channel->one_answer && !receipt.never_left;
      if (!settlement.anew) next_form();
      break;
    case Outcome::token_expired:
      settlement.counts = false;
      if (facts.now - first_due < backoff.give_up_after) {
        settlement.retry_at = facts.now + receipt.retry_after.value_or(Duration{0});
      } else {
        receipt.detail = "given up: " + receipt.detail;
      }
      break;
  }
  settlement.receipt = std::move(receipt);
  return settlement;
}

}  // namespace xieban
