#pragma once
// "明天18点", "12月10日", "3d" -> one instant, or an error that says what to write. The full language is
// specified in the specification of deadline expressions; what cannot be read to its last word answers `unrecognized`.

#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bot/base/time.hpp"
#include "bot/core/clock/calendar.hpp"
#include "bot/core/words/phrase.hpp"

namespace xieban {

struct Due {
  TimePoint at;
  std::vector<std::string> warnings;  // names: "non_working_day", "assumed_next_year" …
  std::string echo;                   // "截止 2026-11-25（周三）18:00 · 含当日"
  std::vector<std::string> instead;   // a date that is no working date: the working date before it, ready to send
};
struct WhenError {
  std::string kind;                      // "past", "unrecognized", "vague" …
  std::string message;                   // in the language asked for
  std::vector<std::string> suggestions;  // at most two expressions, ready to send
  bool understood = false;               // no deadline as it stands; the suggestions are what it may have meant
  std::vector<std::pair<std::string, std::string>> args;  // what the message is made of
};

/// Any text; one beyond 4 KiB is unrecognized. Never a result that is not after `now`; never a guess without a warning.
/// `office`: the calendar whose day end a date means and on which budgets in hours count.
std::expected<Due, WhenError> parse_due(std::string_view, const Calendar& office, TimePoint now, bool urgent, Lang);
/// The message as a sentence of a chat. `deadline`: that is what was asked for, not the end of a pause or of a leave.
std::string sentence_of(const WhenError&, bool deadline, Lang);

}  // namespace xieban
