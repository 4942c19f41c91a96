#include "adapters/dingtalk/read.hpp"

#include <charconv>
#include <nlohmann/json.hpp>

namespace xieban::dingtalk {

using nlohmann::json;

json parse(std::string_view bytes) { return json::parse(bytes, nullptr, false); }

std::string dump(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

const json* member(const json& from, const char* name) {
  if (!from.is_object()) return nullptr;
  const auto found = from.find(name);
  return found == from.end() ? nullptr : &*found;
}

const json* either(const json& from, const char* name, const char* other) {
  const json* found = member(from, name);
  return found != nullptr ? found : member(from, other);
}

std::string text(const json* value) {
  if (value == nullptr) return {};
  if (value->is_string()) return value->get<std::string>();
  if (value->is_number_integer()) return std::to_string(value->get<std::int64_t>());
  return {};
}

std::string text(const json& from, const char* name) { return text(member(from, name)); }

std::optional<std::int64_t> number(const json* value) {
  if (value == nullptr) return std::nullopt;
  if (value->is_number_integer()) return value->get<std::int64_t>();
  if (!value->is_string()) return std::nullopt;
  const auto& digits = value->get_ref<const std::string&>();
  std::int64_t read = 0;
  const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), read);
  if (code != std::errc{} || digits.empty() || end != digits.data() + digits.size()) return std::nullopt;
  return read;
}

bool truth(const json* value) {
  if (value == nullptr) return false;
  if (value->is_boolean()) return value->get<bool>();
  const std::string word = text(value);
  return word == "true" || word == "1";
}

std::vector<std::string> texts(const json* value) {
  std::vector<std::string> out;
  if (value == nullptr) return out;
  if (!value->is_array()) {
    std::string one = text(value);
    if (!one.empty()) out.push_back(std::move(one));
    return out;
  }
  for (const json& item : *value) {
    std::string one = text(&item);
    if (!one.empty()) out.push_back(std::move(one));
  }
  return out;
}

std::optional<TimePoint> instant(const json* value) {
  constexpr std::int64_t first_of_eleven_digits = 10'000'000'000;
  constexpr std::int64_t most = 100'000'000'000'000;  // beyond it a time is nonsense, and sums of it would overflow
  const auto read = number(value);
  if (!read || *read <= 0 || *read > most) return std::nullopt;
  return TimePoint(Duration(*read < first_of_eleven_digits ? *read * 1000 : *read));
}

}  // namespace xieban::dingtalk
