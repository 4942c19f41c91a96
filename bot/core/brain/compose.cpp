// What to say now. An intent waited in the outbox; here it meets the state of this moment, its reader and its platform.

#include <algorithm>

#include "bot/core/brain/audience.hpp"
#include "bot/core/brain/brain.hpp"
#include "bot/core/brain/change.hpp"
#include "bot/core/brain/envelope.hpp"
#include "bot/core/brain/groups.hpp"
#include "bot/core/brain/mirrors.hpp"
#include "bot/core/brain/pages.hpp"
#include "bot/core/card/wording.hpp"

namespace xieban {
namespace brain {
namespace {

Card hidden_card(const Request& request, Lang lang) {
  Card card;
  card.title = say(lang, Phrase("hidden.title", {{"number", number(request)}}));
  card.body = say(lang, "hidden.body");
  return card;
}

/// Who reads what stands in a chat: its person, or everybody there.
PersonId reader_of(const ChatRef& chat, const Rules& rules) {
  if (!is_private(chat.chat)) return {};
  const Person* person = rules.people().who({chat.app, UserId(chat.chat.str().substr(2))});
  return person ? person->id : PersonId{};
}

bool readable(const Request& request, const ChatRef& chat, const Snapshot& snapshot, const Rules& rules, TimePoint now) {
  if (is_private(chat.chat)) {
    const PersonId reader = reader_of(chat, rules);
    return !reader.empty() && can_see(request, reader, rules, now);
  }
  const bool known = snapshot.chat && snapshot.chat->chat == chat;
  return chat_may_see(request, chat, known ? &*snapshot.chat : nullptr, rules);
}

Card request_card(const Request& request, const ChatRef& chat, const Snapshot& snapshot, const Rules& rules, TimePoint now) {
  if (!readable(request, chat, snapshot, rules, now)) return hidden_card(request, rules.lang);
  Viewer viewer;
  if (is_private(chat.chat)) viewer.person = reader_of(chat, rules);
  return card_for(request, *policy_of(request, snapshot, rules), viewer, rules, now);
}

/// The card that was posted by this: why its person was sent it stands first, as long as it is theirs.
Card posted_card(const PostCard* post, const Request& request, const ChatRef& chat, const Snapshot& snapshot,
                 const Rules& rules, TimePoint now) {
  Card card = request_card(request, chat, snapshot, rules, now);
  if (post == nullptr || post->news.key.empty() || terminal(request.phase) || !is_private(chat.chat)) return card;
  const PersonId reader = reader_of(chat, rules);
  if (reader != request.owner || !can_see(request, reader, rules, now)) return card;
  card.body = say(rules.lang, post->news) + (card.body.empty() ? "" : "\n") + card.body;
  return card;
}

Card choice_card(const PostChoice& choice, const Rules& rules, bool answered) {
  Card card;
  card.title = say(rules.lang, choice.question);
  if (answered) {
    card.body = say(rules.lang, "choice.answered");
    return card;
  }
  card.tone = Tone::info;
  for (std::size_t i = 0; i < choice.options.size(); ++i) {
    Button button;
    button.action = "pick:" + std::to_string(i + 1);
    button.label = choice.options[i].label;
    button.command = choice.options[i].command;
    card.buttons.push_back(std::move(button));
  }
  card.footer = say(rules.lang, Phrase("form.footer", {{"who", wording::who(rules, choice.person)}}));
  return card;
}

/// The form as it stands; without its row, or past its time, as closed.
Card form_now(const ConversationId& id, const Snapshot& snapshot, const Rules& rules, TimePoint now) {
  const auto& conversation = snapshot.conversation;
  if (conversation && conversation->id == id && !conversation->done)
    return form_card(*conversation, find_request(snapshot, conversation->request), rules, now);
  Conversation gone;
  gone.request = request_of(id);
  if (const auto verb = verb_of(std::string_view(id.str()).substr(0, id.str().find('.')))) gone.verb = *verb;
  return closed_form_card(gone, "form.over", rules);
}

/// What a notice may name: the request as it is now. Arguments given with the notice stand before these.
std::vector<std::pair<std::string, std::string>> live_args(const Request& request, const Policy& policy, const Notice& notice,
                                                           const Rules& rules, TimePoint now) {
  const Lang lang = rules.lang;
  auto args = notice.args;
  const auto add = [&](std::string key, std::string value) { args.emplace_back(std::move(key), std::move(value)); };
  const auto next = next_step(request, policy, rules, now);
  const Clock* clock = find_clock(request, notice.clock);
  if (!clock && next) clock = find_clock(request, next->clock);
  add("number", number(request));
  add("title", wording::flat(request.title));
  add("state", wording::state(request, lang));
  add("next", wording::next_step_line(request, policy, rules, now));
  add("step", next ? wording::step(lang, next->what) : std::string());
  add("owner", wording::who(rules, request.owner));
  add("requester", wording::who(rules, request.requester));
  add("department", wording::department(rules, request.lead));
  if (next) add("person", wording::who(rules, next->who));
  if (clock) {
    add("clock", wording::clock_of(rules, request, *clock));
    if (const Task* task = find_task(request, clock->task)) add("task", request.id.str() + "." + task->no.str());
    if (clock->target) {
      add("time", wording::when(rules, *clock->target, now));
      add("left", time_left(lang, *clock->target, rules.calendar(clock->calendar), now));
    }
    if (const auto used = wording::used_percent(*clock, rules, now)) add("percent", std::to_string(*used));
  }
  return args;
}

/// A reminder is for a clock that still runs.
bool still_matters(const Notice& notice, const Request& request) {
  if (!notice.reminder) return true;
  if (terminal(request.phase)) return false;
  if (notice.clock.empty()) return true;
  const Clock* clock = find_clock(request, notice.clock);
  return clock && clock->running();
}

class Composing {
 public:
  Composing(const Parcel& parcel, const Rules& rules, TimePoint now)
      : parcel_(parcel), rules_(rules), now_(now), chat_{parcel.thread.app, parcel.thread.chat} {}

