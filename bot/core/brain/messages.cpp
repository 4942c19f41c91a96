// What people type: commands, answers in a running dialogue, anything else.

#include <algorithm>

#include "bot/base/text.hpp"
#include "bot/core/brain/answering.hpp"
#include "bot/core/brain/audience.hpp"
#include "bot/core/words/form.hpp"

namespace xieban::brain {
namespace {

std::string bot_name(const Answering& a) {
  const auto found = a.rules.bot_names.find(a.in.chat.app);
  return found == a.rules.bot_names.end() ? std::string("协办") : found->second;
}

bool starts_with_slash(std::string_view text) { return text.starts_with("/") || text.starts_with("／"); }

/// In a group: begins with a slash or mentions the bot. Private chats are always meant.
bool meant_for_us(const Answering& a, const Said& said) {
  if (!a.in_group()) return true;
  const std::string_view text = text::trim(said.text);
  return starts_with_slash(text) || text.starts_with("@" + bot_name(a)) || std::ranges::any_of(said.mentions, &Mention::is_bot);
}

/// The answer alone, without the mention of the bot that a group requires.
std::string without_bot(const Answering& a, const Said& said) {
  std::string text(text::trim(said.text));
  std::vector<std::string> names{bot_name(a)};
  for (const Mention& mention : said.mentions)
    if (mention.is_bot) names.push_back(mention.shown_as);
  for (const std::string& name : names) {
    const std::string mark = "@" + name;
    if (const auto at = text.find(mark); at != std::string::npos) text.erase(at, mark.size());
  }
  return std::string(text::trim(text));
}

/// What was sent along with a note stands in the note by name.
Order with_attachments(Order order, const Said& said) {
  auto* on = std::get_if<OnRequest>(&order);
  auto* note = on ? std::get_if<AddNote>(&on->command) : nullptr;
  if (!note) return order;
  for (const Attachment& attachment : said.attachments)
    if (!attachment.name.empty()) note->text += " [" + attachment.name + "]";
  return order;
}

/// A typed command is answered in private; where the card shows it already, not at all.
void tell(Answering& a, const Told& told) {
  a.out.reply.outcome = told.outcome;
  const std::string text = a.text_of(told);
  if (text.empty()) return;
  if (told.outcome != Done::refused && told.shown) return;
  a.say_aside(Phrase("say", {{"text", text}}), told.request);
}

void tell_misread(Answering& a, const Misread& misread) {
  Told told;
  told.outcome = Done::refused;
  told.text = misread.text;
  if (!misread.corrected.empty()) told.more = say(a.rules.lang, Phrase("misread.try", {{"command", misread.corrected}}));
  tell(a, told);
}

/// The question stands where the command was typed: pressing an option sends the command from there.
void ask_which(Answering& a, const Ambiguous& ambiguous) {
  PostChoice choice;
  choice.to = a.here();
  choice.person = a.me();
  choice.question = ambiguous.question;
  choice.options = ambiguous.options;
  // A press on the question must find the request that the options are about.
  if (!choice.options.empty()) choice.request = named_request(choice.options.front().command);
  a.post(std::move(choice));
  a.out.reply.outcome = Done::acted;
}

void answer_stranger(Answering& a, const Parsed& parsed) {
  // Joining a second platform is what strangers there are for.
  const auto* order = std::get_if<Order>(&parsed);
  const auto* joining = order ? std::get_if<LinkMe>(order) : nullptr;
  if (joining && a.in.one_to_one) return tell(a, link(a, *joining));
  a.say_aside(Phrase("stranger.hint"));
  a.out.reply.outcome = Done::refused;
}

/// The dialogue that this text could answer: asked for here, and still open.
const Conversation* dialogue_here(const Answering& a) {
  const Conversation* conversation = a.open_conversation();
  if (!conversation) return nullptr;
  const bool in_private = is_private(conversation->chat.chat);
  return in_private == a.in.one_to_one && (in_private || conversation->chat == a.in.chat) ? conversation : nullptr;
}

bool ran_out(const Answering& a) {
  const auto& conversation = a.snapshot.conversation;
  return a.in.one_to_one && conversation && !conversation->done && expired(*conversation, a.now);
}

}  // namespace

void answer_message(Answering& a, const Said& said) {
  notice_chat(a);
  if (!meant_for_us(a, said)) return;
  const Parsed parsed = parse_command(said, a.rules, a.me(), a.in.chat, a.in_group(), a.now);
  const bool free_text = std::holds_alternative<std::monostate>(parsed);
  if (!a.actor) return answer_stranger(a, parsed);
  if (const Conversation* conversation = dialogue_here(a)) {
    const std::string text = without_bot(a, said);
    if (free_text || is_dialogue_word(text)) return answer_dialogue(a, *conversation, text);
  }
  if (free_text) {
    if (text::trim(said.text).empty() && said.attachments.empty()) return;
    Say hint;
    hint.to = a.here();
    hint.text = Phrase(ran_out(a) ? "hint.ran_out" : "hint.free_text");
    a.post(std::move(hint));
    return;
  }
  if (const auto* misread = std::get_if<Misread>(&parsed)) return tell_misread(a, *misread);
  if (const auto* ambiguous = std::get_if<Ambiguous>(&parsed)) return ask_which(a, *ambiguous);
  tell(a, carry_out(a, with_attachments(std::get<Order>(parsed), said), Via::typed));
}

}  // namespace xieban::brain
