#include "tests/sim/servers/feishu_card.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <map>
#include <set>
#include <string_view>

#include "tests/sim/servers/feishu_components.hpp"

namespace xieban::sim {

using nlohmann::json;

namespace {

constexpr std::size_t most_bytes = 30 * 1024;
constexpr std::size_t most_elements = 200, most_tables = 5, most_tags = 3;
constexpr std::array<std::string_view, 13> templates = {"blue",    "wathet", "turquoise", "green",  "yellow", "orange", "red",
                                                        "carmine", "violet", "purple",    "indigo", "grey",   "default"};
constexpr int deepest = 5;

template <class List>
bool among(const List& list, std::string_view word) {
  return std::ranges::find(list, word) != list.end();
}

/// Where the walk stands.
struct Place {
  bool root = false;  // directly in body.elements
  bool in_form = false;
  bool in_column = false;
  int depth = 0;  // containers around it
};

struct Walk {
  std::size_t elements = 0, tables = 0;
  std::set<std::string> names, ids;
  std::optional<CardRefusal> refusal;

  void refuse(int sub, const std::string& what) {
    if (!refusal)
      refusal = CardRefusal{230099, "Failed to create card content, ext=ErrCode: " + std::to_string(sub) + "; ErrMsg: " + what +
                                        "; ErrorValue: "};
  }

  void visit(const json& node, Place place) {
    if (refusal) return;
    if (node.is_array()) {
      for (const json& inner : node) visit(inner, place);
      return;
    }
    if (!node.is_object()) return;
    if (node.contains("tag")) {
      element(node, place);
      if (refusal) return;
      const std::string tag = node["tag"];
      place.root = false;
      if (tag == "form" || tag == "column_set") ++place.depth;
      place.in_form = place.in_form || tag == "form";
      place.in_column = place.in_column || tag == "column";
      // Neither holds components.
      if (tag == "table" || tag == "chart") return;
    }
    for (const auto& [name, inner] : node.items()) {
      if (name != "value") visit(inner, place);
    }
  }

  void element(const json& node, const Place& place) {
    if (!node["tag"].is_string()) return refuse(200621, "tag is not a string");
    const std::string tag = node["tag"];
    ++elements;
    if (tag == "action" || tag == "note") return refuse(200861, "unsupported tag " + tag + " in card 2.0");
    if (!is_component(tag)) return refuse(200621, "unknown tag " + tag);
    if (const auto wrong = refuse_component(node)) return refuse(200621, *wrong);
    if (tag == "table" && ++tables > most_tables) return refuse(11310, "card table number over limit");
    if ((tag == "table" || tag == "form") && !place.root) return refuse(200621, tag + " stands in the body's elements only");
    if (tag == "chart" && place.in_form) return refuse(200621, "chart inside a form");
    if (tag == "column_set" && place.depth >= deepest) return refuse(200621, "containers nested too deep");
    if (tag == "form" && !has_submit(node)) return refuse(200621, "form without a submit button");
    if (tag.starts_with("multi_select") && !place.in_form) return refuse(200621, tag + " outside a form");
    if (place.in_form && is_interactive(tag) && node.value("name", "").empty())
      return refuse(200530, "component in a form without a name");
    if (node.contains("name") && !names.insert(node["name"].get<std::string>()).second)
      return refuse(200530, "name used twice: " + node["name"].get<std::string>());
    if (node.contains("element_id") && !ids.insert(node["element_id"].get<std::string>()).second)
      return refuse(200621, "element_id used twice");
  }

  static std::string button_text(const json& node) { return node["text"].is_object() ? node["text"].value("content", "") : ""; }

