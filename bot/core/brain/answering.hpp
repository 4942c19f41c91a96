#pragma once
// One event being answered: what came, what the store knows, and the answer as it grows.

#include "bot/core/brain/brain.hpp"
#include "bot/core/brain/change.hpp"

namespace xieban::brain {

/// How an order came. It decides where the actor hears of it.
enum class Via { typed, pressed, form, dialogue };

/// What the actor is told.
struct Told {
  Done outcome = Done::acted;
  std::optional<Phrase> text;
  std::string more;      // a further line: a corrected command, the present state
  bool shown = false;    // the card, list or form that follows says it already
  bool curable = false;  // refused because of what was written: a form stays open for better words
  RequestId request;
};

/// Nothing was done, and why.
Told refused(Phrase);

struct Answering {
  Answering(const Inbound&, const Snapshot&, const Rules&, TimePoint now);

  const Inbound& in;
  const Snapshot& snapshot;
  const Rules& rules;
  TimePoint now, at;
  Directory people;
  const Person* actor;  // nullptr: a stranger
  ChangeSet out;

  [[nodiscard]] PersonId me() const { return actor ? actor->id : PersonId{}; }
  [[nodiscard]] bool in_group() const { return !in.one_to_one; }
  [[nodiscard]] bool private_chats() const;
  /// The actor's private chat, or the chat of the event where none can be opened.
  [[nodiscard]] Target aside() const;
  /// Where the event happened.
  [[nodiscard]] Target here() const;
  [[nodiscard]] Context context(const Policy&, RequestId new_id = {}) const;
  [[nodiscard]] std::string text_of(const Told&) const;
  /// The actor's dialogue, if one is open.
  [[nodiscard]] const Conversation* open_conversation() const;
  void post(Effect, const Request* = nullptr);
  /// Text to the actor alone; where private chats cannot be opened, in the chat with a mention.
  void say_aside(Phrase, RequestId = {});
};

// orders.cpp: what a command that was understood does.
Told carry_out(Answering&, const Order&, Via);
Told carry_out(Answering&, const OnRequest&, Via);
/// Refusal kept in the history of an existing request.
Told refuse(Answering&, const Request&, std::string_view verb, const Refusing&);
/// "现在：执行；下一步：…" behind a refusal.
std::string present_state(const Answering&, const Request&);

// messages.cpp, presses.cpp
void answer_message(Answering&, const Said&);
void answer_press(Answering&, const Pressed&);

// forms.cpp
Told begin_form(Answering&, const Incomplete&, Via);
/// A plain-text answer in a running dialogue.
void answer_dialogue(Answering&, const Conversation&, std::string_view text);
Told submit_form(Answering&, const CardHandle&, const Pressed&);
Told cancel_form(Answering&, const CardHandle&);

// checkup.cpp
Told checkup(Answering&);

// facts.cpp: people, chats, leave, links.
Told take_leave(Answering&, const TakeLeave&);
Told link(Answering&, const LinkMe&);
Told unlink(Answering&, const UnlinkPerson&);
void answer_event(Answering&);
/// Keeps what a message says about its chat.
void notice_chat(Answering&);

}  // namespace xieban::brain
