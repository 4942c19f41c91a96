#include "storage/directory_facts.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace xieban {
namespace {
template <class T, class Key>
void replace(std::vector<T>& list, const T& item, Key key) {
  std::erase_if(list, [&](const T& old) { return key(old) == key(item); });
  list.push_back(item);
}
}  // namespace

std::optional<IdentityKey> spoke_in_private(const ChatFact& fact) {
  constexpr std::string_view prefix = "p:";
  const std::string& chat = fact.chat.chat.value;
  if (!fact.spoken || !chat.starts_with(prefix)) return std::nullopt;
  return IdentityKey{fact.chat.app, UserId(chat.substr(prefix.size()))};
}

DirectoryFacts with_fact(DirectoryFacts facts, const Fact& fact, TimePoint now) {
  if (const auto* leave = std::get_if<Leave>(&fact)) {
    replace(facts.leaves, *leave, [](const Leave& one) { return one.person; });
  } else if (const auto* link = std::get_if<IdentityLink>(&fact)) {
    replace(facts.links, *link, [](const IdentityLink& one) { return one.identity; });
  } else if (const auto* code = std::get_if<LinkCode>(&fact)) {
    replace(facts.codes, *code, [](const LinkCode& one) { return one.code; });
    std::erase_if(facts.codes, [now](const LinkCode& one) { return one.until + keep_codes < now; });
  } else if (const auto* account = std::get_if<Account>(&fact)) {
    replace(facts.accounts, *account, [](const Account& one) { return one.identity; });
  } else if (const auto* unit = std::get_if<OrgUnit>(&fact)) {
    replace(facts.units, *unit, [](const OrgUnit& one) { return std::pair(one.app, one.id); });
  } else if (const auto* chat = std::get_if<ChatFact>(&fact)) {
    const auto who = spoke_in_private(*chat);
    if (!who) return facts;
    const auto place = std::ranges::lower_bound(facts.spoken, *who);
    if (place != facts.spoken.end() && *place == *who) return facts;
    facts.spoken.insert(place, *who);
  } else {
    return facts;
  }
  ++facts.version;
  return facts;
}

}  // namespace xieban
