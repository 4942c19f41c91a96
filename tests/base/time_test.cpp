#include "bot/base/time.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "bot/base/error.hpp"

namespace xieban {
namespace {

using namespace std::chrono;
using namespace std::chrono_literals;

TEST(Time, WritesRfc3339) {
  const TimePoint t = sys_days{2026y / 11 / 21} + 1h + 2min + 3s;
  EXPECT_EQ(to_rfc3339(t), "2026-11-21T09:02:03+08:00");
  EXPECT_EQ(to_rfc3339(t + 45ms), "2026-11-21T09:02:03.045+08:00");
  EXPECT_EQ(to_rfc3339(t, minutes{-210}), "2026-11-20T21:32:03-03:30");
  EXPECT_EQ(to_rfc3339(t, minutes{0}), "2026-11-21T01:02:03+00:00");
}

TEST(Time, ReadsRfc3339Strictly) {
  EXPECT_EQ(parse_rfc3339("2026-11-21T09:02:03+08:00"), TimePoint{sys_days{2026y / 11 / 21} + 1h + 2min + 3s});
  EXPECT_EQ(parse_rfc3339("2026-11-21T01:02:03.0456Z"), TimePoint{sys_days{2026y / 11 / 21} + 1h + 2min + 3s + 45ms});
  EXPECT_EQ(parse_rfc3339("2024-02-29t00:00:00z"), TimePoint{sys_days{2024y / 2 / 29}});
  for (const char* bad : {"", "2026-11-21", "2026-11-21T09:02:03", "2026-02-30T00:00:00Z", "2026-13-01T00:00:00Z",
                          "2026-11-21T24:00:00Z", "2026-11-21T09:60:00Z", "2026-11-21T09:02:60Z", "2026-11-21T09:02:03+8:00",
                          "2026-11-21T09:02:03+08:60", "2026-11-21T09:02:03Zx", "2026-11-21T09:02:03.Z", "26-11-21T09:02:03Z",
                          "2026-11-21T09:02:03+24:00", " 2026-11-21T09:02:03Z"})
    EXPECT_FALSE(parse_rfc3339(bad)) << bad;
}

RC_GTEST_PROP(TimeProperty, Rfc3339RoundTrips, ()) {
  const TimePoint t{Duration{*rc::gen::inRange<std::int64_t>(0, 4'102'444'800'000)}};
  const minutes offset{*rc::gen::inRange(-840, 841)};
  RC_ASSERT(parse_rfc3339(to_rfc3339(t, offset)) == t);
}

TEST(Time, WritesAndReadsIsoDurations) {
  EXPECT_EQ(to_iso_duration(2h + 10min), "PT2H10M");
  EXPECT_EQ(to_iso_duration(72h), "P3D");
  EXPECT_EQ(to_iso_duration(25h), "P1DT1H");
  EXPECT_EQ(to_iso_duration(0ms), "PT0S");
  EXPECT_EQ(to_iso_duration(-90s), "-PT1M30S");
  EXPECT_EQ(to_iso_duration(1500ms), "PT1.500S");
  EXPECT_EQ(parse_iso_duration("PT2H10M"), 2h + 10min);
  EXPECT_EQ(parse_iso_duration("P1W"), 168h);
  EXPECT_EQ(parse_iso_duration("P3DT1.5S"), 72h + 1500ms);
  EXPECT_EQ(parse_iso_duration("-PT5M"), -5min);
  for (const char* bad : {"", "P", "PT", "P1H", "PT1D", "2H", "PT1M1H", "P1DT", "PT1.5H", "P1Y", "PT-1M", "pt1m",
                          "PT9999999999999S", "P999999999999D"})
    EXPECT_FALSE(parse_iso_duration(bad)) << bad;
}

RC_GTEST_PROP(TimeProperty, IsoDurationsRoundTrip, ()) {
  const Duration d{*rc::gen::inRange<std::int64_t>(-1'000'000'000'000, 1'000'000'000'000)};
  RC_ASSERT(parse_iso_duration(to_iso_duration(d)) == d);
}

TEST(Time, TheSmallestDurationCanBeWritten) { EXPECT_TRUE(to_iso_duration(Duration::min()).starts_with("-P")); }

TEST(Time, ReadsShortDurations) {
  EXPECT_EQ(parse_short_duration("90s"), 90s);
  EXPECT_EQ(parse_short_duration("30m"), 30min);
  EXPECT_EQ(parse_short_duration("+4h"), 4h);
  EXPECT_EQ(parse_short_duration("-24h"), -24h);
  EXPECT_EQ(parse_short_duration("3d"), 72h);
  for (const char* bad : {"", "3", "d", "3w", "3 d", "1.5h", "--1h", "3dd", "99999999999999d", "100000000000d"})
    EXPECT_FALSE(parse_short_duration(bad)) << bad;
}

TEST(Error, EveryCodeHasItsName) {
  EXPECT_EQ(to_string(Errc::bad_input), "bad_input");
  EXPECT_EQ(to_string(Errc::shutting_down), "shutting_down");
  EXPECT_EQ(to_string(Errc::thrown), "thrown");
}

}  // namespace
}  // namespace xieban
