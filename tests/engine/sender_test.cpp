#include "bot/engine/sender.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include <boost/asio/detached.hpp>
#include <string_view>

#include "adapters/dingtalk/channels.hpp"
#include "adapters/dingtalk/platform.hpp"
#include "tests/support/fake_platform.hpp"
#include "tests/support/fake_transport.hpp"
#include "tests/support/sim_time.hpp"

namespace xieban::sender_test {
namespace {

using namespace std::chrono_literals;
using testing::FakePlatform;
using testing::FakeTransport;
using testing::Fault;

const TimePoint start{std::chrono::sys_days{std::chrono::year{2026} / 11 / 21}};

struct SenderTest : ::testing::Test {
  boost::asio::io_context context;
  testing::SimTime time{context, start};
  FakeTransport transport{time};
  Metrics metrics;
  Sender sender{context.get_executor(), transport, time, metrics};
  std::shared_ptr<const FakePlatform> platform = std::make_shared<FakePlatform>();
  std::vector<Receipt> receipts;

  static Outgoing text(const std::string& key, const std::string& words = "你好") {
    Outgoing out;
    out.chat.chat = ChatId("g1");
    out.key = key;
    out.text = words;
    return out;
  }
  Receipt send(const std::string& key, const std::string& words = "你好") {
    return time.run(sender.send(platform, text(key, words)));
  }
  static boost::asio::awaitable<void> collect(Sender& sender, std::shared_ptr<const Platform> platform, Outgoing out,
                                              std::vector<Receipt>& into) {
    Receipt receipt = co_await sender.send(std::move(platform), std::move(out));
    into.push_back(std::move(receipt));
  }
  void send_later(const std::string& key) {
    boost::asio::co_spawn(context, collect(sender, platform, text(key), receipts), boost::asio::detached);
  }
  std::size_t count(Outcome outcome) const {
    return static_cast<std::size_t>(std::ranges::count(receipts, outcome, &Receipt::outcome));
  }
};

TEST_F(SenderTest, DeliversWithOneTokenForManyCalls) {
  EXPECT_EQ(send("k1").outcome, Outcome::delivered);
  EXPECT_EQ(send("k2").outcome, Outcome::delivered);
  EXPECT_EQ(transport.calls("/token"), 1U);
  ASSERT_EQ(transport.seen().size(), 2U);
  EXPECT_EQ(transport.arrivals().back().token, "t1");
}

TEST_F(SenderTest, APlatformWithoutTokensIsNotAskedForOne) {
  const std::shared_ptr<const Platform> open =
      std::make_shared<FakePlatform>(AppId("open:main"), testing::fake_traits(), false);
  EXPECT_EQ(time.run(sender.send(open, text("k1"))).outcome, Outcome::delivered);
  EXPECT_EQ(transport.calls("/token"), 0U);
}

/// DingTalk's two hosts, of which the old one takes only its own tokens.
class TwoHosts final : public Transport {
 public:
  boost::asio::awaitable<Result<HttpResponse>> send(std::string origin, HttpRequest request, Duration) override {
    asked.push_back(origin + request.target);
    if (request.target == "/v1.0/oauth2/accessToken") co_return HttpResponse(200, R"({"accessToken":"new","expireIn":7200})");
    if (request.target.starts_with("/gettoken?")) {
      if (refuses_tokens) co_return HttpResponse(200, R"({"errcode":40001})");
      co_return HttpResponse(200, R"({"errcode":0,"access_token":"old","expires_in":7200})");
    }
    const bool taken = request.target.ends_with("=old") && !refuses_old;
    co_return HttpResponse(200, taken ? R"({"errcode":0})" : R"({"errcode":40014})");
  }
  [[nodiscard]] std::size_t times(std::string_view what) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(asked, [&](const std::string& one) { return one.find(what) != std::string::npos; }));
  }
  std::vector<std::string> asked;
  bool refuses_tokens = false, refuses_old = false;
};

