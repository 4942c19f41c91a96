#include "bot/app/cli_check.hpp"
#include "bot/app/exit_code.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <istream>
#include <ostream>
#include <tuple>

#include "config/node.hpp"

namespace xieban::app {

namespace {

/// Where "feishu[0].app_secret" stands: the value, or the innermost table of it that there is.
config::At find(const config::Node& root, std::string_view key) {
  const config::Node* node = &root;
  config::At at = root.at;
  while (!key.empty()) {
    const auto end = std::min(key.find('.'), key.size());
    std::string_view step = key.substr(0, end);
    key.remove_prefix(std::min(end + 1, key.size()));
    std::size_t item = 0;
    const auto bracket = step.find('[');
    const bool listed = bracket != std::string_view::npos;
    if (listed) {
      std::from_chars(step.data() + bracket + 1, step.data() + step.size(), item);
      step = step.substr(0, bracket);
    }
    node = node->find(step);
    if (node != nullptr && listed) node = item < node->items.size() ? &node->items[item] : nullptr;
    if (node == nullptr) return at;
    at = node->at;
  }
  return at;
}

/// Their places, and all in the order of the file.
void put_in_place(std::vector<config::Problem>& problems, const std::string& text, const std::string& file) {
  const config::TomlText toml = config::parse_toml(text);
  for (auto& problem : problems) {
    if (!problem.file.empty()) continue;
    const config::At at = find(toml.root, problem.key);
    problem.file = file;
    problem.line = at.line;
    problem.column = at.column;
  }
  std::ranges::stable_sort(problems, {}, [&](const config::Problem& problem) {
    return std::tuple(problem.file != file, std::string_view(problem.file), problem.line, problem.column);
  });
}

}  // namespace

std::string line_of(const config::Problem& problem) {
  return fmt::format("{}:{}:{}: {}: {}: {}", problem.file, problem.line, problem.column, problem.error ? "error" : "warning",
                     problem.key, problem.text);
}

int run_check(const CheckArgs& args, std::istream&, std::ostream& out, std::ostream& err) {
  const auto text = args.world.read_file(args.config);
  if (!text) {
    err << "xieban check: the file " << args.config << " cannot be read\n";
    return exit_code::cannot;
  }
  config::World world = args.world;
  world.secrets = config::World::Secrets::may_be_unset;
  const auto loaded = config::load(*text, args.config, world);
  std::vector<config::Problem> problems = loaded ? loaded->warnings : loaded.error();
  std::ptrdiff_t unreachable = 0;
  if (args.online && loaded && args.ask_platforms) {
    Asked asked = args.ask_platforms(loaded->config);
    unreachable = asked.unreachable;
    std::ranges::move(asked.problems, std::back_inserter(problems));
    put_in_place(problems, *text, args.config);
  }
  for (const auto& problem : problems) out << line_of(problem) << '\n';
  const auto errors = std::ranges::count_if(problems, &config::Problem::error);
  out << errors << " errors, " << static_cast<std::ptrdiff_t>(problems.size()) - errors << " warnings\n";
  if (errors == 0) return exit_code::done;
  return errors == unreachable ? exit_code::cannot : exit_code::no;
}

}  // namespace xieban::app
