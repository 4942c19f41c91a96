#pragma once
// The words as data: one table per language. Private to when_words.cpp.

#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include "bot/core/clock/when_words.hpp"

namespace xieban::when {

/// A Chinese word; words are not separated, so the longest entry that fits wins.
struct Entry {
  std::string_view text;
  W kind;
  std::int64_t value = 0;
  std::string_view followed_by = {};  // one of these characters must come next; it is not taken
};
/// An English word: a run of letters.
struct English {
  W kind;
  std::int64_t value = 0;
};

constexpr auto value(Part p) { return static_cast<std::int64_t>(p); }
constexpr auto value(Unit u) { return static_cast<std::int64_t>(u); }

/// Longest first.
const std::vector<Entry>& chinese_words();
const std::map<std::string_view, English>& english_words();

}  // namespace xieban::when
