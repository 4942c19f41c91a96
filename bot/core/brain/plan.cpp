// What must be loaded, found out from the words of an event or from an intent, before anything is read.

#include <algorithm>

#include "bot/base/text.hpp"
#include "bot/core/brain/brain.hpp"
#include "bot/core/brain/change.hpp"
#include "bot/core/words/command.hpp"

namespace xieban {
namespace brain {

Said typed(const MenuChosen& chosen) {
  Said said;
  said.text = "/" + std::string(text::trim(chosen.key));
  for (const std::string_view slash : {std::string_view("//"), std::string_view("/／")})
    if (said.text.starts_with(slash)) said.text.erase(0, 1);
  return said;
}

RequestId named_request(std::string_view text) {
  const std::string folded = text::fold(text);
  bool of_request = false;
  for (std::string_view word : text::split(folded, ' ')) {
    if (word.starts_with("/")) word.remove_prefix(1);
    if (of_request)
      if (const auto reference = parse_reference(word)) return reference->request;
    of_request = of_request || std::ranges::any_of(verbs(), [&](const VerbInfo& verb) {
                   return verb.needs_request &&
                          (word == verb.zh || word == verb.en || std::ranges::find(verb.also, word) != verb.also.end());
                 });
  }
  return {};
}

RequestId request_of(const ConversationId& id) {
  const auto parts = text::split(id.str(), '.');
  if (parts.size() != 3) return {};
  const auto reference = parse_reference(parts[1]);
  return reference ? reference->request : RequestId{};
}

}  // namespace brain

namespace {

void about(Load& load, RequestId request) {
  if (request.empty()) return;
  load.requests.push_back(request);
  load.cards_of.push_back(request);
}

class OrderNeeds {
 public:
  OrderNeeds(Load& load, std::optional<ConversationKey> conversation, const Rules& rules)
      : load_(load), conversation_(std::move(conversation)), rules_(rules) {}
  void operator()(const Raise&) { load_.next_number = true; }
  void operator()(const OnRequest& order) { about(load_, order.request); }
  void operator()(const Incomplete& order) {
    about(load_, order.request);
    load_.conversation = conversation_;
  }
  void operator()(const Show& order) { load_.requests.push_back(order.request); }
  void operator()(const Why& order) { load_.requests.push_back(order.request); }
  void operator()(const Checkup&) {
    load_.checkup = true;
    for (const auto& [app, traits] : rules_.traits) load_.settings.push_back(brain::group_setting(app));
  }
  void operator()(const UndoLast& order) {
    about(load_, order.request);
    load_.history = order.request;
  }
  template <class Other>
  void operator()(const Other&) {}

 private:
  Load& load_;
  std::optional<ConversationKey> conversation_;
  const Rules& rules_;
};

std::optional<ConversationKey> conversation_of(const Inbound& in, const Rules& rules) {
  const Person* actor = rules.people().who({in.chat.app, in.actor});
  return actor ? std::optional(ConversationKey{actor->id, in.chat.app}) : std::nullopt;
}

void plan_message(Load& load, const Said& said, const Inbound& in, const Rules& rules) {
  auto conversation = conversation_of(in, rules);
  const PersonId actor = conversation ? conversation->person : PersonId{};
  // Deadlines are read at the platform's time here and again when deciding; what is loaded does not depend on them.
  const Parsed parsed = parse_command(said, rules, actor, in.chat, !in.one_to_one, in.sent_at);
  if (const auto* order = std::get_if<Order>(&parsed)) {
    OrderNeeds needs(load, std::move(conversation), rules);
    std::visit(needs, *order);
    return;
  }
  // Free text may answer a dialogue, and a dialogue may end in a new request.
  load.conversation = std::move(conversation);
  load.next_number = true;
  if (!std::holds_alternative<std::monostate>(parsed)) about(load, brain::named_request(said.text));
}

void plan_press(Load& load, const Pressed& pressed, const Inbound& in, const Rules& rules) {
  load.card = pressed.card;
  const bool form = pressed.action == "submit" || pressed.action == "cancel_form";
  const bool picks = pressed.action.starts_with("pick:");
  load.next_number = form || picks;
  // A form's card brings its own conversation.
  if (!form) load.conversation = conversation_of(in, rules);
  constexpr std::string_view row = "show:";
  if (pressed.action.starts_with(row))
    if (const auto reference = parse_reference(std::string_view(pressed.action).substr(row.size())))
      load.requests.push_back(reference->request);
}

class EffectNeeds {
 public:
  explicit EffectNeeds(Load& load) : load_(load) {}
  void operator()(const RefreshCard& effect) {
    load_.card = effect.card;
    add(effect.request);
  }
  void operator()(const RefreshCards& effect) { add(effect.request); }
  void operator()(const PostForm& effect) {
    load_.form = effect.conversation;
    add(brain::request_of(effect.conversation));
    load_.chat = effect.to.chat;
  }
  void operator()(const PostDetail& effect) { with_history(effect.request, effect.to); }
  void operator()(const PostWhy& effect) { with_history(effect.request, effect.to); }
  void operator()(const PostList& effect) {
    Query query;
    query.kind = effect.what;
    if (effect.what == QueryKind::mine) query.person = effect.viewer;
    if (effect.what == QueryKind::department) query.department = effect.department;
    query.text = effect.text;
    if (effect.what == QueryKind::department) load_.promises_of = effect.department;
    load_.queries.push_back(std::move(query));
    load_.chat = effect.to.chat;
  }
  void operator()(const MirrorTask& effect) {
    add(effect.request);
    load_.settings = {brain::mirror_setting(effect)};
  }
  void operator()(const PostHelp& effect) { load_.chat = effect.to.chat; }
  template <class E>
  void operator()(const E& effect) {
    add(effect.request);
    if constexpr (requires { effect.to; }) load_.chat = effect.to.chat;
  }

 private:
  void add(RequestId id) {
    if (!id.empty()) load_.requests.push_back(id);
  }
  void with_history(RequestId id, const Target& to) {
    add(id);
    if (!id.empty()) load_.history = id;
    load_.chat = to.chat;
  }
  Load& load_;
};

}  // namespace

Load plan(const Inbound& in, const Rules& rules) {
  Load load;
  load.inbox = in.key;
  if (!in.chat.empty()) load.chat = in.chat;
  if (const auto* said = std::get_if<Said>(&in.what)) {
    plan_message(load, *said, in, rules);
  } else if (const auto* chosen = std::get_if<MenuChosen>(&in.what)) {
    plan_message(load, brain::typed(*chosen), in, rules);
  } else if (const auto* pressed = std::get_if<Pressed>(&in.what)) {
    plan_press(load, *pressed, in, rules);
  } else {
    load.request_of_chat = std::holds_alternative<LeftChat>(in.what) || std::holds_alternative<ChatGone>(in.what);
  }
  return load;
}

Load load_for(const Effect& effect) {
  Load load;
  EffectNeeds needs(load);
  std::visit(needs, effect);
  return load;
}

}  // namespace xieban
