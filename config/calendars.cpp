// Working hours: calendars.json and files of the same schema.

#include <date/tz.h>
#include <fmt/format.h>

#include <algorithm>

#include "bot/base/text.hpp"
#include "config/dates.hpp"
#include "config/section.hpp"
#include "config/working_time.hpp"

namespace xieban::config {
namespace {

constexpr std::array<std::string_view, 7> kDays{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

std::optional<int> day_index(std::string_view name) {
  const auto* const found = std::ranges::find(kDays, name);
  return found == kDays.end() ? std::nullopt : std::optional(static_cast<int>(found - kDays.begin()));
}

/// `[["09:00", "12:00"], ["13:30", "18:00"]]`
std::vector<Interval> read_intervals(Book& book, const Node& list, const std::string& path) {
  constexpr std::string_view kHint = "write intervals: [[\"09:00\", \"12:00\"], [\"13:30\", \"18:00\"]]";
  std::vector<Interval> out;
  if (list.kind != Node::Kind::list) {
    book.error(list.at, path, fmt::format("expected a list, found {}; {}", describe(list.kind), kHint));
    return out;
  }
  for (std::size_t i = 0; i < list.items.size(); ++i) {
    const Node& pair = list.items[i];
    const bool two = pair.kind == Node::Kind::list && pair.items.size() == 2 && pair.items[0].kind == Node::Kind::text &&
                     pair.items[1].kind == Node::Kind::text;
    const auto from = two ? parse_minute_of_day(pair.items[0].text) : std::nullopt;
    const auto to = two ? parse_minute_of_day(pair.items[1].text, true) : std::nullopt;
    if (from && to) {
      out.push_back({*from, *to});
    } else {
      book.error(pair.at, fmt::format("{}[{}]", path, i), fmt::format("not an interval; {}", kHint));
    }
  }
  return out;
}

void read_weekly(Section& weekly, const Node& table, CalendarSpec& spec) {
  std::array<bool, 7> seen{};
  for (const auto& member : table.members) {
    const std::string path = weekly.name(member.key);
    const auto intervals = read_intervals(weekly.book(), member.value, path);
    for (const auto part : text::split(member.key, ',')) {
      const auto index = day_index(text::trim(part));
      if (!index) {
        weekly.book().error(member.at, path,
                            fmt::format("\"{}\" is not a weekday; write Mon, Tue, Wed, Thu, Fri, Sat or Sun", part));
      } else if (seen[static_cast<std::size_t>(*index)]) {
        weekly.book().error(member.at, path, fmt::format("{} stands twice; leave one out", part));
      } else {
        seen[static_cast<std::size_t>(*index)] = true;
        spec.weekly[static_cast<std::size_t>(*index)] = intervals;
      }
    }
  }
}

CalendarSpec read_calendar(Section& section, std::set<std::string, std::less<>>& taken) {
  CalendarSpec spec;
  spec.id = CalendarId(section.required("id", "\"id\": \"office\""));
  if (spec.id.value == "natural" || spec.id.value == "workday") {
    section.error("id", fmt::format("\"{}\" always exists and follows office; choose another id", spec.id.value));
  } else if (!spec.id.empty() && !taken.insert(spec.id.value).second) {
    section.error("id", fmt::format("\"{}\" is taken by a calendar above", spec.id.value));
  }
  spec.zone = section.text("tz", spec.zone);
  if (!zone_exists(spec.zone)) {
    section.error("tz", fmt::format("the time zone \"{}\" is not known; write one such as \"Asia/Shanghai\"", spec.zone));
    spec.zone = "Asia/Shanghai";
  }
  const Node* weekly_node = section.take("weekly");
  if (weekly_node == nullptr)
    section.error("weekly", R"(missing; write "weekly": {"Mon,Tue,Wed,Thu,Fri": [["09:00", "18:00"]]})");
  if (auto weekly = section.table("weekly")) read_weekly(*weekly, *weekly_node, spec);
  spec.chinese_holidays = section.choice("holidays", "", {"cn"}) == "cn";
  if (const std::string day = section.text("makeup_as", "Mon"); const auto index = day_index(day)) {
    spec.makeup_as = *index;
  } else {
    section.error("makeup_as", fmt::format("\"{}\" is not a weekday; write \"Mon\"", day));
  }
  for (const auto& word : section.words("closed")) {
    if (const auto date = parse_date(word.text)) {
      spec.closed.insert(*date);
    } else {
      section.book().error(word.place.at, word.place.key, fmt::format("\"{}\" is not a date; write \"2026-10-01\"", word.text));
    }
  }
  if (auto special = section.table("special")) {
    for (const auto& member : section.take("special")->members) {
      const std::string path = special->name(member.key);
      auto intervals = read_intervals(section.book(), member.value, path);
      if (const auto date = parse_date(member.key)) {
        spec.special[*date] = std::move(intervals);
      } else {
        section.book().error(member.at, path, fmt::format("\"{}\" is not a date; write \"2026-10-01\"", member.key));
      }
    }
  }
  // Hours that could not be read have been reported; here it is about hours nobody wrote.
  const bool none = weekly_node != nullptr && weekly_node->kind == Node::Kind::table &&
                    std::ranges::all_of(weekly_node->members, [](const Member& member) {
                      return member.value.kind == Node::Kind::list && member.value.items.empty();
                    });
  if (none && spec.special.empty())
    section.error("weekly", "no working hours at all: clocks on this calendar would never move; give at least one day hours");
  section.done();
  return spec;
}

}  // namespace

std::vector<CalendarSpec> parse_calendars(std::string_view json, const std::string& file, std::vector<Problem>& problems) {
  std::vector<CalendarSpec> out;
  Book book(file, problems);
  const auto tree = read_json(book, json, "calendars");
  if (!tree) return out;
  Section root(book, *tree, "");
  if (!root.has("calendars")) root.error("calendars", "missing; write \"calendars\": [ { \"id\": … } ]");
  std::set<std::string, std::less<>> taken;
  for (auto& section : root.tables("calendars")) {
    CalendarSpec spec = read_calendar(section, taken);
    if (!spec.id.empty()) out.push_back(std::move(spec));
  }
  return out;
}

std::vector<CalendarSpec> all_calendars(const std::optional<std::vector<CalendarSpec>>& file, const std::string& zone) {
  std::vector<CalendarSpec> out = file ? *file : shipped_calendars();
  const auto by_id = [](const std::vector<CalendarSpec>& specs, std::string_view id) -> const CalendarSpec* {
    const auto found = std::ranges::find_if(specs, [&](const CalendarSpec& spec) { return spec.id.value == id; });
    return found == specs.end() ? nullptr : &*found;
  };
  CalendarSpec office;
  if (const CalendarSpec* own = by_id(out, "office")) {
    office = *own;
  } else {
    const CalendarSpec* named = file ? by_id(out, "cn-office") : nullptr;
    office = named != nullptr ? *named : *by_id(shipped_calendars(), "cn-office");
    if (named == nullptr) office.zone = zone;
    office.id = CalendarId("office");
    out.push_back(office);
  }
  CalendarSpec natural = natural_calendar(office), workday = workday_calendar(office);
  natural.id = CalendarId("natural");
  workday.id = CalendarId("workday");
  out.push_back(std::move(natural));
  out.push_back(std::move(workday));
  return out;
}

std::map<CalendarId, Calendar> make_calendars(const std::vector<CalendarSpec>& specs,
                                              const std::shared_ptr<const Holidays>& holidays) {
  std::map<CalendarId, Calendar> out;
  for (const auto& spec : specs) out.emplace(spec.id, Calendar(spec, holidays));
  return out;
}

std::uint64_t digest(const std::vector<CalendarSpec>& calendars, const Holidays& holidays) {
  // FNV-1a over a text that names every value; the order of the calendars in the file does not matter.
  std::map<std::string, std::string> texts;
  const auto hours = [](const std::vector<Interval>& intervals) {
    std::string out;
    for (const auto& interval : intervals) out += fmt::format("{}-{},", interval.start, interval.end);
    return out;
  };
  for (const auto& spec : calendars) {
    std::string& text = texts[spec.id.value];
    text = fmt::format("{}|{}|{}|", spec.zone, spec.chinese_holidays, spec.makeup_as);
    for (const auto& day : spec.weekly) text += hours(day) + ";";
    for (const auto& date : spec.closed) text += text_of(date) + ";";
    for (const auto& [date, intervals] : spec.special) text += text_of(date) + "=" + hours(intervals) + ";";
  }
  std::string all;
  for (const auto& [id, text] : texts) all += id + "\n" + text + "\n";
  for (const auto& [year, entry] : holidays.years) {
    all += fmt::format("{} {}\n", year, entry.published);
    for (const auto& block : entry.holidays)
      all += fmt::format("{} {} {} {}\n", block.name, text_of(block.from), text_of(block.to), text_of(block.day));
    for (const auto& date : entry.workdays) all += text_of(date) + "\n";
  }
  for (const auto& [name, day] : holidays.statutory)
    all += fmt::format("{} {}-{}\n", name, static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()));
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : all) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3ULL;
  }
  return std::max<std::uint64_t>(hash & 0x7fffffffffffffffULL, 1);
}

bool zone_exists(const std::string& zone) {
  try {
    date::locate_zone(zone);
    return true;
  } catch (const std::runtime_error&) {
    return false;
  }
}

}  // namespace xieban::config
