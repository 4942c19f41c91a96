#pragma once
// From a decision to what the store writes: history entries, the request afterwards, its next wake, intents.

#include <span>

#include "bot/core/brain/brain.hpp"

namespace xieban::brain {

/// The rules with the leaves and links that the store handed out; a copy only where they differ from those of load time.
struct Newest {
  Newest(const Rules& base, const Snapshot& snapshot)
      : own(same(base.facts, snapshot.directory) ? std::nullopt : std::optional(base.with(snapshot.directory))),
        rules(own ? *own : base) {}
  Newest(const Newest&) = delete;
  Newest& operator=(const Newest&) = delete;
  std::optional<Rules> own;
  const Rules& rules;

 private:
  using Facts = std::shared_ptr<const DirectoryFacts>;
  static bool same(const Facts& mine, const Facts& newest) {
    if (!newest || mine == newest) return true;
    return mine && mine->version == newest->version && mine->leaves == newest->leaves && mine->links == newest->links &&
           mine->codes == newest->codes && mine->accounts == newest->accounts && mine->units == newest->units &&
           mine->spoken == newest->spoken;
  }
};

/// Applies events one after the other and adds the change to `out`. Returns the request as it is afterwards.
Request record(ChangeSet& out, Request before, RequestId id, const std::vector<Event>& events, const Context&);

/// Where intents of one event go when nothing more exact is known.
struct Origin {
  ChatRef here;                   // the chat of the event; empty: none, time has come
  std::optional<CardId> pressed;  // gets its own refresh
};
/// Turns effects into intents: threads, urgency, quiet hours, one refresh per card.
void intend(ChangeSet& out, const std::vector<Effect>&, const Request* request, std::span<const CardHandle> cards,
            const Origin&, const Rules&, TimePoint now);
/// Writes down what was decided about the one request of the snapshot without anybody having spoken, and tells of it.
void carry_out_alone(ChangeSet& out, const Request&, const Decision&, const Snapshot&, const Context&);
/// Whether a private message would arrive: where the bot cannot open a private chat, only after they have.
bool can_write_to(const IdentityKey&, const Request*, const ChatRef& here, const Rules&);
/// The thread of a target; for a person their private chat where the request lives, else any they have. Where the bot can
/// open none and they have not opened it, the request's group; nullopt: there is none, nobody can be reached.
std::optional<Thread> route(const Target&, const Request*, const ChatRef& here, const Rules&);
Intent refresh(const CardHandle&, std::optional<TimePoint> not_before);
Duration refresh_delay(const AppId&, const Rules&);

/// Where calls about the request's own group queue up, so that none of them holds up a message.
Thread group_thread(const AppId&, RequestId);
/// Where calls about mirrored tasks queue up: all of an app in one lane, so that none of them holds up a message.
Thread mirror_thread(const AppId&, RequestId);
/// The setting that says what stands there of a task.
std::string mirror_setting(const MirrorTask&);
/// The setting that says why an app makes no groups: unset, it does as far as anybody knows.
std::string group_setting(const AppId&);
/// Its value where the app was never able to.
constexpr std::string_view no_group_skill = "-";

/// The policy of a request in the snapshot, else the type's newest.
std::shared_ptr<const Policy> policy_of(const Request&, const Snapshot&, const Rules&);
const Request* find_request(const Snapshot&, RequestId);
/// The command that an entry of the bot's menu stands for; its key names it, with or without a slash.
Said typed(const MenuChosen&);
/// The first request that a command line names; empty: none.
RequestId named_request(std::string_view text);
/// The request that a conversation's id names.
RequestId request_of(const ConversationId&);
/// What a card is about: its row says so, or what it was made from.
RequestId request_of(const CardHandle&);

}  // namespace xieban::brain
