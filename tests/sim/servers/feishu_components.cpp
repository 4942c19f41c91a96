#include "tests/sim/servers/feishu_components.hpp"

#include <algorithm>
#include <cctype>
#include <initializer_list>
#include <map>
#include <set>
#include <vector>

#include "bot/base/text.hpp"

namespace xieban::sim {

using nlohmann::json;

namespace {

constexpr std::size_t most_short_text = 100;  // characters of buttons and placeholders
constexpr std::size_t most_id = 20, most_columns = 50;
constexpr int longest_input = 1000, most_page = 10;

using Words = std::vector<std::string_view>;
struct Members {
  Words required, others;
};

const std::map<std::string_view, Members>& members() {
  static const std::map<std::string_view, Members> all = {
      {"plain_text", {{"content"}, {"text_size", "text_color", "text_align", "lines", "i18n_content"}}},
      {"lark_md", {{"content"}, {"text_size", "text_color", "text_align", "lines", "i18n_content"}}},
      {"markdown", {{"content"}, {"text_size", "text_align", "icon", "i18n_content"}}},
      {"div", {{}, {"text", "fields", "icon", "width"}}},
      {"hr", {{}, {}}},
      {"img",
       {{"img_key", "alt"},
        {"title", "corner_radius", "scale_type", "size", "transparent", "preview", "mode", "custom_width", "compact_width"}}},
      {"column_set", {{"columns"}, {"flex_mode", "horizontal_spacing", "horizontal_align", "background_style", "action"}}},
      {"column",
       {{"elements"},
        {"width", "weight", "direction", "padding", "vertical_spacing", "horizontal_spacing", "vertical_align",
         "horizontal_align", "background_style", "action"}}},
      {"form",
       {{"name", "elements"},
        {"direction", "padding", "vertical_spacing", "horizontal_spacing", "vertical_align", "horizontal_align"}}},
      {"button",
       {{"text"},
        {"type", "size", "width", "disabled", "disabled_tips", "hover_tips", "confirm", "behaviors", "name", "required",
         "form_action_type", "icon", "value"}}},
      {"input",
       {{},
        {"name", "input_type", "rows", "max_rows", "auto_resize", "max_length", "default_value", "placeholder", "label",
         "label_position", "required", "disabled", "width", "show_icon", "behaviors", "confirm", "fallback", "value"}}},
      {"select_static",
       {{"options"},
        {"name", "placeholder", "initial_index", "initial_option", "required", "disabled", "type", "width", "confirm",
         "behaviors", "value"}}},
      {"multi_select_static",
       {{"options"},
        {"name", "placeholder", "selected_values", "required", "disabled", "type", "width", "confirm", "behaviors", "value"}}},
      {"select_person",
       {{"options"},
        {"name", "placeholder", "initial_option", "required", "disabled", "type", "width", "confirm", "behaviors", "value"}}},
      {"multi_select_person",
       {{"options"},
        {"name", "placeholder", "selected_values", "required", "disabled", "type", "width", "confirm", "behaviors", "value"}}},
      {"date_picker",
       {{}, {"name", "initial_date", "placeholder", "required", "disabled", "width", "confirm", "behaviors", "value"}}},
      {"picker_time",
       {{}, {"name", "initial_time", "placeholder", "required", "disabled", "width", "confirm", "behaviors", "value"}}},
      {"picker_datetime",
       {{}, {"name", "initial_datetime", "placeholder", "required", "disabled", "width", "confirm", "behaviors", "value"}}},
      {"overflow", {{"options"}, {"width", "confirm", "behaviors", "value", "name"}}},
      {"checker",
       {{"text"},
        {"name", "checked", "overall_checkable", "button_area", "checked_style", "padding", "confirm", "behaviors", "disabled",
         "hover_tips", "disabled_tips"}}},
      {"table", {{"columns", "rows"}, {"page_size", "row_height", "row_max_height", "freeze_first_column", "header_style"}}},
      {"chart", {{"chart_spec"}, {"aspect_ratio", "color_theme", "preview", "height"}}},
      {"text_tag", {{"text"}, {"color"}}},
      {"standard_icon", {{"token"}, {"color"}}}};
  return all;
}

bool among(std::initializer_list<std::string_view> list, const json& value) {
  return value.is_string() && std::ranges::find(list, value.get_ref<const std::string&>()) != list.end();
}
bool holds(const Words& list, std::string_view word) { return std::ranges::find(list, word) != list.end(); }

/// Digits where the shape has 0, the shape's own signs elsewhere; '+' stands for either sign.
bool shaped(const json& value, std::string_view shape) {
  if (!value.is_string()) return false;
  const auto& text = value.get_ref<const std::string&>();
  if (text.size() != shape.size()) return false;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const char c = text[i];
    const bool digit = c >= '0' && c <= '9';
    if (shape[i] == '0' ? !digit : shape[i] == '+' ? c != '+' && c != '-' : c != shape[i]) return false;
  }
  return true;
}

/// What an input takes: from people, and as what it is filled in with.
bool holds_text(const json& input, const json& value) {
  const json most = input.value("max_length", json(longest_input));
  return !most.is_number_integer() || text::decode(value.get<std::string>()).size() <= most.get<std::size_t>();
}

struct Picker {
  std::string_view initial, shape, filled;
};
const Picker* picker(std::string_view tag) {
  static const std::map<std::string_view, Picker> all = {
      {"date_picker", {"initial_date", "0000-00-00", "0000-00-00 +0000"}},
      {"picker_time", {"initial_time", "00:00", "00:00 +0000"}},
      {"picker_datetime", {"initial_datetime", "0000-00-00 00:00", "0000-00-00 00:00 +0000"}}};
  const auto found = all.find(tag);
  return found == all.end() ? nullptr : &found->second;
}

/// Keeps the first thing that is wrong with one component.
class Check {
 public:
  explicit Check(const json& node) : node_(node), tag_(node.at("tag").get<std::string>()) {}

