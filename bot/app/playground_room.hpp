#pragma once
// The playground inside the service: its clock that can be turned, and "everything due now is done".

#include "bot/engine/intake.hpp"
#include "bot/engine/offset_time.hpp"
#include "bot/engine/outbox.hpp"
#include "bot/engine/waker.hpp"
#include "bot/web/playground_host.hpp"

namespace xieban::app {

/// All references outlive it; all calls on the loop's thread.
class PlaygroundRoom final : public PlaygroundHost {
 public:
  PlaygroundRoom(Store&, OffsetTime&, const RulesBox&, Intake&, Waker&, Outbox&, const Platform&);

  /// Puts the stored offset back in force; call it once before anything reads the clock.
  boost::asio::awaitable<Result<void>> restore_clock();

  [[nodiscard]] TimePoint now() const override;
  [[nodiscard]] RulesPtr rules() const override;
  [[nodiscard]] Store& store() override;
  [[nodiscard]] bool real_apps() const override;
  boost::asio::awaitable<HttpResponse> receive(HttpRequest) override;
  boost::asio::awaitable<void> settle() override;
  boost::asio::awaitable<Result<ClockTurn>> turn(std::optional<TimePoint> to) override;
  boost::asio::awaitable<Result<TimePoint>> reset(std::optional<TimePoint> now) override;

 private:
  boost::asio::awaitable<Result<void>> move_clock(TimePoint to);
  boost::asio::awaitable<std::optional<TimePoint>> next_instant();

  Store& store_;
  OffsetTime& time_;
  const RulesBox& rules_;
  Intake& intake_;
  Waker& waker_;
  Outbox& outbox_;
  const Platform& platform_;
  bool turning_ = false;
};

}  // namespace xieban::app
