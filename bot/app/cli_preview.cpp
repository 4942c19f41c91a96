#include "bot/app/cli_preview.hpp"
#include "bot/app/exit_code.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <istream>
#include <ostream>

#include "bot/app/cli_check.hpp"
#include "bot/app/tsv.hpp"
#include "bot/core/brain/preview.hpp"
#include "bot/core/rules.hpp"
#include "config/type_names.hpp"

namespace xieban::app {
namespace {

int preview_usage(std::ostream& err, std::string_view what) {
  err << "xieban preview: " << what
      << "\nusage: xieban preview --config FILE --type ID --raised-at T [--department ID] [--requester PERSON] [--until T]\n";
  return exit_code::wrong_usage;
}

std::string line_of(const Foreseen& one, const Rules& rules) {
  return fmt::format("{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\n", to_rfc3339(one.at, rules.office().offset(one.at)),
                     to_iso_duration(one.elapsed), config::name_of(one.clock), config::moment_of(one.rung),
                     one.role ? config::name_of(*one.role) : "-", one.person.value, config::name_of(one.by), field(one.text));
}

std::string ids(const Rules& rules) {
  std::string out;
  for (const auto& policy : rules.types) out += (out.empty() ? "" : ", ") + policy->type.value;
  return out;
}

}  // namespace

int run_preview(const PreviewArgs& args, std::istream&, std::ostream& out, std::ostream& err) {
  const auto raised_at = parse_rfc3339(args.raised_at);
  if (!raised_at) return preview_usage(err, "--raised-at is RFC 3339, e.g. 2026-11-23T10:00:00+08:00");
  const auto until = args.until ? parse_rfc3339(*args.until) : std::optional(*raised_at + std::chrono::days{14});
  if (!until || *until < *raised_at) return preview_usage(err, "--until is RFC 3339 and not before --raised-at");
  config::World world = args.world;
  world.secrets = config::World::Secrets::may_be_unset;
  const auto text = world.read_file(args.config);
  if (!text) {
    err << "xieban preview: the file " << args.config << " cannot be read\n";
    return exit_code::cannot;
  }
  const auto loaded = config::load(*text, args.config, world);
  if (!loaded) {
    for (const auto& problem : loaded.error()) err << line_of(problem) << '\n';
    return exit_code::no;
  }
  const Rules& rules = loaded->config.rules;
  const Organisation& organisation = *rules.organisation;
  const auto policy = rules.type(TypeId(args.type));
  if (!policy) return preview_usage(err, fmt::format("there is no type \"{}\"; there are {}", args.type, ids(rules)));
  if (organisation.departments.empty() || organisation.people.empty()) {
    err << "xieban preview: the configuration has no department or no person\n";
    return exit_code::no;
  }
  const DepartmentId lead = args.department ? DepartmentId(*args.department) : organisation.departments.front().id;
  const PersonId requester = args.requester ? PersonId(*args.requester) : organisation.people.front().id;
  if (rules.people().department(lead) == nullptr)
    return preview_usage(err, fmt::format("there is no department \"{}\"", lead.value));
  if (rules.people().person(requester) == nullptr)
    return preview_usage(err, fmt::format("there is no person \"{}\"", requester.value));

  const auto foreseen = preview(rules, {policy, lead, requester, *raised_at, *until});
  if (!foreseen) {
    err << "xieban preview: " << say(rules.lang, foreseen.error()) << '\n';
    return exit_code::no;
  }
  out << "# local time\telapsed on the clock\tclock\trung\trole\tperson\tchannel\ttext\n";
  for (const Foreseen& one : *foreseen) out << line_of(one, rules);
  out.flush();
  return exit_code::done;
}

}  // namespace xieban::app
