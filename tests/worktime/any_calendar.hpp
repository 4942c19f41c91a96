#pragma once
// Calendars as companies have them, by chance: offices with lunch, night shifts, half Saturdays, hours that overlap;
// holidays and 调休 of the shipped years and of invented ones; closed and special dates; a dozen zones.

#include "bot/base/rng.hpp"
#include "tests/worktime/reference.hpp"

namespace xieban::test {

struct AnyCalendar {
  CalendarSpec spec;
  std::shared_ptr<const Holidays> holidays;
  Minute from = 0, to = 0;  // a window of some weeks, often around a date where calendars go wrong
};

AnyCalendar any_calendar(Rng&);
/// Of this zone, with holidays and 调休, lunch or a night shift, a closed and a special date in the window.
AnyCalendar full_calendar(const std::string& zone, LocalDate middle);

}  // namespace xieban::test
