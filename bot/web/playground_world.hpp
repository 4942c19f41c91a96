#pragma once
// The playground's "server": what stands in its chats. The bot's messages arrive here like at any platform's API.

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "bot/ports/store.hpp"
#include "bot/ports/time_source.hpp"
#include "bot/ports/transport.hpp"
#include "bot/web/async_lock.hpp"

namespace xieban {

struct PlaygroundMessage {
  std::uint64_t rev = 0;
  std::string id, chat, from;     // from: "bot" or a person
  std::optional<std::string> to;  // only this person sees it
  std::string kind;               // said, text, card
  std::string text;
  nlohmann::json card;  // of the contract, or null
  std::vector<std::string> mentions;
  bool urgent = false;
  std::optional<std::string> request;
  TimePoint created, updated;
  std::uint64_t card_id = 0;  // ours
  std::uint32_t version = 0;  // of the request that the card shows
  std::uint64_t parcel = 0;   // that brought this content
};

/// A group that the bot has made.
struct PlaygroundGroup {
  std::string id, name;
  std::vector<std::string> members;
};

/// All calls on the loop's thread. Everything shown is on disk before a call returns.
class PlaygroundWorld final : public Transport {
 public:
  PlaygroundWorld(Store&, const TimeSource&);

  /// POST /messages shows one (the same key: the same message); PUT /messages/{id} updates it in place, unless it already
  /// shows something newer. Equal content changes nothing. POST /groups makes a group (the same key: the same group), POST
  /// /groups/{id}/members adds people to it, DELETE /groups/{id} dissolves it.
  boost::asio::awaitable<Result<HttpResponse>> send(std::string origin, HttpRequest, Duration timeout) override;

  /// Somebody said something.
  Async<PlaygroundMessage> say(std::string chat, std::string person, std::string text, std::vector<std::string> mentions);
  /// The card in the answer to a press, unless the message has changed since `seen`: then something newer stands there.
  Async<void> answer_card(std::string id, std::uint64_t seen, nlohmann::json card, std::string text);
  /// Changed after `rev`, in order.
  Async<std::vector<PlaygroundMessage>> after(std::uint64_t rev);
  Async<std::optional<PlaygroundMessage>> find(std::string id);
  /// Those that are not dissolved, in the order they were made.
  Async<std::vector<PlaygroundGroup>> groups();
  /// The newest rev there is.
  Async<std::uint64_t> rev();
  /// The store was emptied.
  void forget();

 private:
  struct Applied {
    std::uint32_t version = 0;
    std::uint64_t parcel = 0;
    friend auto operator<=>(const Applied&, const Applied&) = default;
  };
  Async<PlaygroundMessage> show(PlaygroundMessage, std::string key);
  boost::asio::awaitable<HttpResponse> create(nlohmann::json body);
  boost::asio::awaitable<HttpResponse> update(std::string id, nlohmann::json body);
  boost::asio::awaitable<HttpResponse> tend_group(std::string method, std::string path, nlohmann::json body);
  boost::asio::awaitable<HttpResponse> keep_group(PlaygroundGroup, bool dissolved);

  Store& store_;
  const TimeSource& time_;
  AsyncLock changing_;  // an update reads, compares and writes
  std::optional<std::uint64_t> rev_;
  std::optional<std::vector<PlaygroundGroup>> groups_;  // as groups() answers; absent: not read yet
  std::map<std::string, Applied> unchanged_;            // updates that brought nothing new, and so no row
};

}  // namespace xieban
