// Buttons. What a press proves is only who pressed and on which card; what it means is checked like a typed command.

#include <algorithm>
#include <charconv>

#include "bot/base/text.hpp"
#include "bot/core/brain/answering.hpp"
#include "bot/core/card/wording.hpp"

namespace xieban::brain {
namespace {

/// "pick:2" -> 2 for the word "pick"; nullopt for anything else.
std::optional<std::uint64_t> index_of(std::string_view action, std::string_view word) {
  if (!action.starts_with(word) || action.size() <= word.size() || action[word.size()] != ':') return std::nullopt;
  const std::string_view digits = action.substr(word.size() + 1);
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return error == std::errc{} && end == digits.data() + digits.size() ? std::optional(value) : std::nullopt;
}

/// What a button does that needs no further words.
std::optional<Command> direct(std::string_view action) {
  if (action == "accept") return Accept{};
  if (action == "verify") return Verify{};
  if (action == "confirm") return Confirm{true, {}, Matter::extension, {}};
  if (action == "settle") return Confirm{true, {}, Matter::dispute, {}};
  constexpr std::string_view sign = "sign_yes:";
  if (action.starts_with(sign)) return Confirm{true, {}, Matter::sign_off, std::string(action.substr(sign.size()))};
  if (action == "nudge") return Nudge{};
  if (action == "follow") return Follow{};
  if (action == "resume") return Resume{};
  return std::nullopt;
}

/// Buttons that open a form, and what is filled in already.
std::optional<Incomplete> form_behind(std::string_view action, RequestId request) {
  Incomplete incomplete;
  incomplete.request = request;
  if (action == "reject") {
    incomplete.verb = Verb::verify;
    incomplete.fields["result"] = "reject";
    return incomplete;
  }
  if (action == "sign_no" || action == "object") {
    incomplete.verb = Verb::object;
    incomplete.fields["matter"] = action == "object" ? "extension" : "sign_off";
    return incomplete;
  }
  const std::optional<Verb> verb = verb_of(action);
  if (!verb) return std::nullopt;
  switch (*verb) {
    case Verb::decline:
    case Verb::ask:
    case Verb::assign:
    case Verb::handover:
    case Verb::support:
    case Verb::task:
    case Verb::progress:
    case Verb::extend:
    case Verb::sign:
    case Verb::dispute:
    case Verb::rule:
    case Verb::escalate:
    case Verb::deliver:
    case Verb::pause:
    case Verb::cancel:
    case Verb::reopen:
    case Verb::note:
      incomplete.verb = *verb;
      return incomplete;
    default:
      return std::nullopt;
  }
}

std::optional<Order> reading(std::string_view action, RequestId request) {
  if (action == "show") return request.empty() ? std::nullopt : std::optional<Order>(Show{request});
  if (action == "why") return request.empty() ? std::nullopt : std::optional<Order>(Why{request});
  if (action == "mine") return ListMine{};
  if (action == "department") return ListDepartment{};
  if (action == "board") return ListBoard{};
  if (action == "help") return Help{};
  return std::nullopt;
}

Told pick(Answering& a, const CardHandle& card, const PostChoice& choice, std::uint64_t index) {
  // Of what an older version carried out only the update of the card tells.
  if (card.answered || card.updates > 0) return refused(Phrase("press.chosen"));
  if (choice.person != a.me()) return refused(Phrase("press.not_for_you", {{"who", wording::who(a.rules, choice.person)}}));
  if (index < 1 || index > choice.options.size()) return refused(Phrase("press.unknown"));
  Said typed;
  typed.text = choice.options[index - 1].command;
  const Parsed parsed = parse_command(typed, a.rules, a.me(), a.in.chat, a.in_group(), a.now);
  if (const auto* order = std::get_if<Order>(&parsed)) return carry_out(a, *order, Via::pressed);
  if (const auto* misread = std::get_if<Misread>(&parsed)) return refused(misread->text);
  if (const auto* ambiguous = std::get_if<Ambiguous>(&parsed)) {
    PostChoice again = choice;
    again.question = ambiguous->question;
    again.options = ambiguous->options;
    a.post(std::move(again));
    return Told{};
  }
  return refused(Phrase("press.unknown"));
}

Told turn_page(Answering& a, const CardHandle& card, std::uint64_t page) {
  const int wanted = static_cast<int>(std::min<std::uint64_t>(page, 100000));
  if (const auto* list = std::get_if<PostList>(&card.effect)) {
    PostList next = *list;
    // Somebody else's list is not turned for them: they get their own.
    next.viewer = a.me();
    if (next.what == QueryKind::department && a.actor) next.department = a.actor->department;
    if (next.what == QueryKind::care && !a.people.is_admin(a.me()) && !a.people.is_pmo(a.me(), a.now))
      return refused(Phrase("access.admin_only"));
    next.page = wanted;
    next.to = a.aside();
    a.post(std::move(next));
    return Told{};
  }
  if (std::holds_alternative<PostDetail>(card.effect)) return carry_out(a, Order(Show{request_of(card), wanted}), Via::pressed);
  return refused(Phrase("press.unknown"));
}

Told press_request(Answering& a, const CardHandle& card, const Pressed& pressed) {
  const RequestId about = request_of(card);
  if (auto order = reading(pressed.action, about)) return carry_out(a, *order, Via::pressed);
  if (about.empty()) return refused(Phrase("press.unknown"));
  const Request* request = find_request(a.snapshot, about);
  if (!request) return refused(Phrase("access.unknown", {{"number", about.str()}}));
  if (auto command = direct(pressed.action)) return carry_out(a, OnRequest{about, std::move(*command), {}}, Via::pressed);
  if (auto form = form_behind(pressed.action, about)) return begin_form(a, *form, Via::pressed);
  // Nothing we ever put on a card: forged or from another time.
  return refuse(a, *request, text::clip_bytes(text::repair(pressed.action), 40), {Refusal::unknown, Phrase("press.unknown")});
}

Told press(Answering& a, const CardHandle& card, const Pressed& pressed) {
  if (pressed.action == "submit") return submit_form(a, card, pressed);
  if (pressed.action == "cancel_form") return cancel_form(a, card);
  if (const auto index = index_of(pressed.action, "pick")) {
    const auto* choice = std::get_if<PostChoice>(&card.effect);
    if (choice == nullptr) return refused(Phrase("press.unknown"));
    Told told = pick(a, card, *choice, *index);
    // What was refused may be chosen otherwise.
    if (told.outcome == Done::acted) a.out.facts.emplace_back(CardAnswered{card.id});
    return told;
  }
  if (const auto page = index_of(pressed.action, "page")) return turn_page(a, card, *page);
  if (const auto row = index_of(pressed.action, "show"); row && std::holds_alternative<PostList>(card.effect))
    return carry_out(a, Order(Show{RequestId(*row)}), Via::pressed);
  return press_request(a, card, pressed);
}

/// The pressed card stays true: composed anew in the answer, and once more when things have settled.
void renew(Answering& a, const CardHandle& card, const Pressed& pressed, Done outcome) {
  constexpr Duration settled{3000};
  if (card.gone) return;
  if (card.person && *card.person != a.me()) {
    // Who pressed sees how things stand; to its reader that is nothing new, and what the press brought updates nobody's card.
    if (card.kind == CardKind::live || card.kind == CardKind::personal) a.out.reply.card = card.id;
    return;
  }
  const std::size_t refreshes = a.out.intents.size();
  if (card.kind == CardKind::live || card.kind == CardKind::personal) {
    a.out.intents.push_back(refresh(card, a.now + settled));
    a.out.reply.card = card.id;
  } else if (card.kind == CardKind::form || (card.kind == CardKind::choice && outcome == Done::acted)) {
    a.out.intents.push_back(refresh(card, std::nullopt));
    a.out.reply.card = card.id;
  }
  if (a.out.intents.size() > refreshes && !pressed.update_with.empty())
    a.out.facts.emplace_back(CardCode{card.id, pressed.update_with});
}

Tone tone_of(Done outcome) { return outcome == Done::refused ? Tone::warning : Tone::success; }

}  // namespace

void answer_press(Answering& a, const Pressed& pressed) {
  notice_chat(a);
  Told told;
  if (!a.actor) {
    told = refused(Phrase("stranger.hint"));
  } else if (!a.snapshot.card) {
    told = refused(Phrase("press.card_gone", {{"command", wording::command(a.rules.lang, Verb::mine)}}));
  } else {
    told = press(a, *a.snapshot.card, pressed);
    renew(a, *a.snapshot.card, pressed, told.outcome);
  }
  a.out.reply.outcome = told.outcome;
  a.out.reply.toast = a.text_of(told);
  // A press is never answered with nothing: where no toast is shown, a refusal comes as a message.
  const auto traits = a.rules.traits.find(a.in.chat.app);
  if (told.outcome == Done::refused && traits != a.rules.traits.end() && !traits->second.toasts)
    a.say_aside(Phrase("say", {{"text", a.out.reply.toast}}), told.request);
  if (a.out.reply.toast.empty()) a.out.reply.toast = say(a.rules.lang, "toast.done");
  a.out.reply.tone = tone_of(told.outcome);
}

}  // namespace xieban::brain
