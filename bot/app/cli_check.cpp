#include "bot/app/cli_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <istream>
#include <ostream>

namespace xieban::app {

std::string line_of(const config::Problem& problem) {
  return fmt::format("{}:{}:{}: {}: {}{}{}", problem.file, problem.line, problem.column, problem.error ? "error" : "warning",
                     problem.key, problem.key.empty() ? "" : ": ", problem.text);
}

int run_check(const CheckArgs& args, std::istream&, std::ostream& out, std::ostream& err) {
  const auto text = args.world.read_file(args.config);
  if (!text) {
    err << "xieban check: the file " << args.config << " cannot be read\n";
    return 3;
  }
  const auto loaded = config::load(*text, args.config, args.world);
  std::vector<config::Problem> problems = loaded ? loaded->warnings : loaded.error();
  if (args.online && loaded) {
    const auto& config = loaded->config;
    const bool apps = !config.feishu.empty() || !config.dingtalk.empty() || !config.wecom.empty();
    if (args.ask_platforms) {
      std::ranges::copy(args.ask_platforms(config), std::back_inserter(problems));
    } else if (apps) {
      err << "xieban check: this version cannot ask the platforms; only the file was checked\n";
    }
  }
  for (const auto& problem : problems) out << line_of(problem) << '\n';
  const auto errors = std::ranges::count_if(problems, &config::Problem::error);
  out << errors << " errors, " << static_cast<std::ptrdiff_t>(problems.size()) - errors << " warnings\n";
  return errors == 0 ? 0 : 1;
}

}  // namespace xieban::app
