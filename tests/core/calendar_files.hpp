#pragma once
// The shipped calendars, read inside the tests; the product's own reader is another part.

#include <memory>
#include <string>
#include <vector>

#include "bot/core/clock/calendar.hpp"

namespace xieban::test {

std::shared_ptr<const Holidays> shipped_holidays();
/// A calendar of config/calendars.json ("cn-office", "us-night" …); `natural` and `workday` are made from cn-office.
Calendar shipped_calendar(const std::string& id);
/// A local time of Shanghai: instant("2026-11-20T10:00:00") or with an offset written out.
TimePoint instant(const std::string&);
/// Lines of a file below tests/, each split at tabs; the first line (the header) is left out.
std::vector<std::vector<std::string>> rows(const std::string& path);

}  // namespace xieban::test
