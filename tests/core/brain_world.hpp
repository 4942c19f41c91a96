#pragma once
// A company, a playground and a store in a few maps: what the four functions need around them, and nothing else.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "bot/core/brain/brain.hpp"

namespace xieban::test {

/// Shanghai time: "2026-11-23 09:00".
TimePoint local(const std::string& text);

/// Five departments with heads, liaisons, vice presidents, leadership group, PMO and administrator.
/// People: zhao.tech sun.tech (liaisons), wang.tech (head), zhou.market (requester) zhang.market (head) li.lei, wu.finance …
Organisation sample_organisation();
Rules sample_rules();

/// One platform that can do everything, and one that has neither cards nor private chats.
inline const AppId playground{"playground:main"};
inline const AppId plain_app{"plain:main"};
inline const ChatRef group{playground, ChatId("g:project")};
inline const ChatRef plain_group{plain_app, ChatId("g:plain")};
ChatRef private_of(const std::string& person);

struct SentMessage {
  Outgoing out;
  Effect effect;
  TimePoint at;
};

class World {
 public:
  explicit World(Rules rules = sample_rules(), TimePoint now = local("2026-11-23 09:00"));

  Rules rules;
  TimePoint now;
  std::map<RequestId, Request> requests;
  std::map<RequestId, std::vector<Stamped>> history;
  std::map<RequestId, std::optional<TimePoint>> wake_times;
  std::map<CardId, CardHandle> cards;
  std::map<CardId, Card> shown;  // the newest content of each card
  std::vector<Conversation> conversations;
  std::map<ChatRef, ChatFact> chats;
  std::map<std::string, std::string> settings;
  std::shared_ptr<const DirectoryFacts> facts;
  std::vector<SentMessage> sent;  // in order, updates included
  bool sending = true;            // false: the outbox waits

  Reply say(const std::string& person, const ChatRef& chat, const std::string& text, std::vector<Mention> mentions = {});
  Reply press(const std::string& person, CardId card, const std::string& action,
              std::map<std::string, std::vector<std::string>> inputs = {});
  Reply receive(Inbound);
  /// Steps from instant to instant.
  void turn_to(TimePoint);
  void turn_to(const std::string& local_time) { turn_to(local(local_time)); }
  /// Sends what is due now.
  void settle();

  [[nodiscard]] const Request& request(std::uint64_t id = 1) const { return requests.at(RequestId(id)); }
  /// Messages to this chat since `from`, oldest first.
  [[nodiscard]] std::vector<Outgoing> messages(const ChatRef& chat, std::size_t from = 0) const;
  [[nodiscard]] std::string last_text(const ChatRef& chat) const;
  [[nodiscard]] bool was_told(const std::string& person, const std::string& part, std::size_t from = 0) const;
  /// The newest card of a kind in a chat.
  [[nodiscard]] CardId card_in(const ChatRef& chat, CardKind kind) const;
  [[nodiscard]] std::vector<std::string> actions(CardId) const;
  [[nodiscard]] std::vector<std::string> lines(std::uint64_t id = 1) const;  // of the history
  [[nodiscard]] Snapshot load(const Load&) const;
  /// What follows from an outcome.
  void take(const ChangeSet& change) { commit(change); }
  /// Waiting intents.
  [[nodiscard]] std::size_t waiting() const { return outbox_.size(); }

 private:
  struct Row {
    ParcelId id;
    Intent intent;
    TimePoint due;
  };
  void commit(const ChangeSet&);
  bool send_one();
  bool wake_one();
  std::optional<TimePoint> next_instant() const;

  std::vector<Row> outbox_;
  std::uint64_t parcels_ = 0, events_ = 0;
};

inline bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace xieban::test
