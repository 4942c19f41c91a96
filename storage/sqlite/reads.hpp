#pragma once
#include <map>

#include "storage/sqlite/connection.hpp"
#include "storage/sqlite/recent.hpp"
#include "storage/tables.hpp"

namespace xieban::sqlite {

/// Reads over one connection. Policies and the directory are kept while they cannot have changed; `recent`, the writer's,
/// spares it reading again what it has just written.
class SqlReads final : public Reads {
 public:
  explicit SqlReads(Connection& connection, Recent* recent = nullptr) : connection_(connection), recent_(recent) {}

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

  /// What was kept may be wrong: something was rolled back.
  void forget();

 private:
  Recent::One* kept(RequestId);

  Connection& connection_;
  Recent* recent_;
  std::map<PolicyHash, std::shared_ptr<const Policy>> policies_;
  std::shared_ptr<const DirectoryFacts> directory_;
};

}  // namespace xieban::sqlite
