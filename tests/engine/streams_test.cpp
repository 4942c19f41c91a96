// Long connections over a scripted socket: what arrives is acknowledged after its commit, and nothing ends for good.

#include "bot/engine/streams.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <deque>
#include <map>

#include "bot/engine/signal.hpp"
#include "tests/support/sim_world.hpp"

namespace xieban::streams_test {
namespace {

using namespace std::chrono_literals;
using testing::FakePlatform;
using testing::SimWorld;
using testing::StoreFault;

/// One end of a connection; the test holds the other.
class FakeSocket final : public WebSocket {
 public:
  explicit FakeSocket(TimeSource& time) : changed_(time) {}
  boost::asio::awaitable<Result<SocketFrame>> read() override {
    while (incoming.empty() && !closed) co_await changed_.wait(std::nullopt);
    if (closed) co_return std::unexpected(Error(Errc::network, "closed"));
    SocketFrame frame;
    frame.bytes = incoming.front();
    incoming.pop_front();
    co_return frame;
  }
  boost::asio::awaitable<Result<void>> write(SocketFrame frame) override {
    if (closed) co_return std::unexpected(Error(Errc::network, "closed"));
    written.push_back(frame.bytes);
    co_return Result<void>{};
  }
  /// The peer ends it when the test says so.
  void leave() override { left = true; }
  void close() override {
    closed = true;
    changed_.notify();
  }
  void give(std::string frame) {
    incoming.push_back(std::move(frame));
    changed_.notify();
  }
  std::deque<std::string> incoming;
  std::vector<std::string> written;
  bool closed = false, left = false;

 private:
  Signal changed_;
};

class FakeDialer final : public Dialer {
 public:
  explicit FakeDialer(TimeSource& time) : time_(time) {}
  boost::asio::awaitable<Result<std::shared_ptr<WebSocket>>> dial(std::string url, Duration, HttpResponse& declined) override {
    dialled.emplace_back(time_.now(), url);
    if (refuse > 0) {
      --refuse;
      if (decline_with != 0) declined = HttpResponse(decline_with);
      co_return std::unexpected(Error(Errc::network, "connect: refused"));
    }
    sockets.push_back(std::make_shared<FakeSocket>(time_));
    co_return std::shared_ptr<WebSocket>(sockets.back());
  }
  FakeSocket& newest() { return *sockets.back(); }
  std::vector<std::pair<TimePoint, std::string>> dialled;
  std::vector<std::shared_ptr<FakeSocket>> sockets;
  int refuse = 0, decline_with = 0;

