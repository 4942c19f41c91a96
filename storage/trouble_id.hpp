#pragma once
// Names of what was put aside: "event:7", "parcel:12", "request:3".

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "bot/ports/store.hpp"

namespace xieban {

enum class TroubleKind { event, parcel, request };
struct TroubleId {
  TroubleKind kind = TroubleKind::event;
  std::uint64_t number = 0;
};
std::optional<TroubleId> parse_trouble(std::string_view);

Trouble event_trouble(std::uint64_t id, TimePoint at, const AppId&, const std::string& why);
Trouble parcel_trouble(ParcelId, TimePoint at, ParcelState, std::string_view kind, const std::string& why);
Trouble request_trouble(RequestId, TimePoint since);
/// Newest first, at most `limit`.
std::vector<Trouble> newest(std::vector<Trouble>, std::size_t limit);

}  // namespace xieban
