// What is wrong with apps, from when it is noted until it is over.
#include "bot/engine/ailments.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "tests/support/sim_time.hpp"

namespace xieban::ailments_test {
namespace {

const AppId app{"dingtalk:main"}, other{"feishu:main"};
const TimePoint start{Duration{1'700'000'000'000}};

TEST(Ailments, StandFromTheFirstNoteUntilTheyAreOver) {
  boost::asio::io_context loop;
  testing::SimTime time(loop, start);
  Ailments ailments(time);
  ailments.note(app, "ailment.no_cards", "HTTP 403", Ailments::Rings::yes);
  time.jump(start + Duration{60'000});
  ailments.note(app, "ailment.no_cards", "HTTP 403 once more", Ailments::Rings::yes);
  ailments.note(other, "ailment.no_cards", "HTTP 401", Ailments::Rings::no);
  ASSERT_EQ(ailments.all().size(), 2U);
  EXPECT_EQ(ailments.all()[0].since, start);
  EXPECT_TRUE(ailments.all()[0].rings);
  EXPECT_EQ(say(Lang::zh, ailments.all()[0].what),
            "dingtalk:main 不让发卡片：HTTP 403 once more。先改发文字和命令，请检查应用的权限。");
  EXPECT_FALSE(ailments.all()[1].rings);

  ailments.over(app, "ailment.no_urgent");
  EXPECT_EQ(ailments.all().size(), 2U) << "another one";
  ailments.over(app, "ailment.no_cards");
  ASSERT_EQ(ailments.all().size(), 1U);
  EXPECT_EQ(ailments.all()[0].app, other);
  ailments.note(app, "ailment.no_cards", "HTTP 403", Ailments::Rings::yes);
  EXPECT_EQ(ailments.all()[1].since, start + Duration{60'000}) << "it is a new one";
}

}  // namespace
}  // namespace xieban::ailments_test
