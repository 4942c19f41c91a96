#include "tests/core/calendar_files.hpp"

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "bot/base/text.hpp"

namespace xieban::test {
namespace {

using nlohmann::json;

json read(const std::string& path) {
  std::ifstream file(std::string(XIEBAN_SOURCE_DIR "/") + path);
  if (!file) throw std::runtime_error("cannot read " + path);
  return json::parse(file);
}

LocalDate date(const std::string& iso) {
  return LocalDate{std::chrono::floor<std::chrono::days>(*parse_rfc3339(iso + "T00:00:00Z"))};
}

int minute(const std::string& clock) { return std::stoi(clock.substr(0, 2)) * 60 + std::stoi(clock.substr(3, 2)); }

std::vector<Interval> intervals(const json& list) {
  std::vector<Interval> out;
  for (const json& one : list) out.push_back({minute(one[0]), minute(one[1])});
  return out;
}

CalendarSpec spec(const json& entry) {
  static const std::vector<std::string> names{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
  const auto index = [](std::string_view name) {
    return static_cast<std::size_t>(std::ranges::find(names, name) - names.begin());
  };
  CalendarSpec out;
  out.id = CalendarId{entry.at("id").get<std::string>()};
  out.zone = entry.at("tz");
  for (const auto& [list, hours] : entry.at("weekly").items()) {
    for (const std::string_view name : text::split(list, ',')) out.weekly.at(index(name)) = intervals(hours);
  }
  out.chinese_holidays = entry.value("holidays", "") == "cn";
  if (entry.contains("makeup_as")) out.makeup_as = static_cast<int>(index(entry["makeup_as"].get<std::string>()));
  for (const json& one : entry.value("closed", json::array())) out.closed.insert(date(one));
  const json special = entry.value("special", json::object());
  for (const auto& [on, hours] : special.items()) out.special[date(on)] = intervals(hours);
  return out;
}

}  // namespace

std::shared_ptr<const Holidays> shipped_holidays() {
  static const auto all = [] {
    const json file = read("config/holidays/cn.json");
    auto out = std::make_shared<Holidays>();
    for (const json& entry : file.at("statutory_fixed")) {
      for (const std::string day : entry.at("days")) {
        out->statutory.emplace_back(
            entry.at("name"), std::chrono::month_day{std::chrono::month{static_cast<unsigned>(std::stoi(day.substr(0, 2)))},
                                                     std::chrono::day{static_cast<unsigned>(std::stoi(day.substr(3, 2)))}});
      }
    }
    for (const auto& [name, entry] : file.at("names").items())
      out->aliases[name] = entry.at("aliases").get<std::vector<std::string>>();
    for (const auto& [number, entry] : file.at("years").items()) {
      HolidayYear year;
      year.year = std::stoi(number);
      year.published = entry.at("status") != "absent";
      for (const json& block : entry.value("holidays", json::array())) {
        year.holidays.push_back({block.at("name"), block.value("name_en", ""), date(block.at("from")), date(block.at("to")),
                                 date(block.value("day", block.at("from").get<std::string>()))});
      }
      for (const json& one : entry.value("workdays", json::array()))
        year.workdays.push_back(date(one.is_string() ? one.get<std::string>() : one.at("date").get<std::string>()));
      out->years[year.year] = std::move(year);
    }
    return std::shared_ptr<const Holidays>(std::move(out));
  }();
  return all;
}

Calendar shipped_calendar(const std::string& id) {
  static const auto all = [] {
    std::map<std::string, Calendar> out;
    const json file = read("config/calendars.json");
    for (const json& entry : file.at("calendars")) {
      CalendarSpec one = spec(entry);
      if (one.id.value == "cn-office") {
        out.emplace("natural", Calendar(natural_calendar(one), shipped_holidays()));
        out.emplace("workday", Calendar(workday_calendar(one), shipped_holidays()));
      }
      out.emplace(one.id.value, Calendar(one, shipped_holidays()));
    }
    return out;
  }();
  return all.at(id);
}

TimePoint instant(const std::string& text) {
  const auto found = parse_rfc3339(text.size() > 19 ? text : text + "+08:00");
  if (!found) throw std::runtime_error("not an instant: " + text);
  return *found;
}

std::vector<std::vector<std::string>> rows(const std::string& path) {
  std::ifstream file(std::string(XIEBAN_SOURCE_DIR "/tests/") + path);
  if (!file) throw std::runtime_error("cannot read " + path);
  std::vector<std::vector<std::string>> out;
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    std::vector<std::string> cells;
    for (const std::string_view cell : text::split(line, '\t')) cells.emplace_back(cell);
    out.push_back(std::move(cells));
  }
  return out;
}

}  // namespace xieban::test
