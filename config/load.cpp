#include "config/load.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <tuple>

#include "config/draft.hpp"
#include "config/working_time.hpp"

namespace xieban::config {
namespace {

/// The text of a file the configuration names; nullopt after a report.
std::optional<std::string> read_data(const Reading& reading, const std::string& path, const Place& place) {
  auto text = reading.world.read_file(path);
  if (!text)
    reading.book.error(place.at, place.key,
                       "the file " + path + " cannot be read; paths start at the configuration file's folder");
  return text;
}

std::shared_ptr<const Holidays> load_holidays(const Reading& reading, std::vector<Problem>& problems) {
  constexpr std::string_view kShipped = "holidays/cn.json";
  const Draft& draft = reading.draft;
  const std::string path = resolve_path(reading, draft.holidays_file);
  if (draft.holidays_file.empty() || (draft.holidays_file == kShipped && !reading.world.read_file(path))) {
    if (!draft.holidays_file.empty())
      reading.book.warning(
          draft.holidays_place.at, draft.holidays_place.key,
          "the file " + path +
              " is not there: the holidays built into xieban are used; put the file there to keep them up to date");
    return std::make_shared<const Holidays>(parse_holidays(shipped(kShipped), "holidays/cn.json (built in)", problems));
  }
  const auto text = read_data(reading, path, draft.holidays_place);
  if (!text) return shipped_holidays();
  return std::make_shared<const Holidays>(parse_holidays(*text, path, problems));
}

/// Years that clocks count through now, and for which the holiday file has no entry at all. One that says "absent" is
/// reported where it stands.
void warn_of_years(const Reading& reading, const Holidays& holidays, const std::vector<CalendarSpec>& calendars) {
  if (!reading.world.now || std::ranges::none_of(calendars, &CalendarSpec::chinese_holidays)) return;
  const auto today = std::chrono::floor<std::chrono::days>(*reading.world.now + std::chrono::hours(8));  // in China
  const int year = static_cast<int>(LocalDate{today}.year());
  for (const int one : {year, year + 1}) {
    if (holidays.years.contains(one)) continue;
    reading.book.warning(
        reading.draft.holidays_place.at, "company.holidays",
        "the file has no year " + std::to_string(one) + ": weekdays and fixed holidays count until the notice is entered");
  }
}

std::vector<CalendarSpec> load_calendars(const Reading& reading, std::vector<Problem>& problems) {
  const Draft& draft = reading.draft;
  std::optional<std::vector<CalendarSpec>> file;
  if (!draft.calendars_file.empty()) {
    const std::string path = resolve_path(reading, draft.calendars_file);
    if (const auto text = read_data(reading, path, draft.calendars_place)) file = parse_calendars(*text, path, problems);
  }
  return all_calendars(file, zone_exists(draft.timezone) ? draft.timezone : "Asia/Shanghai");
}

/// Every person stands in the playground under the id of the configuration, where nothing else is written.
void add_playground_identities(Organisation& organisation) {
  const AppId app("playground:main");
  for (auto& person : organisation.people)
    if (std::ranges::find(person.identities, app, &IdentityKey::app) == person.identities.end())
      person.identities.push_back({app, UserId(person.id.value)});
}

/// By file, the configuration first; within it by line.
void sort_problems(std::vector<Problem>& problems, const std::string& file) {
  std::ranges::stable_sort(problems, {}, [&](const Problem& problem) {
    return std::tuple(problem.file != file, std::string_view(problem.file), problem.line, problem.column);
  });
}

}  // namespace

World system_world() {
  World world;
  world.read_file = [](const std::string& path) -> std::optional<std::string> {
    std::error_code fault;
    if (!std::filesystem::exists(path, fault) || std::filesystem::is_directory(path, fault)) return std::nullopt;
    std::ifstream in(path, std::ios::binary);
    if (!in) return std::nullopt;
    std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    if (in.bad()) return std::nullopt;
    return text;
  };
  world.environment = [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    return value != nullptr ? std::optional<std::string>(value) : std::nullopt;
  };
  return world;
}

std::expected<Loaded, std::vector<Problem>> load(std::string_view toml, const std::string& file, const World& world) {
  std::vector<Problem> problems;
  Book book(file, problems);
  const TomlText text = parse_toml(toml);
  for (const auto& error : text.errors) book.error(error.at, "toml", error.text);
  book.lost_keys.insert(text.lost_keys.begin(), text.lost_keys.end());
  if (!text.readable) return std::unexpected(std::move(problems));

  Draft draft;
  Reading reading{book, world, std::filesystem::path(file).parent_path().string(), draft};
  Section root(book, text.root, "");
  read_service(root, reading);
  read_organisation(root, reading);
  read_types(root, reading);
  read_apps(root, reading);
  root.done();
  const auto holidays = load_holidays(reading, problems);
  const auto calendars = load_calendars(reading, problems);
  warn_of_years(reading, *holidays, calendars);
  validate(draft, book, calendars, root);

  sort_problems(problems, file);
  if (std::ranges::any_of(problems, &Problem::error)) return std::unexpected(std::move(problems));
  if (draft.config.playground.enabled) add_playground_identities(draft.organisation);
  draft.config.rules = build_rules(draft, calendars, holidays);
  return Loaded{std::move(draft.config), std::move(problems)};
}

void enable_playground(Config& config) {
  config.playground.enabled = true;
  Organisation organisation = *config.rules.organisation;
  add_playground_identities(organisation);
  config.rules.organisation = std::make_shared<const Organisation>(std::move(organisation));
}

}  // namespace xieban::config
