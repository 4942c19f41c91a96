// A reminder in a group that cannot name its reader: the reader hears it in private as well, once.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/support/sim_world.hpp"

namespace xieban::beside_test {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using testing::SimOptions;
using testing::SimWorld;

struct Heard {
  int in_group = 0, in_private = 0;
};

/// How often the reminder at eighty percent of the first response is heard.
Heard reminders(bool mentions) {
  SimOptions options;
  options.traits.channels.front().mentions = mentions;
  options.start = testing::local("2026-11-23 14:00");
  SimWorld world(options);
  world.say("zhou.market", "项目群", "/发起 数据接口 给技术部");
  world.until("2026-11-24 09:11");
  const std::size_t before = world.platform_side().seen().size();
  world.until("2026-11-24 09:30");
  Heard heard;
  const auto& seen = world.platform_side().seen();
  for (std::size_t i = before; i < seen.size(); ++i) {
    const json body = json::parse(seen[i].body);
    if (body["text"].get<std::string>().find("等你响应") == std::string::npos) continue;
    if (body["chat"] == "项目群") ++heard.in_group;
    if (body["chat"] == "p:zhao.tech") ++heard.in_private;
  }
  return heard;
}

TEST(Beside, AChannelThatMentionsIsEnough) {
  const Heard heard = reminders(true);
  EXPECT_EQ(heard.in_group, 1);
  EXPECT_EQ(heard.in_private, 0);
}

TEST(Beside, WhereNobodyCanBeMentionedThePrivateFormGoesToo) {
  const Heard heard = reminders(false);
  EXPECT_EQ(heard.in_group, 1);
  EXPECT_EQ(heard.in_private, 1);
}

}  // namespace
}  // namespace xieban::beside_test
