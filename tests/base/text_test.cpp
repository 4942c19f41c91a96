#include "bot/base/text.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace xieban {
namespace {

TEST(Text, KnowsWellFormedUtf8) {
  for (const char* good : {"", "abc", "协办", "👨‍👩‍👧", "\u00e9\u0800\uffff\U0010ffff"})
    EXPECT_TRUE(text::is_utf8(good)) << good;
  for (const char* bad : {"\xff", "\x80", "\xc0\xaf", "\xe4\xb8", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
                          "\xe0\x80\x80", "a\xc3"})
    EXPECT_FALSE(text::is_utf8(bad)) << bad;
}

TEST(Text, RepairsWhatIsBroken) {
  EXPECT_EQ(text::repair("a\xff协"), "a\uFFFD协");
  EXPECT_EQ(text::repair(std::string_view("a\0b", 3)), "ab");
  EXPECT_EQ(text::repair("\xe4\xb8"), "\uFFFD\uFFFD");
  EXPECT_EQ(text::repair("协办"), "协办");
}

RC_GTEST_PROP(TextProperty, RepairedTextIsValidAndStays, ()) {
  const auto bytes = *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
  const std::string once = text::repair(bytes);
  RC_ASSERT(text::is_utf8(once));
  RC_ASSERT(text::repair(once) == once);
  RC_ASSERT(text::is_utf8(text::fold(bytes)));
  RC_ASSERT(text::is_utf8(text::plain(bytes)));
  RC_ASSERT(text::fold(text::fold(bytes)) == text::fold(bytes));
  const std::string_view trimmed = text::trim(bytes);
  RC_ASSERT(text::trim(trimmed) == trimmed);
}

TEST(Text, TrimsVisibleAndInvisibleSpace) {
  EXPECT_EQ(text::trim(" \t\u3000\u00a0\u200b\ufeff协 办\u2003\n"), "协 办");
  EXPECT_EQ(text::trim("\u3000 "), "");
  EXPECT_EQ(text::trim(""), "");
  EXPECT_EQ(text::trim("\x80\x80"), "\x80\x80");
}

TEST(Text, FoldsWhatCommandsAreReadFrom) {
  EXPECT_EQ(text::fold("／ＡＣＣＥＰＴ　＃１２：，"), "/accept #12:,");
  EXPECT_EQ(text::fold("  a \n\t b  "), "a b");
  EXPECT_EQ(text::fold("A\u200bB\u202eC"), "abc");
  EXPECT_EQ(text::fold("ÀÉŠŽ×"), "àéšž×");
  EXPECT_EQ(text::fold("做完。"), "做完。");
}

TEST(Text, PlainKeepsCaseTypographyAndLines) {
  EXPECT_EQ(text::plain("／发起　Ａpp：上线，好！\r\n第２行"), "/发起 App：上线，好！\n第2行");
  EXPECT_EQ(text::plain("a\u202eb\u200bc"), "abc");
  EXPECT_EQ(text::plain("👨\u200d👩\u200d👧"), "👨\u200d👩\u200d👧");  // one emoji
  EXPECT_EQ(text::plain("a\u200db"), "ab");
  EXPECT_EQ(text::plain("a\x01"
                        "b"),
            "ab");
}

TEST(Text, ClipsAtCharacters) {
  EXPECT_EQ(text::clip_bytes("协办", 6), "协办");
  EXPECT_EQ(text::clip_bytes("协办机器人", 10), "协办…");
  EXPECT_EQ(text::clip_bytes("协办机器人", 3), "…");
  EXPECT_EQ(text::clip_bytes("协办机器人", 2), "");
  EXPECT_EQ(text::width("协办ab"), 6U);
  EXPECT_EQ(text::width("e\u0301\u200b"), 1U);
  EXPECT_EQ(text::clip_width("协办机器人", 5), "协办…");
  EXPECT_EQ(text::clip_width("协办", 4), "协办");
  EXPECT_EQ(text::clip_width("协办", 1), "…");
  EXPECT_EQ(text::clip_width("协办", 0), "");
}

RC_GTEST_PROP(TextProperty, ClippingKeepsItsLimit, ()) {
  const auto text = text::repair(*rc::gen::container<std::string>(rc::gen::arbitrary<char>()));
  const auto limit = *rc::gen::inRange<std::size_t>(0, 40);
  RC_ASSERT(text::clip_bytes(text, limit).size() <= std::max(limit, std::size_t{0}));
  RC_ASSERT(text::width(text::clip_width(text, limit)) <= limit);
  RC_ASSERT(text::is_utf8(text::clip_bytes(text, limit)));
}

TEST(Text, SplitsAndFinds) {
  EXPECT_EQ(text::split("a,b,,c", ','), (std::vector<std::string_view>{"a", "b", "", "c"}));
  EXPECT_EQ(text::split("", ','), (std::vector<std::string_view>{""}));
  EXPECT_TRUE(text::contains_fold("新品ＡPP推广", "app"));
  EXPECT_FALSE(text::contains_fold("推广", "app"));
}

std::size_t slow_distance(const std::vector<char32_t>& a, const std::vector<char32_t>& b) {
  std::vector<std::vector<std::size_t>> table(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0)
        table[i][j] = i + j;
      else
        table[i][j] =
            std::min({table[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1), table[i - 1][j] + 1, table[i][j - 1] + 1});
    }
  }
  return table[a.size()][b.size()];
}

RC_GTEST_PROP(TextProperty, DistanceIsTheEditDistanceUpToItsLimit, ()) {
  const auto word = rc::gen::container<std::string>(rc::gen::element('a', 'b', 'c'));
  const auto a = *rc::gen::resize(12, word);
  const auto b = *rc::gen::resize(12, word);
  const auto limit = *rc::gen::inRange<std::size_t>(0, 6);
  RC_ASSERT(text::distance(a, b, limit) == std::min(slow_distance(text::decode(a), text::decode(b)), limit + 1));
}

TEST(Text, DistanceCountsCharactersAndGivesUpEarly) {
  EXPECT_EQ(text::distance("技术部", "技求部", 3), 1U);
  EXPECT_EQ(text::distance("", "", 0), 0U);
  EXPECT_EQ(text::distance(std::string(1'000'000, 'a'), "abc", 3), 4U);
  // Whoever compares them whole needs ten thousand million steps, and the test does not end in its time.
  EXPECT_EQ(text::distance(std::string(100'000, 'a'), std::string(100'000, 'b'), 3), 4U);
}

}  // namespace
}  // namespace xieban
