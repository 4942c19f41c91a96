#include "bot/app/cli_worktime.hpp"
#include "bot/app/exit_code.hpp"

#include <algorithm>
#include <charconv>
#include <istream>
#include <ostream>

#include "bot/app/cli_check.hpp"
#include "bot/app/tsv.hpp"
#include "bot/base/text.hpp"
#include "config/working_time.hpp"

namespace xieban::app {
namespace {

constexpr std::string_view kBadArg = "ERROR:arg";
constexpr std::int64_t kMostMinutes = 60LL * 24 * 366 * 100;

std::optional<Minutes> parse_minutes(std::string_view written) {
  std::int64_t value = 0;
  const auto [stop, fault] = std::from_chars(written.data(), written.data() + written.size(), value);
  if (fault != std::errc() || stop != written.data() + written.size() || value < 0 || value > kMostMinutes) return std::nullopt;
  return Minutes{value};
}

std::string instant(std::optional<TimePoint> at, const Calendar& calendar) {
  if (!at || *at >= std::chrono::sys_days{std::chrono::year{9999} / 12 / 31}) return std::string(kBadArg);
  return to_rfc3339(*at, calendar.offset(*at));
}

/// Calendars by id, made when first asked for.
class Calendars {
 public:
  explicit Calendars(std::vector<CalendarSpec> specs) : specs_(std::move(specs)) {}
  /// nullptr: there is none of that id.
  const Calendar* find(std::string_view id) {
    const CalendarId key{std::string(id)};
    if (const auto made = made_.find(key); made != made_.end()) return &made->second;
    const auto spec = std::ranges::find(specs_, key, &CalendarSpec::id);
    if (spec == specs_.end()) return nullptr;
    return &made_.emplace(key, Calendar(*spec, config::shipped_holidays())).first->second;
  }

 private:
  std::vector<CalendarSpec> specs_;
  std::map<CalendarId, Calendar> made_;
};

/// `op⇥calendar⇥start⇥arg` to one line.
std::string answer_row(std::string_view line, Calendars& calendars) {
  auto fields = text::split(line, '\t');
  const bool too_many = fields.size() > 4;
  fields.resize(4);
  const Calendar* found = calendars.find(fields[1]);
  if (found == nullptr) return "ERROR:calendar";
  const Calendar& calendar = *found;
  const std::string_view op = fields[0], arg = fields[3];
  if (op != "add" && op != "next" && op != "between") return "ERROR:op";
  const auto start = parse_rfc3339(fields[2]);
  if (!start || too_many) return std::string(kBadArg);
  if (op == "next") return arg.empty() ? instant(calendar.next(*start), calendar) : std::string(kBadArg);
  if (op == "add") {
    const auto minutes = parse_minutes(arg);
    return minutes ? instant(calendar.add(*start, *minutes), calendar) : std::string(kBadArg);
  }
  const auto end = parse_rfc3339(arg);
  if (!end) return std::string(kBadArg);
  return std::to_string(std::chrono::duration_cast<Minutes>(calendar.between(*start, *end)).count());
}

}  // namespace

int run_worktime(const WorktimeArgs& args, std::istream& in, std::ostream& out, std::ostream& err) {
  if (!args.tsv) {
    err << "xieban worktime: --tsv is missing\nusage: xieban worktime --tsv [--calendars FILE]\n";
    return exit_code::wrong_usage;
  }
  std::optional<std::vector<CalendarSpec>> file;
  if (!args.calendars.empty()) {
    const auto text = args.world.read_file(args.calendars);
    if (!text) {
      err << "xieban worktime: the file " << args.calendars << " cannot be read\n";
      return exit_code::cannot;
    }
    std::vector<config::Problem> problems;
    file = config::parse_calendars(*text, args.calendars, problems);
    for (const auto& problem : problems) err << line_of(problem) << '\n';
    if (!problems.empty()) return exit_code::cannot;
  }
  Calendars calendars(config::all_calendars(file, "Asia/Shanghai"));
  for (std::string line; read_line(in, line);) out << answer_row(line, calendars) << '\n';
  out.flush();
  return exit_code::done;
}

}  // namespace xieban::app
