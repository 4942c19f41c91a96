#pragma once
// UTF-8 as people type it. Lengths are bytes unless the name says otherwise.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace xieban::text {

/// True for well-formed UTF-8 without surrogates, overlong forms or code points beyond U+10FFFF.
bool is_utf8(std::string_view);
/// Replaces every malformed byte by U+FFFD and drops NUL; the result is valid UTF-8.
std::string repair(std::string_view);
/// Code points; malformed bytes come as U+FFFD.
std::vector<char32_t> decode(std::string_view);
void append(std::string& out, char32_t);

/// Removes white space at both ends: ASCII, U+00A0, U+3000, zero-width characters, BOM.
std::string_view trim(std::string_view);
/// Nothing but white space.
bool blank(std::string_view);
/// What a command is read from: full-width ASCII (Ａ, １, ／, ：, ，, space) to half-width, lower case for ASCII and
/// Latin letters, zero-width and bidirectional control characters dropped, runs of white space to one space.
/// 。 stays; line breaks become spaces.
std::string fold(std::string_view);
/// Only full-width to half-width for the characters commands use, case kept, controls dropped: for titles and texts.
std::string plain(std::string_view);

/// Cuts at a character boundary so that the result, "…" included, has at most `max_bytes` bytes.
std::string clip_bytes(std::string_view, std::size_t max_bytes);
/// Cuts so that it is at most `columns` wide; CJK and full-width characters count two.
std::string clip_width(std::string_view, std::size_t columns);
std::size_t width(std::string_view);

std::vector<std::string_view> split(std::string_view, char separator);
bool contains_fold(std::string_view haystack, std::string_view needle);  // both folded first

/// Edit distance over code points, at most `limit` + 1: for "did you mean".
std::size_t distance(std::string_view, std::string_view, std::size_t limit);

}  // namespace xieban::text
