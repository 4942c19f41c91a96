#pragma once
// Tab-separated lines in and out.

#include <algorithm>
#include <istream>
#include <string>
#include <string_view>

namespace xieban::app {

/// The next line without its line break, a carriage return before it included; false at the end.
inline bool read_line(std::istream& in, std::string& line) {
  if (!std::getline(in, line)) return false;
  if (line.ends_with('\r')) line.pop_back();
  return true;
}

/// Text as one field: tabs and line breaks become spaces.
inline std::string field(std::string_view text) {
  std::string out(text);
  std::ranges::replace_if(
      out, [](char c) { return c == '\t' || c == '\n' || c == '\r'; }, ' ');
  return out;
}

}  // namespace xieban::app
