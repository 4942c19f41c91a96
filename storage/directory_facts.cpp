#include "storage/directory_facts.hpp"

#include <algorithm>
#include <utility>

namespace xieban {
namespace {
template <class T, class Key>
void replace(std::vector<T>& list, const T& item, Key key) {
  std::erase_if(list, [&](const T& old) { return key(old) == key(item); });
  list.push_back(item);
}
}  // namespace

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
  } else {
    return facts;
  }
  ++facts.version;
  return facts;
}

}  // namespace xieban