  std::optional<std::string> run() {
    known_members();
    if (wrong_) return wrong_;
    common();
    if (tag_ == "button") button();
    if (tag_ == "input") input();
    if (tag_.find("select") != std::string::npos) select();
    if (const Picker* one = picker(tag_)) picked(*one);
    if (tag_ == "table") table();
    if (tag_ == "chart") chart();
    if (tag_ == "column_set") column_set();
    if ((tag_ == "plain_text" || tag_ == "markdown" || tag_ == "lark_md") && !node_["content"].is_string())
      wrong("content is not a string");
    return wrong_;
  }

 private:
  void wrong(const std::string& what) {
    if (!wrong_) wrong_ = tag_ + ": " + what;
  }
  void need(bool holds, const std::string& what) {
    if (!holds) wrong(what);
  }
  [[nodiscard]] const json* find(const char* member) const {
    const auto found = node_.find(member);
    return found == node_.end() ? nullptr : &*found;
  }

  void known_members() {
    const Members& mine = members().at(tag_);
    for (const std::string_view member : mine.required)
      need(node_.contains(std::string(member)), "lacks " + std::string(member));
    for (const auto& [name, value] : node_.items()) {
      const bool fits =
          name == "tag" || name == "element_id" || name == "margin" || holds(mine.required, name) || holds(mine.others, name);
      need(fits, "unknown property " + name);
    }
  }

