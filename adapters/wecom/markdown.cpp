#include "adapters/wecom/markdown.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "bot/base/text.hpp"

namespace xieban::wecom {

namespace {

using Twin = std::pair<char, std::string_view>;
constexpr std::array<Twin, 9> always{
    {{'*', "＊"}, {'`', "｀"}, {'[', "［"}, {']', "］"}, {'<', "＜"}, {'>', "＞"}, {'|', "｜"}, {'~', "～"}, {'\\', "＼"}}};

bool letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
}

/// "&lt;" and its kin, where a client might turn them into signs.
bool begins_entity(std::string_view rest) {
  std::size_t i = 1;
  while (i < rest.size() && i < 12 && (letter(rest[i]) || rest[i] == '#')) ++i;
  return i > 1 && i < rest.size() && rest[i] == ';';
}

std::string escape_head(std::string_view head, std::size_t most) {
  std::string out = escape(head);
  for (std::size_t keep = std::min(head.size(), most); out.size() > most; keep -= std::min<std::size_t>(keep, 16)) {
    if (keep == 0) return {};
    out = escape(text::clip_bytes(head, keep));
  }
  return out;
}

}  // namespace

std::string escape(std::string_view given) {
  const std::string plain = text::repair(given);
  std::string out;
  out.reserve(plain.size() + plain.size() / 8);
  bool line_begins = true;
  for (std::size_t i = 0; i < plain.size(); ++i) {
    const char c = plain[i];
    if (c == '\r') continue;
    const auto twin = std::ranges::find(always, c, &Twin::first);
    const bool inside_word = i > 0 && i + 1 < plain.size() && letter(plain[i - 1]) && letter(plain[i + 1]);
    if (twin != always.end()) {
      out += twin->second;
    } else if (c == '_' && !inside_word) {
      out += "＿";
    } else if (c == '#' && line_begins) {
      out += "＃";
    } else if (c == '&' && begins_entity(std::string_view(plain).substr(i))) {
      out += "＆";
    } else {
      out += c;
    }
    line_begins = c == '\n' || (line_begins && (c == ' ' || c == '\t' || c == '#'));
  }
  return out;
}

std::string escape_within(std::string_view plain, std::size_t most) {
  if (std::string whole = escape(plain); whole.size() <= most) return whole;
  const auto last_line = plain.rfind('\n');
  if (last_line != std::string_view::npos) {
    const std::string tail = escape(plain.substr(last_line));
    if (tail.size() <= most / 3) return escape_head(plain.substr(0, last_line), most - tail.size()) + tail;
  }
  return escape_head(plain, most);
}

std::string clip_characters(std::string_view plain, std::size_t most) {
  const auto characters = text::decode(plain);
  std::string out;
  const bool fits = characters.size() <= most;
  const std::size_t kept = fits ? characters.size() : most - std::min<std::size_t>(most, 1);
  for (std::size_t i = 0; i < kept; ++i) text::append(out, characters[i]);
  if (!fits && most > 0) out += "…";
  return out;
}

}  // namespace xieban::wecom
