#include "storage/search_words.hpp"

#include <algorithm>

#include "bot/base/text.hpp"

namespace xieban {
namespace {

// Ranges that FTS5's unicode61 takes for letters as well, so that its tokens are ours.
bool han(char32_t c) {
  return (c >= 0x3041 && c <= 0x3096) || (c >= 0x30a1 && c <= 0x30fa) || (c >= 0x3400 && c <= 0x4db5) ||
         (c >= 0x4e00 && c <= 0x9fcc) || (c >= 0xac00 && c <= 0xd7a3) || (c >= 0xf900 && c <= 0xfa6d) ||
         (c >= 0x20000 && c <= 0x2a6d6) || (c >= 0x2a700 && c <= 0x2b734);
}
bool letter(char32_t c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= 0xc0 && c <= 0x24f && c != 0xd7 && c != 0xf7) || (c >= 0x391 && c <= 0x3c9 && c != 0x3a2) ||
         (c >= 0x400 && c <= 0x481);
}

/// Runs of one sort, in order: each a list of characters.
struct Run {
  bool chinese = false;
  std::vector<char32_t> characters;
};
std::vector<Run> runs(std::string_view text) {
  std::vector<Run> found;
  bool joined = false;
  for (const char32_t c : text::decode(text::fold(text))) {
    const bool chinese = han(c);
    if (!chinese && !letter(c)) {
      joined = false;
      continue;
    }
    if (!joined || found.back().chinese != chinese) found.push_back(Run{chinese, {}});
    found.back().characters.push_back(c);
    joined = true;
  }
  return found;
}
std::string utf8(const char32_t* first, const char32_t* last) {
  std::string out;
  for (; first != last; ++first) text::append(out, *first);
  return out;
}
std::vector<std::string> words_of(const Run& run) {
  const auto* first = run.characters.data();
  const auto count = run.characters.size();
  if (!run.chinese || count < 3) return {utf8(first, first + count)};
  std::vector<std::string> words;
  for (std::size_t i = 0; i + 1 < count; ++i) words.push_back(utf8(first + i, first + i + 2));
  return words;
}
}  // namespace

std::string search_words(std::string_view text) {
  std::string out;
  for (const auto& run : runs(text)) {
    for (const auto& word : words_of(run)) {
      if (!out.empty()) out += ' ';
      out += word;
    }
  }
  return out;
}

std::vector<SearchTerm> search_terms(std::string_view query) {
  std::vector<SearchTerm> terms;
  const auto folded = text::fold(query);
  for (const auto part : text::split(folded, ' ')) {
    SearchTerm term;
    const auto found = runs(part);
    for (const auto& run : found) {
      if (run.chinese && run.characters.size() == 1) {
        terms.push_back(SearchTerm{{}, false, words_of(run).front()});
        continue;
      }
      for (auto& word : words_of(run)) term.words.push_back(std::move(word));
      term.open_end = !run.chinese;
    }
    // A single character in the middle breaks the phrase: then its parts are looked for one by one.
    const bool broken = found.size() > 1 &&
                        std::ranges::any_of(found, [](const Run& run) { return run.chinese && run.characters.size() == 1; });
    if (term.words.empty()) continue;
    if (!broken) {
      terms.push_back(std::move(term));
      continue;
    }
    for (auto& word : term.words) terms.push_back(SearchTerm{{std::move(word)}, false, {}});
  }
  return terms;
}

bool matches(std::string_view words, const std::vector<SearchTerm>& terms) {
  const auto list = text::split(words, ' ');
  return !terms.empty() && std::ranges::all_of(terms, [&](const SearchTerm& term) {
    if (term.words.empty()) return words.contains(term.character);
    for (std::size_t start = 0; start + term.words.size() <= list.size(); ++start) {
      bool all = true;
      for (std::size_t i = 0; all && i < term.words.size(); ++i) {
        const bool last = i + 1 == term.words.size();
        all = last && term.open_end ? list[start + i].starts_with(term.words[i]) : list[start + i] == term.words[i];
      }
      if (all) return true;
    }
    return false;
  });
}

std::string match_expression(const std::vector<SearchTerm>& terms) {
  std::string out;
  for (const auto& term : terms) {
    if (term.words.empty()) continue;
    if (!out.empty()) out += " AND ";
    out += '"';
    for (const auto& word : term.words) {
      if (&word != &term.words.front()) out += ' ';
      out += word;
    }
    out += term.open_end ? "\"*" : "\"";
  }
  return out;
}

}  // namespace xieban
