#pragma once
// What a button carries: opaque to people, bound to card, version and action, useless when changed.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "bot/base/ids.hpp"
#include "bot/base/secret.hpp"

namespace xieban {

struct PressToken {
  CardId card;
  std::uint32_t version = 0;
  std::string action;
  friend bool operator==(const PressToken&, const PressToken&) = default;
};

/// "12.3.accept.9f86d081884c7d65": the last part is a keyed digest of the rest.
std::string seal(const PressToken&, const Secret& key);
/// nullopt: not ours, or changed.
std::optional<PressToken> unseal(std::string_view, const Secret& key);

}  // namespace xieban
