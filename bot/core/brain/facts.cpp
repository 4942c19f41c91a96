// What people and platforms tell about people and chats: leave, joined identities, chats that come and go.

#include <algorithm>
#include <ranges>

#include "bot/base/rng.hpp"
#include "bot/base/text.hpp"
#include "bot/core/brain/addresses.hpp"
#include "bot/core/brain/answering.hpp"
#include "bot/core/brain/audience.hpp"
#include "bot/core/card/wording.hpp"

namespace xieban::brain {
namespace {

constexpr Duration code_lives{10 * 60 * 1000};

Told done(Phrase text) {
  Told told;
  told.text = std::move(text);
  return told;
}

/// Letters and digits that nobody reads as another one.
std::string make_code(std::uint64_t noise, const std::vector<LinkCode>& taken) {
  constexpr std::string_view letters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
  Rng rng(noise);
  while (true) {
    std::string code;
    for (int i = 0; i < 8; ++i) code += letters[rng.below(letters.size())];
    if (std::ranges::find(taken, code, &LinkCode::code) == taken.end()) return code;
  }
}

std::string as_code(std::string_view typed) {
  std::string code;
  for (const char c : text::fold(typed))
    if (c != ' ' && c != '-') code += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return code;
}

const std::vector<LinkCode>& codes(const Answering& a) {
  static const std::vector<LinkCode> none;
  return a.snapshot.directory ? a.snapshot.directory->codes : none;
}

/// Whose account this is by configuration or by a link; nullptr for a stranger, and for whoever is known on this app alone: by
/// this account, or by the one that this is another id of.
const Person* settled(const Answering& a, const IdentityKey& key) {
  const Person* person = a.people.who(key);
  const auto account = person ? account_of(person->id) : std::nullopt;
  return account && account->app == key.app ? nullptr : person;
}

/// The account becomes another person's, with all that was joined to it; in the order in which messages go by them.
void hand_over(Answering& a, const IdentityKey& account, const PersonId& person) {
  const Person* before = a.people.who(account);
  std::vector<IdentityKey> theirs = before ? a.people.identities(before->id) : std::vector<IdentityKey>{};
  const auto same = [&](const IdentityKey& one) { return a.people.one_account(one, account); };
  if (std::ranges::none_of(theirs, same)) theirs.push_back(account);
  // The newest link goes first.
  for (const IdentityKey& one : std::views::reverse(theirs)) a.out.facts.emplace_back(IdentityLink{one, person});
}

Told redeem(Answering& a, const LinkCode& found, const IdentityKey& mine) {
  if (found.identity.app == mine.app) return refused(Phrase("link.same_app"));
  const Person* me = settled(a, mine);
  const Person* theirs = settled(a, found.identity);
  if (me && theirs && me->id != theirs->id) return refused(Phrase("link.other_person", {{"person", theirs->name}}));
  // Two accounts that are nobody's yet are one person by the one that asked for the code.
  const Person* joined = me ? me : theirs ? theirs : a.people.who(found.identity);
  const bool by_mine = joined == nullptr && a.actor != nullptr;
  if (by_mine) joined = a.actor;
  if (joined == nullptr) return refused(Phrase("link.nobody"));
  LinkCode used = found;
  used.used = true;
  a.out.facts.emplace_back(std::move(used));
  const PersonId person = joined->id;
  const IdentityKey& other = me || by_mine ? found.identity : mine;
  if (const Person* holder = a.people.who(other); holder && holder->id == person) return done(Phrase("link.already"));
  hand_over(a, other, person);
  return done(Phrase("link.done", {{"person", wording::who(a.rules, person)}}));
}

ChatFact known_chat(const Answering& a) {
  // What was loaded is about the chat that the event names: not always the one it happened in.
  if (a.snapshot.chat && a.snapshot.chat->chat == a.in.chat) return *a.snapshot.chat;
  ChatFact fact;
  fact.chat = a.in.chat;
  return fact;
}

/// A name that the platform does not say again is still the chat's.
void take_name(ChatFact& fact, const Inbound& in) {
  if (!in.chat_name.empty()) fact.name = in.chat_name;
}

/// Where the chat takes answers for a while.
void note_address(ChatFact& fact, const Answering& a) {
  if (!a.in.reply_to) return;
  const auto traits = a.rules.traits.find(fact.chat.app);
  take_address(fact, *a.in.reply_to, traits != a.rules.traits.end() && traits->second.one_answer(), a.now);
}

void keep(Answering& a, ChatFact fact) {
  if (!a.snapshot.chat || *a.snapshot.chat != fact) a.out.facts.emplace_back(std::move(fact));
}

/// What was known of it, and that it is no more.
Account gone_account(const Answering& a, const IdentityKey& identity) {
  Account account;
  account.identity = identity;
  if (a.snapshot.directory) {
    const auto& known = a.snapshot.directory->accounts;
    const auto same = [&](const Account& one) { return a.people.one_account(one.identity, identity); };
    if (const auto at = std::ranges::find_if(known, same); at != known.end()) account = *at;
  }
  account.gone = true;
  return account;
}

/// Whether anything at all can be sent there now.
bool within_reach(const Answering& a, const ChatFact& fact) {
  const auto traits = a.rules.traits.find(fact.chat.app);
  if (traits == a.rules.traits.end()) return true;
  Need need;
  need.reach = a.in.one_to_one ? Reach::person : Reach::group;
  need.now = a.now;
  return !plan_delivery(need, traits->second, fact).empty();
}

/// The first words: to a group that the bot is new in, to somebody who opens their chat with it for the first time.
void welcome(Answering& a, const ChatFact& fact) {
  if (!within_reach(a, fact)) return;
  Say hello;
  hello.to = Target::to(a.in.chat);
  hello.text = Phrase(a.in.one_to_one ? "hello.private" : "hello.group");
  a.post(std::move(hello));
}

void join(Answering& a, const JoinedChat& joined) {
  if (a.in.chat.empty()) return;
  ChatFact fact = known_chat(a);
  fact.gone = false;
  fact.external = joined.external.value_or(fact.external);
  // In a group that Xieban made itself its card is the greeting.
  if (fact.made_for.empty() && (!a.snapshot.chat || a.snapshot.chat->gone)) {
    note_address(fact, a);
    welcome(a, fact);
  }
  keep(a, std::move(fact));
  a.out.reply.outcome = Done::acted;
}

/// What was made for a request is there no more: it goes on where it was raised.
void lose_group(Answering& a) {
  for (const Request& request : a.snapshot.requests) {
    if (request.group != a.in.chat) continue;
    const auto policy = policy_of(request, a.snapshot, a.rules);
    const Context context{PersonId{}, a.at, a.now, *policy, a.rules, RequestId{}};
    const Decision decision = group_gone(request, context);
    record(a.out, request, request.id, decision.events, context);
  }
}

void leave(Answering& a) {
  if (a.in.chat.empty()) return;
  ChatFact fact = known_chat(a);
  fact.gone = true;
  const bool ours = !fact.made_for.empty();
  keep(a, std::move(fact));
  a.out.reply.outcome = Done::acted;
  if (ours) lose_group(a);
}

}  // namespace

Told take_leave(Answering& a, const TakeLeave& order) {
  if (order.until <= a.now) return refused(Phrase("leave.past"));
  if (order.delegate == a.me()) return refused(Phrase("leave.self"));
  const Person* delegate = a.people.person(order.delegate);
  if (!delegate || !delegate->active) return refused(Phrase("leave.no_delegate"));
  // Somebody who is away, or whose own delegate is the one who leaves, cannot stand in.
  const PersonId acting = a.people.standing_in(order.delegate, a.now);
  if (acting.empty() || acting == a.me()) return refused(Phrase("leave.delegate_away", {{"person", delegate->name}}));
  a.out.facts.emplace_back(Leave{a.me(), a.now, order.until, order.delegate});
  const std::string until = wording::when(a.rules, order.until, a.now);
  Say word;
  word.to = Target::to(order.delegate);
  word.text = Phrase("leave.delegate_told", {{"who", wording::who(a.rules, a.me())}, {"time", until}});
  a.post(std::move(word));
  return done(Phrase("leave.done", {{"person", delegate->name}, {"time", until}}));
}

Told link(Answering& a, const LinkMe& order) {
  if (!a.in.one_to_one) return refused(Phrase("link.private_only", {{"command", wording::command(a.rules.lang, Verb::link)}}));
  const IdentityKey mine{a.in.chat.app, a.in.actor};
  if (order.code.empty()) {
    LinkCode code;
    code.code = make_code(a.in.noise ^ static_cast<std::uint64_t>(a.now.time_since_epoch().count()), codes(a));
    code.identity = mine;
    code.until = a.now + code_lives;
    const std::string command = wording::command(a.rules.lang, Verb::link, {}, code.code);
    a.out.facts.emplace_back(std::move(code));
    return done(Phrase("link.code", {{"command", command}}));
  }
  const std::string typed = as_code(order.code);
  const auto found = std::ranges::find(codes(a), typed, &LinkCode::code);
  if (found == codes(a).end()) return refused(Phrase("link.unknown"));
  if (found->used) return refused(Phrase("link.used"));
  if (found->until < a.now) return refused(Phrase("link.expired"));
  return redeem(a, *found, mine);
}

Told unlink(Answering& a, const UnlinkPerson& order) {
  if (!a.people.is_admin(a.me())) return refused(Phrase("access.admin_only"));
  std::size_t count = 0;
  if (a.snapshot.directory) {
    for (const IdentityLink& link : a.snapshot.directory->links) {
      if (link.person != order.person) continue;
      a.out.facts.emplace_back(IdentityLink{link.identity, PersonId{}});
      ++count;
    }
  }
  const std::string person = wording::who(a.rules, order.person);
  if (count == 0) return refused(Phrase("unlink.none", {{"person", person}}));
  return done(Phrase("unlink.done", {{"person", person}, {"count", std::to_string(count)}}));
}

void notice_chat(Answering& a) {
  if (a.in.chat.empty()) return;
  ChatFact fact = known_chat(a);
  fact.opened = a.in.opens || (fact.spoken && fact.opened);
  fact.spoken = true;
  fact.gone = false;
  take_name(fact, a.in);
  note_address(fact, a);
  keep(a, std::move(fact));
}

void answer_event(Answering& a) {
  a.out.reply.outcome = Done::ignored;
  if (const auto* joined = std::get_if<JoinedChat>(&a.in.what)) {
    join(a, *joined);
  } else if (std::holds_alternative<LeftChat>(a.in.what) || std::holds_alternative<ChatGone>(a.in.what)) {
    leave(a);
  } else if (const auto* left = std::get_if<PersonLeft>(&a.in.what)) {
    // From now on these accounts are nobody here: their presses and commands are those of strangers.
    const AppId app = a.in.chat.app.empty() ? a.in.key.app : a.in.chat.app;
    for (const UserId& user : left->users) a.out.facts.emplace_back(gone_account(a, {app, user}));
    a.out.reply.outcome = Done::acted;
  }
}

}  // namespace xieban::brain
