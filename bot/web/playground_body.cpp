#include "bot/web/playground_body.hpp"

#include <algorithm>
#include <cctype>
#include <set>
#include <vector>

#include "bot/base/text.hpp"

namespace xieban {

using nlohmann::json;

namespace {

constexpr std::size_t largest_body = std::size_t{1024} * 1024;
constexpr int deepest = 8;

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

bool is_json(std::string_view content_type) {
  return lower(text::trim(content_type.substr(0, content_type.find(';')))) == "application/json";
}

/// Keys twice in one object and deep nesting are refused: what was meant is not clear, and nothing of ours looks like that.
std::expected<json, std::string> parse(const std::string& body) {
  std::vector<std::set<std::string>> keys;
  std::string wrong;
  const json::parser_callback_t watch = [&](int depth, json::parse_event_t event, json& value) {
    if (event == json::parse_event_t::object_start) keys.emplace_back();
    if (event == json::parse_event_t::object_end && !keys.empty()) keys.pop_back();
    if (event == json::parse_event_t::key && !keys.empty() && !keys.back().insert(value.get<std::string>()).second &&
        wrong.empty()) {
      wrong = "the member \"" + value.get<std::string>() + "\" comes twice";
    }
    if (depth > deepest && wrong.empty()) wrong = "the body is nested too deeply";
    return true;
  };
  json parsed = json::parse(body, watch, false);
  if (parsed.is_discarded()) return std::unexpected(std::string("the body is not JSON"));
  if (!wrong.empty()) return std::unexpected(wrong);
  if (!parsed.is_object()) return std::unexpected(std::string("the body is not a JSON object"));
  return parsed;
}

}  // namespace

HttpResponse api_answer(const json& body) {
  HttpResponse response(200, body.dump(-1, ' ', false, json::error_handler_t::replace), "application/json; charset=utf-8");
  response.headers.set("Cache-Control", "no-store");
  response.headers.set("X-Content-Type-Options", "nosniff");
  return response;
}

HttpResponse api_error(const ApiError& error) {
  HttpResponse response = api_answer({{"error", {{"code", error.code}, {"message", error.message}}}});
  response.status = error.status;
  if (error.status == 503) response.headers.set("Retry-After", "2");
  return response;
}

ApiError body_too_large() { return ApiError(413, "too_large", "the body is over 1 MiB"); }

Api<json> read_body(const HttpRequest& request, std::initializer_list<std::string_view> allowed) {
  if (!is_json(request.headers.get("Content-Type"))) {
    return std::unexpected(ApiError(415, "bad_content_type", "Content-Type must be application/json"));
  }
  if (request.body.size() > largest_body) return std::unexpected(body_too_large());
  std::expected<json, std::string> body = parse(request.body);
  if (!body) return std::unexpected(ApiError(400, "bad_json", body.error()));
  for (const auto& [name, value] : body->items()) {
    if (std::find(allowed.begin(), allowed.end(), name) == allowed.end()) {
      return std::unexpected(ApiError(400, "bad_field", "unknown member \"" + name + "\""));
    }
  }
  return std::move(*body);
}

Api<std::string> text_member(const json& body, std::string_view name) {
  const auto found = body.find(name);
  if (found == body.end()) return std::unexpected(ApiError(400, "bad_field", "\"" + std::string(name) + "\" is missing"));
  if (!found->is_string()) return std::unexpected(ApiError(400, "bad_field", "\"" + std::string(name) + "\" must be a string"));
  const std::string text = found->get<std::string>();
  if (text::trim(text).empty()) {
    return std::unexpected(ApiError(400, "bad_field", "\"" + std::string(name) + "\" must not be empty"));
  }
  return text;
}

bool loopback_host(std::string_view host) {
  std::string name = lower(text::trim(host));
  std::string_view port;
  const std::string_view whole = name;
  std::string_view bare = whole;
  if (whole.starts_with('[')) {
    const std::size_t end = whole.find(']');
    if (end == std::string_view::npos) return false;
    bare = whole.substr(1, end - 1);
    port = whole.substr(end + 1);
    if (!port.empty() && !port.starts_with(':')) return false;
    if (!port.empty()) port.remove_prefix(1);
  } else if (const std::size_t colon = whole.find(':'); colon != std::string_view::npos) {
    bare = whole.substr(0, colon);
    port = whole.substr(colon + 1);
  }
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (!std::all_of(port.begin(), port.end(), digit)) return false;
  if (bare == "localhost" || bare == "::1") return true;
  // 127.a.b.c and nothing that only begins like it (127.0.0.1.example.com).
  const std::vector<std::string_view> parts = text::split(bare, '.');
  if (parts.size() != 4 || parts.front() != "127") return false;
  return std::all_of(parts.begin(), parts.end(), [&](std::string_view part) {
    return !part.empty() && part.size() <= 3 && std::all_of(part.begin(), part.end(), digit);
  });
}

}  // namespace xieban