  std::optional<Outgoing> operator()(const PostCard& effect) const {
    const Request* request = find(effect.request);
    if (!request) return std::nullopt;
    if (effect.kind == CardKind::personal && terminal(request->phase)) return std::nullopt;
    Message message = about(*request);
    message.card = posted_card(&effect, *request, chat_, parcel_.snapshot, rules_, now_);
    if (effect.to.person && !is_private(chat_.chat)) message.mention = {*effect.to.person};
    return send(std::move(message));
  }
  std::optional<Outgoing> operator()(const RefreshCard& effect) const {
    const auto& handle = parcel_.snapshot.card;
    if (!handle || handle->gone || handle->id != effect.card) return std::nullopt;
    auto card = card_now(*handle, parcel_.snapshot, rules_, now_);
    if (!card) return std::nullopt;
    const Request* request = find(request_of(*handle));
    Message message = request ? about(*request) : Message{};
    message.card = std::move(card);
    message.inputs = !message.card->inputs.empty();
    message.update_of = *handle;
    return send(std::move(message));
  }
  std::optional<Outgoing> operator()(const RefreshCards&) const { return std::nullopt; }
  std::optional<Outgoing> operator()(const Notify& effect) const {
    const Request* request = find(effect.request);
    if (!request || !still_matters(effect.notice, *request)) return std::nullopt;
    Message message = notice(*request, effect.notice, effect.to, effect.by == By::urgent);
    message.mention.insert(message.mention.end(), effect.mention.begin(), effect.mention.end());
    return send(std::move(message));
  }
  std::optional<Outgoing> operator()(const Urgent& effect) const {
    const Request* request = find(effect.request);
    if (!request || effect.message.empty() || !still_matters(effect.notice, *request)) return std::nullopt;
    // Where the call is a message of its own, it says what the notice said.
    Message message = notice(*request, effect.notice, effect.to, true);
    message.text = message.card->title + "\n" + message.card->body;
    message.card.reset();
    message.urgent_of = effect.message;
    return send(std::move(message));
  }
  std::optional<Outgoing> operator()(const Say& effect) const {
    Message message;
    if (const Request* request = find(effect.request)) message = about(*request);
    message.request = effect.request;
    message.text = say(rules_.lang, effect.text);
    if (const Request* request = find(effect.request); request && effect.text.key == "group.made")
      if (!readable(*request, chat_, parcel_.snapshot, rules_, now_))
        message.text = say(rules_.lang, Phrase("group.made_hidden", {{"number", number(*request)}}));
    if (effect.text.key.starts_with("hello.")) greet(message);
    message.mention = effect.mention;
    if (effect.to.person && !is_private(chat_.chat)) message.mention.push_back(*effect.to.person);
    return send(std::move(message));
  }
  std::optional<Outgoing> operator()(const PostForm& effect) const {
    const auto& conversation = parcel_.snapshot.conversation;
    if (!conversation || conversation->id != effect.conversation || conversation->done || expired(*conversation, now_))
      return std::nullopt;
    const Request* request = find(conversation->request);
    if (!conversation->request.empty() && !request) return std::nullopt;
    Message message = request ? about(*request) : Message{};
    message.inputs = true;
    message.card = form_card(*conversation, request, rules_, now_);
    message.text = say(rules_.lang, question(*conversation, request, rules_, now_));
    if (!is_private(chat_.chat)) {
      message.mention = {conversation->key.person};
      // A form answers to one person only; in a group it is asked question by question.
      message.card.reset();
      message.text = say(rules_.lang, Phrase("form.question_in_group", {{"question", message.text}, {"bot", bot_name()}}));
    }
    return send(std::move(message));
  }
  std::optional<Outgoing> operator()(const PostChoice& effect) const {
    Message message;
    if (const Request* request = find(effect.request)) message = about(*request);
    message.card = choice_card(effect, rules_, false);
    message.whole = message.every_button = true;
    if (!is_private(chat_.chat)) message.mention = {effect.person};
    return send(std::move(message));
  }
  std::optional<Outgoing> operator()(const PostDetail& effect) const {
    const Request* request = find(effect.request);
    if (!request) return std::nullopt;
    Message message = about(*request);
    PostDetail shown = effect;
    if (!is_private(chat_.chat)) shown.viewer = {};  // everybody there reads it
    if (may_read(*request, effect.viewer)) {
      message.reading = detail_pages(*request, policy(*request), parcel_.snapshot.history, shown, rules_, now_);
    } else {
      message.card = hidden_card(*request, rules_.lang);
    }
    return send(std::move(message));
  }
  std::optional<Outgoing> operator()(const PostWhy& effect) const {
    const Request* request = find(effect.request);
    if (!request) return std::nullopt;
    Message message = about(*request);
    if (may_read(*request, effect.viewer)) {
      message.reading = why_pages(*request, policy(*request), parcel_.snapshot.history, rules_, now_);
    } else {
      message.card = hidden_card(*request, rules_.lang);
    }
    return send(std::move(message));
  }
  std::optional<Outgoing> operator()(const PostList& effect) const {
    Message message;
    const Rows rows = parcel_.snapshot.answers.empty() ? Rows{} : parcel_.snapshot.answers.front();
    const bool outside = parcel_.snapshot.chat && parcel_.snapshot.chat->chat == chat_ && parcel_.snapshot.chat->external;
    const PersonId viewer = is_private(chat_.chat) ? effect.viewer : PersonId{};
    message.reading = list_pages(effect, rows, parcel_.snapshot.promises, viewer, outside, rules_, now_);
    return send(std::move(message));
  }
  std::optional<Outgoing> operator()(const PostHelp& effect) const {
    Message message;
    message.reading = help_pages(effect, rules_, now_);
    return send(std::move(message));
  }
  std::optional<Outgoing> operator()(const MakeGroup& effect) const {
    const Request* request = find(effect.request);
    if (!request || terminal(request->phase) || !request->group.empty()) return std::nullopt;
    GroupWish wish;
    wish.people = group_people(*request, rules_, now_);
    wish.name = group_name(*request);
    wish.about = group_notice(*request, rules_);
    return address(parcel_, *request, std::move(wish), rules_);
  }
  std::optional<Outgoing> operator()(const TendGroup& effect) const {
    const Request* request = find(effect.request);
    if (!request || request->group != effect.group) return std::nullopt;
    // Reopened in the meantime: it stays.
    if ((effect.step == GroupStep::dissolve) != terminal(request->phase)) return std::nullopt;
    GroupWish wish;
    wish.group = effect.group;
    wish.step = effect.step;
    wish.people = effect.people;
    if (effect.step == GroupStep::announce) wish.about = group_notice(*request, rules_);
    return address(parcel_, *request, std::move(wish), rules_);
  }
  std::optional<Outgoing> operator()(const MirrorTask& effect) const {
    const Request* request = find(effect.request);
    auto wish = request ? mirror_wish(effect, *request, parcel_.snapshot, rules_, now_) : std::nullopt;
    return wish ? address(parcel_, *request, std::move(*wish), rules_) : std::nullopt;
  }

