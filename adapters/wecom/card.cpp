#include "adapters/wecom/card.hpp"

#include <nlohmann/json.hpp>
#include <utility>

#include "adapters/press_token.hpp"
#include "adapters/wecom/markdown.hpp"
#include "bot/base/text.hpp"
#include "bot/crypto/crypto.hpp"

namespace xieban::wecom {

using nlohmann::json;

namespace {

constexpr std::size_t label = 5, source = 13;
CardRoom room(std::size_t title, std::size_t footer, std::size_t body, std::size_t value) {
  CardRoom made;
  made.title = title;
  made.footer = footer;
  made.body = body;
  made.value = value;
  made.button = 10;
  made.fields = 6;
  return made;
}
constexpr const char* settled = "✓";  // on the one button of a card that has none any more

int colour(Tone tone) {
  constexpr int grey = 0, black = 1, red = 2, green = 3;
  switch (tone) {
    case Tone::neutral:
    case Tone::info:
      return grey;
    case Tone::warning:
      return black;
    case Tone::danger:
      return red;
    case Tone::success:
      return green;
  }
  return grey;
}

int style(ButtonStyle of) {
  constexpr int blue = 1, red_text = 3, black_text = 4;
  switch (of) {
    case ButtonStyle::primary:
      return blue;
    case ButtonStyle::danger:
      return red_text;
    case ButtonStyle::normal:
      return black_text;
  }
  return black_text;
}

json button(const std::string& text, int how, const std::string& key) {
  return {{"text", clip_characters(text, card_room(Dialect::app).button)}, {"style", how}, {"key", key}};
}

/// Too long, it loses its first parts: the command for what was cut stands in the last.
std::string clip_footer(std::string_view footer, std::size_t most) {
  constexpr std::string_view between = " · ";
  for (auto next = footer.find(between); next != std::string_view::npos && text::decode(footer).size() > most;
       next = footer.find(between))
    footer.remove_prefix(next + between.size());
  return clip_characters(footer, most);
}

json without_buttons(const Card& card, const Settings& settings, Dialect dialect, const std::string& task) {
  const CardRoom most = card_room(dialect);
  json made = {{"card_type", "button_interaction"}, {"task_id", task}};
  const std::string name = settings.bot ? settings.bot->name : std::string("协办");
  made["source"] = {{"desc", clip_characters(name, source)}, {"desc_color", colour(card.tone)}};
  made["main_title"]["title"] = clip_characters(card.title, most.title);
  if (!card.footer.empty()) made["main_title"]["desc"] = clip_footer(card.footer, most.footer);
  if (!card.body.empty()) made["sub_title_text"] = clip_characters(card.body, most.body);
  json list = json::array();
  for (const CardField& field : card.fields) {
    if (list.size() == most.fields) break;
    // An empty value is refused.
    const std::string value = field.value.empty() ? "—" : field.value;
    list.push_back({{"keyname", clip_characters(field.label, label)}, {"value", clip_characters(value, most.value)}});
  }
  if (!list.empty()) made["horizontal_content_list"] = std::move(list);
  return made;
}

}  // namespace

CardRoom card_room(Dialect dialect) { return dialect == Dialect::app ? room(36, 44, 160, 30) : room(26, 30, 112, 26); }

std::string task_id(const Outgoing& message) {
  constexpr std::size_t salt_bytes = 8;
  const std::string content = message.key + "\n" + message.chat.app.value + "\n" + message.chat.chat.value + "\n" +
                              message.channel.value + "\n" + message.text;
  return "xb_" + message.card_id.str() + "_" + crypto::hex(crypto::sha256(content).substr(0, salt_bytes));
}

json render(const Card& card, CardId id, std::uint32_t version, const Settings& settings, Dialect dialect,
            const std::string& task) {
  json made = without_buttons(card, settings, dialect, task);
  PressToken token;
  token.card = id;
  token.version = version;
  json buttons = json::array();
  for (const Button& one : card.buttons) {
    if (buttons.size() == most_buttons) break;
    token.action = one.action;
    buttons.push_back(button(one.label, style(one.style), seal(token, settings.card_key())));
  }
  made["button_list"] = std::move(buttons);
  return made;
}

json render_update(const Card& card, CardId id, std::uint32_t version, const Settings& settings, Dialect dialect,
                   const std::string& task) {
  if (!card.buttons.empty()) return render(card, id, version, settings, dialect, task);
  json made = without_buttons(card, settings, dialect, task);
  made["button_list"] = json::array({button(settled, style(ButtonStyle::normal), "settled")});
  made["replace_text"] = settled;
  return made;
}

}  // namespace xieban::wecom
