#include "bot/core/people.hpp"

#include <algorithm>
#include <set>
#include <unordered_map>
#include <utility>

#include "bot/base/text.hpp"

namespace xieban {
namespace {

/// Where ids stand in an organisation. A hint: whoever uses it checks that the entry is still the one asked for.
struct Index {
  std::unordered_map<PersonId, std::size_t> people;
  std::unordered_map<DepartmentId, std::size_t> departments;
  std::map<IdentityKey, std::size_t> identities;  // by Organisation::key
};

constexpr std::size_t worth_an_index = 64;
constexpr int most_steps = 8;  // along a chain of delegates

Index make_index(const Organisation& organisation) {
  Index index;
  for (std::size_t i = 0; i < organisation.people.size(); ++i) {
    index.people.emplace(organisation.people[i].id, i);
    for (const IdentityKey& key : organisation.people[i].identities) index.identities.emplace(organisation.key(key), i);
  }
  for (std::size_t i = 0; i < organisation.departments.size(); ++i)
    index.departments.emplace(organisation.departments[i].id, i);
  return index;
}

/// A directory is made for every decision, an organisation once a reload: each thread remembers the index of the last one.
const Index* index_of(const std::shared_ptr<const Organisation>& organisation) {
  if (organisation->people.size() + organisation->departments.size() < worth_an_index) return nullptr;
  struct Memo {
    std::weak_ptr<const Organisation> of;
    Index index;
  };
  thread_local Memo memo;
  if (memo.of.expired() || memo.of.owner_before(organisation) || organisation.owner_before(memo.of)) {
    memo.index = make_index(*organisation);
    memo.of = organisation;
  }
  return &memo.index;
}

template <class Item, class Id>
const Item* find(const std::vector<Item>& items, const Id& id, const std::unordered_map<Id, std::size_t>* hint) {
  if (id.empty()) return nullptr;
  if (hint != nullptr) {
    const auto at = hint->find(id);
    if (at != hint->end() && at->second < items.size() && items[at->second].id == id) return &items[at->second];
  }
  const auto at = std::ranges::find(items, id, &Item::id);
  return at == items.end() ? nullptr : &*at;
}

/// What can be compared of a person or a department: folded once.
template <class Id>
struct Named {
  Id id;
  std::string folded_id;
  std::vector<std::string> names;  // name, then aliases
};

template <class Item>
auto named(const Item& item) {
  Named<decltype(item.id)> out{item.id, text::fold(item.id.value), {text::fold(item.name)}};
  for (const std::string& alias : item.aliases) out.names.push_back(text::fold(alias));
  return out;
}

/// Ids of accounts are plain letters and digits.
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

constexpr std::size_t longest_name = 256;  // bytes; what is longer names nobody

template <class Id>
std::vector<Id> nearest(const std::vector<Named<Id>>& all, const std::string& typed) {
  const std::size_t length = text::decode(typed).size();
  const std::size_t limit = length <= 2 ? 1 : length <= 5 ? 2 : 3;
  std::vector<std::pair<std::size_t, const Named<Id>*>> near;
  for (const Named<Id>& one : all) {
    std::size_t best = text::distance(typed, one.folded_id, limit);
    for (const std::string& name : one.names) {
      const std::size_t steps = text::distance(typed, name, limit);
      // A name of which nothing is left is not near, however short it is.
      if (steps < std::max(length, text::decode(name).size())) best = std::min(best, steps);
    }
    if (best <= limit) near.emplace_back(best, &one);
  }
  std::ranges::stable_sort(near, {}, [](const auto& entry) { return std::pair(entry.first, entry.second->names.front()); });
  std::vector<Id> out;
  for (const auto& entry : near) {
    if (out.size() == 3) break;
    out.push_back(entry.second->id);
  }
  return out;
}

template <class Id>
Match<Id> answer(std::vector<Id> found) {
  using Kind = typename Match<Id>::Kind;
  return {found.size() == 1 ? Kind::one : Kind::several, std::move(found)};
}

template <class Id>
Match<Id> match(const std::vector<Named<Id>>& all, std::string_view text, const std::vector<std::string>& suffixes) {
  if (text.size() > longest_name) return {};
  std::string typed = text::fold(text);
  if (typed.starts_with('@')) typed = text::fold(std::string_view(typed).substr(1));
  if (typed.empty()) return {};
  // An id always means itself: that is how a question with several candidates is answered.
  for (const Named<Id>& one : all) {
    if (one.folded_id == typed) return answer(std::vector<Id>{one.id});
  }
  std::vector<Id> found;
  for (const Named<Id>& one : all) {
    if (std::ranges::find(one.names, typed) != one.names.end()) found.push_back(one.id);
  }
  if (!found.empty()) return answer(std::move(found));

  const auto parts = [&](const std::string& part) {
    for (const Named<Id>& one : all) {
      if (std::ranges::any_of(one.names, [&](const std::string& name) { return name.find(part) != std::string::npos; }))
        found.push_back(one.id);
    }
  };
  parts(typed);
  // "研发部门" for the alias 研发: the word for "department" says nothing about which.
  for (const std::string& suffix : suffixes) {
    if (!found.empty() || typed.size() <= suffix.size() || !typed.ends_with(suffix)) continue;
    parts(std::string(text::trim(typed.substr(0, typed.size() - suffix.size()))));
  }
  if (!found.empty()) return answer(std::move(found));
  return {Match<Id>::Kind::none, nearest(all, typed)};
}

}  // namespace

bool Organisation::same(const IdentityKey& one, const IdentityKey& other) const {
  if (one == other) return true;
  return one.app == other.app && caseless.contains(one.app) &&
         std::ranges::equal(one.user.value, other.user.value, {}, lower, lower);
}

IdentityKey Organisation::key(const IdentityKey& identity) const {
  IdentityKey made = identity;
  if (caseless.contains(identity.app)) std::ranges::transform(made.user.value, made.user.value.begin(), lower);
  return made;
}

Directory::Directory(std::shared_ptr<const Organisation> organisation, std::shared_ptr<const DirectoryFacts> facts)
    : organisation_(std::move(organisation)), facts_(std::move(facts)) {
  static const auto nobody = std::make_shared<const Organisation>();
  static const auto nothing = std::make_shared<const DirectoryFacts>();
  if (!organisation_) organisation_ = nobody;
  if (!facts_) facts_ = nothing;
}

const std::vector<Person>& Directory::people() const { return organisation_->people; }
const std::vector<Department>& Directory::departments() const { return organisation_->departments; }

const Person* Directory::person(const PersonId& id) const {
  const Index* index = index_of(organisation_);
  return find(organisation_->people, id, index == nullptr ? nullptr : &index->people);
}

const Department* Directory::department(const DepartmentId& id) const {
  const Index* index = index_of(organisation_);
  return find(organisation_->departments, id, index == nullptr ? nullptr : &index->departments);
}

const Person* Directory::who(const IdentityKey& identity) const {
  if (identity.user.empty()) return nullptr;
  const auto same = [&](const IdentityKey& one) { return organisation_->same(one, identity); };
  const auto present = [](const Person* person) { return person != nullptr && person->active ? person : nullptr; };
  const auto& people = organisation_->people;
  const auto has = [&](const Person& person) { return std::ranges::any_of(person.identities, same); };
  if (const Index* index = index_of(organisation_)) {
    const auto at = index->identities.find(organisation_->key(identity));
    if (at != index->identities.end() && at->second < people.size() && has(people[at->second]))
      return present(&people[at->second]);
  }
  if (const auto at = std::ranges::find_if(people, has); at != people.end()) return present(&*at);
  const bool gone = std::ranges::any_of(facts_->accounts, [&](const Account& one) { return one.gone && same(one.identity); });
  if (gone) return nullptr;
  // The newest word on this identity holds: a link, or that it was undone.
  for (auto link = facts_->links.rbegin(); link != facts_->links.rend(); ++link) {
    if (same(link->identity)) return present(person(link->person));
  }
  return nullptr;
}

bool Directory::one_account(const IdentityKey& one, const IdentityKey& other) const { return organisation_->same(one, other); }

std::vector<IdentityKey> Directory::identities(const PersonId& id) const {
  std::vector<IdentityKey> out;
  if (const Person* one = person(id)) out = one->identities;
  // Messages go by the first one of an app: that is the one its directory knows, not another id of the same account.
  std::size_t by_directory = out.size();
  std::set<IdentityKey> settled;
  for (auto link = facts_->links.rbegin(); link != facts_->links.rend(); ++link) {
    if (!settled.insert(link->identity).second || link->person != id || id.empty()) continue;
    bool gone = false, read = false;
    for (const Account& one : facts_->accounts) {
      if (!organisation_->same(one.identity, link->identity)) continue;
      read = true;
      gone = gone || one.gone;
    }
    if (gone || std::ranges::find(out, link->identity) != out.end()) continue;
    out.insert(read ? out.begin() + static_cast<std::ptrdiff_t>(by_directory++) : out.end(), link->identity);
  }
  return out;
}

std::string Directory::name(const PersonId& id) const {
  const Person* one = person(id);
  return one == nullptr ? std::string() : one->name.empty() ? one->id.value : one->name;
}

std::string Directory::name(const DepartmentId& id) const {
  const Department* one = department(id);
  return one == nullptr ? std::string() : one->name.empty() ? one->id.value : one->name;
}

std::optional<Leave> Directory::leave_of(const PersonId& id, TimePoint now) const {
  for (auto leave = facts_->leaves.rbegin(); leave != facts_->leaves.rend(); ++leave) {
    if (leave->person == id && leave->from <= now && now < leave->until) return *leave;
  }
  return std::nullopt;
}

PersonId Directory::standing_in(const PersonId& id, TimePoint now) const {
  PersonId at = id;
  for (int step = 0; step <= most_steps; ++step) {
    const Person* one = person(at);
    if (one == nullptr || !one->active) return {};
    const auto away = leave_of(at, now);
    if (!away) return at;
    at = away->delegate;
  }
  return {};
}

PersonId Directory::first_receiver(const DepartmentId& id, TimePoint now) const {
  if (const Department* one = department(id)) {
    for (const PersonId& liaison : one->liaisons) {
      if (PersonId present = standing_in(liaison, now); !present.empty()) return present;
    }
  }
  return head(id, now);
}

PersonId Directory::head(const DepartmentId& id, TimePoint now) const {
  const Department* one = department(id);
  for (std::size_t steps = 0; one != nullptr && steps <= departments().size(); ++steps) {
    if (PersonId present = standing_in(one->head, now); !present.empty()) return present;
    one = department(one->parent);
  }
  return vice_president(id, now);
}

PersonId Directory::vice_president(const DepartmentId& id, TimePoint now) const {
  const Department* one = department(id);
  for (std::size_t steps = 0; one != nullptr && steps <= departments().size(); ++steps) {
    if (PersonId present = standing_in(one->vice_president, now); !present.empty()) return present;
    one = department(one->parent);
  }
  const std::vector<PersonId> group = leadership_group(now);
  return group.empty() ? PersonId{} : group.front();
}

std::vector<PersonId> Directory::leadership_group(TimePoint now) const {
  std::vector<PersonId> out;
  for (const PersonId& member : organisation_->leadership_group) {
    PersonId present = standing_in(member, now);
    if (!present.empty() && std::ranges::find(out, present) == out.end()) out.push_back(std::move(present));
  }
  return out.empty() ? pmo(now) : out;
}

std::vector<PersonId> Directory::pmo(TimePoint now) const {
  std::vector<PersonId> out;
  const auto add = [&](const PersonId& id) {
    PersonId present = standing_in(id, now);
    if (!present.empty() && std::ranges::find(out, present) == out.end()) out.push_back(std::move(present));
  };
  const Department* one = department(organisation_->pmo);
  if (one != nullptr) {
    add(one->head);
    if (!out.empty()) return out;
    std::ranges::for_each(one->liaisons, add);
    if (!out.empty()) return out;
  }
  for (const Person& person : people()) {
    if (person.admin) add(person.id);
  }
  if (!out.empty()) return out;
  // Everybody is away and named nobody: what would be nobody's still reaches those who are responsible.
  for (const Person& person : people()) {
    if (person.active && (person.admin || (one != nullptr && person.id == one->head))) out.push_back(person.id);
  }
  return out;
}

bool Directory::is_head_of(const PersonId& id, const DepartmentId& department_id, TimePoint now) const {
  const Department* one = department(department_id);
  const Person* who = person(id);
  if (one == nullptr || who == nullptr || !who->active) return false;
  return one->head == id || head(department_id, now) == id;
}

bool Directory::is_pmo(const PersonId& id, TimePoint now) const {
  const Person* who = person(id);
  if (who == nullptr || !who->active) return false;
  if (!organisation_->pmo.empty() && within(who->department, organisation_->pmo)) return true;
  const std::vector<PersonId> present = pmo(now);
  return std::ranges::find(present, id) != present.end();
}

bool Directory::is_admin(const PersonId& id) const {
  const Person* who = person(id);
  return who != nullptr && who->active && who->admin;
}

bool Directory::within(const DepartmentId& inner, const DepartmentId& outer) const {
  if (inner.empty() || outer.empty()) return false;
  DepartmentId at = inner;
  for (std::size_t steps = 0; steps <= departments().size(); ++steps) {
    if (at == outer) return true;
    const Department* one = department(at);
    if (one == nullptr || one->parent.empty()) return false;
    at = one->parent;
  }
  return false;
}

Match<PersonId> Directory::match_person(std::string_view text) const {
  std::vector<Named<PersonId>> all;
  for (const Person& one : people()) {
    if (one.active) all.push_back(named(one));
  }
  return match(all, text, {});
}

Match<DepartmentId> Directory::match_department(std::string_view text) const {
  static const std::vector<std::string> suffixes{"部门", "部", "中心", "处", "科", "组", " department", " dept", " team"};
  std::vector<Named<DepartmentId>> all;
  for (const Department& one : departments()) all.push_back(named(one));
  return match(all, text, suffixes);
}

}  // namespace xieban
