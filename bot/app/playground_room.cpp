#include "bot/app/playground_room.hpp"

#include <charconv>
#include <string>
#include <utility>

namespace xieban::app {

namespace asio = boost::asio;

namespace {
constexpr const char* offset_setting = "playground.offset_ms";
/// A turn that finds work at one instant again and again would never end; a ladder fires at most a few times a minute.
constexpr int rounds_per_instant = 50;
}  // namespace

PlaygroundRoom::PlaygroundRoom(Store& store, OffsetTime& time, const RulesBox& rules, Intake& intake, Waker& waker,
                               Outbox& outbox, const Platform& platform)
    : store_(store), time_(time), rules_(rules), intake_(intake), waker_(waker), outbox_(outbox), platform_(platform) {}

TimePoint PlaygroundRoom::now() const { return time_.now(); }
RulesPtr PlaygroundRoom::rules() const { return rules_.get(); }
Store& PlaygroundRoom::store() { return store_; }
bool PlaygroundRoom::real_apps() const { return rules_.get()->traits.size() > 1; }

asio::awaitable<HttpResponse> PlaygroundRoom::receive(HttpRequest request) {
  return intake_.receive(platform_, std::move(request));
}

asio::awaitable<Result<void>> PlaygroundRoom::restore_clock() {
  BOT_CO_TRY(const auto stored, co_await store_.setting(offset_setting));
  std::int64_t offset = 0;
  if (stored) std::from_chars(stored->data(), stored->data() + stored->size(), offset);
  time_.set_offset(Duration(offset));
  co_return Result<void>{};
}

asio::awaitable<void> PlaygroundRoom::settle() {
  for (int round = 0; round < rounds_per_instant; ++round) {
    const std::size_t woken = co_await waker_.drain();
    const std::size_t sent = co_await outbox_.drain();
    if (woken == 0 && sent == 0) co_return;
  }
}

asio::awaitable<std::optional<TimePoint>> PlaygroundRoom::next_instant() { co_return co_await outbox_.next_instant(); }

asio::awaitable<Result<void>> PlaygroundRoom::move_clock(TimePoint to) {
  const Duration offset = time_.offset() + (to - time_.now());
  // Stored before it holds: after a crash the clock never stands earlier than anything it has shown.
  BOT_CO_CHECK(co_await store_.put_setting(offset_setting, std::to_string(offset.count())));
  time_.set_offset(offset);
  co_return Result<void>{};
}

asio::awaitable<Result<ClockTurn>> PlaygroundRoom::turn(std::optional<TimePoint> to) {
  if (turning_) co_return std::unexpected(Error(Errc::limited, "the clock is being turned"));
  turning_ = true;  // the clock ran on since the caller looked: an instant that has just passed is reached already
  const std::uint64_t woken_before = waker_.handled();
  const std::uint64_t sent_before = outbox_.handled();
  Result<void> moved;
  while (moved) {
    co_await settle();
    const auto next = co_await next_instant();
    const bool has_next = next && *next > time_.now();
    if (!to) {
      if (has_next) {
        moved = co_await move_clock(*next);
        co_await settle();
      }
      break;
    }
    if (!has_next || *next > *to) {
      if (*to > time_.now()) moved = co_await move_clock(*to);
      co_await settle();
      break;
    }
    moved = co_await move_clock(*next);
  }
  turning_ = false;
  if (!moved) co_return std::unexpected(moved.error());
  ClockTurn turned;
  turned.now = time_.now();
  turned.next = co_await next_instant();
  turned.wakes = waker_.handled() - woken_before;
  turned.sends = outbox_.handled() - sent_before;
  co_return turned;
}

asio::awaitable<Result<TimePoint>> PlaygroundRoom::reset(std::optional<TimePoint> now) {
  if (turning_) co_return std::unexpected(Error(Errc::limited, "the clock is being turned"));
  co_await settle();
  BOT_CO_CHECK(co_await store_.reset());
  const Duration offset = now ? time_.offset() + (*now - time_.now()) : Duration{0};
  BOT_CO_CHECK(co_await store_.put_setting(offset_setting, std::to_string(offset.count())));
  time_.set_offset(offset);
  co_return time_.now();
}

}  // namespace xieban::app
