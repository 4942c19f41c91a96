#pragma once
// Making what is said fit the channel that carries it, without losing what it says.

#include <string>

#include "bot/core/brain/envelope.hpp"

namespace xieban::brain {

/// At most so many characters, "…" included.
std::string clip_characters(const std::string& text, std::size_t most);

/// As a card of that channel nothing of the message would be cut.
bool holds_whole(const Message&, const Channel&, Lang);

/// Makes a card fit: options and buttons by count, what it cannot draw or hold as text, texts by shortening the longest
/// first, the next step never. Where something was cut the footer ends with `more`.
void fit(Card&, const Channel&, const std::string& more, Lang);
std::string fit(std::string text, const Channel&, const std::string& more);

/// The wanted page as text, with the command for the next one. Where a page is longer than a message, everything is parted
/// anew by what a message holds, so that the pages together say all of it.
std::string page_as_text(const Reading&, const Channel&, const std::string& more, Lang);

}  // namespace xieban::brain
