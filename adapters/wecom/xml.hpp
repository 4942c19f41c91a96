#pragma once
// The XML of the self-built app's callbacks (developer.work.weixin.qq.com, path 90238 to 90241). Document types, and with
// them entities of their own, are refused.

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "bot/base/error.hpp"

namespace xieban::wecom {

struct Element {
  std::string name, text;
  std::vector<Element> children;
  /// The first one; nullptr when there is none.
  [[nodiscard]] const Element* child(std::string_view name) const;
  /// Of the first child of that name; empty when there is none.
  [[nodiscard]] std::string text_of(std::string_view name) const;
};

/// The root. bad_input: no XML, a document type, deeper than 16 or more than 5000 elements.
Result<Element> read_xml(std::string_view);

/// An object as elements in the platform's CamelCase, lists as elements that repeat, texts as CDATA.
std::string write_xml(std::string_view root, const nlohmann::json&);

}  // namespace xieban::wecom
