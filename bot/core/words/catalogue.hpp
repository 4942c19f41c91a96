#pragma once
// The texts of one language: key -> template. `{name}` in a template is replaced by the argument of that name.

#include <span>
#include <string_view>

namespace xieban {

struct CatalogueEntry {
  std::string_view key, text;
};
std::span<const CatalogueEntry> catalogue_zh();
std::span<const CatalogueEntry> catalogue_en();

}  // namespace xieban
