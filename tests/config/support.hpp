#pragma once
// A world of files and variables in memory, and short ways to ask what a configuration is worth.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/load.hpp"

namespace xieban::config {

struct FakeWorld {
  std::map<std::string, std::string> files, variables;
  bool any_variable = false;  // every variable is set, to "x"

  [[nodiscard]] World world() const {
    World world;
    world.read_file = [files = files](const std::string& path) -> std::optional<std::string> {
      const auto found = files.find(path);
      return found == files.end() ? std::nullopt : std::optional(found->second);
    };
    world.environment = [variables = variables, any = any_variable](const std::string& name) -> std::optional<std::string> {
      const auto found = variables.find(name);
      if (found == variables.end()) return any ? std::optional<std::string>("x") : std::nullopt;
      return found->second;
    };
    return world;
  }
};

/// A company in which everything is in order; tests add to it.
inline constexpr std::string_view kCompany = R"([company]
name = "测试公司"
leadership_group = ["boss"]
pmo = "pmo"
[[department]]
id = "tech"
name = "技术部"
head = "wang"
liaisons = ["zhao"]
[[department]]
id = "pmo"
name = "企管部"
head = "guo"
[[person]]
id = "wang"
name = "王工"
department = "tech"
[[person]]
id = "zhao"
name = "赵技"
department = "tech"
[[person]]
id = "guo"
name = "郭立"
department = "pmo"
[[person]]
id = "boss"
name = "陈总"
)";
inline const int kCompanyLines = static_cast<int>(std::ranges::count(kCompany, '\n'));

/// "LINE:COL error KEY: text" of the file itself; what the built-in holidays say about next year is left out.
inline std::vector<std::string> lines_of(const std::vector<Problem>& problems) {
  std::vector<std::string> out;
  for (const auto& p : problems)
    if (!p.file.ends_with("(built in)"))
      out.push_back((p.file == "x.toml" ? "" : p.file + ":") + std::to_string(p.line) + ":" + std::to_string(p.column) +
                    (p.error ? " error " : " warning ") + p.key + ": " + p.text);
  return out;
}

inline std::vector<std::string> problems_of(std::string_view toml, const FakeWorld& world = {}) {
  const auto loaded = load(toml, "x.toml", world.world());
  return lines_of(loaded ? loaded->warnings : loaded.error());
}

/// The company and what is added to it; lines of problems count from the first added line.
inline std::vector<std::string> problems_with(std::string_view added, const FakeWorld& world = {}) {
  const auto loaded = load(std::string(kCompany) + std::string(added), "x.toml", world.world());
  auto problems = loaded ? loaded->warnings : loaded.error();
  for (auto& problem : problems)
    if (problem.file == "x.toml") problem.line -= kCompanyLines;
  return lines_of(problems);
}

inline Config config_with(std::string_view added, const FakeWorld& world = {}) {
  auto loaded = load(std::string(kCompany) + std::string(added), "x.toml", world.world());
  if (!loaded) {
    for (const auto& line : lines_of(loaded.error())) ADD_FAILURE() << line;
    return {};
  }
  return std::move(loaded->config);
}

}  // namespace xieban::config