 private:
  TimeSource& time_;
};

/// What the machines of one platform hear from it.
struct Said {
  std::optional<Comeback> comeback;
  bool refuse = false;          // the endpoint
  bool handshake_says = false;  // a declined handshake is a refusal
  bool subscribes = false;      // events come after "S" only
  bool once = false;            // it sends nothing twice: what failed rests in `resting`
  std::deque<std::string> resting;
};

/// "E key": the event of that key arrives; "A": the oldest message was accepted; "R ms": reconnect; "L": the peer asks us to
/// leave; anything else says that the peer lives. A ping each 30 s; a peer that is silent for 70 s is given up.
class FakeMachine final : public StreamMachine {
 public:
  FakeMachine(const std::map<std::string, HttpRequest>& events, Said& said) : events_(events), said_(said) {}
  std::optional<HttpRequest> open_request() const override { return std::nullopt; }
  Result<std::string> endpoint(const HttpResponse&) override {
    refused_ = said_.refuse;
    if (refused_) return std::unexpected(Error(Errc::bad_input, "the secret is refused"));
    return "ws://127.0.0.1/socket";
  }
  std::optional<Error> declined(const HttpResponse& answer) override {
    if (!said_.handshake_says) return std::nullopt;
    refused_ = answer.status == 403;
    return Error(Errc::bad_input, "the handshake is refused");
  }
  bool refused() const override { return refused_; }
  bool live() const override { return live_ || !said_.subscribes; }
  std::optional<Comeback> comeback() const override { return said_.comeback; }
  std::vector<StreamAction> opened(TimePoint now) override {
    heard_ = pinged_ = now;
    return text("hello");
  }
  std::vector<StreamAction> received(std::string_view frame, bool, TimePoint now) override {
    heard_ = now;
    std::vector<StreamAction> actions;
    if (frame.starts_with("E ")) {
      const std::string key(frame.substr(2));
      actions.emplace_back(Arrived{events_.at(key), key});
    } else if (frame == "A") {
      actions.emplace_back(Settled{sent_.front(), Receipt(Outcome::delivered)});
      sent_.pop_front();
    } else if (frame.starts_with("R ")) {
      actions.emplace_back(Reconnect{Duration{std::stol(std::string(frame.substr(2)))}, "asked to"});
    } else if (frame == "L") {
      Reconnect leave{Duration{0}, "asked to leave"};
      leave.asked = true;
      actions.emplace_back(std::move(leave));
    } else if (frame == "T") {
      Reconnect taken{5s, "another took over"};
      taken.taken = true;
      actions.emplace_back(std::move(taken));
    } else if (frame == "S") {
      live_ = true;
    }
    return actions;
  }
  std::vector<StreamAction> committed(std::string_view key, const HttpResponse& answer, TimePoint) override {
    return text("ack " + std::string(key) + " " + std::to_string(answer.status));
  }
  std::vector<StreamAction> failed(std::string_view key, TimePoint) override {
    if (said_.once) said_.resting.emplace_back(key);
    return text("later " + std::string(key));
  }
  bool sent_once() const override { return said_.once; }
  std::vector<StreamAction> hurry() override {
    std::vector<StreamAction> actions;
    for (const std::string& key : std::exchange(said_.resting, {})) actions.emplace_back(Arrived{events_.at(key), key});
    return actions;
  }
  std::vector<StreamAction> send(std::string key, SocketFrame frame, TimePoint) override {
    sent_.push_back(std::move(key));
    return text(frame.bytes);
  }
  std::vector<StreamAction> tick(TimePoint now) override {
    std::vector<StreamAction> actions;
    if (now >= heard_ + 70s) {
      actions.emplace_back(Reconnect{0ms, "silent"});
    } else if (now >= pinged_ + 30s) {
      pinged_ = now;
      return text("ping");
    }
    return actions;
  }
  std::optional<TimePoint> next_tick() const override { return std::min<TimePoint>(heard_ + 70s, pinged_ + 30s); }

 private:
  static std::vector<StreamAction> text(std::string bytes) {
    std::vector<StreamAction> actions;
    actions.emplace_back(SocketFrame{std::move(bytes), false});
    return actions;
  }
  const std::map<std::string, HttpRequest>& events_;
  Said& said_;
  bool refused_ = false, live_ = false;
  std::deque<std::string> sent_;
  TimePoint heard_{}, pinged_{};
};

class Streaming final : public FakePlatform {
 public:
  std::unique_ptr<StreamMachine> make_stream() const override { return std::make_unique<FakeMachine>(events, said); }
  std::map<std::string, HttpRequest> events;
  mutable Said said;
};

class StreamsTest : public ::testing::Test {
 protected:
  StreamsTest() {
    platforms.emplace(platform->app(), platform);
    streams = std::make_unique<Streams>(world.context().get_executor(), world.platform_side(), dialer, world.time(),
                                        world.intake(), platforms, Rng(1));
    boost::asio::co_spawn(world.context(), streams->run(), boost::asio::detached);
    world.time().run_ready();
  }
  ~StreamsTest() override {
    world.run(stop(*streams));
    world.time().run_ready();
  }
  static boost::asio::awaitable<int> stop(Streams& streams) {
    co_await streams.stop();
    co_return 0;
  }
  void arrives(const std::string& key) {
    dialer.newest().give("E " + key);
    world.time().run_ready();
  }
  [[nodiscard]] bool wrote(const std::string& frame) {
    return std::ranges::find(dialer.newest().written, frame) != dialer.newest().written.end();
  }

