#include "adapters/playground/card_json.hpp"

namespace xieban::playground {

using nlohmann::json;

namespace {

std::string_view kind_name(InputKind kind) {
  switch (kind) {
    case InputKind::text:
      return "text";
    case InputKind::long_text:
      return "long";
    case InputKind::number:
      return "number";
    case InputKind::choice:
      return "choice";
    case InputKind::multi:
      return "multi";
    case InputKind::person:
      return "person";
    case InputKind::department:
      return "department";
    case InputKind::datetime:
      return "datetime";
  }
  return "text";
}

std::string_view style_name(ButtonStyle style) {
  switch (style) {
    case ButtonStyle::normal:
      return "normal";
    case ButtonStyle::primary:
      return "primary";
    case ButtonStyle::danger:
      return "danger";
  }
  return "normal";
}

json value_json(const Input& input) {
  if (input.kind == InputKind::multi) return input.value;
  if (input.value.empty()) return nullptr;
  return input.value.front();
}

json options_json(const std::vector<InputOption>& from) {
  json options = json::array();
  for (const InputOption& option : from) options.push_back({{"value", option.value}, {"label", option.label}});
  return options;
}

json table_json(const Table& table) {
  json rows = json::array();
  for (const TableRow& row : table.rows) rows.push_back({{"cells", row.cells}, {"late", row.late}});
  return {{"columns", table.columns}, {"state", table.state}, {"rows", std::move(rows)}};
}

json chart_json(const Chart& chart) {
  json bars = json::array();
  for (const Bar& bar : chart.bars) bars.push_back({{"label", bar.label}, {"values", bar.values}});
  return {{"title", chart.title}, {"series", chart.series}, {"bars", std::move(bars)}};
}

}  // namespace

json card_json(const Card& card) {
  json fields = json::array();
  for (const CardField& field : card.fields) fields.push_back({{"label", field.label}, {"value", field.value}});
  json inputs = json::array();
  for (const Input& input : card.inputs) {
    inputs.push_back({{"id", input.id},
                      {"label", input.label},
                      {"kind", kind_name(input.kind)},
                      {"required", input.required},
                      {"value", value_json(input)},
                      {"options", options_json(input.options)},
                      {"people", options_json(input.people)},
                      {"people_label", input.people_label}});
  }
  json buttons = json::array();
  for (const Button& button : card.buttons) {
    buttons.push_back({{"action", button.action},
                       {"label", button.label},
                       {"style", style_name(button.style)},
                       {"confirm", button.confirm.empty() ? json(nullptr) : json(button.confirm)},
                       {"command", button.command}});
  }
  return {{"title", card.title},
          {"tone", tone_name(card.tone)},
          {"fields", std::move(fields)},
          {"body", card.body},
          {"table", card.table ? table_json(*card.table) : json(nullptr)},
          {"chart", card.chart ? chart_json(*card.chart) : json(nullptr)},
          {"inputs", std::move(inputs)},
          {"buttons", std::move(buttons)},
          {"footer", card.footer}};
}

}  // namespace xieban::playground
