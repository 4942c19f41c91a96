#pragma once
// What each platform can do, as data, and the pure function that chooses among it.

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bot/base/ids.hpp"
#include "bot/base/time.hpp"
#include "bot/core/inbound.hpp"

namespace xieban {

enum class Scope { app, chat, person, message, robot };
/// groups: no message, but groups that the app makes. tasks: none either, but tasks in people's own lists.
enum class Reach { reply, group, person, groups, tasks };
struct Window {
  std::uint32_t count = 0;
  Duration per{};
  Scope scope = Scope::app;
};
struct CardLife {
  Duration updatable{};                  // zero: cards cannot be updated
  std::optional<std::uint16_t> updates;  // absent: any number
  bool press_renews = false;             // each press allows that many again: used up, the card waits for the next one
};
struct Forms {
  bool text = true;
  bool card = false;
  bool card_inputs = false;             // the card may collect input
  bool tables = false, charts = false;  // the card may hold one; else its lines stand in the text
};
/// How much of a card's texts is shown, in characters.
struct CardRoom {
  std::size_t title = 0, body = 0, value = 0, footer = 0, button = 0;
  std::size_t fields = 0;  // lines of its list
};
/// What the app may do about groups that it makes itself.
struct GroupSkills {
  std::size_t name_chars = 60;
  std::size_t members = 50, fewest = 1;  // of one call; a new group needs
  bool announces = false, dissolves = false;
  bool one_by_one = false;  // a call that adds people is refused for all of them: each is added alone
  bool second_way = false;  // a refused call may go another way: the group made with the fewest, the notice in the older format
};
struct Channel {
  ChannelId id;
  Reach reach = Reach::group;
  std::string road;  // channels of one road end at the same chats and people: what is gone for one of them is for all
  bool needs_prior_contact = false;
  bool own_chats_only = false;  // only chats that Xieban made
  bool one_answer = false;      // of replies: an address takes one message
  Forms forms;
  bool mentions = false;
  bool urgent = false;               // the message itself can be urgent
  bool urgent_after = false;         // a message that stands is made urgent by a call of its own
  bool audited = false;              // what is refused for its words may go once more without them
  std::optional<Duration> same_key;  // how long a repeat under one key is recognised; absent: never
  std::size_t text_bytes = 4096, card_bytes = 28 * 1024;
  std::optional<CardRoom> room;               // absent: card_bytes alone bound it
  std::optional<std::size_t> markdown_bytes;  // of a card's text, list and commands as one text of escaped Markdown
  std::uint8_t buttons = 20, select_options = 100;
  CardLife life;
  bool one_send_per_person = false;
  std::vector<Window> limits;
  std::optional<std::uint32_t> per_month;
  std::optional<GroupSkills> groups;  // set exactly for Reach::groups
};
struct Traits {
  std::vector<Channel> channels;
  std::map<EventKind, Duration> answer_within;
  Duration refresh_after{2000};  // how long refreshes of cards wait, so that quick changes are one call
  bool private_chats = true;     // the bot may open a private chat with anyone
  bool caseless_users = false;   // ids of people that differ in upper and lower case only are one
  bool toasts = true;            // whoever presses a button can be told something that nobody else sees

  [[nodiscard]] const Channel* channel(const ChannelId&) const;
  /// Addresses for replies take one message each.
  [[nodiscard]] bool one_answer() const;
  /// nullptr: the app makes no groups.
  [[nodiscard]] const GroupSkills* groups() const;
  /// Tasks are mirrored into their owners' own lists there.
  [[nodiscard]] bool mirrors_tasks() const;
};

/// urgent: no message, but the call behind one. group: what GroupCall says; task: what TaskCall says.
enum class Form { card, card_update, text, urgent, group, task };
struct Delivery {
  ChannelId channel;
  Form form = Form::text;
  bool plain = false;  // nothing that anybody typed: a number, and the command that shows the rest
  friend bool operator==(const Delivery&, const Delivery&) = default;
};
/// What the store knows of a chat.
struct ChatFact {
  ChatRef chat;
  std::string name;
  bool external = false;
  bool spoken = false;  // people have spoken to the bot there
  bool opened = true;   // and so that channels that need prior contact have it
  bool gone = false;    // dissolved, or the bot was removed
  std::string webhook;  // session webhook
  std::optional<TimePoint> webhook_until;
  std::vector<ReplyAddress> spare;  // older ones than `webhook`, oldest first, where each takes one message
  RequestId made_for;               // Xieban made it, for this request
  friend bool operator==(const ChatFact&, const ChatFact&) = default;
};
struct Need {
  Reach reach = Reach::group;
  bool card = false, inputs = false, mention = false, urgent = false;
  bool plain = false;                     // it can be said plainly
  bool stands = false;                    // the message is there already: only the urgent call behind it
  std::optional<TimePoint> card_sent_at;  // set: an update of a card sent then
  std::uint16_t card_updates = 0;         // how often it was updated
  TimePoint now;
};
/// Best first; empty: this platform cannot reach it. A card that is too old to update is planned as a new card.
std::vector<Delivery> plan_delivery(const Need&, const Traits&, const ChatFact&);

}  // namespace xieban
