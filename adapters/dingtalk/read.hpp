#pragma once
// Tolerant readers: the platform's samples print numbers as strings and booleans as words, and real traffic does both.

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bot/base/time.hpp"

namespace xieban::dingtalk {

/// A discarded value for what is no JSON.
nlohmann::json parse(std::string_view);
/// Bytes that are no UTF-8 are replaced, so that nothing becomes impossible to send.
std::string dump(const nlohmann::json&);

/// nullptr when `from` is no object or has no such member.
const nlohmann::json* member(const nlohmann::json& from, const char* name);
/// Of an API whose answers differ in the case of the first letter: "code", "Code".
const nlohmann::json* either(const nlohmann::json& from, const char* name, const char* other);

/// A text, or a number as text; empty for everything else.
std::string text(const nlohmann::json* value);
std::string text(const nlohmann::json& from, const char* name);
std::optional<std::int64_t> number(const nlohmann::json* value);
/// true, "true", 1.
bool truth(const nlohmann::json* value);
/// A list of texts, or one text as a list of one.
std::vector<std::string> texts(const nlohmann::json* value);
/// Unix milliseconds, or seconds when there are ten digits or fewer.
std::optional<TimePoint> instant(const nlohmann::json* value);

}  // namespace xieban::dingtalk
