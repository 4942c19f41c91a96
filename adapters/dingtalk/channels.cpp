#include "adapters/dingtalk/channels.hpp"

#include <utility>

#include "adapters/dingtalk/card.hpp"
#include "adapters/dingtalk/groups.hpp"

namespace xieban::dingtalk {

namespace {

constexpr Duration second{1000}, minute{60'000}, day{24LL * 3600 * 1000};
constexpr std::size_t text_bytes = 6000;
// Title, text, fields and buttons together; more would not fit the values of a template.
constexpr std::size_t template_bytes = 2000;
constexpr std::size_t action_bytes = 6000;

Window window(std::uint32_t count, Duration per, Scope scope) {
  Window made;
  made.count = count;
  made.per = per;
  made.scope = scope;
  return made;
}

Channel channel(const ChannelId& id, Reach reach) {
  Channel made;
  made.id = id;
  made.reach = reach;
  made.urgent_after = true;
  made.text_bytes = text_bytes;
  made.buttons = most_buttons;
  return made;
}

Channel text_only(Channel made) {
  made.forms.text = true;
  made.audited = true;
  return made;
}

Channel card_only(Channel made, std::size_t bytes) {
  made.forms.text = false;
  made.forms.card = true;
  made.card_bytes = bytes;
  return made;
}

/// A template's card: named by us, so that a repeat makes no second one, and changed in place.
Channel interactive(Channel made) {
  made = card_only(std::move(made), template_bytes);
  made.markdown_bytes = most_value_bytes;
  made.same_key = day;
  made.audited = true;
  made.life.updatable = 30 * day;
  return made;
}

}  // namespace

Traits traits_of(const Settings& settings) {
  Traits traits;
  const bool templates = settings.card_template != "none";
  // Of ways that lack as little the first is taken: cards, then what costs no call, then the rest.
  if (templates) {
    Channel card = interactive(channel(card_in_group, Reach::group));
    card.mentions = true;
    traits.channels.push_back(std::move(card));
    traits.channels.push_back(interactive(channel(card_in_private, Reach::person)));
  }
  traits.channels.push_back(card_only(channel(action_channel, Reach::person), action_bytes));
  Channel reply = text_only(channel(reply_channel, Reach::reply));
  reply.mentions = true;
  // Below the 20 a minute that a robot may say in one group, and the 20 calls a second of an app.
  reply.limits = {window(18, minute, Scope::robot), window(15, second, Scope::app)};
  traits.channels.push_back(std::move(reply));
  if (!settings.robots.empty()) {
    Channel robot = text_only(channel(custom_robot_channel, Reach::group));
    robot.mentions = true;
    robot.urgent_after = false;  // what it says has no id by which DING could name it
    robot.same_key = minute;
    robot.limits = {window(18, minute, Scope::robot)};
    traits.channels.push_back(std::move(robot));
  }
  traits.channels.push_back(text_only(channel(group_channel, Reach::group)));
  traits.channels.push_back(text_only(channel(private_channel, Reach::person)));
  if (!settings.group_template.empty()) traits.channels.push_back(scene_groups());
  for (Channel& one : traits.channels) {
    // Session webhooks and custom robots are no calls of the API.
    if (one.reach != Reach::reply && one.id != custom_robot_channel) one.per_month = settings.monthly_calls;
  }
  traits.toasts = false;
  traits.answer_within = {{EventKind::url_check, Duration{1000}},
                          {EventKind::message, Duration{2500}},
                          {EventKind::press, Duration{2000}},
                          {EventKind::event, Duration{2500}}};
  return traits;
}

}  // namespace xieban::dingtalk
