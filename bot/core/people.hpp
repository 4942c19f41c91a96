#pragma once
// People, departments, the company's own line, and who stands in for whom.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "bot/base/ids.hpp"
#include "bot/base/time.hpp"

namespace xieban {

struct IdentityKey {
  AppId app;
  UserId user;
  friend auto operator<=>(const IdentityKey&, const IdentityKey&) = default;
  friend bool operator==(const IdentityKey&, const IdentityKey&) = default;
};
struct ChatRef {
  AppId app;
  ChatId chat;
  [[nodiscard]] bool empty() const { return chat.empty(); }
  friend auto operator<=>(const ChatRef&, const ChatRef&) = default;
  friend bool operator==(const ChatRef&, const ChatRef&) = default;
};
struct PersonRef {
  PersonId person;
  UserId user;
  std::string name = {};  // as it is shown
  friend bool operator==(const PersonRef&, const PersonRef&) = default;
};

enum class Role { owner, requester, signer, liaison, head, vice_president, leadership_group, pmo, participants };

struct Person {
  PersonId id;
  std::string name;
  std::vector<std::string> aliases;
  DepartmentId department;
  PersonId manager;  // empty: the department's head
  bool admin = false;
  bool active = true;  // false: left the company
  std::string mobile;  // to find the accounts that are not written; empty: not given
  std::vector<IdentityKey> identities;
};
struct Department {
  DepartmentId id;
  std::string name;
  std::vector<std::string> aliases;
  DepartmentId parent;
  PersonId head;                   // may be empty: vacant
  PersonId vice_president;         // empty: the parent's
  std::vector<PersonId> liaisons;  // first receiver, then substitutes
  CalendarId calendar;             // empty: the company's
  std::map<AppId, std::string> platform_ids;
};

/// What the configuration says; immutable between reloads.
struct Organisation {
  std::vector<Person> people;
  std::vector<Department> departments;
  std::vector<PersonId> leadership_group;  // first = leader
  DepartmentId pmo;
  std::set<AppId> caseless;  // apps whose ids of people are one, written in upper or lower case

  /// Whether both are one account, and what is equal for every way to write it.
  [[nodiscard]] bool same(const IdentityKey&, const IdentityKey&) const;
  [[nodiscard]] IdentityKey key(const IdentityKey&) const;
};

/// What people told Xieban; lives in the store, small, versioned.
struct Leave {
  PersonId person;
  TimePoint from, until;
  PersonId delegate;
  friend bool operator==(const Leave&, const Leave&) = default;
};
struct IdentityLink {
  IdentityKey identity;
  PersonId person;  // empty: this link was undone
  friend bool operator==(const IdentityLink&, const IdentityLink&) = default;
};
struct LinkCode {
  std::string code;  // eight characters
  IdentityKey identity;
  TimePoint until;
  bool used = false;
  friend bool operator==(const LinkCode&, const LinkCode&) = default;
};
/// What a platform's directory says of an account, as it was last read.
struct Account {
  IdentityKey identity;
  std::string name;
  std::vector<std::string> departments;  // their names there, the main one first
  UserId manager;                        // empty: none is named
  bool gone = false;                     // it was there, and is no more
  friend bool operator==(const Account&, const Account&) = default;
};
/// A department as a platform has it.
struct OrgUnit {
  AppId app;
  std::string id, name;
  std::vector<UserId> leaders;
  bool gone = false;
  friend bool operator==(const OrgUnit&, const OrgUnit&) = default;
};
struct DirectoryFacts {
  std::uint64_t version = 0;
  std::vector<Leave> leaves;
  std::vector<IdentityLink> links;
  std::vector<LinkCode> codes;
  std::vector<Account> accounts;
  std::vector<OrgUnit> units;
  std::vector<IdentityKey> spoken;  // sorted: who has written to the bot in private, and can be answered there since
};

/// The organisation as configured, completed by what the platforms' directories say: an account that is nobody's is a person
/// of its own, in the department of that name; a vacant post is its platform leader's; an account that is gone is nobody's,
/// and whoever has lost the last one has left the company.
Organisation with_accounts(const Organisation&, const DirectoryFacts&);
/// The person made of an account that nobody else has: "dingtalk:main/0123".
PersonId person_of(const IdentityKey&);
/// The account that such a person was made of.
std::optional<IdentityKey> account_of(const PersonId&);

/// How far a text named a person or a department.
template <class Id>
struct Match {
  enum class Kind { one, several, none } kind = Kind::none;
  std::vector<Id> candidates;  // one; or those that match; or, for none, the nearest names (at most 3)
};

/// Organisation and facts seen as one. A value of two shared pointers; cheap to copy, never changes.
class Directory {
 public:
  Directory(std::shared_ptr<const Organisation>, std::shared_ptr<const DirectoryFacts>);

  [[nodiscard]] const Person* person(const PersonId&) const;
  [[nodiscard]] const Department* department(const DepartmentId&) const;
  /// Configured identities, then links; nullptr for strangers and for people who left.
  [[nodiscard]] const Person* who(const IdentityKey&) const;
  [[nodiscard]] bool one_account(const IdentityKey&, const IdentityKey&) const;
  /// Configured and linked identities; of the linked ones those first that a platform's directory knows.
  [[nodiscard]] std::vector<IdentityKey> identities(const PersonId&) const;
  [[nodiscard]] const std::vector<Person>& people() const;
  [[nodiscard]] const std::vector<Department>& departments() const;

  /// "" for an unknown id, never a raw id where a name exists.
  [[nodiscard]] std::string name(const PersonId&) const;
  [[nodiscard]] std::string name(const DepartmentId&) const;

  /// Present and not on leave at `now`, or their delegate (followed at most 8 steps), or empty.
  [[nodiscard]] PersonId standing_in(const PersonId&, TimePoint now) const;
  [[nodiscard]] std::optional<Leave> leave_of(const PersonId&, TimePoint now) const;

  // The line. Each answers with people who can act now; where one is vacant, the next one up stands in; the PMO last.
  [[nodiscard]] PersonId first_receiver(const DepartmentId&, TimePoint now) const;  // liaison, substitutes, head, …
  [[nodiscard]] PersonId head(const DepartmentId&, TimePoint now) const;
  [[nodiscard]] PersonId vice_president(const DepartmentId&, TimePoint now) const;
  [[nodiscard]] std::vector<PersonId> leadership_group(TimePoint now) const;
  [[nodiscard]] std::vector<PersonId> pmo(
      TimePoint now) const;  // head of the PMO department, else its liaisons, else administrators
  [[nodiscard]] bool is_head_of(const PersonId&, const DepartmentId&, TimePoint now) const;  // or the head's delegate
  [[nodiscard]] bool is_pmo(const PersonId&, TimePoint now) const;
  [[nodiscard]] bool is_admin(const PersonId&) const;
  /// The department or one of those below it.
  [[nodiscard]] bool within(const DepartmentId& inner, const DepartmentId& outer) const;

  /// An id, an exact name, an alias or an unambiguous part of a name; case and width do not matter; a leading @ is dropped.
  [[nodiscard]] Match<PersonId> match_person(std::string_view) const;
  [[nodiscard]] Match<DepartmentId> match_department(std::string_view) const;

 private:
  std::shared_ptr<const Organisation> organisation_;
  std::shared_ptr<const DirectoryFacts> facts_;
};

}  // namespace xieban
