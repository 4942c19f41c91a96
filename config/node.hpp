#pragma once
// A TOML or JSON document as a tree that remembers where everything stood.

#include <compare>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace xieban::config {

/// Line and column, both from 1; columns count characters.
struct At {
  int line = 1, column = 1;
  friend auto operator<=>(const At&, const At&) = default;
};

struct Member;
struct Node {
  enum class Kind { table, list, text, integer, real, flag, null, date };
  Kind kind = Kind::null;
  At at;
  std::string text;
  std::int64_t integer = 0;
  double real = 0;
  bool flag = false;
  std::vector<Member> members;  // of a table, in the order of the file
  std::vector<Node> items;      // of a list

  /// nullptr: no such key, or not a table.
  [[nodiscard]] const Node* find(std::string_view key) const;
};
struct Member {
  std::string key;
  At at;
  Node value;
};
/// "text", "a whole number": for "expected …, found …".
std::string_view describe(Node::Kind);

struct SyntaxError {
  At at;
  std::string text;
};
struct TomlText {
  Node root;
  /// A broken line is reported, left out, and the rest is read, so that one slip does not hide the others.
  std::vector<SyntaxError> errors;
  std::vector<std::string> lost_keys;  // named in the lines left out: not to be reported as missing
  bool readable = true;                // false: what is left of the file proves nothing
};
TomlText parse_toml(std::string_view);
/// Duplicate keys are errors.
std::expected<Node, SyntaxError> parse_json(std::string_view);

}  // namespace xieban::config
