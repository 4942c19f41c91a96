#include "bot/core/clock/when_numerals.hpp"

#include <algorithm>

namespace xieban::when {

std::optional<int> numeral(char32_t c) {
  switch (c) {
    case U'零':
    case U'〇':
      return 0;
    case U'一':
      return 1;
    case U'二':
    case U'两':
    case U'俩':
      return 2;
    case U'三':
      return 3;
    case U'四':
      return 4;
    case U'五':
      return 5;
    case U'六':
      return 6;
    case U'七':
      return 7;
    case U'八':
      return 8;
    case U'九':
      return 9;
    case U'十':
      return 10;
    case U'百':
      return 100;
    case U'廿':
      return 20;
    case U'卅':
      return 30;
    default:
      return std::nullopt;
  }
}

std::optional<std::int64_t> read_numeral(const std::vector<int>& run) {
  const bool positional = std::ranges::any_of(run, [](int v) { return v >= 10; });
  std::int64_t total = 0;
  if (!positional) {
    if (run.size() > 8) return std::nullopt;
    for (const int v : run) total = total * 10 + v;
    return total;
  }
  std::int64_t pending = -1;
  std::int64_t least = 1000;  // units must fall
  for (const int v : run) {
    if (v == 20 || v == 30) {
      if (pending >= 0 || least <= 10) return std::nullopt;
      total += v;
      least = 10;
    } else if (v >= 10) {
      if (v >= least) return std::nullopt;
      total += (pending < 0 ? 1 : pending) * v;
      if (pending == 0) return std::nullopt;
      least = v;
      pending = -1;
    } else if (v == 0) {
      if (pending >= 0) return std::nullopt;
    } else {
      if (pending >= 0) return std::nullopt;
      pending = v;
    }
  }
  return total + (pending > 0 ? pending : 0);
}

}  // namespace xieban::when
