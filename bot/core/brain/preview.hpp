#pragma once
// The whole ladder of a type before it is switched on: what would be said about a request that nobody answers.

#include <expected>
#include <string>
#include <vector>

#include "bot/core/brain/brain.hpp"

namespace xieban {

struct PreviewOf {
  std::shared_ptr<const Policy> policy;
  DepartmentId lead;
  PersonId requester;
  TimePoint raised_at, until;
  std::size_t most = 1'000'000;  // messages
};
/// One message to one person.
struct Foreseen {
  TimePoint at;
  Duration elapsed;  // on its clock
  ClockKind clock = ClockKind::first_response;
  Rung rung;
  std::optional<Recipient> role;  // what of the rung the person stands for; absent: nothing any more
  PersonId person;
  By by = By::in_private;
  std::string text;
};
/// Earliest first; by the same functions as in service, on a messenger that can show everything and has everybody. A
/// phrase: why such a request cannot be raised.
std::expected<std::vector<Foreseen>, Phrase> preview(const Rules&, const PreviewOf&);

}  // namespace xieban
