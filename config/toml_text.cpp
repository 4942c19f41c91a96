#include <toml++/toml.h>

#include <algorithm>
#include <cctype>

#include "bot/base/text.hpp"
#include "config/node.hpp"

namespace xieban::config {
namespace {

constexpr int kMaxBrokenLines = 50;

At at_of(const toml::source_region& region) {
  return {static_cast<int>(region.begin.line), static_cast<int>(region.begin.column)};
}

Node convert(const toml::node& node) {
  Node out;
  out.at = at_of(node.source());
  if (const auto* table = node.as_table()) {
    out.kind = Node::Kind::table;
    for (auto&& [key, value] : *table) out.members.push_back({std::string(key.str()), at_of(key.source()), convert(value)});
    std::ranges::stable_sort(out.members, {}, &Member::at);
  } else if (const auto* list = node.as_array()) {
    out.kind = Node::Kind::list;
    for (const auto& item : *list) out.items.push_back(convert(item));
  } else if (const auto* text = node.as_string()) {
    out.kind = Node::Kind::text;
    out.text = text->get();
  } else if (const auto* integer = node.as_integer()) {
    out.kind = Node::Kind::integer;
    out.integer = integer->get();
  } else if (const auto* real = node.as_floating_point()) {
    out.kind = Node::Kind::real;
    out.real = real->get();
  } else if (const auto* flag = node.as_boolean()) {
    out.kind = Node::Kind::flag;
    out.flag = flag->get();
  } else {
    out.kind = Node::Kind::date;
  }
  return out;
}

/// Byte range of a line, without its line break.
std::pair<std::size_t, std::size_t> line_range(std::string_view text, int line) {
  std::size_t begin = 0;
  for (int i = 1; i < line; ++i) {
    const auto next = text.find('\n', begin);
    if (next == std::string_view::npos) return {text.size(), text.size()};
    begin = next + 1;
  }
  const auto end = text.find('\n', begin);
  return {begin, end == std::string_view::npos ? text.size() : end};
}

/// The key of a line `key = …`; empty for every other line.
std::string key_of_line(std::string_view line) {
  const auto equals = line.find('=');
  if (equals == std::string_view::npos) return {};
  const auto key = text::trim(line.substr(0, equals));
  const bool plain = !key.empty() && std::ranges::all_of(key, [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
  });
  return plain ? std::string(key) : std::string();
}

}  // namespace

TomlText parse_toml(std::string_view source) {
  TomlText out;
  std::string rest(source);
  for (int round = 0; round < kMaxBrokenLines; ++round) {
    try {
      out.root = convert(toml::parse(rest));
      return out;
    } catch (const toml::parse_error& error) {
      const At at = at_of(error.source());
      out.errors.push_back({at, std::string(error.description())});
      const auto [begin, end] = line_range(rest, at.line);
      const std::string key = key_of_line(std::string_view(rest).substr(begin, end - begin));
      if (key.empty()) break;  // a broken header or the inside of a longer value: what follows would be guessed
      out.lost_keys.push_back(key);
      rest.replace(begin, end - begin, std::string());
    }
  }
  out.readable = false;
  return out;
}

}  // namespace xieban::config