TEST_F(SenderTest, AHostThatTakesOnlyItsOwnTokensGetsOne) {
  dingtalk::Settings settings;
  settings.app = AppId("dingtalk:main");
  settings.client_id = "dingapp";
  settings.client_secret = Secret("s");
  settings.group_template = "tpl";
  const std::shared_ptr<const Platform> two = std::make_shared<dingtalk::DingTalkPlatform>(settings, Rng(1));
  TwoHosts hosts;
  Sender to_both(context.get_executor(), hosts, time, metrics);
  Outgoing joins;
  joins.app = settings.app;
  joins.chat.chat = ChatId("cidG==");
  joins.channel = dingtalk::groups_channel;
  joins.form = Form::group;
  joins.group.emplace();
  joins.group->step = GroupStep::add;
  joins.group->members = {PersonRef{PersonId("li"), UserId("li01"), {}}};

  hosts.refuses_tokens = true;
  const Receipt without = time.run(to_both.send(two, joins));
  EXPECT_EQ(without.outcome, Outcome::retry);
  EXPECT_TRUE(without.retry_after);
  hosts.refuses_tokens = false;
  EXPECT_EQ(time.run(to_both.send(two, joins)).outcome, Outcome::delivered);
  EXPECT_EQ(time.run(to_both.send(two, joins)).outcome, Outcome::delivered);
  EXPECT_EQ(hosts.times("https://oapi.dingtalk.com/gettoken"), 2U) << "kept once it is there";
  EXPECT_EQ(hosts.times("/v1.0/oauth2/accessToken"), 1U) << "the app's own is as good as before";
  hosts.refuses_old = true;
  EXPECT_EQ(time.run(to_both.send(two, joins)).outcome, Outcome::rejected) << "no third one is asked for";
}

TEST_F(SenderTest, ACallThatNamesItsOriginGoesThere) {
  Outgoing reply = text("k1");
  reply.webhook = "https://session.example";
  time.run(sender.send(platform, reply));
  EXPECT_EQ(transport.arrivals().back().app, "session.example");
  send("k2");
  EXPECT_EQ(transport.arrivals().back().app, platform->app().value) << "every other one to the platform's";
}

// T9
TEST_F(SenderTest, AHangingPlatformCostsTenSecondsTokenIncluded) {
  transport.fault({Fault::Do::delay, "/token", 0, 1, 4s});
  transport.fault({Fault::Do::hang, "/send"});
  EXPECT_EQ(send("k1").outcome, Outcome::unknown);
  EXPECT_EQ(time.now(), start + 10s);
}

TEST_F(SenderTest, AConnectionNeverMadeIsRetryAConnectionThatDiedIsUnknown) {
  transport.fault({Fault::Do::refuse, "/send"});
  EXPECT_EQ(send("k1").outcome, Outcome::retry);
  transport.fault({Fault::Do::reset_after_accept, "/send"});
  EXPECT_EQ(send("k1").outcome, Outcome::unknown);
  EXPECT_EQ(transport.seen().size(), 1U);
}

// T12
TEST_F(SenderTest, AnAnswerThatCannotBeReadIsUnknown) {
  transport.fault({Fault::Do::garbage, "/send"});
  EXPECT_EQ(send("k1").outcome, Outcome::unknown);
}

TEST_F(SenderTest, WhatCannotBeEncodedIsRejectedAndNothingLeaves) {
  const Receipt receipt = send("k1", "cannot be encoded");
  EXPECT_EQ(receipt.outcome, Outcome::rejected);
  EXPECT_TRUE(receipt.never_left);
  EXPECT_EQ(transport.calls("/send"), 0U);
  EXPECT_FALSE(send("k2", "a text").never_left);
}

TEST_F(SenderTest, AWayThatDoesNotLeadThereLeavesTheNextOneOfThePlan) {
  EXPECT_EQ(send("k1", "no way there").outcome, Outcome::unsupported);
  EXPECT_EQ(transport.calls("/send"), 0U);
}

/// Says what it was told to, and remembers what went over it.
class FakeCarrier final : public FrameCarrier {
 public:
  boost::asio::awaitable<Receipt> carry(AppId app, SocketFrame frame, TimePoint until) override {
    carried.push_back(app.value + " " + frame.bytes);
    deadline = until;
    co_return answer;
  }
  std::vector<std::string> carried;
  TimePoint deadline{};
  Receipt answer{Outcome::delivered};
};

TEST_F(SenderTest, AFrameGoesOverTheLiveConnectionAndNeedsNoToken) {
  EXPECT_EQ(send("k1", "frame: 你好").outcome, Outcome::retry) << "there is none yet";
  FakeCarrier carrier;
  sender.use(carrier);
  EXPECT_EQ(send("k1", "frame: 你好").outcome, Outcome::delivered);
  EXPECT_EQ(carrier.carried, std::vector<std::string>{platform->app().value + " frame: 你好"});
  EXPECT_EQ(carrier.deadline, time.now() + 10s);
  carrier.answer = Receipt(Outcome::unknown, "no acknowledgement in time");
  EXPECT_EQ(send("k2", "frame: 你好").outcome, Outcome::unknown);
  EXPECT_EQ(transport.calls("/token"), 0U) << "a token that is not to be had stops nothing here";
  EXPECT_EQ(send("k3").outcome, Outcome::delivered);
  EXPECT_EQ(carrier.carried.size(), 2U);
}

