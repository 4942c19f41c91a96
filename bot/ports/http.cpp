#include "bot/ports/http.hpp"

#include <algorithm>

namespace xieban {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

/// Calls `visit(name, value)` for each parameter, still encoded, until it returns true.
template <class Visit>
bool any_param(std::string_view query, Visit visit) {
  while (!query.empty()) {
    const std::size_t end = query.find('&');
    const std::string_view item = query.substr(0, end);
    query = end == std::string_view::npos ? std::string_view{} : query.substr(end + 1);
    if (item.empty()) continue;
    const std::size_t sign = item.find('=');
    const std::string_view name = item.substr(0, sign);
    const std::string_view value = sign == std::string_view::npos ? std::string_view{} : item.substr(sign + 1);
    if (visit(name, value)) return true;
  }
  return false;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char small = lower(c);
  return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

}  // namespace

void Headers::set(std::string name, std::string value) {
  std::erase_if(items_, [&](const auto& item) { return same_name(item.first, name); });
  items_.emplace_back(std::move(name), std::move(value));
}

void Headers::add(std::string name, std::string value) { items_.emplace_back(std::move(name), std::move(value)); }

std::string_view Headers::get(std::string_view name) const {
  for (const auto& [key, value] : items_) {
    if (same_name(key, name)) return value;
  }
  return {};
}

bool Headers::has(std::string_view name) const {
  return std::any_of(items_.begin(), items_.end(), [&](const auto& item) { return same_name(item.first, name); });
}

std::string percent_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      const int high = hex_value(text[i + 1]);
      const int low = hex_value(text[i + 2]);
      if (high >= 0 && low >= 0) {
        out += static_cast<char>(high * 16 + low);
        i += 2;
        continue;
      }
    }
    out += text[i];
  }
  return out;
}

std::string percent_encode(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : bytes) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
                       c == '_' || c == '~';
    if (plain) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += digits[byte >> 4U];
    out += digits[byte & 15U];
  }
  return out;
}

std::string_view HttpRequest::path() const { return std::string_view(target).substr(0, target.find_first_of("?#")); }

std::string_view HttpRequest::query() const {
  const std::string_view whole = std::string_view(target).substr(0, target.find('#'));
  const std::size_t mark = whole.find('?');
  return mark == std::string_view::npos ? std::string_view{} : whole.substr(mark + 1);
}

std::string HttpRequest::param(std::string_view name) const {
  std::string found;
  any_param(query(), [&](std::string_view key, std::string_view value) {
    if (percent_decode(key) != name) return false;
    found = percent_decode(value);
    return true;
  });
  return found;
}

bool HttpRequest::has_param(std::string_view name) const {
  return any_param(query(), [&](std::string_view key, std::string_view) { return percent_decode(key) == name; });
}

HttpResponse::HttpResponse(int s, std::string b, std::string content_type) : status(s), body(std::move(b)) {
  if (!content_type.empty()) headers.set("Content-Type", std::move(content_type));
}

}  // namespace xieban