  void common() {
    if (const json* id = find("element_id")) {
      const bool text = id->is_string() && !id->get_ref<const std::string&>().empty();
      need(text, "element_id");
      if (text) {
        const auto& name = id->get_ref<const std::string&>();
        const bool letters = std::ranges::all_of(name, [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
        need(letters && std::isalpha(static_cast<unsigned char>(name.front())) != 0 && name.size() <= most_id, "element_id");
      }
    }
    if (const json* required = find("required")) need(required->is_boolean(), "required is not a boolean");
    if (const json* name = find("name")) need(name->is_string(), "name is not a string");
    if (const json* placeholder = find("placeholder")) short_text(*placeholder, "placeholder");
    if (const json* confirm = find("confirm")) {
      for (const char* part : {"title", "text"})
        need(confirm->is_object() && confirm->contains(part) && plain((*confirm)[part]),
             "confirm without " + std::string(part));
    }
    if (const json* width = find("width"); width != nullptr && tag_ != "column" && tag_ != "div")
      need(among({"default", "fill"}, *width) || width->get<std::string>().ends_with("px"), "width");
    const json* behaviors = find("behaviors");
    if (behaviors == nullptr) return;
    need(behaviors->is_array(), "behaviors is not a list");
    for (const json& one : *behaviors) {
      const json type = one.is_object() ? one.value("type", json()) : json();
      need(among({"callback", "open_url"}, type), "behaviors of an unknown type");
      if (type == "callback") need(one.value("value", json()).is_object(), "callback value is not an object");
      if (type == "open_url") need(one.value("default_url", json()).is_string(), "open_url without default_url");
    }
  }

  static bool plain(const json& text) {
    return text.is_object() && text.value("tag", "") == "plain_text" && text.value("content", json()).is_string();
  }
  void short_text(const json& text, const std::string& what) {
    need(plain(text), what + " is not a plain_text");
    if (plain(text)) need(text::decode(text["content"].get<std::string>()).size() <= most_short_text, what + " is too long");
  }

  void button() {
    short_text(node_["text"], "text");
    if (const json* type = find("type"))
      need(among({"default", "primary", "danger", "text", "primary_text", "danger_text", "primary_filled", "danger_filled",
                  "laser"},
                 *type),
           "type");
    if (const json* size = find("size")) need(among({"tiny", "small", "medium", "large"}, *size), "size");
    if (const json* action = find("form_action_type")) need(among({"submit", "reset"}, *action), "form_action_type");
  }

  void input() {
    if (const json* type = find("input_type")) need(among({"text", "multiline_text", "password"}, *type), "input_type");
    if (const json* most = find("max_length"))
      need(most->is_number_integer() && *most >= 1 && *most <= longest_input, "max_length");
    if (const json* label = find("label")) need(plain(*label), "label");
    if (const json* where = find("label_position")) need(among({"top", "left"}, *where), "label_position");
    if (const json* value = find("default_value")) need(value->is_string() && holds_text(node_, *value), "default_value");
  }

  void select() {
    const bool people = tag_.ends_with("person");
    const json& options = node_["options"];
    need(options.is_array() && (people || !options.empty()), "options");
    std::set<std::string> values;
    for (const json& one : options) {
      const json value = one.is_object() ? one.value("value", json()) : json();
      const bool text = value.is_string() && !value.get_ref<const std::string&>().empty();
      need(text, "an option without value");
      if (text) need(values.insert(value).second, "an option twice: " + value.get<std::string>());
      if (!people) need(one.is_object() && one.contains("text") && plain(one["text"]), "an option without text");
    }
    if (const json* index = find("initial_index"))
      need(index->is_number_integer() && *index >= 0 && *index <= options.size(), "initial_index");
    if (const json* initial = find("initial_option"))
      need(initial->is_string() && values.contains(initial->get<std::string>()), "initial_option is none of the options");
    if (const json* selected = find("selected_values")) {
      need(selected->is_array(), "selected_values");
      for (const json& one : *selected)
        need(one.is_string() && values.contains(one.get<std::string>()), "selected_values has none of the options");
    }
  }

  void picked(const Picker& one) {
    const json* initial = find(std::string(one.initial).c_str());
    if (initial == nullptr) return need(find("placeholder") != nullptr, "neither placeholder nor initial value");
    need(shaped(*initial, one.shape), std::string(one.initial));
  }

  void column_set() {
    if (const json* flex = find("flex_mode")) need(among({"none", "stretch", "flow", "bisect", "trisect"}, *flex), "flex_mode");
    need(node_["columns"].is_array(), "columns");
    for (const json& one : node_["columns"])
      need(one.is_object() && one.value("tag", "") == "column", "a child that is no column");
  }

  void table() {
    if (const json* size = find("page_size")) need(size->is_number_integer() && *size >= 1 && *size <= most_page, "page_size");
    const json& columns = node_["columns"];
    need(columns.is_array() && !columns.empty() && columns.size() <= most_columns, "columns");
    std::map<std::string, std::string> types;
    for (const json& column : columns) {
      const std::string name = column.is_object() ? column.value("name", "") : "";
      const json type = column.is_object() ? column.value("data_type", json()) : json();
      need(!name.empty(), "a column without name");
      need(among({"text", "lark_md", "options", "number", "persons", "date", "markdown"}, type), "data_type of " + name);
      if (wrong_) return;
      need(types.emplace(name, type).second, "a column twice: " + name);
      if (column.contains("width")) need(column["width"].is_string(), "width of " + name);
      for (const auto& [member, value] : column.items())
        need(
            holds({"name", "display_name", "data_type", "width", "vertical_align", "horizontal_align", "format", "date_format"},
                  member),
            "unknown property " + member + " of a column");
    }
    need(node_["rows"].is_array(), "rows");
    for (const json& row : node_["rows"]) {
      need(row.is_object(), "a row that is no object");
      for (const auto& [name, value] : row.items()) {
        const auto type = types.find(name);
        need(type != types.end(), "a cell of no column: " + name);
        if (type != types.end()) cell(type->second, value);
      }
    }
  }
  void cell(const std::string& type, const json& value) {
    if (type == "number" || type == "date") return need(value.is_number(), "a cell that is no number");
    if (type != "options") return need(value.is_string() || value.is_array(), "a cell that is no text");
    if (value.is_string()) return;
    need(value.is_array(), "options of a cell");
    for (const json& one : value)
      need(one.is_object() && one.value("text", json()).is_string() && one.value("color", json("blue")).is_string(),
           "an option of a cell without text");
  }

  void chart() {
    if (const json* ratio = find("aspect_ratio")) need(among({"1:1", "2:1", "4:3", "16:9"}, *ratio), "aspect_ratio");
    if (const json* theme = find("color_theme"))
      need(among({"brand", "rainbow", "complementary", "converse", "primary"}, *theme), "color_theme");
    const json& spec = node_["chart_spec"];
    need(spec.is_object() && spec.value("type", json()).is_string() && spec.contains("data"), "chart_spec");
  }

  const json& node_;
  std::string tag_;
  std::optional<std::string> wrong_;
};

}  // namespace

bool is_component(std::string_view tag) { return members().contains(tag); }

bool is_interactive(std::string_view tag) {
  return tag == "button" || tag == "input" || tag == "checker" || tag.find("select") != std::string_view::npos ||
         picker(tag) != nullptr;
}

std::optional<std::string> refuse_component(const json& node) { return Check(node).run(); }

std::optional<std::string> refuse_input(const json& component, const json& value) {
  const std::string tag = component.value("tag", "");
  const std::string name = component.value("name", "");
  if (const Picker* one = picker(tag)) {
    const bool empty = value.is_string() && value.get_ref<const std::string&>().empty();
    return empty || shaped(value, one->filled) ? std::nullopt : std::optional(name + " is no time of a picker");
  }
  if (tag.find("select") == std::string::npos) {
    if (!value.is_string()) return name + " is no text";
    return holds_text(component, value) ? std::nullopt : std::optional(name + " is longer than its max_length");
  }
  const json values = value.is_array() ? value : json::array({value});
  if (value.is_array() != tag.starts_with("multi")) return name + " takes " + (value.is_array() ? "one value" : "a list");
  for (const json& one : values) {
    const json& options = component["options"];
    const bool offered = one == "" || std::ranges::any_of(options, [&](const json& option) { return option["value"] == one; });
    if (!offered) return name + " has no option " + one.dump();
  }
  return std::nullopt;
}

}  // namespace xieban::sim
