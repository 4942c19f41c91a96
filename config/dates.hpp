#pragma once
// Dates of the JSON files: "2026-10-01".

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <string>
#include <string_view>

#include "bot/core/clock/calendar.hpp"

namespace xieban::config {

inline std::optional<LocalDate> parse_date(std::string_view written) {
  if (written.size() != 10 || written[4] != '-' || written[7] != '-') return std::nullopt;
  const auto number = [&](std::size_t from, std::size_t length) {
    int value = -1;
    const char* begin = written.data() + from;
    const auto [stop, fault] = std::from_chars(begin, begin + length, value);
    return fault == std::errc() && stop == begin + length ? value : -1;
  };
  const int year = number(0, 4), month = number(5, 2), day = number(8, 2);
  if (year < 0 || month < 0 || day < 0) return std::nullopt;
  const LocalDate date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                       std::chrono::day{static_cast<unsigned>(day)}};
  return date.ok() ? std::optional(date) : std::nullopt;
}

inline std::string text_of(LocalDate date) {
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()));
}

}  // namespace xieban::config
