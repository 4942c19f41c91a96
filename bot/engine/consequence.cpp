#include "bot/engine/consequence.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace xieban {

namespace {

template <class T>
void append(std::vector<T>& to, std::vector<T> from) {
  std::ranges::move(from, std::back_inserter(to));
}

}  // namespace

std::optional<Consequence> both(std::optional<Consequence> one, std::optional<Consequence> other) {
  if (!one || !other) return one ? std::move(one) : std::move(other);
  Consequence made;
  made.load = std::move(one->load);
  append(made.load.requests, std::move(other->load.requests));
  append(made.load.cards_of, std::move(other->load.cards_of));
  append(made.load.settings, std::move(other->load.settings));
  if (other->load.chat) made.load.chat = std::move(other->load.chat);
  made.load.request_of_chat = made.load.request_of_chat || other->load.request_of_chat;
  made.decide = [first = std::move(one->decide), second = std::move(other->decide)](const Snapshot& snapshot) {
    ChangeSet change = first(snapshot);
    ChangeSet more = second(snapshot);
    append(change.requests, std::move(more.requests));
    append(change.facts, std::move(more.facts));
    append(change.settings, std::move(more.settings));
    append(change.intents, std::move(more.intents));
    return change;
  };
  return made;
}

}  // namespace xieban
