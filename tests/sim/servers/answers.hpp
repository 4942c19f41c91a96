#pragma once
// Small things every platform's HTTP API needs.

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "bot/ports/http.hpp"

namespace xieban::sim {

/// Bytes that are no UTF-8 are replaced.
std::string dump(const nlohmann::json&);
HttpResponse json_response(const nlohmann::json& body, int status = 200);
/// "/a//b/" -> {"a", "b"}
std::vector<std::string> segments(std::string_view path);

/// A member that is a string; empty for anything else.
std::string text_of(const nlohmann::json& object, const char* member);
nlohmann::json object_of(const nlohmann::json& object, const char* member);

}  // namespace xieban::sim
