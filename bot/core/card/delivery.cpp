#include "bot/core/card/delivery.hpp"

#include <algorithm>

namespace xieban {
namespace {

/// A reply goes out through the session that the chat opened, while it lives.
bool session_open(const ChatFact& chat, TimePoint now) {
  return !chat.webhook.empty() && (!chat.webhook_until || now < *chat.webhook_until);
}

bool reaches(const Channel& channel, const Need& need, const ChatFact& chat) {
  if (channel.needs_prior_contact && !(chat.spoken && chat.opened)) return false;
  if (channel.own_chats_only && chat.made_for.empty()) return false;
  if (channel.reach == need.reach) return true;
  return channel.reach == Reach::reply && session_open(chat, need.now);
}

bool can_update(const Channel& channel, const Need& need) {
  if (!need.card_sent_at || channel.life.updatable <= Duration::zero()) return false;
  if (channel.life.updates && need.card_updates >= *channel.life.updates) return false;
  return need.now - *need.card_sent_at < channel.life.updatable;
}

/// A card that is too old is replaced by a new one; where cards never change, or change after a press, an update stays out.
bool may_replace(const Channel& channel, const Need& need) {
  if (!need.card_sent_at) return true;
  const bool used_up = channel.life.updates && need.card_updates >= *channel.life.updates;
  const bool waits = used_up && channel.life.press_renews && need.now - *need.card_sent_at < channel.life.updatable;
  return channel.life.updatable > Duration::zero() && !waits;
}

/// Smaller is better: urgency that was asked for weighs more than a mention.
int lacks(const Channel& channel, const Need& need) {
  return (need.urgent && !channel.urgent && !channel.urgent_after ? 2 : 0) + (need.mention && !channel.mentions ? 1 : 0);
}

}  // namespace

const Channel* Traits::channel(const ChannelId& id) const {
  const auto found = std::ranges::find(channels, id, &Channel::id);
  return found == channels.end() ? nullptr : &*found;
}

const GroupSkills* Traits::groups() const {
  const auto found = std::ranges::find(channels, Reach::groups, &Channel::reach);
  return found == channels.end() || !found->groups ? nullptr : &*found->groups;
}

bool Traits::one_answer() const { return std::ranges::any_of(channels, &Channel::one_answer); }

bool Traits::mirrors_tasks() const { return std::ranges::find(channels, Reach::tasks, &Channel::reach) != channels.end(); }

std::vector<Delivery> plan_delivery(const Need& need, const Traits& traits, const ChatFact& chat) {
  std::vector<Delivery> plan;
  // Who is mentioned must hear of it: it is tried all the same, and the platform's refusal leads to their private chats.
  if (chat.gone && !need.mention) return plan;
  std::vector<const Channel*> usable;
  for (const Channel& channel : traits.channels)
    if (reaches(channel, need, chat)) usable.push_back(&channel);
  std::ranges::stable_sort(usable, {}, [&](const Channel* channel) { return lacks(*channel, need); });

  if (need.reach == Reach::groups) {
    for (const Channel* channel : usable) {
      if (!channel->groups) continue;
      plan.push_back({channel->id, Form::group});
      if (channel->groups->second_way) plan.push_back({channel->id, Form::group});
    }
    return plan;
  }
  if (need.reach == Reach::tasks) {
    // What is refused may go with less in it.
    for (const Channel* channel : usable) plan.insert(plan.end(), 2, {channel->id, Form::task});
    return plan;
  }
  if (need.stands) {
    // One call, whichever channel the notice took: refused by one it would be refused by all.
    const auto calls = std::ranges::find_if(usable, [](const Channel* channel) { return channel->urgent_after; });
    if (calls != usable.end()) plan.push_back({(*calls)->id, Form::urgent});
    return plan;
  }
  for (const Channel* channel : usable)
    if (channel->forms.card && can_update(*channel, need)) plan.push_back({channel->id, Form::card_update});
  if (need.card)
    for (const Channel* channel : usable)
      if (channel->forms.card && (!need.inputs || channel->forms.card_inputs) && may_replace(*channel, need))
        plan.push_back({channel->id, Form::card});
  // Where neither the change nor a new card is let through, the card must not go on showing what is past.
  if (need.card_sent_at && need.plain) {
    const auto changes = std::ranges::find_if(usable, [&](const Channel* channel) {
      return channel->forms.card && channel->audited && !channel->life.updates && can_update(*channel, need);
    });
    if (changes != usable.end()) plan.push_back({(*changes)->id, Form::card_update, true});
  }
  // An update never falls back to text: a chat must not fill with copies of a state it has seen.
  if (!need.card_sent_at)
    for (const Channel* channel : usable)
      if (channel->forms.text) plan.push_back({channel->id, Form::text});
  if (!need.card_sent_at && need.plain) {
    const auto audited =
        std::ranges::find_if(usable, [](const Channel* channel) { return channel->forms.text && channel->audited; });
    if (audited != usable.end()) plan.push_back({(*audited)->id, Form::text, true});
  }
  return plan;
}

}  // namespace xieban
