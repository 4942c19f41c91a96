#pragma once
// Instants and durations, milliseconds UTC, and their text forms. Nothing here reads a clock.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace xieban {

using Duration = std::chrono::milliseconds;
using TimePoint = std::chrono::sys_time<Duration>;
using Minutes = std::chrono::minutes;

/// "2026-11-21T09:00:00+08:00"; milliseconds are written only when there are any. The offset is what the zone has then.
std::string to_rfc3339(TimePoint, std::chrono::minutes offset = std::chrono::minutes{480});
/// Strict RFC 3339 with offset or Z; nullopt for anything else, impossible dates included.
std::optional<TimePoint> parse_rfc3339(std::string_view);

/// "PT2H10M", "P3D", "PT0S".
std::string to_iso_duration(Duration);
/// ISO 8601 duration of weeks, days, hours, minutes, seconds; nullopt for anything else.
std::optional<Duration> parse_iso_duration(std::string_view);
/// "90s", "30m", "2h", "3d" of the configuration file, with an optional sign; nullopt for anything else.
std::optional<Duration> parse_short_duration(std::string_view);

}  // namespace xieban
