#pragma once
// The words as data: one table per language. Private to when_words.cpp.

#include <cstdint>
#include <string_view>
#include <vector>

#include "bot/core/clock/when_words.hpp"

namespace xieban::when {

/// A word. Chinese words are not separated, so the longest entry that fits wins; English ones end where letters end.
struct Entry {
  std::string_view text;
  W kind;
  std::int64_t value = 0;
  std::string_view followed_by = {};  // one of these characters must come next; it is not taken
};
/// English words said together that are one word of the language, or two.
struct EnglishPhrase {
  std::string_view text;
  W kind;
  std::int64_t value = 0;
  W then = W::unknown;  // unknown: nothing more
  std::int64_t then_value = 0;
};

constexpr auto value(Part p) { return static_cast<std::int64_t>(p); }
constexpr auto value(Unit u) { return static_cast<std::int64_t>(u); }

const std::vector<Entry>& chinese_words();
const std::vector<Entry>& english_words();
const std::vector<EnglishPhrase>& english_phrases();

}  // namespace xieban::when
