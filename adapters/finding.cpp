#include "adapters/finding.hpp"

#include <algorithm>
#include <utility>

#include "bot/base/text.hpp"

namespace xieban {

Finding finding(bool error, std::string subject, std::string text) {
  Finding made;
  made.error = error;
  made.subject = std::move(subject);
  made.text = std::move(text);
  return made;
}

std::string quotable(std::string text) {
  constexpr std::size_t most_quoted = 160;
  text = text::repair(text);
  std::ranges::replace_if(
      text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  return text::clip_bytes(text, most_quoted);
}

}  // namespace xieban
