#include "adapters/wecom/read.hpp"

#include <charconv>
#include <nlohmann/json.hpp>

namespace xieban::wecom {

using nlohmann::json;

namespace {

constexpr int deepest = 64;

/// Brackets outside of texts: what is nested without end must not be built, nor written again.
bool too_deep(std::string_view bytes) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const char c = bytes[i];
    if (quoted) {
      if (c == '\\') ++i;
      if (c == '"') quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '{' || c == '[') {
      if (++depth > deepest) return true;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return false;
}

}  // namespace

json parse(std::string_view bytes) {
  if (too_deep(bytes)) return json(json::value_t::discarded);
  return json::parse(bytes, nullptr, false);
}

std::string dump(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

const json* member(const json& from, const char* name) {
  if (!from.is_object()) return nullptr;
  const auto found = from.find(name);
  return found == from.end() ? nullptr : &*found;
}

std::string text(const json* value) {
  if (value == nullptr) return {};
  if (value->is_string()) return value->get<std::string>();
  if (value->is_number_integer()) return std::to_string(value->get<std::int64_t>());
  return {};
}

std::string text(const json& from, const char* name) { return text(member(from, name)); }

std::optional<std::int64_t> whole(std::string_view digits) {
  std::int64_t value = 0;
  const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (code != std::errc{} || digits.empty() || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

std::optional<std::int64_t> number(const json* value) {
  if (value == nullptr) return std::nullopt;
  if (value->is_number_integer()) return value->get<std::int64_t>();
  return value->is_string() ? whole(value->get_ref<const std::string&>()) : std::nullopt;
}

std::optional<TimePoint> instant(std::string_view seconds) {
  constexpr std::int64_t latest = 100'000'000'000;  // beyond it a time is nonsense, and sums of it would overflow
  const auto read = whole(seconds);
  if (!read || *read <= 0 || *read > latest) return std::nullopt;
  return TimePoint(std::chrono::seconds(*read));
}

}  // namespace xieban::wecom
