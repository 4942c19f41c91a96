#pragma once
// Strong ids: two ids of different kinds never mix, neither in a call nor in a container.

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

namespace xieban {

/// An id that is text. Empty means "none".
template <class Tag>
struct TextId {
  std::string value;

  TextId() = default;
  explicit TextId(std::string text) : value(std::move(text)) {}
  [[nodiscard]] bool empty() const { return value.empty(); }
  [[nodiscard]] const std::string& str() const { return value; }
  friend auto operator<=>(const TextId&, const TextId&) = default;
  friend bool operator==(const TextId&, const TextId&) = default;
};

/// An id that is a number. Zero means "none".
template <class Tag, class Rep>
struct NumberId {
  using rep = Rep;
  Rep value{};

  constexpr NumberId() = default;
  constexpr explicit NumberId(Rep number) : value(number) {}
  [[nodiscard]] constexpr bool empty() const { return value == Rep{}; }
  [[nodiscard]] std::string str() const { return std::to_string(value); }
  friend constexpr auto operator<=>(const NumberId&, const NumberId&) = default;
  friend constexpr bool operator==(const NumberId&, const NumberId&) = default;
};

using AppId = TextId<struct AppTag>;                    // "feishu:main", "playground:main"
using UserId = TextId<struct UserTag>;                  // a person's id on one platform
using ChatId = TextId<struct ChatTag>;                  // a chat's id on one platform
using PersonId = TextId<struct PersonTag>;              // "zhao.tech", as configured
using DepartmentId = TextId<struct DepartmentTag>;      // "tech"
using TypeId = TextId<struct TypeTag>;                  // "normal"
using CalendarId = TextId<struct CalendarTag>;          // "workday"
using PolicyHash = TextId<struct PolicyTag>;            // sha-256 in hex of a type's content
using ConversationId = TextId<struct ConversationTag>;  // one half-finished dialogue
using RoutineId = TextId<struct RoutineTag>;
using ChannelId = TextId<struct ChannelTag>;  // one way an adapter can deliver
using Hash = TextId<struct HashTag>;          // sha-256 in hex of a document

using RequestId = NumberId<struct RequestTag, std::uint64_t>;  // the running number: 12 of XB-2026-0012
using ParcelId = NumberId<struct ParcelTag, std::uint64_t>;    // one row of the outbox
using CardId = NumberId<struct CardTag, std::uint64_t>;        // the parcel that created the card
using ClockId = NumberId<struct ClockTag, std::uint32_t>;      // within one request
using TaskNo = NumberId<struct TaskTag, std::uint32_t>;        // within one request: 3 of 12.3

}  // namespace xieban

template <class Tag>
struct std::hash<xieban::TextId<Tag>> {
  std::size_t operator()(const xieban::TextId<Tag>& id) const noexcept { return std::hash<std::string>{}(id.value); }
};
template <class Tag, class Rep>
struct std::hash<xieban::NumberId<Tag, Rep>> {
  std::size_t operator()(const xieban::NumberId<Tag, Rep>& id) const noexcept { return std::hash<Rep>{}(id.value); }
};
