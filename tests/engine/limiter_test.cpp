#include "bot/engine/limiter.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <vector>

namespace xieban::limiter_test {
namespace {

using namespace std::chrono_literals;

const TimePoint start{std::chrono::sys_days{std::chrono::year{2026} / 11 / 21}};
const AppId app("fake:main");

Traits limits(std::vector<Window> group, std::vector<Window> person = {}) {
  Traits traits;
  Channel one;
  one.id = ChannelId("group");
  one.reach = Reach::group;
  one.limits = std::move(group);
  Channel other;
  other.id = ChannelId("person");
  other.reach = Reach::person;
  other.limits = std::move(person);
  traits.channels = {one, other};
  return traits;
}

Sent in(const std::string& chat, TimePoint at) { return Sent{Lane{app, ChatId(chat)}, std::nullopt, at}; }
Sent to(const std::string& user, TimePoint at) { return Sent{Lane{app, ChatId("p:" + user)}, UserId(user), at}; }
Lane lane(const std::string& chat) { return Lane{app, ChatId(chat)}; }

TEST(Limiter, WhatNeverLeftIsGivenBack) {
  Limiter limiter(app, limits({Window{2, 60s, Scope::chat}, Window{3, 60s, Scope::app}}, {Window{1, 60s, Scope::person}}));
  limiter.sent(in("g1", start));
  limiter.sent(in("g1", start + 1s));
  limiter.sent(to("li", start + 2s));
  EXPECT_EQ(limiter.closed(start + 2s), (std::vector{lane(""), lane("g1"), lane("p:li")}));
  limiter.give_back(in("g1", start + 1s));
  EXPECT_EQ(limiter.closed(start + 2s), std::vector{lane("p:li")});
  limiter.give_back(to("li", start + 2s));
  EXPECT_TRUE(limiter.closed(start + 2s).empty());
  limiter.give_back(to("li", start + 2s));
  EXPECT_EQ(limiter.room(start + 2s, 9), 2U) << "only once";
}

TEST(Limiter, ClosesAChatAtItsLimitAndOpensItWhenTheOldestLeavesTheWindow) {
  Limiter limiter(app, limits({Window{2, 60s, Scope::chat}}));
  limiter.sent(in("g1", start));
  EXPECT_TRUE(limiter.closed(start).empty());
  limiter.sent(in("g1", start + 10s));
  EXPECT_EQ(limiter.closed(start + 10s), std::vector{lane("g1")});
  EXPECT_EQ(limiter.next_opening(start + 10s), start + 60s);
  EXPECT_EQ(limiter.closed(start + 60s - 1ms), std::vector{lane("g1")});
  EXPECT_TRUE(limiter.closed(start + 60s).empty());
}

TEST(Limiter, OtherChatsAndPeopleAreNotTouched) {
  Limiter limiter(app, limits({Window{1, 60s, Scope::chat}}, {Window{2, 60s, Scope::person}}));
  limiter.sent(in("g1", start));
  limiter.sent(to("li", start));
  EXPECT_EQ(limiter.closed(start), std::vector{lane("g1")});
  limiter.sent(to("li", start));
  EXPECT_EQ(limiter.closed(start), (std::vector{lane("g1"), lane("p:li")}));
}

TEST(Limiter, AnAppWindowClosesTheWholeApp) {
  Limiter limiter(app, limits({Window{3, 1s, Scope::app}}));
  for (int n = 0; n < 3; ++n) limiter.sent(in("g" + std::to_string(n), start));
  EXPECT_EQ(limiter.closed(start), std::vector{lane("")});
  EXPECT_TRUE(limiter.closed(start + 1s).empty());
}

TEST(Limiter, ARefillFromTheLedgerIsAsGoodAsHavingSent) {
  const auto traits = limits({Window{5, 60s, Scope::chat}});
  Limiter fresh(app, traits), old(app, traits);
  std::vector<Sent> ledger;
  for (int n = 0; n < 5; ++n) ledger.push_back(in("g1", start + n * 1s));
  for (const auto& one : ledger) old.sent(one);
  fresh.refill(ledger);
  EXPECT_EQ(fresh.closed(start + 5s), old.closed(start + 5s));
  EXPECT_EQ(fresh.closed(start + 5s), std::vector{lane("g1")});
  EXPECT_EQ(fresh.longest(), 60s);
}

TEST(Limiter, WithoutLimitsEverythingIsOpen) {
  Limiter limiter(app, limits({}));
  for (int n = 0; n < 1000; ++n) limiter.sent(in("g1", start));
  EXPECT_TRUE(limiter.closed(start).empty());
  EXPECT_EQ(limiter.room(start, 32), 32U);
  EXPECT_FALSE(limiter.next_opening(start));
}

/// A sender that only does what the limiter allows: no window ever runs over, and the queue drains.
RC_GTEST_PROP(Limiter, NoWindowEverRunsOverAndEverythingGoesOut, ()) {
  const auto per_chat = *rc::gen::inRange<std::uint32_t>(1, 6);
  const auto per_app = *rc::gen::inRange<std::uint32_t>(1, 9);
  const Duration chat_span{*rc::gen::inRange(1, 40) * 1000}, app_span{*rc::gen::inRange(1, 20) * 1000};
  Limiter limiter(app, limits({Window{per_chat, chat_span, Scope::chat}, Window{per_app, app_span, Scope::app}}));
  auto queue = *rc::gen::container<std::vector<int>>(*rc::gen::inRange<std::size_t>(1, 40), rc::gen::inRange(0, 4));
  std::vector<Sent> sent;
  TimePoint now = start;
  int rounds = 0;
  while (!queue.empty()) {
    RC_ASSERT(++rounds < 1000);
    auto closed = limiter.closed(now);
    std::size_t room = std::ranges::count(closed, lane("")) > 0 ? 0 : limiter.room(now, 32);
    bool any = false;
    for (auto it = queue.begin(); it != queue.end() && room > 0;) {
      const auto one = in("g" + std::to_string(*it), now);
      if (std::ranges::count(closed, one.lane) > 0) {
        ++it;
        continue;
      }
      limiter.sent(one);
      sent.push_back(one);
      closed.push_back(one.lane);  // the store gives one of each lane at a time
      it = queue.erase(it);
      --room;
      any = true;
    }
    if (any) continue;
    const auto next = limiter.next_opening(now);
    RC_ASSERT(next.has_value());
    RC_ASSERT(*next > now);
    now = *next;
  }
  for (const auto& last : sent) {
    const auto inside = [&](Duration span, bool same_lane) {
      return std::ranges::count_if(sent, [&](const Sent& one) {
        return one.at <= last.at && one.at > last.at - span && (!same_lane || one.lane == last.lane);
      });
    };
    RC_ASSERT(inside(chat_span, true) <= static_cast<std::ptrdiff_t>(per_chat));
    RC_ASSERT(inside(app_span, false) <= static_cast<std::ptrdiff_t>(per_app));
  }
}

}  // namespace
}  // namespace xieban::limiter_test
