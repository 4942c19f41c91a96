#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/rules/rules.hpp"

namespace xieban::rules {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 7> not_ours{"build", "node_modules", ".git", "dist", "xieban-data", ".cache", "Testing"};
constexpr std::array<std::string_view, 19> text_endings{".cpp", ".hpp",  ".txt",   ".json",    ".md",   ".ts",  ".tsx",
                                                        ".css", ".html", ".sql",   ".sh",      ".toml", ".tsv", ".yml",
                                                        ".cfg", ".conf", ".proto", ".service", ".cmake"};

bool is_text(const fs::path& path) {
  const std::string ending = path.extension().string();
  if (!ending.empty()) return std::find(text_endings.begin(), text_endings.end(), ending) != text_endings.end();
  // deploy/run, deploy/test, .ci/run and the like
  const std::string folder = path.parent_path().filename().string();
  return folder == "deploy" || folder == ".ci";
}

}  // namespace

bool is_source(const File& file) { return file.path.ends_with(".cpp") || file.path.ends_with(".hpp"); }

bool is_production(const File& file) { return is_source(file) && !file.path.starts_with("tests/"); }

std::vector<File> read_tree(const std::string& root) {
  std::vector<File> files;
  for (auto entry = fs::recursive_directory_iterator(root); entry != fs::recursive_directory_iterator(); ++entry) {
    const std::string name = entry->path().filename().string();
    if (entry->is_directory()) {
      if (std::find(not_ours.begin(), not_ours.end(), name) != not_ours.end()) entry.disable_recursion_pending();
      continue;
    }
    if (!entry->is_regular_file() || !is_text(entry->path())) continue;
    std::ifstream in(entry->path(), std::ios::binary);
    std::stringstream text;
    text << in.rdbuf();
    files.push_back({fs::relative(entry->path(), root).string(), text.str()});
  }
  std::sort(files.begin(), files.end(), [](const File& a, const File& b) { return a.path < b.path; });
  return files;
}

}  // namespace xieban::rules
