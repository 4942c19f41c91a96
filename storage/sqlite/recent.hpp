#pragma once
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "storage/tables.hpp"

namespace xieban::sqlite {

/// Requests and chats the writer read or wrote last, with what belongs to them. Only the writer keeps them: nobody writes
/// behind its back without a new data version, and what is rolled back makes it forget all.
class Recent {
 public:
  struct One {
    RequestRow row;
    std::int64_t entry = 0;                               // rowid of the newest entry of the history
    std::optional<std::optional<Projection>> projection;  // set: known; empty inside: the request is closed
    std::optional<std::vector<CardHandle>> cards;         // set: known
  };
  [[nodiscard]] One* find(RequestId);
  One& put(RequestId, One);
  /// What is known of a chat; set and empty inside: nothing is stored of it.
  [[nodiscard]] const std::optional<ChatFact>* find(const ChatRef&) const;
  void put(const ChatRef&, std::optional<ChatFact>);
  void clear();

 private:
  static constexpr std::size_t most = 2048;
  using Entries = std::list<std::pair<std::uint64_t, One>>;
  Entries entries_;  // the newest first
  std::unordered_map<std::uint64_t, Entries::iterator> places_;
  std::map<ChatRef, std::optional<ChatFact>> chats_;
};

}  // namespace xieban::sqlite
