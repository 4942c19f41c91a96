// Every sentence of the specification of deadline expressions as rows: what is typed when, and the one instant it means.

#include <gtest/gtest.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "bot/core/clock/when.hpp"
#include "tests/core/calendar_files.hpp"

namespace xieban::when_table_test {
namespace {

enum Column : std::size_t { section, asked, expression, language, expected, warnings, context, columns };

TEST(WhenTable, EveryRowMeansWhatItsSectionSays) {
  const Calendar office = test::shipped_calendar("cn-office");
  int read = 0;
  for (const auto& row : test::rows("core/time_expressions_by_section.tsv")) {
    ASSERT_EQ(row.size(), columns) << row.at(0);
    const Lang lang = row[language] == "en" ? Lang::en : Lang::zh;
    const TimePoint now = test::instant(row[asked]);
    const auto due = parse_due(row[expression], office, now, row[context] == "urgency=urgent", lang);
    const std::string what = fmt::format("section {}: {} at {}", row[section], row[expression], row[asked]);
    EXPECT_EQ(due ? to_rfc3339(due->at) : "ERROR:" + due.error().kind, row[expected]) << what;
    if (due && !row[warnings].empty()) {
      EXPECT_EQ(fmt::format("{}", fmt::join(due->warnings, ",")), row[warnings]) << what;
    }
    for (const std::string& one : due ? due->instead : due.error().suggestions)
      EXPECT_TRUE(parse_due(one, office, now, false, lang)) << what << " suggests " << one;
    ++read;
  }
  EXPECT_GT(read, 400);
}

}  // namespace
}  // namespace xieban::when_table_test
