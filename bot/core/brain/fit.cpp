#include "bot/core/brain/fit.hpp"

#include <algorithm>

#include "bot/base/text.hpp"
#include "bot/core/card/wording.hpp"

namespace xieban::brain {
namespace {

/// Bytes of a text as it stands in JSON.
std::size_t written(std::string_view text) {
  std::size_t bytes = text.size();
  for (const char c : text) {
    if (c == '"' || c == '\\' || (c >= '\b' && c <= '\r' && c != '\v')) {
      bytes += 1;
    } else if (static_cast<unsigned char>(c) < 0x20U) {
      bytes += 5;
    }
  }
  return bytes;
}

std::size_t size_of(const Card& card) {
  constexpr std::size_t markup = 64;  // of one element in the platform's own form
  std::size_t bytes = written(card.title) + written(card.body) + written(card.footer) + markup;
  for (const CardField& field : card.fields) bytes += written(field.label) + written(field.value) + markup;
  for (const Button& button : card.buttons)
    bytes += written(button.label) + written(button.confirm) + button.action.size() + 2 * markup;
  for (const Input& input : card.inputs) {
    bytes += written(input.label) + written(input.hint) + written(input.people_label) + 2 * markup;
    for (const auto* options : {&input.options, &input.people})
      for (const InputOption& option : *options)
        bytes += written(option.label) + option.value.size() + option.account.size() + markup;
  }
  constexpr std::size_t cell = 16;  // what stands around one cell or one value
  if (card.table) {
    for (const std::string& column : card.table->columns) bytes += written(column) + markup;
    for (const TableRow& row : card.table->rows)
      for (const std::string& one : row.cells) bytes += written(one) + cell;
  }
  if (card.chart) {
    bytes += card.chart->title.size() + 8 * markup;
    for (const Bar& bar : card.chart->bars)
      bytes += (written(bar.label) + markup) * std::max<std::size_t>(1, bar.values.size());
  }
  return bytes;
}

/// Bytes of a text whose signs are escaped where Markdown is read.
std::size_t escaped(std::string_view text) {
  constexpr std::size_t ampersand = 5, less = 4, new_line = 5;
  std::size_t bytes = 0;
  for (const char c : text) {
    const bool sign = std::string_view("\\`*_[]()#>~!|").find(c) != std::string_view::npos;
    bytes += c == '\n' ? new_line : c == '&' ? ampersand : c == '<' ? less : sign ? 2 : 1;
  }
  return bytes;
}

std::size_t markdown_of(const Card& card) {
  constexpr std::size_t next_line = 5, colon = 3, between = 4, most_commands = 200;
  std::size_t bytes = escaped(card.body) + next_line, commands = 0;
  for (const CardField& field : card.fields) bytes += escaped(field.label) + colon + escaped(field.value) + next_line;
  for (const Button& button : card.buttons)
    if (!button.command.empty()) commands += escaped(button.command) + between;
  return bytes + std::min(commands, most_commands) + next_line;
}

bool too_big(const Card& card, const Channel& channel) {
  return size_of(card) > channel.card_bytes || (channel.markdown_bytes && markdown_of(card) > *channel.markdown_bytes);
}

/// What a reader misses least goes first, and is not cut to stubs together with what they are asked about.
bool leave_out_spare(Card& card, const Channel& channel) {
  bool some = false;
  while (too_big(card, channel)) {
    const auto least = std::ranges::max_element(card.fields, {}, &CardField::spare);
    if (least == card.fields.end() || least->spare <= 0) break;
    card.fields.erase(least);
    some = true;
  }
  return some;
}

std::size_t characters(std::string_view text) { return text::decode(text).size(); }

/// What finds no room in a line stands in several, where it can be said so. What the card's list has no line for stands in
/// its text: what is beyond its lines, and positions, which are long.
void write_out(Card& card, const CardRoom& room, Lang lang) {
  for (std::size_t i = 0; i < card.fields.size(); ++i) {
    if (card.fields[i].narrow.empty() || characters(card.fields[i].value) <= room.value) continue;
    std::vector<CardField> rows;
    for (auto& [label, value] : card.fields[i].narrow) rows.emplace_back(std::move(label), std::move(value));
    for (CardField& row : rows) row.spare = card.fields[i].spare;
    const auto place = card.fields.erase(card.fields.begin() + static_cast<std::ptrdiff_t>(i));
    card.fields.insert(place, rows.begin(), rows.end());
  }
  std::vector<CardField> list;
  for (CardField& field : card.fields) {
    if (list.size() < room.fields && !field.beside) {
      list.push_back(std::move(field));
      continue;
    }
    if (!card.body.empty()) card.body += "\n";
    card.body += say(lang, Phrase("card.line", {{"label", field.label}, {"value", wording::set_in(field.value)}}));
  }
  card.fields = std::move(list);
}

/// Tables, charts and fields in the form that the channel draws.
void lay_out(Card& card, const Channel& channel, Lang lang) {
  put_in_words(card, lang, !channel.forms.tables, !channel.forms.charts);
  if (size_of(card) > channel.card_bytes) put_in_words(card, lang, true, true);
  if (channel.room) write_out(card, *channel.room, lang);
}

bool whole(Card card, const Channel& channel, bool every_button, Lang lang) {
  lay_out(card, channel, lang);
  if (too_big(card, channel)) return false;
  if (every_button && card.buttons.size() > channel.buttons) return false;
  if (!channel.room) return true;
  const CardRoom& room = *channel.room;
  return characters(card.title) <= room.title && characters(card.body) <= room.body && characters(card.footer) <= room.footer &&
         std::ranges::all_of(card.fields, [&](const CardField& field) { return characters(field.value) <= room.value; }) &&
         (!every_button ||
          std::ranges::all_of(card.buttons, [&](const Button& button) { return characters(button.label) <= room.button; }));
}

/// Buttons that turn the page stay when there is no room for all.
void drop_buttons(Card& card, std::size_t most) {
  for (auto last = card.buttons.end(); card.buttons.size() > most && last != card.buttons.begin();) {
    --last;
    if (!last->action.starts_with("page:")) last = card.buttons.erase(last);
  }
  if (card.buttons.size() > most) card.buttons.resize(most);
}

/// Parts of at most so many bytes, parted between lines; a longer line fills what is left and goes on, parted between
/// characters.
std::vector<std::string> parted(std::string_view text, std::size_t bytes) {
  std::vector<std::string> parts(1);
  for (bool more = true; more;) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    more = end != std::string_view::npos;
    if (more) text.remove_prefix(end + 1);
    for (bool rest = true; rest;) {
      std::string& part = parts.back();
      const std::size_t taken = part.empty() ? 0 : part.size() + 1;
      rest = taken + line.size() > bytes;
      std::size_t at = line.size();
      if (rest) {
        at = line.size() > bytes && taken < bytes ? bytes - taken : 0;
        while (at > 0 && (static_cast<unsigned char>(line[at]) & 0xC0U) == 0x80U) --at;
      }
      if (at > 0 || !rest) {
        if (!part.empty()) part += "\n";
        part += line.substr(0, at);
        line.remove_prefix(at);
      }
      if (rest) parts.emplace_back();
    }
  }
  return parts;
}

}  // namespace

