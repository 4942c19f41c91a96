#include "bot/core/brain/envelope.hpp"

#include <algorithm>

#include "bot/base/text.hpp"
#include "bot/core/brain/audience.hpp"
#include "bot/core/card/wording.hpp"

namespace xieban::brain {
namespace {

constexpr std::string_view private_prefix = "p:";

std::size_t size_of(const Card& card) {
  constexpr std::size_t markup = 64;  // of one element in the platform's own form
  std::size_t bytes = card.title.size() + card.body.size() + card.footer.size() + markup;
  for (const CardField& field : card.fields) bytes += field.label.size() + field.value.size() + markup;
  for (const Button& button : card.buttons)
    bytes += button.label.size() + button.confirm.size() + button.action.size() + 2 * markup;
  for (const Input& input : card.inputs) {
    bytes += input.label.size() + input.hint.size() + input.people_label.size() + 2 * markup;
    for (const auto* options : {&input.options, &input.people})
      for (const InputOption& option : *options)
        bytes += option.label.size() + option.value.size() + option.account.size() + markup;
  }
  constexpr std::size_t cell = 16;  // what stands around one cell or one value
  if (card.table) {
    for (const std::string& column : card.table->columns) bytes += column.size() + markup;
    for (const TableRow& row : card.table->rows)
      for (const std::string& one : row.cells) bytes += one.size() + cell;
  }
  if (card.chart) {
    bytes += card.chart->title.size() + 8 * markup;
    for (const Bar& bar : card.chart->bars) bytes += (bar.label.size() + markup) * std::max<std::size_t>(1, bar.values.size());
  }
  return bytes;
}

/// Who can be chosen where the card goes, by their account there.
void name_accounts(Card& card, const AppId& app, const Directory& people) {
  const auto name = [&](std::vector<InputOption>& options) {
    for (InputOption& option : options)
      for (const IdentityKey& identity : people.identities(PersonId(option.value)))
        if (identity.app == app && option.account.empty()) option.account = identity.user.value;
  };
  for (Input& input : card.inputs) {
    if (input.kind == InputKind::person || input.kind == InputKind::multi) name(input.options);
    name(input.people);
  }
}

/// Makes a card fit its channel: options and buttons by count, what it cannot draw or hold as text, texts by shortening the
/// longest first.
void fit(Card& card, const Channel& channel, const std::string& more, Lang lang) {
  for (Input& input : card.inputs)
    for (auto* options : {&input.options, &input.people})
      if (options->size() > channel.select_options) options->resize(channel.select_options);
  put_in_words(card, lang, !channel.forms.tables, !channel.forms.charts);
  if (size_of(card) > channel.card_bytes) put_in_words(card, lang, true, true);
  if (card.buttons.size() > channel.buttons) card.buttons.resize(channel.buttons);
  bool cut = false;
  for (std::size_t longest : {8000U, 4000U, 2000U, 1000U, 500U, 200U, 80U}) {
    if (size_of(card) <= channel.card_bytes) break;
    const auto shorten = [&](std::string& text) {
      if (text.size() <= longest) return;
      text = text::clip_bytes(text, longest);
      cut = true;
    };
    shorten(card.body);
    for (CardField& field : card.fields) shorten(field.value);
  }
  if (cut && !more.empty()) card.footer = card.footer.empty() ? more : card.footer + " · " + more;
}

std::string fit(std::string text, const Channel& channel, const std::string& more) {
  if (text.size() <= channel.text_bytes) return text;
  const std::string tail = more.empty() ? std::string() : "\n" + more;
  if (tail.size() >= channel.text_bytes) return text::clip_bytes(text, channel.text_bytes);
  return text::clip_bytes(text, channel.text_bytes - tail.size()) + tail;
}

std::vector<PersonRef> refs(const std::vector<PersonId>& people, const AppId& app, const Rules& rules) {
  std::vector<PersonRef> out;
  const Directory directory = rules.people();
  for (const PersonId& person : people) {
    const auto identities = directory.identities(person);
    const auto here = std::ranges::find(identities, app, &IdentityKey::app);
    if (here == identities.end() || std::ranges::find(out, person, &PersonRef::person) != out.end()) continue;
    out.push_back({person, here->user, wording::who(rules, person)});
  }
  return out;
}

/// At most so many characters, "…" included.
std::string clip_chars(const std::string& text, std::size_t most) {
  const auto characters = text::decode(text);
  if (characters.size() <= most) return text;
  std::string out;
  for (std::size_t i = 0; i + 1 < most; ++i) text::append(out, characters[i]);
  return out + "…";
}

/// What every call that is no message has. Numbers begin anew in an emptied store, what the one before left on the platform
/// stays: the instant in the key tells them apart.
Outgoing silent(const Parcel& parcel, const Request& request, const Delivery& way) {
  Outgoing out;
  out.parcel = parcel.id;
  out.app = parcel.thread.app;
  out.channel = way.channel;
  out.form = way.form;
  out.request = request.id;
  out.request_year = request.year;
  out.version = request.version;
  out.key = "xb-" + parcel.id.str() + "-" + std::to_string(request.raised_at.time_since_epoch().count()) +
            (parcel.choice > 0 ? "-" + std::to_string(parcel.choice) : std::string());
  return out;
}

}  // namespace

std::optional<Outgoing> address(const Parcel& parcel, const Request& request, MirrorWish wish, const Rules& rules) {
  const auto traits = rules.traits.find(parcel.thread.app);
  if (traits == rules.traits.end()) return std::nullopt;
  Need need;
  need.reach = Reach::tasks;
  const auto plan = plan_delivery(need, traits->second, ChatFact{});
  if (parcel.choice >= plan.size()) return std::nullopt;
  const Channel& channel = *traits->second.channel(plan[parcel.choice].channel);

  TaskCall call = std::move(wish.call);
  call.title = fit(std::move(call.title), channel, {});
  call.people = refs(wish.people, parcel.thread.app, rules);
  if (call.id.empty() && (call.people.empty() || call.people.front().person != wish.people.front())) return std::nullopt;
  if (parcel.choice > 0) {
    // The follower whom the app may not add, or what its owner has done there already, must not be in the way of the rest.
    if (call.people.size() > 1) call.people.resize(1);
    call.turns = false;
  }
  Outgoing out = silent(parcel, request, plan[parcel.choice]);
  out.chat = ChatRef{parcel.thread.app, parcel.thread.chat};
  out.text = fit(std::move(wish.about), channel, {});
  out.task = std::move(call);
  return out;
}

std::optional<Outgoing> address(const Parcel& parcel, const Request& request, GroupWish wish, const Rules& rules) {
  const auto traits = rules.traits.find(parcel.thread.app);
  if (traits == rules.traits.end()) return std::nullopt;
  Need need;
  need.reach = Reach::groups;
  const auto plan = plan_delivery(need, traits->second, ChatFact{});
  if (parcel.choice >= plan.size()) return std::nullopt;
  const Channel& channel = *traits->second.channel(plan[parcel.choice].channel);
  const GroupSkills& skills = *channel.groups;
  const bool make = wish.step == GroupStep::make;

  GroupCall call;
  call.step = wish.step;
  call.second_way = parcel.choice > 0;
  call.name = clip_chars(wish.name, skills.name_chars);
  call.members = refs(wish.people, parcel.thread.app, rules);
  if (call.members.size() > skills.members) call.members.resize(skills.members);
  if (make && call.members.size() < skills.fewest) return std::nullopt;
  if (wish.step == GroupStep::add && call.members.empty()) return std::nullopt;
  // One whom the app may not invite must not be in the way of the others: they join one by one.
  if (make && call.second_way) call.members.clear();

  Outgoing out = silent(parcel, request, plan[parcel.choice]);
  out.chat = ChatRef{parcel.thread.app, wish.group.chat};
  out.text = fit(std::move(wish.about), channel, {});
  out.group = std::move(call);
  out.own_chat = true;
  return out;
}

std::optional<Outgoing> address(const Parcel& parcel, Message message, const Rules& rules, TimePoint now) {
  const auto traits = rules.traits.find(parcel.thread.app);
  if (traits == rules.traits.end()) return std::nullopt;
  const ChatRef chat{parcel.thread.app, parcel.thread.chat};
  const bool to_person = is_private(chat.chat);
  ChatFact fact;
  fact.chat = chat;
  if (parcel.snapshot.chat && parcel.snapshot.chat->chat == chat) fact = *parcel.snapshot.chat;

  Need need;
  need.reach = to_person ? Reach::person : Reach::group;
  need.card = message.card.has_value();
  need.inputs = message.inputs;
  need.mention = !to_person && !message.mention.empty();
  need.urgent = message.urgent || parcel.urgent;
  need.stands = !message.urgent_of.empty();
  if (message.update_of) {
    need.card_sent_at = message.update_of->sent_at;
    need.card_updates = message.update_of->updates;
    // Without the platform's id there is nothing to update: as if it were too old.
    if (message.update_of->provider_id.empty() || !need.card_sent_at) need.card_sent_at = TimePoint{};
  }
  need.now = now;
  const auto plan = plan_delivery(need, traits->second, fact);
  if (parcel.choice >= plan.size()) return std::nullopt;
  const Delivery& chosen = plan[parcel.choice];
  const Channel* channel = traits->second.channel(chosen.channel);
  if (!channel) return std::nullopt;

  const std::string more =
      message.rest.empty() ? std::string() : say(rules.lang, Phrase("text.more", {{"command", message.rest}}));
  Outgoing out;
  out.parcel = parcel.id;
  out.app = chat.app;
  out.channel = chosen.channel;
  out.chat = chat;
  out.form = chosen.form;
  if (to_person) {
    out.to = UserId(chat.chat.str().substr(private_prefix.size()));
    if (const Person* person = rules.people().who({chat.app, *out.to})) out.to_person = person->id;
  }
  // An urgent call names those it is for even where the message itself could not.
  if (channel->mentions || chosen.form == Form::urgent) out.mentions = refs(message.mention, chat.app, rules);
  if (channel->reach == Reach::reply) out.webhook = fact.webhook;
  out.own_chat = !fact.made_for.empty();
  out.urgent = need.stands || (channel->urgent && need.urgent);
  out.request = message.request.empty() ? parcel.thread.request : message.request;
  out.request_year = message.year;
  out.version = message.version;
  out.key = "xb-" + parcel.id.str() + (parcel.choice > 0 ? "-" + std::to_string(parcel.choice) : std::string());
  if (chosen.form == Form::urgent) {
    out.update_of = std::move(message.urgent_of);
    out.text = fit(std::move(message.text), *channel, {});
    return out;
  }
  if (chosen.form == Form::text) {
    std::string text = message.card && !message.inputs ? plain_text(*message.card, rules.lang) : std::move(message.text);
    // A channel that cannot mention gets the names written out.
    if (need.mention && !channel->mentions)
      text = say(rules.lang, Phrase("text.for", {{"people", wording::who(rules, message.mention)}, {"text", text}}));
    out.text = fit(std::move(text), *channel, more);
    return out;
  }
  name_accounts(*message.card, chat.app, rules.people());
  fit(*message.card, *channel, more, rules.lang);
  out.text = plain_text(*message.card, rules.lang);
  out.card = std::move(message.card);
  out.card_id = message.update_of && chosen.form == Form::card_update ? message.update_of->id : CardId(parcel.id.value);
  if (chosen.form == Form::card_update) out.update_of = message.update_of->provider_id;
  return out;
}

}  // namespace xieban::brain