  SimWorld world;
  std::shared_ptr<Streaming> platform = std::make_shared<Streaming>();
  Platforms platforms;
  FakeDialer dialer{world.time()};
  std::unique_ptr<Streams> streams;
};

TEST_F(StreamsTest, AnEventIsAcknowledgedAfterItsCommit) {
  platform->events["one"] = testing::said("one", "zhou.market", "g1", "/发起 接口对接 给技术部");
  arrives("one");
  EXPECT_TRUE(world.request(1));
  EXPECT_TRUE(wrote("ack one 200"));
  arrives("one");
  EXPECT_FALSE(world.request(2)) << "a repeat has no second effect";
  ASSERT_EQ(streams->states().size(), 1U);
  EXPECT_TRUE(streams->states()[0].open);
}

TEST_F(StreamsTest, AnEventThatComesAgainHoursLaterIsTheSameEvent) {
  platform->events["one"] = testing::said("one", "zhou.market", "g1", "/发起 接口对接 给技术部");
  arrives("one");
  const auto acknowledged = [&] { return std::ranges::count(dialer.newest().written, "ack one 200"); };
  EXPECT_EQ(acknowledged(), 1);
  for (const Duration later : {Duration(15s), Duration(5min), Duration(1h), Duration(6h)}) {
    // A word now and then, or the connection is given up.
    for (Duration passed{}; passed < later; passed += std::min<Duration>(later, 1min)) {
      dialer.newest().give("alive");
      world.advance(std::min<Duration>(later, 1min));
    }
    const auto before = acknowledged();
    arrives("one");
    EXPECT_EQ(acknowledged(), before + 1);
  }
  EXPECT_TRUE(world.request(1));
  EXPECT_FALSE(world.request(2));
}

TEST_F(StreamsTest, WhatIsNotOnDiskIsAskedForAgain) {
  StoreFault full;
  full.call = "transact";
  full.what = StoreFault::Do::refuse;
  full.times = 1;
  world.store().fault(full);
  platform->events["one"] = testing::said("one", "zhou.market", "g1", "/发起 接口对接 给技术部");
  arrives("one");
  EXPECT_FALSE(world.request(1));
  EXPECT_TRUE(wrote("later one"));
  arrives("one");
  EXPECT_TRUE(world.request(1));
  EXPECT_TRUE(wrote("ack one 200"));
}

TEST_F(StreamsTest, WhatNobodySendsAgainIsTriedUntilTheLastMomentWhenItStops) {
  for (const bool standing : {true, false}) {
    SCOPED_TRACE(standing);
    const std::string key = standing ? "one" : "two";
    platform->said.once = true;
    platform->events[key] = testing::said(key, "zhou.market", "g1", "/发起 接口对接 给技术部");
    StoreFault full;
    full.call = "transact";
    full.what = StoreFault::Do::refuse;
    full.times = 4;  // as it arrives, and three more
    world.store().fault(full);
    arrives(key);
    EXPECT_FALSE(world.request(standing ? 1 : 2));
    ASSERT_EQ(platform->said.resting.size(), 1U);
    if (!standing) {
      dialer.refuse = 1000;
      dialer.newest().close();
      world.time().run_ready();
    }
    Streams& last = *streams;
    boost::asio::co_spawn(world.context(), last.stop(), boost::asio::detached);
    world.advance(2s);
    EXPECT_TRUE(world.request(standing ? 1 : 2)) << "the store took it a moment later";
    world.advance(4s);
    streams = std::make_unique<Streams>(world.context().get_executor(), world.platform_side(), dialer, world.time(),
                                        world.intake(), platforms, Rng(1));
    boost::asio::co_spawn(world.context(), streams->run(), boost::asio::detached);
    world.time().run_ready();
  }
}

TEST_F(StreamsTest, BytesThatNobodyCanReadAreNotAskedForAgain) {
  HttpRequest garbage = testing::said("one", "zhou.market", "g1", "/帮助");
  garbage.body = "{";
  platform->events["one"] = garbage;
  arrives("one");
  EXPECT_FALSE(wrote("later one"));
  EXPECT_TRUE(std::ranges::any_of(dialer.newest().written, [](const auto& frame) { return frame.starts_with("ack one 4"); }));
}

TEST_F(StreamsTest, AConnectionThatEndsIsOpenedAgainWithGrowingPauses) {
  ASSERT_EQ(dialer.dialled.size(), 1U);
  dialer.refuse = 8;
  dialer.newest().close();
  world.advance(10min);
  ASSERT_GE(dialer.dialled.size(), 10U) << "and it is not given up";
  const auto pause = [&](std::size_t i) { return dialer.dialled[i].first - dialer.dialled[i - 1].first; };
  EXPECT_GE(pause(1), 1s);
  EXPECT_LT(pause(1), 3s);
  EXPECT_GT(pause(5), pause(2));
  for (std::size_t i = 1; i <= 9; ++i) EXPECT_LE(pause(i), 62s);
  EXPECT_TRUE(streams->states()[0].open);
  platform->events["one"] = testing::said("one", "zhou.market", "g1", "/发起 接口对接 给技术部");
  arrives("one");
  EXPECT_TRUE(world.request(1));
}

TEST_F(StreamsTest, WhileItIsDownItSaysWhy) {
  dialer.refuse = 1000;
  dialer.newest().close();
  world.advance(5s);
  const auto state = streams->states()[0];
  EXPECT_FALSE(state.open);
  EXPECT_EQ(state.why, "connect: refused");
}

TEST_F(StreamsTest, ThePlatformSaysWhenToComeBack) {
  dialer.newest().give("R 20000");
  world.advance(19s);
  EXPECT_EQ(dialer.dialled.size(), 1U);
  world.advance(3s);
  EXPECT_EQ(dialer.dialled.size(), 2U);
}

TEST_F(StreamsTest, AskedToLeaveItIsBackAtOnceButNotInCircles) {
  world.advance(30s);
  dialer.newest().give("L");
  world.time().run_ready();
  EXPECT_EQ(dialer.dialled.size(), 2U) << "an orderly move costs no pause";
  dialer.newest().give("L");
  world.time().run_ready();
  EXPECT_EQ(dialer.dialled.size(), 2U) << "a peer that only sends away is not followed at its pace";
  world.advance(3s);
  EXPECT_EQ(dialer.dialled.size(), 3U);
  world.advance(10s);
  dialer.newest().give("L");
  world.time().run_ready();
  EXPECT_EQ(dialer.dialled.size(), 4U);
}

TEST_F(StreamsTest, ItComesBackAsThePlatformSays) {
  Comeback said;
  said.spread = 30s;
  said.between = 120s;
  platform->said.comeback = said;
  // Long enough to be a good one, and not silent for so long that it is given up.
  const auto stand = [&] {
    dialer.newest().give("alive");
    world.advance(65s);
  };
  std::vector<Duration> firsts;
  for (int i = 0; i < 200; ++i) {
    stand();
    const TimePoint ended = world.time().now();
    const std::size_t before = dialer.dialled.size();
    dialer.newest().close();
    world.advance(31s);
    ASSERT_EQ(dialer.dialled.size(), before + 1);
    firsts.push_back(dialer.dialled.back().first - ended);
  }
  std::ranges::sort(firsts);
  EXPECT_LT(firsts.front(), 2s);
  EXPECT_GT(firsts.back(), 28s);
  EXPECT_LE(firsts.back(), 30s);
  EXPECT_GT(firsts[100], 11s) << "spread evenly";
  EXPECT_LT(firsts[100], 19s);

  stand();
  dialer.refuse = 3;
  const std::size_t before = dialer.dialled.size();
  dialer.newest().close();
  world.advance(400s);  // the peer says nothing: longer, and the one that stands is given up
  ASSERT_EQ(dialer.dialled.size(), before + 4);
  for (std::size_t i = before + 1; i < before + 4; ++i) {
    const Duration pause = dialer.dialled[i].first - dialer.dialled[i - 1].first;
    EXPECT_GE(pause, 120s);
    EXPECT_LE(pause, 121s);
  }
  EXPECT_TRUE(streams->states()[0].open);
  EXPECT_FALSE(streams->states()[0].refused);
}

TEST_F(StreamsTest, AfterTheAttemptsThatAreAllowedItAsksSeldom) {
  Comeback said;
  said.between = 10s;
  said.attempts = 3;
  platform->said.comeback = said;
  dialer.refuse = 4;
  const std::size_t before = dialer.dialled.size();
  dialer.newest().close();
  world.advance(1min);
  EXPECT_EQ(dialer.dialled.size(), before + 3);
  EXPECT_TRUE(streams->states()[0].refused);
  EXPECT_EQ(streams->states()[0].why, "connect: refused");
  world.advance(8min);
  EXPECT_EQ(dialer.dialled.size(), before + 3);
  world.advance(2min);
  EXPECT_EQ(dialer.dialled.size(), before + 4);
  EXPECT_TRUE(streams->states()[0].refused);
  world.advance(11min);
  EXPECT_TRUE(streams->states()[0].open) << "and it is never given up";
  EXPECT_FALSE(streams->states()[0].refused);
}

TEST_F(StreamsTest, ARefusalIsNotAskedAboutAgainSoon) {
  platform->said.refuse = true;
  const std::size_t before = dialer.dialled.size();
  dialer.newest().close();
  world.advance(9min);
  EXPECT_EQ(dialer.dialled.size(), before);
  auto state = streams->states()[0];
  EXPECT_TRUE(state.refused);
  EXPECT_EQ(state.why, "the secret is refused");
  platform->said.refuse = false;
  world.advance(2min);
  EXPECT_EQ(dialer.dialled.size(), before + 1);
  state = streams->states()[0];
  EXPECT_TRUE(state.open);
  EXPECT_FALSE(state.refused);
}

TEST_F(StreamsTest, ADeclinedHandshakeIsWhatThePlatformMeansByIt) {
  dialer.refuse = 1;
  dialer.decline_with = 503;
  dialer.newest().close();
  world.advance(2s);
  EXPECT_EQ(streams->states()[0].why, "connect: refused");
  world.advance(5s);
  ASSERT_TRUE(streams->states()[0].open);

  platform->said.handshake_says = true;
  dialer.refuse = 1;
  dialer.decline_with = 403;
  const std::size_t before = dialer.dialled.size();
  dialer.newest().close();
  world.advance(9min);
  EXPECT_EQ(dialer.dialled.size(), before + 1);
  EXPECT_TRUE(streams->states()[0].refused);
  EXPECT_EQ(streams->states()[0].why, "the handshake is refused");
  world.advance(2min);
  EXPECT_TRUE(streams->states()[0].open);
}

TEST_F(StreamsTest, OneThatEndsAsSoonAsItStandsIsNotFollowedWithoutPause) {
  Comeback said;
  said.between = 1s;
  platform->said.comeback = said;
  const TimePoint from = world.time().now();
  for (int i = 0; i < 8; ++i) {
    const std::size_t before = dialer.dialled.size();
    dialer.newest().close();
    while (dialer.dialled.size() == before) world.advance(1s);
  }
  EXPECT_GT(world.time().now() - from, 2min);
}

TEST_F(StreamsTest, ItIsOpenWhenEventsCanCome) {
  platform->said.subscribes = true;
  dialer.newest().close();
  world.advance(3s);
  EXPECT_EQ(dialer.dialled.size(), 2U);
  EXPECT_FALSE(streams->states()[0].open) << "not subscribed yet";
  dialer.newest().give("S");
  world.time().run_ready();
  EXPECT_TRUE(streams->states()[0].open);
}

TEST_F(StreamsTest, AProgramThatKeepsTakingItsPlaceIsTold) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(streams->states()[0].fought_over) << i;
    world.advance(20s);
    dialer.newest().give("T");
    world.advance(10s);
  }
  EXPECT_TRUE(streams->states()[0].fought_over);
  world.advance(11min);
  EXPECT_FALSE(streams->states()[0].fought_over) << "that is over";
}

