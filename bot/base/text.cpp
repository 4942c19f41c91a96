#include "bot/base/text.hpp"

#include <algorithm>
#include <utility>

namespace xieban::text {
namespace {

constexpr char32_t replacement = 0xFFFD;

/// One code point from `at`; `size` is how many bytes it took. Malformed: U+FFFD and one byte.
struct Decoded {
  char32_t point = replacement;
  std::size_t size = 1;
  bool good = false;
};

Decoded decode_one(std::string_view bytes, std::size_t at) {
  const auto byte = [&](std::size_t offset) { return static_cast<unsigned char>(bytes[at + offset]); };
  const unsigned lead = byte(0);
  if (lead < 0x80) return {static_cast<char32_t>(lead), 1, true};
  std::size_t size = 0;
  char32_t point = 0;
  char32_t least = 0;
  if (lead >= 0xC2 && lead <= 0xDF) {
    size = 2, point = lead & 0x1FU, least = 0x80;
  } else if ((lead & 0xF0U) == 0xE0U) {
    size = 3, point = lead & 0x0FU, least = 0x800;
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    size = 4, point = lead & 0x07U, least = 0x10000;
  } else {
    return {};
  }
  if (at + size > bytes.size()) return {};
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return {};
    point = (point << 6U) | (byte(i) & 0x3FU);
  }
  if (point < least || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) return {};
  return {point, size, true};
}

/// Calls `use(point, begin, end)` for every character.
template <class Use>
void each(std::string_view bytes, Use use) {
  for (std::size_t at = 0; at < bytes.size();) {
    const Decoded one = decode_one(bytes, at);
    use(one.point, at, at + one.size);
    at += one.size;
  }
}

bool white(char32_t c) {
  return c == ' ' || (c >= 0x09 && c <= 0x0D) || c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) ||
         c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

/// Zero-width and bidirectional control characters: invisible, and able to make a text read as something else.
bool invisible(char32_t c) {
  return c == 0xAD || c == 0x34F || c == 0x61C || c == 0x180E || (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) ||
         (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF || (c >= 0xE0000 && c <= 0xE007F);
}

bool control(char32_t c) { return c < 0x20 || (c >= 0x7F && c < 0xA0); }

bool pictograph(char32_t c) { return c >= 0x1F000 || c == 0xFE0F || (c >= 0x2600 && c <= 0x27BF); }

char32_t halved(char32_t c) { return c >= 0xFF01 && c <= 0xFF5E ? c - 0xFEE0 : c; }

/// Half-width forms of what commands are made of; sentence punctuation keeps the typography of its text.
char32_t halved_for_text(char32_t c) {
  const char32_t half = halved(c);
  if (half == c) return c;
  const bool letter = (half >= 'a' && half <= 'z') || (half >= 'A' && half <= 'Z');
  const bool digit = half >= '0' && half <= '9';
  return letter || digit || half == '/' || half == '@' || half == '#' || half == '%' || half == '.' || half == '-' ||
                 half == '_'
             ? half
             : c;
}

char32_t lower(char32_t c) {
  if (c >= 'A' && c <= 'Z') return c + 32;
  if (c >= 0xC0 && c <= 0xDE && c != 0xD7) return c + 32;
  if ((c >= 0x100 && c <= 0x137 && c != 0x130) || (c >= 0x14A && c <= 0x177)) return c % 2 == 0 ? c + 1 : c;
  if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E)) return c % 2 == 1 ? c + 1 : c;
  return c;
}

std::size_t columns_of(char32_t c) {
  if (invisible(c) || (c >= 0x300 && c <= 0x36F) || (c >= 0xFE00 && c <= 0xFE0F)) return 0;
  const bool wide = (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0xA4CF && c != 0x303F) ||
                    (c >= 0xAC00 && c <= 0xD7A3) || (c >= 0xF900 && c <= 0xFAFF) || (c >= 0xFE30 && c <= 0xFE4F) ||
                    (c >= 0xFF00 && c <= 0xFF60) || (c >= 0xFFE0 && c <= 0xFFE6) || (c >= 0x1F300 && c <= 0x1FAFF) ||
                    (c >= 0x20000 && c <= 0x3FFFD);
  return wide ? 2 : 1;
}

constexpr std::string_view ellipsis = "…";

}  // namespace

bool is_utf8(std::string_view bytes) {
  for (std::size_t at = 0; at < bytes.size();) {
    const Decoded one = decode_one(bytes, at);
    if (!one.good) return false;
    at += one.size;
  }
  return true;
}

std::string repair(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  each(bytes, [&](char32_t c, std::size_t, std::size_t) {
    if (c != 0) append(out, c);
  });
  return out;
}

std::vector<char32_t> decode(std::string_view bytes) {
  std::vector<char32_t> out;
  out.reserve(bytes.size());
  each(bytes, [&](char32_t c, std::size_t, std::size_t) { out.push_back(c); });
  return out;
}

void append(std::string& out, char32_t c) {
  const auto put = [&](char32_t bits) { out.push_back(static_cast<char>(static_cast<unsigned char>(bits))); };
  if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) c = replacement;
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0U | (c >> 6U)), put(0x80U | (c & 0x3FU));
  } else if (c < 0x10000) {
    put(0xE0U | (c >> 12U)), put(0x80U | ((c >> 6U) & 0x3FU)), put(0x80U | (c & 0x3FU));
  } else {
    put(0xF0U | (c >> 18U)), put(0x80U | ((c >> 12U) & 0x3FU)), put(0x80U | ((c >> 6U) & 0x3FU)), put(0x80U | (c & 0x3FU));
  }
}

