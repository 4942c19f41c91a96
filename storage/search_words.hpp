#pragma once
// Text as it is searched: Chinese as overlapping groups of two characters, everything else as folded words.

#include <string>
#include <string_view>
#include <vector>

namespace xieban {

/// "审批流程 API" -> "审批 批流 流程 api".
std::string search_words(std::string_view);

/// One part of what somebody looks for; all parts must be found.
struct SearchTerm {
  std::vector<std::string> words;  // in this order, one behind the other
  bool open_end = false;           // the last word may go on
  std::string character;           // a single Chinese character, found inside a group; `words` is empty then
};
std::vector<SearchTerm> search_terms(std::string_view query);

/// The reference: whether text made by search_words holds every term.
bool matches(std::string_view words, const std::vector<SearchTerm>&);
/// The same as an FTS5 expression; empty if there are single characters only.
std::string match_expression(const std::vector<SearchTerm>&);

/// A search for single characters looks through this many of the newest requests.
constexpr std::uint64_t character_search_depth = 10'000;

}  // namespace xieban