TEST_F(StreamsTest, WhatThePlatformSentBeforeItNoticedThatWeLeaveIsTaken) {
  platform->events["last"] = testing::said("last", "zhou.market", "g1", "/发起 接口对接 给技术部");
  boost::asio::co_spawn(world.context(), streams->stop(), boost::asio::detached);
  world.time().run_ready();
  EXPECT_TRUE(dialer.newest().left);
  EXPECT_FALSE(dialer.newest().closed);
  dialer.newest().give("E last");
  world.time().run_ready();
  EXPECT_TRUE(world.request(1));
  world.advance(2s);
  EXPECT_TRUE(dialer.newest().closed) << "a platform that does not end it is not waited for";
}

TEST_F(StreamsTest, ASilentPeerIsGivenUp) {
  world.advance(69s);
  EXPECT_EQ(dialer.dialled.size(), 1U);
  EXPECT_TRUE(wrote("ping"));
  world.advance(5s);
  EXPECT_EQ(dialer.dialled.size(), 2U) << "it looked open, but nothing came";
}

TEST_F(StreamsTest, ManyEventsAtOnceAreEachAcknowledged) {
  platform->events["raise"] = testing::said("raise", "zhou.market", "g1", "/发起 接口对接 给技术部");
  arrives("raise");
  for (int i = 0; i < 100; ++i) {
    const std::string key = "note" + std::to_string(i);
    platform->events[key] = testing::said(key, "zhou.market", "g1", "/备注 1 第" + std::to_string(i) + "条");
    dialer.newest().give("E " + key);
  }
  world.time().run_ready();
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(wrote("ack note" + std::to_string(i) + " 200")) << i;
}