std::string_view trim(std::string_view bytes) {
  const auto blank = [](char32_t c) { return white(c) || invisible(c); };
  while (!bytes.empty()) {
    const Decoded first = decode_one(bytes, 0);
    if (!first.good || !blank(first.point)) break;
    bytes.remove_prefix(first.size);
  }
  while (!bytes.empty()) {
    std::size_t start = bytes.size() - 1;
    while (start > 0 && bytes.size() - start < 4 && (static_cast<unsigned char>(bytes[start]) & 0xC0U) == 0x80U) --start;
    const Decoded last = decode_one(bytes, start);
    if (!last.good || start + last.size != bytes.size() || !blank(last.point)) break;
    bytes.remove_suffix(last.size);
  }
  return bytes;
}

bool blank(std::string_view bytes) { return trim(bytes).empty(); }

std::string fold(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  bool space = false;
  each(bytes, [&](char32_t c, std::size_t, std::size_t) {
    if (invisible(c)) return;
    if (white(c)) {
      space = true;
      return;
    }
    if (control(c)) return;
    if (space && !out.empty()) out.push_back(' ');
    space = false;
    append(out, lower(halved(c)));
  });
  return out;
}

std::string plain(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  char32_t before = 0;
  each(bytes, [&](char32_t c, std::size_t, std::size_t) {
    // The joiner holds the parts of one emoji together; anywhere else it only hides.
    if (invisible(c) && !(c == 0x200D && pictograph(before))) return;
    if (c != '\n' && white(c)) c = c == 0x2028 || c == 0x2029 ? U'\n' : c == '\r' ? U'\0' : U' ';
    if (c != '\n' && control(c)) return;
    append(out, halved_for_text(c));
    before = c;
  });
  return out;
}

std::string clip_bytes(std::string_view bytes, std::size_t max_bytes) {
  if (bytes.size() <= max_bytes) return std::string(bytes);
  if (max_bytes < ellipsis.size()) return {};
  std::size_t keep = 0;
  for (std::size_t at = 0; at < bytes.size();) {
    at += decode_one(bytes, at).size;
    if (at + ellipsis.size() > max_bytes) break;
    keep = at;
  }
  return std::string(bytes.substr(0, keep)).append(ellipsis);
}

std::string clip_width(std::string_view bytes, std::size_t columns) {
  if (width(bytes) <= columns) return std::string(bytes);
  if (columns == 0) return {};
  std::size_t keep = 0;
  std::size_t used = 1;  // the ellipsis
  for (std::size_t at = 0; at < bytes.size();) {
    const Decoded one = decode_one(bytes, at);
    used += columns_of(one.point);
    if (used > columns) break;
    at += one.size;
    keep = at;
  }
  return std::string(bytes.substr(0, keep)).append(ellipsis);
}

std::size_t width(std::string_view bytes) {
  std::size_t total = 0;
  each(bytes, [&](char32_t c, std::size_t, std::size_t) { total += columns_of(c); });
  return total;
}

std::vector<std::string_view> split(std::string_view bytes, char separator) {
  std::vector<std::string_view> parts;
  for (std::size_t begin = 0;;) {
    const std::size_t end = bytes.find(separator, begin);
    parts.push_back(bytes.substr(begin, end == std::string_view::npos ? end : end - begin));
    if (end == std::string_view::npos) return parts;
    begin = end + 1;
  }
}

bool contains_fold(std::string_view haystack, std::string_view needle) {
  return fold(haystack).find(fold(needle)) != std::string::npos;
}

std::size_t distance(std::string_view left, std::string_view right, std::size_t limit) {
  // A text that is longer than the other's bytes by more than the limit in characters cannot be near: four bytes a character.
  if (left.size() / 4 > right.size() + limit || right.size() / 4 > left.size() + limit) return limit + 1;
  const std::vector<char32_t> a = decode(left);
  const std::vector<char32_t> b = decode(right);
  const std::size_t longer = std::max(a.size(), b.size());
  if (longer - std::min(a.size(), b.size()) > limit) return limit + 1;
  const std::size_t far = limit + 1;
  std::vector<std::size_t> row(b.size() + 1, far);
  for (std::size_t j = 0; j <= std::min(b.size(), limit); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    // Only a band of width 2 * limit + 1 around the diagonal can stay within the limit.
    const std::size_t from = i > limit ? i - limit : 0;
    const std::size_t to = std::min(b.size(), i + limit);
    std::size_t diagonal = from == 0 ? row[0] : row[from - 1];
    std::size_t best = far;
    if (from > 0) row[from - 1] = far;
    for (std::size_t j = from; j <= to; ++j) {
      const std::size_t above = row[j];
      if (j == 0) {
        row[0] = std::min(i, far);
      } else {
        const std::size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
        row[j] = std::min({change, above + 1, row[j - 1] + 1, far});
      }
      diagonal = above;
      best = std::min(best, row[j]);
    }
    if (to < b.size()) row[to + 1] = far;
    if (best > limit) return far;
  }
  return std::min(row[b.size()], far);
}

}  // namespace xieban::text
