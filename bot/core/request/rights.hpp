#pragma once
// Who may do what. decide() asks here first; a card asks the same question before it offers a button.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bot/core/request/request.hpp"

namespace xieban::rights {

using Args = std::vector<std::pair<std::string, std::string>>;

/// Typed text inside a message: its further lines are indented, so that none can pass for a line of ours.
std::string set_in(std::string_view);
/// {number}, {id} and {title}, then what is given: every phrase about a request can use these.
Args about(const Request&, Args more = {});
Refusing refusing(Refusal, std::string key, Args);
/// "赵技、孙工".
std::string names(const std::vector<PersonId>&, const Rules&);
/// "技术部、市场部": those of the company, as far as they fit into a message.
std::string department_names(const Rules&);

/// What one person is to one request, looked up once.
struct Standing {
  bool requester = false;    // the requester or who acts for them
  bool owner = false;        // owner, liaisons and head of the lead department, and who stands in for them
  bool head = false;         // of the lead department
  bool supervisor = false;   // vice president, leadership group, PMO
  bool participant = false;  // any role in it, tasks and support included
};
Standing standing(const Request&, const PersonId&, const Rules&, TimePoint now);

/// The person, or whoever they delegated to.
bool acts_for(const PersonId& actor, const PersonId& person, const Rules&, TimePoint now);
/// Who has to confirm the pending postponement; never who asked for it.
std::vector<PersonId> confirmers(const Request&, const Rules&, TimePoint now);
/// Which right a command needs: its verb, and of an answer what it is about.
std::string_view right_of(const Command&);
/// What an answer is about: what was named, else what waits for this person.
Matter meant_matter(const Request&, Matter named, const PersonId&, const Rules&, TimePoint now);
/// The task a command means: the one named, or the only one it can be for somebody who may not act on the whole.
TaskNo meant_task(const Request&, TaskNo named, std::string_view verb, const PersonId&, const Rules&, TimePoint now);
/// Why not, as far as rights and phase go; nullopt: they may.
std::optional<Refusing> why_not(const Request&, std::string_view verb, TaskNo, const PersonId&, const Rules&, TimePoint now);

constexpr Duration undo_within{5LL * 60 * 1000};

}  // namespace xieban::rights
