// Someone said or pressed something: who it was, and who answers.

#include "bot/core/brain/answering.hpp"
#include "bot/core/brain/audience.hpp"

namespace xieban {
namespace brain {

Told refused(Phrase text) {
  Told told;
  told.outcome = Done::refused;
  told.text = std::move(text);
  return told;
}

Answering::Answering(const Inbound& inbound, const Snapshot& loaded, const Rules& r, TimePoint time)
    : in(inbound),
      snapshot(loaded),
      rules(r),
      now(time),
      at(counts_at(inbound.sent_at, time)),
      people(r.people()),
      actor(people.who({inbound.chat.app, inbound.actor})) {}

bool Answering::private_chats() const {
  return in.one_to_one || can_write_to({in.chat.app, in.actor}, nullptr, in.chat, rules);
}

Target Answering::aside() const {
  // A private chat that the bot could not have opened is answered in, too.
  const auto traits = rules.traits.find(in.chat.app);
  const bool opens = traits == rules.traits.end() || traits->second.private_chats;
  if (!opens && (in.one_to_one || !private_chats())) return Target::to(in.chat);
  if (!actor) return Target::to(private_chat(in.chat.app, in.actor));
  Target target = Target::to(actor->id);
  target.app = in.chat.app;
  return target;
}

Target Answering::here() const { return in.one_to_one ? aside() : Target::to(in.chat); }

Context Answering::context(const Policy& policy, RequestId new_id) const { return {me(), at, now, policy, rules, new_id}; }

std::string Answering::text_of(const Told& told) const {
  std::string text = told.text ? say(rules.lang, *told.text) : std::string();
  if (told.more.empty()) return text;
  return text.empty() ? told.more : text + "\n" + told.more;
}

const Conversation* Answering::open_conversation() const {
  if (!snapshot.conversation || snapshot.conversation->done || expired(*snapshot.conversation, now)) return nullptr;
  return actor && snapshot.conversation->key.person == actor->id ? &*snapshot.conversation : nullptr;
}

void Answering::post(Effect effect, const Request* request) {
  intend(out, {std::move(effect)}, request, snapshot.cards, Origin{in.chat, std::nullopt}, rules, now);
}

void Answering::say_aside(Phrase text, RequestId request) {
  Say effect;
  effect.to = aside();
  if (effect.to.chat && in_group() && actor) effect.mention = {actor->id};
  effect.text = std::move(text);
  effect.request = request;
  post(std::move(effect));
}

namespace {

/// A card in the presser's private chat was pressed there, by whatever id the platform knows that chat.
std::optional<Inbound> pressed_in_private(const Inbound& in, const Snapshot& snapshot, const Rules& rules) {
  if (in.one_to_one || !std::holds_alternative<Pressed>(in.what) || !snapshot.card) return std::nullopt;
  const CardHandle& card = *snapshot.card;
  if (card.chat.app != in.chat.app || !is_private(card.chat.chat)) return std::nullopt;
  // By their account, or by another id of it.
  const Person* actor = rules.people().who({in.chat.app, in.actor});
  if (card.chat != private_chat(in.chat.app, in.actor) && (!actor || card.person != actor->id)) return std::nullopt;
  Inbound there = in;
  there.chat = card.chat;
  there.one_to_one = true;
  return there;
}

}  // namespace

}  // namespace brain

ChangeSet respond(const Inbound& arrived, const Snapshot& snapshot, const Rules& rules, TimePoint now) {
  const brain::Newest newest(rules, snapshot);
  const auto in_private = brain::pressed_in_private(arrived, snapshot, newest.rules);
  const Inbound& in = in_private ? *in_private : arrived;
  brain::Answering answering(in, snapshot, newest.rules, now);
  if (const auto* said = std::get_if<Said>(&in.what)) {
    brain::answer_message(answering, *said);
  } else if (const auto* pressed = std::get_if<Pressed>(&in.what)) {
    brain::answer_press(answering, *pressed);
  } else if (const auto* chosen = std::get_if<MenuChosen>(&in.what)) {
    brain::answer_message(answering, brain::typed(*chosen));
  } else {
    brain::answer_event(answering);
  }
  return std::move(answering.out);
}

}  // namespace xieban
