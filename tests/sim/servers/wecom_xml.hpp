#pragma once
// The XML of self-built apps: callbacks written (90239, 90240), envelopes and passive replies read (90241).

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace xieban::sim::wecom {

/// Elements in the order they are added; text as CDATA, numbers plain.
class XmlWriter {
 public:
  XmlWriter& text(const std::string& name, const std::string& value);
  XmlWriter& number(const std::string& name, std::int64_t value);
  /// Inside it: whatever `inner` holds.
  XmlWriter& element(const std::string& name, const XmlWriter& inner);
  [[nodiscard]] std::string inside(const std::string& root) const;

 private:
  std::string inner_;
};

/// {"Name": text, "Other": {...}, "Repeated": [...]} of what stands inside <xml>; nullopt: no such document, or it has a DTD.
std::optional<nlohmann::json> read_xml(const std::string&);

/// A card of a passive reply in the names the JSON interfaces have: "ButtonList" -> "button_list", repeated elements as lists.
nlohmann::json card_of_xml(const nlohmann::json&);

}  // namespace xieban::sim::wecom
