#pragma once
// The rows of the memory store.

#include <map>
#include <set>

#include "storage/tables.hpp"

namespace xieban::memory {

struct Ended {
  AttemptRow row;
  std::optional<TimePoint> ended_at;
};
struct Lease {
  std::string holder;
  Fence fence = 0;
  TimePoint until;
};
struct Marked {
  Projection projection;
  std::optional<TimePoint> care_since;
};

class Tables final : public Reads, public Writes {
 public:
  // Reads
  std::optional<RequestRow> request(RequestId) override;
  std::shared_ptr<const Policy> policy(const PolicyHash&) override;
  std::optional<CardHandle> card(CardId) override;
  std::vector<CardHandle> cards_of(RequestId) override;
  std::optional<Conversation> conversation(const ConversationKey&) override;
  std::optional<Conversation> conversation(const ConversationId&) override;
  std::optional<ChatFact> chat(const ChatRef&) override;
  std::vector<Stamped> history(RequestId) override;
  RequestId next_number() override;
  Rows rows(const Query&) override;
  std::vector<Promise> promises_of(const DepartmentId&) override;
  std::shared_ptr<const DirectoryFacts> directory() override;
  CheckupFacts checkup() override;
  std::optional<std::string> setting(const std::string& name) override;
  // Writes
  std::optional<EventRow> find_event(const InboxKey&) override;
  void put_event(EventRow) override;
  void put_request(const RequestWrite&, TimePoint now) override;
  void put_fact(const Fact&, TimePoint now) override;
  void put_conversation(const Conversation&) override;
  void put_setting(const Setting&) override;
  std::vector<RequestId> due(TimePoint now, std::size_t limit) override;
  std::optional<Projection> projection(RequestId) override;
  void set_wake(RequestId, TimePoint wake_at) override;
  void mark_care(RequestId, TimePoint since) override;
  ParcelId add_parcel(const ParcelRow&) override;
  std::optional<ParcelRow> parcel(ParcelId) override;
  void save_parcel(const ParcelRow&) override;
  void remove_parcel(ParcelId) override;
  Fence add_attempt(const AttemptRow&) override;
  std::optional<AttemptRow> attempt(Fence) override;
  void end_attempt(Fence, TimePoint now, Outcome, const std::string& detail) override;
  void put_card(const CardHandle&) override;

  std::map<std::uint64_t, EventRow> inbox;
  std::map<InboxKey, std::uint64_t> inbox_keys;
  std::map<RequestId, RequestRow> requests;
  std::map<RequestId, std::vector<EntryRow>> entries;
  std::map<RequestId, Marked> open;
  std::map<RequestId, std::vector<Stake>> stakes;
  std::map<RequestId, std::string> words;
  std::map<RequestId, std::vector<Promise>> promises;
  std::map<PolicyHash, std::shared_ptr<const Policy>> policies;
  std::map<ConversationKey, Conversation> conversations;
  std::map<ChatRef, ChatFact> chats;
  std::map<ParcelId, ParcelRow> outbox;
  std::map<Fence, Ended> attempts;
  std::map<CardId, CardHandle> cards;
  std::shared_ptr<const DirectoryFacts> facts = std::make_shared<const DirectoryFacts>();
  std::map<std::string, Lease> leases;
  std::map<std::pair<std::string, std::string>, std::uint64_t> budgets;
  std::map<Hash, std::string> documents;
  std::map<std::string, std::string> settings;
  std::map<std::string, std::string> anchors;  // by day, 32 bytes
  std::map<std::uint64_t, Store::Shown> shown;
  std::map<std::string, std::string> shown_keys;  // key -> id
  std::uint64_t next_event = 1, next_parcel = 1, next_attempt = 1, next_rev = 1;
};

}  // namespace xieban::memory
