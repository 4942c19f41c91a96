#include "adapters/wecom/channels.hpp"

#include <utility>

#include "adapters/wecom/card.hpp"
#include "adapters/wecom/groups.hpp"

namespace xieban::wecom {

namespace {

constexpr Duration second{1000}, minute{60'000}, hour{3'600'000};
// Room for a mention, a colour and what escaping adds.
constexpr std::size_t margin_bytes = 148;
// Its texts are bounded one by one: this is what they come to at most.
constexpr std::size_t card_bytes = 3500;

Window window(std::uint32_t count, Duration per, Scope scope) {
  Window made;
  made.count = count;
  made.per = per;
  made.scope = scope;
  return made;
}

// Whom the app does not see may have written to the bot; where the bot was removed, the robot may stand.
constexpr const char *road_of_app = "app", *road_of_bot = "bot", *road_of_robot = "robot";

Channel text_channel(const ChannelId& id, Reach reach, const char* road, std::size_t bytes) {
  Channel made;
  made.id = id;
  made.reach = reach;
  made.road = road;
  made.audited = true;
  made.text_bytes = bytes - margin_bytes;
  return made;
}

Channel card_channel(const ChannelId& id, Reach reach, const char* road, Dialect dialect) {
  Channel made;
  made.id = id;
  made.reach = reach;
  made.road = road;
  made.forms.text = false;
  made.forms.card = true;
  made.card_bytes = card_bytes;
  made.room = card_room(dialect);
  made.buttons = most_buttons;
  return made;
}

/// Over the long connection what is no reply any more is said unprompted; without it an address takes one message.
Channel replies(Channel channel, const Settings& settings) {
  channel.one_answer = !settings.bot_stream();
  return channel;
}

}  // namespace

Traits traits_of(const Settings& settings) {
  Traits traits;
  // Beyond 30 a minute and 1000 an hour the platform drops in silence what one member or one conversation gets.
  const std::vector<Window> one_person{window(27, minute, Scope::person), window(950, hour, Scope::person)};
  const std::vector<Window> one_group{window(27, minute, Scope::chat), window(950, hour, Scope::chat)};

  if (settings.app_cards()) {
    Channel card = card_channel(app_card, Reach::person, road_of_app, Dialect::app);
    card.urgent = true;
    card.one_send_per_person = true;  // one code for each
    card.same_key = 29 * minute;
    card.life.updatable = 72 * hour - 10 * minute;
    card.life.updates = 1;
    card.life.press_renews = true;
    card.limits = one_person;
    traits.channels.push_back(std::move(card));
  }
  if (settings.bot)
    traits.channels.push_back(replies(card_channel(reply_card, Reach::reply, road_of_bot, Dialect::bot), settings));
  if (settings.bot_stream() && !settings.app_cards()) {
    Channel card = card_channel(bot_card, Reach::person, road_of_bot, Dialect::bot);
    card.needs_prior_contact = true;
    traits.channels.push_back(std::move(card));
  }
  if (settings.bot)
    traits.channels.push_back(replies(text_channel(reply_text, Reach::reply, road_of_bot, most_bot_bytes), settings));
  if (settings.app) {
    Channel text = text_channel(app_text, Reach::person, road_of_app, most_app_bytes);
    text.urgent = true;
    text.limits = one_person;
    traits.channels.push_back(std::move(text));
  }
  if (settings.bot_stream()) {
    Channel text = text_channel(bot_private, Reach::person, road_of_bot, most_bot_bytes);
    text.needs_prior_contact = true;
    text.limits = one_person;
    traits.channels.push_back(std::move(text));
    text = text_channel(bot_group, Reach::group, road_of_bot, most_bot_bytes);
    text.needs_prior_contact = true;
    text.limits = one_group;
    traits.channels.push_back(std::move(text));
  }
  if (!settings.robots.empty()) {
    Channel text = text_channel(robot_text, Reach::group, road_of_robot, most_robot_bytes);
    text.mentions = true;
    text.limits = {window(18, minute, Scope::robot)};
    traits.channels.push_back(std::move(text));
  }
  if (settings.app) {
    Channel text = text_channel(appchat_text, Reach::group, road_of_app, most_app_bytes);
    text.own_chats_only = true;  // the bot's id of a group is none of the app's
    traits.channels.push_back(std::move(text));
    traits.channels.push_back(appchat_groups());
  }

  traits.private_chats = settings.app.has_value();
  traits.caseless_users = true;
  traits.toasts = false;
  traits.answer_within = {{EventKind::url_check, second},
                          {EventKind::message, 4500 * second / 1000},
                          {EventKind::press, 4500 * second / 1000},
                          {EventKind::event, 4500 * second / 1000}};
  return traits;
}

}  // namespace xieban::wecom
