// What holds for any text: no crash, one instant ahead or one error, suggestions that can be sent, the same answer however
// it is spaced and spelled, and work that grows no faster than the text.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "bot/base/text.hpp"
#include "bot/core/clock/when.hpp"
#include "bot/core/clock/when_words.hpp"
#include "tests/core/calendar_files.hpp"

namespace xieban::when_property_test {
namespace {

using Outcome = std::expected<Due, WhenError>;

const std::vector<std::string>& words() {
  static const std::vector<std::string> all{"截止",      "最迟",     "在",     "到",      "至",
                                            "今天",      "明天",     "后",     "大后天",  "昨天",
                                            "今",        "年",       "月",     "日",      "号",
                                            "周",        "星期",     "下",     "下个",    "本",
                                            "上",        "这个",     "点",     "半",      "刻",
                                            "分",        "差",       "过",     "早",      "上午",
                                            "下午",      "晚上",     "凌晨",   "中午",    "下班",
                                            "上班",      "小时",     "天",     "个",      "工作日",
                                            "前",        "后",       "内",     "起",      "以后",
                                            "未来",      "第",       "最后",   "一个",    "底",
                                            "初",        "中旬",     "季度",   "年底",    "上半年",
                                            "国庆",      "春节",     "节",     "假期",    "十一",
                                            "双十一",    "618",      "圣诞",   "几",      "每",
                                            "农历",      "尽快",     "UTC",    "+8",      "北京时间",
                                            "EST",       "完成",     "左右",   "的",      "1",
                                            "2",         "3",        "5",      "12",      "15",
                                            "18",        "30",       "2026",   "2027",    "05",
                                            "00",        ":",        "/",      "-",       ".",
                                            ",",         "(",        ")",      "一",      "三",
                                            "十",        "廿",       "两",     "by ",     "before ",
                                            "in ",       "within ",  "next ",  "this ",   "Friday ",
                                            "tomorrow ", "tonight ", "Dec ",   "end of ", "month ",
                                            "quarter ",  "week ",    "first ", "last ",   "business day ",
                                            "days ",     "hours ",   "and ",   "a ",      "half ",
                                            "past ",     "to ",      "pm ",    "at ",     "of ",
                                            "the ",      "Q4 ",      "W50 ",   "after ",  "ago "};
  return all;
}

std::string any_text() {
  std::string out;
  for (const std::string& word : *rc::gen::resize(9, rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(words()))))
    out += word;
  return out;
}
TimePoint any_now() {
  // 2025 to 2027, to the second: published years, the end of one, and a year without data.
  return test::instant("2025-06-01T00:00:00") + std::chrono::seconds(*rc::gen::inRange(0, 2 * 365 * 86'400));
}
const Calendar& office() {
  static const Calendar calendar = test::shipped_calendar("cn-office");
  return calendar;
}
Outcome read(const std::string& text, TimePoint now, bool urgent = false, Lang lang = Lang::zh) {
  return parse_due(text, office(), now, urgent, lang);
}
std::string shown(const Outcome& due) { return due ? to_rfc3339(due->at) + due->echo : "ERROR:" + due.error().kind; }

void holds(const std::string& text, TimePoint now, bool urgent, Lang lang) {
  const Outcome due = read(text, now, urgent, lang);
  if (due) {
    RC_ASSERT(due->at > now);
    const std::chrono::sys_days asked{office().local_date(now)}, on{office().local_date(due->at)};
    RC_ASSERT(on - asked <= std::chrono::days(1096));
    RC_ASSERT(due->echo.contains(to_rfc3339(due->at).substr(0, 10)));
  } else {
    RC_ASSERT(!due.error().kind.empty());
    RC_ASSERT(!due.error().message.empty());
    RC_ASSERT(text::is_utf8(due.error().message));
  }
  const auto& offered = due ? due->instead : due.error().suggestions;
  RC_ASSERT(offered.size() <= 2U);
  for (const std::string& one : offered) RC_ASSERT(read(one, now, urgent, lang).has_value());
}

RC_GTEST_PROP(WhenProperty, AnyWordsOfTheLanguage, ()) {
  holds(any_text(), any_now(), *rc::gen::arbitrary<bool>(), *rc::gen::element(Lang::zh, Lang::en));
}

RC_GTEST_PROP(WhenProperty, AnyBytes, (const std::string& bytes)) { holds(bytes, any_now(), false, Lang::zh); }

RC_GTEST_PROP(WhenProperty, BytesAmongWords, (const std::string& bytes)) {
  holds(any_text() + bytes + any_text(), any_now(), false, Lang::en);
}

/// Full-width forms of ASCII, capitals, more space where there is space: all of it is the same text.
std::string respelled(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const int way = *rc::gen::inRange(0, 3);
    if (c == ' ') {
      out += way == 0 ? " " : way == 1 ? "   " : "\u3000";
    } else if (c > ' ' && c <= '~' && way == 1) {
      text::append(out, static_cast<char32_t>(c) - U'!' + U'！');
    } else if (c >= 'a' && c <= 'z' && way == 2) {
      out += static_cast<char>(c - 'a' + 'A');
    } else {
      out += c;
    }
  }
  return out;
}

RC_GTEST_PROP(WhenProperty, WidthCaseAndSpaceChangeNothing, ()) {
  const std::string text = any_text();
  const TimePoint now = any_now();
  RC_ASSERT(shown(read(respelled(text), now)) == shown(read(text, now)));
  RC_ASSERT(shown(read("“" + text + "。”", now)) == shown(read(text, now)));
}

TEST(WhenProperty, TheExamplesAreTheSameInEveryWidth) {
  for (const auto& row : test::rows("core/time_expressions_by_section.tsv")) {
    std::string wide;
    for (const char c : row[2]) {
      if (c > ' ' && c <= '~')
        text::append(wide, static_cast<char32_t>(c) - U'!' + U'！');
      else
        wide += c;
    }
    const TimePoint now = test::instant(row[1]);
    const Lang lang = row[3] == "en" ? Lang::en : Lang::zh;
    EXPECT_EQ(shown(read(wide, now, false, lang)), shown(read(row[2], now, false, lang))) << row[2];
  }
}

/// A text of that many bytes made of one piece.
std::string repeated(std::string_view piece, std::size_t bytes) {
  std::string out;
  while (out.size() + piece.size() <= bytes) out += piece;
  return out;
}

TEST(WhenProperty, FourKibibytesAreReadAndNotOneMore) {
  const TimePoint now = test::instant("2026-11-20T10:00:00");
  const std::string lead = repeated("截止", 4096 - 12);
  const std::string fits = std::string(4096 - lead.size() - 6, ' ') + lead + "周三";
  ASSERT_EQ(fits.size(), 4096U);
  EXPECT_EQ(to_rfc3339(read(fits, now).value().at), "2026-11-25T18:00:00+08:00");
  EXPECT_EQ(read(" " + fits, now).error().kind, "unrecognized");
}

TEST(WhenProperty, TheWordsOfALongTextAreAsManyAsItsPieces) {
  // Every step of the reader takes at least one byte and makes at most two tokens; a longer text is that many times the work.
  for (const char* piece :
       {"请", "下", "的", "a ", "tonight ", "1", ":", "周", "(", "十", "12月", "end of ", "x", "大约", "\xff"}) {
    const std::size_t half = when::tokens(when::normal_form(repeated(piece, 2048))).size();
    const std::size_t whole = when::tokens(when::normal_form(repeated(piece, 4096))).size();
    EXPECT_LE(whole, 2 * half + 2) << piece;
    EXPECT_LE(whole, 4096U) << piece;
    const Outcome due = read(repeated(piece, 4096), test::instant("2026-11-20T10:00:00"));
    EXPECT_FALSE(due.has_value()) << piece;
  }
}

}  // namespace
}  // namespace xieban::when_property_test
