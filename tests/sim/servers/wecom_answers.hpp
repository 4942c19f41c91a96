#pragma once
// WeCom's answers: 200 with errcode, whatever happened (developer documentation 90313), and what its calls share.

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "tests/sim/servers/answers.hpp"
#include "tests/sim/servers/platform.hpp"

namespace xieban::sim::wecom {

/// Why something is refused; the same on HTTP, on the socket and in answers to callbacks.
struct Refusal {
  int errcode = 0;
  std::string text;
};
using Refused = std::optional<Refusal>;

Outcome good(nlohmann::json body = nlohmann::json::object());
Outcome refusal(int errcode, const std::string& message);
Outcome refusal(const Refusal&);

/// 0 or 1; absent is fine.
bool is_flag(const nlohmann::json& body, const char* member);
/// Unicode characters, as the limits of card texts count them.
std::size_t characters(const std::string&);
/// User ids are unique ignoring case (90196).
std::string folded(const std::string&);
std::int64_t seconds_of(TimePoint);
/// Characters of the set only, 1 to `most` of them.
bool only(const std::string& text, const std::string& further, std::size_t most);

/// The person of that id in any case; nullptr: unknown.
const nlohmann::json* person_of(const World&, const std::string& id);
/// Employed and within what apps may see.
bool visible(const nlohmann::json& person);

}  // namespace xieban::sim::wecom