  /// Anywhere in it: the official layout puts buttons into columns.
  static bool has_submit(const json& node) {
    if (node.is_object() && node.value("form_action_type", json()) == "submit") return true;
    return node.is_structured() && std::ranges::any_of(node, [](const json& inner) { return has_submit(inner); });
  }
};

bool only(const json& object, std::initializer_list<std::string_view> members) {
  return object.is_object() && std::ranges::all_of(object.items(), [&](const auto& one) { return among(members, one.key()); });
}

/// What stands around the body; an unknown property is an error here as everywhere.
std::optional<std::string> refuse_frame(const json& card) {
  if (!only(card, {"schema", "config", "card_link", "header", "body", "i18n_header"})) return "unknown property of the card";
  const json config = card.value("config", json::object());
  if (!only(config, {"update_multi", "width_mode", "enable_forward", "enable_forward_interaction", "summary", "style",
                     "streaming_mode", "streaming_config", "locales", "use_custom_translation"}))
    return "unknown property of config";
  if (!among(std::array<std::string_view, 3>{"default", "compact", "fill"}, config.value("width_mode", "default")))
    return "width_mode";
  if (config.contains("summary") && !only(config["summary"], {"content"})) return "summary";
  if (!only(card["body"], {"elements", "direction", "padding", "horizontal_spacing", "vertical_spacing", "horizontal_align",
                           "vertical_align"}) ||
      !card["body"].value("elements", json()).is_array())
    return "body";
  if (!card.contains("header")) return std::nullopt;
  const json& header = card["header"];
  if (!only(header, {"title", "subtitle", "template", "text_tag_list", "i18n_text_tag_list", "icon", "padding"}))
    return "unknown property of header";
  if (!header.value("title", json()).is_object()) return "header without title";
  if (header.value("text_tag_list", json::array()).size() > most_tags) return "too many tags in the header";
  if (!among(templates, header.value("template", "default"))) return "unknown template";
  return std::nullopt;
}

/// A line per row.
void collect_table(const json& table, std::string& out) {
  for (const json& column : table["columns"]) out += column.value("display_name", "") + "\t";
  out += "\n";
  for (const json& row : table["rows"]) {
    for (const json& column : table["columns"]) {
      const json cell = row.value(column["name"].get<std::string>(), json(""));
      if (cell.is_string()) out += cell.get<std::string>();
      if (cell.is_array())
        for (const json& one : cell) out += one.is_object() ? one.value("text", "") : "";
      out += "\t";
    }
    out += "\n";
  }
}

void collect_text(const json& node, std::string& out) {
  if (node.is_object()) {
    const std::string tag = node.contains("tag") && node["tag"].is_string() ? node["tag"].get<std::string>() : "";
    if ((tag == "plain_text" || tag == "markdown" || tag == "lark_md") && node.contains("content")) {
      out += node["content"].get<std::string>() + "\n";
      return;
    }
    if (tag == "table") return collect_table(node, out);
    if (node.contains("header")) collect_text(node["header"], out);
    for (const auto& [name, inner] : node.items()) {
      if (name != "header" && name != "value" && name != "config" && name != "confirm") collect_text(inner, out);
    }
  } else if (node.is_array()) {
    for (const json& inner : node) collect_text(inner, out);
  }
}

bool says(const json& value, const std::string& action) {
  if (value.is_string()) {
    const std::string text = value;
    return text == action || text.find("." + action + ".") != std::string::npos;
  }
  if (!value.is_structured()) return false;
  return std::ranges::any_of(value, [&](const json& inner) { return says(inner, action); });
}

void find_in(const json& node, const std::string& action, const json* form_around, std::optional<FoundButton>& found) {
  if (found) return;
  if (node.is_object()) {
    const bool button = node.contains("tag") && node["tag"] == "button";
    if (button) {
      bool fits = Walk::button_text(node) == action;
      for (const json& behavior : node.value("behaviors", json::array()))
        fits = fits || says(behavior.value("value", json()), action);
      if (fits) found = FoundButton{node, form_around != nullptr ? *form_around : json()};
    }
    const json* form = node.contains("tag") && node["tag"] == "form" ? &node : form_around;
    for (const json& inner : node) find_in(inner, action, form, found);
  } else if (node.is_array()) {
    for (const json& inner : node) find_in(inner, action, form_around, found);
  }
}

}  // namespace

std::optional<CardRefusal> refuse_card(const std::string& content) {
  if (content.size() > most_bytes) return CardRefusal{230025, "The length of the message content reaches its limit"};
  const json card = json::parse(content, nullptr, false);
  Walk walk;
  if (!card.is_object()) {
    walk.refuse(200621, "card is not a JSON object");
  } else if (card.value("schema", "") != "2.0" || !card.contains("body")) {
    walk.refuse(200621, "card is not of schema 2.0");
  } else if (!card.value("config", json::object()).value("update_multi", true)) {
    walk.refuse(200621, "update_multi must be true");
  } else if (const auto wrong = refuse_frame(card)) {
    walk.refuse(200621, *wrong);
  } else {
    if (card.contains("header")) walk.visit(card["header"], {});
    walk.visit(card["body"]["elements"], {.root = true});
    if (walk.elements > most_elements) walk.refuse(11310, "element exceeds the limit");
  }
  return walk.refusal;
}

std::string card_text(const json& card) {
  std::string out;
  collect_text(card, out);
  return out;
}

std::vector<std::string> card_mentions(const json& card) {
  std::vector<std::string> found;
  constexpr std::string_view open = "<at id='";
  // Only mark-up makes mentions; plain_text shows the same bytes literally.
  std::vector<const json*> waiting = {&card};
  while (!waiting.empty()) {
    const json* node = waiting.back();
    waiting.pop_back();
    if (node->is_object() && node->value("tag", json()) == "markdown") {
      const std::string content = node->value("content", "");
      for (auto at = content.find(open); at != std::string::npos; at = content.find(open, at + 1)) {
        const auto begin = at + open.size();
        found.push_back(content.substr(begin, content.find('\'', begin) - begin));
      }
    }
    if (node->is_structured()) {
      for (const json& inner : *node) waiting.push_back(&inner);
    }
  }
  return found;
}

std::optional<std::string> refuse_filled(const json& form, const json& inputs) {
  std::map<std::string, const json*> components;
  std::vector<const json*> waiting = {&form};
  while (!waiting.empty()) {
    const json* node = waiting.back();
    waiting.pop_back();
    if (node->is_object() && node->contains("tag") && node->contains("name") && (*node)["tag"] != "form")
      components[(*node)["name"].get<std::string>()] = node;
    if (!node->is_structured()) continue;
    for (const json& inner : *node) waiting.push_back(&inner);
  }
  for (const auto& [name, value] : inputs.items()) {
    const auto found = components.find(name);
    if (found == components.end()) return "the form has nothing called " + name;
    if (auto wrong = refuse_input(*found->second, value)) return wrong;
  }
  return std::nullopt;
}

std::optional<FoundButton> find_button(const json& card, const std::string& action) {
  std::optional<FoundButton> found;
  find_in(card, action, nullptr, found);
  return found;
}

}  // namespace xieban::sim
