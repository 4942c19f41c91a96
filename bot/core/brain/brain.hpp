#pragma once
// The bot as four pure functions over what the store loads for them. Everything else carries bytes.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "bot/core/card/card.hpp"
#include "bot/core/card/delivery.hpp"
#include "bot/core/inbound.hpp"
#include "bot/core/request/effect.hpp"
#include "bot/core/request/promise.hpp"
#include "bot/core/request/request.hpp"
#include "bot/core/rules.hpp"
#include "bot/core/words/conversation.hpp"

namespace xieban {

/// Reads the projection (`stake`, `request` columns), at most 50 rows, urgent and late first.
struct Query {
  QueryKind kind = QueryKind::mine;
  std::optional<PersonId> person;
  std::optional<DepartmentId> department;
  std::string text;
  friend bool operator==(const Query&, const Query&) = default;
};
/// One request in a list, as the projection has it.
struct Row {
  RequestId request;
  int year = 0;
  std::string title;
  Phase phase = Phase::raise;
  bool urgent = false, late = false, needs_care = false;
  PersonId owner, requester;
  DepartmentId lead;
  Level level = Level::open;
  std::optional<TimePoint> due;  // of the clock that runs now
  std::string role;              // why it is in this person's list: owner, requester, task, …
  bool at_requester = false;     // they have the next step, not the owner
  [[nodiscard]] bool overdue(TimePoint now) const { return late || (due && *due < now); }
};
using Rows = std::vector<Row>;

/// A card as the store keeps it. Written when its parcel is claimed, so that a press can be understood before the
/// platform's answer to the send is known.
struct CardHandle {
  CardId id;
  RequestId request;  // empty: a form, a choice, a list
  ChatRef chat;       // where it stands
  std::optional<PersonId> person;
  CardKind kind = CardKind::live;
  std::string provider_id;  // the platform's id; empty: not known yet
  std::optional<TimePoint> sent_at;
  std::uint16_t updates = 0;
  bool gone = false;      // replaced, or the platform lost it
  bool answered = false;  // a question whose answer was carried out
  Effect effect;          // what it was made from
};

/// What must be loaded to answer. Empty members load nothing. A card or a conversation that is found brings what it is
/// about, as only its row says so: the request of the card (CardHandle.request, else that of its effect) or of the
/// conversation, with its policy and its live and personal cards; for a form's card the conversation of its PostForm too.
struct Load {
  std::optional<InboxKey> inbox;
  std::string inbox_body;  // the raw event, kept only if deciding throws
  std::vector<RequestId> requests;
  std::optional<CardId> card;
  std::optional<ConversationKey> conversation;
  std::optional<ConversationId> form;  // by id, for a form card
  std::optional<ChatRef> chat;
  bool request_of_chat = false;      // a chat that was made for a request brings it, with its policy and its cards
  std::vector<RequestId> cards_of;   // live and personal cards
  std::optional<RequestId> history;  // all entries of one request
  bool next_number = false;
  bool checkup = false;
  std::vector<Query> queries;
  std::optional<DepartmentId> promises_of;  // at most 1,000, those due last
  std::vector<std::string> settings;        // by name
};
/// What /体检 reads of the store.
struct CheckupFacts {
  std::vector<ChatFact>
      lost_chats;  // gone groups that Xieban did not make, and private chats that a message could not reach; at most 20
  std::size_t failed_messages = 0, held_messages = 0, failed_events = 0, needs_care = 0;
};
/// What was asked for, at one instant of the store.
struct Snapshot {
  std::vector<Request> requests;                        // in the order asked for; missing ones are left out
  std::vector<std::shared_ptr<const Policy>> policies;  // of each of them
  std::optional<CardHandle> card;
  std::optional<Conversation> conversation;
  std::optional<ChatFact> chat;
  std::vector<CardHandle> cards;
  std::vector<Stamped> history;
  std::optional<RequestId> next_number;
  std::vector<Rows> answers;  // one per query
  std::vector<Promise> promises;
  std::optional<CheckupFacts> checkup;
  std::map<std::string, std::string> settings;      // those asked for that are set
  std::shared_ptr<const DirectoryFacts> directory;  // never null
};

/// What a platform that updates a card once per press takes for the next update.
struct CardCode {
  CardId card;
  std::string provider_id;
  friend bool operator==(const CardCode&, const CardCode&) = default;
};
/// A question is answered once: written with what the answer does, as its card changes later, or on some platforms never.
struct CardAnswered {
  CardId card;
  friend bool operator==(const CardAnswered&, const CardAnswered&) = default;
};
using Fact = std::variant<Leave, IdentityLink, LinkCode, ChatFact, Account, OrgUnit, CardCode, CardAnswered>;
struct RequestChange {
  Request request;               // as it is afterwards
  std::vector<Stamped> entries;  // seq continues the request's
  std::optional<TimePoint> wake_at;
  std::shared_ptr<const Policy> policy;  // set when this policy may be new to the store
};
/// Order is kept per thread.
struct Thread {
  AppId app;
  ChatId chat;  // "p:" + user id for a private chat
  RequestId request;
  friend auto operator<=>(const Thread&, const Thread&) = default;
  friend bool operator==(const Thread&, const Thread&) = default;
};
struct Intent {
  Effect effect;
  Thread thread;
  bool urgent = false;
  std::optional<TimePoint> not_before;
  std::string supersedes;  // waiting rows without an attempt that carry the same key fall away
};
/// What the engine works off later, kept with the decision that wants it; an empty value takes it away.
struct Setting {
  std::string name, value;
};
enum class Done { acted, ignored, refused, duplicate, failed };
struct Reply {
  Done outcome = Done::ignored;
  std::string toast;  // shown to the presser; empty: none
  Tone tone = Tone::info;
  std::optional<CardId> card;  // compose this card into the answer
};
struct ChangeSet {
  std::vector<RequestChange> requests;
  std::vector<Fact> facts;
  std::vector<Setting> settings;
  std::optional<Conversation> conversation;  // replaces that of its key; done = removes it
  std::vector<Intent> intents;
  Reply reply;
};

/// What is to be done about a group that the app makes itself.
struct GroupCall {
  GroupStep step = GroupStep::make;
  std::string name;                // of a new one
  std::vector<PersonRef> members;  // of a new one, where the first leads if somebody must; or those who join
  bool second_way = false;         // see GroupSkills
};

/// A task in people's own lists: to be made, or what stands there is set.
struct TaskCall {
  std::string id;                    // the platform's; empty: it is to be made
  std::string title;                 // of a new one
  std::optional<TimePoint> due;      // absent: stays as it is
  std::optional<TimePoint> done_at;  // it is done since then
  bool turns = false;                // from open to done or back: the platform knows the other
  bool leaves = false;               // somebody else's from now on, or nobody's: the last that is said of it
  std::vector<PersonRef> people;     // of a new one: its owner, then who follows it
};

/// What the sender takes to the platform.
struct Outgoing {
  ParcelId parcel;
  AppId app;
  ChannelId channel;
  ChatRef chat;              // of a private message: "p:" + user id
  std::optional<UserId> to;  // a private message: who
  std::optional<PersonId> to_person;
  Form form = Form::text;
  std::optional<Card> card;
  std::string text;                // the text form, also of a card; of a group or a task what it is about
  std::optional<GroupCall> group;  // of Form::group; `chat` is the group, empty while it is to be made
  std::optional<TaskCall> task;    // of Form::task
  bool own_chat = false;           // it goes to a group that Xieban made
  std::vector<PersonRef> mentions;
  bool urgent = false;
  RequestId request;
  int request_year = 0;
  CardId card_id;               // of this card
  std::uint32_t version = 0;    // of the request it shows
  std::string update_of;        // the platform's id of the message to update, or to make urgent
  std::string webhook;          // a reply: where the chat takes it
  std::string key;              // idempotency key, derived from the parcel
  bool maybe_repeated = false;  // an earlier attempt's outcome is unknown and the platform has no key
  std::uint16_t elsewhere = 0;  // so many entries further in the plan another road begins; 0: nowhere
  bool detour = false;          // an earlier entry of the plan was of another road
  std::uint16_t free_way = 0;   // so many entries further is a way without calls of the month; 0: none, or this is one
};

/// A claimed row with what compose needs. The store loads `load_for(effect)`.
struct Parcel {
  ParcelId id;
  Effect effect;
  Thread thread;
  bool urgent = false;
  std::uint32_t attempt = 1;  // this one's number
  std::uint16_t choice = 0;   // index into the delivery plan: grows when a form was refused
  TimePoint first_due;
  Snapshot snapshot;
};

/// What must be loaded to answer this event. Names of people are looked up in the rules.
Load plan(const Inbound&, const Rules&);
/// Someone said or pressed something.
ChangeSet respond(const Inbound&, const Snapshot&, const Rules&, TimePoint now);
/// The time of the one request in the snapshot has come. Load: the request and its cards.
ChangeSet wake(const Snapshot&, const Rules&, TimePoint now);
/// The setting under which a changed type waits to be carried over to open requests; its value is the order.
std::string apply_setting(const TypeId&);
/// Who ordered it, and by which event: no two orders are equal.
std::string apply_order(const PersonId& by, const InboxKey&);
/// Who ordered it. Versions before this one wrote the person alone.
PersonId ordered_by(const std::string& order);
/// Carries the newest policy of its type over to the one request in the snapshot. Load: the request and its cards.
ChangeSet apply_type(const Snapshot&, const Rules&, const PersonId& by, TimePoint now);
/// It reached them all: tells who ordered it, and takes the order away unless another one stands there by now. Load: the
/// setting.
ChangeSet type_applied(const TypeId&, const std::string& order, std::size_t requests, const Snapshot&, const Rules&,
                       TimePoint now);
/// Whoever has a part in the one request of the snapshot and has left the company is replaced. Load: the request and its
/// cards.
ChangeSet replace_leavers(const Snapshot&, const Rules&, TimePoint now);
/// Whether replace_leavers() would change something.
bool has_leavers(const Request&, const Rules&);
/// wake(), or a chore that decides on it alone, threw on this request: marks it, shows it, and wakes it in 15 minutes.
ChangeSet put_aside(const Snapshot&, const Rules&, TimePoint now, const std::string& why);
/// What compose needs of the store.
Load load_for(const Effect&);
/// What to say now; nothing, if it no longer matters.
std::optional<Outgoing> compose(const Parcel&, const Rules&, TimePoint now);
/// The card as it would be sent now: for the answer to a press.
std::optional<Card> card_now(const CardHandle&, const Snapshot&, const Rules&, TimePoint now);
/// The projection of a request: who has a stake in it.
struct Stake {
  PersonId person;
  DepartmentId department;
  std::string role;
  std::optional<TimePoint> due;
};
std::vector<Stake> stakes(const Request&);
/// The next step is the requester's: to accept, or to answer.
bool at_requester(const Request&);
/// Text that /搜索 looks through.
std::string search_text(const Request&);

}  // namespace xieban
