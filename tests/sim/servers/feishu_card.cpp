#include "tests/sim/servers/feishu_card.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

namespace xieban::sim {

using nlohmann::json;

namespace {

constexpr std::size_t most_bytes = 30 * 1024;
constexpr std::size_t most_elements = 200;
constexpr std::array<std::string_view, 24> tags = {"plain_text",
                                                   "lark_md",
                                                   "markdown",
                                                   "div",
                                                   "hr",
                                                   "img",
                                                   "column_set",
                                                   "column",
                                                   "form",
                                                   "button",
                                                   "input",
                                                   "select_static",
                                                   "multi_select_static",
                                                   "select_person",
                                                   "multi_select_person",
                                                   "date_picker",
                                                   "picker_time",
                                                   "picker_datetime",
                                                   "overflow",
                                                   "checker",
                                                   "table",
                                                   "chart",
                                                   "text_tag",
                                                   "standard_icon"};
constexpr std::array<std::string_view, 13> templates = {"blue",    "wathet", "turquoise", "green",  "yellow", "orange", "red",
                                                        "carmine", "violet", "purple",    "indigo", "grey",   "default"};
constexpr std::array<std::string_view, 9> interactive = {
    "button",      "input",       "select_static",  "multi_select_static", "select_person", "multi_select_person",
    "date_picker", "picker_time", "picker_datetime"};

template <class List>
bool among(const List& list, std::string_view word) {
  return std::ranges::find(list, word) != list.end();
}

struct Walk {
  std::size_t elements = 0, tables = 0;
  std::set<std::string> names;
  std::optional<CardRefusal> refusal;

  void refuse(int sub, const std::string& what) {
    if (!refusal)
      refusal = CardRefusal{230099, "Failed to create card content, ext=ErrCode: " + std::to_string(sub) + "; ErrMsg: " + what +
                                        "; ErrorValue: "};
  }

  void visit(const json& node, bool in_form) {
    if (refusal) return;
    if (node.is_object()) {
      if (node.contains("tag")) {
        element(node, in_form);
        in_form = in_form || node["tag"] == "form";
      }
      for (const auto& [name, inner] : node.items()) {
        if (name != "value") visit(inner, in_form);
      }
    } else if (node.is_array()) {
      for (const json& inner : node) visit(inner, in_form);
    }
  }

  void element(const json& node, bool in_form) {
    if (!node["tag"].is_string()) return refuse(200621, "tag is not a string");
    const std::string tag = node["tag"];
    ++elements;
    if (tag == "action" || tag == "note") return refuse(200861, "unsupported tag " + tag + " in card 2.0");
    if (!among(tags, tag)) return refuse(200621, "unknown tag " + tag);
    if (tag == "table" && ++tables > 5) return refuse(11310, "card table number over limit");
    if (tag == "form" && in_form) return refuse(200621, "form inside a form");
    if (tag == "form" && !has_submit(node)) return refuse(200621, "form without a submit button");
    if (tag == "button" && !node.contains("text")) return refuse(200621, "button without text");
    if (tag == "button" && button_text(node).size() > 300) return refuse(200621, "button text too long");
    if (in_form && among(interactive, tag)) {
      const std::string name = node.value("name", "");
      if (name.empty()) return refuse(200530, "component in a form without a name");
      if (!names.insert(name).second) return refuse(200530, "name used twice: " + name);
    }
    for (const json& behavior : node.value("behaviors", json::array())) {
      if (behavior.value("type", "") == "callback" && !behavior.value("value", json()).is_object()) {
        return refuse(200621, "callback value is not an object");
      }
    }
  }

  static std::string button_text(const json& node) { return node["text"].is_object() ? node["text"].value("content", "") : ""; }

  static bool has_submit(const json& form) {
    for (const json& inner : form.value("elements", json::array())) {
      if (inner.value("form_action_type", "") == "submit") return true;
    }
    return false;
  }
};

void collect_text(const json& node, std::string& out) {
  if (node.is_object()) {
    const std::string tag = node.contains("tag") && node["tag"].is_string() ? node["tag"].get<std::string>() : "";
    if ((tag == "plain_text" || tag == "markdown" || tag == "lark_md") && node.contains("content")) {
      out += node["content"].get<std::string>() + "\n";
      return;
    }
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

void find_in(const json& node, const std::string& action, bool in_form, std::optional<FoundButton>& found) {
  if (found) return;
  if (node.is_object()) {
    const bool button = node.contains("tag") && node["tag"] == "button";
    if (button) {
      bool fits = Walk::button_text(node) == action;
      for (const json& behavior : node.value("behaviors", json::array()))
        fits = fits || says(behavior.value("value", json()), action);
      if (fits) found = FoundButton{node, in_form};
    }
    const bool form = in_form || (node.contains("tag") && node["tag"] == "form");
    for (const json& inner : node) find_in(inner, action, form, found);
  } else if (node.is_array()) {
    for (const json& inner : node) find_in(inner, action, in_form, found);
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
  } else if (card.contains("header") && !among(templates, card["header"].value("template", "default"))) {
    walk.refuse(200621, "unknown template");
  } else {
    walk.visit(card, false);
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

std::optional<FoundButton> find_button(const json& card, const std::string& action) {
  std::optional<FoundButton> found;
  find_in(card, action, false, found);
  return found;
}

}  // namespace xieban::sim
