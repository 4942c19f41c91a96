#pragma once
// Requests to the playground's API, read strictly, and its error answers.

#include <expected>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "bot/ports/http.hpp"

namespace xieban {

struct ApiError {
  int status;
  std::string code, message;
  ApiError(int s, std::string c, std::string m) : status(s), code(std::move(c)), message(std::move(m)) {}
};
template <class T>
using Api = std::expected<T, ApiError>;

HttpResponse api_answer(const nlohmann::json&);
HttpResponse api_error(const ApiError&);

ApiError body_too_large();
/// A JSON object with no members but `allowed`: 413, 415, bad_json, bad_field.
Api<nlohmann::json> read_body(const HttpRequest&, std::initializer_list<std::string_view> allowed);
/// A string member that must be there and not be blank.
Api<std::string> text_member(const nlohmann::json&, std::string_view name);

/// localhost, 127.0.0.0/8 or ::1, with or without a port.
bool loopback_host(std::string_view host);

}  // namespace xieban
