#pragma once
// Sign-off: what exactly is agreed to, and who may answer for whom.

#include <cstddef>
#include <string>
#include <vector>

#include "bot/core/request/request.hpp"

namespace xieban {

/// What people sign: number, title, lead department, date, goal, background, situation, impact and the fields of the type,
/// each with its length in front, so that no two texts look the same. The date is an instant: who pauses a request or waits
/// for an answer moves it.
std::string agreed_text(const Request&);
std::string agreed_hash(const Request&);  // SHA-256 in hex
/// As people compare it: its first digits.
std::string short_hash(std::string_view hash);

/// Of the sign-off, which answers this person can still give: their own, and those of whom they stand in for. An objection
/// may be taken back by agreeing, a signature may not be given twice.
std::vector<std::size_t> answers_of(const Request&, const PersonId&, const Rules&, TimePoint now);
/// Those whose answer is awaited, the one due first in front.
std::vector<const Signature*> awaited(const Request&);

}  // namespace xieban
