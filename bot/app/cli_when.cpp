#include "bot/app/cli_when.hpp"
#include "bot/app/exit_code.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <istream>
#include <ostream>

#include "bot/app/tsv.hpp"
#include "bot/base/text.hpp"
#include "bot/core/clock/when.hpp"
#include "config/working_time.hpp"

namespace xieban::app {
namespace {

constexpr std::string_view kUsage =
    "usage: xieban when [--now T] [--calendar ID] [--urgency normal|urgent] [--lang zh|en] TEXT…\n"
    "       xieban when --tsv [--calendar ID]\n";

int when_usage(std::ostream& err, std::string_view what) {
  err << "xieban when: " << what << '\n' << kUsage;
  return exit_code::wrong_usage;
}

std::string instant(TimePoint at, const Calendar& calendar) { return to_rfc3339(at, calendar.offset(at)); }

/// `now⇥expression[⇥lang[⇥ctx]]` to one line.
std::string answer_row(std::string_view line, const Calendar& calendar, Lang lang, bool urgent) {
  const auto fields = text::split(line, '\t');
  const auto now = fields.empty() ? std::nullopt : parse_rfc3339(fields[0]);
  const bool known_context =
      fields.size() < 4 || fields[3].empty() || fields[3] == "urgency=urgent" || fields[3] == "urgency=normal";
  if (!now || fields.size() > 4 || !known_context) return "ERROR:row";
  if (fields.size() > 2 && !fields[2].empty()) lang = fields[2] == "en" ? Lang::en : Lang::zh;
  if (fields.size() > 3 && !fields[3].empty()) urgent = fields[3] == "urgency=urgent";
  const auto due = parse_due(fields.size() > 1 ? fields[1] : std::string_view(), calendar, *now, urgent, lang);
  if (due) return fmt::format("{}\t{}\t{}", instant(due->at, calendar), fmt::join(due->warnings, ","), field(due->echo));
  std::string out = fmt::format("ERROR:{}\t{}", due.error().kind, field(due.error().message));
  for (const auto& suggestion : due.error().suggestions) out += "\t" + field(suggestion);
  return out;
}

int answer_one(const WhenArgs& args, const Calendar& calendar, TimePoint now, std::ostream& out) {
  const auto due = parse_due(fmt::format("{}", fmt::join(args.words, " ")), calendar, now, args.urgency == "urgent",
                             args.lang == "en" ? Lang::en : Lang::zh);
  if (!due) {
    out << "ERROR:" << due.error().kind << '\n' << field(due.error().message) << '\n';
    for (const auto& suggestion : due.error().suggestions) out << "try: " << field(suggestion) << '\n';
    return exit_code::no;
  }
  out << instant(due->at, calendar) << '\n' << field(due->echo) << '\n';
  for (const auto& warning : due->warnings) out << "warning: " << warning << '\n';
  for (const auto& instead : due->instead) out << "try: " << field(instead) << '\n';
  return exit_code::done;
}

}  // namespace

int run_when(const WhenArgs& args, std::istream& in, std::ostream& out, std::ostream& err) {
  if (args.urgency != "normal" && args.urgency != "urgent") return when_usage(err, "--urgency is normal or urgent");
  if (args.lang != "zh" && args.lang != "en") return when_usage(err, "--lang is zh or en");
  const auto specs = config::all_calendars(std::nullopt, "Asia/Shanghai");
  const auto found = std::ranges::find(specs, CalendarId(args.calendar), &CalendarSpec::id);
  if (found == specs.end()) return when_usage(err, fmt::format("there is no calendar \"{}\"", args.calendar));
  const Calendar calendar(*found, config::shipped_holidays());
  if (args.tsv) {
    if (!args.words.empty() || args.now) return when_usage(err, "--tsv reads now and expression from standard input");
    const Lang lang = args.lang == "en" ? Lang::en : Lang::zh;
    for (std::string line; read_line(in, line);) out << answer_row(line, calendar, lang, args.urgency == "urgent") << '\n';
    out.flush();
    return exit_code::done;
  }
  if (args.words.empty()) return when_usage(err, "no expression given");
  TimePoint now = args.system_now;
  if (args.now) {
    const auto parsed = parse_rfc3339(*args.now);
    if (!parsed) return when_usage(err, fmt::format("--now \"{}\" is not RFC 3339, e.g. 2026-11-20T10:00:00+08:00", *args.now));
    now = *parsed;
  }
  return answer_one(args, calendar, now, out);
}

}  // namespace xieban::app
