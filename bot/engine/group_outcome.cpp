#include "bot/engine/group_outcome.hpp"

#include <utility>
#include <variant>

#include "bot/core/brain/audience.hpp"
#include "bot/core/brain/groups.hpp"

namespace xieban {

std::optional<Consequence> group_consequence(const Claimed& claimed, const Settlement& settlement, RulesPtr rules) {
  if (claimed.outgoing.form != Form::group || settlement.retry_at) return std::nullopt;
  const Outgoing sent = claimed.outgoing;
  const Receipt& receipt = settlement.receipt;
  const TimePoint now = settlement.now;
  const bool done = receipt.outcome == Outcome::delivered || receipt.outcome == Outcome::partly;
  const bool make = sent.group && sent.group->step == GroupStep::make;
  Consequence consequence;
  consequence.load = load_group(sent, done && make ? receipt.provider_id : std::string());
  if (done) {
    consequence.decide = [sent, made = receipt.provider_id, rules = std::move(rules), now](const Snapshot& snapshot) {
      return group_tended(sent, made, snapshot, *rules, now);
    };
  } else {
    consequence.decide = [sent, why = receipt.detail, gone = receipt.target_gone, rules = std::move(rules),
                          now](const Snapshot& snapshot) { return group_failed(sent, why, gone, snapshot, *rules, now); };
  }
  return consequence;
}

std::optional<Consequence> chat_consequence(const Claimed& claimed, const Settlement& settlement, const Traits& traits,
                                            RulesPtr rules) {
  const Outgoing& sent = claimed.outgoing;
  const ChatRef chat{claimed.parcel.thread.app, claimed.parcel.thread.chat};
  const Channel* channel = traits.channel(sent.channel);
  // An address that takes one answer is spent with it, which follows in another way.
  if (brain::is_private(chat.chat) || channel == nullptr || channel->one_answer) return std::nullopt;
  if (sent.form != Form::card && sent.form != Form::text) return std::nullopt;
  Consequence consequence;
  if (settlement.receipt.chat_gone && !settlement.retry_at) {
    consequence.load = load_chat(chat);
    consequence.decide = [chat, rules = std::move(rules), now = settlement.now](const Snapshot& snapshot) {
      return chat_lost(chat, snapshot, *rules, now);
    };
    return consequence;
  }
  // Nothing goes to a group that is gone but what somebody must hear of.
  const auto* notify = std::get_if<Notify>(&claimed.parcel.effect);
  const bool mentions = !sent.mentions.empty() || (notify != nullptr && !notify->mention.empty());
  if (settlement.receipt.outcome != Outcome::delivered || !mentions) return std::nullopt;
  consequence.load = load_chat(chat);
  consequence.decide = [chat](const Snapshot& snapshot) { return chat_found(chat, snapshot); };
  return consequence;
}

}  // namespace xieban
