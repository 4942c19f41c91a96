#include "adapters/feishu/card.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "bot/base/text.hpp"

namespace xieban::feishu {

using nlohmann::json;

namespace {

// Limits of single components (open.feishu.cn, card components).
constexpr std::size_t short_text_bytes = 100;   // buttons, placeholders, options
constexpr std::size_t input_max_length = 1000;  // characters
constexpr std::size_t most_options = 100;

json plain(const std::string& text) { return {{"tag", "plain_text"}, {"content", text}}; }

json short_text(const std::string& text) { return plain(text::clip_bytes(text, short_text_bytes)); }

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

/// Columns of the same width, "content component column-set": on a narrow screen they stand below each other.
json columns_of(const std::vector<CardField>& fields, std::size_t from, std::size_t to) {
  json columns = json::array();
  for (std::size_t i = from; i < to; ++i) {
    json heading = paragraph(fields[i].label);
    heading["text"]["text_size"] = "heading";
    columns.push_back({{"tag", "column"},
                       {"width", "weighted"},
                       {"weight", 1},
                       {"background_style", "grey"},
                       {"padding", "8px"},
                       {"elements", json::array({std::move(heading), paragraph(fields[i].value)})}});
  }
  return {{"tag", "column_set"}, {"flex_mode", "stretch"}, {"horizontal_spacing", "8px"}, {"columns", std::move(columns)}};
}

/// A line each; those that stand beside each other as columns.
void add_fields(json& elements, const std::vector<CardField>& fields) {
  std::string lines;
  const auto close = [&] {
    if (!lines.empty()) elements.push_back(paragraph(lines));
    lines.clear();
  };
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (!fields[i].beside) {
      if (!lines.empty()) lines += '\n';
      lines += fields[i].label + "：" + fields[i].value;
      continue;
    }
    close();
    std::size_t end = i + 1;
    while (end < fields.size() && fields[end].beside) ++end;
    elements.push_back(columns_of(fields, i, end));
    i = end - 1;
  }
  close();
}

json callback(const PressToken& seed, const std::string& action, const Secret& key) {
  PressToken token = seed;
  token.action = action;
  return {{"type", "callback"}, {"value", {{"k", seal(token, key)}}}};
}

json button_of(const Button& button, const PressToken& seed, const Secret& key) {
  json made = {{"tag", "button"}, {"text", short_text(button.label)}};
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

json options_of(const std::vector<InputOption>& from) {
  json options = json::array();
  for (const InputOption& option : from) {
    if (options.size() == most_options) break;
    options.push_back({{"text", short_text(option.label)}, {"value", option.value}});
  }
  return options;
}

/// Everybody there has an account here: only then can the platform's own picker show them all.
bool all_have_accounts(const std::vector<InputOption>& people) {
  return !people.empty() && std::ranges::none_of(people, &std::string::empty, &InputOption::account);
}

const InputOption* chosen(const std::vector<InputOption>& options, const Input& input) {
  if (input.value.empty()) return nullptr;
  const auto found = std::ranges::find(options, input.value.front(), &InputOption::value);
  return found == options.end() ? nullptr : &*found;
}

/// Of what was chosen before, what can be chosen here: the platform refuses a card that holds anything else.
json chosen_of(const Input& input, const std::vector<InputOption>& options, std::string InputOption::*as) {
  json values = json::array();
  for (std::size_t i = 0; i < options.size() && i < most_options; ++i)
    if (std::ranges::find(input.value, options[i].value) != input.value.end()) values.push_back(options[i].*as);
  return values;
}

json select_of(const Input& input, const std::vector<InputOption>& options, const std::string& placeholder) {
  const bool several = input.kind == InputKind::multi;
  json made = {{"tag", several ? "multi_select_static" : "select_static"}, {"options", options_of(options)}, {"width", "fill"}};
  made["placeholder"] = short_text(placeholder);
  if (several) {
    if (json values = chosen_of(input, options, &InputOption::value); !values.empty())
      made["selected_values"] = std::move(values);
  } else if (const InputOption* one = chosen(options, input)) {
    const auto index = one - options.data() + 1;  // counted from one
    if (index <= static_cast<std::ptrdiff_t>(most_options)) made["initial_index"] = index;
  }
  return made;
}

/// The platform's picker of people where it can show all of them, else their names.
json people_of(const Input& input, const std::vector<InputOption>& people, const std::string& placeholder) {
  if (!all_have_accounts(people)) return select_of(input, people, placeholder);
  const bool several = input.kind == InputKind::multi;
  json options = json::array();
  for (const InputOption& one : people) {
    if (options.size() == most_options) break;
    options.push_back({{"value", one.account}});
  }
  json made = {{"tag", several ? "multi_select_person" : "select_person"}, {"options", std::move(options)}, {"width", "fill"}};
  made["placeholder"] = short_text(placeholder);
  if (several) {
    if (json values = chosen_of(input, people, &InputOption::account); !values.empty())
      made["selected_values"] = std::move(values);
  } else if (const InputOption* one = chosen(people, input)) {
    made["initial_option"] = one->account;
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

/// What may be typed instead of chosen; it holds what was typed before and is none of the choices.
json typed_of(const Input& input) {
  json made = {{"tag", "input"}, {"max_length", input_max_length}, {"width", "fill"}};
  made["placeholder"] = short_text(input.hint);
  std::string typed;
  for (const std::string& value : input.value) {
    const auto offered = [&value](const std::vector<InputOption>& options) {
      return std::ranges::find(options, value, &InputOption::value) != options.end();
    };
    if (value.empty() || offered(input.options) || offered(input.people)) continue;
    typed += (typed.empty() ? "" : ", ") + value;
  }
  if (!typed.empty()) made["default_value"] = std::move(typed);
  return made;
}

/// The components that ask for one field, its label above them where they have none of their own.
void add_input(json& elements, const Input& input) {
  const auto named = [&](json made, std::string_view part, bool required) {
    made["name"] = input.id + std::string(part);
    made["required"] = required;
    elements.push_back(std::move(made));
  };
  const bool picks_date = input.kind == InputKind::datetime;
  const bool chooses = !input.options.empty() && input.kind != InputKind::text && input.kind != InputKind::long_text;
  if (!picks_date && !chooses && input.people.empty()) return named(text_input(input), {}, input.required);

  elements.push_back(paragraph(input.required ? input.label + " *" : input.label));
  // Where a field has several components none of them can be required: that one is filled in the core sees.
  const bool alone = input.hint.empty() && input.people.empty();
  if (picks_date) {
    // Without an initial value: it has no zone, and would come back in that of whoever looks.
    named({{"tag", "picker_datetime"}, {"width", "fill"}, {"placeholder", short_text(input.label)}}, {},
          input.required && alone);
  } else if (input.kind == InputKind::person || input.kind == InputKind::multi) {
    named(people_of(input, input.options, input.label), {}, input.required && alone);
  } else if (chooses) {
    named(select_of(input, input.options, input.label), {}, input.required && alone);
  }
  if (!input.people.empty()) named(people_of(input, input.people, input.people_label), person_part, false);
  if (!input.hint.empty()) named(typed_of(input), typed_part, false);
}

/// Everything that collects input stands in one form; the buttons below it send it or throw it away.
json form_of(const Card& card, const PressToken& seed, const Secret& key) {
  json elements = json::array();
  for (const Input& input : card.inputs) add_input(elements, input);
  for (const Button& button : card.buttons) {
    json made = button_of(button, seed, key);
    PressToken token = seed;
    token.action = button.action;
    made["name"] = seal(token, key);
    made["value"] = {{"k", made["name"]}};  // of behaviors and value, one comes back
    if (button.style == ButtonStyle::primary) made["form_action_type"] = "submit";
    elements.push_back(std::move(made));
  }
  return {{"tag", "form"},
          {"name", "form"},
          {"direction", "vertical"},
          {"vertical_spacing", "8px"},
          {"elements", std::move(elements)}};
}

/// A table, "content component table". Its cells are of type text, which knows no mark-up; the state is a label in colour.
json table_of(const Table& table) {
  constexpr std::size_t most_rows_shown = 10;
  const auto name = [](std::size_t column) { return "c" + std::to_string(column); };
  json columns = json::array();
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    columns.push_back({{"name", name(i)},
                       {"display_name", table.columns[i]},
                       {"data_type", i == table.state ? "options" : "text"},
                       {"width", "auto"}});
  }
  json rows = json::array();
  for (const TableRow& row : table.rows) {
    json cells = json::object();
    for (std::size_t i = 0; i < row.cells.size() && i < table.columns.size(); ++i) {
      if (row.cells[i].empty()) continue;
      if (i == table.state) {
        cells[name(i)] = json::array({{{"text", row.cells[i]}, {"color", row.late ? "red" : "blue"}}});
      } else {
        cells[name(i)] = row.cells[i];
      }
    }
    rows.push_back(std::move(cells));
  }
  const std::size_t shown = std::clamp<std::size_t>(rows.size(), 1, most_rows_shown);
  return {{"tag", "table"},
          {"page_size", shown},
          {"freeze_first_column", true},
          {"header_style", {{"background_style", "grey"}, {"bold", true}}},
          {"columns", std::move(columns)},
          {"rows", std::move(rows)}};
}

/// A chart, "content component chart": horizontal bars in VChart's language.
json chart_of(const Chart& chart) {
  json values = json::array();
  for (const Bar& bar : chart.bars) {
    for (std::size_t i = 0; i < bar.values.size() && i < chart.series.size(); ++i)
      values.push_back({{"name", bar.label}, {"series", chart.series[i]}, {"value", bar.values[i]}});
  }
  json spec = {
      {"type", "bar"}, {"direction", "horizontal"}, {"xField", "value"}, {"yField", "name"}, {"seriesField", "series"}};
  spec["title"] = {{"text", chart.title}};
  spec["data"] = {{"values", std::move(values)}};
  spec["legends"] = {{"visible", true}, {"orient", "bottom"}};
  return {{"tag", "chart"}, {"aspect_ratio", "16:9"}, {"chart_spec", std::move(spec)}};
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
  add_fields(elements, card.fields);
  if (card.table) elements.push_back(table_of(*card.table));
  if (card.chart) elements.push_back(chart_of(*card.chart));
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

bool inputs_hold(const json& card) {
  if (card.is_object() && card.value("tag", json()) == "input" && card.contains("default_value") &&
      text::decode(card["default_value"].get_ref<const std::string&>()).size() > input_max_length)
    return false;
  return !card.is_structured() || std::ranges::all_of(card, inputs_hold);
}

std::size_t count_elements(const json& card) {
  std::size_t count = card.is_object() && card.contains("tag") ? 1 : 0;
  if (card.is_structured()) {
    for (const json& inner : card) count += count_elements(inner);
  }
  return count;
}

}  // namespace xieban::feishu
