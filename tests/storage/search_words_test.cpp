#include "storage/search_words.hpp"

#include <gtest/gtest.h>

namespace xieban {
namespace {

TEST(SearchWords, ChineseBecomesGroupsOfTwo) {
  EXPECT_EQ(search_words("审批流程"), "审批 批流 流程");
  EXPECT_EQ(search_words("对接"), "对接");
  EXPECT_EQ(search_words("好"), "好");
}
TEST(SearchWords, WordsAreFoldedAndPunctuationParts) {
  EXPECT_EQ(search_words("新品API接口，V2.0 上线"), "新品 api 接口 v2 0 上线");
  EXPECT_EQ(search_words("ＡＢＣ Résumé"), "abc résumé");
  EXPECT_EQ(search_words("😀 -- !!"), "");
}

struct Case {
  const char *text, *query;
  bool found;
};
class Matching : public testing::TestWithParam<Case> {};
TEST_P(Matching, Reference) {
  const auto& [text, query, found] = GetParam();
  EXPECT_EQ(matches(search_words(text), search_terms(query)), found) << text << " / " << query;
}
INSTANTIATE_TEST_SUITE_P(
    Cases, Matching,
    testing::Values(Case{"新品推广页接口对接", "推广", true}, Case{"新品推广页接口对接", "推广页接口", true},
                    Case{"新品推广页接口对接", "广推", false}, Case{"新品推广页接口对接", "接", true},
                    Case{"新品推广页接口对接", "缺", false}, Case{"新品推广页接口对接", "新品 对接", true},
                    Case{"新品推广页接口对接", "新品 缺货", false}, Case{"Deploy API gateway", "api", true},
                    Case{"Deploy API gateway", "gate", true}, Case{"Deploy API gateway", "way", false},
                    Case{"Deploy API gateway", "gateway deploy", true}, Case{"升级V2接口", "v2接口", true},
                    Case{"升级V2接口", "页V2接口", false}, Case{"anything", "", false}, Case{"anything", "\"OR *", false}));

TEST(SearchWords, ExpressionHoldsOnlyQuotedWords) {
  EXPECT_EQ(match_expression(search_terms("推广页 api")), "\"推广 广页\" AND \"api\"*");
  EXPECT_EQ(match_expression(search_terms("页")), "");
  EXPECT_EQ(match_expression(search_terms("\"; DROP TABLE -- NEAR(")), "\"drop\"* AND \"table\"* AND \"near\"*");
}

}  // namespace
}  // namespace xieban
