// Public holidays and make-up days: holidays/cn.json.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "config/dates.hpp"
#include "config/section.hpp"
#include "config/working_time.hpp"

namespace xieban::config {
namespace {

std::optional<LocalDate> read_date(Section& section, std::string_view key) {
  const std::string written = section.required(key, fmt::format("\"{}\": \"2026-10-01\"", key));
  const auto date = parse_date(written);
  if (!date && !written.empty()) section.error(key, fmt::format("\"{}\" is not a date; write \"2026-10-01\"", written));
  return date;
}

void read_block(Section& section, int year, HolidayYear& out) {
  HolidayBlock block;
  block.name = section.required("name", "\"name\": \"国庆节\"");
  block.name_en = section.text("name_en");
  const auto from = read_date(section, "from"), to = read_date(section, "to");
  const auto day = section.has("day") ? read_date(section, "day") : from;
  if (!from || !to || !day) return;
  block.from = *from;
  block.to = *to;
  block.day = *day;
  const int starts = static_cast<int>(block.from.year()), ends = static_cast<int>(block.to.year());
  if (block.to < block.from) {
    section.error("to", fmt::format("{} lies before {}", text_of(block.to), text_of(block.from)));
  } else if (block.day < block.from || block.day > block.to) {
    section.error("day", fmt::format("{} lies outside {} to {}", text_of(block.day), text_of(block.from), text_of(block.to)));
  } else if ((starts != year && starts != year - 1) || (ends != year && ends != year + 1)) {
    section.error("from", fmt::format("{} to {} does not belong to {}", text_of(block.from), text_of(block.to), year));
  } else if (std::chrono::sys_days(block.to) - std::chrono::sys_days(block.from) > std::chrono::days{31}) {
    section.error("to", fmt::format("{} to {} is over a month", text_of(block.from), text_of(block.to)));
  } else {
    out.holidays.push_back(std::move(block));
  }
}

void read_workday(Section& section, int year, HolidayYear& out) {
  const auto date = read_date(section, "date");
  if (!date) return;
  const int written = static_cast<int>(date->year());
  if (written != year && written != year - 1) {
    section.error("date", fmt::format("{} does not belong to {}", text_of(*date), year));
  } else if (std::ranges::find(out.workdays, *date) != out.workdays.end()) {
    section.error("date", fmt::format("{} stands twice; leave one out", text_of(*date)));
  } else {
    out.workdays.push_back(*date);
  }
}

void read_year(Section& section, int year, Holidays& out) {
  HolidayYear entry{.year = year};
  const std::string status = section.required("status", "\"status\": \"official\", or \"absent\" while there is no notice");
  entry.published = !status.empty() && status != "absent";
  for (auto& block : section.tables("holidays")) read_block(block, year, entry);
  for (auto& workday : section.tables("workdays")) read_workday(workday, year, entry);
  if (status == "absent") {
    if (!entry.holidays.empty() || !entry.workdays.empty())
      section.error("status", "says \"absent\", but days are listed; write \"official\"");
    else
      section.warning(
          "", fmt::format("no holidays and make-up days for {}: weekdays and fixed holidays count until the notice is entered",
                          year));
  } else if (const Node* list = section.take("holidays"); !status.empty() && (list == nullptr || list->items.empty())) {
    section.error("holidays", fmt::format("none listed for {}; enter them, or write \"status\": \"absent\"", year));
  }
  out.years[year] = std::move(entry);
}

void read_statutory(Section& section, Holidays& out) {
  const std::string name = section.required("name", "\"name\": \"国庆节\"");
  for (const auto& word : section.words("days")) {
    const auto date = parse_date("2024-" + word.text);  // a leap year: every day of the calendar exists
    if (!date) {
      section.book().error(word.place.at, word.place.key, fmt::format("\"{}\" is not a day; write \"10-01\"", word.text));
    } else {
      out.statutory.emplace_back(name, std::chrono::month_day{date->month(), date->day()});
    }
  }
}

}  // namespace

Holidays parse_holidays(std::string_view json, const std::string& file, std::vector<Problem>& problems) {
  Holidays out;
  Book book(file, problems);
  const auto tree = read_json(book, json, "years");
  if (!tree) return out;
  // Members that explain the data ("source", "note" …) are for people; they are left alone.
  Section root(book, *tree, "");
  if (!root.has("years")) root.error("years", "missing; write \"years\": { \"2026\": { … } }");
  if (auto years = root.table("years")) {
    for (const auto& member : tree->find("years")->members) {
      int year = 0;
      const char* end = member.key.data() + member.key.size();
      const auto [stop, fault] = std::from_chars(member.key.data(), end, year);
      if (fault != std::errc() || stop != end || year < 1970 || year > 9999) {
        book.error(member.at, years->name(member.key), "not a year; write \"2026\"");
      } else if (auto section = years->table(member.key)) {
        read_year(*section, year, out);
      }
    }
  }
  for (auto& section : root.tables("statutory_fixed")) read_statutory(section, out);
  if (auto names = root.table("names")) {
    for (const auto& member : tree->find("names")->members)
      if (auto section = names->table(member.key))
        for (auto& word : section->words("aliases")) out.aliases[member.key].push_back(std::move(word.text));
  }
  return out;
}

}  // namespace xieban::config
