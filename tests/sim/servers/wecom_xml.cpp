#include "tests/sim/servers/wecom_xml.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <pugixml.hpp>
#include <string_view>

namespace xieban::sim::wecom {

using nlohmann::json;

namespace {

json value_of(const pugi::xml_node& node) {
  json object = json::object();
  for (const pugi::xml_node& child : node.children()) {
    if (child.type() != pugi::node_element) continue;
    json value = value_of(child);
    const std::string name = child.name();
    if (!object.contains(name)) {
      object[name] = std::move(value);
    } else if (object[name].is_array()) {
      object[name].push_back(std::move(value));
    } else {
      object[name] = json::array({object[name], std::move(value)});
    }
  }
  if (object.empty()) return std::string(node.text().get());
  return object;
}

constexpr std::array<std::string_view, 7> lists = {"horizontal_content_list",
                                                   "jump_list",
                                                   "vertical_content_list",
                                                   "button_list",
                                                   "select_list",
                                                   "option_list",
                                                   "action_list"};
constexpr std::array<std::string_view, 5> numbers = {"type", "style", "mode", "desc_color", "aspect_ratio"};
constexpr std::array<std::string_view, 2> flags = {"disable", "is_checked"};

bool in(const auto& names, const std::string& name) { return std::ranges::find(names, name) != names.end(); }

std::string snake(const std::string& name) {
  static const std::map<std::string, std::string> odd = {
      {"KeyName", "keyname"}, {"UserId", "userid"}, {"AppId", "appid"}, {"PagePath", "pagepath"}, {"CheckBox", "checkbox"}};
  const auto found = odd.find(name);
  if (found != odd.end()) return found->second;
  std::string out;
  for (const char c : name) {
    const bool upper = c >= 'A' && c <= 'Z';
    if (upper && !out.empty()) out += '_';
    out += upper ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return out;
}

json scalar(const std::string& name, const std::string& text) {
  if (in(flags, name)) return text == "true" || text == "1";
  if (!in(numbers, name)) return text;
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  if (name == "aspect_ratio") return value;
  return static_cast<std::int64_t>(value);
}

}  // namespace

XmlWriter& XmlWriter::text(const std::string& name, const std::string& value) {
  // "]]>" cannot stand inside CDATA; it is split over two.
  std::string safe = value;
  for (auto at = safe.find("]]>"); at != std::string::npos; at = safe.find("]]>", at + 15))
    safe.replace(at, 3, "]]]]><![CDATA[>");
  inner_ += "<" + name + "><![CDATA[" + safe + "]]></" + name + ">";
  return *this;
}

XmlWriter& XmlWriter::number(const std::string& name, std::int64_t value) {
  inner_ += "<" + name + ">" + std::to_string(value) + "</" + name + ">";
  return *this;
}

XmlWriter& XmlWriter::element(const std::string& name, const XmlWriter& inner) {
  inner_ += inner.inside(name);
  return *this;
}

std::string XmlWriter::inside(const std::string& root) const { return "<" + root + ">" + inner_ + "</" + root + ">"; }

std::optional<json> read_xml(const std::string& text) {
  pugi::xml_document document;
  const auto parsed =
      document.load_buffer(text.data(), text.size(), pugi::parse_default | pugi::parse_doctype, pugi::encoding_utf8);
  const pugi::xml_node root = document.child("xml");
  if (!parsed || !root || document.find_child([](const pugi::xml_node& one) { return one.type() == pugi::node_doctype; }))
    return std::nullopt;
  json read = value_of(root);
  if (!read.is_object()) return std::nullopt;
  return read;
}

json card_of_xml(const json& from) {
  json card = json::object();
  if (!from.is_object()) return card;
  for (const auto& [given, value] : from.items()) {
    const std::string name = snake(given);
    const auto convert = [&](const json& one) -> json { return one.is_object() ? card_of_xml(one) : scalar(name, one); };
    if (in(lists, name)) {
      json list = json::array();
      if (value.is_array()) {
        for (const json& one : value) list.push_back(convert(one));
      } else {
        list.push_back(convert(value));
      }
      card[name] = std::move(list);
    } else if (!value.is_array()) {
      card[name] = convert(value);
    }
  }
  return card;
}

}  // namespace xieban::sim::wecom
