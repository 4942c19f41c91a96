#pragma once
// Cards that answer a question: a request with its history, why its clock stands where it stands, lists, help.

#include "bot/core/brain/envelope.hpp"

namespace xieban::brain {

/// `viewer` of the detail empty: for everyone in a chat. Page 1 holds the card and the first entries of the history, later
/// pages what follows; the newest is last.
Reading detail_pages(const Request&, const Policy&, const std::vector<Stamped>& history, const PostDetail&, const Rules&,
                     TimePoint now);
Reading why_pages(const Request&, const Policy&, const std::vector<Stamped>& history, const Rules&, TimePoint now);
/// At most ten rows on a page, late first, a button for each. `viewer` empty: for everyone in a chat; `outside`: numbers only.
Reading list_pages(const PostList&, const Rows&, const std::vector<Promise>& of_department, const PersonId& viewer,
                   bool outside, const Rules&, TimePoint now);
Reading help_pages(const PostHelp&, const Rules&, TimePoint now);

/// Phase, person, running clock with its arithmetic, what has fired and what comes next.
Card why_card(const Request&, const Policy&, const std::vector<Stamped>& history, const Rules&, TimePoint now);

/// Time that a clock did not count between its start and `until`, by reason.
struct LeftOut {
  Duration nights{}, weekends{}, holidays{}, days_off{}, pauses{};
  std::vector<std::string> holiday_names;
};
LeftOut left_out(const Clock&, const Rules&, TimePoint until);

}  // namespace xieban::brain
