#include "adapters/dingtalk/card.hpp"

#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "adapters/dingtalk/read.hpp"
#include "bot/base/text.hpp"
#include "bot/ports/http.hpp"

namespace xieban::dingtalk {

using nlohmann::json;

namespace {

constexpr std::string_view new_line = "  \n  ";  // a bare line feed is swallowed
constexpr std::size_t label_bytes = 30;
constexpr std::size_t commands_bytes = 200;
constexpr std::size_t action_text_bytes = 8000;

void add_line(std::string& to, const std::string& line) {
  if (line.empty()) return;
  if (!to.empty()) to += new_line;
  to += line;
}

/// The plain text is shortened until its escaped form fits: an escape is never cut in two.
std::string escaped_within(std::string_view plain, std::size_t most) {
  std::string out = escape(plain);
  for (std::size_t keep = std::min(plain.size(), most); out.size() > most && keep > 0; keep -= std::min<std::size_t>(keep, 16))
    out = escape(text::clip_bytes(plain, keep));
  return out.size() > most ? std::string() : out;
}

std::string body_of(const Card& card, std::size_t most) {
  std::string out;
  const auto add = [&](const std::string& line) {
    if (out.size() + new_line.size() < most) add_line(out, escaped_within(line, most - out.size() - new_line.size()));
  };
  add(card.body);
  for (const CardField& field : card.fields) add(field.label + "：" + field.value);
  return out;
}

/// Buttons may not work for everyone: what to type instead stands on every card.
std::string commands_of(const Card& card) {
  std::string out;
  for (const Button& button : card.buttons) {
    if (button.command.empty()) continue;
    const std::string next = (out.empty() ? "" : " · ") + escape(button.command);
    if (out.size() + next.size() > commands_bytes) break;
    out += next;
  }
  return out;
}

json buttons_of(const Card& card, const PressToken& seed, const Secret& key, bool with_params) {
  json buttons = json::array();
  for (const Button& button : card.buttons) {
    if (buttons.size() == most_buttons) break;
    PressToken token = seed;
    token.action = button.action;
    const std::string id = seal(token, key);
    json made = {{"text", text::clip_bytes(button.label, label_bytes)},
                 {"color", button.style == ButtonStyle::normal ? "gray" : "blue"},
                 {"id", id},
                 {"request", true}};
    // Some clients send the id back, others the parameters.
    if (with_params) made["params"] = {{"id", id}};
    buttons.push_back(std::move(made));
  }
  return buttons;
}

/// The list within the limit of one value: first the parameters go, then the last buttons, whose commands can be typed.
std::string buttons_within(const Card& card, const PressToken& seed, const Secret& key, bool public_one) {
  const auto wrap = [&](const json& buttons) { return public_one ? dump({{"msgButtons", buttons}}) : dump(buttons); };
  json buttons = buttons_of(card, seed, key, true);
  if (wrap(buttons).size() > most_value_bytes) buttons = buttons_of(card, seed, key, false);
  while (!buttons.empty() && wrap(buttons).size() > most_value_bytes) buttons.erase(buttons.size() - 1);
  return wrap(buttons);
}

}  // namespace

std::string escape(std::string_view plain) {
  std::string out;
  out.reserve(plain.size() + plain.size() / 8);
  for (const char c : plain) {
    if (c == '\n') {
      out += new_line;
      continue;
    }
    if (c == '\r') continue;
    if (std::string_view("\\`*_[]()#>~!|").find(c) != std::string_view::npos) out += '\\';
    if (c == '<') {
      out += "&lt;";
    } else if (c == '&') {
      out += "&amp;";
    } else {
      out += c;
    }
  }
  return out;
}

json render(const Card& card, const PressToken& seed, const Secret& key, bool public_one) {
  const std::string commands = commands_of(card);
  std::string markdown = body_of(card, most_value_bytes - commands.size() - new_line.size());
  add_line(markdown, commands);
  json values = {{"title", text::clip_bytes(text::repair(card.title), most_value_bytes)},
                 {"markdown", std::move(markdown)},
                 {"tips", text::clip_bytes(text::repair(card.footer), most_value_bytes)}};
  if (public_one) {
    values["sys_full_json_obj"] = buttons_within(card, seed, key, true);
  } else {
    values["tone"] = tone_name(card.tone);
    values["buttons"] = buttons_within(card, seed, key, false);
  }
  return values;
}

ActionCard render_action_card(const Card& card, std::string_view text) {
  // Its heading is the title already.
  if (text.starts_with(card.title + "\n")) text.remove_prefix(card.title.size() + 1);
  json param = {
      {"title", text::clip_bytes(card.title, 100)},
      {"text", "### " + escaped_within(card.title, 500) + std::string(new_line) + escaped_within(text, action_text_bytes)}};
  std::vector<const Button*> buttons;
  for (const Button& button : card.buttons) {
    if (!button.command.empty() && buttons.size() < most_buttons) buttons.push_back(&button);
  }
  const auto link = [](const Button& button) {
    return "dtmd://dingtalkclient/sendMessage?content=" + percent_encode(button.command);
  };
  ActionCard made;
  if (buttons.empty()) {
    made.key = "sampleMarkdown";
  } else if (buttons.size() == 1) {
    made.key = "sampleActionCard";
    param["singleTitle"] = text::clip_bytes(buttons[0]->label, label_bytes);
    param["singleURL"] = link(*buttons[0]);
  } else {
    made.key = "sampleActionCard" + std::to_string(buttons.size());
    for (std::size_t i = 0; i < buttons.size(); ++i) {
      param["actionTitle" + std::to_string(i + 1)] = text::clip_bytes(buttons[i]->label, label_bytes);
      param["actionURL" + std::to_string(i + 1)] = link(*buttons[i]);
    }
  }
  made.param = dump(param);
  return made;
}

}  // namespace xieban::dingtalk
