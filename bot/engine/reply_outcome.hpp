#pragma once
// What became of a message to an address that takes one: whichever way it ended, the next one goes elsewhere.

#include <optional>

#include "bot/core/card/delivery.hpp"
#include "bot/ports/store.hpp"

namespace xieban {

/// With what follows of the outcome `otherwise`; that alone where the message went another way, or is tried again there.
std::optional<Consequence> with_address_spent(std::optional<Consequence> otherwise, const Claimed&, const Settlement&,
                                              const Traits&);

}  // namespace xieban
