#include "bot/core/clock/when.hpp"

#include <gtest/gtest.h>

#include "tests/core/calendar_files.hpp"

namespace xieban::when_test {
namespace {

using test::instant;

Lang lang_of(const std::string& name) { return name == "en" ? Lang::en : Lang::zh; }

std::string outcome(const std::expected<Due, WhenError>& due) {
  return due ? to_rfc3339(due->at) : "ERROR:" + due.error().kind;
}

std::string read(std::string_view text, std::string_view now = "2026-11-20T10:00:00", bool urgent = false,
                 Lang lang = Lang::zh) {
  return outcome(parse_due(text, test::shipped_calendar("cn-office"), instant(std::string(now)), urgent, lang));
}

TEST(When, ReadsEveryExample) {
  int all = 0;
  for (const auto& row : test::rows("core/time_expressions_examples.tsv")) {
    ASSERT_GE(row.size(), 4U);
    const bool urgent = row.size() > 5 && row[5] == "urgency=urgent";
    EXPECT_EQ(outcome(parse_due(row[1], test::shipped_calendar("cn-office"), instant(row[0]), urgent, lang_of(row[2]))), row[3])
        << row[1] << " at " << row[0];
    ++all;
  }
  EXPECT_EQ(all, 153);
}

TEST(When, ReadsDatesClocksAndSpans) {
  const std::vector<std::pair<std::string, std::string>> cases{{"12月10日 18:00", "2026-12-10T18:00:00+08:00"},
                                                               {"2026-12-10 18:00", "2026-12-10T18:00:00+08:00"},
                                                               {"12/10", "2026-12-10T18:00:00+08:00"},
                                                               {"12-10 09:30", "2026-12-10T09:30:00+08:00"},
                                                               {"15号下午3点半", "2026-12-15T15:30:00+08:00"},
                                                               {"20号", "2026-11-20T18:00:00+08:00"},
                                                               {"31号", "2026-12-31T18:00:00+08:00"},
                                                               {"明天18点", "2026-11-21T18:00:00+08:00"},
                                                               {"大后天中午", "2026-11-23T12:00:00+08:00"},
                                                               {"周二十二点", "2026-11-24T12:00:00+08:00"},
                                                               {"下周五下班前", "2026-11-27T18:00:00+08:00"},
                                                               {"本周日 24:00", "2026-11-23T00:00:00+08:00"},
                                                               {"18点30", "2026-11-20T18:30:00+08:00"},
                                                               {"5点半", "2026-11-20T17:30:00+08:00"},
                                                               {"晚上八点", "2026-11-20T20:00:00+08:00"},
                                                               {"2小时", "2026-11-20T12:00:00+08:00"},
                                                               {"3天内", "2026-11-23T18:00:00+08:00"},
                                                               {"30分钟", "2026-11-20T10:30:00+08:00"},
                                                               {"3d", "2026-11-23T18:00:00+08:00"},
                                                               {"2h", "2026-11-20T12:00:00+08:00"},
                                                               {"1h30m", "2026-11-20T11:30:00+08:00"},
                                                               {"1天2小时", "2026-11-23T18:00:00+08:00"},
                                                               {"半天", "2026-11-20T15:15:00+08:00"},
                                                               {"2.5个工作日", "2026-11-24T15:15:00+08:00"},
                                                               {"三个工作日后", "2026-11-25T18:00:00+08:00"},
                                                               {"3天后下午3点", "2026-11-23T15:00:00+08:00"},
                                                               {"3天后早上9点", "2026-11-23T09:00:00+08:00"},
                                                               {"10个自然日内", "2026-11-30T18:00:00+08:00"},
                                                               {"半个月", "2026-12-07T18:00:00+08:00"},
                                                               {"1.5小时", "2026-11-20T11:30:00+08:00"},
                                                               {"截止时间：12月10日18点前完成", "2026-12-10T18:00:00+08:00"},
                                                               {"请在周三前交付", "2026-11-25T18:00:00+08:00"},
                                                               {"最晚后天", "2026-11-22T18:00:00+08:00"},
                                                               {"明天大约5点", "2026-11-21T17:00:00+08:00"},
                                                               {"星期三(11月25日)8点半", "2026-11-25T08:30:00+08:00"},
                                                               {"北京时间明天18:00", "2026-11-21T18:00:00+08:00"},
                                                               {"tomorrow", "2026-11-21T18:00:00+08:00"},
                                                               {"Friday", "2026-11-20T18:00:00+08:00"},
                                                               {"Dec 10 18:00", "2026-12-10T18:00:00+08:00"},
                                                               {"10 Dec", "2026-12-10T18:00:00+08:00"},
                                                               {"Fri 15 Jan 2027 9am", "2027-01-15T09:00:00+08:00"},
                                                               {"5pm on Friday", "2026-11-20T17:00:00+08:00"},
                                                               {"3 business days", "2026-11-25T18:00:00+08:00"},
                                                               {"by 5pm", "2026-11-20T17:00:00+08:00"},
                                                               {"by 4", "2026-11-20T16:00:00+08:00"},
                                                               {"day after tomorrow 3pm", "2026-11-22T15:00:00+08:00"},
                                                               {"tomorrow 5", "2026-11-21T17:00:00+08:00"},
                                                               {"quarter to six", "2026-11-20T17:45:00+08:00"},
                                                               {"an hour and a half", "2026-11-20T11:30:00+08:00"},
                                                               {"Friday next week", "2026-11-27T18:00:00+08:00"},
                                                               {"2nd of Dec", "2026-12-02T18:00:00+08:00"},
                                                               {"2027-02-01T18:00:00+09:00", "2027-02-01T17:00:00+08:00"},
                                                               {"18:00 UTC+8", "2026-11-20T18:00:00+08:00"}};
  for (const auto& [text, want] : cases) EXPECT_EQ(read(text), want) << text;
}

TEST(When, RefusesWhatNamesNoSingleMoment) {
  const std::vector<std::pair<std::string, std::string>> cases{{"", "empty"},
                                                               {" 　", "empty"},
                                                               {"。", "empty"},
                                                               {"尽快", "vague"},
                                                               {"现在", "vague"},
                                                               {"asap", "vague"},
                                                               {"a few days", "vague"},
                                                               {"十几天", "vague"},
                                                               {"每天18点", "recurrence"},
                                                               {"every Friday", "recurrence"},
                                                               {"正月初三", "lunar"},
                                                               {"18:00 CST", "timezone"},
                                                               {"东京时间18点", "timezone"},
                                                               {"周一到周三", "range"},
                                                               {"12月1日至10日", "range"},
                                                               {"5 to 6pm", "range"},
                                                               {"3-5天", "range"},
                                                               {"9:00-10:00", "range"},
                                                               {"周五以后", "not_deadline"},
                                                               {"after Friday", "not_deadline"},
                                                               {"12月1日起", "not_deadline"},
                                                               {"11月18日", "past"},
                                                               {"3天前", "past"},
                                                               {"2 days ago", "past"},
                                                               {"2月30日", "invalid_date"},
                                                               {"2月29日", "invalid_date"},
                                                               {"32号", "invalid_date"},
                                                               {"31 Nov", "invalid_date"},
                                                               {"20261345", "invalid_date"},
                                                               {"25:61", "invalid_time"},
                                                               {"18:70", "invalid_time"},
                                                               {"下午0点", "invalid_time"},
                                                               {"13am", "invalid_time"},
                                                               {"24:30", "invalid_time"},
                                                               {"12-11-10", "ambiguous_date"},
                                                               {"Monday 10 Dec", "weekday_mismatch"},
                                                               {"2099年1月1日", "too_far"},
                                                               {"9999天", "too_far"},
                                                               {"999999999天", "too_far"},
                                                               {"周五蓝色", "unrecognized"},
                                                               {"12", "unrecognized"},
                                                               {"5", "unrecognized"}};
  for (const auto& [text, want] : cases) EXPECT_EQ(read(text), "ERROR:" + want) << text;
  EXPECT_EQ(read("今天18点", "2026-11-20T18:00:00"), "ERROR:past");  // at the target nothing is ahead
}

TEST(When, MovesOnlyWhatTheSpecificationMoves) {
  EXPECT_EQ(read("今天9点前"), "2026-11-20T21:00:00+08:00");  // its morning is over
  EXPECT_EQ(read("8点", "2026-11-20T15:00:00"), "2026-11-20T20:00:00+08:00");
  EXPECT_EQ(read("凌晨2点"), "2026-11-21T02:00:00+08:00");
  EXPECT_EQ(read("下班前", "2026-11-20T19:00:00"), "2026-11-23T18:00:00+08:00");
  EXPECT_EQ(read("3天内", "2026-11-25T15:00:00", true), "2026-11-28T18:00:00+08:00");  // urgent: not moved
  EXPECT_EQ(read("10天内", "2026-09-25T10:00:00"), "2026-10-08T18:00:00+08:00");       // over the holiday
  EXPECT_EQ(read("before Monday", "2026-11-20T10:00:00", false, Lang::en), "2026-11-20T18:00:00+08:00");
}

std::vector<std::string> warnings(std::string_view text, std::string_view at = "2026-11-20T10:00:00") {
  const auto due = parse_due(text, test::shipped_calendar("cn-office"), instant(std::string(at)), false, Lang::zh);
  return due ? due->warnings : std::vector<std::string>{"ERROR:" + due.error().kind};
}

TEST(When, WarnsWhereItAssumed) {
  using Names = std::vector<std::string>;
  EXPECT_EQ(warnings("明天18点"), Names{"non_working_day"});
  EXPECT_EQ(warnings("周一18:30"), Names{"outside_working_hours"});
  EXPECT_EQ(warnings("周一5点"), Names{"assumed_pm"});
  EXPECT_EQ(warnings("周一17点"), Names{});
  EXPECT_EQ(warnings("周五", "2026-11-20T19:00:00"), Names{"assumed_next_week"});
  EXPECT_EQ(warnings("15号"), Names{"assumed_next_month"});
  EXPECT_EQ(warnings("3月2日"), (Names{"assumed_next_year", "calendar_incomplete"}));
  EXPECT_EQ(warnings("next Friday"), Names{});  // today is Friday: nothing of it is ahead
  EXPECT_EQ(warnings("next Friday", "2026-11-18T10:00:00"), Names{"next_is_ambiguous"});
  EXPECT_EQ(warnings("9点", "2026-11-20T15:00:00"), Names{"rolled_to_next_day"});
  EXPECT_EQ(warnings("3天内", "2026-11-25T15:00:00"), Names{"moved_to_working_day"});
  EXPECT_EQ(warnings("周一18点左右"), Names{"approximate"});
}

TEST(When, EchoesTheFullDateAndItsBasis) {
  const auto echo = [](std::string_view text, Lang lang = Lang::zh) {
    return parse_due(text, test::shipped_calendar("cn-office"), instant("2026-11-20T10:00:00"), false, lang).value().echo;
  };
  EXPECT_EQ(echo("3个工作日内"), "截止 2026-11-25（周三）18:00 · 3个工作日 · 含当日");
  EXPECT_EQ(echo("周三前"), "截止 2026-11-25（周三）18:00 · 含当日");
  EXPECT_EQ(echo("下周"), "截止 2026-11-27（周五）18:00 · 2026-11-23 至 2026-11-29");
  EXPECT_EQ(echo("12月前"), "截止 2026-11-30（周一）18:00 · 2026-12-01 之前，不含当日");
  EXPECT_EQ(echo("18:00 UTC+9"), "截止 2026-11-20（周五）17:00");
  EXPECT_EQ(echo("2小时"), "截止 2026-11-20（周五）12:00 · 2小时（工作时间）");
  EXPECT_EQ(echo("12月10日 18:00"), "截止 2026-12-10（周四）18:00");
  EXPECT_EQ(echo("3 business days", Lang::en), "Due 2026-11-25 (Wed) 18:00 · 3 business days · that day included");
  EXPECT_EQ(echo("before Wednesday", Lang::en), "Due 2026-11-24 (Tue) 18:00 · before 2026-11-25");
}

TEST(When, NamesWhatItRefused) {
  const auto error = [](std::string_view text, std::string_view at = "2026-11-20T10:00:00") {
    return parse_due(text, test::shipped_calendar("cn-office"), instant(std::string(at)), false, Lang::zh).error();
  };
  EXPECT_EQ(error("春节前").message, "2027 年放假安排还没有载入，请写日期");
  const WhenError holiday = error("10月初", "2026-09-28T10:00:00");
  EXPECT_EQ(holiday.message, "2026-10-01 到 2026-10-05 这段时间没有工作日");
  EXPECT_EQ(holiday.suggestions, (std::vector<std::string>{"2026-09-30", "2026-10-08"}));
}

TEST(When, OffersTheWorkingDateBeforeOneThatIsNone) {
  const auto instead = [](std::string_view text) {
    return parse_due(text, test::shipped_calendar("cn-office"), instant("2026-11-20T10:00:00"), false, Lang::zh)
        .value()
        .instead;
  };
  EXPECT_EQ(instead("下周日"), std::vector<std::string>{"2026-11-27 18:00"});
  EXPECT_EQ(instead("下周五"), std::vector<std::string>{});
}

TEST(When, SuggestsLinesThatCanBeSent) {
  using Names = std::vector<std::string>;
  const auto error = [](std::string_view text, Lang lang = Lang::zh) {
    return parse_due(text, test::shipped_calendar("cn-office"), instant("2026-11-20T10:00:00"), false, lang).error();
  };
  EXPECT_EQ(error("尽快").suggestions, (Names{"今天18:00", "明天18:00"}));
  EXPECT_EQ(error("本周三").suggestions.front(), "下周三");
  EXPECT_EQ(error("本周三下午3点").suggestions.front(), "下周三15:00");
  EXPECT_EQ(error("11月18日").suggestions.front(), "2027年11月18日");
  EXPECT_EQ(error("3天前").suggestions.front(), "3天内");
  EXPECT_EQ(error("10/12/2026").suggestions, Names{"2026-12-10"});  // October is over
  EXPECT_EQ(error("周一到周三").suggestions, Names{"周三"});
  EXPECT_EQ(error("周一到三").suggestions, Names{"周三"});
  EXPECT_EQ(error("12月1日至10日").suggestions, Names{"2026-12-10"});
  EXPECT_EQ(error("Dec 1-10", Lang::en).suggestions, Names{"2026-12-10"});
  EXPECT_EQ(error("明天下午3点到5点").suggestions, Names{"2026-11-21 17:00"});  // 5 o'clock of that day
  EXPECT_EQ(error("今天09:30").suggestions.front(), "明天09:30");
  EXPECT_EQ(error("2 days ago", Lang::en).suggestions.front(), "within 2 days");
  EXPECT_EQ(error("02/03/2027").suggestions, (Names{"2027-02-03", "2027-03-02"}));
  EXPECT_EQ(error("双十一后").suggestions.front(), "双十一前");
  EXPECT_EQ(error("周五以后").suggestions.front(), "周五前");
  EXPECT_EQ(error("12月10日周五").suggestions, (Names{"2026-12-10", "周五"}));
  EXPECT_EQ(error("12月10日周五").message, "2026-12-10 是周四，不是周五");
  EXPECT_EQ(error("昨天").message, "截止时间 2026-11-19（周四）18:00 已经过去");
  EXPECT_EQ(sentence_of(error("昨天"), true, Lang::zh), "截止时间 2026-11-19（周四）18:00 已经过去。");
  EXPECT_EQ(sentence_of(error("昨天"), false, Lang::zh), "时间 2026-11-19（周四）18:00 已经过去。");
  EXPECT_EQ(sentence_of(error("25:61"), false, Lang::zh), "没有这个时间：25:61。") << "what names no deadline stays";
  EXPECT_EQ(sentence_of(error("2062-12-10"), true, Lang::zh), "超过三年了，年份写错了吗？") << "one end is enough";
  EXPECT_EQ(sentence_of(error("weekly", Lang::en), true, Lang::en), "A deadline happens once.");
  EXPECT_EQ(error("2062-12-10").suggestions, (Names{"2026-12-10 18:00", "2027-12-10 18:00"}));
  EXPECT_EQ(error("蓝色", Lang::en).message,
            "Cannot read “蓝色”. Write for example Dec 10 18:00, next Wednesday or 3 business days");
  for (const char* text :
       {"", "尽快", "昨天", "2月30日", "25:61", "蓝色", "每天", "正月初三", "18:00 CST", "周一到周三", "周五以后", "9999天"}) {
    for (const Lang lang : {Lang::zh, Lang::en}) {
      for (const std::string& one : error(text, lang).suggestions) {
        EXPECT_TRUE(parse_due(one, test::shipped_calendar("cn-office"), instant("2026-11-20T10:00:00"), false, lang))
            << text << " -> " << one;
      }
      EXPECT_LE(error(text, lang).suggestions.size(), 2U);
    }
  }
}

}  // namespace
}  // namespace xieban::when_test
