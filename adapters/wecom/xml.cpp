#include "adapters/wecom/xml.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <pugixml.hpp>

#include "bot/base/text.hpp"

namespace xieban::wecom {

using nlohmann::json;

namespace {

constexpr std::size_t deepest = 16, most_elements = 5000;

std::unexpected<Error> refused(const char* why) { return std::unexpected(Error(Errc::bad_input, why)); }

/// False: too deep, or too many.
bool copy(const pugi::xml_node& from, Element& to, std::size_t depth, std::size_t& count) {
  if (depth > deepest || ++count > most_elements) return false;
  to.name = from.name();
  for (const pugi::xml_node& child : from.children()) {
    if (child.type() == pugi::node_element) {
      if (!copy(child, to.children.emplace_back(), depth + 1, count)) return false;
    } else {
      to.text += child.value();
    }
  }
  return true;
}

/// "main_title" -> "MainTitle"; names that the platform joins otherwise are listed.
std::string camel(std::string_view name) {
  if (name == "keyname") return "KeyName";
  std::string out;
  bool upper = true;
  for (const char c : name) {
    if (c == '_') {
      upper = true;
      continue;
    }
    out += upper && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    upper = false;
  }
  return out;
}

std::string cdata(std::string_view plain) {
  std::string out = "<![CDATA[";
  for (const char c : text::repair(plain)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 && c != '\t' && c != '\n' && c != '\r') continue;  // no XML can hold them
    if (c == '>' && out.ends_with("]]")) out += "]]><![CDATA[";
    out += c;
  }
  return out + "]]>";
}

void write(std::string& out, const std::string& name, const json& value) {
  if (value.is_array()) {
    for (const json& item : value) write(out, name, item);
    return;
  }
  out += "<" + name + ">";
  if (value.is_object()) {
    for (const auto& [key, inner] : value.items()) write(out, camel(key), inner);
  } else if (value.is_string()) {
    out += cdata(value.get_ref<const std::string&>());
  } else {
    out += value.dump();
  }
  out += "</" + name + ">";
}

}  // namespace

const Element* Element::child(std::string_view wanted) const {
  const auto found = std::ranges::find(children, wanted, &Element::name);
  return found == children.end() ? nullptr : &*found;
}

std::string Element::text_of(std::string_view wanted) const {
  const Element* found = child(wanted);
  return found == nullptr ? std::string() : found->text;
}

Result<Element> read_xml(std::string_view bytes) {
  pugi::xml_document document;
  constexpr unsigned how = pugi::parse_cdata | pugi::parse_escapes | pugi::parse_doctype;
  if (!document.load_buffer(bytes.data(), bytes.size(), how, pugi::encoding_utf8)) return refused("body is not XML");
  for (const pugi::xml_node& node : document.children())
    if (node.type() == pugi::node_doctype) return refused("a document type is not accepted");
  Element root;
  std::size_t count = 0;
  if (!copy(document.document_element(), root, 1, count)) return refused("XML that is too deep or too long");
  if (root.name.empty()) return refused("body has no root element");
  return root;
}

std::string write_xml(std::string_view root, const json& value) {
  std::string out;
  write(out, std::string(root), value);
  return out;
}

}  // namespace xieban::wecom