// T15
TEST_F(SenderTest, AHundredParallelSendsRenewTheTokenOnce) {
  transport.fault({Fault::Do::delay, "/token", 0, -1, 300ms});
  for (int n = 0; n < 100; ++n) send_later("k" + std::to_string(n));
  time.run_for(1s);
  EXPECT_EQ(count(Outcome::delivered), 100U);
  EXPECT_EQ(transport.calls("/token"), 1U);

  transport.expire_tokens();
  transport.fault({Fault::Do::delay, "/send", 0, -1, 100ms});  // all of them are under way when the first is refused
  receipts.clear();
  for (int n = 0; n < 100; ++n) send_later("x" + std::to_string(n));
  time.run_for(1s);
  EXPECT_EQ(count(Outcome::token_expired), 100U);
  receipts.clear();
  for (int n = 0; n < 100; ++n) send_later("x" + std::to_string(n));
  time.run_for(1s);
  EXPECT_EQ(count(Outcome::delivered), 100U);
  EXPECT_EQ(transport.calls("/token"), 2U);
}

// T15
TEST_F(SenderTest, ATokenEndpointThatFailsIsAskedOnceForAllWaitersAndThenRests) {
  transport.fault({Fault::Do::status, "/token", 0, -1, {}, 500});
  for (int n = 0; n < 100; ++n) send_later("k" + std::to_string(n));
  time.run_ready();
  EXPECT_EQ(count(Outcome::token_expired), 100U);
  EXPECT_EQ(transport.calls("/token"), 1U);
  EXPECT_EQ(receipts.front().retry_after, Duration{1s});
  for (int n = 0; n < 5; ++n) EXPECT_EQ(send("more").outcome, Outcome::token_expired);
  EXPECT_EQ(transport.calls("/token"), 1U);

  time.run_for(1s);
  EXPECT_EQ(send("more").retry_after, Duration{2s});
  EXPECT_EQ(transport.calls("/token"), 2U);
  transport.heal();
  time.run_for(2s);
  EXPECT_EQ(send("more").outcome, Outcome::delivered);
}

// T15
TEST_F(SenderTest, NewTokensThatAreRefusedAtOnceAreTriedThreeTimesAndThenRest) {
  transport.refuse_all_tokens(true);
  for (int n = 0; n < 10; ++n) EXPECT_EQ(send("k").outcome, Outcome::token_expired);
  EXPECT_EQ(transport.calls("/token"), 3U);
  EXPECT_EQ(transport.calls("/send"), 3U);
  EXPECT_EQ(send("k").retry_after, Duration{1s});
  transport.refuse_all_tokens(false);
  time.run_for(1s);
  EXPECT_EQ(send("k").outcome, Outcome::delivered);
}

TEST_F(SenderTest, ATokenIsRenewedBeforeItRunsOutWithoutAnybodyWaiting) {
  transport.token_lifetime(2h);
  EXPECT_EQ(send("k1").outcome, Outcome::delivered);
  time.run_for(1h + 54min);
  EXPECT_EQ(send("k2").outcome, Outcome::delivered);
  EXPECT_EQ(transport.calls("/token"), 1U);
  time.run_for(2min);
  transport.fault({Fault::Do::delay, "/token", 0, 1, 5s});
  const auto before = time.now();
  EXPECT_EQ(send("k3").outcome, Outcome::delivered);
  EXPECT_EQ(time.now(), before);
  EXPECT_EQ(transport.arrivals().back().token, "t1");
  EXPECT_EQ(transport.calls("/token"), 2U);
  time.run_for(5s);
  EXPECT_EQ(send("k4").outcome, Outcome::delivered);
  EXPECT_EQ(transport.arrivals().back().token, "t2");
}

TEST_F(SenderTest, WhatIsNotOursAnyMoreDoesNotLeave) {
  std::function<bool()> no = [] { return false; };
  EXPECT_EQ(time.run(sender.send(platform, text("k"), no)).outcome, Outcome::retry);
  EXPECT_EQ(transport.calls("/send"), 0U);
}

}  // namespace
}  // namespace xieban::sender_test
