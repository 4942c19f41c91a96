#include "tests/adapters/golden_files.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>

namespace xieban::golden {

using nlohmann::json;

std::string folder(const std::string& platform) {
  return std::string(XIEBAN_SOURCE_DIR) + "/tests/adapters/golden/" + platform;
}

std::map<std::string, std::string> read(const std::string& platform) {
  std::map<std::string, std::string> files;
  if (!std::filesystem::exists(folder(platform))) return files;
  for (const auto& entry : std::filesystem::directory_iterator(folder(platform))) {
    if (entry.path().extension() != ".json") continue;
    const std::ifstream file(entry.path());
    std::stringstream text;
    text << file.rdbuf();
    files[entry.path().stem().string()] = text.str();
  }
  return files;
}

void write(const std::string& platform, const std::map<std::string, std::string>& files) {
  std::filesystem::remove_all(folder(platform));
  std::filesystem::create_directories(folder(platform));
  for (const auto& [name, text] : files) std::ofstream(folder(platform) + "/" + name + ".json") << text;
}

json closed(const json& value) {
  if (!value.is_structured()) return value;
  if (value.is_object() && value.size() == 1 && value.contains("json")) return closed(value["json"]).dump();
  json out = value;
  for (json& inner : out) inner = closed(inner);
  return out;
}

}  // namespace xieban::golden
