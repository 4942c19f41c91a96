// What a platform can do decides how something is sent; a table.

#include "bot/core/card/delivery.hpp"

#include <gtest/gtest.h>

namespace xieban {
namespace {

constexpr TimePoint now{Duration{1'000'000'000'000}};
constexpr Duration day{24LL * 3600 * 1000};

Channel channel(const char* id, Reach reach) {
  Channel out;
  out.id = ChannelId(id);
  out.reach = reach;
  return out;
}

/// Cards in groups without mention, markdown with mention, a session that lives for a while, private text.
Traits mixed() {
  Traits traits;
  Channel cards = channel("cards", Reach::group);
  cards.forms = {false, true, false};
  cards.life = {14 * day, std::uint16_t{3}};
  Channel markdown = channel("markdown", Reach::group);
  markdown.mentions = true;
  Channel session = channel("session", Reach::reply);
  session.forms = {true, true, false};
  session.mentions = true;
  Channel direct = channel("direct", Reach::person);
  direct.forms = {true, true, true};
  direct.needs_prior_contact = true;
  Channel ding = channel("ding", Reach::person);
  ding.urgent = true;
  traits.channels = {cards, markdown, session, direct, ding};
  return traits;
}

struct Case {
  const char* name;
  Need need;
  ChatFact chat;
  std::string plan;
};

std::string text(const std::vector<Delivery>& plan) {
  std::string out;
  for (const Delivery& one : plan) {
    if (!out.empty()) out += " ";
    out += one.channel.str() + (one.form == Form::card ? "/card" : one.form == Form::card_update ? "/update" : "/text");
  }
  return out;
}

class PlanDelivery : public ::testing::TestWithParam<Case> {};

TEST_P(PlanDelivery, Table) { EXPECT_EQ(text(plan_delivery(GetParam().need, mixed(), GetParam().chat)), GetParam().plan); }

const ChatFact plain{};
const ChatFact gone{.gone = true};
const ChatFact spoken{.spoken = true};
const ChatFact spoken_elsewhere{.spoken = true, .opened = false};
const ChatFact in_session{.webhook = "https://hook", .webhook_until = now + Duration(1)};
const ChatFact session_over{.webhook = "https://hook", .webhook_until = now};

INSTANTIATE_TEST_SUITE_P(
    All, PlanDelivery,
    ::testing::Values(
        Case{"text in a group", {.reach = Reach::group, .now = now}, plain, "markdown/text"},
        Case{"mention first", {.reach = Reach::group, .mention = true, .now = now}, in_session, "markdown/text session/text"},
        Case{"card, then text", {.reach = Reach::group, .card = true, .now = now}, plain, "cards/card markdown/text"},
        Case{"a card with mention prefers who can mention",
             {.reach = Reach::group, .card = true, .mention = true, .now = now},
             in_session,
             "session/card cards/card markdown/text session/text"},
        Case{"a session that is over is no way",
             {.reach = Reach::group, .mention = true, .now = now},
             session_over,
             "markdown/text"},
        Case{"a chat that is gone has no way", {.reach = Reach::group, .card = true, .now = now}, gone, ""},
        Case{"private, never spoken", {.reach = Reach::person, .card = true, .now = now}, plain, "ding/text"},
        Case{
            "private, spoken", {.reach = Reach::person, .card = true, .now = now}, spoken, "direct/card direct/text ding/text"},
        Case{"private, spoken where it opens nothing",
             {.reach = Reach::person, .card = true, .now = now},
             spoken_elsewhere,
             "ding/text"},
        Case{"form",
             {.reach = Reach::person, .card = true, .inputs = true, .now = now},
             spoken,
             "direct/card direct/text ding/text"},
        Case{"form where cards take no input",
             {.reach = Reach::group, .card = true, .inputs = true, .now = now},
             plain,
             "markdown/text"},
        Case{"urgent first", {.reach = Reach::person, .urgent = true, .now = now}, spoken, "ding/text direct/text"},
        Case{"update",
             {.reach = Reach::group, .card = true, .card_sent_at = now - day, .now = now},
             plain,
             "cards/update cards/card"},
        Case{"too old to update: a new card",
             {.reach = Reach::group, .card = true, .card_sent_at = now - 14 * day, .now = now},
             plain,
             "cards/card"},
        Case{"updated as often as allowed",
             {.reach = Reach::group, .card = true, .card_sent_at = now - day, .card_updates = 3, .now = now},
             plain,
             "cards/card"},
        Case{"no update where cards never change",
             {.reach = Reach::person, .card = true, .card_sent_at = now - day, .now = now},
             spoken,
             ""}),
    [](const auto& one) {
      std::string name = one.param.name;
      for (char& c : name)
        if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
      return name;
    });

TEST(PressRenews, ACardThatIsUsedUpWaitsForTheNextPress) {
  Traits traits = mixed();
  traits.channels[0].life.updates = 1;
  traits.channels[0].life.press_renews = true;
  Need need;
  need.reach = Reach::group;
  need.card = true;
  need.now = now;
  need.card_sent_at = now - day;
  EXPECT_EQ(text(plan_delivery(need, traits, ChatFact{})), "cards/update cards/card");
  need.card_updates = 1;
  EXPECT_EQ(text(plan_delivery(need, traits, ChatFact{})), "") << "no chat fills with new cards";
  need.card_sent_at = now - 14 * day;
  EXPECT_EQ(text(plan_delivery(need, traits, ChatFact{})), "cards/card");
}

TEST(PlainUpdate, IsTheLastThatACardIsTriedWith) {
  Traits traits = mixed();
  Need need;
  need.reach = Reach::group;
  need.card = need.plain = true;
  need.now = now;
  need.card_sent_at = now - day;
  EXPECT_EQ(text(plan_delivery(need, traits, ChatFact{})), "cards/update cards/card");
  traits.channels[0].audited = true;
  EXPECT_EQ(text(plan_delivery(need, traits, ChatFact{})), "cards/update cards/card") << "each change counts";
  traits.channels[0].life.updates.reset();
  const auto plan = plan_delivery(need, traits, ChatFact{});
  EXPECT_EQ(text(plan), "cards/update cards/card cards/update");
  EXPECT_FALSE(plan[0].plain);
  EXPECT_TRUE(plan[2].plain);
  need.card_sent_at = now - 14 * day;
  EXPECT_EQ(text(plan_delivery(need, traits, ChatFact{})), "cards/card") << "nor can it be changed plainly";
}

TEST(UrgentCall, IsOneWhicheverChannelTheNoticeTook) {
  Traits traits = mixed();
  for (Channel& one : traits.channels) one.urgent_after = true;
  Need need;
  need.reach = Reach::group;
  need.urgent = need.stands = true;
  need.now = now;
  const std::vector<Delivery> plan = plan_delivery(need, traits, ChatFact{});
  ASSERT_EQ(plan.size(), 1U);
  EXPECT_EQ(plan.front().form, Form::urgent);
}

TEST(OwnChats, AChannelOfTheAppsOwnGroupsLeadsToNoOther) {
  Traits traits;
  Channel own = channel("own", Reach::group);
  own.own_chats_only = true;
  traits.channels = {own};
  Need need;
  need.now = now;
  ChatFact chat;
  EXPECT_TRUE(plan_delivery(need, traits, chat).empty());
  chat.made_for = RequestId(7);
  EXPECT_EQ(plan_delivery(need, traits, chat).size(), 1U);
}

TEST(OneAnswer, IsWhatSomeAddressesTake) {
  Traits traits = mixed();
  EXPECT_FALSE(traits.one_answer());
  traits.channels[2].one_answer = true;
  EXPECT_TRUE(traits.one_answer());
}

TEST(Traits, FindsChannels) {
  const Traits traits = mixed();
  ASSERT_NE(traits.channel(ChannelId("ding")), nullptr);
  EXPECT_TRUE(traits.channel(ChannelId("ding"))->urgent);
  EXPECT_EQ(traits.channel(ChannelId("fax")), nullptr);
}

}  // namespace
}  // namespace xieban
