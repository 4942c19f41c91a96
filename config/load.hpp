#pragma once
#include <expected>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"

namespace xieban::config {

/// One problem of the file; `xieban check` prints `FILE:LINE:COL: error|warning: KEY: text`.
struct Problem {
  std::string file;
  int line = 1, column = 1;
  bool error = true;
  std::string key;   // "department[2].head"
  std::string text;  // what is wrong and what to write instead
};
/// What the loader asks of the world; tests give their own.
struct World {
  std::function<std::optional<std::string>(const std::string& path)> read_file;
  std::function<std::optional<std::string>(const std::string& name)> environment;
  std::optional<TimePoint> now;  // absent: what depends on the year is not warned of
  /// Whoever talks to the platforms needs the variables of secrets; for others an unset one is a warning.
  enum class Secrets { must_be_set, may_be_unset } secrets = Secrets::must_be_set;
};
World system_world();

struct Loaded {
  Config config;
  std::vector<Problem> warnings;  // ordered by line
};
/// All problems at once, ordered by line; a value only when none of them is an error.
/// `file` names the text in problems and is what relative paths start from.
std::expected<Loaded, std::vector<Problem>> load(std::string_view toml, const std::string& file, const World&);
/// The sample organisation with the playground on; compiled into the binary.
Loaded sample();
/// What `serve --playground` does to a configuration: the playground on, and everybody in it.
void enable_playground(Config&);
/// "127.0.0.1:8080", "[::1]:8080": what `server.listen` and `serve --listen` may be.
bool valid_listen(std::string_view);
/// Text of the sample's and the example's files: "xieban.example.toml", "holidays/cn.json", "calendars.json", "sample.toml".
std::string_view shipped(std::string_view name);

}  // namespace xieban::config
