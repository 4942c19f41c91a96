#pragma once
// holidays/cn.json and calendars.json as values, with every problem at its line. Schemas: the shipped files.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bot/core/clock/calendar.hpp"
#include "config/load.hpp"

namespace xieban::config {

/// Problems are added to the list; what could be read is returned in any case.
Holidays parse_holidays(std::string_view json, const std::string& file, std::vector<Problem>&);
std::vector<CalendarSpec> parse_calendars(std::string_view json, const std::string& file, std::vector<Problem>&);

/// The files compiled into the binary.
std::shared_ptr<const Holidays> shipped_holidays();
const std::vector<CalendarSpec>& shipped_calendars();

/// Every calendar there is: those of a file, or the shipped ones where there is none, and natural, workday and office,
/// which always exist. office is the file's "office", else its "cn-office", else the shipped one in `zone`; natural and
/// workday follow it.
std::vector<CalendarSpec> all_calendars(const std::optional<std::vector<CalendarSpec>>& file, const std::string& zone);
std::map<CalendarId, Calendar> make_calendars(const std::vector<CalendarSpec>&, const std::shared_ptr<const Holidays>&);

/// Changes exactly when a calendar or a holiday does; fits a signed 64-bit column and is never 0.
std::uint64_t digest(const std::vector<CalendarSpec>&, const Holidays&);

bool zone_exists(const std::string&);

}  // namespace xieban::config
