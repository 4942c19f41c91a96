#include "storage/trouble_id.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace xieban {

std::optional<TroubleId> parse_trouble(std::string_view text) {
  static constexpr std::pair<std::string_view, TroubleKind> kinds[] = {
      {"event:", TroubleKind::event}, {"parcel:", TroubleKind::parcel}, {"request:", TroubleKind::request}};
  for (const auto& [prefix, kind] : kinds) {
    if (!text.starts_with(prefix)) continue;
    TroubleId id{kind, 0};
    const auto* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data() + prefix.size(), end, id.number);
    if (error == std::errc{} && rest == end) return id;
  }
  return std::nullopt;
}

Trouble event_trouble(std::uint64_t id, TimePoint at, const AppId& app, const std::string& why) {
  return Trouble{"event:" + std::to_string(id), at, "event of " + app.value + ": " + why};
}
Trouble parcel_trouble(ParcelId id, TimePoint at, ParcelState state, std::string_view kind, const std::string& why) {
  std::string what(kind);
  what += state == ParcelState::held ? " held" : " not delivered";
  if (!why.empty()) what += ": " + why;
  return Trouble{"parcel:" + id.str(), at, std::move(what)};
}
Trouble request_trouble(RequestId id, TimePoint since) {
  return Trouble{"request:" + id.str(), since, "request " + id.str() + " could not be handled when its time came"};
}

std::vector<Trouble> newest(std::vector<Trouble> found, std::size_t limit) {
  std::ranges::stable_sort(found, [](const Trouble& a, const Trouble& b) { return a.at > b.at; });
  if (found.size() > limit) found.resize(limit);
  return found;
}

}  // namespace xieban
