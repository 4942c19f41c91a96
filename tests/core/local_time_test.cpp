#include <gtest/gtest.h>

#include "bot/core/clock/calendar.hpp"
#include "bot/core/words/phrase.hpp"
#include "tests/core/calendar_files.hpp"

namespace xieban::local_time_test {
namespace {

using namespace std::chrono_literals;
using test::instant;
using test::shipped_calendar;

const TimePoint now = instant("2026-11-20T10:00:00");

TEST(LocalTime, WritesDatesInFull) {
  const Calendar office = shipped_calendar("cn-office");
  const TimePoint due = instant("2026-11-27T18:00:00");
  EXPECT_EQ(local_time(Lang::zh, due, office, now), "11月27日 周五 18:00");
  EXPECT_EQ(local_time(Lang::en, due, office, now), "Fri 27 Nov 18:00");
  EXPECT_EQ(local_time(Lang::zh, instant("2027-01-04T09:05:00"), office, now), "2027年1月4日 周一 09:05");
  EXPECT_EQ(local_time(Lang::en, instant("2027-01-04T09:05:00"), office, now), "Mon 4 Jan 2027 09:05");
  EXPECT_EQ(local_time(Lang::en, due, shipped_calendar("us-east"), now), "Fri 27 Nov 05:00");
  EXPECT_EQ(local_time_short(Lang::zh, instant("2026-11-20T18:00:00"), office, now), "18:00");
  EXPECT_EQ(local_time_short(Lang::zh, due, office, now), "11月27日 周五 18:00");
}

TEST(LocalTime, SaysWhatIsLeftInWorkingTime) {
  const Calendar office = shipped_calendar("cn-office");
  EXPECT_EQ(time_left(Lang::zh, instant("2026-11-27T18:00:00"), office, now), "还有 6 个工作日");
  EXPECT_EQ(time_left(Lang::en, instant("2026-11-27T18:00:00"), office, now), "6 working days left");
  EXPECT_EQ(time_left(Lang::zh, instant("2026-11-20T14:50:00"), office, now), "还有 3 小时 20 分");
  EXPECT_EQ(time_left(Lang::en, instant("2026-11-20T14:50:00"), office, now), "3 h 20 min left");
  EXPECT_EQ(time_left(Lang::zh, instant("2026-11-23T12:00:00"), office, now), "还有 1 个工作日 2 小时");
  EXPECT_EQ(time_left(Lang::zh, instant("2026-11-20T09:20:00"), office, now), "已逾期 40 分");
  EXPECT_EQ(time_left(Lang::en, instant("2026-11-20T09:20:00"), office, now), "40 min overdue");
  EXPECT_EQ(time_left(Lang::zh, now + 20s, office, now), "还有不到 1 分钟");
  EXPECT_EQ(time_left(Lang::zh, now - 20s, office, now), "已逾期不到 1 分钟");
  EXPECT_EQ(time_left(Lang::zh, now, office, now), "现在到期");
  EXPECT_EQ(time_left(Lang::zh, instant("2026-11-21T16:00:00"), shipped_calendar("natural"), now), "还有 1 天 6 小时");
  EXPECT_EQ(time_left(Lang::zh, instant("2026-11-24T16:00:00"), shipped_calendar("workday"), now), "还有 2 个工作日 6 小时");
}

TEST(LocalTime, FiveSecondsLaterTheSameIsLeft) {
  const Calendar natural = shipped_calendar("natural"), office = shipped_calendar("cn-office");
  for (const Duration whole : {Duration(90min), Duration(1h), Duration(24h), Duration(50h), Duration(72h), Duration(6 * 24h)})
    EXPECT_EQ(time_left(Lang::zh, now + whole, natural, now + 5s), time_left(Lang::zh, now + whole, natural, now))
        << whole.count();
  EXPECT_EQ(time_left(Lang::zh, instant("2026-11-30T10:00:00"), office, now + 5s), "还有 6 个工作日");
  EXPECT_EQ(time_left(Lang::en, now + 48h, natural, now + 5s), "2 days left");
  // From three days on the nearest is said, before that the hours as well.
  EXPECT_EQ(time_left(Lang::zh, now + 83h, natural, now), "还有 3 天");
  EXPECT_EQ(time_left(Lang::zh, now + 85h, natural, now), "还有 4 天");
  EXPECT_EQ(time_left(Lang::zh, now + 71h, natural, now), "还有 2 天 23 小时");
  EXPECT_EQ(time_left(Lang::zh, now - 85h, natural, now), "已逾期 4 天");
}

TEST(LocalTime, BetweenWorkingTimesRealTimeCounts) {
  const TimePoint saturday = instant("2026-11-21T10:00:00");
  EXPECT_EQ(time_left(Lang::zh, instant("2026-11-22T18:00:00"), shipped_calendar("cn-office"), saturday), "还有 1 天 8 小时");
}

TEST(LocalTime, WritesSpans) {
  EXPECT_EQ(span(Lang::zh, 96min), "1 小时 36 分");
  EXPECT_EQ(span(Lang::en, 96min), "1 h 36 min");
  EXPECT_EQ(span(Lang::zh, 51h), "2 天 3 小时");
  EXPECT_EQ(span(Lang::zh, 40min), "40 分");
  EXPECT_EQ(span(Lang::zh, 20s), "20 秒");
  EXPECT_EQ(span(Lang::zh, -40min), "40 分");
  EXPECT_FALSE(span(Lang::zh, Duration::min()).empty());
}

}  // namespace
}  // namespace xieban::local_time_test
