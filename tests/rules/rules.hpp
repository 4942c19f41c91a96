#pragma once
// The rules of the tree as pure functions over a file's path and text, so that each can be shown to find something.

#include <string>
#include <string_view>
#include <vector>

namespace xieban::rules {

struct File {
  std::string path;  // from the root: "bot/net/server.cpp"
  std::string text;
};

/// "path:line: what is wrong", one per fault.
using Findings = std::vector<std::string>;

/// Who may include whom, and which libraries.
Findings check_includes(const File&);
/// What only the files that own it may call: clocks, chance, environment, threads; and what nobody may.
Findings check_calls(const File&);
/// Statements that ask the database what time it is.
Findings check_sql(const File&);
/// Shapes of statements with co_await that g++ 12 miscompiles.
Findings check_co_await(const File&);
/// Unfinished work, and names of the machine it was written on.
Findings check_words(const File&);
/// More than 1200 lines.
Findings check_length(const File&);
/// A target that links what its layer must not.
Findings check_links(const File& cmake_lists);
/// Sources that no CMakeLists.txt of their folder or above lists.
Findings check_listed(const std::vector<File>& files);

/// The same length, with comments, strings and character literals blanked; line ends stay.
std::string code_only(std::string_view text);

/// Every text file of the tree, without what is built or fetched.
std::vector<File> read_tree(const std::string& root);
[[nodiscard]] bool is_source(const File&);      // .cpp, .hpp
[[nodiscard]] bool is_production(const File&);  // a source outside tests/

}  // namespace xieban::rules
