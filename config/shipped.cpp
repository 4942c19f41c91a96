// What the binary carries: the sample organisation, the example file, holidays and calendars.

#include <stdexcept>

#include "config/load.hpp"
#include "config/working_time.hpp"

namespace xieban::embedded {
std::string_view config_file(std::string_view name);
}  // namespace xieban::embedded

namespace xieban::config {

std::string_view shipped(std::string_view name) { return embedded::config_file(name); }

Loaded sample() {
  const World world{[](const std::string&) { return std::optional<std::string>(); },
                    [](const std::string&) { return std::optional<std::string>(); }};
  auto loaded = load(shipped("sample.toml"), "sample.toml (built in)", world);
  if (!loaded) throw std::logic_error("sample.toml: " + loaded.error().front().key + ": " + loaded.error().front().text);
  return std::move(*loaded);
}

std::shared_ptr<const Holidays> shipped_holidays() {
  static const auto holidays = [] {
    std::vector<Problem> problems;
    return std::make_shared<const Holidays>(parse_holidays(shipped("holidays/cn.json"), "holidays/cn.json", problems));
  }();
  return holidays;
}

const std::vector<CalendarSpec>& shipped_calendars() {
  static const auto calendars = [] {
    std::vector<Problem> problems;
    return parse_calendars(shipped("calendars.json"), "calendars.json", problems);
  }();
  return calendars;
}

}  // namespace xieban::config
