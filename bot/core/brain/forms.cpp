// Forms and dialogues: begun by a button or a command that lacks something, finished by "submit" or by the last answer.

#include <algorithm>

#include "bot/base/rng.hpp"
#include "bot/base/text.hpp"
#include "bot/core/brain/answering.hpp"
#include "bot/core/brain/audience.hpp"
#include "bot/core/card/wording.hpp"
#include "bot/core/request/rights.hpp"

namespace xieban::brain {
namespace {

/// Names verb, request and a piece of chance: unique, and it says what the form was for when its row is gone.
ConversationId conversation_id(const Answering& a, const Incomplete& what) {
  Rng rng(a.in.noise ^ static_cast<std::uint64_t>(a.now.time_since_epoch().count()));
  std::string id(action_of(what.verb));
  id += "." + what.request.str() + ".";
  constexpr std::string_view digits = "0123456789abcdef";
  for (int i = 0; i < 12; ++i) id += digits[rng.below(digits.size())];
  return ConversationId(id);
}

std::uint32_t first_open(const std::vector<Input>& inputs) {
  const auto open = std::ranges::find_if(inputs, [](const Input& input) { return input.value.empty(); });
  return static_cast<std::uint32_t>(open - inputs.begin());
}

/// The chat a command of this form belongs to: a request begun in a group lives in that group.
ChatRef place_of(const Conversation& conversation) {
  return conversation.begun_in.empty() ? conversation.chat : conversation.begun_in;
}

Parsed order_of(const Answering& a, const Conversation& conversation) {
  return order_from_fields(conversation.verb, conversation.request, conversation.task, conversation.answers, a.rules, a.me(),
                           place_of(conversation), conversation.begun_in.empty(), a.now);
}

std::optional<Phrase> missing(const Answering& a, const Conversation& conversation, const Request* request) {
  for (const Input& input : form_fields(conversation.verb, request, a.rules, a.me(), conversation.answers, a.now))
    if (input.required && input.value.empty()) return Phrase("form.missing", {{"label", input.label}});
  return std::nullopt;
}

/// What the collected answers lead to. A choice among several is asked in the chat of the form.
Told finish(Answering& a, const Conversation& conversation, const Request* request, Via via) {
  if (!conversation.request.empty() && !request)
    return refused(Phrase("access.unknown", {{"number", conversation.request.str()}}));
  if (auto lacks = missing(a, conversation, request)) {
    Told told = refused(std::move(*lacks));
    told.curable = true;
    return told;
  }
  const Parsed parsed = order_of(a, conversation);
  if (const auto* misread = std::get_if<Misread>(&parsed)) {
    Told told = refused(misread->text);
    told.curable = true;
    return told;
  }
  if (const auto* ambiguous = std::get_if<Ambiguous>(&parsed)) {
    Told told = refused(ambiguous->question);
    for (const Option& option : ambiguous->options)
      (told.more += told.more.empty() ? "" : say(a.rules.lang, "label.separator")) += option.label;
    told.curable = true;
    return told;
  }
  const auto* order = std::get_if<Order>(&parsed);
  if (!order || std::holds_alternative<Incomplete>(*order)) {
    Told told = refused(Phrase("form.incomplete"));
    told.curable = true;
    return told;
  }
  return carry_out(a, *order, via);
}

void say_in(Answering& a, const Conversation& conversation, Phrase text) {
  Say effect;
  effect.to = is_private(conversation.chat.chat) ? a.aside() : Target::to(conversation.chat);
  if (effect.to.chat) effect.mention = {a.me()};
  effect.text = std::move(text);
  effect.request = conversation.request;
  a.post(std::move(effect));
}

/// In a group every question says how to answer it.
Phrase for_chat(const Answering& a, const Conversation& conversation, Phrase question) {
  if (is_private(conversation.chat.chat)) return question;
  const auto bot = a.rules.bot_names.find(conversation.chat.app);
  return Phrase("form.question_in_group", {{"question", say(a.rules.lang, question)},
                                           {"bot", bot == a.rules.bot_names.end() ? std::string("协办") : bot->second}});
}

/// A platform's picker gives its own id of a person; who that is, the directory says.
std::string person_or_as_given(const Answering& a, const Input& input, std::string value) {
  const bool of_people = input.kind == InputKind::person || input.kind == InputKind::multi;
  if (!of_people && input.people.empty()) return value;
  const auto offered = [&](const std::vector<InputOption>& options) {
    return std::ranges::find(options, value, &InputOption::value) != options.end();
  };
  if (offered(input.options) || offered(input.people)) return value;
  const Person* person = a.rules.people().who({a.in.chat.app, UserId(value)});
  return person ? person->id.str() : value;
}

/// What was typed, picked and chosen may come together, the most exact first: what is new since the form was shown counts.
std::string newest(const std::vector<std::string>& given, const std::string& shown) {
  for (const std::string& one : given)
    if (!one.empty() && one != shown) return one;
  return given.empty() ? std::string() : given.front();
}

/// Only what the form asks for is taken over; the rest of a press may be forged.
void take_inputs(const Answering& a, Conversation& conversation, const Request* request, const Pressed& pressed) {
  for (const Input& input : form_fields(conversation.verb, request, a.rules, a.me(), conversation.answers, a.now)) {
    const auto given = pressed.inputs.find(input.id);
    if (given == pressed.inputs.end()) continue;
    std::vector<std::string> values;
    for (const std::string& one : given->second)
      values.push_back(person_or_as_given(a, input, std::string(text::trim(text::repair(one)))));
    std::string& answer = conversation.answers[input.id];
    if (input.kind != InputKind::multi) {
      answer = newest(values, answer);
      continue;
    }
    answer.clear();
    for (const std::string& one : values) (answer += answer.empty() ? "" : ",") += one;
  }
}

/// Ran out: nothing is done behind anyone's back, and nothing that was typed is lost.
Told begin_again(Answering& a, const Conversation& old) {
  Incomplete what;
  what.verb = old.verb;
  what.request = old.request;
  what.task = old.task;
  what.fields = old.answers;
  Told told = begin_form(a, what, Via::form);
  if (told.outcome == Done::refused) return told;
  a.out.conversation->begun_in = old.begun_in;
  a.out.conversation->begun_private = old.begun_private;
  told.outcome = Done::refused;
  told.text = Phrase("form.ran_out");
  return told;
}

/// Of an answer that was begun on a button the matter is known.
std::string_view right_of(const Incomplete& what) {
  const auto matter = what.fields.find("matter");
  if (matter == what.fields.end()) return action_of(what.verb);
  return matter->second == "sign_off" ? "give_signature" : "settle_extension";
}

}  // namespace

Told begin_form(Answering& a, const Incomplete& asked, Via via) {
  Incomplete what = asked;
  const Request* request = find_request(a.snapshot, what.request);
  if (!what.request.empty()) {
    if (!request) return refused(Phrase("access.unknown", {{"number", what.request.str()}}));
    const std::string_view verb = action_of(what.verb);
    if (!can_see(*request, a.me(), a.rules, a.now))
      return refuse(a, *request, verb, {Refusal::not_yours, Phrase("access.denied", {{"number", number(*request)}})});
    // Who may not, or not now, hears it before they write anything.
    const TaskNo task = rights::meant_task(*request, what.task, verb, a.me(), a.rules, a.now);
    if (const auto why = rights::why_not(*request, right_of(what), task, a.me(), a.rules, a.now))
      return refuse(a, *request, verb, *why);
    if (what.verb == Verb::object && !what.fields.contains("matter")) {
      const Matter matter = rights::meant_matter(*request, Matter::any, a.me(), a.rules, a.now);
      if (matter == Matter::dispute)
        return refuse(a, *request, verb, {Refusal::nothing_due, Phrase("refuse.dispute_no", rights::about(*request))});
      what.fields["matter"] = matter == Matter::sign_off ? "sign_off" : "extension";
    }
  }
  Conversation conversation;
  conversation.id = conversation_id(a, what);
  conversation.key = {a.me(), a.in.chat.app};
  const bool aside = a.private_chats();
  conversation.chat = aside ? private_chat(a.in.chat.app, a.in.actor) : a.in.chat;
  if (a.in_group()) conversation.begun_in = a.in.chat;
  conversation.begun_private = a.in.one_to_one;
  conversation.verb = what.verb;
  conversation.request = what.request;
  conversation.task = what.task;
  conversation.answers = what.fields;
  conversation.touched_at = a.now;
  conversation.at = first_open(form_fields(what.verb, request, a.rules, a.me(), what.fields, a.now));
  if (const Conversation* old = a.open_conversation())
    a.say_aside(Phrase("form.replaced", {{"title", closed_form_card(*old, "form.over", a.rules).title}}));
  a.out.conversation = conversation;
  PostForm form;
  form.conversation = conversation.id;
  form.to = aside ? a.aside() : Target::to(a.in.chat);
  a.post(std::move(form), request);
  if (a.in_group() && aside) {
    Say line;
    line.to = Target::to(a.in.chat);
    line.text = Phrase("form.filling", {{"who", wording::who(a.rules, a.me())}});
    line.request = what.request;
    a.post(std::move(line), request);
  }
  if (via == Via::typed && what.verb == Verb::decline && request && what.fields.contains("reason")) {
    // A refusal without a counter-proposal is none: it is told as such, and the form asks for what is missing.
    return refuse(a, *request, action_of(what.verb),
                  {Refusal::proposal_missing,
                   Phrase("refuse.decline_proposal", rights::about(*request, {{"reason", what.fields.at("reason")}}))});
  }
  Told told;
  told.shown = true;
  if (via != Via::typed) told.text = Phrase(a.in_group() && aside ? "toast.form_aside" : "toast.form_here");
  return told;
}

void answer_dialogue(Answering& a, const Conversation& conversation, std::string_view text) {
  const Request* request = find_request(a.snapshot, conversation.request);
  Turn turn = answer(conversation, text, request, a.rules, a.now);
  a.out.reply.outcome = Done::acted;
  if (turn.cancelled) {
    a.out.conversation = std::move(turn.conversation);
    return say_in(a, conversation, Phrase("form.cancelled"));
  }
  if (turn.complete) {
    const Told told = finish(a, turn.conversation, request, Via::dialogue);
    a.out.reply.outcome = told.outcome;
    turn.conversation.done = !told.curable;
    if (told.curable) turn.conversation.at = conversation.at;
    a.out.conversation = turn.conversation;
    const std::string said = a.text_of(told);
    if (!said.empty()) say_in(a, conversation, Phrase("say", {{"text", said}}));
    if (!told.curable) return;
    turn.ask = question(turn.conversation, request, a.rules, a.now);
  } else {
    a.out.conversation = turn.conversation;
  }
  std::string words = turn.error ? say(a.rules.lang, *turn.error) + "\n" : std::string();
  if (turn.ask) words += say(a.rules.lang, for_chat(a, turn.conversation, *turn.ask));
  say_in(a, conversation, Phrase("say", {{"text", words}}));
}

Told submit_form(Answering& a, const CardHandle& card, const Pressed& pressed) {
  const auto* form = std::get_if<PostForm>(&card.effect);
  if (!form) return refused(Phrase("press.unknown"));
  if (!a.snapshot.conversation || a.snapshot.conversation->id != form->conversation || a.snapshot.conversation->done)
    return refused(Phrase("form.over"));
  Conversation conversation = *a.snapshot.conversation;
  if (conversation.key.person != a.me())
    return refused(Phrase("press.not_for_you", {{"who", wording::who(a.rules, conversation.key.person)}}));
  const Request* request = find_request(a.snapshot, conversation.request);
  take_inputs(a, conversation, request, pressed);
  if (expired(conversation, a.now)) return begin_again(a, conversation);
  conversation.touched_at = a.now;
  const Told told = finish(a, conversation, request, Via::form);
  conversation.done = !told.curable;
  a.out.conversation = std::move(conversation);
  return told;
}

Told cancel_form(Answering& a, const CardHandle& card) {
  const auto* form = std::get_if<PostForm>(&card.effect);
  if (!form) return refused(Phrase("press.unknown"));
  if (!a.snapshot.conversation || a.snapshot.conversation->id != form->conversation) return refused(Phrase("form.over"));
  if (a.snapshot.conversation->key.person != a.me())
    return refused(Phrase("press.not_for_you", {{"who", wording::who(a.rules, a.snapshot.conversation->key.person)}}));
  a.out.conversation = a.snapshot.conversation;
  a.out.conversation->done = true;
  Told told;
  told.text = Phrase("form.cancelled");
  return told;
}

}  // namespace xieban::brain
