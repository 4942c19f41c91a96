#include "adapters/feishu/card.hpp"

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "bot/base/text.hpp"

namespace xieban::feishu {

using nlohmann::json;

namespace {

// Limits of single components (open.feishu.cn, card components).
constexpr std::size_t button_text_bytes = 100;
constexpr int input_max_length = 1000;
constexpr std::size_t most_options = 100;

json plain(const std::string& text) { return {{"tag", "plain_text"}, {"content", text}}; }

json paragraph(const std::string& text) { return {{"tag", "div"}, {"text", plain(text)}}; }

const char* colour(Tone tone) {
  switch (tone) {
    case Tone::neutral:
      return "grey";
    case Tone::info:
      return "blue";
    case Tone::warning:
      return "orange";
    case Tone::danger:
      return "red";
    case Tone::success:
      return "green";
  }
  return "grey";
}

json fields_of(const std::vector<CardField>& fields) {
  std::string lines;
  for (const CardField& field : fields) {
    if (!lines.empty()) lines += '\n';
    lines += field.label + "：" + field.value;
  }
  return paragraph(lines);
}

json callback(const PressToken& seed, const std::string& action, const Secret& key) {
  PressToken token = seed;
  token.action = action;
  return {{"type", "callback"}, {"value", {{"k", seal(token, key)}}}};
}

json button_of(const Button& button, const PressToken& seed, const Secret& key) {
  json made = {{"tag", "button"}, {"text", plain(text::clip_bytes(button.label, button_text_bytes))}};
  made["type"] = button.style == ButtonStyle::primary  ? "primary_filled"
                 : button.style == ButtonStyle::danger ? "danger"
                                                       : "default";
  made["behaviors"] = json::array({callback(seed, button.action, key)});
  if (!button.confirm.empty()) made["confirm"] = {{"title", plain(button.label)}, {"text", plain(button.confirm)}};
  return made;
}

json row_of(const std::vector<Button>& buttons, const PressToken& seed, const Secret& key) {
  json columns = json::array();
  for (const Button& button : buttons) {
    columns.push_back({{"tag", "column"}, {"width", "auto"}, {"elements", json::array({button_of(button, seed, key)})}});
  }
  return {{"tag", "column_set"}, {"flex_mode", "flow"}, {"horizontal_spacing", "8px"}, {"columns", std::move(columns)}};
}

json options_of(const Input& input) {
  json options = json::array();
  for (const InputOption& option : input.options) {
    if (options.size() == most_options) break;
    options.push_back({{"text", plain(option.label)}, {"value", option.value}});
  }
  return options;
}

json select_of(const Input& input) {
  const bool several = input.kind == InputKind::multi;
  json made = {{"tag", several ? "multi_select_static" : "select_static"}, {"options", options_of(input)}, {"width", "fill"}};
  made["placeholder"] = plain(input.label);
  if (several) {
    if (!input.value.empty()) made["selected_values"] = input.value;
  } else if (!input.value.empty()) {
    for (std::size_t i = 0; i < input.options.size() && i < most_options; ++i) {
      if (input.options[i].value == input.value.front()) made["initial_index"] = i + 1;  // counted from one
    }
  }
  return made;
}

json text_input(const Input& input) {
  json made = {{"tag", "input"}, {"max_length", input_max_length}, {"width", "fill"}};
  made["label"] = plain(input.label);
  made["label_position"] = "top";
  if (input.kind == InputKind::long_text) {
    made["input_type"] = "multiline_text";
    made["rows"] = 3;
  }
  if (!input.value.empty()) made["default_value"] = input.value.front();
  return made;
}

json input_of(const Input& input) {
  const bool choices = !input.options.empty() && input.kind != InputKind::text && input.kind != InputKind::long_text;
  json made;
  if (choices) {
    made = select_of(input);
  } else {
    // A date is typed, so that 明天18点 works as everywhere; the platform's picker knows no words.
    made = text_input(input);
  }
  made["name"] = input.id;
  made["required"] = input.required;
  return made;
}

/// Everything that collects input stands in one form; the buttons below it send it or throw it away.
json form_of(const Card& card, const PressToken& seed, const Secret& key) {
  json elements = json::array();
  for (const Input& input : card.inputs) {
    if (!input.options.empty()) elements.push_back(paragraph(input.label));
    elements.push_back(input_of(input));
  }
  for (const Button& button : card.buttons) {
    json made = button_of(button, seed, key);
    PressToken token = seed;
    token.action = button.action;
    made["name"] = seal(token, key);
    if (button.style == ButtonStyle::primary) made["form_action_type"] = "submit";
    elements.push_back(std::move(made));
  }
  return {{"tag", "form"},
          {"name", "form"},
          {"direction", "vertical"},
          {"vertical_spacing", "8px"},
          {"elements", std::move(elements)}};
}

json mentions_of(const std::vector<std::string>& users) {
  std::string line;
  for (const std::string& user : users) line += "<at id='" + user + "'></at> ";
  return {{"tag", "markdown"}, {"content", line}};
}

}  // namespace

json render(const Card& card, const PressToken& seed, const Secret& key, const std::vector<std::string>& mentions) {
  json elements = json::array();
  if (!mentions.empty()) elements.push_back(mentions_of(mentions));
  if (!card.body.empty()) elements.push_back(paragraph(card.body));
  if (!card.fields.empty()) elements.push_back(fields_of(card.fields));
  if (!card.inputs.empty()) {
    elements.push_back(form_of(card, seed, key));
  } else if (!card.buttons.empty()) {
    elements.push_back(row_of(card.buttons, seed, key));
  }
  if (!card.footer.empty()) {
    json footer = paragraph(card.footer);
    footer["text"]["text_size"] = "notation";
    footer["text"]["text_color"] = "grey";
    elements.push_back(std::move(footer));
  }
  json made;
  made["schema"] = "2.0";
  // Both the first card and its updates must say so, or an update is refused.
  made["config"] = {{"update_multi", true}, {"width_mode", "fill"}, {"summary", {{"content", card.title}}}};
  made["header"] = {{"title", plain(card.title)}, {"template", colour(card.tone)}};
  made["body"] = {{"direction", "vertical"}, {"vertical_spacing", "8px"}, {"elements", std::move(elements)}};
  return made;
}

std::size_t count_elements(const json& card) {
  std::size_t count = card.is_object() && card.contains("tag") ? 1 : 0;
  if (card.is_structured()) {
    for (const json& inner : card) count += count_elements(inner);
  }
  return count;
}

}  // namespace xieban::feishu
