#pragma once
// The golden files: golden/PLATFORM/NAME.json, what goes over the line for each example of bot/core/brain/samples.hpp.

#include <map>
#include <nlohmann/json.hpp>
#include <string>

namespace xieban::golden {

std::string folder(const std::string& platform);
/// By name, without the ending.
std::map<std::string, std::string> read(const std::string& platform);
void write(const std::string& platform, const std::map<std::string, std::string>&);

/// {"json": …} becomes the text it stood for.
nlohmann::json closed(const nlohmann::json&);

}  // namespace xieban::golden