// ---- what goes out over it ----

boost::asio::awaitable<void> collect(Streams& streams, std::string text, std::vector<Receipt>& into) {
  SocketFrame frame;
  frame.bytes = std::move(text);
  const AppId app("fake:main");
  const TimePoint until = TimePoint::max();
  Receipt receipt = co_await streams.carry(app, std::move(frame), until);
  into.push_back(std::move(receipt));
}

class Carrying : public StreamsTest {
 protected:
  void carry(const std::string& text) {
    boost::asio::co_spawn(world.context(), collect(*streams, text, receipts), boost::asio::detached);
    world.time().run_ready();
  }
  void accept() {
    dialer.newest().give("A");
    world.time().run_ready();
  }
  std::vector<Receipt> receipts;
};

TEST_F(Carrying, AMessageEndsWithItsAcknowledgement) {
  carry("one");
  carry("two");
  EXPECT_TRUE(wrote("one"));
  EXPECT_TRUE(wrote("two"));
  EXPECT_TRUE(receipts.empty());
  accept();
  ASSERT_EQ(receipts.size(), 1U);
  EXPECT_EQ(receipts[0].outcome, Outcome::delivered);
  accept();
  EXPECT_EQ(receipts.size(), 2U);
}

TEST_F(Carrying, WithoutAConnectionItWaitsAndNothingIsLost) {
  dialer.refuse = 1000;
  dialer.newest().close();
  world.time().run_ready();
  carry("one");
  ASSERT_EQ(receipts.size(), 1U);
  EXPECT_EQ(receipts[0].outcome, Outcome::retry);
  EXPECT_TRUE(receipts[0].retry_after) << "that is no fault of the platform's";
}

