#include "bot/core/brain/envelope.hpp"

#include <algorithm>

#include "bot/core/brain/audience.hpp"
#include "bot/core/brain/fit.hpp"
#include "bot/core/card/wording.hpp"

namespace xieban::brain {
namespace {

constexpr std::string_view private_prefix = "p:";

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
  call.name = clip_characters(wish.name, skills.name_chars);
  call.members = refs(wish.people, parcel.thread.app, rules);
  if (call.members.size() > skills.members) call.members.resize(skills.members);
  if (make && call.members.size() < skills.fewest) return std::nullopt;
  if (wish.step == GroupStep::add && call.members.empty()) return std::nullopt;
  // One whom the app may not invite must not be in the way of the others: they join one by one.
  if (make && call.second_way) call.members.resize(skills.fewest > 1 ? skills.fewest : 0);

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
  const RequestId about = message.request.empty() ? parcel.thread.request : message.request;
  need.plain = !about.empty();
  if (message.update_of) {
    need.card_sent_at = message.update_of->sent_at;
    need.card_updates = message.update_of->updates;
    // Without the platform's id there is nothing to update: as if it were too old.
    if (message.update_of->provider_id.empty() || !need.card_sent_at) need.card_sent_at = TimePoint{};
  }
  need.now = now;
  auto plan = plan_delivery(need, traits->second, fact);
  if (message.whole || message.reading)
    std::ranges::stable_partition(plan, [&](const Delivery& way) {
      const Channel* channel = traits->second.channel(way.channel);
      return way.form != Form::card || (channel && holds_whole(message, *channel, rules.lang));
    });
  if (parcel.choice >= plan.size()) return std::nullopt;
  const Delivery& chosen = plan[parcel.choice];
  const Channel* channel = traits->second.channel(chosen.channel);
  if (!channel) return std::nullopt;
  const auto other_road = [&](const Delivery& way) { return traits->second.channel(way.channel)->road != channel->road; };
  const auto here = plan.begin() + parcel.choice;
  const auto other = std::find_if(here, plan.end(), other_road);
  const auto counted = [&](const Delivery& way) { return traits->second.channel(way.channel)->per_month.has_value(); };
  const auto uncounted = std::find_if_not(here, plan.end(), counted);

  const std::string more =
      message.rest.empty() ? std::string() : say(rules.lang, Phrase("text.more", {{"command", message.rest}}));
  Outgoing out;
  out.parcel = parcel.id;
  out.app = chat.app;
  out.channel = chosen.channel;
  out.chat = chat;
  out.form = chosen.form;
  if (other != plan.end()) out.elsewhere = static_cast<std::uint16_t>(other - here);
  out.detour = std::any_of(plan.begin(), here, other_road);
  if (uncounted != plan.end()) out.free_way = static_cast<std::uint16_t>(uncounted - here);
  if (to_person) {
    out.to = UserId(chat.chat.str().substr(private_prefix.size()));
    if (const Person* person = rules.people().who({chat.app, *out.to})) out.to_person = person->id;
  }
  // An urgent call names those it is for even where the message itself could not.
  if (channel->mentions || chosen.form == Form::urgent) out.mentions = refs(message.mention, chat.app, rules);
  if (channel->reach == Reach::reply) out.webhook = fact.webhook;
  out.own_chat = !fact.made_for.empty();
  out.urgent = need.stands || (channel->urgent && need.urgent);
  out.request = about;
  out.request_year = message.year;
  out.version = message.version;
  out.key = "xb-" + parcel.id.str() + (parcel.choice > 0 ? "-" + std::to_string(parcel.choice) : std::string());
  if (chosen.form == Form::urgent) {
    out.update_of = std::move(message.urgent_of);
    out.text = fit(std::move(message.text), *channel, {});
    return out;
  }
  const auto plainly = [&] {
    return say(rules.lang, Phrase("text.plain", {{"command", wording::command(rules.lang, Verb::show, about)}}));
  };
  if (chosen.form == Form::text) {
    std::string text;
    if (chosen.plain) {
      text = plainly();
    } else if (message.reading) {
      text = page_as_text(*message.reading, *channel, more, rules.lang);
    } else {
      text = message.card && !message.inputs ? plain_text(*message.card, rules.lang) : std::move(message.text);
    }
    // A channel that cannot mention gets the names written out.
    if (need.mention && !channel->mentions)
      text = say(rules.lang, Phrase("text.for", {{"people", wording::who(rules, message.mention)}, {"text", text}}));
    out.text = fit(std::move(text), *channel, more);
    return out;
  }
  if (chosen.plain) {
    Card card;
    card.title = number(about, message.year);
    card.body = plainly();
    message.card = std::move(card);
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