 private:
  [[nodiscard]] const Request* find(RequestId id) const { return id.empty() ? nullptr : find_request(parcel_.snapshot, id); }
  [[nodiscard]] const Policy& policy(const Request& request) const { return *policy_of(request, parcel_.snapshot, rules_); }
  /// Both the chat and the person who asked.
  [[nodiscard]] bool may_read(const Request& request, const PersonId& viewer) const {
    return readable(request, chat_, parcel_.snapshot, rules_, now_) && can_see(request, viewer, rules_, now_);
  }
  [[nodiscard]] std::string bot_name() const {
    const auto found = rules_.bot_names.find(chat_.app);
    return found == rules_.bot_names.end() ? std::string("协办") : found->second;
  }
  [[nodiscard]] Message about(const Request& request) const {
    Message message;
    message.request = request.id;
    message.year = request.year;
    message.version = request.version;
    message.rest = wording::command(rules_.lang, Verb::show, request.id);
    return message;
  }
  /// The first words in a chat. Where cards are at home, what is worth trying stands below them as buttons.
  void greet(Message& message) const {
    const auto& chat = parcel_.snapshot.chat;
    if (chat && chat->chat == chat_ && chat->external) message.text += "\n" + say(rules_.lang, "hello.external");
    Card card;
    card.title = bot_name();
    card.tone = Tone::info;
    card.body = message.text;
    for (const Verb verb : {Verb::mine, Verb::board, Verb::help}) {
      Button button;
      button.action = action_of(verb);
      button.label = say(rules_.lang, "button." + button.action);
      button.command = wording::command(rules_.lang, verb);
      card.buttons.push_back(std::move(button));
    }
    message.card = std::move(card);
    message.inputs = true;
  }
  [[nodiscard]] Message notice(const Request& request, const Notice& what, const Target& to, bool urgent) const {
    Message message = about(request);
    message.urgent = urgent;
    if (to.person && !is_private(chat_.chat)) message.mention = {*to.person};
    if (!readable(request, chat_, parcel_.snapshot, rules_, now_)) {
      message.card = hidden_card(request, rules_.lang);
      return message;
    }
    Card full = request_card(request, chat_, parcel_.snapshot, rules_, now_);
    Card card;
    card.title = full.title;
    card.tone = urgent ? Tone::danger : full.tone;
    card.body = say(rules_.lang, Phrase("notice." + what.key, live_args(request, policy(request), what, rules_, now_)));
    if (what.key.starts_with("dispute_") || what.key.ends_with("_ruling")) card.fields = position_fields(request, rules_, now_);
    // Nobody rules on half a position.
    message.whole = !card.fields.empty();
    card.fields.push_back(next_step_field(request, policy(request), rules_, now_));
    card.buttons = std::move(full.buttons);
    card.footer = full.footer;
    message.card = std::move(card);
    return message;
  }
  [[nodiscard]] std::optional<Outgoing> send(Message message) const {
    if (message.reading) message.card = message.reading->shown();
    return address(parcel_, std::move(message), rules_, now_);
  }

  const Parcel& parcel_;
  const Rules& rules_;
  TimePoint now_;
  ChatRef chat_;
};

}  // namespace
}  // namespace brain

std::optional<Outgoing> compose(const Parcel& parcel, const Rules& base, TimePoint now) {
  const brain::Newest newest(base, parcel.snapshot);
  return std::visit(brain::Composing(parcel, newest.rules, now), parcel.effect);
}

std::optional<Card> card_now(const CardHandle& handle, const Snapshot& snapshot, const Rules& base, TimePoint now) {
  const brain::Newest newest(base, snapshot);
  if (const auto* form = std::get_if<PostForm>(&handle.effect))
    return brain::form_now(form->conversation, snapshot, newest.rules, now);
  if (const auto* choice = std::get_if<PostChoice>(&handle.effect)) return brain::choice_card(*choice, newest.rules, true);
  if (handle.kind != CardKind::live && handle.kind != CardKind::personal) return std::nullopt;
  const Request* request = brain::find_request(snapshot, brain::request_of(handle));
  if (!request) return std::nullopt;
  return brain::posted_card(std::get_if<PostCard>(&handle.effect), *request, handle.chat, snapshot, newest.rules, now);
}

}  // namespace xieban
