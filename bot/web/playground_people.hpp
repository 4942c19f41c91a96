#pragma once
// Who there is in the playground and which chats they have, read from the rules. Pure.

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bot/core/rules.hpp"

namespace xieban {

inline constexpr std::string_view playground_app = "playground:main";

struct PlaygroundChat {
  std::string id, name;
  bool group = true;
  std::vector<PersonId> members;
  [[nodiscard]] bool has(const PersonId&) const;
};
/// Groups first: the configured ones of the playground, or a pair of our own, and those that the bot has made; then one
/// private chat per person.
std::vector<PlaygroundChat> playground_chats(const Rules&, const std::vector<PlaygroundChat>& made, TimePoint now);
std::optional<PlaygroundChat> playground_chat(const Rules&, const std::vector<PlaygroundChat>& made, std::string_view id,
                                              TimePoint now);

/// People who have not left; an ordinary member of the first chat comes first.
std::vector<const Person*> playground_people(const Rules&, const Directory&, TimePoint now);
/// head, vice_president, leadership_group, pmo, liaison, admin.
std::vector<std::string> roles_of(const Person&, const Rules&, const Directory&, TimePoint now);

/// `chats`, `people` and `departments` of GET world.
nlohmann::json world_json(const Rules&, const std::vector<PlaygroundChat>& made, TimePoint now);

/// "@name" in a text, the longest known name first; `person` is empty where several people have that name.
struct FoundMention {
  std::string name;
  std::optional<PersonId> person;
};
std::vector<FoundMention> find_mentions(std::string_view text, const Rules&, const PlaygroundChat&);

}  // namespace xieban