std::string clip_characters(const std::string& text, std::size_t most) {
  const auto all = text::decode(text);
  if (all.size() <= most) return text;
  std::string out;
  for (std::size_t i = 0; i + 1 < most; ++i) text::append(out, all[i]);
  return out + "…";
}

bool holds_whole(const Message& message, const Channel& channel, Lang lang) {
  if (message.reading)
    return std::ranges::all_of(message.reading->pages, [&](const Card& page) { return whole(page, channel, false, lang); });
  return !message.card || whole(*message.card, channel, message.every_button, lang);
}

void fit(Card& card, const Channel& channel, const std::string& more, Lang lang) {
  for (Input& input : card.inputs)
    for (auto* options : {&input.options, &input.people})
      if (options->size() > channel.select_options) options->resize(channel.select_options);
  lay_out(card, channel, lang);
  drop_buttons(card, channel.buttons);
  bool cut = false;
  const auto shorten = [&](std::string& text, std::string shorter) {
    if (shorter == text) return;
    text = std::move(shorter);
    cut = true;
  };
  if (channel.room) {
    shorten(card.body, clip_characters(card.body, channel.room->body));
    for (CardField& field : card.fields) shorten(field.value, clip_characters(field.value, channel.room->value));
  }
  // Whatever else is cut, who has to do what next stands.
  const auto shorten_all = [&](std::size_t longest) {
    if (!too_big(card, channel)) return;
    shorten(card.body, text::clip_bytes(card.body, longest));
    for (CardField& field : card.fields)
      if (field.spare != CardField::stays) shorten(field.value, text::clip_bytes(field.value, longest));
  };
  for (const std::size_t longest : {8000U, 4000U, 2000U, 1000U, 500U, 200U}) shorten_all(longest);
  if (channel.markdown_bytes) cut = leave_out_spare(card, channel) || cut;
  shorten_all(80);
  if (channel.markdown_bytes) {
    for (std::size_t i = card.fields.size(); i > 0 && too_big(card, channel); --i) {
      if (card.fields[i - 1].spare == CardField::stays) continue;
      card.fields.erase(card.fields.begin() + static_cast<std::ptrdiff_t>(i - 1));
      cut = true;
    }
  }
  if (cut && !more.empty()) card.footer = card.footer.empty() ? more : card.footer + " · " + more;
}

std::string fit(std::string text, const Channel& channel, const std::string& more) {
  if (text.size() <= channel.text_bytes) return text;
  const std::string tail = more.empty() ? std::string() : "\n" + more;
  if (tail.size() >= channel.text_bytes) return text::clip_bytes(text, channel.text_bytes);
  return text::clip_bytes(text, channel.text_bytes - tail.size()) + tail;
}

std::string page_as_text(const Reading& reading, const Channel& channel, const std::string& more, Lang lang) {
  const auto fits = [&](const Card& page) { return plain_text(page, lang).size() <= channel.text_bytes; };
  if (std::ranges::all_of(reading.pages, fits)) return plain_text(reading.shown(), lang);
  const std::string everything = plain_text(reading.whole, lang);
  if (!reading.turn) return fit(everything, channel, more);
  const auto footer = [&](std::size_t page, std::size_t count) {
    const std::vector<std::pair<std::string, std::string>> numbers{{"page", std::to_string(page)},
                                                                   {"count", std::to_string(count)}};
    std::string line = say(lang, Phrase("page.footer", numbers));
    if (page < count) line = say(lang, Phrase("page.turn", {{"place", line}, {"command", reading.turn(page + 1)}}));
    return line;
  };
  constexpr std::size_t any_page = 99'999;  // as wide as a footer becomes
  constexpr std::size_t least_room = 64;
  const std::size_t tail = footer(any_page, any_page + 1).size() + 1;
  if (tail + least_room > channel.text_bytes) return fit(everything, channel, more);
  const auto parts = parted(everything, channel.text_bytes - tail);
  const std::size_t page = std::clamp<std::size_t>(reading.page, 1, parts.size());
  return parts[page - 1] + "\n" + footer(page, parts.size());
}

}  // namespace xieban::brain
