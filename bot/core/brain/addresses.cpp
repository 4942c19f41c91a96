#include "bot/core/brain/addresses.hpp"

#include <algorithm>
#include <utility>

namespace xieban {

namespace brain {

namespace {
constexpr std::size_t most_spare = 16;
}

void take_address(ChatFact& fact, const ReplyAddress& address, bool one_answer, TimePoint now) {
  if (!one_answer) {
    fact.spare.clear();
  } else if (!fact.webhook.empty() && fact.webhook != address.url) {
    fact.spare.push_back({fact.webhook, fact.webhook_until.value_or(address.until)});
  }
  std::erase_if(fact.spare, [&](const ReplyAddress& one) { return one.until <= now || one.url == address.url; });
  if (fact.spare.size() > most_spare) fact.spare.erase(fact.spare.begin());
  fact.webhook = address.url;
  fact.webhook_until = address.until;
}

bool spend_address(ChatFact& fact, const std::string& url) {
  if (url.empty()) return false;
  if (fact.webhook != url) return std::erase_if(fact.spare, [&](const ReplyAddress& one) { return one.url == url; }) > 0;
  fact.webhook.clear();
  fact.webhook_until.reset();
  if (!fact.spare.empty()) {
    fact.webhook = std::move(fact.spare.back().url);
    fact.webhook_until = fact.spare.back().until;
    fact.spare.pop_back();
  }
  return true;
}

}  // namespace brain

Load load_address(const Outgoing& sent) {
  Load load;
  load.chat = sent.chat;
  return load;
}

ChangeSet address_spent(const Outgoing& sent, const Snapshot& snapshot) {
  ChangeSet change;
  change.reply.outcome = Done::ignored;
  if (!snapshot.chat) return change;
  ChatFact fact = *snapshot.chat;
  if (!brain::spend_address(fact, sent.webhook)) return change;
  change.facts.emplace_back(std::move(fact));
  change.reply.outcome = Done::acted;
  return change;
}

}  // namespace xieban
