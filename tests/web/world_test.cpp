// What the bot sends stands once, in its newest state, on disk.
#include "tests/web/fixture.hpp"

namespace xieban::testing {
namespace {

using nlohmann::json;

class WorldTest : public PlaygroundFixture {
 protected:
  json message(const std::string& id) {
    const auto found = run(world_.find(id));
    return found && *found ? json{{"text", (*found)->text}, {"rev", (*found)->rev}, {"card", (*found)->card}} : json();
  }
  std::string text(const std::string& id) { return message(id).at("text").get<std::string>(); }
};

TEST_F(WorldTest, ARepeatUnderTheSameKeyIsTheSameMessage) {
  EXPECT_EQ(deliver("POST", "/messages", outgoing("p1", "g-all", "一次")), 200);
  const std::string id = shown_id();
  EXPECT_EQ(deliver("POST", "/messages", outgoing("p1", "g-all", "一次")), 200);
  EXPECT_EQ(shown_id(), id);
  EXPECT_EQ(get("messages").body.at("messages").size(), 1U);
}

TEST_F(WorldTest, ARepeatAfterAnUpdateDoesNotPutTheFirstContentBack) {
  deliver("POST", "/messages", outgoing("p1", "g-all", "一", 1, 1));
  deliver("PUT", "/messages/m-p1", outgoing("p2", "g-all", "二", 2, 2));
  EXPECT_EQ(deliver("POST", "/messages", outgoing("p1", "g-all", "一", 1, 1)), 200);
  EXPECT_EQ(text("m-p1"), "二");
}

TEST_F(WorldTest, AnUpdateStandsInPlace) {
  deliver("POST", "/messages", outgoing("p1", "g-all", "一", 1, 1));
  deliver("POST", "/messages", outgoing("p2", "g-all", "别的", 1, 2));
  time_.set(at("2026-11-23T10:00:00+08:00"));
  EXPECT_EQ(deliver("PUT", "/messages/m-p1", outgoing("p3", "g-all", "二", 2, 3)), 200);
  const json messages = get("messages").body.at("messages");
  ASSERT_EQ(messages.size(), 2U);
  EXPECT_EQ(messages[1].at("id"), "m-p1");
  EXPECT_EQ(messages[1].at("rev"), 3);
  EXPECT_EQ(messages[1].at("text"), "二");
  EXPECT_EQ(messages[1].at("created_at"), "2026-11-23T09:00:00+08:00");
  EXPECT_EQ(messages[1].at("updated_at"), "2026-11-23T10:00:00+08:00");
}

TEST_F(WorldTest, AnOlderStateNeverStandsAgain) {
  deliver("POST", "/messages", outgoing("p1", "g-all", "一", 1, 1));
  deliver("PUT", "/messages/m-p1", outgoing("p3", "g-all", "三", 3, 3));
  EXPECT_EQ(deliver("PUT", "/messages/m-p1", outgoing("p2", "g-all", "二", 2, 2)), 200);
  EXPECT_EQ(text("m-p1"), "三");
  // The same version twice: the later parcel was composed later.
  deliver("PUT", "/messages/m-p1", outgoing("p5", "g-all", "五", 3, 5));
  deliver("PUT", "/messages/m-p1", outgoing("p4", "g-all", "四", 3, 4));
  EXPECT_EQ(text("m-p1"), "五");
}

TEST_F(WorldTest, EqualContentIsNoNews) {
  deliver("POST", "/messages", outgoing("p1", "g-all", "一", 1, 1));
  EXPECT_EQ(deliver("PUT", "/messages/m-p1", outgoing("p5", "g-all", "一", 5, 5)), 200);
  EXPECT_EQ(message("m-p1").at("rev"), 1);
  // It still counts: what is older than it comes too late.
  deliver("PUT", "/messages/m-p1", outgoing("p4", "g-all", "四", 4, 4));
  EXPECT_EQ(text("m-p1"), "一");
}

TEST_F(WorldTest, WhatIsNotThereCannotBeUpdated) {
  EXPECT_EQ(deliver("PUT", "/messages/m-none", outgoing("p1", "g-all", "一")), 404);
  EXPECT_EQ(deliver("DELETE", "/messages/m-none", outgoing("p1", "g-all", "一")), 404);
  EXPECT_EQ(deliver("POST", "/elsewhere", outgoing("p1", "g-all", "一")), 404);
}

TEST_F(WorldTest, OnlyOurOwnEncodingIsTaken) {
  EXPECT_EQ(deliver("POST", "/messages", json::array()), 400);
  for (const char* member :
       {"key", "chat", "kind", "text", "card", "mentions", "urgent", "request", "card_id", "version", "parcel"}) {
    json body = outgoing("p1", "g-all", "一");
    body.erase(member);
    EXPECT_EQ(deliver("POST", "/messages", body), 400) << member;
  }
  EXPECT_EQ(get("messages").body.at("messages").size(), 0U);
}

TEST_F(WorldTest, AnotherProcessSeesWhatWasShown) {
  deliver("POST", "/messages", outgoing("p1", "g-all", "一", 1, 1));
  PlaygroundWorld after_restart(*store_, time_);
  const auto newest = run(after_restart.rev());
  ASSERT_TRUE(newest);
  EXPECT_EQ(*newest, 1U);
  const auto said = run(after_restart.say("g-all", "lin.market", "还在", {}));
  ASSERT_TRUE(said);
  EXPECT_EQ(said->id, "s-2");
  EXPECT_EQ(run(after_restart.after(0))->size(), 2U);
}

TEST_F(WorldTest, ManyPagesComeWhole) {
  for (int i = 1; i <= 1203; ++i) {
    deliver("POST", "/messages",
            outgoing("p" + std::to_string(i), "g-all", std::to_string(i), 1, static_cast<std::uint64_t>(i)));
  }
  const auto all = run(world_.after(0));
  ASSERT_EQ(all->size(), 1203U);
  EXPECT_EQ(all->back().text, "1203");
  PlaygroundWorld after_restart(*store_, time_);
  EXPECT_EQ(*run(after_restart.rev()), 1203U);
}

TEST_F(WorldTest, AClosedStoreIsToldToComeLater) {
  run([](Store& store) -> boost::asio::awaitable<int> {
    co_await store.close();
    co_return 0;
  }(*store_));
  EXPECT_EQ(deliver("POST", "/messages", outgoing("p1", "g-all", "一")), 503);
  EXPECT_EQ(deliver("PUT", "/messages/m-p1", outgoing("p1", "g-all", "一")), 503);
  EXPECT_EQ(get("messages").status, 503);
  EXPECT_EQ(post("say", {{"chat", "g-all"}, {"user", "lin.market"}, {"text", "/我的"}}).status, 503);
}

}  // namespace
}  // namespace xieban::testing
