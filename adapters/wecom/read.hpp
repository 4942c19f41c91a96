#pragma once
// Tolerant readers of JSON that others wrote.

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "bot/base/time.hpp"

namespace xieban::wecom {

/// A discarded value for what is no JSON, or nested more than 64 deep.
nlohmann::json parse(std::string_view);
/// Bytes that are no UTF-8 are replaced, so that nothing becomes impossible to send.
std::string dump(const nlohmann::json&);

/// nullptr when `from` is no object or has no such member.
const nlohmann::json* member(const nlohmann::json& from, const char* name);
/// A text, or a number as text; empty for everything else, and for nullptr.
std::string text(const nlohmann::json* value);
std::string text(const nlohmann::json& from, const char* name);
/// Digits and nothing else, perhaps behind a minus.
std::optional<std::int64_t> whole(std::string_view digits);
/// A number, or a text of digits.
std::optional<std::int64_t> number(const nlohmann::json* value);

/// Unix seconds as the platform writes them; nullopt for what is none.
std::optional<TimePoint> instant(std::string_view seconds);

}  // namespace xieban::wecom
