// What platforms say of people, put beside what the configuration says.

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "bot/base/text.hpp"
#include "bot/core/people.hpp"

namespace xieban {
namespace {

class Completion {
 public:
  Completion(const Organisation& configured, const DirectoryFacts& facts) : out_(configured), facts_(facts) {
    for (std::size_t i = 0; i < out_.people.size(); ++i) {
      by_id_.emplace(out_.people[i].id, i);
      for (const IdentityKey& identity : out_.people[i].identities) holders_.emplace(out_.key(identity), out_.people[i].id);
    }
    write_as_they_do();
    // The newest word on an identity holds; one that is configured is not linked over.
    std::set<IdentityKey> settled;
    for (auto link = facts.links.rbegin(); link != facts.links.rend(); ++link) {
      const IdentityKey key = out_.key(link->identity);
      if (settled.insert(key).second && !link->person.empty() && holders_.emplace(key, link->person).second)
        linked_.insert(key);
    }
  }

  Organisation made() && {
    for (const Account& account : facts_.accounts) {
      const auto holder = holders_.find(out_.key(account.identity));
      if (account.gone) {
        if (holder != holders_.end()) lose(holder->second, account.identity);
      } else if (holder == holders_.end()) {
        add(account);
      }
    }
    for (const Account& account : facts_.accounts) name_manager(account);
    for (Department& department : out_.departments) fill(department);
    return std::move(out_);
  }

 private:
  /// An account is written as its platform writes it: messages to people go by that.
  void write_as_they_do() {
    for (const IdentityKey& spoke : facts_.spoken) {
      if (!out_.caseless.contains(spoke.app)) continue;
      const auto holder = holders_.find(out_.key(spoke));
      if (holder == holders_.end()) continue;
      for (IdentityKey& identity : out_.people[by_id_.at(holder->second)].identities)
        if (out_.same(identity, spoke)) identity = spoke;
    }
  }

  void lose(const PersonId& id, const IdentityKey& identity) {
    const auto at = by_id_.find(id);
    if (at == by_id_.end()) return;
    Person& person = out_.people[at->second];
    std::erase_if(person.identities, [&](const IdentityKey& one) { return out_.same(one, identity); });
    const bool reached =
        std::ranges::any_of(holders_, [&](const auto& held) { return held.second == id && stands(held.first, id); });
    if (!reached) person.active = false;
  }

  /// What was joined where they have lost an account, and no directory knows, was another id of that account.
  [[nodiscard]] bool stands(const IdentityKey& key, const PersonId& id) const {
    bool known = false, lost = false;
    for (const Account& one : facts_.accounts) {
      const IdentityKey account = out_.key(one.identity);
      if (account == key && one.gone) return false;
      known = known || account == key;
      const auto holder = holders_.find(account);
      lost = lost || (one.gone && account.app == key.app && holder != holders_.end() && holder->second == id);
    }
    return known || !lost || !linked_.contains(key);
  }

  void add(const Account& account) {
    Person person;
    person.id = person_of(account.identity);
    person.name = account.name.empty() ? account.identity.user.value : account.name;
    person.identities.push_back(account.identity);
    for (const std::string& name : account.departments) {
      person.department = named(name);
      if (!person.department.empty()) break;
    }
    holders_.emplace(out_.key(account.identity), person.id);
    by_id_.emplace(person.id, out_.people.size());
    out_.people.push_back(std::move(person));
  }

  /// Managers of people who are configured are configured.
  void name_manager(const Account& account) {
    const auto made = by_id_.find(person_of(account.identity));
    if (account.manager.empty() || made == by_id_.end()) return;
    const auto manager = holders_.find(out_.key(IdentityKey{account.identity.app, account.manager}));
    if (manager != holders_.end() && manager->second != made->first) out_.people[made->second].manager = manager->second;
  }

  void fill(Department& department) {
    if (!department.head.empty()) return;
    for (const OrgUnit& unit : facts_.units) {
      const auto id = department.platform_ids.find(unit.app);
      if (unit.gone || id == department.platform_ids.end() || id->second != unit.id) continue;
      for (const UserId& leader : unit.leaders) {
        const auto holder = holders_.find(out_.key(IdentityKey{unit.app, leader}));
        if (holder == holders_.end()) continue;
        department.head = holder->second;
        return;
      }
    }
  }

  /// The one department of that name or alias; empty: none, or several.
  [[nodiscard]] DepartmentId named(const std::string& name) const {
    const std::string wanted = text::fold(name);
    DepartmentId found;
    for (const Department& one : out_.departments) {
      const bool same = text::fold(one.name) == wanted ||
                        std::ranges::any_of(one.aliases, [&](const std::string& alias) { return text::fold(alias) == wanted; });
      if (!same) continue;
      if (!found.empty()) return {};
      found = one.id;
    }
    return found;
  }

  Organisation out_;
  const DirectoryFacts& facts_;
  std::map<PersonId, std::size_t> by_id_;
  std::map<IdentityKey, PersonId> holders_;  // by Organisation::key
  std::set<IdentityKey> linked_;             // of these, those that are not configured
};

}  // namespace

PersonId person_of(const IdentityKey& identity) { return PersonId(identity.app.value + "/" + identity.user.value); }

std::optional<IdentityKey> account_of(const PersonId& id) {
  const auto slash = id.value.find('/');
  if (slash == std::string::npos) return std::nullopt;
  return IdentityKey{AppId(id.value.substr(0, slash)), UserId(id.value.substr(slash + 1))};
}

Organisation with_accounts(const Organisation& configured, const DirectoryFacts& facts) {
  return Completion(configured, facts).made();
}

}  // namespace xieban
