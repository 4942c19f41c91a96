#pragma once
// Chinese numerals. Private to parse_due.

#include <cstdint>
#include <optional>
#include <vector>

namespace xieban::when {

/// 三 -> 3, 十 -> 10, 廿 -> 20; nullopt: no numeral.
std::optional<int> numeral(char32_t);
/// 二十三 -> 23, 一百零五 -> 105, 二零二六 -> 2026; nullopt for runs that are no number.
std::optional<std::int64_t> read_numeral(const std::vector<int>& run);

}  // namespace xieban::when