TEST_F(Carrying, WhatIsNotSettledWhenTheConnectionEndsIsUnknown) {
  carry("one");
  dialer.newest().close();
  world.time().run_ready();
  ASSERT_EQ(receipts.size(), 1U);
  EXPECT_EQ(receipts[0].outcome, Outcome::unknown);
}

TEST_F(Carrying, StoppingWaitsForWhatIsUnderWay) {
  carry("one");
  boost::asio::co_spawn(world.context(), streams->stop(), boost::asio::detached);
  world.time().run_ready();
  EXPECT_FALSE(dialer.newest().closed);
  accept();
  ASSERT_EQ(receipts.size(), 1U);
  EXPECT_EQ(receipts[0].outcome, Outcome::delivered);
  EXPECT_TRUE(dialer.newest().left);
  world.advance(2s);
  EXPECT_TRUE(dialer.newest().closed);
}

boost::asio::awaitable<Receipt> carry_until(Streams& streams, TimePoint until) {
  SocketFrame frame;
  frame.bytes = "one";
  const AppId app("fake:main");
  co_return co_await streams.carry(app, std::move(frame), until);
}

TEST_F(Carrying, AnAcknowledgementThatNeverComesIsUnknown) {
  const TimePoint until = world.time().now() + 10s;
  EXPECT_EQ(world.run(carry_until(*streams, until)).outcome, Outcome::unknown);
  EXPECT_EQ(world.time().now(), until);
  accept();
  EXPECT_TRUE(streams->states()[0].open) << "a late one is nobody's any more";
}

}  // namespace
}  // namespace xieban::streams_test
