#include "bot/engine/composer.hpp"

#include <optional>
#include <stdexcept>
#include <utility>

#include "bot/core/brain/audience.hpp"
#include "bot/core/brain/brain.hpp"
#include "bot/core/card/delivery.hpp"

namespace xieban {
namespace {

/// Whether nothing at all leads to the chat as it is, although it is not gone.
bool unreachable(const Parcel& parcel, const Rules& rules, TimePoint now) {
  const auto traits = rules.traits.find(parcel.thread.app);
  const auto& chat = parcel.snapshot.chat;
  if (traits == rules.traits.end() || (chat && chat->gone)) return false;
  Need need;
  need.reach = brain::is_private(parcel.thread.chat) ? Reach::person : Reach::group;
  need.now = now;
  ChatFact fact;
  if (chat && chat->chat.chat == parcel.thread.chat) fact = *chat;
  return plan_delivery(need, traits->second, fact).empty();
}

/// What would be said in a chat that nothing leads to: a message without a channel, so that somebody hears of it elsewhere.
std::optional<Outgoing> without_way(const Parcel& parcel, const Rules& rules, TimePoint now) {
  if (!unreachable(parcel, rules, now)) return std::nullopt;
  Rules as_if = rules;
  Channel to_group, to_person;
  to_group.reach = Reach::group;
  to_person.reach = Reach::person;
  as_if.traits[parcel.thread.app].channels = {to_group, to_person};
  return compose(parcel, as_if, now);
}

/// As it may go; nothing: there is nothing to say any more.
std::optional<Outgoing> best_form(const Parcel& parcel, const Rules& rules, TimePoint now) {
  auto outgoing = compose(parcel, rules, now);
  if (!outgoing && parcel.choice > 0) {
    // Another road was closed before this last form was refused: nothing leads there.
    Parcel before = parcel;
    --before.choice;
    if (auto last = compose(before, rules, now); last && last->detour) {
      last->channel = {};
      last->form = Form::text;
      last->card.reset();
      return last;
    }
    // Nothing to say any more is the end of it; nothing that this chat can take is a loss that somebody must see.
    before.choice = 0;
    if (compose(before, rules, now)) throw std::runtime_error("no form is left that this chat can take");
  }
  return outgoing ? outgoing : without_way(parcel, rules, now);
}

}  // namespace

Compose composer(AppId app, RulesPtr rules, TimePoint now, std::shared_ptr<Turnpike> turnpike) {
  return [app = std::move(app), rules = std::move(rules), now, turnpike = std::move(turnpike)](const Parcel& parcel) {
    // The other configured apps are closed in this claim. What is left is held: somebody must see it, and `retry` sends it
    // when the app is back.
    if (parcel.thread.app != app) throw std::runtime_error("no such app in the configuration: " + parcel.thread.app.value);
    auto outgoing = best_form(parcel, *rules, now);
    if (!outgoing || !turnpike->closed.contains(outgoing->channel)) return Composed(std::move(outgoing));
    turnpike->turned.emplace_back(outgoing->channel, Lane{app, parcel.thread.chat});
    return Composed::later();
  };
}

}  // namespace xieban
