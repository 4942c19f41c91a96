#pragma once
// Disputes: who is on which side, and who may rule.

#include <optional>
#include <vector>

#include "bot/core/request/request.hpp"

namespace xieban {

/// There is one, and it is not over.
bool disputed(const Request&);
const Position& position_of(const Dispute&, Party);
Party other(Party);
/// The side that a person speaks for: requester and the head of their department, or who answers for the lead department;
/// nullopt: neither.
std::optional<Party> party_of(const Request&, const PersonId&, const Rules&, TimePoint now);
/// Who answers for a side now.
std::vector<PersonId> answering_for(const Request&, Party, const Rules&, TimePoint now);
/// Who may rule now, the accountable one first: the vice president in charge; once it was submitted to the leadership group,
/// or where there is no vice president who is no party, the group. Nobody rules on what they are a party to.
std::vector<PersonId> judges(const Request&, const Rules&, TimePoint now);

}  // namespace xieban
