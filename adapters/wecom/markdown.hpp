#pragma once
// What people typed, where the platform reads Markdown: headings, bold, links, code, quotes, tables, <font>, and mentions
// "<@userid>" (developer.work.weixin.qq.com, path 90236, 99110, 101031). Which escapes its clients know is not documented, so
// that signs with a meaning are replaced by their full-width twins: no dialect reads those.

#include <cstddef>
#include <string>
#include <string_view>

namespace xieban::wecom {

std::string escape(std::string_view plain);
/// At most `most` bytes, cut between characters, "…" included. The last line stays whole where it can: it names the command
/// for the rest.
std::string escape_within(std::string_view plain, std::size_t most);
/// Cut after so many characters, "…" included: for texts of cards, which are not Markdown.
std::string clip_characters(std::string_view plain, std::size_t most);

}  // namespace xieban::wecom
